// The conversation behind the views: the connection, which page it asks for, what is announced and told to the host.
import { isSaid, saidWords } from '../static/js/chatlog.js';
import { Live } from '../static/js/live.js';
import { endWords, placeWords } from './words.js';

export class Chat {
  /** @type {Live | null} */
  live = null;
  /** @type {import('../static/js/chatlog.js').ChatLog | null} */
  log = null;
  /** Files, once the conversation was on the screen. @type {import('./attachments.js').Attachments | null} */
  attachments = null;
  #seen = 0;
  #typing = '';

  /** @param {import('./app.js').App} app */
  constructor(app) {
    this.app = app;
    // Where storage is forbidden, a reload would lose what is not sent: the browser asks first.
    addEventListener('beforeunload', (event) => {
      const unsent = this.log?.outbox.items.some((own) => own.state === 'unsent');
      if (unsent && !app.session.store.lasts?.()) event.preventDefault();
    });
  }

  get id() {
    return this.log?.id ?? '';
  }

  get online() {
    return this.live?.status === 'online';
  }

  /** Joins a conversation, with the session's token. @param {string} chat */
  open(chat) {
    if (!this.live) this.#make();
    this.#watch(chat);
    this.live?.connect();
  }

  close() {
    this.live?.stop();
    this.live = null;
    this.log = null;
    this.attachments?.clear();
    this.app.host.unread(0);
  }

  #make() {
    const { app } = this;
    const live = (this.live = new Live({ me: 'customer', token: () => app.session.known?.token ?? null, store: app.session.store }));
    live.on('status', (status, code) => {
      if (status === 'online') this.attachments?.uploads.wake();
      app.connection(status, code);
    });
    live.on('welcome', ({ you }) => {
      if (you.kind !== 'customer') return;
      if (you.chat !== this.id) this.#watch(you.chat);
      app.session.update({ chat: you.chat, name: you.name });
      this.#told = '';
      this.onPage();
    });
    live.on('hours', () => app.draw());
    live.on('chat', (log) => {
      if (log === this.log) app.drawSoon();
    });
    live.on('event', (event, log) => {
      this.attachments?.uploads.arrived(event.id);
      if (log === this.log && log.ready) this.#happened(event);
    });
  }

  #told = '';

  /** Tells the desk on which page the customer is, once for each. */
  onPage() {
    const { at } = this.app;
    if (!at || !this.live?.epoch || this.#told === at.url + at.title) return;
    this.#told = at.url + at.title;
    // It is only good to know: what could not be told now is told with the next page.
    this.live.request({ type: 'page', ...at }).catch(() => (this.#told = ''));
  }

  /** @param {string} chat */
  #watch(chat) {
    if (!this.live || this.id === chat) return;
    if (this.log) {
      this.live.unwatch(this.log.id);
      if (this.log.state === 'ended') this.app.session.clearChat(this.log.id);
    }
    this.#seen = 0;
    this.log = this.live.watch(chat);
  }

  /** An event that is not history. @param {import('../static/js/types.js').EventView} event */
  #happened({ party, name, body }) {
    const { host, sayer, session } = this.app;
    if (isSaid(body)) {
      host.event(party === 'customer' ? 'message-sent' : 'message-received');
      if (party === 'staff') sayer.say(saidWords(name, body));
      else if (body.kind === 'file') sayer.say(`${body.file.name} was sent`);
    } else if (body.kind === 'queued') {
      session.keepDraft(`${this.id}:question`, '');
      host.event('queued');
    } else if (body.kind === 'joined') {
      host.event('agent-joined');
      sayer.say(`${name} joined the chat`);
    } else if (body.kind === 'joined_beside') sayer.say(`${name} joined the chat`);
    else if (body.kind === 'left') sayer.say(`${name} left the chat`);
    else if (body.kind === 'requeued') {
      host.event('queued');
      sayer.say('You are back in line, at your old place');
    } else if (body.kind === 'case_made') {
      host.event('case-created');
      sayer.say(`Case ${body.number} was opened`);
    } else if (body.kind === 'ended') {
      host.event('chat-ended');
      sayer.say('The chat has ended');
    }
  }

  /** The page that the conversation asks for. @returns {'wait' | 'ask' | 'talk'} */
  page() {
    const { log } = this;
    if (!log?.ready) return 'wait';
    if (log.state !== 'asking') return 'talk';
    return log.outbox.items.some((own) => own.frame.type === 'ask' && own.state !== 'failed') ? 'talk' : 'ask';
  }

  /** A question that the server refused: back into the form. @returns {{text: string, category: string, error: string} | null} */
  takeFailedAsk() {
    const own = this.log?.outbox.items.find((o) => o.frame.type === 'ask' && o.state === 'failed');
    if (!own) return null;
    this.live?.discard(this.id, own.frame.id);
    return { text: own.frame.text, category: own.frame.category ?? '', error: own.error };
  }

  /** What screen readers and the host must know of the state. */
  tell() {
    const { host, sayer } = this.app;
    const { log } = this;
    host.unread(this.unread());
    if (!log) return;
    if (log.state === 'queued' && log.place) {
      const { title, text } = placeWords(log.place);
      sayer.place(`${title}. ${text}`);
    } else sayer.noPlace();
    const typist = log.typists(Date.now())[0] ?? '';
    if (typist && typist !== this.#typing) host.event('agent-typing');
    this.#typing = typist;
    for (const own of log.outbox.items) {
      if (own.state !== 'failed' || this.#alerted.has(own.frame.id)) continue;
      this.#alerted.add(own.frame.id);
      sayer.alert(`Not sent: ${own.error} You can try again or discard it.`);
    }
    this.attachments?.tell();
  }
  /** @type {Set<string>} */
  #alerted = new Set();

  /** How it ended, in words. */
  ending() {
    const end = this.log?.events.findLast((e) => e.body.kind === 'ended')?.body;
    return end?.kind === 'ended' ? endWords(end.why, end.words) : endWords(null);
  }

  /** Messages of the other side that nobody has looked at. */
  unread() {
    return this.log?.unreadAfter(Math.max(this.#seen, this.log.marks.customer.read)) ?? 0;
  }

  /** @param {number} seq */
  read(seq) {
    this.#seen = Math.max(this.#seen, seq);
    this.live?.read(this.id, seq);
    this.app.host.unread(this.unread());
  }

  /** @param {import('../static/js/types.js').RequestFrame} frame */
  request(frame) {
    if (!this.live) throw new Error('no connection');
    return this.live.request(frame);
  }

  /** @param {string} text @param {string} category */
  ask(text, category) {
    this.live?.ask(this.id, text, category, this.app.language);
  }

  /** @param {string} text */
  send(text) {
    this.live?.send(this.id, text);
  }

  /** @param {boolean} on @param {string} [text] */
  typing(on, text) {
    this.live?.typing(this.id, on, text);
  }

  /** @param {string} id */
  retry(id) {
    if (this.attachments?.uploads.find(id)) return this.attachments.uploads.retry(id);
    this.live?.retry(this.id, id);
  }

  /** @param {string} id */
  discard(id) {
    if (this.attachments?.uploads.find(id)) return this.attachments.uploads.cancel(id);
    this.live?.discard(this.id, id);
  }

  /** @param {boolean} solved */
  async end(solved) {
    await this.request({ type: 'end', chat: this.id, solved });
  }
}
