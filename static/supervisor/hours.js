// The hours tile: what is so now, and opening or closing by hand.
import { byId, fill, find, setText } from '../js/dom.js';
import { clock, dayAndTime } from '../js/time.js';
import { post, remove, words } from '../console/api.js';

/** @typedef {import('../js/types.js').HoursView} HoursView */

/**
 * @param {{now: () => number, hours: () => HoursView | null, changed: (hours: HoursView) => void, toast: (text: string) => void}} page
 * @returns {() => void} draw
 */
export function hoursTile(page) {
  const tile = byId('hours', HTMLElement);
  const dialog = byId('hours-dialog', HTMLDialogElement);
  const until = byId('until', HTMLSelectElement);
  const at = byId('until-at', HTMLInputElement);
  const reason = byId('reason', HTMLInputElement);
  const error = byId('reason-error', HTMLElement);

  /** @param {string} text */
  const problem = (text) => {
    setText(error, text);
    error.hidden = text === '';
    if (text) reason.setAttribute('aria-invalid', 'true');
    else reason.removeAttribute('aria-invalid');
  };

  byId('hours-set').addEventListener('click', () => {
    const open = page.hours()?.open ?? false;
    setText(byId('hours-dialog-title'), open ? 'Close live chat now' : 'Open live chat now');
    setText(byId('hours-dialog-text'), open ? 'New chats are refused; customers are offered to leave a message. Waiting chats become cases, chats in progress may finish.' : 'Customers can start chats at once, whatever the plan says.');
    setText(byId('hours-ok'), open ? 'Close live chat' : 'Open live chat');
    reason.value = '';
    problem('');
    dialog.showModal();
    until.focus();
  });
  byId('hours-plan').addEventListener('click', async () => {
    try {
      page.changed(await remove('/api/hours/override'));
    } catch (e) {
      page.toast(words(e));
    }
  });
  until.addEventListener('change', () => {
    byId('until-at-field').toggleAttribute('hidden', until.value !== 'at');
  });
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog || (event.target instanceof Element && event.target.closest('[data-close]'))) dialog.close();
  });
  find(dialog, 'form', HTMLFormElement).addEventListener('submit', async (event) => {
    event.preventDefault();
    const end = endOf(until.value, at.value, page.now());
    if (end === undefined) return problem('Pick a time that is still to come');
    if (reason.value.trim() === '') {
      problem('Write the reason');
      return reason.focus();
    }
    try {
      page.changed(await post('/api/hours/override', { state: page.hours()?.open ? 'closed' : 'open', until: end, reason: reason.value.trim() }));
      dialog.close();
    } catch (e) {
      problem(words(e));
    }
  });

  return () => {
    const hours = page.hours();
    tile.hidden = hours === null;
    if (!hours) return;
    tile.dataset.open = String(hours.open);
    fill(tile, { ...hoursWords(hours, page.now()), by_hand: hours.by_hand });
  };
}

/**
 * @param {string} choice minutes, "at", or nothing
 * @param {string} picked of the datetime field
 * @param {number} now
 * @returns {string | null | undefined} null: without an end; undefined: no time to come was picked
 */
export function endOf(choice, picked, now) {
  if (choice === '') return null;
  const end = choice === 'at' ? Date.parse(picked) : now + Number(choice) * 60_000;
  return end > now ? new Date(end).toISOString() : undefined;
}

/**
 * @param {HoursView} hours
 * @param {number} now
 */
export function hoursWords({ open, closes_at, opens_at, closing_soon, by_hand, holiday, zone }, now) {
  const next = open
    ? closes_at ? `Closes ${dayAndTime(closes_at, now)} (${clock(closes_at, { zone })} ${zone}).` : 'No end is planned.'
    : opens_at ? `Opens ${dayAndTime(opens_at, now)} (${clock(opens_at, { zone })} ${zone}).` : 'No opening is planned.';
  const why = by_hand ? `By hand: ${by_hand}` : holiday ? holiday : 'As planned';
  return { state: open ? (closing_soon ? 'Open, closes soon' : 'Open') : 'Closed', next, why, verb: open ? 'Close by hand' : 'Open by hand' };
}
