// SPDX-License-Identifier: Apache-2.0
// control.mjs - the control protocol as any client would speak it.
import net from 'node:net';

export class Control {
  constructor(path = process.env.ENFORCECORE_SOCKET) {
    this.waiting = []; this.text = ''; this.closed = false;
    this.socket = net.connect(path);
    this.socket.setEncoding('utf8');
    this.socket.on('error', (e) => { this.error = e.code; });
    this.socket.on('data', (d) => {
      const lines = (this.text += d).split('\n');
      this.text = lines.pop();
      for (const line of lines) this.waiting.shift()?.(JSON.parse(line));
    });
    this.ended = new Promise((done) => this.socket.on('close', () => { this.closed = true; for (const w of this.waiting.splice(0)) w({ gone: true, error: this.error }); done(); }));
  }
  answer() { return this.closed ? Promise.resolve({ gone: true, error: this.error }) : new Promise((done) => this.waiting.push(done)); }
  raw(text) { const a = this.answer(); this.socket.write(text); return a; }
  ask(request) { return this.raw(JSON.stringify(request) + '\n'); }
  close() { this.socket.end(); return this.ended; }
}

export async function ask(request, path) {
  const c = new Control(path), answer = await c.ask(request);
  c.socket.destroy();
  return answer;
}
