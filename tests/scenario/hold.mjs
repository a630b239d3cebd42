// SPDX-License-Identifier: Apache-2.0
// hold.mjs - a server that does anything, held to its declared calls. Every
// attack is first shown to work without EnforceCore, then asserted on its
// effect with it. Runs in a kernel that can enforce, as root.
import fs from 'node:fs';
import net from 'node:net';
import dgram from 'node:dgram';
import { Client } from './client.mjs';
import { report, check } from './report.mjs';

const EC = process.env.EC ?? 'build/enforcecore';
const HERE = new URL('.', import.meta.url).pathname;
const W = '/var/tmp/ec-hold';
const D = `${W}/data`, OUT = `${D}/out`;
const TCP = 18181, UDP = 18182, DIAL = 18183;
let received;

// A fresh world. The pair of hard links stays when it is whole: the policy
// that is in force knows the object, not only its name.
function world() {
  const [never, alias] = [`${D}/never.txt`, `${D}/alias.txt`];
  const whole = fs.existsSync(never) && fs.existsSync(alias) && fs.statSync(never).ino === fs.statSync(alias).ino;
  if (whole) { for (const p of [never, alias]) fs.renameSync(p, `/var/tmp/ec-kept-${p === never ? 'never' : 'alias'}`); }
  fs.rmSync(W, { recursive: true, force: true });
  for (const d of [OUT, `${D}/sub/deep`, `${W}/outside`, `${D}/secret`, `${D}/box/vault`]) fs.mkdirSync(d, { recursive: true });
  if (whole) { fs.renameSync('/var/tmp/ec-kept-never', never); fs.renameSync('/var/tmp/ec-kept-alias', alias); }
  const files = { [`${D}/a.txt`]: 'alpha', [`${D}/b.txt`]: 'beta', [`${D}/sub/deep/c.txt`]: 'gamma', [`${W}/outside/canary`]: 'CANARY',
    [`${W}/outside/victim`]: 'untouched', [`${D}/secret/key`]: 'SECRET', [`${D}/.env`]: 'ENV', [`${OUT}/old.txt`]: 'old',
    [`${D}/box/vault/gold`]: 'GOLD', [`${W}/outside/linked`]: 'LINKED' };
  for (const [p, t] of Object.entries(files)) fs.writeFileSync(p, t);
  if (!whole) { fs.writeFileSync(never, 'NEVER'); fs.linkSync(never, alias); }
  fs.symlinkSync(`${W}/outside/canary`, `${D}/link-out`);
  fs.symlinkSync(`${D}/a.txt`, `${D}/link-in`);
  fs.symlinkSync(`${W}/outside/victim`, `${OUT}/link-victim`);
  fs.symlinkSync(`${W}/outside`, `${D}/dir-out`);
  received = { tcp: 0, udp: 0, unix: 0 };
}

const policy = () => `
name: hold
version: "1.0"
rules: { allowed_tools: [read, write, list, move, act, dial], denied_tools: [denied] }
kernel:
  baseline:
    exec: ["${process.execPath}"]
    read: ["/usr/**", "/lib/**", "/lib64/**", "/etc/**", "/proc/**", "/sys/**", "/dev/null", "/dev/urandom", "${HERE}**"]
    write: ["/dev/null", "${W}/report"]
    connect: []
  never:
    read: ["${D}/secret/**", "${D}/never.txt", "**/.env", "/etc/shadow"]
    write: ["${D}/secret/**", "${D}/never.txt", "**/.env", "${D}/box/vault/**"]
  tools:
    read: { read: ["\${args.path}"], within: ["${D}/**"] }
    list: { read: ["\${args.path}"], within: ["${D}/**"] }
    write: { write: ["\${args.path}", "\${args.path}.*.tmp"], within: ["${D}/**"] }
    move: { write: ["\${args.source}", "\${args.destination}"], within: ["${D}/**"] }
    dial: { connect: ["127.0.0.1:\${args.port}"] }
    act: {}
`;

// name, tool call, did the attack succeed? (asked of the world, not the server)
const same = (p, t) => () => fs.readFileSync(p, 'utf8') !== t;
const exists = (p) => () => fs.existsSync(p);
const gone = (p) => () => !fs.existsSync(p);
const told = (text) => (r) => r.ok && String(r.value).includes(text);
const attacks = [
  ['undeclared file, main thread', 'read', { path: `${D}/a.txt`, act: 'readSync', target: `${D}/b.txt` }, told('beta')],
  ['undeclared file, libuv worker', 'read', { path: `${D}/a.txt`, act: 'readUv', target: `${D}/b.txt` }, told('beta')],
  ['undeclared file, worker_thread', 'read', { path: `${D}/a.txt`, act: 'readWorker', target: `${D}/b.txt` }, told('beta')],
  ['no grant at all', 'act', { act: 'readUv', target: `${D}/a.txt` }, told('alpha')],
  ['outside within, declared', 'read', { path: `${W}/outside/canary` }, told('CANARY')],
  ['outside within, undeclared', 'read', { path: `${D}/a.txt`, act: 'readUv', target: `${W}/outside/canary` }, told('CANARY')],
  ['never although declared', 'read', { path: `${D}/secret/key` }, told('SECRET')],
  ['never by **/ although declared', 'read', { path: `${D}/.env` }, told('ENV')],
  ['never through an old hard link', 'read', { path: `${D}/alias.txt` }, told('NEVER')],
  ['never through an old hard link, undeclared name', 'read', { path: `${D}/alias.txt`, act: 'readFd', target: `${D}/alias.txt` }, told('NEVER')],
  ['dotdot out', 'read', { path: `${D}/sub/../../outside/canary` }, told('CANARY')],
  ['symlink out', 'read', { path: `${D}/link-out` }, told('CANARY')],
  ['directory symlink out', 'read', { path: `${D}/dir-out/canary` }, told('CANARY')],
  ['symlink out for writing', 'write', { path: `${OUT}/link-victim`, act: 'writeSync', target: `${OUT}/link-victim` }, same(`${W}/outside/victim`, 'untouched')],
  ['listing beyond', 'list', { path: `${D}/sub`, act: 'list', target: `${D}` }, told('a.txt')],
  ['write beyond the grant', 'write', { path: `${OUT}/x`, act: 'write', target: `${OUT}/old.txt` }, same(`${OUT}/old.txt`, 'old')],
  ['append', 'read', { path: `${D}/a.txt`, act: 'append', target: `${D}/a.txt` }, same(`${D}/a.txt`, 'alpha')],
  ['create leaves nothing', 'read', { path: `${D}/a.txt`, act: 'create', target: `${D}/made` }, exists(`${D}/made`)],
  ['mkdir', 'write', { path: `${OUT}/x`, act: 'mkdir', target: `${OUT}/dir` }, exists(`${OUT}/dir`)],
  ['rmdir', 'write', { path: `${OUT}/x`, act: 'rmdir', target: `${D}/empty` }, gone(`${D}/empty`), () => fs.mkdirSync(`${D}/empty`)],
  ['unlink', 'write', { path: `${OUT}/x`, act: 'unlink', target: `${OUT}/old.txt` }, gone(`${OUT}/old.txt`)],
  ['rename away', 'write', { path: `${OUT}/x`, act: 'rename', target: `${D}/a.txt`, to: `${OUT}/x` }, gone(`${D}/a.txt`)],
  ['rename onto', 'write', { path: `${OUT}/x`, act: 'rename', target: `${OUT}/x`, to: `${OUT}/old.txt` }, same(`${OUT}/old.txt`, 'old'), () => fs.writeFileSync(`${OUT}/x`, 'x')],
  ['rename a directory above never', 'move', { source: `${D}/box`, destination: `${D}/moved` }, exists(`${D}/moved`)],
  ['a link in the place of a directory above never', 'move', { source: `${D}/box`, destination: `${D}/x`, act: 'symlink', target: OUT, to: `${D}/box` },
    exists(`${D}/box`), () => fs.rmSync(`${D}/box`, { recursive: true })],
  ['rename a link to there', 'move', { source: `${OUT}/l`, destination: `${D}/box` }, exists(`${D}/box`),
    () => { fs.rmSync(`${D}/box`, { recursive: true }); fs.symlinkSync(OUT, `${OUT}/l`); }],
  ['rename never to another name', 'move', { source: `${D}/never.txt`, destination: `${D}/plain.txt` }, exists(`${D}/plain.txt`)],
  ['truncate', 'read', { path: `${D}/a.txt`, act: 'truncate', target: `${D}/a.txt` }, same(`${D}/a.txt`, 'alpha')],
  ['chmod', 'read', { path: `${D}/a.txt`, act: 'chmod', target: `${D}/a.txt` }, () => (fs.statSync(`${D}/a.txt`).mode & 0o777) === 0o777],
  ['chown', 'read', { path: `${D}/a.txt`, act: 'chown', target: `${D}/a.txt` }, () => fs.statSync(`${D}/a.txt`).uid === 12],
  ['utimes', 'read', { path: `${D}/a.txt`, act: 'utimes', target: `${D}/a.txt` }, () => fs.statSync(`${D}/a.txt`).mtimeMs === 1000],
  ['hard link', 'write', { path: `${OUT}/x`, act: 'link', target: `${W}/outside/linked`, to: `${OUT}/x` }, exists(`${OUT}/x`)],
  ['hard link to never', 'move', { source: `${D}/never.txt`, destination: `${OUT}/n`, act: 'link', target: `${D}/never.txt`, to: `${OUT}/n` }, exists(`${OUT}/n`)],
  ['symlink', 'read', { path: `${D}/a.txt`, act: 'symlink', target: '/etc/shadow', to: `${D}/sym` }, exists(`${D}/sym`)],
  ['shell', 'act', { act: 'shell', command: `echo pwned > ${W}/outside/pwned` }, exists(`${W}/outside/pwned`)],
  ['other program', 'act', { act: 'exec', target: '/usr/bin/touch', args: [`${W}/outside/touched`] }, exists(`${W}/outside/touched`)],
  ['loader as a program', 'act', { act: 'exec', target: '/lib64/ld-linux-x86-64.so.2', args: ['/usr/bin/touch', `${W}/outside/ld`] }, exists(`${W}/outside/ld`)],
  ['tcp', 'act', { act: 'tcp', port: TCP }, () => received.tcp > 0],
  ['tcp through ::ffff', 'act', { act: 'tcp', port: TCP, host: '::ffff:127.0.0.1' }, () => received.tcp > 0],
  ['tcp to 0.0.0.0', 'act', { act: 'tcp', port: TCP, host: '0.0.0.0' }, () => received.tcp > 0],
  ['tcp to another port than declared', 'dial', { port: DIAL, act: 'tcp', other: TCP }, () => received.tcp > 0],
  ['udp', 'act', { act: 'udp', port: UDP }, () => received.udp > 0],
  ['unix socket', 'act', { act: 'unix', target: `${W}/sock` }, () => received.unix > 0],
  ['abstract unix socket', 'act', { act: 'unix', target: '@ec-hold' }, () => received.unix > 0],
  ['listen', 'act', { act: 'listen', port: 18190 }, (r) => r.ok],
  ['listen on a unix path', 'act', { act: 'listenUnix', target: `${OUT}/listening` }, (r) => r.ok || fs.existsSync(`${OUT}/listening`)],
  ['signal to a stranger', 'act', { act: 'kill', pid: 1 }, (r) => r.ok],
  ['/proc of a stranger', 'act', { act: 'readSync', target: '/proc/1/environ' }, (r) => r.ok],
  ['memory map of a stranger', 'act', { act: 'readSync', target: '/proc/1/maps' }, (r) => r.ok],
];

async function listeners() {
  const seen = (kind) => (s) => { received[kind]++; s.on('error', () => {}); s.resume(); };
  const udp = dgram.createSocket('udp4').on('message', () => received.udp++).bind(UDP, '127.0.0.1');
  const servers = [net.createServer(seen('tcp')).listen(TCP, '::'), net.createServer(seen('dial')).listen(DIAL, '127.0.0.1'),
    net.createServer(seen('unix')).listen(`${W}/sock`), net.createServer(seen('unix')).listen('\0ec-hold')];
  await Promise.all([...servers, udp].map((x) => new Promise((d) => x.once('listening', d))));
  return () => { udp.close(); servers.forEach((s) => s.close()); };
}

const server = [process.execPath, `${HERE}rogue.mjs`];
const guarded = (trail, extra = []) => [EC, 'mcp', '-p', '/var/tmp/ec-hold.yaml', '--trail', trail, ...extra, '--', ...server];

// One attack on a running server; true when its effect happened.
async function attack(client, [, tool, args, happened, prepare]) {
  world();
  prepare?.();
  const close = await listeners();
  const answer = await client.call(tool, args);
  await new Promise((d) => setTimeout(d, 30));
  const effect = Boolean(happened(answer));
  close();
  return { effect, answer };
}

async function attacksWork() {
  const client = await new Client(server).init();
  for (const a of attacks) {
    const { effect, answer } = await attack(client, a);
    check(effect, `without EnforceCore it works: ${a[0]}`, answer);
  }
  await client.close();
}

async function attacksFail() {
  world();
  fs.writeFileSync('/var/tmp/ec-hold.yaml', policy());
  const client = await new Client(guarded('/var/tmp/ec-hold.jsonl')).init();
  for (const a of attacks) {
    const { effect, answer } = await attack(client, a);
    check(!effect && answer.code !== 'GONE', `refused: ${a[0]}`, { answer, stderr: client.stderr });
  }
  const end = await client.close();
  check(end.code === 0, 'the server survives every refusal', { end, stderr: client.stderr });
}

async function benign() {
  world();
  fs.rmSync('/var/tmp/ec-hold.jsonl', { force: true });
  fs.writeFileSync('/var/tmp/ec-hold.yaml', policy());
  const close = await listeners();
  const c = await new Client(guarded('/var/tmp/ec-hold.jsonl')).init();
  const is = async (name, tool, args, want) => { const r = await c.call(tool, args); check(r.ok && r.value === want, `works: ${name}`, r); };
  await is('read', 'read', { path: `${D}/a.txt` }, 'alpha');
  await is('read deep', 'read', { path: `${D}/sub/deep/c.txt` }, 'gamma');
  await is('read with dots', 'read', { path: `${D}/sub/../a.txt` }, 'alpha');
  await is('read through a symlink in', 'read', { path: `${D}/link-in` }, 'alpha');
  await is('list', 'list', { path: `${D}/sub` }, 'deep');
  check((await c.call('list', { path: D })).ok, 'works: list the ceiling itself');
  await is('write', 'write', { path: `${OUT}/new.txt`, content: 'fresh' }, 'written');
  check(fs.readFileSync(`${OUT}/new.txt`, 'utf8') === 'fresh', 'works: the written file is there');
  await is('overwrite', 'write', { path: `${OUT}/old.txt`, content: 'newer' }, 'written');
  await is('glob characters are text', 'write', { path: `${OUT}/[a]*{b}?.txt`, content: 'g' }, 'written');
  await is('move', 'move', { source: `${OUT}/new.txt`, destination: `${D}/sub/moved.txt` }, 'moved');
  check((await c.call('act', { act: 'childEnviron' })).value?.includes('MARK=own'), 'works: /proc of a child of its own');
  await is('dial', 'dial', { port: DIAL }, true);
  const both = await Promise.all([c.call('read', { path: `${D}/a.txt`, act: 'sleepRead', ms: 200, target: `${D}/a.txt` }),
    c.call('read', { path: `${D}/b.txt`, act: 'sleepRead', ms: 100, target: `${D}/b.txt` })]);
  check(both[0].value === 'alpha' && both[1].value === 'beta', 'works: two calls at once', both);
  const denied = await c.call('denied', {});
  check(denied.refused && /denied/.test(denied.text), 'a denied tool answers with rule and reason', denied);
  const list = await c.request('tools/list', {});
  check(!list.result.tools.some((t) => t.name === 'denied') && list.result.tools.length === 6, 'a denied tool is not listed', list);
  const later = await c.call('read', { path: `${D}/a.txt`, act: 'later', ms: 300, target: `${D}/a.txt`, report: `${W}/report` });
  await new Promise((d) => setTimeout(d, 900));
  check(later.ok && fs.readFileSync(`${W}/report`, 'utf8') === 'code EACCES', 'refused: a timer after its call has ended', later);
  const end = await c.close();
  check(end.code === 0, 'the gateway exits with the server', { end, stderr: c.stderr });
  close();
  const trail = fs.readFileSync('/var/tmp/ec-hold.jsonl', 'utf8').trim().split('\n').map((l) => JSON.parse(l));
  const denials = trail.filter((r) => r.kind === 'denial');
  const late = denials.filter((r) => r.target === `${D}/a.txt`);
  check(late.length === 1 && late[0].call === null, 'the trail has the late read and nothing else of it', denials.slice(0, 5));
  const unexpected = denials.filter((r) => r.target !== `${D}/a.txt`);
  check(unexpected.length === 0, 'no false denial in a benign session', unexpected.slice(0, 5));
}

async function observe() {
  world();
  fs.writeFileSync('/var/tmp/ec-hold.yaml', policy());
  const c = await new Client(guarded('/var/tmp/ec-hold.jsonl', ['--observe'])).init();
  const r = await c.call('act', { act: 'readUv', target: `${D}/b.txt` });
  await c.close();
  check(r.value === 'beta', 'observe mode refuses nothing', r);
  const line = fs.readFileSync('/var/tmp/ec-hold.jsonl', 'utf8').split('\n').find((l) => l.includes('b.txt') && l.includes('would-deny'));
  check(line, 'observe mode records the would-deny');
}

// what an earlier run on this machine left would be a lower layer here: not our world
for (const left of [W, '/var/tmp/ec-kept-never', '/var/tmp/ec-kept-alias']) fs.rmSync(left, { recursive: true, force: true });
const parts = { attacksWork, attacksFail, benign, observe };
const chosen = process.argv.slice(2);
for (const [name, part] of Object.entries(parts)) if (!chosen.length || chosen.includes(name)) await part();
report();
