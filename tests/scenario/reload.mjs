// SPDX-License-Identifier: Apache-2.0
// reload.mjs - a thousand policies, one after the other, under an agent that
// never waits: what both permit is never refused, what neither permits never
// happens, and when a replacement is told, it is there. RELOADS=N for less.
import fs from 'node:fs';
import path from 'node:path';
import { spawn } from 'node:child_process';
import { Client } from './client.mjs';
import { report, check } from './report.mjs';

const EC = process.env.EC ?? 'build/enforcecore', STORM = path.resolve(path.dirname(EC), 'tests/scenario/storm');
const HERE = new URL('.', import.meta.url).pathname;
const RELOADS = Number(process.env.RELOADS || 1000), FLOWS = 16;
const W = '/var/tmp/ec-reload', TRAIL = `${W}/trail.jsonl`, POLICY = `${W}/policy.yaml`;
const wait = (ms) => new Promise((d) => setTimeout(d, ms));

fs.rmSync(W, { recursive: true, force: true });
for (const d of ['a', 'b', 'g']) fs.mkdirSync(`${W}/${d}`, { recursive: true });
for (const f of ['common', 'never', 'neither', 'only-a', 'only-b', 'a/x', 'g/granted', 'g/other']) fs.writeFileSync(`${W}/${f}`, f);
for (let i = 0; i < FLOWS; i++) for (const f of ['secret', 'out']) fs.writeFileSync(`${W}/${f}-${i}`, f);

const BASE = `exec: ["${process.execPath}", "${STORM}"], read: ["/usr/**", "/lib/**", "/lib64/**", "/etc/**", "/proc/**", "/sys/**", "/dev/**", "${HERE}**", "${STORM}", "${W}/common", "${W}/secret-*", %READ%]`;
// Rules, tools and flows stand in another order in each, so that no number means the same.
const tools = { act: `act: { read: ["\${args.granted}"], within: ["${W}/g/**"], timeout: 3600 }`, read: `read: { read: ["\${args.path}"], within: ["${W}/common"] }` };
const flows = (numbers) => numbers.map((i) => `    - { after: read secret${i}, deny: [write], except: [${numbers.filter((j) => j !== i).map((j) => `"${W}/out-${j}"`).join(', ')}, "${W}/state*", "/dev/null"] }`).join('\n');
const labels = (numbers) => numbers.map((i) => `    secret${i}: ["${W}/secret-${i}"]`).join('\n');
const N = [...Array(FLOWS).keys()];
const policy = (name, { own, order, never, numbers, extra = '' }) => `
name: ${name}
kernel:
  baseline: { ${BASE.replace('%READ%', `"${W}/only-${own}"`)}, write: ["/dev/null", "${W}/state*", "${W}/out-*", "${W}/${own}/**"] }
  never: { read: [${never.map((n) => `"${n}"`).join(', ')}] }
  tools:
${order.map((t) => `    ${tools[t]}`).join('\n')}
${extra}  labels:
${labels(numbers)}
  flows:
${flows(numbers)}
`;
const A = policy('a', { own: 'a', order: ['act', 'read'], never: [`${W}/never`], numbers: N });
const B = policy('b', { own: 'b', order: ['read', 'act'], never: ['/nowhere/**', '/nothing', `${W}/never`], numbers: [...N].reverse() });
const put = (text) => { fs.writeFileSync(`${POLICY}.new`, text); fs.renameSync(`${POLICY}.new`, POLICY); };

// The trail, as it grows.
class Tail {
  constructor(path) { this.path = path; this.at = 0; this.rest = ''; this.seen = []; }
  more() {
    const fd = fs.openSync(this.path, 'r'), buffer = Buffer.alloc(1 << 20);
    for (let n; (n = fs.readSync(fd, buffer, 0, buffer.length, this.at)) > 0; this.at += n) this.rest += buffer.toString('utf8', 0, n);
    fs.closeSync(fd);
    const lines = this.rest.split('\n');
    this.rest = lines.pop();
    for (const line of lines) if (line.includes('/g/granted"') || line.includes('/common"')) this.wrong ??= line;
    for (const line of lines) if (!line.includes('"kind":"denial"')) this.seen.push(JSON.parse(line));
  }
  count(kind) { this.more(); return this.seen.filter((r) => r.kind === kind).length; }
}

const tail = new Tail(TRAIL);
function state(name = 'state') {
  const [r1, wrong, a, b, r2, ...first] = fs.readFileSync(`${W}/${name}`, 'utf8').split('\n')[0].split(' ');
  return r1 === r2 ? { rounds: Number(r1), wrong: Number(wrong), tripped: Number(a), a: a === '1', b: b === '1', first: first.join(' ') } : state(name);
}
async function until(claim, ms = 20000) {
  for (const end = Date.now() + ms; Date.now() < end; await wait(1)) if (claim()) return true;
  return false;
}
// Told, and two rounds later seen.
async function settled(done, kind, before) {
  if (!await until(() => done(kind) > before)) return null;
  const from = state().rounds;
  return await until(() => state().rounds > from + 1, 60000) ? state() : null;
}
async function hup(client, text, kind = 'policy_replaced') {
  const before = tail.count(kind);
  put(text);
  process.kill(client.child.pid, 'SIGHUP');
  return settled((k) => tail.count(k), kind, before);
}

put(A);
const c = await new Client([EC, 'mcp', '-p', POLICY, '--trail', TRAIL, '--', process.execPath, `${HERE}rogue.mjs`]).init();
const call = c.call('act', { act: 'exec', target: STORM, args: [W, `${W}/g/granted`], granted: `${W}/g/granted` });
check(await until(() => fs.existsSync(`${W}/state`) && state().rounds > 3, 60000), 'the storm rages');
let s = state();
check(s.a && !s.b, 'at first only-a is open', s);

const late = [];
let told = 0;
for (let i = 0; i < RELOADS; i++) {
  const toB = i % 2 === 0;
  s = await hup(c, toB ? B : A);
  if (!s) { check(false, `reload ${i} was told`, c.stderr.slice(-400)); break; }
  told++;
  // the record is written first: what the trail cannot have does not happen
  if (!await until(() => { s = state(); return s.a === !toB && s.b === toB; }, 5000)) late.push({ i, toB, ...s });
}
check(told === RELOADS, `${RELOADS} replacements were told`, told);
check(late.length === 0, 'each was in force right after it was told', late);
s = state();
check(s.wrong === 0, `not one wrong verdict in ${s.rounds} rounds`, { ...s, record: tail.wrong });
check(tail.seen.filter((r) => r.kind === 'policy_replaced').length === RELOADS, 'the trail has each replacement');

put(A); await hup(c, A);
s = await hup(c, 'name: broken\nkernel:\n  baseline: { read: ["relative[" ] }\n', 'policy_kept');
check(s?.a && !s.b && s.wrong === 0, 'a policy that fails to load leaves the old one in force', s);
check(await until(() => /policy\.yaml:3:\d+: .*relative/.test(c.stderr) && /stays in force/.test(c.stderr)), 'and says where it fails', c.stderr.slice(-400));
check(/policy\.yaml:3:\d+: /.test(tail.seen.findLast((r) => r.kind === 'policy_kept')?.note ?? ''), 'in the trail too', tail.seen.at(-1));

// The open call under a policy that does not grant it.
const before = tail.count('policy_replaced');
put(B.replace(tools.act, `act: { read: ["\${args.granted}"], within: ["${W}/b/**"] }`));
process.kill(c.child.pid, 'SIGHUP');
check(await until(() => tail.count('policy_replaced') > before), 'a narrower policy is told');
check(await until(() => state().wrong > 0, 5000) && /the call's file was refused/.test(state().first), 'the open call loses what it grants no longer', state());
await until(() => tail.count('call_revoked') > 0, 5000);
check(/ceiling|within/.test(tail.seen.findLast((r) => r.kind === 'call_revoked')?.reason ?? ''), 'the trail says which call and why', tail.seen.slice(-3));
fs.writeFileSync(`${W}/stop`, '');
const answer = await call;
check(/rounds/.test(answer.value ?? ''), 'the call ends as a call ends', answer);
check((await c.call('act', { act: 'readUv', target: `${W}/g/granted`, granted: `${W}/g/granted` })).ok === false, 'a new one is refused');
const end = await c.close();
check(end.code === 0, 'the server lives on', end);

// Flows stay tripped, also when they are tripped in the very step.
fs.rmSync(`${W}/stop`);
put(A);
const runs = [0, 1, 2].map((i) => { const child = spawn(EC, ['run', '-p', POLICY, '--trail', `${W}/run-${i}.jsonl`, '--', STORM, W, 'flows', String(FLOWS)], { stdio: ['ignore', 'pipe', 'inherit'] }); child.out = ''; child.stdout.on('data', (d) => { child.out += d; }); child.done = new Promise((d) => child.on('exit', d)); return child; });
const states = () => fs.readdirSync(W).filter((f) => f.startsWith('state-'));
const tails = runs.map((_, i) => new Tail(`${W}/run-${i}.jsonl`));
check(await until(() => states().length === 3 && states().every((f) => state(f).rounds > 1), 240000), 'three agents with flows run');
const tripped = () => Math.min(...states().map((f) => state(f).tripped));
let steps = 0;
for (const end = Date.now() + 200000; Date.now() < end && (steps < RELOADS / 20 || tripped() < FLOWS); steps++) {
  put(steps % 2 ? A : B);
  for (const r of runs) process.kill(r.pid, 'SIGHUP');
  if (!await until(() => tails.every((t) => t.count('policy_replaced') > steps))) break;
}
check(steps >= RELOADS / 20 && tripped() === FLOWS, `every flow was tripped during ${steps} replacements`, tripped());
fs.writeFileSync(`${W}/stop`, '');
for (const [i, run] of runs.entries()) {
  check(await run.done === 0, `agent ${i}: every flow that was tripped stays tripped`, run.out);
  const all = fs.readFileSync(`${W}/run-${i}.jsonl`, 'utf8').trim().split('\n').map((l) => JSON.parse(l)), flows = all.filter((r) => r.kind === 'flow');
  check(flows.length >= FLOWS && flows.every((r) => /secret\d+ deny write/.test(r.rule)), `agent ${i}: its trail says what tripped which flow`, flows.length);
  check(all.filter((r) => r.kind === 'denial').every((r) => r.reason === 'flow' && r.rule), `agent ${i}: each refusal names its rule`, all.find((r) => r.kind === 'denial' && !r.rule));
}

// An agent that is refused without end does not keep the controller from its work.
fs.rmSync(`${W}/stop`);
put(A);
const flood = spawn(EC, ['run', '-p', POLICY, '--trail', `${W}/flood.jsonl`, '--', STORM, W, 'flood'], { stdio: ['ignore', 'ignore', 'inherit'] });
const flooded = new Promise((d) => flood.on('exit', (code, signal) => d(code ?? signal))), flood_tail = new Tail(`${W}/flood.jsonl`);
check(await until(() => fs.existsSync(`${W}/state-flood`) && state('state-flood').rounds > 100, 240000), 'a flood of refusals');
for (let i = 0; i < 3; i++) { process.kill(flood.pid, 'SIGHUP'); check(await until(() => flood_tail.count('policy_replaced') > i, 60000), `the flood does not drown replacement ${i}`); }
check(state('state-flood').wrong === 0, 'and nothing of it gets through');
process.kill(flood.pid, 'SIGTERM');
check(await flooded === 143, 'nor the end', flood.exitCode);
report();
