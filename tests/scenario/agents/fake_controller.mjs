// SPDX-License-Identifier: Apache-2.0
// fake_controller.mjs - speaks user/PROTOCOL.md and permits: what an agent
// declares can be seen where no kernel enforces it.
import fs from 'node:fs';
import net from 'node:net';

// decide(request): undefined to permit, or the answer to a begin.
export async function controller(path, decide = () => undefined) {
  const seen = [], open = [];
  const answer = (q) => {
    seen.push(q);
    if (q.op === 'begin') {
      const no = decide(q);
      if (no) return no;
      const call = { call: seen.length, id: q.id, tool: q.tool, args: q.arguments, exact: q.exact, token: q.exact ? String(seen.length).padStart(32, '0') : undefined, runs: 0 };
      open.push(call);
      return { ok: true, call: call.call, timeout_ms: 60000, ...(q.exact ? { token: call.token } : {}) };
    }
    const call = open.find((c) => (q.token ? c.token === q.token : q.id ? c.id === q.id : c.call === q.call) && !c.ended);
    if (!call) return { ok: false, error: q.op === 'run' ? 'bad_token' : 'no_such_call', reason: 'no such call' };
    if (q.op === 'run') { call.runs++; return { ok: true, call: call.call }; }
    call.ended = q.outcome ?? 'done';
    return { ok: true, call: call.call, denials: call.args?.command?.includes('DENIED') ? 1 : 0, reasons: ['read of /a/secret'] };
  };
  fs.rmSync(path, { force: true });
  const server = net.createServer((socket) => {
    let text = '';
    socket.setEncoding('utf8').on('error', () => {}).on('data', (d) => {
      const lines = (text += d).split('\n');
      text = lines.pop();
      for (const line of lines) socket.write(`${JSON.stringify(answer(JSON.parse(line)))}\n`);
    });
  });
  await new Promise((done) => server.listen(path, done));
  return { seen, calls: open, close: () => server.close() };
}
