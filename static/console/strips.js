// The strips on top: the connection, and the end of the live-chat window.
import { byId, el, setText } from '../js/dom.js';
import { hoursStrip } from './words.js';

/**
 * @param {import('./types.js').State} state
 * @returns {{tone: string, text: string, reload?: boolean} | null}
 */
function connection({ status, closeCode, back }) {
  if (status === 'offline') return { tone: 'bad', text: 'The connection is lost. You get no offers until it is back. What you write is kept and sent then.' };
  if (closeCode === 4102) return { tone: 'bad', text: 'Too many windows of yours are connected. Close one, then load this page again.', reload: true };
  if (closeCode === 4101) return { tone: 'bad', text: 'This page and the server no longer fit together. Load the page again.', reload: true };
  if (back === 'catching-up') return { tone: 'warn', text: 'Connected again. Fetching what you missed.' };
  if (back === 'complete') return { tone: 'ok', text: 'Connected again. Your threads are complete.' };
  return null;
}

/** @param {import('./app.js').App} app */
export function strips(app) {
  const line = byId('strip', HTMLElement);
  const hours = byId('hours', HTMLElement);
  const reload = el('button', { class: 'button button-small', type: 'button', onclick: () => location.reload() }, 'Load again');

  let told = '';

  app.part(() => {
    const now = connection(app.state);
    show(line, now);
    if (now?.reload) line.append(reload);
    const window = app.state.hours && hoursStrip(app.state.hours, app.now());
    show(hours, window);
    hours.hidden = !window;
    // The minutes count down on the screen; they are spoken once.
    if (window && window.tone !== told) app.say(window.text);
    told = window?.tone ?? '';
  });
}

/**
 * @param {HTMLElement} strip
 * @param {{tone: string, text: string} | null} what
 */
function show(strip, what) {
  strip.className = what ? `strip strip-${what.tone}` : '';
  if (what && strip.firstElementChild?.textContent === what.text) return;
  if (!what) setText(strip, '');
  else strip.replaceChildren(el('span', null, what.text));
}
