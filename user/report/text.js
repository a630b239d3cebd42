'use strict';
// text.js - other people's text: it is only ever the text of an element, and what
// would not show, or would move what stands around it, is shown as its number.

const HIDDEN = /(?! )[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}]|^ | $/gu; // and a space that ends a name
const IS_HIDDEN = new RegExp(HIDDEN.source, 'u');
const fatal = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const escaped = (char) => (char === ' ' ? '\\x20' : `\\u{${char.codePointAt(0).toString(16)}}`);

// [text, is an escape] of a name. One that begins with U+0000 is bytes in hex, which
// are not UTF-8 altogether.
function pieces(name) {
  if (name.startsWith('\0')) return pieceBytes(name.slice(1));
  if (!IS_HIDDEN.test(name)) return [[name, false]];
  const list = [];
  let from = 0;
  for (const found of name.matchAll(HIDDEN)) {
    if (found.index > from) list.push([name.slice(from, found.index), false]);
    list.push([escaped(found[0]), true]);
    from = found.index + found[0].length;
  }
  if (from < name.length) list.push([name.slice(from), false]);
  return list;
}

function pieceBytes(hex) {
  const bytes = Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
  const list = [];
  for (let i = 0, len; i < bytes.length; i += len) {
    const char = decodeAt(bytes, i);
    len = char ? char.len : 1;
    if (char) list.push(...pieces(char.text));
    else list.push([`\\x${bytes[i].toString(16).padStart(2, '0')}`, true]);
  }
  return list;
}

function decodeAt(bytes, at) {
  for (let len = 1; len <= 4 && at + len <= bytes.length; len++) {
    try {
      return { text: fatal.decode(bytes.subarray(at, at + len)), len };
    } catch { /* longer, or not UTF-8 */ }
  }
  return null;
}

// As a string: for what is searched, and for titles.
const plain = (name) => pieces(name).map(([text]) => text).join('');

// Sets the text of an element.
function put(element, name) {
  if (!name.startsWith('\0') && !IS_HIDDEN.test(name)) {
    element.textContent = name;
    return element;
  }
  element.replaceChildren(...pieces(name).map(([text, isEscape]) => {
    if (!isEscape) return text;
    const span = document.createElement('span');
    span.className = 'escape';
    span.title = 'Does not show as itself';
    span.textContent = text;
    return span;
  }));
  return element;
}

// h('td.path', { title }, 'text', element…): strings are ours, or went through plain().
function h(what, attributes, ...children) {
  const [tag, ...classes] = what.split('.');
  const element = document.createElement(tag);
  if (classes.length) element.className = classes.join(' ');
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (value !== undefined && value !== false) element.setAttribute(name, value === true ? '' : value);
  }
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === '') continue;
    if (child instanceof Node) element.append(child);
    else element.append(String(child));
  }
  return element;
}

const $ = (id) => document.getElementById(id);
const number = (value) => value.toLocaleString('en-US');
const several = (count, one, many = `${one}s`) => `${number(count)} ${count === 1 ? one : many}`;
