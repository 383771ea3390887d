// A chat becomes a case: proposed from the transcript, with an owner who stays the owner through the tiers.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accessible, Agent, becomes, clean, fits, stage, Visitor } from './support.js';

const here = stage();

for (const phone of [false, true]) {
  test(`live_10_agree_01_one_step_makes_a_case_and_its_owner_stays_through_the_tiers_${phone ? 'phone' : 'desktop'}`, async () => {
    const { browser, server } = here;
    const owner = await Agent.signIn(browser, server, phone ? 'lucia' : 'priya', { phone });
    await owner.online();
    const visitor = await Visitor.arrive(browser, server, { phone });
    await visitor.comeWith(phone ? 'siobhan' : 'marcus', 'Nobody can send claims since the update. We tried twice.', 'Claims & rejections');
    await owner.accept();
    await owner.say('Since when exactly?');
    await visitor.reads(['Nobody can send claims since the update. We tried twice.', 'Since when exactly?']);
    await visitor.say('Since 8 this morning, batch 5512');
    await owner.reads(['Nobody can send claims since the update. We tried twice.', 'Since when exactly?', 'Since 8 this morning, batch 5512']);

    // One step, and everything is proposed.
    await owner.page.locator('#make-case').click();
    const dialog = owner.page.locator('#case-dialog');
    await dialog.getByRole('heading', { name: 'Make a case' }).waitFor();
    assert.equal(await owner.page.locator('#case-subject').inputValue(), 'Nobody can send claims since the update.');
    assert.equal(await owner.page.locator('#case-category option:checked').textContent(), 'Claims & rejections');
    assert.equal(await owner.page.locator('#case-severities input:checked').getAttribute('value'), '1', '“nobody can” is the worst severity');
    const description = await owner.page.locator('#case-description').inputValue();
    assert.match(description, /Nobody can send claims/);
    assert.match(description, /batch 5512/);
    await dialog.getByText('2. Seriously hindered').click();
    await dialog.getByRole('button', { name: 'Make the case' }).click();
    await dialog.getByRole('heading', { name: 'The case is made' }).waitFor();
    const number = Number(/\d+/.exec((await dialog.locator('.done-number').textContent()) ?? '')?.[0]);
    await visitor.told(new RegExp(`Case ${number} was opened`));

    // It waits in the queue of the team's tier I, with an owner; a colleague sees it, transcript and all.
    const colleague = await Agent.signIn(browser, server, 'owen');
    await colleague.view('queue');
    await colleague.row(String(number)).getByText(`Owner ${owner.name}`).waitFor();
    await colleague.row(String(number)).click();
    const seen = colleague.page.locator('#case');
    await seen.getByText('Seriously').or(seen.getByText('Severity 2')).first().waitFor();
    await seen.locator('summary', { hasText: 'Transcript of the chat, 3 messages' }).click();
    await becomes(() => seen.locator('#transcript .msg-bubble').allTextContents(),
      ['Nobody can send claims since the update. We tried twice.', 'Since when exactly?', 'Since 8 this morning, batch 5512'], 'the transcript on the case');
    clean(colleague.context);
    await colleague.go();

    // The owner escalates, and the owner it stays.
    await dialog.getByRole('link', { name: 'Open the case' }).click();
    const mine = owner.page.locator('#case');
    await mine.getByText(`${owner.name} (you)`).first().waitFor();
    await mine.getByRole('button', { name: 'Escalate' }).click();
    await owner.page.locator('#ask-input').fill('The clearinghouse refuses batch 5512; tried twice.');
    await owner.page.locator('#ask-ok').click();
    await mine.getByText('Tier II', { exact: true }).waitFor();
    await mine.getByText('waits in the queue').waitFor();

    const second = await Agent.signIn(browser, server, 'hannah', { phone });
    await second.view('queue');
    await second.row(String(number)).click();
    await second.page.locator('#case').getByText('Escalated to').filter({ hasText: 'The clearinghouse refuses batch 5512' }).waitFor();
    await second.page.locator('#case').getByRole('button', { name: 'Claim' }).click();
    await second.page.locator('#case').getByText(`${second.name} (you)`).waitFor();

    // The owner is told, and sees who works it.
    await mine.locator('.people').getByText(second.name).waitFor();
    await mine.locator('.people').getByText(`${owner.name} (you)`).waitFor();
    if (phone) await owner.page.goto(`${server.url}/console#/notices`);
    else await owner.view('notices');
    await owner.row(String(number)).filter({ hasText: `${second.name}` }).first().waitFor();
    await owner.page.goto(`${server.url}/console#/owned`);
    await owner.row(String(number)).getByText(`${second.name} works on it`).waitFor();

    // And back: the owner works it again and is told why.
    await second.page.locator('#case').getByRole('button', { name: 'Hand back' }).click();
    await second.page.locator('#ask-input').fill('Payer table is mended; please tell the customer.');
    await second.page.locator('#ask-ok').click();
    await owner.row(String(number)).getByText('Owner you, works on it').waitFor();
    const full = await owner.api(`/api/cases/${number}`);
    assert.deepEqual([full.owner, full.worker, full.tier, full.severity], [owner.name, owner.name, 1, 2]);

    await visitor.frame.getByRole('button', { name: 'End chat' }).click();
    await visitor.frame.getByRole('button', { name: 'Not solved' }).click();
    await visitor.frame.locator('.ended').getByText(String(number)).waitFor();
    for (const one of [visitor, owner, second]) {
      clean(one.context);
      await one.go();
    }
  });
}

test('live_11_a_chat_that_ends_unsolved_becomes_a_case_by_itself', async () => {
  const { browser, server } = here;
  const agent = await Agent.signIn(browser, server, 'amadou');
  await agent.online();
  const visitor = await Visitor.arrive(browser, server);
  await visitor.open();
  await visitor.verify(server.contact('kwabena'));
  // Several accounts: the customer says which one this is about.
  await visitor.frame.getByText('Which account is this about?').waitFor();
  await visitor.frame.getByRole('button', { name: /Larkspur/ }).click();
  await visitor.ask('A free slot cannot be booked', 'Patients & scheduling');
  await agent.accept();
  await agent.page.locator('#chat').getByText(/Larkspur/).first().waitFor();
  await agent.page.locator('#end-chat').click();
  await agent.page.locator('#end-dialog [data-end=unsolved]').click();
  await visitor.frame.getByText(/Your case number is/).waitFor();
  const number = Number(await visitor.frame.locator('.case b.num').textContent());
  const full = await agent.api(`/api/cases/${number}`);
  assert.equal(full.owner, agent.name);
  assert.equal(full.description.includes('A free slot cannot be booked'), true);
  for (const one of [visitor, agent]) {
    clean(one.context);
    await one.go();
  }
});

for (const phone of [false, true]) {
  test(`agree_03_agree_04_promises_are_explained_and_a_solution_waits_for_the_customer_${phone ? 'phone' : 'desktop'}`, async () => {
    const { browser, server } = here;
    const agent = await Agent.signIn(browser, server, phone ? 'lucia' : 'owen', { phone });
    const { page } = agent;
    const left = { id: crypto.randomUUID(), site: 'pub_demo', name: 'Ada', email: 'ada@ada.example', text: 'The statement run stops halfway.' };
    /** @type {{case: number}} */
    const { case: number } = await (await agent.context.request.post(`${server.url}/widget/api/message`, { data: left })).json();
    await page.goto(`${server.url}/console#/unverified/case/${number}`);
    const view = page.locator('#case');
    const status = view.locator('.main-title p');
    const clock = view.locator('.clock', { hasText: 'Acknowledgement' });
    await clock.getByText(/^due /).waitFor();
    await clock.locator('summary', { hasText: /^Why$/ }).click();
    await clock.getByText(/^24 business hours \(each business day counts 24\) from /).waitFor();
    await accessible(page, 'a case with its promises');
    await view.getByRole('button', { name: 'Claim' }).click();
    await clock.getByText(/^kept /).waitFor();

    // All that can be done, by its name.
    /** @param {string} typed @param {string} [words] */
    const does = async (typed, words) => {
      await view.locator('#case-more').click();
      const chooser = page.getByRole('dialog', { name: `Case ${number}` });
      await chooser.waitFor();
      await page.keyboard.type(typed);
      await chooser.getByRole('option').first().waitFor();
      await page.keyboard.press('Enter');
      if (words === undefined) return;
      await page.locator('#ask-input').fill(words);
      await page.locator('#ask-ok').click();
    };
    await does('Ask the customer to tell', 'Which statement run?');
    await status.getByText('Additional Info').waitFor();
    await view.locator('#timeline li', { hasText: 'Which statement run?' }).getByText('To the customer').waitFor();
    await does('Work on it again', 'She called and said which.');
    await status.getByText('In Process').waitFor();
    await view.locator('#case-more').click();
    await accessible(page, 'all verbs of a case');
    if (phone) await fits(page, '#chooser');
    await page.keyboard.press('Escape');

    // Words to the customer are apart from those for the desk, and so are their drafts.
    const text = view.locator('#comment-text');
    await text.fill('She sounds worried.');
    await view.locator('#comment').getByText('To the customer').click();
    await becomes(() => text.inputValue(), '', 'the draft of an answer');
    await text.fill('We are looking at the monthly run.');
    await view.getByRole('button', { name: 'Send the answer' }).click();
    await view.locator('#timeline li', { hasText: 'Answer: We are looking at the monthly run.' }).getByText('To the customer').waitFor();
    await view.locator('#comment').getByText('For the desk', { exact: true }).click();
    await becomes(() => text.inputValue(), 'She sounds worried.', 'the draft of a comment');

    await view.getByRole('button', { name: 'Resolve…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Resolve the case' });
    await dialog.getByText('Without a word of theirs it is closed after 5 business days.').waitFor();
    await dialog.getByLabel('What solved it').fill('Run it again without the closed accounts.');
    await dialog.getByRole('radio', { name: 'No solution' }).check();
    await dialog.getByLabel('I have verified that it solves the problem').check();
    await dialog.getByRole('button', { name: 'Give the solution' }).click();
    await status.getByText('Solution Provided').waitFor();
    await does('The customer says it is not solved', 'It stops at the same place.');
    await status.getByText('In Process').waitFor();
    await view.getByRole('button', { name: 'Resolve…' }).click();
    await dialog.getByLabel('What solved it').fill('The account 7 had a broken address.');
    await dialog.getByRole('radio', { name: 'No solution' }).check();
    await dialog.getByLabel('I have verified that it solves the problem').check();
    await dialog.getByRole('button', { name: 'Give the solution' }).click();
    await status.getByText('Solution Provided').waitFor();
    await does('The customer has confirmed');
    await status.getByText('Completed').waitFor();
    await accessible(page, 'a completed case');
    clean(agent.context);
    await agent.go();
  });
}
