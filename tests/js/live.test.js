import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';
import { Live, LiveError } from '../../static/js/live.js';
import { caughtUp, counter, FakeSocket, fakeStore, message } from './fake.js';

beforeEach(() => {
  FakeSocket.all = [];
  mock.timers.enable({ apis: ['setTimeout', 'Date'], now: Date.parse('2025-03-03T15:00:00Z') });
});
afterEach(() => mock.timers.reset());

/** @param {object} [more] */
function connected(more = {}) {
  const live = new Live({ me: 'customer', url: 'ws://x/live', token: () => 'T', store: fakeStore(), socket: () => new FakeSocket(), random: () => 0.5, uuid: counter(), ...more });
  /** @type {string[]} */
  const seen = [];
  live.on('status', (status, code) => seen.push(code === null ? status : `${status} ${code}`));
  live.connect();
  return { live, seen };
}

test('hello with the token, then online', () => {
  const { live, seen } = connected();
  FakeSocket.last.welcome();
  assert.deepEqual(FakeSocket.last.sent[0], { type: 'hello', v: 1, token: 'T' });
  assert.deepEqual([live.status, seen], ['online', ['online']]);
});

test('comes back: soon at first, then slower up to five seconds', () => {
  const { seen } = connected();
  FakeSocket.last.welcome();
  FakeSocket.last.ends(1006);
  mock.timers.tick(199);
  assert.equal(FakeSocket.all.length, 1);
  mock.timers.tick(1);
  assert.equal(FakeSocket.all.length, 2);
  for (let i = 0; i < 10; i += 1) {
    FakeSocket.last.ends(1012);
    mock.timers.tick(5000);
    assert.equal(FakeSocket.all.length, 3 + i);
  }
  assert.deepEqual(seen, ['online', 'offline 1006']);
});

test('a dead token and a broken protocol end it', () => {
  const one = connected();
  FakeSocket.last.welcome();
  FakeSocket.last.ends(4100);
  mock.timers.tick(60_000);
  assert.deepEqual([one.seen, FakeSocket.all.length], [['online', 'unauthorized 4100'], 1]);
  const two = connected();
  FakeSocket.last.ends(4101);
  mock.timers.tick(60_000);
  assert.deepEqual([two.seen, FakeSocket.all.length], [['stopped 4101'], 2]);
});

test('nothing heard: a ping, and without an answer a new connection', () => {
  connected();
  FakeSocket.last.welcome();
  const first = FakeSocket.last;
  mock.timers.tick(30_000);
  assert.equal(first.of('ping').length, 1);
  first.says({ type: 'ok', req: first.of('ping')[0].req });
  mock.timers.tick(29_999);
  assert.equal(first.of('ping').length, 1);
  mock.timers.tick(1);
  assert.equal(first.of('ping').length, 2);
  mock.timers.tick(5000);
  assert.equal(first.closed, true);
  mock.timers.tick(300);
  assert.equal(FakeSocket.all.length, 2);
});

test('watch, gap, refill from the last good number, no storm', () => {
  const { live } = connected();
  const log = live.watch('c');
  FakeSocket.last.welcome();
  const s = FakeSocket.last;
  assert.deepEqual(s.of('watch').map((f) => f.after), [0]);
  s.says(message(1, { prev: 0 }));
  s.says(caughtUp(1));
  s.says(message(3));
  s.says(message(4));
  assert.deepEqual(s.of('watch').map((f) => f.after), [0, 1]);
  for (const seq of [2, 3, 4]) s.says(message(seq));
  s.says(caughtUp(4));
  s.says(message(4));
  assert.deepEqual(log.events.map((e) => e.seq), [1, 2, 3, 4]);
});

test('after a reconnection: watch from the last number, then everything unacked in order', () => {
  const { live } = connected();
  const log = live.watch('c');
  FakeSocket.last.welcome();
  FakeSocket.last.says(message(1, { prev: 0 }));
  FakeSocket.last.says(caughtUp(1));
  const [a, b, c] = [live.send('c', 'a'), live.send('c', 'b'), live.send('c', 'c')];
  const first = FakeSocket.last.of('send');
  FakeSocket.last.says({ type: 'ack', chat: 'c', id: a, seq: 2, at: 'x' });
  FakeSocket.last.ends(1006);
  mock.timers.tick(300);
  FakeSocket.last.welcome();
  const s = FakeSocket.last;
  assert.deepEqual(s.sent.map((f) => f.type), ['hello', 'watch', 'send', 'send']);
  assert.equal(s.of('watch')[0].after, 1);
  assert.deepEqual(s.of('send'), first.slice(1));
  s.says(message(2, { id: a, party: 'customer' }));
  s.says(message(3, { id: b, party: 'customer' }));
  s.says(caughtUp(3));
  s.says({ type: 'ack', chat: 'c', id: b, seq: 3, at: 'x' });
  s.says({ type: 'ack', chat: 'c', id: c, seq: 4, at: 'x' });
  s.says(message(4, { id: c, party: 'customer' }));
  assert.deepEqual(log.entries().map((e) => e.id), ['e1', a, b, c]);
  assert.equal(live.store.keys('deskbell:outbox').length, 0);
});

test('refused messages fail or are tried later', () => {
  const { live } = connected();
  const log = live.watch('c');
  FakeSocket.last.welcome();
  const s = FakeSocket.last;
  s.says(caughtUp(0));
  const a = live.send('c', 'a');
  s.says({ type: 'error', id: a, code: 'busy', message: 'Later.', retry: true });
  assert.equal(s.of('send').length, 1);
  mock.timers.tick(300);
  assert.equal(s.of('send').length, 2);
  s.says({ type: 'error', id: a, code: 'ended', message: 'The chat has ended.', retry: false });
  assert.deepEqual(log.entries().map((e) => [e.state, e.error]), [['failed', 'The chat has ended.']]);
  live.retry('c', a);
  assert.equal(s.of('send').length, 3);
  assert.notEqual(s.of('send')[2].id, a);
});

test('a chat that cannot be read now is asked for again; one that may not be read is not', () => {
  const { live } = connected();
  const log = live.watch('c');
  const s = FakeSocket.last;
  s.welcome();
  s.says({ type: 'error', req: s.of('watch')[0].req, code: 'internal', message: 'Something went wrong.', retry: true });
  assert.equal(log.problem, null);
  mock.timers.tick(999);
  assert.equal(s.of('watch').length, 1);
  mock.timers.tick(1);
  assert.deepEqual(s.of('watch').map((frame) => frame.after), [0, 0]);
  s.says({ type: 'error', req: s.of('watch')[1].req, code: 'not_found', message: 'No such chat.', retry: false });
  mock.timers.tick(60_000);
  assert.deepEqual([log.problem, s.of('watch').length], ['No such chat.', 2]);
});

test('requests are answered by number, refused, or lost with the connection', async () => {
  const { live } = connected();
  await assert.rejects(live.request({ type: 'suggest', text: 'x' }), { code: 'offline' });
  FakeSocket.last.welcome();
  const s = FakeSocket.last;
  const good = live.request({ type: 'suggest', text: 'x' });
  const bad = live.request({ type: 'open_solution', solution: 's' });
  const lost = live.request({ type: 'end', chat: 'c', solved: true });
  const [x, y] = [s.of('suggest')[0].req, s.of('open_solution')[0].req];
  s.says({ type: 'error', req: y, code: 'gone', message: 'Gone.', retry: false });
  s.says({ type: 'suggestions', req: x, items: [] });
  s.ends(1006);
  assert.deepEqual(await good, { type: 'suggestions', req: x, items: [] });
  await assert.rejects(bad, (e) => e instanceof LiveError && e.code === 'gone' && e.message === 'Gone.');
  await assert.rejects(lost, { code: 'offline', retry: true });
});

test('marks wait 200 ms, only rise, and never say more than arrived', () => {
  const { live } = connected();
  live.watch('c');
  FakeSocket.last.welcome();
  const s = FakeSocket.last;
  s.says(message(1, { prev: 0 }));
  s.says(message(2));
  s.says(caughtUp(2, { marks: [{ party: 'customer', delivered: 1, read: 1 }] }));
  live.read('c', 99);
  assert.equal(s.of('mark').length, 0);
  mock.timers.tick(200);
  live.read('c', 1);
  mock.timers.tick(500);
  assert.deepEqual(s.of('mark'), [{ type: 'mark', chat: 'c', delivered: 2, read: 2 }]);
});

test('typing is said every three seconds at most, and off once', () => {
  const { live } = connected();
  live.watch('c');
  FakeSocket.last.welcome();
  const s = FakeSocket.last;
  live.typing('c', true);
  live.typing('c', true);
  mock.timers.tick(3000);
  live.typing('c', true);
  live.typing('c', false);
  live.typing('c', false);
  assert.deepEqual(s.of('typing').map((f) => f.on), [true, true, false]);
});

test('another epoch forgets all numbers, not the outbox', () => {
  const { live } = connected();
  const log = live.watch('c');
  FakeSocket.last.welcome();
  FakeSocket.last.says(message(1, { prev: 0 }));
  FakeSocket.last.says(caughtUp(1));
  live.send('c', 'mine');
  FakeSocket.last.ends(1012);
  mock.timers.tick(300);
  FakeSocket.last.welcome({ epoch: 'e2' });
  assert.equal(FakeSocket.last.of('watch')[0].after, 0);
  assert.deepEqual([log.events.length, FakeSocket.last.of('send').length], [0, 1]);
});
