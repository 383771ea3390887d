// The meaning tier in the widget and in the console: a question that has no word of its answer.
import { test } from 'node:test';
import { Agent, becomes, clean, stage, until, Visitor } from './support.js';

const here = stage({ suggestions: 'full' });
const ASKED = 'my coworker quit and should not get in any more';
const ANSWER = 'An employee has left: remove their access';

test('live_03_a_question_without_a_word_of_its_answer_finds_it_while_it_is_typed', async () => {
  const agent = await Agent.signIn(here.browser, here.server, 'priya');
  // What the solutions mean is worked out in the background after the first start.
  await until('the solutions to be read', async () => {
    const found = await agent.api(`/api/solutions/search?q=${encodeURIComponent(ASKED)}`);
    return found[0]?.title.map((/** @type {{text: string}} */ piece) => piece.text).join('') === ANSWER;
  }, 120_000);

  const visitor = await Visitor.arrive(here.browser, here.server);
  const { frame, page, question } = visitor;
  const titles = () => frame.locator('.found li b').allTextContents();
  await visitor.open();
  await visitor.verify(here.server.contact('marcus'));
  await question.click();
  await page.keyboard.type(ASKED, { delay: 10 });
  await until('the answer on top', async () => (await titles())[0] === ANSWER);
  // Before the last words are there, and with a mistake.
  await question.fill('my cowroker quit and sho');
  await until('the answer among the first', async () => (await titles()).slice(0, 3).includes(ANSWER));
  await question.fill('nobody gets a message about their visit the day before');
  await becomes(async () => (await titles())[0], 'Appointment reminders are not going out', 'another answer');

  await visitor.ask(ASKED, 'Claims & rejections');
  await agent.online();
  await agent.accept();
  await agent.page.getByText(ANSWER).first().waitFor();
  clean(visitor.context);
  clean(agent.context);
  await Promise.all([visitor.go(), agent.go()]);
});
