// SPDX-License-Identifier: Apache-2.0
// rules.mjs - rules at the declaration, held by the kernel: what is refused is
// not opened, what has to be approved waits, a spent budget closes connections.
// Runs in a kernel that can enforce, as root; with a directory it is the agent.
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { spawn, spawnSync } from 'node:child_process';
import { ask } from './control.mjs';
import { keep } from './keeper.mjs';
import { report, check } from './report.mjs';

const EC = path.resolve(process.env.EC ?? 'build/enforcecore');
const HERE = new URL('.', import.meta.url).pathname;
const W = '/var/tmp/ec-rules';
const wait = (ms) => new Promise((d) => setTimeout(d, ms));
const reads = (f) => { try { return fs.readFileSync(f, 'utf8'); } catch (e) { return e.code; } };
const begin = (tool, args) => ask({ op: 'begin', tool, arguments: args });
const connects = (port) => new Promise((done) => {
  const s = net.connect(port, '127.0.0.1', () => { s.destroy(); done(true); });
  s.on('error', (e) => done(e.code));
});

async function agent(port) {
  const refused = async (tool, args, says, name) => {
    const r = await begin(tool, args);
    check(r.ok === false && r.error === 'refused' && says.test(r.reason) && /policy\.yaml:\d+:\d+/.test(r.rule ?? ''), name, r);
    check(reads(`${W}/a`) === 'EACCES', `${name}: nothing is open`);
  };
  await refused('read', { path: `${W}/a`, note: 'x; r\u200bm -rf /' }, /shell_injection/, 'content');
  await refused('read', { path: `${W}/a`, note: [{ HTTP: 'HTTP://0x7f000001/' }] }, /allowed_domains/, 'domain');
  await refused('gone', {}, /denied_tools/, 'denied');
  const one = await begin('read', { path: `${W}/a` });
  check(one.ok && one.timeout_ms === 7000 && reads(`${W}/a`) === 'a', 'what is refused does not count, the first is opened', one);
  check((await ask({ op: 'end', call: one.call, cost_usd: -1 })).error === 'bad_request', 'no call costs less than nothing');
  check((await ask({ op: 'end', call: one.call, cost_usd: 0.5 })).ok, 'end');
  await refused('read', { path: `${W}/a` }, /had its 1 calls/, 'rate');
  const careful = await begin('careful', { path: `${W}/a` });
  check(careful.ok && reads(`${W}/a`) === 'a', 'what was approved is opened', careful);
  check((await ask({ op: 'end', call: careful.call })).ok, 'end');
  const late = await begin('careful', { path: `${W}/a` });
  check(late.ok === false && /nobody approved it in time/.test(late.reason) && reads(`${W}/a`) === 'EACCES', 'what nobody approves is refused', late);
  check(await connects(port) === true, 'there is money');
  const dear = await begin('dear', {});
  check(dear.ok, 'the last call that it pays for', dear);
  check(await connects(port) === 'EACCES', 'no money, no connections');
  await refused('other', {}, /has spent its 1 USD/, 'budget');
  report();
}

// A tool server whose answers are of the size, and tell the use, that it is asked for.
const SERVER = `
const net = require('net'), say = (o) => process.stdout.write(JSON.stringify({ jsonrpc: '2.0', ...o }) + '\\n');
require('readline').createInterface({ input: process.stdin }).on('line', (l) => {
  const { id, method, params } = JSON.parse(l), a = params?.arguments ?? {};
  if (method !== 'tools/call') return say({ id, result: {} });
  const answer = (text) => say({ id, result: { content: [{ type: 'text', text }], _meta: { usage: { cost_usd: a.usd ?? 0 } } } });
  if (!a.port) return answer('x'.repeat(a.size ?? 1));
  net.connect(a.port, '127.0.0.1', function () { this.destroy(); answer('connected'); }).on('error', (e) => answer(e.code));
});`;

async function results(port) {
  const bare = { size: 5000 };
  const talk = async (before) => {
    const server = spawn(before[0], [...before.slice(1), process.execPath, '-e', SERVER], { stdio: ['pipe', 'pipe', 'inherit'] });
    const waits = new Map(); let rest = '', id = 0;
    server.stdout.on('data', (d) => { const l = (rest + d).split('\n'); rest = l.pop(); for (const m of l.map((x) => JSON.parse(x))) waits.get(m.id)?.(m); });
    return { call: (args) => new Promise((d) => { waits.set(++id, d); server.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/call', params: { name: 'give', arguments: args } })}\n`); }),
      end: () => new Promise((d) => { server.on('close', d); server.stdin.end(); }) };
  };
  const text = (m) => m.result?.content?.[0]?.text;
  const free = await talk(['/usr/bin/env']);
  check(text(await free.call(bare))?.length === 5000 && text(await free.call({ port })) === 'connected', 'without EnforceCore all is answered');
  await free.end();
  fs.writeFileSync(`${W}/results.yaml`, `
name: results
rules: { max_output_size_bytes: 4000, resource_limits: { max_cost_usd: 1 } }
kernel:
  baseline:
    exec: ["/usr/**", "/bin/**"]
    read: ["/usr/**", "/lib/**", "/lib64/**", "/etc/**", "/proc/**", "/sys/**", "/dev/**"]
    connect: ["127.0.0.1:${port}"]
  tools: { give: {} }
`);
  const held = await talk([EC, 'mcp', '-p', `${W}/results.yaml`, '--trail', `${W}/results.jsonl`, '--']);
  check(text(await held.call({ size: 500 }))?.length === 500, 'a short answer passes');
  const long = await held.call(bare);
  check(long.result?.isError && /withheld the answer: .*longer than 4000 bytes/.test(text(long)), 'a long one is withheld', long);
  check(text(await held.call({ port })) === 'connected', 'there is money');
  await held.call({ usd: 1.5 });
  const after = await held.call({ port });
  check(/EACCES|has spent/.test(text(after)), 'what an answer says of its cost spends the budget', after);
  await held.end();
  const trail = fs.readFileSync(`${W}/results.jsonl`, 'utf8').trim().split('\n').map((l) => JSON.parse(l));
  check(trail.some((r) => r.kind === 'result_refused' && r.violation_type === 'output_size') && trail.some((r) => r.kind === 'budget_spent'), 'the trail has both', trail.map((r) => r.kind));
}

// A program that takes memory until it has 400 MB of it, and says so.
const HOG = "const all = []; for (let i = 0; i < 40; i++) all.push(Buffer.alloc(10 << 20, 1)); console.log('took', all.length);";

function memory() {
  const hog = (before) => spawnSync(before[0], [...before.slice(1), process.execPath, '-e', HOG], { encoding: 'utf8' });
  check(/took 40/.test(hog(['/usr/bin/env']).stdout), 'without EnforceCore there is memory');
  const policy = (mb) => fs.writeFileSync(`${W}/memory.yaml`, `
name: memory
rules: { resource_limits: { max_memory_mb: ${mb} } }
kernel: { baseline: { exec: ["/usr/**", "/bin/**"], read: ["/usr/**", "/lib/**", "/lib64/**", "/etc/**", "/proc/**", "/sys/**", "/dev/**"] } }
`);
  const run = [EC, 'run', '-p', `${W}/memory.yaml`, '--trail', `${W}/memory.jsonl`, '--'];
  const groups = () => fs.readdirSync('/sys/fs/cgroup').filter((f) => f.startsWith('enforcecore.'));
  policy(200);
  if (spawnSync('/usr/bin/findmnt', ['-t', 'cgroup2', '/sys/fs/cgroup']).status !== 0) {
    const none = hog(run);
    check(none.status !== 0 && !/took/.test(none.stdout) && /no cgroup version 2/.test(none.stderr), 'where memory cannot be limited nothing starts', none);
    spawnSync('/usr/bin/mount', ['-t', 'cgroup2', 'cgroup2', '/sys/fs/cgroup']);
  }
  const held = hog(run);
  check(held.status === 137 && !/took/.test(held.stdout), 'with 200 MB the kernel ends it', held);
  policy(900);
  check(/took 40/.test(hog(run).stdout), 'with 900 MB it does not');
  check(groups().length === 0, 'no cgroup is left', groups());
}

async function outside() {
  await keep(EC);
  fs.rmSync(W, { recursive: true, force: true });
  fs.mkdirSync(W, { recursive: true });
  fs.writeFileSync(`${W}/a`, 'a');
  const server = net.createServer((s) => s.on('error', () => {}).end()).listen(0, '127.0.0.1');
  await new Promise((d) => server.on('listening', d));
  const { port } = server.address();
  fs.writeFileSync(`${W}/policy.yaml`, `
name: rules
rules:
  denied_tools: [gone]
  content_rules: { enabled: true }
  network: { enabled: true, allowed_domains: [ok.test] }
  rate_limits: { enabled: true, per_tool: { read: { max_calls: 1, window_seconds: 600 } } }
  resource_limits: { max_call_duration_seconds: 7, max_cost_usd: 1 }
kernel:
  ask_timeout: 3
  costs: { dear: 0.5 }
  baseline:
    exec: ["/usr/**", "/bin/**"]
    read: ["/usr/**", "/lib/**", "/lib64/**", "/etc/**", "/proc/**", "/sys/**", "/dev/**", "${HERE}**"]
    write: ["/dev/null", "/dev/tty"]
    connect: ["127.0.0.1:${port}"]
  tools:
    read: { read: ["\${args.path}"] }
    careful: { read: ["\${args.path}"], ask: true }
`);
  const run = spawn(EC, ['run', '-p', `${W}/policy.yaml`, '--trail', `${W}/trail.jsonl`, '--', process.execPath, `${HERE}rules.mjs`, `${port}`], { stdio: ['ignore', 'pipe', 'inherit'] });
  let out = ''; run.stdout.on('data', (d) => { out += d; });
  const ended = new Promise((d) => run.on('close', d));
  const sockets = () => fs.existsSync('/run/enforcecore') ? fs.readdirSync('/run/enforcecore').filter((f) => f.endsWith('.sock')).map((f) => `/run/enforcecore/${f}`) : [];
  let approved;
  for (let i = 0; i < 800 && !approved; i++, await wait(25))
    for (const s of sockets()) {
      const waiting = (await ask({ op: 'status' }, s)).waiting?.[0];
      if (waiting) approved = { waiting, answer: await ask({ op: 'approve', approval: waiting.approval, verdict: 'allow' }, s) };
    }
  check(approved?.answer.ok && /approval/.test(approved.waiting.reason), 'the call waits for somebody', approved);
  const status = await ended;
  const [, passed, failed] = /(\d+) passed, (\d+) failed/.exec(out) ?? [];
  check(status === 0 && passed === '19' && failed === '0', 'the agent', out);
  const trail = fs.readFileSync(`${W}/trail.jsonl`, 'utf8').trim().split('\n').map((l) => JSON.parse(l));
  const types = trail.filter((r) => r.kind === 'call_refused').map((r) => r.violation_type).filter(Boolean);
  check(types.join() === 'content_violation,domain_denied,tool_denied,rate_limit,cost_limit', 'violation types in the trail', types);
  check(trail.some((r) => r.kind === 'budget_spent'), 'the spent budget in the trail');
  check(!/-rf|0x7f/.test(trail.filter((r) => r.kind === 'call_refused').map((r) => r.reason).join()), 'reasons have no text of arguments');
  await results(port);
  memory();
  server.close();
  report();
}

await (process.argv[2] ? agent(Number(process.argv[2])) : outside());
