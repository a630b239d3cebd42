// SPDX-License-Identifier: Apache-2.0
// recall.mjs - what the sensor remembers of directories: the next path in one has the
// right name and the right verdict after renames, mounts, and when another directory
// has come where one was. Runs in a kernel that can enforce, as root.
import fs from 'node:fs';
import path from 'node:path';
import { spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { keep } from './keeper.mjs';
import { report, check } from './report.mjs';

const EC = path.resolve(process.env.EC ?? 'build/enforcecore');
await keep(EC);
const W = '/var/tmp/ec-recall', TRAIL = `${W}.jsonl`, POLICY = `${W}.json`;
const LONG = `${W}/${'l'.repeat(150)}/${'m'.repeat(150)}`;

fs.rmSync(W, { recursive: true, force: true });
for (const f of [TRAIL, POLICY]) fs.rmSync(f, { force: true });
for (const d of ['a', 'kept', 'm', 'other']) fs.mkdirSync(`${W}/${d}`, { recursive: true });
fs.mkdirSync(LONG, { recursive: true });
for (const f of [`${W}/a/f`, `${W}/a/key`, `${W}/kept/f`, `${W}/other/f`, `${LONG}/f`]) fs.writeFileSync(f, 'text');
fs.writeFileSync(POLICY, JSON.stringify({ name: 'recall', kernel: {
  baseline: { exec: [process.execPath], write: ['/dev/null'], read: ['/usr/**', '/lib/**', '/lib64/**', '/etc/**', '/proc/**', '/sys/**', '/dev/null', '/dev/urandom', `${W}/**`] },
  never: { read: [`${W}/kept/**`, `${W}/a/key`] } } }));

// Reads the files that it is told, and says whether it could.
const program = `require('readline').createInterface({ input: process.stdin }).on('line', (p) => {
  let said = 'text'; try { const fd = require('fs').openSync(p); require('fs').closeSync(fd); } catch (e) { said = e.code; } console.log(said); });`;
const agent = spawn(EC, ['run', '-p', POLICY, '--record', 'all', '--trail', TRAIL, '--', process.execPath, '-e', program], { stdio: ['pipe', 'pipe', 'inherit'] });
const answers = createInterface({ input: agent.stdout })[Symbol.asyncIterator]();
const wanted = [];
async function reads(p, want, why) {
  agent.stdin.write(`${p}\n`);
  const { value } = await answers.next();
  check(value === want, why, { path: p, value, want });
  wanted.push(`${want === 'text' ? 'allow' : 'deny'} ${p}`);
}
const mount = (...words) => check(spawnSync('mount', words).status === 0, `mount ${words.join(' ')}`);

for (let i = 0; i < 2; i++) {
  await reads(`${W}/a/f`, 'text', 'a file is read, and its directory remembered');
  await reads(`${W}/other/f`, 'text', 'and another');
  await reads(`${LONG}/f`, 'text', 'and one with a long name');
}
await reads(`${W}/a/key`, 'EACCES', 'what never names is refused in a directory that is known');
await reads(`${W}/kept/f`, 'EACCES', 'and in one that it names');
fs.linkSync(`${W}/a/key`, `${W}/other/alias`);
await reads(`${W}/other/alias`, 'EACCES', 'another name of it in a directory that is known is refused');
fs.renameSync(`${W}/a`, `${W}/b`);
await reads(`${W}/b/f`, 'text', 'a directory that was renamed has its new name');
await reads(`${W}/b/key`, 'EACCES', 'what never named there is refused by its new name');
fs.renameSync(`${W}/kept`, `${W}/free`);
await reads(`${W}/free/f`, 'EACCES', 'and so is what lies below what it named');
fs.renameSync(`${W}/other`, `${W}/a`);
await reads(`${W}/a/f`, 'text', 'another directory may take a name that was known');
mount('--bind', `${W}/b`, `${W}/m`);
await reads(`${W}/m/f`, 'text', 'a directory that is mounted has the name of where');
await reads(`${W}/b/f`, 'text', 'and its own');
mount('-t', 'tmpfs', 'none', `${W}/a`);
fs.writeFileSync(`${W}/a/f`, 'text');
await reads(`${W}/a/f`, 'text', 'what is mounted above a directory that is known has its name');
spawnSync('umount', [`${W}/a`]);
spawnSync('umount', [`${W}/m`]);
// what comes in the memory of a directory that is gone
for (let i = 0; i < 60; i++) {
  fs.mkdirSync(`${W}/new-${i}`);
  fs.writeFileSync(`${W}/new-${i}/f`, 'text');
  await reads(`${W}/new-${i}/f`, 'text', `directory ${i} of many in turn`);
  fs.rmSync(`${W}/new-${i}`, { recursive: true });
  if (i % 20 === 9) fs.writeFileSync('/proc/sys/vm/drop_caches', '2');
}
agent.stdin.end();
const status = await new Promise((resolve) => agent.on('close', resolve));
check(status === 0, 'the agent ends well', status);

const lines = fs.readFileSync(TRAIL, 'utf8').trim().split('\n').map((l) => JSON.parse(l));
const seen = lines.filter((l) => l.op === 'read' && l.target?.startsWith(`${W}/`));
check(lines.every((l) => l.kind !== 'gap'), 'nothing is lost');
// refusals have a ring of their own: the order of the two is not kept
for (const verdict of ['allow', 'deny']) {
  const of = (list) => list.filter((e) => e.startsWith(verdict));
  const got = of(seen.map((l) => `${l.verdict} ${l.target}`)), want = of(wanted);
  const at = want.findIndex((e, i) => e !== got[i]);
  check(at < 0 && got.length === want.length, `the trail has each ${verdict} by its name at that time`, { at, got: got.slice(at, at + 3), want: want.slice(at, at + 3) });
}
report();
