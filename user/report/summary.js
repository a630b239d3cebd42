// summary.js - the first column: does the trail hold, what was refused, by how much.

function badge(totals) {
  const box = $('badge');
  box.className = `badge ${totals.holds ? 'ok' : 'deny'}`;
  box.replaceChildren(h('b', { 'aria-hidden': 'true' }, totals.holds ? '✓' : '✕'),
    totals.holds ? `Chain holds · ${several(totals.lines, 'line')}` : `Chain broken at line ${number(totals.badLine)}`);
}

function headline(totals) {
  const refused = totals.denials + totals.refused;
  if (refused) return `${several(refused, 'refusal')} in ${several(totals.calls + totals.refused, 'call')}`;
  if (totals.wouldDeny) return `${several(totals.wouldDeny, 'effect')} would have been refused`;
  return totals.calls ? `Nothing was refused in ${several(totals.calls, 'call')}` : 'No calls in this trail';
}

function integrity(totals, rest) {
  const facts = [];
  const fact = (name, value, style = '') => facts.push(h('dt', null, name), put(h(`dd${style}`), value));
  if (!totals.holds) fact('Does not hold', `line ${number(totals.badLine)}: ${totals.reason}. What stands from there on may have been altered.`, '.alarm');
  fact('Head (SHA-256)', totals.head || 'none: there is no line', '.hash');
  fact('Trail', totals.file, '.mono');
  fact('From', totals.first.replace('T', ' '));
  fact('To', totals.last.replace('T', ' '));
  if (totals.recovered) fact('Torn lines', `${number(totals.recovered)}, each accounted for by a later record`);
  if (totals.torn) fact('Torn end', `${several(totals.torn, 'byte')} that were never acknowledged, not shown`);
  if (totals.lost) fact('Not recorded', `${several(totals.lost, 'effect or refusal', 'effects or refusals')}: see the gaps`, '.alarm');
  if (rest.findings || rest.others) fact('Not in this page', `${several(rest.findings, 'refusal')} and ${several(rest.others, 'other record')}: no room. Totals count them.`, '.alarm');
  return h('dl.facts', null, facts);
}

// Equal refusals once: what was refused how often, worst first.
function groupFindings(story) {
  const groups = new Map();
  for (const entry of story.entries) {
    if (!entry.finding) continue;
    const key = `${verdictOf(entry)}/${entry.op}/${entry.target}/${entry.reason}/${entry.tool}/${entry.type === 'note' ? entry.kind : ''}`;
    const group = groups.get(key);
    if (group) {
      group.count += entry.count;
      group.last = entry;
    } else {
      groups.set(key, { entry, count: entry.count, last: entry });
    }
  }
  const weight = ({ entry }) => ({ __proto__: null, notice: 4, deny: names[entry.reason] === 'never' ? 3 : 2, 'would-deny': 1 }[verdictOf(entry)] ?? 0);
  return [...groups.values()].sort((a, b) => weight(b) - weight(a) || b.count - a.count);
}

function groupTitle(entry) {
  if (entry.type === 'note') return [h('span.op', null, plain(entry.kindName).replaceAll('_', ' ')), noteText(entry)];
  if (entry.type === 'call') return [h('span.op', null, 'call'), put(h('span.mono'), names[entry.tool])];
  return [put(h('span.op'), names[entry.op]), put(h('span.path'), names[entry.target])];
}

const ATTENTION_MAX = 40;

function attention(groups, show) {
  if (!groups.length) return [h('p.quiet', null, 'No refusal, no drift, no gap.')];
  const items = groups.slice(0, ATTENTION_MAX).map(({ entry, count }) => h('li', null, h('button.group', { type: 'button', onclick: () => show(entry) },
    h('span.line', null, mark(entry), h('span.times', null, count > 1 ? `${number(count)}×` : '')),
    h('span.what', null, groupTitle(entry)),
    h('span.by', null, [entry.tool && entry.type !== 'call' ? plain(names[entry.tool]) : '', plain(names[entry.reason])].filter(Boolean).join(' · ')))));
  const more = groups.length - items.length;
  return [h('ol.groups', null, items), ...(more > 0 ? [h('p.quiet', null, `${several(more, 'more kind', 'more kinds')} in Findings`)] : [])];
}

function summarize(story, totals, rest, show) {
  const figures = [['Denied', totals.denials, 'deny'], ['Calls refused', totals.refused, 'refused'], ['Would deny', totals.wouldDeny, 'would-deny'], ['Calls', totals.calls, 'opened'], ['Effects of calls', totals.effects, 'allow'], ['Sessions', totals.sessions, 'session']];
  const groups = groupFindings(story);
  badge(totals);
  put($('file'), totals.file.split('/').at(-1));
  $('summary').replaceChildren(
    h('h2.headline', null, headline(totals)),
    integrity(totals, rest),
    h('ul.figures', null, figures.map(([name, count, verdict]) => h('li', null, h(`button${count ? '' : '.none'}`, { type: 'button', onclick: () => show(null, verdict) }, h('b', null, number(count)), h('span', null, name))))),
    h('h3', null, 'Refused, by kind'), ...attention(groups, show));
  return groups;
}
