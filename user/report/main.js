// main.js - reads, then wires: filters, views, list, details, keys.

const VIEWS = [['findings', 'Findings'], ['timeline', 'Timeline'], ['processes', 'Processes']];

async function main() {
  const totals = readJson('totals'), rest = readJson('rest');
  const story = tell(await readEntries(rest.bad));
  const page = { story, view: '', selected: null, counts: {} };
  page.list = new List($('list'), (row, item) => (page.view === 'processes' ? renderProcess(row, item) : renderRow(row, item)), (item) => select(page, item));
  page.chart = new Chart($('chart'), story, (from, to) => { Object.assign(filter, { from, to }); refresh(page); });
  const groups = summarize(story, totals, rest, (entry, verdict) => showGroup(page, entry, verdict));
  fillFilters(page);
  makeTabs(page);
  makePrint(story, totals, rest, groups);
  addKeys(page);
  setView(page, story.entries.some((entry) => entry.finding) ? 'findings' : 'timeline');
  page.list.choose(0); // something to read, and an example of what there is to read
  document.documentElement.dataset.ready = Math.round(performance.now());
}

function options(select, all, values, label = (value) => value) {
  select.replaceChildren(h('option', { value: '' }, all), ...values.map((value) => put(h('option', { value }), label(value))));
}

function fillFilters(page) {
  const agents = new Set(), tools = new Set(), ops = new Set(), verdicts = new Set();
  for (const entry of page.story.entries) {
    if (entry.agent) agents.add(entry.agent);
    if (entry.tool) tools.add(entry.tool);
    if (entry.op) ops.add(entry.op);
    verdicts.add(verdictOf(entry));
  }
  const sorted = (set) => [...set].map((id) => names[id]).sort();
  options($('agent'), 'All', [...agents].sort((a, b) => a - b), String);
  options($('tool'), 'All', sorted(tools));
  options($('op'), 'All', sorted(ops));
  options($('verdict'), 'All', [...Object.keys(VERDICTS).filter((verdict) => verdicts.has(verdict))], (verdict) => VERDICTS[verdict][1]);
  for (const id of ['agent', 'tool', 'op', 'verdict']) $(id).addEventListener('change', () => { filter[id] = $(id).value; refresh(page); });
  let later = 0;
  $('text').addEventListener('input', () => { clearTimeout(later); later = setTimeout(() => { filter.text = $('text').value; refresh(page); }, 120); });
  $('filters').addEventListener('submit', (event) => event.preventDefault());
  $('clear').addEventListener('click', () => clearFilters(page));
}

function clearFilters(page) {
  Object.assign(filter, { text: '', agent: '', tool: '', op: '', verdict: '', from: null, to: null });
  for (const id of ['text', 'agent', 'tool', 'op', 'verdict']) $(id).value = '';
  refresh(page);
}

// From the summary: a kind of refusal, or a verdict.
function showGroup(page, entry, verdict) {
  Object.assign(filter, { text: '', agent: '', tool: '', op: '', verdict: '', from: null, to: null });
  if (entry) {
    if (entry.tool) filter.tool = names[entry.tool];
    if (entry.op) filter.op = names[entry.op];
    filter.verdict = verdictOf(entry);
    if (entry.target && !/\s/.test(names[entry.target])) filter.text = plain(names[entry.target]);
  } else if (verdict !== 'refused') {
    filter.verdict = verdict;
  }
  for (const id of ['text', 'agent', 'tool', 'op', 'verdict']) $(id).value = filter[id];
  setView(page, entry || ['deny', 'refused', 'would-deny'].includes(verdict) ? 'findings' : 'timeline');
  if (entry) page.list.choose(Math.max(0, page.list.rows.indexOf(entry)));
}

function makeTabs(page) {
  const tabs = VIEWS.map(([view, name]) => h('button', { type: 'button', role: 'tab', id: `tab-${view}`, 'aria-controls': 'list', onclick: () => setView(page, view) }, name));
  $('tabs').replaceChildren(...tabs);
  $('tabs').addEventListener('keydown', (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const at = (VIEWS.findIndex(([view]) => view === page.view) + step + VIEWS.length) % VIEWS.length;
    setView(page, VIEWS[at][0]);
    tabs[at].focus();
  });
}

function setView(page, view) {
  page.view = view;
  for (const [name] of VIEWS) {
    $(`tab-${name}`).setAttribute('aria-selected', name === view);
    $(`tab-${name}`).tabIndex = name === view ? 0 : -1;
  }
  document.body.dataset.view = view;
  $('heads').replaceChildren(...(view === 'processes' ? ['Process and programs', 'Refused, permitted'] : HEADS).map((head) => h('span', null, head)));
  $('list').setAttribute('aria-label', VIEWS.find(([name]) => name === view)[1]);
  refresh(page);
}

function refresh(page) {
  const rows = page.view === 'processes' ? sessionTree(page.story, predicate()) : chooseRows(page.story, page.view);
  page.list.set(rows, page.selected);
  page.chart.draw(page.story.entries.filter(isFiltered() ? predicate() : () => true));
  const window = filter.from === null ? '' : ` · ${clock(filter.from)} to ${clock(filter.to)}`;
  $('shown').replaceChildren(`${several(rows.length, 'row')}${window}`);
  $('clear').hidden = !isFiltered();
  if (!rows.length) showDetail(null);
}

function select(page, item) {
  page.selected = item;
  showDetail(item, (call) => open(page, call));
}

// A call, from one of its effects: where it stands in the timeline.
function open(page, call) {
  page.selected = call;
  if (page.view !== 'timeline') setView(page, 'timeline');
  if (!page.list.rows.includes(call)) clearFilters(page);
  page.list.choose(page.list.rows.indexOf(call));
  $('list').focus();
}

function addKeys(page) {
  document.addEventListener('keydown', (event) => {
    const typing = event.target.matches?.('input, select');
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === '/' && !typing) {
      $('text').focus();
      event.preventDefault();
    } else if (event.key === 'Escape') {
      clearFilters(page);
      $('list').focus();
    } else if (!typing && /^[1-3]$/.test(event.key)) {
      setView(page, VIEWS[event.key - 1][0]);
    } else if (event.target.id === 'text' && event.key === 'ArrowDown') {
      $('list').focus();
      page.list.choose(0);
      event.preventDefault();
    }
  });
}

main().catch((error) => {
  $('badge').replaceChildren(h('b', null, '✕'), `This page could not be read: ${error.message}`);
  throw error;
});
