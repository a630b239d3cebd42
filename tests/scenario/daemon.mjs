// SPDX-License-Identifier: Apache-2.0
// daemon.mjs - the node agent: who is selected is confined, with all threads, and before
// its first instruction when it comes later; nobody else is. Changes of its files,
// its death and its return. Runs in a kernel that can enforce, as root.
import fs from 'node:fs';
import path from 'node:path';
import { spawn, spawnSync } from 'node:child_process';
import { report, check } from './report.mjs';

const EC = process.env.EC ?? 'build/enforcecore', THREADS = path.resolve(path.dirname(EC), 'tests/scenario/threads');
const W = '/var/tmp/ec-daemon', CG = `${W}/cgroup`, TOP = 'ec-agents';
const wait = (ms) => new Promise((d) => setTimeout(d, ms));
let d;
async function until(claim, ms = 60000) {
  for (const end = Date.now() + ms; Date.now() < end && !(d?.exitCode > 0); await wait(50)) { const c = await claim(); if (c) return c; }
  return false;
}
const read = (file) => { try { return fs.readFileSync(file, 'utf8'); } catch { return ''; } };
const status = () => JSON.parse(read('/run/enforcecore/daemon.json') || '{}');
const ec = (...argv) => spawnSync(EC, argv, { encoding: 'utf8' });

fs.rmSync(W, { recursive: true, force: true });
for (const d of ['conf/1', 'cgroup', 'trails']) fs.mkdirSync(`${W}/${d}`, { recursive: true });
spawnSync('mount', ['-t', 'cgroup2', 'none', CG]);
for (const d of ['', '/a', '/free']) fs.mkdirSync(`${CG}/${TOP}${d}`, { recursive: true });
fs.mkdirSync(`${CG}/ec-other`);
fs.mkdirSync(`${CG}/ec-wait/nobodys`, { recursive: true });
fs.writeFileSync(`${W}/secret`, 'SECRET');
fs.chmodSync(W, 0o755);
for (const name of ['picked', 'other']) fs.copyFileSync('/usr/bin/cat', `${W}/${name}`);

// The configuration as a ConfigMap is mounted: its files are links into ..data.
const policy = (name, more = '') => `
name: ${name}
kernel:
  baseline:
    exec: ["/usr/bin/cat", "/bin/sh", "/usr/bin/dash", "/usr/bin/sleep", "${THREADS}", "${W}/picked", "${path.resolve(EC)}"]
    read: ["/usr/**", "/lib/**", "/lib64/**", "/etc/**", "/proc/self/**", "/dev/null"${more}]
    write: ["/dev/null", "/dev/tty"]
  tools: { look: { read: ["\${args.path}"] } }
`;
const config = (more = '') => `
trail_dir: ${W}/trails
key: null
hold: [/ec-wait]
agents:
  - { name: placed, policy: placed.yaml, select: { cgroup: "/${TOP}/*" } }
  - { name: picked, policy: placed.yaml, select: { executable: ${W}/picked } }
  - { name: user, policy: placed.yaml, select: { user: 4711 } }
${more}`;
let edition = 0;
function publish(files) {
  fs.mkdirSync(`${W}/conf/..${++edition}`);
  for (const [name, text] of Object.entries(files)) {
    fs.writeFileSync(`${W}/conf/..${edition}/${name}`, text);
    try { fs.symlinkSync(`..data/${name}`, `${W}/conf/${name}`); } catch { /* there */ }
  }
  fs.symlinkSync(`..${edition}`, `${W}/conf/..next`);
  fs.renameSync(`${W}/conf/..next`, `${W}/conf/..data`);
}
// A process that enters a cgroup by itself and becomes COMMAND there.
function enter(cgroup, ...command) {
  const child = spawn('/bin/sh', ['-c', `echo $$ >${CG}/${cgroup}/cgroup.procs && exec "$@"`, 'sh', ...command], { stdio: ['ignore', 'pipe', 'pipe'] });
  started.push(child);
  child.out = '';
  child.stdout.on('data', (d) => { child.out += d; });
  child.stderr.on('data', (d) => { child.out += d; });
  child.gone = new Promise((d) => child.on('close', (code, signal) => { child.code = code ?? signal; d(child.code); }));
  return child;
}
// what this leaves running would keep its output open
const started = [];
process.on('exit', () => { for (const c of started) c.kill('SIGKILL'); });
const counts = (name) => { const b = fs.readFileSync(`${W}/${name}`); return Array.from({ length: 5 }, (_, i) => ({ could: b.readUInt32LE(8 * i), not: b.readUInt32LE(8 * i + 4) })); };
function daemon() {
  const child = spawn(EC, ['daemon', '-c', `${W}/conf/daemon.yaml`], { stdio: ['ignore', 'inherit', 'pipe'] });
  started.push(child);
  child.err = '';
  child.stderr.on('data', (d) => { child.err += d; if (process.env.VERBOSE) process.stdout.write(d); });
  child.gone = new Promise((d) => child.on('exit', (code, signal) => { child.code = code ?? signal; d(child.code); }));
  return child;
}
const ready = (d) => until(() => d.code !== undefined || status().pid === d.pid, 300000);

publish({ 'daemon.yaml': config(), 'placed.yaml': policy('placed') });
// without it, all of this works
const before = enter(`${TOP}/free`, '/usr/bin/cat', `${W}/secret`);
await before.gone;
check(before.out === 'SECRET', 'without the daemon the secret is read', before.out);
const selected = enter(`${TOP}/a`, THREADS, `${W}/secret`, `${W}/selected`);
const bystander = enter('ec-other', THREADS, `${W}/secret`, `${W}/bystander`);
check(await until(() => ['selected', 'bystander'].every((n) => fs.existsSync(`${W}/${n}`) && counts(n).every((c) => c.could > 1))), 'every thread reads it, and every child');

d = daemon();
check(await ready(d) && d.code === undefined, 'the daemon is ready', d.err);
check(status().agents === 3 && status().error === '', 'an agent for each', status());
let then = counts('selected');
await until(() => counts('selected').every((c, i) => c.not > then[i].not + 3));
then = counts('selected');
await wait(300);
check(counts('selected').every((c, i) => c.could === then[i].could && c.not > then[i].not), 'adopted: no thread and no child reads it any more', [then, counts('selected')]);
check(counts('bystander').every((c) => c.not === 0), 'who is not selected reads it', counts('bystander'));

// who comes later
const news = ['b', 'c', 'd'].map((name) => { fs.mkdirSync(`${CG}/${TOP}/${name}`); return enter(`${TOP}/${name}`, '/usr/bin/cat', `${W}/secret`); });
for (const n of news) await n.gone;
check(news.every((n) => n.out.includes('Permission denied') && n.code === 1), 'a new cgroup: confined from its first exec on', news.map((n) => [n.code, n.out]));
// what the secret's call grants, that call alone may, and the trail has how much it was
const call = enter(`${TOP}/b`, path.resolve(EC), 'call', 'run', '--tool', 'look', '--args', JSON.stringify({ path: `${W}/secret` }), '--', '/usr/bin/cat', `${W}/secret`);
await call.gone;
check(call.out === 'SECRET' && call.code === 0, 'one of them declares a call', [call.code, call.out]);
const callEnd = () => fs.readdirSync(`${W}/trails`).flatMap((f) => read(`${W}/trails/${f}`).split('\n').filter((l) => l.includes('"call_end"')).map((l) => JSON.parse(l)))[0];
check(await until(() => callEnd()?.observed.bytes?.read >= 6 && callEnd().observed.bytes.written >= 6), 'whose end is recorded', callEnd());
fs.mkdirSync(`${CG}/${TOP}/e`);
const wrong = enter(`${TOP}/e`, '/usr/bin/id');
await wrong.gone;
check(wrong.out === '' && wrong.code !== 0, 'a program that the policy does not permit never runs there', [wrong.code, wrong.out]);
const nobodys = enter('ec-wait/nobodys', '/usr/bin/cat', `${W}/secret`);
await nobodys.gone;
check(nobodys.out === 'SECRET' && nobodys.code === 0, 'who is held, and is nobody\'s, goes on', [nobodys.code, nobodys.out]);
const run = (cmd, opts = {}) => spawnSync(cmd, [`${W}/secret`], { encoding: 'utf8', ...opts });
check(run(`${W}/picked`).stderr.includes('Permission denied') && run(`${W}/other`).stdout === 'SECRET', 'by executable');
check(run('/usr/bin/cat', { uid: 4711 }).stderr.includes('Permission denied') && run('/usr/bin/cat', { uid: 4712 }).stdout === 'SECRET', 'by user');
// whose last line may be being written
const records = fs.readdirSync(`${W}/trails`).flatMap((f) => read(`${W}/trails/${f}`).split('\n').slice(0, -1).map((l) => JSON.parse(l)));
check(records.some((r) => r.kind === 'denial' && r.target === `${W}/secret` && r.pid === selected.pid), 'the trail of the agent has it', records.slice(-3));
check(fs.existsSync(`${W}/trails/placed@${TOP}=a.jsonl`), 'a trail for each', fs.readdirSync(`${W}/trails`));

// changes
publish({ 'daemon.yaml': config('  - { name: more, policy: none.yaml, select: { users: x } }\n'), 'placed.yaml': policy('placed', `, "${W}/secret"`) });
check(await until(() => status().error), 'a wrong configuration is told', status());
check(/daemon\.yaml:9:\d+: .*users/.test(status().error) && ec('status').stdout.includes(status().error), 'with its place, in status too', [status(), ec('status').stdout.slice(0, 400)]);
publish({ 'daemon.yaml': config().replace('key: null', 'key: /proc/none/trail.key'), 'placed.yaml': policy('placed', `, "${W}/secret"`) });
check(await until(() => /no key .*\/proc\/none/.test(status().error)), 'nor is one whose key cannot be made: no agent could begin', status());
then = counts('selected');
await wait(300);
check(counts('selected').every((c, i) => c.could === then[i].could), 'and nothing of it is in force');
publish({ 'daemon.yaml': config(), 'placed.yaml': policy('placed', `, "${W}/secret"`) });
check(await until(() => !status().error && counts('selected').every((c, i) => c.could > then[i].could)), 'the next one is, for all that run', [status(), counts('selected')]);
fs.writeFileSync(`${W}/conf/..${edition}/placed.yaml`, policy('placed'));
d.kill('SIGHUP');
const stopped = (name = 'selected') => { const a = counts(name); return wait(150).then(() => counts(name).every((c, i) => c.could === a[i].could && c.not > a[i].not)); };
check(await until(() => stopped()), 'SIGHUP reads it again');

// without it
const agent = JSON.parse(ec('status', '--json').stdout).agents.find((a) => a.trail.path.endsWith('=a.jsonl'))?.agent;
d.kill('SIGKILL');
await d.gone;
check(await stopped(), 'it is killed: what is pinned goes on');
const inside = enter(`${TOP}/a`, '/usr/bin/cat', `${W}/secret`);
await inside.gone;
check(inside.out.includes('Permission denied'), 'who comes to an agent then is confined', inside.out);
fs.mkdirSync(`${CG}/${TOP}/f`);
const held = enter(`${TOP}/f`, '/usr/bin/cat', `${W}/secret`);
await wait(1000);
check(held.out === '' && held.code === undefined, 'who comes to a place that has none yet waits', [held.code, held.out]);
check(JSON.parse(ec('status', '--json').stdout).held === 1 && ec('status').stdout.includes('held: 1 task waits'), 'and status tells of it', ec('status').stdout);
spawnSync('kill', ['-CONT', `${held.pid}`]);
await wait(300);
check(!held.out.includes('SECRET'), 'and whoever wakes it: nothing is permitted', held.out);
fs.mkdirSync(`${CG}/${TOP}/g`);
const later = enter(`${TOP}/g`, '/usr/bin/cat', `${W}/secret`);
await wait(300);
d = daemon();
check(await ready(d) && d.code === undefined, 'it comes back', d.err);
check(JSON.parse(ec('status', '--json').stdout).agents.find((a) => a.trail.path.endsWith('=a.jsonl'))?.agent === agent, 'and has adopted its agents');
await later.gone;
check(later.out.includes('Permission denied') && later.code === 1, 'who waited goes on, confined', [later.code, later.out]);
check(await stopped() && counts('bystander').every((c) => c.not === 0), 'nobody has noticed');

// its end
d.kill('SIGTERM');
check(await d.gone === 0 && await stopped(), 'SIGTERM leaves them confined', d.code);
// nothing is configured, and the policy of those that are there is gone
publish({ 'daemon.yaml': 'agents: []\n' });
d = daemon();
await ready(d);
check(status().unattended > 0 && status().unattended_why.includes('placed.yaml') && await stopped(), 'without their policy they cannot be adopted: counted, and confined', status());
const told = ec('status');
check(told.status === 1 && told.stdout.includes(status().unattended_why), 'status says so', [told.status, told.stdout.slice(0, 800)]);
publish({ 'daemon.yaml': 'agents: []\n', 'placed.yaml': policy('placed') });
check(await until(() => status().unattended === 0 && status().agents > 0), 'when it is back they are adopted', status());
selected.kill('SIGKILL');
for (const one of [bystander, held]) one.kill('SIGKILL');
check(await until(() => status().agents === 0), 'with nothing configured they go when their last process does', status());
d.kill('SIGTERM');
await d.gone;
const gone = () => !fs.existsSync('/sys/fs/bpf/enforcecore');
check(await until(gone, 10000), 'and then nothing is loaded', ec('status').stdout);

// what a dead one has left can be ended by hand, its policy or not
publish({ 'daemon.yaml': config(), 'placed.yaml': policy('placed') });
const second = enter(`${TOP}/a`, THREADS, `${W}/secret`, `${W}/second`);
check(await until(() => fs.existsSync(`${W}/second`) && counts('second').every((c) => c.could > 1)), 'nobody is confined any more', second.out);
d = daemon();
check(await ready(d) && d.code === undefined && await until(() => stopped('second')), 'another one begins anew', [d.err, counts('second')]);
d.kill('SIGKILL');
await d.gone;
fs.mkdirSync(`${CG}/${TOP}/h`);
const waits = enter(`${TOP}/h`, '/usr/bin/cat', `${W}/secret`);
await wait(500);
fs.unlinkSync(`${W}/conf/..${edition}/placed.yaml`);
const ended = ec('adopt', '--all', '--end');
check(ended.status === 0 && await until(() => second.code !== undefined && waits.code !== undefined, 10000) && waits.out === '', '`adopt --all --end`: agents and who waits are killed', [ended, second.code, waits.code, waits.out]);
const free = enter(`${TOP}/h`, '/usr/bin/cat', `${W}/secret`);
await free.gone;
check(free.out === 'SECRET' && run('/usr/bin/cat', { uid: 4711 }).stdout === 'SECRET' && await until(gone, 10000), 'and nobody is picked or held any more', [free.code, free.out, ec('status').stdout]);
report();
