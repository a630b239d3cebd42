// SPDX-License-Identifier: Apache-2.0
// bytes.mjs - how much each call moved, as the record of its end has it: by the server's own
// threads, by children that are gone when it ends, by sockets, side by side, and by exact
// calls. Runs in a kernel that can enforce, as root.
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import { Client } from './client.mjs';
import { keep } from './keeper.mjs';
import { report, check } from './report.mjs';

const EC = path.resolve(process.env.EC ?? 'build/enforcecore');
const HERE = new URL('.', import.meta.url).pathname;
const W = '/var/tmp/ec-bytes', POLICY = `${W}/policy.yaml`, PORT = 18391;
const MANY = 1000000, SOME = 100000, FEW = 60000; // FEW: what a call moves that does nothing
const MANY_FILE = `${W}/data/many`, SOME_FILE = `${W}/data/some`;

await keep(EC);
fs.rmSync(W, { recursive: true, force: true });
fs.mkdirSync(`${W}/data`, { recursive: true });
fs.writeFileSync(MANY_FILE, 'x'.repeat(MANY));
fs.writeFileSync(SOME_FILE, 'x'.repeat(SOME));
fs.writeFileSync(POLICY, `
name: bytes
kernel:
  baseline:
    exec: ["${process.execPath}", "${EC}"]
    read: ["/usr/**", "/lib/**", "/lib64/**", "/etc/**", "/proc/**", "/sys/**", "/dev/null", "/dev/urandom", "${HERE}**"]
    write: ["/dev/null"]
  tools:
    read: { read: ["\${args.path}"], within: ["${W}/data/**"] }
    write: { write: ["\${args.path}", "\${args.path}.*.tmp"], within: ["${W}/data/**"] }
    dial: { connect: ["127.0.0.1:\${args.port}"] }
    act: { exec: ["/bin/sh", "/usr/bin/cat"], read: ["\${args.path}"] }
`);
const lines = (trail) => fs.readFileSync(trail, 'utf8').trim().split('\n').map((l) => JSON.parse(l));
const bytesOf = (end) => ({ read: 0, written: 0, sent: 0, ...end.observed?.bytes });
const about = (got, want) => got >= want && got < want + FEW;
const show = (trail, call) => spawnSync(EC, ['audit', 'show', trail, '--call', String(call)], { encoding: 'utf8' }).stdout;

async function session(work, ...options) {
  const trail = `${W}/trail.jsonl`;
  fs.rmSync(trail, { force: true });
  const c = await new Client([EC, 'mcp', '-p', POLICY, '--trail', trail, ...options, '--', process.execPath, `${HERE}rogue.mjs`]).init();
  await work(c);
  const end = await c.close();
  check(end.code === 0, 'the gateway ends well', { end, stderr: c.stderr });
  return { trail, ends: lines(trail).filter((l) => l.kind === 'call_end') };
}

// One after another: each call has its own, to the byte but for what it is asked and answers.
async function inTurn() {
  let heard = 0;
  const server = net.createServer((s) => s.on('error', () => {}).on('data', (d) => { heard += d.length; })).listen(PORT, '127.0.0.1');
  const { trail, ends } = await session(async (c) => {
    await c.call('read', { path: SOME_FILE, act: 'readUv', target: SOME_FILE });
    await c.call('read', { path: SOME_FILE, act: 'sleep', ms: 10 });
    await c.call('write', { path: `${W}/data/new`, content: 'y'.repeat(SOME) });
    await c.call('act', { path: MANY_FILE, act: 'shell', command: `cat ${MANY_FILE} >/dev/null` });
    await c.call('dial', { port: PORT, act: 'tcp', text: 'z'.repeat(SOME) });
  });
  server.close();
  const [read, nothing, write, child, dial] = ends.map(bytesOf);
  check(about(read.read, SOME) && about(read.written, SOME), 'a file that the server read, and told', read);
  check(nothing.read < FEW && nothing.written < FEW && !nothing.sent, 'a call that does nothing moves next to nothing', nothing);
  check(about(write.read, SOME) && about(write.written, SOME), 'what it was told to write, and wrote', write);
  check(fs.readFileSync(`${W}/data/new`).length === SOME, 'which is in the file');
  check(about(child.read, MANY) && about(child.written, MANY), 'a child that is gone when the call ends', child);
  check(heard === SOME && dial.sent === SOME && !child.sent, 'what a socket sent, and the peer got', { dial, heard });
  check(ends.every((e) => !e.observed.bytes.shared && !e.observed.bytes.unknown), 'and all of it is known', ends.map(bytesOf));
  check(show(trail, ends[3].call).includes(`bytes ${child.read} read, ${child.written} written, 0 sent\n`), 'people are told', show(trail, ends[3].call));
}

// More than can be looked at side by side, one after another: all of it is known.
async function crowd() {
  const TIMES = 100;
  const { ends } = await session(async (c) => {
    await c.call('act', { path: SOME_FILE, act: 'shell', command: `i=0; while [ $i -lt ${TIMES} ]; do cat ${SOME_FILE} >/dev/null; i=$((i + 1)); done` });
  });
  const bytes = bytesOf(ends[0]);
  check(bytes.read >= TIMES * SOME && bytes.read < TIMES * (SOME + 20000) && bytes.written >= TIMES * SOME && !bytes.unknown, `${TIMES} children`, bytes);
}

// While others are open it may be theirs.
async function sideBySide() {
  const { trail, ends } = await session(async (c) => {
    await Promise.all([c.call('read', { path: SOME_FILE, act: 'each', acts: [{ act: 'sleep', ms: 300 }, { act: 'readUv', target: SOME_FILE }, { act: 'sleep', ms: 300 }] }),
      c.call('dial', { port: PORT, act: 'sleep', ms: 900 })]);
  });
  check(ends.length === 2 && ends.every((e) => bytesOf(e).read >= SOME && e.observed.bytes.shared), 'two at once: what was moved is of both, and says so', ends.map(bytesOf));
  check(show(trail, ends[0].call).includes('some perhaps by other calls'), 'to people, too');
}

// Not of calls that run as processes of their own.
function exact() {
  const trail = `${W}/exact.jsonl`, paths = [MANY_FILE, SOME_FILE, MANY_FILE, SOME_FILE];
  const script = `const { spawn } = require('child_process');
    for (const f of ${JSON.stringify(paths)}) spawn('${EC}', ['call', 'run', '--tool', 'act', '--args', JSON.stringify({ path: f }), '--',
      '/bin/sh', '-c', 'cat ' + f + ' >/dev/null'], { stdio: 'inherit' });`;
  const run = spawnSync(EC, ['run', '-p', POLICY, '--trail', trail, '--', process.execPath, '-e', script], { encoding: 'utf8' });
  const of = new Map(lines(trail).filter((l) => l.kind === 'call_begin').map((l) => [l.call, l.arguments.path]));
  const ends = lines(trail).filter((l) => l.kind === 'call_end');
  check(ends.length === 4, 'four exact calls', run);
  for (const e of ends) {
    const want = of.get(e.call) === MANY_FILE ? MANY : SOME, bytes = bytesOf(e);
    check(about(bytes.read, want) && about(bytes.written, want) && !bytes.shared, `an exact call has its own: ${want}`, bytes);
  }
  // the task itself, not a child of it, which has moved some before
  const own = `${W}/own.jsonl`;
  spawnSync(EC, ['run', '-p', POLICY, '--trail', own, '--', EC, 'call', 'run', '--tool', 'act', '--args', JSON.stringify({ path: MANY_FILE }), '--', '/usr/bin/cat', MANY_FILE], { stdio: ['ignore', 'ignore', 'inherit'] });
  const end = lines(own).find((l) => l.kind === 'call_end');
  check(about(bytesOf(end).read, MANY) && about(bytesOf(end).written, MANY), 'also as the very task that took it', end);
}

async function observing() {
  const { ends } = await session(async (c) => { await c.call('read', { path: SOME_FILE }); }, '--observe');
  check(about(bytesOf(ends[0]).read, SOME), 'observing counts them, too', ends[0].observed);
}

await inTurn();
await crowd();
await sideBySide();
exact();
await observing();
report();
