// SPDX-License-Identifier: Apache-2.0
// native.mjs - real agents, a scripted model and a controller that only looks:
// every call is declared before it runs and ended after it, shells run as
// their calls, a refusal is heeded, and the model reads why. Wants no kernel
// of its own, only a network that leads nowhere:
//   unshare -rn sh -c 'ip link set lo up; node native.mjs [AGENT...]'
import fs from 'node:fs';
import path from 'node:path';
import { execFileSync } from 'node:child_process';
import { check, report } from '../report.mjs';
import { agents, more, prepare, start } from './agents.mjs';
import { controller } from './fake_controller.mjs';
import { model } from './model.mjs';

const all = { ...agents, ...more };
const EC = path.resolve(process.env.EC ?? 'build/enforcecore');
const NPM = path.resolve(process.env.NPM ?? 'build/npm');
const ROOT = process.env.ROOT ?? '/var/tmp/ec-agents';
fs.mkdirSync(ROOT, { recursive: true });

const quotes = `printf '%s\\n' "it's" 'a "b"' $((1+1)) > quotes; cat <<'END' >> quotes\nline $HOME 'x'\nEND`;

async function drive(name, script, { decide, install = true } = {}) {
  const server = await model(script), ready = prepare(name, { npm: NPM, root: ROOT, port: server.port });
  const socket = `${ROOT}/${name}.sock`, fake = await controller(socket, decide);
  if (install) execFileSync(EC, ['hook', 'install', all[name].hook], { env: ready.env });
  const ended = await start(ready, { env: { ENFORCECORE_SOCKET: socket } });
  server.close(); fake.close();
  return { ...ended, ready, calls: fake.calls, seen: fake.seen, model: server.seen };
}

async function one(name) {
  const { tools, exact, parallel, shell } = all[name], project = `${ROOT}/${name}-project`;
  const is = (claim, what, detail) => check(claim, `${name}: ${what}`, detail);

  const ten = [
    tools.shell('echo one > one'), tools.shell(quotes), tools.write(`${project}/three`, 'three\n'), tools.read(`${project}/three`),
    tools.shell('exit 3'), tools.shell('cat one three'), tools.write(`${project}/seven`, 'seven\n'), tools.shell('wc -c seven'),
    tools.shell('true; echo DENIED'), tools.read(`${project}/seven`),
  ];
  const r = await drive(name, ten.map((c) => ({ calls: [c] })));
  const ends = r.calls.filter((c) => c.ended), shells = r.calls.filter((c) => c.args?.command !== undefined);
  is(r.status === 0, 'ends well', { status: r.status, out: r.out.slice(-400), err: r.err.slice(-400) });
  is(r.calls.length === 10, 'ten calls, ten declarations', r.seen);
  is(r.calls.every((c, i) => c.tool === (shell ?? ten[i]?.name)), 'in their order, by their names', r.calls.map((c) => c.tool));
  is(ends.length === 10, 'each is ended', r.calls);
  is(shells.length === ten.filter((c) => c.name === ten[0].name).length && shells.every((c) => c.exact === exact && c.runs === (exact ? 1 : 0)), exact ? 'each shell became its call, once' : 'no shell is exact', shells);
  is(shells[1]?.args.command === quotes, 'the command is declared as the model said it', shells[1]);
  is(fs.existsSync(`${project}/quotes`) && fs.readFileSync(`${project}/quotes`, 'utf8') === `it's\na "b"\n2\nline $HOME 'x'\n`, 'quotes, newlines and here-documents survive', fs.existsSync(`${project}/quotes`) && fs.readFileSync(`${project}/quotes`, 'utf8'));
  is(fs.existsSync(`${project}/seven`), 'tools inside the agent work');
  const told = r.model.last.split('EnforceCore refused 1 operation of this call: read of /a/secret').length - 1;
  is(told === 1, 'the model reads what was refused', r.model.results.map((t) => t.text));

  const four = await drive(name, [{ calls: [1, 2, 3, 4].map((i) => tools.shell(`sleep 0.${i}; echo ${i} > p${i}`)) }]);
  is(four.calls.length === 4 && four.calls.every((c) => c.ended), 'four at once: declared and ended', four.seen);
  is(new Set(four.calls.map((c) => c.id)).size === 4, 'four at once: told apart', four.calls);
  is([1, 2, 3, 4].every((i) => fs.existsSync(`${project}/p${i}`)), 'four at once: they ran');
  const overlap = four.seen.findIndex((q) => q.op === 'end') >= (exact ? 5 : 2);
  is(overlap === parallel, parallel ? 'they ran side by side' : 'one after the other', four.seen.map((q) => q.op));

  const no = await drive(name, [{ calls: [tools.shell('echo harm > harm')] }], { decide: () => ({ ok: false, error: 'refused', reason: 'shells are not for today' }) });
  is(!fs.existsSync(`${project}/harm`), 'a refused call does not run');
  is(no.model.results.some((t) => /shells are not for today/.test(t.text)), 'the model reads why', no.model.results);
  is(!no.seen.some((q) => q.op === 'end' && q.outcome === 'done'), 'what never began is not ended', no.seen);

  const gone = await drive(name, [{ calls: [tools.shell('echo harm > harm')] }], { decide: () => [] });
  is(gone.seen.some((q) => q.op === 'begin') && !fs.existsSync(`${project}/harm`), 'nor does one whose hook fails with status 2', gone.model.results);

  execFileSync(EC, ['hook', 'install', all[name].hook, '--undo'], { env: gone.ready.env });
  const settings = path.join(gone.ready.home, all[name].settings);
  const left = execFileSync('find', [gone.ready.home, '-path', '*/node_modules', '-prune', '-o', '-name', 'enforcecore.js', '-print'], { encoding: 'utf8' });
  is(left === '' && !/enforcecore/.test(fs.readFileSync(settings, 'utf8')), 'undone', left);
}

for (const name of process.argv.length > 2 ? process.argv.slice(2) : Object.keys(agents)) await one(name);
report();
