// What the tests stand on: a storage, a socket and a clock without a browser.

/** A store in memory. */
export function fakeStore() {
  const map = new Map();
  return {
    map,
    get: (/** @type {string} */ key) => map.get(key) ?? null,
    set: (/** @type {string} */ key, /** @type {string} */ value) => void map.set(key, value),
    remove: (/** @type {string} */ key) => void map.delete(key),
    keys: (/** @type {string} */ prefix) => [...map.keys()].filter((key) => key.startsWith(prefix)),
  };
}

/** UUIDs that can be read: "u1", "u2" … */
export function counter(prefix = 'u') {
  let n = 0;
  return () => `${prefix}${(n += 1)}`;
}

export class FakeSocket {
  /** @type {FakeSocket[]} */
  static all = [];
  /** @type {any} */ onopen = null;
  /** @type {any} */ onmessage = null;
  /** @type {any} */ onclose = null;
  /** @type {any[]} */ sent = [];
  closed = false;
  /** As of a socket that is open. */
  get readyState() {
    return this.closed ? 3 : 1;
  }

  constructor() {
    FakeSocket.all.push(this);
  }

  /** @param {string} text */
  send(text) {
    this.sent.push(JSON.parse(text));
  }

  close() {
    this.closed = true;
  }

  /** The server says something. @param {object} frame */
  says(frame) {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }

  /** The server, or the network, ends it. @param {number} code */
  ends(code) {
    this.onclose?.({ code });
  }

  /** Frames of one type that were sent. @param {string} type */
  of(type) {
    return this.sent.filter((frame) => frame.type === type);
  }

  /** Opened and welcomed. @param {object} [more] */
  welcome(more = {}) {
    this.onopen?.();
    this.says({ type: 'welcome', v: 1, epoch: 'e1', you: { kind: 'customer', name: 'Ada', account: 'L', chat: 'c' }, now: new Date().toISOString(), clock_is_set: false, hours: { open: true, zone: 'UTC', closing_soon: false }, ...more });
  }

  static get last() {
    return /** @type {FakeSocket} */ (FakeSocket.all.at(-1));
  }
}

/** A message event. @param {number} seq @param {object} [more] @returns {any} */
export function message(seq, more = {}) {
  return { type: 'event', chat: 'c', seq, prev: seq - 1, id: `e${seq}`, at: '2025-03-03T15:00:00Z', party: 'staff', name: 'Maya', visibility: 'everyone', body: { kind: 'message', text: `text ${seq}` }, ...more };
}

/** @param {number} seq @param {object} [more] @returns {any} */
export function caughtUp(seq, more = {}) {
  return { type: 'caught_up', chat: 'c', seq, state: 'active', marks: [], ...more };
}
