// The expected wait: a number only when there were enough real waits, and then a true one.
import { test } from 'node:test';
import { Agent, clean, LOST, stage, Visitor } from './support.js';

const here = stage({ clock: '2026-12-01T10:00:00-05:00' });

test('live_05_the_expected_wait_is_the_median_of_the_real_ones', async () => {
  const { browser, server } = here;
  const names = /** @type {const} */ (['zoe', 'tomas', 'priscilla']);
  const first = await Promise.all(names.map(() => Visitor.arrive(browser, server)));
  for (const [n, visitor] of first.entries()) {
    await visitor.comeWith(names[n] ?? '', `Question ${n}`);
    await visitor.frame.locator('.place').getByText('We cannot estimate the wait yet.').waitFor();
  }
  // Seven minutes later all three are answered.
  await server.stop();
  await server.run({ clock: '2026-12-01T10:07:00-05:00' });
  const agent = await Agent.signIn(browser, server, 'priya');
  for (const [n, visitor] of first.entries()) {
    await agent.view('line');
    await agent.row(`Question ${n}`).click();
    await agent.page.locator('#take-chat').click();
    await visitor.frame.getByText('Priya Raman joined the chat').first().waitFor();
  }
  const next = await Visitor.arrive(browser, server, { phone: true });
  await next.comeWith('noa', 'How long will it take?');
  await next.frame.locator('.place').getByText('Expected wait: about 7 minutes.').waitFor();
  // Another line has no waits of its own, so no promise.
  const other = await Visitor.arrive(browser, server);
  await other.comeWith('bart', 'My printer is slow', 'Printing, scanning & slow screens');
  await other.frame.locator('.place').getByText('We cannot estimate the wait yet.').waitFor();
  for (const one of [...first, agent, next, other]) {
    clean(one.context, ...LOST);
    await one.go();
  }
});
