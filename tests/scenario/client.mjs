// SPDX-License-Identifier: Apache-2.0
// client.mjs - the smallest MCP client: starts a server, calls tools, keeps
// everything the server said.
import { spawn } from 'node:child_process';
import readline from 'node:readline';

export class Client {
  constructor(argv, options = {}) {
    this.pending = new Map();
    this.lines = [];
    this.stderr = '';
    this.next = 1;
    this.child = spawn(argv[0], argv.slice(1), { stdio: ['pipe', 'pipe', 'pipe'], ...options });
    this.child.stderr.on('data', (d) => { this.stderr += d; if (process.env.VERBOSE) process.stderr.write(d); });
    this.child.stdin.on('error', () => {});
    this.exited = new Promise((done) => this.child.on('exit', (code, signal) => done({ code, signal })));
    readline.createInterface({ input: this.child.stdout }).on('line', (line) => this.onLine(line));
    this.exited.then(() => setTimeout(() => { for (const p of this.pending.values()) p({ gone: true }); }, 200));
  }
  onLine(line) {
    this.lines.push(line.length > 4096 ? line.slice(0, 4096) : line);
    let m; try { m = JSON.parse(line); } catch { return; }
    const done = this.pending.get(m.id);
    if (done) { this.pending.delete(m.id); done(m); }
  }
  raw(text) { this.child.stdin.write(text); }
  request(method, params, id = this.next++) {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return Promise.resolve({ gone: true });
    const reply = new Promise((done) => this.pending.set(id, done));
    this.raw(JSON.stringify({ jsonrpc: '2.0', id, method, params }) + '\n');
    return reply;
  }
  async init() {
    await this.request('initialize', { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'test', version: '1' } });
    this.raw(JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' }) + '\n');
    return this;
  }
  // {ok, value, code, refused, text}
  async call(name, args) {
    const m = await this.request('tools/call', { name, arguments: args });
    if (m.gone) return { ok: false, code: 'GONE' };
    if (m.error) return { ok: false, code: 'RPC', text: m.error.message };
    const text = m.result.content?.[0]?.text ?? '';
    try { return { ...JSON.parse(text), text }; } catch { return { ok: false, refused: true, code: 'REFUSED', text }; }
  }
  async close() { this.child.stdin.end(); return this.exited; }
}
