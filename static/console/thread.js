// The thread of the chat on the screen: rows, marks, what has been read, typing.
import { drawAttachment } from '../js/attachment.js';
import { actions, byId, clone, el, fill, find, reconcile, setText } from '../js/dom.js';
import { linkified } from '../js/linkify.js';
import { clock, exact } from '../js/time.js';
import { lines } from './lines.js';
import { MARKS, some, tier } from './words.js';

/** @typedef {import('./lines.js').Line} Line */

/** How many rows are in the page at once. */
const ROWS = 300;

/** @param {import('./app.js').App} app */
export function thread(app) {
  const box = byId('thread', HTMLElement);
  const rows = byId('thread-rows', HTMLElement);
  const toEnd = byId('to-end', HTMLElement);
  const earlier = byId('earlier', HTMLElement);
  /** @type {string | null} */
  let chat = null;
  let limit = ROWS;
  let newAfter = 0;
  let placed = false;
  /** The person is at the end and wants to stay there. Rows that come do not change that; only scrolling does. */
  let following = true;
  let top = 0;

  const atEnd = () => box.scrollHeight - box.scrollTop - box.clientHeight < 40;
  const goToEnd = () => {
    box.scrollTop = box.scrollHeight;
  };

  /** Marks as read what is on the screen. */
  const seen = () => {
    if (!chat || document.visibilityState !== 'visible' || !box.checkVisibility() || !placed) return;
    const bottom = box.getBoundingClientRect().bottom + 4;
    const last = [...rows.children].findLast((row) => /** @type {HTMLElement} */ (row).dataset.seq && row.getBoundingClientRect().bottom <= bottom);
    const seq = Number(/** @type {HTMLElement | undefined} */ (last)?.dataset.seq ?? 0);
    const held = app.live.chats.get(chat);
    if (!held || seq <= held.read) return;
    app.live.read(chat, seq);
    app.draw();
  };

  box.addEventListener('scroll', () => {
    // Only a person's scroll upward lets go of the end, not a pane that got smaller.
    following = atEnd() || (following && box.scrollTop >= top);
    top = box.scrollTop;
    toEnd.hidden = atEnd();
    seen();
  }, { passive: true });
  document.addEventListener('visibilitychange', () => app.draw());
  toEnd.addEventListener('click', goToEnd);
  earlier.addEventListener('click', () => {
    const before = box.scrollHeight - box.scrollTop;
    limit += ROWS;
    draw();
    box.scrollTop = box.scrollHeight - before;
  });
  actions(rows, {
    retry: (button) => {
      const id = idOf(button);
      if (app.uploads.find(id)) app.uploads.retry(id);
      else if (chat) app.live.retry(chat, id);
    },
    discard: (button) => {
      const id = idOf(button);
      if (app.uploads.find(id)) app.uploads.cancel(id);
      else if (chat) app.live.discard(chat, id);
    },
    cancel: (button) => {
      app.uploads.cancel(idOf(button));
      byId('reply').focus();
    },
  });

  const draw = () => {
    const { route, me } = app.state;
    const held = route.chat ? app.live.chats.get(route.chat) : undefined;
    if (route.chat !== chat) {
      chat = route.chat;
      limit = ROWS;
      placed = false;
      following = true;
      rows.replaceChildren();
    }
    head(app);
    if (!chat || !held) return;
    const { log } = held;
    const entries = log.entries(app.uploads.of(chat));
    if (!placed && log.ready) newAfter = Math.max(log.marks.staff.read, held.read);
    // Whoever answers has seen what was new.
    if (entries.some((entry) => entry.mine && entry.text && (entry.seq ?? Infinity) > newAfter)) newAfter = 0;
    const all = lines(entries, { me, newAfter, now: app.now() });
    const shown = all.slice(-limit);
    earlier.hidden = shown.length === all.length;
    setText(earlier, `Show ${some(Math.min(ROWS, all.length - shown.length), 'earlier row')}`);
    reconcile(rows, shown, (line) => line.key, create, update);
    const preview = log.preview(Date.now());
    setText(byId('typing'), typing(log.typists(Date.now())) + (preview ? `: ${preview}` : ''));
    byId('typing').toggleAttribute('data-preview', preview !== '');
    if (log.ready && !placed && box.checkVisibility()) {
      placed = true;
      goToEnd();
      const news = rows.querySelector('.new-line');
      if (news && news.getBoundingClientRect().top < box.getBoundingClientRect().top) news.scrollIntoView();
    } else if (following) goToEnd();
    toEnd.hidden = atEnd();
    seen();
  };
  app.part(draw);
  return { toEnd: goToEnd };
}

/** @param {Element} inside */
function idOf(inside) {
  return /** @type {HTMLElement | null} */ (inside.closest('[data-id]'))?.dataset.id ?? '';
}

/** @param {string[]} names */
function typing(names) {
  return names.length === 0 ? '' : `${names.join(' and ')} ${names.length === 1 ? 'is' : 'are'} typing`;
}

/** @param {import('./app.js').App} app */
function head(app) {
  const { route } = app.state;
  if (!route.chat) return;
  const chat = app.known(route.chat);
  const log = app.live.chats.get(route.chat)?.log;
  const over = log?.state === 'ended';
  const here = !chat || over ? '' : chat.customer_here ? 'Customer is here' : 'Customer is away';
  fill(byId('chat'), {
    customer: chat?.customer ?? 'Chat',
    line: chat ? `${chat.account} · ${chat.category} · ${tier(chat.tier)} · Severity ${chat.severity}` : '',
    dot: chat?.customer_here && !over ? 'on' : 'off',
    here,
  });
  find(byId('chat'), '.main-title .dot', HTMLElement).hidden = here === '';
}

/** Files for the desk's people: the page's cookie opens them. @type {Parameters<typeof drawAttachment>[2]} */
const FILES = {
  opener: ({ id, width }) => el('a', { href: `/files/${id}`, ...(width ? { target: '_blank', rel: 'noopener' } : { download: true }) }),
  show: (img, { id }) => {
    img.loading = 'lazy';
    img.src = `/files/${id}/thumbnail`;
  },
};

/** @param {Line} line */
export function create(line) {
  if (line.type === 'msg') return clone('t-msg');
  return el('p', { class: line.type === 'quiet' ? 'quiet' : line.type === 'new' ? 'day-line new-line' : 'day-line' });
}

/**
 * @param {HTMLElement} node
 * @param {Line} line
 * @param {boolean} isNew
 */
export function update(node, line, isNew) {
  if (line.seq !== null) node.dataset.seq = String(line.seq);
  if (line.type !== 'msg') {
    setText(node, line.type === 'quiet' ? `${line.text} · ${clock(line.at)}` : line.text);
    node.dataset.kind = line.kind;
    return;
  }
  const { entry, aside, text, joined, last, tail } = line;
  const name = aside ? `${aside === 'note' ? 'Note' : 'Whisper'} · ${line.name} · only the desk sees this` : line.name;
  const { state, mine, at, error } = entry;
  node.dataset.id = entry.id;
  node.classList.toggle('msg-own', mine && !aside);
  node.classList.toggle('msg-aside', aside !== '');
  if (aside) node.dataset.aside = aside;
  node.toggleAttribute('data-joined', joined);
  node.toggleAttribute('data-tail', tail || state === 'failed');
  if (state) node.dataset.state = state;
  const bubble = find(node, '.msg-bubble', HTMLElement);
  if (entry.file) drawAttachment(bubble, entry, FILES);
  else if (isNew) bubble.replaceChildren(linkified(text));
  const failed = state === 'failed';
  const mark = state ? MARKS[state] : null;
  fill(node, { name, at, time: clock(at), state, mark, failed, again: failed && entry.upload?.again !== false, error: failed ? error : '', markClass: last || failed || state === 'unsent' ? null : 'sr' });
  find(node, 'time', HTMLTimeElement).title = exact(at);
  if (state) node.querySelector('use')?.setAttribute('href', `#i-${state}`);
}
