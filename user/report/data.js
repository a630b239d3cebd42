// data.js - the rows that the page carries. Their strings are numbers in `names`:
// what is searched and compared is each name once, not each row.

const names = [''];
const numberOf = new Map([['', 0]]);

function intern(name) {
  let id = numberOf.get(name);
  if (id === undefined) {
    id = names.length;
    names.push(name);
    numberOf.set(name, id);
  }
  return id;
}

const readJson = (id) => JSON.parse($(id).textContent);

// A record of the trail, or an effect that a record tells of; the order of a row is
// that of report_row.c. All of one shape: there may be a million of them.
class Entry {
  constructor(row, own, seq, us) {
    this.seq = seq;
    this.us = us;
    this.own = own;
    this.kind = own[row[2] ?? 0];
    this.agent = row[3] ?? 0;
    this.number = row[4] ?? 0; // the call that the record names
    this.tool = own[row[5] ?? 0];
    this.op = own[row[6] ?? 0];
    this.target = own[row[7] ?? 0];
    this.verdict = own[row[8] ?? 0];
    this.reason = own[row[9] ?? 0];
    this.rule = own[row[10] ?? 0];
    this.pid = row[11] ?? 0;
    this.exe = own[row[12] ?? 0];
    this.row = row;
    this.type = 'note';
    this.session = null;
    this.call = null;
    this.children = null;
    this.count = 1;
    this.finding = false;
    this.unverified = false;
    this.end = null;
    this.findings = 0;
  }

  get at() { return this.us / 1000; }
  get time() { return this.us ? `${new Date(this.us / 1000).toISOString().slice(0, 19).replace('T', ' ')}.${pad(this.us % 1e6, 6)} UTC` : plain(String(this.row[1])); }
  get uid() { return this.row[13]; }
  get tid() { return this.row[14]; }
  get more() { return this.row[15] || {}; }
  get observed() { return this.row[16] || null; }
  get kindName() { return names[this.kind]; }
}

// For lists that are flat: [pid, op, target, count, pid, …] and the like.
function* groupsOf(list, size) {
  for (let i = 0; list && i + size <= list.length; i += size) yield i;
}

function processesOf(end) {
  return (end?.observed?.p ?? []).map(([pid, parent, ...exes]) => ({ pid, parent, exes: exes.map((exe) => end.own[exe] ?? 0) }));
}

function readChunk(chunk, entries) {
  const own = [0, ...chunk.s.map(intern)];
  let seq = 0, us = 0;
  for (const row of chunk.r) {
    seq = row[0] || seq + 1;
    if (typeof row[1] === 'number') us += row[1];
    entries.push(new Entry(row, own, seq, typeof row[1] === 'number' ? us : 0));
  }
}

// A zlib stream in base64: a tenth of the text, and nothing in it that could be markup.
async function unpack(packed) {
  const bytes = Uint8Array.fromBase64 ? Uint8Array.fromBase64(packed) : Uint8Array.from(atob(packed), (char) => char.charCodeAt(0));
  return JSON.parse(await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate'))).text());
}

async function readEntries(bad) {
  const entries = [], elements = [...document.querySelectorAll('script.rows')];
  let next = elements.length ? unpack(elements[0].textContent) : null;
  for (let i = 0; i < elements.length; i++) { // one is unpacked while one is read
    const chunk = await next;
    next = i + 1 < elements.length ? unpack(elements[i + 1].textContent) : null;
    elements[i].remove();
    readChunk(chunk, entries);
  }
  if (bad) for (const entry of entries.slice(bad - 1)) entry.unverified = true;
  return entries;
}
