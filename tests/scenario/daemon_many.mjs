// SPDX-License-Identifier: Apache-2.0
// daemon_many.mjs - a hundred agents in one node agent: they fit into its memory, and
// threads and children are adopted. In a mount namespace of its own, so that nobody
// else's sensor is touched, and observing, which any kernel can. As root.
import fs from 'node:fs';
import path from 'node:path';
import { spawn, spawnSync } from 'node:child_process';
import { report, check } from './report.mjs';

const EC = path.resolve(process.env.EC ?? 'build/enforcecore'), THREADS = path.resolve(path.dirname(EC), 'tests/scenario/threads');
const HERE = new URL('.', import.meta.url).pathname, BUDGET_KB = 32 << 10, AGENTS = 100;
if (!process.env.EC_UNSHARED) {
  const { status } = spawnSync('unshare', ['-m', 'sh', '-c', 'mount -t tmpfs none /run && mount -t bpf none /sys/fs/bpf && exec "$0" "$1"', process.execPath, `${HERE}daemon_many.mjs`], { stdio: 'inherit', env: { ...process.env, EC, EC_UNSHARED: '1' } });
  process.exit(status ?? 1);
}
const W = fs.mkdtempSync('/var/tmp/ec-many-'), CG = '/run/cgroup', TOP = `ec-many-${process.pid}`;
const wait = (ms) => new Promise((d) => setTimeout(d, ms));
async function until(claim, ms = 120000) {
  for (const end = Date.now() + ms; Date.now() < end && daemon.exitCode === null; await wait(100)) { const c = await claim(); if (c) return c; }
  return false;
}
const read = (file) => { try { return fs.readFileSync(file, 'utf8'); } catch { return ''; } };
const status = () => JSON.parse(read('/run/enforcecore/daemon.json') || '{}');
const records = (n) => read(`${W}/trails/many@${TOP}=${n}.jsonl`).trim().split('\n').flatMap((l) => { try { return [JSON.parse(l)]; } catch { return []; } });
const children = [];
function enter(n, ...command) {
  fs.mkdirSync(`${CG}/${TOP}/${n}`);
  children.push(spawn('/bin/sh', ['-c', `echo $$ >${CG}/${TOP}/${n}/cgroup.procs && exec "$@"`, 'sh', ...command], { stdio: 'ignore' }));
  return children.at(-1);
}

fs.mkdirSync(CG);
spawnSync('mount', ['-t', 'cgroup2', 'none', CG]);
fs.mkdirSync(`${CG}/${TOP}`);
fs.writeFileSync(`${W}/secret`, 'SECRET');
// a policy as large as they come
fs.writeFileSync(`${W}/policy.yaml`, `extends: ${path.resolve(HERE, '../../policy/profiles/coding-agent.yaml')}\nname: many\n`);
fs.writeFileSync(`${W}/daemon.yaml`, `trail_dir: ${W}/trails\nkey: null\nagents:\n  - { name: many, policy: policy.yaml, mode: observe, select: { cgroup: "/${TOP}/*" } }\n`);
for (let n = 1; n < AGENTS; n++) enter(n, '/bin/sleep', '600');
const threads = enter(AGENTS, THREADS, '/etc/shadow', `${W}/counts`);
const daemon = spawn(EC, ['daemon', '-c', `${W}/daemon.yaml`], { stdio: ['ignore', 'ignore', 'pipe'] });
daemon.err = '';
daemon.stderr.on('data', (d) => { daemon.err += d; });
daemon.gone = new Promise((d) => daemon.on('exit', (code, signal) => d(code ?? signal)));
const size = (name) => Number(read(`/proc/${daemon.pid}/status`).match(new RegExp(`${name}:\\s+(\\d+)`))?.[1]);

check(await until(() => status().agents === AGENTS), `${AGENTS} agents`, [status(), daemon.err.slice(-400)]);
const seen = () => new Set(records(AGENTS).filter((r) => r.op === 'read' && r.target === '/etc/shadow').map((r) => r.tid === r.pid ? (r.pid === threads.pid ? 'main' : 'child') : r.tid));
check(await until(() => seen().size >= 5), 'the records of every thread, and of children', [...seen()]);
check(size('VmRSS') > 0 && size('VmRSS') <= BUDGET_KB, `resident: ${size('VmRSS')} kB of ${BUDGET_KB}`);
console.log(`  ${AGENTS} agents: ${size('VmRSS')} kB resident, ${size('VmHWM')} kB at most so far`);
fs.appendFileSync(`${W}/policy.yaml`, 'kernel: { baseline: { read: 1 } }\n');
check(await until(() => status().error?.includes(`${W}/policy.yaml:3:`)), 'a wrong policy is told, with its place', status());
fs.writeFileSync(`${W}/policy.yaml`, 'name: another\nkernel: { baseline: { read: ["/**"], exec: ["/**"] } }\n');
const replaced = () => [1, 50, AGENTS].every((n) => records(n).some((r) => r.kind === 'policy_replaced' && r.policy === 'another'));
check(await until(() => !status().error && replaced()), 'another one is in force for all', status());
check(size('VmRSS') <= BUDGET_KB, `resident after it: ${size('VmRSS')} kB of ${BUDGET_KB}`);
console.log(`  under another policy: ${size('VmRSS')} kB resident, ${size('VmHWM')} kB at most so far`);
for (const child of children) child.kill('SIGKILL');
// once the last process of each is gone
const empty = (n) => { try { fs.rmdirSync(`${CG}/${TOP}/${n}`); return true; } catch (e) { return e.code === 'ENOENT'; } };
for (let n = 1; n <= AGENTS; n++) if (!await until(() => empty(n), 10000)) check(false, `the cgroup ${n} is left`);
check(await until(() => status().agents === 0), 'they end with their cgroups', status());
daemon.kill('SIGTERM');
check(await daemon.gone === 0, 'and it ends');
try { fs.rmdirSync(`${CG}/${TOP}`); } catch (e) { check(false, 'a cgroup is left', e.message); }
fs.rmSync(W, { recursive: true });
report();
