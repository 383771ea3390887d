// Deskbell's loader: launcher, frame and `Deskbell` API. A classic script, at most 5 KB gzipped.
(() => {
  'use strict';
  const w = /** @type {any} */ (window);
  const early = w.Deskbell;
  if (early && early.v) return;
  const script = /** @type {HTMLScriptElement | null} */ (document.currentScript || document.querySelector('script[data-token][src*="widget.js"]'));
  if (!script) return;
  const data = script.dataset;
  const origin = new URL(data.baseUrl || script.src, location.href).origin;
  const phone = matchMedia('(max-width: 640px)');
  /** @type {Map<string, Set<(detail: object) => void>>} */
  const listeners = new Map();
  const off = new AbortController();
  const { signal } = off;
  const name = data.launcherTitle || 'Chat with us';
  let [isOpen, unread, status, shown] = [false, 0, 'idle', data.hideLauncher !== 'true'];
  /** @type {MessagePort | undefined} */ let port;
  let at = '';
  /** @type {HTMLIFrameElement | undefined} */ let frame;
  /** @type {unknown[]} */ let waiting = [];
  /** @type {Element | null} */ let opener = null;

  const host = document.createElement('div');
  host.id = 'deskbell';
  const root = host.attachShadow({ mode: 'open' });
  /** @param {string} tag @param {Record<string, string>} attrs @param {...(Node | string)} children @returns {any} */
  const el = (tag, attrs, ...children) => {
    const node = document.createElementNS(`http://www.w3.org/${/svg|path/.test(tag) ? '2000/svg' : '1999/xhtml'}`, tag);
    for (const key in attrs) node.setAttribute(key, attrs[key] ?? '');
    node.append(...children);
    return node;
  };
  /** @param {string} d @param {string} cls */
  const icon = (d, cls) => el('svg', { viewBox: '0 0 24 24', 'aria-hidden': 'true', class: cls }, el('path', { d }));
  const badge = el('span', { class: 'n', hidden: '', 'aria-hidden': 'true' });
  const launcher = el('button', { type: 'button', class: 'go', 'aria-haspopup': 'dialog' },
    icon('M4.5 5.5h15a1.5 1.5 0 0 1 1.5 1.5v9a1.5 1.5 0 0 1-1.5 1.5H12l-4.5 3.5v-3.5h-3A1.5 1.5 0 0 1 3 16V7a1.5 1.5 0 0 1 1.5-1.5ZM8 10.2h8M8 13.2h5', 'a'),
    icon('m6 9.5 6 6 6-6', 'b'), ...(data.launcherTitle ? [el('span', {}, name)] : []), badge);
  const note = el('p', {}, 'Opening the chat…');
  const shut = el('button', { type: 'button', class: 'x' }, 'Close');
  const panel = el('dialog', { 'aria-label': name }, el('div', { class: 'w' }, note, shut));
  root.append(panel, launcher);

  const css = `:host{all:initial}
*{box-sizing:border-box}
[hidden]{display:none!important}
.go{position:fixed;inset-block-end:calc(var(--y) + env(safe-area-inset-bottom));inset-inline:var(--l) var(--r);z-index:var(--z);display:flex;align-items:center;justify-content:center;gap:10px;inline-size:max-content;min-inline-size:56px;block-size:56px;padding:0 16px;border:0;border-radius:28px;background:var(--c);color:var(--on);font:600 16px/1.2 system-ui,sans-serif;cursor:pointer;box-shadow:0 2px 6px rgb(0 0 0/.18),0 8px 24px rgb(0 0 0/.2);transition:translate .16s}
.go:hover{translate:0 -2px}
.go:focus-visible,.x:focus-visible{outline:3px solid #fff;box-shadow:0 0 0 6px #0b57d0}
svg{inline-size:26px;block-size:26px;fill:none;stroke:currentColor;stroke-width:1.8;stroke-linecap:round;stroke-linejoin:round;flex:none;margin:0 -1px}
.b,[aria-expanded=true] .a{display:none}
[aria-expanded=true] .b{display:block}
.n{position:absolute;inset-block-start:-4px;inset-inline-end:-4px;min-inline-size:22px;padding:0 6px;border:2px solid #fff;border-radius:12px;background:#b3212b;color:#fff;font:700 12px/18px system-ui,sans-serif;text-align:center}
dialog{position:fixed;inset:auto var(--r) calc(var(--y) + 70px + env(safe-area-inset-bottom)) var(--l);z-index:var(--z);margin:0;padding:0;border:0;overflow:hidden;inline-size:400px;max-inline-size:calc(100vw - 32px);block-size:min(700px,100dvh - var(--y) - 86px);max-block-size:none;border-radius:16px;background:#fff;color:#14211d;box-shadow:0 0 0 1px rgb(16 35 29/.08),0 12px 28px rgb(16 35 29/.16),0 24px 64px rgb(16 35 29/.2)}
dialog[open]{animation:in .18s cubic-bezier(.2,.7,.2,1)}
@keyframes in{from{opacity:0;translate:0 12px}}
.dark{background:#131c19;color:#e7efeb}
iframe{position:absolute;inset:0;inline-size:100%;block-size:100%;border:0;opacity:0;pointer-events:none}
.ready iframe{opacity:1;pointer-events:auto}
.ready .w{visibility:hidden}
.w{block-size:100%;display:grid;place-content:center;justify-items:center;gap:16px;padding:24px;font:16px/1.5 system-ui,sans-serif;text-align:center}
.w p{margin:0}
.x{min-block-size:44px;padding:0 20px;border:1px solid currentColor;border-radius:8px;background:none;color:inherit;font:inherit;cursor:pointer}
@media(max-width:640px){dialog{inset:var(--t,0px) 0 auto;inline-size:100%;max-inline-size:100%;block-size:var(--h,100dvh);border-radius:0;box-shadow:none}}
@media(max-height:480px) and (min-width:641px){dialog{inset-block:8px auto;block-size:calc(100dvh - 16px)}[aria-expanded=true]{display:none}}
@media(prefers-reduced-motion:reduce){*{animation:none!important;transition:none!important}}
@media(forced-colors:active){.go{border:2px solid}}`;
  try {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    root.adoptedStyleSheets = [sheet];
  } catch {
    root.append(el('style', {}, css));
  }
  /** @param {string} key @param {string} value */
  const prop = (key, value) => host.style.setProperty(key, value);
  /** @param {string | undefined} value @param {number} other */
  const px = (value, other) => `${Number.isFinite(parseFloat(value || '')) ? parseFloat(value || '') : other}px`;
  const side = px(data.offsetX, 20);
  prop('--l', data.position === 'left' ? side : 'auto');
  prop('--r', data.position === 'left' ? 'auto' : side);
  prop('--y', px(data.offsetY, 20));
  prop('--z', /^\d+$/.test(data.zIndex || '') ? String(data.zIndex) : '2147483000');

  /** With black or white on it: above 4.5:1. @param {string} color */
  const paint = (color) => {
    if (!CSS.supports('color', color)) return;
    prop('color', color);
    const rgb = (getComputedStyle(host).color.match(/[\d.]+/g) || []).slice(0, 3);
    const [r = 0, g = 0, b = 0] = rgb.map((v) => (+v / 255 <= 0.04045 ? +v / 3294.6 : ((+v / 255 + 0.055) / 1.055) ** 2.4));
    prop('--c', `rgb(${rgb})`);
    prop('--on', r * 0.2126 + g * 0.7152 + b * 0.0722 > 0.179 ? '#000' : '#fff');
  };

  /** @param {string} type @param {object} [detail] */
  const emit = (type, detail = {}) => {
    for (const fn of [...(listeners.get(type) || [])]) {
      try { fn(detail); } catch (e) { reportError(e); }
    }
    dispatchEvent(new CustomEvent(`deskbell:${type}`, { detail }));
  };
  const draw = () => {
    launcher.hidden = !shown;
    launcher.setAttribute('aria-expanded', String(isOpen));
    badge.hidden = unread === 0;
    badge.textContent = unread > 99 ? '99+' : String(unread);
    const count = unread ? `, ${unread} unread message${unread === 1 ? '' : 's'}` : '';
    launcher.setAttribute('aria-label', (isOpen ? 'Close chat' : name) + count);
  };
  /** @param {unknown} message */
  const tell = (message) => {
    if (port && status !== 'loading') port.postMessage(message);
    else waiting.push(message);
  };
  /** For the host's next page. @param {string} value */
  const remember = (value) => {
    try {
      if (value) sessionStorage.setItem('deskbell', value);
      else sessionStorage.removeItem('deskbell');
    } catch { /* forbidden */ }
  };

  /** @param {any} m */
  const heard = (m) => {
    if (m.type === 'ready') {
      if (m.color && !data.color) paint(m.color);
      panel.classList.toggle('dark', !!m.dark);
      panel.classList.add('ready');
      status = 'ready';
      for (const message of waiting) tell(message);
      waiting = [];
      emit('ready');
    } else if (m.type === 'unread' && m.n !== unread) {
      unread = m.n || 0;
      draw();
      emit('unread', { count: unread });
    } else if (m.type === 'status' && m.status && m.status !== status) {
      status = m.status;
      keep();
      emit('status', { status });
    } else if (m.type === 'event' && m.name) emit(m.name, m.detail);
    else if (m.type === 'close') close();
  };
  const keep = () => remember(/^(queued|chatting|offline)$/.test(status) ? (isOpen ? 'open' : 'held') : '');

  /** Tells the frame on which page it is, without query and fragment: what a specialist shall see. */
  const onPage = () => {
    const { origin: site, pathname } = location;
    const now = { url: site + pathname, title: document.title };
    if (!port || status === 'loading' || at === now.url + now.title) return;
    at = now.url + now.title;
    tell({ type: 'page', ...now });
  };
  const load = () => {
    if (frame) return;
    status = 'loading';
    /** @type {HTMLIFrameElement} */
    const made = (frame = el('iframe', { title: name }));
    const late = setTimeout(() => {
      note.textContent = 'The chat cannot be reached. Please try again later.';
      emit('error', { code: 'unreachable' });
    }, 15000);
    made.addEventListener('load', () => {
      const channel = new MessageChannel();
      port = channel.port1;
      port.onmessage = (e) => {
        clearTimeout(late);
        heard(e.data);
      };
      const { locale, theme, color, department } = data;
      made.contentWindow?.postMessage({ deskbell: 'init', open: isOpen, phone: phone.matches, locale, theme, color, department }, origin, [channel.port2]);
    }, { once: true });
    const looking = setInterval(onPage, 2000);
    off.signal.addEventListener('abort', () => clearInterval(looking));
    made.src = `${origin}/widget/frame?site=${encodeURIComponent(data.token || '')}`;
    panel.append(made);
  };
  const place = () => {
    panel.close();
    if (!isOpen) return;
    if (phone.matches) panel.showModal();
    else panel.open = true; // show() moves the focus
    tell({ type: 'phone', on: phone.matches });
  };
  /** @param {{focus?: boolean}} [how] */
  const open = ({ focus = true } = {}) => {
    if (isOpen) return;
    isOpen = true;
    if (focus) opener = root.activeElement || document.activeElement;
    load();
    draw();
    place();
    keep();
    if (focus) frame?.focus();
    tell({ type: 'open', focus });
    emit('open');
  };
  const close = () => {
    if (!isOpen) return;
    const inside = phone.matches || panel.contains(root.activeElement);
    isOpen = false;
    panel.close();
    draw();
    keep();
    tell({ type: 'close' });
    if (inside) (opener instanceof HTMLElement && opener.isConnected && opener !== document.body ? opener : launcher).focus();
    emit('close');
  };
  /** @param {string} type @param {object} [more] */
  const verb = (type, more) => {
    open();
    tell({ type, ...more });
  };
  /** @param {string} type @param {(detail: object) => void} fn */
  const on = (type, fn) => void listeners.set(type, (listeners.get(type) || new Set()).add(fn));

  /** @type {Record<string, (...args: any[]) => any>} */
  const verbs = {
    open: () => open(),
    close,
    toggle: () => (isOpen ? close() : open()),
    show: () => { shown = true; draw(); },
    hide: () => { shown = false; draw(); },
    on,
    once: (type, fn) => {
      /** @param {object} detail */
      const one = (detail) => { listeners.get(type)?.delete(one); fn(detail); };
      on(type, one);
    },
    off: (type, fn) => void (fn ? listeners.get(type)?.delete(fn) : listeners.delete(type)),
    compose: (text) => verb('compose', { text: String(text ?? '') }),
    newConversation: () => verb('new'),
    endChat: () => { if (frame) tell({ type: 'end' }); },
    requestTranscript: () => verb('transcript'),
    logout: () => { remember(''); load(); tell({ type: 'logout' }); },
    destroy: () => {
      off.abort();
      port?.close();
      host.remove();
      remember('');
      delete w.Deskbell;
    },
  };
  /** @param {string} command @param {unknown[]} args */
  const run = (command, args) => (verbs[command] || (() => console.warn(`Deskbell: no verb "${command}"`)))(...args);
  const api = Object.assign((/** @type {string} */ command, /** @type {unknown[]} */ ...args) => run(command, args), verbs, { v: 1 });
  Object.defineProperties(api, { isOpen: { get: () => isOpen }, unreadCount: { get: () => unread }, status: { get: () => status } });
  w.Deskbell = api;

  launcher.addEventListener('click', () => (isOpen ? close() : open()));
  shut.addEventListener('click', close);
  panel.addEventListener('close', () => { if (!panel.open) close(); });
  root.addEventListener('keydown', (e) => { if (/** @type {KeyboardEvent} */ (e).key === 'Escape') close(); });
  phone.addEventListener('change', place, { signal });
  document.addEventListener('click', (e) => {
    if (!(e.target instanceof Element && e.target.closest('[data-deskbell-open]'))) return;
    e.preventDefault();
    open();
  }, { signal });
  const view = window.visualViewport;
  view?.addEventListener('resize', () => {
    prop('--h', `${view.height}px`);
    prop('--t', `${view.offsetTop}px`);
  }, { signal });

  const start = () => {
    document.body.append(host);
    paint('#1f6f5c');
    paint(data.color || '');
    draw();
    for (const args of (early && early.q) || []) run(args[0], [].slice.call(args, 1));
    let held = null;
    try {
      held = sessionStorage.getItem('deskbell');
    } catch { /* forbidden */ }
    // Without a gesture nothing covers a phone's page.
    if ((held === 'open' || data.autoOpen === 'true') && !phone.matches) open({ focus: false });
    else if (held) load();
  };
  if (document.body) start();
  else document.addEventListener('DOMContentLoaded', start, { signal });
})();
