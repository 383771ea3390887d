// The wallboard: figures and the desk as they are pushed, and the supervisor's hand in it.
import { actions, byId, clone, el, fill, find, reconcile, setText } from '../js/dom.js';
import { Live } from '../js/live.js';
import { clock, dayAndTime } from '../js/time.js';
import { signIn } from '../console/api.js';
import { tier, urgency, waited } from '../console/words.js';
import { alarm } from './alarm.js';
import { beside } from './beside.js';
import { drawCharts } from './charts.js';
import { fullScreen } from './full.js';
import { hoursTile } from './hours.js';
import { acknowledgements, escalations, people, tiers, tiles } from './tiles.js';
import { teamsDialog } from './teams.js';
import { verbs } from './verbs.js';

/** @typedef {import('../js/types.js').ChatView} ChatView */
/** @typedef {import('../js/types.js').FiguresView} FiguresView */

const live = new Live({ me: 'staff' });
/** @type {import('../js/types.js').DeskView | null} */
let desk = null;
/** @type {FiguresView | null} */
let figures = null;

/** @param {string} id */
const view = (id) => [...(desk?.line ?? []), ...(desk?.served ?? [])].find((chat) => chat.id === id);
/** @param {string} id */
const flag = (id) => figures?.flags.find((one) => one.chat === id);

const drawHours = hoursTile({
  now: () => live.now(),
  hours: () => live.hours,
  changed: (hours) => {
    live.hours = hours;
    draw();
  },
  toast,
});
const sound = alarm();
const reading = beside({ live, known: view, toast, act: (chat) => act(chat) });
const act = verbs({
  known: (id) => {
    const chat = view(id);
    return chat && { view: chat, served: Boolean(desk?.served.includes(chat)), flagged: Boolean(flag(id)) };
  },
  read: (chat) => reading.read(chat),
  toast,
  agents: () => figures?.agents ?? [],
});
const moveTo = teamsDialog(toast);
actions(byId('people'), {
  teams: (button) => {
    const row = /** @type {HTMLElement} */ (button.closest('[data-person]'));
    void moveTo(row.dataset.person ?? '', row.dataset.name ?? '');
  },
});
fullScreen(toast);
for (const id of ['line', 'served', 'flags']) {
  actions(byId(id), { read: (button) => reading.read(chatOf(button)), menu: (button) => act(chatOf(button)) });
}

live.on('desk', (now) => {
  desk = now;
  draw();
});
live.on('figures', (now) => {
  figures = now;
  drawCharts(now);
  draw();
});
live.on('welcome', follow);
live.on('hours', draw);
live.on('status', (status) => (status === 'unauthorized' ? signIn() : draw()));
live.on('error', ({ message }) => toast(message));
setInterval(() => document.visibilityState === 'visible' && draw(), 1000);
document.addEventListener('visibilitychange', draw);
live.connect();

async function follow() {
  try {
    await live.request({ type: 'follow_figures', on: true });
  } catch (error) {
    // A lost connection asks again with its next welcome.
    if (live.status === 'online') toast(error instanceof Error ? error.message : String(error));
  }
}

/** @param {string} text */
function toast(text) {
  const made = clone('t-toast', { text });
  made.querySelector('button')?.addEventListener('click', () => made.remove());
  byId('toasts').append(made);
  setTimeout(() => made.remove(), 8000);
}

function draw() {
  const now = live.now();
  const strip = byId('strip', HTMLElement);
  const lost = live.status === 'offline' || live.status === 'stopped';
  strip.className = lost ? 'strip strip-bad' : '';
  setText(strip, live.status === 'offline' ? 'The connection is lost. The numbers below are old.' : lost ? 'Too many windows are connected, or this page is too old. Load it again.' : '');
  const shown = document.getElementById('clock');
  if (shown && live.clockIsSet) setText(shown, `${new Date(now).toDateString()}, ${clock(now)}`);
  drawHours();
  reading.draw();
  if (desk) drawDesk(desk, now);
  if (figures) drawFigures(figures, now);
}

/** @param {import('../js/types.js').DeskView} desk @param {number} now */
function drawDesk(desk, now) {
  chats('line', desk.line, now);
  chats('served', desk.served, now);
  reconcile(byId('pins'), desk.pin_alerts, (a) => `${a.at} ${a.text}`, () => clone('t-pin'), (node, a) => fill(node, { ...a, when: dayAndTime(a.at, now) }));
  empty('pins', desk.pin_alerts.length, 'None.');
}

/** @param {FiguresView} figures @param {number} now */
function drawFigures(figures, now) {
  const seconds = Math.max(0, Math.floor((now - Date.parse(figures.as_of)) / 1000));
  const age = seconds < 60 ? `${seconds} s old` : `${Math.floor(seconds / 60)} min old`;
  for (const place of document.querySelectorAll('[data-age]')) setText(place, age);
  const all = tiles(figures, now);
  const states = { '': '', warn: ', beyond the warning', bad: ', beyond the limit' };
  reconcile(byId('figures'), all, (tile) => tile.key, () => clone('t-tile'), (node, tile) => fill(node, { ...tile, age: `· ${age}`, state: states[tile.level] }));
  byId('figures-empty').hidden = true;
  sound(all, figures.flags);
  byId('flags-card').hidden = figures.flags.length === 0;
  reconcile(byId('flags'), figures.flags, (one) => one.chat, () => clone('t-flag'), (node, one) => {
    node.dataset.chat = one.chat;
    fill(node, { ...one, who: `${one.agent || 'Somebody'}, ${waited(one.since, now)} ago`, whose: ` the chat of ${one.customer}` });
  });
  const everybody = people(figures, now);
  reconcile(byId('people'), everybody, (p) => p.id, () => clone('t-person'), (node, person) => {
    fill(node, { ...person, whose: ` of ${person.name}` });
    node.dataset.person = String(person.id);
    node.dataset.name = String(person.name);
    const places = Array.from({ length: Math.min(12, Math.max(person.capacity, person.chats)) }, (_, i) => ({ i, on: i < person.chats }));
    reconcile(find(node, '.load'), places, (p) => p.i, () => el('i', null), (box, p) => box.toggleAttribute('data-on', p.on));
  });
  empty('people', everybody.length, 'Nobody is here.');
  const above = escalations(figures, now);
  reconcile(byId('escalations'), above, (one) => one.number, () => clone('t-escalation'), (node, one) => fill(node, { ...one }));
  empty('escalations', above.length, 'No open case is above tier I.');
  reconcile(byId('tiers'), tiers(figures, now), (t) => t.key, () => clone('t-tier'), (node, t) => fill(node, { ...t }));
  const open = acknowledgements(figures, now);
  reconcile(byId('acknowledgements'), open, (one) => one.number, () => clone('t-acknowledgement'), (node, one) => fill(node, { ...one }));
  empty('acknowledgements', open.length, 'Somebody has taken every open case.');
}

/**
 * @param {'line' | 'served'} id
 * @param {ChatView[]} all
 * @param {number} now
 */
function chats(id, all, now) {
  reconcile(byId(id), all, (chat) => chat.id, () => clone('t-wait'), (node, chat) => {
    node.dataset.chat = chat.id;
    fill(node, {
      customer: chat.customer,
      account: chat.account,
      first: id === 'served' ? chat.agent : chat.category,
      second: id === 'served' ? chat.category : `${chat.team}, ${tier(chat.tier)}`,
      severity: chat.severity,
      waits: waited(chat.since, now),
      level: id === 'line' ? urgency(chat.since, now) : '',
      dot: chat.customer_here ? 'on' : 'off',
      here: chat.customer_here ? 'is here' : 'is away',
      flag: flag(chat.id),
      whose: ` the chat of ${chat.customer}`,
    });
  });
  empty(id, all.length, id === 'line' ? 'Nobody waits.' : 'No chat is being served.');
}

/**
 * Says that a list is empty; an empty table is not shown.
 * @param {string} id
 * @param {number} length
 * @param {string} words
 */
function empty(id, length, words) {
  byId(id).closest('table')?.toggleAttribute('hidden', length === 0);
  const line = byId(`${id}-empty`, HTMLElement);
  line.hidden = length > 0;
  setText(line, words);
}

/** @param {Element} inside */
function chatOf(inside) {
  return /** @type {HTMLElement | null} */ (inside.closest('[data-chat]'))?.dataset.chat ?? '';
}
