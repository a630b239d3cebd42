// SPDX-License-Identifier: Apache-2.0
// outlive.mjs - agents outlive their controllers: what is pinned goes on judging,
// calls end at their deadline with nobody there, another controller takes over,
// and the trail goes on. Runs in a kernel that can enforce, as root.
import dgram from 'node:dgram';
import fs from 'node:fs';
import path from 'node:path';
import { spawn, spawnSync } from 'node:child_process';
import { report, check } from './report.mjs';

const EC = process.env.EC ?? 'build/enforcecore', SURVIVOR = path.resolve(path.dirname(EC), 'tests/scenario/survivor');
const W = '/var/tmp/ec-outlive';
const wait = (ms) => new Promise((d) => setTimeout(d, ms));
async function until(claim, ms = 120000) {
  for (const end = Date.now() + ms; Date.now() < end; await wait(10)) { const c = await claim(); if (c) return c; }
  return false;
}
const read = (file) => { try { return fs.readFileSync(file, 'utf8'); } catch { return ''; } };
const trail = (dir, kind = '') => read(`${dir}/trail.jsonl`).trim().split('\n').filter((l) => l.includes(kind)).flatMap((l) => { try { return [JSON.parse(l)]; } catch { return []; } });
// what the session itself wrote last; a checkpoint signs that
const last = (dir) => trail(dir).findLast((r) => r.kind !== 'checkpoint');
const ec = (...argv) => spawnSync(EC, argv, { encoding: 'utf8' });
const status = () => { const r = ec('status', '--json'); return { ...JSON.parse(r.stdout), code: r.status }; };
const agentOf = (s, name) => s.agents?.find((a) => a.policy === name);

fs.rmSync(W, { recursive: true, force: true });
function world(name, { timeout = 2, extra = '' } = {}) {
  const dir = `${W}/${name}`;
  for (const d of ['g', 'out']) fs.mkdirSync(`${dir}/${d}`, { recursive: true });
  for (let i = 0; i < 64; i++) fs.writeFileSync(`${dir}/g/${i}`, `granted ${i}`);
  fs.writeFileSync(`${dir}/out/secret`, 'SECRET');
  fs.writeFileSync(`${dir}/out/never`, 'NEVER');
  fs.writeFileSync(`${dir}/out/victim`, 'untouched');
  fs.writeFileSync(`${dir}/policy.yaml`, `
name: ${name}
kernel:
  baseline:
    exec: ["${SURVIVOR}"]
    read: ["/usr/**", "/lib/**", "/lib64/**", "/etc/**"]
    write: ["${dir}/acked", "${dir}/loot", "${dir}/state"]
  never: { read: ["${dir}/out/never"] }
  tools: { take: { read: ["\${args.path}"], within: ["${dir}/g/**"], timeout: ${timeout} } }
${extra}`);
  return dir;
}
const start = (dir, ...argv) => {
  const child = spawn(EC, ['run', '-p', `${dir}/policy.yaml`, '--trail', `${dir}/trail.jsonl`, '--', SURVIVOR, dir, ...argv], { stdio: ['ignore', 'pipe', 'inherit'] });
  child.out = '';
  child.stdout.on('data', (d) => { child.out += d; });
  child.gone = new Promise((d) => child.on('exit', d));
  return child;
};
const adopt = (...argv) => {
  const child = spawn(EC, ['adopt', ...argv], { stdio: ['ignore', 'pipe', 'pipe'] });
  child.out = '';
  child.stdout.on('data', (d) => { child.out += d; });
  child.stderr.on('data', (d) => { child.out += d; });
  child.gone = new Promise((d) => child.on('exit', (code) => { child.code = code; d(code); }));
  return child;
};

async function deadline() {
  const dir = world('deadline', { timeout: 10 });
  const c = start(dir, 'once', `${dir}/g/1`);
  await until(() => c.out.includes('1\n1\n'), 240000);
  let s = status(), a = agentOf(s, 'deadline');
  check(s.code === 0 && a?.controller.alive && a.controller.pid === c.pid && a.mode === 'enforce' && a.kind === 'run', 'status: a living agent', s);
  check(a?.calls.length === 1 && a.calls[0].tool === 'take' && a.calls[0].id === 'r1' && a.calls[0].left_ms <= 10000, 'status: its open call', a);
  check(a?.trail.path === `${dir}/trail.jsonl` && a.trail.error === null && a.tasks === 1, 'status: its trail and tasks', a);
  check(s.pins.programs > 30 && s.pins.maps > 8, 'status: what is pinned', s.pins);
  c.kill('SIGKILL');
  await c.gone;
  const before = c.out.length;
  s = status(); a = agentOf(s, 'deadline');
  check(s.code === 1 && a && !a.controller.alive, 'status: the controller is dead', s);
  await wait(200);
  check(c.out.slice(before).includes('1\n'), 'the call goes on without a controller', c.out.slice(-40));
  check(await until(() => c.out.endsWith('0\n0\n0\n'), 60000), 'and ends at its deadline, with nobody there', c.out.slice(-40));
  check(agentOf(status(), 'deadline')?.calls.length === 0, 'status: no call is open any more', status());
  const text = ec('status').stdout;
  check(/agent \d+: deadline \(run, enforce, generation \d+\)/.test(text) && /dead: no call opens/.test(text), 'status: for people', text);

  const lines = trail(dir).length;
  const k = adopt(String(a.agent));
  check(await until(() => agentOf(status(), 'deadline')?.controller.pid === k.pid), 'adopt: another controller', k.out);
  check(await until(() => trail(dir).some((r) => r.kind === 'session_adopted')), 'adopt: the trail says so', trail(dir).slice(-3));
  check(trail(dir).find((r) => r.kind === 'session_adopted')?.policy_unchanged, 'adopt: the policy is what it was', trail(dir).slice(-2));
  check(await until(() => trail(dir).some((r) => r.kind === 'call_end' && r.outcome === 'deadline' && r.adopted)), 'adopt: the call that was open is ended in the trail', trail(dir).slice(lines));
  check(trail(dir).slice(lines).some((r) => r.kind === 'denial' && /g\/1$/.test(r.target)), 'adopt: refusals of the time without a controller are in the trail', trail(dir).slice(lines));
  const again = ec('adopt', String(a.agent));
  check(again.status === 1 && /its controller lives/.test(again.stderr), 'adopt: not twice', again.stderr);
  check(ec('adopt', '999999').status === 1, 'adopt: not what is not there');
  fs.writeFileSync(`${dir}/stop`, '');
  check(await k.gone === 0, 'adopt: ends with the agent', k.out);
  check(last(dir).kind === 'session_end' && ec('verify', `${dir}/trail.jsonl`).status === 0, 'adopt: the trail has its end, and holds', trail(dir).slice(-2));
  check(!agentOf(status(), 'deadline'), 'adopt: the agent is gone');
}

async function takeover() {
  const dir = world('takeover');
  const c = start(dir, '1', String(process.pid));
  process.on('SIGUSR2', () => check(false, 'a signal came through'));
  const acked = () => read(`${dir}/acked`).trim().split('\n').filter(Boolean);
  await until(() => acked().length > 3, 240000);
  c.kill('SIGKILL');
  await c.gone;
  const agent = agentOf(status(), 'takeover').agent;
  let k = adopt('--all');
  let from = acked().length;
  check(await until(() => acked().length > from + 3), 'adopt: calls can be declared again', { out: k.out, a: acked().slice(-3) });
  // let go, and another policy meanwhile
  k.kill('SIGTERM');
  check(await k.gone === 0 && agentOf(status(), 'takeover')?.controller.alive === false, 'adopt: SIGTERM lets go, the agent stays', k.out);
  check(trail(dir).some((r) => r.kind === 'session_left'), 'adopt: the trail says that it was left');
  fs.writeFileSync(`${dir}/policy.yaml`, read(`${dir}/policy.yaml`).replace('/g/**', '/g/1*'));
  k = adopt(String(agent));
  check(await until(() => trail(dir).some((r) => r.kind === 'policy_replaced')), 'adopt: the file as it is now comes into force', { out: k.out });
  const n = trail(dir).length;
  check(await until(() => trail(dir).slice(n).some((r) => r.kind === 'call_refused')) && await until(() => trail(dir).slice(n).some((r) => r.kind === 'call_begin')), 'adopt: and is what calls are judged by', trail(dir).slice(-3));
  k.kill('SIGKILL');
  await k.gone;
  const e = ec('adopt', '--end', String(agent));
  check(e.status === 0 && !agentOf(status(), 'takeover'), 'adopt --end: the agent is gone', e.stderr);
  check(read(`${dir}/loot`) === '' && read(`${dir}/out/victim`) === 'untouched' && !fs.existsSync(`${dir}/out/made`), 'nothing got out meanwhile', read(`${dir}/loot`));
  const all = trail(dir), missing = acked().filter((l) => { const [kind, call] = l.split(' '); return !all.some((r) => r.kind === `call_${kind}` && r.call === Number(call)); });
  check(!missing.length && ec('verify', `${dir}/trail.jsonl`).status === 0, 'every acknowledged call is in the trail', missing);
  check(last(dir).kind === 'session_end', 'and its end');
}

// A policy file that became another one while nobody was there, under an open call.
async function changed() {
  const dir = world('changed', { timeout: 600 }), policy = read(`${dir}/policy.yaml`);
  const c = start(dir, 'once', `${dir}/g/2`);
  await until(() => c.out.includes('1\n1\n'), 240000);
  c.kill('SIGKILL');
  await c.gone;
  const agent = String(agentOf(status(), 'changed').agent);
  fs.writeFileSync(`${dir}/policy.yaml`, 'name: [');
  const broken = ec('adopt', agent);
  check(broken.status === 125 && /policy\.yaml:\d+:\d+: /.test(broken.stderr) && agentOf(status(), 'changed')?.controller.alive === false, 'adopt: a file that is no policy is named, the agent stays as it is', broken.stderr);
  const before = c.out.length;
  await wait(200);
  check(!c.out.slice(before).includes('0'), 'adopt: and what was granted stays granted', c.out.slice(before));
  fs.writeFileSync(`${dir}/policy.yaml`, policy.replace('/g/**', '/g/1*'));
  const k = adopt(agent);
  check(await until(() => trail(dir).some((r) => r.kind === 'call_revoked')), 'adopt: a call whose arguments nobody knows is revoked by another policy', { out: k.out, t: trail(dir).slice(-3) });
  check(await until(() => c.out.endsWith('0\n0\n0\n'), 60000), 'adopt: and grants nothing any more', c.out.slice(-20));
  fs.writeFileSync(`${dir}/stop`, '');
  check(await k.gone === 0 && last(dir).kind === 'session_end' && ec('verify', `${dir}/trail.jsonl`).status === 0, 'adopt: to its end', k.out);
}

// A new program, with another version of the sensor, on a host where agents run.
const NEXT = path.resolve(path.dirname(EC), 'tests/scenario/next');
async function upgrade() {
  const dir = world('upgrade'), next = (...argv) => spawnSync(NEXT, argv, { encoding: 'utf8' });
  const c = start(dir, '1', String(process.pid));
  const onSignal = () => check(false, 'upgrade: a signal came out');
  process.on('SIGUSR2', onSignal);
  const acked = () => read(`${dir}/acked`).split('\n').length, rounds = () => Number(read(`${dir}/state`).split(' ')[0]);
  await until(() => acked() > 3, 240000);
  c.kill('SIGKILL');
  await c.gone;
  const agent = String(agentOf(status(), 'upgrade').agent);
  let r = next('run', '-p', `${dir}/policy.yaml`, '--', SURVIVOR, dir, '1', '0');
  check(r.status === 125 && /speaks version \d+, this program 1000/.test(r.stderr), 'upgrade: a program of another version says so and starts nothing', r);
  r = next('adopt', agent);
  check(r.status === 125 && /stay confined/.test(r.stderr), 'upgrade: nor does it take over what it cannot read', r);
  r = next('status', '--json');
  check(r.status === 1 && JSON.parse(r.stdout).sensor_version !== 1000 && JSON.parse(r.stdout).program_version === 1000, 'upgrade: its status says which is loaded', r);
  const from = rounds();
  check(await until(() => rounds() > from + 3) && read(`${dir}/loot`) === '' && read(`${dir}/out/victim`) === 'untouched', 'upgrade: the agent stays confined', read(`${dir}/loot`));
  const k = adopt(agent), n = acked();
  check(await until(() => acked() > n + 2), 'upgrade: the program it was started with takes it over', k.out);
  fs.writeFileSync(`${dir}/stop`, '');
  await k.gone;
  process.off('SIGUSR2', onSignal);
  check(ec('verify', `${dir}/trail.jsonl`).status === 0 && last(dir).kind === 'session_end', 'upgrade: to its end');
  const plain = world('next');
  fs.writeFileSync(`${plain}/stop`, '');
  r = next('run', '-p', `${plain}/policy.yaml`, '--', SURVIVOR, plain, '1', '0');
  check(r.status === 0, 'upgrade: with no agent left, the new program starts its own', r.stderr);
}

// Controllers are killed at random moments, in the middle of starting, adopting and
// replacing a policy too, while their agents do what they may and try what they may
// not. What happened is looked up by us, who are none of theirs.
const KILLS = Number(process.env.KILLS || 60), AGENTS = 2;
const random = (n) => Math.floor(Math.random() * n);
async function kills() {
  const socket = dgram.createSocket('udp4');
  let datagrams = 0, signals = 0;
  socket.on('message', () => { datagrams++; });
  await new Promise((d) => socket.bind(0, '127.0.0.1', d));
  const onSignal = () => { signals++; };
  process.on('SIGUSR2', onSignal);
  const port = String(socket.address().port);
  const begin = (name) => { const dir = world(name, { timeout: 30 }); return { name, dir, child: start(dir, port, String(process.pid)), rounds: () => Number(read(`${dir}/state`).split(' ')[0] || 0) }; };
  const agents = Array.from({ length: AGENTS }, (_, i) => begin(`kills${i}`));
  check(await until(() => agents.every((a) => a.rounds() > 3), 240000), 'kills: the agents are at work');
  for (const a of agents) a.id = agentOf(status(), a.name)?.agent;
  const short = []; // controllers that are killed while they start
  let killed = 0;
  while (killed < KILLS) {
    const a = agents[random(agents.length)];
    if (random(8) === 0) {
      const s = { name: `short${short.length}` };
      s.dir = world(s.name);
      s.child = start(s.dir, port, String(process.pid));
      await wait(random(1500));
      s.child.kill('SIGKILL');
      await s.child.gone;
      fs.writeFileSync(`${s.dir}/stop`, '');
      short.push(s);
      killed++;
      continue;
    }
    await wait(random(random(3) ? 150 : 1200));
    if (random(4) === 0) { a.child.kill('SIGHUP'); await wait(random(30)); }
    if (a.child.exitCode === null) { a.child.kill('SIGKILL'); await a.child.gone; killed++; }
    else check(false, `kills: the controller ended by itself with ${a.child.exitCode}`, a.child.out);
    a.child = adopt(String(a.id));
  }
  console.log(`  ${killed} kills, ${short.length} of them while starting; rounds ${agents.map((a) => a.rounds())}`);
  const from = agents.map((a) => a.rounds());
  check(await until(() => agents.every((a, i) => a.rounds() > from[i] + 2), 240000), 'kills: the agents are still at work', agents.map((a) => a.child.out));
  check(await until(() => agents.every((a) => agentOf(status(), a.name)?.canary.state === 'ok')), 'kills: status has every agent, and all is well', status());
  for (const a of agents) fs.writeFileSync(`${a.dir}/stop`, '');
  for (const a of agents) check(await a.child.gone === 0, `kills: ${a.name} ends as agents end`, a.child.out);
  await until(() => status().agents?.every((x) => !x.tasks) ?? true);
  check(datagrams === 0 && signals === 0, 'kills: no datagram and no signal came out', { datagrams, signals });
  process.off('SIGUSR2', onSignal);
  socket.close();
  for (const a of [...agents, ...short]) {
    check(read(`${a.dir}/loot`) === '' && read(`${a.dir}/out/victim`) === 'untouched' && !fs.existsSync(`${a.dir}/out/made`), `kills: ${a.name}: no forbidden effect`, read(`${a.dir}/loot`).slice(0, 100));
    if (!fs.existsSync(`${a.dir}/trail.jsonl`)) continue; // killed before it had one
    const v = ec('verify', `${a.dir}/trail.jsonl`);
    check(v.status === 0, `kills: ${a.name}: the trail holds`, v.stdout + v.stderr);
    const seen = new Set(trail(a.dir).filter((r) => r.call).map((r) => `${r.kind} ${r.call}`));
    const acked = read(`${a.dir}/acked`).split('\n').slice(0, -1).map((l) => l.split(' '));
    const lost = acked.filter(([kind, call]) => !seen.has(`call_${kind} ${call}`));
    check(!lost.length, `kills: ${a.name}: each of ${acked.length} acknowledged answers is in the trail`, lost.slice(0, 5));
    if (agents.includes(a)) check(read(`${a.dir}/state`).split(' ')[2]?.startsWith('0') && acked.length > 20, `kills: ${a.name}: what was acknowledged was granted`, read(`${a.dir}/state`).trim());
  }
  // the next one reaps what is left of those that were killed while starting
  ec('run', '-p', `${W}/kills0/policy.yaml`, '--', SURVIVOR, `${W}/kills0`, '1', '0');
  check(!status().agents?.length, 'kills: in the end nobody is left', status().agents);
}

// What root outside every agent does to the sensor, each noticed within a second.
const PINS = '/sys/fs/bpf/enforcecore', FTRACE = '/proc/sys/kernel/ftrace_enabled', TAMPER = path.resolve(path.dirname(EC), 'tests/scenario/tamper');
const pidOf = (comm, session) => fs.readdirSync('/proc').filter((p) => /^\d+$/.test(p)).find((p) => read(`/proc/${p}/comm`).trim() === comm && (!session || read(`/proc/${p}/stat`).includes(session)));
const tamper = (...argv) => spawnSync(TAMPER, argv, { encoding: 'utf8' }).status === 0;
// How late this machine is with what is due: under emulation, and shared, a second
// has less in it.
class Lag {
  constructor() { this.most = 0; let due = Date.now() + 20; this.timer = setInterval(() => { this.most = Math.max(this.most, Date.now() - due); due = Date.now() + 20; }, 20); }
  stop() { clearInterval(this.timer); return this.most; }
}
async function within(claim, begin) {
  const lag = new Lag(), seen = await until(claim, 60000), ms = seen ? new Date(seen.time) - begin : Infinity, most = lag.stop();
  // at most four turns of somebody's: the controller's, the canary's, again, the trail's
  return { seen, ms, most, ok: Boolean(seen) && ms < 1000 + 4 * most };
}
async function canary() {
  const dir = world('canary');
  const c = start(dir, '1', '0'); // while nothing holds it, it had better be tame
  const acked = () => read(`${dir}/acked`).split('\n').length;
  await until(() => acked() > 4, 240000);
  const slot = String(agentOf(status(), 'canary').slot);
  const said = (kind, state) => trail(dir, `"kind":"${kind}"`).filter((r) => r.kind === kind && (!state || r.state === state));
  check(await until(() => agentOf(status(), 'canary')?.canary.state === 'ok'), 'canary: all is well', agentOf(status(), 'canary'));
  check(!said('canary').length, 'canary: and there is nothing to tell', said('canary'));
  // [name, act, its undoing ('' = by itself), what is told]
  const acts = [
    ['tracing switched off', () => { try { fs.writeFileSync(FTRACE, '0'); return true; } catch { return null; } }, () => fs.writeFileSync(FTRACE, '1'), /not refused/],
    ['a pin moved', () => { fs.renameSync(`${PINS}/links/ec_file_open`, '/sys/fs/bpf/elsewhere'); return true; }, () => fs.renameSync('/sys/fs/bpf/elsewhere', `${PINS}/links/ec_file_open`), /ec_file_open: its pin is gone/],
    ['a pin of what judges moved', () => { fs.renameSync(`${PINS}/answers/ec_file_open`, '/sys/fs/bpf/elsewhere'); return true; }, () => fs.renameSync('/sys/fs/bpf/elsewhere', `${PINS}/answers/ec_file_open`), /ec_file_open: its pin is gone/],
    ['privileges given', () => tamper('policy', slot), () => tamper('policy', slot), /the policy in force/],
    ['rules changed', () => tamper('rules', slot), () => tamper('rules', slot), /the rules in force/],
    ['a call opened', () => tamper('call', slot), () => tamper('call', slot), /the open calls/],
    ['the canary killed', () => { process.kill(Number(pidOf('ec-canary')), 'SIGKILL'); return true; }, '', /canary is gone/],
    ['the witness killed', () => { process.kill(Number(pidOf('ec-witness')), 'SIGKILL'); return true; }, '', /witness is gone/],
  ];
  for (const [name, act, undo, what] of acts) {
    const fails = said('canary', 'fails').length, oks = said('canary', 'ok').length, begin = Date.now();
    const done = act();
    if (done === null) { console.log(`SKIP canary: ${name}: this kernel refuses it to everyone`); continue; }
    check(done, `canary: ${name}: it could be done`);
    const { seen, ms, most, ok } = await within(() => said('canary', 'fails').slice(fails).find((r) => what.test(r.what)), begin);
    check(ok, `canary: ${name}: in the trail within a second`, { ms, most, said: said('canary').slice(-2) });
    if (undo) {
      const s = status(), a = agentOf(s, 'canary');
      check(s.code === 1 && a.canary.state === 'fails' && what.test(a.canary.what), `canary: ${name}: status says so`, a.canary);
      const n = acked();
      // with tracing off nobody says who connects either: then it is not even asked
      check(await until(() => act === acts[0][1] || said('call_refused').some((r) => r.seq > seen.seq && /tampered/.test(r.reason))) && await wait(100).then(() => acked() <= n + 1), `canary: ${name}: no call opens`, { n, acked: acked() });
      undo();
    }
    check(await until(() => said('canary', 'ok').length > oks && agentOf(status(), 'canary').canary.state === 'ok', 60000), `canary: ${name}: all is well again`, said('canary').slice(-2));
    const n = acked();
    check(await until(() => acked() > n + 2), `canary: ${name}: calls open again`);
  }
  const begin = Date.now();
  c.kill('SIGKILL');
  const lost = await within(() => said('controller_lost')[0], begin);
  check(lost.ok && lost.seen.pid === c.pid, 'canary: the controller killed: in the trail within a second', lost);
  check(status().code === 1 && agentOf(status(), 'canary').canary.state === 'nobody looks', 'canary: the controller killed: status says so');
  const k = adopt('--all');
  await until(() => agentOf(status(), 'canary').canary.state === 'ok');
  check(ec('verify', `${dir}/trail.jsonl`).status === 0 && said('session_adopted').length === 1, 'canary: the trail goes on and holds', k.out);
  // for good: nothing brings this program back
  const fails = said('canary', 'fails').length, gone = Date.now();
  fs.unlinkSync(`${PINS}/links/ec_file_open`);
  const seen = await within(() => said('canary', 'fails').length > fails && said('canary', 'fails').at(-1), gone);
  check(seen.ok, 'canary: a program detached: in the trail within a second', { ...seen, said: said('canary').slice(-2) });
  fs.writeFileSync(`${dir}/stop`, '');
  await k.gone;
}

const parts = { deadline, takeover, changed, upgrade, kills, canary };
const chosen = process.argv.slice(2);
for (const [name, part] of Object.entries(parts)) if (!chosen.length || chosen.includes(name)) await part();
report();
