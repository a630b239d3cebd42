// SPDX-License-Identifier: Apache-2.0
// demo.mjs - a real MCP server, driven by the official SDK client, with and
// without EnforceCore. `demo.mjs ENFORCECORE PACKAGES`; exit 0 when every
// declared call worked and no escape happened under EnforceCore.
import fs from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import path from 'node:path';

const [ec, packages] = process.argv.slice(2).map((p) => path.resolve(p));
const require = createRequire(`${packages}/current/node_modules/`);
const sdk = (name) => import(pathToFileURL(require.resolve(`@modelcontextprotocol/sdk/${name}`)));
const { Client } = await sdk('client/index.js');
const { StdioClientTransport } = await sdk('client/stdio.js');

const W = '/var/tmp/enforcecore-demo', DATA = `${W}/data`, OUT = `${DATA}/out`;
const server = (release) => `${packages}/${release}/node_modules/@modelcontextprotocol/server-filesystem/dist/index.js`;
let failures = 0;
const say = (text = '') => console.log(text);
const expect = (good, text) => { if (!good) failures++; say(`  ${good ? 'ok  ' : 'FAIL'} ${text}`); };

function world() {
  fs.rmSync(W, { recursive: true, force: true });
  for (const d of [OUT, `${DATA}/notes`, `${W}/outside`]) fs.mkdirSync(d, { recursive: true });
  fs.writeFileSync(`${DATA}/notes/hello.txt`, 'hello from the notes\n');
  fs.writeFileSync(`${DATA}/notes/two.txt`, 'two\n');
  fs.writeFileSync(`${OUT}/report.txt`, 'first draft\n');
  fs.writeFileSync(`${W}/outside/canary`, 'CANARY\n');
  fs.writeFileSync(`${W}/outside/victim`, 'untouched\n');
  fs.symlinkSync(`${W}/outside/canary`, `${DATA}/link-r`);
  fs.symlinkSync(`${W}/outside/victim`, `${OUT}/link-w`);
  const text = fs.readFileSync(new URL('policy.yaml', import.meta.url), 'utf8');
  fs.writeFileSync(`${W}/policy.yaml`, text.replaceAll('@NODE@', process.execPath).replaceAll('@SERVER@', packages).replaceAll('@DATA@', DATA));
}

async function connect(release, guarded) {
  const argv = [process.execPath, server(release), DATA];
  if (guarded) argv.unshift(ec, 'mcp', '-p', `${W}/policy.yaml`, '--record', 'all', '--trail', `${W}/${release}.jsonl`, '--');
  const transport = new StdioClientTransport({ command: argv[0], args: argv.slice(1), stderr: process.env.VERBOSE ? 'inherit' : 'ignore' });
  const client = new Client({ name: 'enforcecore-demo', version: '1.0.0' }, { capabilities: {} });
  await client.connect(transport);
  return client;
}

async function call(client, name, args) {
  try {
    const result = await client.callTool({ name, arguments: args });
    return { failed: Boolean(result.isError), text: (result.content ?? []).map((c) => c.text ?? '').join('\n') };
  } catch (e) { return { failed: true, text: String(e.message) }; }
}

async function declared() {
  say('1. The current release under EnforceCore: declared calls work.');
  const c = await connect('current', true);
  const good = async (what, name, args, ok) => { const r = await call(c, name, args); expect(!r.failed && ok(r.text), `${what}${r.failed ? ': ' + r.text.slice(0, 200) : ''}`); };
  await good('list_directory', 'list_directory', { path: DATA }, (t) => t.includes('notes'));
  await good('read_text_file', 'read_text_file', { path: `${DATA}/notes/hello.txt` }, (t) => t.includes('hello'));
  await good('read_multiple_files', 'read_multiple_files', { paths: [`${DATA}/notes/hello.txt`, `${DATA}/notes/two.txt`] }, (t) => t.includes('two'));
  await good('directory_tree', 'directory_tree', { path: DATA }, (t) => t.includes('hello.txt'));
  await good('write_file, a new file', 'write_file', { path: `${OUT}/new.txt`, content: 'new\n' }, () => fs.readFileSync(`${OUT}/new.txt`, 'utf8') === 'new\n');
  await good('write_file over an old one', 'write_file', { path: `${OUT}/report.txt`, content: 'second draft\n' }, () => fs.readFileSync(`${OUT}/report.txt`, 'utf8') === 'second draft\n');
  await good('edit_file', 'edit_file', { path: `${OUT}/report.txt`, edits: [{ oldText: 'second', newText: 'third' }] }, () => fs.readFileSync(`${OUT}/report.txt`, 'utf8') === 'third draft\n');
  await good('create_directory', 'create_directory', { path: `${OUT}/sub` }, () => fs.existsSync(`${OUT}/sub`));
  await good('move_file', 'move_file', { source: `${OUT}/new.txt`, destination: `${OUT}/sub/moved.txt` }, () => fs.existsSync(`${OUT}/sub/moved.txt`));
  const r = await call(c, 'write_file', { path: `${DATA}/notes/hello.txt`, content: 'gone' });
  expect(r.failed && fs.readFileSync(`${DATA}/notes/hello.txt`, 'utf8').startsWith('hello'), 'write_file outside its ceiling is refused');
  say(`       the model reads: ${r.text.slice(0, 160)}`);
  await c.close();
}

async function escape(guarded) {
  world();
  const c = await connect('vulnerable', guarded);
  const benign = await call(c, 'read_file', { path: `${DATA}/notes/hello.txt` });
  const read = await call(c, 'read_file', { path: `${DATA}/link-r` });
  await call(c, 'write_file', { path: `${OUT}/link-w`, content: 'PWNED' });
  await c.close();
  return { benign: benign.text.includes('hello'), read: read.text.includes('CANARY'),
    written: fs.readFileSync(`${W}/outside/victim`, 'utf8').includes('PWNED') };
}

async function vulnerable() {
  say('\n2. Release 2025.3.28 (CVE-2025-53109: a symlink leads out), without EnforceCore:');
  const without = await escape(false);
  expect(without.benign && without.read && without.written, 'the file outside is read, and overwritten: the attack works');
  say('\n3. The same release, the same calls, under EnforceCore:');
  const within = await escape(true);
  expect(within.benign, 'the benign call still works');
  expect(!within.read, 'the file outside stays unread');
  expect(!within.written, 'the file outside stays untouched');
}

function summary(name) {
  const records = fs.readFileSync(`${W}/${name}.jsonl`, 'utf8').trim().split('\n').map((l) => JSON.parse(l));
  const of = (kind) => records.filter((r) => r.kind === kind);
  say(`\nTrail of ${name}: ${of('call_begin').length} calls, ${of('call_refused').length} refused, ${of('effect').length} effects permitted, ${of('denial').length} denied`);
  for (const call of of('call_begin')) {
    const end = of('call_end').find((r) => r.call === call.call);
    const own = of('effect').filter((r) => r.call === call.call);
    say(`  call ${call.call} ${call.tool} ${JSON.stringify(call.arguments).slice(0, 90)} -> ${end?.outcome}, ${end?.denials} denied`);
    for (const e of own.slice(0, 6)) say(`      ${e.op.padEnd(6)} ${e.target}`);
    if (own.length > 6) say(`      and ${own.length - 6} more`);
  }
  for (const r of of('call_refused')) say(`  refused ${r.tool}: ${r.reason}`);
  for (const d of of('denial')) say(`  denied  ${d.op} ${d.target} (${d.reason}${d.rule ? ', ' + d.rule : ''}) by ${d.exe}`);
}

world();
await declared();
const kept = fs.readFileSync(`${W}/current.jsonl`);
await vulnerable();
fs.writeFileSync(`${W}/current.jsonl`, kept);
summary('current');
summary('vulnerable');
say(failures ? `\n${failures} expectation(s) failed` : '\nEverything as it should be.');
process.exit(failures ? 1 : 0);
