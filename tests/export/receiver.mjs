// SPDX-License-Identifier: Apache-2.0
// receiver.mjs - an OTLP/HTTP receiver that checks what it gets and misbehaves as told:
// `plan` has a step for each request, the rest is accepted.
import http from 'node:http';
import { checkRequest, spansOf } from './otlp_schema.mjs';

export class Receiver {
  constructor(plan = []) {
    Object.assign(this, { plan: [...plan], spans: [], problems: [], requests: [], bodies: [] });
    this.server = http.createServer((request, response) => this.take(request, response));
  }

  async listen() {
    await new Promise((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    this.url = `http://127.0.0.1:${this.server.address().port}`;
    return this;
  }

  async take(request, response) {
    const parts = [];
    for await (const part of request) parts.push(part);
    const body = Buffer.concat(parts), step = this.plan.shift() ?? 'accept';
    this.requests.push({ at: Date.now(), step, length: body.length });
    this.bodies.push(body.toString());
    if (request.method !== 'POST' || request.url !== '/v1/traces' || request.headers['content-type'] !== 'application/json') this.problems.push(`${request.method} ${request.url} ${request.headers['content-type']}`);
    let spans = [];
    try {
      const message = JSON.parse(body);
      checkRequest(message);
      spans = spansOf(message);
    } catch (error) {
      this.problems.push(error.message);
      return this.answer(response, 400, { message: error.message });
    }
    return this.act(response, step, spans);
  }

  async act(response, step, spans) {
    if (step === 'hang up') return response.socket.destroy();
    if (step === 'silence') return undefined;
    if (typeof step === 'object' && step.slow) await new Promise((resolve) => setTimeout(resolve, step.slow));
    if (typeof step === 'object' && step.status) return this.answer(response, step.status, { message: 'not now' }, step.headers);
    if (step === 'partial') {
      this.spans.push(...spans.slice(0, -2));
      return this.answer(response, 200, { partialSuccess: { rejectedSpans: '2', errorMessage: 'two are\u001b[2J too many' } });
    }
    this.spans.push(...spans);
    return this.answer(response, 200, step === 'nonsense' ? 'not json' : {});
  }

  answer(response, status, body, headers = {}) {
    response.writeHead(status, { 'Content-Type': 'application/json', ...headers });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  }

  close() {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(resolve));
  }
}
