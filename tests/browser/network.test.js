// What was acknowledged is never lost, doubled or out of order: over a reload, a lost line, a second tab, a restart.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Agent, becomes, clean, Line, LOST, stage, until, Visitor } from './support.js';

const here = stage();

describe('live_08_one_long_conversation_that_nothing_can_break', () => {
  /** @type {Line} */ let line;
  /** @type {Visitor} */ let visitor;
  /** @type {Visitor} */ let tab;
  /** @type {Agent} */ let agent;
  /** All that was said, in order. @type {string[]} */
  const said = [];

  before(async () => {
    line = await Line.open();
    visitor = await Visitor.arrive(here.browser, here.server, { line });
    agent = await Agent.signIn(here.browser, here.server, 'priya');
    await agent.online();
    await visitor.comeWith('zoe', 'The batch does not go out');
    await agent.accept();
    said.push('The batch does not go out');
    await both('Good morning', 'Good morning, Zoë');
  });
  after(async () => {
    await visitor?.go();
    await agent?.go();
    line?.close();
  });

  /** The customer says one thing, then the specialist another. @param {string} mine @param {string} yours */
  async function both(mine, yours) {
    await visitor.say(mine);
    said.push(mine);
    await agent.reads(said);
    await agent.say(yours);
    said.push(yours);
    await everyoneReads();
  }

  async function everyoneReads() {
    await visitor.reads(said);
    await agent.reads(said);
  }

  test('live_08_a_reload_in_mid_sentence_keeps_the_draft_and_the_conversation', async () => {
    await visitor.box.fill('I had just begun to wri');
    await agent.say('While you write');
    said.push('While you write');
    await visitor.page.reload();
    await visitor.open();
    await visitor.box.waitFor();
    assert.equal(await visitor.box.inputValue(), 'I had just begun to wri');
    await everyoneReads();
    await visitor.box.press('End');
    await visitor.box.pressSequentially('te this.');
    await visitor.box.press('Enter');
    said.push('I had just begun to write this.');
    await everyoneReads();
    // The specialist's page too.
    await agent.reply.fill('My half senten');
    await agent.page.reload();
    await agent.reply.waitFor();
    assert.equal(await agent.reply.inputValue(), 'My half senten');
    await agent.say('My half sentence is whole.');
    said.push('My half sentence is whole.');
    await everyoneReads();
  });

  test('live_08_ten_seconds_without_a_network_lose_nothing_on_either_side', async () => {
    // First only the way back breaks: the server has the message, the visitor does not know.
    line.deafen();
    await visitor.say('Heard, but not acknowledged');
    said.push('Heard, but not acknowledged');
    await agent.reads(said);
    assert.equal((await visitor.said()).at(-1)?.mark, 'Not sent yet');
    line.cut();
    const cutAt = Date.now();
    await visitor.frame.getByText('No connection. What you write is kept').first().waitFor();
    await visitor.say('Written without a line, 1');
    await visitor.say('Written without a line, 2');
    await visitor.marked('Written without a line, 2', 'Not sent yet');
    await agent.say('Said meanwhile, 1');
    await agent.say('Said meanwhile, 2');
    await agent.marked('Said meanwhile, 2', 'Sent');
    await visitor.box.fill('A draft from the dead zone');
    await new Promise((resolve) => setTimeout(resolve, cutAt + 10_000 - Date.now()));
    assert.equal((await visitor.said()).at(-1)?.mark, 'Not sent yet', 'nothing pretends to be sent');
    line.mend();
    said.push('Said meanwhile, 1', 'Said meanwhile, 2', 'Written without a line, 1', 'Written without a line, 2');
    await everyoneReads();
    await visitor.marked('Written without a line, 2', 'Read');
    await visitor.marked('Heard, but not acknowledged', 'Read');
    await visitor.frame.locator('#strip-offline').waitFor({ state: 'hidden' });
    assert.equal(await visitor.box.inputValue(), 'A draft from the dead zone');
    await visitor.box.fill('');
  });

  test('live_08_a_reload_without_a_network_sends_what_was_unsent_once_the_line_is_back', async () => {
    line.cut();
    await visitor.say('Unsent before the reload');
    await visitor.marked('Unsent before the reload', 'Not sent yet');
    line.mend();
    await visitor.page.reload();
    said.push('Unsent before the reload');
    await visitor.open();
    await everyoneReads();
    await both('And on we go', 'Indeed');
  });

  test('live_08_a_second_tab_shows_the_same_and_both_may_write', async () => {
    tab = await visitor.secondTab();
    await tab.open();
    await tab.box.waitFor();
    await tab.reads(said);
    // Both write at once, several times: one order, the same everywhere.
    await Promise.all([
      (async () => { for (let i = 1; i <= 3; i += 1) await visitor.say(`first tab ${i}`); })(),
      (async () => { for (let i = 1; i <= 3; i += 1) await tab.say(`second tab ${i}`); })(),
      (async () => { for (let i = 1; i <= 3; i += 1) await agent.say(`desk ${i}`); })(),
    ]);
    await until('all nine to have arrived', async () => (await agent.texts()).length === said.length + 9);
    const order = (await agent.texts()).slice(said.length);
    for (const who of ['first tab', 'second tab', 'desk']) {
      assert.deepEqual(order.filter((text) => text.startsWith(who)), [1, 2, 3].map((i) => `${who} ${i}`), 'nobody is overtaken by himself');
    }
    said.push(...order);
    await everyoneReads();
    await tab.reads(said);
    assert.deepEqual((await tab.said()).map((row) => row.mark === null), (await visitor.said()).map((row) => row.mark === null), 'own is own in both tabs');
    await tab.page.close();
    await both('Closed the other tab', 'Thank you');
  });

  test('live_08_run_04_a_restart_in_mid_conversation_is_over_within_two_seconds', async () => {
    const online = () => agent.page.locator('#presence fieldset:enabled').count();
    await visitor.box.fill('Unfinished when the server stopp');
    await agent.reply.fill('Also unfinis');
    await here.server.stop();
    await becomes(online, 0, 'the console to say that it is not connected');
    await agent.page.getByText('The connection is lost.').first().waitFor();
    await visitor.box.fill('Unfinished when the server stopped');
    await visitor.box.press('Enter');
    await agent.reply.fill('Also unfinished');
    await agent.reply.press('Control+Enter');
    await visitor.marked('Unfinished when the server stopped', 'Not sent yet');
    await here.server.run();
    const up = Date.now();
    await Promise.all([
      visitor.marked('Unfinished when the server stopped', 'Read'),
      agent.marked('Also unfinished', 'Read'),
      becomes(online, 1, 'the console to be connected'),
    ]);
    const took = Date.now() - up;
    said.push(...(await agent.texts()).slice(-2));
    assert.deepEqual(said.slice(-2).sort(), ['Also unfinished', 'Unfinished when the server stopped']);
    await everyoneReads();
    assert.ok(took < 2000, `both sides were back after ${took} ms`);
    assert.ok(await agent.page.getByRole('radio', { name: 'Online' }).isChecked(), 'the specialist is online as before');
    await both('On we go', 'As if nothing had been');
  });

  test('live_08_a_killed_server_loses_nothing_that_it_acknowledged', async () => {
    await visitor.say('Acknowledged before the kill');
    said.push('Acknowledged before the kill');
    await until('an acknowledgement', async () => (await visitor.said()).at(-1)?.mark !== 'Not sent yet');
    await here.server.stop('SIGKILL');
    await agent.say('Into the void');
    await here.server.run();
    said.push('Into the void');
    await everyoneReads();
    await both('Still here', 'Good');
    clean(visitor.context, ...LOST);
    clean(agent.context, ...LOST);
  });

  test('live_08_the_log_that_is_stored_is_the_one_that_was_shown', async () => {
    await visitor.frame.getByRole('button', { name: 'End chat' }).click();
    await visitor.frame.getByRole('button', { name: 'Not solved, make it a case' }).click();
    await visitor.frame.getByText(/Your case number is/).waitFor();
    const number = Number(await visitor.frame.locator('.case b.num').textContent());
    const { transcript } = await agent.api(`/api/cases/${number}`);
    const stored = transcript.filter((/** @type {any} */ e) => e.body.kind === 'message').map((/** @type {any} */ e) => e.body.text);
    assert.deepEqual(stored, said);
    assert.deepEqual(transcript.map((/** @type {any} */ e) => e.seq), transcript.map((/** @type {any} */ _, /** @type {number} */ i) => i + 1), 'the numbers have no gap');
  });
});
