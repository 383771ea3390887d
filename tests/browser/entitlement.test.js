// Who gets support: refused in the widget with the way out named, let in by a supervisor, out of scope answered; desktop and phone.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accessible, Agent, clean, stage, Visitor } from './support.js';

const here = stage();
/** What Chromium itself says about an answer that is not 2xx. */
const REFUSED = /the server responded with a status of 4\d\d/;

for (const phone of [false, true]) {
  const where = phone ? 'phone' : 'desktop';

  test(`agree_06_agree_08_who_is_refused_is_told_why_and_a_supervisor_lets_them_in_${where}`, async () => {
    const { browser, server } = here;
    const visitor = await Visitor.arrive(browser, server, { phone });
    await visitor.open();
    await visitor.verify(server.contact(phone ? 'ravi' : 'gwen'));
    await visitor.frame.getByRole('heading', { name: 'We could not start a chat' }).waitFor();
    await visitor.frame.getByText(/Tidewell Physical Therapy.*not in good standing.*solutions stay open/).waitFor();
    await accessible(visitor.page, 'a refusal');
    const opened = visitor.context.waitForEvent('page');
    await visitor.frame.getByRole('link', { name: 'Search our solutions' }).click();
    await (await opened).getByRole('searchbox').waitFor();

    const supervisor = await Agent.signIn(browser, server, 'rosalind', { phone, path: '/customers' });
    const { page } = supervisor;
    await accessible(page, 'the customers');
    await page.getByRole('searchbox').fill('tidew');
    await page.getByRole('button', { name: 'Search' }).click();
    await page.getByRole('link', { name: 'Tidewell Physical Therapy' }).click();
    await page.getByText('Refused before anything was written.').first().waitFor();
    await page.getByRole('radio', { name: /^Let in/ }).check();
    await page.getByRole('button', { name: 'Let it hold' }).click();
    assert.equal(await page.getByLabel('Reason').last().evaluate((box) => /** @type {HTMLInputElement} */ (box).validity.valueMissing), true);
    await page.getByLabel('Reason').last().fill('paid by phone');
    await page.getByRole('button', { name: 'Let it hold' }).click();
    await page.getByRole('status').waitFor();
    await accessible(page, 'an account with a ruling');

    await visitor.frame.getByRole('button', { name: 'Back to the start' }).click();
    await visitor.frame.getByRole('button', { name: /^Continue as/ }).click();
    await visitor.ask('The statements print twice.', 'Claims & rejections');
    await visitor.frame.getByText(/in line/).first().waitFor();
    await visitor.frame.getByRole('button', { name: 'Leave' }).click();
    await visitor.frame.getByRole('button', { name: 'My question is solved' }).click();
    await visitor.frame.getByRole('heading', { name: 'You ended the chat' }).waitFor();
    await page.getByPlaceholder('Why it is lifted').first().fill('did not pay');
    await page.getByRole('button', { name: 'Lift' }).first().click();
    await page.getByText('It holds no longer.').waitFor();

    clean(visitor.context, REFUSED);
    clean(supervisor.context);
    for (const one of [visitor, supervisor]) await one.go();
  });

  test(`agree_09_agree_07_out_of_scope_is_answered_and_a_barred_word_is_worded_anew_${where}`, async () => {
    const { browser, server } = here;
    const admin = await Agent.signIn(browser, server, 'wilma', { phone, path: '/admin/agreement' });
    const { page } = admin;
    const [word, category] = [`blast${where}`, `Coding advice ${where}`];
    await page.getByRole('textbox', { name: 'Barred words', exact: true }).fill(word);
    await page.getByRole('button', { name: 'Save the agreement' }).click();
    await page.getByRole('status').waitFor();
    await accessible(page, 'the agreement');
    await page.goto(`${server.url}/admin/categories`);
    await page.getByLabel('Name').fill(category);
    await page.getByLabel('Team', { exact: true }).selectOption({ label: 'Claims & Payments' });
    await page.getByLabel(/Out of scope/).fill('We do not advise on coding. Please ask your payer.');
    await page.getByRole('button', { name: 'Add the category' }).click();
    await page.getByRole('row', { name: new RegExp(category) }).getByText('Out of scope').waitFor();
    await accessible(page, 'categories with one that is out of scope');

    const visitor = await Visitor.arrive(browser, server, { phone });
    await visitor.open();
    await visitor.verify(server.contact(phone ? 'tomas' : 'zoe'));
    await visitor.question.fill(`${word}! Which code is right?`);
    await visitor.frame.locator('#q-category').selectOption({ label: category });
    const send = visitor.frame.getByRole('button', { name: 'Talk to a specialist' });
    await send.click();
    await visitor.frame.getByText('Please say it in other words').waitFor();
    assert.equal(await visitor.question.inputValue(), `${word}! Which code is right?`, 'what was written is still there');
    await visitor.question.fill('Which code is right?');
    await send.click();
    await visitor.frame.getByRole('heading', { name: 'This is outside what we support' }).waitFor();
    await visitor.frame.getByText('We do not advise on coding. Please ask your payer.').waitFor();
    await accessible(visitor.page, 'a subject that is out of scope');

    // The same of a message: it is answered at once.
    const other = await Visitor.arrive(browser, server, { phone });
    await other.open();
    await other.frame.getByRole('button', { name: 'Leave a message' }).click();
    await accessible(other.page, 'a message with its topic');
    await other.leave({ name: 'Ada', email: 'ada@example.org', text: 'Which code?', topic: category });
    await other.frame.getByText('We do not advise on coding. Please ask your payer.').waitFor();
    await accessible(other.page, 'a message that is out of scope');
    for (const one of [visitor, other, admin]) {
      clean(one.context);
      await one.go();
    }
  });
}
