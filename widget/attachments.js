// Files in the conversation: on their way out and as they came, with styles of their own.
import { drawAttachment } from '../static/js/attachment.js';
import { el } from '../static/js/dom.js';
import { Uploads } from '../static/js/uploads.js';
import { Files } from './files.js';

export class Attachments {
  /** What failed and was told. @type {Set<string>} */
  #alerted = new Set();

  /** @param {import('./app.js').App} app */
  constructor(app) {
    this.app = app;
    this.files = new Files(app);
    this.uploads = new Uploads({
      address: (chat, id) => `/widget/api/files?chat=${chat}&id=${id}`,
      token: () => app.session.known?.token ?? null,
      now: () => app.now(),
      changed: () => app.drawSoon(),
    });
    const styles = /** @type {HTMLLinkElement | null} */ (document.querySelector('link[rel=stylesheet]'));
    if (styles) document.head.append(el('link', { rel: 'stylesheet', href: styles.href.replace('bundle.css', 'attachments.css') }));
  }

  /** @param {HTMLElement} bubble @param {import('../static/js/chatlog.js').Entry} entry */
  draw(bubble, entry) {
    drawAttachment(bubble, entry, this.files);
  }

  /** Sends files, one after the other. @param {string} chat @param {File[]} files */
  send(chat, files) {
    this.uploads.add(chat, files);
    const sending = this.uploads.items.filter((upload) => files.includes(upload.file) && upload.state === 'unsent');
    if (sending.length) this.app.sayer.say(`Sending ${sending.map((upload) => upload.file.name).join(', ')}`);
  }

  /** What screen readers must know. */
  tell() {
    for (const { id, state, error, file } of this.uploads.items) {
      if (state !== 'failed' || this.#alerted.has(id + error)) continue;
      this.#alerted.add(id + error);
      this.app.sayer.alert(`${file.name} was not sent: ${error}`);
    }
  }

  /** The person is unknown here from now on. */
  clear() {
    this.uploads.clear();
    this.files.clear();
  }
}
