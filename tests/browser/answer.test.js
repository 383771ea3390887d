// What customers do by the links in their mails, with a real mail server: the case, the solution, the survey; desktop and phone.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accessible, Agent, clean, stage } from './support.js';
import { profile } from './support/browser.js';

const here = stage();

for (const phone of [false, true]) {
  test(`agree_04_agree_05_a_case_is_answered_by_its_mails_and_ends_with_a_survey_${phone ? 'phone' : 'desktop'}`, async () => {
    const { browser, server } = here;
    const admin = await Agent.signIn(browser, server, 'wilma', { phone, path: '/admin/outbox' });
    /** The newest kept mail with these words in its subject; its link. @param {string} about @param {string} words */
    const link = async (about, words) => {
      await admin.page.reload();
      const mail = admin.page.locator('.kept li', { hasText: about }).first();
      for (let n = 0; n < 40 && !(await mail.textContent().catch(() => ''))?.includes(words); n += 1) await admin.page.reload();
      const found = /https?:\/\/\S+\/(?:answer|survey)\/\S+/.exec((await mail.textContent()) ?? '');
      assert.ok(found, `a link in ${await mail.textContent()}`);
      return found[0];
    };

    const person = server.contact(phone ? 'tomas' : 'marcus');
    const asked = await fetch(`${server.url}/widget/api/verify`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ site: 'pub_demo', email: person.email, pin: person.pin }) });
    const { token } = /** @type {{token: string}} */ (await asked.json());
    const left = await fetch(`${server.url}/widget/api/message`, { method: 'POST', headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` }, body: JSON.stringify({ id: crypto.randomUUID(), site: 'pub_demo', name: 'x', email: person.email, text: `The label printer prints nothing (${phone}).` }) });
    const { case: number } = /** @type {{case: number}} */ (await left.json());

    const context = await profile(browser, { phone });
    const page = await context.newPage();
    await page.goto(await link(`Case ${number}`, 'We have your request'));
    await page.getByRole('heading', { name: /The label printer prints nothing/ }).waitFor();
    await accessible(page, 'a case by its link');
    await page.getByLabel('Write to us').fill('It is the Q-80.');
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await page.getByRole('status').filter({ hasText: 'with your specialist' }).waitFor();
    await page.locator('.said-here').getByText('It is the Q-80.').waitFor();

    const agent = await Agent.signIn(browser, server, 'rosalind', { phone });
    await agent.page.goto(`${server.url}/console#/queue/case/${number}`);
    const view = agent.page.locator('#case');
    await view.getByRole('button', { name: 'Claim' }).click();
    await view.getByRole('button', { name: 'Resolve…' }).click();
    const dialog = agent.page.getByRole('dialog');
    await dialog.getByLabel('What solved it').fill('Update the driver.');
    await dialog.getByRole('radio', { name: 'No solution' }).check();
    await dialog.getByLabel('I have verified that it solves the problem').check();
    await dialog.getByRole('button', { name: 'Give the solution' }).click();
    await view.locator('.main-title p').getByText('Solution Provided').waitFor();

    await page.goto(await link(`Case ${number}`, 'has a solution for you'));
    await page.getByRole('heading', { name: 'Did this solve it?' }).waitFor();
    await accessible(page, 'a solution by its link');
    await page.getByRole('button', { name: 'Yes, it is solved' }).click();
    await page.getByRole('status').filter({ hasText: 'Your case is closed.' }).waitFor();
    await accessible(page, 'a closed case by its link');

    await page.goto(await link('How did we do', `Case ${number}`));
    await page.getByRole('heading', { name: 'How satisfied are you with our support?' }).waitFor();
    await accessible(page, 'a survey');
    await page.getByRole('radio', { name: 'Unsatisfied', exact: true }).check();
    await page.getByLabel(/own words/).fill(`Took long (${phone})`);
    await page.getByRole('button', { name: 'Send the answer' }).click();
    await page.getByRole('heading', { name: 'Thank you' }).waitFor();
    await page.goBack();
    await page.reload();
    await page.getByText('answered already').waitFor();
    await agent.page.goto(`${server.url}/supervisor/surveys`);
    await agent.page.getByText(`Took long (${phone})`).waitFor();
    await accessible(agent.page, 'the surveys');
    await accessible(admin.page, 'the outbox');

    clean(agent.context);
    clean(admin.context);
    await context.close();
    for (const one of [agent, admin]) await one.go();
  });
}

for (const phone of [false, true]) {
  test(`pin_01_a_mail_leads_to_a_page_for_the_pin_${phone ? 'phone' : 'desktop'}`, async () => {
    const { browser, server } = here;
    const person = server.contact(phone ? 'layla' : 'zoe');
    const message = { id: crypto.randomUUID(), site: 'pub_demo', name: 'x', email: person.email, text: `The tray is empty (${phone}).` };
    const left = await fetch(`${server.url}/widget/api/message`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(message) });
    const { case: number } = /** @type {{case: number}} */ (await left.json());
    const admin = await Agent.signIn(browser, server, 'wilma', { phone, path: '/admin/outbox' });
    const mail = admin.page.locator('.kept li', { hasText: `Case ${number}` }).first();
    for (let n = 0; n < 40 && !(await mail.isVisible()); n += 1) await admin.page.reload();
    const found = /https?:\/\/\S+\/answer\/\S+/.exec((await mail.textContent()) ?? '');
    assert.ok(found);

    const context = await profile(browser, { phone });
    const page = await context.newPage();
    await page.goto(found[0]);
    await page.getByRole('heading', { name: 'Enter your PIN' }).waitFor();
    await accessible(page, 'a page for the PIN');
    await page.getByLabel('Support PIN').fill('0000');
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('alert').filter({ hasText: 'do not match' }).waitFor();
    await accessible(page, 'a wrong PIN');
    await page.getByLabel('Support PIN').fill(person.pin);
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('heading', { name: `The tray is empty (${phone}).` }).waitFor();
    await page.getByRole('status').filter({ hasText: 'This is your case.' }).waitFor();
    await page.getByLabel('Send a file').setInputFiles({ name: 'tray.txt', mimeType: 'text/plain', buffer: Buffer.from('empty') });
    await page.getByRole('button', { name: 'Send the file' }).click();
    await page.getByRole('status').filter({ hasText: 'Your file is with your specialist.' }).waitFor();
    await page.getByRole('link', { name: 'tray.txt' }).waitFor();
    await accessible(page, 'a case with a file by its link');
    clean(admin.context);
    await context.close();
    await admin.go();
  });
}
