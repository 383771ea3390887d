// Ctrl+K: everything that can be done or gone to, by its name.
import { accept, current, decline } from './offers.js';
import { VIEWS } from './route.js';
import { TITLES } from './rows.js';
import { tier } from './words.js';

/** @typedef {import('./chooser.js').Choice} Choice */
/** @typedef {{name: string, does: string, key?: string, run: () => unknown}} Command */

/**
 * @param {import('./app.js').App} app
 * @param {import('./chooser.js').Choose} choose
 * @param {import('./composer.js').Composer} writer
 * @param {() => Command[]} commands those that can be done now
 */
export function palette(app, choose, writer, commands) {
  /** @param {string} typed @returns {Choice[]} */
  const choices = (typed) => {
    const { desk } = app.state;
    const offers = current(app).flatMap(({ id, chat }) => [
      { key: `accept ${id}`, group: 'Offers', name: `Accept ${chat.customer}`, hint: chat.question, run: () => accept(app, id) },
      { key: `decline ${id}`, group: 'Offers', name: `Decline ${chat.customer}`, hint: chat.question, run: () => decline(app, id) },
    ]);
    const done = commands().map(({ name, does, key, run }) => ({ key: `do ${name}`, group: 'Do', name: does, hint: key ? `Key ${key.toUpperCase()}` : '', run }));
    const chats = [...(desk?.mine ?? []), ...(desk?.line ?? [])].map((chat) => ({ key: `chat ${chat.id}`, group: 'Chats', name: chat.customer, hint: `${chat.account} · ${chat.category} · ${tier(chat.tier)}`, run: () => app.go({ view: desk?.mine.includes(chat) ? 'mine' : 'line', chat: chat.id, case: null, side: false }) }));
    const views = VIEWS.map((view) => ({ key: `view ${view}`, group: 'Go to', name: TITLES[view].title, run: () => app.go({ view, chat: null, case: null, side: false }) }));
    const number = /^\d{1,15}$/.test(typed) ? [{ key: 'case', group: 'Go to', name: `${typed} Case ${typed}`, run: () => app.go({ view: 'owned', chat: null, case: Number(typed), side: false }) }] : [];
    const replies = writer.chat() ? writer.replies().map((reply) => ({ key: `reply ${reply.id}`, group: 'Insert', name: reply.title, hint: `/${reply.shortcut}`, run: () => insert(reply) })) : [];
    return [...number, ...offers, ...done, ...chats, ...views, ...replies];
  };
  /** @param {import('./replies.js').Reply} reply */
  const insert = (reply) => {
    if (!writer.insert(writer.fill(reply.text))) return app.toast('With your reply this is too long for one message.');
    setTimeout(writer.focus);
  };
  const open = () => choose({ title: 'Do or go to', label: 'A name, a verb, a case number', none: 'Nothing here has that name.', choices });
  document.addEventListener('keydown', (event) => {
    if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    event.preventDefault();
    if (!document.querySelector('dialog[open]')) open();
  });
  return open;
}
