// Every page and every state of the widget: accessible, quiet on a strict host page, small, and framed by nobody else.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { accessible, Agent, clean, engine, launch, profile, stage, until, Visitor } from './support.js';

const here = stage();
/** What a page looks like does not depend on the engine: the long walk is done once. */
const once = { skip: engine === 'postgres' && 'done on SQLite' };

for (const [phone, scheme] of /** @type {const} */ ([[false, 'light'], [true, 'dark']])) {
  const kind = `${phone ? 'phone' : 'desktop'}_${scheme}`;

  test(`live_01_axe_every_view_of_the_widget_${kind}`, once, async () => {
    const { browser, server } = here;
    const visitor = await Visitor.arrive(browser, server, { phone, scheme });
    const { page, frame } = visitor;
    await accessible(page, 'the host page');
    await visitor.open();
    await frame.getByText('We are here now').waitFor();
    await accessible(page, 'the start');
    await frame.getByRole('button', { name: 'Leave a message' }).click();
    await frame.locator('#l-text').waitFor();
    await frame.getByRole('button', { name: 'Send message' }).click();
    await frame.locator('.field-error').first().waitFor();
    await accessible(page, 'the message, with errors');
    await visitor.leave({ name: 'Ada', email: 'ada@example.org', text: 'Hello' });
    await accessible(page, 'the message, left');
    await frame.getByRole('button', { name: 'Done' }).click();
    await frame.getByRole('button', { name: 'Chat with a specialist' }).click();
    await frame.getByRole('button', { name: 'Continue' }).click();
    await frame.locator('.field-error').first().waitFor();
    await accessible(page, 'the identification, with errors');
    await frame.getByRole('button', { name: 'Back' }).click();
    await visitor.verify(server.contact('ingrid'));
    await frame.getByText('Which account is this about?').waitFor();
    await accessible(page, 'the accounts');
    await frame.getByRole('button', { name: /Larkspur/ }).click();
    await visitor.question.fill('claim rejected');
    await frame.locator('.found li').first().waitFor();
    await accessible(page, 'the question with suggestions');
    await frame.locator('.found button').first().click();
    await frame.getByText('Did this solve it?').waitFor();
    await accessible(page, 'a solution');
    await frame.getByRole('button', { name: 'No, not yet' }).click();
    // Another team than the test before: for the time of a reload a console that was closed is still offered chats.
    await visitor.ask('My claim is rejected', phone ? 'Signing in, passwords & users' : 'Claims & rejections');
    await frame.locator('.place').getByText(/in line/).waitFor();
    await accessible(page, 'the line');
    const agent = await Agent.signIn(browser, server, phone ? 'jonah' : 'priya', { phone, scheme });
    await accessible(agent.page, 'the console, away');
    await agent.online();
    await agent.offer.waitFor();
    await accessible(agent.page, 'the console with an offer');
    await agent.accept();
    await agent.say('Hello, see https://example.org/help');
    await visitor.say('Thank you');
    await agent.reads(['My claim is rejected', 'Hello, see https://example.org/help', 'Thank you']);
    await accessible(page, 'the conversation');
    await accessible(agent.page, 'the console with a chat');
    await agent.page.locator('#make-case').click();
    await agent.page.getByRole('heading', { name: 'Make a case' }).waitFor();
    await accessible(agent.page, 'the console with the case dialog');
    await agent.page.getByRole('button', { name: 'Make the case' }).click();
    await agent.page.getByRole('link', { name: 'Open the case' }).click();
    await agent.page.locator('#case .people').waitFor();
    await accessible(agent.page, 'the console with a case');
    await agent.page.locator('#case').getByRole('button', { name: 'Escalate' }).click();
    await agent.page.locator('#ask-input').waitFor();
    await accessible(agent.page, 'the console with a question');
    await agent.page.keyboard.press('Escape');
    await agent.page.locator('#help-open').click();
    await accessible(agent.page, 'the console with the help');
    await frame.getByRole('button', { name: 'End chat' }).click();
    await frame.getByRole('heading', { name: 'End this chat?' }).waitFor();
    await accessible(page, 'the end, asked');
    await frame.getByRole('button', { name: 'My question is solved' }).click();
    await frame.getByRole('heading', { name: 'You ended the chat' }).waitFor();
    await accessible(page, 'the end');
    clean(visitor.context);
    clean(agent.context);
    await visitor.go();
    await agent.context.close();
  });

  test(`live_01_axe_the_pages_of_the_desk_${kind}`, once, async () => {
    const { browser, server } = here;
    const context = await profile(browser, { phone, scheme });
    const page = await context.newPage();
    await page.goto(server.url);
    await accessible(page, 'the first page');
    await page.goto(`${server.url}/login`);
    await accessible(page, 'the sign-in');
    await page.getByLabel('E-mail address').fill('nobody@example.org');
    await page.getByLabel('Password').fill('wrong');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'You are not signed in' }).waitFor();
    await accessible(page, 'the sign-in, refused');
    clean(context, /status of 403/);
    await context.close();
    const admin = await Agent.signIn(browser, server, 'wilma', { path: '/supervisor', phone, scheme });
    await admin.page.getByText('Nobody waits.').or(admin.page.locator('#line tr').first()).first().waitFor();
    await accessible(admin.page, 'the supervisor’s page');
    await admin.page.getByRole('button', { name: /by hand$/ }).first().click();
    await admin.page.locator('#reason').waitFor();
    await accessible(admin.page, 'the supervisor’s page with the dialog');
    await admin.page.goto(`${server.url}/admin/hours`);
    await accessible(admin.page, 'the hours');
    clean(admin.context);
    await admin.go();
  });
}

test('live_01_budget_of_the_loader_and_of_the_opened_widget', async () => {
  const context = await profile(here.browser);
  const page = await context.newPage();
  /** @type {import('playwright-core').Request[]} */
  const asked = [];
  page.on('requestfinished', (request) => asked.push(request));
  /** Bytes of the bodies as they came over the wire, and which. @param {import('playwright-core').Request[]} requests */
  const weigh = async (requests) => {
    const each = await Promise.all(requests.map(async (request) => ({ path: new URL(request.url()).pathname, bytes: (await request.sizes()).responseBodySize })));
    return { bytes: each.reduce((sum, { bytes }) => sum + bytes, 0), list: each.map(({ path, bytes }) => `${path.split('/').pop()} ${bytes}`).join(', ') };
  };
  const ours = () => asked.filter((request) => request.url().startsWith(here.server.url));

  await page.goto(here.server.site, { waitUntil: 'networkidle' });
  assert.deepEqual(ours().map((r) => new URL(r.url()).pathname), ['/widget.js'], 'one request before opening');
  const loader = await weigh(ours());
  const visitor = new Visitor(page, here.server);
  await visitor.open();
  await visitor.frame.getByText('We are here now').waitFor();
  await page.waitForLoadState('networkidle');
  const opened = await weigh(ours().slice(1));
  await visitor.comeWith('tomas', 'How heavy is it?');
  const all = await weigh(ours().slice(1));
  console.log(`bytes of the loader: ${loader.bytes}; of what opening loads: ${opened.bytes} (${opened.list}); up to the line: ${all.bytes}`);
  assert.ok(loader.bytes <= 5 * 1024, `the loader has ${loader.bytes} bytes`);
  assert.ok(opened.bytes <= 30 * 1024, `what opening loads has ${opened.bytes} bytes: ${opened.list}`);
  const hosts = new Set(asked.map((r) => new URL(r.url()).host));
  assert.deepEqual([...hosts].sort(), [new URL(here.server.site).host, new URL(here.server.url).host].sort(), 'no third host');
  assert.ok(!asked.some((r) => r.resourceType() === 'font'), 'no web font');
  assert.ok(!asked.some((r) => /token|pin/i.test(new URL(r.url()).search)), 'no secret in an address');
  await context.close();
});

test('live_01_the_host_page_learns_nothing_and_nothing_is_kept_before_the_visitor_acts', async () => {
  const visitor = await Visitor.arrive(here.browser, here.server);
  const { page, frame } = visitor;
  assert.deepEqual(await page.evaluate(() => [localStorage.length, sessionStorage.length, document.cookie]), [0, 0, '']);
  // Everything that any window of the host page hears, and every call of history.
  await page.evaluate(() => {
    const w = /** @type {any} */ (window);
    w.heard = [];
    addEventListener('message', (e) => w.heard.push(String(JSON.stringify(e.data))));
    for (const name of ['ready', 'open', 'close', 'unread', 'status', 'chat-started', 'queued', 'agent-joined', 'message-sent', 'message-received', 'agent-typing', 'chat-ended', 'case-created', 'error']) {
      addEventListener(`deskbell:${name}`, (e) => w.heard.push(name + JSON.stringify(/** @type {CustomEvent} */ (e).detail)));
    }
  });
  await visitor.open();
  await frame.getByText('We are here now').waitFor();
  assert.equal(await frame.locator('body').evaluate(() => localStorage.length), 0, 'nothing kept before the visitor acts');
  await visitor.comeWith('priscilla', 'A secret question');
  const { email, pin } = here.server.contact('priscilla');
  const heard = /** @type {string[]} */ (await page.evaluate(() => /** @type {any} */ (window).heard));
  for (const event of ['open', 'ready', 'chat-started', 'queued']) assert.ok(heard.some((text) => text.startsWith(event)), `the event ${event}: ${heard}`);
  for (const secret of ['secret', pin, email, 'Priscilla']) assert.ok(!heard.some((text) => text.includes(secret)), `the host page heard “${secret}”`);
  const inside = await page.evaluate(() => document.querySelector('#deskbell')?.shadowRoot?.querySelector('iframe')?.contentDocument);
  assert.equal(inside, null, 'the host page cannot look into the frame');
  assert.deepEqual((await visitor.context.cookies()).map((c) => c.name), [], 'no cookies');
  await frame.getByRole('button', { name: 'Leave' }).click();
  await frame.getByRole('button', { name: 'My question is solved' }).click();
  await frame.getByRole('heading', { name: 'You ended the chat' }).waitFor();
  clean(visitor.context);
  await visitor.go();
});

test('live_01_pages_of_another_origin_cannot_frame_the_widget_nor_the_console', async () => {
  const { browser, server } = here;
  const evil = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://evil');
    response.setHeader('content-type', 'text/html').end(`<!doctype html><title>evil</title><iframe src="${server.url}${url.searchParams.get('at')}"></iframe>`);
  });
  await new Promise((resolve) => evil.listen(0, '127.0.0.1', () => resolve(null)));
  const address = evil.address();
  const origin = `http://localhost:${typeof address === 'object' ? address?.port : 0}`;
  try {
    const agent = await Agent.signIn(browser, server, 'priya');
    const page = await agent.context.newPage();
    for (const at of ['/widget/frame?site=pub_demo', '/console', '/supervisor', '/login', '/']) {
      const refused = page.waitForEvent('console', (message) => /frame-ancestors|Refused to frame|violates the following Content Security Policy/.test(message.text()));
      await page.goto(`${origin}/?at=${encodeURIComponent(at)}`);
      await refused;
      assert.equal(page.frames().some((frame) => frame.url().startsWith(server.url)), false, `${at} is not shown`);
    }
    // Nor may such a page open the socket with the specialist's cookie.
    const opened = await page.evaluate((url) => new Promise((resolve) => {
      const socket = new WebSocket(`${url.replace('http', 'ws')}/live`);
      socket.onopen = () => resolve('opened');
      socket.onclose = () => resolve('refused');
    }), server.url);
    assert.equal(opened, 'refused');
    // Nor post to the desk's forms.
    const answer = await page.evaluate((url) => fetch(`${url}/logout`, { method: 'POST', mode: 'no-cors', credentials: 'include' }).then((a) => a.type, () => 'failed'), server.url);
    assert.ok(['opaque', 'failed'].includes(answer));
    await agent.page.reload();
    await agent.page.locator('#presence fieldset:enabled').waitFor();
    await agent.context.close();
  } finally {
    evil.close();
  }
});

test('live_08_where_the_browser_forbids_storage_the_pin_brings_the_conversation_back', async () => {
  const { browser, close } = await launch({ forbidding: true });
  try {
    const visitor = await Visitor.arrive(browser, here.server);
    await visitor.comeWith('bart', 'A private window', 'Printing, scanning & slow screens');
    await visitor.say('and more');
    await until('an acknowledgement', async () => (await visitor.said()).at(-1)?.mark !== 'Not sent yet');
    await visitor.page.reload();
    await visitor.open();
    await visitor.verify(here.server.contact('bart'));
    await visitor.reads(['A private window', 'and more']);
    clean(visitor.context);
  } finally {
    await close();
  }
});
