// SPDX-License-Identifier: Apache-2.0
// reuse.mjs [FS...] - inode numbers that come back: who gets the number of a file that
// `never` named is not taken for it, and what comes in the place of that file is, under
// every name, in whatever order they go and come. Runs in a kernel that can enforce, as root.
import fs from 'node:fs';
import path from 'node:path';
import { spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { keep } from './keeper.mjs';
import { report, check } from './report.mjs';

const EC = path.resolve(process.env.EC ?? 'build/enforcecore');
const W = '/var/tmp/ec-reuse', TRAIL = `${W}.jsonl`, POLICY = `${W}.json`;
const wait = (ms) => new Promise((done) => setTimeout(done, ms));
const sh = (command) => spawnSync('sh', ['-ec', command], { encoding: 'utf8' });

// The numbers of tmpfs do not come back while it is mounted, but those of the next one
// are the same. One group of inodes; without metadata_csum ext4 lets the
// owner of a file change its version.
const KINDS = {
  ext4: { make: `truncate -s 32M ${W}/ext4.img && mkfs.ext4 -q -b 4096 -N 512 -O ^metadata_csum ${W}/ext4.img`, mount: `mount -o loop ${W}/ext4.img ${W}/ext4` },
  tmpfs: { mount: `mount -t tmpfs reuse ${W}/tmpfs`, anew: true },
};
const kinds = process.argv.length > 2 ? process.argv.slice(2) : ['ext4', 'tmpfs'];

fs.rmSync(W, { recursive: true, force: true });
for (const f of [TRAIL, POLICY]) fs.rmSync(f, { force: true });
const mount = (kind) => {
  const { status, stderr } = sh(`mkdir -p ${W}/${kind}; ${KINDS[kind].mount}; cd ${W}/${kind}; mkdir -p kept other place`);
  check(status === 0, `${kind} is mounted`, stderr);
};
for (const kind of kinds) {
  const made = sh(`mkdir -p ${W}; ${KINDS[kind].make ? `modprobe loop; modprobe ${kind}; ${KINDS[kind].make}` : ":"}`);
  check(made.status === 0, `there is ${kind}`, made.stderr);
  mount(kind);
  fs.writeFileSync(`${W}/${kind}/kept/key`, 'text');
  sh(`cd ${W}/${kind}; mkdir vault; echo text >vault/f`);
}
await keep(EC);
const BASE = ['/usr/**', '/lib/**', '/lib64/**', '/etc/**', '/proc/**', '/sys/**', '/dev/null', '/dev/urandom', `${W}/**`];
fs.writeFileSync(POLICY, JSON.stringify({ name: 'reuse', kernel: {
  baseline: { exec: [process.execPath], write: ['/dev/null'], read: BASE },
  never: { read: kinds.flatMap((kind) => [`${W}/${kind}/kept/key`, `${W}/${kind}/vault`]) } } }));

// Reads the files that it is told, and says whether it could.
const PROGRAM = `require('readline').createInterface({ input: process.stdin }).on('line', (p) => {
  let said = 'text'; try { const fd = require('fs').openSync(p); require('fs').closeSync(fd); } catch (e) { said = e.code; } console.log(said); });`;
const readers = {};
function start(name, ...command) {
  const child = spawn(command[0], [...command.slice(1), process.execPath, '-e', PROGRAM], { stdio: ['pipe', 'pipe', 'inherit'] });
  readers[name] = { child, answers: createInterface({ input: child.stdout })[Symbol.asyncIterator]() };
}
start('free', 'env');
start('agent', EC, 'run', '-p', POLICY, '--trail', TRAIL, '--');
async function asks(who, file) {
  readers[who].child.stdin.write(`${file}\n`);
  return (await readers[who].answers.next()).value;
}
// What is refused would be read but for us.
async function refused(file, why) {
  const free = await asks('free', file), said = await asks('agent', file);
  check(free === 'text' && said === 'EACCES', why, { file, free, said });
}
async function allowed(file, why) {
  const said = await asks('agent', file);
  check(said === 'text', why, { file, said });
}
// Of what is new there a label comes in a while; from then on it is refused.
async function comes(file, why) {
  let said;
  const free = await asks('free', file);
  for (let i = 0; i < 200 && (said = await asks('agent', file)) !== 'EACCES'; i++) await wait(50);
  check(free === 'text' && said === 'EACCES', why, { file, free, said });
}

const number = (file) => fs.statSync(file, { bigint: true });
// Makes files in a directory until one has that number: this is then `name`.
function take(kind, was, dir, name, make = (f) => fs.writeFileSync(f, 'text')) {
  const others = [];
  let got;
  for (let i = 0; !got && i < 4000; i++) {
    const file = `${dir}/new-${i}`;
    make(file);
    const now = number(file);
    if (now.ino === was.ino && now.dev === was.dev) got = file; else others.push(file);
  }
  for (const f of others) fs.rmSync(f, { recursive: true });
  check(got, `${kind}: the number comes back`, String(was.ino));
  if (got) fs.renameSync(got, `${dir}/${name}`);
}
function again(kind) {
  if (!KINDS[kind].anew) return;
  check(sh(`umount ${W}/${kind}`).status === 0, `${kind}: it is unmounted`);
  mount(kind);
}

async function reuse(kind) {
  const M = `${W}/${kind}`;

  // its names
  fs.linkSync(`${M}/kept/key`, `${M}/other/alias`);
  await refused(`${M}/kept/key`, `${kind}: what never names is refused`);
  await refused(`${M}/other/alias`, `${kind}: and by another name`);
  sh(`mount --bind ${M}/kept ${M}/place`);
  await refused(`${M}/place/key`, `${kind}: and where its directory is mounted`);
  sh(`umount ${M}/place`);
  await refused(`${M}/vault/f`, `${kind}: and what is below a directory that it names`);
  sh(`mount --bind ${M}/vault ${M}/place`);
  await refused(`${M}/place/f`, `${kind}: wherever that is mounted`);
  sh(`umount ${M}/place`);

  // in turn: it, and one that it does not name, with the same number
  for (let i = 0; i < 3; i++) {
    const was = number(`${M}/kept/key`);
    for (const f of ['kept/key', 'other/alias', 'other/stranger']) fs.rmSync(`${M}/${f}`, { force: true });
    again(kind);
    take(kind, was, `${M}/other`, 'stranger');
    await allowed(`${M}/other/stranger`, `${kind}: another file that has its number is read (${i})`);
    fs.linkSync(`${M}/other/stranger`, `${M}/place/stranger`);
    await allowed(`${M}/place/stranger`, `${kind}: by each of its names (${i})`);
    for (const f of ['other/stranger', 'place/stranger']) fs.rmSync(`${M}/${f}`);
    again(kind);
    take(kind, was, `${M}/kept`, 'key');
    await refused(`${M}/kept/key`, `${kind}: what comes in its place is refused by its name (${i})`);
    fs.linkSync(`${M}/kept/key`, `${M}/other/alias`);
    await comes(`${M}/other/alias`, `${kind}: and by another name (${i})`);
  }

  // moved away, and replaced: both are what never named
  fs.renameSync(`${M}/kept/key`, `${M}/other/moved`);
  await refused(`${M}/other/moved`, `${kind}: what was moved away is refused`);
  fs.writeFileSync(`${M}/kept/key`, 'text');
  fs.linkSync(`${M}/kept/key`, `${M}/other/alias-2`);
  await comes(`${M}/other/alias-2`, `${kind}: what came in its place, too`);
  fs.writeFileSync(`${M}/other/next`, 'text');
  await allowed(`${M}/other/next`, `${kind}: what is to replace it is read before`);
  fs.linkSync(`${M}/other/next`, `${M}/other/alias-3`);
  fs.renameSync(`${M}/other/next`, `${M}/kept/key`);
  await comes(`${M}/other/alias-3`, `${kind}: and refused afterwards`);
  for (const f of ['moved', 'alias', 'alias-2']) await refused(`${M}/other/${f}`, `${kind}: ${f} of those before is refused still`);
  const last = number(`${M}/kept/key`);
  fs.rmSync(`${M}/kept/key`);
  await refused(`${M}/other/alias-3`, `${kind}: when its name is gone, its other name is refused still`);
  fs.rmSync(`${M}/other/alias-3`);
  if (!KINDS[kind].anew) {
    take(kind, last, `${M}/other`, 'stranger');
    await allowed(`${M}/other/stranger`, `${kind}: and who gets the number of the last is read`);
  }

  // a directory
  fs.mkdirSync(`${M}/vault`, { recursive: true });
  fs.writeFileSync(`${M}/vault/f`, 'text');
  sh(`mount --bind ${M}/vault ${M}/place`);
  await comes(`${M}/place/f`, `${kind}: a directory that never names is refused where it is mounted`);
  sh(`umount ${M}/place`);

  // one that comes to be what never names while the agent knows what lies in it
  fs.rmSync(`${M}/vault`, { recursive: true });
  fs.mkdirSync(`${M}/other/later/below`, { recursive: true });
  fs.writeFileSync(`${M}/other/later/below/f`, 'text');
  sh(`mount --bind ${M}/other/later ${M}/place`);
  process.kill(readers.agent.child.pid, 'SIGSTOP'); // nobody looks for what is new
  fs.renameSync(`${M}/other/later`, `${M}/vault`);
  await allowed(`${M}/place/below/f`, `${kind}: what lies in a directory is read while nobody saw that never names it`);
  process.kill(readers.agent.child.pid, 'SIGCONT');
  await comes(`${M}/place/below/f`, `${kind}: and refused afterwards`);
  process.kill(readers.agent.child.pid, 'SIGSTOP');
  fs.writeFileSync(`${M}/place/below/g`, 'text');
  await refused(`${M}/place/below/g`, `${kind}: so is what nobody saw come there`);
  process.kill(readers.agent.child.pid, 'SIGCONT');
  sh(`umount ${M}/place`);
  const vault = number(`${M}/vault`);
  fs.rmSync(`${M}/vault`, { recursive: true });
  again(kind);
  take(kind, vault, `${M}/other`, 'directory', fs.mkdirSync);
  fs.writeFileSync(`${M}/other/directory/f`, 'text');
  await allowed(`${M}/other/directory/f`, `${kind}: what is below another that has its number is read`);
}
for (const kind of kinds) await reuse(kind);

// the version of a file is its owner's to change, where the file system lets him
function versions() {
  const M = `${W}/ext4`, file = `${M}/kept/conf`, mine = `${M}/other/mine`;
  const version = (f) => Number(sh(`lsattr -v ${f}`).stdout.trim().split(/\s+/)[0]);
  for (const f of [file, mine]) fs.writeFileSync(f, 'text');
  const policy = `${W}.versions.json`;
  fs.writeFileSync(policy, JSON.stringify({ name: 'versions', kernel: { allow: ['admin'],
    baseline: { exec: ['/usr/bin/chattr'], read: BASE, write: [`${W}/**`] }, never: { write: [file] } } }));
  check(spawnSync('chattr', ['-v', '77', file]).status === 0 && version(file) === 77, 'without EnforceCore its owner changes the version of a file');
  const run = (f) => spawnSync(EC, ['run', '-p', policy, '--trail', `${W}.versions.jsonl`, '--', '/usr/bin/chattr', '-v', '78', f], { encoding: 'utf8' });
  const own = run(mine), other = run(file);
  check(own.status === 0 && version(mine) === 78, 'an agent changes that of what it may write', own.stderr);
  check(other.status !== 0 && version(file) === 77, 'and not that of what never names', { stderr: other.stderr, version: version(file) });
}
if (kinds.includes('ext4')) versions();

for (const name of ['free', 'agent']) readers[name].child.stdin.end();
const status = await new Promise((resolve) => readers.agent.child.on('close', resolve));
check(status === 0, 'the agent ends well', status);
for (const kind of kinds) sh(`umount ${W}/${kind}`);
report();
