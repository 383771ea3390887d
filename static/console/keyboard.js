// Single keys, the help that lists them, and the two settings.
import { byId, el } from '../js/dom.js';
import { keep, setting } from './bell.js';
import { step } from './list.js';
import { accept, current, decline } from './offers.js';
import { take } from './take.js';
import { VIEWS } from './route.js';
import { action, KEYS, takesLetters } from './shortcuts.js';

/**
 * @param {import('./app.js').App} app
 * @param {import('./bell.js').Bell} bell
 * @param {{makeCase: () => void, end: () => void, reply: () => void, solutions: () => void, scrollToEnd: () => void}} verbs
 */
export function keyboard(app, bell, verbs) {
  const help = byId('help', HTMLDialogElement);
  const keys = byId('set-keys', HTMLInputElement);
  const sound = byId('set-sound', HTMLInputElement);
  let on = setting('keys');

  const rows = [...KEYS.map(({ key, does }) => [key.toUpperCase(), does]), ['↑ ↓', 'Through the solutions; Enter opens one'], ['1 – 8', 'The views, from the top'], ['Ctrl+Enter', 'Send (⌘+Enter on a Mac)'], ['Esc', 'Leave the field, close a dialog']];
  byId('keys').append(...rows.flatMap(([key = '', does = '']) => [el('dt', null, el('kbd', null, key)), el('dd', null, does)]));

  const openHelp = () => {
    keys.checked = on;
    sound.checked = bell.on;
    help.showModal();
  };
  byId('help-open').addEventListener('click', openHelp);
  keys.addEventListener('change', () => {
    on = keys.checked;
    keep('keys', on);
  });
  sound.addEventListener('change', () => {
    bell.set(sound.checked);
    if (sound.checked) bell.ring('message');
  });

  /** @type {Record<string, () => void>} */
  const run = {
    next: () => step(app, 1),
    previous: () => step(app, -1),
    accept: () => first((id) => accept(app, id)),
    decline: () => first((id) => decline(app, id)),
    take: () => void take(app),
    reply: verbs.reply,
    case: verbs.makeCase,
    end: verbs.end,
    side: () => showSide(app),
    solutions: verbs.solutions,
    filter: () => byId('filter', HTMLElement).focus(),
    help: openHelp,
  };
  /** @param {(id: string) => unknown} verb */
  const first = (verb) => {
    const offer = current(app)[0];
    if (offer) verb(offer.id);
  };

  document.addEventListener('keydown', (event) => {
    const dialog = document.querySelector('dialog[open]') !== null;
    const name = action(event, { on, typing: takesLetters(event.target), dialog });
    if (name === null) return;
    event.preventDefault();
    const view = /^\d$/.test(name) ? VIEWS[Number(name) - 1] : undefined;
    if (view) app.go({ view, chat: null, case: null, side: false });
    else run[name]?.();
  });
}

/** The customer's panel, and back where it hides the rest. @param {import('./app.js').App} app */
function showSide(app) {
  const { route } = app.state;
  if (route.chat === null && route.case === null) return;
  const panel = byId('side', HTMLElement);
  if (route.side || !panel.checkVisibility()) app.go({ side: !route.side });
  else panel.focus();
}
