// SPDX-License-Identifier: Apache-2.0
// export.mjs - a trail in each form, checked as who reads that form would, and posted to
// a receiver that is slow, busy, away, or takes only part. Natively, without privilege.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { spawn, spawnSync } from 'node:child_process';
import { Trail, session } from '../report/trail.mjs';
import { hostileSession, NAMES } from '../report/hostile.mjs';
import { report, check } from '../scenario/report.mjs';
import { checkEvent } from './ocsf_schema.mjs';
import { attribute, checkRequest, spansOf } from './otlp_schema.mjs';
import { Receiver } from './receiver.mjs';

const EC = path.resolve(process.env.EC ?? 'build/enforcecore');
const HERE = new URL('.', import.meta.url).pathname;
const W = fs.mkdtempSync(path.join(os.tmpdir(), 'ec-export-'));
const is = (got, want, name, detail) => check(got === want, name, { got, want, detail });

const PLAIN = `${W}/plain.jsonl`, HOSTILE = `${W}/hostile.jsonl`, MANY = `${W}/many.jsonl`;
function make(file, fill) {
  const trail = new Trail(file);
  fill(trail);
  trail.close();
  return fs.readFileSync(file, 'utf8').trim().split('\n').map((line) => JSON.parse(line));
}
const plain = make(PLAIN, (trail) => { session(trail, 300, { seed: 3 }); session(trail, 300, { agent: 4, seed: 5, all: true, policy: 'coding' }); });
const hostile = make(HOSTILE, (trail) => hostileSession(trail));
make(MANY, (trail) => session(trail, 9000, { seed: 8 }));

function run(format, trail, ...words) {
  const out = `${W}/out`;
  fs.rmSync(out, { force: true });
  const r = spawnSync(EC, ['audit', 'export', '-f', format, trail, '-o', out, ...words], { encoding: 'utf8' });
  return { status: r.status, err: r.stderr, text: fs.existsSync(out) ? fs.readFileSync(out, 'utf8') : null };
}
const lines = (text) => text.split('\n').slice(0, -1);
const isAscii = (text) => /^[\n -~]*$/.test(text);

function jsonl() {
  for (const [file, records] of [[PLAIN, plain], [HOSTILE, hostile]]) {
    const { status, text, err } = run('jsonl', file);
    is(status, 0, 'jsonl', err);
    check(isAscii(text), 'jsonl is ASCII');
    is(JSON.stringify(lines(text).map((line) => JSON.parse(line))), JSON.stringify(records), 'jsonl has every record as it is');
  }
  is(JSON.stringify(lines(spawnSync(EC, ['audit', 'export', '-f', 'jsonl', PLAIN], { encoding: 'utf8', maxBuffer: 1e8 }).stdout).map((l) => JSON.parse(l))), JSON.stringify(plain), 'and on standard output');
}

// RFC 4180, and nothing more lenient.
function parseCsv(text) {
  const rows = [];
  let at = 0, row = [];
  while (at < text.length) {
    let field;
    if (text[at] === '"') {
      const end = /^"((?:[^"]|"")*)"/.exec(text.slice(at, at + 200000));
      if (!end) throw new Error(`an open quote at ${at}`);
      field = end[1].replaceAll('""', '"');
      at += end[0].length;
    } else {
      field = /^[^",\r\n]*/.exec(text.slice(at, at + 1000))[0];
      at += field.length;
    }
    row.push(field);
    if (text[at] === ',') { at++; continue; }
    if (text.slice(at, at + 2) !== '\r\n') throw new Error(`no end of a line at ${at}`);
    at += 2;
    rows.push(row);
    row = [];
  }
  return rows;
}
// What README.md says of fields, backwards.
const unescape = (field) => (field.startsWith("'") ? field.slice(1) : field).replace(/\\(\\|u([0-9a-f]{4})|U([0-9a-f]{8}))/g, (_, one, four, eight) => (four || eight ? String.fromCodePoint(parseInt(four ?? eight, 16)) : '\\'));

function csv() {
  for (const [file, records] of [[PLAIN, plain], [HOSTILE, hostile]]) {
    const { status, text, err } = run('csv', file);
    is(status, 0, 'csv', err);
    const [heads, ...rows] = parseCsv(text);
    check(rows.every((row) => row.length === heads.length), 'as many fields in each row');
    is(text.split('\r\n').length - 1, rows.length + 1, 'a row is a line');
    check(rows.flat().every((field) => !/^[=+@\t\r\uff1d\uff0b\uff0d\uff20]/.test(field) && !/^-(?!\d+(\.\d+)?$)/.test(field)), 'no field is a formula');
    check(!/[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u206f\ufeff]/.test(text), 'nothing in it acts on a terminal');
    const at = Object.fromEntries(heads.map((head, i) => [head, i]));
    is(rows.filter((row) => !unescape(row[at.kind]).startsWith('observed.')).length, records.length, 'a row for each record');
    const seen = records.flatMap((r) => r.observed?.effects ?? []);
    is(JSON.stringify(rows.filter((row) => row[at.kind] === 'observed.effect').map((row) => unescape(row[at.target]))), JSON.stringify(seen.map((e) => e.target)), 'every effect, its name read back');
    is(JSON.stringify(rows.filter((row) => row[at.kind] === 'call_begin').map((row) => JSON.parse(unescape(row[at.arguments])))), JSON.stringify(records.filter((r) => r.kind === 'call_begin').map((r) => r.arguments)), 'and the arguments');
  }
}

function enforcecore() {
  const verify = (file) => spawnSync('python3', [`${HERE}verify_python.py`, file], { encoding: 'utf8' });
  for (const [file, records] of [[PLAIN, plain], [HOSTILE, hostile]]) {
    const { status, text, err } = run('enforcecore', file);
    is(status, 0, 'enforcecore', err);
    const entries = lines(text).map((line) => JSON.parse(line));
    const verified = verify(`${W}/out`);
    is(verified.status, 0, 'the Python verifier accepts it', verified.stdout + verified.stderr);
    const count = (kind) => records.filter((r) => r.kind === kind).length;
    is(entries.length, count('call_end') + count('denial') + count('call_refused') + count('lookup'), 'an entry for each decision');
    is(entries.filter((e) => e.decision === 'blocked').length, records.filter((r) => r.verdict === 'deny').length, 'blocked is what was refused');
    is(text, run('enforcecore', file).text, 'the same again');
    fs.writeFileSync(`${W}/bad`, text.replace('"blocked"', '"allowed"'));
    is(verify(`${W}/bad`).status, 1, 'and the verifier finds an edit');
  }
  const open = `${W}/open.jsonl`;
  make(open, (trail) => {
    trail.add('session_begin', { agent: 1 });
    for (const duration_ms of [0.1 + 0.2, 1e-7, 472245.2435761166, 1e22, 5e-324, 123456789012345680, 100, 0.0001, 0.00001]) {
      trail.add('call_begin', { agent: 1, call: 1, tool: 't\u00e9\u{1f525}"\\\t' });
      trail.add('call_end', { agent: 1, call: 1, tool: 't\u00e9\u{1f525}"\\\t', outcome: 'done', duration_ms, denials: 0 });
    }
    trail.add('call_begin', { agent: 1, call: 2, tool: 'open' });
  });
  fs.writeFileSync(`${W}/p.yaml`, 'name: from-file\nversion: "2.5"\n');
  const { status, text, err } = run('enforcecore', open, '-p', `${W}/p.yaml`);
  is(status, 0, '-p', err);
  is(verify(`${W}/out`).status, 0, 'floats and names as Python writes them', verify(`${W}/out`).stdout);
  const entries = lines(text).map((line) => JSON.parse(line));
  check(entries.every((e) => e.policy_name === 'from-file' && e.policy_version === '2.5'), 'the policy of -p where the trail has none', entries[0]);
  is(entries.at(-1).tool_name, 'open', 'a call without an end has its entry');
}

function ocsf() {
  for (const [file, records] of [[PLAIN, plain], [HOSTILE, hostile]]) {
    const { status, text, err } = run('ocsf', file, '--host', 'vm-1');
    is(status, 0, 'ocsf', err);
    const events = lines(text).map((line) => JSON.parse(line));
    const problems = events.flatMap((event) => { try { checkEvent(event); return []; } catch (error) { return [error.message]; } });
    is(problems.length, 0, 'every event is one of OCSF 1.3.0', problems.slice(0, 5));
    const findings = events.filter((event) => event.class_uid === 2004);
    is(findings.length, records.filter((r) => ['denial', 'call_refused', 'lookup'].includes(r.kind)).length, 'a finding for each refusal');
    check(findings.every((event) => event.disposition_id === (event.unmapped.verdict === 'deny' ? 2 : 17)), 'blocked, or logged');
    check(events.every((event) => event.device.hostname === 'vm-1'), 'of the host that was named');
    is(new Set(events.map((event) => event.metadata.uid)).size, events.length, 'each has an id of its own');
    check(/records have no place in ocsf/.test(err), 'what has no class is counted', err);
  }
}

function checkSpans(requests, records) {
  const spans = requests.flatMap(spansOf), sessions = records.filter((r) => r.kind === 'session_begin').length;
  is(new Set(spans.map((s) => s.traceId)).size, sessions, 'a trace for each session');
  is(new Set(spans.map((s) => s.spanId)).size, spans.length, 'span ids are different');
  const roots = spans.filter((s) => !s.parentSpanId), calls = spans.filter((s) => s.parentSpanId);
  is(roots.length, sessions, 'with one root each');
  check(calls.every((s) => roots.some((root) => root.traceId === s.traceId && root.spanId === s.parentSpanId)), 'calls are below it');
  is(calls.length, records.filter((r) => r.kind === 'call_begin' || r.kind === 'call_refused').length, 'a span for each call');
  check(calls.every((s) => attribute(s, 'gen_ai.operation.name') === 'execute_tool' && (attribute(s, 'gen_ai.tool.call.id') ?? attribute(s, 'enforcecore.verdict')) !== undefined), 'with the names of GenAI');
  const events = spans.flatMap((s) => s.events ?? []), count = (kind) => records.filter((r) => r.kind === kind).length;
  is(events.filter((e) => e.name === 'enforcecore.denial').length + spans.reduce((n, s) => n + (s.droppedEventsCount ?? 0), 0) >= count('denial'), true, 'refusals are events');
  is(calls.filter((s) => s.status?.code === 2 && attribute(s, 'error.type') === 'denied').length, new Set(records.filter((r) => r.kind === 'denial' && r.call && r.verdict === 'deny').map((r) => `${r.agent}/${r.call}`)).size, 'a call with a refusal is an error');
  return spans;
}

function otlp() {
  for (const [file, records] of [[PLAIN, plain], [HOSTILE, hostile]]) {
    const { status, text, err } = run('otlp', file);
    is(status, 0, 'otlp', err);
    const requests = lines(text).map((line) => JSON.parse(line));
    const problems = requests.flatMap((request) => { try { checkRequest(request); return []; } catch (error) { return [error.message]; } });
    is(problems.length, 0, 'every request is OTLP', problems);
    const spans = checkSpans(requests, records);
    is(text, run('otlp', file).text, 'the same ids again');
    check(!spans.some((s) => attribute(s, 'gen_ai.tool.call.arguments') !== undefined), 'arguments are opt-in');
    const withArguments = lines(run('otlp', file, '--arguments').text).flatMap((line) => spansOf(JSON.parse(line)));
    const call = records.find((r) => r.kind === 'call_begin');
    is(attribute(withArguments[0], 'gen_ai.tool.call.arguments'), JSON.stringify(call.arguments), 'and are there with --arguments');
  }
}

// What guards said of calls is in every form: a call that opened, and one that did not.
function guards() {
  const file = `${W}/guards.jsonl`, safe = { guard: 'llama', verdict: 'safe', ms: 12, cached: true }, unsafe = { guard: 'nemo', verdict: 'unsafe', categories: 'S1,S9', ms: 40 }, none = { guard: 'nemo', verdict: 'none', why: 'no answer', ms: 3000, on_error: 'allow' };
  make(file, (trail) => {
    trail.add('session_begin', { agent: 1 });
    trail.add('call_begin', { agent: 1, tool: 'fetch', call: 1, guards: [safe, none] });
    trail.add('call_end', { agent: 1, call: 1, tool: 'fetch', outcome: 'done', duration_ms: 1, denials: 0, observed: { effects: [], drift: [], unused: [] } });
    trail.add('call_refused', { agent: 1, tool: 'fetch', verdict: 'deny', violation_type: 'guard', reason: 'nemo', guards: [unsafe] });
  });
  const findings = lines(run('ocsf', file).text).map((line) => JSON.parse(line));
  const problems = findings.flatMap((event) => { try { checkEvent(event); return []; } catch (error) { return [error.message]; } });
  is(problems.length, 0, 'a finding with guards is one of OCSF', problems);
  is(JSON.stringify(findings.map((event) => event.unmapped.guards)), JSON.stringify([[safe, none], [unsafe]]), 'and has what they said');
  is(findings.map((event) => event.action_id).join(), '1,2', 'allowed, and denied');
  const requests = lines(run('otlp', file).text).map((line) => JSON.parse(line)), [opened, refused] = requests.flatMap((r) => { checkRequest(r); return spansOf(r); }).filter((s) => s.parentSpanId);
  const said = (span) => span.events.map((e) => ['name', 'verdict', 'categories', 'error', 'on_error', 'duration_ms', 'cached'].map((key) => attribute(e, `enforcecore.guard.${key}`)).join(' ').replace(/ +/g, ' ').trim());
  const [first, second] = opened.name && attribute(opened, 'enforcecore.verdict') ? [refused, opened] : [opened, refused];
  is(JSON.stringify([said(first), said(second)]), JSON.stringify([['llama safe 12 true', 'nemo none no answer allow 3000'], ['nemo unsafe S1,S9 40']]), 'events of their calls in OTLP');
  const [heads, ...rows] = parseCsv(run('csv', file).text);
  is(rows.filter((row) => row[heads.length - 1].includes('"guards"')).length, 2, 'and in CSV the rest of their rows');
}

const postTo = (url, trail, ...words) => new Promise((resolve) => {
  const child = spawn(EC, ['audit', 'export', '-f', 'otlp', trail, '--endpoint', url, ...words]);
  let err = '';
  child.stderr.on('data', (data) => { err += data; });
  child.on('close', (status) => resolve({ status, err }));
});

async function posting(plan, trail, ...words) {
  const receiver = await new Receiver(plan).listen();
  const result = await postTo(receiver.url, trail, ...words);
  await receiver.close();
  return { ...result, receiver };
}

async function delivers() {
  const wanted = lines(run('otlp', MANY).text).flatMap((line) => spansOf(JSON.parse(line)));
  const busy = [{ status: 503, headers: { 'Retry-After': '1' } }, 'accept', 'hang up', { status: 502 }, { slow: 300 }, { status: 429, headers: { 'Retry-After': new Date(Date.now() + 4000).toUTCString() } }, 'nonsense'];
  const { status, err, receiver } = await posting(busy, MANY, '--timeout', '5');
  is(status, 0, 'a busy receiver gets all of it', err);
  is(receiver.problems.length, 0, 'and nothing that is not OTLP', receiver.problems);
  is(JSON.stringify(receiver.spans.map((s) => s.spanId)), JSON.stringify(wanted.map((s) => s.spanId)), 'each span once, in order');
  check(receiver.requests.length > 8 && receiver.requests.every((r) => r.length < 1.5e6), 'in requests of a limited size', receiver.requests.map((r) => r.length));
  check(receiver.requests[1].at - receiver.requests[0].at >= 950, 'it waited as long as it was told');
  check(receiver.bodies[0] === receiver.bodies[1], 'what was refused for now comes again as it was');
  check(/ 4 of them again/.test(err), 'and it says how often', err);
}

async function partly() {
  const { status, err, receiver } = await posting(['accept', 'partial'], MANY);
  is(status, 3, 'a partial success is told by the status', err);
  check(/ 2 rejected/.test(err) && /two are\?\[2J too many/.test(err), 'with its number and reason, harmless', err);
  is(receiver.requests.filter((r, i) => receiver.bodies.indexOf(receiver.bodies[i]) !== i).length, 0, 'and is not tried again');
}

async function refuses() {
  const refused = await posting([{ status: 400 }], MANY);
  is(refused.status, 3, 'a refused request', refused.err);
  check(/answers 400/.test(refused.err) && / 512 not delivered/.test(refused.err), 'is dropped and counted', refused.err);
  is(new Set(refused.receiver.bodies).size, refused.receiver.bodies.length, 'never sent again, and the rest is');
  const down = await posting(Array(50).fill({ status: 503 }), MANY, '--retry-for', '3');
  is(down.status, 3, 'a receiver that stays away', down.err);
  check(/answers 503/.test(down.err) && /was not sent/.test(down.err), 'is a clear failure', down.err);
  const gaps = down.receiver.requests.slice(1).map((r, i) => r.at - down.receiver.requests[i].at);
  check(gaps.length >= 1 && gaps.length < 20 && gaps.every((gap) => gap >= 100), 'with pauses in between', gaps);
  const late = await posting([{ status: 429, headers: { 'Retry-After': '3600' } }], MANY, '--retry-for', '2');
  check(late.status === 3 && late.receiver.requests.length === 1, 'an hour is not waited for', late.err);
  const silent = await posting(['silence'], PLAIN, '--timeout', '1');
  is(silent.status, 0, 'a request without an answer is sent again', silent.err);
  is(silent.receiver.requests.length, 2, 'once');
  const nobody = await postTo('http://127.0.0.1:9', PLAIN, '--retry-for', '1');
  check(nobody.status === 3 && /no answer/.test(nobody.err), 'nobody listens', nobody);
  is((await postTo('https://127.0.0.1:4318', PLAIN)).status, 2, 'https is refused plainly');
}

// Of what cannot be told truthfully nothing is written.
function refusesTrails() {
  const bytes = fs.readFileSync(PLAIN, 'utf8');
  const altered = `${W}/altered.jsonl`, torn = `${W}/torn.jsonl`, odd = `${W}/odd.jsonl`;
  fs.writeFileSync(altered, bytes.replace('/srv/data/', '/srv/DATA/'));
  fs.writeFileSync(torn, `${bytes}{"seq":9999,"ti`);
  const broken = [['call_begin', { agent: 1, tool: 5, call: 1 }], ['call_begin', { agent: 1, tool: 'x' }], ['denial', { agent: 1, verdict: 'deny' }], [7, { agent: 1 }]];
  for (const format of ['jsonl', 'csv', 'enforcecore', 'ocsf', 'otlp']) {
    const bad = run(format, altered);
    check(bad.status === 1 && bad.text === null && /altered\.jsonl:\d+: the chain does not hold/.test(bad.err), `${format} of an altered trail is not written`, bad);
    check(run(format, torn).status === 0 && /torn last line of 15 bytes/.test(run(format, torn).err), `${format} tells of a torn end`);
  }
  for (const [format, kind, members] of [['enforcecore', ...broken[0]], ['otlp', ...broken[0]], ['otlp', ...broken[1]], ['enforcecore', ...broken[2]], ['ocsf', ...broken[2]], ['jsonl', ...broken[3]]]) {
    make(odd, (trail) => { trail.add('session_begin', { agent: 1 }); trail.add(kind, members); });
    const r = run(format, odd);
    check(r.status === 1 && r.text === null && /odd\.jsonl:2: cannot be told: /.test(r.err), `${format} names the line of ${kind}`, r);
  }
  is(run('jsonl', `${W}/none`).status, 2, 'no trail');
  is(run('jsonl', '/dev/null').status, 2, 'no file');
  is(spawnSync(EC, ['audit', 'export', '-f', 'xml', PLAIN]).status, 2, 'no such format');
  is(fs.readdirSync(W).filter((name) => /^out\./.test(name)).length, 0, 'and nothing is left behind');
}

jsonl();
csv();
enforcecore();
ocsf();
otlp();
guards();
await Promise.all([delivers(), partly(), refuses()]);
refusesTrails();
is(NAMES.length > 30, true, 'hostile names were among it');
fs.rmSync(W, { recursive: true });
report();
