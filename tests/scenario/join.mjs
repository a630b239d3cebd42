// SPDX-License-Identifier: Apache-2.0
// join.mjs - what each call declared against what the kernel saw under it: in
// the trail, and as `audit show` tells it. Runs in a kernel that can enforce, as
// root.
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import { Client } from './client.mjs';
import { keep } from './keeper.mjs';
import { report, check } from './report.mjs';

const EC = path.resolve(process.env.EC ?? 'build/enforcecore');
const HERE = new URL('.', import.meta.url).pathname;
const W = '/var/tmp/ec-join', D = `${W}/data`, POLICY = `${W}/policy.yaml`;
const PORT = 18381;
const EVIL = `${D}/x\x1b[2J\ncall 1 of agent 1: read`;
const files = ['a', 'b', 'c', 'd', 'e'].map((n) => `${D}/${n}.txt`);

await keep(EC);
fs.rmSync(W, { recursive: true, force: true });
fs.mkdirSync(D, { recursive: true });
for (const f of [...files, EVIL, `${D}/secret`, `${W}/free`]) fs.writeFileSync(f, 'text');
fs.symlinkSync(files[0], `${D}/link`);
fs.writeFileSync(POLICY, `
name: join
kernel:
  baseline:
    exec: ["${process.execPath}"]
    read: ["/usr/**", "/lib/**", "/lib64/**", "/etc/**", "/proc/**", "/sys/**", "/dev/null", "/dev/urandom", "${HERE}**", "${W}/free"]
    write: ["/dev/null"]
  never:
    read: ["${D}/secret"]
  tools:
    read: { read: ["\${args.path}"], within: ["${W}/**"] }
    write: { write: ["\${args.path}", "\${args.path}.*.tmp"], within: ["${D}/**"] }
    dial: { connect: ["127.0.0.1:\${args.port}"] }
    act: { exec: ["/bin/sh", "/usr/bin/cat"], read: ["\${args.path}"] }
    map: { exec: ["/bin/sh", "/usr/bin/python3*"], read: ["${D}/a.txt"], write: ["${D}/a.txt"] }
`);

let next = 0;
async function session(options, work) {
  const trail = `${W}/trail-${next++}.jsonl`;
  const c = await new Client([EC, 'mcp', '-p', POLICY, '--trail', trail, ...options, '--', process.execPath, `${HERE}rogue.mjs`]).init();
  await work(c);
  const end = await c.close();
  check(end.code === 0, 'the gateway ends well', { end, stderr: c.stderr });
  const lines = fs.readFileSync(trail, 'utf8').trim().split('\n').map((l) => JSON.parse(l));
  return { trail, lines, ends: lines.filter((l) => l.kind === 'call_end') };
}
const show = (trail, ...words) => { const r = spawnSync(EC, ['audit', 'show', trail, ...words], { encoding: 'utf8' }); return { out: r.stdout, err: r.stderr, status: r.status }; };
const told = (list) => list.map((e) => `${e.op} ${e.target}`).sort().join('; ');
const is = (got, want, name, detail) => check(got === want, name, { got, want, detail });

const [A, B] = files;
// A shared mapping outlasts its call: that much the trail says.
async function mapping() {
  const map = `/usr/bin/python3 -I -S -c "import mmap; f = open('${A}', 'r+b'); m = mmap.mmap(f.fileno(), 0); m[0:1] = b'T'"`;
  const { trail, ends } = await session([], async (c) => {
    await c.call('map', { path: A, act: 'shell', command: map });
    await c.call('write', { path: B, content: 'new' });
  });
  const [one, two] = ends.map((e) => e.observed);
  is(fs.readFileSync(A, 'utf8'), 'Text', 'a mapping of a file that the call may write works', one);
  check(one.effects.some((e) => e.op === 'write' && e.target === A && e.mapped === true), 'the call says that it was mapped', one.effects);
  check(two.effects.every((e) => !e.mapped), 'what was not mapped is not called so', two.effects);
  check(/write \S+a\.txt \(mapped\)/.test(show(trail, '--call', String(ends[0].call)).out), 'and so does the tree');
  fs.writeFileSync(A, 'text');
}

const both = { act: 'each', acts: [{ act: 'readUv', target: A }, { act: 'readSync', target: A }, { act: 'readWorker', target: B }, { act: 'readSync', target: `${D}/secret` }] };

async function oneCall() {
  const server = net.createServer((s) => s.on('error', () => {}).resume()).listen(PORT, '127.0.0.1');
  const { trail, lines, ends } = await session([], async (c) => {
    const r = await c.call('read', { path: A, ...both });
    is(r.value, '["text","text","EACCES","EACCES"]', 'it read what it declared and nothing else', r);
    await c.call('read', { path: `${D}/link` });
    await c.call('read', { path: A, act: 'sleep', ms: 1 });
    await c.call('read', { path: `${W}/free` });
    await c.call('write', { path: B, content: 'new' });
    await c.call('dial', { port: PORT });
    await c.call('act', { path: A, act: 'shell', command: `cat ${A} ${B}; true` });
    await c.call('read', { path: A, act: 'readSync', target: EVIL });
  });
  server.close();
  const [first, link, nothing, free, write, dial, shell, evil] = ends.map((e) => e.observed);
  is(told(first.effects), `read ${A}`, 'the declared file is what was observed', first);
  is(first.effects[0].count, 2, 'and how often');
  is(told(first.drift), `read ${B}; read ${D}/secret`, 'the other files are drift', first);
  is(first.drift.map((d) => `${d.verdict} ${d.reason}`).join(), 'deny undeclared,deny never', 'with verdict and reason', first);
  check(first.drift[1].rule.startsWith(`never.read ${D}/secret (${POLICY}:`), 'and the rule', first.drift);
  is(first.counts.read, 2, 'reads are counted', first);
  is(first.counts.drift, 2, 'drift is counted', first);
  is(told(first.unused), '', 'nothing declared is missing', first);
  is(first.processes.map((p) => p.programs.map((x) => x.exe).join()).join(), process.execPath, 'the process is the server', first);
  is(told(link.effects), `read ${A}`, 'a link is read where it leads', link);
  is(told(link.unused), '', 'and counts as seen', link);
  is(told(nothing.unused), `read ${A}`, 'declared and never opened', nothing);
  is(told(nothing.effects) + told(nothing.drift), '', 'and nothing else', nothing);
  is(told(free.unused), '', 'what the baseline permits is not called missing: nobody tells of it', free);
  check(write.effects.some((e) => e.op === 'write' && e.target === B) && write.effects.some((e) => /b\.txt\..*\.tmp$/.test(e.target)), 'files written', write);
  is(told(dial.effects), `connect 127.0.0.1:${PORT}`, 'the endpoint', dial);
  const sh = shell.processes.find((p) => p.programs.some((x) => x.exe === '/usr/bin/dash'));
  const cat = shell.processes.find((p) => p.programs.at(-1).exe === '/usr/bin/cat');
  check(sh && cat && cat.parent === sh.pid && sh.parent === first.processes[0].pid, 'processes and their parents', shell.processes);
  check(shell.effects.some((e) => e.pid === cat.pid && e.op === 'read' && e.target === A), 'the child read the file', shell);
  check(shell.drift.some((e) => e.pid === cat.pid && e.target === B), 'the child tried the other', shell);
  is(shell.counts.programs, 2, 'programs executed', shell.counts);
  is(lines.filter((l) => l.kind === 'effect').length, 0, 'permitted effects have no lines of their own');
  is(ends.reduce((n, e) => n + e.observed.counts.drift || n, 0), lines.filter((l) => l.kind === 'denial').length, 'every denial is drift of its call');
  check(ends.every((e) => !e.observed.omitted && !e.observed.lost && !e.observed.shared), 'nothing is missing', ends);
  await shown(trail, ends, evil);
}

// The same, as people see it.
async function shown(trail, ends, evil) {
  const list = show(trail);
  is(list.status, 0, 'audit show', list);
  is(list.out.trim().split('\n').length, ends.length, 'a line for each call', list);
  check(list.out.split('\n')[0].includes('read: done, effects 2, drift 2, not seen 0'), 'the first call in one line', list.out);
  const tree = show(trail, '--call', String(ends[0].call));
  is(tree.status, 0, 'audit show --call', tree);
  const lines = tree.out.split('\n').map((l) => l.trim());
  const at = (text) => lines.findIndex((l) => l.startsWith(text));
  check(at('declared') < at('observed') && at('observed') < at('process'), 'declared, then observed, by process', tree.out);
  check(at(`! deny read ${B}: undeclared`) > 0 && at(`! deny read ${B}`) < at(`read ${A}`), 'drift is marked and first', tree.out);
  check(lines.some((l) => l.startsWith('read {"path"')), 'the arguments', tree.out);
  const missing = show(trail, '--call', String(ends[2].call)).out;
  check(/not seen\n +read .*a\.txt/.test(missing), 'what was declared and not seen', missing);
  const json = JSON.parse(show(trail, '--call', String(ends[0].call), '--json').out);
  is(told(json.ended.observed.drift), told(ends[0].observed.drift), 'the same as JSON', json);
  is(json.declared.arguments.path, A, 'with what was declared', json);
  is(evil.drift[0].target, EVIL, 'the trail has a hostile name as it is', evil);
  const hostile = show(trail, '--call', String(ends[7].call));
  if (process.env.VERBOSE) console.log(list.out + tree.out + show(trail, '--call', String(ends[6].call)).out + missing + hostile.out);
  check(!hostile.out.includes('\x1b') && !/^call 1 of/m.test(hostile.out.split('\n').slice(1).join('\n')), 'a terminal does not', hostile.out);
  is(show(trail, '--call', '999999').status, 2, 'a call that is not there');
  const altered = `${W}/altered.jsonl`;
  fs.writeFileSync(altered, fs.readFileSync(trail, 'utf8').replace(`"${B}"`, `"${A}"`));
  const warned = show(altered, '--call', String(ends[0].call));
  check(warned.status === 1 && /does not hold/.test(warned.err) && /observed/.test(warned.out), 'an altered trail is shown with a warning', warned);
}

async function parallel() {
  const four = files.slice(0, 4);
  const { ends, lines, trail } = await session([], async (c) => {
    const answers = await Promise.all(four.map((f, i) => c.call('read', { path: f, act: 'each', acts: [{ act: 'sleep', ms: 100 * (4 - i) },
      { act: 'readUv', target: f }, { act: 'readSync', target: files[4] }, { act: 'sleep', ms: 1000 }] })));
    check(answers.every((r) => /^\["slept","(text|new)","EACCES","slept"\]$/.test(r.value)), 'four calls at once', answers);
  });
  const begun = new Map(lines.filter((l) => l.kind === 'call_begin').map((l) => [l.call, l.arguments.path]));
  is(ends.length, 4, 'four ends');
  for (const e of ends) {
    is(told(e.observed.effects), `read ${begun.get(e.call)}`, 'each call has its own file', e);
    is(e.observed.shared, 4, 'a refusal while four are open is none of theirs for certain', e);
    is(told(e.observed.drift), '', 'and drift of none', e);
  }
  const tree = show(trail, '--call', String(ends[0].call)).out;
  is(tree.split('\n').filter((l) => l.includes(`! deny read ${files[4]}`)).length, 4, 'but shown with each', tree);
}

// Calls that run as processes of their own: nothing is shared, whoever else runs.
function exact() {
  const trail = `${W}/exact.jsonl`;
  const script = `const { spawn } = require('child_process');
    for (const f of ${JSON.stringify(files.slice(0, 4))}) spawn('${EC}', ['call', 'run', '--tool', 'act', '--args', JSON.stringify({ path: f }), '--',
      '/bin/sh', '-c', 'cat ' + f + ' ${files[4]}; true'], { stdio: 'inherit' });`;
  const run = spawnSync(EC, ['run', '-p', POLICY, '--trail', trail, '--', process.execPath, '-e', script], { encoding: 'utf8' });
  const lines = fs.readFileSync(trail, 'utf8').trim().split('\n').map((l) => JSON.parse(l));
  const begun = new Map(lines.filter((l) => l.kind === 'call_begin').map((l) => [l.call, l.arguments.path]));
  const ends = lines.filter((l) => l.kind === 'call_end');
  is(new Set(begun.values()).size, 4, 'four exact calls', run);
  is(ends.length, 4, 'and their ends', run);
  for (const { observed: o, call } of ends) {
    is(told(o.effects.filter((e) => e.op === 'read')), `read ${begun.get(call)}`, 'an exact call has its own file', o);
    is(told(o.drift), `read ${files[4]}`, 'and its own drift', o);
    check(!o.shared && o.processes.some((p) => p.programs.at(-1).exe === '/usr/bin/cat'), 'in its own processes', o);
  }
  check(!show(trail, '--call', String(ends[0].call)).out.includes('other calls'), 'and is shown so');
}

async function otherModes() {
  const all = await session(['--record', 'all'], async (c) => { await c.call('read', { path: A, ...both }); });
  const end = all.ends[0];
  is(told(end.observed.effects), `read ${A}`, 'with --record all the join is the same', end);
  is(all.lines.filter((l) => l.kind === 'effect' && l.call === end.call && l.reason === 'call').length, 2, 'and the effects have lines, too');
  const observed = await session(['--observe'], async (c) => { await c.call('read', { path: A, ...both }); });
  is(observed.ends[0].observed.drift.map((d) => d.verdict).join(), 'would-deny,would-deny', 'observing, drift is what would have been refused', observed.ends[0]);
}

// More than a record holds: bounded, counted, and the session goes on.
async function flood() {
  const many = Array.from({ length: 300 }, (_, i) => ({ act: 'create', target: `${D}/dir/${i}` }));
  fs.mkdirSync(`${D}/dir`);
  fs.appendFileSync(POLICY, `    list: { write: ["\${args.path}/**"], within: ["${D}/**"] }\n`);
  const { ends, trail } = await session([], async (c) => {
    await c.call('list', { path: `${D}/dir`, act: 'each', acts: many });
    await c.call('read', { path: A });
    await c.call('read', { path: A, act: 'repeat', times: 12000, target: A });
  });
  const o = ends[0].observed;
  is(o.effects.length, 256, 'as many as a record holds', o.counts);
  check(o.counts.write >= 300 && o.omitted === o.counts.write - o.effects.reduce((n, e) => n + e.count, 0), 'the rest is counted', { counts: o.counts, omitted: o.omitted });
  is(told(ends[1].observed.effects), `read ${A}`, 'the next call is whole');
  is(ends[2].observed.counts.read, 12000, 'more than the ring holds: it was read meanwhile', ends[2].observed);
  check(!ends[2].observed.lost && ends[2].observed.effects.length === 1, 'and nothing of it is lost', ends[2].observed);
  is(spawnSync(EC, ['verify', trail]).status, 0, 'the trail holds');
}

await oneCall();
await mapping();
await parallel();
exact();
await otherModes();
await flood();
report();
