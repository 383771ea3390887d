// Solutions in the console: they follow the conversation, are found and inserted, and close cases, from which suggestions learn.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accessible, Agent, becomes, clean, fits, LOST, stage, until, Visitor } from './support.js';

/** @typedef {import('playwright-core').Page} Page */
/** @typedef {import('./support/browser.js').Screen} Screen */

const here = stage();
const PAYER = 'Claim rejected: payer ID not found';
const TWO_FACTOR = 'Two-factor code is rejected every time';

/**
 * A specialist with a customer's chat on the screen.
 * @param {{agent: string, customer: string, text: string, category?: string} & Screen} who
 */
async function serving({ agent: first, customer, text, category, ...screen }) {
  const agent = await Agent.signIn(here.browser, here.server, first, screen);
  await agent.online();
  const visitor = await Visitor.arrive(here.browser, here.server, screen);
  await visitor.comeWith(customer, text, category);
  await agent.accept();
  return { agent, visitor };
}

/** The titles of the solutions beside the chat. @param {Page} page */
const titles = (page) => page.locator('#found .found-title').allTextContents();

/** @param {Page} page @param {string} title */
const found = (page, title) => page.locator('#found li', { hasText: title });

/** @param {Page} page @param {string} title */
async function comesFirst(page, title) {
  await becomes(async () => (await titles(page))[0], title, `“${title}” on top`);
}

/** What the console does, as a program does it. @param {Agent} agent @param {string} path @param {object} data @returns {Promise<any>} */
async function post(agent, path, data) {
  const answer = await agent.context.request.post(`${here.server.url}${path}`, { data });
  assert.ok(answer.ok(), `${path}: ${answer.status()} ${await answer.text()}`);
  return answer.json();
}

/** Ends the chat on the screen. @param {Agent} agent */
async function end({ page }) {
  if (!(await page.locator('#end-chat').isVisible())) await page.locator('#side [data-go=main]').click();
  await page.locator('#end-chat').click();
  await page.locator('#end-dialog [data-end=solved]').click();
  await page.locator('#composer').waitFor({ state: 'hidden' });
}

/** @param {...(Agent | Visitor)} all */
async function over(...all) {
  for (const one of all) {
    clean(one.context);
    await one.go();
  }
}

for (const phone of [false, true]) {
  const kind = phone ? 'phone' : 'desktop';

  test(`live_09_suggestions_follow_the_conversation_and_one_that_is_found_reaches_the_customer_${kind}`, async () => {
    const { agent, visitor } = await serving({ agent: phone ? 'lucia' : 'priya', customer: phone ? 'zoe' : 'marcus', text: 'A claim was rejected: payer ID not found', phone });
    const { page } = agent;
    await agent.reply.fill('Please see ');
    if (phone) await page.locator('#solutions-open').click();
    await comesFirst(page, PAYER);
    await found(page, PAYER).locator('.found-passage mark').first().waitFor();
    assert.ok((await titles(page)).length <= 5);
    await accessible(page, 'the solutions beside a chat');
    if (phone) await fits(page, '#side');

    // Something else is asked: the list is about that, too.
    await visitor.say('Thanks. And my two-factor code is rejected every time I sign in. The two-factor code is right.');
    await comesFirst(page, TWO_FACTOR);

    // A search takes the place of the suggestions until it is emptied.
    await page.getByLabel('Find a solution').fill('qqqxxzz');
    await page.locator('#solutions').getByText('Nothing found for “qqqxxzz”.').waitFor();
    await page.getByLabel('Find a solution').fill('');
    await comesFirst(page, TWO_FACTOR);
    await page.getByLabel('Find a solution').fill('forgot my password');
    const title = 'Forgot my password: how to reset it';
    await comesFirst(page, title);

    // It is read, inserted where the cursor was, and sent by hand only.
    await found(page, title).getByRole('button', { name: title, exact: true }).click();
    const dialog = page.getByRole('dialog', { name: title });
    await dialog.locator('.prose li').first().waitFor();
    await accessible(page, 'a solution in the console');
    if (phone) await fits(page, '#solution-dialog');
    await dialog.getByRole('button', { name: 'Insert' }).click();
    await agent.reply.waitFor();
    const inserted = new RegExp(`^Please see ${title}\n${here.server.url}/help/[0-9a-f-]{36}$`);
    await until('the solution in the reply', async () => inserted.test(await agent.reply.inputValue()));
    assert.equal((await agent.said()).filter((row) => row.own).length, 0, 'nothing was sent by itself');
    await page.keyboard.type(' Does that help?');
    const text = await agent.reply.inputValue();
    if (phone) await page.getByRole('button', { name: 'Send' }).click();
    else await page.keyboard.press('Control+Enter');
    await becomes(async () => (await visitor.texts()).at(-1), text, 'the solution in the widget');
    const link = visitor.frame.locator('.bubble a').last();
    assert.match((await link.getAttribute('href')) ?? '', /\/help\/[0-9a-f-]{36}$/);

    // And straight from the list.
    if (phone) await page.locator('#solutions-open').click();
    await found(page, title).getByRole('button', { name: 'Insert' }).click();
    await becomes(() => agent.reply.inputValue(), text.replace('Please see ', '').replace(' Does that help?', ''), 'the title and the link');
    await end(agent);
    await over(visitor, agent);
  });

  test(`live_09_a_case_is_resolved_with_a_solution_which_its_words_suggest_from_then_on_${kind}`, async () => {
    const asked = phone ? 'The wallaby widget hums loudly on Tuesdays' : 'The quokka gizmo blinks purple on Mondays';
    const solution = phone ? 'Get a new call-in PIN' : 'Merge two records of the same patient';
    const { agent, visitor } = await serving({ agent: phone ? 'owen' : 'priya', customer: phone ? 'tomas' : 'priscilla', text: asked, phone });
    const { page } = agent;
    const before = await agent.api(`/api/solutions/search?q=${encodeURIComponent(asked)}`);
    assert.ok(!before.some((/** @type {{title: {text: string}[]}} */ one) => one.title.map((piece) => piece.text).join('') === solution));
    await page.locator('#end-chat').click();
    await page.locator('#end-dialog [data-end=unsolved]').click();
    await page.locator('#chat-case').click();
    const view = page.locator('#case');
    await view.getByRole('button', { name: 'Resolve…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Resolve the case' });

    // What is missing is said, and nothing is lost.
    await dialog.getByRole('button', { name: 'Give the solution' }).click();
    await dialog.getByRole('link', { name: 'Write what solved it' }).waitFor();
    await dialog.getByRole('link', { name: 'Verify the solution, then say so' }).waitFor();
    await dialog.getByRole('link', { name: /^Choose the solution/ }).waitFor();
    await accessible(page, 'the resolution of a case, with errors');
    await dialog.getByLabel('What solved it').fill('Turned it off and on.');
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await view.getByRole('button', { name: 'Resolve…' }).click();
    assert.equal(await dialog.getByLabel('What solved it').inputValue(), 'Turned it off and on.');
    await dialog.getByLabel('Find another solution').fill(solution);
    await dialog.getByRole('radio', { name: solution }).check();
    await accessible(page, 'the resolution of a case');
    if (phone) await fits(page, '#resolve-dialog');
    // What is chosen stays in sight, whatever is looked for.
    await dialog.getByLabel('Find another solution').fill('qqqxxzz');
    await dialog.getByText('Nothing found for “qqqxxzz”.').waitFor();
    assert.equal(await dialog.getByRole('radio', { name: solution }).isChecked(), true);
    await dialog.getByRole('button', { name: `Read ${solution}` }).click();
    await page.getByRole('dialog', { name: solution }).locator('.prose').waitFor();
    await page.keyboard.press('Escape');
    await dialog.getByRole('radio', { name: /^Close the case now/ }).check();
    await dialog.getByRole('button', { name: 'Resolve the case' }).click();

    await view.getByText('Solved by').waitFor();
    assert.match((await view.getByRole('link', { name: solution }).getAttribute('href')) ?? '', /^\/knowledge\/[0-9a-f-]{36}$/);
    await view.locator('#timeline').getByText('Resolved: Turned it off and on.').waitFor();
    assert.equal(await view.locator('[data-verb]:visible').count(), 0, 'nothing is left to be done with it');
    await accessible(page, 'a resolved case');

    // Who asks the same is shown it.
    const next = await Visitor.arrive(here.browser, here.server, { phone });
    await next.open();
    await next.verify(here.server.contact(phone ? 'noa' : 'siobhan'));
    await until('the solution to be suggested', async () => {
      await next.question.fill('');
      await next.question.fill(asked);
      const first = next.frame.locator('.found li b').first();
      return (await first.textContent({ timeout: 1000 }).catch(() => '')) === solution;
    });
    await over(visitor, next, agent);
  });
}

test('live_09_no_solution_is_a_choice_and_a_case_becomes_one_in_one_step', async () => {
  const { agent, visitor } = await serving({ agent: 'amadou', customer: 'bart', text: 'Our receipts come out upside down', category: 'Patients & scheduling' });
  const { page } = agent;
  await page.locator('#end-chat').click();
  await page.locator('#end-dialog [data-end=unsolved]').click();
  await page.locator('#chat-case').click();
  const view = page.locator('#case');
  const opened = agent.context.waitForEvent('page');
  await view.getByRole('button', { name: 'Write a solution' }).click();
  const written = await opened;
  await written.waitForURL(/\/knowledge\/[0-9a-f-]{36}$/);
  const href = new URL(written.url()).pathname;
  const link = view.getByRole('link', { name: 'Our receipts come out upside down' });
  await becomes(() => link.getAttribute('href'), href, 'the case to lead to its solution');
  assert.equal(await view.getByRole('button', { name: 'Write a solution' }).isVisible(), false, 'there is one already');
  await written.close();

  // A draft can be what solved it; here nothing was.
  await view.getByRole('button', { name: 'Resolve…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Resolve the case' });
  await dialog.getByRole('radio', { name: 'Our receipts come out upside down' }).check();
  await dialog.getByRole('radio', { name: 'No solution' }).check();
  await dialog.getByLabel('What solved it').fill('The printer was upside down.');
  await dialog.getByRole('radio', { name: /^Close the case now/ }).check();
  await dialog.getByRole('button', { name: 'Resolve the case' }).click();
  await view.locator('#timeline').getByText('Resolved: The printer was upside down.').waitFor();
  assert.equal(await view.getByText('Solved by').isVisible(), false);
  clean(agent.context, /status of 404/);
  await agent.go();
  await over(visitor);
});

test('live_09_solutions_by_keyboard_alone', async () => {
  const { agent, visitor } = await serving({ agent: 'priya', customer: 'layla', text: 'A claim was rejected: payer ID not found' });
  const { page } = agent;
  const focused = () => page.evaluate(() => document.activeElement?.id || document.activeElement?.textContent);
  await comesFirst(page, PAYER);
  await page.keyboard.press('?');
  await page.locator('#keys').getByText('Find a solution for the chat').waitFor();
  await page.keyboard.press('Escape');
  await page.keyboard.press('s');
  await becomes(focused, 'find', 'the cursor in the search');
  await page.keyboard.type('forgot my password');
  await comesFirst(page, 'Forgot my password: how to reset it');
  const [first, second] = await titles(page);
  for (const [key, at] of [['ArrowDown', first], ['ArrowDown', second], ['ArrowUp', first], ['ArrowUp', 'find'], ['ArrowDown', first], ['Escape', 'find']]) {
    await page.keyboard.press(key ?? '');
    assert.equal(await focused(), at, `after ${key}`);
  }
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await becomes(focused, 'solution-insert', 'the solution to be open');
  await page.keyboard.press('Escape');
  await becomes(focused, first, 'the list to have the focus again');
  await page.keyboard.press('Enter');
  await becomes(focused, 'solution-insert', 'the solution to be open');
  await page.keyboard.press('Enter');
  await becomes(focused, 'reply', 'the cursor in the reply');
  await page.keyboard.press('Control+Enter');
  await until('the solution in the widget', async () => (await visitor.texts()).at(-1)?.startsWith(`${first}\n`));
  // Back: from what was found to what is suggested, from there to the reply.
  await page.keyboard.press('Escape');
  await page.keyboard.press('s');
  await page.keyboard.press('Escape');
  await comesFirst(page, PAYER);
  await page.keyboard.press('Escape');
  await becomes(focused, 'reply', 'the cursor in the reply');
  await end(agent);
  await over(visitor, agent);
});

test('live_09_what_the_customer_cannot_open_goes_in_as_text', async () => {
  const boss = await Agent.signIn(here.browser, here.server, 'rosalind', { path: '/supervisor' });
  const title = 'Wombat procedure of the desk';
  const body = 'Ask **twice**, then:\n\n1. Open the [list](https://example.org/list)\n2. Wait';
  const { id } = await post(boss, '/api/solutions', { title, body, category: 'claims', audience: 'staff' });
  const { writing } = await boss.api(`/api/solutions/${id}`);
  await post(boss, `/api/solutions/${id}/publish`, { edit: writing.edit });
  const { agent, visitor } = await serving({ agent: 'lucia', customer: 'nadia', text: 'A claim stays in draft' });
  const { page } = agent;
  await until('the solution to be found', async () => (await agent.api('/api/solutions/search?q=wombat'))[0]?.id === id);
  await page.getByLabel('Find a solution').fill('wombat procedure');
  await comesFirst(page, title);
  await found(page, title).getByText('Staff only').waitFor();
  await found(page, title).getByRole('button', { name: title, exact: true }).click();
  const dialog = page.getByRole('dialog', { name: title });
  await dialog.getByText(/The customer cannot open it/).waitFor();
  await dialog.getByRole('button', { name: 'Insert text' }).click();
  const text = `${title}\n\nAsk twice, then:\n\n1. Open the list (https://example.org/list)\n2. Wait`;
  await becomes(() => agent.reply.inputValue(), text, 'the text in the reply');
  // What is too long for a message is not cut.
  await agent.reply.fill('x'.repeat(3990));
  await found(page, title).getByRole('button', { name: 'Insert text' }).click();
  await page.locator('.toast').getByText(/too long for one message/).waitFor();
  assert.equal(await agent.reply.inputValue(), 'x'.repeat(3990));
  await agent.reply.fill('');
  await end(agent);
  await over(visitor, agent, boss);
});

test('live_09_suggestions_are_asked_for_one_at_a_time_and_hold_nothing_up', async () => {
  const { agent, visitor } = await serving({ agent: 'priya', customer: 'zoe', text: 'A claim was rejected: payer ID not found' });
  const { page } = agent;
  await comesFirst(page, PAYER);
  /** @type {import('playwright-core').Route[]} */
  const held = [];
  await page.route('**/api/chats/*/solutions', (route) => void held.push(route));
  const said = ['first', 'second', 'my two-factor code is rejected every time: two-factor code rejected'];
  for (const text of said) await visitor.say(text);
  await until('all of it in the console', async () => (await agent.texts()).length === 4);
  await agent.say('One moment');
  await visitor.reads(['A claim was rejected: payer ID not found', ...said, 'One moment']);
  assert.equal(held.length, 1, 'one is on its way');
  await comesFirst(page, PAYER);
  await held[0]?.continue();
  await until('the next', () => held.length === 2);
  await held[1]?.continue();
  await comesFirst(page, TWO_FACTOR);
  assert.equal(held.length, 2, 'none for what was overtaken');

  // A failure is quiet, and the next message asks again.
  await visitor.say('hello?');
  await until('another one', () => held.length === 3);
  await held[2]?.abort();
  await page.unroute('**/api/chats/*/solutions');
  assert.equal(await page.locator('.toast').count(), 0);
  await comesFirst(page, TWO_FACTOR);
  for (const text of ['The label printer prints nothing', 'The label printer', 'It is about the label printer']) await visitor.say(text);
  await until('a suggestion about labels', async () => /label/i.test((await titles(page))[0] ?? ''));
  await end(agent);
  clean(agent.context, ...LOST);
  await agent.go();
  await over(visitor);
});
