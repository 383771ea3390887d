// The supervisor's page: everything from the desk frame, cases from /api/cases.
import { byId, clone, el, fill, find, reconcile, setText } from '../js/dom.js';
import { Live } from '../js/live.js';
import { age } from '../js/age.js';
import { clock, dayAndTime } from '../js/time.js';
import { get, signIn, words } from '../console/api.js';
import { presence, tier, urgency, waited } from '../console/words.js';
import { figures, tiers } from './figures.js';
import { hoursTile } from './hours.js';

/** @typedef {import('../js/types.js').ChatView} ChatView */

const live = new Live({ me: 'staff' });
/** @type {import('../js/types.js').DeskView | null} */
let desk = null;
/** @type {import('../console/types.js').CaseRow[]} */
let cases = [];
let casesAt = -1;
let loading = false;

const drawHours = hoursTile({
  now: () => live.now(),
  hours: () => live.hours,
  changed: (hours) => {
    live.hours = hours;
    draw();
  },
  toast,
});

live.on('desk', (now) => {
  desk = now;
  void loadCases();
  draw();
});
live.on('hours', draw);
live.on('status', (status) => (status === 'unauthorized' ? signIn() : draw()));
live.on('error', ({ message }) => toast(message));
setInterval(() => document.visibilityState === 'visible' && draw(), 1000);
document.addEventListener('visibilitychange', draw);
live.connect();

/** @param {string} text */
function toast(text) {
  const made = clone('t-toast', { text });
  made.querySelector('button')?.addEventListener('click', () => made.remove());
  byId('toasts').append(made);
  setTimeout(() => made.remove(), 8000);
}

async function loadCases() {
  const wanted = desk?.cases_changed ?? -1;
  if (loading || wanted === casesAt) return;
  loading = true;
  const problem = byId('cases-problem', HTMLElement);
  try {
    cases = await get('/api/cases?view=all');
    casesAt = wanted;
    problem.hidden = true;
  } catch (error) {
    setText(problem, words(error));
    problem.hidden = false;
    await new Promise((resolve) => setTimeout(resolve, 3000));
  }
  loading = false;
  draw();
  void loadCases();
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
  if (!desk) return;
  setText(byId('as-of'), lost ? 'Old: the connection is lost' : `Live, as of ${new Date(now).toLocaleTimeString()}`);
  reconcile(byId('figures'), figures(desk, now), (f) => f.name, () => clone('t-figure'), (node, figure) => fill(node, { ...figure }));
  chats('line', desk.line, now);
  chats('served', desk.served, now);
  reconcile(byId('people'), desk.people, (p) => p.id, () => clone('t-person'), (node, person) => drawPerson(node, person, now));
  empty('people', desk.people.length, 'Nobody is here.');
  reconcile(byId('pins'), desk.pin_alerts, (a) => `${a.at} ${a.text}`, () => clone('t-pin'), (node, a) => fill(node, { ...a, when: dayAndTime(a.at, now) }));
  empty('pins', desk.pin_alerts.length, 'None.');
  reconcile(byId('tiers'), tiers(cases, now), (t) => t.key, () => clone('t-tier'), (node, t) => fill(node, { ...t }));
}

/**
 * @param {'line' | 'served'} id
 * @param {ChatView[]} all
 * @param {number} now
 */
function chats(id, all, now) {
  reconcile(byId(id), all, (chat) => chat.id, () => clone('t-wait'), (node, chat) => {
    fill(node, {
      customer: chat.customer,
      account: chat.account,
      category: chat.category,
      line: id === 'served' ? chat.agent : `${chat.team}, ${tier(chat.tier)}`,
      severity: chat.severity,
      waits: waited(chat.since, now),
      level: id === 'line' ? urgency(chat.since, now) : '',
      dot: chat.customer_here ? 'on' : 'off',
      here: chat.customer_here ? 'is here' : 'is away',
      href: `/console#/line/chat/${chat.id}`,
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

/**
 * @param {HTMLElement} node
 * @param {import('../js/types.js').PersonView} person
 * @param {number} now
 */
function drawPerson(node, person, now) {
  const { name, chats: served, capacity, since } = person;
  const since_words = age(since, now);
  fill(node, {
    name,
    tier: tier(person.tier),
    presence: presence(person.presence),
    dot: person.presence === 'online' ? 'on' : person.presence === 'offline' ? 'off' : 'late',
    since: since_words === 'now' ? 'just now' : `for ${since_words}`,
    load: `${served} of ${capacity}`,
  });
  const places = Array.from({ length: Math.min(12, Math.max(capacity, served)) }, (_, i) => ({ i, on: i < served }));
  reconcile(find(node, '.load'), places, (p) => p.i, () => el('i', null), (box, p) => box.toggleAttribute('data-on', p.on));
}
