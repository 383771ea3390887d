// The supervisor's sums over what is there now. Pure.
import { age } from '../js/age.js';
import { tier, urgency, waited } from '../console/words.js';

/** @typedef {import('../js/types.js').DeskView} DeskView */
/** @typedef {import('../console/types.js').CaseRow} CaseRow */
/** @typedef {{name: string, value: string | number, rule: string, level: string}} Figure */

/**
 * The chat that waits longest.
 * @param {DeskView} desk
 * @returns {string | null} since when
 */
export function longest({ line }) {
  return line.map((chat) => chat.since).sort((a, b) => Date.parse(a) - Date.parse(b))[0] ?? null;
}

/**
 * @param {DeskView} desk
 * @param {number} now
 * @returns {Figure[]}
 */
export function figures(desk, now) {
  const since = longest(desk);
  const online = desk.people.filter((person) => person.presence === 'online');
  const free = online.reduce((sum, person) => sum + Math.max(0, person.capacity - person.chats), 0);
  const starved = desk.line.length > 0 && free === 0;
  return [
    { name: 'Waiting', value: desk.line.length, rule: 'not yet served by anyone', level: '' },
    { name: 'Longest wait', value: since ? waited(since, now) : '–', rule: 'amber from 1 min, red from 3', level: since ? urgency(since, now) : '' },
    { name: 'Being served', value: desk.served.length, rule: 'chats with a specialist', level: '' },
    { name: 'Online', value: online.length, rule: `of ${desk.people.length} here`, level: desk.line.length > 0 && online.length === 0 ? 'bad' : '' },
    { name: 'Free places', value: free, rule: 'chats that online people can still take', level: starved ? 'warn' : '' },
  ];
}

/** Is the case still to be worked? @param {CaseRow} row */
export function isOpen({ status }) {
  return status !== 'completed';
}

/**
 * @param {CaseRow[]} cases
 * @param {number} now
 */
export function tiers(cases, now) {
  const open = cases.filter(isOpen);
  return [1, 2, 3, 4].map((level) => {
    const here = open.filter((row) => row.tier === level);
    const waiting = here.filter((row) => row.worker === null).length;
    const oldest = here.map((row) => row.created_at).sort((a, b) => Date.parse(a) - Date.parse(b))[0];
    return { key: level, tier: tier(level), n: here.length, waiting: `${waiting} waiting for someone`, oldest: oldest ? `oldest ${age(oldest, now)}` : '' };
  });
}
