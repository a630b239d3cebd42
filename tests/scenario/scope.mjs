// SPDX-License-Identifier: Apache-2.0
// scope.mjs - whose call is it? The same act under a tool of each scope: in the
// server itself and its threads, in what it starts during the call, in what an
// earlier call left behind. Runs in a kernel that can enforce, as root.
import fs from 'node:fs';
import { Client } from './client.mjs';
import { keep } from './keeper.mjs';
import { report, check } from './report.mjs';

const EC = process.env.EC ?? 'build/enforcecore';
await keep(EC);
const HERE = new URL('.', import.meta.url).pathname;
const W = '/var/tmp/ec-scope', FILE = `${W}/data/file`, REPORT = `${W}/report`;
const wait = (ms) => new Promise((d) => setTimeout(d, ms));
const TOOLS = { process: 'read', subtree: 'list', agent: 'act' };

fs.rmSync(W, { recursive: true, force: true });
fs.mkdirSync(`${W}/data`, { recursive: true });
fs.writeFileSync(FILE, 'content');
fs.writeFileSync(`${W}/policy.yaml`, `
name: scope
kernel:
  baseline:
    exec: ["/usr/**"]
    read: ["/usr/**", "/lib/**", "/lib64/**", "/etc/**", "/proc/**", "/sys/**", "/dev/**", "${HERE}**", "${W}"]
    write: ["/dev/null", "${REPORT}"]
  tools:
    read: { read: ["\${args.path}"], scope: process }
    list: { read: ["\${args.path}"], scope: subtree }
    act: { read: ["\${args.path}"] }
    move: {}
`);

// Reads again and again, and leaves a line for each time that it could.
const LEFT = `(while ! [ -e ${W}/stop ]; do cat ${FILE} >/dev/null 2>&1 && echo read >> ${REPORT}; sleep 0.05; done) >/dev/null 2>&1 &`;
const leftovers = () => fs.existsSync(REPORT) ? fs.readFileSync(REPORT, 'utf8').length : 0;

// npx and the like put a shell and more between us and the server.
for (const [how, argv] of Object.entries({ 'a server': [process.execPath, `${HERE}rogue.mjs`], 'a server behind a shell': ['/bin/sh', '-c', `${process.execPath} ${HERE}rogue.mjs; exit $?`] })) {
  const c = await new Client([EC, 'mcp', '-p', `${W}/policy.yaml`, '--', ...argv]).init();
  for (const [scope, tool] of Object.entries(TOOLS)) {
    check((await c.call('move', { act: 'readUv', target: FILE })).ok === false, `${how}, ${scope}: without the call the file is not read`);
    for (const act of ['readSync', 'readUv', 'readWorker'])
      check((await c.call(tool, { act, target: FILE, path: FILE })).ok, `${how}, ${scope}: ${act} in the server itself`);
    const child = await c.call(tool, { act: 'exec', target: '/usr/bin/cat', args: [FILE], path: FILE });
    check((child.value === 'content') === (scope !== 'process'), `${how}, ${scope}: what it starts ${scope === 'process' ? 'may not' : 'may'} read it`, child);
    const grandchild = await c.call(tool, { act: 'shell', command: `sh -c 'cat ${FILE}; true' | grep content`, path: FILE });
    check((grandchild.value === 0) === (scope !== 'process'), `${how}, ${scope}: and what that starts`, grandchild);
  }
  await c.call('move', { act: 'shell', command: LEFT });
  await wait(300);
  check(leftovers() === 0, `${how}: what an earlier call left behind reads nothing by itself`);
  for (const [scope, tool] of Object.entries(TOOLS)) {
    const before = leftovers();
    await c.call(tool, { act: 'sleep', ms: 1500, path: FILE });
    check((leftovers() > before) === (scope === 'agent'), `${how}, ${scope}: a later call is ${scope === 'agent' ? '' : 'not '}for it`, leftovers() - before);
  }
  fs.writeFileSync(`${W}/stop`, '');
  await c.close();
  fs.rmSync(`${W}/stop`);
  fs.rmSync(REPORT, { force: true });
}
report();
