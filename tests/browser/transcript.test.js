// The transcript by e-mail: asked for in the widget, found in the customer's mailbox.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessible, Agent, clean, launch, Server, Visitor } from './support.js';
import { Mailbox, plain } from './support/mailbox.js';

/** @type {{browser: import('playwright-core').Browser, server: Server, mailbox: Mailbox}} */
const here = /** @type {any} */ ({});
/** @type {(() => Promise<void>) | undefined} */
let close;
before(async () => {
  here.mailbox = await Mailbox.start();
  [{ browser: here.browser, close }, here.server] = await Promise.all([launch(), Server.start({ smtp: here.mailbox.url })]);
});
after(async () => {
  await close?.();
  await here.server?.close();
  here.mailbox?.close();
});

test('live_12_the_customer_asks_for_the_transcript_after_the_chat_and_finds_it_in_the_mailbox', async () => {
  const { browser, server, mailbox } = here;
  const visitor = await Visitor.arrive(browser, server, { phone: true });
  const agent = await (await Agent.signIn(browser, server, 'priya')).online();
  await visitor.comeWith('zoe', 'Why was the claim denied?');
  await agent.accept();
  await agent.say('The payer wants a member number.');
  await visitor.reads(['Why was the claim denied?', 'The payer wants a member number.']);
  const { frame } = visitor;
  await frame.getByRole('button', { name: 'End chat' }).click();
  await frame.getByRole('button', { name: 'My question is solved' }).click();
  const button = frame.getByRole('button', { name: 'E-mail me the transcript' });
  await button.waitFor();
  await accessible(visitor.page, 'the ended chat with the transcript’s button');
  await button.click();
  assert.equal(await frame.getByRole('button', { name: 'Send it at the end' }).isVisible(), false);
  await frame.getByRole('button', { name: 'Send it now' }).click();
  await frame.locator('#mail-text').getByText('The transcript is on its way').waitFor();
  const mail = (await mailbox.has(1))[0];
  assert.ok(mail);
  assert.deepEqual(mail.to, [server.contact('zoe').email]);
  assert.match(mail.data, /^Auto-Submitted: auto-generated/m);
  assert.match(plain(mail), /Why was the claim denied\?[^]*Priya Raman joined the chat[^]*The payer wants a member number\.[^]*The chat ended/);
  clean(visitor.context);
  clean(agent.context);
  await agent.go();
  await visitor.go();
});

test('live_12_during_the_chat_the_customer_chooses_when_by_button_or_from_the_page', async () => {
  const { browser, server, mailbox } = here;
  const visitor = await Visitor.arrive(browser, server);
  const { frame, page } = visitor;
  const first = mailbox.mails.length;
  await visitor.open();
  // Before there is a chat there is nothing to send.
  await page.evaluate('Deskbell.requestTranscript()');
  await visitor.comeWith('tomas', 'Is it raining?');
  assert.equal(await frame.locator('#mail-dialog').isVisible(), false);
  await frame.getByRole('button', { name: 'E-mail the transcript' }).click();
  await frame.getByRole('heading', { name: 'E-mail the transcript' }).waitFor();
  await accessible(page, 'the question when the transcript shall be sent');
  await frame.getByRole('button', { name: 'Send it at the end' }).click();
  await frame.locator('#mail-text').getByText('We send the transcript').waitFor();
  await frame.getByRole('button', { name: 'Close', exact: true }).click();
  await frame.locator('#mail-dialog').waitFor({ state: 'hidden' });
  await page.evaluate('Deskbell.requestTranscript()');
  await frame.getByRole('button', { name: 'Send it now' }).click();
  await frame.locator('#mail-text').getByText('on its way').waitFor();
  await frame.locator('#mail-dialog').press('Escape');
  const now = (await mailbox.has(first + 1))[first];
  assert.ok(now && /Is it raining\?/.test(plain(now)) && !/The chat ended/.test(plain(now)));
  await frame.getByRole('button', { name: 'Leave' }).click();
  await frame.getByRole('button', { name: 'My question is solved' }).click();
  const end = (await mailbox.has(first + 2))[first + 1];
  assert.ok(end && /The chat ended/.test(plain(end)));
  // A third one would come too soon, and it is said why.
  await frame.getByRole('button', { name: 'E-mail me the transcript' }).click();
  await frame.getByRole('button', { name: 'Send it now' }).click();
  await frame.locator('#mail-text').getByText('The transcript was sent a moment ago').waitFor();
  assert.equal(mailbox.mails.length, first + 2);
  await visitor.go();
});
