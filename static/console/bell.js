// The bell: rings for offers and new messages once a gesture has allowed it, and counts in the window's title.

export class Bell {
  /** @param {string} [name] of the setting that switches it off */
  constructor(name = 'sound') {
    this.name = name;
    /** @type {AudioContext | null} */
    this.audio = null;
    this.on = setting(name);
    this.forMessages = setting('sound-messages');
    this.notices = !setting('no-notices');
    this.volume = Number(stored('volume') ?? 1);
    /** Offers that wait. */
    this.offers = 0;
    this.plain = document.title;
    /** Runs when sound has become possible. */
    this.unlocked = () => {};
    const unlock = () => {
      this.audio ??= new AudioContext();
      this.audio.resume().then(() => this.unlocked(), () => {});
    };
    for (const type of ['pointerdown', 'keydown']) window.addEventListener(type, unlock, { once: true, capture: true });
  }

  /** True: the browser waits for a click or a key before it plays anything. */
  get locked() {
    return this.on && this.audio?.state !== 'running';
  }

  /** Writes the window's title. @param {number} unread chats with unread messages */
  title(unread) {
    const count = this.offers + unread;
    const text = this.offers > 0 ? `(${count}) Offer waiting – Deskbell` : count > 0 ? `(${count}) ${this.plain}` : this.plain;
    if (document.title !== text) document.title = text;
  }

  /** @param {boolean} on */
  set(on) {
    this.on = on;
    keep(this.name, on);
  }

  /** @param {'offer' | 'message'} what */
  ring(what) {
    if (!this.on || this.audio?.state !== 'running') return;
    if (what === 'message') return this.forMessages ? this.#strike(this.audio, 1046.5, 0, 0.05 * this.volume) : undefined;
    this.#strike(this.audio, 1318.5, 0, 0.14 * this.volume);
    this.#strike(this.audio, 1318.5, 0.22, 0.14 * this.volume);
  }

  /**
   * A notice of the system, where the person asked for them and looks elsewhere.
   * @param {string} title
   * @param {string} body
   * @param {string} tag one notice for each thing
   */
  notify(title, body, tag) {
    if (!this.notices || typeof Notification === 'undefined' || Notification.permission !== 'granted' || document.hasFocus()) return;
    const notice = new Notification(title, { body, tag });
    notice.onclick = () => {
      window.focus();
      notice.close();
    };
  }

  /**
   * One stroke of a small brass bell: the tone and two partials that fade.
   * @param {AudioContext} audio
   * @param {number} tone Hz
   * @param {number} after seconds
   * @param {number} volume
   */
  #strike(audio, tone, after, volume) {
    const start = audio.currentTime + after;
    if (volume <= 0) return;
    for (const [ratio, share, length] of /** @type {const} */ ([[1, 1, 1.1], [2.76, 0.4, 0.5], [5.4, 0.2, 0.25]])) {
      const source = audio.createOscillator();
      const gain = audio.createGain();
      source.frequency.value = tone * ratio;
      gain.gain.setValueAtTime(volume * share, start);
      gain.gain.exponentialRampToValueAtTime(0.0001, start + length);
      source.connect(gain).connect(audio.destination);
      source.start(start);
      source.stop(start + length);
    }
  }
}

/**
 * The bell of the console: rings while offers wait.
 * @param {import('./app.js').App} app
 */
export function bellFor(app) {
  const bell = new Bell();
  /** @type {Set<string>} */
  let known = new Set();
  bell.unlocked = () => app.draw();
  app.part(() => {
    const offers = (app.state.desk?.offers ?? []).filter((offer) => Date.parse(offer.expires_at) > app.now());
    const fresh = offers.filter((offer) => !known.has(offer.id));
    if (fresh.length > 0) bell.ring('offer');
    for (const { id, chat } of fresh) bell.notify(`Offer: ${chat.customer}`, `${chat.category}: ${chat.question}`, id);
    known = new Set(offers.map((offer) => offer.id));
    bell.offers = known.size;
  });
  setInterval(() => known.size > 0 && bell.ring('offer'), 6000);
  return bell;
}

/** @param {string} name @returns {string | null} */
function stored(name) {
  try {
    return localStorage.getItem(`deskbell:${name}`);
  } catch {
    return null;
  }
}

/** @param {string} name @param {string} value */
export function store(name, value) {
  try {
    localStorage.setItem(`deskbell:${name}`, value);
  } catch {
    // Private windows may refuse: the setting lasts until the page is left.
  }
}

/** A setting of this browser that is on until it is switched off. @param {string} name */
export function setting(name) {
  try {
    return localStorage.getItem(`deskbell:${name}`) !== 'off';
  } catch {
    return true;
  }
}

/** @param {string} name @param {boolean} on */
export function keep(name, on) {
  try {
    localStorage.setItem(`deskbell:${name}`, on ? 'on' : 'off');
  } catch {
    // Private windows may refuse: the setting lasts until the page is left.
  }
}
