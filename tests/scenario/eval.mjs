// SPDX-License-Identifier: Apache-2.0
// eval.mjs - `enforcecore eval`: a policy that contains all that it plays, and the
// same policy observing, under which all that it plays works. Runs in a kernel
// that can enforce, as root.
import fs from 'node:fs';
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import { keep } from './keeper.mjs';
import { report, check } from './report.mjs';

const EC = path.resolve(process.env.EC ?? 'build/enforcecore');
const W = '/var/tmp/ec-eval';
const IDS = {
  tool_abuse: ['denied', 'not-in-allowed', 'rapid-fire', 'argument-injection'],
  data_exfiltration: ['oversized-output', 'pii-in-output', 'slow-burn'],
  resource_exhaustion: ['timeout', 'cost', 'large-input'],
  policy_evasion: ['name-trick', 'case-variant'],
  pii_leakage: ['input', 'chained-output'],
  privilege_escalation: ['multiple-denied', 'chain'],
  prompt_injection: ['input', 'tool-name', 'system-override'],
  ransomware: ['campaign', 'encrypt-only'],
  supply_chain: ['credential-harvest', 'hidden-exfil'],
  collusion: ['agent-relay'],
  audit_completeness: ['trail-integrity', 'witness-callback'],
};
const OUTSIDE = ['subprocess', 'native-code', 'url-disguise', 'fork-chain', 'thread', 'memory-program'];

const policy = (mode) => `
name: evaluated
rules:
  allowed_tools: [act, look]
  denied_tools: [delete_everything]
  max_output_size_bytes: 1000000
  content_rules: { enabled: true }
  rate_limits: { enabled: true, global_limit: { max_calls: 60, window_seconds: 60 } }
  resource_limits: { max_call_duration_seconds: 2, max_cost_usd: 5 }
  pii_redaction: { enabled: true, categories: [email, ssn, credit_card], strategy: mask }
kernel:
  mode: ${mode}
  baseline: { exec: ["/usr/bin/node"], read: ["/usr/**", "/lib/**", "/etc/**"], write: ["/dev/null"] }
  tools:
    act: { read: ["\${args.path}"] }
    look: { read: ["\${args.path}"], within: ["/srv/**"] }
`;
const run = (file, ...words) => spawnSync(EC, ['eval', '-p', `${W}/${file}`, ...words], { encoding: 'utf8', cwd: W });
const parsed = (r) => { try { return JSON.parse(r.stdout); } catch { return undefined; } };
const left = () => fs.readdirSync('/var/lib').filter((f) => f.startsWith('enforcecore-eval'));

await keep(EC);
fs.rmSync(W, { recursive: true, force: true });
fs.mkdirSync(W, { recursive: true });
fs.writeFileSync(`${W}/enforce.yaml`, policy('enforce'));
fs.writeFileSync(`${W}/observe.yaml`, policy('observe'));
fs.writeFileSync(`${W}/rules.yaml`, 'name: rules\nrules: { allowed_tools: [search] }\n');

const held = run('enforce.yaml', '--json'), all = parsed(held) ?? { scenarios: [] };
const of = (outcome, from = all) => from.scenarios.filter((s) => s.outcome === outcome).map((s) => s.id);
const wanted = Object.entries(IDS).flatMap(([c, names]) => names.map((n) => `${c}.${n}`)).concat(OUTSIDE.map((n) => `outside.${n}`));
check(wanted.length === 32 && all.scenarios.map((s) => s.id).sort().join() === [...wanted].sort().join(), 'all scenarios are there', all.scenarios.map((s) => s.id));
check(all.honest_call_works === true && all.honest_tool === 'act', 'an honest call has its grant', all);
for (const id of wanted) check(of('contained').includes(id), `${id} is contained`, all.scenarios.find((s) => s.id === id));
check(held.status === 0 && all.escaped + all.broken + all.not_seen === 0, 'nothing escapes', held.stderr);

// The same attacks are real: where nothing is refused they work, but for the last,
// which nobody sees only where nobody looks. All of them in one kernel, for time.
const full = (process.env.EC_VM ?? '6.1') === '6.1';
const free = run('observe.yaml', '--json', ...(full ? [] : ['--only', 'ransomware'])), seen = parsed(free) ?? { scenarios: [] };
const works = full ? wanted.filter((id) => id !== 'audit_completeness.witness-callback') : IDS.ransomware.map((n) => `ransomware.${n}`);
for (const id of works) check(of('ESCAPED', seen).includes(id), `observing, ${id} works`, seen.scenarios.find((s) => s.id === id));
check(free.status === 1 && seen.observes === true && seen.broken === 0, 'and eval says so', free.stderr);

// A policy of rules alone is judged by its rules alone.
const rules = run('rules.yaml', '--only', 'pii_leakage.input');
check(rules.status === 1 && /granted nothing/.test(rules.stdout) && /ESCAPED +pii_leakage.input\n +what contains it: rules.pii_redaction/.test(rules.stdout), 'what is missing is named', rules);

check(run('enforce.yaml', '--only', 'nothing').status === 125, 'playing nothing is no success');
check(run('none.yaml').status === 125, 'no policy is a failure of ours');
fs.writeFileSync(`${W}/bad.yaml`, 'name: bad\nkernel: { mode: maybe }\n');
const bad = run('bad.yaml');
check(bad.status === 125 && /bad\.yaml:2:\d+/.test(bad.stderr), 'a bad policy is named with its place', bad.stderr);
const late = run('enforce.yaml', '--only', 'resource_exhaustion.timeout', '--patience', '1');
check(late.status === 0 && /not seen +resource_exhaustion.timeout/.test(late.stdout), 'a deadline that is too far away is not called contained', late);
check(left().length === 0, 'nothing is left behind', left());
report();
