// The question: written with suggested solutions below it, read inside, then on to a specialist.
import { actions, clone, fill, find, reconcile } from '../../static/js/dom.js';
import { LiveError } from '../../static/js/live.js';
import { prose } from '../../static/js/prose.js';
import { check, control, notice, topics, valueOf } from './forms.js';

/** @typedef {import('../../static/js/types.js').SuggestionView} Suggestion */

const PAUSE_MS = 150;

/** @param {import('../app.js').App} app @returns {import('../app.js').View} */
export function askView(app) {
  const { chat } = app;
  const root = clone('t-ask', { title: `What can we help with, \u2068${firstName(app.session.known?.name)}\u2069?` });
  const part = find(root, '.ask-part');
  const form = find(root, 'form', HTMLFormElement);
  const box = find(root, '#q-text', HTMLTextAreaElement);
  const category = find(root, '#q-category', HTMLSelectElement);
  const found = find(root, '.found');
  const solution = find(root, '.solution');
  const draft = `${chat.id}:question`;
  let asked = '';
  let newest = 0;
  let open = '';
  let closed = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let pause;

  topics(app, category);
  box.value = app.session.draft(draft);

  /** @param {Suggestion[]} items */
  const show = (items) => {
    const before = found.hidden ? 0 : found.querySelectorAll('li').length;
    found.hidden = items.length === 0;
    const count = items.length === 1 ? 'One answer may fit' : `${items.length} answers may fit`;
    fill(found, { found: count });
    reconcile(find(found, 'ul'), items, (s) => s.id, () => clone('t-suggestion'), (node, s) => void fill(node, { ...s }));
    if (items.length && items.length !== before) app.sayer.say(`${count}, listed below your question`);
  };
  const suggest = async () => {
    const text = box.value.trim();
    if (text === asked) return;
    asked = text;
    newest += 1;
    const mine = newest;
    if ([...text].length < 3) return show([]);
    try {
      const answer = /** @type {import('../../static/js/types.js').SuggestionsFrame} */ (await chat.request({ type: 'suggest', text }));
      if (mine === newest) show(answer.items.slice(0, 10)); // an older answer comes too late
    } catch {
      if (mine === newest) asked = ''; // offline: the next keystroke asks again
    }
  };
  const typed = () => {
    app.session.keepDraft(draft, box.value);
    clearTimeout(pause);
    pause = setTimeout(() => void suggest(), PAUSE_MS);
  };
  box.addEventListener('input', typed);
  // Down from the end of the question into the suggestions, up and down among them, and back up.
  root.addEventListener('keydown', (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const ways = [...found.querySelectorAll('button')];
    const at = ways.findIndex((way) => way === event.target);
    const inside = event.target === box ? step === 1 && box.selectionEnd === box.value.length : at >= 0;
    const next = step && inside && !found.hidden ? ways[at + step] ?? (at + step < 0 && box) : null;
    if (!next) return;
    event.preventDefault();
    next.focus();
  });

  /** @param {boolean} reading */
  const turn = (reading) => {
    part.hidden = reading;
    solution.hidden = !reading;
    if (!reading) open = '';
    root.closest('main')?.scrollTo(0, 0);
  };
  /** @param {string} id */
  const read = async (id) => {
    try {
      const s = /** @type {import('../../static/js/types.js').SolutionFrame} */ (await chat.request({ type: 'open_solution', solution: id }));
      open = id;
      fill(solution, { title: s.title });
      find(solution, '.prose').replaceChildren(...prose(s.text));
      turn(true);
      app.focus(find(solution, 'h1', HTMLElement));
    } catch (error) {
      notice(root, words(error));
    }
  };
  /** @param {boolean} solved */
  const rate = async (solved) => {
    try {
      await chat.request({ type: 'rate_solution', solution: open, solved });
      if (solved) app.session.keepDraft(draft, ''); // the chat's end shows the thanks
      else back('Thank you. Add what is missing to your question, or talk to a specialist.');
    } catch (error) {
      back('');
      notice(root, words(error));
    }
  };
  /** @param {string} say */
  const back = (say) => {
    turn(false);
    app.sayer.say(say);
    app.focus(box);
  };

  actions(root, {
    read: (button) => void read(button.dataset.id ?? ''),
    unread: () => back(''),
    solved: () => void rate(true),
    unsolved: () => void rate(false),
    leave: () => app.go('leave'),
    ask: () => {
      const text = valueOf(form, 'text');
      const long = [...text].length - 4000;
      const fine = check(form, [
        ['text', !text ? 'write your question' : long > 0 ? `shorten the question by ${long} characters` : ''],
        ['category', category.value ? '' : 'choose what it is about'],
      ]);
      if (fine) chat.ask(text, category.value);
    },
  });

  const update = () => {
    const failed = chat.takeFailedAsk();
    if (failed) {
      box.value = failed.text;
      if (failed.category) category.value = failed.category;
      app.session.keepDraft(draft, failed.text);
    }
    const shut = !app.hours.open;
    if (failed || shut !== closed) notice(root, failed?.error ?? (shut ? 'Live chat has closed. You can still leave a message.' : ''), shut);
    closed = shut;
    if (app.composed) {
      control(form, 'text').value = app.composed;
      app.composed = '';
      typed();
    }
    if (chat.online && box.value.trim() !== asked) typed();
  };
  update();
  return {
    root,
    update,
    back: () => (open ? back('') : app.go('start')),
    focus: () => (matchMedia('(pointer: coarse)').matches ? null : box),
    leave: () => clearTimeout(pause),
  };
}

/** @param {unknown} error */
function words(error) {
  if (error instanceof LiveError) return error.message;
  throw error;
}

/** @param {string | undefined} name */
const firstName = (name) => (name ?? '').split(' ')[0] ?? '';
