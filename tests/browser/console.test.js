// What a specialist has in the console beside answering: notes, canned replies, handing on, drafts on the server, calls for a
// supervisor, and all of it without a mouse.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accessible, Agent, becomes, clean, stage, until, Visitor } from './support.js';

const here = stage();

/** The rows among the desk: notes and whispers. @param {Agent} agent */
function asides(agent) {
  return agent.page.locator('.msg-aside .msg-bubble').allTextContents();
}

test('live_09_notes_canned_replies_and_drafts_follow_the_specialist', async () => {
  const { browser, server } = here;
  const priya = await (await Agent.signIn(browser, server, 'priya')).online();
  const visitor = await Visitor.arrive(browser, server);
  await visitor.comeWith('marcus', 'Our claim is stuck');
  await priya.accept();

  // A note: another colour, another button, and the customer never sees it.
  await priya.page.locator('#thread').focus();
  await priya.page.keyboard.press('n');
  await priya.page.getByRole('button', { name: 'Save note' }).waitFor();
  assert.match((await priya.page.locator('#reply').getAttribute('placeholder')) ?? '', /customer never sees it/);
  await priya.page.keyboard.type('Same as last week, @Owe');
  await priya.page.locator('#pick [role=option]', { hasText: 'Owen Castellane' }).waitFor();
  await priya.page.keyboard.press('Enter');
  assert.equal(await priya.reply.inputValue(), 'Same as last week, @Owen Castellane ');
  await priya.page.keyboard.press('Control+Enter');
  await becomes(() => asides(priya), ['Same as last week, @Owen Castellane'], 'the note in the thread');
  const owen = await Agent.signIn(browser, server, 'owen', { path: '/console' });
  await owen.view('notices');
  await owen.row('mentioned you in the chat of Marcus Bellweather').getByRole('link', { name: 'Open the chat' }).click();
  await becomes(() => asides(owen), ['Same as last week, @Owen Castellane'], 'the note at the colleague’s');
  // Each sees that the other looks.
  await priya.page.locator('#chat-facts').getByText('Owen Castellane looks at it, too').waitFor();

  // A canned reply, by its name, with the customer's in it.
  await priya.page.locator('#thread').focus();
  await priya.page.keyboard.press('r');
  await priya.page.keyboard.type('/');
  await priya.page.locator('#pick [role=option]').first().waitFor();
  const shortcut = (await priya.page.locator('#pick .choose-name').first().textContent()) ?? '';
  await priya.page.keyboard.type(shortcut.slice(1));
  await priya.page.keyboard.press('Enter');
  await until('the reply is filled in', async () => (await priya.reply.inputValue()).length > shortcut.length);
  assert.doesNotMatch(await priya.reply.inputValue(), /\{\{/);

  // What is written and not sent is there on another machine, in this chat and in no other.
  await priya.reply.fill('Let me look into');
  await until('the draft is kept', async () => (await priya.api(`/api/chats/${chatOf(priya)}/drafts`)).reply === 'Let me look into');
  const elsewhere = await Agent.signIn(browser, server, 'priya');
  await elsewhere.page.goto(`${server.url}/console#/mine/chat/${chatOf(priya)}`);
  await becomes(() => elsewhere.reply.inputValue(), 'Let me look into', 'the draft on another machine');
  await elsewhere.context.close();
  await priya.reply.press('Control+Enter');
  await visitor.reads(['Our claim is stuck', 'Let me look into']);

  // The desk sees where the customer is, and what is being typed.
  await priya.page.locator('#chat-facts').getByText(/^On /).waitFor();
  await visitor.box.fill('It is batch 55');
  await priya.page.locator('#typing', { hasText: 'It is batch 55' }).waitFor();
  await accessible(priya.page, "the console with a chat");
  for (const agent of [priya, owen]) {
    clean(agent.context);
    await agent.go();
  }
  await visitor.go();
});

test('live_09_a_shift_without_a_mouse', async () => {
  const { browser, server } = here;
  const lucia = await Agent.signIn(browser, server, 'lucia');
  const { page } = lucia;
  const keys = page.keyboard;
  // Online, by the switch that the keyboard reaches.
  await page.locator('#presence fieldset:enabled').waitFor();
  await page.locator('#presence input').first().focus();
  await keys.press('Space');
  await page.locator('#say').getByText('You are online').last().waitFor({ state: 'attached' });
  const visitor = await Visitor.arrive(browser, server);
  await visitor.comeWith('nadia', 'A payment is missing');
  await lucia.offer.waitFor();
  await page.locator('#list').focus();
  await keys.press('a');
  await lucia.reply.waitFor();
  await keys.press('r');
  await keys.type('Good morning, I am on it');
  await keys.press('Control+Enter');
  await visitor.reads(['A payment is missing', 'Good morning, I am on it']);
  await keys.press('Escape');

  // A tag, out of the list.
  await keys.press('g');
  await page.locator('#chooser [role=option]').first().waitFor();
  await keys.press('Enter');
  await page.locator('#chooser [aria-selected=true]', { hasText: '✓' }).waitFor();
  await keys.press('Escape');
  await page.locator('#chat-facts .badge-tag').waitFor();

  // A call for a supervisor, and its end.
  await keys.press('f');
  await keys.type('The customer wants the money back today');
  await keys.press('Tab');
  await keys.press('Tab');
  await keys.press('Enter');
  await page.locator('#chat-facts').getByText('The customer wants the money back today').waitFor();
  const wilma = await Agent.signIn(browser, server, 'wilma');
  await wilma.context.close();
  await keys.press('f');
  await page.locator('#flag-chat', { hasText: 'Call a supervisor' }).waitFor();

  // Handed on to a colleague who is there, found by her first letters; taken there; the first one is out.
  const owen = await (await Agent.signIn(browser, server, 'owen')).online();
  await page.locator('#thread').focus();
  await keys.press('h');
  await page.locator('#chooser [role=option]').first().waitFor();
  await keys.type('owen');
  await keys.press('Enter');
  await page.locator('#chat-facts').getByText('Handed on to Owen Castellane').waitFor();
  await owen.accept('Nadia');
  await visitor.told(/Owen Castellane joined the chat/);
  await visitor.told(/Lucía Ferrandiz left the chat/);
  await page.locator('#no-composer', { hasText: 'Owen Castellane serves this chat' }).waitFor();

  // The palette: everything by its name.
  await owen.page.locator('#thread').focus();
  await owen.page.keyboard.press('Control+k');
  await owen.page.keyboard.type('end the chat');
  await owen.page.keyboard.press('Enter');
  await owen.page.locator('#end-dialog').getByRole('button', { name: 'Solved: end the chat' }).focus();
  await owen.page.keyboard.press('Enter');
  await owen.told(/The specialist ended the chat/);

  // Written up: it counts as load until he says that it is done.
  await owen.page.locator('#wrap-ups', { hasText: 'Nadia' }).waitFor();
  await owen.page.locator('#thread').focus();
  await owen.page.keyboard.press('w');
  await owen.page.locator('#wrap-ups').waitFor({ state: 'hidden' });
  await accessible(owen.page, "the console");
  await owen.page.keyboard.press('Control+k');
  await owen.page.locator('#chooser [role=option]').first().waitFor();
  await accessible(owen.page, "the console");
  await owen.page.keyboard.press('Escape');
  for (const agent of [lucia, owen]) {
    clean(agent.context);
    await agent.go();
  }
  await visitor.go();
});

test('live_09_a_thread_of_five_thousand_messages_opens_and_scrolls', async () => {
  const { browser, server } = here;
  const priya = await (await Agent.signIn(browser, server, 'priya')).online();
  const visitor = await Visitor.arrive(browser, server);
  await visitor.comeWith('priscilla', 'This will be long');
  await priya.accept();
  // The customer's program writes faster than a person, over a socket as the widget does.
  const frame = visitor.page.frames().find((f) => f.url().includes('/widget/frame'));
  const token = await frame?.evaluate(() => Object.values({ ...localStorage }).map((text) => /"token":"([^"]+)"/.exec(text)?.[1]).find(Boolean));
  assert.ok(token, 'the widget has a token');
  await visitor.go();
  const program = await priya.context.newPage();
  await program.goto(`${server.url}/help`);
  await writes(program, token, 5000);
  await program.close();
  await priya.page.reload();
  await priya.page.locator('.msg-bubble', { hasText: /^line 5000$/ }).waitFor();
  const rows = await priya.page.locator('#thread-rows > *').count();
  assert.ok(rows <= 300, `${rows} rows are in the page`);
  // The one before is a click away, and the place on the screen stays.
  const first = await priya.page.locator('.msg-bubble').first().textContent();
  await priya.page.locator('#thread').evaluate((box) => (box.scrollTop = 0));
  await priya.page.locator('#earlier').click();
  assert.equal(await priya.page.locator('.msg-bubble', { hasText: new RegExp(`^${first}$`) }).isVisible(), true);
  const more = await priya.page.locator('#thread-rows > *').count();
  assert.ok(more > rows && more <= 2 * 300 + 2, `${more} rows after one step back`);
  clean(priya.context);
  await priya.go();
});

/**
 * Sends many messages in order and waits until all are on disk.
 * @param {import('playwright-core').Page} page on the server's origin
 * @param {string} token
 * @param {number} count
 */
async function writes(page, token, count) {
  const problem = await page.evaluate(({ token, count }) => new Promise((done) => {
    const socket = new WebSocket(`${location.origin.replace('http', 'ws')}/live`);
    const client = crypto.randomUUID();
    let [chat, sent, acked] = ['', 0, 0];
    socket.onopen = () => socket.send(JSON.stringify({ type: 'hello', v: 1, token }));
    socket.onclose = ({ code }) => done(`closed with ${code}`);
    socket.onmessage = ({ data }) => {
      const heard = JSON.parse(String(data));
      if (heard.type === 'error') done(heard.message);
      if (heard.type === 'welcome') chat = heard.you.chat;
      if (heard.type === 'ack') acked += 1;
      if (acked === count) done('');
      while (chat && sent < count && sent - acked < 200) {
        sent += 1;
        socket.send(JSON.stringify({ type: 'send', chat, id: crypto.randomUUID(), client, n: sent, text: `line ${sent}` }));
      }
    };
  }), { token, count });
  assert.equal(problem, '');
}

/** @param {Agent} agent */
function chatOf(agent) {
  const id = /chat\/([0-9a-f-]{36})/.exec(agent.page.url())?.[1];
  assert.ok(id, 'a chat is on the screen');
  return id;
}
