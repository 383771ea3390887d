// Writing in the chat on the screen: a reply to the customer, or a note that only the desk sees.
import { byId, find, setText } from '../js/dom.js';
import { get, post, words } from './api.js';
import { Drafts } from './drafts.js';
import { picker } from './picker.js';
import { filled, mentionsFor, repliesFor } from './replies.js';

/** @typedef {ReturnType<typeof composer>} Composer */
/** @typedef {import('./drafts.js').Kind} Kind */

const MAC = /Mac|iP(hone|ad)/.test(navigator.platform);

/** @param {import('./app.js').App} app */
export function composer(app) {
  const form = byId('composer', HTMLFormElement);
  const field = byId('reply', HTMLTextAreaElement);
  const closed = byId('no-composer', HTMLElement);
  const button = find(form, '[type=submit]', HTMLButtonElement);
  const kinds = /** @type {HTMLInputElement[]} */ ([...form.querySelectorAll('[name=kind]')]);
  const drafts = new Drafts();
  /** The chat that the field belongs to. @type {string | null} */
  let chat = null;
  /** @type {Kind} */
  let kind = 'reply';
  /** The person chose the kind, in this chat. */
  let chosen = false;
  /** The note on its way: sent again under the same id, it is there once. @type {{chat: string, text: string, id: string} | null} */
  let sending = null;

  const lists = fetched(app);
  const values = () => {
    const known = app.known(chat ?? '');
    return { customer: known?.customer, account: known?.account, agent: app.state.me, case: app.live.chats.get(chat ?? '')?.log.case };
  };
  const pick = picker(field, (before) => (kind === 'reply' ? repliesFor(before, lists.replies(), (text) => filled(text, values())) : mentionsFor(before, lists.people())));

  const keep = () => chat && drafts.keep(chat, kind, field.value);
  /** @param {Kind} next */
  const turn = (next) => {
    keep();
    kind = next;
    if (chat) app.live.typing(chat, false);
    field.value = chat ? drafts.get(chat, kind) : '';
    button.disabled = field.value.trim() === '';
    pick.close();
    app.draw();
  };
  for (const input of kinds) {
    input.addEventListener('change', () => {
      chosen = true;
      turn(input.value === 'note' ? 'note' : 'reply');
    });
  }
  field.addEventListener('input', () => {
    keep();
    if (chat && kind === 'reply') app.live.typing(chat, field.value.trim() !== '');
    button.disabled = field.value.trim() === '';
  });
  field.addEventListener('blur', () => chat && app.live.typing(chat, false));
  field.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') byId('thread', HTMLElement).focus();
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  });
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const text = field.value.trim();
    if (!chat || text === '') return;
    if (kind === 'note') return void note(chat, text);
    app.live.typing(chat, false);
    app.live.send(chat, text);
    cleared();
    setTimeout(() => byId('thread', HTMLElement).scrollTo(0, 1e9));
  });
  const cleared = () => {
    field.value = '';
    keep();
    button.disabled = true;
    field.focus();
    app.draw();
  };
  /** A note is there or it is still in the field. @param {string} to @param {string} text */
  const note = async (to, text) => {
    if (sending?.chat !== to || sending.text !== text) sending = { chat: to, text, id: crypto.randomUUID() };
    button.disabled = true;
    try {
      await post(`/api/chats/${to}/notes`, { id: sending.id, text });
      sending = null;
      if (chat === to && kind === 'note' && field.value.trim() === text) cleared();
      else if (drafts.get(to, 'note').trim() === text) drafts.keep(to, 'note', '');
    } catch (error) {
      button.disabled = false;
      app.toast(`The note was not saved: ${words(error)}`);
    }
  };
  window.addEventListener('pagehide', keep);

  app.part(() => {
    const { route, status } = app.state;
    const held = route.chat ? app.live.chats.get(route.chat) : undefined;
    const runs = Boolean(route.chat && held?.log.ready && !held.log.problem && (held.log.state === 'active' || held.log.state === 'queued'));
    const serves = runs && app.serves(route.chat);
    const writes = runs ? route.chat : null;
    if (writes !== chat) {
      keep();
      chat = writes;
      chosen = false;
      kind = serves ? 'reply' : 'note';
      field.value = chat ? drafts.get(chat, kind) : '';
      button.disabled = field.value.trim() === '';
      pick.close();
      if (chat) void fetchDrafts(chat);
    }
    // Who no longer serves it must not write to the customer, and what was begun stays a draft.
    if (chat && kind === 'reply' && !serves) turn('note');
    // Taken just now: the customer is to be answered, unless a note was begun.
    else if (chat && kind === 'note' && serves && !chosen && field.value.trim() === '') turn('reply');
    form.hidden = !runs;
    form.dataset.kind = kind;
    for (const input of kinds) {
      input.checked = input.value === kind;
      input.disabled = input.value === 'reply' && !serves;
    }
    const why = route.chat && !serves ? whyNot(app, route.chat) : '';
    closed.hidden = why === '';
    setText(closed, why);
    const to = kind === 'note' ? 'Note for the desk, the customer never sees it' : `Reply to ${app.known(route.chat ?? '')?.customer ?? 'the customer'}`;
    setText(byId('reply-label'), to);
    field.placeholder = to;
    setText(button, kind === 'note' ? 'Save note' : 'Send');
    const keys = kind === 'note' ? `${MAC ? '⌘' : 'Ctrl'}+Enter saves · @ mentions a colleague` : `${MAC ? '⌘' : 'Ctrl'}+Enter sends · / for canned replies`;
    setText(byId('reply-hint'), status === 'online' ? keys : kind === 'note' ? 'Not connected. The note stays here as a draft.' : 'Not connected. What you send is kept here and goes out when the connection is back.');
  });

  /** @param {string} of */
  const fetchDrafts = async (of) => {
    // Without the server's there is what this browser kept.
    const news = await drafts.load(of).catch(() => false);
    if (!news || chat !== of || field.value.trim() !== '') return;
    field.value = drafts.get(of, kind);
    button.disabled = field.value.trim() === '';
  };

  /**
   * Puts words where the cursor is, on lines of their own; false: they are too many for one message, and nothing happened.
   * @param {string} words
   */
  const insert = (words) => {
    if (kind === 'note' && app.serves(chat)) turn('reply');
    const { value, selectionStart: from, selectionEnd: to } = field;
    const before = from > 0 && !/\s$/.test(value.slice(0, from)) ? '\n' : '';
    const after = to < value.length && !/^\n/.test(value.slice(to)) ? '\n' : '';
    const inserted = `${before}${words}${after}`;
    if (value.length - (to - from) + inserted.length > field.maxLength) return false;
    field.setRangeText(inserted, from, to, 'end');
    field.dispatchEvent(new Event('input'));
    return true;
  };
  /** @param {Kind} next */
  const write = (next) => {
    if (form.hidden || (next === 'reply' && !app.serves(chat))) return;
    chosen = true;
    if (kind !== next) turn(next);
    field.focus();
  };
  return {
    focus: () => write('reply'),
    note: () => write('note'),
    insert,
    /** A canned reply with its variables filled in. @param {string} text */
    fill: (text) => filled(text, values()),
    replies: lists.replies,
    people: lists.people,
    refresh: lists.refresh,
    /** The chat in which the customer can be answered now. */
    chat: () => (app.serves(chat) ? chat : null),
  };
}

/**
 * Canned replies and colleagues, fetched when the page has a connection and again every few minutes.
 * @param {import('./app.js').App} app
 */
function fetched(app) {
  /** @type {import('./replies.js').Reply[]} */
  let replies = [];
  /** @type {import('./replies.js').Colleague[]} */
  let people = [];
  let at = 0;
  const refresh = async () => {
    at = Date.now();
    // What cannot be fetched now is offered as it was.
    const [canned, colleagues] = await Promise.allSettled([get('/api/canned-replies'), get('/api/colleagues')]);
    if (canned.status === 'fulfilled') replies = /** @type {any} */ (canned.value);
    if (colleagues.status === 'fulfilled') people = /** @type {any} */ (colleagues.value);
  };
  app.part(() => {
    if (app.state.status === 'online' && Date.now() - at > 120_000) void refresh();
  });
  return { replies: () => replies, people: () => people, refresh };
}

/**
 * @param {import('./app.js').App} app
 * @param {string} id
 */
function whyNot(app, id) {
  const log = app.live.chats.get(id)?.log;
  if (log?.problem) return log.problem;
  if (!log?.ready) return '';
  if (log.state === 'ended') return log.case ? `This chat is over. It became case ${log.case}.` : 'This chat is over.';
  // Just taken: the list of one's own chats follows in a moment.
  if (log.agent === app.state.me) return '';
  const who = log.agent ? `${log.agent} serves this chat.` : 'Nobody serves this chat yet.';
  return `${who} You read along; the customer does not see you.`;
}
