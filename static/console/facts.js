// What the head of a chat tells beside the customer's name: where it goes, who else is there, what the customer looks at.
import { byId, el } from '../js/dom.js';

/** @param {import('./app.js').App} app */
export function chatFacts(app) {
  const box = byId('chat-facts', HTMLElement);
  let drawn = '';
  app.part(() => {
    const { route, me } = app.state;
    const chat = route.chat ? app.known(route.chat) : null;
    const log = route.chat ? app.live.chats.get(route.chat)?.log : undefined;
    const over = log?.state === 'ended';
    const lookers = (log?.lookersNow(Date.now()) ?? []).filter((name) => name !== me && name !== log?.agent);
    const facts = !chat ? [] : [
      chat.flag && !over ? { tone: 'bad', text: `Calls for a supervisor: ${chat.flag.reason}` } : null,
      chat.handed_to && !over ? { tone: 'warn', text: `Handed on to ${chat.handed_to}` } : null,
      chat.beside && !over ? { tone: 'info', text: `${chat.beside} is beside ${chat.agent === me ? 'you' : chat.agent}` } : null,
      lookers.length ? { tone: 'info', text: `${lookers.join(' and ')} ${lookers.length === 1 ? 'looks' : 'look'} at it, too` } : null,
      chat.language && chat.language !== 'en' ? { tone: 'info', text: `Language: ${chat.language}` } : null,
      ...(chat.tags ?? []).map((text) => ({ tone: 'tag', text })),
    ].filter((fact) => fact !== null);
    const page = chat?.page && !over ? chat.page : null;
    const key = JSON.stringify([facts, page]);
    if (key === drawn) return;
    drawn = key;
    const badges = facts.map(({ tone, text }) => el('span', { class: `badge badge-${tone}` }, text));
    const on = page ? [el('span', { class: 'small page-of' }, 'On ', el('a', { href: page.url, target: '_blank', rel: 'noreferrer noopener' }, page.title || page.url))] : [];
    box.replaceChildren(...badges, ...on);
    box.hidden = badges.length + on.length === 0;
  });

  // Colleagues see that this chat is on the screen; it is said again before they forget it.
  /** @type {string | null} */
  let told = null;
  const tell = () => {
    const { route, status } = app.state;
    const now = document.visibilityState === 'visible' && status === 'online' ? route.chat : null;
    if (told && told !== now) app.live.look(told, false);
    if (now) app.live.look(now, true);
    told = now;
  };
  app.part(() => {
    const { route, status } = app.state;
    if ((status === 'online' && document.visibilityState === 'visible' ? route.chat : null) !== told) tell();
  });
  setInterval(tell, 20_000);
  document.addEventListener('visibilitychange', tell);
}
