// A person of the desk in front of the console.
import { profile } from './browser.js';
import { becomes } from './until.js';

/** @typedef {import('playwright-core').Page} Page */

export class Agent {
  #online = false;

  /** @param {Page} page @param {import('./server.js').Server} server @param {string} name */
  constructor(page, server, name) {
    this.page = page;
    this.server = server;
    this.name = name;
    this.context = page.context();
    this.offer = page.locator('#offers .offer');
    this.reply = page.locator('#reply');
  }

  /**
   * Signs in through the page, as a person would.
   * @param {import('playwright-core').Browser} browser
   * @param {import('./server.js').Server} server
   * @param {string} first
   * @param {import('./browser.js').Screen & {path?: string}} [screen]
   */
  static async signIn(browser, server, first, { path = '/console', ...screen } = {}) {
    const { email, password, name } = server.login(first);
    const context = await profile(browser, screen);
    const page = await context.newPage();
    await page.goto(`${server.url}/login?next=${encodeURIComponent(path)}`);
    await page.getByLabel('E-mail address').fill(email);
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.waitForURL((url) => url.pathname === path);
    return new Agent(page, server, name);
  }

  /** Chats may be offered from now on. */
  async online() {
    await this.#choose('Online');
    this.#online = true;
    return this;
  }

  async away() {
    await this.#choose('Away');
    this.#online = false;
  }

  /** @param {'Online' | 'Away'} state */
  async #choose(state) {
    await this.page.locator('#presence fieldset:enabled').waitFor();
    if (await this.page.getByRole('radio', { name: state }).isChecked()) return;
    await this.page.locator('#presence').getByText(state, { exact: true }).click();
    await this.page.locator('#say').getByText(`You are ${state.toLowerCase()}`).last().waitFor({ state: 'attached' });
  }

  /** Takes the chat that is offered and has it on the screen. @param {string} [customer] */
  async accept(customer = '') {
    await this.offer.filter({ hasText: customer }).getByRole('button', { name: 'Accept' }).click();
    await this.reply.waitFor();
  }

  /** @param {string} text */
  async say(text) {
    await this.reply.fill(text);
    await this.reply.press('Control+Enter');
  }

  /** The messages as they stand on the screen. @returns {Promise<{own: boolean, text: string, mark: string | null}[]>} */
  said() {
    return this.page.locator('#thread-rows').evaluate((list) =>
      [...list.querySelectorAll('.msg')].map((row) => ({
        own: row.classList.contains('msg-own'),
        text: row.querySelector('.msg-bubble')?.textContent ?? '',
        mark: row.classList.contains('msg-own') ? row.querySelector('.mark')?.textContent?.trim() ?? '' : null,
      })),
    );
  }

  async texts() {
    return (await this.said()).map((row) => row.text);
  }

  /** @param {string[]} texts */
  async reads(texts) {
    await becomes(() => this.texts(), texts, 'the messages in the console');
  }

  /** @param {string} text @param {string} mark */
  async marked(text, mark) {
    await becomes(async () => (await this.said()).find((row) => row.text === text)?.mark, mark, `the mark of “${text}” in the console`);
  }

  /** A quiet line of the thread. @param {RegExp} text */
  async told(text) {
    await this.page.locator('#thread-rows .quiet', { hasText: text }).first().waitFor();
  }

  /** @param {'offers' | 'mine' | 'line' | 'queue' | 'owned' | 'working' | 'unverified' | 'notices'} view */
  async view(view) {
    await this.page.locator(`a[data-view=${view}]`).click();
  }

  /** A row of the list. @param {string | RegExp} text */
  row(text) {
    return this.page.locator('#rows li', { hasText: text });
  }

  /** What the console does, as a program does it. @param {string} path @returns {Promise<any>} */
  async api(path) {
    const answer = await this.context.request.get(`${this.server.url}${path}`);
    if (!answer.ok()) throw new Error(`${path}: ${answer.status()} ${await answer.text()}`);
    return answer.json();
  }

  /** Leaves the desk: away first, so that no offer goes to an empty chair. */
  async go() {
    if (this.#online) await this.away();
    await this.context.close();
  }
}
