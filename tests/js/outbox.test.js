import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Outbox } from '../../static/js/outbox.js';
import { openStore } from '../../static/js/store.js';
import { counter, fakeStore } from './fake.js';

test('numbers rise by one for each client, and frames in flight are not sent twice', () => {
  const box = new Outbox('c', fakeStore(), counter());
  box.add('send', 'one');
  box.add('ask', 'two', 'billing');
  assert.deepEqual(box.due().map((f) => [f.type, f.n, f.text, f.category]), [['send', 1, 'one', undefined], ['ask', 2, 'two', 'billing']]);
  assert.deepEqual(box.due(), []);
  box.lost();
  assert.equal(box.due().length, 2);
});

test('a reload sends the very same frames first', () => {
  const store = fakeStore();
  const before = new Outbox('c', store, counter('a'));
  const first = before.add('send', 'one', undefined, '2025-03-03T15:00:00Z');
  const second = before.add('send', 'two', undefined, '2025-03-03T15:00:00Z');
  const after = new Outbox('c', store, counter('b'));
  after.add('send', 'three', undefined, '2025-03-03T15:00:01Z');
  const due = after.due();
  assert.deepEqual(due.slice(0, 2), [first.frame, second.frame]);
  assert.deepEqual([due[2]?.client, due[2]?.n], ['b1', 1]);
});

test('acked ones leave the storage; other chats stay', () => {
  const store = fakeStore();
  const box = new Outbox('c', store, counter());
  new Outbox('d', store, counter('d')).add('send', 'elsewhere');
  const own = box.add('send', 'one');
  box.acked(own.frame.id, 5, 'x');
  assert.equal(store.map.size, 1);
  assert.equal(box.items[0]?.state, 'acked');
  box.drop(own.frame.id);
  assert.equal(box.items.length, 0);
});

test('a refused message consumes no number: the rest is renumbered when nothing is in flight', () => {
  const box = new Outbox('c', fakeStore(), counter());
  const [a, b, c] = ['a', 'b', 'c'].map((text) => box.add('send', text));
  assert.ok(a && b && c);
  box.due();
  assert.equal(box.refused(a.frame.id, 'refused', 'No.', false), 'failed');
  assert.equal(box.refused(b.frame.id, 'out_of_order', 'expected 1', true), 'later');
  assert.deepEqual(box.due(), [], 'c is still in flight');
  box.refused(c.frame.id, 'out_of_order', 'expected 1', true);
  const due = box.due();
  assert.deepEqual(due.map((f) => [f.id, f.n]), [[b.frame.id, 1], [c.frame.id, 2]]);
  assert.notEqual(due[0]?.client, a.frame.client.concat('x'));
  assert.equal(new Set(due.map((f) => f.client)).size, 1);
  assert.deepEqual([a.state, a.error], ['failed', 'No.']);
});

test('what may succeed later is sent again, with those behind it, in order', () => {
  const box = new Outbox('c', fakeStore(), counter());
  const [a, b] = ['a', 'b'].map((text) => box.add('send', text));
  assert.ok(a && b);
  box.due();
  box.refused(a.frame.id, 'busy', 'Later.', true);
  box.refused(b.frame.id, 'out_of_order', 'expected 1', true);
  assert.deepEqual(box.due().map((f) => [f.text, f.n]), [['a', 1], ['b', 2]]);
});

test('a wrong number of the first one gives all a new client', () => {
  const box = new Outbox('c', fakeStore(), counter());
  const a = box.add('send', 'a');
  const old = a.frame.client;
  box.due();
  box.refused(a.frame.id, 'out_of_order', 'expected 7', true);
  const [again] = box.due();
  assert.deepEqual([again?.n, again?.id, again?.client === old], [1, a.frame.id, false]);
});

test('a failed one is kept over a reload and tried again as a new message', () => {
  const store = fakeStore();
  const box = new Outbox('c', store, counter());
  const own = box.add('send', 'a');
  box.due();
  box.refused(own.frame.id, 'refused', 'No.', false);
  const after = new Outbox('c', store, counter('b'));
  assert.equal(after.items[0]?.state, 'failed');
  assert.deepEqual(after.due(), []);
  const again = after.again(own.frame.id);
  assert.ok(again && again.frame.id !== own.frame.id);
  assert.deepEqual(after.due().map((f) => f.text), ['a']);
});

test('a storage that throws is survived', () => {
  for (const open of [() => { throw new Error('forbidden'); }, () => full()]) {
    const store = openStore(/** @type {any} */ (open));
    store.set('a:1', 'x');
    assert.equal(store.get('a:1'), 'x');
    assert.deepEqual(store.keys('a:'), ['a:1']);
    store.remove('a:1');
    assert.equal(store.get('a:1'), null);
  }
});

function full() {
  return { length: 0, key: () => null, getItem: () => null, removeItem: () => {}, setItem: () => { throw new Error('full'); } };
}
