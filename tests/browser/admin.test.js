// An admin's morning: a team, a person, a category with a route, a tag, a reply, a site, and the record of it all. With JavaScript and
// without, on a desktop and on a phone.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Agent, accessible, clean, stage } from './support.js';

const here = stage();

const PAGES = ['', '/teams', '/people', '/people/new', '/categories', '/severities', '/hours', '/promises', '/agreement', '/rules', '/sites', '/tags', '/replies', '/log'];

/**
 * Signs in and goes through the whole setup.
 * @param {import('playwright-core').Page} page
 * @param {string} mark what tells this morning from others
 * @param {(page: import('playwright-core').Page, where: string) => Promise<void>} look
 */
async function morning(page, mark, look) {
  const { server } = here;
  const team = `Onboarding ${mark}`;
  /** @param {string} name */
  const save = async (name) => {
    await page.getByRole('button', { name, exact: true }).click();
    await page.getByRole('status').waitFor();
  };
  /** @param {string} path */
  const go = (path) => page.goto(`${server.url}/admin${path}`);

  await go('');
  await page.getByRole('navigation', { name: 'Setup' }).getByRole('link', { name: 'Teams' }).click();
  await page.getByLabel('Name').fill(team);
  await page.getByLabel('Overflow team').selectOption({ label: 'Claims & Payments' });
  await save('Add the team');
  await page.getByRole('row', { name: new RegExp(team) }).getByText('Claims & Payments').waitFor();

  // What is wrong is said all at once, above the heading and beside the fields, and what was typed is still there.
  await go('/people/new');
  const login = { name: `Nora ${mark}`, email: `nora.${mark}@ledgerleaf.example`, password: 'a long password' };
  await page.getByLabel('Name').fill(login.name);
  await page.getByLabel('E-mail address').fill(login.email);
  await page.getByLabel('Chats at once').fill('99');
  await page.getByLabel('Password').fill('short');
  await page.getByLabel(team).check();
  await page.getByLabel('Languages').fill('english');
  await page.getByRole('button', { name: 'Add the person' }).click();
  await page.getByRole('heading', { name: 'The change was not saved' }).waitFor();
  assert.match(await page.title(), /^Error: /);
  assert.equal(await page.getByRole('alert').getByRole('link').count(), 3);
  await page.getByRole('alert').getByRole('link', { name: /Chats at once/ }).click();
  assert.equal(await page.locator('#capacity:focus').inputValue(), '99', 'the summary leads to the field, which keeps its value');
  assert.equal(await page.getByLabel('Name').inputValue(), login.name);
  assert.equal(await page.getByLabel(team).isChecked(), true);
  await look(page, 'the form of a person, with errors');
  await page.getByLabel('Chats at once').fill('3');
  await page.getByLabel('Languages').fill('en, es');
  await page.getByLabel('Password').fill(login.password);
  await save('Add the person');
  await page.getByRole('heading', { name: login.name, exact: true }).waitFor();
  await look(page, 'a person');
  await page.getByLabel('Supervisor').check();
  await save('Save');

  await go('/categories');
  await page.getByLabel('Name').fill(`Faxes ${mark}`);
  await page.getByLabel('Team', { exact: true }).selectOption({ label: team });
  await page.getByLabel('Severity 1: team').selectOption({ label: 'Platform & Access' });
  await page.getByLabel('Severity 1: tier').selectOption({ label: 'tier III' });
  await save('Add the category');
  const faxes = page.getByRole('row', { name: new RegExp(`Faxes ${mark}`) });
  await faxes.getByText('1 Work stopped: Platform & Access, tier III').waitFor();
  await faxes.getByRole('button', { name: /^Move .* up$/ }).click();
  await page.getByText('The order was changed.').waitFor();
  await faxes.getByRole('link', { name: 'Change' }).click();
  assert.equal(await page.getByLabel('Severity 1: tier').inputValue(), '3');
  await look(page, 'a category');

  await go('/tags');
  await page.getByLabel('Name').fill(`Refund ${mark}`);
  await save('Add the tag');
  await page.getByRole('row', { name: new RegExp(`Refund ${mark}`) }).getByRole('button', { name: /^Retire/ }).click();
  await page.getByText('It was retired.').waitFor();

  await go('/replies');
  await page.getByLabel('Shortcut').fill(`late-${mark}`);
  await page.getByLabel('Title').fill('We are late');
  await page.getByLabel('Text').fill('Dear {{name}},\nwe are late.');
  await page.getByRole('button', { name: 'Add the reply' }).click();
  await page.getByRole('alert').getByText(/\{\{customer\}\}, \{\{account\}\}, \{\{agent\}\}, \{\{case\}\}/).waitFor();
  assert.equal(await page.getByLabel('Text').inputValue(), 'Dear {{name}},\nwe are late.');
  await page.getByLabel('Text').fill('Dear {{customer}},\nwe are late.');
  await save('Add the reply');

  await go('/sites');
  await page.getByLabel('Name').fill(`Second desk ${mark}`);
  await page.getByLabel('Allowed origins').fill(`https://www.${mark}.example/`);
  await save('Add the site');
  const site = page.getByRole('region', { name: `Second desk ${mark}` });
  assert.match((await site.locator('pre').textContent()) ?? '', /^<script async src="http:\/\/127\.0\.0\.1:\d+\/widget\.js" data-token="pub_[0-9a-f]{16}"><\/script>$/);
  await site.getByRole('link', { name: /^Remove/ }).click();
  await page.getByRole('heading', { name: `Remove Second desk ${mark}?` }).waitFor();
  await look(page, 'a site to be removed');
  await page.getByRole('link', { name: 'Keep it' }).click();

  await go('/rules');
  await page.getByLabel('Wrap-up time').fill(String(30 + mark.length));
  await save('Save the rules');
  await page.getByLabel('Waiting now: bad').fill('1');
  await page.getByLabel('Waiting now: late').fill('2');
  await page.getByRole('button', { name: 'Save the thresholds' }).click();
  await page.getByRole('alert').getByText(/must be at least as much/).waitFor();
  await page.getByLabel('Waiting now: bad').fill(String(5 + mark.length));
  await save('Save the thresholds');

  await go('/log');
  for (const text of [`Added the team ${team}.`, `Added Nora ${mark}.`, `Added the category Faxes ${mark}.`, `Moved the category Faxes ${mark} up.`, `Retired the tag Refund ${mark}.`, `Added the shared reply /late-${mark}.`, `Added the site Second desk ${mark}.`, 'Changed the thresholds.']) {
    await page.getByText(text).first().waitFor();
  }
  await page.getByRole('navigation', { name: 'Kinds of change' }).getByRole('link', { name: /^People/ }).click();
  const changed = page.getByRole('row', { name: new RegExp(`Changed Nora ${mark}`) });
  await changed.getByText('agent').first().waitFor();
  await changed.getByText('supervisor').first().waitFor();
  assert.equal(await page.getByText(`Added the team ${team}.`).count(), 0);
}

for (const [phone, scheme] of /** @type {const} */ ([[false, 'light'], [true, 'dark']])) {
  test(`run_05_an_admins_morning_${phone ? 'phone' : 'desktop'}_${scheme}`, async () => {
    const { browser, server } = here;
    const wilma = await Agent.signIn(browser, server, 'wilma', { phone, scheme, path: '/admin' });
    await morning(wilma.page, scheme, accessible);
    for (const path of PAGES) {
      await wilma.page.goto(`${server.url}/admin${path}`);
      await accessible(wilma.page, `/admin${path}`);
      if (path === '/people/new') {
        await wilma.page.goto(`${server.url}/admin/people`);
        await wilma.page.getByRole('link', { name: 'Priya Raman' }).click();
        await wilma.page.getByRole('heading', { name: 'Priya Raman' }).waitFor();
      }
      const wide = await wilma.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(wide <= 0, `/admin${path} is ${wide} px too wide`);
    }
    clean(wilma.context, /status of 422/);
    await wilma.context.close();
  });
}

test('run_05_the_same_morning_without_javascript', async () => {
  const { browser, server } = here;
  const { email, password } = server.login('wilma');
  const context = await browser.newContext({ javaScriptEnabled: false });
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  await page.goto(`${server.url}/login?next=/admin`);
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await morning(page, 'plain', async () => {});
  await context.close();
});

test('run_05_two_admins_change_the_same_thing_and_the_later_one_is_told', async () => {
  const { browser, server } = here;
  const [first, second] = [await Agent.signIn(browser, server, 'wilma', { path: '/admin/severities' }), await Agent.signIn(browser, server, 'wilma', { path: '/admin/severities' })];
  await first.page.getByLabel('Name').first().fill('Work has stopped');
  await first.page.getByRole('button', { name: 'Save the severities' }).click();
  await first.page.getByRole('status').waitFor();
  await second.page.getByLabel('Name').last().fill('A wish');
  await second.page.getByRole('button', { name: 'Save the severities' }).click();
  await second.page.getByRole('alert').getByText('Somebody else changed this while you had it open.').waitFor();
  assert.equal(await second.page.getByLabel('Name').last().inputValue(), 'A wish', 'what was typed is kept');
  // Knowing it, the second can save all the same.
  await second.page.getByRole('button', { name: 'Save the severities' }).click();
  await second.page.getByRole('status').waitFor();
  for (const one of [first, second]) {
    clean(one.context, /status of 409/);
    await one.context.close();
  }
});

test('live_09_who_is_no_admin_has_the_own_replies_and_is_told_whom_to_ask', async () => {
  const { browser, server } = here;
  const priya = await Agent.signIn(browser, server, 'priya', { path: '/replies' });
  await priya.page.getByLabel('Shortcut').fill('soon');
  await priya.page.getByLabel('Title').fill('In a moment');
  await priya.page.getByLabel('Text').fill('One moment, {{customer}}.');
  await priya.page.getByRole('button', { name: 'Add the reply' }).click();
  await priya.page.getByRole('row', { name: /\/soon/ }).waitFor();
  await accessible(priya.page, 'the own replies');
  await priya.page.goto(`${server.url}/admin/people`);
  await priya.page.getByRole('heading', { name: 'Only an admin can open this page' }).waitFor();
  await priya.page.getByText('ask Wilma Pryce').waitFor();
  await accessible(priya.page, 'turned away');
  await priya.page.getByRole('link', { name: 'Back to the console' }).click();
  clean(priya.context, /status of 403/);
  await priya.context.close();
  const rosalind = await Agent.signIn(browser, server, 'rosalind', { path: '/admin/tags' });
  await rosalind.page.getByRole('navigation', { name: 'Setup' }).getByRole('link', { name: 'Shared replies' }).click();
  await rosalind.page.getByRole('row', { name: /\/hello/ }).waitFor();
  assert.equal(await rosalind.page.getByRole('link', { name: 'People' }).count(), 0);
  await accessible(rosalind.page, 'the shared replies of a supervisor');
  clean(rosalind.context);
  await rosalind.context.close();
});
