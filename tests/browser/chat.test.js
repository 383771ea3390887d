// A chat between a customer and a specialist: the line, the offer, both write, marks and typing.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Agent, becomes, clean, stage, Visitor } from './support.js';

const here = stage({ offerSeconds: 5 });

for (const phone of [false, true]) {
  test(`live_05_live_06_live_07_from_the_line_over_offers_to_a_conversation_${phone ? 'phone' : 'desktop'}`, async () => {
    const { browser, server } = here;
    // Nobody of the team is there: two wait, and the other team is not asked.
    const [first, second] = await Promise.all([Visitor.arrive(browser, server, { phone }), Visitor.arrive(browser, server)]);
    const other = await Agent.signIn(browser, server, 'jonah');
    await other.online();
    await first.comeWith(phone ? 'zoe' : 'tomas', 'The clearinghouse rejects all our claims');
    await first.frame.locator('.place').getByText('You are next in line').waitFor();
    await second.comeWith(phone ? 'noa' : 'priscilla', 'A claim stays in draft');
    await second.frame.locator('.place').getByText('You are number 2 in line').waitFor();
    await second.frame.locator('.place').getByText(/Expected wait:|cannot estimate/).waitFor();

    // The first in line is offered to one, who lets it pass; then to the next, who takes it.
    const slow = await Agent.signIn(browser, server, 'priya', { phone });
    await slow.online();
    await slow.offer.filter({ hasText: 'The clearinghouse rejects' }).first().waitFor();
    await slow.offer.first().locator('.offer-clock').getByText(/0:0\d/).waitFor();
    const quick = await Agent.signIn(browser, server, 'lucia', { phone });
    await quick.online();
    await quick.offer.filter({ hasText: 'The clearinghouse rejects' }).waitFor({ timeout: 12_000 });
    assert.equal(await slow.offer.count(), 0, 'it is no longer offered to the first');
    await quick.accept(phone ? 'Zoë' : 'Tomás');
    await first.frame.getByText('Lucía Ferrandiz joined the chat').first().waitFor();
    await second.frame.locator('.place').getByText('You are next in line').waitFor();
    assert.equal(await other.offer.count(), 0, 'the other team was never asked');

    // Typing shows on both sides, and goes away.
    await quick.reply.pressSequentially('Hello, I am look', { delay: 20 });
    await first.frame.getByText('Lucía Ferrandiz is typing').waitFor();
    await quick.say('Hello, I am looking into it.');
    await first.frame.getByText('is typing').waitFor({ state: 'hidden' });
    await first.box.pressSequentially('Tha', { delay: 20 });
    await quick.page.locator('#typing', { hasText: 'is typing' }).waitFor();
    await first.say('Thank you!');
    await becomes(() => quick.page.locator('#typing').textContent(), '', 'typing to be over');

    // Sent, delivered and read are three true things. Read: both look at the screen.
    await first.reads(['The clearinghouse rejects all our claims', 'Hello, I am looking into it.', 'Thank you!']);
    await quick.reads(['The clearinghouse rejects all our claims', 'Hello, I am looking into it.', 'Thank you!']);
    await first.marked('Thank you!', 'Read');
    await quick.marked('Hello, I am looking into it.', 'Read');
    // Delivered, not read: the customer's widget is closed.
    await first.frame.getByRole('button', { name: 'Close chat' }).click();
    await quick.say('Are you there?');
    await quick.marked('Are you there?', 'Delivered');
    await first.page.getByRole('button', { name: 'Chat with us, 1 unread message' }).waitFor();
    await first.open();
    await quick.marked('Are you there?', 'Read');
    // Delivered, not read: the specialist looks at another list, not at the chat.
    await quick.page.goto(`${server.url}/console#/owned`);
    await quick.page.locator('#chat').waitFor({ state: 'hidden' });
    await first.say('Yes, I am.');
    await first.marked('Yes, I am.', 'Delivered');
    await quick.view('mine');
    await quick.row('Yes, I am.').locator('.count').waitFor();
    await quick.row('Yes, I am.').click();
    await first.marked('Yes, I am.', 'Read');
    // Sent, not delivered: the specialist's console is gone.
    await quick.page.goto('about:blank');
    await first.say('One more thing');
    await first.marked('One more thing', 'Sent');
    await new Promise((resolve) => setTimeout(resolve, 500));
    assert.equal((await first.said()).at(-1)?.mark, 'Sent');
    await quick.page.goto(`${server.url}/console#/mine`);
    await quick.row('One more thing').click();
    await first.marked('One more thing', 'Read');

    // The end: asked how it went, told to both.
    await first.frame.getByRole('button', { name: 'End chat' }).click();
    await first.frame.getByRole('button', { name: 'My question is solved' }).click();
    await first.frame.getByRole('heading', { name: 'You ended the chat' }).waitFor();
    await quick.told(/The customer ended the chat/);
    await second.frame.getByRole('button', { name: 'Leave' }).click();
    await second.frame.getByRole('button', { name: 'Not solved, make it a case' }).click();
    await second.frame.getByText(/Your case number is/).waitFor();
    for (const one of [first, second, slow, quick, other]) {
      clean(one.context);
      await one.go();
    }
  });
}

test('live_06_who_lets_an_offer_run_out_is_away_from_then_on_and_sees_it', async () => {
  const { browser, server } = here;
  const agent = await Agent.signIn(browser, server, 'meiling');
  await agent.online();
  const visitor = await Visitor.arrive(browser, server);
  await visitor.comeWith('siobhan', 'The label printer is slow', 'Printing, scanning & slow screens');
  await agent.offer.waitFor();
  await agent.offer.waitFor({ state: 'hidden', timeout: 10_000 });
  await agent.view('notices');
  await agent.row(/ran out, so you were set to away/).waitFor();
  await becomes(() => agent.page.locator('#presence input:checked').getAttribute('value'), 'away', 'the switch to say away');
  await agent.online();
  await agent.page.getByText('The label printer is slow').first().waitFor();
  for (const one of [agent, visitor]) {
    clean(one.context);
    await one.go();
  }
});
