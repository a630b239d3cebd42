// SPDX-License-Identifier: Apache-2.0
// containers.mjs - the node agent and real containers: Podman (crun) and containerd
// (runc), each agent with the policy of its labels, named below its own root, held
// before its first exec; ways out of a privileged container. Runs in a kernel that
// can enforce, as root. IMAGE is what tests/containers/image has made.
import fs from 'node:fs';
import path from 'node:path';
import { createRequire } from 'node:module';
import { spawn, spawnSync } from 'node:child_process';
import { check, report } from './report.mjs';

const EC = process.env.EC ?? 'build/enforcecore', IMAGE = process.env.IMAGE ?? 'build/containers', MODULES = process.env.MODULES ?? 'build/npm-kubernetes';
const W = '/run/ec', PARTS = process.argv.slice(2);
const wait = (ms) => new Promise((d) => setTimeout(d, ms));
async function until(claim, ms = 60000) {
  for (const end = Date.now() + ms; Date.now() < end; await wait(50)) { const c = await claim(); if (c) return c; }
  return false;
}
const read = (file) => { try { return fs.readFileSync(file, 'utf8'); } catch { return ''; } };
const sh = (command, ...argv) => { const r = spawnSync(command, argv, { encoding: 'utf8', timeout: 120000 }); if (process.env.VERBOSE) console.log(`  ${((Date.now() - begun) / 1000).toFixed(1)} s: ${command} ${argv.join(' ').slice(0, 200)}: ${r.status} ${r.stderr?.slice(-300)}`); return r; };
const begun = Date.now();
const podman = (...argv) => sh('podman', '--storage-driver', 'vfs', '--cgroup-manager', 'cgroupfs', '--events-backend', 'none', ...argv);

// ---- the machine: what systemd and an administrator would have made ----
fs.mkdirSync(`${W}/host`, { recursive: true });
for (const d of ['containers', 'containerd']) { fs.mkdirSync(`/var/lib/${d}`, { recursive: true }); sh('mount', '-t', 'tmpfs', 'none', `/var/lib/${d}`); }
sh('cp', '-a', `${IMAGE}/storage`, '/var/lib/containers/storage');
fs.mkdirSync('/sys/fs/cgroup/libpod_parent', { recursive: true });
fs.mkdirSync('/sys/fs/cgroup/default', { recursive: true });
fs.writeFileSync(`${W}/secret`, 'HOST-SECRET');
fs.writeFileSync(`${W}/host/secret`, 'BOUND-SECRET');
const policy = (name, own) => fs.writeFileSync(`${W}/${name}.yaml`, `
name: ${name}
kernel:
  baseline:
    exec: ["/bin/**"]
    read: ["/", "/bin/**", "/data/${own}", "/proc/self/**", "/tmp/**"]
    write: ["/dev/null", "/dev/zero", "/tmp/**"]
  never: { read: ["/etc/secret"] }
`);
policy('a', 'a');
policy('b', 'b');
fs.writeFileSync(`${W}/daemon.yaml`, `
trail_dir: ${W}/trails
hold: [/libpod_parent, /default]
agents:
  - { name: a, policy: a.yaml, select: { container: { labels: { policy: a } } } }
  - { name: b, policy: b.yaml, select: { container: { labels: { policy: b } } } }
  - { name: named, policy: a.yaml, select: { container: { name: by-name, image: "localhost/agent:*" } } }
`);
const privileged = ['--privileged', '--pid', 'host', '--network', 'none', '-v', `${W}/host:/host`];
const run = (name, ...argv) => podman('run', '--name', name, ...argv);
const said = (r) => new Set(r.stdout.split('\n').filter((l) => l.startsWith('did ')).map((l) => l.split(' ')[1]));
const PATTERN = '/proc/sys/kernel/core_pattern', MODPROBE = '/proc/sys/kernel/modprobe';
const was = { pattern: read(PATTERN), modprobe: read(MODPROBE) };
const restore = () => { for (const [file, text] of [[PATTERN, was.pattern], [MODPROBE, was.modprobe]]) if (read(file) !== text) fs.writeFileSync(file, text); fs.rmSync(`${W}/host/written`, { force: true }); };
const records = (file) => read(file).trim().split('\n').filter(Boolean).map((l) => JSON.parse(l));
const trails = () => { try { return fs.readdirSync(`${W}/trails`).filter((f) => f.endsWith('.jsonl')).map((f) => records(`${W}/trails/${f}`)); } catch { return []; } };
const trailOf = (name) => trails().find((t) => t.some((r) => r.container?.name === name)) ?? [];
const ATTACKS = ['init-root', 'nsenter', 'chroot', 'bound', 'bound-write', 'mount', 'unshare', 'device', 'log', 'core-pattern', 'modprobe', 'cgroup'];

let daemon;
async function start() {
  sh('mount', '--make-rprivate', '/');
  fs.mkdirSync('/run/podman', { recursive: true });
  const service = spawn('podman', ['--storage-driver', 'vfs', '--cgroup-manager', 'cgroupfs', '--events-backend', 'none', 'system', 'service', '--time', '0', 'unix:///run/podman/podman.sock'], { stdio: ['ignore', 'ignore', 'inherit'] });
  daemon = spawn(EC, ['daemon', '-c', `${W}/daemon.yaml`], { stdio: ['ignore', 'inherit', 'inherit'] });
  check(await until(() => fs.existsSync('/run/podman/podman.sock') && fs.existsSync('/run/enforcecore/daemon.json')), 'the node agent is ready');
  daemon.service = service;
}

// Of a container that nobody asks for every one of them works, or it proves nothing.
function control() {
  const did = said(run('control', ...privileged, 'localhost/agent:1', '/bin/attacks'));
  for (const name of [...ATTACKS, 'own-file', 'other-file', 'own-secret']) check(did.has(name), `${name} works in one that nobody asks for`, [...did]);
  check(read(PATTERN).startsWith('|/run/ec/pwn') && read(MODPROBE).startsWith('/run/ec/pwn') && read(`${W}/host/written`) === 'pwned\n', 'and has its effect', [read(PATTERN), read(MODPROBE)]);
  restore();
}

function confined() {
  const r = run('attacker', ...privileged, '--label', 'policy=a', 'localhost/agent:1', '/bin/attacks');
  const did = said(r), whole = r.stdout.endsWith('end\n');
  check(whole && did.has('own-file'), 'a confined container runs, and reads what is its own', [r.stdout, r.stderr]);
  for (const name of [...ATTACKS, 'other-file', 'own-secret']) check(whole && !did.has(name), `${name} is refused in a privileged container`, r.stdout);
  check(!/SECRET/.test(r.stdout), 'nothing of the host is told', r.stdout);
  check(read(PATTERN) === was.pattern && read(MODPROBE) === was.modprobe && !fs.existsSync(`${W}/host/written`), 'nor is anything of it changed', [read(PATTERN), read(MODPROBE)]);
  restore();
  const begin = trailOf('attacker').find((x) => x.kind === 'session_begin')?.container;
  check(begin?.runtime === 'podman' && /^[0-9a-f]{64}$/.test(begin.id) && begin.image === 'localhost/agent:1' && begin.labels?.policy === 'a' && begin.node === 'vm', 'its trail says which container', begin);
  check(trailOf('attacker').some((x) => x.kind === 'denial' && x.target === '/data/b') && trailOf('attacker').some((x) => x.kind === 'denial' && x.target === '/host/secret'), 'files have their names below its root', trailOf('attacker').filter((x) => x.kind === 'denial').map((x) => x.target));
}

function two() {
  const r = run('other', '--network', 'none', '--label', 'policy=b', 'localhost/agent:1', '/bin/sh', '-c', 'cat /data/a; cat /data/b');
  check(r.stdout === 'of-b\n', 'another container has another policy', [r.stdout, r.stderr]);
  const n = run('by-name', '--network', 'none', 'localhost/agent:1', '/bin/sh', '-c', 'cat /data/a; cat /data/b');
  check(n.stdout === 'of-a\n', 'by name and image as well', [n.stdout, n.stderr]);
  const b = run('bystander', '--network', 'none', 'localhost/agent:1', '/bin/sh', '-c', 'cat /data/a /data/b /etc/secret');
  check(b.stdout === 'of-a\nof-b\nnot-for-agents\n', 'one that nobody asks for does as it likes', [b.stdout, b.stderr]);
}

function entered() {
  run('standing', '-d', '--network', 'none', '--label', 'policy=a', 'localhost/agent:1', '/bin/sleep', '600');
  const r = podman('exec', '--privileged', 'standing', '/bin/sh', '-c', 'cat /data/a; cat /data/b; cat /etc/secret');
  check(r.stdout === 'of-a\n', 'who is started in it later is confined, too', [r.stdout, r.stderr]);
  podman('rm', '-f', '-t', '0', 'standing');
}

async function containerd() {
  const server = spawn('containerd', [], { stdio: ['ignore', 'ignore', 'ignore'] });
  check(await until(() => sh('ctr', 'version').status === 0), 'containerd is there');
  sh('ctr', 'image', 'import', `${IMAGE}/agent.tar`);
  const image = sh('ctr', 'image', 'ls', '-q').stdout.trim().split('\n')[0];
  const ctr = (name, ...argv) => sh('ctr', 'run', '--rm', ...argv.slice(0, -1), image, name, '/bin/sh', '-c', argv.at(-1));
  const c = ctr('free', '--privileged', 'cat /data/a /data/b; mount -t tmpfs none /tmp && echo mounted');
  check(c.stdout === 'of-a\nof-b\nmounted\n', 'a container of containerd, that nobody asks for', [c.stdout, c.stderr]);
  const r = ctr('held', '--privileged', '--label', 'policy=b', 'cat /data/a; cat /data/b; mount -t tmpfs none /tmp && echo mounted');
  check(r.stdout === 'of-b\n', 'and one that is an agent', [r.stdout, r.stderr]);
  const begin = trails().map((t) => t[0]?.container).find((x) => x?.id === 'held');
  check(begin?.runtime === 'containerd' && begin.labels?.policy === 'b', 'its trail says which', trails().map((t) => t[0]?.container));
  server.kill('SIGKILL');
}

// The pod of deploy/kubernetes itself, by podman kube play: what no API server gives is left out
// (the token, the names of the node), and Podman's own list of containers comes in, for kubelets do not use it.
async function kube() {
  if (!fs.existsSync(`${MODULES}/node_modules/yaml`)) { check(false, 'SKIP kube: no MODULES'); return; }
  const YAML = createRequire(`${path.resolve(MODULES)}/x.js`)('yaml');
  const [set, config] = ['daemonset', 'configmap'].map((name) => YAML.parse(read(`deploy/kubernetes/base/${name}.yaml`)));
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { ...set.spec.template.metadata, name: 'node-agent' }, spec: set.spec.template.spec };
  const container = pod.spec.containers[0], alive = container.livenessProbe.exec.command;
  // Podman's health checks are systemd's timers, which are not here
  for (const probe of ['startupProbe', 'readinessProbe', 'livenessProbe']) delete container[probe];
  container.image = 'localhost/enforcecore:latest';
  container.env = [{ name: 'ENFORCECORE_NODE', value: 'node-1' }];
  for (const name of ['token']) { pod.spec.volumes = pod.spec.volumes.filter((v) => v.name !== name); container.volumeMounts = container.volumeMounts.filter((m) => m.name !== name); }
  pod.spec.volumes.push({ name: 'storage', hostPath: { path: '/var/lib/containers/storage/vfs-containers' } });
  container.volumeMounts.push({ name: 'storage', mountPath: '/var/lib/containers/storage/vfs-containers', readOnly: true });
  config.data['daemon.yaml'] = config.data['daemon.yaml'].replace(/hold: .*/, 'hold: [/libpod_parent]').replace(/select: .*/, 'select: { container: { name: "of-kube*" } }');
  config.data['agent.yaml'] = read(`${W}/a.yaml`);
  for (const d of ['/run/enforcecore', '/var/log/enforcecore', '/run/containerd', '/run/containers/storage']) fs.mkdirSync(d, { recursive: true });
  fs.writeFileSync(`${W}/pod.yaml`, [config, pod].map((o) => YAML.stringify(o)).join('---\n'));
  fs.rmSync('/run/enforcecore/daemon.json', { force: true });
  // what of the pod's Podman 4.3 does not know
  const options = [pod.spec.hostPID && 'pidns = "host"', container.securityContext.appArmorProfile.type === 'Unconfined' && 'apparmor_profile = "unconfined"'];
  fs.writeFileSync(`${W}/containers.conf`, ['[containers]', ...options.filter(Boolean), ''].join('\n'));
  process.env.CONTAINERS_CONF = `${W}/containers.conf`;
  const play = podman('kube', 'play', '--start=false', '--network', 'host', `${W}/pod.yaml`), id = /^Pod:\n([0-9a-f]{64})/m.exec(play.stdout)?.[1];
  delete process.env.CONTAINERS_CONF;
  // Where it makes a pod's cgroup itself, Podman 4.3 permits no device there, and no container starts (with nothing of ours loaded, too)
  for (const [number] of sh('bpftool', 'cgroup', 'show', `/sys/fs/cgroup/libpod_parent/${id}`).stdout.matchAll(/^\d+(?=\s+(cgroup_)?device)/gm)) sh('bpftool', 'cgroup', 'detach', `/sys/fs/cgroup/libpod_parent/${id}`, 'device', 'id', number);
  const up = podman('pod', 'start', 'node-agent');
  const there = up.status === 0 && await until(() => fs.existsSync('/run/enforcecore/daemon.json'), 30000);
  check(play.status === 0 && there, 'podman kube play runs the pod of the DaemonSet', [play.stdout, play.stderr, up.stderr, podman('inspect', '-f', '{{.AppArmorProfile}} {{.EffectiveCaps}} {{.HostConfig.SecurityOpt}} {{.HostConfig.PidMode}}', 'node-agent-daemon').stdout, podman('logs', '--tail', '3', 'node-agent-daemon').stderr]);
  if (!there) return;
  const probe = podman('exec', 'node-agent-daemon', ...alive);
  check(probe.status === 0, 'its probe finds it alive', probe);
  const status = read(`/proc/${podman('inspect', '-f', '{{.State.Pid}}', 'node-agent-daemon').stdout.trim()}/status`);
  const BITS = { SYS_ADMIN: 21, SYS_PTRACE: 19, SYSLOG: 34, DAC_READ_SEARCH: 2, KILL: 5 };
  const wanted = container.securityContext.capabilities.add.reduce((sum, name) => sum + (1n << BigInt(BITS[name])), 0n);
  check(BigInt(`0x${/CapEff:\s*([0-9a-f]+)/.exec(status)?.[1] ?? 0}`) === wanted && /NoNewPrivs:\s*1/.test(status), 'with the capabilities that it asks for', status.split('\n').filter((l) => /^(Cap|NoNew|Seccomp|VmRSS)/.test(l)));
  if (process.env.VERBOSE) console.log(status.split('\n').filter((l) => /^(Cap|NoNew|Seccomp|VmRSS)/.test(l)).join(' '));
  const r = run('of-kube', ...privileged, 'localhost/agent:1', '/bin/attacks'), did = said(r);
  check(r.stdout.endsWith('end\n') && did.has('own-file'), 'a container runs under the pod', [r.stdout, r.stderr]);
  for (const name of [...ATTACKS, 'other-file', 'own-secret']) check(r.stdout.endsWith('end\n') && !did.has(name), `${name} is refused`, r.stdout);
  restore();
  // a rolling update: the kernel goes on while there is none
  run('of-kube-2', '-d', '--network', 'none', 'localhost/agent:1', '/bin/sh', '-c', 'while :; do cat /data/b >/tmp/b && echo did; sleep 1; done');
  podman('pod', 'rm', '-f', '-t', '3', 'node-agent');
  await wait(2500);
  check(podman('logs', 'of-kube-2').stdout === '', 'a confined container stays confined when the pod is gone');
  podman('rm', '-f', '-t', '0', 'of-kube-2');
}

const parts = { start, confined, control, two, entered, containerd, kube };
// Its end, and of all that it has left: a pod below what it holds would wait for it.
async function stop() {
  daemon.kill('SIGTERM');
  await new Promise((done) => { daemon.on('exit', done); });
  const end = sh(EC, 'adopt', '--all', '--end');
  check(end.status === 0 && await until(() => !fs.existsSync('/sys/fs/bpf/enforcecore'), 10000), 'the node agent ends, and nothing is loaded', [end.stdout, end.stderr]);
}
for (const [name, part] of Object.entries(parts)) {
  if (name === 'kube') await stop();
  if (!PARTS.length || name === 'start' || PARTS.includes(name)) await part();
}
daemon.service.kill('SIGKILL');
if (process.env.VERBOSE) console.log(`${((Date.now() - begun) / 1000).toFixed(1)} s`);
report();
