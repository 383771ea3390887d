import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ChatLog } from '../../static/js/chatlog.js';
import { Outbox } from '../../static/js/outbox.js';
import { caughtUp, counter, fakeStore, message } from './fake.js';

/** @param {'customer' | 'staff'} me */
function log(me = 'customer') {
  const outbox = new Outbox('c', fakeStore(), counter());
  return { outbox, log: new ChatLog('c', me, outbox) };
}

test('staff need every number, in order, once', () => {
  const { log: staff } = log('staff');
  assert.equal(staff.receive(message(1)), 'added');
  assert.equal(staff.receive(message(1)), 'old');
  assert.equal(staff.receive(message(3)), 'gap');
  assert.equal(staff.receive(message(2)), 'added');
  assert.equal(staff.receive(message(3)), 'added');
  assert.deepEqual(staff.events.map((e) => e.seq), [1, 2, 3]);
});

test('a customer follows the public chain over numbers of the desk', () => {
  const { log: mine } = log();
  assert.equal(mine.receive(message(1, { prev: 0 })), 'added');
  assert.equal(mine.receive(message(4, { prev: 1 })), 'added');
  assert.equal(mine.receive(message(7, { prev: 5 })), 'gap');
  assert.equal(mine.last, 4);
});

test('an own message never raises the last number before its event', () => {
  const { log: mine, outbox } = log();
  mine.receive(message(1, { prev: 0 }));
  const own = outbox.add('send', 'hello');
  outbox.acked(own.frame.id, 2, '2025-03-03T15:00:01Z');
  assert.equal(mine.last, 1);
  assert.deepEqual(mine.entries().map((e) => [e.id, e.seq, e.state]), [['e1', 1, null], [own.frame.id, 2, 'sent']]);
  assert.equal(mine.receive(message(2, { prev: 1, id: own.frame.id, party: 'customer' })), 'added');
  outbox.drop(own.frame.id);
  assert.equal(mine.entries().length, 2);
});

test('unsent, sent, delivered and read', () => {
  const { log: mine, outbox } = log();
  const own = outbox.add('send', 'hello');
  const state = () => mine.entries()[0]?.state;
  assert.equal(state(), 'unsent');
  outbox.acked(own.frame.id, 1, 'x');
  assert.equal(state(), 'sent');
  mine.mark({ party: 'staff', delivered: 1, read: 0 });
  assert.equal(state(), 'delivered');
  mine.mark({ party: 'staff', delivered: 1, read: 1 });
  mine.mark({ party: 'staff', delivered: 0, read: 0 });
  assert.equal(state(), 'read');
});

test('events move the state; the end takes typing and place away', () => {
  const { log: mine } = log();
  mine.caughtUp(caughtUp(0, { state: 'queued' }));
  mine.place = { place: 2 };
  mine.receive(message(1, { prev: 0, body: { kind: 'joined' } }));
  assert.deepEqual([mine.state, mine.agent, mine.place], ['active', 'Maya', null]);
  mine.setTyping({ type: 'typing', chat: 'c', party: 'staff', name: 'Maya', on: true }, 1000);
  assert.deepEqual(mine.typists(6999), ['Maya']);
  assert.deepEqual(mine.typists(7001), []);
  mine.receive(message(2, { body: { kind: 'case_made', number: 1042, why: 'unsolved' } }));
  mine.receive(message(3, { body: { kind: 'ended', why: 'specialist' } }));
  assert.deepEqual([mine.state, mine.case, mine.typing.size], ['ended', 1042, 0]);
});

test('unread counts the other side only', () => {
  const { log: mine } = log();
  mine.receive(message(1, { prev: 0 }));
  mine.receive(message(2, { party: 'customer' }));
  mine.receive(message(3));
  assert.deepEqual([mine.unreadAfter(0), mine.unreadAfter(1), mine.unreadAfter(3)], [2, 1, 0]);
});

test('staff see from caught_up that events are missing', () => {
  const { log: staff } = log('staff');
  staff.receive(message(1));
  assert.equal(staff.caughtUp(caughtUp(2)), false);
  assert.equal(staff.caughtUp(caughtUp(1)), true);
});
