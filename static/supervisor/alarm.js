// Limits that are crossed: a strip, and a sound when one is crossed or a flag goes up. Sound waits for a gesture and can be switched off.
import { byId, el, reconcile, setText } from '../js/dom.js';
import { Bell } from '../console/bell.js';
import { crossed } from './tiles.js';

export function alarm() {
  const bell = new Bell('wallboard-sound');
  const button = byId('sound', HTMLButtonElement);
  const strip = byId('alerts', HTMLElement);
  /** How bad each was when it was looked at last. @type {Map<string, number> | null} */
  let known = null;

  const show = () => {
    button.setAttribute('aria-pressed', String(bell.on));
    setText(button, !bell.on ? 'Sound off' : bell.locked ? 'Sound: click once' : 'Sound on');
  };
  button.addEventListener('click', () => {
    bell.set(!bell.on);
    show();
  });
  bell.unlocked = show;
  show();

  /**
   * @param {import('./tiles.js').Tile[]} tiles
   * @param {import('../js/types.js').FlagView[]} flags
   */
  return (tiles, flags) => {
    const over = crossed(tiles);
    strip.hidden = over.length === 0;
    strip.className = `strip alert-strip ${over.some((one) => one.level === 'bad') ? 'strip-bad' : 'strip-warn'}`;
    reconcile(strip, over, (one) => one.key, () => el('span', null), (node, one) => setText(node, one.text));
    const now = new Map([...over.map((one) => /** @type {const} */ ([one.key, one.level === 'bad' ? 2 : 1])), ...flags.map((flag) => /** @type {const} */ ([flag.chat, 2]))]);
    const before = known;
    // What was so when the page opened is no news.
    if (before && [...now].some(([key, bad]) => bad > (before.get(key) ?? 0))) bell.ring('offer');
    known = now;
  };
}
