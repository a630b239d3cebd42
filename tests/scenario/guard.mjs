// SPDX-License-Identifier: Apache-2.0
// guard.mjs - root inside an agent whose policy permits every path and address
// tries to stop, trace, starve or reconfigure the controller, or to switch the
// sensor off. Each way is first shown to work for root outside; what happened is
// looked up where it would show. Runs in a kernel that can enforce, as root.
import fs from 'node:fs';
import path from 'node:path';
import readline from 'node:readline';
import { spawn, spawnSync } from 'node:child_process';
import { report, check } from './report.mjs';

const EC = process.env.EC ?? 'build/enforcecore', SABOTEUR = path.resolve(path.dirname(EC), 'tests/scenario/saboteur');
const W = '/var/tmp/ec-guard', PINS = '/sys/fs/bpf/enforcecore', RUN = '/run/enforcecore', CG = '/sys/fs/cgroup';
const wait = (ms) => new Promise((d) => setTimeout(d, ms));
const read = (file) => { try { return fs.readFileSync(file, 'utf8'); } catch { return ''; } };
const exists = (file) => fs.existsSync(file);
async function until(claim, ms = 120000) {
  for (const end = Date.now() + ms; Date.now() < end; await wait(10)) { const c = claim(); if (c) return c; }
  return false;
}

fs.rmSync(W, { recursive: true, force: true });
fs.mkdirSync(W, { recursive: true });
const policy = (name) => {
  const file = `${W}/${name}.yaml`;
  fs.writeFileSync(file, `name: ${name}\nkernel:\n  baseline: { exec: ["/**"], read: ["/**"], write: ["/**"], connect: ["*:*", "unix:/**"] }\n`);
  return file;
};
const slots = () => JSON.parse(spawnSync(EC, ['status', '--json'], { encoding: 'utf8' }).stdout).agents ?? [];
const run = async (name, argv) => {
  const child = spawn(EC, ['run', '-p', policy(name), '--trail', `${W}/${name}.jsonl`, '--', ...argv], { stdio: ['pipe', 'pipe', 'inherit'] });
  if (!await until(() => read(`${W}/${name}.jsonl`).includes('session_begin'))) throw new Error(`${name} did not start`);
  return child;
};
// One that is told what to do, a line at a time.
class Saboteur {
  constructor(child) {
    this.child = child; this.waiting = [];
    readline.createInterface({ input: child.stdout }).on('line', (l) => this.waiting.shift()?.(l));
    child.on('exit', () => { for (const w of this.waiting.splice(0)) w('GONE'); });
  }
  do(...words) { return new Promise((done) => { this.waiting.push(done); this.child.stdin.write(words.join('\t') + '\n'); }); }
}

const decoy = await run('decoy', ['/usr/bin/sleep', '86400']);
const C = decoy.pid, slot = slots().find((a) => a.policy === 'decoy').slot, SOCK = `${RUN}/${slot}.sock`;
const stat = (n) => read(`/proc/${C}/stat`).replace(/^.*\) /, '').split(' ')[n - 3];
const field = (file, name) => new RegExp(`^${name}:?\\s+(.*)$`, 'm').exec(read(`/proc/${C}/${file}`))?.[1];
const got = (r) => r.startsWith('got ');
const stopped = () => stat(3) === 'T', goOn = () => process.kill(C, 'SIGCONT');
// A file, what is written there, and what is put back.
const steer = (name, file, text) => { const was = /\[(.*)\]/.exec(read(file))?.[1] ?? read(file).trim(), now = () => /\[(.*)\]/.exec(read(file))?.[1] ?? read(file).trim(); return [name, ['write', file, text], () => now() !== was, () => fs.writeFileSync(file, was)]; };
const made = (name, file) => [name, ['mkdir', file], () => exists(file), () => fs.rmdirSync(file)];
const moved = (name, file, to) => [name, ['rename', file, to], () => exists(to), () => fs.renameSync(to, file)];

// Its own cgroup for the controller, as a service would have it.
const cgroup2 = exists(`${CG}/cgroup.procs`);
if (!cgroup2) { fs.mkdirSync(CG, { recursive: true }); spawnSync('/usr/bin/mount', ['-t', 'cgroup2', 'none', CG]); }
fs.mkdirSync(`${CG}/guarded`, { recursive: true });
fs.mkdirSync(`${CG}/elsewhere`, { recursive: true });
fs.writeFileSync(`${CG}/guarded/cgroup.procs`, String(C));
spawnSync('/usr/bin/mount', ['-t', 'debugfs', 'none', '/sys/kernel/debug']);
spawnSync('/usr/bin/mount', ['-t', 'tracefs', 'none', '/sys/kernel/tracing']);
const frozen = () => /frozen 1/.test(read(`${CG}/guarded/cgroup.events`));
const thaw = () => fs.writeFileSync(`${CG}/guarded/cgroup.freeze`, '0');
const sleeper = () => { const s = spawn('/usr/bin/sleep', ['600']); fs.mkdirSync(`${CG}/victim`, { recursive: true }); fs.writeFileSync(`${CG}/victim/cgroup.procs`, String(s.pid)); return s; };
let victim = sleeper(), died = false;
victim.on('exit', () => { died = true; });
const mounted = (file) => read('/proc/self/mountinfo').split('\n').filter((l) => l.split(' ')[4] === file);
const bpffs = () => mounted('/sys/fs/bpf').length === 1 && exists(PINS) && !/\bro\b/.test(mounted('/sys/fs/bpf')[0].split(' ')[5]);
const rw = () => spawnSync('/usr/bin/mount', ['-o', 'remount,bind,rw', '/sys/fs/bpf']);

const T = '/sys/kernel/tracing';
// [what, how, did it happen?, back again]
const ways = [
  ['kill', ['kill', C, 19], stopped, goOn], ['tgkill', ['tgkill', C, 19], stopped, goOn],
  ['pidfd_send_signal', ['pidfd-kill', C, 19], stopped, goOn], ['rt_sigqueueinfo', ['queue', C, 19], stopped, goOn],
  ['freeze', ['write', `${CG}/guarded/cgroup.freeze`, '1'], frozen, thaw],
  ['freeze through another mount', ['detached', 'guarded/cgroup.freeze', '1'], frozen, thaw],
  ['kill by cgroup', ['write', `${CG}/victim/cgroup.kill`, '1'], () => died, () => { victim = sleeper(); died = false; victim.on('exit', () => { died = true; }); }],
  ['move to another cgroup', ['write', `${CG}/elsewhere/cgroup.procs`, C], () => /elsewhere/.test(read(`/proc/${C}/cgroup`)), () => fs.writeFileSync(`${CG}/guarded/cgroup.procs`, String(C))],
  ['limit its threads', ['write', `${CG}/guarded/cgroup.max.depth`, '0'], () => read(`${CG}/guarded/cgroup.max.depth`).trim() === '0', () => fs.writeFileSync(`${CG}/guarded/cgroup.max.depth`, 'max')],
  made('make a cgroup', `${CG}/guarded/inner`),
  ['nice', ['nice', C], () => stat(19) === '5', () => spawnSync('/usr/bin/renice', ['-n', '0', '-p', String(C)])],
  ['nice of its group', ['group-nice', C], () => stat(19) === '5', () => spawnSync('/usr/bin/renice', ['-n', '0', '-g', stat(5)])],
  ['sched_setscheduler', ['scheduler', C], () => stat(41) === '5', () => spawnSync('/usr/bin/chrt', ['-o', '-p', '0', String(C)])],
  ['sched_setattr', ['sched-attr', C], () => stat(41) === '3', () => spawnSync('/usr/bin/chrt', ['-o', '-p', '0', String(C)])],
  ['sched_setaffinity', ['affinity', C], () => field('status', 'Cpus_allowed_list') === '1', () => spawnSync('/usr/bin/taskset', ['-pc', '0-63', String(C)])],
  ['ioprio_set', ['ioprio', C], () => /idle/.test(spawnSync('/usr/bin/ionice', ['-p', String(C)], { encoding: 'utf8' }).stdout), () => spawnSync('/usr/bin/ionice', ['-c', '2', '-n', '4', '-p', String(C)])],
  ['prlimit', ['rlimit', C], () => /^Max open files\s+7 /m.test(read(`/proc/${C}/limits`)), () => spawnSync('/usr/bin/prlimit', ['--nofile=1024:4096', '--pid', String(C)])],
  steer('oom_score_adj', `/proc/${C}/oom_score_adj`, '500'),
  steer('timerslack_ns', `/proc/${C}/timerslack_ns`, '400000000'),
  ['real time for itself', ['real-time'], got], ['a lease on the policy', ['lease', `${W}/decoy.yaml`], got], ['process_madvise', ['page-out', C], got],
  ['reboot(2)', ['reboot'], () => read('/proc/sys/kernel/ctrl-alt-del').trim() === '1', () => fs.writeFileSync('/proc/sys/kernel/ctrl-alt-del', '0')],
  ['vhangup', ['hang-up'], got],
  ['PTRACE_SEIZE', ['seize', C], null, null, () => field('status', 'TracerPid') !== '0'],
  ['process_vm_readv', ['vm-read', C], got], ['pidfd_getfd', ['getfd', C], got], ['kcmp', ['kcmp', C], got],
  ['/proc/PID/environ', ['read', `/proc/${C}/environ`], got],
  ['bpf(), each command', ['bpf-all'], got],
  ['a map by its number', ['map-by-id'], (r) => r === 'done'],
  moved('move the pins', PINS, '/sys/fs/bpf/elsewhere'),
  moved('move one pin', `${PINS}/links/ec_file_open`, `${PINS}/elsewhere`),
  made('make a directory beside the pins', '/sys/fs/bpf/beside'),
  ['open the pins to all', ['chmod', PINS], () => (fs.statSync(PINS).mode & 0o777) === 0o777, () => fs.chmodSync(PINS, 0o700)],
  ['cover the pins', ['cover', '/sys/fs/bpf'], () => !bpffs(), () => spawnSync('/usr/bin/umount', ['/sys/fs/bpf'])],
  ['make the pins read-only', ['read-only', '/sys/fs/bpf'], () => !bpffs(), rw],
  ['make the pins read-only, mount_setattr', ['mount-attr', '/sys/fs/bpf'], () => !bpffs(), rw],
  // of each agent its own: another's is only a file, whose owner notices
  (who) => ['write to the trail', ['create', `${W}/${who}.jsonl`, ' '], () => read(`${W}/${who}.jsonl`).endsWith(' '), () => fs.truncateSync(`${W}/${who}.jsonl`, read(`${W}/${who}.jsonl`).length - 1)],
  (who) => ['read the trail', ['read', `${W}/${who}.jsonl`], got],
  (who) => moved('move the trail', `${W}/${who}.jsonl`, `${W}/moved.jsonl`),
  (who) => moved('move the policy', `${W}/${who}.yaml`, `${W}/moved.yaml`),
  (who) => moved('move where both are', W, '/var/tmp/ec-guard-moved'),
  (who) => ['empty the policy', ['truncate', `${W}/${who}.yaml`], () => !read(`${W}/${who}.yaml`), () => policy(who)],
  ['lock the lock', ['flock', `${RUN}/lock`], (r) => r === 'done'],
  ['write beside the socket', ['create', `${RUN}/made`, 'x'], () => exists(`${RUN}/made`), () => fs.unlinkSync(`${RUN}/made`)],
  moved('move the socket', SOCK, `${RUN}/moved.sock`), moved('move all that sessions leave', RUN, '/run/elsewhere'),
  ['another socket', ['connect', SOCK], (r) => r === 'done'],
  ['how others were started', ['read', `${RUN}/${slot}.json`], got],
  steer('tracing off', '/proc/sys/kernel/ftrace_enabled', '0'), steer('bpf statistics', '/proc/sys/kernel/bpf_stats_enabled', '1'),
  steer('core_pattern', '/proc/sys/kernel/core_pattern', '|/bin/false'), steer('modprobe', '/proc/sys/kernel/modprobe', '/bin/false'),
  steer('sysrq', '/proc/sys/kernel/sysrq', '31'), steer('kptr_restrict', '/proc/sys/kernel/kptr_restrict', '2'),
  ['sysrq-trigger', ['write', '/proc/sysrq-trigger', '9'], () => read('/proc/sys/kernel/printk').startsWith('9'), () => fs.writeFileSync('/proc/sys/kernel/printk', '7')],
  steer('tracefs', `${T}/tracing_on`, '0'), steer('debugfs', '/sys/kernel/debug/tracing/tracing_on', '0'), steer('kprobes', '/sys/kernel/debug/kprobes/enabled', '0'),
  ['a kprobe', ['create', `${T}/kprobe_events`, 'p:sabotage vfs_read'], () => /sabotage/.test(read(`${T}/kprobe_events`)), () => fs.writeFileSync(`${T}/kprobe_events`, '')],
  steer('uevent helper', '/sys/kernel/uevent_helper', '/bin/false'), steer('sysfs', '/sys/kernel/mm/transparent_hugepage/enabled', 'never'),
  ['/dev/mem', ['read', '/dev/mem'], got],
];

const outside = new Saboteur(spawn(SABOTEUR, [], { stdio: ['pipe', 'pipe', 'inherit'] }));
const inside = new Saboteur(await run('inside', [SABOTEUR]));
async function attempt(who, way, words) {
  const [, , happened, back, during] = way;
  let seen = false;
  if (during) await until(() => !during());
  const watch = during && (async () => { for (let i = 0; i < 60 && !seen; i++) { seen = during(); await wait(5); } })();
  const said = await who.do(...words);
  await watch;
  if (happened) for (let i = 0; i < 20 && !(seen = Boolean(happened(said))); i++) await wait(who === outside ? 20 : 2);
  if (seen) back?.();
  return { seen, said };
}
for (const one of ways) {
  const [way, mine] = typeof one === 'function' ? [one('decoy'), one('inside')] : [one, one], name = way[0];
  let r = await attempt(outside, way, way[1]);
  if (!r.seen && ['ENOENT', 'ENOSYS', 'EBUSY'].includes(r.said)) { console.log(`SKIP ${name}: ${r.said} for everybody on this kernel`); continue; }
  check(r.seen, `${name}: works outside`, r);
  r = await attempt(inside, mine, mine[1]);
  check(!r.seen && r.said !== 'GONE' && r.said !== 'done', `${name}: does not work inside`, r);
}
// and its own controller
for (const way of ['kill', 'tgkill', 'pidfd-kill', 'queue']) {
  const said = await inside.do(way, inside.child.pid, 19);
  check(read(`/proc/${inside.child.pid}/stat`).includes(') T ') === false && said === 'EPERM', `${way}: not its own controller either`, said);
}
const denials = read(`${W}/inside.jsonl`).trim().split('\n').map((l) => JSON.parse(l)).filter((r) => r.kind === 'denial');
check(denials.length > 40 && denials.some((r) => r.target === 'signal') && denials.some((r) => r.target === 'bpf'), 'the trail has what was tried', denials.length);
check(spawnSync(EC, ['status']).status === 0, 'and all is well afterwards', spawnSync(EC, ['status'], { encoding: 'utf8' }).stdout);
outside.child.stdin.end();
inside.child.stdin.end();
await new Promise((d) => inside.child.on('exit', d));
decoy.kill('SIGTERM');
victim.kill('SIGKILL');
await new Promise((d) => decoy.on('exit', d));
for (const d of ['guarded', 'elsewhere', 'victim']) try { fs.rmdirSync(`${CG}/${d}`); } catch { /* its last task is still leaving */ }
report();
