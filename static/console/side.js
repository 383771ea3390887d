// The customer beside the chat or the case: who it is, verified or not, standing, what there was before.
import { byId, el } from '../js/dom.js';
import { day } from '../js/time.js';
import { get } from './api.js';
import { pinMaker } from './pin.js';
import { format } from './route.js';
import { status, tier } from './words.js';

/** @typedef {import('./types.js').ChatDetail} ChatDetail */

/** @param {import('./app.js').App} app */
export function side(app) {
  const body = byId('side-body');
  const more = byId('side-more');
  let have = '';
  let drawn = '';

  const load = async () => {
    const { route, details } = app.state;
    const log = app.live.chats.get(route.chat ?? '')?.log;
    const wanted = `${route.chat} ${log?.state} ${log?.case}`;
    if (!route.chat || wanted === have) return;
    have = wanted;
    const id = route.chat;
    await app.tell(async () => {
      details[id] = await get(`/api/chats/${id}`);
      app.draw();
    });
  };

  app.part(() => {
    void load();
    const { route, details, case: held } = app.state;
    const detail = route.chat ? details[route.chat] : undefined;
    const found = route.case !== null && held?.number === route.case ? held : undefined;
    // The role comes with the socket's welcome, which may be later than the details.
    const key = JSON.stringify([detail ?? found ?? null, app.state.role]) + format(route);
    if (key === drawn) return;
    drawn = key;
    const parts = detail ? ofChat(detail, app) : found ? ofCase(found) : [];
    body.replaceChildren(...parts.filter((part) => part !== null));
    more.replaceChildren(...(detail ? [pastChats(detail, app)] : []));
  });
}

/**
 * @param {string} title
 * @param {...(Node | null)} children
 */
function section(title, ...children) {
  return el('section', { class: 'side-section' }, el('h3', null, title), ...children);
}

/** @param {[string, string][]} pairs */
function facts(pairs) {
  return el('dl', { class: 'facts' }, ...pairs.filter(([, value]) => value).flatMap(([name, value]) => [el('dt', null, name), el('dd', null, value)]));
}

/**
 * @param {string} tone
 * @param {string} text
 */
function badge(tone, text) {
  return el('span', { class: `badge badge-${tone}` }, text);
}

/** @param {boolean} verified */
function verifiedBadge(verified) {
  return verified ? badge('ok', '✓ Verified by PIN') : badge('warn', '! Not verified');
}

/**
 * @param {ChatDetail} detail
 * @param {import('./app.js').App} app
 */
function ofChat({ contact, account, verified, open_cases, rulings }, app) {
  const { view } = app.state.route;
  const good = account.standing === 'good';
  const open = account.status === 'active';
  const cases = open_cases.map((c) => el('li', null, el('a', { href: format({ view, case: c.number }) }, `${c.number} ${c.subject}`), el('br'), el('span', { class: 'small muted' }, `${status(c.status)} · ${tier(c.tier)}`)));
  return [
    el('h2', { class: 'side-name' }, contact.name),
    el('p', { class: 'small muted' }, contact.role ? `${status(contact.role)} at ${account.name}` : account.name),
    el('p', { class: 'side-badges' }, verifiedBadge(verified), good ? badge('ok', '✓ Good standing') : badge('bad', '! Not in good standing'), open ? null : badge('bad', '! Account closed')),
    ...rulings.map((text) => el('p', { class: 'small side-ruling' }, text)),
    facts([['Account', account.name], ['Number', account.number], ['E-mail', contact.email]]),
    app.state.role === 'agent' ? null : el('p', { class: 'small' }, el('a', { href: `/customers/${encodeURIComponent(account.number)}` }, 'Standing and limits')),
    app.state.role === 'admin' ? section('Call-in PIN', ...pinMaker(app, contact)) : null,
    section('Open cases', cases.length ? el('ul', { class: 'side-list' }, ...cases) : el('p', { class: 'muted small' }, 'None')),
  ];
}

/**
 * @param {ChatDetail} detail
 * @param {import('./app.js').App} app
 */
function pastChats({ past_chats }, app) {
  const { view } = app.state.route;
  const past = past_chats.map((c) => el('li', null, el('a', { href: format({ view, chat: c.id }) }, c.question || 'No question asked'), el('br'), el('span', { class: 'small muted' }, `${day(c.ended_at, app.now())} · ${c.category}`)));
  return section('Past chats', past.length ? el('ul', { class: 'side-list' }, ...past) : el('p', { class: 'muted small' }, 'This is the first one'));
}

/** @param {import('./types.js').CaseFull} c */
function ofCase(c) {
  return [
    el('h2', { class: 'side-name' }, c.contact),
    el('p', { class: 'small muted' }, c.account),
    el('p', { class: 'side-badges' }, c.verified ? badge('ok', '✓ Verified') : badge('warn', '! Not verified')),
    facts([['Account', c.account], ['E-mail', c.email], ['Category', c.category], ['Team', c.team]]),
  ];
}
