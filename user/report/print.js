// print.js - on paper: the summary, what was refused, and the calls with refusals.

const PRINT_MAX = 250;

function printTable(heads, rows, all) {
  const more = all - rows.length;
  return [h('table', null, h('thead', null, h('tr', null, heads.map((head) => h('th', null, head)))), h('tbody', null, rows.map((cells) => h('tr', null, cells.map((cell) => (cell instanceof Node ? h('td', null, cell) : put(h('td'), String(cell)))))))),
    more > 0 ? h('p', null, `${number(more)} more are not printed.`) : null];
}

function makePrint(story, totals, rest, groups) {
  const calls = story.calls.filter((call) => call.findings || isRefused(call));
  $('print').replaceChildren(...[
    h('h2', null, headline(totals)),
    h('p', null, totals.holds ? `The chain holds: ${several(totals.lines, 'line')}.` : `The chain does not hold at line ${totals.badLine}: ${totals.reason}.`),
    integrity(totals, rest),
    h('p', null, `${several(totals.sessions, 'session')}, ${several(totals.calls, 'call')}, ${several(totals.effects, 'effect')} of calls, ${several(totals.denials, 'denial')}, ${number(totals.wouldDeny)} would have been, ${several(totals.refused, 'call')} refused.`),
    groups.length ? h('h3', null, 'Refused, by kind') : null,
    ...(groups.length ? printTable(['Verdict', 'Times', 'What', 'Tool', 'Why', 'First'], groups.slice(0, PRINT_MAX).map(({ entry, count }) => [verdictMark(entry)[1], count, h('span', null, groupTitle(entry).flatMap((part) => [part, ' '])), names[entry.tool], names[entry.reason], entry.time]), groups.length) : []),
    calls.length ? h('h3', null, 'Calls with refusals') : null,
    ...(calls.length ? printTable(['Call', 'Tool', 'Declared', 'Outcome', 'Refusals', 'Time'], calls.slice(0, PRINT_MAX).map((call) => [call.number || '–', names[call.tool], argumentsLine(call), outcome(call), isRefused(call) ? 'refused' : call.findings, call.time]), calls.length) : []),
  ].filter(Boolean));
}
