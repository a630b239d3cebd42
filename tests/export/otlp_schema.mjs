// SPDX-License-Identifier: Apache-2.0
// otlp_schema.mjs - is it an ExportTraceServiceRequest in OTLP's JSON? Stricter than a
// receiver has to be: no unknown field, no default written out wrongly, hex ids, 64-bit
// integers as strings, enums as numbers (opentelemetry-proto 1.11, trace/v1, common/v1).

const list = (of) => (value, at) => { if (!Array.isArray(value)) throw new Error(`${at}: no list`); value.forEach((item, i) => of(item, `${at}[${i}]`)); };
const message = (fields, required = []) => (value, at) => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error(`${at}: no message`);
  for (const name of required) if (!(name in value)) throw new Error(`${at}: no ${name}`);
  for (const [name, field] of Object.entries(value)) {
    if (!fields[name]) throw new Error(`${at}: unknown field ${name}`);
    fields[name](field, `${at}.${name}`);
  }
};
const test = (what, is) => (value, at) => { if (!is(value)) throw new Error(`${at}: no ${what}: ${JSON.stringify(value)}`); };
const text = test('string', (v) => typeof v === 'string' && v.isWellFormed());
const hex = (len) => test(`${len} bytes in hex, not zero`, (v) => typeof v === 'string' && v.length === 2 * len && /^[0-9a-f]+$/.test(v) && /[^0]/.test(v));
const int64 = test('int64 as a string', (v) => typeof v === 'string' && /^(0|-?[1-9][0-9]{0,18})$/.test(v) && BigInt.asIntN(64, BigInt(v)) === BigInt(v));
const fixed64 = test('fixed64 as a string', (v) => typeof v === 'string' && /^(0|[1-9][0-9]{0,19})$/.test(v) && BigInt(v) < 1n << 64n);
const uint32 = test('uint32', (v) => Number.isInteger(v) && v >= 0 && v < 2 ** 32);
const among = (count) => test('enum as a number', (v) => Number.isInteger(v) && v >= 0 && v < count);

const anyMembers = { stringValue: text, boolValue: test('bool', (v) => typeof v === 'boolean'), intValue: int64, doubleValue: test('double', (v) => typeof v === 'number') };
function anyValue(value, at) {
  message(anyMembers)(value, at);
  if (Object.keys(value).length !== 1) throw new Error(`${at}: a oneof of ${Object.keys(value).length}`);
}
function attributes(value, at) {
  list(message({ key: test('key', (v) => typeof v === 'string' && v !== ''), value: anyValue }, ['key', 'value']))(value, at);
  const keys = value.map(({ key }) => key);
  if (new Set(keys).size !== keys.length) throw new Error(`${at}: a key twice`);
}
const event = message({ timeUnixNano: fixed64, name: text, attributes, droppedAttributesCount: uint32 }, ['timeUnixNano', 'name']);
const spanFields = message({
  traceId: hex(16), spanId: hex(8), parentSpanId: hex(8), traceState: text, flags: uint32, name: test('name', (v) => typeof v === 'string' && v !== ''), kind: among(6),
  startTimeUnixNano: fixed64, endTimeUnixNano: fixed64, attributes, droppedAttributesCount: uint32, events: list(event), droppedEventsCount: uint32,
  status: message({ message: text, code: among(3) }),
}, ['traceId', 'spanId', 'name', 'startTimeUnixNano', 'endTimeUnixNano']);
function span(value, at) {
  spanFields(value, at);
  if (BigInt(value.endTimeUnixNano) < BigInt(value.startTimeUnixNano)) throw new Error(`${at}: ends before it starts`);
}
const scope = message({ name: text, version: text, attributes, droppedAttributesCount: uint32 });
const scopeSpans = message({ scope, spans: list(span), schemaUrl: text }, ['spans']);
const resourceSpans = message({ resource: message({ attributes, droppedAttributesCount: uint32 }), scopeSpans: list(scopeSpans), schemaUrl: text }, ['scopeSpans']);

// Throws what is wrong, and where.
export const checkRequest = (request) => message({ resourceSpans: list(resourceSpans) }, ['resourceSpans'])(request, 'request');
export const spansOf = (request) => request.resourceSpans.flatMap((r) => r.scopeSpans.flatMap((s) => s.spans));
export const attribute = (span, key) => Object.values(span.attributes.find((a) => a.key === key)?.value ?? {})[0];
