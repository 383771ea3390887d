// Writing in the chat that the person serves.
import { byId, find, setText } from '../js/dom.js';
import { draft, keepDraft } from './drafts.js';

/** @typedef {ReturnType<typeof composer>} Composer */

const MAC = /Mac|iP(hone|ad)/.test(navigator.platform);

/** @param {import('./app.js').App} app */
export function composer(app) {
  const form = byId('composer', HTMLFormElement);
  const field = byId('reply', HTMLTextAreaElement);
  const closed = byId('no-composer', HTMLElement);
  const button = find(form, '[type=submit]', HTMLButtonElement);
  /** The chat that the field belongs to. @type {string | null} */
  let chat = null;

  const keep = () => chat && keepDraft(chat, field.value);
  field.addEventListener('input', () => {
    keep();
    if (chat) app.live.typing(chat, field.value.trim() !== '');
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
    app.live.typing(chat, false);
    app.live.send(chat, text);
    field.value = '';
    keep();
    button.disabled = true;
    field.focus();
    app.draw();
    setTimeout(() => byId('thread', HTMLElement).scrollTo(0, 1e9));
  });
  window.addEventListener('pagehide', keep);

  app.part(() => {
    const { route, status } = app.state;
    const held = route.chat ? app.live.chats.get(route.chat) : undefined;
    const can = Boolean(route.chat && app.mine(route.chat) && held && held.log.state !== 'ended');
    const writes = can ? route.chat : null;
    if (writes !== chat) {
      keep();
      chat = writes;
      field.value = chat ? draft(chat) : '';
      button.disabled = field.value.trim() === '';
    }
    form.hidden = !can;
    const why = route.chat && !can ? whyNot(app, route.chat) : '';
    closed.hidden = why === '';
    setText(closed, why);
    const to = `Reply to ${app.known(route.chat ?? '')?.customer ?? 'the customer'}`;
    setText(byId('reply-label'), to);
    field.placeholder = to;
    const keys = `${MAC ? '⌘' : 'Ctrl'}+Enter sends`;
    setText(byId('reply-hint'), status === 'online' ? keys : 'Not connected. What you send is kept here and goes out when the connection is back.');
  });

  /**
   * Puts words where the cursor is, on lines of their own; false: they are too many for one message, and nothing happened.
   * @param {string} words
   */
  const insert = (words) => {
    const { value, selectionStart: from, selectionEnd: to } = field;
    const before = from > 0 && !/\s$/.test(value.slice(0, from)) ? '\n' : '';
    const after = to < value.length && !/^\n/.test(value.slice(to)) ? '\n' : '';
    const inserted = `${before}${words}${after}`;
    if (value.length - (to - from) + inserted.length > field.maxLength) return false;
    field.setRangeText(inserted, from, to, 'end');
    field.dispatchEvent(new Event('input'));
    return true;
  };
  return {
    focus: () => !form.hidden && field.focus(),
    insert,
    /** The chat in which can be written now. */
    chat: () => chat,
  };
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
  const who = log.agent ? `${log.agent} serves this chat.` : 'Nobody serves this chat yet.';
  return `${who} You read along; the customer does not see you.`;
}
