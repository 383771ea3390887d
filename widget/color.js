// A brand colour of any kind, made readable: text on it and text in it reach 4.5:1 on our grounds. Pure.

/** @typedef {[number, number, number]} Rgb 0 to 255 */

/** WCAG's relative luminance. @param {Rgb} rgb */
export function luminance(rgb) {
  const [r = 0, g = 0, b = 0] = rgb.map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** @param {Rgb} a @param {Rgb} b */
export function contrast(a, b) {
  const [low = 0, high = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

/** @param {Rgb} a @param {Rgb} b @param {number} part of b */
export function mix(a, b, part) {
  return /** @type {Rgb} */ (a.map((v, i) => Math.round(v + (/** @type {number} */ (b[i]) - v) * part)));
}

/** @type {Rgb} */ const BLACK = [0, 0, 0];
/** @type {Rgb} */ const WHITE = [255, 255, 255];

/** Black or white, whichever reads better on `ground`: always above 4.5:1. @param {Rgb} ground */
export function textOn(ground) {
  return contrast(ground, WHITE) >= contrast(ground, BLACK) ? WHITE : BLACK;
}

/**
 * `color`, moved toward black or white until it reads on all `grounds`.
 * @param {Rgb} color
 * @param {Rgb[]} grounds
 * @param {boolean} dark the grounds are dark
 * @returns {Rgb}
 */
export function readable(color, grounds, dark) {
  for (let step = 0; step <= 20; step += 1) {
    const tried = mix(color, dark ? WHITE : BLACK, step / 20);
    if (grounds.every((ground) => contrast(tried, ground) >= 4.6)) return tried;
  }
  return dark ? WHITE : BLACK;
}

/**
 * Values for the custom properties of tokens.css that a site's colour replaces.
 * @param {Rgb} color
 * @param {boolean} dark
 * @returns {Record<string, string>}
 */
export function palette(color, dark) {
  /** @type {Rgb} */ const surface = dark ? [19, 28, 25] : WHITE;
  /** @type {Rgb} */ const inset = dark ? [33, 48, 42] : [229, 236, 232];
  const soft = mix(surface, color, dark ? 0.3 : 0.14);
  const ink = readable(color, [surface, inset, soft], dark);
  // A filled control must stand out from the page; its words tell what it is.
  let fill = color;
  for (let step = 1; step <= 20 && contrast(fill, surface) < (dark ? 3 : 1.25); step += 1) fill = mix(color, dark ? WHITE : BLACK, step / 20);
  const on = textOn(fill);
  // Hover goes away from the text, so that it only gains contrast.
  const hover = mix(fill, on === WHITE ? BLACK : WHITE, 0.14);
  const bubble = textOn(soft);
  const text = { brand: fill, 'brand-hover': hover, 'on-brand': on, 'brand-soft': soft, 'brand-ink': ink, 'bubble-own': soft, 'on-bubble-own': mix(bubble, soft, 0.06), 'bubble-own-2': readable(mix(bubble, soft, 0.4), [soft], dark) };
  return Object.fromEntries(Object.entries(text).map(([name, rgb]) => [`--${name}`, `rgb(${rgb.join(' ')})`]));
}

/**
 * Any CSS colour as numbers, by asking the browser; null when it is none.
 * @param {string} value
 * @returns {Rgb | null}
 */
export function parse(value) {
  if (!value || !CSS.supports('color', value)) return null;
  const probe = document.createElement('i');
  probe.style.setProperty('color', value);
  document.body.append(probe);
  const found = getComputedStyle(probe).color.match(/[\d.]+/g)?.slice(0, 3).map(Number);
  probe.remove();
  return found?.length === 3 ? /** @type {Rgb} */ (found) : null;
}
