// Files of the conversation for its customer. A frame cannot send its token with a picture or a link, so the script fetches them.
import { byId, el, setText } from '../static/js/dom.js';

/** @typedef {import('../static/js/types.js').FileView} FileView */

export class Files {
  /** What was fetched, by its path: the address of its bytes in this page. @type {Map<string, Promise<string>>} */
  #held = new Map();

  /** @param {import('./app.js').App} app */
  constructor(app) {
    this.app = app;
    this.opener = this.opener.bind(this);
    this.show = this.show.bind(this);
  }

  /** @param {string} path @returns {Promise<string>} */
  #fetch(path) {
    const held = this.#held.get(path) ?? this.#load(path);
    this.#held.set(path, held);
    held.catch(() => this.#held.delete(path));
    return held;
  }

  /** @param {string} path */
  async #load(path) {
    const token = this.app.session.known?.token ?? '';
    const answer = await fetch(`/widget/api/files/${path}`, { headers: { authorization: `Bearer ${token}` }, credentials: 'omit' });
    if (!answer.ok) throw new Error((await answer.json().catch(() => null))?.message ?? 'Please try again.');
    return URL.createObjectURL(await answer.blob());
  }

  /** @param {FileView} file */
  opener(file) {
    return el('button', { type: 'button', onclick: () => (file.width ? this.#open(file) : void this.#save(file)) });
  }

  /** @param {HTMLImageElement} img @param {FileView} file */
  show(img, file) {
    this.#fetch(`${file.id}/thumbnail`).then((url) => {
      img.src = url;
    }, () => {
      img.alt = file.name;
    });
  }

  /** Whole, over the conversation. @param {FileView} file */
  #open(file) {
    const dialog = byId('picture', HTMLDialogElement);
    const img = byId('picture-img', HTMLImageElement);
    const full = byId('picture-full');
    const state = byId('picture-state');
    /** @param {boolean} on */
    const zoom = (on) => {
      dialog.toggleAttribute('data-full', on);
      full.setAttribute('aria-pressed', String(on));
    };
    setText(byId('picture-name'), file.name);
    setText(state, 'Loading…');
    img.alt = file.name;
    img.removeAttribute('src');
    zoom(false);
    full.onclick = () => zoom(!dialog.hasAttribute('data-full'));
    byId('picture-save').onclick = () => void this.#save(file);
    this.#fetch(file.id).then((url) => {
      if (img.alt !== file.name) return;
      img.src = url;
      setText(state, '');
    }, (error) => setText(state, `The picture cannot be shown: ${error.message}`));
    dialog.showModal();
  }

  /** @param {FileView} file */
  async #save(file) {
    try {
      const link = el('a', { download: file.name });
      link.href = await this.#fetch(file.id);
      link.click();
    } catch (error) {
      this.app.sayer.alert(`${file.name} cannot be fetched: ${error instanceof Error ? error.message : error}`);
    }
  }

  /** The person is unknown here from now on. */
  clear() {
    for (const held of this.#held.values()) held.then(URL.revokeObjectURL, () => {});
    this.#held.clear();
  }
}
