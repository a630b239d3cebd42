// SPDX-License-Identifier: Apache-2.0
// declare_inside.mjs - the agent of declare.mjs: declares, and tries to get more
// out of it than it should.
import fs from 'node:fs';
import { execFile, spawn, spawnSync } from 'node:child_process';
import { Control, ask } from './control.mjs';
import { report, check } from './report.mjs';

const [W, EC] = process.argv.slice(2);
const HERE = new URL('.', import.meta.url).pathname;
const wait = (ms) => new Promise((d) => setTimeout(d, ms));
const reads = (f) => { try { return fs.readFileSync(f, 'utf8'); } catch (e) { return e.code; } };
const run = (argv) => new Promise((done) => execFile(argv[0], argv.slice(1), (error, out, err) => done({ status: error ? error.code : 0, out, err })));
const begin = (tool, more = {}) => ask({ op: 'begin', tool, ...more });
const is = (answer, error) => answer.ok === false && answer.error === error;

async function plain() {
  check(reads(`${W}/a`) === 'EACCES', 'nothing is open: not read');
  const b = await begin('read', { arguments: { path: `${W}/a` }, id: 'plain' });
  check(b.ok && b.call > 0 && b.timeout_ms === 300000, 'begin', b);
  check(reads(`${W}/a`) === 'a' && reads(`${W}/b`) === 'EACCES', 'what was declared is read, the rest is not');
  const e = await ask({ op: 'end', id: 'plain' });
  check(e.ok && e.call === b.call && e.denials === 1, 'end', e);
  check(reads(`${W}/a`) === 'EACCES', 'the call is over');
  check(is(await ask({ op: 'end', call: b.call }), 'no_such_call'), 'a call ends once');
  const r = await begin('read', { arguments: { path: '/etc/shadow' } });
  check(is(r, 'refused') && /within|below|outside|ceiling/.test(r.reason) && /policy\.yaml:\d+:\d+/.test(r.rule ?? ''), 'a refusal says why and where', r);
  check(is(await begin('nothing'), 'refused'), 'a tool that is not allowed');
}

// Each of four shells runs as its own call and tries the files of all.
async function parallel() {
  const names = ['a', 'b', 'c', 'd'];
  const calls = await Promise.all(names.map((n) => begin('read', { arguments: { path: `${W}/${n}` }, exact: true, id: `exact-${n}` })));
  check(calls.every((c) => c.ok && /^[0-9a-f]{32}$/.test(c.token)), 'four exact calls', calls);
  check(names.every((n) => reads(`${W}/${n}`) === 'EACCES'), 'an exact call grants the agent itself nothing');
  const script = names.map((n) => `cat ${W}/${n} 2>/dev/null || printf -`).join('; ');
  const got = await Promise.all(calls.map((c) => run([EC, 'call', 'run', '--token', c.token, '--', '/bin/sh', '-c', `${script}; (setsid sh -c '${script}')`])));
  check(got.every((g, i) => g.out === (['a---', '-b--', '--c-', '---d'][i]).repeat(2)), 'each reads its own file and no other, whatever it starts', got);
  check(names.every((n) => reads(`${W}/${n}`) === 'EACCES'), 'and the agent beside them nothing');
  check((await run([EC, 'call', 'run', '--token', calls[0].token, '--', '/bin/cat', `${W}/a`])).status === 1, 'a token works once');
  const ends = await Promise.all(names.map((n) => ask({ op: 'end', id: `exact-${n}` })));
  check(ends.every((e, i) => e.ok && e.call === calls[i].call && e.denials === 6 && e.reasons.length >= 3 && e.reasons.every((r) => r.startsWith(`read ${W}/`))), 'each has its own denials', ends);
  fs.writeFileSync(`${W}/calls`, JSON.stringify(calls.map((c) => c.call)));
}

async function overtaken() {
  const c = await begin('read', { arguments: { path: `${W}/a` }, exact: true });
  const child = spawn(EC, ['call', 'run', '--token', c.token, '--', '/bin/sh', '-c', `cat ${W}/a; read x; cat ${W}/a 2>/dev/null || printf -; ${EC} call begin --tool read --args '{"path":"${W}/b"}' ; ${EC} call end --call ${c.call}`], { stdio: ['pipe', 'pipe', 'ignore'] });
  let out = ''; child.stdout.on('data', (d) => { out += d; });
  while (out !== 'a') await wait(5);
  check((await ask({ op: 'end', call: c.call })).ok, 'a running call is ended');
  child.stdin.end('go\n');
  await new Promise((d) => child.on('close', d));
  check(out.startsWith('a-'), 'it goes on without its grants', out);
  check((out.match(/not_permitted/g) ?? []).length === 2, 'what a call starts neither declares nor ends', out);
}

async function tokens() {
  const c = await begin('read', { arguments: { path: `${W}/a` }, exact: true });
  for (const token of ['', 'x', '0'.repeat(32), c.token.toUpperCase() + '0', c.token.slice(1), 7, null])
    check(['bad_token', 'bad_request'].includes((await ask({ op: 'run', token })).error), `forged token ${token}`);
  // One that spends the token and dies: nobody becomes the call after it.
  const dying = `import('${HERE}control.mjs').then(async ({ ask }) => { console.log(JSON.stringify(await ask({ op: 'run', token: '${c.token}' }))); process.exit(0); })`;
  const spent = spawnSync(process.execPath, ['-e', dying], { encoding: 'utf8' });
  check(/"again":true/.test(spent.stdout), 'a task spends it and dies', spent);
  check(is(await ask({ op: 'run', token: c.token }), 'bad_token'), 'its heir has nothing');
  check(reads(`${W}/a`) === 'EACCES', 'nor the grants');
  check((await ask({ op: 'end', token: c.token })).ok, 'the token still names the call');
  // One that declares and dies: its call stands for the agent, until it is ended.
  const dead = spawnSync(process.execPath, ['-e', `import('${HERE}control.mjs').then(async ({ ask }) => { await ask({ op: 'begin', tool: 'read', arguments: { path: '${W}/a' }, id: 'dead' }); process.exit(0); })`]);
  check(dead.status === 0 && reads(`${W}/a`) === 'a', 'a call outlives who declared it');
  check((await ask({ op: 'end', id: 'dead' })).ok && reads(`${W}/a`) === 'EACCES', 'and is ended by its id');
}

async function deadlines() {
  const c = await begin('brief', { exact: true });
  const out = (await run([EC, 'call', 'run', '--token', c.token, '--', '/bin/sh', '-c', `cat ${W}/b; sleep 4; cat ${W}/b 2>/dev/null || printf -`])).out;
  check(out === 'b-', 'the deadline ends the grants', out);
  await wait(300);
  check(is(await ask({ op: 'end', call: c.call }), 'no_such_call'), 'and the call');
  check((await run([EC, 'call', 'run', '--token', c.token, '--', '/bin/cat', `${W}/b`])).status === 1, 'and the token');
  const s = await ask({ op: 'status' });
  check(s.ok && s.calls.length === 0 && s.policy === 'declare', 'status', s);
}

async function conveniences() {
  const r = await run([EC, 'call', 'run', '--tool', 'read', '--args', JSON.stringify({ path: `${W}/c` }), '--', '/bin/sh', '-c', `cat ${W}/c; exit 7`]);
  check(r.out === 'c' && r.status === 7, 'call run --tool: as the call, with its status', r);
  const n = await run([EC, 'call', 'run', '--tool', 'nothing', '--', '/bin/cat', `${W}/c`]);
  check(n.status === 1 && n.out === '' && /refused/.test(n.err), 'call run --tool: a refusal runs nothing', n);
  check((await run([EC, 'call', 'run', '--token', 'x', '--', '/bin/true'])).status === 1, 'call run: a bad token runs nothing');
  delete process.env.ENFORCECORE_SOCKET;
  const found = await run([EC, 'call', 'status']);
  check(found.status === 0 && /"policy":"declare"/.test(found.out), 'without the environment the socket is found', found);
}

async function malformed(path) {
  const bad = ['', 'x', '[]', '{}', '{"op":1}', '{"op":"no"}', '{"op":"begin"}', '{"op":"begin","tool":7}', '{"op":"begin","tool":"read","arguments":[]}', '{"op":"begin","tool":"read","exact":1}',
    '{"op":"status","op":"begin"}', '{"op":"status","OP":"begin"}', '{"op":"begin","tool":"a\\u0000b"}', '{"op":"end"}', '{"op":"end","call":"1"}', '{"op":"end","call":1,"outcome":"x"}', `{"op":"status","x":${'['.repeat(70)}${']'.repeat(70)}}`, '{"op":"status"} x'];
  for (const text of bad) {
    const c = new Control(path), answer = await c.raw(text + '\n');
    check(['bad_request', 'limit', 'no_such_call'].includes(answer.error), `bad request ${text.slice(0, 40)}`, answer);
    c.socket.destroy();
  }
  const c = new Control(path);
  check(is(await c.ask({ op: 'begin', tool: 'read', id: 'x'.repeat(257), arguments: { path: `${W}/a` } }), 'limit'), 'an id that is too long');
  const big = await c.raw(JSON.stringify({ op: 'begin', tool: 'read', arguments: { path: `${W}/a`, x: 'x'.repeat(11 << 20) } }) + '\n');
  check(is(big, 'limit') || big.gone, 'a line that is too long', big);
  await c.ended;
}

// Clients that wait, and clients that want all: nobody else notices.
async function rude(path) {
  const slow = new Control(path);
  slow.socket.write('{"op":"sta');
  const greedy = new Control(path);
  greedy.socket.pause();
  const flood = '{"op":"status"}\n'.repeat(20000);
  const pour = () => { while (!greedy.closed && greedy.socket.write(flood) && greedy.socket.writableLength < 8 << 20); };
  greedy.socket.on('drain', pour); pour();
  const many = Array.from({ length: 100 }, () => new Control(path));
  const started = Date.now();
  let worst = 0, refused = 0;
  while (Date.now() - started < 12500) {
    const from = Date.now(), answer = await ask({ op: 'status' }, path);
    if (answer.gone) refused++; else worst = Math.max(worst, Date.now() - from);
    await wait(50);
  }
  check(slow.closed && greedy.closed, 'a line that never ends, answers that nobody reads: closed', { slow: slow.closed, greedy: greedy.closed });
  check(worst < 2000, 'others were served meanwhile', worst);
  check(many.filter((m) => m.closed).length >= 30, 'of a hundred connections the quiet ones make room', { closed: many.filter((m) => m.closed).length, refused });
  for (const m of many) m.socket.destroy();
  check((await ask({ op: 'status' }, path)).ok, 'afterwards all is as before');
}

const path = process.env.ENFORCECORE_SOCKET;
await plain(); await parallel(); await overtaken(); await tokens(); await deadlines(); await conveniences(); await malformed(path); await rude(path);
process.env.ENFORCECORE_SOCKET = path;
// Nothing can be sent anywhere any more, but calls can still be declared.
const secret = reads(`${W}/secret`);
check(secret === 'secret', 'the secret is read');
const e = await begin('read', { arguments: { path: `${W}/a` } });
check(e.ok && (await ask({ op: 'end', call: e.call })).ok, 'a flow that shuts every connection leaves the control socket', e);
report();
