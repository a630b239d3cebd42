// SPDX-License-Identifier: Apache-2.0
// keeper.mjs - an agent that does nothing for as long as the test lasts, so that
// the sensor stays loaded: under emulation that is seconds saved for every other
// session. Not for tests of loading and unloading (life.mjs), which end theirs.
import fs from 'node:fs';
import { spawn } from 'node:child_process';

export async function keep(EC) {
  if (process.env.EC_KEPT) return;
  const dir = fs.mkdtempSync('/var/tmp/ec-keeper-');
  fs.writeFileSync(`${dir}/policy.yaml`, 'name: keeper\nkernel: { baseline: { exec: ["/usr/bin/sleep"], read: ["/**"] } }\n');
  const child = spawn(EC, ['run', '-p', `${dir}/policy.yaml`, '--trail', `${dir}/trail.jsonl`, '--', '/usr/bin/sleep', '86400'], { stdio: ['ignore', 'ignore', 'inherit'] });
  child.unref();
  for (let i = 0; i < 1200; i++) {
    if (child.exitCode !== null) throw new Error(`the keeper ended with ${child.exitCode}`);
    if (fs.existsSync(`${dir}/trail.jsonl`) && fs.readFileSync(`${dir}/trail.jsonl`, 'utf8').includes('session_begin')) return child;
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Error('the keeper did not start');
}
