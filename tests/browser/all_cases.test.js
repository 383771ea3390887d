// All cases as a page: searched, kept, several at once, printed; desktop and phone.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accessible, Agent, clean, stage } from './support.js';

const here = stage();

for (const phone of [false, true]) {
  test(`ticket_06_a_supervisor_finds_cases_keeps_the_search_and_sends_several_on_${phone ? 'phone' : 'desktop'}`, async () => {
    const { browser, server } = here;
    const mark = `zebra${phone}`;
    for (const n of [1, 2]) {
      const left = await fetch(`${server.url}/widget/api/message`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ id: crypto.randomUUID(), site: 'pub_demo', name: 'Zed', email: 'zed@else.example', text: `The ${mark} label ${n} is crooked` }) });
      assert.equal(left.status, 200);
    }
    const supervisor = await Agent.signIn(browser, server, 'rosalind', { phone, path: '/cases' });
    const { page } = supervisor;
    await accessible(page, 'all cases');
    await page.getByRole('searchbox').fill(mark);
    await page.getByLabel('Status').first().selectOption({ label: 'All that are open' });
    await page.getByRole('button', { name: 'Search', exact: true }).click();
    const rows = page.getByRole('checkbox', { name: /^Choose case/ });
    await page.getByText(`The ${mark} label 2 is crooked`).waitFor();
    assert.equal(await rows.count(), 2);
    await page.getByText('With all that are chosen, or keep this search').click();
    await page.getByPlaceholder('A name for this search').fill(`My ${mark}`);
    await page.getByRole('button', { name: 'Keep the search' }).click();
    await page.getByRole('link', { name: `My ${mark}` }).waitFor();
    await page.goto(`${server.url}/cases`);
    await page.getByRole('link', { name: `My ${mark}` }).click();
    assert.equal(await rows.count(), 2);

    for (const row of await rows.all()) await row.check();
    await page.getByText('With all that are chosen, or keep this search').click();
    await page.getByLabel('Team', { exact: true }).last().selectOption({ label: 'Claims & Payments' });
    await page.getByLabel('Tier', { exact: true }).last().selectOption({ label: 'tier II' });
    await page.getByRole('button', { name: 'Send to' }).click();
    await page.getByRole('alert').getByText('the reason').waitFor();
    await accessible(page, 'cases with an error');
    for (const row of await rows.all()) await row.check();
    await page.getByRole('textbox', { name: 'Reason' }).fill('They print labels');
    await page.getByLabel('Team', { exact: true }).last().selectOption({ label: 'Claims & Payments' });
    await page.getByLabel('Tier', { exact: true }).last().selectOption({ label: 'tier II' });
    await page.getByRole('button', { name: 'Send to' }).click();
    await page.getByRole('status').getByText('Done with 2 cases.').waitFor();
    assert.equal(await page.getByText('tier II, severity').count(), 2);
    await accessible(page, 'cases after a step');
    await page.getByRole('link', { name: /^Print/ }).first().click();
    await page.getByText('To Claims & Payments, tier II: They print labels').waitFor();
    await accessible(page, 'a case to print');
    clean(supervisor.context, /status of 422/);
    await supervisor.go();
  });
}
