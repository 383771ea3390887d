// The rows of the list and the counts of the views. Pure.
import { age } from '../js/age.js';
import { dayAndTime } from '../js/time.js';
import { CASE_LISTS, format } from './route.js';
import { dueWords, some, status, tier, urgency, waited } from './words.js';

/** @typedef {import('./types.js').State} State */
/** @typedef {import('./types.js').ChatView} ChatView */
/** @typedef {import('./types.js').CaseRow} CaseRow */

/**
 * What the list needs to know of a watched chat.
 * @typedef {{unread: number, lastText: string, waitingSince: string | null}} Glance
 */

/**
 * @typedef {{key: string, template: 't-chat' | 't-case' | 't-notice', chat: string | null, case: number | null,
 *   values: Record<string, unknown>}} Row
 */

/** @type {Record<import('./types.js').View, {title: string, empty: string}>} */
export const TITLES = {
  offers: { title: 'Offers', empty: 'What is offered to you shows here and on top of every view, for as long as the clock on them runs. Be online to get offers.' },
  mine: { title: 'My chats', empty: 'You serve no chat now.' },
  line: { title: 'The line', empty: 'Nobody waits.' },
  queue: { title: 'Cases nobody works on', empty: 'Nothing waits in the queues of your teams at your tier.' },
  owned: { title: 'Cases you own', empty: 'You own no open case.' },
  working: { title: 'Cases you work on', empty: 'You work on no case now.' },
  unverified: { title: 'Unverified cases', empty: 'Every case is verified.' },
  notices: { title: 'Notices to you', empty: 'No unread notices.' },
};

/**
 * @param {State} state
 * @param {(chat: ChatView) => Glance | null} glance
 * @param {number} now
 * @returns {Row[]}
 */
export function rows(state, glance, now) {
  const { desk, route, lists, filter } = state;
  const { view } = route;
  /** @type {Row[]} */
  let all = [];
  if (view === 'mine') all = (desk?.mine ?? []).map((chat) => chatRow(chat, glance(chat), state, now));
  else if (view === 'line') all = (desk?.line ?? []).map((chat) => chatRow(chat, null, state, now));
  else if (view === 'notices') all = (desk?.notices ?? []).map((notice) => noticeRow(notice, now));
  else if (view !== 'offers') all = (lists[view] ?? []).map((row) => caseRow(row, state, now));
  const wanted = filter.trim().toLocaleLowerCase();
  return wanted === '' ? all : all.filter((row) => Object.values(row.values).join(' ').toLocaleLowerCase().includes(wanted));
}

/**
 * @param {ChatView} chat
 * @param {Glance | null} glance
 * @param {State} state
 * @param {number} now
 * @returns {Row}
 */
function chatRow(chat, glance, { route }, now) {
  const unread = glance?.unread ?? 0;
  const since = glance ? glance.waitingSince : chat.since;
  const due = !glance && chat.due_at ? dueWords(chat.due_at, now) : null;
  const values = {
    href: format({ view: route.view, chat: chat.id }),
    current: route.chat === chat.id ? 'true' : null,
    unread: unread > 0,
    customer: chat.customer,
    account: chat.account,
    count: unread || null,
    countWords: some(unread, 'unread message'),
    text: glance?.lastText || chat.question,
    severity: chat.severity,
    where: `${chat.category} · ${tier(chat.tier)}`,
    here: chat.customer_here ? null : '· customer away',
    flag: chat.flag ? `⚑ ${chat.flag.reason}` : null,
    handed: chat.handed_to ? (glance ? `Handed on to ${chat.handed_to}` : `Handed on by ${chat.agent ?? 'a colleague'}`) : null,
    age: due ? due.text : since ? `waits ${waited(since, now)}` : null,
    level: due ? due.level : since ? urgency(since, now) : null,
  };
  return { key: chat.id, template: 't-chat', chat: chat.id, case: null, values };
}

/**
 * @param {CaseRow} row
 * @param {State} state
 * @param {number} now
 * @returns {Row}
 */
function caseRow(row, { route, me }, now) {
  const values = {
    href: format({ view: route.view, case: row.number }),
    current: route.case === row.number ? 'true' : null,
    subject: row.subject,
    number: row.number,
    who: [row.contact, row.account].filter(Boolean).join(' · '),
    severity: row.severity,
    status: status(row.status),
    hands: hands(row, me),
    age: row.due_at ? caseDue(row.due_at, now) : age(row.updated_at, now),
    level: row.due_at ? (Date.parse(row.due_at) < now ? 'bad' : Date.parse(row.due_at) - now < 6 * 3_600_000 ? 'warn' : '') : '',
  };
  return { key: `case ${row.number}`, template: 't-case', chat: null, case: row.number, values };
}

/** @param {string} due @param {number} now */
function caseDue(due, now) {
  return Date.parse(due) < now ? `late ${age(due, now)}` : `due ${dayAndTime(due, now)}`;
}

/**
 * Whose it is and who works it, in one line.
 * @param {{owner: string | null, worker: string | null, tier: number}} row
 * @param {string} me
 */
export function hands({ owner, worker, tier: level }, me) {
  /** @param {string} name */
  const who = (name) => (name === me ? 'you' : name);
  const owned = owner ? `Owner ${who(owner)}` : 'No owner';
  if (worker && worker === owner) return `${owned}, works on it · ${tier(level)}`;
  return `${owned} · ${worker ? `${who(worker)} ${worker === me ? 'work' : 'works'} on it` : 'nobody works on it'} · ${tier(level)}`;
}

/**
 * @param {import('../js/types.js').NoticeView} notice
 * @param {number} now
 * @returns {Row}
 */
function noticeRow(notice, now) {
  const number = notice.case_number;
  const chat = notice.chat_id;
  const href = number !== null ? format({ view: 'notices', case: number }) : chat ? format({ view: 'notices', chat }) : null;
  const values = { text: notice.text, at: notice.at, age: age(notice.at, now), number: number ?? chat, open: number === null ? 'Open the chat' : `Open case ${number}`, href };
  return { key: notice.id, template: 't-notice', chat, case: number, values };
}

/**
 * @param {State} state
 * @param {number} unread chats of mine with unread messages
 * @param {number} now
 * @returns {Record<string, {n: number | null, hot: boolean}>}
 */
export function counts({ desk, lists }, unread, now) {
  const open = [...(desk?.offers ?? []), ...(desk?.case_offers ?? [])].filter((offer) => Date.parse(offer.expires_at) > now);
  const offers = desk && open.length;
  /** @type {Record<string, {n: number | null, hot: boolean}>} */
  const out = {
    offers: { n: offers, hot: (offers ?? 0) > 0 },
    mine: { n: desk?.mine.length ?? null, hot: unread > 0 },
    line: { n: desk?.line.length ?? null, hot: false },
    notices: { n: desk?.notices.length ?? null, hot: (desk?.notices.length ?? 0) > 0 },
  };
  for (const list of CASE_LISTS) out[list] = { n: lists[list]?.length ?? null, hot: false };
  return out;
}
