// A rush: forty customers, three specialists and two supervisors, each at a screen of their own. What the wallboard says afterwards is
// what the log says, counted by somebody else.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Agent, becomes, clean, stage, until } from './support.js';

// Each specialist answers one after the other: what is offered meanwhile must not run out.
const here = stage({ offerSeconds: 300 });

const CUSTOMERS = 40;
/** Those who come, each several times, one after the other. */
const WHO = ['zoe', 'marcus', 'nadia', 'tomas', 'layla', 'priscilla', 'siobhan'];

test('live_13_a_rush_of_forty_customers_and_the_figures_are_what_the_log_says', async () => {
  const { browser, server } = here;
  const agents = [];
  for (const name of ['priya', 'owen', 'lucia']) agents.push(await (await Agent.signIn(browser, server, name)).online());
  const wilma = await Agent.signIn(browser, server, 'wilma', { path: '/supervisor' });
  const rosalind = await Agent.signIn(browser, server, 'rosalind', { path: '/supervisor' });
  const crowd = await wilma.context.newPage();
  await crowd.goto(`${server.url}/help`);
  const over = customers(crowd, WHO.map((first) => server.contact(first)), CUSTOMERS);
  /** @type {{yes: boolean}} */
  const done = { yes: false };
  const end = over.then(() => (done.yes = true));

  const shifts = agents.map((agent) => shift(agent, done, end));
  await steer(rosalind, done);
  const told = await over;
  await Promise.all(shifts);
  assert.deepEqual(told.filter((one) => one.problem).map((one) => one.problem), [], 'every customer was served, or left when it wanted to');
  assert.equal(told.length, CUSTOMERS);

  // Each message that was acknowledged to a customer is in the thread that the customer read at the end.
  for (const one of told) assert.deepEqual(one.missing, [], `messages of ${one.name}`);

  // Both wallboards say the same, and what they say is counted again from the log, after the server has stopped.
  const tiles = (/** @type {Agent} */ boss) => boss.page.locator('.tile').evaluateAll((all) => Object.fromEntries(all.map((one) => [/** @type {HTMLElement} */ (one).dataset.key, `${one.querySelector('.tile-value > span')?.textContent} · ${one.querySelector('.rule > span')?.textContent}`])));
  // Figures of a moment before may have nobody being served either, while the last one still waits.
  const isOver = async () => {
    const { arrived = '', waiting_now = '' } = await tiles(wilma);
    return arrived.startsWith(`${CUSTOMERS} ·`) && arrived.includes('; 0 being served') && waiting_now.startsWith('0 ·');
  };
  await until('the figures are those of the end', isOver);
  await becomes(() => tiles(rosalind), await tiles(wilma), 'the other wallboard');
  const shown = await tiles(wilma);
  // A chat may end in the moment of the supervisor's word to its specialist; the dialog says so, and the browser notes the answer.
  for (const agent of [...agents, wilma, rosalind]) clean(agent.context, /409 \(Conflict\)/);
  await Promise.all([...agents, wilma, rosalind].map((one) => one.context.close()));
  await server.stop();
  const counted = recount(server);
  assert.match(shown.arrived ?? '', new RegExp(`^${counted.arrived} · today; 0 being served, ${counted.answered} answered`));
  assert.match(shown.abandoned_percent ?? '', new RegExp(` ${counted.abandoned} of ${counted.arrived} offered`));
  assert.match(shown.handle_time ?? '', new RegExp(` ${counted.handled} handled`));
  assert.equal(shown.waiting_now?.split(' · ')[0], '0');
  assert.equal(counted.arrived, CUSTOMERS);
  await server.run();
});

/**
 * A specialist takes what is offered, answers, waits for the thanks and ends the chat, until there are no more customers. What is
 * one's own and unanswered comes before the next offer, as after a glance at the list.
 * @param {Agent} agent
 * @param {{yes: boolean}} done
 * @param {Promise<unknown>} end
 */
async function shift(agent, done, end) {
  const { page } = agent;
  await agent.view('mine');
  /** Chats that this person is done with; the list may have them for a moment still. @type {string[]} */
  const over = [];
  while (!done.yes) {
    const own = page.locator(`#rows li a${over.map((chat) => `:not([href*="${chat}"])`).join('')}`);
    const accept = agent.offer.first().getByRole('button', { name: 'Accept' });
    const came = await Promise.race([own.or(accept).first().waitFor({ timeout: 60_000 }).then(() => true, () => false), end.then(() => false)]);
    if (!came) continue;
    const before = page.url();
    // An offer may run out, or be taken over, between the look and the click.
    const next = (await own.count()) > 0 ? own.first() : accept;
    if (!(await next.click({ timeout: 2_000 }).then(() => true, () => false))) continue;
    await until('the chat is on the screen', () => page.url() !== before, 3_000).catch(() => {});
    const chat = /[0-9a-f-]{36}/.exec(page.url())?.[0];
    if (chat && !over.includes(chat) && (await serve(agent, chat))) over.push(chat);
  }
}

/**
 * Answers the chat on the screen, waits for the thanks and ends it.
 * @param {Agent} agent
 * @param {string} chat
 * @returns {Promise<boolean>} whether there is nothing more to do: it is ended, or somebody else's
 */
async function serve(agent, chat) {
  const { page } = agent;
  const mine = page.locator('#composer:not([hidden])[data-kind=reply]');
  const gone = page.locator('#no-composer:not([hidden])', { hasText: /is over|Rosalind/ });
  await mine.or(gone).first().waitFor();
  if (await gone.isVisible()) return true;
  await agent.say(`I am on it (${chat.slice(-4)})`);
  await page.locator('.msg-bubble', { hasText: 'Thank you' }).or(gone).first().waitFor();
  if (await gone.isVisible()) return true;
  if (!(await page.locator('#end-chat').click({ timeout: 5_000 }).then(() => true, () => false))) return gone.isVisible();
  await page.locator('#end-dialog').getByRole('button', { name: /Solved: end the chat|End the chat/ }).click();
  // A supervisor may have taken it in that moment: then the dialog says so.
  const refused = page.locator('#end-dialog .field-error:not([hidden])');
  await Promise.race([page.locator('#end-dialog').waitFor({ state: 'hidden' }), refused.waitFor()]);
  await page.keyboard.press('Escape');
  // Written up at once: the next one waits.
  await page.locator('#thread').focus();
  await page.keyboard.press('w');
  return true;
}

/**
 * A supervisor at the wallboard: a word to a specialist, a chat made urgent, one taken over and answered in the console.
 * @param {Agent} boss
 * @param {{yes: boolean}} done
 */
async function steer(boss, done) {
  const { page } = boss;
  /** @param {string} verb */
  const act = async (verb) => {
    for (; !done.yes; ) {
      const row = page.locator('#served tr').first();
      await row.waitFor();
      if (!(await row.getByRole('button', { name: /^Actions/ }).click({ timeout: 1_000 }).then(() => true, () => false))) continue;
      const choice = page.getByRole('dialog', { name: /^The chat of/ }).getByRole('button', { name: verb });
      if (await choice.click({ timeout: 1_000 }).then(() => true, () => false)) return;
      await page.keyboard.press('Escape');
    }
  };
  await act('Whisper');
  await page.getByLabel('To the specialist').fill('Offer a call-back, please');
  await page.locator('#verb-ok').click();
  await page.keyboard.press('Escape');
  await act('Take over');
  const own = await boss.context.newPage();
  await own.goto(`${boss.server.url}/console#/mine`);
  const mine = new Agent(own, boss.server, boss.name);
  const row = own.locator('#rows li a').first();
  // The customer may have left meanwhile: then there is nothing to end.
  if (await row.click({ timeout: 5_000 }).then(() => true, () => false)) {
    if (await own.locator('#composer[data-kind=reply]').waitFor({ timeout: 5_000 }).then(() => true, () => false)) {
      await mine.say('I take it from here');
      await own.locator('#end-chat').click();
      await own.locator('#end-dialog').getByRole('button', { name: /Solved: end the chat|End the chat/ }).click();
      await own.locator('#end-dialog').waitFor({ state: 'hidden' });
    }
  }
  await own.close();
}

/**
 * Customers over the protocol, as many at once as there are contacts. Each asks, waits for somebody, says thank you and waits for the
 * end; every tenth leaves before anybody came.
 * @param {import('playwright-core').Page} page on the server's origin
 * @param {{email: string, pin: string}[]} contacts
 * @param {number} count
 * @returns {Promise<{name: string, problem: string, missing: string[]}[]>}
 */
function customers(page, contacts, count) {
  return page.evaluate(async ({ contacts, count }) => {
    let next = 0;
    /** @param {string} path @param {object} body @param {string} [token] */
    const post = async (path, body, token) => {
      const answer = await fetch(path, { method: 'POST', headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) }, body: JSON.stringify(body) });
      const json = await answer.json();
      if (!answer.ok) throw new Error(`${path}: ${json.message}`);
      return json;
    };
    /** @param {{email: string, pin: string}} contact @param {number} n */
    const visit = async ({ email, pin }, n) => {
      const { token, accounts } = await post('/widget/api/verify', { site: 'pub_demo', email, pin });
      const { chat } = await post('/widget/api/conversation', { account: accounts[0].number }, token);
      const leaves = n % 10 === 9;
      /** @type {string[]} */
      const acked = [];
      /** @type {string[]} */
      const read = [];
      await new Promise((resolve, reject) => {
        const socket = new WebSocket(`${location.origin.replace('http', 'ws')}/live`);
        const client = crypto.randomUUID();
        let [said, thanked] = [0, false];
        /** @param {'ask' | 'send'} type @param {string} text */
        const say = (type, text) => {
          said += 1;
          socket.send(JSON.stringify({ type, chat, id: crypto.randomUUID(), client, n: said, text, ...(type === 'ask' ? { category: 'claims' } : {}) }));
        };
        const late = setTimeout(() => reject(new Error(`customer ${n} was not served in time`)), 240_000);
        socket.onopen = () => socket.send(JSON.stringify({ type: 'hello', v: 1, token }));
        socket.onclose = ({ code }) => reject(new Error(`closed with ${code}`));
        socket.onmessage = ({ data }) => {
          const heard = JSON.parse(String(data));
          if (heard.type === 'welcome') socket.send(JSON.stringify({ type: 'watch', chat, after: 0 }));
          if (heard.type === 'caught_up' && said === 0) say('ask', `Claim ${n} is stuck`);
          if (heard.type === 'ack') acked.push(heard.id);
          if (heard.type === 'error') reject(new Error(heard.message));
          if (heard.type !== 'event') return;
          read.push(heard.id);
          const { kind } = heard.body;
          if (kind === 'queued' && leaves) socket.send(JSON.stringify({ type: 'end', chat, solved: true, req: 1 }));
          if (kind === 'message' && heard.party === 'staff' && !thanked) {
            thanked = true;
            say('send', 'Thank you');
          }
          if (kind === 'ended') {
            clearTimeout(late);
            socket.onclose = null;
            socket.close();
            resolve(null);
          }
        };
      });
      return acked.filter((id) => !read.includes(id));
    };
    /** @type {{name: string, problem: string, missing: string[]}[]} */
    const told = [];
    await Promise.all(contacts.map(async (contact) => {
      while (next < count) {
        const n = next;
        next += 1;
        const name = `${contact.email} (${n})`;
        try {
          told.push({ name, problem: '', missing: await visit(contact, n) });
        } catch (error) {
          told.push({ name, problem: `${name}: ${error}`, missing: [] });
        }
      }
    }));
    return told;
  }, { contacts, count });
}

/**
 * What the log says, by a statement of its own.
 * @param {import('./support/server.js').Server} server
 */
function recount(server) {
  const said = (/** @type {string} */ what) => `EXISTS (SELECT 1 FROM chat_events e WHERE e.chat_id = c.chat_id AND ${what})`;
  const answered = said("e.party = 'staff' AND e.body ->> 'kind' = 'message'");
  const [row = ''] = server.rows(`
    SELECT COUNT(*), SUM(CASE WHEN ${answered} THEN 1 ELSE 0 END),
      SUM(CASE WHEN NOT ${answered} AND ${said("e.body ->> 'kind' = 'ended' AND e.body ->> 'why' = 'customer'")} THEN 1 ELSE 0 END),
      SUM(CASE WHEN ${said("e.body ->> 'kind' = 'joined'")} AND ${said("e.body ->> 'kind' = 'ended'")} THEN 1 ELSE 0 END)
    FROM chat_events c WHERE c.body ->> 'kind' = 'queued'`);
  const [arrived, answers, abandoned, handled] = row.split('|').map(Number);
  return { arrived, answered: answers, abandoned, handled };
}
