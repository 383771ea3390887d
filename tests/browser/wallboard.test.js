// The wallboard: pushed figures, limits, full screen, reading along, the supervisor's verbs, the history.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accessible, Agent, becomes, clean, stage, until, Visitor } from './support.js';

const here = stage({ clock: '2026-03-10T10:12:00-04:00' });

/** The figures are at most two seconds behind what is seen elsewhere; what this machine needs to draw them comes on top. */
const SOON = 4_000;

/** @param {import('playwright-core').Page} page @param {string} key */
const tile = (page, key) => page.locator(`.tile[data-key=${key}] .tile-value > span:first-child`).textContent();

/** @param {import('playwright-core').Page} page @param {string} key @param {string} value */
const shows = (page, key, value) => becomes(() => tile(page, key), value, `the tile ${key}`, SOON);

test('live_13_tiles_change_when_a_chat_arrives_is_answered_and_ends', async () => {
  const { browser, server } = here;
  const boss = await Agent.signIn(browser, server, 'rosalind', { path: '/supervisor' });
  const { page } = boss;
  await shows(page, 'waiting_now', '0');
  assert.equal(await tile(page, 'service_level'), '–', 'no number is made up');
  const visitor = await Visitor.arrive(browser, server);
  await visitor.comeWith('zoe', 'The claims to one payer are rejected');
  await shows(page, 'waiting_now', '1');
  assert.match((await tile(page, 'longest_wait')) ?? '', /^0:\d\d$/);
  const agent = await Agent.signIn(browser, server, 'priya');
  await agent.online();
  await agent.accept();
  await shows(page, 'waiting_now', '0');
  await page.locator('#people tr', { hasText: 'Priya Raman' }).getByText('1 of').waitFor();
  await agent.say('Which payer is it?');
  await agent.marked('Which payer is it?', 'Read');
  await shows(page, 'service_level', '100 %');
  const parts = await page.locator('.tile').evaluateAll((all) => all.map((one) => ({ rule: (one.querySelector('.rule span')?.textContent ?? '').length > 5, age: /^· \d+ s old$/.test(one.querySelector('.tile-age')?.textContent ?? '') })));
  assert.equal(parts.length, 10);
  assert.ok(parts.every((one) => one.rule && one.age), 'every tile prints its rule and the age of its data');
  await page.locator('#charts svg rect').first().waitFor();
  assert.match((await page.locator('#charts svg').first().getAttribute('aria-label')) ?? '', /^Arrivals: 1 chats/);
  await accessible(page, 'the wallboard at work');

  // Silent reading: the customer and the specialist see nothing of it.
  await page.locator('#served tr', { hasText: 'Zoë' }).getByRole('button', { name: /^Read/ }).click();
  const panel = page.locator('.panel', { hasText: 'Zoë' });
  await panel.getByText('Which payer is it?').waitFor();
  await visitor.say('It is payer 60054');
  await panel.getByText('It is payer 60054').waitFor();
  const second = await Visitor.arrive(browser, server);
  await second.comeWith('tomas', 'The screen stays empty', 'Signing in, passwords & users');
  await page.locator('#line tr', { hasText: 'Tomás' }).getByRole('button', { name: /^Read/ }).click();
  await becomes(() => page.locator('.panel').count(), 2, 'two chats side by side');
  await page.locator('.panel', { hasText: 'Tomás' }).getByText('The screen stays empty').waitFor();
  await accessible(page, 'two chats side by side');
  await page.locator('.panel', { hasText: 'Tomás' }).getByRole('button', { name: /^Close/ }).click();
  await becomes(() => page.locator('.panel').count(), 1, 'one chat is left');

  // The menu of a chat.
  await page.locator('#served tr', { hasText: 'Zoë' }).getByRole('button', { name: /^Actions/ }).click();
  const menu = page.getByRole('dialog', { name: /^The chat of Zoë/ });
  await menu.waitFor();
  await accessible(page, 'the menu of a chat');
  await menu.getByRole('button', { name: /^Whisper/ }).click();
  await page.getByLabel('To the specialist').waitFor();
  await page.locator('#verb-ok').click();
  await page.locator('#verb-error', { hasText: 'Write some words first.' }).waitFor();
  await accessible(page, 'a verb that needs words');
  await page.keyboard.press('Escape');

  await second.frame.getByRole('button', { name: 'Leave', exact: true }).click();
  await second.frame.getByRole('button', { name: 'My question is solved' }).click();
  await shows(page, 'abandoned_percent', '50 %');
  const over = page.locator('#alerts');
  await over.getByText('Abandoned 50 % (limit 10 %)').waitFor();
  clean(boss.context);
  for (const one of [visitor, second, agent, boss]) await one.context.close();
});

test('live_13_full_screen_by_key_and_button_and_sound_after_a_gesture', async () => {
  const { browser, server } = here;
  const boss = await Agent.signIn(browser, server, 'rosalind', { path: '/supervisor' });
  const { page } = boss;
  await shows(page, 'waiting_now', '0');
  const sound = page.locator('#sound');
  // The page was opened by signing in, which is no gesture on this page.
  assert.match((await sound.textContent()) ?? '', /^Sound/);
  const size = () => page.locator('.tile-value').first().evaluate((one) => Number.parseFloat(getComputedStyle(one).fontSize));
  const before = await size();
  await page.keyboard.press('f');
  await until('full screen', () => page.evaluate(() => document.fullscreenElement !== null));
  await becomes(() => page.locator('html[data-full]').count(), 1, 'the page knows');
  assert.ok((await size()) > 1.5 * before, 'the numbers are larger');
  await page.keyboard.press('f');
  await becomes(() => page.locator('html[data-full]').count(), 0, 'the page as before');
  await page.locator('#full').click();
  await until('full screen', () => page.evaluate(() => document.fullscreenElement !== null));
  await page.keyboard.press('f');
  await becomes(() => page.locator('html[data-full]').count(), 0, 'the page as before');
  await becomes(() => sound.textContent(), 'Sound on', 'a gesture has allowed it');
  await sound.click();
  await page.reload();
  await becomes(() => page.locator('#sound').textContent(), 'Sound off', 'it stays off');
  clean(boss.context);
  await boss.context.close();
});

for (const phone of [false, true]) {
  test(`live_13_history_without_javascript${phone ? '_on_a_phone' : ''}`, async () => {
    const { browser, server } = here;
    const boss = await Agent.signIn(browser, server, 'rosalind', { path: '/supervisor', phone, scheme: phone ? 'dark' : 'light' });
    const { page } = boss;
    await shows(page, 'waiting_now', '0');
    const wide = () => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.equal(await wide(), 0, 'nothing is cut off');
    await accessible(page, 'the wallboard');
    const plain = await browser.newContext({ javaScriptEnabled: false, storageState: await boss.context.storageState(), viewport: page.viewportSize(), locale: 'en-US' });
    const history = await plain.newPage();
    await history.goto(`${server.url}/supervisor/history`);
    await history.getByLabel('A row for each').selectOption({ label: 'Agent' });
    await history.getByRole('button', { name: 'Show' }).click();
    await history.getByRole('columnheader', { name: 'Occupancy' }).waitFor();
    await history.getByRole('rowheader', { name: 'Priya Raman' }).waitFor();
    await history.getByRole('img', { name: /^Chats that arrived/ }).waitFor();
    await history.getByLabel('Last day').fill('2020-01-01');
    await history.getByRole('button', { name: 'Show' }).click();
    await history.getByRole('heading', { name: 'The figures cannot be shown' }).waitFor();
    assert.equal(await history.title(), 'Error: History – Deskbell');
    await page.goto(`${server.url}/supervisor/history`);
    assert.equal(await wide(), 0, 'nothing is cut off');
    await accessible(page, 'the history');
    clean(boss.context);
    await plain.close();
    await boss.context.close();
  });
}
