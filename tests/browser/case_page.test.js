// A case is offered, taken, gets files and links, and is watched; desktop and phone.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accessible, Agent, becomes, clean, fits, stage } from './support.js';

const here = stage();

/** A verified customer's message; its case. @param {import('./support/server.js').Server} server @param {string} first @param {string} text @returns {Promise<number>} */
async function leave(server, first, text) {
  const { email, pin } = server.contact(first);
  const json = { 'content-type': 'application/json' };
  const asked = await fetch(`${server.url}/widget/api/verify`, { method: 'POST', headers: json, body: JSON.stringify({ site: 'pub_demo', email, pin }) });
  const { token } = /** @type {{token: string}} */ (await asked.json());
  const message = { id: crypto.randomUUID(), site: 'pub_demo', name: 'x', email, text };
  const left = await fetch(`${server.url}/widget/api/message`, { method: 'POST', headers: { ...json, authorization: `Bearer ${token}` }, body: JSON.stringify(message) });
  const { case: number } = /** @type {{case: number}} */ (await left.json());
  return number;
}

/** Does something to the case on the screen by its name. @param {import('playwright-core').Page} page @param {string} typed @param {string} [words] */
async function does(page, typed, words) {
  await page.locator('#case-more').click();
  await page.locator('#chooser').waitFor();
  await page.keyboard.type(typed);
  await page.locator('#chooser').getByRole('option').first().waitFor();
  await page.keyboard.press('Enter');
  if (words === undefined) return;
  await page.locator('#ask-input').fill(words);
  await page.locator('#ask-ok').click();
}

for (const phone of [false, true]) {
  test(`agree_02_ticket_07_a_case_is_offered_taken_gets_files_and_links_${phone ? 'phone' : 'desktop'}`, async () => {
    const { browser, server } = here;
    const admin = await Agent.signIn(browser, server, 'wilma', { phone, path: '/admin/rules' });
    await admin.page.getByLabel('Cases in a queue are offered').check();
    await admin.page.getByLabel('A case that is worked on counts').fill('25');
    await accessible(admin.page, 'the rules');
    await admin.page.getByRole('button', { name: 'Save the rules' }).click();
    await admin.page.getByRole('status').filter({ hasText: 'Saved' }).waitFor();
    assert.ok(await admin.page.getByLabel('Cases in a queue are offered').isChecked());

    const earlier = await leave(server, phone ? 'zoe' : 'marcus', `The printer hums (${phone}).`);
    const number = await leave(server, phone ? 'tomas' : 'layla', `The label is cut off (${phone}).`);
    const supervisor = await Agent.signIn(browser, server, 'rosalind', { phone });
    const { page: desk } = supervisor;
    await desk.goto(`${server.url}/console#/queue/case/${number}`);
    await desk.getByRole('heading', { name: `${number}  The label` }).waitFor();
    await does(desk, 'Send to claims', 'It is theirs');

    // Whoever is online gets it as a card, reads it first, takes it.
    const agent = await (await Agent.signIn(browser, server, 'priya', { phone })).online();
    const { page } = agent;
    const card = page.locator('#case-offers .offer', { hasText: `The label is cut off (${phone}).` });
    await card.waitFor();
    await accessible(page, 'a case on offer');
    await card.getByRole('button', { name: 'Work on it' }).click();
    const view = page.locator('#case');
    await view.getByText('Priya Raman (you)').first().waitFor();
    await card.waitFor({ state: 'detached' });

    // Files: for the desk at first, then for the customer; each opens.
    await page.locator('#case-attach-files').setInputFiles([{ name: 'log.txt', mimeType: 'text/plain', buffer: Buffer.from('line 1') }, { name: 'too large.bin', mimeType: 'application/octet-stream', buffer: Buffer.alloc(5 * 1024 * 1024 + 1) }]);
    const files = view.locator('#case-files li');
    await becomes(() => files.locator('a').allTextContents(), ['log.txt'], 'the files');
    await view.locator('#case-uploads').getByText('up to 5 MB can be sent').waitFor();
    await view.locator('#case-uploads').getByRole('button', { name: 'Remove' }).click();
    await view.locator('#comment').getByText('To the customer').click();
    await view.getByRole('button', { name: 'Attach files for the customer' }).waitFor();
    await page.locator('#case-attach-files').setInputFiles([{ name: 'label.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.4') }]);
    await files.filter({ hasText: 'label.pdf' }).getByText('To the customer').waitFor();
    const href = await files.filter({ hasText: 'log.txt' }).locator('a').getAttribute('href');
    const got = await agent.context.request.get(`${server.url}${href}`);
    assert.deepEqual([got.status(), await got.text()], [200, 'line 1']);

    // A link to another case, which says so as well; and a watcher.
    await does(page, 'Related to', 'none');
    await page.getByText('Write the number of a case, such as 1004').waitFor();
    await page.locator('#ask-input').fill(String(earlier));
    await page.locator('#ask-ok').click();
    await view.locator('#related').getByRole('link', { name: `${earlier} The printer hums (${phone}).` }).waitFor();
    await does(desk, 'Watch it');
    await desk.getByText('Watched by Rosalind Achterberg (you)').waitFor();
    await accessible(page, 'a case with files and links');
    if (phone) await fits(page, '#case');
    await view.locator('#related').getByRole('link').click();
    await view.getByRole('link', { name: `${number} The label is cut off (${phone}).` }).waitFor();
    await view.getByRole('button', { name: `Unlink case ${number}` }).click();
    await view.locator('#related-box').waitFor({ state: 'hidden' });

    await admin.page.getByLabel('Cases in a queue are offered').uncheck();
    await admin.page.getByRole('button', { name: 'Save the rules' }).click();
    for (const one of [agent, supervisor, admin]) {
      clean(one.context);
      await one.go();
    }
  });
}
