// Pictures of every face for docs/screenshots: desktop and phone, light and dark. Run by hand, after a build:
//   node tests/browser/screenshots.js [part of a name]
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Agent, launch, profile, Server, Visitor } from './support.js';

const folder = fileURLToPath(new URL('../../docs/screenshots/', import.meta.url));
const only = process.argv[2] ?? '';
mkdirSync(folder, { recursive: true });

const { browser, close } = await launch();
try {
  for (const phone of [false, true]) {
    for (const scheme of /** @type {const} */ (['light', 'dark'])) {
      if (/^(admin|customers|cases|answer|supervisor-surveys)/.test(only)) await setupAlone(phone, scheme);
      else if (!/^(help|knowledge)/.test(only)) await faces(phone, scheme);
      if (/^(help|knowledge|$)/.test(only)) await solutions(phone, scheme);
    }
  }
} finally {
  await close();
}

/** @param {boolean} phone @param {'light' | 'dark'} scheme */
function camera(phone, scheme) {
  /** @param {import('playwright-core').Page} page @param {string} name */
  return async (page, name) => {
    const file = `${name}-${phone ? 'phone' : 'desktop'}-${scheme}.png`;
    if (!file.includes(only)) return;
    // In CSS pixels: small files that show what is there.
    await page.screenshot({ path: `${folder}${file}`, scale: 'css', caret: 'hide' });
    console.log(file);
  };
}

/** The knowledge base, for readers and editors. @param {boolean} phone @param {'light' | 'dark'} scheme */
async function solutions(phone, scheme) {
  const server = await Server.start({ clock: '2026-03-10T10:12:00-04:00' });
  const screen = { phone, scheme };
  const shoot = camera(phone, scheme);
  try {
    const reader = await (await profile(browser, screen)).newPage();
    await reader.goto(`${server.url}/help`);
    for (const q of ['dental codes', 'fax cover sheet', 'code for dental']) await reader.goto(`${server.url}/help?q=${q}`);
    await reader.goto(`${server.url}/help?q=label printer`);
    await shoot(reader, 'help-2-found');
    await reader.locator('.hit a').first().click();
    await reader.getByRole('button', { name: 'Yes' }).click();
    await shoot(reader, 'help-3-solution');
    await reader.goto(`${server.url}/help`);
    await shoot(reader, 'help-1-start');
    const priya = await Agent.signIn(browser, server, 'priya', { ...screen, path: '/knowledge/new' });
    await priya.page.getByLabel('Title').fill('Print on labels of another size');
    await priya.page.getByLabel('Text').fill('The size stands in **two** places.\n\n1. Open *Setup › Printing* and choose the new size.\n2. Open the printer’s own settings and choose it there, too.\n3. Calibrate the printer.\n\n> If every second label stays empty, step 2 is missing.');
    await priya.page.getByLabel('Category').selectOption({ label: 'Printing, scanning & slow screens' });
    await priya.page.getByRole('button', { name: 'Save draft' }).click();
    await priya.page.getByRole('button', { name: 'Send to review' }).click();
    await priya.page.getByText('The draft is in review.').waitFor();
    const rosalind = await Agent.signIn(browser, server, 'rosalind', { ...screen, path: new URL(priya.page.url()).pathname });
    await shoot(rosalind.page, 'knowledge-2-review');
    await rosalind.page.goto(`${server.url}/knowledge`);
    await shoot(rosalind.page, 'knowledge-1-list');
    await rosalind.page.goto(`${server.url}/knowledge/reports`);
    await shoot(rosalind.page, 'knowledge-3-reports');
    for (const one of [priya, rosalind]) await one.context.close();
    await reader.context().close();
  } finally {
    await server.close();
  }
}

/**
 * The pages of the setup, after some changes.
 * @param {import('playwright-core').Page} page @param {Server} server
 * @param {(page: import('playwright-core').Page, name: string) => Promise<void>} shoot
 */
async function setup(page, server, shoot) {
  const at = (/** @type {string} */ path) => page.goto(`${server.url}/admin${path}`);
  await at('');
  await shoot(page, 'admin-overview');
  await at('/teams');
  await page.getByLabel('Name').fill('Onboarding');
  await page.getByLabel('Overflow team').selectOption({ label: 'Platform & Access' });
  await page.getByRole('button', { name: 'Add the team' }).click();
  await page.getByRole('status').waitFor();
  await shoot(page, 'admin-teams');
  await at('/people');
  await shoot(page, 'admin-people');
  await page.getByRole('link', { name: 'Priya Raman' }).click();
  await page.getByLabel('Languages').fill('en, es');
  await page.getByLabel('Onboarding').check();
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByRole('status').waitFor();
  await shoot(page, 'admin-person');
  await at('/people/new');
  await page.getByLabel('Name').fill('Nora Vance');
  await page.getByLabel('E-mail address').fill('nora@ledgerleaf.example');
  await page.getByLabel('Chats at once').fill('99');
  await page.getByLabel('Password').fill('short');
  await page.getByRole('button', { name: 'Add the person' }).click();
  await page.getByRole('alert').waitFor();
  await shoot(page, 'admin-person-errors');
  await at('/categories');
  await page.getByRole('link', { name: 'Change Payments, remittances & refunds' }).click();
  await page.getByLabel('Severity 1: tier').selectOption({ label: 'tier II' });
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByRole('status').waitFor();
  await page.getByRole('link', { name: 'Change Payments, remittances & refunds' }).click();
  await page.getByRole('heading', { name: 'Change Payments, remittances & refunds' }).waitFor();
  await shoot(page, 'admin-categories');
  for (const path of ['severities', 'promises', 'agreement', 'rules', 'sites', 'tags', 'replies', 'log']) {
    await at(`/${path}`);
    await shoot(page, `admin-${path}`);
  }
  await page.goto(`${server.url}/customers`);
  await shoot(page, 'customers-1-list');
  await page.goto(`${server.url}/customers/10178`);
  for (const [what, whom, reason] of [['Let in', '', 'Paid by phone, invoice 2208'], ['Limit', 'Ravi Chandrasekar, everywhere', 'The same question every day']]) {
    await page.getByRole('radio', { name: new RegExp(`^${what}`) }).check();
    await page.locator('#requests').fill(what === 'Limit' ? '2' : '');
    if (whom) await page.getByLabel('For', { exact: true }).selectOption({ label: whom });
    await page.getByLabel('Reason').last().fill(reason ?? '');
    await page.getByRole('button', { name: 'Let it hold' }).click();
    await page.getByRole('status').waitFor();
  }
  await shoot(page, 'customers-2-account');
  const { email, pin } = server.contact('marcus');
  /** @param {string} path @param {object} body @param {string} [token] */
  const post = async (path, body, token) => (await page.request.post(`${server.url}${path}`, { data: body, ...(token ? { headers: { authorization: `Bearer ${token}` } } : {}) })).json();
  const { token } = await post('/widget/api/verify', { site: 'pub_demo', email, pin });
  const { case: number } = await post('/widget/api/message', { id: crypto.randomUUID(), site: 'pub_demo', name: 'Marcus', email, text: 'The label printer prints nothing since the update.' }, token);
  for (const [verb, body] of /** @type {[string, object][]} */ ([['claim', {}], ['ask-customer', { what: 'info', text: 'Which model is it, and what does its display say?' }], ['provide', { resolution: 'Please install driver 4.2 and restart the print service once.', verified: true }]])) await post(`/api/cases/${number}/${verb}`, body);
  await page.goto(`${server.url}/cases?status=is_open`);
  await shoot(page, 'cases-1-list');
  /** @param {RegExp} what */
  const link = async (what) => {
    for (let n = 0; n < 50; n += 1) {
      await page.goto(`${server.url}/admin/outbox`);
      const found = what.exec((await page.locator('.kept').textContent()) ?? '');
      if (found?.[1]) return found[1];
    }
    throw new Error(`${what} never came`);
  };
  const answer = await link(/Say whether it solved it: (\S+)/);
  await shoot(page, 'admin-outbox');
  await page.goto(answer);
  await shoot(page, 'answer-1-solution');
  await page.getByRole('button', { name: 'Yes, it is solved' }).click();
  const survey = await link(/Answer the question: (\S+)/);
  await page.goto(survey);
  await shoot(page, 'answer-2-survey');
  await page.getByRole('radio', { name: 'Satisfied', exact: true }).check();
  await page.getByLabel(/own words/).fill('Quick and friendly.');
  await page.getByRole('button', { name: 'Send the answer' }).click();
  await page.goto(`${server.url}/supervisor/surveys`);
  await shoot(page, 'supervisor-surveys');
}

/** @param {boolean} phone @param {'light' | 'dark'} scheme */
async function setupAlone(phone, scheme) {
  const server = await Server.start({ clock: '2026-03-10T10:12:00-04:00' });
  const shoot = camera(phone, scheme);
  try {
    const admin = await Agent.signIn(browser, server, 'wilma', { phone, scheme, path: '/admin/hours' });
    await shoot(admin.page, 'admin-hours');
    await setup(admin.page, server, shoot);
    await admin.context.close();
  } finally {
    await server.close();
  }
}

/** @param {boolean} phone @param {'light' | 'dark'} scheme */
async function faces(phone, scheme) {
  const server = await Server.start({ clock: '2026-03-10T10:12:00-04:00' });
  const screen = { phone, scheme };
  const shoot = camera(phone, scheme);
  try {
    const context = await profile(browser, screen);
    const page = await context.newPage();
    await page.goto(server.url);
    await shoot(page, 'home');
    await page.goto(`${server.url}/login`);
    await shoot(page, 'login');
    await context.close();

    // Others at the desk and in the line, so that lists are not empty.
    const [owen, priya] = [await Agent.signIn(browser, server, 'owen'), await Agent.signIn(browser, server, 'priya', screen)];
    await owen.online();
    const others = [];
    for (const [who, text, category] of /** @type {const} */ ([
      ['noa', 'The aging report does not agree with the ledger for February.', 'Reports, exports & month close'],
      ['siobhan', 'Our HL7 interface is red since this morning, nobody can work on charges.', 'Interfaces, imports & backups'],
      ['priscilla', 'A remittance from the state plan has not arrived.', 'Payments, remittances & refunds'],
    ])) {
      const other = await Visitor.arrive(browser, server);
      await other.comeWith(who, text, category);
      others.push(other);
    }
    await owen.accept();
    await owen.say('Good morning. Which payer and which date?');

    const visitor = await Visitor.arrive(browser, server, screen);
    const { frame } = visitor;
    await shoot(visitor.page, 'widget-0-closed');
    await visitor.open();
    await frame.getByText('We are here now').waitFor();
    await shoot(visitor.page, 'widget-1-start');
    await frame.getByRole('button', { name: 'Chat with a specialist' }).click();
    await shoot(visitor.page, 'widget-2-identify');
    await frame.getByRole('button', { name: 'Back' }).click();
    await visitor.verify(server.contact('marcus'));
    await visitor.question.pressSequentially('Claims come back: payer ID not found');
    await frame.locator('.found li').nth(3).waitFor();
    await shoot(visitor.page, 'widget-3-question');
    await frame.locator('.found button').first().click();
    await frame.getByText('Did this solve it?').waitFor();
    await shoot(visitor.page, 'widget-4-solution');
    await frame.getByRole('button', { name: 'No, not yet' }).click();
    await visitor.ask('Claims come back with “payer ID not found”, but the ID is the one on the card. It started this morning, for one payer only.', 'Claims & rejections');
    await frame.locator('.place').getByText(/in line/).waitFor();
    await shoot(visitor.page, 'widget-5-line');
    await shoot(priya.page, 'console-1-away');
    await owen.away();
    await priya.online();
    await priya.offer.waitFor();
    await shoot(priya.page, 'console-2-offer');
    await priya.accept();
    await priya.say('Good morning, Marcus. I can see the three rejections. Has the payer sent you new cards lately?');
    await visitor.say('Yes, since March the cards have a new logo. The ID printed on the back is 60054.');
    await priya.say('That is it: the payer changed its ID on March 1. I show you where to set it: https://help.ledgerleaf.example/payers');
    await visitor.say('Thank you, I will try it at once. And the claims that were rejected?');
    await visitor.marked('Thank you, I will try it at once. And the claims that were rejected?', 'Read');
    await priya.reply.fill('You can send them again from the list of ');
    await frame.getByText('is typing').waitFor();
    await shoot(visitor.page, 'widget-6-conversation');
    await shoot(priya.page, 'console-3-chat');
    await priya.page.locator('#make-case').click();
    await priya.page.getByRole('heading', { name: 'Make a case' }).waitFor();
    await shoot(priya.page, 'console-4-make-case');
    await priya.page.getByRole('button', { name: 'Make the case' }).click();
    await priya.page.getByRole('link', { name: 'Open the case' }).click();
    await priya.page.locator('#case').getByRole('button', { name: 'Escalate' }).click();
    await priya.page.locator('#ask-input').fill('The payer list has the old ID; it must be changed for all practices.');
    await priya.page.locator('#ask-ok').click();
    const hannah = await Agent.signIn(browser, server, 'hannah');
    await hannah.view('queue');
    await hannah.row('payer ID not found').click();
    await hannah.page.locator('#case').getByRole('button', { name: 'Claim' }).click();
    await priya.page.locator('#case .people').getByText('Hannah Brightwater').waitFor();
    await shoot(priya.page, 'console-5-case');

    const supervisor = await Agent.signIn(browser, server, 'rosalind', { ...screen, path: '/supervisor' });
    await supervisor.page.locator('#served tr').first().waitFor();
    await supervisor.page.locator('.tile').first().waitFor();
    await shoot(supervisor.page, 'supervisor');
    await supervisor.page.goto(`${server.url}/supervisor/history`);
    await shoot(supervisor.page, 'supervisor-history');
    const admin = await Agent.signIn(browser, server, 'wilma', { ...screen, path: '/admin/hours' });
    await shoot(admin.page, 'admin-hours');
    await setup(admin.page, server, shoot);

    await frame.getByRole('button', { name: 'End chat' }).click();
    await frame.getByRole('button', { name: 'My question is solved' }).click();
    await frame.getByRole('heading', { name: 'You ended the chat' }).waitFor();
    await shoot(visitor.page, 'widget-7-ended');
    for (const one of [visitor, priya, owen, hannah, supervisor, admin, ...others]) await one.context.close();

    await server.stop();
    await server.run({ clock: '2026-03-10T18:30:00-04:00' });
    const late = await Visitor.arrive(browser, server, { ...screen, zone: 'America/Los_Angeles' });
    await late.open();
    await late.frame.getByText(/It opens/).waitFor();
    await shoot(late.page, 'widget-8-closed-hours');
    await late.frame.getByRole('button', { name: 'Leave a message' }).click();
    await shoot(late.page, 'widget-9-message');
    await late.go();
  } finally {
    await server.close();
  }
}
