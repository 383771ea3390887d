// The live-chat window: the warning, the close, the grace, holidays, short days, and both clock changes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Agent, becomes, clean, LOST, stage, Visitor } from './support.js';

// One server whose clock is set ahead from test to test, as a desk lives through a year.
const here = stage({ clock: '2026-03-06T16:40:00-05:00' });

/** The same desk, later. @param {string} clock */
async function later(clock) {
  await here.server.stop();
  await here.server.run({ clock });
}

/** What the widget says about the hours to somebody in that zone. @param {string} zone @returns {Promise<string>} */
async function says(zone) {
  const visitor = await Visitor.arrive(here.browser, here.server, { zone });
  await visitor.open();
  const panel = visitor.frame.locator('.panel.hours');
  await panel.waitFor();
  const words = (await panel.innerText()).replace(/\s+/g, ' ').trim();
  clean(visitor.context);
  await visitor.go();
  return words;
}

test('hours_04_the_close_warns_both_then_waiting_becomes_a_case_and_talking_may_finish', async () => {
  const { browser, server } = here;
  const [talking, waiting, asking] = [await Visitor.arrive(browser, server), await Visitor.arrive(browser, server, { phone: true, zone: 'Europe/Berlin' }), await Visitor.arrive(browser, server)];
  const agent = await Agent.signIn(browser, server, 'priya');
  await agent.online();
  await talking.comeWith('zoe', 'The remittance is missing', 'Payments, remittances & refunds');
  await agent.accept();
  await agent.say('I look for it');
  await talking.reads(['The remittance is missing', 'I look for it']);
  await waiting.comeWith('siobhan', 'The interface has stopped', 'Interfaces, imports & backups');
  await asking.open();
  await asking.verify(server.contact('tomas'));
  await asking.question.fill('Not sent before the close');
  const warning = talking.frame.locator('#strip-closing');
  assert.equal(await warning.isVisible(), false);

  // 16:45: everyone is warned.
  await later('2026-03-06T16:44:56-05:00');
  await warning.getByText('Live chat closes at 5:00 PM. You can still finish this conversation.').waitFor();
  await waiting.frame.locator('#strip-closing').getByText('Live chat closes at 11:00 PM. If nobody is free by then, your question becomes a case').waitFor();
  await agent.page.locator('#hours').getByText(/Live chat closes in 1[45] minutes, at 5:00 PM/).waitFor();

  // 17:00: who waits gets a case and its number, who talks goes on, nobody new comes in.
  await later('2026-03-06T16:59:56-05:00');
  await waiting.frame.getByText(/Your case number is/).waitFor();
  const number = Number(await waiting.frame.locator('.case b.num').textContent());
  await waiting.frame.getByRole('heading', { name: 'Live chat has closed' }).waitFor();
  await asking.frame.getByText('Live chat has closed. You can still leave a message.').waitFor();
  assert.equal(await asking.question.inputValue(), 'Not sent before the close', 'what was typed is not lost');
  await agent.page.locator('#hours').getByText(/Live chat is closed\. It opens Monday, March 9 at 9:00 AM/).waitFor();
  await agent.say('Found it: it is under the old tax ID');
  await talking.say('Wonderful, one more question');
  await talking.reads(['The remittance is missing', 'I look for it', 'Found it: it is under the old tax ID', 'Wonderful, one more question']);
  assert.match(await says('America/New_York'), /Live chat is closed It opens Monday, March 9 at 9:00 AM\. Leave a message/);
  const found = await agent.api(`/api/cases/${number}`);
  assert.equal(found.description.includes('The interface has stopped'), true);
  assert.deepEqual([found.owner, found.worker, found.verified], [null, null, true]);
  // Who was about to ask leaves it as a message.
  await asking.frame.getByRole('button', { name: 'Leave a message instead' }).click();
  await asking.leave({ name: 'Tomás', email: 'tomas.iturralde@cedarhollow.example', text: 'Not sent before the close' });

  // 17:30: the grace is over; what was said is a case too.
  await later('2026-03-06T17:29:56-05:00');
  await talking.frame.getByText(/Your case number is/).waitFor();
  await agent.told(/The chat ended: live chat closed/);
  for (const one of [talking, waiting, asking]) {
    clean(one.context, ...LOST);
    await one.go();
  }
  clean(agent.context, ...LOST);
  await agent.context.close();
});

test('hours_02_live_04_the_weekend_before_the_clocks_go_forward', async () => {
  await later('2026-03-07T12:00:00-05:00');
  assert.match(await says('America/New_York'), /It opens Monday, March 9 at 9:00 AM\. Leave/, 'no second zone for one who lives there');
  assert.match(await says('Europe/Berlin'), /It opens Monday, March 9 at 2:00 PM, your time\. That is Monday, March 9 at 9:00 AM New York time\./, 'Berlin changes three weeks later');
  assert.match(await says('America/Phoenix'), /It opens Monday, March 9 at 6:00 AM, your time\./, 'Phoenix never does');
  assert.match(await says('Asia/Tokyo'), /It opens tomorrow at 10:00 PM, your time\. That is Monday, March 9 at 9:00 AM New York time\./, 'there it is Sunday already');
  await later('2026-03-08T01:59:00-05:00');
  assert.match(await says('America/New_York'), /It opens tomorrow at 9:00 AM\./);
});

test('hours_02_live_04_the_first_monday_of_summer_time_opens_at_nine_by_itself', async () => {
  await later('2026-03-09T08:59:50-04:00');
  const visitor = await Visitor.arrive(here.browser, here.server, { zone: 'Europe/Berlin' });
  await visitor.open();
  await visitor.frame.getByText('It opens today at 2:00 PM, your time.').waitFor();
  await visitor.frame.getByText('We are here now').waitFor({ timeout: 25_000 });
  await visitor.frame.getByText('Live chat is open until 10:00 PM.').waitFor();
  await visitor.frame.getByText('That is 5:00 PM New York time.').waitFor();
  clean(visitor.context);
  await visitor.go();
});

test('hours_02_live_04_the_weekend_before_the_clocks_go_back_and_the_monday_after', async () => {
  await later('2026-10-30T17:00:30-04:00');
  assert.match(await says('America/New_York'), /It opens Monday, November 2 at 9:00 AM\./);
  assert.match(await says('Europe/Berlin'), /It opens Monday, November 2 at 3:00 PM, your time\. That is Monday, November 2 at 9:00 AM New York time\./);
  assert.match(await says('America/Phoenix'), /It opens Monday, November 2 at 7:00 AM, your time\./);
  await later('2026-11-02T08:59:50-05:00');
  const visitor = await Visitor.arrive(here.browser, here.server, { zone: 'America/Los_Angeles', phone: true });
  await visitor.open();
  await visitor.frame.getByText('It opens today at 6:00 AM, your time.').waitFor();
  await visitor.frame.getByText('Live chat is open until 2:00 PM.').waitFor({ timeout: 25_000 });
  clean(visitor.context);
  await visitor.go();
});

test('hours_03_live_04_a_holiday_closes_the_day_and_takes_messages', async () => {
  await later('2026-11-26T10:00:00-05:00');
  const visitor = await Visitor.arrive(here.browser, here.server, { zone: 'America/Chicago', phone: true });
  const { frame } = visitor;
  await visitor.open();
  await frame.getByText('Live chat is closed for Thanksgiving').waitFor();
  await frame.getByText('It opens tomorrow at 8:00 AM, your time.').waitFor();
  await frame.getByText('That is tomorrow at 9:00 AM New York time.').waitFor();
  assert.equal(await frame.getByRole('button', { name: 'Chat with a specialist' }).isVisible(), false);
  await frame.getByRole('button', { name: 'Leave a message' }).click();
  const number = await visitor.leave({ name: 'Ingrid Sørlie', email: 'ingrid.sorlie@marigoldbilling.example', text: 'Happy Thanksgiving; the import fails.' });
  clean(visitor.context);
  await visitor.go();
  const agent = await Agent.signIn(here.browser, here.server, 'jonah');
  await agent.view('unverified');
  await agent.row(String(number)).waitFor();
  await agent.page.locator('#hours').getByText(/Live chat is closed\. It opens tomorrow at 9:00 AM\. Thanksgiving/).waitFor();
  await agent.go();
});

test('hours_03_hours_04_an_admin_shortens_a_day_and_it_closes_early', async () => {
  const { browser, server } = here;
  const admin = await Agent.signIn(browser, server, 'wilma', { path: '/admin/hours' });
  await admin.page.getByLabel('Day', { exact: true }).fill('2026-11-27');
  await admin.page.getByLabel('Name', { exact: true }).fill('Day after Thanksgiving');
  await admin.page.getByLabel('Short hours, empty for closed').fill('09:00-13:00');
  await admin.page.getByRole('button', { name: 'Add the day' }).click();
  await admin.page.getByRole('row', { name: /Day after Thanksgiving/ }).getByText(/09:00\D13:00/).waitFor();
  clean(admin.context);
  await admin.go();

  await later('2026-11-27T12:40:00-05:00');
  const visitor = await Visitor.arrive(browser, server, { zone: 'America/Chicago' });
  await visitor.open();
  await visitor.frame.getByText('Live chat is open until 12:00 PM.').waitFor();
  await visitor.comeWith('noa', 'A short question', 'Reports, exports & month close');
  await later('2026-11-27T12:59:56-05:00');
  await visitor.frame.locator('#strip-closing').getByText('Live chat closes at 12:00 PM.').waitFor();
  await visitor.frame.getByText(/Your case number is/).waitFor();
  assert.match(await says('America/New_York'), /Live chat is closed.* It opens Monday, November 30 at 9:00 AM\./);
  clean(visitor.context, ...LOST);
  await visitor.go();
});

test('hours_03_a_form_with_a_fault_keeps_what_was_written_and_says_what_is_wrong', async () => {
  const { page, context } = await Agent.signIn(here.browser, here.server, 'wilma', { path: '/admin/hours' });
  await page.getByLabel('Day', { exact: true }).fill('2026-12-24');
  await page.getByLabel('Name', { exact: true }).fill('Christmas Eve');
  await page.getByLabel('Short hours, empty for closed').fill('9 to 1');
  await page.getByRole('button', { name: 'Add the day' }).click();
  await page.getByRole('heading', { name: 'The change was not saved' }).waitFor();
  assert.match(await page.title(), /^Error:/);
  await page.getByRole('alert').getByRole('link').click();
  assert.equal(await page.locator('#windows:focus').inputValue(), '9 to 1', 'the summary leads to the field, which keeps its value');
  assert.equal(await page.getByLabel('Name', { exact: true }).inputValue(), 'Christmas Eve');
  assert.equal(await page.getByLabel('Day', { exact: true }).inputValue(), '2026-12-24');
  await page.locator('#chat-mon').fill('17:00-09:00');
  await page.getByRole('button', { name: 'Save Live chat' }).click();
  await page.getByRole('heading', { name: 'The change was not saved' }).waitFor();
  assert.equal(await page.locator('#chat-mon').inputValue(), '17:00-09:00');
  clean(context, /status of 422/);
  await context.close();
});

test('live_13_a_supervisor_closes_and_opens_the_chat_by_hand_at_once', async () => {
  const { browser, server } = here;
  await later('2026-12-01T11:00:00-05:00');
  const supervisor = await Agent.signIn(browser, server, 'rosalind', { path: '/supervisor' });
  const visitor = await Visitor.arrive(browser, server);
  await visitor.comeWith('zoe', 'Waiting when the storm comes', 'Claims & rejections');
  await supervisor.page.getByRole('button', { name: 'Close by hand' }).click();
  await supervisor.page.locator('#reason').fill('storm');
  await supervisor.page.locator('#hours-ok').click();
  await visitor.frame.getByText(/Your case number is/).waitFor();
  await becomes(async () => /Live chat is closed \(storm\)/.test(await says('America/New_York')), true, 'the widget to say why');
  await supervisor.page.getByRole('button', { name: 'Back to the plan' }).click();
  await becomes(async () => /We are here now/.test(await says('America/New_York')), true, 'the widget to be open again');
  for (const one of [visitor, supervisor]) {
    clean(one.context);
    await one.go();
  }
});
