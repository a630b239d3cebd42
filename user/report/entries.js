// entries.js - records as what the lists show: calls with their effects below them,
// effects without a call, and what happened to the session itself.

const NOTES = new Set(['call_revoked', 'result_refused', 'flow', 'gap', 'canary', 'recovered', 'controller_lost', 'session_left', 'budget_spent']);
// Looked up by words of the trail: without a prototype there is nothing else to find.
const HANDLERS = { __proto__: null, session_begin: onSession, call_begin: onBegin, call_end: onEnd, call_refused: onRefused, denial: onEffect, effect: onEffect, lookup: onEffect, flow: onEffect };

function tell(records) {
  const story = { sessions: [], session: null, calls: [], open: new Map(), tops: [], entries: [] };
  for (const record of records) {
    record.session = story.session;
    (HANDLERS[record.kindName] ?? onNote)(story, record);
  }
  for (const call of story.calls) settle(call);
  for (const top of story.tops) {
    story.entries.push(top);
    if (top.children) for (const child of top.children) story.entries.push(child);
  }
  return story;
}

function onSession(story, record) {
  story.session = record.session = { number: story.sessions.length + 1, record };
  story.sessions.push(story.session);
  story.open.clear(); // numbers of calls begin again with the machine
  story.tops.push(record);
}

// Numbers of calls are their agent's.
const keyOf = (record) => `${record.agent}/${record.number}`;

function addCall(story, record) {
  record.type = 'call';
  record.call = record;
  record.children = [];
  story.calls.push(record);
  story.tops.push(record);
  return record;
}

function onBegin(story, record) {
  story.open.set(keyOf(record), addCall(story, record));
}

function onRefused(story, record) {
  addCall(story, record).finding = true;
}

// Without a begin the end is all that is there of it.
function onEnd(story, record) {
  const call = story.open.get(keyOf(record)) ?? addCall(story, record);
  call.end = record;
  if (call === record) story.open.set(keyOf(record), call);
}

function place(story, entry) {
  entry.call = entry.number ? story.open.get(keyOf(entry)) ?? null : null;
  if (!entry.call) story.tops.push(entry);
  else entry.call.children.push(entry);
  if (entry.call && !entry.tool) entry.tool = entry.call.tool;
}

function onEffect(story, record) {
  const verdict = names[record.verdict], kind = record.kindName;
  record.type = 'effect';
  record.finding = verdict === 'deny' || verdict === 'would-deny' || kind === 'flow';
  if (kind === 'lookup') {
    record.op = intern('lookup');
    record.target = intern(String(record.more.name ?? ''));
  }
  place(story, record);
}

function onNote(story, record) {
  record.finding = NOTES.has(record.kindName);
  place(story, record);
}

// What an end has observed becomes effects of its call, unless they have lines of
// their own, which know their time.
function settle(call) {
  const observed = call.end?.observed;
  const has = (kind) => call.children.some((child) => child.kindName === kind && child.type === 'effect');
  if (observed) {
    const programs = new Map(), withDrift = !has('denial'), withEffects = !has('effect');
    for (const [pid, , ...exes] of observed.p ?? []) programs.set(pid, exes.at(-1) ?? 0);
    if (withDrift) for (const i of groupsOf(observed.d, 7)) addSeen(call, observed.d, i, programs, true);
    if (withEffects) for (const i of groupsOf(observed.e, 4)) addSeen(call, observed.e, i, programs, false);
  }
  for (const child of call.children) if (child.finding) call.findings++;
}

const ALLOW = intern('allow'), CALL = intern('call');

function addSeen(call, list, i, programs, isDrift) {
  const { end } = call, { own } = end;
  const seen = new Entry(end.row, own, end.seq, end.us);
  seen.type = 'effect';
  seen.session = call.session;
  seen.call = call;
  seen.tool = call.tool;
  seen.pid = list[i];
  seen.exe = own[programs.get(seen.pid) ?? 0] ?? 0;
  seen.op = own[list[i + 1]] ?? 0;
  seen.target = own[list[i + 2]] ?? 0;
  seen.count = list[i + 3];
  seen.verdict = isDrift ? own[list[i + 4]] ?? 0 : ALLOW;
  seen.reason = isDrift ? own[list[i + 5]] ?? 0 : CALL;
  seen.rule = isDrift ? own[list[i + 6]] ?? 0 : 0;
  seen.finding = isDrift;
  seen.unverified = end.unverified;
  call.children.push(seen);
}

const isRefused = (call) => call.kindName === 'call_refused';
const isToldAtEnd = (effect) => effect.type === 'effect' && effect.kindName === 'call_end';
const ofCall = (call) => (call?.number ? `call ${call.number}` : 'refused call');
