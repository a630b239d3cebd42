// SPDX-License-Identifier: Apache-2.0
// declare.mjs - calls that are declared over the control socket: who may, what
// an exact call is, and what those get who lie. Runs in a kernel that can
// enforce, as root; declare_inside.mjs is the agent.
import fs from 'node:fs';
import path from 'node:path';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { Client } from './client.mjs';
import { ask } from './control.mjs';
import { keep } from './keeper.mjs';
import { report, check } from './report.mjs';

const EC = path.resolve(process.env.EC ?? 'build/enforcecore');
await keep(EC);
const HERE = new URL('.', import.meta.url).pathname;
const W = '/var/tmp/ec-declare';
const wait = (ms) => new Promise((d) => setTimeout(d, ms));

fs.rmSync(W, { recursive: true, force: true });
fs.mkdirSync(W, { recursive: true });
for (const f of ['a', 'b', 'c', 'd', 'secret']) fs.writeFileSync(`${W}/${f}`, f);
const policy = (name, kernel = '', baseline = '') => {
  fs.writeFileSync(`${W}/${name}.yaml`, `
name: ${name}
rules: { allowed_tools: [read, brief, act] }
kernel:
${kernel}
  baseline:
    exec: ["/usr/**", "/bin/**"]
    read: ["/usr/**", "/lib/**", "/lib64/**", "/etc/**", "/proc/**", "/sys/**", "/dev/**", "${HERE}**", "${W}", "${W}/calls", "${W}/secret"]
    write: ["/dev/null", "/dev/tty", "${W}/calls"]
${baseline}
  tools:
    read: { read: ["\${args.path}"], within: ["${W}/**"] }
    brief: { read: ["${W}/b"], timeout: 4 }
`);
  return `${W}/${name}.yaml`;
};
fs.renameSync(policy('declare', `  labels: { secret: ["${W}/secret"] }\n  flows: [{ after: read secret, deny: [connect] }]`), `${W}/policy.yaml`);

check(execFileSync('/bin/cat', [`${W}/a`]).toString() === 'a', 'without EnforceCore everything is read');

// The agent, and beside it those who are not of it.
const inside = spawn(EC, ['run', '-p', `${W}/policy.yaml`, '--trail', `${W}/trail.jsonl`, '--', process.execPath, `${HERE}declare_inside.mjs`, W, EC], { stdio: ['ignore', 'pipe', 'inherit'] });
let out = ''; inside.stdout.on('data', (d) => { out += d; });
const ended = new Promise((d) => inside.on('close', (status) => d(status)));
const sockets = () => fs.readdirSync('/run/enforcecore').filter((f) => f.endsWith('.sock')).map((f) => `/run/enforcecore/${f}`);
let theirs;
for (let i = 0; i < 400 && !theirs; i++, await wait(25))
  for (const s of sockets()) if ((await ask({ op: 'status' }, s)).policy === 'declare') theirs = s;
check(theirs, 'root sees the agent by its socket', sockets());
check((await ask({ op: 'begin', tool: 'read', arguments: { path: `${W}/a` } }, theirs)).error === 'not_permitted', 'root outside does not declare for it');
check((await ask({ op: 'end', call: 123456 }, theirs)).error === 'no_such_call', 'root outside may end calls');
const knock = `import('${HERE}control.mjs').then(async ({ ask }) => console.log(JSON.stringify(await ask({ op: 'status' }, '${theirs}'))))`;
const nobody = spawnSync(process.execPath, ['-e', knock], { uid: 65534, gid: 65534, encoding: 'utf8' });
check(/"gone":true/.test(nobody.stdout), 'an ordinary user outside is not listened to', nobody);

// Another agent, whose policy permits every socket there is.
const other = spawnSync(EC, ['run', '-p', policy('other', '', '    connect: ["unix:/**"]'), '--', process.execPath, '-e', knock], { encoding: 'utf8' });
check(/"gone":true,"error":"EACCES"/.test(other.stdout), 'another agent does not even reach it', other);

// A number and a token of one agent mean nothing in the hands of another; and the clock on the wall ends no call.
async function strangers() {
  const script = `${EC} call begin --tool read --args '{"path":"${W}/a"}'; ${EC} call begin --tool read --args '{"path":"${W}/b"}' --exact; read x; cat ${W}/a`;
  const owner = spawn(EC, ['run', '-p', policy('owner'), '--', '/bin/sh', '-c', script], { stdio: ['pipe', 'pipe', 'inherit'] });
  let said = ''; owner.stdout.on('data', (d) => { said += d; });
  const over = new Promise((d) => owner.on('close', d));
  for (let i = 0; i < 400 && said.split('\n').length < 3; i++) await wait(25);
  const [call, token] = [/"call":(\d+)/.exec(said)?.[1], /"token":"(\w+)"/.exec(said)?.[1]];
  check(call && token, 'an agent has two calls open', said);
  const stranger = spawnSync(EC, ['run', '-p', policy('stranger'), '--', '/bin/sh', '-c', `${EC} call end --call ${call}; ${EC} call run --token ${token} -- /bin/cat ${W}/b`], { encoding: 'utf8' });
  check(/no_such_call/.test(stranger.stdout) && stranger.status === 1 && !/^b/m.test(stranger.stdout), 'another agent can neither end its call nor spend its token', stranger);
  const now = Date.now();
  execFileSync('date', ['-s', `@${Math.round(now / 1000) + 86400}`]);
  owner.stdin.end('go\n');
  await over;
  execFileSync('date', ['-s', `@${Math.round(Date.now() / 1000) - 86400}`]);
  check(said.endsWith('a'), 'a day later by the clock, but not by the kernel, the call is open', said);
}

// Tool servers: their gateway declares, they do not, unless the policy says so.
const server = async (kernel) => {
  const c = await new Client([EC, 'mcp', '-p', policy('server', kernel), '--', process.execPath, `${HERE}rogue.mjs`]).init();
  const r = await c.call('act', { act: 'exec', target: EC, args: ['call', 'begin', '--tool', 'read', '--args', JSON.stringify({ path: `${W}/a` })] });
  await c.close();
  return r.text;
};
check(/not_permitted/.test(await server('')), 'a tool server does not declare for itself');
check(/\\"ok\\":true/.test(await server('  declare: agent')), 'unless the policy says so');
const forbidden = spawnSync(EC, ['run', '-p', policy('mute', '  declare: nobody'), '--', EC, 'call', 'begin', '--tool', 'read'], { encoding: 'utf8' });
check(forbidden.status === 1 && /not_permitted/.test(forbidden.stdout), 'declare: nobody', forbidden);

const status = await ended;
const told = /(\d+) passed, (\d+) failed/.exec(out) ?? [];
check(status === 0 && Number(told[1]) > 50, `the agent's own checks: ${told[0]}`, out);

await strangers();

// Every effect is with its call.
const trail = fs.readFileSync(`${W}/trail.jsonl`, 'utf8').trim().split('\n').map(JSON.parse);
const calls = JSON.parse(fs.readFileSync(`${W}/calls`, 'utf8'));
const wrong = trail.filter((r) => r.kind === 'denial' && calls.includes(r.call)).filter((r) => !r.target.match(new RegExp(`^${W}/[abcd]$`)) || r.target === `${W}/${'abcd'[calls.indexOf(r.call)]}`);
check(wrong.length === 0 && calls.every((id) => trail.filter((r) => r.kind === 'denial' && r.call === id).length === 6), 'each denial carries the call that it happened in', { wrong, calls });
check(trail.filter((r) => r.kind === 'call_begin' && r.exact).length >= 6, 'the trail says which calls were exact');
check(trail.some((r) => r.kind === 'call_end' && r.outcome === 'deadline'), 'and which the deadline ended');
check(spawnSync(EC, ['verify', `${W}/trail.jsonl`]).status === 0, 'the trail holds');
report();
