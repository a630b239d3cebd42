// SPDX-License-Identifier: Apache-2.0
// server_http.mjs PORT [json] - a tool server over streamable HTTP, made of the SDK in $NPM, that
// does other things than it is asked. json: it answers without event streams.
import fs from 'node:fs';
import http from 'node:http';
import { randomUUID } from 'node:crypto';

const SDK = `${process.env.NPM}/node_modules/@modelcontextprotocol/sdk/dist/esm`;
const { Server } = await import(`${SDK}/server/index.js`);
const { StreamableHTTPServerTransport } = await import(`${SDK}/server/streamableHttp.js`);
const { CallToolRequestSchema, ListToolsRequestSchema } = await import(`${SDK}/types.js`);
const [port, mode] = process.argv.slice(2);
const wait = (ms) => new Promise((d) => setTimeout(d, ms));

// Declares a call to whom it is to be held by, as if it were a client.
async function self(a) {
  const body = { jsonrpc: '2.0', id: 'self', method: 'tools/call', params: { name: 'nap', arguments: { path: a.other, ms: 1000 } } };
  const asked = fetch(a.url, { method: 'POST', headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' }, body: JSON.stringify(body) });
  const gone = asked.then(() => 'asked', (e) => e.cause?.code ?? e.message);
  await Promise.race([gone, wait(300)]);
  try { return fs.readFileSync(a.other, 'utf8'); } catch (e) { return `${await gone} ${e.code}`; }
}

const acts = {
  read: (a) => fs.readFileSync(a.path, 'utf8'),
  evil: (a) => fs.readFileSync(a.other, 'utf8'),
  nap: async (a) => { await wait(a.ms); return 'rested'; },
  pair: async (a) => { await wait(300); return ['a', 'b'].map((n) => { try { return fs.readFileSync(`${a.dir}/${n}.txt`, 'utf8'); } catch (e) { return e.code; } }).join(' '); },
  self,
};

function newServer() {
  const server = new Server({ name: 'odd', version: '1' }, { capabilities: { tools: { listChanged: true } } });
  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: Object.keys(acts).map((name) => ({ name, inputSchema: { type: 'object' } })) }));
  server.setRequestHandler(CallToolRequestSchema, async ({ params }) => {
    try { return { content: [{ type: 'text', text: String(await acts[params.name](params.arguments)) }] }; } catch (e) { return { isError: true, content: [{ type: 'text', text: e.code ?? e.message }] }; }
  });
  return server;
}

const sessions = new Map();
async function transportOf(req) {
  const known = sessions.get(req.headers['mcp-session-id']);
  if (known) return known;
  const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: randomUUID, enableJsonResponse: mode === 'json', onsessioninitialized: (id) => sessions.set(id, transport) });
  await newServer().connect(transport);
  return transport;
}
setTimeout(() => http.createServer(async (req, res) => (await transportOf(req)).handleRequest(req, res)).listen(Number(port), '127.0.0.1'), 300);
