// SPDX-License-Identifier: Apache-2.0
// rules.mjs - rules at the declaration, held by the kernel: what is refused is
// not opened, what has to be approved waits, a spent budget closes connections.
// Runs in a kernel that can enforce, as root; with a directory it is the agent.
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { spawn, spawnSync } from 'node:child_process';
import { ask } from './control.mjs';
import { guarded, READER } from './guarded.mjs';
import { keep } from './keeper.mjs';
import { report, check } from './report.mjs';
import { talk, text } from './talk.mjs';

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

// A connection that stays: say() is null, or why nothing was sent.
const holds = (port) => new Promise((done) => {
  const s = net.connect(port, '127.0.0.1', () => done({ say: (what) => new Promise((d) => { s.once('error', (e) => d(e.code)); s.write(what, (e) => d(e?.code ?? null)); }) }));
  s.on('error', () => {});
});

const sockets = () => fs.existsSync('/run/enforcecore') ? fs.readdirSync('/run/enforcecore').filter((f) => f.endsWith('.sock')).map((f) => `/run/enforcecore/${f}`) : [];
const everyone = (op) => Promise.all(sockets().map((s) => ask({ op }, s)));

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
  const held = await holds(port);
  check(await held.say('early') === null, 'a connection that is open carries what is sent');
  const dear = await begin('dear', {});
  check(dear.ok, 'the last call that it pays for', dear);
  check(await connects(port) === 'EACCES', 'no money, no connections');
  check(await held.say('late') === 'EACCES', 'nor anything over one that was open before');
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
  const bare = { size: 5000 }, server = [process.execPath, '-e', SERVER];
  const free = talk(['/usr/bin/env', ...server]);
  check(text(await free.call('give', bare))?.length === 5000 && text(await free.call('give', { port })) === 'connected', 'without EnforceCore all is answered');
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
  const held = talk([EC, 'mcp', '-p', `${W}/results.yaml`, '--trail', `${W}/results.jsonl`, '--', ...server]);
  check(text(await held.call('give', { size: 500 }))?.length === 500, 'a short answer passes');
  const long = await held.call('give', bare);
  check(long.result?.isError && /withheld the answer: .*longer than 4000 bytes/.test(text(long)), 'a long one is withheld', long);
  check(text(await held.call('give', { port })) === 'connected', 'there is money');
  await held.call('give', { usd: 1.5 });
  const after = await held.call('give', { port });
  check(/EACCES|has spent/.test(text(after)), 'what an answer says of its cost spends the budget', after);
  await held.end();
  const trail = fs.readFileSync(`${W}/results.jsonl`, 'utf8').trim().split('\n').map((l) => JSON.parse(l));
  check(trail.some((r) => r.kind === 'result_refused' && r.violation_type === 'output_size') && trail.some((r) => r.kind === 'budget_spent'), 'the trail has both', trail.map((r) => r.kind));
}

// Of a tool server: a call waits for somebody, and nobody waits for it.
async function asks() {
  const server = [process.execPath, '-e', READER], a = { path: `${W}/a` };
  const free = talk(['/usr/bin/env', ...server]);
  check(text(await free.call('careful', a)) === 'a', 'without EnforceCore nobody is asked');
  await free.end();
  const policy = fs.readFileSync(`${W}/policy.yaml`, 'utf8');
  fs.writeFileSync(`${W}/asks.yaml`, policy.replace('tools: [gone]', 'tools: [gone, none]'));
  const held = talk([EC, 'mcp', '-p', `${W}/asks.yaml`, '--trail', `${W}/asks.jsonl`, '--', ...server]);
  let answered = false;
  const call = held.call('careful', a).then((m) => { answered = true; return m; });
  check((await held.request('ping', {})).result && (await held.call('read', a)).result && !answered, 'others are answered meanwhile');
  const waiting = (await everyone('status')).flatMap((r) => r.waiting ?? []);
  check(waiting.length === 1 && waiting[0].tool === 'careful', 'the call is listed', waiting);
  const cli = spawnSync(EC, ['approve', `${waiting[0]?.approval}`], { encoding: 'utf8' });
  check(cli.status === 0 && text(await call) === 'a', 'approve lets it go', cli);
  const second = held.call('careful', a);
  let other;
  for (let i = 0; i < 80 && !other; i++, await wait(25)) other = (await everyone('status')).flatMap((r) => r.waiting ?? [])[0];
  const no = spawnSync(EC, ['approve', '--deny', `${other?.approval}`], { encoding: 'utf8' }), answer = await second;
  check(no.status === 0 && answer.result?.isError && !/in time/.test(text(answer)) && text(answer) !== 'a', 'approve --deny refuses it', { no, answer });
  const late = await held.call('careful', a);
  check(late.result?.isError && /nobody approved it in time/.test(text(late)), 'what nobody approves is refused', late);
  check(text(await held.call('other', a)) === 'EACCES', 'and opens nothing');
  await held.end();
  const kinds = fs.readFileSync(`${W}/asks.jsonl`, 'utf8').trim().split('\n').map((l) => JSON.parse(l).kind);
  check(['approval_asked', 'approval_given', 'approval_refused'].every((k) => kinds.includes(k)) && kinds.filter((k) => k === 'call_begin').length === 3 && kinds.filter((k) => k === 'approval_refused').length === 2, 'the trail has both', kinds);
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
  let received = '';
  const server = net.createServer((s) => s.on('error', () => {}).on('data', (d) => { received += d; })).listen(0, '127.0.0.1');
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
  ask_timeout: 6
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
  let approved;
  for (let i = 0; i < 800 && !approved; i++, await wait(25))
    for (const s of sockets()) {
      const waiting = (await ask({ op: 'status' }, s)).waiting?.[0];
      if (waiting) approved = { waiting, answer: await ask({ op: 'approve', approval: waiting.approval, verdict: 'allow' }, s) };
    }
  check(approved?.answer.ok && /approval/.test(approved.waiting.reason), 'the call waits for somebody', approved);
  const status = await ended;
  const [, passed, failed] = /(\d+) passed, (\d+) failed/.exec(out) ?? [];
  check(status === 0 && passed === '21' && failed === '0', 'the agent', out);
  check(received.includes('early') && !received.includes('late'), 'what is sent when the budget is spent arrives nowhere', received);
  const trail = fs.readFileSync(`${W}/trail.jsonl`, 'utf8').trim().split('\n').map((l) => JSON.parse(l));
  const types = trail.filter((r) => r.kind === 'call_refused').map((r) => r.violation_type).filter(Boolean);
  check(types.join() === 'content_violation,domain_denied,tool_denied,rate_limit,cost_limit', 'violation types in the trail', types);
  check(trail.some((r) => r.kind === 'budget_spent'), 'the spent budget in the trail');
  check(!/-rf|0x7f/.test(trail.filter((r) => r.kind === 'call_refused').map((r) => r.reason).join()), 'reasons have no text of arguments');
  await results(port);
  await asks();
  await guarded();
  memory();
  server.close();
  report();
}

await (process.argv[2] ? agent(Number(process.argv[2])) : outside());
