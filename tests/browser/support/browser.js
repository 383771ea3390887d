// Chromium, and contexts that remember what went wrong in them.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

/** @typedef {import('playwright-core').Browser} Browser */
/** @typedef {import('playwright-core').BrowserContext} BrowserContext */
/** @typedef {import('playwright-core').Page} Page */
/**
 * @typedef {object} Screen
 * @property {boolean} [phone]
 * @property {string} [zone] the visitor's time zone
 * @property {import('./line.js').Line} [line] the visitor's line, to be cut
 * @property {'light' | 'dark'} [scheme]
 */

export const DESKTOP = { width: 1280, height: 800 };
export const PHONE = { width: 390, height: 844 };

const found = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => existsSync(path));

/**
 * A Chromium as people have it: pages of another site may keep something in the browser, apart for each site that embeds
 * them. Playwright's contexts are private windows, which forbid even that unless the profile says otherwise; so does one
 * whose owner forbids it (`forbidding`).
 * @param {{forbidding?: boolean}} [how]
 * @returns {Promise<{browser: Browser, close: () => Promise<void>}>}
 */
export async function launch({ forbidding = false } = {}) {
  const executablePath = process.env.DESKBELL_CHROMIUM || found;
  if (!executablePath) throw new Error('no Chromium found: install it, or name it in DESKBELL_CHROMIUM');
  const folder = mkdtempSync(join(tmpdir(), 'deskbell-chromium-'));
  mkdirSync(join(folder, 'Default'));
  writeFileSync(join(folder, 'Default', 'Preferences'), JSON.stringify({ profile: { cookie_controls_mode: forbidding ? 1 : 0 } }));
  const first = await chromium.launchPersistentContext(folder, {
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
  const browser = first.browser();
  if (!browser) throw new Error('this Playwright does not tell the browser of a profile');
  const close = async () => {
    await first.close();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  return { browser, close };
}

/** What a page complained about: errors in the console, exceptions, dialogs that a script opened. @type {WeakMap<BrowserContext, string[]>} */
const complaints = new WeakMap();

/**
 * A browser profile of its own: nobody else's cookies and storage.
 * @param {Browser} browser
 * @param {Screen} [screen]
 */
export async function profile(browser, { phone = false, zone = 'America/New_York', line, scheme = 'light' } = {}) {
  const context = await browser.newContext({
    viewport: phone ? PHONE : DESKTOP,
    ...(phone ? { isMobile: true, hasTouch: true, deviceScaleFactor: 2 } : {}),
    ...(line ? { proxy: { server: line.url } } : {}),
    timezoneId: zone,
    locale: 'en-US',
    colorScheme: scheme,
    reducedMotion: 'reduce',
  });
  context.setDefaultTimeout(15_000);
  /** @type {string[]} */
  const said = [];
  complaints.set(context, said);
  context.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) said.push(`${message.text()} (${message.location().url})`);
  });
  context.on('weberror', (error) => said.push(`exception: ${error.error().stack}`));
  context.on('dialog', (dialog) => {
    said.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  return context;
}

/** What a browser says by itself when the server or the line is away. */
export const LOST = [/WebSocket connection to .* failed/, /net::ERR_/];

/**
 * Nothing was complained about but what the test brought about itself.
 * @param {BrowserContext} context
 * @param {...RegExp} but
 */
export function clean(context, ...but) {
  const said = (complaints.get(context) ?? []).filter((text) => !but.some((known) => known.test(text)));
  assert.deepEqual(said, [], 'the pages have nothing to complain about');
}
