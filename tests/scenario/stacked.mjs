// SPDX-License-Identifier: Apache-2.0
// stacked.mjs [apparmor|selinux] - beside another LSM: rules of it that are enforced and a policy,
// each with something that only it permits. Each alone refuses its own; together both do,
// also of what an open call grants. Runs in a kernel that has both, as root.
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { keep } from './keeper.mjs';
import { report, check } from './report.mjs';

const EC = path.resolve(process.env.EC ?? 'build/enforcecore');
const W = '/var/tmp/ec-stacked';
const other = await import(`./stacked_${process.argv[2] ?? 'apparmor'}.mjs`);
// permitted by both, by the policy alone (ec), by the other LSM alone (mac)
const OBJECTS = ['both', 'ec', 'mac'];
const ADDRESS = { both: ['127.0.0.1', 18191], ec: ['::1', 18192], mac: ['127.0.0.1', 18193] };
const received = {};

const POLICY = `
name: stacked
rules: { allowed_tools: [read] }
kernel:
  baseline:
    exec: ["${W}/{mac,bare}/sh", "${W}/run/{both,ec}/echo"]
    read: ["${W}/data/{both,ec}", "/proc/self/**"]
    write: ["${W}/out/{both,ec}", "${W}/said", "/dev/null"]
    connect: ["127.0.0.1:${ADDRESS.both[1]}", "[::1]:${ADDRESS.ec[1]}"]
`;
const CALLER = `
name: stacked-calls
rules: { allowed_tools: [read] }
kernel:
  baseline:
    exec: ["/bin/sh", "/usr/bin/dash", "${EC}", "${W}/mac/sh"]
    read: ["/usr/**", "/lib/**", "/lib64/**", "/etc/**", "/proc/**", "/sys/**"]
    write: ["${W}/said", "/dev/null"]
  tools:
    read: { read: ["\${args.path}"], within: ["${W}/data/**"] }
`;

function world() {
  fs.rmSync(W, { recursive: true, force: true });
  fs.mkdirSync(W);
  other.prepare(W);
  for (const d of ['mac', 'bare', 'data', 'out', ...OBJECTS.map((o) => `run/${o}`)]) fs.mkdirSync(`${W}/${d}`, { recursive: true });
  const busybox = execFileSync('/bin/sh', ['-c', 'command -v busybox'], { encoding: 'utf8' }).trim();
  for (const p of ['mac/sh', 'bare/sh', ...OBJECTS.map((o) => `run/${o}/echo`)]) fs.copyFileSync(busybox, `${W}/${p}`);
  for (const o of [...OBJECTS, 'none']) fs.writeFileSync(`${W}/data/${o}`, `text-of-${o}\n`);
  fs.writeFileSync(`${W}/policy.yaml`, POLICY);
  fs.writeFileSync(`${W}/caller.yaml`, CALLER);
}

// What a process may do to the objects, asked of the world afterwards.
const SCRIPT = OBJECTS.map((o) => `
  read text <${W}/data/${o} && echo "read ${o} $text"
  echo x >${W}/out/${o}
  ${W}/run/${o}/echo exec ${o} ran
  echo hello | nc -w 1 ${ADDRESS[o].join(' ')}`).join('\n');

// A file: another LSM has a word also in what is written to a socket or a pipe.
const listen = () => fs.openSync(`${W}/said`, 'w');
function heard(fd) {
  fs.closeSync(fd);
  return fs.readFileSync(`${W}/said`, 'utf8');
}

async function attempt(place, confined) {
  for (const o of OBJECTS) { fs.rmSync(`${W}/out/${o}`, { force: true }); received[o] = 0; }
  const command = [`${W}/${place}/sh`, '-c', SCRIPT];
  const argv = confined ? [EC, 'run', '-p', `${W}/policy.yaml`, '--trail', `${W}/trail-${place}`, '--', ...command] : command;
  const to = listen();
  await new Promise((done) => spawn(argv[0], argv.slice(1), { stdio: ['ignore', to, to] }).on('close', done));
  await new Promise((done) => setTimeout(done, 100));
  const said = heard(to);
  return Object.fromEntries(OBJECTS.map((o) => [o, [
    said.includes(`read ${o} text-of-${o}`), fs.existsSync(`${W}/out/${o}`), said.includes(`exec ${o} ran`), received[o] > 0]]));
}

function expect(got, permitted, name) {
  ['read', 'write', 'exec', 'connect'].forEach((op, i) => {
    for (const o of OBJECTS) check(got[o][i] === permitted.includes(o), `${name}: ${op} of ${o} ${permitted.includes(o) ? 'works' : 'has no effect'}`, got[o]);
  });
}

// `call run` of a shell that the other LSM confines: both have their say.
function called(o) {
  const args = JSON.stringify({ path: `${W}/data/${o}` });
  const inner = `${EC} call run --tool read --args '${args}' -- ${W}/mac/sh -c 'read text <${W}/data/${o} && echo "$text"'`;
  const to = listen();
  spawnSync(EC, ['run', '-p', `${W}/caller.yaml`, '--trail', `${W}/trail-calls`, '--', '/bin/sh', '-c', inner], { stdio: ['ignore', to, to], timeout: 60000 });
  return heard(to);
}

const denials = (place) => fs.readFileSync(`${W}/trail-${place}`, 'utf8').split('\n').filter(Boolean).map((l) => JSON.parse(l)).filter((r) => r.kind === 'denial').map((r) => JSON.stringify(r));

await keep(EC);
world();
for (const o of OBJECTS) {
  const server = net.createServer((s) => { s.on('data', (d) => { received[o] += d.length; }); s.on('error', () => {}); });
  await new Promise((done) => server.listen(ADDRESS[o][1], ADDRESS[o][0], done));
  server.unref();
}
expect(await attempt('bare', false), OBJECTS, 'neither');
expect(await attempt('bare', true), ['both', 'ec'], 'the policy alone');
expect(await attempt('mac', false), OBJECTS, 'the other has no rules yet');
other.load(W, ADDRESS.ec[1]);
expect(await attempt('mac', false), ['both', 'mac'], 'the other alone, of a process that no agent owns');
expect(await attempt('mac', true), ['both'], 'both');
const told = denials('mac');
check(told.some((l) => l.includes(`${W}/data/mac`)) && told.some((l) => l.includes(`:${ADDRESS.mac[1]}`)), 'the trail has what the policy refused', told);
check(!told.some((l) => l.includes(`${W}/data/ec`)), 'and not what the other refused');
check(called('both').includes('text-of-both'), 'a call opens what the other permits', called('both'));
check(called('mac').includes('text-of-mac'), 'and what only it grants');
check(!called('none').includes('text-of-none') && !called('ec').includes('text-of-ec'), 'what the other refuses no call opens');
other.unload(W);
expect(await attempt('mac', true), ['both', 'ec'], 'without the other\'s rules the policy stands');
report();
