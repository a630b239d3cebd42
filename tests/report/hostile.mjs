// SPDX-License-Identifier: Apache-2.0
// hostile.mjs - names that want to be something else: markup, script, another line,
// another direction, a formula, an end of what they stand in.

export const NAMES = [
  '<img src=x onerror=alert(1)>', '</script><script>alert(2)</script>', '<!--<script>', ']]>', '"><svg onload=alert(3)>', "';alert(4)//", '${alert(5)}', '{{constructor.constructor("alert(6)")()}}',
  '/srv/\u202egnp.exe', '/srv/\u2066a\u2069', '/srv/\u200b\u2060zero', '/srv/\u2028line', '/srv/\u2029par', '/srv/\u0085nel', '/srv/\u00adsoft', '/srv/\u3164filler', '/srv/\u{e0041}tag',
  '/srv/\x1b[2J\x1b]0;title\x07', '/srv/a\nb\r\nc', '/srv/tab\there', '/srv/trailing ', ' /srv/leading', '/srv/\u05d0\u05d1\u05d2/x', '/srv/\u0301combining', '/srv/emoji\u{1f525}', '/srv/\ue000private',
  '=HYPERLINK("http://x")', '+1+cmd|calc', '-2+3', '@SUM(A1)', '\uff1d1+1', "'quoted", '\\u0041', 'a,b";c', '&lt;b&gt;&#x3c;', '%3Cscript%3E', 'javascript:alert(7)', '__proto__', 'constructor', 'toString',
];

// Bytes that are not UTF-8, as the trail has them: the text, and hex beside it.
export const BYTES = [Buffer.from('/srv/\xff\xfe\x80', 'latin1'), Buffer.from('2f7372762f3c696d673e80', 'hex'), Buffer.from('2f7372762fe280', 'hex'), Buffer.from('2feda0802f', 'hex')];
export const member = (name, bytes) => ({ [name]: bytes.toString('utf8'), [`${name}_hex`]: bytes.toString('hex') });

// Every place of a record that others fill.
// words: also in place of what only the kernel says.
export function hostileSession(trail, { words = false } = {}) {
  const agent = 7;
  trail.add('session_begin', { agent, policy: NAMES[1], policy_version: NAMES[0], mode: 'enforce' });
  NAMES.forEach((name, i) => {
    const call = i + 1, pid = 100 + i;
    trail.add('call_begin', { agent, tool: name, request: name, tool_use_id: name, arguments: { [name]: name, deep: [[{ [name]: name }]] }, call, timeout_ms: 300000 });
    trail.add('denial', { agent, call, tool: name, op: 'read', verdict: 'deny', reason: 'never', pid, tid: pid, uid: 0, target: name, exe: name, rule: `never.read ${name} (${name}:1:2)` });
    trail.add('call_end', { agent, call, tool: name, outcome: 'done', duration_ms: 1.5, denials: 1, observed: { counts: { read: 1, drift: 1 }, processes: [{ pid, parent: 99, programs: [{ exe: name }, { exe: null }] }],
      effects: [{ pid, op: 'read', target: name, count: 1 }], drift: [{ pid, op: 'read', target: name, verdict: 'deny', reason: 'never', rule: name, count: 1 }], unused: [{ op: 'write', target: name }] } });
  });
  for (const bytes of BYTES) trail.add('denial', { agent, call: null, op: 'write', verdict: 'would-deny', reason: 'undeclared', pid: 3, tid: 3, uid: 0, ...member('target', bytes), ...member('exe', bytes), open_calls: 2 });
  trail.add('call_refused', { agent, tool: NAMES[0], arguments: { a: NAMES[1] }, verdict: 'deny', violation_type: 'tool_denied', reason: NAMES[0], rule: NAMES[1] });
  trail.add('lookup', { agent, name: NAMES[0], type: 'A', verdict: 'deny', reason: 'undeclared' });
  trail.add('budget_spent', { agent, note: NAMES[1] });
  trail.add('novelty', { agent, signature: NAMES[0] });
  trail.add(NAMES[0], { agent, [NAMES[1]]: NAMES[0] });
  for (const word of words ? ['constructor', '__proto__', 'toString'] : []) {
    trail.add(word, { agent, call: 3, verdict: word, reason: word, op: word });
    trail.add('denial', { agent, call: null, op: 'read', verdict: word, reason: word, pid: 9, tid: 9, uid: 0, target: word });
  }
  trail.add('session_end', { agent, status: 0, calls: NAMES.length, refused: 1, denials: NAMES.length, doubts: 0 });
}
