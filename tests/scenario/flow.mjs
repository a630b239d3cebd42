// SPDX-License-Identifier: Apache-2.0
// flow.mjs - after a secret is read, nothing gets out: not by a new connection,
// not by one that was open before, not by a file. Runs in a kernel that can
// enforce, as root.
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { spawn } from 'node:child_process';
import dgram from 'node:dgram';
import { Client } from './client.mjs';
import { keep } from './keeper.mjs';
import { report, check } from './report.mjs';

const EC = process.env.EC ?? 'build/enforcecore';
await keep(EC);
const HERE = new URL('.', import.meta.url).pathname;
const W = '/var/tmp/ec-flow', TRAIL = `${W}/trail.jsonl`;
const SENDER = path.resolve('build/tests/scenario/sender');
const OUT = 18281, FRIEND = 18282, UDP = 18283;
const wait = (ms) => new Promise((d) => setTimeout(d, ms));

fs.rmSync(W, { recursive: true, force: true });
for (const d of ['secrets/deep', 'tmp', 'pub']) fs.mkdirSync(`${W}/${d}`, { recursive: true });
for (const f of ['secrets/key', 'secrets/deep/key', 'pub/a', 'pub/.env']) fs.writeFileSync(`${W}/${f}`, f);
fs.symlinkSync(`${W}/secrets/key`, `${W}/pub/link`);
fs.writeFileSync(`${W}/policy.yaml`, `
name: flow
kernel:
  baseline:
    exec: ["${process.execPath}", "${SENDER}"]
    read: ["/usr/**", "/lib/**", "/lib64/**", "/etc/**", "/proc/**", "/sys/**", "/dev/null", "/dev/urandom", "${HERE}**", "${W}/**"]
    write: ["/dev/null", "${W}/**"]
    connect: ["127.0.0.1:*", "unix:${W}/sock"]
  labels:
    secret: ["${W}/secrets", "**/.env"]
    friend: ["127.0.0.1:${FRIEND}"]
  flows:
    - { after: read secret, deny: [connect, write], except: ["127.0.0.1:${FRIEND}", "${W}/tmp/**"], until: session }
`);

const got = { out: '', friend: '', udp: 0, unix: '' };
const listen = (name, where) => new Promise((d) => {
  const s = net.createServer((c) => { c.on('data', (x) => { got[name] += x; }); c.on('error', () => {}); }).listen(where, () => d(s));
});
const servers = await Promise.all([listen('out', { port: OUT, host: '127.0.0.1' }), listen('friend', { port: FRIEND, host: '127.0.0.1' }), listen('unix', { path: `${W}/sock` })]);
const udp = dgram.createSocket('udp4').on('message', () => got.udp++).bind(UDP, '127.0.0.1');
const start = (...more) => new Client([EC, 'mcp', '-p', `${W}/policy.yaml`, '--trail', TRAIL, ...more, '--', process.execPath, `${HERE}rogue.mjs`]).init();
const act = (c, act, a = {}) => c.call('act', { act, ...a });
const has = async (name, text) => { for (let i = 0; i < 20 && !got[name].includes(text); i++) await wait(20); return got[name].includes(text); };

// Everything that must fail later works before.
async function works(c, mark) {
  await act(c, 'tcp', { port: OUT, text: `${mark}-tcp` });
  check(await has('out', `${mark}-tcp`), `${mark}: a new connection arrives`);
  await act(c, 'hold', { port: OUT, name: 'tcp', text: `${mark}-hold` });
  await act(c, 'hold', { target: `${W}/sock`, name: 'unix', text: `${mark}-hold` });
  check(await has('out', `${mark}-hold`) && await has('unix', `${mark}-hold`), `${mark}: what is sent on an open connection arrives`);
  await act(c, 'udp', { port: UDP });
  await wait(50);
  check(got.udp > 0, `${mark}: a datagram arrives`);
  await act(c, 'write', { target: `${W}/pub/out`, text: mark });
  check(fs.readFileSync(`${W}/pub/out`, 'utf8') === mark, `${mark}: a file is written`);
}

async function refused(c, mark) {
  got.udp = 0;
  const tcp = await act(c, 'tcp', { port: OUT, text: `${mark}-tcp` });
  await act(c, 'send', { name: 'tcp', text: `${mark}-held` });
  await act(c, 'send', { name: 'unix', text: `${mark}-held` });
  await act(c, 'udp', { port: UDP });
  await act(c, 'write', { target: `${W}/pub/out`, text: mark });
  await wait(200);
  check(tcp.code === 'EACCES' && !got.out.includes(`${mark}-tcp`), `${mark}: a new connection is refused`, tcp);
  check(!got.out.includes(`${mark}-held`), `${mark}: nothing leaves over a connection made before`);
  check(!got.unix.includes(`${mark}-held`), `${mark}: nothing leaves over a unix connection made before`);
  check(got.udp === 0, `${mark}: no datagram leaves`);
  check(fs.readFileSync(`${W}/pub/out`, 'utf8') !== mark, `${mark}: no file is written`);
  await act(c, 'tcp', { port: FRIEND, text: `${mark}-friend` });
  check(await has('friend', `${mark}-friend`), `${mark}: an excepted endpoint is reached`);
  await act(c, 'write', { target: `${W}/tmp/${mark}`, text: mark });
  check(fs.existsSync(`${W}/tmp/${mark}`), `${mark}: an excepted file is written`);
  check((await act(c, 'readUv', { target: `${W}/pub/a` })).ok, `${mark}: reading goes on`);
}

for (const [how, target] of [['readSync', 'secrets/key'], ['readWorker', 'secrets/deep/key'], ['readUv', 'pub/.env'], ['readUv', 'pub/link']]) {
  const c = await start(), mark = target.replaceAll(/[/.]/g, '_');
  await works(c, `before-${mark}`);
  const r = await act(c, how, { target: `${W}/${target}` });
  check(r.ok, `${mark}: the secret itself may be read`, r);
  await refused(c, `after-${mark}`);
  const end = await c.close();
  check(end.code === 0, `${mark}: the server lives on`, { end, err: c.stderr });
}

// On a connection that is open each system call that sends, also those that no socket's hook sees (sendfile and splice before 6.5).
const WAYS = ['write', 'send', 'writev', 'sendmmsg', 'sendfile', 'splice', 'vmsplice', 'tee'];
for (const words of [['--observe'], []]) {
  got.out = '';
  const said = await new Promise((done) => {
    let text = '';
    const child = spawn(EC, ['run', '-p', `${W}/policy.yaml`, '--trail', TRAIL, ...words, '--', SENDER, OUT, `${W}/secrets/key`], { stdio: ['ignore', 'pipe', 'inherit'] });
    child.stdout.on('data', (x) => { text += x; });
    child.on('close', (status) => done({ status, text }));
  });
  await has('out', 'tee:before');
  await wait(100);
  check(said.status === 0, 'the sender sends and reads', said);
  for (const way of WAYS) {
    check(got.out.includes(`${way}:before;`), `${way} works before`, got.out);
    check(got.out.includes(`${way}:after;`) === words.length > 0, `${way} after the secret was read ${words.length ? 'works when nothing is refused' : 'sends nothing'}`, { said, out: got.out });
  }
  check(got.out.includes('secrets/key') === words.length > 0, 'nor does sendfile of the secret itself', got.out);
}

const other = await start(), c = await start('--trail', `${W}/second.jsonl`);
await act(c, 'readSync', { target: `${W}/secrets/key` });
await works(other, 'another agent');
await other.close();
await c.close();
const lines = fs.readFileSync(`${W}/second.jsonl`, 'utf8').trim().split('\n').map((l) => JSON.parse(l));
const flow = lines.find((l) => l.kind === 'flow');
check(flow?.target === `${W}/secrets/key` && /after read secret deny write connect .*policy.yaml:\d+:\d+/.test(flow.rule), 'the trail says what tripped which flow', flow);

const watched = await start('--observe');
await act(watched, 'readSync', { target: `${W}/secrets/key` });
await works(watched, 'observed');
await watched.close();
const would = fs.readFileSync(TRAIL, 'utf8').trim().split('\n').map((l) => JSON.parse(l)).filter((l) => l.verdict === 'would-deny' && l.reason === 'flow');
check(would.some((l) => l.op === 'connect') && would.some((l) => l.op === 'write'), 'observe mode records what the flow would refuse', would);

udp.close();
for (const s of servers) s.close();
report();
