// SPDX-License-Identifier: Apache-2.0
// together.mjs [--apart] NAME[:PART,...]... - scenarios one after the other in one
// guest, whole or some parts of one, with the sensor loaded throughout: booting and
// loading take longer than most of them. Those that are apart load it themselves.
import { spawnSync } from 'node:child_process';
import { keep } from './keeper.mjs';

const HERE = new URL('.', import.meta.url).pathname;
let passed = 0, failed = 0;

const apart = process.argv[2] === '--apart';
if (!apart) {
  await keep(process.env.EC ?? 'build/enforcecore');
  process.env.EC_KEPT = '1';
}
for (const chosen of process.argv.slice(apart ? 3 : 2)) {
  const [name, parts] = chosen.split(':');
  const started = Date.now();
  const { stdout, status, signal } = spawnSync(process.execPath, [`${HERE}${name}.mjs`, ...(parts?.split(',') ?? [])], { stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8', maxBuffer: 64 << 20, timeout: 1800000 });
  const said = [.../^(\d+) passed, (\d+) failed/gm[Symbol.matchAll](stdout)].at(-1);
  process.stdout.write(stdout.replace(/^(\d+ passed, \d+ failed)/gm, `  ${name}: $1 (${Math.round((Date.now() - started) / 1000)} s)`));
  passed += Number(said?.[1] ?? 0);
  failed += Number(said?.[2] ?? 0);
  if (status !== 0 && !Number(said?.[2] ?? 0)) { failed++; console.log(`FAIL ${name}: status ${status ?? signal}`); }
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed || !passed ? 1 : 0);
