// Canned replies and the colleagues' names, for what is typed: pure, apart from fetching them.
import { folded } from './chooser.js';

/** @typedef {{id: string, shortcut: string, title: string, text: string, shared?: boolean}} Reply */
/** @typedef {{id: string, name: string, tier: number, presence: string, chats: number, capacity: number, teams: string[]}} Colleague */

/**
 * The reply with its variables filled in; one that is not known here stays as it is, so that it is seen.
 * @param {string} text
 * @param {Record<string, string | number | null | undefined>} values
 */
export function filled(text, values) {
  return text.replace(/\{\{\s*(\w+)\s*\}\}/g, (whole, name) => (values[name] ? String(values[name]) : whole));
}

/**
 * @param {string} before the text before the cursor
 * @param {Reply[]} replies
 * @param {(text: string) => string} fill
 * @returns {import('./picker.js').Found | null}
 */
export function repliesFor(before, replies, fill) {
  const typed = /(?:^|\s)\/([\p{L}\p{N}-]*)$/u.exec(before);
  if (!typed) return null;
  const word = typed[1]?.toLocaleLowerCase() ?? '';
  const fits = replies.filter((r) => r.shortcut.startsWith(word) || ` ${folded(r.title)}`.includes(` ${folded(word)}`));
  fits.sort((a, b) => Number(b.shortcut.startsWith(word)) - Number(a.shortcut.startsWith(word)) || a.shortcut.localeCompare(b.shortcut));
  const items = fits.map((r) => ({ key: r.id, name: `/${r.shortcut}`, hint: r.title, text: fill(r.text) }));
  return { from: before.length - word.length - 1, items };
}

/**
 * @param {string} before the text before the cursor
 * @param {Colleague[]} people
 * @returns {import('./picker.js').Found | null}
 */
export function mentionsFor(before, people) {
  const typed = /(?:^|[\s(])@([\p{L}'’. -]{0,40})$/u.exec(before);
  if (!typed) return null;
  const word = folded(typed[1] ?? '');
  const fits = people.filter((p) => ` ${folded(p.name)}`.includes(` ${word}`));
  if (fits.some((p) => folded(p.name) === word)) return null;
  return { from: before.length - (typed[1]?.length ?? 0) - 1, items: fits.map((p) => ({ key: p.id, name: p.name, hint: p.teams.join(', '), text: `@${p.name} ` })) };
}
