// A customer in front of the page that embeds the widget.
import { profile } from './browser.js';
import { becomes } from './until.js';

/** @typedef {import('playwright-core').Page} Page */
/** @typedef {{who: string, text: string, mark: string | null}} Said `mark`: of an own message; null: the other side's */

export class Visitor {
  /** @param {Page} page @param {import('./server.js').Server} server */
  constructor(page, server) {
    this.page = page;
    this.server = server;
    this.context = page.context();
    this.launcher = page.locator('#deskbell button.go');
    this.frame = page.frameLocator('#deskbell iframe');
    this.heading = this.frame.locator('main h1');
    this.box = this.frame.locator('#m-text');
    this.question = this.frame.locator('#q-text');
  }

  /**
   * @param {import('playwright-core').Browser} browser
   * @param {import('./server.js').Server} server
   * @param {import('./browser.js').Screen} [screen]
   */
  static async arrive(browser, server, screen = {}) {
    const context = await profile(browser, screen);
    const page = await context.newPage();
    await page.goto(server.site);
    return new Visitor(page, server);
  }

  /** A second tab of the same browser. */
  async secondTab() {
    const page = await this.context.newPage();
    await page.goto(this.server.site);
    return new Visitor(page, this.server);
  }

  /** Opens the widget, unless it is open. */
  async open() {
    if ((await this.launcher.getAttribute('aria-expanded')) === 'false') await this.launcher.click();
    await this.heading.waitFor({ state: 'attached' });
  }

  /** From the first page to the question (or the choice of an account). @param {import('./server.js').Contact} contact */
  async verify({ email, pin }) {
    await this.frame.getByRole('button', { name: 'Chat with a specialist' }).click();
    await this.frame.locator('#f-email').fill(email);
    await this.frame.locator('#f-pin').fill(pin);
    await this.frame.getByRole('button', { name: 'Continue' }).click();
  }

  /** Sends the question. @param {string} text @param {string} category its name */
  async ask(text, category) {
    await this.question.fill(text);
    await this.frame.locator('#q-category').selectOption({ label: category });
    await this.frame.getByRole('button', { name: 'Talk to a specialist' }).click();
    await this.box.waitFor();
  }

  /** All of it: from a closed widget to the line. @param {string} first who @param {string} text @param {string} [category] */
  async comeWith(first, text, category = 'Claims & rejections') {
    await this.open();
    await this.verify(this.server.contact(first));
    await this.ask(text, category);
    await this.frame.getByText(/in line/).first().waitFor();
  }

  /** @param {string} text */
  async say(text) {
    await this.box.fill(text);
    await this.frame.getByRole('button', { name: 'Send message' }).click();
  }

  /** The messages as they stand on the screen. @returns {Promise<Said[]>} */
  said() {
    return this.frame.locator('.rows').evaluate((list) => {
      let who = '';
      return [...list.querySelectorAll('.msg')].map((row) => {
        who = row.querySelector('.who')?.textContent ?? who;
        const mark = row.hasAttribute('data-mine') ? row.querySelector('.mark-text')?.textContent ?? '' : null;
        return { who, text: row.querySelector('.bubble')?.textContent ?? '', mark };
      });
    });
  }

  async texts() {
    return (await this.said()).map((row) => row.text);
  }

  /** @param {string[]} texts */
  async reads(texts) {
    await becomes(() => this.texts(), texts, 'the messages in the widget');
  }

  /** The mark of the own message with this text becomes … @param {string} text @param {string} mark */
  async marked(text, mark) {
    await becomes(async () => (await this.said()).find((row) => row.text === text)?.mark, mark, `the mark of “${text}” in the widget`);
  }

  /** The line between messages, such as "Case 1042 was opened". @param {RegExp} text */
  async told(text) {
    await this.frame.locator('.rows .line', { hasText: text }).first().waitFor();
  }

  /** From the page outside the hours, after a lock, without a PIN. @param {{name: string, email: string, text: string, number?: string, topic?: string}} message @returns {Promise<number>} the case's number */
  async leave({ name, email, text, number = '', topic = '' }) {
    const { frame } = this;
    await frame.locator('#l-name').fill(name);
    await frame.locator('#l-email').fill(email);
    await frame.locator('#l-number').fill(number);
    if (topic) await frame.locator('#l-category').selectOption({ label: topic });
    await frame.locator('#l-text').fill(text);
    await frame.getByRole('button', { name: 'Send message' }).click();
    await frame.getByRole('heading', { name: 'Message received' }).waitFor();
    return Number(await frame.locator('b.num').textContent());
  }

  async go() {
    await this.context.close();
  }
}
