// What all parts of the console share: the state, when to draw, messages to the person, ways to go somewhere.
import { byId, clone, el } from '../js/dom.js';
import { Uploads } from '../js/uploads.js';
import { words } from './api.js';
import { format, parse } from './route.js';

/** @typedef {import('./types.js').State} State */

export class App {
  /** @param {import('../js/live.js').Live} live */
  constructor(live) {
    this.live = live;
    /** @type {State} */
    this.state = {
      status: live.status,
      closeCode: null,
      back: 'no',
      desk: null,
      hours: null,
      me: '',
      presence: '',
      role: '',
      route: parse(location.hash),
      filter: '',
      lists: { queue: null, owned: null, working: null, unverified: null },
      listProblem: '',
      details: {},
      case: null,
      caseProblem: '',
    };
    /** Chats that were taken on this page and are not in the list of one's own yet. @type {Set<string>} */
    this.took = new Set();
    /** @type {(() => void)[]} */
    this.parts = [];
    this.waiting = false;
    this.uploads = new Uploads({
      address: (chat, id) => `/api/chats/${chat}/files?id=${id}`,
      now: () => this.now(),
      changed: () => this.draw(),
    });
  }

  /** Draws a part at once and after every change. @param {() => void} draw */
  part(draw) {
    this.parts.push(draw);
    draw();
  }

  /** @param {Partial<State>} patch */
  change(patch) {
    Object.assign(this.state, patch);
    this.draw();
  }

  /** Draw everything again, once, soon; also in a hidden tab (so no animation frame). */
  draw() {
    if (this.waiting) return;
    this.waiting = true;
    setTimeout(() => {
      this.waiting = false;
      for (const part of this.parts) part();
    });
  }

  /** The server's time now, ms. */
  now() {
    return this.live.now();
  }

  /** The chat as the desk frame has it. @param {string | null} id */
  mine(id) {
    return this.state.desk?.mine.find((chat) => chat.id === id) ?? null;
  }

  /** Whether the chat is this person's: the log knows before the desk's list does. @param {string | null} id */
  holds(id) {
    const { me } = this.state;
    if (!id || me === '') return false;
    const log = this.live.chats.get(id)?.log;
    if (log?.state === 'ended') return false;
    if (this.took.has(id) || (log?.state === 'active' && log.agent === me)) return true;
    return this.mine(id) !== null && !(log?.ready && log.state === 'active');
  }

  /** Whether this person may answer the customer: serves the chat, or has joined it. @param {string | null} id */
  serves(id) {
    const { me } = this.state;
    return this.holds(id) || (id !== null && me !== '' && this.known(id)?.beside === me);
  }

  /** Whether this person has a say in the chat: serves it, or is a supervisor. @param {string | null} id */
  steers(id) {
    return this.holds(id) || (id !== null && this.state.role !== 'agent' && this.known(id) !== null);
  }

  /** This person has just taken a chat. @param {string} id */
  take(id) {
    this.took.add(id);
    // The list has it long before; if not, it is somebody else's.
    setTimeout(() => this.took.delete(id), 10_000);
  }

  /** @param {string} id */
  known(id) {
    const { desk, details } = this.state;
    const offered = desk?.offers.map((offer) => offer.chat) ?? [];
    const all = [...(desk?.mine ?? []), ...offered, ...(desk?.line ?? []), ...(desk?.served ?? [])];
    return all.find((chat) => chat.id === id) ?? details[id]?.chat ?? null;
  }

  /**
   * @param {Partial<import('./types.js').Route>} patch what of the place changes
   * @param {boolean} [replace] leave no step in the history
   */
  go(patch, replace = false) {
    const hash = format({ ...this.state.route, ...patch });
    if (hash === location.hash) return;
    if (replace) history.replaceState(null, '', hash);
    else history.pushState(null, '', hash);
    this.change({ route: parse(hash) });
  }

  /** To people who hear the page. @param {string} text */
  say(text) {
    const log = byId('say');
    log.append(el('p', null, text));
    while (log.childElementCount > 5) log.firstElementChild?.remove();
  }

  /** To everyone; stays for eight seconds. @param {string} text */
  toast(text) {
    const toast = clone('t-toast', { text });
    toast.querySelector('button')?.addEventListener('click', () => toast.remove());
    byId('toasts').append(toast);
    setTimeout(() => toast.remove(), 8000);
    this.say(text);
  }

  /**
   * Runs something that may fail; a failure is shown.
   * @param {() => Promise<unknown>} work
   */
  async tell(work) {
    try {
      await work();
    } catch (error) {
      this.toast(words(error));
    }
  }
}
