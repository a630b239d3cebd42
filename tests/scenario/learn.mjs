// SPDX-License-Identifier: Apache-2.0
// learn.mjs - a session is observed, a policy is learned from its trail, and
// the same session runs under it unchanged while anything else is refused.
import fs from 'node:fs';
import net from 'node:net';
import { spawnSync } from 'node:child_process';
import { Client } from './client.mjs';
import { keep } from './keeper.mjs';
import { report, check } from './report.mjs';

const EC = process.env.EC ?? 'build/enforcecore';
await keep(EC);
const HERE = new URL('.', import.meta.url).pathname;
const W = '/var/tmp/ec-learn', D = `${W}/data`, P = `${W}-made`;
const DIAL = 18184, OTHER = 18185;
const server = [process.execPath, `${HERE}rogue.mjs`];

function world() {
  fs.rmSync(W, { recursive: true, force: true });
  for (const d of [`${D}/in/deep`, `${D}/out`, `${W}/outside`]) fs.mkdirSync(d, { recursive: true });
  for (const [p, t] of [['in/a.txt', 'alpha'], ['in/b.txt', 'beta'], ['in/deep/c.txt', 'gamma'], ['out/old.txt', 'old'], ['in/.env', 'ENV']])
    fs.writeFileSync(`${D}/${p}`, t);
  fs.writeFileSync(`${W}/outside/canary`, 'CANARY');
  fs.symlinkSync(`${D}/in/a.txt`, `${D}/link`);
}

// What a well-behaved client does with it: [tool, arguments], two at once in brackets.
const session = [
  ['read', { path: `${D}/in/a.txt` }],
  ['read', { path: `${D}/in/deep/c.txt` }],
  ['read', { path: `${D}/in/deep/../b.txt` }],
  ['read', { path: `${D}/link` }],
  ['read', { path: `${D}/in/none.txt` }],
  ['list', { path: `${D}/in` }],
  ['list', { path: `${D}/in/deep` }],
  ['write', { path: `${D}/out/new.txt`, content: 'fresh' }],
  ['write', { path: `${D}/out/old.txt`, content: 'newer' }],
  ['write', { path: `${D}/out/[a]*{b}?.txt`, content: 'globs are text' }],
  ['move', { source: `${D}/out/new.txt`, destination: `${D}/in/moved.txt` }],
  [['read', { path: `${D}/in/moved.txt` }], ['read', { path: `${D}/in/b.txt` }]],
  ['dial', { port: DIAL }],
  ['act', {}],
];

async function run(client) {
  const answers = [];
  const one = async ([tool, args]) => { const { ok, value, code, refused } = await client.call(tool, args); return { tool, args, ok, value, code, refused }; };
  for (const step of session)
    answers.push(...await Promise.all((Array.isArray(step[0]) ? step : [step]).map(one)));
  return answers;
}

async function listen(port) {
  const s = net.createServer((c) => { s.received = true; c.on('error', () => {}); c.resume(); });
  await new Promise((done) => s.listen(port, '127.0.0.1', done));
  return s;
}

const trail = (path) => fs.readFileSync(path, 'utf8').trim().split('\n').map((l) => JSON.parse(l));
const ec = (...args) => spawnSync(EC, args, { encoding: 'utf8' });

async function observe() {
  world();
  fs.writeFileSync(`${P}/empty.yaml`, 'name: empty\nkernel: {}\n');
  const c = await new Client([EC, 'mcp', '-p', `${P}/empty.yaml`, '--observe', '--record', 'all', '--trail', `${P}/seen.jsonl`, '--', ...server]).init();
  const answers = await run(c);
  await c.close();
  check(answers.filter((a) => a.ok).length === answers.length - 1, 'the session works unguarded', answers.filter((a) => !a.ok));
  return answers;
}

function learn() {
  world();
  const r = ec('learn', '--name', 'made', '-o', `${P}/made.yaml`, `${P}/seen.jsonl`);
  check(r.status === 0 && /, 0 would be refused/.test(r.stderr), 'learn: nothing that was seen would be refused', r);
  check(ec('validate', '--strict', `${P}/made.yaml`).status === 0, 'learn: the policy is valid');
  const before = fs.readFileSync(`${P}/made.yaml`, 'utf8');
  check(ec('learn', '-o', `${P}/made.yaml`, `${P}/seen.jsonl`).status === 2 && fs.readFileSync(`${P}/made.yaml`, 'utf8') === before, 'learn: a file that exists stays');
  if (process.env.VERBOSE) console.log(before);
}

async function enforced(seen) {
  world();
  const other = await listen(OTHER);
  const c = await new Client([EC, 'mcp', '-p', `${P}/made.yaml`, '--record', 'all', '--trail', `${P}/held.jsonl`, '--', ...server]).init();
  const answers = await run(c);
  check(JSON.stringify(answers) === JSON.stringify(seen), 'the same session gives the same answers',
    answers.filter((a, i) => JSON.stringify(a) !== JSON.stringify(seen[i])));
  await new Promise((d) => setTimeout(d, 100));
  const denials = trail(`${P}/held.jsonl`).filter((r) => r.kind === 'denial' || r.kind === 'call_refused');
  check(denials.length === 0, 'and none of it is refused', denials.slice(0, 4));

  const told = (r, text) => r.ok && String(r.value).includes(text);
  const declared = { path: `${D}/in/a.txt` };
  const refused = async (name, tool, args, text) => { const r = await c.call(tool, args); check(!told(r, text) && r.code !== 'GONE', `refused: ${name}`, r); };
  await refused('an undeclared file beside it', 'read', { ...declared, act: 'readUv', target: `${D}/in/b.txt` }, 'beta');
  await refused('a file outside, undeclared', 'read', { ...declared, act: 'readSync', target: `${W}/outside/canary` }, 'CANARY');
  await refused('a file outside, declared', 'read', { path: `${W}/outside/canary` }, 'CANARY');
  await refused('never, declared', 'read', { path: `${D}/in/.env` }, 'ENV');
  await refused('a file with no grant', 'act', { act: 'readSync', target: `${D}/in/a.txt` }, 'alpha');
  await c.call('read', { ...declared, act: 'writeSync', target: `${D}/in/a.txt` });
  check(fs.readFileSync(`${D}/in/a.txt`, 'utf8') === 'alpha', 'refused: writing what may be read');
  await c.call('write', { path: `${D}/out/x`, act: 'writeSync', target: `${D}/out/old.txt` });
  check(fs.readFileSync(`${D}/out/old.txt`, 'utf8') === 'newer', 'refused: writing beside what was declared');
  await c.call('act', { act: 'shell', command: `echo > ${W}/outside/pwned` });
  check(!fs.existsSync(`${W}/outside/pwned`), 'refused: a shell');
  await c.call('dial', { port: DIAL, act: 'tcp', other: OTHER });
  check(!other.received, 'refused: another port than declared');
  const end = await c.close();
  check(end.code === 0, 'the server survives', { end, stderr: c.stderr });
  other.close();
}

// learn --mcp and --run: observe and learn in one go.
async function atOnce() {
  world();
  const c = await new Client([EC, 'learn', '--mcp', '-o', `${P}/once.yaml`, '--trail', `${P}/once.jsonl`, '--', ...server]).init();
  await run(c);
  const end = await c.close();
  check(end.code === 0 && fs.existsSync(`${P}/once.yaml`), 'learn --mcp', { end, stderr: c.stderr });
  check(ec('verify', `${P}/once.jsonl`).status === 0, 'learn --mcp: its trail holds');

  const cat = (file) => ['--', '/bin/cat', `${D}/in/${file}`];
  let r = ec('learn', '--run', '-o', `${P}/cat.yaml`, ...cat('a.txt'));
  check(r.status === 0 && r.stdout === 'alpha', 'learn --run', r);
  r = ec('run', '-p', `${P}/cat.yaml`, ...cat('a.txt'));
  check(r.status === 0 && r.stdout === 'alpha', 'what was learned from a run permits it', r);
  r = ec('run', '-p', `${P}/cat.yaml`, ...cat('b.txt'));
  check(r.status !== 0 && r.stdout === '', 'and nothing else', r);
  r = ec('learn', '--run', '-o', `${P}/none.yaml`, '--', '/no/such/program');
  check(r.status === 127 && !fs.existsSync(`${P}/none.yaml`), 'learn --run: not found', r);
}

fs.rmSync(P, { recursive: true, force: true });
fs.mkdirSync(P, { recursive: true });
const dialled = await listen(DIAL);
const seen = await observe();
learn();
await enforced(seen);
await atOnce();
dialled.close();
report();
