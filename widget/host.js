// The line to the page that embeds us: one MessagePort, taken once. Nothing of the chat crosses it but counts and names of events.

/** @typedef {{open: boolean, phone: boolean, locale?: string, theme?: string, color?: string, department?: string}} Init */
/** @typedef {{type: 'open', focus: boolean} | {type: 'close'} | {type: 'phone', on: boolean} | {type: 'compose', text: string} | {type: 'new'} | {type: 'end'} | {type: 'transcript'} | {type: 'logout'} | {type: 'page', url: string, title: string}} Command */

/** @type {Init} */
const alone = { open: true, phone: false };

export class Host {
  /** @type {MessagePort | null} */
  #port = null;
  #ready = false;
  #unread = 0;
  #status = '';

  /** @param {(command: Command) => void} obey */
  constructor(obey) {
    /** What the loader said at the start; resolves at once when nobody embeds us. @type {Promise<Init>} */
    this.init = new Promise((resolve) => {
      if (window.parent === window) return resolve(alone);
      addEventListener('message', (event) => {
        if (this.#port || event.source !== window.parent || event.data?.deskbell !== 'init') return;
        const [port] = event.ports;
        if (!port) return;
        this.#port = port;
        port.onmessage = (e) => obey(e.data);
        resolve({ ...alone, ...event.data });
      });
    });
  }

  /** @param {object} message */
  #tell(message) {
    this.#port?.postMessage(message);
  }

  /** @param {string} color the site's @param {boolean} dark */
  ready(color, dark) {
    this.#ready = true;
    this.#tell({ type: 'ready', color, dark });
  }

  /** Asks to be closed. */
  close() {
    this.#tell({ type: 'close' });
  }

  /** @param {number} n */
  unread(n) {
    if (!this.#ready || n === this.#unread) return;
    this.#unread = n;
    this.#tell({ type: 'unread', n });
  }

  /** @param {string} status */
  status(status) {
    if (!this.#ready || status === this.#status) return;
    this.#status = status;
    this.#tell({ type: 'status', status });
  }

  /** @param {string} name of an event; `detail` carries no content of the chat @param {object} [detail] */
  event(name, detail = {}) {
    this.#tell({ type: 'event', name, detail });
  }
}
