// SPDX-License-Identifier: Apache-2.0
// mcp.mjs - a real tool server behind the gateway: personal data and secrets
// stay on their side of it, failed calls say what was refused, another policy is
// another list of tools, and calls that are open alone have their effects to
// themselves. Each is first shown without EnforceCore, or without the rule.
import fs from 'node:fs';
import path from 'node:path';
import { Client } from './client.mjs';
import { report, check } from './report.mjs';

const EC = process.env.EC ?? 'build/enforcecore', HERE = new URL('.', import.meta.url).pathname;
const NPM = path.resolve(path.dirname(EC), 'npm/current');
const SERVER = `${NPM}/node_modules/@modelcontextprotocol/server-filesystem/dist/index.js`;
const W = '/var/tmp/ec-mcp', D = `${W}/data`, TRAIL = `${W}/trail.jsonl`, POLICY = `${W}/policy.yaml`;
const wait = (ms) => new Promise((d) => setTimeout(d, ms));
const SECRETS = { mail: 'jane.roe@corp.example.com', ssn: '078-05-1120', key: 'AKIAIOSFODNN7EXAMPLE', card: '4111 1111 1111 1111' };
const SECRET = `mail ${SECRETS.mail}, SSN ${SECRETS.ssn}, key ${SECRETS.key}, card ${SECRETS.card}\n`;
const CLEAN = 'mail <EMAIL>, SSN <SSN>, key <AWS_ACCESS_KEY>, card <CREDIT_CARD>\n';

function world() {
  fs.rmSync(W, { recursive: true, force: true });
  fs.mkdirSync(`${D}/out`, { recursive: true });
  fs.writeFileSync(`${D}/people.txt`, SECRET);
  fs.writeFileSync(`${D}/.env`, 'ENV');
  fs.writeFileSync(`${D}/a.txt`, 'alpha');
  fs.writeFileSync(`${D}/b.txt`, 'beta');
}

const BASELINE = `
    exec: ["${process.execPath}"]
    read: ["/usr/**", "/lib/**", "/lib64/**", "/etc/**", "/proc/**", "/sys/**", "/dev/null", "/dev/urandom", "${HERE}**", "${NPM}/**", "${D}"]
    write: ["/dev/null"]`;
const REDACTS = 'pii_redaction: { enabled: true, categories: [email, ssn, credit_card, secrets] }';
const policy = ({ rules = '', kernel = '', denied = '' } = {}) => `
name: mcp
rules:
  denied_tools: [${denied}]
  ${rules}
kernel:
  ${kernel}
  baseline:${BASELINE}
  never: { read: ["**/.env"] }
  tools:
    read_text_file: { read: ["\${args.path}"], within: ["${D}/**"] }
    write_file: { read: ["\${args.path}/.."], write: ["\${args.path}", "\${args.path}.*.tmp"], within: ["${D}/out/**"] }
    read: { read: ["\${args.path}"], within: ["${D}/**"] }
`;
const put = (text) => { fs.writeFileSync(`${POLICY}.new`, text); fs.renameSync(`${POLICY}.new`, POLICY); };
const files = [process.execPath, SERVER, D], rogue = [process.execPath, `${HERE}rogue.mjs`];
const guarded = (server, extra = []) => [EC, 'mcp', '-p', POLICY, '--trail', TRAIL, ...extra, '--', ...server];
const call = (c, name, args, meta) => c.request('tools/call', { name, arguments: args, ...(meta && { _meta: meta }) });
const trail = () => fs.readFileSync(TRAIL, 'utf8').trim().split('\n').map((l) => JSON.parse(l));
const leaks = (text) => Object.entries(SECRETS).filter(([, s]) => text.includes(s)).map(([n]) => n);
const read = (name) => { try { return fs.readFileSync(`${D}/${name}`, 'utf8'); } catch { return null; } };

async function exchange(c) {
  const wrote = await call(c, 'write_file', { path: `${D}/out/note.txt`, content: SECRET });
  const told = await call(c, 'read_text_file', { path: `${D}/people.txt` });
  return { wrote, told, file: read('out/note.txt'), text: told.result?.content?.[0]?.text, structured: told.result?.structuredContent?.content };
}

async function without() {
  world();
  const c = await new Client(files).init();
  const got = await exchange(c);
  await c.close();
  check(got.file === SECRET, 'without EnforceCore the server gets the secrets', got);
  check(got.text === SECRET && got.structured === SECRET, 'without EnforceCore the client gets them', got);
}

// The server declared tools.listChanged: its client hears of another policy.
async function replace(c, text) {
  const told = () => c.lines.filter((l) => l.includes('notifications/tools/list_changed')).length, before = told();
  put(text);
  process.kill(c.child.pid, 'SIGHUP');
  for (let i = 0; i < 250 && told() === before; i++) await wait(20);
  check(told() === before + 1, 'another policy is told as another list of tools', c.stderr);
}

async function observes(c) {
  const got = await exchange(c);
  check(got.file === SECRET && got.text === SECRET, 'observe mode changes nothing', got);
  const begin = trail().find((r) => r.kind === 'call_begin');
  check(begin?.input_redactions === 4 && trail().some((r) => r.output_redactions === 8), 'it counts what it would have replaced', begin);
}

async function redacts(c) {
  const told = c.lines.length, records = trail().length;
  const got = await exchange(c);
  check(got.file === CLEAN, 'the server\'s file has placeholders', got);
  check(got.text === CLEAN && got.structured === CLEAN, 'the client sees placeholders', got);
  // what is granted is what the server gets: a name is an argument like any other
  await call(c, 'write_file', { path: `${D}/out/${SECRETS.mail}`, content: 'named' });
  check(read('out/<EMAIL>') === 'named' && read(`out/${SECRETS.mail}`) === null, 'the grant is for the path that the server gets', { out: fs.readdirSync(`${D}/out`), err: c.stderr });
  const missing = await call(c, 'read_text_file', { path: `${D}/${SECRETS.ssn}.txt` });
  check(missing.result?.isError && !leaks(JSON.stringify(missing)).length, 'an error of the server tells no secret', missing);
  check(!leaks(c.lines.slice(told).join('\n')).length, 'no line that the client got has one');
  const since = trail().slice(records), begin = since.find((r) => r.kind === 'call_begin'), ends = since.filter((r) => r.kind === 'call_end');
  check(begin?.arguments.content === CLEAN && begin.input_redactions === 4, 'the record has the arguments as they went, and how many were replaced', begin);
  check(ends[0]?.output_redactions === 0 && ends[1]?.output_redactions === 8, 'the end of a call counts its result', ends);
  check(!since.some((r) => r.kind === 'denial'), 'nothing was refused', since.filter((r) => r.kind === 'denial').slice(0, 3));
}

async function tells(c) {
  const env = (await call(c, 'read_text_file', { path: `${D}/.env` })).result;
  check(env?.isError && /never permitted: never\.read/.test(env.content[0].text), 'a call that could only be refused is refused at once', env);
  const failed = (await call(c, 'read_file', { path: `${D}/a.txt` })).result;
  check(failed?.isError && failed.content.length === 2 && failed.content[1].text === `EnforceCore refused: read ${D}/a.txt: undeclared`, 'a failed call says what was refused to it', failed);
  const fine = (await call(c, 'read_text_file', { path: `${D}/a.txt` })).result;
  check(!fine?.isError && fine?.content.length === 1, 'one that did not fail says nothing more', fine);
  const before = (await c.request('tools/list', {})).result.tools.map((t) => t.name);
  await replace(c, policy({ denied: 'write_file' }));
  const after = (await c.request('tools/list', {})).result.tools.map((t) => t.name);
  check(before.includes('write_file') && !after.includes('write_file') && after.length === before.length - 1, 'and it is another one', { before, after });
  const refused = (await call(c, 'write_file', { path: `${D}/out/x`, content: 'x' })).result;
  check(refused?.isError && /denied_tools write_file\)$/.test(refused.content[0].text), 'a refusal says why, and by which rule', refused);
}

// One server under four policies, one after the other.
async function behind() {
  world();
  put(policy({ rules: REDACTS, kernel: 'mode: observe' }));
  const c = await new Client(guarded(files)).init();
  await observes(c);
  fs.rmSync(`${D}/out/note.txt`);
  await replace(c, policy({ rules: REDACTS }));
  await redacts(c);
  await tells(c);
  const end = await c.close();
  check(end.code === 0, 'the gateway ends well', { end, stderr: c.stderr });
  const all = fs.readFileSync(TRAIL, 'utf8');
  check(all.includes('people.txt') && !leaks(all).length, 'the trail has none of the secrets, in no mode', leaks(all));
}

// One call reads what only the other declared, while both are open.
async function two(c) {
  const started = Date.now();
  const answers = await Promise.all([
    call(c, 'read', { path: `${D}/a.txt`, act: 'sleepRead', ms: 200, target: `${D}/b.txt` }, { 'claudecode/toolUseId': 'toolu_1' }),
    call(c, 'read', { path: `${D}/b.txt`, act: 'sleepRead', ms: 400, target: `${D}/b.txt` },
      { 'io.modelcontextprotocol/protocolVersion': '2026-07-28', 'vendor/toolCallId': 'call_2' })]);
  const [a, b] = answers.map((m) => JSON.parse(m.result.content[0].text));
  return { a, b, waited: Date.now() - started };
}

async function serializes() {
  world();
  put(policy());
  const c = new Client(guarded(rogue)); // no initialize: the stateless generation
  const both = await two(c);
  check(both.a.value === 'beta', 'two calls at once: one can use what the other declared', both);
  const records = trail().length;
  put(policy({ kernel: 'serialize: true' }));
  process.kill(c.child.pid, 'SIGHUP');
  for (let i = 0; i < 250 && !trail().some((r) => r.kind === 'policy_replaced'); i++) await wait(20);
  const alone = await two(c);
  check(alone.a.code === 'EACCES' && alone.b.value === 'beta', 'one at a time: it cannot', alone);
  check(alone.waited >= 580, 'the second was sent when the first had ended', alone.waited);
  await c.close();
  const since = trail().slice(records);
  const begins = since.filter((r) => r.kind === 'call_begin'), denial = since.find((r) => r.kind === 'denial' && r.target === `${D}/b.txt`);
  check(denial && denial.call === begins[0]?.call, 'the refusal is the first call\'s', { denial, begins });
  check(begins.map((r) => r.tool_use_id).join() === 'toolu_1,call_2', 'the trail has the client\'s own names of both calls', begins);
}

const parts = { without, behind, serializes };
const chosen = process.argv.slice(2);
for (const [name, part] of Object.entries(parts)) if (!chosen.length || chosen.includes(name)) await part();
report();
