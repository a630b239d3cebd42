// SPDX-License-Identifier: Apache-2.0
// life.mjs - odd servers, disconnects, several at once, crashes: a clear end,
// no hang, nothing left behind. Runs in a kernel that can enforce, as root.
import fs from 'node:fs';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { Client } from './client.mjs';
import { keep } from './keeper.mjs';
import { report, check } from './report.mjs';

const EC = process.env.EC ?? 'build/enforcecore';
const HERE = new URL('.', import.meta.url).pathname;
const W = '/var/tmp/ec-life', PINS = '/sys/fs/bpf/enforcecore';
const wait = (ms) => new Promise((d) => setTimeout(d, ms));

fs.rmSync(W, { recursive: true, force: true });
fs.mkdirSync(`${W}/a`, { recursive: true });
fs.writeFileSync(`${W}/a/one`, 'one');
const policy = (name, extra = '') => {
  const file = `${W}/${name}.yaml`;
  fs.writeFileSync(file, `
name: ${name}
kernel:
  baseline:
    exec: ["${process.execPath}", "/usr/bin/cat", "/usr/bin/sleep", "/bin/sh", "/usr/bin/true"]
    read: ["/usr/**", "/lib/**", "/lib64/**", "/etc/**", "/proc/**", "/sys/**", "/dev/null", "/dev/urandom", "${HERE}**"${extra}]
    write: ["/dev/null"]
  tools:
    quick: { timeout: 2 }
`);
  return file;
};
const plain = policy('plain');
const odd = (how, trail = how) => [EC, 'mcp', '-p', plain, '--trail', `${W}/${trail}.jsonl`, '--', process.execPath, `${HERE}server_odd.mjs`, how];
const clean = () => !fs.existsSync(PINS);
const alive = (pid) => { try { process.kill(pid, 0); return true; } catch { return false; } };

// What is not about loading and unloading, with the sensor loaded once for all of it.
async function kept(name, work) {
  const keeper = await keep(EC), out = new Promise((d) => keeper.on('exit', d));
  await work();
  keeper.ref();
  keeper.kill('SIGTERM');
  await out;
  check(clean(), `${name}: nothing is left`);
}

async function answers() {
  let c = await new Client(odd('garbage')).init();
  let r = await c.call('x', {});
  check(r.ok && c.lines.includes('this is not JSON'), 'invalid JSON passes as it is and the call is answered', r);
  check(/JSON/.test(c.stderr), 'invalid JSON is named on stderr', c.stderr);
  await c.close();

  c = await new Client(odd('big')).init();
  r = await c.call('x', {});
  check(r.ok, '64 MB of junk on a line: the call after it is answered', r);
  const rss = Number(/VmHWM:\s+(\d+)/.exec(fs.readFileSync(`/proc/${c.child.pid}/status`, 'utf8'))[1]);
  check(rss < 64 * 1024, '64 MB of junk: memory stays bounded', rss);
  await c.close();

  c = await new Client(odd('bigvalid')).init();
  r = await c.call('x', {});
  check(r.ok && r.value.length === 64 << 20, 'a valid answer of 64 MB arrives whole', { length: r.value?.length, code: r.code });
  await c.close();

  c = await new Client(odd('reverse')).init();
  const all = await Promise.all(['p', 'q', 'r'].map((n) => c.call(n, {})));
  check(all.map((x) => x.value).join('') === 'pqr', 'answers out of order reach their calls', all);
  await c.close();
}

// Agents of the server's policy: none is left behind, and nothing of theirs.
const agents = () => JSON.parse(spawnSync(EC, ['status', '--json'], { encoding: 'utf8' }).stdout).agents.filter((a) => a.policy === 'plain');
const serverOf = (c) => Number(execFileSync('/bin/sh', ['-c', `cat /proc/${c.child.pid}/task/*/children`]).toString().trim().split(' ')[0]);

async function servers() {
  let c = await new Client(odd('killed')).init();
  let r = await c.request('tools/call', { name: 'x', arguments: {} });
  check(r.result?.isError && /signal 9|SIGKILL/.test(r.result.content[0].text), 'a killed server: the call is answered and says so', r);
  check((await c.exited).code === 137 && !agents().length, 'a killed server: the exit status is its own, nothing is left', { err: c.stderr });

  c = await new Client(odd('hang')).init();
  r = await c.request('tools/call', { name: 'quick', arguments: {} });
  check(r.result?.isError && /deadline/.test(r.result.content[0].text), 'a server that never answers: the deadline does', r);
  await c.close();
  check(!agents().length, 'a server that never answers: nothing is left', agents());

  c = await new Client(odd('orphan')).init();
  r = await c.call('x', {});
  const end = await c.close();
  const left = spawnSync('/bin/sh', ['-c', 'cat /proc/[0-9]*/cmdline | tr "\\0" " " | grep -c "setTimeout(() => {}, 1e6)"']).stdout.toString().trim();
  check(r.ok && end.code === 0 && Number(left) <= 1 && !agents().length, 'a detached child of the server does not outlive the session', { r, end, left, agents: agents() });
}

async function stopping() {
  let c = await new Client(odd('plain')).init();
  c.child.kill('SIGTERM');
  const end = await c.exited;
  check((end.code === 143 || end.code === 0) && !agents().length, 'SIGTERM: no process, no agent', end);

  c = await new Client(odd('stubborn')).init();
  const begin = Date.now(), server = serverOf(c);
  c.child.kill('SIGTERM');
  await c.exited;
  check(Date.now() - begin < 20000 && !alive(server) && !agents().length, 'a server that ignores SIGTERM is killed');
}

// With nobody else on the host.
async function alone() {
  const c = await new Client(odd('plain', 'alone')).init(), server = serverOf(c);
  check(alive(server), 'the server runs', server);
  c.child.stdin.destroy();
  check((await c.exited).code === 0 && clean() && !alive(server), 'client disconnect: no process, no pin');
}

const run = (p, ...argv) => spawnSync(EC, ['run', '-p', p, '--', ...argv], { encoding: 'utf8' });

async function statuses() {
  check(run(plain, '/usr/bin/true').status === 0, 'run: 0');
  check(run(plain, '/bin/sh', '-c', 'exit 7').status === 7, 'run: the command\'s own status');
  check(run(plain, '/bin/sh', '-c', 'kill -9 $$').status === 137, 'run: 128 + signal');
  check(run(plain, '/nothing/there').status === 127, 'run: 127 when it is not found');
  check(run(plain, '/usr/bin/id').status === 126, 'run: 126 when the policy refuses the program');
  fs.writeFileSync(`${W}/bad.yaml`, 'name: x\nkernel:\n  baseline: { read: ["relative"] }\n');
  const bad = run(`${W}/bad.yaml`, '/usr/bin/true');
  check(bad.status === 125 && /bad\.yaml:3:\d+/.test(bad.stderr), 'run: 125 and file:line:column for a bad policy', bad.stderr);
}

async function together() {
  const mine = policy('mine', `, "${W}/a/**"`);
  const clients = await Promise.all([1, 2, 3].map((n) => new Client(odd('plain', `plain${n}`)).init()));
  const sleeper = spawn(EC, ['run', '-p', mine, '--', '/usr/bin/sleep', '600'], { stdio: 'ignore' });
  check(run(mine, '/usr/bin/cat', `${W}/a/one`).stdout === 'one', 'several at once: a policy that permits');
  check(run(plain, '/usr/bin/cat', `${W}/a/one`).status === 1, 'several at once: beside one that does not');
  check((await Promise.all(clients.map((c) => c.call('x', {})))).every((r) => r.ok), 'several at once: all are served');
  for (const c of clients) await c.close();
  check(!clean(), 'several at once: the last one is not out yet');
  sleeper.kill('SIGTERM');
  await new Promise((d) => sleeper.on('exit', d));
  check(clean(), 'several at once: the last one out cleans up');
}

async function crash() {
  const c = await new Client(odd('crash')).init();
  const server = serverOf(c);
  process.kill(server, 'SIGSTOP'); // it must not see our pipes close
  c.child.kill('SIGKILL');
  await c.exited;
  check(!clean() && alive(server), 'kill -9 of the controller: the kernel side stays');
  process.kill(server, 'SIGKILL');
  for (let i = 0; i < 50 && alive(server); i++) await wait(20);
  await wait(200);
  check(run(plain, '/usr/bin/true').status === 0 && clean(), 'the next one adopts, reaps and cleans up');
  const verify = spawnSync(EC, ['verify', `${W}/crash.jsonl`], { encoding: 'utf8' });
  check(verify.status === 0, 'the trail of the killed controller holds', verify.stdout + verify.stderr);
}

async function trails() {
  for (const name of ['killed', 'hang', 'garbage', 'big', 'plain']) {
    const verify = spawnSync(EC, ['verify', `${W}/${name}.jsonl`], { encoding: 'utf8' });
    check(verify.status === 0, `verify accepts the trail of ${name}`, verify.stdout + verify.stderr);
  }
  const lines = fs.readFileSync(`${W}/garbage.jsonl`, 'utf8').split('\n');
  lines[1] = lines[1].replace('"x"', '"y"');
  fs.writeFileSync(`${W}/edited.jsonl`, lines.join('\n'));
  check(spawnSync(EC, ['verify', `${W}/edited.jsonl`]).status === 1, 'verify refuses an edited line');
}

// detaching may take a few seconds more, in a process of its own (user/sensor_unload.c)
async function swept() {
  const left = () => fs.readdirSync('/sys/fs/bpf').filter((n) => n.startsWith('enforcecore'));
  for (let i = 0; i < 300 && left().length; i++) await wait(100);
  await wait(500);
  const running = spawnSync('/bin/sh', ['-c', 'cat /proc/[0-9]*/comm | grep -cx enforcecore']).stdout.toString().trim();
  check(!left().length && running === '0', 'in the end no pin and no process is left', { pins: left(), running });
}

async function beside() {
  await answers();
  await servers();
  await stopping();
  await statuses();
}

const parts = { beside: () => kept('beside another', beside), alone, together, crash, trails, swept };
const chosen = process.argv.slice(2);
for (const [name, part] of Object.entries(parts)) if (!chosen.length || chosen.includes(name)) await part();
report();
