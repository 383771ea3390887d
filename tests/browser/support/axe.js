// What axe says of a page.
import assert from 'node:assert/strict';
import { AxeBuilder } from '@axe-core/playwright';

/** No violation of any rule of axe. @param {import('playwright-core').Page} page @param {string} where */
export async function accessible(page, where) {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const found = violations.map((v) => `${v.id}: ${v.help} — ${v.nodes.map((n) => `${n.target.join(' ')} (${n.failureSummary?.split('\n')[1]?.trim()})`).slice(0, 3).join('; ')}`);
  assert.deepEqual(found, [], `axe on ${where}`);
}

/** Nothing of it stands beside a screen of 320 pixels. @param {import('playwright-core').Page} page @param {string} selector */
export async function fits(page, selector) {
  const before = page.viewportSize() ?? { width: 0, height: 0 };
  await page.setViewportSize({ width: 320, height: 640 });
  assert.ok(await page.locator(selector).evaluate((box) => box.scrollWidth <= box.clientWidth && box.clientWidth <= 320), `${selector} at 320 pixels`);
  await page.setViewportSize(before);
}
