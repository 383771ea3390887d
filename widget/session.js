// Who the visitor is, and what must survive a reload. Nothing is stored before the visitor has verified or typed.
import { openStore } from '../static/js/store.js';

/** @typedef {{token: string, name: string, accounts: import('./api.js').Account[], account: string, chat: string}} Known */

export class Session {
  /**
   * @param {string} site
   * @param {import('../static/js/store.js').Store} [store]
   */
  constructor(site, store = openStore(() => localStorage)) {
    this.store = store;
    this.key = `deskbell:session:${site}`;
    /** @type {Known | null} */
    this.known = null;
    try {
      this.known = JSON.parse(store.get(this.key) ?? 'null');
    } catch {
      store.remove(this.key);
    }
  }

  /** @param {Partial<Known>} change */
  update(change) {
    this.known = { token: '', name: '', accounts: [], account: '', chat: '', ...this.known, ...change };
    if (this.known.chat) this.store.set(this.key, JSON.stringify(this.known));
  }

  /** Off this device, still good on this page: a chat is over, and the next person here is somebody else. */
  unstore() {
    this.store.remove(this.key);
  }

  forget() {
    this.unstore();
    this.known = null;
  }

  /** @param {string} what the chat's id, or that and ":question" */
  draft(what) {
    return this.store.get(`deskbell:draft:${what}`) ?? '';
  }

  /** @param {string} what @param {string} text empty: gone */
  keepDraft(what, text) {
    if (text) this.store.set(`deskbell:draft:${what}`, text);
    else this.store.remove(`deskbell:draft:${what}`);
  }

  /** Takes away what an ended chat left. @param {string} chat */
  clearChat(chat) {
    for (const prefix of [`deskbell:draft:${chat}`, `deskbell:outbox:${chat}:`]) {
      for (const key of this.store.keys(prefix)) this.store.remove(key);
    }
  }
}
