// The address after # and the place in the console that it means. Pure.

/** @typedef {import('./types.js').Route} Route */
/** @typedef {import('./types.js').View} View */

/** @type {View[]} */
export const VIEWS = ['offers', 'mine', 'line', 'queue', 'owned', 'working', 'unverified', 'notices'];
/** @type {import('./types.js').CaseList[]} */
export const CASE_LISTS = ['queue', 'owned', 'working', 'unverified'];

/**
 * @param {string} hash "#/mine/chat/<id>/customer"
 * @returns {Route}
 */
export function parse(hash) {
  const [view = '', kind = '', id = '', last = ''] = hash.replace(/^#?\/?/, '').split('/');
  const known = VIEWS.find((v) => v === view) ?? 'mine';
  const chat = kind === 'chat' && /^[0-9a-f-]{36}$/i.test(id) ? id.toLowerCase() : null;
  const number = kind === 'case' && /^[1-9][0-9]{0,14}$/.test(id) ? Number(id) : null;
  return { view: known, chat, case: number, side: last === 'customer' && (chat !== null || number !== null) };
}

/**
 * @param {Partial<Route> & {view: View}} route
 * @returns {string}
 */
export function format({ view, chat = null, case: number = null, side = false }) {
  const what = chat !== null ? `/chat/${chat}` : number !== null ? `/case/${number}` : '';
  return `#/${view}${what}${what && side ? '/customer' : ''}`;
}

/**
 * Which pane a narrow screen shows.
 * @param {Route} route
 * @returns {'list' | 'main' | 'side'}
 */
export function pane(route) {
  if (route.side) return 'side';
  return route.chat !== null || route.case !== null ? 'main' : 'list';
}

/**
 * The neighbour in a list; from nowhere, the first or the last.
 * @template T
 * @param {T[]} items
 * @param {(item: T) => boolean} current
 * @param {1 | -1} step
 * @returns {T | undefined}
 */
export function neighbour(items, current, step) {
  const at = items.findIndex(current);
  if (at < 0) return step === 1 ? items[0] : items.at(-1);
  return items[Math.min(items.length - 1, Math.max(0, at + step))];
}
