// SPDX-License-Identifier: Apache-2.0
// profiles.mjs - the profiles that are shipped, with the programs they are for:
// what those do on a good day happens and leaves no refusal in the trail; what
// an attack does without EnforceCore does not happen with it. In a VM, as root.
import fs from 'node:fs';
import net from 'node:net';
import http from 'node:http';
import dgram from 'node:dgram';
import path from 'node:path';
import { spawn, execFileSync } from 'node:child_process';
import { Client } from './client.mjs';
import { keep } from './keeper.mjs';
import { report, check } from './report.mjs';

const EC = path.resolve(process.env.EC ?? 'build/enforcecore');
const HERE = path.dirname(new URL(import.meta.url).pathname);
const PROFILES = path.resolve(HERE, '../../policy/profiles');
const NPM = path.join(path.dirname(EC), 'npm');
const W = '/var/tmp/ec-profiles', HOME = `${W}/home`, OPT = '/opt/ec-mcp';
const node = process.execPath;
const env = { PATH: '/usr/local/bin:/usr/bin:/bin', HOME, LANG: 'C.UTF-8', npm_config_update_notifier: 'false', GIT_OPTIONAL_LOCKS: '0', PYTHONDONTWRITEBYTECODE: '1' };

const profile = (name) => `${PROFILES}/${name}.yaml`;
const trail = (name) => fs.readFileSync(`${W}/${name}.jsonl`, 'utf8').trim().split('\n').map((l) => JSON.parse(l));
const refusals = (name) => trail(name).filter((r) => ['denial', 'call_refused', 'gap'].includes(r.kind));
const put = (file, text, mode = 0o644) => { fs.mkdirSync(path.dirname(file), { recursive: true }); fs.writeFileSync(file, text, { mode }); };
const text = (file) => { try { return fs.readFileSync(file, 'utf8'); } catch { return null; } };

function run(argv, cwd) {
  const child = spawn(argv[0], argv.slice(1), { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '', err = '';
  child.stdout.on('data', (d) => { out += d; });
  child.stderr.on('data', (d) => { err += d; });
  return new Promise((done) => child.on('close', (code) => done({ code, out, err })));
}
const held = (verb, policy, name, argv) => [EC, verb, '-p', policy, '--strict', '--trail', `${W}/${name}.jsonl`, '--', ...argv];

async function call(client, name, args) {
  const m = await client.request('tools/call', { name, arguments: args });
  const said = (m.result?.content ?? []).map((c) => c.text ?? c.data ?? '').join('\n');
  return { failed: m.gone || Boolean(m.error) || m.result.isError === true, text: m.error?.message ?? said };
}

// A world of its own on one file system: what lies on an overlay of two shares inode numbers.
function world() {
  fs.mkdirSync(W, { recursive: true });
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'mode=755', 'ec-profiles', W]);
  fs.mkdirSync(OPT, { recursive: true });
  execFileSync('mount', ['--bind', NPM, OPT]);
  put(`${HOME}/.ssh/id_rsa`, 'KEY');
  put(`${HOME}/.bashrc`, 'rc\n');
  put(`${HOME}/.gitconfig`, '[core]\n\tpager = cat\n');
  put(`${HOME}/letter`, 'LETTER');
}

// Listens on an address; got holds what came.
async function listen(host, port, got) {
  const s = net.createServer((c) => { got.push(''); const i = got.length - 1; c.on('data', (d) => { got[i] += d; }); c.on('error', () => {}); });
  await new Promise((done) => s.listen(port, host, done));
  return s;
}

// --- mcp-filesystem ---

async function filesystem() {
  const D = `${W}/data`, server = (release) => [node, `${OPT}/${release}/node_modules/@modelcontextprotocol/server-filesystem/dist/index.js`, '.'];
  const fresh = () => {
    fs.rmSync(D, { recursive: true, force: true });
    put(`${D}/notes/a.txt`, 'alpha\nbeta\n'); put(`${D}/notes/b.txt`, 'two\n'); put(`${D}/dot.png`, 'PNG'); put(`${D}/.env`, 'TOKEN'); put(`${W}/outside`, 'OUTSIDE');
    fs.symlinkSync(`${W}/outside`, `${D}/link`);
  };
  const attacks = async (guarded) => {
    fresh();
    const argv = server('vulnerable'), c = await new Client(guarded ? held('mcp', profile('mcp-filesystem'), 'vulnerable', argv) : argv, { cwd: D, env }).init();
    const good = await call(c, 'read_file', { path: 'notes/a.txt' });
    const said = [await call(c, 'read_file', { path: 'link' }), await call(c, 'read_file', { path: '.env' })];
    await call(c, 'write_file', { path: 'link', content: 'PWNED' });
    await c.close();
    return { good: good.text.includes('alpha'), outside: said[0].text.includes('OUTSIDE'), env: said[1].text.includes('TOKEN'), written: text(`${W}/outside`) === 'PWNED' };
  };

  fresh();
  const c = await new Client(held('mcp', profile('mcp-filesystem'), 'filesystem', server('current')), { cwd: D, env }).init();
  const works = async (tool, args, claim) => { const r = await call(c, tool, args); check(!r.failed && claim(r.text), `filesystem: ${tool}`, r); };
  const has = (t) => (said) => said.includes(t);
  await works('list_allowed_directories', {}, has(D));
  await works('read_file', { path: `${D}/notes/a.txt` }, has('alpha'));
  await works('read_text_file', { path: 'notes/a.txt', head: 1 }, (t) => t === 'alpha');
  await works('read_media_file', { path: 'dot.png' }, has(Buffer.from('PNG').toString('base64')));
  await works('read_multiple_files', { paths: ['notes/a.txt', 'notes/b.txt'] }, has('two'));
  await works('write_file', { path: 'notes/new.txt', content: 'new\n' }, () => text(`${D}/notes/new.txt`) === 'new\n');
  await works('write_file', { path: 'notes/b.txt', content: 'three\n' }, () => text(`${D}/notes/b.txt`) === 'three\n');
  await works('edit_file', { path: 'notes/b.txt', edits: [{ oldText: 'three', newText: 'four' }] }, () => text(`${D}/notes/b.txt`) === 'four\n');
  await works('create_directory', { path: 'made' }, () => fs.existsSync(`${D}/made`));
  await works('list_directory', { path: '.' }, has('[DIR] notes'));
  await works('list_directory_with_sizes', { path: 'notes' }, has('a.txt'));
  await works('directory_tree', { path: '.' }, has('a.txt'));
  await works('move_file', { source: 'notes/new.txt', destination: 'made/moved.txt' }, () => text(`${D}/made/moved.txt`) === 'new\n');
  await works('search_files', { path: '.', pattern: '**/*.txt' }, has('moved.txt'));
  await works('get_file_info', { path: 'notes/a.txt' }, has('size: 11'));
  await c.close();
  check(refusals('filesystem').length === 0, 'filesystem: nothing of it is refused', refusals('filesystem').slice(0, 4));

  const without = await attacks(false), within = await attacks(true);
  check(without.good && without.outside && without.env && without.written, 'filesystem: a link leads the old release out', without);
  check(within.good, 'filesystem: the old release works', within);
  check(!within.outside, 'filesystem: refused: reading over a link', within);
  check(!within.written, 'filesystem: refused: writing over a link', within);
  check(!within.env, 'filesystem: refused: .env', within);
}

// --- mcp-fetch ---

async function fetched() {
  const SITE = '11.11.0.1', OTHER = '11.11.0.2', got = { other: 0, inside: 0 };
  for (const a of [SITE, OTHER]) execFileSync('busybox', ['ip', 'addr', 'add', `${a}/32`, 'dev', 'lo']);
  fs.appendFileSync('/etc/hosts', `${SITE} site.example\n`);
  const page = '<html><head><title>t</title></head><body><article><h1>Heading</h1><p>A paragraph of some length that says hello to the reader.</p></article></body></html>';
  const answer = (q, r) => {
    if (q.url === '/json') return r.end('{"a":1}');
    if (q.url === '/page') return r.end(page);
    return r.writeHead(302, { location: q.url === '/inside' ? 'http://127.0.0.1:8083/' : `http://${OTHER}:8082/` }).end();
  };
  const servers = [http.createServer(answer).listen(8081, SITE), http.createServer((q, r) => { got.other++; r.end(page); }).listen(8082, OTHER),
    http.createServer((q, r) => { got.inside++; r.end('INSIDE'); }).listen(8083, '::')];
  await Promise.all(servers.map((s) => new Promise((done) => s.once('listening', done))));
  const server = [node, `${OPT}/fetch/node_modules/mcp-fetch-server/dist/index.js`], url = (at) => `http://${SITE}:8081${at}`;
  const attacks = async (c) => {
    const happened = {};
    const one = async (name, to, kind) => { const before = got[kind]; const r = await call(c, 'fetch_html', { url: to }); happened[name] = got[kind] > before; return r; };
    await one('redirect to another host', url('/other'), 'other');
    await one('redirect to this machine', url('/inside'), 'inside');
    const said = await one('this machine, written differently', 'http://[::ffff:127.0.0.1]:8083/', 'inside');
    return { happened, said };
  };

  let c = await new Client(server, { cwd: W, env }).init();
  const without = (await attacks(c)).happened;
  await c.close();
  for (const [name, did] of Object.entries(without)) check(did, `fetch: works without: ${name}`);

  c = await new Client(held('mcp', profile('mcp-fetch'), 'fetch', server), { cwd: W, env }).init();
  const works = async (tool, at, wanted) => { const r = await call(c, tool, { url: at }); check(!r.failed && r.text.includes(wanted), `fetch: ${tool} ${at}`, r); };
  await works('fetch_html', url('/page'), '<h1>');
  await works('fetch_json', url('/json'), '"a"');
  await works('fetch_txt', url('/page'), 'says hello');
  await works('fetch_markdown', url('/page'), 'Heading');
  await works('fetch_readable', url('/page'), 'paragraph');
  await works('fetch_html', 'http://site.example:8081/page', '<h1>');
  check(refusals('fetch').length === 0, 'fetch: nothing of it is refused', refusals('fetch').slice(0, 4));
  const within = await attacks(c);
  for (const [name, did] of Object.entries(within.happened)) check(!did, `fetch: refused: ${name}`);
  check(/refused this call: .*IPv4 address/.test(within.said.text), 'fetch: the model is told why', within.said);
  const yt = await call(c, 'fetch_youtube_transcript', { url: url('/page') });
  check(yt.failed && /allowed_tools/.test(yt.text), 'fetch: a tool that starts programs is not there', yt);
  await works('fetch_html', url('/page'), '<h1>');
  await c.close();
  servers.forEach((s) => s.close());
}

// --- read-only-analyst and coding-agent: commands under run ---

const listeners = async (got) => {
  const udp = dgram.createSocket('udp4').on('message', (m) => got.udp.push(String(m))).bind(18191, '127.0.0.1');
  const servers = [await listen('127.0.0.1', 18190, got.tcp), await listen('127.0.0.1', 3000, got.own)];
  return () => { udp.close(); servers.forEach((s) => s.close()); };
};

// An attack: steps, and whether it happened, of what the intruder said and what was received. All run in one
// process one after another, but for those that are `alone`; `works` is what even the guarded intruder may do.
async function attackAll(name, P, fresh, attacks) {
  const once = async (steps, guard) => {
    const got = { tcp: [], udp: [], own: [] };
    fresh();
    fs.copyFileSync(`${HERE}/intruder.mjs`, `${P}/intruder.mjs`);
    const close = await listeners(got), argv = [node, './intruder.mjs', JSON.stringify(steps)];
    const r = await run(guard ? held('run', profile(name), `${name}-attack`, argv) : argv, P);
    await new Promise((d) => setTimeout(d, 30));
    close();
    return { said: r.code === 0 ? JSON.parse(r.out) : [], got, r };
  };
  const batch = attacks.filter((a) => !a.alone), steps = batch.flatMap((a) => a.steps);
  for (const guard of [false, true]) {
    const judge = (a, o) => check(a.happened(o) !== guard, `${name}: ${guard ? 'refused' : 'works without'}: ${a.name}`, o);
    const all = await once(steps, guard);
    let at = 0;
    for (const a of batch) { judge(a, { said: all.said.slice(at, at + a.steps.length), got: all.got, r: all.said.length ? undefined : all.r }); at += a.steps.length; }
    for (const a of attacks.filter((x) => x.alone)) {
      const o = await once(a.steps, guard);
      judge(a, o);
      if (a.works && guard) check(a.works(o), `${name}: but not what is permitted before: ${a.name}`, o);
    }
  }
}
const told = (t) => ({ said }) => said.some((s) => s.ok && String(s.value).includes(t));
const contains = (file, t) => () => (text(file) ?? '').includes(t);
const received = (kind, t = '') => ({ got }) => got[kind].some((g) => g.includes(t));

async function analyst() {
  const P = `${W}/looked-at`, git = (...args) => execFileSync('git', args, { cwd: P, env });
  const fresh = () => {
    fs.rmSync(P, { recursive: true, force: true });
    for (const f of ['/tmp/tool', `${HOME}/left`]) fs.rmSync(f, { force: true });
    put(`${P}/src/a.py`, 'def f():\n    return "hello"\n'); put(`${P}/data.csv`, 'b,2\na,1\n'); put(`${P}/.env`, 'TOKEN'); put(`${P}/run.sh`, '#!/bin/sh\necho ran\n', 0o755);
  };
  fresh();
  git('init', '-q', '.'); git('add', 'src', 'data.csv'); git('-c', 'user.email=a@example.org', '-c', 'user.name=a', 'commit', '-qm', 'one');
  const session = `set -eu
grep -rn hello src; find . -name '*.py'; git log --oneline | cat; git show --stat | cat; git status --short; git blame src/a.py
sort data.csv | awk -F, '{ print $2 }' | sed s/1/one/; wc -l data.csv; sha256sum data.csv; ls -lR . >/tmp/listing; rm /tmp/listing
python3 - <<END
import csv, ast, tempfile
print(sum(int(r[1]) for r in csv.reader(open("data.csv"))), ast.parse(open("src/a.py").read()).body[0].name)
with tempfile.TemporaryFile() as t:
    t.write(b"x")
END
`;
  const r = await run(held('run', profile('read-only-analyst'), 'analyst', ['sh', '-c', session]), P);
  check(r.code === 0 && /hello/.test(r.out) && /3 f/.test(r.out), 'analyst: a session of reading', r);
  check(refusals('analyst').length === 0, 'analyst: nothing of it is refused', refusals('analyst').slice(0, 4));

  await attackAll('read-only-analyst', P, fresh, [
    { name: 'a private key', steps: [{ do: 'read', path: `${HOME}/.ssh/id_rsa` }], happened: told('KEY') },
    { name: '.env of the project', steps: [{ do: 'read', path: '.env' }], happened: told('TOKEN') },
    { name: 'a file of its person', steps: [{ do: 'read', path: `${HOME}/letter` }], happened: told('LETTER') },
    { name: 'changing the project', steps: [{ do: 'append', path: 'src/a.py', text: 'pwned' }], happened: contains(`${P}/src/a.py`, 'pwned') },
    { name: 'a new file in the project', steps: [{ do: 'write', path: 'new' }], happened: () => fs.existsSync(`${P}/new`) },
    { name: 'a file at home', steps: [{ do: 'write', path: `${HOME}/left` }], happened: () => fs.existsSync(`${HOME}/left`) },
    { name: 'renaming', steps: [{ do: 'rename', path: 'data.csv', to: 'moved.csv' }], happened: () => fs.existsSync(`${P}/moved.csv`) },
    { name: 'a program of the project', steps: [{ do: 'exec', path: './run.sh' }], happened: told('ran') },
    { name: 'a program from /tmp', steps: [{ do: 'copy', path: '/usr/bin/echo', to: '/tmp/tool' }, { do: 'exec', path: '/tmp/tool', args: ['from-tmp'] }], happened: told('from-tmp') },
    { name: 'tcp', steps: [{ do: 'tcp', host: '127.0.0.1', port: 18190 }], happened: received('tcp') },
    { name: 'udp', steps: [{ do: 'udp', host: '127.0.0.1', port: 18191 }], happened: received('udp') },
  ]);
}

// What its package managers are to install: made here, as a registry would hand it out.
function packages() {
  const dep = `${W}/made/package`;
  put(`${dep}/package.json`, '{"name":"dep","version":"1.0.0","bin":{"dep":"cli.js"}}');
  put(`${dep}/cli.js`, '#!/usr/bin/env node\nconsole.log("dep runs");\n', 0o755);
  put(`${dep}/.travis.yml`, 'language: node_js\n'); // packages ship such files
  put(`${dep}/.env`, 'EXAMPLE=1\n');
  execFileSync('tar', ['czf', `${W}/made/dep.tgz`, '-C', `${W}/made`, 'package']);
  const wheel = `${W}/made/wheel`, info = `${wheel}/pk-1.0.dist-info`;
  put(`${wheel}/pk/__init__.py`, 'def f():\n    return 7\n');
  put(`${info}/METADATA`, 'Metadata-Version: 2.1\nName: pk\nVersion: 1.0\n');
  put(`${info}/WHEEL`, 'Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n');
  put(`${info}/RECORD`, 'pk/__init__.py,,\npk-1.0.dist-info/METADATA,,\npk-1.0.dist-info/WHEEL,,\npk-1.0.dist-info/RECORD,,\n');
  execFileSync('python3', ['-m', 'zipfile', '-c', '../pk-1.0-py3-none-any.whl', 'pk', 'pk-1.0.dist-info'], { cwd: wheel, env });
}

async function coding() {
  const P = `${W}/project`;
  packages();
  fs.mkdirSync(P);
  for (const f of ['dep.tgz', 'pk-1.0-py3-none-any.whl']) fs.copyFileSync(`${W}/made/${f}`, `${P}/${f}`);
  fs.copyFileSync(`${HERE}/coding.sh`, `${P}/coding.sh`);
  const r = await run(held('run', profile('coding-agent'), 'coding', ['sh', './coding.sh']), P);
  check(r.code === 0, 'coding: a session of work', r);
  for (const t of ['built', 'dep runs', 'seven 7']) check(r.out.includes(t), `coding: ${t}`, r.out);
  check(fs.existsSync(`${P}/.git/hooks/pre-commit.sample`), 'coding: git init with its samples');
  check(fs.existsSync(`${P}/node_modules/dep/.env`), 'coding: packages may ship what is refused above them');
  check(refusals('coding').length === 0, 'coding: nothing of it is refused', refusals('coding').slice(0, 4));

  const fresh = () => {
    fs.rmSync(P, { recursive: true, force: true });
    for (const f of ['/tmp/tool', '/tmp/evil']) fs.rmSync(f, { recursive: true, force: true });
    put(`${HOME}/.bashrc`, 'rc\n');
    put(`${P}/.git/hooks/x.sample`, ''); put(`${P}/.env`, 'TOKEN'); put(`${P}/.env.local`, 'LOCAL'); put(`${P}/aside/.keep`, ''); put(`${P}/secrets/key`, 'SECRET'); put(`${P}/.github/workflows/ci.yml`, 'on: push\n');
  };
  const hook = `${P}/.git/hooks/post-commit`, pwned = (name) => () => text(`${P}/.git/hooks/${name}`) === 'pwned';
  const own = { host: '127.0.0.1', port: 3000 };
  await attackAll('coding-agent', P, fresh, [
    { name: 'a private key', steps: [{ do: 'read', path: `${HOME}/.ssh/id_rsa` }], happened: told('KEY') },
    { name: 'a file of its person', steps: [{ do: 'read', path: `${HOME}/letter` }], happened: told('LETTER') },
    { name: 'a git hook', steps: [{ do: 'append', path: '.git/hooks/x.sample', text: 'pwned' }, { do: 'rename', path: '.git/hooks/x.sample', to: hook }], happened: pwned('post-commit') },
    { name: 'a CI workflow', steps: [{ do: 'append', path: '.github/workflows/ci.yml', text: 'pwned' }], happened: contains(`${P}/.github/workflows/ci.yml`, 'pwned') },
    { name: "the shell's start file", steps: [{ do: 'append', path: `${HOME}/.bashrc`, text: 'pwned' }], happened: contains(`${HOME}/.bashrc`, 'pwned') },
    { name: 'a program from /tmp', steps: [{ do: 'copy', path: '/usr/bin/echo', to: '/tmp/tool' }, { do: 'exec', path: '/tmp/tool', args: ['from-tmp'] }], happened: told('from-tmp') },
    { name: 'tcp to an address that is not listed', steps: [{ do: 'tcp', host: '127.0.0.1', port: 18190 }], happened: received('tcp') },
    { name: 'udp to an address that is not listed', steps: [{ do: 'udp', host: '127.0.0.1', port: 18191 }], happened: received('udp') },
    { name: '.env, and sending it', steps: [{ do: 'read', path: '.env' }, { do: 'leak', ...own }], happened: received('own', 'TOKEN') },
    { name: '.env by another name', happened: received('own', 'LOCAL'),
      steps: [{ do: 'rename', path: '.env.local', to: 'env' }, { do: 'read', path: 'env' }, { do: 'leak', ...own }] },
    { name: 'a hook, its directory renamed meanwhile', happened: pwned('pre-push'),
      steps: [{ do: 'rename', path: '.git', to: 'g' }, { do: 'write', path: 'g/hooks/pre-push', text: 'pwned' }, { do: 'rename', path: 'g', to: '.git' }] },
    { name: 'a hook, over a link in the place of its directory', alone: true, happened: pwned('pre-commit'),
      steps: [{ do: 'write', path: 'aside/pre-commit', text: 'pwned' }, { do: 'remove', path: '.git/hooks' }, { do: 'symlink', path: `${P}/aside`, to: '.git/hooks' }] },
    { name: 'a secret of the tests, and sending it to a permitted address', alone: true, happened: received('own', 'SECRET'),
      works: (o) => received('own', 'before')(o) && told('SECRET')(o),
      steps: [{ do: 'tcp', ...own, text: 'before' }, { do: 'read', path: 'secrets/key' }, { do: 'leak', ...own }] },
    { name: 'the same by another name', alone: true, happened: received('own', 'SECRET'),
      steps: [{ do: 'rename', path: 'secrets', to: 'public' }, { do: 'read', path: 'public/key' }, { do: 'leak', ...own }] },
  ]);
}

// --- locked-down: extended as its own comment says ---

async function locked() {
  const D = `${W}/locked`, mine = `${W}/mine.yaml`;
  fs.mkdirSync(`${D}/notes`, { recursive: true });
  put(`${D}/notes/a.txt`, 'alpha'); put(`${D}/notes/b.txt`, 'beta');
  fs.copyFileSync(`${HERE}/rogue.mjs`, `${D}/rogue.mjs`);
  put(mine, `extends: ${profile('locked-down')}
name: mine
rules: { allowed_tools: ["\${parent}", read, act] }
kernel:
  baseline: { exec: ["${node}"], read: ["\${parent}", "${D}/rogue.mjs"] }
  tools: { read: { read: ["\${args.path}"], within: ["${D}/notes/**"] } }
`);
  const r = await run(held('run', profile('locked-down'), 'locked', ['/bin/true']), D);
  check(r.code === 126, 'locked-down: by itself it starts nothing', r);
  const got = [], s = await listen('127.0.0.1', 18190, got);
  const attacks = [
    ['an undeclared file', 'read', { path: `${D}/notes/a.txt`, act: 'readSync', target: `${D}/notes/b.txt` }, (a) => a.value === 'beta'],
    ['the list of users', 'act', { act: 'readSync', target: '/etc/passwd' }, (a) => a.ok],
    ['writing', 'act', { act: 'writeSync', target: `${D}/notes/a.txt` }, () => text(`${D}/notes/a.txt`) !== 'alpha'],
    ['a shell', 'act', { act: 'shell', command: `echo > ${D}/pwned` }, () => fs.existsSync(`${D}/pwned`)],
    ['tcp', 'act', { act: 'tcp', port: 18190 }, () => got.length > 0],
  ];
  for (const guard of [false, true]) {
    put(`${D}/notes/a.txt`, 'alpha'); fs.rmSync(`${D}/pwned`, { force: true }); got.length = 0;
    const argv = [node, `${D}/rogue.mjs`], c = await new Client(guard ? held('mcp', mine, 'mine', argv) : argv, { cwd: D, env }).init();
    const good = await c.call('read', { path: `${D}/notes/a.txt` });
    check(good.value === 'alpha', 'locked-down: the declared call works', good);
    if (guard) check(refusals('mine').length === 0, 'locked-down: nothing of it is refused', refusals('mine').slice(0, 4));
    for (const [name, tool, args, happened] of attacks) {
      const answer = await c.call(tool, args);
      await new Promise((d) => setTimeout(d, 30));
      check(Boolean(happened(answer)) !== guard, `locked-down: ${guard ? 'refused' : 'works without'}: ${name}`, answer);
    }
    await c.close();
  }
  s.close();
}

world();
await keep(EC);
const parts = { filesystem, fetched, locked, analyst, coding };
const chosen = process.argv.slice(2);
for (const [name, part] of Object.entries(parts)) {
  if (chosen.length && !chosen.includes(name)) continue;
  const start = Date.now();
  await part();
  if (process.env.VERBOSE) console.log(`${name}: ${Math.round((Date.now() - start) / 1000)} s`);
}
report();
