// chart.js - when things happened: everything upwards, refusals downwards, so that
// one refusal among ten thousand effects is seen.

const BARS = 150;
const SVG = 'http://www.w3.org/2000/svg';

function svg(tag, attributes) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

class Chart {
  constructor(box, story, choose) {
    Object.assign(this, { box, choose, at: -1 });
    let begin = Infinity, end = 0;
    for (const { at } of story.entries) {
      if (!at) continue;
      if (at < begin) begin = at;
      if (at > end) end = at;
    }
    this.begin = begin === Infinity ? 0 : begin;
    this.step = Math.max(1, (end - this.begin + 1) / BARS);
    box.addEventListener('click', (event) => this.pick(Math.floor((event.offsetX / box.clientWidth) * BARS)));
    box.addEventListener('keydown', (event) => this.key(event));
    box.setAttribute('role', 'slider');
    box.setAttribute('aria-label', 'When: everything above the line, refusals below. Arrow keys move, Enter takes that moment, Escape all of the time.');
    box.setAttribute('aria-valuemin', 0);
    box.setAttribute('aria-valuemax', BARS - 1);
  }

  span(i) {
    return [this.begin + i * this.step, this.begin + (i + 1) * this.step];
  }

  pick(i) {
    if (i < 0 || i >= BARS) return;
    const [from, to] = this.span(i);
    this.at = i;
    if (filter.from === from) this.choose(null, null);
    else this.choose(from, to);
  }

  key(event) {
    const steps = { ArrowLeft: -1, ArrowRight: 1 };
    if (event.key in steps) this.move(Math.max(0, Math.min(BARS - 1, this.at + steps[event.key])));
    else if (event.key === 'Enter') this.pick(this.at);
    else if (event.key === 'Escape') this.choose(null, null);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  move(i) {
    this.at = i;
    this.draw(this.rows);
  }

  draw(rows) {
    const all = new Uint32Array(BARS), bad = new Uint32Array(BARS);
    this.rows = rows;
    for (const entry of rows) {
      const i = Math.floor((entry.at - this.begin) / this.step);
      if (!(i >= 0 && i < BARS)) continue;
      all[i]++;
      if (entry.finding) bad[i]++;
    }
    const top = Math.sqrt(all.reduce((a, b) => Math.max(a, b), 1)), low = Math.sqrt(bad.reduce((a, b) => Math.max(a, b), 1));
    const picture = svg('svg', { viewBox: `0 0 ${BARS} 60`, preserveAspectRatio: 'none', 'aria-hidden': 'true' });
    picture.append(svg('rect', { class: 'axis', x: 0, y: 38.5, width: BARS, height: 0.5 }));
    for (let i = 0; i < BARS; i++) {
      const [from] = this.span(i), chosen = filter.from === from || this.at === i;
      if (chosen) picture.append(svg('rect', { class: 'here', x: i, y: 0, width: 1, height: 60 }));
      if (all[i]) picture.append(bar('all', i, 38 - bounded(all[i], top, 36), bounded(all[i], top, 36)));
      if (bad[i]) picture.append(bar('bad', i, 39.5, bounded(bad[i], low, 20)));
    }
    this.box.replaceChildren(picture, h('span.from', null, `${day(this.begin)} ${clock(this.begin)}`), h('span.to', null, clock(this.begin + this.step * BARS)));
    if (this.at >= 0) {
      this.box.setAttribute('aria-valuenow', this.at);
      this.box.setAttribute('aria-valuetext', `${clock(this.span(this.at)[0])}: ${several(all[this.at], 'record')}, ${several(bad[this.at], 'refusal')}`);
    }
  }
}

const bounded = (count, top, height) => Math.max(2, (Math.sqrt(count) / top) * height);
const bar = (style, i, y, height) => svg('rect', { class: style, x: i + 0.12, y, width: 0.76, height });
