// Which chats are read: all that the person serves (with marks), and the one on the screen (without, when another serves it).
import { isSaid, saidText, saidWords } from '../js/chatlog.js';
import { waitingSince } from './lines.js';

/** @typedef {import('../js/chatlog.js').ChatLog} ChatLog */
/** @typedef {import('./types.js').ChatView} ChatView */

export class Chats {
  /**
   * @param {import('./app.js').App} app
   * @param {import('./bell.js').Bell} bell
   */
  constructor(app, bell) {
    this.app = app;
    this.live = app.live;
    this.bell = bell;
    /** Chat → were marks asked for. @type {Map<string, boolean>} */
    this.watched = new Map();
    /** Chats with unsent messages of an earlier page. */
    this.unsent = new Set(app.live.store.keys('deskbell:outbox:').map((key) => key.split(':')[2] ?? ''));
    app.live.on('event', (event, log) => this.#event(event, log));
    app.live.on('chat', () => this.#complete());
    app.part(() => this.#follow());
  }

  /** @param {import('../js/types.js').DeskView} desk */
  desk(desk) {
    for (const { id } of desk.mine) {
      this.app.took.delete(id);
      this.#watch(id, true);
    }
    // What an earlier page could not send goes out now, wherever the person is.
    for (const key of this.unsent) this.#watch(key, desk.mine.some((chat) => chat.id === key));
    this.unsent.clear();
    this.#follow();
  }

  #follow() {
    const { desk, route } = this.app.state;
    if (!desk) return;
    const mine = new Set([...desk.mine.map((chat) => chat.id), ...this.app.took]);
    if (route.chat) this.#watch(route.chat, mine.has(route.chat));
    for (const [id] of this.watched) {
      const busy = this.live.chats.get(id)?.outbox.items.some((own) => own.state !== 'acked') || this.app.uploads.of(id).length > 0;
      if (id === route.chat || mine.has(id) || busy) continue;
      this.live.unwatch(id);
      this.watched.delete(id);
    }
  }

  /**
   * @param {string} id
   * @param {boolean} marks
   */
  #watch(id, marks) {
    const held = this.watched.get(id);
    if (held === marks) return;
    // Served from now on, or no longer: the same log, read anew with the right marks.
    if (held !== undefined) this.live.unwatch(id);
    this.watched.set(id, marks);
    this.live.watch(id, { marks });
  }

  /** @param {string} id @returns {ChatLog | null} */
  log(id) {
    return this.live.chats.get(id)?.log ?? null;
  }

  /** Messages of the customer that nobody of the desk has seen. @param {ChatView} chat */
  unread(chat) {
    const held = this.live.chats.get(chat.id);
    if (!held) return 0;
    return held.log.unreadAfter(Math.max(held.read, held.log.marks.staff.read));
  }

  /** @param {ChatView} chat @returns {import('./rows.js').Glance | null} */
  glance(chat) {
    const log = this.log(chat.id);
    if (!log) return null;
    const last = log.events.findLast((event) => isSaid(event.body));
    const text = last ? saidText(last.body).slice(0, 200) : '';
    const lastText = text && last?.party === 'staff' ? `${last.name === this.app.state.me ? 'You' : last.name}: ${text}` : text;
    return { unread: this.unread(chat), lastText, waitingSince: waitingSince(log.events) };
  }

  /** Chats with something unread. */
  unreadChats() {
    return (this.app.state.desk?.mine ?? []).filter((chat) => this.unread(chat) > 0).length;
  }

  /**
   * @param {import('../js/types.js').EventView} event
   * @param {ChatLog} log
   */
  #event({ id, body, party, name, chat }, log) {
    this.app.uploads.arrived(id);
    if (!log.ready || party !== 'customer' || !isSaid(body) || !this.watched.get(chat)) return;
    const here = this.app.state.route.chat === chat && document.visibilityState === 'visible';
    this.app.say(here ? saidWords(name, body) : `New message from ${name}`);
    if (!here) this.bell.ring('message');
    this.bell.notify(name, saidText(body).slice(0, 200), chat);
  }

  /** After a lost connection: has everything arrived again? */
  #complete() {
    const { state } = this.app;
    if (state.back !== 'catching-up' || state.status !== 'online') return;
    if ([...this.live.chats.values()].some((held) => held.filling)) return;
    this.app.change({ back: 'complete' });
    setTimeout(() => this.app.state.back === 'complete' && this.app.change({ back: 'no' }), 6000);
  }
}
