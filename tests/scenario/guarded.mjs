// SPDX-License-Identifier: Apache-2.0
// guarded.mjs - guards before a call opens, through every door: what they call unsafe, and what they
// do not answer, is not opened. A part of rules.mjs; with a port it is the agent.
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';
import { execFile } from 'node:child_process';
import { ask } from './control.mjs';
import { report, check } from './report.mjs';
import { talk, text } from './talk.mjs';

const EC = path.resolve(process.env.EC ?? 'build/enforcecore'), HERE = new URL('.', import.meta.url).pathname;
const W = '/var/tmp/ec-guarded', PROXY = 18411, SERVER = 18410;
const wait = (ms) => new Promise((d) => setTimeout(d, ms));
const reads = (f) => { try { return fs.readFileSync(f, 'utf8'); } catch (e) { return e.code; } };
const exec = (...command) => new Promise((d) => { const child = execFile(command[0], command.slice(1), (e, stdout, stderr) => d({ status: e ? e.code : 0, stdout, stderr })); child.stdin.end(exec.input ?? ''); });
const connects = (port) => new Promise((d) => { const s = net.connect(port, '127.0.0.1', () => { s.destroy(); d(true); }); s.on('error', (e) => d(e.code)); });
const listens = (port) => new Promise((d) => { const s = net.createServer().listen(port, '127.0.0.2', () => { s.close(); d(true); }); s.on('error', (e) => d(e.code)); });

// A tool server that reads the file that it is told.
export const READER = `
const fs = require('fs');
require('readline').createInterface({ input: process.stdin }).on('line', (l) => {
  const { id, method, params } = JSON.parse(l);
  const read = () => { try { return fs.readFileSync(params.arguments.path, 'utf8'); } catch (e) { return e.code; } };
  const result = method === 'tools/call' ? { content: [{ type: 'text', text: read() }] } : {};
  process.stdout.write(JSON.stringify({ jsonrpc: '2.0', id, result }) + '\\n');
});`;
// The same over HTTP.
const OVER_HTTP = `
const fs = require('fs'), http = require('http');
http.createServer((q, s) => { let t = ''; q.on('data', (d) => { t += d; }).on('end', () => {
  const { id, params } = JSON.parse(t);
  const read = () => { try { return fs.readFileSync(params.arguments.path, 'utf8'); } catch (e) { return e.code; } };
  s.setHeader('content-type', 'application/json');
  s.end(JSON.stringify({ jsonrpc: '2.0', id, result: { content: [{ type: 'text', text: read() }] } }));
}); }).listen(${SERVER}, '127.0.0.1');`;

async function agent(port) {
  check(await connects(port) === 'EACCES', 'the agent does not reach its guard');
  check(await listens(port) === 'EACCES', 'nor can it be its guard');
  const bad = await ask({ op: 'begin', tool: 'read', arguments: { path: `${W}/a`, note: 'ATTACK' } });
  check(bad.ok === false && bad.error === 'refused' && /guard llama says that this call is unsafe \(S2, S9\)/.test(bad.reason) && /policy\.yaml:\d+:\d+/.test(bad.rule ?? ''), 'control socket: unsafe is refused', bad);
  check(reads(`${W}/a`) === 'EACCES', 'control socket: the file is not read');
  const good = await ask({ op: 'begin', tool: 'read', arguments: { path: `${W}/a` } });
  check(good.ok && reads(`${W}/a`) === 'a', 'control socket: safe is opened', good);
  await ask({ op: 'end', call: good.call });
  const hook = (note) => { exec.input = JSON.stringify({ hook_event_name: 'PreToolUse', session_id: 's', cwd: W, tool_name: 'read', tool_use_id: `u-${note}`, tool_input: { path: `${W}/a`, note } }); return exec(EC, 'hook', 'claude-code'); };
  const no = await hook('ATTACK'), was = reads(`${W}/a`);
  check(/"deny"/.test(no.stdout) && /guard llama/.test(no.stdout) && was === 'EACCES', 'hook: unsafe is refused, the file not read', { no, was });
  const yes = await hook('fine'), is = reads(`${W}/a`);
  check(yes.status === 0 && !/"deny"/.test(yes.stdout) && is === 'a', 'hook: safe is opened', { yes, is });
  report();
}

// What the guard says of a text, in either protocol.
function answer(mode, body) {
  const asked = body.messages[0].content, unsafe = /ATTACK/.test(asked);
  if (body.guardrails) return JSON.stringify({ messages: [{ role: 'assistant', content: unsafe ? "I'm sorry, I can't respond to that." : asked }], log: { activated_rails: [{ type: 'input', name: 'self check input', stop: unsafe }] } });
  return mode === 'odd' ? '{"choices":[]}' : JSON.stringify({ choices: [{ index: 0, message: { role: 'assistant', content: unsafe ? '\n\nunsafe\nS2,S9' : 'safe' } }] });
}

const policy = (port) => `
name: guarded
rules: { pii_redaction: { enabled: true, categories: [email] } }
kernel:
  guards:
    llama: { url: "http://127.0.0.1:${port}/v1/chat/completions", protocol: llamaguard, model: guard, timeout: 3 }
    rails: { url: "http://127.0.0.1:${port}/v1/chat/completions", protocol: nemo, config: c, timeout: 3, cache: 0, on_error: allow }
  baseline:
    exec: ["/usr/**", "/bin/**"]
    read: ["/usr/**", "/lib/**", "/lib64/**", "/etc/**", "/proc/**", "/sys/**", "/dev/**", "${HERE}**"]
    write: ["/dev/null", "/dev/tty"]
    connect: ["127.0.0.1:*"]
    listen: ["127.0.0.0/8:*"]
  tools:
    read: { read: ["\${args.path}"], guard: llama }
    both: { read: ["\${args.path}"], guard: [llama, rails] }
    open: { read: ["\${args.path}"], guard: rails }
    none: {}
`;
const trail = (name) => fs.readFileSync(`${W}/${name}.jsonl`, 'utf8').trim().split('\n').map((l) => JSON.parse(l));
const refused = (m, says) => m.result?.isError && says.test(text(m));

async function overStdio(guard) {
  const a = { path: `${W}/a` }, attack = { ...a, note: 'ATTACK, says jane@example.com' };
  const free = talk(['/usr/bin/env', process.execPath, '-e', READER]);
  check(text(await free.call('read', attack)) === 'a', 'without EnforceCore nobody asks a guard');
  await free.end();
  const held = talk([EC, 'mcp', '-p', `${W}/policy.yaml`, '--trail', `${W}/mcp.jsonl`, '--', process.execPath, '-e', READER]);
  check(refused(await held.call('read', attack), /guard llama says that this call is unsafe \(S2, S9\)/), 'mcp: unsafe is refused');
  check(text(await held.call('none', attack)) === 'EACCES', 'mcp: the file is not read');
  check(guard.seen.length > 0 && guard.seen.every((t) => !/jane@/.test(t)) && /EMAIL/.test(guard.seen[0]), 'the guard gets redacted arguments', guard.seen);
  check(text(await held.call('read', a)) === 'a', 'mcp: safe is opened');
  const before = guard.seen.length;
  check(text(await held.call('read', a)) === 'a' && guard.seen.length === before, 'mcp: the same again is known');
  check(text(await held.call('both', a)) === 'a' && refused(await held.call('open', attack), /guard rails says .*self check input/), 'mcp: a NeMo server refuses and permits');
  guard.slow = 700;
  let done = false;
  const slow = held.call('open', { ...a, n: 1 }).then((m) => { done = true; return m; });
  check((await held.request('ping', {})).result && text(await held.call('none', a)) === 'EACCES' && !done, 'mcp: nobody waits for a call that waits');
  check(text(await slow) === 'a', 'mcp: and it opens');
  guard.slow = 0;
  guard.status = 500;
  check(refused(await held.call('read', { ...a, n: 2 }), /guard llama gave no verdict: it answers 500/), 'mcp: no verdict is refused');
  check(text(await held.call('open', a)) === 'a', 'mcp: unless the policy says otherwise');
  guard.status = 200;
  guard.mode = 'odd';
  check(refused(await held.call('both', { ...a, n: 3 }), /gave no verdict: its answer is no chat completion/), 'mcp: all guards have to agree');
  guard.mode = '';
  await held.end();
  const records = trail('mcp').filter((r) => r.guards), said = records.map((r) => `${r.kind} ${r.tool} ${r.guards.map((g) => `${g.guard}:${g.verdict}${g.cached ? ':cached' : ''}`).join('+')}`);
  check(said.join('; ') === 'call_refused read llama:unsafe; call_begin read llama:safe; call_begin read llama:safe:cached; call_begin both llama:safe+rails:safe; call_refused open rails:unsafe; call_begin open rails:safe; call_refused read llama:none; call_begin open rails:none; call_refused both llama:none+rails:safe', 'mcp: the verdicts are in the trail', said);
  check(records[0].guards[0].categories === 'S2, S9' && records.every((r) => r.guards.every((g) => g.ms >= 0)) && records[0].violation_type === 'content_violation', 'with what they are about', records[0]);
}

async function overHttp() {
  const child = execFile(EC, ['mcp', '-p', `${W}/policy.yaml`, '--trail', `${W}/http.jsonl`, '--listen', `127.0.0.1:${PROXY}`, '--upstream', `http://127.0.0.1:${SERVER}/mcp`, '--', process.execPath, '-e', OVER_HTTP], () => {});
  const exited = new Promise((d) => child.on('exit', d));
  const post = (port, note) => fetch(`http://127.0.0.1:${port}/mcp`, { method: 'POST', headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' }, body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'read', arguments: { path: `${W}/a`, note } } }) }).then((r) => r.text(), (e) => e.message);
  for (let i = 0; i < 300 && await connects(SERVER) !== true; i++) await wait(50);
  const no = await post(PROXY, 'ATTACK'), aside = await post(SERVER, 'ATTACK'), yes = await post(PROXY, 'ok');
  check(/guard llama says/.test(no) && /EACCES/.test(aside), 'http: unsafe is refused, the file not read', { no, aside });
  check(/"a"/.test(yes), 'http: safe is opened', yes);
  child.kill('SIGTERM');
  await exited;
}

export async function guarded() {
  fs.rmSync(W, { recursive: true, force: true });
  fs.mkdirSync(W, { recursive: true });
  fs.writeFileSync(`${W}/a`, 'a');
  const guard = { seen: [], status: 200, slow: 0, mode: '' };
  const server = http.createServer((q, s) => { let t = ''; q.on('data', (d) => { t += d; }).on('end', async () => {
    const body = JSON.parse(t);
    guard.seen.push(body.messages[0].content);
    await wait(guard.slow);
    s.statusCode = guard.status;
    s.end(answer(guard.mode, body));
  }); }).listen(0, '127.0.0.1');
  await new Promise((d) => server.on('listening', d));
  const { port } = server.address();
  fs.writeFileSync(`${W}/policy.yaml`, policy(port));
  check(await connects(port) === true && await listens(port) === true, 'without EnforceCore anybody reaches the guard');
  await overStdio(guard);
  const run = await exec(EC, 'run', '-p', `${W}/policy.yaml`, '--trail', `${W}/run.jsonl`, '--', process.execPath, `${HERE}guarded.mjs`, `${port}`);
  check(run.status === 0 && /\b7 passed, 0 failed/.test(run.stdout), 'the agent', run);
  await overHttp();
  const metrics = (await exec(EC, 'metrics')).stdout;
  check(/guard_verdicts_total\{verdict="unsafe",cached="false"\} [1-9]/.test(metrics) && /guard_verdicts_total\{verdict="none",cached="false"\} [1-9]/.test(metrics) && /guard_seconds_count [1-9]/.test(metrics), 'the verdicts are counted', metrics.split('\n').filter((l) => /guard/.test(l)));
  server.close();
  server.closeAllConnections();
}

if (process.argv[1]?.endsWith('guarded.mjs')) await agent(Number(process.argv[2]));
