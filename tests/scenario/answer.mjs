// SPDX-License-Identifier: Apache-2.0
// answer.mjs - the program that judges is taken from one that asks (bpf/ask.bpf.h): what
// has to be judged is refused then, who has no tag is not disturbed, and the trail says so.
// Loads the sensor itself and leaves it broken. Runs in a kernel that can enforce, as root.
import fs from 'node:fs';
import path from 'node:path';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { report, check } from './report.mjs';

const EC = path.resolve(process.env.EC ?? 'build/enforcecore');
const W = '/var/tmp/ec-answer', TRAIL = `${W}.jsonl`, POLICY = `${W}.json`, ANSWERS = '/sys/fs/bpf/enforcecore/answers';

fs.rmSync(W, { recursive: true, force: true });
for (const f of [TRAIL, POLICY]) fs.rmSync(f, { force: true });
for (const d of ['a', 'b']) { fs.mkdirSync(`${W}/${d}`, { recursive: true }); fs.writeFileSync(`${W}/${d}/f`, 'text'); }
fs.writeFileSync(`${W}/key`, 'text');
fs.writeFileSync(POLICY, JSON.stringify({ name: 'answer', kernel: {
  baseline: { exec: [process.execPath], write: ['/dev/null'], read: ['/usr/**', '/lib/**', '/lib64/**', '/etc/**', '/proc/**', '/sys/**', '/dev/null', '/dev/urandom', `${W}/**`] },
  never: { read: [`${W}/key`] } } }));

const PROGRAM = `require('readline').createInterface({ input: process.stdin }).on('line', (p) => {
  let said = 'text'; try { const fd = require('fs').openSync(p); require('fs').closeSync(fd); } catch (e) { said = e.code; } console.log(said); });`;
const agent = spawn(EC, ['run', '-p', POLICY, '--trail', TRAIL, '--', process.execPath, '-e', PROGRAM], { stdio: ['pipe', 'pipe', 'inherit'] });
const answers = createInterface({ input: agent.stdout })[Symbol.asyncIterator]();
async function reads(file, want, why) {
  agent.stdin.write(`${file}\n`);
  const { value } = await answers.next();
  check(value === want, why, { file, value, want });
}

await reads(`${W}/a/f`, 'text', 'what the policy permits is read');
await reads(`${W}/key`, 'EACCES', 'what it does not is refused');
const asking = fs.readdirSync(ANSWERS), programs = fs.readdirSync(`${ANSWERS}/../links`);
check(asking.length > 40 && asking.every((name) => programs.includes(name)), 'programs ask', asking);
for (const name of ['ec_file_open', 'ec_file_permission', 'ec_socket_connect', 'ec_capable', 'ec_setxattr']) check(asking.includes(name), `${name} asks`, asking);
fs.unlinkSync(`${ANSWERS}/ec_file_open`);
await reads(`${W}/b/f`, 'EACCES', 'with nobody to ask nothing is permitted');
await reads(`${W}/key`, 'EACCES', 'nor what never was');
check(fs.readFileSync(`${W}/b/f`, 'utf8') === 'text' && fs.readFileSync(`${W}/key`, 'utf8') === 'text', 'who has no tag reads both');
const told = () => fs.readFileSync(TRAIL, 'utf8').split('\n').find((l) => l.includes('"canary"') && /ec_file_open: its pin is gone|refusals are not counted/.test(l));
for (let i = 0; i < 200 && !told(); i++) await new Promise((done) => setTimeout(done, 50));
check(told(), 'the trail has it');
agent.stdin.end();
await new Promise((resolve) => agent.on('close', resolve));
report();
