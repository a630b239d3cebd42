// SPDX-License-Identifier: Apache-2.0
// trail.mjs - trails as sessions write them, of any length, for the report and the
// exports: the members, their order and their text are those of a real one.
import crypto from 'node:crypto';
import fs from 'node:fs';

export class Trail {
  constructor(path, begin = Date.UTC(2026, 10, 24, 3, 53, 20)) {
    this.fd = fs.openSync(path, 'w');
    Object.assign(this, { seq: 0, prev: '', now: begin * 1000, lines: [] });
  }

  add(kind, members, after = 400) {
    this.now += after;
    const time = new Date(Math.floor(this.now / 1000)).toISOString().replace(/(\.\d{3})Z/, (_, ms) => `${ms}${String(this.now % 1000).padStart(3, '0')}Z`);
    const line = JSON.stringify({ seq: ++this.seq, time, prev: this.prev, kind, ...members });
    this.prev = crypto.createHash('sha256').update(line).digest('hex');
    this.lines.push(line);
    if (this.lines.length === 1000) this.flush();
  }

  flush() {
    if (this.lines.length) fs.writeSync(this.fd, this.lines.join('\n') + '\n');
    this.lines = [];
  }

  close() {
    this.flush();
    fs.closeSync(this.fd);
    return this.prev;
  }
}

// Numbers that look like chance and are the same each time.
export function chance(seed) {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 4294967296) * below);
  };
}

const NODE = '/usr/bin/node', SHELL = '/usr/bin/dash';
const TOOLS = [
  ['read_text_file', 'read'], ['write_file', 'write'], ['list_directory', 'read'], ['search_files', 'read'], ['fetch', 'connect'], ['run_command', 'exec'],
];
const HOSTS = ['api.github.com:443', 'registry.npmjs.org:443', '10.2.0.14:5432', '[2606:50c0:8000::153]:443'];
const SECRETS = ['/etc/shadow', '/root/.ssh/id_ed25519', '/srv/data/.env', '/home/ann/.aws/credentials'];

// records: about as many lines. Every tenth call tries something that it may not.
export function session(trail, records, { agent = 3, policy = 'files-only', seed = 1, all = false } = {}) {
  const pick = chance(seed), last = trail.seq + records;
  let call = 0, pid = 1200;
  trail.add('session_begin', { agent, policy, policy_version: '1.0', mode: 'enforce' });
  while (trail.seq < last - 1) {
    call++;
    const [tool, op] = TOOLS[pick(TOOLS.length)], path = `/srv/data/project-${pick(40)}/src/module_${pick(900)}.txt`;
    const target = op === 'connect' ? HOSTS[pick(HOSTS.length)] : op === 'exec' ? '/usr/bin/git' : path;
    const args = op === 'connect' ? { url: `https://${target}/v1/items?page=${pick(50)}` } : op === 'exec' ? { command: `git log --oneline -n ${pick(90)} ${path}` } : { path };
    trail.add('call_begin', { agent, tool, request: String(call + 4), arguments: args, call, timeout_ms: 300000 }, 20000 + pick(900000));
    const drift = [];
    if (pick(10) === 0) {
      const bad = SECRETS[pick(SECRETS.length)], never = pick(2);
      const rule = { rule: never ? `never.read ${bad} (/etc/enforcecore/policy.yaml:14:11)` : null };
      trail.add('denial', { agent, call, tool, op: 'read', verdict: 'deny', reason: never ? 'never' : 'undeclared', pid, tid: pid + 7, uid: 1000, target: bad, exe: NODE, ...rule }, 900);
      drift.push({ pid, op: 'read', target: bad, verdict: 'deny', reason: never ? 'never' : 'undeclared', ...rule, count: 1 });
    }
    if (all) for (let i = 0; i < 6; i++) trail.add('effect', { agent, call: null, op: 'read', verdict: 'allow', reason: 'baseline', pid, tid: pid, uid: 1000, target: `/usr/lib/node_modules/pkg-${pick(300)}/index.js`, exe: NODE, rule: 'baseline.read /usr/**' }, 80);
    const processes = [{ pid, parent: 1154, programs: [{ exe: NODE }] }], effects = [{ pid, op, target, count: 1 + pick(3) }];
    if (op === 'exec') {
      processes.push({ pid: ++pid, parent: pid - 1, programs: [{ exe: NODE }, { exe: SHELL }, { exe: '/usr/bin/git' }] });
      effects.push({ pid, op: 'load', target: '/usr/lib/x86_64-linux-gnu/libc.so.6', count: 1 }, { pid, op: 'read', target: path, count: 2 });
      pid = 1200 + (pid % 20000);
    }
    const counts = {};
    for (const e of effects) counts[e.op] = (counts[e.op] ?? 0) + e.count;
    if (drift.length) counts.drift = drift.length;
    trail.add('call_end', { agent, call, tool, outcome: pick(30) ? 'done' : 'error', duration_ms: 1 + pick(90000) / 1000, denials: drift.length,
      observed: { counts, bytes: { read: 12345, written: 67, sent: 0 }, processes, effects, drift, unused: pick(6) ? [] : [{ op: 'write', target: `${path}.bak` }] } }, 3000 + pick(60000));
    if (pick(60) === 0) trail.add('call_refused', { agent, tool: 'delete_file', request: String(call + 5), arguments: { path }, verdict: 'deny', violation_type: 'tool_not_allowed', reason: 'the policy does not list this tool', rule: 'rules.allowed_tools (/etc/enforcecore/policy.yaml:4:3)' }, 5000);
    if (pick(400) === 0) trail.add('gap', { agent, lost_denials: 0, lost_effects: 1 + pick(40) }, 100);
  }
  trail.add('session_end', { agent, status: 0, calls: call, refused: 0, denials: 0, doubts: 0 });
}
