// SPDX-License-Identifier: Apache-2.0
// together.mjs NAME... - scenarios one after the other in one guest, with the
// sensor loaded throughout: booting and loading take longer than most of them.
import { spawnSync } from 'node:child_process';
import { keep } from './keeper.mjs';

const HERE = new URL('.', import.meta.url).pathname;
let passed = 0, failed = 0;

await keep(process.env.EC ?? 'build/enforcecore');
process.env.EC_KEPT = '1';
for (const name of process.argv.slice(2)) {
  const started = Date.now();
  const { stdout, status, signal } = spawnSync(process.execPath, [`${HERE}${name}.mjs`], { stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8', maxBuffer: 64 << 20, timeout: 600000 });
  const said = [.../^(\d+) passed, (\d+) failed/gm[Symbol.matchAll](stdout)].at(-1);
  process.stdout.write(stdout.replace(/^(\d+ passed, \d+ failed)/gm, `  ${name}: $1 (${Math.round((Date.now() - started) / 1000)} s)`));
  passed += Number(said?.[1] ?? 0);
  failed += Number(said?.[2] ?? 0);
  if (status !== 0 && !Number(said?.[2] ?? 0)) { failed++; console.log(`FAIL ${name}: status ${status ?? signal}`); }
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed || !passed ? 1 : 0);
