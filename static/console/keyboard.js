// Single keys, the help that lists them, and the two settings.
import { byId, el } from '../js/dom.js';
import { keep, setting, store } from './bell.js';
import { step } from './list.js';
import { accept, current, decline } from './offers.js';
import { take } from './take.js';
import { VIEWS } from './route.js';
import { action, KEYS, takesLetters } from './shortcuts.js';

/**
 * @param {import('./app.js').App} app
 * @param {import('./bell.js').Bell} bell
 * @param {{makeCase: () => void, end: () => void, reply: () => void, note: () => void, handOn: () => void, tags: () => void,
 *   merge: () => void, flag: () => void, cases: {more: () => void, write: (kind: 'answer' | 'comment') => void}, wrapUp: () => void, solutions: () => void, scrollToEnd: () => void}} verbs
 */
export function keyboard(app, bell, verbs) {
  const help = byId('help', HTMLDialogElement);
  const keys = byId('set-keys', HTMLInputElement);
  const sound = byId('set-sound', HTMLInputElement);
  const messages = byId('set-messages', HTMLInputElement);
  const notices = byId('set-notices', HTMLInputElement);
  const volume = byId('set-volume', HTMLInputElement);
  let on = setting('keys');

  const rows = [...KEYS.map(({ key, does }) => [key.toUpperCase(), does]), ['↑ ↓', 'Through the solutions; Enter opens one'], ['1 – 8', 'The views, from the top'], ['Ctrl+K', 'Do or go to anything by its name (⌘+K on a Mac)'], ['/', 'In a reply: canned replies; @ in a note: colleagues'], ['Ctrl+Enter', 'Send (⌘+Enter on a Mac)'], ['Esc', 'Leave the field, close a dialog']];
  byId('keys').append(...rows.flatMap(([key = '', does = '']) => [el('dt', null, el('kbd', null, key)), el('dd', null, does)]));

  const openHelp = () => {
    keys.checked = on;
    sound.checked = bell.on;
    messages.checked = bell.forMessages;
    notices.checked = bell.notices;
    volume.value = String(bell.volume);
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

  messages.addEventListener('change', () => {
    bell.forMessages = messages.checked;
    keep('sound-messages', messages.checked);
  });
  volume.addEventListener('change', () => {
    bell.volume = Number(volume.value);
    store('volume', volume.value);
    bell.ring('offer');
  });
  notices.addEventListener('change', async () => {
    const may = !notices.checked || (typeof Notification !== 'undefined' && (await Notification.requestPermission()) === 'granted');
    if (!may) {
      notices.checked = false;
      app.toast('The browser does not allow notices of this page. Its settings for this page can change that.');
    }
    bell.notices = notices.checked;
    keep('no-notices', !notices.checked);
  });

  /** @type {Record<string, () => void>} */
  const run = {
    next: () => step(app, 1),
    previous: () => step(app, -1),
    accept: () => first((id) => accept(app, id)),
    decline: () => first((id) => decline(app, id)),
    take: () => void take(app),
    reply: () => (app.state.route.case === null ? verbs.reply() : verbs.cases.write('answer')),
    note: () => (app.state.route.case === null ? verbs.note() : verbs.cases.write('comment')),
    verbs: () => verbs.cases.more(),
    handOn: verbs.handOn,
    tags: verbs.tags,
    merge: verbs.merge,
    flag: verbs.flag,
    wrapUp: verbs.wrapUp,
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
  /** What can be done now, for the palette. */
  return () => KEYS.filter(({ name }) => possible(app, name)).map(({ key, name, does }) => ({ key, name, does, run: () => run[name]?.() }));
}

/** Verbs that need something that is not there are left out. @param {import('./app.js').App} app @param {string} name */
function possible(app, name) {
  const { chat } = app.state.route;
  const log = app.live.chats.get(chat ?? '')?.log;
  const active = log?.state === 'active';
  /** @type {Record<string, boolean>} */
  const needs = {
    accept: false,
    decline: false,
    take: !byId('take-chat', HTMLElement).hidden,
    reply: (active && app.serves(chat)) || Boolean(app.state.route.case !== null && app.state.case?.can.answer),
    note: active || log?.state === 'queued' || app.state.route.case !== null,
    verbs: app.state.route.case !== null,
    handOn: active && app.steers(chat),
    tags: app.steers(chat),
    merge: active && app.steers(chat),
    flag: active && app.steers(chat),
    wrapUp: (app.state.desk?.wrapping.length ?? 0) > 0,
    case: !byId('make-case', HTMLElement).hidden,
    end: !byId('end-chat', HTMLElement).hidden,
    side: chat !== null,
    solutions: chat !== null,
  };
  return needs[name] ?? true;
}

/** The customer's panel, and back where it hides the rest. @param {import('./app.js').App} app */
function showSide(app) {
  const { route } = app.state;
  if (route.chat === null && route.case === null) return;
  const panel = byId('side', HTMLElement);
  if (route.side || !panel.checkVisibility()) app.go({ side: !route.side });
  else panel.focus();
}
