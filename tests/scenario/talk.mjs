// SPDX-License-Identifier: Apache-2.0
// talk.mjs - a client of a stdio tool server: sends requests, and knows the answer to each.
import { spawn } from 'node:child_process';

export function talk(command) {
  const server = spawn(command[0], command.slice(1), { stdio: ['pipe', 'pipe', 'inherit'] });
  const waits = new Map();
  let rest = '', id = 0;
  server.stdout.on('data', (d) => {
    const lines = (rest + d).split('\n');
    rest = lines.pop();
    for (const m of lines.map((l) => JSON.parse(l))) waits.get(m.id)?.(m);
  });
  const request = (method, params) => new Promise((done) => {
    waits.set(++id, done);
    server.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`);
  });
  return {
    request,
    call: (name, args) => request('tools/call', { name, arguments: args }),
    end: () => new Promise((d) => { server.on('close', d); server.stdin.end(); }),
  };
}

export const text = (answer) => answer.result?.content?.[0]?.text;
