// SPDX-License-Identifier: Apache-2.0
// evidence_agent.mjs - inside an agent: begins and ends calls, says each that was
// acknowledged, and goes on when it is told to. `evidence_agent.mjs read FILE...`
// says which of them it can read.
import fs from 'node:fs';
import net from 'node:net';
import readline from 'node:readline';

if (process.argv[2] === 'read') {
  const can = process.argv.slice(3).filter((f) => { try { fs.readFileSync(f); return true; } catch { return false; } });
  console.log(JSON.stringify(can));
  process.exit(0);
}
const socket = net.connect(process.env.ENFORCECORE_SOCKET);
const answers = readline.createInterface({ input: socket })[Symbol.asyncIterator]();
const told = readline.createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const ask = async (request) => { socket.write(`${JSON.stringify(request)}\n`); return JSON.parse((await answers.next()).value); };
for (;;) {
  const begun = await ask({ op: 'begin', tool: 'act', arguments: { text: 'x'.repeat(200) } });
  console.log(begun.ok ? `begin ${begun.call}` : `refused ${begun.reason}`);
  if ((await told.next()).done) break;
  if (!begun.ok) continue;
  await ask({ op: 'end', call: begun.call });
  console.log(`end ${begun.call}`);
  if ((await told.next()).done) break;
}
socket.end();
