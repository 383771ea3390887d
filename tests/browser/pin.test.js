// A customer comes in: by keyboard, with e-mail and PIN; wrong PINs; what is left when the PIN is locked.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Agent, becomes, clean, stage, until, Visitor } from './support.js';

const here = stage();
/** What Chromium itself says about an answer that is not 2xx. */
const REFUSED = /the server responded with a status of 4\d\d/;

test('live_01_the_widget_is_opened_and_used_by_keyboard_and_closed_with_escape', async () => {
  const visitor = await Visitor.arrive(here.browser, here.server);
  const { page, frame } = visitor;
  assert.equal(page.frames().length, 1, 'the app is not loaded before the first use');
  await until('the launcher to have the focus', async () => {
    await page.keyboard.press('Tab');
    return page.evaluate(() => document.activeElement?.id === 'deskbell');
  });
  assert.equal(await page.getByRole('button', { name: 'Chat with us' }).getAttribute('aria-expanded'), 'false');
  await page.keyboard.press('Enter');
  await frame.getByText('We are here now').waitFor();
  await until('the heading to have the focus', () => visitor.heading.evaluate((h) => h === document.activeElement));

  /** Tab until the control with this name has the focus. @param {string} name */
  const tabTo = (name) => until(`the focus on ${name}`, async () => {
    await page.keyboard.press('Tab');
    return frame.locator('body').evaluate((_, wanted) => {
      const at = /** @type {HTMLInputElement | null} */ (document.activeElement);
      return [at?.labels?.[0]?.textContent?.trim(), at?.textContent?.trim(), at?.getAttribute('aria-label')].includes(wanted);
    }, name);
  }, 4000);
  await tabTo('Chat with a specialist');
  await page.keyboard.press('Enter');
  await frame.getByRole('heading', { name: 'First, is it you?' }).waitFor();
  const { email, pin } = here.server.contact('tomas');
  await tabTo('E-mail');
  if (await frame.locator('input[name=by]:focus').count()) await page.keyboard.press('Tab');
  await page.keyboard.type(email);
  await page.keyboard.press('Tab');
  await page.keyboard.type(pin);
  assert.equal(await frame.locator('#f-pin').inputValue(), pin);
  await page.keyboard.press('Enter');
  await frame.getByRole('heading', { name: /What can we help with, .?Tomás/ }).waitFor();
  await until('the question to have the focus', () => visitor.question.evaluate((box) => box === document.activeElement));
  await page.keyboard.press('Escape');
  await until('the launcher to have the focus again', () => page.evaluate(() => document.querySelector('#deskbell')?.shadowRoot?.activeElement?.className === 'go'));
  assert.equal(await visitor.launcher.getAttribute('aria-expanded'), 'false');
  await page.keyboard.press('Enter');
  await visitor.question.waitFor();
  clean(visitor.context);
  await visitor.go();
});

/** One try with what stands in the form. @param {Visitor} visitor @param {string} pin @returns {Promise<string>} the words of the refusal */
async function refused(visitor, pin) {
  const { frame, page } = visitor;
  await frame.locator('#f-pin').fill(pin);
  const answer = page.waitForResponse((response) => response.url().endsWith('/widget/api/verify'));
  await frame.getByRole('button', { name: 'Continue' }).click();
  assert.ok([403, 429].includes((await answer).status()), `PIN ${pin} is refused`);
  await becomes(() => frame.locator('#f-pin').inputValue(), '', 'the refused PIN to be taken away');
  return (await frame.locator('#identify-problem .notice-text').textContent()) ?? '';
}

test('pin_03_a_wrong_pin_is_refused_in_the_same_words_as_an_unknown_person', async () => {
  const visitor = await Visitor.arrive(here.browser, here.server);
  const { frame } = visitor;
  const { email, pin } = here.server.contact('priscilla');
  await visitor.open();
  await frame.getByRole('button', { name: 'Chat with a specialist' }).click();
  await frame.locator('#f-email').fill(email);
  const words = await refused(visitor, '0000');
  assert.match(words, /match/);
  assert.equal(await frame.locator('#f-email').inputValue(), email, 'the rest is kept');
  await frame.locator('#f-email').fill('nobody@nowhere.example');
  assert.equal(await refused(visitor, '1212'), words);
  // By customer number and name too: a wrong number, a wrong name, a wrong PIN.
  await frame.getByText('Customer number').first().click();
  for (const [number, name] of /** @type {const} */ ([['99999', 'Priscilla Oyelaran'], ['10112', 'Nobody Known'], ['10112', 'Priscilla Oyelaran']])) {
    await frame.locator('#f-number').fill(number);
    await frame.locator('#f-contact').fill(name);
    assert.equal(await refused(visitor, '1212'), words);
  }
  await frame.locator('#f-pin').fill(pin);
  await frame.getByRole('button', { name: 'Continue' }).click();
  await frame.getByRole('heading', { name: /What can we help with, .?Priscilla/ }).waitFor();
  clean(visitor.context, REFUSED);
  await visitor.go();
});

for (const phone of [false, true]) {
  test(`pin_04_after_three_wrong_pins_a_message_becomes_an_unverified_case_${phone ? 'phone' : 'desktop'}`, async () => {
    const visitor = await Visitor.arrive(here.browser, here.server, { phone });
    const { frame } = visitor;
    const who = phone ? 'bart' : 'zoe';
    const { email, pin } = here.server.contact(who);
    await visitor.open();
    await frame.getByRole('button', { name: 'Chat with a specialist' }).click();
    await frame.locator('#f-email').fill(email);
    for (const wrong of ['0001', '0002', '0003']) await refused(visitor, wrong);
    // From now on not even the right one is heard.
    if (await frame.locator('#f-pin').isVisible()) assert.match(await refused(visitor, pin), /minutes/);
    const notice = frame.locator('#identify-problem');
    await notice.getByText(/minutes/).waitFor();
    assert.equal(await frame.locator('#f-pin').isVisible(), false, 'there is nothing more to try');
    await notice.getByRole('button', { name: 'Leave a message instead' }).click();
    const text = `I am locked out of the chat (${who}) <b>&amp;</b>`;
    const number = await visitor.leave({ name: 'Zoë from the front desk', email, number: '10023', text });
    assert.ok(number > 1000, `a case number: ${number}`);
    clean(visitor.context, REFUSED);
    await visitor.go();

    const agent = await Agent.signIn(here.browser, here.server, 'priya', { phone });
    await agent.view('unverified');
    await agent.row(String(number)).click();
    const shown = agent.page.locator('#case');
    await shown.getByText(text).first().waitFor();
    await shown.locator('.main-title').getByText(/Not verified/).waitFor();
    await shown.getByRole('button', { name: 'Verified by call-back' }).click();
    await agent.page.locator('#ask-input').fill('Called back at the number on file.');
    await agent.page.locator('#ask-ok').click();
    await shown.locator('.main-title').getByText(/Not verified/).waitFor({ state: 'hidden' });
    clean(agent.context);
    await agent.go();

    const supervisor = await Agent.signIn(here.browser, here.server, 'rosalind', { path: '/supervisor', phone });
    await supervisor.page.locator('#pins li').first().waitFor();
    clean(supervisor.context);
    await supervisor.go();
  });
}

test('pin_02_an_admin_makes_a_new_pin_that_is_shown_once_and_replaces_the_old_one', async () => {
  const { browser, server } = here;
  const contact = server.contact('siobhan');
  const visitor = await Visitor.arrive(browser, server);
  await visitor.comeWith('siobhan', 'I gave my PIN to a colleague', 'Signing in, passwords & users');
  const admin = await Agent.signIn(browser, server, 'wilma');
  await admin.view('line');
  await admin.row('I gave my PIN').click();
  const panel = admin.page.locator('#side-body');
  await panel.getByRole('button', { name: 'Make a new PIN' }).click();
  await panel.getByRole('button', { name: /^Replace Siobhán/ }).click();
  const words = await panel.getByText(/The new PIN is \d{4}\./).textContent();
  const pin = /\d{4}/.exec(words ?? '')?.[0] ?? '';
  assert.notEqual(pin, contact.pin);
  // The chat goes on and the panel is drawn anew: what is shown only once stays until the admin leaves it.
  await visitor.frame.getByRole('button', { name: 'Leave' }).click();
  await visitor.frame.getByRole('button', { name: 'My question is solved' }).click();
  await visitor.frame.getByRole('heading', { name: 'You ended the chat' }).waitFor();
  await admin.told(/The customer ended the chat/);
  await panel.getByText(`The new PIN is ${pin}.`).waitFor();
  await admin.page.reload();
  await panel.getByRole('button', { name: 'Make a new PIN' }).waitFor();
  assert.equal(await admin.page.getByText(pin, { exact: false }).count(), 0, 'shown only once');
  await visitor.go();

  const again = await Visitor.arrive(browser, server);
  await again.open();
  await again.frame.getByRole('button', { name: 'Chat with a specialist' }).click();
  await again.frame.locator('#f-email').fill(contact.email);
  await refused(again, contact.pin);
  await again.frame.locator('#f-pin').fill(pin);
  await again.frame.getByRole('button', { name: 'Continue' }).click();
  await again.question.waitFor();
  clean(again.context, REFUSED);
  clean(admin.context);
  await again.go();
  // Nobody else has the button.
  const specialist = await Agent.signIn(browser, server, 'priya');
  const refusal = await specialist.page.evaluate(() => fetch('/api/contacts/00000000-0000-0000-0000-000000000000/pin', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' }).then((a) => a.status));
  assert.equal(refusal, 403);
  clean(specialist.context, REFUSED);
  await specialist.go();
});
