// Colours, theme and the phone's back gesture.
import { palette, parse } from './color.js';

const system = matchMedia('(prefers-color-scheme: dark)');

export function isDark() {
  const { theme } = document.documentElement.dataset;
  return theme ? theme === 'dark' : system.matches;
}

export class Look {
  /** @type {any} */
  #watcher = null;

  /** @param {() => void} back what the back gesture does */
  constructor(back) {
    this.back = back;
  }

  /** @param {import('./host.js').Init} init the host page's wishes @param {string} siteColor */
  start(init, siteColor) {
    const root = document.documentElement;
    if (init.theme === 'light' || init.theme === 'dark') root.dataset.theme = init.theme;
    const color = parse(init.color ?? '') ?? parse(siteColor);
    if (!color) return;
    const paint = () => {
      for (const [name, value] of Object.entries(palette(color, isDark()))) root.style.setProperty(name, value);
    };
    system.addEventListener('change', paint);
    paint();
  }

  /** Full screen on a phone: back closes the widget, where the browser tells us of it. @param {boolean} on */
  phone(on) {
    this.#watcher?.destroy();
    this.#watcher = null;
    const Watcher = /** @type {any} */ (window).CloseWatcher;
    if (!on || !Watcher || window.parent === window) return;
    this.#watcher = new Watcher();
    this.#watcher.onclose = this.back;
  }
}
