// What the desk's pages say, in one place. Pure.
import { age, countdown } from '../js/age.js';
import { clock, dayAndTime } from '../js/time.js';

/** @typedef {import('../js/types.js').EventView} EventView */

/** @param {number} n */
export function tier(n) {
  return ['Tier I', 'Tier II', 'Tier III', 'Development'][n - 1] ?? `Tier ${n}`;
}

/** "2 chats", "1 chat". @param {number} n @param {string} one @param {string} [many] */
export function some(n, one, many = `${one}s`) {
  return `${n} ${n === 1 ? one : many}`;
}

const CASE_WHY = {
  by_specialist: '',
  unsolved: ' because it ended without a solution',
  abandoned: ' because the customer was away too long',
  window_closed: ' because live chat closed',
};

const END_WHY = {
  self_service: 'A suggested solution solved it',
  customer: 'The customer ended the chat',
  specialist: 'The specialist ended the chat',
  abandoned: 'The chat ended: the customer was away too long',
  window_closed: 'The chat ended: live chat closed',
  merged: 'The chat goes on in another one of the same customer',
  out_of_scope: 'Answered with the set text of a subject that is out of scope',
};

/**
 * The quiet line of an event that is not a message.
 * @param {EventView} event
 * @returns {string}
 */
export function quiet({ body, name }) {
  switch (body.kind) {
    case 'verified':
      return `${name || 'The customer'} gave the right PIN for ${body.account}`;
    case 'solution_opened':
      return `Opened the solution “${body.title}”`;
    case 'solution_rated':
      return body.solved ? `“${body.title}” solved it, the customer says` : `“${body.title}” did not solve it, the customer says`;
    case 'queued':
      return `Entered the line of ${body.team}, ${tier(body.tier)}: ${body.category}, severity ${body.severity}`;
    case 'joined':
      return `${name} joined`;
    case 'joined_beside':
      return `${name} joined beside the specialist`;
    case 'left':
      return `${name} left`;
    case 'requeued':
      return body.why === 'lost' ? 'Back in the line, at its place: the specialist lost the connection' : `${name} put the chat back in the line, at its place`;
    case 'transferring':
      return `${name} hands the chat on to ${body.to} and stays until it is taken`;
    case 'transfer_ended':
      return body.why;
    case 'rerouted':
      return `${name} moved the chat: ${body.team}, ${tier(body.tier)}, severity ${body.severity}`;
    case 'flagged':
      return `${name} asks for a supervisor: ${body.reason}`;
    case 'unflagged':
      return `${name} settled the call for a supervisor`;
    case 'tagged':
      return [body.added.length ? `tagged ${body.added.join(', ')}` : '', body.removed.length ? `took off ${body.removed.join(', ')}` : ''].filter(Boolean).join(' and ').replace(/^/, `${name} `);
    case 'merged':
      return `${name} brought another chat of the customer here: ${body.question}`;
    case 'case_made':
      return `Became case ${body.number}${CASE_WHY[body.why] ?? ''}`;
    case 'ended':
      return END_WHY[body.why] ?? 'The chat ended';
    default:
      return '';
  }
}

/** @type {Record<string, string>} */
export const MARKS = { unsent: 'Not sent yet', sent: 'Sent', delivered: 'Delivered', read: 'Read', failed: 'Not sent' };

/** @type {Record<string, string>} */
const STATUSES = {
  open: 'Open',
  in_process: 'In Process',
  customer_action: 'Customer Action',
  solution_provided: 'Solution Provided',
  completed: 'Completed',
  canceled: 'Canceled (by Customer)',
  interrupted: 'Interrupted',
  redirected: 'Redirected',
  error: 'Error',
  completed_silent: 'Completed (w/o E-Mail)',
  additional_info: 'Additional Info',
};

/** A case's status, as the portal names it. @param {string} status */
export function status(status) {
  return STATUSES[status] ?? status;
}

/** How a clock of a case stands. @param {import('./types.js').ClockView} clock @param {number} now */
export function clockWords({ due_at: due, met_at: met, paused, level }, now) {
  if (met) return level === 'fine' ? `kept ${dayAndTime(met, now)}` : `done late, ${dayAndTime(met, now)}`;
  if (paused) return 'stands still: it waits for the customer';
  if (!due) return '';
  return level === 'fine' || level === 'soon' ? `due ${dayAndTime(due, now)}` : `late since ${dayAndTime(due, now)}`;
}

/** @param {string} presence */
export function presence(presence) {
  return { online: 'Online', away: 'Away', transfers_only: 'Transfers only', offline: 'Offline' }[presence] ?? presence;
}

/**
 * How urgent a wait is: nothing, warn after a minute, bad after three.
 * @param {string} since
 * @param {number} now
 * @returns {'' | 'warn' | 'bad'}
 */
export function urgency(since, now) {
  const seconds = (now - Date.parse(since)) / 1000;
  return seconds >= 180 ? 'bad' : seconds >= 60 ? 'warn' : '';
}

/**
 * The clock that runs until the answer is due.
 * @param {string} due
 * @param {number} now
 * @returns {{text: string, level: '' | 'warn' | 'bad'}} amber in its last quarter of a minute, red when it is over
 */
export function dueWords(due, now) {
  const left = Date.parse(due) - now;
  if (left <= 0) return { text: `late by ${waited(due, now)}`, level: 'bad' };
  return { text: `due in ${countdown(left)}`, level: left < 15_000 ? 'warn' : '' };
}

/** A wait that counts up: "0:42", "12 min", "3 h". @param {string} since @param {number} now */
export function waited(since, now) {
  const ms = Math.max(0, now - Date.parse(since));
  return ms < 600_000 ? countdown(ms) : age(since, now);
}

/**
 * The strip about the live-chat window; null: nothing to say.
 * @param {import('../js/types.js').HoursView} hours
 * @param {number} now
 * @returns {{tone: 'warn' | 'quiet', text: string} | null}
 */
export function hoursStrip(hours, now) {
  const why = hours.by_hand ? ` By hand: ${hours.by_hand}.` : hours.holiday ? ` ${hours.holiday}.` : '';
  if (!hours.open) {
    const next = hours.opens_at ? ` It opens ${dayAndTime(hours.opens_at, now)}.` : ' No opening is planned.';
    return { tone: 'quiet', text: `Live chat is closed.${next}${why}` };
  }
  if (!hours.closing_soon || !hours.closes_at) return null;
  const left = Math.max(0, Math.ceil((Date.parse(hours.closes_at) - now) / 60_000));
  const when = left === 0 ? 'now' : `in ${some(left, 'minute')}`;
  return { tone: 'warn', text: `Live chat closes ${when}, at ${clock(hours.closes_at)}. Chats in progress may finish; waiting ones become cases.${why}` };
}
