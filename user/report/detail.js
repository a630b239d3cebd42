// detail.js - what is selected: a call as declared against observed, an effect, a
// note, or a process.

const DETAIL_MAX = 400; // effects of one thing at once; the list has all of them

// Values of a record are anything: as text.
const fact = (name, value) => (value === undefined || value === null || value === '' ? [] : [h('dt', null, name), value instanceof Node ? h('dd', null, value) : put(h('dd'), String(value))]);
const nameFact = (name, id, style = 'span') => (id ? fact(name, put(h(style), names[id])) : []);

function effectLine(effect) {
  return h(`li.${effect.finding ? 'bad' : 'fine'}`, null, mark(effect), put(h('span.op'), names[effect.op]), put(h('span.path'), names[effect.target]),
    effect.count > 1 ? h('span.times', null, `${number(effect.count)}×`) : null,
    effect.finding ? h('span.by', null, `${plain(names[effect.reason])}${effect.rule ? ` by ${plain(names[effect.rule])}` : ''}`) : null);
}

function effectLines(effects) {
  const sorted = [...effects].sort((a, b) => b.finding - a.finding);
  const more = sorted.length - DETAIL_MAX;
  return [h('ul.effects', null, sorted.slice(0, DETAIL_MAX).map(effectLine)), more > 0 ? h('p.quiet', null, `${number(more)} more are in the list`) : null];
}

function declared(call) {
  const { more } = call, has = more.arguments !== undefined;
  if (call.kindName === 'call_end') return [h('p.quiet', null, 'Its begin is not in the trail.')];
  return [h('dl.facts', null, nameFact('Tool', call.tool, 'b.mono'), fact('Time', call.time), fact('Request', more.request), fact('Tool use', more.tool_use_id), fact('Time limit', typeof more.timeout_ms === 'number' ? duration(more.timeout_ms) : ''), fact('Exact', more.exact ? 'granted to one process and what it starts' : '')),
    has ? pretty(more.arguments) : h('p.quiet', null, more.arguments_len ? `Arguments of ${Number(more.arguments_len)} bytes: too long for the trail` : 'No arguments.')];
}

// JSON, each line of it as text.
function pretty(value) {
  return h('pre', null, JSON.stringify(value, null, 2).split('\n').flatMap((line) => {
    const [, space, text] = /^( *)(.*)$/s.exec(line);
    return [space, ...put(document.createElement('i'), text).childNodes, '\n'];
  }).slice(0, -1));
}

function observed(call) {
  const effects = call.children.filter((child) => child.type === 'effect');
  const nodes = makeNodes(processesOf(call.end));
  for (const effect of effects) nodes.get(effect.pid)?.effects.push(effect);
  const loose = effects.filter((effect) => !nodes.has(effect.pid));
  const parts = flatten(nodes).map((node) => {
    const box = h('div.process', null, h('p.head', null, h('span.pid', { title: 'process' }, String(node.pid)), ...programs(node.exes)), ...(node.effects.length ? effectLines(node.effects) : []));
    box.style.marginInlineStart = `${Math.min(node.depth, 8) * 14}px`;
    return box;
  });
  if (loose.length) parts.push(...effectLines(loose));
  if (!parts.length) parts.push(h('p.quiet', null, 'Nothing was seen to happen.'));
  if (call.end?.observed?.b) parts.push(moved(call.end.observed.b));
  return parts;
}

// What its tasks moved, of all objects together.
function moved([read, written, sent, unknown, shared]) {
  return h('p.quiet', null, `Bytes: ${number(read)} read, ${number(written)} written, ${number(sent)} sent by sockets`,
    unknown ? `; of ${several(unknown, 'more task')} it is not known` : '', shared ? '; some perhaps by other calls that were open' : '', '.');
}

function missing(call) {
  const seen = call.end?.observed, notes = [];
  if (!seen) return notes;
  const unused = [...groupsOf(seen.u, 2)].map((i) => h('li.quiet', null, h('span.mark.quiet', null, h('b', { 'aria-hidden': 'true' }, '○'), 'Not seen'), put(h('span.op'), names[call.end.own[seen.u[i]] ?? 0]), put(h('span.path'), names[call.end.own[seen.u[i + 1]] ?? 0])));
  if (unused.length) notes.push(h('h3', null, 'Granted by name, not seen'), h('ul.effects', null, unused));
  if (seen.shared) notes.push(h('p.note', null, `${several(seen.shared, 'refusal')} while other calls were open, too: none of theirs for certain.`));
  if (seen.lost) notes.push(h('p.note', null, `${several(seen.lost, 'effect')} lost: the ring was full.`));
  if (seen.omitted) notes.push(h('p.note', null, `${number(seen.omitted)} not listed: a record had no room.`));
  return notes;
}

const doubtful = (entry) => (entry.unverified ? h('p.alarm', null, 'Stands where the chain does not hold: it may have been altered.') : null);

function callDetail(call) {
  const revoked = call.children.find((child) => child.kindName === 'call_revoked'), refused = isRefused(call);
  const seqs = [...new Set([call.seq, call.end?.seq].filter(Boolean))];
  return [put(h('h2.mono'), names[call.tool] || '(no name)'),
    h('p.sub', null, mark(call), ` ${ofCall(call)} · agent ${call.agent}${call.session ? ` · session ${call.session.number}` : ''}${refused ? '' : ` · ${outcome(call)}`}`),
    doubtful(call),
    refused ? h('dl.facts', null, nameFact('Why', call.reason), nameFact('Rule', call.rule, 'span.path'), fact('Violation', call.more.violation_type)) : null,
    revoked ? h('p.alarm', null, `Revoked: ${plain(names[revoked.reason])}`) : null,
    h('h3', null, 'Declared'), ...declared(call),
    ...(refused ? [] : [h('h3', null, 'Observed'), ...observed(call), ...missing(call)]),
    h('p.quiet', null, `${seqs.length > 1 ? 'Records' : 'Record'} ${seqs.join(' and ')} of the trail.`)];
}

function effectDetail(effect, open) {
  const { more } = effect;
  return [h('h2', null, put(h('span.op'), names[effect.op]), ' ', put(h('span.path'), names[effect.target] || 'no target')),
    h('p.sub', null, mark(effect)), doubtful(effect),
    h('dl.facts', null, nameFact('Why', effect.reason), nameFact('Rule', effect.rule, 'span.path'), nameFact('Program', effect.exe, 'span.path'), fact('Process', effect.pid || ''),
      isToldAtEnd(effect) ? [] : [fact('Thread', effect.tid || ''), fact('User', effect.kindName === 'lookup' ? '' : effect.uid ?? ''), fact('Address', more.address)],
      fact('Time', `${effect.time}${isToldAtEnd(effect) ? ', the end of the call' : ''}`), fact('Times', effect.count > 1 ? number(effect.count) : ''), fact('Agent', effect.agent), fact('Record', effect.seq)),
    effect.call ? h('button.open', { type: 'button', onclick: () => open(effect.call) }, `Open ${ofCall(effect.call)}, `, put(h('span.mono'), names[effect.call.tool])) : h('p.quiet', null, more.open_calls ? `${Number(more.open_calls)} calls were open: it belongs to none of them for certain.` : 'No call was open.'),
    ...(effect.call ? [h('h3', null, 'Declared by that call'), ...declared(effect.call)] : [])];
}

function noteDetail(note, open) {
  return [h('h2', null, plain(note.kindName).replaceAll('_', ' ')), h('p.sub', null, mark(note)), doubtful(note), h('dl.facts', null, nameFact('Why', note.reason), nameFact('Rule', note.rule, 'span.path'), fact('Time', note.time), fact('Agent', note.agent || ''), fact('Record', note.seq)),
    Object.keys(note.more).length ? pretty(note.more) : null, note.call ? h('button.open', { type: 'button', onclick: () => open(note.call) }, `Open ${ofCall(note.call)}`) : null];
}

function processDetail(item, open) {
  if (item.type === 'session') return item.session ? noteDetail(item.session.record, open) : [];
  return [h('h2', null, 'Process ', h('span.pid', null, String(item.pid))), h('p.sub', null, item.parent ? `child of ${item.parent}` : 'its parent is not told'), h('p', null, ...programs(item.exes)),
    item.calls.size ? h('h3', null, 'Calls') : null, h('p', null, [...item.calls].slice(0, 50).map((call) => h('button.open', { type: 'button', onclick: () => open(call) }, `${ofCall(call)} `, put(h('span.mono'), names[call.tool])))),
    h('h3', null, 'Effects'), ...effectLines(item.effects)];
}

function showDetail(item, open) {
  const make = { call: callDetail, effect: effectDetail, note: noteDetail, process: processDetail, session: processDetail }[item?.type];
  $('detail').replaceChildren(...(make ? make(item, open).filter(Boolean) : [h('p.empty', null, 'Select a record to see what was declared against what was observed.')]));
  $('detail').scrollTop = 0;
}
