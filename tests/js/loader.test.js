// The loader on a page without a browser: the queue, the verbs, what is fetched when, and the line to the frame.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import vm from 'node:vm';

const source = readFileSync(new URL('../../widget/loader.js', import.meta.url), 'utf8');

class FakeElement extends EventTarget {
  /** @type {Record<string, any>} */ attrs = {};
  /** @type {any[]} */ children = [];
  style = { setProperty() {} };
  classList = { add() {}, toggle() {} };
  open = false;
  hidden = false;
  isConnected = true;
  textContent = '';

  /** @param {string} tag */
  constructor(tag) {
    super();
    this.tag = tag;
  }

  /** @param {string} k @param {string} v */
  setAttribute(k, v) { this.attrs[k] = v; }
  /** @param {...any} nodes */
  append(...nodes) { this.children.push(...nodes); }
  attachShadow() { return (this.shadow = new FakeElement('shadow')); }
  contains() { return false; }
  focus() {}
  showModal() { this.open = true; }
  close() { this.open = false; }
  remove() { this.isConnected = false; }
}

/** @param {{stub?: any, data?: object, phone?: boolean}} [how] */
function page({ stub, data = {}, phone = false } = {}) {
  /** @type {any[]} */ const frames = [];
  const body = new FakeElement('body');
  const document = Object.assign(new FakeElement('document'), {
    body, activeElement: body,
    currentScript: { src: 'https://desk.example/widget.js', dataset: { token: 'pub_x', ...data } },
    createElement: (/** @type {string} */ tag) => new FakeElement(tag),
    createElementNS: (/** @type {string} */ _, /** @type {string} */ tag) => {
      const made = new FakeElement(tag);
      if (tag === 'iframe') frames.push(made);
      return made;
    },
  });
  const window = /** @type {any} */ (new EventTarget());
  /** @type {string[]} */ const heard = [];
  window.dispatchEvent = (/** @type {any} */ e) => heard.push(e.type);
  Object.assign(window, {
    window, document, console: { warn: (/** @type {string} */ text) => heard.push(text), error() {} }, location: { href: 'https://shop.example/' }, sessionStorage: null, Deskbell: stub,
    URL, MessageChannel, CustomEvent, AbortController, queueMicrotask, setTimeout: () => 0, clearTimeout() {}, setInterval: () => 0, clearInterval() {}, Element: FakeElement, HTMLElement: FakeElement,
    CSSStyleSheet: class { replaceSync() {} }, CSS: { supports: () => false }, matchMedia: () => Object.assign(new EventTarget(), { matches: phone }), getComputedStyle: () => ({ color: '' }),
  });
  vm.runInNewContext(source, window);
  return { window, frames, heard, body };
}

function queue() {
  const stub = /** @type {any} */ (function () { (stub.q = stub.q || []).push(arguments); });
  return stub;
}

test('nothing of the app is fetched before the first click', () => {
  const { frames, window, body } = page();
  assert.equal(frames.length, 0);
  assert.deepEqual([window.Deskbell.isOpen, window.Deskbell.unreadCount, window.Deskbell.status], [false, 0, 'idle']);
  const [, launcher] = body.children[0].shadow.children;
  assert.deepEqual([launcher.attrs['aria-label'], launcher.attrs['aria-expanded']], ['Chat with us', 'false']);
  launcher.dispatchEvent(new Event('click'));
  assert.equal(frames[0].src, 'https://desk.example/widget/frame?site=pub_x');
  assert.equal(window.Deskbell.isOpen, true);
});

test('calls before the load run in order', async () => {
  const stub = queue();
  /** @type {string[]} */ const order = [];
  stub('on', 'open', () => order.push('open'));
  stub('once', 'close', () => order.push('close'));
  stub('open');
  stub('close');
  stub('open');
  stub('toggle');
  stub('nonsense');
  const { window, heard } = page({ stub });
  await null;
  assert.deepEqual(order, ['open', 'close', 'open']);
  assert.equal(window.Deskbell.isOpen, false);
  assert.ok(heard.includes('deskbell:open') && heard.some((line) => line.includes('nonsense')));
});

test('both ways to call, a second load is ignored, destroy leaves nothing', () => {
  const { window, body } = page();
  window.Deskbell('open');
  assert.equal(window.Deskbell.isOpen, true);
  window.Deskbell.close();
  assert.equal(window.Deskbell.isOpen, false);
  const first = window.Deskbell;
  vm.runInNewContext(source, window);
  assert.equal(window.Deskbell, first);
  window.Deskbell.destroy();
  assert.deepEqual([window.Deskbell, body.children[0].isConnected], [undefined, false]);
});

test('the port goes to our origin only, and commands wait until the frame is ready', async () => {
  const { window, frames } = page({ data: { locale: 'de', department: 'billing' } });
  window.Deskbell.compose('Hello');
  /** @type {any[]} */ const posted = [];
  frames[0].contentWindow = { postMessage: (/** @type {any[]} */ ...args) => posted.push(args) };
  frames[0].dispatchEvent(new Event('load'));
  const [init, origin, [port]] = posted[0];
  assert.deepEqual([init.deskbell, init.open, init.locale, init.department, origin], ['init', true, 'de', 'billing', 'https://desk.example']);
  /** @type {any[]} */ const got = [];
  const done = new Promise((resolve) => {
    port.onmessage = (/** @type {any} */ e) => { got.push(e.data.type); if (e.data.type === 'compose') resolve(null); };
  });
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.deepEqual(got, []);
  port.postMessage({ type: 'ready', color: '#123456', dark: false });
  port.postMessage({ type: 'unread', n: 3 });
  await done;
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.deepEqual([got, window.Deskbell.unreadCount, window.Deskbell.status], [['phone', 'open', 'compose'], 3, 'ready']);
  port.close();
});

test('auto-open leaves a phone alone', () => {
  assert.equal(page({ data: { autoOpen: 'true' } }).window.Deskbell.isOpen, true);
  assert.equal(page({ data: { autoOpen: 'true' }, phone: true }).window.Deskbell.isOpen, false);
});
