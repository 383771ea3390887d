// The wallboard's tiles, limits and rows, from the figures. Pure.
import { age, countdown } from '../js/age.js';
import { dayAndTime } from '../js/time.js';
import { presence, some, tier } from '../console/words.js';

/** @typedef {import('../js/types.js').FiguresView} FiguresView */
/** @typedef {import('../js/types.js').Threshold} Threshold */
/** @typedef {'' | 'warn' | 'bad'} Level */
/** @typedef {{key: string, name: string, value: string | number, rule: string, level: Level, limit: string}} Tile */

/**
 * Where a value stands; a limit that is absent is never reached.
 * @param {number | null | undefined} value
 * @param {Threshold} threshold
 * @returns {Level}
 */
export function level(value, { warn, bad, low_is_bad }) {
  if (value === null || value === undefined) return '';
  const beyond = (/** @type {number | undefined} */ limit) => limit !== undefined && (low_is_bad ? value < limit : value >= limit);
  return beyond(bad) ? 'bad' : beyond(warn) ? 'warn' : '';
}

/** "93 %"; a dash for none. @param {number | undefined} share 0 to 1 */
export function percent(share) {
  return share === undefined ? '–' : `${Math.round(100 * share)} %`;
}

/** "1:05"; a dash for none. @param {number | undefined} seconds */
export function duration(seconds) {
  return seconds === undefined ? '–' : countdown(Math.round(seconds) * 1000);
}

/**
 * @param {FiguresView} figures
 * @param {number} now
 * @returns {Tile[]}
 */
export function tiles({ now: here, today, thresholds, targets, acknowledgements, satisfaction }, now) {
  const longest = here.longest_since ? Math.max(0, now - Date.parse(here.longest_since)) / 1000 : undefined;
  const hundred = (/** @type {number | undefined} */ share) => (share === undefined ? undefined : 100 * share);
  const again = here.waiting_again ? `; ${some(here.waiting_again, 'more waits', 'more wait')} again after a lost specialist` : '';
  /** @type {[key: string, name: string, value: string | number, rule: string, of: number | undefined, limit: Threshold | null, unit: (n: number) => string][]} */
  const all = [
    ['waiting_now', 'Waiting now', here.waiting, `not yet served by any agent${again}`, here.waiting, thresholds.waiting_now, String],
    ['longest_wait', 'Longest wait', longest === undefined ? '–' : countdown(1000 * Math.floor(longest)), 'of these, since the first message', longest, thresholds.longest_wait, (n) => countdown(1000 * n)],
    ['service_level', 'Answered in time', percent(today.service_level), `today, within ${targets.service_level_seconds} s, of all that arrived but those that left within ${targets.short_abandon_seconds} s: ${today.answered_in_time} of ${today.arrived - today.left_at_once}`, hundred(today.service_level), thresholds.service_level, (n) => `${n} %`],
    ['abandoned_percent', 'Abandoned', percent(today.abandoned_share), `today, left before an answer: ${today.abandoned} of ${today.arrived} offered`, hundred(today.abandoned_share), thresholds.abandoned_percent, (n) => `${n} %`],
    ['average_speed_of_answer', 'Speed of answer', duration(today.answer_seconds), 'today, mean from first message to answer, answered only', today.answer_seconds, thresholds.average_speed_of_answer, (n) => countdown(1000 * n)],
    ['handle_time', 'Handle time', duration(today.handle_seconds), `today, mean of chat and wrap-up, ${today.handled} handled`, today.handle_seconds, thresholds.handle_time, (n) => countdown(1000 * n)],
    ['at_risk', 'At risk', here.at_risk, 'waiting with less than a quarter of the time left', here.at_risk, thresholds.at_risk, String],
    ['acknowledgements_late', 'Cases not taken', `${acknowledgements.late} late`, `open, without acknowledgement: ${acknowledgements.due} more due, ${acknowledgements.soon} of them soon; ${acknowledgements.broken} past the limit`, acknowledgements.late, thresholds.acknowledgements_late, String],
    ['arrived', 'Arrived', today.arrived, `today; ${here.served} being served, ${today.answered} answered, ${some(today.cases, 'became a case', 'became cases')}, ${today.self_service} more solved by a solution`, undefined, null, String],
    ['satisfaction', 'Satisfaction', satisfaction.mean === undefined ? '–' : satisfaction.mean.toFixed(1), `mean of 1 to 5, last 90 days: ${satisfaction.answers} of ${satisfaction.asked} answered, ${satisfaction.low} low`, undefined, null, String],
  ];
  return all.map(([key, name, value, rule, of, limit, unit]) => {
    const at = limit ? level(of, limit) : '';
    return { key, name, value, rule, level: at, limit: limit && at ? unit((at === 'bad' ? limit.bad : limit.warn) ?? 0) : '' };
  });
}

/**
 * What the strip says of crossed limits, the worst first.
 * @param {Tile[]} all
 * @returns {{key: string, level: Level, text: string}[]}
 */
export function crossed(all) {
  const beyond = all.filter((tile) => tile.level !== '').sort((a, b) => Number(b.level === 'bad') - Number(a.level === 'bad'));
  return beyond.map((tile) => ({ key: tile.key, level: tile.level, text: `${tile.name} ${tile.value} (limit ${tile.limit})` }));
}

/** @type {Record<string, number>} */
const ORDER = { online: 0, transfers_only: 1, away: 2, offline: 3 };

/**
 * The people, those who can take chats first.
 * @param {FiguresView} figures
 * @param {number} now
 */
export function people({ agents }, now) {
  const sorted = [...agents].sort((a, b) => (ORDER[a.state] ?? 9) - (ORDER[b.state] ?? 9) || a.tier - b.tier || a.name.localeCompare(b.name));
  return sorted.map((agent) => {
    const since = age(agent.since, now);
    return {
      ...agent,
      tier: tier(agent.tier),
      presence: presence(agent.state),
      dot: agent.state === 'online' ? 'on' : agent.state === 'offline' ? 'off' : 'late',
      since: since === 'now' ? 'just now' : `for ${since}`,
      load: `${agent.chats} of ${agent.capacity}`,
      handle: agent.handle_seconds === undefined ? '' : `${duration(agent.handle_seconds)} each`,
      occupancy: percent(agent.occupancy),
    };
  });
}

/** @param {FiguresView} figures @param {number} now */
export function tiers({ cases }, now) {
  return cases.map(({ tier: level, open, unclaimed, ages: [day, days, week, older], oldest }) => ({
    key: level,
    tier: tier(level),
    open,
    unclaimed: `${unclaimed} unclaimed`,
    oldest: oldest ? `oldest ${age(oldest, now)}` : '',
    ages: open ? `under a day ${day} · 1–3 days ${days} · to a week ${week} · older ${older}` : '',
  }));
}

/** @param {FiguresView} figures @param {number} now */
export function escalations({ escalations: all, thresholds }, now) {
  return all.map((one) => ({
    ...one,
    number: `Case ${one.number}`,
    href: `/console#/queue/case/${one.number}`,
    age: age(one.since, now),
    level: level((now - Date.parse(one.since)) / 1000, thresholds.escalation_age),
    tier: tier(one.tier),
    owner: one.owner ?? 'Nobody',
    worker: one.worker ?? 'Nobody yet',
  }));
}

/** @param {FiguresView} figures @param {number} now */
export function acknowledgements({ acknowledgements: { cases } }, now) {
  return cases.map((one) => {
    const soon = Date.parse(one.soon_at);
    const due = Date.parse(one.due_at);
    const breach = Date.parse(one.breach_at);
    const late = now >= due;
    return {
      ...one,
      number: `Case ${one.number}`,
      href: `/console#/queue/case/${one.number}`,
      due: late ? `late for ${age(one.due_at, now)}` : `due ${dayAndTime(one.due_at, now)}`,
      level: /** @type {Level} */ (now >= breach ? 'bad' : late || now >= soon ? 'warn' : ''),
      state: now >= breach ? 'promise broken' : late ? 'past the target' : now >= soon ? 'soon' : 'in time',
    };
  });
}
