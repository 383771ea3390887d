// The rows of a thread: days, the line before what is new, quiet lines, messages. Pure.
import { isSaid } from '../js/chatlog.js';
import { clock, day, dayKey } from '../js/time.js';
import { quiet } from './words.js';

/** @typedef {import('../js/chatlog.js').Entry} Entry */

/**
 * @typedef {{key: string, type: 'day' | 'new' | 'quiet', text: string, kind: string, at: string, seq: number | null}
 *   | {key: string, type: 'msg', aside: '' | 'note' | 'whisper', text: string, entry: Entry, name: string, joined: boolean, tail: boolean, last: boolean, seq: number | null}} Line
 */

/** Messages of one person within this time show the name once. */
const JOIN_MS = 3 * 60_000;

/**
 * @param {Entry[]} entries
 * @param {object} how
 * @param {string} how.me the reader's name, for messages that are not on the server yet
 * @param {number} how.newAfter the line "New" stands before the first message of the other side above this number
 * @param {number} how.now
 * @param {string} [how.zone]
 * @returns {Line[]}
 */
export function lines(entries, { me, newAfter, now, zone }) {
  /** @type {Line[]} */
  const out = [];
  const lastOwn = entries.findLast((e) => e.mine && e.state !== null)?.id;
  let today = '';
  let marked = false;
  for (const entry of entries) {
    const key = dayKey(entry.at, { zone });
    if (key !== today) {
      out.push({ key: `day ${key}`, type: 'day', text: day(entry.at, now, { zone }), kind: 'day', at: entry.at, seq: null });
      today = key;
    }
    const { event, seq } = entry;
    const { body } = event ?? {};
    const aside = body?.kind === 'note' || body?.kind === 'whisper' ? body.kind : '';
    const said = !event || isSaid(event.body) || aside !== '';
    if (!said && event) {
      out.push({ key: entry.id, type: 'quiet', text: quiet(event), kind: event.body.kind, at: entry.at, seq });
      continue;
    }
    if (!marked && !entry.mine && newAfter > 0 && (seq ?? 0) > newAfter) {
      marked = true;
      out.push({ key: 'new', type: 'new', text: 'New', kind: 'new', at: entry.at, seq: null });
    }
    const name = event ? event.name : me;
    const before = out.at(-1);
    const joined = aside === '' && joins(before, entry, name);
    // Time and marks stand once below a group, unless something in it differs.
    if (joined && before?.type === 'msg' && before.entry.state === entry.state && clock(before.entry.at) === clock(entry.at)) before.tail = false;
    out.push({ key: entry.id, type: 'msg', aside, text: body?.kind === 'note' || body?.kind === 'whisper' ? body.text : entry.text, entry, name, joined, tail: true, last: entry.id === lastOwn, seq });
  }
  return out;
}

/**
 * @param {Line | undefined} before
 * @param {Entry} entry
 * @param {string} name
 */
function joins(before, entry, name) {
  if (before?.type !== 'msg' || before.aside || before.name !== name || before.entry.mine !== entry.mine) return false;
  return Date.parse(entry.at) - Date.parse(before.entry.at) < JOIN_MS;
}

/**
 * Since when the customer waits for an answer; null: the desk spoke last.
 * @param {import('../js/types.js').EventView[]} events
 * @returns {string | null}
 */
export function waitingSince(events) {
  /** @type {string | null} */
  let since = null;
  for (const { body, party, at } of events) {
    if (!isSaid(body)) continue;
    if (party === 'staff') since = null;
    else since ??= at;
  }
  return since;
}
