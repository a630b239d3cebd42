// list.js - a list of any length: only the rows that are seen exist.

const ROW = 32;
// Browsers have no taller elements; past it the place of the scroll bar is a share.
const HEIGHT_MAX = 15000000;

class List {
  constructor(box, render, select) {
    Object.assign(this, { box, render, select, rows: [], selected: -1, pool: [] });
    this.space = h('div.space');
    this.stage = h('div.stage');
    box.append(this.space, this.stage);
    box.addEventListener('scroll', () => this.draw(), { passive: true });
    box.addEventListener('keydown', (event) => this.key(event));
    box.addEventListener('click', (event) => this.click(event));
    new ResizeObserver(() => this.draw()).observe(box);
  }

  set(rows, keep) {
    this.rows = rows;
    this.selected = keep ? rows.indexOf(keep) : -1;
    this.space.style.height = `${Math.min(rows.length * ROW, HEIGHT_MAX)}px`;
    if (this.selected < 0) this.box.scrollTop = 0;
    else this.reveal();
    this.draw();
  }

  get first() {
    const all = this.rows.length * ROW;
    if (all <= HEIGHT_MAX) return this.box.scrollTop / ROW;
    const share = this.box.scrollTop / (HEIGHT_MAX - this.box.clientHeight);
    return share * (this.rows.length - this.box.clientHeight / ROW);
  }

  draw() {
    const first = Math.max(0, Math.floor(this.first)), count = Math.min(this.rows.length - first, Math.ceil(this.box.clientHeight / ROW) + 1);
    while (this.pool.length < count) {
      const row = h('div.row', { role: 'option', id: `row-${this.pool.length}` });
      this.pool.push(row);
      this.stage.append(row);
    }
    this.stage.style.transform = `translateY(${this.box.scrollTop - (this.first - first) * ROW}px)`;
    this.pool.forEach((row, i) => {
      row.hidden = i >= count;
      if (i >= count) return;
      this.render(row, this.rows[first + i], first + i);
      row.setAttribute('aria-posinset', first + i + 1);
      row.setAttribute('aria-setsize', this.rows.length);
      row.setAttribute('aria-selected', first + i === this.selected);
      if (first + i === this.selected) this.box.setAttribute('aria-activedescendant', row.id);
    });
    if (this.selected < first || this.selected >= first + count) this.box.removeAttribute('aria-activedescendant');
    this.at = first;
  }

  reveal() {
    const all = this.rows.length * ROW, page = this.box.clientHeight / ROW, first = this.first;
    let to = first;
    if (this.selected < first) to = this.selected;
    else if (this.selected + 1 > first + page) to = this.selected + 1 - page;
    else return;
    this.box.scrollTop = all <= HEIGHT_MAX ? to * ROW : (to / (this.rows.length - page)) * (HEIGHT_MAX - this.box.clientHeight);
  }

  choose(index) {
    if (!this.rows.length) return;
    this.selected = Math.max(0, Math.min(this.rows.length - 1, index));
    this.reveal();
    this.draw();
    this.select(this.rows[this.selected]);
  }

  click(event) {
    const row = event.target.closest('.row');
    if (row) this.choose(this.at + this.pool.indexOf(row));
  }

  key(event) {
    const page = Math.max(1, Math.floor(this.box.clientHeight / ROW) - 1);
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, j: 1, k: -1 };
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key in steps) this.choose(this.selected + steps[event.key]);
    else if (event.key === 'Home') this.choose(0);
    else if (event.key === 'End') this.choose(this.rows.length - 1);
    else if (event.key === 'Enter') $('detail').focus();
    else return;
    event.preventDefault();
  }
}
