// What a screen reader is told: each thing once, through a polite and an urgent live region.

const PLACE_MS = 30_000;

export class Sayer {
  #placeAt = -PLACE_MS;
  #place = '';
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {Element} polite @param {Element} urgent */
  constructor(polite, urgent) {
    this.polite = polite;
    this.urgent = urgent;
  }

  /** @param {string} text */
  say(text) {
    this.#put(this.polite, text);
  }

  /** @param {string} text */
  alert(text) {
    this.#put(this.urgent, text);
  }

  /** @param {Element} region @param {string} text */
  #put(region, text) {
    if (!text) return;
    const line = document.createElement('p');
    line.textContent = text;
    region.append(line);
    setTimeout(() => line.remove(), 10_000);
  }

  /** The place in line: the newest one, at most every 30 seconds. @param {string} text */
  place(text) {
    if (text === this.#place) return;
    this.#place = text;
    clearTimeout(this.#timer);
    const wait = this.#placeAt + PLACE_MS - performance.now();
    this.#timer = setTimeout(() => {
      this.#placeAt = performance.now();
      this.say(text);
    }, Math.max(0, wait));
  }

  /** No longer in line. */
  noPlace() {
    clearTimeout(this.#timer);
    this.#place = '';
  }
}
