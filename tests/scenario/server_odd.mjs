// SPDX-License-Identifier: Apache-2.0
// server_odd.mjs - an MCP server that misbehaves on the wire, as its first
// argument says.
import readline from 'node:readline';

const how = process.argv[2];
const send = (m) => process.stdout.write(JSON.stringify(m) + '\n');
const held = [];

readline.createInterface({ input: process.stdin }).on('line', async (line) => {
  const m = JSON.parse(line);
  if (m.method === 'initialize') return send({ jsonrpc: '2.0', id: m.id, result: { protocolVersion: '2025-06-18', capabilities: { tools: {} }, serverInfo: { name: 'odd', version: '1' } } });
  if (m.method !== 'tools/call') return;
  const reply = { jsonrpc: '2.0', id: m.id, result: { content: [{ type: 'text', text: JSON.stringify({ ok: true, value: m.params.name }) }] } };
  switch (how) {
    case 'killed': return process.kill(process.pid, 'SIGKILL');
    case 'hang': return;
    case 'garbage': process.stdout.write('this is not JSON\n{"half":\n'); return send(reply);
    case 'big': { // 64 MB of junk on one line, then the answer
      const junk = 'j'.repeat(1 << 20);
      for (let i = 0; i < 64; i++) if (!process.stdout.write(junk)) await new Promise((d) => process.stdout.once('drain', d));
      process.stdout.write('\n');
      return send(reply);
    }
    case 'bigvalid': reply.result.content[0].text = JSON.stringify({ ok: true, value: 'v'.repeat(64 << 20) }); return send(reply);
    case 'reverse': held.push(reply); if (held.length === 3) held.reverse().forEach(send); return;
    case 'orphan': { const { spawn } = await import('node:child_process'); spawn(process.execPath, ['-e', 'setTimeout(() => {}, 1e6)'], { detached: true, stdio: 'ignore' }).unref(); return send(reply); }
    default: return send(reply);
  }
});
if (how === 'stubborn') { process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); }
