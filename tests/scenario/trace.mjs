// SPDX-License-Identifier: Apache-2.0
// trace.mjs - who watches live sees what happened and only that, and is felt by
// nobody; top and metrics say what the trail says. Runs in a kernel that can
// enforce, as root.
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { spawn, spawnSync } from 'node:child_process';
import { keep } from './keeper.mjs';
import { report, check } from './report.mjs';
import { parse } from './exposition.mjs';

const EC = path.resolve(process.env.EC ?? 'build/enforcecore');
const LOAD = path.resolve('build/tests/scenario/load');
const W = '/var/tmp/ec-trace';
const PORT = 19309, OWN = 19310; // of all, of a command's --metrics
const HOSTILE = Buffer.concat([Buffer.from(`${W}/denied\n{"kind":"x"}\x1b[31m\u202e`), Buffer.from([0xff, 0x22])]);
const OCTAL = [...HOSTILE].map((b) => `\\${b.toString(8).padStart(3, '0')}`).join('');
const wait = (ms) => new Promise((d) => setTimeout(d, ms));
const until = async (claim, ms = 60000) => { for (let t = 0; t < ms && !await claim(); t += 50) await wait(50); return claim(); };
const lines = (text) => text.split('\n').filter(Boolean);

fs.rmSync(W, { recursive: true, force: true });
fs.mkdirSync(W, { recursive: true });
for (const name of ['a', 'b', 'denied', 'never']) fs.writeFileSync(`${W}/${name}`, name);
fs.writeFileSync(HOSTILE, 'hostile');
fs.writeFileSync(`${W}/policy.yaml`, `
name: traced
rules: { allowed_tools: [act, other] }
kernel:
  baseline:
    exec: ["/usr/bin/**", "/bin/**", "${LOAD}"]
    read: ["/usr/**", "/lib/**", "/lib64/**", "/etc/**", "/proc/self/**", "/run/**", "${W}/go"]
    write: ["/dev/null"]
  tools: { act: { read: ["\${args.path}"] }, other: { read: ["\${args.path}"] } }
`);

function start(words, extra = {}) {
  const child = spawn(EC, words, { cwd: W, stdio: ['ignore', 'pipe', 'pipe'], ...extra });
  child.out = ''; child.err = '';
  child.stdout.setEncoding('latin1').on('data', (d) => { child.out += d; });
  child.stderr.on('data', (d) => { child.err += d; });
  child.ended = new Promise((done) => child.on('close', (code, signal) => done({ code, signal })));
  return child;
}
const get = (port, headers = {}) => new Promise((done) => http.get({ port, path: '/metrics', headers }, (r) => { let text = ''; r.on('data', (d) => { text += d; }); r.on('end', () => done({ status: r.statusCode, type: r.headers['content-type'], text })); }).on('error', (e) => done({ error: e.code })));
const scrape = async () => parse((await get(PORT)).text ?? '');
const tracers = async () => (await scrape()).value('enforcecore_tracers');
// each in its place in the kernel before anything happens
async function trace(...all) {
  const children = all.map((words) => start(['trace', ...words]));
  await until(async () => await tracers() === all.length || children.some((c) => c.exitCode !== null));
  for (const [i, child] of children.entries()) child.stop = async () => { child.kill('SIGTERM'); const end = await child.ended; check(end.code === 0, `trace ${all[i].join(' ')} ends with SIGTERM`, { end, err: child.err }); return child.out; };
  return children;
}
const agent = (name, script, ...words) => start(['run', '-p', `${W}/policy.yaml`, '--trail', `${W}/${name}.jsonl`, ...words, '--', '/bin/sh', '-c', script]);
const trail = (name) => lines(fs.readFileSync(`${W}/${name}.jsonl`, 'utf8')).map((l) => JSON.parse(l));
const call = (tool, file) => `${EC} call run --tool ${tool} --args '{"path":"${file}"}' -- /bin/cat ${file} >/dev/null`;

async function filters() {
  const before = await scrape();
  const [all, other, denied, text] = await trace(['--json'], ['--tool', 'OTHER', '--json'],
    ['--path', `${W}/{denied,nothing}`, '--op', 'read,connect', '--verdict', 'deny', '--json'], []);
  const fifth = spawnSync(EC, ['trace', '-n', '1'], { encoding: 'utf8', timeout: 20000 });
  check(fifth.status === 125 && /as many/.test(fifth.stderr), 'a fifth is refused', fifth);
  const run = agent('filters', `cat ${W}/denied; cat ${W}/denied; cat "$(printf '${OCTAL}')"; ${call('act', `${W}/a`)}; ${call('other', `${W}/b`)}; ` +
    `${EC} call begin --tool forbidden --args '{}'; cat /run/enforcecore/meters && echo READ; ${EC} trace -n 1; echo trace=$?`);
  for (const file of ['a', 'b', 'denied']) fs.readFileSync(`${W}/${file}`); // an untagged process's
  await run.ended;
  await wait(200); // they look a hundred times a second
  check(!/READ/.test(run.out) && /trace=125/.test(run.out), 'an agent neither reads the meters nor traces', { out: run.out, err: run.err.slice(-400) });
  const seen = lines(Buffer.from(await all.stop(), 'latin1').toString()).map((l) => JSON.parse(l));
  const records = trail('filters'), number = records[0].agent, own = seen.filter((e) => e.agent === number);
  const key = (r) => [r.kind, r.call, r.op, r.verdict, r.reason, r.pid, r.target, r.target_hex, r.exe].join('|');
  const denials = records.filter((r) => r.kind === 'denial');
  check(denials.length >= 4 && own.filter((e) => e.kind === 'denial').map(key).join('\n') === denials.map(key).join('\n'), 'the denials of the trail, in their order', { denials: denials.length, seen: own.length, lost: seen.filter((e) => e.kind === 'lost') });
  const hostile = own.filter((e) => e.target_hex === HOSTILE.toString('hex'));
  check(hostile.length === 1 && hostile[0].kind === 'denial', 'a hostile name is one line, and its bytes are there', own.map((e) => e.target));
  for (const [tool, file] of [['act', 'a'], ['other', 'b']]) {
    const begin = own.findIndex((e) => e.kind === 'call_begin' && e.tool === tool), id = own[begin]?.call;
    const read = own.findIndex((e) => e.kind === 'effect' && e.target === `${W}/${file}`);
    const end = own.findIndex((e) => e.kind === 'call_end' && e.call === id);
    check(begin >= 0 && begin < read && read < end, `call of ${tool}: begin, effect, end`, { begin, read, end });
    check(own[read]?.call === id && own[read]?.tool === tool && own[read]?.verdict === 'allow' && own[end]?.outcome === 'done', `its effect says whose it is: ${tool}`, [own[read], own[end]]);
    const counted = records.find((r) => r.kind === 'call_end' && r.call === id)?.observed.counts ?? {};
    const told = own.filter((e) => e.kind === 'effect' && e.call === id && e.op === 'read').length;
    check(told === counted.read && told > 0, `as many reads as the trail has: ${tool}`, { told, counted });
  }
  check(own.some((e) => e.kind === 'call_refused' && e.tool === 'forbidden' && e.verdict === 'deny'), 'a refused declaration is told of');
  check(own.filter((e) => [`${W}/a`, `${W}/b`].includes(e.target)).every((e) => e.call), 'nothing of an untagged process', own.filter((e) => e.target === `${W}/a`));
  const others = lines(await other.stop()).map((l) => JSON.parse(l));
  check(others.length >= 3 && others.every((e) => e.tool === 'other') && ['call_begin', 'effect', 'call_end'].every((k) => others.some((e) => e.kind === k)), '--tool: that one, whole, and no other', others.map((e) => [e.kind, e.tool]));
  const some = lines(await denied.stop()).map((l) => JSON.parse(l));
  check(some.length === 2 && some.every((e) => e.target === `${W}/denied` && e.op === 'read' && e.verdict === 'deny'), '--path, --op, --verdict: what passes all of them', some);
  const human = Buffer.from(await text.stop(), 'latin1').toString();
  check(!/[\x00-\x09\x0b-\x1f\x7f\u202e\ufffd]/.test(human) && human.includes('denied\\u{a}') && human.includes('\\u{202e}\\xff\\"'), 'for people, nothing acts on a terminal', human.split('\n').filter((l) => l.includes('denied')));
  check(lines(human).length === seen.length, 'as many lines as events', { human: lines(human).length, seen: seen.length });
  check(await until(async () => await tracers() === 0), 'nobody traces any more');

  const after = parse(spawnSync(EC, ['metrics'], { encoding: 'utf8' }).stdout), grown = (name, labels) => after.sum(name, labels) - before.sum(name, labels);
  const of = (kind) => records.filter((r) => r.kind === kind);
  for (const tool of ['act', 'other']) {
    check(grown('enforcecore_calls_total', { policy: 'traced', tool, decision: 'allowed' }) === of('call_begin').filter((r) => r.tool === tool).length, `calls as in the trail: ${tool}`);
    check(grown('enforcecore_latency_seconds_count', { policy: 'traced', tool }) === of('call_end').filter((r) => r.tool === tool).length, `latencies as in the trail: ${tool}`);
  }
  check(grown('enforcecore_calls_total', { tool: 'forbidden', decision: 'blocked' }) === 1 && grown('enforcecore_violations_total', { violation_type: 'tool_not_allowed', verdict: 'deny' }) === of('call_refused').length, 'refusals as in the trail');
  for (const op of ['read', 'privilege']) check(grown('enforcecore_effects_total', { op, verdict: 'deny' }) === denials.filter((r) => r.op === op).length, `denials as in the trail, after the agent has ended: ${op}`, grown('enforcecore_effects_total', { op, verdict: 'deny' }));
  // the checkpoint at its end is written as the trail is closed, when nobody counts any more
  const counted = records.filter((r) => r.kind !== 'checkpoint'), last = Buffer.byteLength(fs.readFileSync(`${W}/filters.jsonl`, 'utf8').trim().split('\n').at(-1)) + 1;
  check(grown('enforcecore_trail_records_total') >= counted.length && grown('enforcecore_trail_bytes_total') >= fs.statSync(`${W}/filters.jsonl`).size - last && grown('enforcecore_sessions_total') === 1, 'lines and bytes of the trail', { lines: grown('enforcecore_trail_records_total'), counted: counted.length });
}

async function flood() {
  const [child] = await trace(['--buffer', '64', '--denials', '--json']);
  child.kill('SIGSTOP');
  const run = start(['run', '-p', `${W}/policy.yaml`, '--trail', `${W}/flood.jsonl`, '--', LOAD, 'flood', '2', '750', `${W}/never`]);
  await run.ended;
  check(/refused=1500 /.test(run.out), 'who does not read holds nobody up', run.out + run.err);
  child.kill('SIGCONT');
  await wait(300);
  const events = lines(await child.stop()).map((l) => JSON.parse(l)), records = trail('flood');
  const lost = events.filter((e) => e.kind === 'lost').reduce((n, e) => n + e.effects, 0);
  const told = events.filter((e) => e.kind === 'denial').length;
  const gaps = records.filter((r) => r.kind === 'gap').reduce((n, r) => n + (r.lost_denials ?? 0), 0);
  const recorded = records.filter((r) => r.kind === 'denial').length;
  check(told > 0 && lost > 0 && told + lost === recorded + gaps && recorded + gaps >= 1500, 'events and what was lost add up', { told, lost, recorded, gaps });
  const [killed] = await trace(['--json']);
  check(await tracers() === 1, 'it is there');
  killed.kill('SIGKILL');
  await killed.ended;
  check(await until(async () => await tracers() === 0, 20000), 'a tracer that is killed leaves nothing behind');
}

async function during() {
  fs.rmSync(`${W}/go`, { force: true });
  const run = agent('during', `${EC} call begin --tool act --args '{"path":"${W}/a"}' >/dev/null; echo open; while ! test -e ${W}/go; do sleep 0.1; done`, '--metrics', `127.0.0.1:${OWN}`);
  await until(() => /open/.test(run.out));
  const number = String(trail('during')[0].agent), answer = await get(OWN), now = parse(answer.text ?? '');
  check(answer.status === 200 && answer.type === 'text/plain; version=0.0.4; charset=utf-8' && now.problems.length === 0, 'metrics over HTTP', { answer: { ...answer, text: undefined }, problems: now.problems });
  check(now.sum('enforcecore_agent_open_calls', { agent: number, policy: 'traced' }) === 1 && now.sum('enforcecore_agent_controller_up', { agent: number }) === 1, 'its open call, and its controller');
  check(now.sum('enforcecore_program_verified_instructions') > 1000 && now.sum('enforcecore_ring_high_water_bytes', { agent: number, ring: 'effects' }) > 0, 'programs and rings');
  check(/# EOF\n$/.test((await get(OWN, { accept: 'application/openmetrics-text' })).text), 'OpenMetrics for who asks for it');
  const page = (words) => spawnSync(EC, ['top', ...words], { encoding: 'utf8' }).stdout;
  const tops = lines(page(['--json', '-n', '2', '-d', '0.3'])).map((l) => JSON.parse(l));
  const row = tops.at(-1)?.agents.find((a) => String(a.agent) === number);
  check(tops.length === 2 && row?.open_calls === 1 && row.controller === 'alive' && row.policy === 'traced' && row.calls[0].tool === 'act', 'top shows the agent', row);
  check(new RegExp(`^ +${number} enforce alive +\\d+ +1 .*traced$`, 'm').test(page(['-n', '1'])), 'top for people');
  const tty = spawnSync('/usr/bin/script', ['-qec', `stty rows 3 cols 30; ${EC} top -n 2 -d 0.2; stty -a`, '/dev/null'], { encoding: 'latin1', stdio: ['ignore', 'pipe', 'pipe'], timeout: 60000 }).stdout;
  const shown = tty.split('\x1b[?1049h')[1]?.split('\x1b[?1049l')[0] ?? '';
  check(shown && tty.indexOf('\x1b[?25h') > 0 && /[^-]icanon/.test(tty) && shown.split('\x1b[H').slice(1).every((p) => p.split('\r\n').length === 3 && p.split('\r\n').every((l) => l.replace(/\x1b\[[0-9;?]*[A-Za-z]/g, '').length <= 30)), 'top on a small terminal, which it gives back', tty.slice(0, 400));
  fs.writeFileSync(`${W}/go`, '');
  await run.ended;
  check(await until(() => spawnSync('/bin/sh', ['-c', `! grep -q ':${OWN.toString(16).toUpperCase()} .* 0A' /proc/net/tcp`]).status === 0, 5000), 'the metrics end with the command');
}

await keep(EC);
const server = start(['metrics', '--listen', `127.0.0.1:${PORT}`]);
await until(async () => (await get(PORT)).status === 200);
const parts = { filters, flood, during };
const chosen = process.argv.slice(2);
for (const [name, part] of Object.entries(parts)) if (!chosen.length || chosen.includes(name)) await part();
server.kill('SIGTERM');
check((await server.ended).code === 0, 'metrics --listen ends with SIGTERM', server.err);
report();
