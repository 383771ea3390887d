// While the question is typed: suggestions, one of them opened inside the widget, solved or not.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Agent, becomes, clean, stage, until, Visitor } from './support.js';

const here = stage();

for (const phone of [false, true]) {
  test(`live_03_suggestions_at_every_pause_best_first_and_no_goes_on_to_the_specialist_${phone ? 'phone' : 'desktop'}`, async () => {
    const visitor = await Visitor.arrive(here.browser, here.server, { phone });
    const { frame, page, question } = visitor;
    const titles = () => frame.locator('.found li b').allTextContents();
    await visitor.open();
    await visitor.verify(here.server.contact(phone ? 'tomas' : 'marcus'));
    await question.click();
    await page.keyboard.type('our label printer', { delay: 10 });
    await becomes(async () => /label/i.test((await titles())[0] ?? ''), true, 'a suggestion about labels on top');
    assert.ok((await titles()).length <= 10);

    // Another pause, another list: what fits best moves up.
    await question.fill('claim rejected payer ID not found');
    await until('the best one on top', async () => (await titles())[0] === 'Claim rejected: payer ID not found');
    assert.equal((await titles()).length, 10, 'as many as there are room for');

    await frame.locator('.found button').first().click();
    await frame.getByRole('heading', { name: 'Claim rejected: payer ID not found' }).waitFor();
    await frame.getByText('Did this solve it?').waitFor();
    assert.equal(page.frames().length, 2, 'it opened inside the widget');
    assert.equal(visitor.context.pages().length, 1);
    await frame.getByRole('button', { name: 'No, not yet' }).click();
    assert.equal(await question.inputValue(), 'claim rejected payer ID not found', 'the question is still there');
    await visitor.ask('claim rejected payer ID not found', 'Claims & rejections');
    await frame.getByText(/in line/).first().waitFor();

    // The specialist sees what was tried.
    const agent = await Agent.signIn(here.browser, here.server, phone ? 'owen' : 'priya');
    await agent.online();
    await agent.accept();
    await agent.told(/Opened the solution “Claim rejected: payer ID not found”/);
    await agent.told(/“Claim rejected: payer ID not found” did not solve it/);
    await agent.reads(['claim rejected payer ID not found']);
    clean(visitor.context);
    clean(agent.context);
    await Promise.all([visitor.go(), agent.go()]);
  });
}

test('live_03_a_solution_that_helped_ends_the_visit_as_solved_and_nobody_is_called', async () => {
  const visitor = await Visitor.arrive(here.browser, here.server);
  const { frame } = visitor;
  await visitor.open();
  await visitor.verify(here.server.contact('noa'));
  await visitor.question.fill('forgot my password');
  await frame.locator('.found button', { hasText: 'Forgot my password' }).click();
  await frame.getByRole('button', { name: 'Yes, it did' }).click();
  await frame.getByRole('heading', { name: 'Glad that solved it' }).waitFor();
  assert.equal(await visitor.box.isVisible(), false, 'nothing more can be written');
  const supervisor = await Agent.signIn(here.browser, here.server, 'desmond', { path: '/supervisor' });
  await supervisor.page.getByText('Nobody waits.').waitFor();
  const cases = await supervisor.api('/api/cases?view=all');
  assert.ok(!cases.some((/** @type {{subject: string}} */ c) => /forgot my password/i.test(c.subject)), 'no case was made');
  await frame.getByRole('button', { name: 'Start another conversation' }).click();
  await visitor.question.waitFor();
  clean(visitor.context);
  await Promise.all([visitor.go(), supervisor.go()]);
});
