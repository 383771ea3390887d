// Reading along, up to four chats side by side. Silent: no marks are sent, and nobody sees it.
import { actions, byId, clone, fill, find, reconcile } from '../js/dom.js';
import { lines } from '../console/lines.js';
import { create, update } from '../console/thread.js';
import { tier } from '../console/words.js';

/** @typedef {import('../js/types.js').ChatView} ChatView */

const MOST = 4;

/**
 * @param {object} page
 * @param {import('../js/live.js').Live} page.live
 * @param {(chat: string) => ChatView | undefined} page.known
 * @param {(text: string) => void} page.toast
 * @param {(chat: string) => void} page.act opens the menu of a chat
 */
export function beside({ live, known, toast, act }) {
  const section = byId('reading', HTMLElement);
  const panels = byId('panels', HTMLElement);
  /** Which, with what was last known of each. @type {Map<string, ChatView | undefined>} */
  const open = new Map();

  const draw = () => {
    section.hidden = open.size === 0;
    panels.dataset.count = String(open.size);
    reconcile(panels, open.keys(), (chat) => chat, () => clone('t-panel'), (node, chat) => {
      const view = known(chat) ?? open.get(chat);
      open.set(chat, view);
      const log = live.chats.get(chat)?.log;
      if (!log) return;
      node.dataset.chat = chat;
      const over = log.state === 'ended' ? 'Ended' : (log.agent ?? 'waiting');
      fill(node, {
        customer: view?.customer ?? 'Chat',
        line: log.problem ?? `${over}${view ? ` · ${view.account} · ${view.category} · ${tier(view.tier)}` : ''}`,
        whose: view ? ` the chat of ${view.customer}` : '',
        href: `/console#/line/chat/${chat}`,
        typing: log.typists(Date.now()).map((name) => `${name} is typing`).join(', '),
      });
      const box = find(node, '.panel-thread', HTMLElement);
      box.setAttribute('aria-label', `Chat of ${view?.customer ?? 'a customer'}`);
      const atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 40;
      reconcile(find(node, '.thread-rows'), lines(log.entries(), { me: '', newAfter: 0, now: live.now() }).slice(-200), (line) => line.key, create, update);
      if (atEnd) box.scrollTop = box.scrollHeight;
    });
  };
  actions(panels, {
    menu: (button) => act(chatOf(button)),
    close: (button) => {
      const chat = chatOf(button);
      open.delete(chat);
      live.unwatch(chat);
      draw();
      byId(open.size === 0 ? 'main' : 'reading-title', HTMLElement).focus({ preventScroll: true });
    },
  });
  live.on('chat', (log) => open.has(log.id) && draw());

  return {
    draw: () => open.size > 0 && draw(),
    /** @param {string} chat */
    read(chat) {
      if (!open.has(chat) && open.size >= MOST) return toast('Four chats are open already. Close one first.');
      if (!open.has(chat)) {
        open.set(chat, known(chat));
        live.watch(chat, { marks: false });
      }
      draw();
      section.scrollIntoView({ block: 'nearest' });
      byId('reading-title', HTMLElement).focus({ preventScroll: true });
    },
  };
}

/** @param {Element} inside */
function chatOf(inside) {
  return /** @type {HTMLElement | null} */ (inside.closest('[data-chat]'))?.dataset.chat ?? '';
}
