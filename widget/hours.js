// What the widget says about the live-chat window and the demo's clock. Pure.
import { city, clock, twoZones } from '../static/js/time.js';

/** @typedef {import('../static/js/types.js').HoursView} HoursView */
/** @typedef {import('../static/js/time.js').How} How */

/**
 * When live chat is there, in the visitor's zone and, when it differs, in the desk's.
 * @param {HoursView} hours
 * @param {number} now ms
 * @param {How} [how]
 * @returns {{title: string, text: string, desk: string}}
 */
export function hoursWords(hours, now, how = {}) {
  if (hours.open) {
    if (!hours.closes_at) return { title: 'We are here now', text: '', desk: '' };
    const { here, desk } = twoZones(hours.closes_at, now, hours.zone, how);
    return { title: 'We are here now', text: `Live chat is open until ${here.replace(/^today at /, '')}.`, desk: desk ? `That is ${desk.replace(/^today at /, '')}.` : '' };
  }
  const why = hours.by_hand ? ` (${hours.by_hand})` : hours.holiday ? ` for ${hours.holiday}` : '';
  if (!hours.opens_at) return { title: `Live chat is closed${why}`, text: 'Leave a message and we will answer by e-mail.', desk: '' };
  const { here, desk } = twoZones(hours.opens_at, now, hours.zone, how);
  return { title: `Live chat is closed${why}`, text: `It opens ${here}${desk ? ', your time' : ''}.`, desk: desk ? `That is ${desk}.` : '' };
}

/** @param {HoursView} hours @param {boolean} waiting @param {How} [how] */
export function closingWords(hours, waiting, how = {}) {
  const when = hours.closes_at ? `at ${clock(hours.closes_at, how)}` : 'soon';
  return waiting
    ? `Live chat closes ${when}. If nobody is free by then, your question becomes a case and we answer by e-mail.`
    : `Live chat closes ${when}. You can still finish this conversation.`;
}

/** @param {number} now the server's time @param {string} zone the desk's @param {string} [locale] */
export function demoWords(now, zone, locale) {
  const at = new Date(now);
  const how = { locale, zone };
  return `Demo clock: ${at.toLocaleDateString(locale, { weekday: 'short', month: 'short', day: 'numeric', timeZone: zone })}, ${clock(at, how)} in ${city(zone)}`;
}
