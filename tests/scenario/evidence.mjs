// SPDX-License-Identifier: Apache-2.0
// evidence.mjs - the trail as evidence: its key and files are out of the agent's reach,
// rotation while calls go on, a full disk, and (POWER=1) power cuts, replayed from the
// log of all that reached a disk with a volatile cache (dm-log-writes). Runs in a
// kernel that can enforce, as root.
import fs from 'node:fs';
import path from 'node:path';
import readline from 'node:readline';
import { spawn, spawnSync } from 'node:child_process';
import { keep } from './keeper.mjs';
import { report, check } from './report.mjs';

const EC = path.resolve(process.env.EC ?? 'build/enforcecore');
const AGENT = new URL('evidence_agent.mjs', import.meta.url).pathname;
const W = '/var/tmp/ec-evidence', KEY = `${W}/keys/trail.key`;
const sh = (line) => { const r = spawnSync('/bin/sh', ['-c', line], { encoding: 'utf8' }); if (r.status) throw new Error(`${line}: ${r.stderr}`); return r.stdout; };
const wait = (ms) => new Promise((d) => setTimeout(d, ms));
const ec = (...argv) => spawnSync(EC, argv, { encoding: 'utf8' });
const parse = (file) => fs.readFileSync(file, 'utf8').split('\n').flatMap((l) => { try { return [JSON.parse(l)]; } catch { return []; } });

fs.rmSync(W, { recursive: true, force: true });
fs.mkdirSync(`${W}/t`, { recursive: true });
fs.writeFileSync(`${W}/policy.yaml`, `
name: evidence
kernel:
  baseline:
    exec: ["${process.execPath}"]
    read: ["/**"]
    write: ["/dev/null"]
  tools: { act: { read: ["/etc/hostname"] } }
`);
const run = (options, ...argv) => [EC, 'run', '-p', `${W}/policy.yaml`, '--trail-key', KEY, ...options, '--', process.execPath, AGENT, ...argv];

// An agent that is told to go on. next() is what it says next, undefined at its end.
function start(...options) {
  const [cmd, ...argv] = run(options);
  const child = spawn(cmd, argv, { stdio: ['pipe', 'pipe', 'pipe'] });
  const lines = readline.createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  let err = '';
  child.stderr.on('data', (d) => { err += d; });
  child.stdin.on('error', () => {});
  const gone = new Promise((done) => child.on('exit', done)); // what it leaves running has its pipes
  return {
    child, gone, get err() { return err; },
    next: async () => (await lines.next()).value,
    go: () => child.stdin.write('\n'),
    end: () => { child.stdin.end(); return gone; },
  };
}
async function turns(agent, n) {
  const said = [];
  for (let i = 0; i < n; i++) {
    said.push(await agent.next());
    if (i + 1 < n) agent.go();
  }
  return said;
}

// Files, and who may read them.
async function reach() {
  const options = ['--trail', `${W}/t/trail.jsonl`, '--checkpoint', '5', '--rotate-size', '6K', '--witness', `${W}/told`];
  let agent = start(...options);
  await turns(agent, 40);
  check(await agent.end() === 0, 'the agent ends as it would', agent.err);
  const pub = ec('key', KEY).stdout.trim();
  const all = ec('verify', '--key', pub, '--closed', '--witness', `${W}/told`, `${W}/t`);
  check(all.status === 0 && /segments 1 to [3-9]/.test(all.stdout), 'all segments hold, to a clean end, as they were told', all.stdout + all.stderr);
  const files = fs.readdirSync(`${W}/t`).map((f) => `${W}/t/${f}`), secrets = [KEY, `${W}/told`, ...files];
  check(files.some((f) => f.endsWith('.000001.gz')), 'old files are compressed', files);
  const tries = (...more) => JSON.parse(spawnSync(...((a) => [a[0], a.slice(1)])(run(['--trail', `${W}/t/trail.jsonl`, '--rotate-size', '6K', '--witness', `${W}/told`, ...more], 'read', ...secrets)), { encoding: 'utf8' }).stdout || 'null');
  const seen = tries('--observe'), refused = tries();
  check(seen?.length === secrets.length, 'key, witness and trail can be read where nothing is refused', seen);
  check(refused?.length === 0, 'and by no agent', refused);
  const old = `${W}/t/trail.jsonl.000002.gz`;
  fs.rmSync(old);
  check(ec('verify', '--key', pub, `${W}/t`).status === 1, 'a missing file is found');
}

// A log daemon, as far as it matters.
const LOGGER = `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind('/dev/log')
with open(sys.argv[1], 'a') as log:
    print('ready', file=log, flush=True)
    while True: print('Nov 28 04:00:00 host', s.recv(4096).decode().split('>', 1)[1], file=log, flush=True)
`;
async function syslog() {
  if (fs.existsSync('/dev/log')) { console.log('SKIP syslog: somebody listens already'); return; }
  const log = `${W}/log`, file = `${W}/syslog.jsonl`;
  const logger = spawn('/usr/bin/python3', ['-c', LOGGER, log], { stdio: ['ignore', 'inherit', 'inherit'] });
  for (let i = 0; i < 600 && !fs.existsSync(log); i++) await wait(50);
  const agent = start('--trail', file, '--checkpoint', '3', '--witness', 'syslog');
  await turns(agent, 6);
  await agent.end();
  const v = ec('verify', '--witness', log, file);
  check(v.status === 0 && /witnessed: [3-9] heads/.test(v.stdout), 'syslog: has the heads', v.stdout + v.stderr + fs.readFileSync(log, 'utf8'));
  fs.truncateSync(file, fs.readFileSync(file, 'utf8').split('\n').slice(0, 4).join('\n').length + 1);
  check(ec('verify', file).status === 0 && ec('verify', '--witness', log, file).status === 1, 'syslog: shows what was cut off');
  logger.kill();
  fs.rmSync('/dev/log');
}

// A controller that is killed in the middle of another file than it began with.
async function killed() {
  const dir = `${W}/killed`;
  fs.mkdirSync(dir);
  const agent = start('--trail', `${dir}/trail.jsonl`, '--checkpoint', '5', '--rotate-size', '6K');
  const said = await turns(agent, 31);
  agent.child.kill('SIGKILL');
  await agent.gone;
  const pub = ec('key', KEY).stdout.trim();
  let r = { stdout: '' };
  for (let i = 0; i < 200 && !/its controller was killed/.test(r.stdout); i++) { await wait(100); r = ec('verify', '--key', pub, dir); }
  check(r.status === 0 && /its controller was killed/.test(r.stdout), 'kill -9: the witness writes into the file that is written, and signs', r.stdout + r.stderr);
  const records = sh(`cd ${dir} && for f in *.gz; do gzip -dc $f; done; cat trail.jsonl.0*[0-9] trail.jsonl 2>/dev/null; true`).split('\n').filter(Boolean).map((l) => JSON.parse(l));
  check(said.every((s) => { const [what, id] = s.split(' '); return records.some((x) => x.kind === `call_${what}` && x.call === Number(id)); }), 'kill -9: nothing acknowledged is lost', said);
  const status = JSON.parse(ec('status', '--json').stdout);
  for (const a of status.agents.filter((x) => x.policy === 'evidence')) {
    const e = ec('adopt', '--end', String(a.agent));
    check(e.status === 0, 'adopt: goes on with the key and the files', e.stderr);
  }
  r = ec('verify', '--key', pub, '--closed', dir);
  check(r.status === 0, 'adopt: to a clean end', r.stdout + r.stderr);
}

// A disk that is full: --unwritten count goes on, and says what is missing.
async function full() {
  const dir = `${W}/small`;
  fs.mkdirSync(dir);
  sh(`mount -t tmpfs -o size=64k tmpfs ${dir}`);
  for (const [how, want] of [['stop', 'refused'], ['count', 'begin']]) {
    const file = `${dir}/${how}.jsonl`;
    const agent = start('--trail', file, '--unwritten', how);
    await turns(agent, 4);
    try { fs.writeFileSync(`${dir}/fill`, Buffer.alloc(1 << 20)); } catch { /* full */ }
    const said = [];
    for (let i = 0; i < 40; i++) { agent.go(); said.push((await agent.next()).split(' ')[0]); }
    check(said.at(-1) === want || said.at(-2) === want, `a full disk, ${how}: ${want}`, said);
    check(said.includes('refused') === (how === 'stop'), `a full disk, ${how}: and nothing else`, said);
    fs.rmSync(`${dir}/fill`);
    await turns(agent, 0);
    agent.go();
    await agent.next();
    await agent.end();
    const v = ec('verify', '--closed', file), gaps = parse(file).filter((r) => r.kind === 'gap');
    check(v.status === 0, `a full disk, ${how}: the trail holds`, v.stdout + v.stderr);
    check(gaps.reduce((n, g) => n + (g.unwritten_others ?? 0), 0) > 0, `a full disk, ${how}: what is missing is counted`, parse(file).slice(-3));
    fs.rmSync(file);
  }
  sh(`umount ${dir}`);
}

// ---- power cuts ----

const SECTOR = 512, DISK = 24 << 20, DISCARD = 4n, MARK = 8n;

// The disk as it was when the mark was made: what had been flushed by then, no more.
function replay(log, mark) {
  const disk = Buffer.alloc(DISK), n = Number(log.readBigUInt64LE(16));
  let at = SECTOR;
  for (let i = 0; i < n; i++) {
    const sector = Number(log.readBigUInt64LE(at)), count = Number(log.readBigUInt64LE(at + 8)), flags = log.readBigUInt64LE(at + 16), len = Number(log.readBigUInt64LE(at + 24));
    if (flags & MARK && log.toString('latin1', at + 32, at + 32 + len).replace(/\0.*/, '') === mark) return disk;
    at += SECTOR;
    if (flags & (DISCARD | MARK)) { if (flags & DISCARD) disk.fill(0, sector * SECTOR, (sector + count) * SECTOR); continue; }
    log.copy(disk, sector * SECTOR, at, at + count * SECTOR);
    at += count * SECTOR;
  }
  throw new Error(`no mark ${mark}`);
}

async function power() {
  sh('modprobe brd rd_nr=3 rd_size=65536 && modprobe dm-log-writes && modprobe ext4');
  fs.writeFileSync('/proc/sys/vm/dirty_writeback_centisecs', '0'); // what is not asked for is not written
  process.env.DM_DISABLE_UDEV = '1'; // there is none: names are made by dmsetup
  const sectors = DISK / SECTOR, dir = `${W}/disk`, after = `${W}/after`;
  fs.mkdirSync(dir); fs.mkdirSync(after);
  for (const how of ['record', 'checkpoint', 'none']) {
    sh('dd if=/dev/zero of=/dev/ram1 bs=4k count=1 2>/dev/null');
    sh(`dmsetup create ec-log --table '0 ${sectors} log-writes /dev/ram0 /dev/ram1' && mkfs.ext4 -q -E nodiscard /dev/mapper/ec-log && mount -o commit=300 /dev/mapper/ec-log ${dir}`);
    const agent = start('--trail', `${dir}/trail.jsonl`, '--sync', how, '--checkpoint', '7', ...(how === 'record' ? ['--rotate-size', '4K'] : []));
    const acked = [];
    for (let i = 0; i < 24; i++) {
      acked.push(await agent.next());
      sh(`dmsetup message ec-log 0 mark ack${i}`);
      agent.go();
    }
    await agent.next();
    agent.child.kill('SIGKILL');
    await agent.gone;
    for (const a of JSON.parse(ec('status', '--json').stdout).agents.filter((x) => x.policy === 'evidence')) ec('adopt', '--end', String(a.agent));
    for (let i = 0; i < 100 && spawnSync('/bin/umount', [dir]).status; i++) await wait(100);
    sh('dmsetup remove ec-log');
    const log = fs.readFileSync('/dev/ram1');
    let lost = 0, holds = true, signed = true, said = '';
    for (const i of [0, 3, 7, 11, 14, 17, 20, 23]) {
      fs.writeFileSync('/dev/ram2', replay(log, `ack${i}`));
      sh(`mount /dev/ram2 ${after}`);
      const files = fs.readdirSync(after).filter((f) => f.startsWith('trail.jsonl') && !f.endsWith('.new'));
      const text = files.map((f) => sh(`${f.endsWith('.gz') ? 'gzip -dc' : 'cat'} ${after}/${f}`)).join('');
      lost += acked.slice(0, i + 1).filter((a) => { const [what, id] = a.split(' '); return !new RegExp(`"kind":"call_${what}"[^\\n]*"call":${id}[,}]`).test(text); }).length;
      const v = text ? ec('verify', after) : { status: 0, stdout: '' };
      if (v.status) { holds = false; said = v.stdout + v.stderr; }
      // all but what came after the last checkpoint that there was time for
      if (acked.slice(0, i + 1).length > 8 && !/signed: records 1 to/.test(v.stdout)) signed = false;
      sh(`umount ${after}`);
    }
    if (how === 'record') check(!lost, 'power cut, record: nothing acknowledged is lost', { lost, acked });
    // or the test could not fail
    else check(lost > 0, `power cut, ${how}: what was not synced is lost`, { lost });
    if (how !== 'none') check(holds && signed, `power cut, ${how}: what is left holds, and is signed to the last checkpoint`, { said, signed });
  }
  sh('rmmod dm-log-writes brd 2>/dev/null; true');
}

await keep(EC);
await reach();
await syslog();
await killed();
await full();
if (process.env.POWER) await power();
report();
