// SPDX-License-Identifier: Apache-2.0
// stacked_apparmor.mjs - what stacked.mjs needs of AppArmor: it knows objects by path.
import fs from 'node:fs';
import { execFileSync } from 'node:child_process';

const profile = (W) => `
profile ec-stacked ${W}/mac/sh flags=(attach_disconnected) {
  ${W}/mac/sh mrix,
  ${W}/run/{both,mac}/echo mrix,
  ${W}/data/{both,mac} r,
  ${W}/out/{both,mac} rw,
  ${W}/said rw,
  network inet stream,
  /dev/null rw,
}
`;
export const prepare = () => {};
export function load(W) {
  fs.writeFileSync(`${W}/profile`, profile(W));
  execFileSync('apparmor_parser', ['-r', '-K', `${W}/profile`]);
}
export const unload = (W) => execFileSync('apparmor_parser', ['-R', `${W}/profile`]);
