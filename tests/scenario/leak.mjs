// SPDX-License-Identifier: Apache-2.0
// leak.mjs - ten thousand calls in a row (CALLS=N for less) leak nothing: resident memory,
// descriptors and map entries are what they were after the first thousand.
import fs from 'node:fs';
import { Client } from './client.mjs';
import { report, check } from './report.mjs';

const EC = process.env.EC ?? 'build/enforcecore';
const HERE = new URL('.', import.meta.url).pathname;
const W = '/var/tmp/ec-leak';
const CALLS = Number(process.env.CALLS || 10000), WARM = 1000; // until then what is kept for again is filled

fs.rmSync(W, { recursive: true, force: true });
fs.mkdirSync(W, { recursive: true });
for (let i = 0; i < 16; i++) fs.writeFileSync(`${W}/f${i}`, String(i));
fs.writeFileSync(`${W}/policy.yaml`, `
name: leak
kernel:
  baseline:
    exec: ["${process.execPath}"]
    read: ["/usr/**", "/lib/**", "/lib64/**", "/etc/**", "/proc/**", "/sys/**", "/dev/null", "/dev/urandom", "${HERE}**"]
    write: ["/dev/null"]
  tools:
    read: { read: ["\${args.path}"], within: ["${W}/**"] }
`);
const c = await new Client([EC, 'mcp', '-p', `${W}/policy.yaml`, '--', process.execPath, `${HERE}rogue.mjs`]).init();
const pid = c.child.pid;
const meminfo = (field) => Number(new RegExp(`${field}:\\s+(\\d+)`).exec(fs.readFileSync('/proc/meminfo', 'utf8'))[1]);
const state = () => ({
  rss: Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))[1]),
  fds: fs.readdirSync(`/proc/${pid}/fd`).length,
  pins: fs.readdirSync('/sys/fs/bpf/enforcecore').length,
  unreclaimable: meminfo('SUnreclaim'),
});

let wrong = 0, before;
for (let i = 0; i < CALLS; i += 4) {
  const four = await Promise.all([0, 1, 2, 3].map((j) => c.call('read', { path: `${W}/f${(i + j) % 16}` })));
  wrong += four.filter((r, j) => r.value !== String((i + j) % 16)).length;
  if (i === WARM) before = state();
}
const after = state();
check(wrong === 0, `${CALLS} calls are answered right`, wrong);
check(after.rss - before.rss < 256, 'resident memory of the gateway does not grow (KiB)', { before, after });
check(after.fds === before.fds, 'no descriptor is left open', { before, after });
check(after.pins === before.pins, 'no pin is added', { before, after });
check(after.unreclaimable - before.unreclaimable < 4096, 'kernel memory does not grow (KiB)', { before, after });
await c.close();
check(!fs.existsSync('/sys/fs/bpf/enforcecore'), 'everything is unloaded at the end');
report();
