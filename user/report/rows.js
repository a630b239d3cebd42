// rows.js - one entry as a row of the list.

// A word and a sign for each verdict: colour alone tells nobody.
const VERDICTS = {
  __proto__: null,
  deny: ['✕', 'Denied', 'deny'],
  'would-deny': ['◌', 'Would deny', 'warn'],
  allow: ['✓', 'Allowed', 'ok'],
  opened: ['▸', 'Call', 'call'],
  notice: ['!', 'Notice', 'warn'],
  session: ['·', 'Session', 'quiet'],
};

function verdictMark(entry) {
  if (entry.type === 'call' && isRefused(entry)) return ['✕', names[entry.verdict] === 'would-deny' ? 'Would deny' : 'Refused', names[entry.verdict] === 'would-deny' ? 'warn' : 'deny'];
  return VERDICTS[verdictOf(entry)] ?? ['?', plain(names[entry.verdict]), 'quiet'];
}

const mark = (entry) => {
  const [sign, word, style] = verdictMark(entry);
  return h(`span.mark.${style}`, null, h('b', { 'aria-hidden': 'true' }, sign), word);
};

const pad = (value, len) => String(value).padStart(len, '0');
function clock(at) {
  const date = new Date(at);
  return at ? `${pad(date.getUTCHours(), 2)}:${pad(date.getUTCMinutes(), 2)}:${pad(date.getUTCSeconds(), 2)}.${pad(date.getUTCMilliseconds(), 3)}` : '–';
}
const day = (at) => (at ? new Date(at).toISOString().slice(0, 10) : '–');

function duration(ms) {
  if (ms >= 60000) return `${Math.floor(ms / 60000)} min ${Math.round((ms % 60000) / 1000)} s`;
  if (ms >= 1000) return `${(ms / 1000).toFixed(ms >= 10000 ? 0 : 1)} s`;
  return `${ms >= 10 ? Math.round(ms) : ms.toFixed(1)} ms`;
}

// What a note says, in a line.
function noteText(note) {
  return plain(Object.entries(note.more).map(([name, value]) => `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`).join(', '));
}

function argumentsLine(call) {
  const given = call.more.arguments;
  if (!given || typeof given !== 'object') return '';
  const values = Object.entries(given), text = (value) => (typeof value === 'string' ? value : JSON.stringify(value));
  return values.map(([name, value]) => (values.length === 1 ? text(value) : `${name}: ${text(value)}`)).join('   ');
}

function outcome(call) {
  if (isRefused(call)) return plain(names[call.reason]);
  if (!call.end) return 'no end in the trail';
  const { outcome: word, duration_ms: ms } = call.end.more;
  return `${plain(String(word ?? '?'))}${typeof ms === 'number' ? ` · ${duration(ms)}` : ''}`;
}

const HEADS = ['Verdict', 'Time (UTC)', 'Tool', 'Call', 'Op', 'Target', 'Why', '×'];

function renderRow(row, entry) {
  const cells = { call: callCells, effect: effectCells, note: noteCells }[entry.type](entry);
  row.className = `row ${entry.type}${entry.call && entry !== entry.call ? ' nested' : ''}${entry.finding ? ' finding' : ''}${entry.unverified ? ' unverified' : ''}`;
  row.replaceChildren(mark(entry), h('span.time', { title: entry.time }, clock(entry.at)), ...cells);
}

const cell = (style, name) => put(h(`span.${style}`, { title: plain(name) }), name);

// The end of a path tells more than its beginning: that is what is cut.
function pathCell(style, name) {
  const cut = name.startsWith('\0') ? -1 : name.lastIndexOf('/', name.length - 2);
  if (cut <= 0) return cell(style, name);
  return h(`span.${style}.cut`, { title: plain(name) }, put(h('span.dir'), name.slice(0, cut)), put(h('span.base'), name.slice(cut)));
}

const callNumber = (call) => (call?.number ? `#${call.number}` : '');
const none = () => h('span.count');

function callCells(call) {
  const fine = call.children.length - call.findings;
  return [cell('who', names[call.tool] || '(no name)'), cell('number', callNumber(call)), cell('op', 'call'), pathCell('target.arguments', argumentsLine(call)), cell('why', outcome(call)),
    h('span.count', { title: `${several(call.findings, 'refusal')}, ${several(fine, 'effect')}` }, call.findings ? h('b.bad', null, `${number(call.findings)} ✕`) : '', fine ? number(fine) : '')];
}

function effectCells(effect) {
  const { open_calls: others } = effect.more, who = effect.tool ? names[effect.tool] : others && !effect.call ? `one of ${others}` : '–';
  const why = h('span.why', { title: plain([names[effect.reason], names[effect.rule]].filter(Boolean).join(' by ')) }, plain(names[effect.reason]));
  return [cell('who', who), cell('number', callNumber(effect.call)), cell('op', names[effect.op]), pathCell('target', names[effect.target]), why, h('span.count', null, effect.count > 1 ? number(effect.count) : '')];
}

function noteCells(note) {
  return [h('span.who', null, plain(note.kindName).replaceAll('_', ' ')), cell('number', callNumber(note.call)), none(), cell('target.plain', noteText(note)), cell('why', names[note.reason]), none()];
}
