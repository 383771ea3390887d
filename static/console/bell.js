// The bell: rings for offers and new messages once a gesture has allowed it, and counts in the window's title.

export class Bell {
  constructor() {
    /** @type {AudioContext | null} */
    this.audio = null;
    this.on = setting('sound');
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
    keep('sound', on);
  }

  /** @param {'offer' | 'message'} what */
  ring(what) {
    if (!this.on || this.audio?.state !== 'running') return;
    if (what === 'message') return this.#strike(this.audio, 1046.5, 0, 0.05);
    this.#strike(this.audio, 1318.5, 0, 0.14);
    this.#strike(this.audio, 1318.5, 0.22, 0.14);
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
    if (offers.some((offer) => !known.has(offer.id))) bell.ring('offer');
    known = new Set(offers.map((offer) => offer.id));
    bell.offers = known.size;
  });
  setInterval(() => known.size > 0 && bell.ring('offer'), 6000);
  return bell;
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
