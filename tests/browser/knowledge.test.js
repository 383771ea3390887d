// An editor's day: written, reviewed, published, linked, learned. And what readers of the help pages see.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Agent, accessible, becomes, clean, profile, stage, until, Visitor } from './support.js';

const here = stage();

/** A picture of one dot. */
const DOT = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');

for (const phone of [false, true]) {
  test(`portal_09_an_editors_day_from_a_search_without_answer_to_a_suggestion_${phone ? 'phone' : 'desktop'}`, async () => {
    const [subject, home] = phone ? ['numbat', 'burrow'] : ['quokka', 'enclosure'];
    const { browser, server } = here;
    // A reader finds nothing; the report says what to write.
    const context = await profile(browser, { phone });
    const reader = await context.newPage();
    await reader.goto(`${server.url}/help`);
    await reader.getByRole('searchbox').fill(`${subject} ${home}`);
    await reader.getByRole('button', { name: 'Search' }).click();
    await reader.getByRole('heading', { name: `Nothing found for “${subject} ${home}”` }).waitFor();
    await accessible(reader, 'nothing found');

    const priya = await Agent.signIn(browser, server, 'priya', { phone, path: '/knowledge/reports' });
    const { page } = priya;
    await accessible(page, 'the reports');
    await page.getByRole('link', { name: `${subject} ${home}` }).click();
    assert.equal(await page.getByLabel('Title').inputValue(), `${subject} ${home}`);
    await page.getByLabel('Text').fill('Ask the zoo.');
    await page.getByRole('button', { name: 'Save draft' }).click();
    await page.getByText('The draft was saved.').waitFor();

    // Incomplete: told, with all that was typed still there.
    await page.getByLabel('Title').fill(`Build a ${subject} ${home}`);
    await page.getByRole('button', { name: 'Send to review' }).click();
    await page.getByRole('alert').getByText('Please choose one of the categories first.').waitFor();
    assert.equal(await page.getByLabel('Title').inputValue(), `Build a ${subject} ${home}`);
    await accessible(page, 'the editor with an error');

    // What is typed shows at once and is kept by itself.
    await page.getByLabel('Category').selectOption({ label: 'Claims & rejections' });
    await page.getByLabel('Text').fill('## Before\n\n1. Buy **wire**.\n2. <script>alert(1)</script>\n\n');
    await page.locator('#preview strong').getByText('wire').waitFor();
    assert.equal(await page.locator('#preview script').count(), 0);
    await page.locator('#saving').getByText(/^Draft saved at/).waitFor();
    // A picture is put where the cursor is.
    await page.getByLabel('Text').evaluate((box, bytes) => {
      const data = new DataTransfer();
      data.items.add(new File([new Uint8Array(bytes)], 'plan of it.png', { type: 'image/png' }));
      box.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
    }, [...DOT]);
    await page.locator('#preview img[alt="plan of it"]').waitFor();
    await until('it is saved with the picture', async () => (await page.locator('#saving').textContent())?.startsWith('Draft saved'));
    await page.getByRole('button', { name: 'Send to review' }).click();
    await page.getByText('The draft is in review.').waitFor();
    assert.equal(await page.getByRole('button', { name: 'Publish' }).count(), 0, 'a specialist publishes nothing');
    const address = new URL(page.url()).pathname;

    // The reviewer sends it back with a word, then publishes it.
    const rosalind = await Agent.signIn(browser, server, 'rosalind', { phone, path: '/knowledge' });
    await rosalind.page.getByRole('link', { name: /^In review/ }).click();
    await accessible(rosalind.page, 'the list');
    await rosalind.page.getByRole('link', { name: `Build a ${subject} ${home}` }).click();
    await accessible(rosalind.page, 'the review');
    await rosalind.page.getByLabel('What is to be changed').fill('How high?');
    await rosalind.page.getByRole('button', { name: 'Send back' }).click();
    await rosalind.page.getByText('The draft was sent back').waitFor();
    await page.goto(server.url + address);
    await page.getByText('How high?').waitFor();
    await page.getByLabel('Text').press('End');
    await page.getByLabel('Text').pressSequentially('\nTwo metres.');
    await page.locator('#saving').getByText(/^Draft saved at/).waitFor();
    // Whoever still has the old page cannot write over it.
    await rosalind.page.getByLabel('Text').fill('Mine.');
    await rosalind.page.getByRole('button', { name: 'Publish' }).click();
    await rosalind.page.getByRole('alert').getByText(/Priya Raman has changed this draft meanwhile/).waitFor();
    assert.equal(await rosalind.page.getByLabel('Text').inputValue(), 'Mine.', 'what was typed is still there');
    await page.getByRole('button', { name: 'Send to review' }).click();
    await page.getByText('The draft is in review.').waitFor();
    await rosalind.page.goto(server.url + address);
    await rosalind.page.getByLabel('Related solutions').fill('Forgot my password: how to reset it');
    await rosalind.page.getByRole('button', { name: 'Publish' }).click();
    await rosalind.page.getByText('Published. Readers and suggestions have it now.').waitFor();

    // Readers find it, with the picture, its marks and what is related; print shows the solution alone.
    await becomes(async () => {
      await reader.goto(`${server.url}/help?q=${subject}+${home}s`);
      return reader.locator('.hit').count();
    }, 1, 'it is found');
    assert.ok((await reader.locator('mark').allTextContents()).some((text) => text.toLowerCase() === subject));
    await accessible(reader, 'the list of what was found');
    await reader.getByRole('link', { name: `Build a ${subject} ${home}` }).click();
    await reader.getByRole('heading', { name: `Build a ${subject} ${home}` }).waitFor();
    await until('the picture is there', () => reader.locator('.prose img').evaluate((img) => /** @type {HTMLImageElement} */ (img).naturalWidth === 1));
    await reader.locator('.related').getByText('Forgot my password: how to reset it').waitFor();
    await accessible(reader, 'the solution');
    await reader.emulateMedia({ media: 'print' });
    assert.deepEqual(await Promise.all(['.help-head', '.helped', '.related', '#print'].map((part) => reader.locator(part).isVisible())), [false, false, false, false]);
    assert.equal(await reader.locator('.prose').isVisible(), true);
    await reader.emulateMedia({ media: 'screen' });
    await reader.getByRole('button', { name: 'No, back to the list' }).click();
    await reader.getByText('Thank you for telling us.').waitFor();
    assert.equal(await reader.getByRole('searchbox').inputValue(), `${subject} ${home}s`, 'back in the list');
    await reader.getByRole('link', { name: `Build a ${subject} ${home}` }).click();
    await reader.getByRole('button', { name: 'Yes' }).click();
    await reader.getByText('Glad that it helped').waitFor();

    // Customers are suggested it while they type, by keyboard, and read it in the widget.
    const visitor = await Visitor.arrive(browser, server, { phone });
    await visitor.open();
    await visitor.verify(server.contact(phone ? 'tomas' : 'marcus'));
    await visitor.question.fill(`how high is a ${subject} ${home}`);
    await until('it is suggested', async () => (await visitor.frame.locator('.found li b').first().textContent()) === `Build a ${subject} ${home}`);
    await visitor.question.press('End');
    await visitor.question.press('ArrowDown');
    assert.equal(await visitor.frame.locator('.found button').first().evaluate((way) => way === document.activeElement), true);
    await visitor.page.keyboard.press('ArrowUp');
    assert.equal(await visitor.question.evaluate((box) => box === document.activeElement), true);
    await visitor.page.keyboard.press('ArrowDown');
    await visitor.page.keyboard.press('Enter');
    await visitor.frame.locator('.solution .prose li strong').getByText('wire').waitFor();
    await until('the picture is there, too', () => visitor.frame.locator('.prose img').evaluate((img) => /** @type {HTMLImageElement} */ (img).naturalWidth === 1));

    clean(context, /status of 404/);
    for (const one of [priya, rosalind, visitor]) clean(one.context, /status of (409|422)/);
    await context.close();
    await Promise.all([priya.go(), rosalind.go(), visitor.go()]);
  });
}

test('portal_09_editors_and_readers_do_without_javascript', async () => {
  const { browser, server } = here;
  const { email, password } = server.login('wilma');
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(`${server.url}/login?next=/knowledge/new`);
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByLabel('Title').fill('Feed the echidna');
  await page.getByLabel('Text').fill('Ants.');
  await page.getByLabel('Category').selectOption({ index: 1 });
  await page.getByRole('button', { name: 'Save draft' }).click();
  await page.getByLabel('Add a picture').setInputFiles({ name: 'ants.png', mimeType: 'image/png', buffer: DOT });
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  const line = await page.locator('.pictures code').textContent();
  assert.match(line ?? '', /^!\[ants.png\]\(\/help\/pictures\/[0-9a-f-]{36}\)$/);
  await page.getByLabel('Text').fill(`Ants.\n\n${line}`);
  await page.getByRole('button', { name: 'Publish' }).click();
  await page.getByText('Published.').waitFor();
  // An older version is taken up again; the newer one stays among the versions.
  await page.getByLabel('Text').fill('Termites.');
  await page.getByRole('button', { name: 'Publish' }).click();
  await page.getByText('Published, version 2').waitFor();
  await page.getByRole('link', { name: 'Version 1', exact: true }).click();
  await page.getByText('This is version 1.').waitFor();
  await page.getByRole('button', { name: 'Publish' }).click();
  await page.getByText('Published, version 3').waitFor();
  await page.getByLabel('Place among the top solutions').selectOption('1');
  await page.getByRole('button', { name: 'Set' }).click();
  await page.getByText('The place among the top solutions was saved.').waitFor();
  const reader = await (await browser.newContext({ javaScriptEnabled: false })).newPage();
  await reader.goto(`${server.url}/help`);
  assert.equal(await reader.locator('#top + ol a').first().textContent(), 'Feed the echidna');
  await reader.getByRole('link', { name: 'Feed the echidna' }).click();
  assert.equal(await reader.locator('.prose').textContent(), 'Ants.');
  await page.getByRole('button', { name: 'Retire' }).click();
  await page.getByText('Retired. Readers do not see it any more.').waitFor();
  await reader.reload();
  await reader.getByText('This solution is not there any more').waitFor();
  await Promise.all([context.close(), reader.context().close()]);
});
