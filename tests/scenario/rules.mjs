// SPDX-License-Identifier: Apache-2.0
// rules.mjs - rules at the declaration, held by the kernel: what is refused is
// not opened, what has to be approved waits, a spent budget closes connections.
// Runs in a kernel that can enforce, as root; with a directory it is the agent.
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { spawn } from 'node:child_process';
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
  check((await ask({ op: 'end', call: one.call })).ok, 'end');
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
  costs: { dear: 1 }
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
  check(status === 0 && passed === '18' && failed === '0', 'the agent', out);
  const trail = fs.readFileSync(`${W}/trail.jsonl`, 'utf8').trim().split('\n').map((l) => JSON.parse(l));
  const types = trail.filter((r) => r.kind === 'call_refused').map((r) => r.violation_type).filter(Boolean);
  check(types.join() === 'content_violation,domain_denied,tool_denied,rate_limit,cost_limit', 'violation types in the trail', types);
  check(trail.some((r) => r.kind === 'budget_spent'), 'the spent budget in the trail');
  check(!/-rf|0x7f/.test(trail.filter((r) => r.kind === 'call_refused').map((r) => r.reason).join()), 'reasons have no text of arguments');
  server.close();
  report();
}

await (process.argv[2] ? agent(Number(process.argv[2])) : outside());
