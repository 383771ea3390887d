// What was written and not sent: for each chat and kind, in this browser at once and on the server soon after. It is kept under the
// chat's id, so it cannot reach another customer, and it is there on another machine.
import { openStore } from '../js/store.js';
import { call, get } from './api.js';

/** @typedef {'reply' | 'note'} Kind */

const SOON_MS = 800;

export class Drafts {
  constructor() {
    this.store = openStore(() => localStorage);
    /** @type {Map<string, ReturnType<typeof setTimeout>>} */
    this.timers = new Map();
    /** What the server has, as far as is known. @type {Map<string, string>} */
    this.saved = new Map();
    window.addEventListener('pagehide', () => {
      for (const key of [...this.timers.keys()]) this.#save(key, true);
    });
  }

  /** @param {string} chat @param {Kind} kind */
  get(chat, kind) {
    return this.store.get(name(chat, kind)) ?? '';
  }

  /** @param {string} chat @param {Kind} kind @param {string} text */
  keep(chat, kind, text) {
    const kept = text.trim() === '' ? '' : text;
    if (kept === this.get(chat, kind)) return;
    if (kept) this.store.set(name(chat, kind), kept);
    else this.store.remove(name(chat, kind));
    const key = `${chat}/${kind}`;
    clearTimeout(this.timers.get(key));
    this.timers.set(key, setTimeout(() => this.#save(key, false), SOON_MS));
  }

  /**
   * Fetches what another machine kept, where this one has nothing.
   * @param {string} chat
   * @returns {Promise<boolean>} whether there is something new
   */
  async load(chat) {
    /** @type {Record<Kind, string>} */
    const kept = await get(`/api/chats/${chat}/drafts`);
    let news = false;
    for (const kind of /** @type {Kind[]} */ (['reply', 'note'])) {
      this.saved.set(`${chat}/${kind}`, kept[kind]);
      if (!kept[kind] || this.get(chat, kind) || this.timers.has(`${chat}/${kind}`)) continue;
      this.store.set(name(chat, kind), kept[kind]);
      news = true;
    }
    return news;
  }

  /** @param {string} key @param {boolean} leaving */
  #save(key, leaving) {
    clearTimeout(this.timers.get(key));
    this.timers.delete(key);
    const [chat = '', kind = 'reply'] = key.split('/');
    const text = this.get(chat, /** @type {Kind} */ (kind));
    if ((this.saved.get(key) ?? '') === text) return;
    this.saved.set(key, text);
    const path = `/api/chats/${chat}/drafts/${kind}`;
    if (leaving) {
      const body = JSON.stringify({ text });
      void fetch(path, { method: 'PUT', body, keepalive: true, credentials: 'same-origin', headers: { 'content-type': 'application/json' } }).catch(() => {});
      return;
    }
    // It is here in any case; the next change tries again.
    call('PUT', path, { text }).catch(() => this.saved.delete(key));
  }
}

const plain = openStore(() => localStorage);

/** What was begun about something else, in this browser only. @param {string} key */
export function draft(key) {
  return plain.get(`deskbell:draft:${key}`) ?? '';
}

/** @param {string} key @param {string} text */
export function keepDraft(key, text) {
  if (text.trim() === '') plain.remove(`deskbell:draft:${key}`);
  else plain.set(`deskbell:draft:${key}`, text);
}

/** @param {string} chat @param {Kind} kind */
function name(chat, kind) {
  return kind === 'reply' ? `deskbell:draft:${chat}` : `deskbell:draft:note:${chat}`;
}
