// A chat as one reader holds it: ordered events, own messages on their way, marks. No socket, no page: plain data.

/** @typedef {import('./types.js').EventView} EventView */
/** @typedef {import('./types.js').Party} Party */
/** @typedef {import('./outbox.js').Own} Own */

/**
 * What an own message has reached. `failed`: refused, the person must act.
 * @typedef {'unsent' | 'sent' | 'delivered' | 'read' | 'failed'} SendState
 */

/**
 * A row of the thread: an event, or an own message that is not an event yet.
 * @typedef {object} Entry
 * @property {string} id the event's id; the message's own id, so that the row stays the same row
 * @property {number | null} seq null: not on the server's disk yet
 * @property {string} at
 * @property {boolean} mine written by this side (customer: the customer; staff: anyone of the desk)
 * @property {EventView | null} event null: only in the outbox
 * @property {string} text what was said; of a file its name
 * @property {import('./types.js').FileView | null} file
 * @property {import('./uploads.js').Upload | null} upload a file that is not an event yet
 * @property {SendState | null} state own messages only
 * @property {string} error why it failed
 */

/** Whether an event is something that somebody said: words, or a file. @param {import('./types.js').EventBody} body */
export function isSaid(body) {
  return body.kind === 'message' || body.kind === 'file';
}

/** What was said, of a file its name. @param {import('./types.js').EventBody} body */
export function saidText(body) {
  return body.kind === 'message' ? body.text : body.kind === 'file' ? body.file.name : '';
}

/** In one sentence. @param {string} name @param {import('./types.js').EventBody} body */
export function saidWords(name, body) {
  return body.kind === 'file' ? `${name} sent a file: ${body.file.name}` : `${name}: ${saidText(body)}`;
}

export class ChatLog {
  /** The highest number held without a gap; own unacked messages never raise it. */
  last = 0;
  /** @type {EventView[]} */
  events = [];
  /** True after the first `caught_up`: `state`, `agent` and `case` are known. */
  ready = false;
  /** @type {import('./types.js').ChatState | null} */
  state = null;
  /** The specialist's name. @type {string | null} */
  agent = null;
  /** The case that the chat became. @type {number | null} */
  case = null;
  /** @type {{place: number, wait_seconds?: number} | null} */
  place = null;
  /** Why the server would not show the chat. @type {string | null} */
  problem = null;
  /** @type {Record<Party, {delivered: number, read: number}>} */
  marks = { customer: none(), staff: none(), system: none() };
  /** Who is typing, until when (ms), and what, if that is shown. @type {Map<string, {party: Party, name: string, until: number, text: string}>} */
  typing = new Map();
  /** Which colleagues have it on the screen, until when (ms). @type {Map<string, number>} */
  lookers = new Map();

  /**
   * @param {string} chat
   * @param {'customer' | 'staff'} me
   * @param {{items: Own[]}} outbox own messages that are not events yet
   */
  constructor(chat, me, outbox) {
    this.id = chat;
    this.me = me;
    this.outbox = outbox;
  }

  /** Forget everything that the server said (another epoch). */
  reset() {
    Object.assign(this, new ChatLog(this.id, this.me, this.outbox));
  }

  /**
   * Takes an event if it is the next one.
   * @param {EventView} event
   * @returns {'added' | 'old' | 'gap'} gap: ask again for everything after `last`
   */
  receive(event) {
    if (event.seq <= this.last) return 'old';
    const chained = this.me === 'staff' ? event.seq === this.last + 1 : event.prev === this.last;
    if (!chained) return 'gap';
    this.last = event.seq;
    this.events.push(event);
    this.#apply(event);
    return 'added';
  }

  /** @param {EventView} event */
  #apply({ party, name, body }) {
    if (isSaid(body)) this.typing.delete(party + name);
    else if (body.kind === 'queued') this.state = 'queued';
    else if (body.kind === 'requeued') {
      this.state = 'queued';
      this.agent = null;
    }
    else if (body.kind === 'joined') {
      this.state = 'active';
      this.agent = name;
      this.place = null;
    } else if (body.kind === 'case_made') this.case = body.number;
    else if (body.kind === 'ended') {
      this.state = 'ended';
      this.place = null;
      this.typing.clear();
    }
  }

  /**
   * @param {import('./types.js').CaughtUpFrame} frame
   * @returns {boolean} false: events are missing, ask again
   */
  caughtUp(frame) {
    this.ready = true;
    this.problem = null;
    this.state = frame.state;
    this.agent = frame.agent ?? this.agent;
    this.case = frame.case ?? this.case;
    if (frame.state !== 'queued') this.place = null;
    for (const mark of frame.marks) this.mark(mark);
    return this.me === 'customer' || this.last >= frame.seq;
  }

  /**
   * Marks only rise.
   * @param {import('./types.js').MarkView} mark
   */
  mark({ party, delivered, read }) {
    const held = this.marks[party];
    held.delivered = Math.max(held.delivered, delivered);
    held.read = Math.max(held.read, read);
  }

  /**
   * @param {import('./types.js').TypingFrame} frame
   * @param {number} now ms
   */
  setTyping({ party, name, on, text = '' }, now) {
    if (on) this.typing.set(party + name, { party, name, until: now + 6000, text });
    else this.typing.delete(party + name);
  }

  /**
   * @param {import('./types.js').LookingFrame} frame
   * @param {number} now ms
   * @returns {boolean} whether somebody looks who did not
   */
  setLooking({ name, on }, now) {
    const is_new = on && !this.lookers.has(name);
    if (on) this.lookers.set(name, now + 30_000);
    else this.lookers.delete(name);
    return is_new;
  }

  /** The colleagues who look now. @param {number} now ms */
  lookersNow(now) {
    return [...this.lookers].filter(([, until]) => until > now).map(([name]) => name);
  }

  /** What the other side is typing now, if that is shown. @param {number} now ms */
  preview(now) {
    return [...this.typing.values()].find((t) => t.until > now && t.party !== this.me && t.text)?.text ?? '';
  }

  /**
   * The names that type on the other side now.
   * @param {number} now ms
   * @returns {string[]}
   */
  typists(now) {
    return [...this.typing.values()].filter((t) => t.until > now && t.party !== this.me).map((t) => t.name);
  }

  /**
   * The rows of the thread, in order: the log, then own messages and files on their way.
   * @param {import('./uploads.js').Upload[]} [uploads]
   * @returns {Entry[]}
   */
  entries(uploads = []) {
    const rows = this.events.map((event) => this.#entry(event));
    for (const { frame, at, state, seq, error } of this.outbox.items) {
      const held = state === 'acked' ? this.sendState(/** @type {number} */ (seq)) : state;
      rows.push({ id: frame.id, seq, at, mine: true, event: null, text: frame.text, file: null, upload: null, state: held, error });
    }
    for (const upload of uploads) {
      const { id, seq, at, error, file: { name, size } } = upload;
      const held = upload.state === 'acked' ? this.sendState(seq ?? Infinity) : upload.state;
      rows.push({ id, seq, at, mine: true, event: null, text: name, file: { id, name, size, kind: '' }, upload, state: held, error });
    }
    if (uploads.length) rows.sort((a, b) => Number(a.event === null) - Number(b.event === null) || (a.event ? 0 : a.at.localeCompare(b.at)));
    return rows;
  }

  /**
   * @param {EventView} event
   * @returns {Entry}
   */
  #entry(event) {
    const { id, seq, at, body } = event;
    const mine = event.party === this.me;
    const state = isSaid(body) && mine ? this.sendState(seq) : null;
    return { id, seq, at, mine, event, text: saidText(body), file: body.kind === 'file' ? body.file : null, upload: null, state, error: '' };
  }

  /**
   * How far an own message on disk got with the other side.
   * @param {number} seq
   * @returns {SendState}
   */
  sendState(seq) {
    const other = this.marks[this.me === 'customer' ? 'staff' : 'customer'];
    return other.read >= seq ? 'read' : other.delivered >= seq ? 'delivered' : 'sent';
  }

  /** The other side's messages with a higher number than `seq`. @param {number} seq */
  unreadAfter(seq) {
    return this.events.filter((e) => e.seq > seq && isSaid(e.body) && e.party !== this.me).length;
  }
}

function none() {
  return { delivered: 0, read: 0 };
}
