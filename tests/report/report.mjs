// SPDX-License-Identifier: Apache-2.0
// report.mjs - the page that `audit report` makes, used in a headless Chromium as an
// investigator does, and as somebody who names files to be seen there. SHOTS=DIR keeps
// pictures of it.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import { report, check } from '../scenario/report.mjs';
import { Browser } from './browser.mjs';
import { BYTES, hostileSession, NAMES } from './hostile.mjs';
import { Trail, session } from './trail.mjs';

const EC = path.resolve(process.env.EC ?? 'build/enforcecore'), SHOTS = process.env.SHOTS;
const W = fs.mkdtempSync(path.join(os.tmpdir(), 'ec-report-'));
const is = (got, want, name, detail) => check(got === want, name, { got, want, detail });

function make(name, fill, alter = (text) => text) {
  const file = `${W}/${name}.jsonl`, page = `${W}/${name}.html`, trail = new Trail(file);
  fill(trail);
  const head = trail.close(), text = alter(fs.readFileSync(file, 'utf8'));
  fs.writeFileSync(file, text);
  const made = spawnSync(EC, ['audit', 'report', file, '-o', page], { encoding: 'utf8' });
  return { page, head, made, records: text.trim().split('\n').flatMap((line) => { try { return [JSON.parse(line)]; } catch { return []; } }) };
}

const browser = await new Browser().open();
const run = (expression) => browser.run(expression);
const text = (selector) => run(`document.querySelector(${JSON.stringify(selector)})?.innerText ?? null`);
const shown = async () => Number((await text('#shown')).replaceAll(',', '').match(/\d+/)[0]);
const shot = (name) => (SHOTS ? browser.screenshot(path.join(SHOTS, `${name}.png`)) : undefined);
const press = async (...keys) => { for (const key of keys) await browser.key(key); };
const choose = async (id, value) => { await run(`(() => { const s = document.getElementById('${id}'); s.value = ${JSON.stringify(value)}; s.dispatchEvent(new Event('change', { bubbles: true })); })()`); await browser.settle(); };
const troubles = () => browser.events.filter(({ method, params }) => ['Runtime.exceptionThrown', 'Page.javascriptDialogOpening', 'Audits.issueAdded'].includes(method) || (method === 'Log.entryAdded' && params.entry.level === 'error')).map((e) => JSON.stringify(e.params).slice(0, 300));
const requests = () => browser.events.filter(({ method }) => method === 'Network.requestWillBeSent').map(({ params }) => params.request.url).filter((url) => !url.startsWith('file:'));

async function summary({ page, head, made, records }) {
  is(made.status, 0, 'a page is made', made.stderr);
  await browser.load(page);
  const count = (kind) => records.filter((r) => r.kind === kind).length;
  check((await text('#badge')).includes(`Chain holds · ${records.length.toLocaleString('en-US')} lines`), 'whether the chain holds is first', await text('#badge'));
  check((await text('#summary')).includes(head), 'and its head hash');
  is(await text('.headline'), `${count('denial') + count('call_refused')} refusals in ${count('call_begin') + count('call_refused')} calls`, 'and what was refused');
  is(await shown(), count('denial') + count('call_refused') + count('gap'), 'what needs attention is listed first');
  is(await run("document.querySelector('#list .row').innerText.includes('Denied') || document.querySelector('#list .row').innerText.includes('Refused')"), true, 'with a word for each verdict');
  check((await text('#detail')).length > 40, 'and one of it is told in full');
  check(!/null|undefined|NaN|\[object/.test(await text('body')), 'nothing that is not there is shown');
  await shot('findings');
}

async function clicks({ records }) {
  await browser.click('#tab-timeline');
  const call = records.find((r) => r.kind === 'call_begin' && r.tool === 'run_command');
  const end = records.find((r) => r.kind === 'call_end' && r.call === call.call && r.agent === call.agent);
  await browser.click('#text');
  await browser.type(call.arguments.command);
  await browser.click("([...document.querySelectorAll('#list .row.call')].find((row) => !row.hidden))");
  const detail = await text('#detail');
  check(detail.includes(call.arguments.command) && detail.indexOf('Declared') < detail.indexOf('Observed'), 'a call: declared, then observed', detail);
  check(detail.includes('Bytes: 12,345 read, 67 written, 0 sent by sockets.'), 'and what its tasks moved', detail);
  check(end.observed.effects.every((e) => detail.includes(e.target)), 'with every effect');
  const processes = await run("[...document.querySelectorAll('#detail .process')].map((p) => [p.querySelector('.pid').innerText, parseInt(p.style.marginInlineStart) || 0])");
  is(JSON.stringify(processes), JSON.stringify(end.observed.processes.map((p, i) => [String(p.pid), i * 14])), 'below their processes, as a tree');
  await shot('call');
  await browser.click('#clear');
  await browser.click('#tab-findings');
  await browser.click("([...document.querySelectorAll('#list .row.effect')][2])");
  await browser.click('#detail .open');
  is(await run("document.querySelector('#tab-timeline').getAttribute('aria-selected')"), 'true', 'from a refusal to its call');
  check(await run("document.querySelector('#detail .effects .bad') !== null && document.querySelector('#list .row[aria-selected=true].call') !== null"), 'which is selected, with what was refused');
}

async function filters({ records }) {
  await browser.click('#tab-timeline');
  await choose('verdict', 'deny');
  const refused = records.filter((r) => r.kind === 'denial');
  is(await run("[...document.querySelectorAll('#list .row:not([hidden])')].every((row) => row.matches('.call, .finding'))"), true, 'filtered by verdict');
  await browser.click('#tab-findings');
  is(await shown(), records.filter((r) => r.verdict === 'deny').length, 'all of that verdict');
  await choose('tool', 'fetch');
  is(await shown(), refused.filter((r) => r.tool === 'fetch').length, 'and of that tool');
  await choose('op', 'write');
  is(await shown(), 0, 'and of an operation that none had');
  await browser.click('#clear');
  await choose('agent', '4');
  is(await shown(), records.filter((r) => r.agent === 4 && (r.verdict === 'deny' || r.kind === 'gap')).length, 'of an agent');
  await browser.click('#clear');
  await browser.click('#text');
  await browser.type('/ETC/shadow');
  is(await shown(), records.filter((r) => r.verdict === 'deny' && r.target === '/etc/shadow').length, 'by a part of a path');
  await browser.click('#clear');
  await browser.click('.group');
  check(await shown() > 0 && await run("document.querySelector('#list .row[aria-selected=true]') !== null"), 'a kind of refusal from the summary');
  await browser.click('#clear');
  await browser.click('#tab-processes');
  check((await text('#list')).includes('/usr/bin/node → /usr/bin/dash → /usr/bin/git'), 'processes with the programs that they ran');
  await shot('processes');
}

async function keys() {
  await browser.click('#tab-findings');
  await press('/');
  is(await run('document.activeElement.id'), 'text', '/ goes to the search');
  await browser.type('id_ed25519');
  const found = await shown();
  await press('ArrowDown');
  is(await run('document.activeElement.id'), 'list', 'down goes to the list');
  await press('ArrowDown', 'ArrowDown');
  is(await run("document.querySelector('#list [aria-selected=true]').getAttribute('aria-posinset')"), '3', 'and along it');
  await press('End');
  is(await run("document.querySelector('#list [aria-selected=true]').getAttribute('aria-posinset')"), String(found), 'to its end');
  is(await run("document.getElementById(document.querySelector('#list').getAttribute('aria-activedescendant')).getAttribute('aria-selected')"), 'true', 'and says where it is');
  await press('Enter');
  is(await run('document.activeElement.id'), 'detail', 'Enter goes to the details');
  await press('Escape');
  check(await shown() > found, 'Escape shows all again');
  await press('2');
  is(await run("document.querySelector('[role=tab][aria-selected=true]').id"), 'tab-timeline', '2 is the second view');
  await run("document.getElementById('chart').focus()");
  await press('ArrowRight', 'ArrowRight', 'Enter');
  check(/ to /.test(await text('#shown')), 'a moment, from the chart', await text('#shown'));
  await press('Escape');
  is(await run("(() => { const order = []; for (const e of document.querySelectorAll('a, button, input, select, [tabindex=\"0\"]')) if (e.tabIndex > 0) order.push(e.id); return order.length; })()"), 0, 'nothing is out of the order of the page');
}

async function appearance({ page, records }) {
  const ground = () => run("getComputedStyle(document.body).backgroundColor");
  const light = await ground();
  await browser.media({ 'prefers-color-scheme': 'dark' });
  check(await ground() !== light, 'light and dark');
  await shot('dark');
  await browser.media({ 'prefers-color-scheme': 'light' }, 'print');
  is(await run("getComputedStyle(document.querySelector('main')).display"), 'none', 'on paper no list');
  const paper = await text('#print');
  check(['Refused, by kind', 'Calls with refusals', 'Head (SHA-256)', '/etc/shadow', 'The chain holds'].every((part) => paper.includes(part)), 'but a summary', paper?.slice(0, 500));
  await shot('print');
  const pdf = await browser.pdf(`${W}/page.pdf`);
  check(pdf.subarray(0, 5).toString() === '%PDF-' && (pdf.toString('latin1').match(/\/Type \/Page\b/g) ?? []).length >= 2, 'it prints', pdf.length);
  await browser.media({});
  await browser.size(420, 800);
  check(await run('document.documentElement.scrollWidth <= 420'), 'and fits a narrow window');
  await browser.size(1440, 900);
  check(!records.some((r) => r.kind === 'denial' && !r.target) && fs.statSync(page).size > 0, 'all of it from one file');
  is(JSON.stringify(requests()), '[]', 'nothing was asked of a network');
  is(JSON.stringify(troubles()), '[]', 'nothing went wrong');
}

// Names of whoever was watched.
async function hostile() {
  const made = make('hostile', (trail) => hostileSession(trail, { words: true }));
  is(made.made.status, 0, 'a page of hostile names', made.made.stderr);
  const source = fs.readFileSync(made.page, 'utf8');
  is((source.match(/<script/g) ?? []).length, 4, 'four scripts, three of them data');
  check(!/alert\(/.test(source), 'no name stands in the page as it is');
  await browser.load(made.page);
  const tags = JSON.stringify([...new Set(await run("[...document.querySelectorAll('body *')].map((e) => e.localName)"))].sort());
  const acts = /[\u0000-\u0009\u000b-\u001f\u007f-\u00a0\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202f\u205f-\u206f\u3164\ufeff]|[\u{e0000}-\u{e007f}]/u;
  let seen = '';
  for (const tab of ['findings', 'timeline', 'processes']) {
    await browser.click(`#tab-${tab}`);
    const rows = await shown();
    await run("document.getElementById('list').focus()");
    await press('Home');
    for (let i = 0; i < rows; i++) {
      seen += await run("document.body.innerText + [...document.querySelectorAll('[title]')].map((e) => e.title).join(' ')");
      if (i + 1 < rows) await run("document.getElementById('list').dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowDown', bubbles: true }))");
    }
  }
  const bad = acts.exec(seen.replaceAll('\u00a0', ' '));
  check(!bad, 'nothing that is shown moves, hides or controls', bad && { code: bad[0].codePointAt(0).toString(16), at: seen.slice(bad.index - 60, bad.index + 20) });
  const allowed = ['a', 'aside', 'b', 'button', 'dd', 'div', 'dl', 'dt', 'form', 'h1', 'h2', 'h3', 'header', 'input', 'kbd', 'label', 'li', 'main', 'noscript', 'ol', 'option', 'p', 'path', 'pre', 'rect', 'script', 'section', 'select', 'span', 'svg', 'table', 'tbody', 'td', 'th', 'thead', 'tr', 'ul'];
  const found = JSON.parse(tags).concat(await run("[...document.querySelectorAll('body *')].map((e) => e.localName)")).filter((tag) => !allowed.includes(tag));
  is(JSON.stringify([...new Set(found)]), '[]', 'no element but those of the page');
  is(await run("[...document.querySelectorAll('*')].filter((e) => [...e.attributes].some((a) => a.name.startsWith('on') || /javascript:/i.test(a.name === 'href' ? a.value : ''))).length"), 0, 'no handler came from a name');
  for (const part of ['\\u{202e}gnp.exe', '\\u{1b}[2J', '\\u{2028}', '\\xff\\xfe\\x80', 'a\\u{a}b', 'trailing\\x20', '<img src=x onerror=alert(1)>', '\\xed\\xa0\\x80', '\\u{e0041}tag']) check(seen.includes(part), `it is shown as what it is: ${part}`);
  is(await run("document.title.includes('hostile')"), true, 'the title is the file');
  is(BYTES.length > 0 && JSON.stringify(troubles()), '[]', 'no dialog, no error, no violation');
  is(JSON.stringify(requests()), '[]', 'no request');
  await shot('hostile');
  await attempts();
}

// Were something of it to get in after all, the page's policy stops it.
async function attempts() {
  const attempt = (code) => run(`(() => { try { ${code} } catch (e) { return e.name; } return 'done'; })()`);
  is(await attempt("document.body.innerHTML = '<b>x</b>'"), 'TypeError', 'text becomes no markup');
  is(await attempt("const s = document.createElement('script'); s.textContent = 'window.got = 1'; document.body.append(s)"), 'TypeError', 'and no script');
  await run("(() => { const i = document.createElement('img'); i.src = 'http://127.0.0.1:9/x'; document.body.append(i); const f = document.createElement('iframe'); f.src = 'http://127.0.0.1:9/'; document.body.append(f); })()");
  await run("fetch('http://127.0.0.1:9/').catch(() => {})");
  await browser.settle();
  is(await run('window.got === undefined'), true, 'nothing ran');
  check(troubles().some((t) => /Content Security Policy|ContentSecurityPolicy/.test(t)), 'the policy is in force');
}

async function altered() {
  const made = make('altered', (trail) => session(trail, 60, { seed: 4 }), (all) => { const lines = all.split('\n'); lines[20] = lines[20].replace('"agent":3', '"agent":9'); return `${lines.join('\n')}{"seq":99,`; });
  is(made.made.status, 1, 'an altered trail is told by the status');
  check(/altered\.jsonl:22: the chain does not hold/.test(made.made.stderr), 'and by its line', made.made.stderr);
  await browser.load(made.page);
  check((await text('#badge')).includes('Chain broken at line 22'), 'and by the page, first', await text('#badge'));
  check(/altered/.test(await text('#summary .alarm')), 'and what that means', await text('#summary'));
  check(!/null|undefined|NaN|\[object/.test(await text('body')), 'nothing that is not there is shown');
  await browser.click('#tab-timeline');
  await run("document.getElementById('list').focus()");
  await press('End');
  check((await text('#detail')).includes('Stands where the chain does not hold'), 'what stands behind it is marked');
  await shot('altered');
}

async function large() {
  const made = make('large', (trail) => { session(trail, 50000, { all: true }); session(trail, 50000, { agent: 4, policy: 'coding-agent', seed: 9 }); });
  is(made.made.status, 0, 'a page of 100,000 records', made.made.stderr);
  const ms = await browser.load(made.page, { seconds: 60 });
  console.log(`100,000 records: ${(fs.statSync(made.page).size / 1e6).toFixed(1)} MB, usable after ${ms} ms (the limit is 3,000 on a quiet machine)`);
  check((await text('#badge')).includes('100,0'), 'all of it is there', await text('#badge'));
  await browser.click('#tab-timeline');
  check(await run("document.querySelectorAll('#list .row').length < 80"), 'only the rows that are seen exist');
  await run("document.getElementById('list').focus()");
  await press('End');
  check(/session end/.test(await text('#list')), 'to its last record');
  await browser.click('#text');
  await browser.type('module_77.txt');
  const hits = made.records.filter((r) => JSON.stringify(r).includes('module_77.txt')).length;
  check(await shown() >= hits / 2 && await shown() < 4 * hits, 'and searched', { shown: await shown(), hits });
  await shot('large');
}

// More refusals than a page holds: counted, and nothing else gives way to them.
async function limits() {
  const made = make('limits', (trail) => {
    trail.add('session_begin', { agent: 3, policy: 'p', policy_version: '1', mode: 'enforce' });
    for (let i = 0; i < 100020; i++) trail.add('denial', { agent: 3, call: null, op: 'read', verdict: 'deny', reason: 'never', pid: 5, target: `/${i % 7}` });
    trail.add('session_end', { agent: 3, status: 0 });
  });
  check(made.made.status === 0 && /no room for 20 refusals and 0 other records/.test(made.made.stderr), 'what has no room is told', made.made.stderr);
  await browser.load(made.page, { seconds: 60 });
  check((await text('#summary')).includes('20 refusals and 0 other records') && (await text('#summary')).includes('100,020'), 'in the page, too, with the totals of the whole', await text('#summary'));
  is(await shown(), 100000, 'as many as it says');
  await browser.click('#tab-timeline');
  await run("document.getElementById('list').focus()");
  await press('End');
  check(/session end/.test(await text('#list')), 'and the other records are there');
}

if (process.argv[2] === 'large') {
  await large();
} else {
  await browser.size(1440, 900);
  const made = make('plain', (trail) => { session(trail, 900, { all: true }); session(trail, 900, { agent: 4, policy: 'coding-agent', seed: 9 }); });
  await summary(made);
  await clicks(made);
  await filters(made);
  await keys();
  await appearance(made);
  await hostile();
  await altered();
  await large();
  await limits();
}
await browser.close();
fs.rmSync(W, { recursive: true, force: true });
report();
