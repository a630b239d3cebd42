// SPDX-License-Identifier: Apache-2.0
// http.mjs - tool servers over streamable HTTP, and the SDK's own client, with the
// proxy between them. Each attack is first shown to work without EnforceCore.
import fs from 'node:fs';
import path from 'node:path';
import { spawn } from 'node:child_process';
import { report, check } from './report.mjs';

const EC = process.env.EC ?? 'build/enforcecore', HERE = new URL('.', import.meta.url).pathname;
const ALL = path.resolve(path.dirname(EC), 'npm'), NPM = `${ALL}/current`;
const EVERYTHING = `${ALL}/everything/node_modules/@modelcontextprotocol/server-everything/dist/index.js`;
const SDK = `${NPM}/node_modules/@modelcontextprotocol/sdk/dist/esm`;
const { Client } = await import(`${SDK}/client/index.js`);
const { StreamableHTTPClientTransport } = await import(`${SDK}/client/streamableHttp.js`);
const { ToolListChangedNotificationSchema } = await import(`${SDK}/types.js`);
const W = '/var/tmp/ec-http', TRAIL = `${W}/trail.jsonl`, POLICY = `${W}/policy.yaml`, SECRET = `${W}/key`;
const SERVER = 18300, PROXY = 18301, MAIL = 'jane.roe@corp.example.com';
const wait = (ms) => new Promise((d) => setTimeout(d, ms));

fs.rmSync(W, { recursive: true, force: true });
fs.mkdirSync(`${W}/data`, { recursive: true });
fs.writeFileSync(`${W}/data/a.txt`, 'alpha');
fs.writeFileSync(`${W}/data/b.txt`, 'beta');
fs.writeFileSync(`${W}/data/mail.txt`, MAIL);
fs.writeFileSync(SECRET, 'the secret');

// The server may connect anywhere on this host: only its own proxy is closed to it.
const policy = (denied = '') => `
name: http
rules:
  denied_tools: [${denied}]
  pii_redaction: { enabled: true, categories: [email] }
kernel:
  baseline:
    exec: ["${process.execPath}"]
    read: ["/usr/**", "/lib/**", "/lib64/**", "/etc/**", "/proc/**", "/sys/**", "/dev/null", "/dev/urandom", "${HERE}**", "${ALL}/**"]
    write: ["/dev/null"]
    listen: ["*:${SERVER}"]
    connect: ["127.0.0.1:*", "[::1]:*"]
  tools:
    read: { read: ["\${args.path}"], within: ["${W}/data/**"] }
    evil: { read: ["\${args.path}"], within: ["${W}/data/**"] }
    nap: { read: ["\${args.path}"] }
    pair: { read: ["\${args.path}"], within: ["${W}/data/**"], serialize: true }
    self: { read: ["\${args.path}"], within: ["${W}/data/**"] }
`;
const put = (text) => { fs.writeFileSync(`${POLICY}.new`, text); fs.renameSync(`${POLICY}.new`, POLICY); };
const trail = () => fs.readFileSync(TRAIL, 'utf8').trim().split('\n').map((l) => JSON.parse(l));
const odd = (...more) => [process.execPath, `${HERE}server_http.mjs`, String(SERVER), ...more];
const everything = [process.execPath, EVERYTHING, 'streamableHttp'];
const guarded = (server, ...options) => [EC, 'mcp', '-p', POLICY, '--trail', TRAIL, '--listen', `127.0.0.1:${PROXY}`, '--upstream', `http://127.0.0.1:${SERVER}/mcp`, ...options, '--', ...server];

function start(command) {
  const child = spawn(command[0], command.slice(1), { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, NPM, PORT: String(SERVER) } });
  const run = { child, stderr: '' };
  child.stderr.on('data', (d) => { run.stderr += d; if (process.env.VERBOSE) process.stderr.write(d); });
  run.exited = new Promise((d) => child.on('exit', (code, signal) => d({ code, signal })));
  run.end = () => { child.kill('SIGTERM'); return run.exited; };
  return run;
}

// As a real client has it, once the server or its proxy is up.
async function connect(port) {
  const url = new URL(`http://127.0.0.1:${port}/mcp`);
  for (let i = 0; ; i++) {
    const client = new Client({ name: 'test', version: '1' }, { capabilities: {} }), transport = new StreamableHTTPClientTransport(url);
    try { await client.connect(transport); return Object.assign(client, { over: transport }); } catch (e) {
      if (i === 600) throw e; // a cold start of node takes its time
      await wait(100);
    }
  }
}
const call = async (c, name, args, options) => { const r = await c.callTool({ name, arguments: args }, undefined, options); return { failed: r.isError ?? false, text: r.content.map((x) => x.text).join('|') }; };
const self = (c, host = '127.0.0.1') => call(c, 'self', { path: `${W}/data/a.txt`, other: SECRET, url: `http://${host}:${PROXY}/mcp` });

async function without() {
  const server = start(odd()), c = await connect(SERVER);
  const evil = await call(c, 'evil', { path: `${W}/data/a.txt`, other: SECRET });
  const pair = await Promise.all(['a', 'b'].map((n) => call(c, 'pair', { path: `${W}/data/${n}.txt`, dir: `${W}/data` })));
  check(evil.text === 'the secret', 'without EnforceCore the server reads another file than it says', evil);
  check(pair.every((p) => p.text === 'alpha beta'), 'without EnforceCore each of two calls reads the other\'s file', pair);
  await c.close();
  await server.end();
}

async function observed() {
  put(policy());
  const server = start(guarded(odd(), '--observe')), c = await connect(PROXY);
  await self(c);
  check(trail().some((r) => r.kind === 'call_begin' && r.tool === 'nap'), 'without enforcement a server declares calls of its own', server.stderr);
  await c.close();
  await server.end();
  fs.rmSync(TRAIL, { force: true });
}

async function replaced(c, server) {
  let told = 0;
  c.setNotificationHandler(ToolListChangedNotificationSchema, () => { told++; });
  const before = (await c.listTools()).tools.map((t) => t.name);
  put(policy('nap'));
  server.child.kill('SIGHUP');
  for (let i = 0; i < 200 && !told; i++) await wait(20);
  const after = (await c.listTools()).tools.map((t) => t.name);
  check(told === 1 && before.includes('nap') && !after.includes('nap'), 'another policy is told, and is another list of tools', { told, before, after });
}

async function cancelled(c) {
  const abort = new AbortController(), nap = call(c, 'nap', { path: `${W}/data/a.txt`, ms: 60000 }, { signal: abort.signal }).catch((e) => e.message);
  for (let i = 0; i < 200 && !trail().some((r) => r.kind === 'call_begin' && r.tool === 'nap'); i++) await wait(20);
  abort.abort();
  await nap;
  for (let i = 0; i < 200 && !trail().some((r) => r.outcome === 'cancelled'); i++) await wait(20);
  check(trail().filter((r) => r.kind === 'call_end' && r.outcome === 'cancelled').length === 1, 'a call that its client cancels is ended', trail().slice(-3));
}

async function holds(...mode) {
  put(policy());
  const server = start(guarded(odd(...mode))), c = await connect(PROXY), d = await connect(PROXY);
  const read = await call(c, 'read', { path: `${W}/data/a.txt` });
  check(!read.failed && read.text === 'alpha', 'a call that does what it says is as before', { read, err: server.stderr });
  const evil = await call(c, 'evil', { path: `${W}/data/a.txt`, other: SECRET });
  check(evil.failed && /^EACCES.*EnforceCore refused: read /.test(evil.text), 'the other file is not read, and the client hears why', evil);
  const mail = await call(c, 'read', { path: `${W}/data/mail.txt` });
  check(mail.text === '<EMAIL>', 'personal data stays on its side', mail);
  const pair = await Promise.all([call(c, 'pair', { path: `${W}/data/a.txt`, dir: `${W}/data` }), call(d, 'pair', { path: `${W}/data/b.txt`, dir: `${W}/data` })]);
  check(pair[0].text.startsWith('alpha EACCES') && pair[1].text.startsWith('EACCES beta'), 'calls of two clients have their effects to themselves', pair);
  for (const host of ['127.0.0.1', '127.0.0.7', '0.0.0.0', '[::ffff:127.0.0.1]']) {
    const own = await self(c, host);
    check(own.text.includes('EACCES') && !own.text.includes('secret') && !trail().some((r) => r.kind === 'call_begin' && r.tool === 'nap'), `the server cannot declare a call of its own at ${host}`, own);
  }
  await cancelled(c);
  await replaced(c, server);
  await d.over.terminateSession();
  await c.close();
  await d.close();
  const end = await server.end(), records = trail(), begins = records.filter((r) => r.kind === 'call_begin'), ends = records.filter((r) => r.kind === 'call_end');
  check(end.code === 128 + 15, 'it ends as its server does', end);
  check(begins.length === ends.length && ends.every((r) => ['done', 'error', 'cancelled'].includes(r.outcome)), 'every call that began has ended', ends.map((r) => r.outcome));
  fs.rmSync(TRAIL, { force: true });
}

// What a real server and a real client say to each other.
async function talk(port) {
  const c = await connect(port), progress = [];
  const tools = (await c.listTools()).tools.map((t) => t.name).sort();
  const echo = await call(c, 'echo', { message: 'hello' });
  const long = await call(c, 'trigger-long-running-operation', { duration: 1, steps: 4 }, { onprogress: (p) => progress.push(p.progress), resetTimeoutOnProgress: true });
  const prompts = (await c.listPrompts()).prompts.length, resources = (await c.listResources()).resources.length;
  const wrong = await call(c, 'nonesuch', {}).catch((e) => ({ text: e.message }));
  await c.over.terminateSession();
  await c.close();
  return JSON.stringify({ tools, echo, long, progress, prompts, resources, wrong });
}

async function real() {
  const plain = start(everything), before = await talk(SERVER);
  await plain.end();
  put(policy());
  const server = start(guarded(everything)), after = await talk(PROXY), denials = trail().filter((r) => r.kind === 'denial');
  await server.end();
  check(/hello/.test(before) && /"progress":\[1,2,3,4\]/.test(before), 'the reference server works without EnforceCore', before);
  check(after === before, 'to a real client and the reference server nothing has changed', { before, after, err: server.stderr });
  check(!denials.length, 'nothing of it was refused', denials.slice(0, 3));
}

await without();
await observed();
await holds();
await holds('json');
await real();
report();
