// SPDX-License-Identifier: Apache-2.0
// observe.mjs - a host that cannot enforce observes: every effect of effects.c is in
// the trail, with its process, its name, and how that is known; calls have what they
// did; a policy can be learned. Runs where LSM programs are refused, natively and
// as root; where they are not, with --no-lsm, and then the LSM sensor's record of the
// same is compared with it.
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { spawn, spawnSync } from 'node:child_process';
import { Client } from './client.mjs';
import { check, report } from './report.mjs';

const EC = path.resolve(process.env.EC ?? 'build/enforcecore');
const HERE = new URL('.', import.meta.url).pathname;
const EFFECTS = path.resolve(`${path.dirname(EC)}/tests/scenario/effects`);
const W = '/var/tmp/ec-observe', PINS = '/sys/fs/bpf/enforcecore';
const wait = (ms) => new Promise((done) => setTimeout(done, ms));

const skip = (why) => { console.log(`SKIP observing: ${why}`); process.exit(0); };
if (process.getuid() !== 0) skip('not root');
if (!fs.existsSync('/sys/kernel/btf/vmlinux')) skip('this kernel has no BTF');
if (fs.existsSync(PINS)) skip('a sensor is loaded for others');

const enforces = spawnSync(EC, ['info', '--can-enforce']).status === 0;
const no_lsm = enforces ? ['--no-lsm'] : [];
const observe = ['run', '--observe', ...no_lsm];

fs.rmSync(W, { recursive: true, force: true });
fs.mkdirSync(W, { recursive: true });
const policy = (name, text) => { fs.writeFileSync(`${W}/${name}.yaml`, `name: ${name}\nkernel:\n${text}\n`); return `${W}/${name}.yaml`; };
const wide = policy('wide', '  baseline: { exec: ["/**"], read: ["/usr/**", "/lib/**", "/lib64/**", "/etc/**", "/proc/**", "/sys/**"], write: ["/dev/null"] }');
const trail = (name) => fs.readFileSync(`${W}/${name}.jsonl`, 'utf8').trim().split('\n').map((l) => JSON.parse(l));
const effects = (records) => records.filter((r) => r.kind === 'effect' || r.kind === 'denial');
const ec = (args, options) => spawnSync(EC, args, { encoding: 'utf8', ...options });
const key = (e) => JSON.stringify([e.pid, e.op, e.target, !!e.said, !!e.failed]);

const server = net.createServer((c) => { c.on('error', () => {}); c.resume(); });
await new Promise((done) => server.listen(0, '127.0.0.1', done));
const PORT = server.address().port;

// Without blocking, for the server above is here.
const run = (args) => new Promise((done) => {
  const child = spawn(EC, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '', stderr = '';
  child.stdout.on('data', (d) => { stdout += d; });
  child.stderr.on('data', (d) => { stderr += d; });
  child.on('close', (status) => done({ status, stdout, stderr, pid: child.pid }));
});

async function play(name, flags) {
  fs.mkdirSync(`${W}/${name}/d`, { recursive: true, mode: 0o755 });
  const r = await run([...flags, '-p', wide, '--record', 'all', '--trail', `${W}/${name}.jsonl`, '--', EFFECTS, `${W}/${name}/d`, String(PORT)]);
  check(r.status === 0, `${name}: the program works`, r);
  for (const line of r.stderr.match(/^SKIP .*/gm) ?? []) console.log(line);
  return { ...r, told: r.stdout.trim().split('\n').map((l) => JSON.parse(l)), records: trail(name) };
}

async function sees() {
  // the same beside it, of nobody's
  fs.mkdirSync(`${W}/beside/d`, { recursive: true });
  const beside = spawn(EFFECTS, [`${W}/beside/d`, String(PORT)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const bystander = new Promise((done) => beside.on('close', done));
  const r = await play('watched', observe), seen = new Set(effects(r.records).map(key));
  check(await bystander === 0, 'a bystander is undisturbed');
  for (const e of r.told) {
    // what the caller said is known as such only where the kernel has no better
    const said = !e.said && /connect/.test(e.op) && seen.has(key({ ...e, said: true })) && r.records[0].not_seen.some((n) => /inet/.test(n));
    check(said || seen.has(key(e)), `seen: ${e.op} ${e.target}`, { e, near: effects(r.records).filter((x) => x.target === e.target) });
  }
  const pids = new Set(r.told.map((e) => e.pid));
  const strangers = effects(r.records).filter((e) => !pids.has(e.pid) && e.op !== 'exec' && !/^\/(etc|usr|lib|proc)/.test(e.target));
  check(strangers.length === 0, 'of nobody else', strangers.slice(0, 3));
  check(!fs.readFileSync(`${W}/watched.jsonl`, 'utf8').includes(`${W}/beside`), 'the bystander is in no record');
  check(r.records[0].observed_from === 'syscalls' && r.records[0].mode === 'observe' && r.records[0].not_seen.length > 5, 'the trail says what it was observed from', r.records[0]);
  check(/observing from system calls/.test(r.stderr) && /not seen: /.test(r.stderr), 'and so does stderr', r.stderr);
  check(!r.records.some((x) => x.verdict === 'deny' || x.kind === 'gap' || x.kind === 'canary'), 'nothing was refused or lost', r.records.filter((x) => x.verdict === 'deny' || x.kind === 'gap' || x.kind === 'canary'));
  check(ec(['verify', `${W}/watched.jsonl`]).status === 0, 'the trail verifies');
  return r;
}

// Both sensors' records of the same, but for what each says that it does not see.
async function agree(watched) {
  const lsm = await play('lsm', ['run', '--observe']);
  const plain = (name, r) => new Set(effects(r.records).filter((e) => !e.failed).map((e) => `${e.verdict} ${e.op} ${e.target.replaceAll(`${W}/${name}/`, '').replace(/^0\.0\.0\.0:\d+$/, 'any port')}`));
  const a = plain('lsm', lsm), b = plain('watched', watched);
  // what execve itself opens: the program, and its loader
  const known = (line) => /^allow load (.*)/.test(line) && (/\/ld-[^/]*$/.test(line) || a.has(line.replace('load', 'exec')));
  const only_lsm = [...a].filter((l) => !b.has(l) && !known(l)), only_watch = [...b].filter((l) => !a.has(l));
  check(a.size > 40 && only_lsm.length === 0, 'the LSM sensor tells of nothing more', only_lsm);
  check(only_watch.length === 0, 'nor of less', only_watch);
  check(lsm.records[0].observed_from === undefined, 'and says no such thing of itself');
}

async function calls() {
  const file = `${W}/data.txt`, p = policy('calls', `  baseline: { exec: ["/usr/bin/dash", "/bin/sh", "${EC}"], read: ["/usr/**", "/lib/**", "/lib64/**", "/etc/**", "/proc/**", "/sys/**"], write: ["/dev/null"] }
  tools:
    show: { exec: ["/usr/bin/cat"], read: ["\${args.path}"] }`);
  fs.writeFileSync(file, 'data');
  const r = await run([...observe, '-p', p, '--record', 'all', '--trail', `${W}/calls.jsonl`, '--', '/bin/sh', '-c',
    `${EC} call run --tool show --args '{"path":"${file}"}' -- cat ${file} /etc/hostname & ${EC} call run --tool show --args '{"path":"/etc/hosts"}' -- cat /etc/hosts ${file}; wait`]);
  const records = trail('calls'), ends = records.filter((x) => x.kind === 'call_end');
  const began = records.filter((x) => x.kind === 'call_begin');
  check(r.status === 0 && ends.length === 2, 'two calls at once', r);
  const mine = ends.find((e) => began.find((b) => b.call === e.call)?.arguments?.path === file);
  const other = ends.find((e) => e !== mine);
  check(mine?.observed.effects.some((e) => e.op === 'read' && e.target === file) && mine.observed.processes.some((x) => x.programs.some((y) => y.exe === '/usr/bin/cat')), 'a call has what it did', mine?.observed);
  check(other?.observed.drift.some((e) => e.target === file && e.verdict === 'would-deny') && !mine.observed.drift.some((e) => e.target === file), 'and what it was not declared to do, the other one not', other?.observed);
}

async function learns() {
  fs.mkdirSync(`${W}/l/d`, { recursive: true });
  fs.writeFileSync(`${W}/l/in.txt`, 'in');
  const command = ['/bin/sh', '-c', `cat ${W}/l/in.txt >${W}/l/d/out.txt; mv ${W}/l/d/out.txt ${W}/l/d/moved.txt; rm ${W}/l/d/moved.txt`];
  let r = ec(['learn', '--run', ...no_lsm, '-o', `${W}/learned.yaml`, '--trail', `${W}/learn.jsonl`, '--', ...command]);
  check(r.status === 0 && /, 0 would be refused/.test(r.stderr), 'learn: nothing that was seen would be refused', r);
  check(ec(['validate', '--strict', `${W}/learned.yaml`]).status === 0, 'learn: the policy is valid');
  for (const [effect, verdict] of [[`write ${W}/l/d/out.txt`, /allow/], [`write ${W}/l/d/moved.txt`, /allow/], [`read ${W}/l/in.txt`, /allow/], [`write ${W}/l/in.txt`, /deny/]]) {
    r = ec(['explain', `${W}/learned.yaml`, '-e', effect]);
    check(verdict.test(r.stdout), `learn: ${effect}`, r);
  }
  r = ec([...observe, '-p', `${W}/learned.yaml`, '--trail', `${W}/again.jsonl`, '--', ...command]);
  check(r.status === 0 && !trail('again').some((x) => x.kind === 'denial'), 'learn: under it nothing would be refused', trail('again').filter((x) => x.kind === 'denial'));
}

async function gateway() {
  fs.writeFileSync(`${W}/g.txt`, 'g');
  const p = policy('gateway', `  baseline: { exec: ["${process.execPath}"], read: ["/usr/**", "/lib/**", "/lib64/**", "/etc/**", "/proc/**", "/sys/**", "/dev/**", "${HERE}**"], write: ["/dev/null"] }
  tools:
    read: { read: ["\${args.path}"] }`);
  const c = await new Client([EC, 'mcp', '--observe', ...no_lsm, '-p', p, '--trail', `${W}/mcp.jsonl`, '--', process.execPath, `${HERE}rogue.mjs`]).init();
  const answer = await c.call('read', { path: `${W}/g.txt` });
  await c.close();
  const end = trail('mcp').find((x) => x.kind === 'call_end');
  check(answer.ok && answer.value === 'g', 'mcp: the call works', answer);
  check(end?.observed.effects.some((e) => e.op === 'read' && e.target === `${W}/g.txt`), 'mcp: the call has what it did', end);
}

// It does not enforce, and does not say so.
async function refuses() {
  const mark = `${W}/ran`;
  let r = ec(['run', '-p', wide, ...(enforces ? ['--no-lsm'] : []), '--', '/usr/bin/touch', mark]);
  check(r.status === 125 && !fs.existsSync(mark), 'run without --observe: 125, and nothing ran', r);
  check(enforces ? /--observe/.test(r.stderr) : /cannot enforce: /.test(r.stderr) && /add --observe/.test(r.stderr), 'it says what to do', r.stderr);
  if (!enforces) {
    r = ec(['mcp', '-p', wide, '--', '/usr/bin/touch', mark]);
    check(r.status === 125 && !fs.existsSync(mark) && /add --observe/.test(r.stderr), 'mcp likewise', r);
    check(/observing +possible, from system calls/.test(ec(['info']).stdout), 'info: observing is possible');
  }
  r = ec([...observe, '-p', wide, '--', '/usr/bin/touch', mark], { uid: 65534, gid: 65534 });
  check(r.status === 125 && /needs root/.test(r.stderr) && !fs.existsSync(mark), 'without root: an error', r);
  r = spawnSync('unshare', ['-m', 'sh', '-c', `mount -t tmpfs none /sys/kernel/btf && exec ${EC} ${observe.join(' ')} -p ${wide} -- /usr/bin/touch ${mark}`], { encoding: 'utf8' });
  check(r.status === 125 && /no BTF/.test(r.stderr) && !fs.existsSync(mark), 'without BTF: an error', r);
  r = ec([...observe, '-p', wide, '--trail', `${W}/tpm.jsonl`, '--tpm=device:/nowhere/tpm', '--', '/usr/bin/touch', mark]);
  check(r.status === 125 && /--tpm device:.nowhere.tpm: the TPM cannot be opened/.test(r.stderr) && !fs.existsSync(mark), 'without the TPM that was asked for: an error', r);
}

async function ends() {
  const agent = spawn(EC, [...observe, '-p', wide, '--trail', `${W}/long.jsonl`, '--', '/bin/sh', '-c', 'setsid sh -c "while :; do /usr/bin/true; done" & echo started; sleep 100'], { stdio: ['ignore', 'pipe', 'ignore'] });
  await new Promise((done) => agent.stdout.once('data', done));
  await wait(600);
  const status = JSON.parse(ec(['status', '--json']).stdout);
  check(status.sensor === 'syscalls' && status.agents?.length === 1 && status.agents[0].mode === 'observe', 'status: from system calls', status);
  check(status.agents?.[0].canary.state === 'ok', 'status: the canary is seen', status.agents?.[0].canary);
  check(/nothing is refused/.test(ec(['status']).stdout), 'status says so');
  const out = new Promise((done) => agent.on('exit', done));
  agent.kill('SIGTERM');
  await out;
  check(!fs.existsSync(PINS), 'at the end nothing is left loaded');
  const left = fs.readdirSync('/proc').filter((p) => { try { return fs.readFileSync(`/proc/${p}/cmdline`, 'utf8').includes('do /usr/bin/true; done'); } catch { return false; } });
  check(left.length === 0, 'nor running, however fast it forks', left);
}

// An agent that takes the terminal to itself (a shell with job control does) and sets tostop: what we say then stops us, unless we mind.
async function terminal() {
  const words = (name, ...command) => [...observe, '-p', wide, '--trail', `${W}/${name}.jsonl`, '--', ...command];
  const quoted = (args) => args.map((a) => `'${a.replaceAll("'", `'\\''`)}'`).join(' ');
  const pty = (command, after = 0) => new Promise((done) => {
    // below a shell with job control: who has no shell gets an error instead of being stopped
    const child = spawn('timeout', ['-s', 'KILL', '120', 'script', '-qec', quoted(['bash', '-mc', `${command}; s=$?; sleep ${after}; exit $s`]), '/dev/null'], { stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    child.stdout.on('data', (d) => { text += d; });
    child.on('close', (status) => done({ status, text }));
  });
  // $PPID, in the background by now, has something to say when it is hung up: the controller that it reads its policy again
  const takes = 'set -m; stty tostop; sleep 1; kill -HUP $PPID; sleep 2; ps -o stat= -p $PPID | sed s/^/STATE:/';
  fs.writeFileSync(`${W}/parent.sh`, `trap "echo said" HUP; sh -c '${takes}; kill -KILL $PPID' </dev/tty & wait $!; wait $!; wait $!`);
  const stopped = await pty(`sh ${W}/parent.sh`, 8);
  check(/STATE:T/.test(stopped.text), 'another program is stopped so', stopped);
  fs.writeFileSync(`${W}/wide.yaml`, `${fs.readFileSync(wide, 'utf8')}# a comment\n`);
  const r = await pty(quoted([EC, ...words('terminal', '/bin/sh', '-c', `${takes}; exit 7`)]));
  check(r.status === 7 && /STATE:[SRD]/.test(r.text), 'the controller says what it has to and is not stopped', r);
  check(trail('terminal').some((l) => /^policy_/.test(l.kind)), 'it did what it was asked', trail('terminal').map((l) => l.kind));
  const mask = await pty(quoted([EC, ...words('mask', '/bin/sh', '-c', 'grep SigIgn /proc/self/status')]));
  const ignored = BigInt('0x' + /SigIgn:\s*([0-9a-f]+)/.exec(mask.text)?.[1]);
  check((ignored & (1n << 20n | 1n << 21n)) === 0n, 'the agent is stopped as ever', mask);
}

const watched = await sees();
if (enforces) await agree(watched);
await calls();
await learns();
await gateway();
await refuses();
await ends();
await terminal();
server.close();
report();
