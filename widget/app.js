// The widget: boots, knows which page is shown, and holds what the pages share.
import { actions, byId, clone } from '../static/js/dom.js';
import { Api, ApiError } from './api.js';
import { Chat } from './chat.js';
import { Host } from './host.js';
import { isDark, Look } from './look.js';
import { Sayer } from './say.js';
import { Session } from './session.js';
import { askEnd, drawClock, drawTop, offlineStrip } from './top.js';
import { askView } from './views/ask.js';
import { accountsView, identifyView } from './views/identify.js';
import { leaveView, leftView } from './views/leave.js';
import { problemView, startView } from './views/start.js';

/**
 * @typedef {object} View
 * @property {HTMLElement} root
 * @property {() => void} [update] something changed: draw it again
 * @property {() => HTMLElement | null} [focus] where the focus goes; default: the heading
 * @property {() => void} [back] shown as a back button
 * @property {() => void} [leave] before another view comes
 */

/** @type {Record<string, (app: App, params: any) => View>} */
const views = {
  wait: () => ({ root: clone('t-wait') }),
  problem: problemView,
  start: startView,
  identify: identifyView,
  accounts: accountsView,
  leave: leaveView,
  left: leftView,
  ask: askView,
};

export class App {
  /** @type {import('./api.js').Site} */
  site = { name: 'Support', greeting: '', color: '', hours: { open: false, zone: 'UTC', closing_soon: false }, categories: [] };
  /** @type {import('./host.js').Init} */
  init = { open: true, phone: false };
  /** @type {import('../static/js/time.js').How} */
  how = {};
  /** A question that the host page wrote for the visitor. */
  composed = '';
  /** The page that embeds us. @type {{url: string, title: string} | null} */
  at = null;
  #open = true;
  #page = '';
  /** @type {View | null} */ #view = null;
  #drawing = false;
  #fetching = false;
  #clockOffset = 0;
  #look = new Look(() => this.host.close());
  #loadedAt = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #turnTimer;

  constructor() {
    const site = document.documentElement.dataset.site ?? '';
    this.api = new Api(site);
    this.session = new Session(site);
    this.sayer = new Sayer(byId('polite'), byId('urgent'));
    this.host = new Host((command) => this.#obey(command));
    this.chat = new Chat(this);
    actions(document, {
      close: () => this.host.close(),
      back: () => this.#view?.back?.(),
      end: () => askEnd(this.chat.log?.state === 'queued', (solved) => void this.#end(solved)),
      mail: () => this.#mail(),
      wake: () => this.chat.live?.wake(),
    });
    document.addEventListener('keydown', (e) => {
      if (e.key === 'Escape' && !e.defaultPrevented && !document.querySelector('dialog[open]')) this.host.close();
    });
    document.addEventListener('visibilitychange', () => this.draw());
    setInterval(() => drawClock(this), 10_000);
  }

  async boot() {
    this.go('wait');
    const [init, reached] = await Promise.all([this.host.init, this.#load()]);
    this.init = init;
    this.#open &&= init.open;
    this.how = { locale: Intl.DateTimeFormat.supportedLocalesOf(/^[\w-]+$/.test(init.locale ?? '') ? init.locale : [])[0] };
    this.#look.start(init, this.site.color);
    this.#look.phone(init.phone && this.#open);
    this.host.ready(this.site.color, isDark());
    this.draw();
    const chat = this.session.known?.chat;
    if (reached && chat) await this.#enter(chat);
    else if (reached) this.go('start');
  }

  /** @param {boolean} [again] only to be up to date: a failure needs no words */
  async #load(again = false) {
    try {
      this.site = await this.api.site();
      this.#loadedAt = Date.now();
      this.#clockOffset = this.site.now ? Date.parse(this.site.now) - Date.now() : 0;
      return true;
    } catch (error) {
      if (!again) this.#reload('We cannot show the chat', error instanceof Error ? error.message : String(error));
      return false;
    }
  }

  // ---- what the pages ask for ------------------------------------------------------------------------------------

  /** The server's time, in ms. */
  now() {
    const live = this.chat.live;
    return live?.epoch ? live.now() : Date.now() + this.#clockOffset;
  }

  /** The visitor's language, as the host page or the browser names it. */
  get language() {
    return this.init.locale || navigator.language;
  }

  get hours() {
    return this.chat.live?.hours ?? this.site.hours;
  }

  /** Somebody can see the widget now. */
  get visible() {
    return this.#open && document.visibilityState === 'visible';
  }

  /** Shows a page. @param {string} name @param {object} [params] */
  go(name, params = {}) {
    const make = views[name];
    if (!make) return;
    this.#view?.leave?.();
    this.#page = name;
    this.#view = make(this, params);
    byId('main').replaceChildren(this.#view.root);
    byId('main').scrollTo(0, 0);
    this.draw();
    this.focusView();
  }

  /** @param {string} title @param {string} text */
  #reload(title, text) {
    this.go('problem', { title, text, again: 'Try again', run: () => location.reload() });
  }

  /** Never takes the focus from the host page. @param {HTMLElement | null | undefined} target */
  focus(target) {
    if (document.hasFocus() && this.#open) target?.focus();
  }

  focusView() {
    this.focus(this.#view?.focus?.() ?? this.#view?.root.querySelector('h1'));
  }

  /** Opens a conversation, or the open one. @param {string} account */
  async openConversation(account) {
    const { known } = this.session;
    if (!known) return this.go('identify');
    const { chat } = await this.api.conversation(known.token, account);
    if (chat !== known.chat) this.host.event('chat-started');
    this.session.update({ account, chat });
    await this.#enter(chat);
  }

  /** The same; what is refused is said on a page of its own. @param {string} [chosen] */
  async newConversation(chosen = '') {
    const { known } = this.session;
    if (!known) return this.go('identify');
    const account = chosen || known.account || (known.accounts.length === 1 ? known.accounts[0]?.number : '');
    if (!account) return this.go('accounts');
    try {
      await this.openConversation(account);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.status === 401) this.#expired();
      else this.go('problem', { title: 'We could not start a chat', text: error.message, again: 'Back to the start', run: () => this.go('start'), help: error.status === 403 });
    }
  }

  /** The person is unknown on this device from now on. */
  forget() {
    this.chat.close();
    this.session.forget();
    this.go('start');
  }

  // ---- the conversation ------------------------------------------------------------------------------------------

  /** @param {string} chat */
  async #enter(chat) {
    this.chat.open(chat);
    this.go('wait');
    void this.#fetchTalk();
  }

  /** The page of a conversation comes with the first one, not with the widget: most visitors only look for an answer. */
  async #fetchTalk() {
    if (views.talk || this.#fetching) return;
    this.#fetching = true;
    try {
      views.talk = (await import('./views/talk.js')).talkView;
      this.drawSoon();
    } catch {
      // Asked for again when the connection is back.
    }
    this.#fetching = false;
  }

  #expired() {
    this.chat.close();
    this.session.forget();
    this.go('identify', { problem: 'Please verify again to go on. Your conversation is kept.' });
  }

  /** @param {boolean} solved */
  async #end(solved) {
    try {
      await this.chat.end(solved);
    } catch (error) {
      this.sayer.alert(error instanceof Error ? error.message : String(error));
    }
  }

  /** Transcripts can be had, and there is something to have. */
  get canMail() {
    return this.#page === 'talk' && !!this.site.transcripts;
  }

  /** Few want it: loaded when it is asked for. */
  #mail() {
    if (this.canMail) void import('./transcript.js').then((it) => it.askTranscript(this));
  }

  /** @param {import('../static/js/live.js').LiveStatus} status @param {number | null} code */
  connection(status, code) {
    offlineStrip(status === 'offline', this.sayer);
    if (status === 'online') void this.#fetchTalk();
    if (status === 'unauthorized') this.#expired();
    if (status === 'stopped' && code) this.#reload('The chat has stopped', code === 4102 ? 'It is open in too many windows. Close one of them, then try again.' : 'This page is out of date. Load it again.');
    this.draw();
  }

  drawSoon() {
    if (this.#drawing) return;
    this.#drawing = true;
    queueMicrotask(() => {
      this.#drawing = false;
      this.draw();
    });
  }

  /** Brings everything on the screen up to date. */
  draw() {
    const chat = this.chat;
    const log = chat?.log;
    const inChat = ['wait', 'ask', 'talk'].includes(this.#page);
    if (chat && log && inChat) {
      const page = chat.page();
      if (log.state === 'ended') this.session.unstore();
      if (log.problem) return this.go('problem', { title: 'We cannot show this chat', text: log.problem, again: 'Start again', run: () => this.forget() });
      if (page !== this.#page && page !== 'wait' && views[page]) return this.go(page);
    }
    this.#view?.update?.();
    drawTop(this, this.#page, this.#view);
    chat?.tell();
    const at = log?.state === 'active' ? 'chatting' : log?.state;
    this.host.status(chat?.live?.status === 'offline' ? 'offline' : inChat && at ? at : this.hours.open ? 'ready' : 'closed');
    this.#turnSoon();
  }

  /** Before there is a connection, the window's next turn is fetched when it comes. */
  #turnSoon() {
    clearTimeout(this.#turnTimer);
    const at = this.hours.open ? this.hours.closes_at : this.hours.opens_at;
    if (this.chat.live || !at || this.#page !== 'start') return;
    const wait = Math.min(Math.max(Date.parse(at) - this.now() + 1000, 5000), 2_000_000_000);
    this.#turnTimer = setTimeout(() => void this.#load(true).then(() => this.draw()), wait);
  }

  // ---- the host page ---------------------------------------------------------------------------------------------

  /** @param {import('./host.js').Command} command */
  #obey(command) {
    if (command.type === 'open') {
      this.#open = true;
      if (command.focus) window.focus();
      if (command.focus) this.focusView();
      if (this.#page === 'start' && Date.now() - this.#loadedAt > 60_000) void this.#load(true).then(() => this.draw());
      this.draw();
    } else if (command.type === 'close') this.#open = false;
    else if (command.type === 'page') {
      this.at = { url: command.url, title: command.title };
      this.chat.onPage();
    }
    else if (command.type === 'phone') this.#look.phone(command.on && this.#open);
    else if (command.type === 'compose') {
      this.composed = command.text;
      this.draw();
    } else if (command.type === 'new') {
      if (!['ask', 'talk'].includes(this.#page) || this.chat.log?.state === 'ended') void this.newConversation();
    } else if (command.type === 'end') void this.#end(false);
    else if (command.type === 'transcript') this.#mail();
    else if (command.type === 'logout') this.forget();
  }
}

void new App().boot();
