// SPDX-License-Identifier: Apache-2.0
// agree.mjs - the kernel and `enforcecore policy test` give the same verdict and
// the same reason: random policies, random paths, the effects done for real.
// Runs in a kernel that can enforce, as root. SEED and ROUNDS repeat a run.
import fs from 'node:fs';
import { spawnSync } from 'node:child_process';
import { keep } from './keeper.mjs';
import { report, check } from './report.mjs';

const EC = process.env.EC ?? 'build/enforcecore';
await keep(EC);
const ROUNDS = Number(process.env.ROUNDS ?? 6), PATHS = 120;
const W = '/var/tmp/ec-agree';
let seed = Number(process.env.SEED ?? 1);
const random = (n) => { seed = (seed * 1103515245 + 12345) % 2147483648; return Math.floor(seed / 65536) % n; };
const pick = (list) => list[random(list.length)];
console.log(`SEED=${seed} ROUNDS=${ROUNDS}`);

const names = ['a', 'b', 'ab', 'abc', '.env', 'x y', 'a*b', '[a]', '{b}', 'ä', 'b'.repeat(255), 'key', '-', "it's"];
const pieces = ['a', 'b', 'ab', '*', '?', '[ab]', '[!a]', '{a,ab}', '**', 'a*', '*b', '.env', 'k?y', '.*', '\\[a\\]', '**/.env', 'x y', '*.e*'];
const path = () => [W, ...Array.from({ length: 1 + random(4) }, () => pick(names))].join('/');
// at any depth only plain names: else node itself becomes writable, and what can be written is not run
const pattern = () => (random(8) ? [W, ...Array.from({ length: 1 + random(4) }, () => pick(pieces))].join('/') : `**/${pick(['.env', 'key', 'abc', 'x y', 'a\\*b'])}`);
const patterns = (n) => Array.from({ length: n }, pattern);

// Opens each path as it is told; what the kernel says is in the trail.
const program = `const fs = require('fs'); for (const [how, p] of JSON.parse(fs.readFileSync('${W}-list', 'utf8')))
  { try { fs.closeSync(fs.openSync(p, how === 'write' ? 'r+' : 'r')); } catch {} if (how === 'write') try { fs.truncateSync(p, 0); } catch {} }`;

function world() {
  fs.rmSync(W, { recursive: true, force: true });
  fs.mkdirSync(W);
  const list = [];
  while (list.length < PATHS) {
    const p = path();
    try { fs.mkdirSync(p.slice(0, p.lastIndexOf('/')), { recursive: true }); if (!fs.existsSync(p)) fs.writeFileSync(p, 'x'); } catch { continue; }
    list.push([pick(['read', 'write']), p]);
  }
  fs.writeFileSync(`${W}-list`, JSON.stringify(list));
}

function round(number) {
  world();
  const policy = { name: 'agree', kernel: {
    baseline: { exec: [process.execPath], write: ['/dev/null', ...patterns(10)],
      read: ['/usr/**', '/lib/**', '/lib64/**', '/etc/**', '/proc/**', '/sys/**', '/dev/null', '/dev/urandom', `${W}-list`, ...patterns(10)] },
    never: { read: patterns(2), write: patterns(2) } } };
  const file = `${W}-policy.json`, trail = `${W}.jsonl`;
  fs.rmSync(trail, { force: true });
  fs.writeFileSync(file, JSON.stringify(policy));
  const valid = spawnSync(EC, ['validate', file], { encoding: 'utf8' });
  if (valid.status) return check(/no name|too|more/.test(valid.stderr), `round ${number}: the policy is refused for a reason`, valid.stderr);
  const run = spawnSync(EC, ['run', '-p', file, '--record', 'all', '--trail', trail, '--', process.execPath, '-e', program], { encoding: 'utf8' });
  const seen = new Map();
  for (const line of fs.readFileSync(trail, 'utf8').trim().split('\n').map((l) => JSON.parse(l))) {
    if (line.kind === 'gap') check(false, `round ${number}: nothing is lost`, line);
    if (line.target?.startsWith?.(`${W}/`) && ['read', 'write'].includes(line.op)) seen.set(`${line.op} ${line.target}`, line);
  }
  check(seen.size > PATHS / 3, `round ${number}: the effects were seen`, { seen: seen.size, err: run.stderr });
  const cases = [...seen].map(([effect, line]) => ({ effect, expect: line.verdict, reason: line.reason }));
  fs.writeFileSync(`${W}-cases.json`, JSON.stringify({ policy: file, cases }));
  const test = spawnSync(EC, ['policy', 'test', `${W}-cases.json`], { encoding: 'utf8' });
  check(test.status === 0 && test.stdout.includes(`${cases.length} passed, 0 failed`), `round ${number}: kernel and policy test agree`, test.stdout.slice(0, 600) + test.stderr);
  for (const l of seen.values()) tally[`${l.op} ${l.verdict} ${l.reason}`] = (tally[`${l.op} ${l.verdict} ${l.reason}`] ?? 0) + 1;
}

const tally = {};
for (let i = 1; i <= ROUNDS; i++) round(i);
console.log(JSON.stringify(tally));
for (const want of ['read allow baseline', 'read deny undeclared', 'write allow baseline', 'write deny undeclared']) check(tally[want] > 0, `the cases include: ${want}`);
report();
