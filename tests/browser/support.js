// What the browser tests stand on: a server of their own on either engine, customers, people of the desk, and lines to cut.
import { after, before } from 'node:test';
import { launch } from './support/browser.js';
import { Server } from './support/server.js';

export { accessible, fits } from './support/axe.js';
export { clean, launch, LOST, profile } from './support/browser.js';
export { Agent } from './support/agent.js';
export { Line } from './support/line.js';
export { engine, Server } from './support/server.js';
export { becomes, until } from './support/until.js';
export { Visitor } from './support/visitor.js';

/**
 * One Chromium and one server for all tests of a file.
 * @param {import('./support/server.js').Start} [how]
 */
export function stage(how = {}) {
  /** @type {{browser: import('playwright-core').Browser, server: Server}} */
  const here = /** @type {any} */ ({});
  /** @type {(() => Promise<void>) | undefined} */
  let close;
  before(async () => {
    [{ browser: here.browser, close }, here.server] = await Promise.all([launch(), Server.start(how)]);
  });
  after(async () => {
    await close?.();
    await here.server?.close();
  });
  return here;
}
