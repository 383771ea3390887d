import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contrast, palette } from '../../widget/color.js';

/** @param {string | undefined} value @returns {[number, number, number]} */
const rgb = (value) => /** @type {any} */ ((value ?? '').match(/\d+/g)?.map(Number));

test('every colour of the cube reads at 4.5:1 in both themes', () => {
  const steps = [0, 51, 102, 153, 204, 255];
  for (const r of steps) for (const g of steps) for (const b of steps) for (const dark of [false, true]) {
    const p = palette([r, g, b], dark);
    const what = `${r} ${g} ${b} ${dark}`;
    const surfaces = dark ? [[19, 28, 25], [33, 48, 42]] : [[255, 255, 255], [229, 236, 232]];
    for (const fill of ['--brand', '--brand-hover']) assert.ok(contrast(rgb(p[fill]), rgb(p['--on-brand'])) >= 4.5, `${fill} ${what}`);
    for (const ground of [...surfaces, rgb(p['--brand-soft'])]) assert.ok(contrast(/** @type {any} */ (ground), rgb(p['--brand-ink'])) >= 4.5, `ink ${what}`);
    for (const text of ['--on-bubble-own', '--bubble-own-2']) assert.ok(contrast(rgb(p['--bubble-own']), rgb(p[text])) >= 4.5, `${text} ${what}`);
  }
});
