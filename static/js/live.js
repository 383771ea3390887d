// The live connection: one socket that comes back by itself, requests, watched chats, messages that are never lost.
import { ChatLog } from './chatlog.js';
import { Outbox } from './outbox.js';
import { openStore } from './store.js';

export { ChatLog, openStore, Outbox };

/** @typedef {import('./types.js').ServerFrame} ServerFrame */
/** @typedef {import('./types.js').EventView} EventView */

/**
 * connecting: before the first `welcome`; online; offline: lost, trying again; unauthorized: the token or cookie is dead;
 * stopped: by `stop()`, or the server refused this program (`closeCode` 4101, 4102).
 * @typedef {'connecting' | 'online' | 'offline' | 'unauthorized' | 'stopped'} LiveStatus
 */

/**
 * `message` is for people. Codes of our own: offline, timeout.
 */
export class LiveError extends Error {
  /**
   * @param {string} code
   * @param {string} message
   * @param {boolean} retry
   */
  constructor(code, message, retry) {
    super(message);
    this.code = code;
    this.retry = retry;
  }
}

/**
 * @typedef {object} LiveEvents
 * @property {[status: LiveStatus, closeCode: number | null]} status
 * @property {[frame: import('./types.js').WelcomeFrame]} welcome
 * @property {[log: ChatLog]} chat anything of a watched chat changed: draw it again
 * @property {[event: EventView, log: ChatLog]} event a new event of a watched chat; `log.ready` false: it is history
 * @property {[hours: import('./types.js').HoursView]} hours also after each `welcome`
 * @property {[desk: import('./types.js').DeskView]} desk
 * @property {[figures: import('./types.js').FiguresView]} figures
 * @property {[error: import('./types.js').ErrorFrame]} error one that belongs to no request and no message
 */

/**
 * @typedef {object} Watched
 * @property {ChatLog} log
 * @property {Outbox} outbox
 * @property {boolean} filling a `watch` is sent, its `caught_up` has not come
 * @property {boolean} marks send this reader's marks
 * @property {number} read the highest number seen on the screen
 * @property {{delivered: number, read: number}} sent
 * @property {ReturnType<typeof setTimeout> | undefined} markTimer
 * @property {ReturnType<typeof setTimeout> | undefined} flushTimer
 * @property {number} tries
 * @property {ReturnType<typeof setTimeout> | undefined} typedTimer
 * @property {number} typedAt when `typing on` was sent last; 0: off
 */

/** `WebSocket.OPEN`. */
const OPEN = 1;
/** The part of WebSocket that is used. @typedef {Pick<WebSocket, 'send' | 'close' | 'readyState' | 'onopen' | 'onmessage' | 'onclose'>} SocketLike */

const HELLO_MS = 10_000;
const ANSWER_MS = 15_000;
const QUIET_MS = 30_000;
const PONG_MS = 5_000;

export class Live {
  /**
   * @param {object} options
   * @param {'customer' | 'staff'} options.me
   * @param {string} [options.url] default: /live of this page's server
   * @param {() => string | null} [options.token] asked at every connection; none for the console
   * @param {import('./store.js').Store} [options.store] where unsent messages are kept; default: localStorage
   * @param {(url: string) => SocketLike} [options.socket]
   * @param {() => number} [options.random]
   * @param {() => string} [options.uuid]
   */
  constructor({ me, url, token, store, socket, random, uuid }) {
    this.me = me;
    this.url = url ?? `${location.origin.replace(/^http/, 'ws')}/live`;
    this.token = token ?? (() => null);
    this.store = store ?? openStore(() => localStorage);
    this.makeSocket = socket ?? ((to) => new WebSocket(to));
    this.random = random ?? Math.random;
    this.uuid = uuid ?? (() => crypto.randomUUID());
    /** @type {LiveStatus} */
    this.status = 'connecting';
    /** @type {import('./types.js').You | null} */
    this.you = null;
    /** @type {import('./types.js').HoursView | null} */
    this.hours = null;
    this.clockIsSet = false;
    /** The server's clock minus ours, in ms. */
    this.clockOffset = 0;
    /** @type {string | null} */
    this.epoch = null;
    /** @type {SocketLike | null} */
    this.socket = null;
    this.welcomed = false;
    this.attempt = 0;
    this.nextReq = 1;
    this.heardAt = 0;
    /** @type {Map<number, {resolve: (frame: ServerFrame) => void, reject: (e: LiveError) => void, timer: any}>} */
    this.waiting = new Map();
    /** @type {Map<number, string>} */
    this.watchReqs = new Map();
    /** @type {Map<string, Watched>} */
    this.chats = new Map();
    /** @type {Map<string, Set<(...args: any[]) => void>>} */
    this.listeners = new Map();
    /** @type {any} */ this.retryTimer = undefined;
    /** @type {any} */ this.helloTimer = undefined;
    /** @type {any} */ this.quietTimer = undefined;
    /** @type {any} */ this.pongTimer = undefined;
    this.wake = this.wake.bind(this);
  }

  /**
   * @template {keyof LiveEvents} K
   * @param {K} type
   * @param {(...args: LiveEvents[K]) => void} fn
   * @returns {() => void} stop listening
   */
  on(type, fn) {
    const set = this.listeners.get(type) ?? new Set();
    this.listeners.set(type, set.add(/** @type {any} */ (fn)));
    return () => void set.delete(/** @type {any} */ (fn));
  }

  /**
   * @template {keyof LiveEvents} K
   * @param {K} type
   * @param {LiveEvents[K]} args
   */
  emit(type, ...args) {
    for (const fn of [...(this.listeners.get(type) ?? [])]) fn(...args);
  }

  /** The server's time now, in ms. */
  now() {
    return Date.now() + this.clockOffset;
  }

  // ---- connection ------------------------------------------------------------------------------------------------

  /** Connects and stays connected. Called again: a new connection at once, with the token of now. */
  connect() {
    this.#let();
    this.attempt = 0;
    if (this.status === 'stopped' || this.status === 'unauthorized') this.#status('connecting', null);
    if (typeof window !== 'undefined') {
      for (const type of ['online', 'pageshow']) window.addEventListener(type, this.wake);
      document.addEventListener('visibilitychange', this.wake);
    }
    this.#open();
  }

  /** Disconnects for good, until `connect()`. */
  stop() {
    this.#let();
    if (typeof window !== 'undefined') {
      for (const type of ['online', 'pageshow']) window.removeEventListener(type, this.wake);
      document.removeEventListener('visibilitychange', this.wake);
    }
    this.#status('stopped', null);
  }

  /** The network or the page came back: try at once, or make sure that the socket still lives. */
  wake() {
    if (typeof document !== 'undefined' && document.visibilityState === 'hidden') return;
    if (this.status === 'stopped' || this.status === 'unauthorized') return;
    if (!this.socket) this.#open();
    else if (this.welcomed && Date.now() - this.heardAt > PONG_MS) this.#ping();
  }

  #open() {
    clearTimeout(this.retryTimer);
    let socket;
    try {
      socket = this.makeSocket(this.url);
    } catch {
      return this.#lost(1006);
    }
    this.socket = socket;
    this.welcomed = false;
    socket.onopen = () => {
      if (this.socket !== socket) return;
      const token = this.token();
      this.#post({ type: 'hello', v: 1, ...(token ? { token } : {}) });
    };
    socket.onmessage = (message) => {
      if (this.socket === socket) this.#receive(JSON.parse(String(message.data)));
    };
    socket.onclose = (close) => {
      if (this.socket === socket) this.#lost(close.code);
    };
    this.helloTimer = setTimeout(() => this.#lost(1006), HELLO_MS);
  }

  /** Let go of the socket and of everything that waits for it. */
  #let() {
    const { socket } = this;
    this.socket = null;
    this.welcomed = false;
    for (const timer of [this.retryTimer, this.helloTimer, this.quietTimer, this.pongTimer]) clearTimeout(timer);
    if (socket) {
      socket.onopen = socket.onmessage = socket.onclose = null;
      socket.close();
    }
    for (const { reject, timer } of this.waiting.values()) {
      clearTimeout(timer);
      reject(new LiveError('offline', 'The connection was lost. Try again in a moment.', true));
    }
    this.waiting.clear();
    this.watchReqs.clear();
    for (const held of this.chats.values()) {
      clearTimeout(held.flushTimer);
      held.outbox.lost();
      held.filling = false;
      held.typedAt = 0;
      clearTimeout(held.typedTimer);
      held.log.typing.clear();
      held.log.lookers.clear();
    }
  }

  /** @param {number} code */
  #lost(code) {
    this.#let();
    if (code === 4100) return this.#status('unauthorized', code);
    if (code === 4101 || code === 4102) return this.#status('stopped', code);
    // A restart must be over for everyone within two seconds; only a longer outage is worth more patience.
    const most = this.attempt < 20 ? 1000 : 5000;
    const wait = this.attempt === 0 ? 100 + 200 * this.random() : Math.min(most, 300 * 2 ** this.attempt) * (0.75 + 0.25 * this.random());
    this.attempt += 1;
    this.retryTimer = setTimeout(() => this.#open(), wait);
    this.#status('offline', code);
  }

  /**
   * @param {LiveStatus} status
   * @param {number | null} code
   */
  #status(status, code) {
    if (this.status === status) return;
    this.status = status;
    this.emit('status', status, code);
  }

  /** @param {object} frame */
  #post(frame) {
    // On its way down it would only complain; what matters is kept and sent again.
    if (this.socket?.readyState === OPEN) this.socket.send(JSON.stringify(frame));
  }

  #ping() {
    clearTimeout(this.pongTimer);
    this.pongTimer = setTimeout(() => this.#lost(1006), PONG_MS);
    this.#post({ type: 'ping', req: this.nextReq++ });
  }

  #heard() {
    this.heardAt = Date.now();
    clearTimeout(this.pongTimer);
    clearTimeout(this.quietTimer);
    this.quietTimer = setTimeout(() => this.#ping(), QUIET_MS);
  }

  // ---- requests --------------------------------------------------------------------------------------------------

  /**
   * Asks and waits for the answer; rejects with `LiveError`.
   * @template {ServerFrame} [T=ServerFrame]
   * @param {import('./types.js').RequestFrame} frame
   * @returns {Promise<T>}
   */
  request(frame) {
    return new Promise((resolve, reject) => {
      if (!this.welcomed) return reject(new LiveError('offline', 'You are offline. Try again in a moment.', true));
      const req = this.nextReq++;
      const timer = setTimeout(() => {
        this.waiting.delete(req);
        reject(new LiveError('timeout', 'The server did not answer. Try again.', true));
      }, ANSWER_MS);
      this.waiting.set(req, { resolve: /** @type {any} */ (resolve), reject, timer });
      this.#post({ ...frame, req });
    });
  }

  // ---- chats -----------------------------------------------------------------------------------------------------

  /**
   * Reads a chat from now on, over every reconnection. The same chat gives the same log.
   * @param {string} chat
   * @param {{marks?: boolean}} [options] marks false: this reader's marks are not sent (a supervisor who looks on)
   * @returns {ChatLog}
   */
  watch(chat, { marks = true } = {}) {
    let held = this.chats.get(chat);
    if (!held) {
      const outbox = new Outbox(chat, this.store, this.uuid);
      const log = new ChatLog(chat, this.me, outbox);
      const sent = { delivered: 0, read: 0 };
      held = { log, outbox, filling: false, marks, read: 0, sent, markTimer: undefined, flushTimer: undefined, typedTimer: undefined, tries: 0, typedAt: 0 };
      this.chats.set(chat, held);
      if (this.welcomed) this.#fill(held);
    }
    return held.log;
  }

  /** @param {string} chat */
  unwatch(chat) {
    const held = this.chats.get(chat);
    if (!held) return;
    clearTimeout(held.markTimer);
    clearTimeout(held.flushTimer);
    this.chats.delete(chat);
    if (this.welcomed) this.#post({ type: 'unwatch', chat });
  }

  /** @param {Watched} held */
  #fill(held) {
    held.filling = true;
    const req = this.nextReq++;
    this.watchReqs.set(req, held.log.id);
    this.#post({ type: 'watch', chat: held.log.id, after: held.log.last, req });
    this.#flush(held);
  }

  /**
   * What could not be read now is asked for again, but not in a hot loop.
   * @param {Watched} held
   */
  #fillLater(held) {
    setTimeout(() => {
      if (this.welcomed && !held.filling && this.chats.get(held.log.id) === held) this.#fill(held);
    }, 1000);
  }

  /**
   * Says something in a watched chat; it is kept and sent until the server has it.
   * @param {string} chat
   * @param {string} text 1 to 4,000 characters
   * @returns {string} the message's id
   */
  send(chat, text) {
    return this.#say(chat, 'send', text);
  }

  /**
   * Customer: asks the question and enters the line.
   * @param {string} chat
   * @param {string} text
   * @param {string} category
   * @param {string} [language] a tag like "es" or "en-US"
   * @returns {string} the message's id
   */
  ask(chat, text, category, language) {
    return this.#say(chat, 'ask', text, category, language);
  }

  /**
   * @param {string} chat
   * @param {'send' | 'ask'} type
   * @param {string} text
   * @param {string} [category]
   * @param {string} [language]
   */
  #say(chat, type, text, category, language) {
    const held = this.#held(chat);
    const own = held.outbox.add(type, text, category, new Date(this.now()).toISOString(), language);
    clearTimeout(held.typedTimer);
    held.typedAt = 0;
    this.#flush(held);
    this.emit('chat', held.log);
    return own.frame.id;
  }

  /** A failed message once more. @param {string} chat @param {string} id */
  retry(chat, id) {
    const held = this.#held(chat);
    held.outbox.again(id);
    this.#flush(held);
    this.emit('chat', held.log);
  }

  /** Throws a failed message away. @param {string} chat @param {string} id */
  discard(chat, id) {
    const held = this.#held(chat);
    held.outbox.drop(id);
    this.emit('chat', held.log);
  }

  /** @param {string} chat */
  #held(chat) {
    const held = this.chats.get(chat);
    if (!held) throw new Error('watch the chat first');
    return held;
  }

  /** @param {Watched} held */
  #flush(held) {
    clearTimeout(held.flushTimer);
    if (this.welcomed) for (const frame of held.outbox.due()) this.#post(frame);
  }

  /**
   * The person has seen everything up to `seq` on the screen.
   * @param {string} chat
   * @param {number} seq
   */
  read(chat, seq) {
    const held = this.chats.get(chat);
    if (!held) return;
    held.read = Math.max(held.read, Math.min(seq, held.log.last));
    this.#markSoon(held);
  }

  /** @param {Watched} held */
  #markSoon(held) {
    if (!held.marks || held.markTimer !== undefined) return;
    held.markTimer = setTimeout(() => {
      held.markTimer = undefined;
      const mark = { delivered: held.log.last, read: held.read };
      if (!this.welcomed || held.filling || (mark.delivered <= held.sent.delivered && mark.read <= held.sent.read)) return;
      held.sent = mark;
      this.#post({ type: 'mark', chat: held.log.id, ...mark });
    }, 200);
  }

  /**
   * Call at every keystroke (`on`), and at send, empty and blur (off); it is throttled here.
   * @param {string} chat
   * @param {boolean} on
   * @param {string} [text] what is being typed, for the other side to see
   */
  typing(chat, on, text) {
    const held = this.chats.get(chat);
    if (!held || !this.welcomed) return;
    const now = Date.now();
    clearTimeout(held.typedTimer);
    const pause = text === undefined ? 3000 : 1000;
    if (on && now - held.typedAt < pause) {
      // What was typed last is shown, too.
      if (text !== undefined) held.typedTimer = setTimeout(() => this.typing(chat, on, text), pause - (now - held.typedAt));
      return;
    }
    if (!on && held.typedAt === 0) return;
    held.typedAt = on ? now : 0;
    this.#post({ type: 'typing', chat, on, ...(on && text !== undefined ? { text } : {}) });
  }

  /**
   * Tells colleagues whether a watched chat is on the screen. Say it again within 30 s while it is.
   * @param {string} chat
   * @param {boolean} on
   */
  look(chat, on) {
    if (this.welcomed && this.chats.has(chat)) this.#post({ type: 'looking', chat, on });
  }

  // ---- what the server says --------------------------------------------------------------------------------------

  /** @param {ServerFrame} frame */
  #receive(frame) {
    this.#heard();
    if (frame.type === 'welcome') return this.#welcome(frame);
    if (frame.type === 'hours') {
      this.hours = frame;
      return this.emit('hours', frame);
    }
    if (frame.type === 'desk') return this.emit('desk', frame);
    if (frame.type === 'figures') return this.emit('figures', frame);
    if (frame.type === 'error') return this.#error(frame);
    if (frame.type === 'ok' || frame.type === 'suggestions' || frame.type === 'solution') {
      this.#waiter(frame.req)?.resolve(frame);
      return;
    }
    const held = 'chat' in frame ? this.chats.get(frame.chat) : undefined;
    if (held) this.#chatFrame(held, frame);
  }

  /** @param {number | undefined} req */
  #waiter(req) {
    const waiter = req === undefined ? undefined : this.waiting.get(req);
    if (!waiter) return undefined;
    clearTimeout(waiter.timer);
    this.waiting.delete(/** @type {number} */ (req));
    return waiter;
  }

  /** @param {import('./types.js').WelcomeFrame} frame */
  #welcome(frame) {
    clearTimeout(this.helloTimer);
    this.attempt = 0;
    this.welcomed = true;
    this.you = frame.you;
    this.hours = frame.hours;
    this.clockIsSet = frame.clock_is_set;
    this.clockOffset = Date.parse(frame.now) - Date.now();
    if (this.epoch !== null && this.epoch !== frame.epoch) {
      for (const held of this.chats.values()) {
        held.log.reset();
        held.read = 0;
      }
    }
    this.epoch = frame.epoch;
    // Before the listeners, so that what they watch or send does not go out twice.
    for (const held of this.chats.values()) {
      held.sent = { delivered: 0, read: 0 };
      this.#fill(held);
    }
    this.#status('online', null);
    this.emit('welcome', frame);
    this.emit('hours', frame.hours);
  }

  /** @param {import('./types.js').ErrorFrame} frame */
  #error(frame) {
    const waiter = this.#waiter(frame.req);
    if (waiter) return waiter.reject(new LiveError(frame.code, frame.message, frame.retry));
    const watched = this.watchReqs.get(frame.req ?? -1);
    const held = watched ? this.chats.get(watched) : [...this.chats.values()].find((h) => h.outbox.inFlight.has(frame.id ?? ''));
    if (!held) return this.emit('error', frame);
    if (watched) {
      held.filling = false;
      if (frame.retry) this.#fillLater(held);
      else held.log.problem = frame.message;
    } else {
      held.outbox.refused(/** @type {string} */ (frame.id), frame.code, frame.message, frame.retry);
      this.#flushLater(held);
    }
    this.emit('chat', held.log);
  }

  /** @param {Watched} held */
  #flushLater(held) {
    if (held.outbox.broken && held.tries === 0) this.#flush(held);
    else {
      clearTimeout(held.flushTimer);
      held.flushTimer = setTimeout(() => this.#flush(held), Math.min(5000, 250 * 2 ** held.tries));
    }
    held.tries += 1;
  }

  /**
   * @param {Watched} held
   * @param {ServerFrame} frame
   */
  #chatFrame(held, frame) {
    const { log, outbox } = held;
    if (frame.type === 'event') {
      const got = log.receive(frame);
      if (got === 'gap' && !held.filling) this.#fill(held);
      if (got !== 'added') return;
      outbox.drop(frame.id);
      this.#markSoon(held);
      this.emit('event', frame, log);
    } else if (frame.type === 'caught_up') {
      held.filling = false;
      const mine = frame.marks.find((m) => m.party === this.me);
      if (mine) held.sent = { delivered: mine.delivered, read: mine.read };
      if (!log.caughtUp(frame)) this.#fillLater(held);
      this.#markSoon(held);
    } else if (frame.type === 'ack') {
      held.tries = 0;
      outbox.acked(frame.id, frame.seq, frame.at);
      // Its event may have come before the ack.
      if (log.events.some((e) => e.id === frame.id)) outbox.drop(frame.id);
      if (outbox.broken) this.#flush(held);
    } else if (frame.type === 'mark') {
      log.mark(frame);
    } else if (frame.type === 'place') {
      log.place = { place: frame.place, ...(frame.wait_seconds === undefined ? {} : { wait_seconds: frame.wait_seconds }) };
    } else if (frame.type === 'typing') {
      log.setTyping(frame, Date.now());
      if (frame.on) setTimeout(() => this.emit('chat', log), 6050);
    } else if (frame.type === 'looking') {
      if (log.setLooking(frame, Date.now())) setTimeout(() => this.emit('chat', log), 30_050);
    }
    this.emit('chat', log);
  }
}
