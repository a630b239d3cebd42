// SPDX-License-Identifier: Apache-2.0
// browser.mjs - a headless Chromium, spoken to over two pipes: no port is open, and
// nothing but a file is loaded.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const PROGRAM = '/usr/bin/chromium';
const FLAGS = ['--headless=new', '--remote-debugging-pipe', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run', '--disable-extensions', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--disable-features=MediaRouter,OptimizationHints,Translate', '--hide-scrollbars', '--force-color-profile=srgb', '--host-resolver-rules=MAP * ~NOTFOUND'];

export class Browser {
  async open() {
    this.profile = fs.mkdtempSync(path.join(os.tmpdir(), 'ec-browser-'));
    this.child = spawn(PROGRAM, [...FLAGS, `--user-data-dir=${this.profile}`, 'about:blank'], { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });
    Object.assign(this, { next: 0, waiting: new Map(), events: [], rest: Buffer.alloc(0) });
    this.child.stdio[4].on('data', (data) => this.take(data));
    this.child.on('exit', (code) => { for (const { reject } of this.waiting.values()) reject(new Error(`the browser ended: ${code}`)); });
    const { targetInfos } = await this.send('Target.getTargets');
    const { sessionId } = await this.send('Target.attachToTarget', { targetId: targetInfos.find((t) => t.type === 'page').targetId, flatten: true });
    this.sessionId = sessionId;
    for (const domain of ['Page', 'Runtime', 'Log', 'Network', 'Audits']) await this.send(`${domain}.enable`);
    return this;
  }

  take(data) {
    const parts = Buffer.concat([this.rest, data]);
    let from = 0;
    for (let end; (end = parts.indexOf(0, from)) >= 0; from = end + 1) this.message(JSON.parse(parts.subarray(from, end)));
    this.rest = parts.subarray(from);
  }

  message({ id, result, error, method, params }) {
    if (id === undefined) {
      this.events.push({ method, params });
      if (method === 'Page.javascriptDialogOpening') this.send('Page.handleJavaScriptDialog', { accept: true });
      return;
    }
    const { resolve, reject } = this.waiting.get(id);
    this.waiting.delete(id);
    error ? reject(new Error(error.message)) : resolve(result);
  }

  send(method, params = {}) {
    const id = ++this.next;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.child.stdio[3].write(`${JSON.stringify({ id, method, params, ...(this.sessionId && { sessionId: this.sessionId }) })}\0`);
    });
  }

  // Loads a file and waits until the page says that it is ready.
  async load(file, { seconds = 60 } = {}) {
    this.events = [];
    await this.send('Page.navigate', { url: `file://${file}` });
    await this.until('document.documentElement.dataset.ready !== undefined', seconds);
    return Number(await this.run('document.documentElement.dataset.ready'));
  }

  async until(expression, seconds = 10) {
    const end = Date.now() + seconds * 1000;
    for (;;) {
      try {
        if (await this.run(expression)) return;
      } catch { /* between two documents */ }
      if (Date.now() > end) throw new Error(`not in ${seconds} s: ${expression}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async run(expression) {
    const { result, exceptionDetails } = await this.send('Runtime.evaluate', { expression, returnByValue: true, awaitPromise: true });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  }

  // Where its middle is, for a click as a person's.
  async click(selector) {
    const at = await this.run(`(() => { const e = ${selector.startsWith('(') ? selector : `document.querySelector(${JSON.stringify(selector)})`}; e.scrollIntoView({ block: 'nearest' }); const r = e.getBoundingClientRect(); return { x: r.x + r.width / 2, y: r.y + r.height / 2 }; })()`);
    for (const type of ['mousePressed', 'mouseReleased']) await this.send('Input.dispatchMouseEvent', { type, ...at, button: 'left', clickCount: 1 });
    await this.settle();
  }

  async key(key, code = key) {
    const codes = { ArrowDown: 40, ArrowUp: 38, ArrowRight: 39, ArrowLeft: 37, Enter: 13, Escape: 27, End: 35, Home: 36, PageDown: 34, Tab: 9 };
    const text = key.length === 1 ? key : key === 'Enter' ? '\r' : undefined;
    await this.send('Input.dispatchKeyEvent', { type: text ? 'keyDown' : 'rawKeyDown', key, code, windowsVirtualKeyCode: codes[key] ?? key.toUpperCase().charCodeAt(0), text });
    await this.send('Input.dispatchKeyEvent', { type: 'keyUp', key, code });
    await this.settle();
  }

  async type(text) {
    await this.send('Input.insertText', { text });
    await new Promise((resolve) => setTimeout(resolve, 250));
    await this.settle();
  }

  settle() {
    return this.run('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))');
  }

  async screenshot(file) {
    const { data } = await this.send('Page.captureScreenshot', { format: 'png' });
    fs.writeFileSync(file, Buffer.from(data, 'base64'));
  }

  async pdf(file) {
    const { data } = await this.send('Page.printToPDF', { printBackground: true, preferCSSPageSize: true });
    fs.writeFileSync(file, Buffer.from(data, 'base64'));
    return Buffer.from(data, 'base64');
  }

  size(width, height) {
    return this.send('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: false });
  }

  media(features, media = '') {
    return this.send('Emulation.setEmulatedMedia', { media, features: Object.entries(features).map(([name, value]) => ({ name, value })) });
  }

  async close() {
    try {
      const gone = new Promise((resolve) => this.child.on('exit', resolve));
      this.sessionId = undefined;
      this.send('Browser.close').catch(() => {});
      await Promise.race([gone, new Promise((resolve) => setTimeout(resolve, 3000))]);
    } finally {
      if (this.child.exitCode === null) this.child.kill('SIGKILL');
      fs.rmSync(this.profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    }
  }
}
