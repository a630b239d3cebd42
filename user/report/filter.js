// filter.js - which entries are shown. A text is looked for in each name once.

const filter = { text: '', agent: '', tool: '', op: '', verdict: '', from: null, to: null };

function nameHits(term) {
  const hits = new Uint8Array(names.length);
  for (let i = 1; i < names.length; i++) hits[i] = searchName(i).includes(term) ? 1 : 0;
  return hits;
}

const lowered = [];
const searchName = (id) => (lowered[id] ??= plain(names[id]).toLowerCase());

const argumentTexts = new WeakMap();
function argumentsText(call) {
  if (!argumentTexts.has(call)) argumentTexts.set(call, JSON.stringify(call.more).toLowerCase());
  return argumentTexts.get(call);
}

function hasTerm(entry, term, hits) {
  return hits[entry.target] || hits[entry.tool] || hits[entry.exe] || hits[entry.rule] || hits[entry.reason] || hits[entry.op] ||
    (entry.type === 'call' && argumentsText(entry).includes(term)) ||
    (entry.type === 'note' && (hits[entry.kind] || noteText(entry).toLowerCase().includes(term))) ||
    (entry.call && String(entry.call.number) === term);
}

function predicate() {
  const terms = filter.text.toLowerCase().split(/\s+/).filter(Boolean).map((term) => [term, nameHits(term)]);
  const { agent, tool, op, verdict, from, to } = filter;
  const toolId = numberOf.get(tool), opId = numberOf.get(op);
  return (entry) => (!agent || entry.agent === Number(agent)) && (!tool || entry.tool === toolId) && (!op || entry.op === opId) &&
    (!verdict || verdictOf(entry) === verdict) && (from === null || (entry.at >= from && entry.at < to)) &&
    terms.every(([term, hits]) => hasTerm(entry, term, hits));
}

// One word for what came of it: what the verdict filter has.
function verdictOf(entry) {
  if (entry.verdict) return names[entry.verdict];
  if (entry.type === 'note') return entry.finding ? 'notice' : 'session';
  return entry.type === 'call' ? 'opened' : '';
}

// The rows of a view: entries, those of a call below it and only with it.
function chooseRows(story, view) {
  const matches = predicate(), rows = [];
  if (view === 'findings') {
    for (const entry of story.entries) if (entry.finding && matches(entry)) rows.push(entry);
    return rows;
  }
  for (const top of story.tops) {
    const below = top.children ? top.children.filter(matches) : [];
    if (below.length || matches(top)) rows.push(top, ...below);
  }
  return rows;
}

const isFiltered = () => Object.values(filter).some((value) => value !== '' && value !== null);
