// SPDX-License-Identifier: Apache-2.0
// report.mjs - counts checks; the closing line is what CI reads. VERBOSE=1 shows when each passed.
let passed = 0, failed = 0;
const began = Date.now();

export function check(claim, name, detail) {
  if (claim) { passed++; if (process.env.VERBOSE) console.log(`ok   ${name} (at ${Math.round((Date.now() - began) / 1000)} s)`); return; }
  failed++;
  console.log(`FAIL ${name}`, detail === undefined ? '' : JSON.stringify(detail).slice(0, 800));
}

export function report() {
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed || !passed ? 1 : 0);
}
