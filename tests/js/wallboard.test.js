import assert from 'node:assert/strict';
import { test } from 'node:test';
import { worth } from '../../static/supervisor/charts.js';
import { acknowledgements, crossed, duration, escalations, level, percent, tiles } from '../../static/supervisor/tiles.js';
import { bodyOf, VERBS } from '../../static/supervisor/verbs.js';

/** @type {any} */
const limits = (/** @type {number} */ warn, /** @type {number} */ bad, low_is_bad = false) => ({ warn, bad, low_is_bad });
const thresholds = { waiting_now: limits(3, 6), longest_wait: limits(60, 180), abandoned_percent: limits(5, 10), service_level: limits(80, 60, true), average_speed_of_answer: limits(60, 120), handle_time: limits(900, 1800), at_risk: limits(1, 3), escalation_age: limits(4 * 3600, 24 * 3600), acknowledgements_late: limits(1, 5) };
const none = { arrived: 0, answered: 0, answered_in_time: 0, abandoned: 0, left_at_once: 0, cases: 0, handled: 0, self_service: 0 };
const now = Date.parse('2026-03-10T14:12:00Z');
/** @param {object} here @param {object} today @returns {any} */
const figures = (here, today) => ({ as_of: '2026-03-10T14:12:00Z', targets: { service_level_seconds: 60, short_abandon_seconds: 5 }, thresholds, now: { waiting: 0, waiting_again: 0, at_risk: 0, served: 0, ...here }, today: { ...none, ...today }, escalations: [], acknowledgements: { due: 0, soon: 0, late: 0, broken: 0, cases: [] }, satisfaction: { asked: 12, answers: 5, mean: 4.42, low: 1 } });

test('live_13_a_limit_is_crossed_from_where_it_is_on_and_low_ones_from_below', () => {
  assert.deepEqual([2, 3, 5, 6].map((n) => level(n, thresholds.waiting_now)), ['', 'warn', 'warn', 'bad']);
  assert.deepEqual([80, 79.9, 60, 59.9].map((n) => level(n, thresholds.service_level)), ['', 'warn', 'warn', 'bad']);
  assert.equal(level(undefined, thresholds.service_level), '', 'no number crosses nothing');
  assert.equal(level(99, { low_is_bad: false }), '', 'without a limit nothing is crossed');
});

test('live_13_tiles_say_what_there_is_and_the_strip_what_is_crossed', () => {
  const quiet = tiles(figures({}, {}), now);
  assert.deepEqual(quiet.filter((tile) => tile.value === '–').map((tile) => tile.key), ['longest_wait', 'service_level', 'abandoned_percent', 'average_speed_of_answer', 'handle_time']);
  assert.deepEqual(crossed(quiet), []);
  const busy = tiles(figures({ waiting: 3, longest_since: '2026-03-10T14:08:00Z', waiting_again: 1 }, { arrived: 4, service_level: 0.5 }), now);
  assert.deepEqual(crossed(busy).map((one) => one.text), ['Longest wait 4:00 (limit 3:00)', 'Answered in time 50 % (limit 60 %)', 'Waiting now 3 (limit 3)']);
  assert.match(busy[0]?.rule ?? '', /1 more waits again/);
  assert.ok(busy.every((tile) => tile.rule.length > 10), 'every tile has its rule');
});

test('live_13_numbers_read_well', () => {
  assert.deepEqual([percent(0.934), percent(undefined), duration(65.4), duration(undefined)], ['93 %', '–', '1:05', '–']);
  const [row] = escalations({ ...figures({}, {}), escalations: [{ number: 1001, subject: 's', tier: 2, severity: 1, since: '2026-03-09T14:00:00Z' }] }, now);
  assert.deepEqual([row?.age, row?.level, row?.owner, row?.tier], ['24 h', 'bad', 'Nobody', 'Tier II']);
});

test('live_13_acknowledgements_say_when_they_are_due_and_how_late_they_are', () => {
  const one = { number: 1007, subject: 's', severity: 2, soon_at: '2026-03-10T13:00:00Z', due_at: '2026-03-10T15:00:00Z', breach_at: '2026-03-11T15:00:00Z' };
  const view = { due: 1, soon: 1, late: 0, broken: 0, cases: [one] };
  const at = (/** @type {string} */ time) => acknowledgements({ ...figures({}, {}), acknowledgements: view }, Date.parse(time))[0];
  assert.deepEqual(['2026-03-10T12:00:00Z', '2026-03-10T14:00:00Z', '2026-03-10T16:00:00Z', '2026-03-12T16:00:00Z'].map((time) => [at(time)?.level, at(time)?.state]), [['', 'in time'], ['warn', 'soon'], ['warn', 'past the target'], ['bad', 'promise broken']]);
  assert.equal(at('2026-03-10T16:00:00Z')?.due, 'late for 1 h');
  const late = tiles({ ...figures({}, {}), acknowledgements: { ...view, due: 0, late: 2 } }, now);
  assert.deepEqual(crossed(late).map((tile) => tile.text), ['Cases not taken 2 late (limit 1)']);
});

test('live_13_charts_begin_an_hour_before_the_first_chat', () => {
  const day = Array.from({ length: 60 }, (_, i) => ({ ...none, from: new Date(now + i * 900_000).toISOString(), arrived: i >= 40 ? 1 : 0 }));
  assert.equal(worth(day)[0], day[36]);
  assert.equal(worth(day.map((part) => ({ ...part, arrived: 0 }))).length, 16);
  assert.equal(worth(day.slice(0, 5)).length, 5);
});

test('live_13_each_verb_sends_what_it_needs', () => {
  const given = { id: 'an-id', said: 'words', person: 'somebody', severity: 2, team: null, tier: 3 };
  const bodies = Object.fromEntries(VERBS.map((verb) => [verb.path, bodyOf(verb, given)]));
  assert.deepEqual(bodies, { join: {}, leave: {}, whisper: { id: 'an-id', text: 'words' }, 'take-over': {}, assign: { to: 'somebody' }, move: { team: null, tier: 3 }, severity: { severity: 2 }, requeue: {}, flag: { reason: 'words' }, unflag: {} });
});
