// Files on their way into a chat: one after the other, with progress, each sent again under its own id until the server has it.

/** The largest file that the server takes, in bytes. */
export const MAX_FILE = 5 * 1024 * 1024;
/** How often a file is sent again by itself after the line broke. */
const TRIES = 4;
/** Longer than the server waits. */
const PATIENCE_MS = 150_000;

/**
 * @typedef {object} Upload
 * @property {string} id the client's id, which becomes the event's
 * @property {string} chat
 * @property {File} file
 * @property {string} at when it was chosen here
 * @property {'unsent' | 'acked' | 'failed'} state `acked` until its event arrives
 * @property {number} sent how much of it, 0 to 1
 * @property {number | null} seq
 * @property {string} error
 * @property {boolean} again trying once more may help
 * @property {number} tries
 */

/** A size in words. @param {number} bytes */
export function sizeWords(bytes) {
  if (bytes < 1000) return `${bytes} bytes`;
  return bytes < 1_000_000 ? `${Math.round(bytes / 1000)} KB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/** What is wrong with a file before it is sent; empty: nothing. @param {File} file */
function wrongWith(file) {
  if (file.size === 0) return 'There is nothing in this file, so it was not sent.';
  if (file.size <= MAX_FILE) return '';
  return `This file has ${sizeWords(file.size)}; up to 5 MB can be sent. Please send a smaller one, or only the part of it that matters.`;
}

export class Uploads {
  /** In order. @type {Upload[]} */
  items = [];
  /** @type {{id: string, request: XMLHttpRequest} | null} */
  #running = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * @param {object} use
   * @param {(chat: string, id: string) => string} use.address where a file goes
   * @param {() => string | null} [use.token] none: the page's cookie counts
   * @param {() => number} use.now the server's time, in ms
   * @param {() => void} use.changed draw them again
   * @param {() => XMLHttpRequest} [use.request]
   */
  constructor({ address, token = () => null, now, changed, request = () => new XMLHttpRequest() }) {
    this.address = address;
    this.token = token;
    this.now = now;
    this.changed = changed;
    this.request = request;
    // Nothing of a file is kept in the browser: a page that goes takes it along, so the browser asks first.
    globalThis.window?.addEventListener('beforeunload', (event) => {
      if (this.items.some((upload) => upload.state === 'unsent')) event.preventDefault();
    });
  }

  /** Those of a chat. @param {string} chat */
  of(chat) {
    return this.items.filter((upload) => upload.chat === chat);
  }

  /** @param {string} id */
  find(id) {
    return this.items.find((upload) => upload.id === id) ?? null;
  }

  /** Puts files into the line; what cannot be sent says so at once. @param {string} chat @param {Iterable<File>} files */
  add(chat, files) {
    for (const file of files) {
      const error = wrongWith(file);
      /** @type {Upload} */
      const upload = { id: crypto.randomUUID(), chat, file, at: new Date(this.now()).toISOString(), state: error ? 'failed' : 'unsent', sent: 0, seq: null, error, again: false, tries: 0 };
      this.items.push(upload);
    }
    this.#next();
    this.changed();
  }

  /** A failed one once more. @param {string} id */
  retry(id) {
    const upload = this.find(id);
    if (upload?.state !== 'failed' || !upload.again) return;
    Object.assign(upload, { state: 'unsent', error: '', tries: 0, sent: 0 });
    this.#next();
    this.changed();
  }

  /** Not to be sent after all. What the server has already comes back as an event. @param {string} id */
  cancel(id) {
    this.#drop(id);
    if (this.#running?.id === id) this.#running.request.abort();
    this.#next();
    this.changed();
  }

  /** Its event is in the log. @param {string} id */
  arrived(id) {
    this.#drop(id);
  }

  /** The connection is back: what waits for another try need not wait any longer. */
  wake() {
    this.#next();
  }

  /** Forgets everything: another person is here. */
  clear() {
    this.items = [];
    this.#running?.request.abort();
  }

  /** @param {string} id */
  #drop(id) {
    this.items = this.items.filter((upload) => upload.id !== id);
  }

  #next() {
    const upload = this.items.find((item) => item.state === 'unsent');
    if (this.#running || !upload) return;
    clearTimeout(this.#timer);
    const request = this.request();
    this.#running = { id: upload.id, request };
    upload.sent = 0;
    request.open('POST', this.address(upload.chat, upload.id));
    request.timeout = PATIENCE_MS;
    request.responseType = 'json';
    const token = this.token();
    if (token) request.setRequestHeader('authorization', `Bearer ${token}`);
    request.setRequestHeader('content-type', 'application/octet-stream');
    request.setRequestHeader('content-disposition', `attachment; filename*=UTF-8''${encodeURIComponent(upload.file.name.toWellFormed())}`);
    request.upload.onprogress = ({ loaded, total }) => {
      upload.sent = total ? loaded / total : 0;
      this.changed();
    };
    request.onloadend = () => {
      this.#running = null;
      this.#answered(upload, request.status, request.response);
      if (!this.#timer) this.#next();
      this.changed();
    };
    request.send(upload.file);
  }

  /**
   * @param {Upload} upload
   * @param {number} status 0: no answer came
   * @param {any} answer
   */
  #answered(upload, status, answer) {
    this.#timer = undefined;
    // Cancelled, or its event came first.
    if (!this.items.includes(upload)) return;
    if (status === 201) return void Object.assign(upload, { state: 'acked', sent: 1, seq: answer?.seq ?? null, at: answer?.at ?? upload.at });
    upload.again = status === 0 || status >= 500 || [401, 408, 429].includes(status);
    const byItself = status === 0 || status >= 500 || answer?.code === 'one_at_a_time';
    upload.tries += 1;
    if (byItself && upload.tries < TRIES) {
      this.#timer = setTimeout(() => {
        this.#timer = undefined;
        this.#next();
      }, 1000 * 2 ** upload.tries);
      return;
    }
    const words = status === 0 ? 'The connection was lost while this file was on its way. Please try again.' : 'Something went wrong on our side. Please try again.';
    Object.assign(upload, { state: 'failed', error: answer?.message ?? words });
  }
}
