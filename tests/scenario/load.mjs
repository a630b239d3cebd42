// SPDX-License-Identifier: Apache-2.0
// load.mjs - more than there is room for: refusals hold, each is in the trail or
// counted in a gap, and nobody else notices. Runs in a kernel that can enforce,
// as root.
import fs from 'node:fs';
import path from 'node:path';
import { spawn, spawnSync } from 'node:child_process';
import { keep } from './keeper.mjs';
import { report, check } from './report.mjs';

const EC = path.resolve(process.env.EC ?? 'build/enforcecore');
const LOAD = path.resolve('build/tests/scenario/load');
const W = '/var/tmp/ec-load';
const wait = (ms) => new Promise((d) => setTimeout(d, ms));
const until = async (claim, ms = 120000) => { for (let t = 0; t < ms && !claim(); t += 50) await wait(50); return claim(); };
const counts = (text) => Object.fromEntries([...(text ?? '').matchAll(/(\w+)=(\d+)/g)].map(([, k, v]) => [k, Number(v)]));
const add = (a, b) => Object.fromEntries(Object.keys({ ...a, ...b }).map((k) => [k, (a[k] ?? 0) + (b[k] ?? 0)]));

function trail(name) {
  const file = `${W}/${name}.jsonl`;
  // a torn line is accounted for in the next one, which verify checks
  const parse = (l) => { try { return JSON.parse(l); } catch { return { kind: 'torn' }; } };
  const records = fs.readFileSync(file, 'utf8').trim().split('\n').map(parse);
  const gaps = records.filter((r) => r.kind === 'gap').reduce(add, {});
  return {
    holds: spawnSync(EC, ['verify', file]).status === 0,
    lines: records.filter((r) => r.kind === 'denial').length,
    of: (target) => records.filter((r) => r.kind === 'denial' && r.target === target).length,
    gaps,
    missing: (gaps.lost_denials ?? 0) + (gaps.unwritten_denials ?? 0),
    end: records.find((r) => r.kind === 'session_end'),
    records,
  };
}

fs.rmSync(W, { recursive: true, force: true });
fs.mkdirSync(W, { recursive: true });
for (const name of ['ok', 'never']) fs.writeFileSync(`${W}/${name}`, name);
fs.writeFileSync(`${W}/policy.yaml`, `
name: load
kernel:
  baseline:
    exec: ["${LOAD}", "/usr/bin/**", "/bin/**"]
    read: ["/usr/**", "/lib/**", "/lib64/**", "/etc/**", "/proc/self/**", "${W}/ok", "${W}/go"]
    write: ["/dev/null", "${W}/knocked"]
  tools: { act: { read: ["\${args.path}"] } }
`);
const start = (name, argv, { shell, trailFile } = {}) => {
  const words = [EC, 'run', '-p', `${W}/policy.yaml`, '--trail', trailFile ?? `${W}/${name}.jsonl`, '--', ...argv];
  const child = shell ? spawn('/bin/sh', ['-c', `${shell}; exec "$@"`, 'sh', ...words], { cwd: W }) : spawn(words[0], words.slice(1), { cwd: W });
  child.out = ''; child.err = '';
  child.stdout.on('data', (d) => { child.out += d; });
  child.stderr.on('data', (d) => { child.err += d; });
  child.ended = new Promise((done) => child.on('close', (code, signal) => done({ code, signal, ...counts(child.out) })));
  return child;
};
const bystander = () => {
  fs.rmSync(`${W}/stop`, { force: true });
  const child = spawn(LOAD, ['work', W]);
  let out = ''; child.stdout.on('data', (d) => { out += d; });
  return async () => { fs.writeFileSync(`${W}/stop`, ''); await new Promise((d) => child.on('close', d)); return counts(out); };
};
const undisturbed = async (stop, name) => { const b = await stop(); check(b.rounds > 0 && b.errors === 0, `${name}: the bystander is undisturbed`, b); };

// every refusal that the agent saw is in the trail, or in a gap
function accounted(name, seen, extra = 0) {
  const t = trail(name);
  check(t.holds, `${name}: the trail holds`);
  check(seen.opened === 0 && seen.refused > 0 && seen.errors === 0, `${name}: refusals hold`, seen);
  check(t.lines + t.missing === seen.refused + extra, `${name}: each refusal is in the trail or in a gap`, { lines: t.lines, gaps: t.gaps, seen, extra });
  return t;
}

async function floods() {
  const bare = counts(spawnSync(LOAD, ['flood', '2', '100', `${W}/never`], { encoding: 'utf8' }).stdout);
  check(bare.opened === 200, 'without EnforceCore it opens', bare);
  const stop = bystander();
  const big = start('flood', [LOAD, 'flood', '4', '15000', `${W}/never`]);
  await until(() => fs.existsSync(`${W}/flood.jsonl`) && fs.statSync(`${W}/flood.jsonl`).size > 4096);
  const small = start('beside', [LOAD, 'flood', '1', '100', `${W}/never`]);
  const beside = await small.ended, seen = await big.ended;
  await undisturbed(stop, 'flood');
  const t = accounted('flood', seen);
  check(seen.refused === 60000 && t.end?.denials === 60000, 'flood: all came, and the kernel counted them', { seen, end: t.end });
  const other = accounted('beside', beside);
  check(other.lines === 100 && other.missing === 0, 'flood: another agent has rings of its own', other.gaps);
}

async function forks() {
  const stop = bystander();
  const storm = await start('forks', [LOAD, 'forks', '400', `${W}/never`, `${W}/ok`]).ended;
  await undisturbed(stop, 'forks');
  const t = accounted('forks', storm);
  check(storm.born === 400 && storm.refused === 400 && storm.ok === 400, 'forks: each of 400 at once is held, and has what it may have', storm);
  check(t.end !== undefined, 'forks: the session ends');
}

async function disk() {
  fs.mkdirSync(`${W}/small`);
  spawnSync('/bin/mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', `${W}/small`]);
  fs.rmSync(`${W}/go`, { force: true });
  const script = `${LOAD} flood 1 3000 ${W}/never; ${EC} call begin --tool act --args '{}' >/dev/null 2>&1; echo full=$?; while ! test -e ${W}/go; do sleep 0.1; done; ${LOAD} flood 1 50 ${W}/never`;
  const child = start('disk', ['/bin/sh', '-c', script], { trailFile: `${W}/small/disk.jsonl` });
  await until(() => /full=/.test(child.out));
  const full = spawnSync('/bin/df', ['--output=avail', `${W}/small`], { encoding: 'utf8' }).stdout;
  check(/\b0\b/.test(full), 'disk: it is full', full);
  check(!/full=0/.test(child.out), 'disk: no call is opened that cannot be recorded', child.out);
  spawnSync('/bin/mount', ['-o', 'remount,size=32m', `${W}/small`]);
  fs.writeFileSync(`${W}/go`, '');
  await child.ended;
  fs.copyFileSync(`${W}/small/disk.jsonl`, `${W}/disk.jsonl`);
  const [first, second] = child.out.split('full=').map(counts);
  const t = accounted('disk', add(first, second));
  check(t.gaps.unwritten_denials > 0 && first.refused === 3000 && second.refused === 50, 'disk: what could not be written is told when it can', { gaps: t.gaps, err: child.err });
  spawnSync('/bin/umount', [`${W}/small`]);
}

async function descriptors() {
  for (const name of ['go', 'knocked']) fs.rmSync(`${W}/${name}`, { force: true });
  // as many as it needs, and three for those that knock
  const script = `${LOAD} doors 200 "$ENFORCECORE_SOCKET"; ${EC} call begin --tool act --args '{"path":"${W}/ok"}' >/dev/null; echo after=$?; ${LOAD} flood 1 200 ${W}/never`;
  const child = start('doors', ['/bin/sh', '-c', script], { shell: 'ulimit -n 45' });
  await until(() => fs.existsSync(`${W}/knocked`));
  await wait(1500);
  const fds = fs.readdirSync(`/proc/${child.pid}/fd`).length;
  const ticks = () => { const s = fs.readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(' '); return Number(s[13]) + Number(s[14]); };
  const before = ticks(); await wait(1000); const busy = ticks() - before;
  check(fds === 45 && busy < 50, 'descriptors: the controller has no more, and does not turn in circles', { fds, busy });
  fs.writeFileSync(`${W}/go`, '');
  const seen = await child.ended;
  check(/after=0/.test(child.out), 'descriptors: when they are gone, calls are opened again', child.out + child.err);
  const flood = counts(child.out.split('after=')[1]);
  accounted('doors', flood);
  check(flood.refused === 200 && seen.code === 0, 'descriptors: refusals hold', { flood, seen });
}

async function memory() {
  fs.rmSync(`${W}/go`, { force: true });
  const script = `echo ready; while ! test -e ${W}/go; do sleep 0.1; done; ${LOAD} greedy 3 "$ENFORCECORE_SOCKET"; ${LOAD} flood 2 3000 ${W}/never; echo during; ` +
    `while test -e ${W}/go; do sleep 0.1; done; ${LOAD} greedy 3 "$ENFORCECORE_SOCKET"; ${EC} call begin --tool act --args '{"path":"${W}/ok"}' >/dev/null; echo after=$?`;
  const child = start('memory', ['/bin/sh', '-c', script]);
  await until(() => /ready/.test(child.out));
  const size = Number(/VmSize:\s+(\d+)/.exec(fs.readFileSync(`/proc/${child.pid}/status`, 'utf8'))[1]) * 1024;
  const limit = (bytes) => spawnSync('/usr/bin/prlimit', ['--pid', `${child.pid}`, `--as=${bytes}`]);
  check(limit(size).status === 0, 'memory: the controller gets no more');
  fs.writeFileSync(`${W}/go`, '');
  await until(() => /during/.test(child.out));
  limit('unlimited');
  fs.rmSync(`${W}/go`);
  const end = await child.ended;
  const [first, flood, last] = child.out.split('\n').filter((l) => /opened=/.test(l)).map(counts);
  check(first.refused === 3 && last.ok === 3, 'memory: who asks for more than there is loses the connection, and only then', { first, last });
  check(end.code === 0 && /after=0/.test(child.out), 'memory: afterwards calls are opened', { out: child.out, err: child.err.slice(-300), end });
  accounted('memory', flood);
}

await keep(EC);
const parts = { floods, forks, disk, descriptors, memory };
const chosen = process.argv.slice(2);
for (const [name, part] of Object.entries(parts)) if (!chosen.length || chosen.includes(name)) await part();
report();
