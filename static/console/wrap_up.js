// After a chat: the time to write it up, which counts as load, and the end of it.
import { byId, clone, fill, reconcile } from '../js/dom.js';
import { countdown } from '../js/age.js';
import { post } from './api.js';
import { format } from './route.js';

/** @param {import('./app.js').App} app */
export function wrapUps(app) {
  const box = byId('wrap-ups', HTMLElement);
  const running = () => (app.state.desk?.wrapping ?? []).filter(({ until }) => Date.parse(until) > app.now());
  /** @param {string | undefined} chat */
  const done = (chat) => chat && app.tell(() => post(`/api/chats/${chat}/wrap-up-done`));

  box.addEventListener('click', (event) => {
    const button = event.target instanceof Element ? event.target.closest('button') : null;
    if (button) void done(/** @type {HTMLElement | null} */ (button.closest('[data-chat]'))?.dataset.chat);
  });
  app.part(() => {
    reconcile(box, running(), ({ chat }) => chat, () => clone('t-wrap-up'), (node, { chat, customer, until }) => {
      node.dataset.chat = chat;
      fill(node, { customer, left: countdown(Date.parse(until) - app.now()), href: format({ view: 'mine', chat }) });
    });
    box.hidden = running().length === 0;
  });
  return { done: () => done(running()[0]?.chat), any: () => running().length > 0 };
}
