// SPDX-License-Identifier: Apache-2.0
// stress.mjs [SECONDS [NAME...]] - stress-ng under a policy that permits what it does: each
// stressor once bare, then all of them for SECONDS under enforcement in two equal
// halves. No denial, nothing that works bare fails, the kernel says nothing (the
// lab fails on an oops, a stall or a warning) and the second half leaves no more
// behind than the first. Runs in a kernel that can enforce, as root.
import fs from 'node:fs';
import path from 'node:path';
import { spawn, spawnSync } from 'node:child_process';
import { keep } from './keeper.mjs';
import { report, check } from './report.mjs';

const EC = path.resolve(process.env.EC ?? 'build/enforcecore');
const LOAD = path.resolve('build/tests/scenario/load');
const W = '/var/tmp/ec-stress';
const SECONDS = Number(process.argv[2] ?? process.env.SECONDS ?? 600);
const log = (text) => process.env.VERBOSE && console.log(text);

// What passes our hooks: files, processes, sockets, IPC, and calls made at random. Not dirdeep: a path
// of more than 128 names is refused, and that limit is said (README.md).
const stressors = process.argv.length > 3 ? process.argv.slice(3) : `access bad-ioctl bind-mount chattr chdir chmod chown chroot clone close context copy-file daemon dentry dev
dev-shm dir dirmany dnotify dup dynlib enosys epoll eventfd exec exit-group fallocate fanotify fault fcntl fiemap fifo
file-ioctl filename flock fork forkheavy fstat futex getdent handle hdd inode-flags inotify io-uring iomix kcmp key kill klog
landlock lease link locka lockf lockofd memfd mknod mmapfork mq msg netdev netlink-proc netlink-task nop null open pidfd pipe
pipeherd prctl procfs pthread ptrace pty ramfs rawsock rawudp remap rename resources revio ring-pipe rlimit rmap seal seccomp
seek sem-sysv sendfile session shm shm-sysv sigio sigq sigfd sock sockabuse sockdiag sockfd sockmany sockpair spawn splice
switch symlink sync-file syncload sysbadaddr sysfs sysinfo tee tmpfs touch tun udp udp-flood umount unshare urandom userfaultfd
usersyscall utime vdso verity vfork vforkmany vm-rw vm-splice wait xattr yield zombie`.split(/\s+/);

fs.rmSync(W, { recursive: true, force: true });
fs.mkdirSync(`${W}/tmp`, { recursive: true });
fs.writeFileSync(`${W}/ok`, 'ok');
fs.writeFileSync(`${W}/policy.yaml`, `
name: stress
kernel:
  allow: [namespaces, mount, ptrace, raw-sockets, bpf, modules, signal, chroot, netlink, time, devices, credentials, admin, ipc, keys]
  baseline:
    exec: ["/**"]
    read: ["/**"]
    write: ["/**"]
    connect: ["*:*", "[::]/0:*", "unix:/**", "unix:@*"]
    listen: ["*:*", "[::]/0:*", "unix:/**", "unix:@*"]
`);

// Which failed, in stress-ng's own words: one "fail:" line or more each.
const failed = (text) => [...new Set([...text.matchAll(/^stress-ng: fail: +\[\d+\] (?:stress-ng-)?([\w-]+?):/gm)].map((m) => m[1]))];

function stress(names, seconds, before = []) {
  fs.writeFileSync(`${W}/job`, `run sequential\ntemp-path ${W}/tmp\ntimeout ${seconds}s\noomable\nverify\nno-rand-seed\n${names.map((n) => `${n} 1\n`).join('')}`);
  const words = [...before, '/usr/bin/stress-ng', '--job', `${W}/job`];
  return new Promise((done) => {
    const child = spawn(words[0], words.slice(1), { cwd: `${W}/tmp`, stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (d) => { text += d; });
    child.on('close', (code, signal) => done({ code, signal, text, failed: failed(text) }));
  });
}

// What the kernel keeps, after what it may drop.
async function kept() {
  for (let i = 0; i < 3; i++) { spawnSync('sync'); fs.writeFileSync('/proc/sys/vm/drop_caches', '3'); await new Promise((d) => setTimeout(d, 1000)); }
  const info = fs.readFileSync('/proc/meminfo', 'utf8'), of = (key) => Number(new RegExp(`^${key}: +(\\d+)`, 'm').exec(info)[1]);
  return of('SUnreclaim') + of('Percpu') + of('KernelStack') + of('PageTables');
}

const records = (name) => fs.readFileSync(`${W}/${name}.jsonl`, 'utf8').trim().split('\n').map((l) => JSON.parse(l));

await keep(EC);
const bare = await stress(stressors, 1);
log(bare.text.slice(-3000));
check(bare.text.includes('run completed') || bare.code === 0 || bare.code === 2, 'bare it runs to its end', { code: bare.code, signal: bare.signal, text: bare.text.slice(-500) });

const half = Math.max(1, Math.round(SECONDS / 2 / stressors.length)), left = [];
for (const name of ['first', 'second']) {
  const stop = `${W}/stop`;
  fs.rmSync(stop, { force: true });
  const bystander = spawn(LOAD, ['work', W], { stdio: ['ignore', 'pipe', 'inherit'] });
  let work = '';
  bystander.stdout.on('data', (d) => { work += d; });
  const ended = new Promise((done) => bystander.on('close', done));
  const start = Date.now();
  const under = await stress(stressors, half, [EC, 'run', '-p', `${W}/policy.yaml`, '--trail', `${W}/${name}.jsonl`, '--']);
  const took = Math.round((Date.now() - start) / 1000);
  fs.writeFileSync(stop, '');
  await ended;
  log(under.text.slice(-6000));
  const all = records(name), kinds = {};
  // What no policy opens: the mechanism itself, read in passing by who reads everything, and names of
  // more than NAME_MAX bytes, of which we are asked before the file system refuses them.
  const own = (r) => r.reason === 'never' && /^\/(run|var\/lib|sys\/fs\/bpf)\/enforcecore|^\/var\/tmp\/ec-/.test(r.target);
  const denied = all.filter((r) => r.kind === 'denial' && !own(r) && r.doubt !== 'too long');
  for (const r of denied) { const key = `${r.op} ${r.reason} ${r.doubt ?? r.target}`; kinds[key] = (kinds[key] ?? 0) + 1; }
  console.log(`stress: ${name} half: ${took} s, ${stressors.length} stressors of ${half} s, ${all.length} records, ${denied.length} denials, bystander ${work.trim()}`);
  check(under.signal === null && [0, 2, 3].includes(under.code), `${name}: it runs to its end`, { code: under.code, signal: under.signal, text: under.text.slice(-500) });
  check(denied.length === 0, `${name}: no denial of what the policy permits`, kinds);
  const new_ = under.failed.filter((s) => !bare.failed.includes(s));
  check(new_.length === 0, `${name}: nothing fails that works bare`, { new_, text: under.text.split('\n').filter((l) => /fail:/.test(l)).slice(0, 10) });
  check(/rounds=[1-9]/.test(work) && /errors=0\b/.test(work), `${name}: an untagged process works on`, work);
  check(spawnSync(EC, ['verify', `${W}/${name}.jsonl`]).status === 0, `${name}: the trail holds`);
  const status = JSON.parse(spawnSync(EC, ['status', '--json']).stdout.toString());
  check((status.agents ?? []).filter((a) => a.policy === 'stress').length === 0, `${name}: nobody is confined any more`, status);
  left.push(await kept());
}
console.log(`stress: kernel memory that is not reclaimable: ${left.map((k) => `${k} KiB`).join(', then ')}`);
check(left[1] - left[0] < 8192, 'the second half leaves no more than the first', left);
report();
