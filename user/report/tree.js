// tree.js - processes below their parents, with the programs that they ran.

function makeNodes(processes) {
  const nodes = new Map();
  for (const { pid, parent, exes } of processes) {
    const node = nodes.get(pid) ?? { pid, parent, exes: [], below: [], effects: [], calls: new Set() };
    node.parent ||= parent;
    for (const exe of exes) if (exe && node.exes.at(-1) !== exe) node.exes.push(exe);
    nodes.set(pid, node);
  }
  return nodes;
}

// Depth first; a circle of parents, which only a forged trail has, is cut.
function flatten(nodes) {
  const out = [], seen = new Set();
  const visit = (root) => {
    const stack = [[root, 0]];
    while (stack.length) {
      const [node, depth] = stack.pop();
      if (seen.has(node)) continue;
      seen.add(node);
      out.push({ ...node, node, depth: Math.min(depth, 24) });
      for (const child of [...node.below].reverse()) stack.push([child, depth + 1]);
    }
  };
  for (const node of nodes.values()) {
    const parent = nodes.get(node.parent);
    if (parent && parent !== node) parent.below.push(node);
  }
  for (const node of nodes.values()) if (!nodes.has(node.parent)) visit(node);
  for (const node of nodes.values()) visit(node);
  return out;
}

// All processes of a session. Refusals tell of theirs without its parent.
function sessionTree(story, matches) {
  const rows = [];
  const bySession = new Map();
  for (const entry of story.entries) {
    const list = bySession.get(entry.session) ?? [];
    bySession.set(entry.session, list);
    list.push(entry);
  }
  for (const [session, entries] of bySession) {
    const found = entries.filter((entry) => entry.type === 'call').flatMap((call) => processesOf(call.end));
    const nodes = makeNodes(found);
    for (const entry of entries) {
      if (!entry.pid || entry.type !== 'effect') continue;
      if (!nodes.has(entry.pid)) nodes.set(entry.pid, { pid: entry.pid, parent: 0, exes: entry.exe ? [entry.exe] : [], below: [], effects: [], calls: new Set() });
      const node = nodes.get(entry.pid);
      node.effects.push(entry);
      if (entry.call) node.calls.add(entry.call);
    }
    const shown = flatten(nodes).filter((node) => node.effects.some(matches) || (!node.effects.length && !isFiltered()));
    if (shown.length) rows.push({ type: 'session', session, count: shown.length }, ...shown.map((node) => ({ type: 'process', session, ...node })));
  }
  return rows;
}

function programs(exes) {
  const parts = exes.flatMap((exe, i) => [i ? h('span.then', { 'aria-label': 'then' }, ' → ') : null, put(h('span.path'), names[exe])]);
  return parts.length ? parts : [h('span.quiet', null, 'program not told')];
}

function renderProcess(row, item) {
  row.className = `row ${item.type}`;
  if (item.type === 'session') {
    const record = item.session?.record;
    row.replaceChildren(h('span.title', null, item.session ? `Session ${item.session.number} · agent ${record.agent} · policy ${plain(String(record.more.policy ?? '?'))}` : 'Before any session'), h('span.count', null, several(item.count, 'process', 'processes')));
    return;
  }
  const bad = item.effects.filter((effect) => effect.finding).length;
  const line = h('span.process', null, h('span.pid', null, String(item.pid)), ...programs(item.exes));
  line.style.paddingInlineStart = `${item.depth * 18}px`;
  row.replaceChildren(line, h('span.count', null, bad ? h('b.bad', null, `${number(bad)} ✕ `) : null, `${number(item.effects.length - bad)} ✓`));
}
