// The rows of a conversation: days, lines about what happened, messages with their marks.
import { isSaid } from '../../static/js/chatlog.js';
import { clone, fill, find, reconcile, setAttr } from '../../static/js/dom.js';
import { linkified } from '../../static/js/linkify.js';
import { clock, day, dayKey, exact } from '../../static/js/time.js';
import { eventWords, MARKS } from '../words.js';

/** @typedef {import('../../static/js/chatlog.js').Entry} Entry */
/** @typedef {import('../../static/js/time.js').How} How */

/** @typedef {{key: string, kind: 'message', entry: Entry, who: string, first: boolean, last: boolean, newest: boolean}} MessageRow */
/** @typedef {{key: string, kind: 'line', text: string, seq: number | null} | MessageRow} Row */

const GROUP_MS = 5 * 60_000;

/**
 * What is shown for a log, in order. Pure.
 * @param {Entry[]} entries
 * @param {number} now
 * @param {How} [how]
 * @returns {Row[]}
 */
export function rowsOf(entries, now, how = {}) {
  /** @type {Row[]} */
  const rows = [];
  let today = '';
  /** @type {MessageRow | null} */
  let before = null;
  /** @type {MessageRow | null} */
  let own = null;
  for (const entry of entries) {
    const said = !entry.event || isSaid(entry.event.body);
    const text = said || !entry.event ? '' : eventWords(entry.event);
    if (!said && !text) continue;
    const key = dayKey(entry.at, how);
    if (key !== today) {
      rows.push({ key: `day:${key}`, kind: 'line', text: day(entry.at, now, how), seq: null });
      today = key;
      before = null;
    }
    if (!said) {
      rows.push({ key: entry.id, kind: 'line', text: text ?? '', seq: entry.seq });
      before = null;
      continue;
    }
    const who = entry.mine ? 'You' : entry.event?.name ?? '';
    /** @type {boolean} */
    const joined = before !== null && before.who === who && Date.parse(entry.at) - Date.parse(before.entry.at) < GROUP_MS;
    if (joined && before) before.last = false;
    before = { key: entry.id, kind: 'message', entry, who, first: !joined, last: true, newest: false };
    if (entry.mine && entry.state !== 'failed') own = before;
    rows.push(before);
  }
  if (own) own.newest = true;
  return rows;
}

/**
 * @param {Element} list
 * @param {Row[]} rows
 * @param {How} how
 * @param {import('../attachments.js').Attachments} attachments
 */
export function drawRows(list, rows, how, attachments) {
  reconcile(list, rows, (row) => row.key, (row) => clone(row.kind === 'line' ? 't-line' : 't-message'), (node, row, isNew) => {
    if (row.kind === 'line') {
      fill(node, { text: row.text });
      setAttr(node, 'data-seq', row.seq);
      return;
    }
    const { entry } = row;
    const { state } = entry;
    const mark = state ? MARKS[state] : undefined;
    const bubble = find(node, '.bubble', HTMLElement);
    if (entry.file) attachments.draw(bubble, entry);
    else if (isNew) bubble.append(linkified(entry.text));
    node.dataset.id = entry.id;
    fill(node, {
      seq: entry.seq, mine: entry.mine, first: row.first, last: row.last, state,
      who: row.who, at: entry.at, time: clock(entry.at, how), exact: exact(entry.at, how),
      mark: mark?.text, icon: mark ? `#i-${mark.icon}` : null, error: entry.error, again: entry.upload?.again !== false,
    });
    // In words below the newest own message; elsewhere the words are there for screen readers.
    node.toggleAttribute('data-newest', row.newest);
  });
}
