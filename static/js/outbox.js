// Own messages that the server has not confirmed: numbered, kept over a reload, sent again in order until they are on disk.

/** @typedef {import('./types.js').OutgoingFrame} OutgoingFrame */

/**
 * @typedef {object} Own
 * @property {OutgoingFrame} frame
 * @property {string} at when it was written here
 * @property {'unsent' | 'acked' | 'failed'} state `acked` until its event arrives
 * @property {number | null} seq
 * @property {string} error
 */

export { openStore } from './store.js';

/** @typedef {import('./store.js').Store} Store */

export class Outbox {
  /**
   * @param {string} chat
   * @param {Store} store one key a message, so that two tabs never overwrite each other's
   * @param {() => string} [uuid]
   */
  constructor(chat, store, uuid = () => crypto.randomUUID()) {
    this.chat = chat;
    this.store = store;
    this.uuid = uuid;
    this.client = uuid();
    this.n = 0;
    /** In order. @type {Own[]} */
    this.items = [];
    /** Sent on this connection and not answered. @type {Set<string>} */
    this.inFlight = new Set();
    /** A number was refused: the rest gets new ones as soon as nothing is in flight. */
    this.broken = false;
    this.#load();
  }

  #load() {
    /** @type {Own[]} */
    const found = [];
    for (const key of this.store.keys(this.#key(''))) {
      try {
        const own = JSON.parse(this.store.get(key) ?? '');
        if (own?.frame?.chat === this.chat && own.frame.id) found.push(own);
      } catch {
        this.store.remove(key);
      }
    }
    found.sort((a, b) => a.at.localeCompare(b.at) || a.frame.n - b.frame.n);
    this.items = found;
  }

  /** @param {string} id */
  #key(id) {
    return `deskbell:outbox:${this.chat}:${id}`;
  }

  /** @param {Own} own */
  #save(own) {
    this.store.set(this.#key(own.frame.id), JSON.stringify(own));
  }

  /**
   * @param {'send' | 'ask'} type
   * @param {string} text
   * @param {string} [category]
   * @param {string} [at] the server's time, RFC 3339
   * @param {string} [language] the customer's, with `ask`
   * @returns {Own}
   */
  add(type, text, category, at = new Date().toISOString(), language) {
    this.n += 1;
    /** @type {OutgoingFrame} */
    const frame = { type, chat: this.chat, id: this.uuid(), client: this.client, n: this.n, text };
    if (category !== undefined) frame.category = category;
    if (language !== undefined) frame.language = language;
    /** @type {Own} */
    const own = { frame, at, state: 'unsent', seq: null, error: '' };
    this.items.push(own);
    this.#save(own);
    return own;
  }

  /** @param {string} id */
  #item(id) {
    return this.items.find((own) => own.frame.id === id);
  }

  /**
   * On disk at the server; shown from here until its event arrives.
   * @param {string} id
   * @param {number} seq
   * @param {string} at
   */
  acked(id, seq, at) {
    this.inFlight.delete(id);
    this.store.remove(this.#key(id));
    const own = this.#item(id);
    if (own) Object.assign(own, { state: 'acked', seq, at });
  }

  /**
   * Its event has arrived, or the person threw it away.
   * @param {string} id
   */
  drop(id) {
    this.inFlight.delete(id);
    this.store.remove(this.#key(id));
    this.items = this.items.filter((own) => own.frame.id !== id);
  }

  /**
   * The server refused a message; a refused one consumes no number.
   * @param {string} id
   * @param {string} code
   * @param {string} message
   * @param {boolean} retry
   * @returns {'later' | 'failed'}
   */
  refused(id, code, message, retry) {
    this.inFlight.delete(id);
    const own = this.#item(id);
    if (!own || own.state === 'acked') return 'later';
    const { client } = own.frame;
    if (code === 'out_of_order') {
      // Behind one that waits for another try it is only early; the first one has a wrong number.
      const first = this.items.find((o) => o.state === 'unsent' && o.frame.client === client);
      if (first === own) this.broken = true;
      return 'later';
    }
    if (retry) return 'later';
    own.state = 'failed';
    own.error = message;
    this.#save(own);
    this.broken = true;
    return 'failed';
  }

  /** The frames to send now, in order; they count as in flight from here. @returns {OutgoingFrame[]} */
  due() {
    if (this.broken) {
      if (this.inFlight.size > 0) return [];
      this.#renumber();
    }
    const due = this.items.filter((own) => own.state === 'unsent' && !this.inFlight.has(own.frame.id));
    for (const own of due) this.inFlight.add(own.frame.id);
    return due.map((own) => own.frame);
  }

  #renumber() {
    this.broken = false;
    this.client = this.uuid();
    this.n = 0;
    for (const own of this.items) {
      if (own.state !== 'unsent') continue;
      this.n += 1;
      Object.assign(own.frame, { client: this.client, n: this.n });
      this.#save(own);
    }
  }

  /** The connection is gone: nobody answers what was in flight, so all of it is sent again. */
  lost() {
    this.inFlight.clear();
  }

  /**
   * A failed message once more, as a new one at the end.
   * @param {string} id
   * @returns {Own | null}
   */
  again(id) {
    const own = this.#item(id);
    if (!own || own.state !== 'failed') return null;
    this.drop(id);
    return this.add(own.frame.type, own.frame.text, own.frame.category, undefined, own.frame.language);
  }
}
