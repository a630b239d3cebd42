// SPDX-License-Identifier: Apache-2.0
// model.mjs - a model that says what a test wants it to: a server on 127.0.0.1
// that speaks OpenAI's chat completions and responses, Gemini's
// generateContent and Anthropic's messages, whole or streamed.
//
// A script is an array of turns: { calls: [{ name, args }], text }. Which turn
// comes next follows from the conversation alone (how many turns with calls
// are in it), so that repeated and side requests change nothing. Requests
// without tools (titles, summaries, routing) get a short text.
import http from 'node:http';

const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 };

const body = (request) => new Promise((done, failed) => {
  let text = '';
  request.setEncoding('utf8').on('data', (d) => { text += d; }).on('end', () => { try { done(JSON.parse(text || '{}')); } catch (e) { failed(e); } }).on('error', failed);
});

const sse = (response, events, last) => {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  for (const [name, data] of events) response.write(`${name ? `event: ${name}\n` : ''}data: ${JSON.stringify(data)}\n\n`);
  response.end(last ?? '');
};
const json = (response, value) => { response.writeHead(200, { 'content-type': 'application/json' }); response.end(JSON.stringify(value)); };

// ---- OpenAI ----
const openai = {
  turns: (q) => q.messages.filter((m) => m.tool_calls?.length).length,
  tools: (q) => q.tools?.length,
  results: (q) => q.messages.filter((m) => m.role === 'tool').map((m) => ({ id: m.tool_call_id, text: typeof m.content === 'string' ? m.content : JSON.stringify(m.content) })),
  answer: (q, turn, n, response) => {
    const head = { id: `chatcmpl-${n}`, created: 1, model: q.model ?? 'fake' };
    const calls = (turn.calls ?? []).map((c, i) => ({ index: i, id: c.id ?? `call_${n}_${i}`, type: 'function', function: { name: c.name, arguments: JSON.stringify(c.args) } }));
    const finish = calls.length ? 'tool_calls' : 'stop';
    if (!q.stream)
      return json(response, { ...head, object: 'chat.completion', usage, choices: [{ index: 0, finish_reason: finish, message: { role: 'assistant', content: turn.text ?? null, ...(calls.length ? { tool_calls: calls } : {}) } }] });
    const chunk = (delta, reason = null) => [null, { ...head, object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason: reason }] }];
    return sse(response, [
      chunk({ role: 'assistant', content: turn.text ?? '' }),
      ...calls.map((c) => chunk({ tool_calls: [c] })),
      chunk({}, finish),
      [null, { ...head, object: 'chat.completion.chunk', choices: [], usage }],
    ], 'data: [DONE]\n\n');
  },
};

// ---- Gemini ----
const gemini = {
  turns: (q) => q.contents.filter((c) => c.role === 'model' && c.parts?.some((p) => p.functionCall)).length,
  tools: (q) => q.tools?.some((t) => t.functionDeclarations?.length),
  results: (q) => q.contents.flatMap((c) => c.parts ?? []).filter((p) => p.functionResponse).map((p) => ({ id: p.functionResponse.id, text: JSON.stringify(p.functionResponse.response) })),
  answer: (q, turn, n, response, stream) => {
    const parts = [...(turn.text ? [{ text: turn.text }] : []), ...(turn.calls ?? []).map((c) => ({ functionCall: { name: c.name, args: c.args } }))];
    const value = { candidates: [{ index: 0, finishReason: 'STOP', content: { role: 'model', parts } }], usageMetadata: { promptTokenCount: 10, candidatesTokenCount: 5, totalTokenCount: 15 }, modelVersion: 'fake' };
    return stream ? sse(response, [[null, value]]) : json(response, value);
  },
};

// ---- Anthropic ----
const anthropic = {
  turns: (q) => q.messages.filter((m) => m.role === 'assistant' && Array.isArray(m.content) && m.content.some((c) => c.type === 'tool_use')).length,
  tools: (q) => q.tools?.length,
  results: (q) => q.messages.flatMap((m) => (Array.isArray(m.content) ? m.content : [])).filter((c) => c.type === 'tool_result').map((c) => ({ id: c.tool_use_id, text: typeof c.content === 'string' ? c.content : JSON.stringify(c.content) })),
  answer: (q, turn, n, response) => {
    const content = [...(turn.text || !turn.calls?.length ? [{ type: 'text', text: turn.text ?? '' }] : []), ...(turn.calls ?? []).map((c, i) => ({ type: 'tool_use', id: c.id ?? `toolu_${n}_${i}`, name: c.name, input: c.args }))];
    const reason = turn.calls?.length ? 'tool_use' : 'end_turn';
    const message = { id: `msg_${n}`, type: 'message', role: 'assistant', model: q.model ?? 'fake', content, stop_reason: reason, stop_sequence: null, usage: { input_tokens: 10, output_tokens: 5 } };
    if (!q.stream) return json(response, message);
    const blocks = content.flatMap((c, index) => [
      ['content_block_start', { type: 'content_block_start', index, content_block: c.type === 'text' ? { type: 'text', text: '' } : { ...c, input: {} } }],
      ['content_block_delta', { type: 'content_block_delta', index, delta: c.type === 'text' ? { type: 'text_delta', text: c.text } : { type: 'input_json_delta', partial_json: JSON.stringify(c.input) } }],
      ['content_block_stop', { type: 'content_block_stop', index }],
    ]);
    return sse(response, [
      ['message_start', { type: 'message_start', message: { ...message, content: [], stop_reason: null } }], ...blocks,
      ['message_delta', { type: 'message_delta', delta: { stop_reason: reason, stop_sequence: null }, usage: { output_tokens: 5 } }],
      ['message_stop', { type: 'message_stop' }],
    ]);
  },
};

// ---- OpenAI's responses ----
const responses = {
  turns: (q) => Math.max(-1, ...q.input.filter((i) => i.type === 'function_call').map((i) => Number(i.call_id.split('_')[1]))) + 1,
  tools: (q) => q.tools?.length,
  results: (q) => q.input.filter((i) => i.type === 'function_call_output').map((i) => ({ id: i.call_id, text: typeof i.output === 'string' ? i.output : JSON.stringify(i.output) })),
  answer: (q, turn, n, response) => {
    const at = responses.turns(q), output = [
      ...(turn.text || !turn.calls?.length ? [{ type: 'message', id: `msg_${n}`, role: 'assistant', status: 'completed', content: [{ type: 'output_text', text: turn.text ?? '', annotations: [] }] }] : []),
      ...(turn.calls ?? []).map((c, i) => ({ type: 'function_call', id: `fc_${n}_${i}`, call_id: `call_${at}_${i}`, name: c.name, arguments: JSON.stringify(c.args), status: 'completed' })),
    ];
    const whole = { id: `resp_${n}`, object: 'response', created_at: 1, model: q.model ?? 'fake', status: 'completed', output, usage: { input_tokens: 10, input_tokens_details: { cached_tokens: 0 }, output_tokens: 5, output_tokens_details: { reasoning_tokens: 0 }, total_tokens: 15 } };
    if (!q.stream) return json(response, whole);
    return sse(response, [
      ['response.created', { type: 'response.created', response: { ...whole, status: 'in_progress', output: [] } }],
      ...output.flatMap((item, i) => [['response.output_item.added', { type: 'response.output_item.added', output_index: i, item }], ['response.output_item.done', { type: 'response.output_item.done', output_index: i, item }]]),
      ['response.completed', { type: 'response.completed', response: whole }],
    ]);
  },
};

const aside = (q) => {
  const schema = JSON.stringify(q.generationConfig ?? q.response_format ?? {});
  return { text: /next_speaker/.test(schema) ? '{"reasoning":"done","next_speaker":"user"}' : /[sS]chema|json/.test(schema) ? '{}' : 'ok' };
};

// script: turns. Returns { port, seen, close }: seen.results is what the agent
// last said of its tools' results, in order, seen.last that whole request.
export async function model(script) {
  const seen = { requests: 0, sides: 0, tools: [], results: [], last: '' };
  const server = http.createServer(async (request, response) => {
    const url = new URL(request.url, 'http://127.0.0.1');
    try {
      if (/:countTokens$/.test(url.pathname)) return json(response, { totalTokens: 10 });
      const dialect = /:(stream)?[gG]enerateContent$/.test(url.pathname) ? gemini : /\/chat\/completions$/.test(url.pathname) ? openai : /\/messages$/.test(url.pathname) ? anthropic : /\/responses$/.test(url.pathname) ? responses : null;
      const q = request.method === 'POST' && dialect ? await body(request) : null;
      if (!q) { response.writeHead(404, { 'content-type': 'application/json' }); return response.end('{"error":{"message":"no such thing"}}'); }
      const stream = /streamGenerateContent/.test(url.pathname), n = ++seen.requests;
      if (!dialect.tools(q)) { seen.sides++; return dialect.answer(q, aside(q), n, response, stream); }
      const results = dialect.results(q);
      seen.tools = q.tools.flatMap((t) => t.functionDeclarations ?? [t]).map((t) => t.name ?? t.function?.name ?? t.type);
      if (results.length >= seen.results.length) { seen.results = results; seen.last = JSON.stringify(q); }
      return dialect.answer(q, script[dialect.turns(q)] ?? { text: 'done' }, n, response, stream);
    } catch (e) {
      response.writeHead(400, { 'content-type': 'application/json' });
      return response.end(JSON.stringify({ error: { message: String(e) } }));
    }
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return { port: server.address().port, seen, close: () => { server.closeAllConnections(); server.close(); } };
}
