// SPDX-License-Identifier: Apache-2.0
// exposition.mjs - Prometheus' text format 0.0.4, read strictly.
const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\[\\"n])*)"(,|$)/y;

function labelsOf(text) {
  const labels = {};
  LABEL.lastIndex = 0;
  while (LABEL.lastIndex < text.length) {
    const m = LABEL.exec(text);
    if (!m || m[1] in labels) return null;
    labels[m[1]] = m[2].replace(/\\(.)/g, (_, c) => (c === 'n' ? '\n' : c));
  }
  return labels;
}

export function parse(text) {
  const problems = [], samples = [], types = {}, series = new Set();
  let family = null;
  for (const line of text.split('\n').slice(0, -1)) {
    const head = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line);
    if (head) {
      if (head[1] === 'TYPE') { if (types[head[2]]) problems.push(`twice: ${head[2]}`); family = head[2]; types[family] = head[3]; }
      continue;
    }
    const m = SAMPLE.exec(line), labels = m && labelsOf(m[2] ?? ''), value = Number(m?.[3]);
    if (!m || !labels || Number.isNaN(value)) { problems.push(`no sample: ${line}`); continue; }
    const base = types[family] === 'histogram' ? m[1].replace(/_(bucket|sum|count)$/, '') : m[1];
    if (base !== family) problems.push(`outside its family: ${line}`);
    if (types[family] === 'counter' && !m[1].endsWith('_total')) problems.push(`a counter without _total: ${m[1]}`);
    const key = `${m[1]}{${m[2] ?? ''}}`;
    if (series.has(key)) problems.push(`twice: ${key}`);
    series.add(key);
    samples.push({ name: m[1], labels, value });
  }
  if (text && !text.endsWith('\n')) problems.push('no newline at the end');
  const find = (name, want = {}) => samples.filter((s) => s.name === name && Object.entries(want).every(([k, v]) => s.labels[k] === v));
  return { problems, samples, types, sum: (name, want) => find(name, want).reduce((n, s) => n + s.value, 0), value: (name) => find(name)[0]?.value ?? NaN };
}
