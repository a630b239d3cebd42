// SPDX-License-Identifier: Apache-2.0
// names_dns.mjs - a name server over UDP and TCP that answers as a test wants
// and remembers what it was asked. zone(name, type) gives a list of addresses,
// aliases ('=name'), 'NXDOMAIN', 'TC' (over UDP only), 'SILENT', or bytes; ttl in
// seconds.
import dgram from 'node:dgram';
import net from 'node:net';

const labels = (name) => Buffer.concat([...name.split('.').filter(Boolean).map((l) => Buffer.concat([Buffer.from([l.length]), Buffer.from(l)])), Buffer.from([0])]);
const u16 = (n) => Buffer.from([n >> 8, n & 255]);
const u32 = (n) => Buffer.concat([u16(n >>> 16), u16(n & 65535)]);
const v6 = (text) => { const [a, b = ''] = text.split('::'); const p = (s) => s ? s.split(':').map((x) => parseInt(x, 16)) : []; const x = p(a), y = p(b);
  return Buffer.concat([...x, ...Array(8 - x.length - y.length).fill(0), ...y].map(u16)); };

export function question(name, type = 1, id = 0x1234) {
  return Buffer.concat([u16(id), u16(0x0100), u16(1), u16(0), u16(0), u16(0), labels(name), u16(type), u16(1)]);
}

export function readQuestion(bytes) {
  let at = 12; const parts = [];
  while (bytes[at]) { parts.push(bytes.subarray(at + 1, at + 1 + bytes[at]).toString()); at += 1 + bytes[at]; }
  return { id: bytes.readUInt16BE(0), name: parts.join('.').toLowerCase(), type: bytes.readUInt16BE(at + 1), raw: bytes.subarray(12, at + 5) };
}

export function answer(bytes, zone, tcp) {
  const q = readQuestion(bytes);
  const { records = [], ttl = 300, rcode = 0, silent, truncated } = zone(q.name, q.type, tcp) ?? { rcode: 3 };
  if (silent) return null;
  let owner = q.name; const out = [];
  for (const r of records) {
    const alias = r.startsWith('=');
    const data = alias ? labels(r.slice(1)) : r.includes(':') ? v6(r) : Buffer.from(r.split('.').map(Number));
    out.push(Buffer.concat([labels(owner), u16(alias ? 5 : r.includes(':') ? 28 : 1), u16(1), u32(ttl), u16(data.length), data]));
    if (alias) owner = r.slice(1);
  }
  const flags = 0x8180 | rcode | (truncated && !tcp ? 0x0200 : 0);
  return Buffer.concat([u16(q.id), u16(flags), u16(1), u16(truncated && !tcp ? 0 : out.length), u16(0), u16(0), q.raw, ...(truncated && !tcp ? [] : out)]);
}

export async function serve(address, port, zone) {
  const server = { seen: [], zone };
  const see = (bytes, tcp) => { const q = readQuestion(bytes); server.seen.push(`${q.name}/${q.type}${tcp ? '/tcp' : ''}`); return answer(bytes, server.zone, tcp); };
  const udp = dgram.createSocket(address.includes(':') ? 'udp6' : 'udp4').on('message', (m, from) => { const a = see(m, false); if (a) udp.send(a, from.port, from.address); });
  const tcp = net.createServer((s) => { let all = Buffer.alloc(0); s.on('error', () => {});
    s.on('data', (d) => { all = Buffer.concat([all, d]); while (all.length >= 2 && all.length >= 2 + all.readUInt16BE(0)) { const m = all.subarray(2, 2 + all.readUInt16BE(0)); all = all.subarray(2 + m.length); const a = see(m, true); if (a) s.write(Buffer.concat([u16(a.length), a])); } }); });
  udp.bind(port, address); tcp.listen(port, address);
  await Promise.all([udp, tcp].map((x) => new Promise((d) => x.once('listening', d))));
  server.close = () => { udp.close(); tcp.close(); };
  return server;
}
