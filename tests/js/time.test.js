import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pieces } from '../../static/js/linkify.js';
import { age, countdown } from '../../static/js/age.js';
import { day, dayAndTime, twoZones, wait } from '../../static/js/time.js';
import { hoursWords } from '../../widget/hours.js';
import { placeWords } from '../../widget/words.js';

const berlin = { locale: 'en-US', zone: 'Europe/Berlin' };
/** @param {string} text */
const plain = (text) => text.replace(/\u202f/g, ' ');

test('days are named near today, in the given zone', () => {
  const now = '2025-03-03T23:30:00Z'; // already Tuesday in Berlin
  assert.equal(day('2025-03-04T10:00:00Z', now, berlin), 'Today');
  assert.equal(day('2025-03-03T10:00:00Z', now, berlin), 'Yesterday');
  assert.equal(day('2025-03-07T10:00:00Z', now, berlin), 'Friday, March 7');
  assert.equal(day('2024-12-31T10:00:00Z', now, berlin), 'Tuesday, December 31, 2024');
});

test('two zones, or one when the wall clocks agree', () => {
  const now = '2025-03-03T20:00:00Z';
  const both = twoZones('2025-03-04T14:00:00Z', now, 'America/Chicago', berlin);
  assert.equal(plain(both.here), 'tomorrow at 3:00 PM');
  assert.equal(plain(both.desk ?? ''), 'tomorrow at 8:00 AM Chicago time');
  assert.equal(twoZones('2025-03-04T14:00:00Z', now, 'America/Chicago', { locale: 'en-US', zone: 'America/Winnipeg' }).desk, null);
});

test('over the turn to summer time the wall clock is right', () => {
  assert.equal(plain(dayAndTime('2025-03-30T06:00:00Z', '2025-03-29T12:00:00Z', berlin)), 'tomorrow at 8:00 AM');
});

test('hours in words', () => {
  const now = Date.parse('2025-11-26T20:00:00Z');
  const closed = hoursWords({ open: false, opens_at: '2025-11-28T14:00:00Z', zone: 'America/Chicago', closing_soon: false, holiday: 'Thanksgiving Day' }, now, berlin);
  assert.deepEqual([closed.title, plain(closed.text), plain(closed.desk)], ['Live chat is closed for Thanksgiving Day', 'It opens Friday, November 28 at 3:00 PM, your time.', 'That is Friday, November 28 at 8:00 AM Chicago time.']);
  const open = hoursWords({ open: true, closes_at: '2025-11-26T22:00:00Z', zone: 'Europe/Berlin', closing_soon: false }, now, berlin);
  assert.deepEqual([plain(open.text), open.desk], ['Live chat is open until 11:00 PM.', '']);
  assert.match(hoursWords({ open: false, zone: 'UTC', closing_soon: false }, now, berlin).text, /Leave a message/);
});

test('waits, ages and countdowns', () => {
  assert.deepEqual([wait(20), wait(61), wait(250), wait(7200)], ['less than a minute', 'about a minute', 'about 4 minutes', 'about 2 hours']);
  assert.deepEqual([age(0, 59_000), age(0, 60_000), age(0, 7_200_000), age(0, 3 * 86_400_000)], ['now', '1 min', '2 h', '3 d']);
  assert.deepEqual([countdown(19_000), countdown(-5), countdown(3_723_000)], ['0:19', '0:00', '1:02:03']);
  assert.match(placeWords({ place: 1 }).text, /cannot estimate/);
});

test('links are found without the sentence around them', () => {
  assert.deepEqual(pieces('See https://a.example/x_(y), or (https://b.example).'), [
    { text: 'See ', href: null },
    { text: 'https://a.example/x_(y)', href: 'https://a.example/x_(y)' },
    { text: ', or (', href: null },
    { text: 'https://b.example', href: 'https://b.example' },
    { text: ').', href: null },
  ]);
  assert.deepEqual(pieces('javascript:alert(1) http://'), [{ text: 'javascript:alert(1) http://', href: null }]);
});
