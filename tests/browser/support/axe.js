// What axe says of a page.
import assert from 'node:assert/strict';
import { AxeBuilder } from '@axe-core/playwright';

/** No violation of any rule of axe. @param {import('playwright-core').Page} page @param {string} where */
export async function accessible(page, where) {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const found = violations.map((v) => `${v.id}: ${v.help} — ${v.nodes.map((n) => `${n.target.join(' ')} (${n.failureSummary?.split('\n')[1]?.trim()})`).slice(0, 3).join('; ')}`);
  assert.deepEqual(found, [], `axe on ${where}`);
}
