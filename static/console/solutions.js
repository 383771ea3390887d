// Solutions beside the chat: those that fit what the customer said so far, and a search among all.
import { actions, byId, clone, fill, find, reconcile, setText } from '../js/dom.js';
import { asking, fillFound, searchField, solutionOf } from './found.js';
import { insertWords } from './solution_dialog.js';
import { some } from './words.js';

/** @typedef {import('../js/types.js').FoundSolution} FoundSolution */

/**
 * @param {import('./app.js').App} app
 * @param {import('./composer.js').Composer} writer
 * @param {import('./solution_dialog.js').SolutionDialog} dialog
 * @returns {() => void} goes to the search, if a chat is on the screen
 */
export function solutions(app, writer, dialog) {
  const root = byId('solutions', HTMLElement);
  const field = byId('find', HTMLInputElement);
  const list = byId('found', HTMLElement);
  const empty = byId('found-empty', HTMLElement);
  /** The chat on the screen and the last thing that its customer said: what was asked for last. */
  let have = '';
  /** @type {string | null} */
  let chat = null;
  /** @type {string | null} */
  let writes = null;
  /** @type {FoundSolution[] | null} null: not known yet */
  let suggested = null;
  /** @type {FoundSolution[] | null} */
  let found = null;
  let problem = '';
  /** What gets the focus as soon as it shows. @type {HTMLElement | null} */
  let wanted = null;

  const draw = () => {
    const words = search.words();
    const items = (words ? found : suggested) ?? [];
    const focused = list.contains(document.activeElement);
    reconcile(list, items, (one) => one.id, () => clone('t-solution'), (row, one) => {
      fillFound(row, one);
      fill(row, { insert: writes === null ? '' : insertWords(one.audience) });
    });
    // What had the focus may be gone.
    if (focused && !list.contains(document.activeElement)) field.focus();
    setText(byId('found-head'), words ? 'Found' : 'Suggested for this conversation');
    setText(empty, items.length > 0 ? '' : words ? nothingFound(words) : nothingSuggested());
  };
  /** @param {string} words */
  const nothingFound = (words) => problem || (found ? `Nothing found for “${words}”.` : '');
  const nothingSuggested = () => {
    if (suggested) return 'Nothing fits what the customer wrote so far.';
    return have.endsWith(' 0') ? 'They show as soon as the customer writes.' : '';
  };

  const search = searchField(
    field,
    (answer) => {
      found = answer;
      problem = '';
      draw();
      app.say(answer.length ? `${some(answer.length, 'solution')} found` : nothingFound(search.words()));
    },
    () => {
      found = null;
      problem = 'The search does not answer. Try again in a moment.';
      draw();
    },
    () => {
      found = null;
      draw();
    },
  );
  // Suggestions are an extra: where they fail, nothing is said.
  const suggestions = asking(
    (answer) => {
      suggested = answer;
      draw();
    },
    () => {},
  );

  /** Asks again whenever the customer has said something more. */
  const follow = () => {
    const held = app.live.chats.get(chat ?? '');
    if (!chat || !held?.log.ready) return;
    // Whoever was away asks anew.
    if (app.state.status !== 'online') return void (have = '');
    const said = held.log.events.findLast((event) => event.party === 'customer' && event.body.kind === 'message');
    const now = `${chat} ${said?.seq ?? 0}`;
    if (now === have) return;
    have = now;
    if (said) suggestions.ask(`/api/chats/${chat}/solutions`);
    else draw();
  };

  const leave = () => {
    suggestions.drop();
    suggested = null;
    have = '';
    search.clear();
    draw();
  };

  actions(list, {
    read: (button) => dialog.read(solutionOf(button), writes),
    insert: (button) => {
      const solution = [...(found ?? []), ...(suggested ?? [])].find(({ id }) => id === solutionOf(button));
      if (solution) void dialog.insert(solution);
    },
  });
  root.addEventListener('keydown', (event) => {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'Escape') {
      event.preventDefault();
      back(event.target);
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) move(event, step);
  });

  /** From the list to the search, from what was found to what is suggested, from there to the chat. @param {EventTarget | null} from */
  const back = (from) => {
    if (from !== field) return field.focus();
    if (field.value) return search.clear();
    app.go({ side: false });
    setTimeout(() => (writer.chat() ? writer.focus() : byId('thread', HTMLElement).focus()));
  };
  /** Through the list, and back to the search. @param {KeyboardEvent} event @param {number} step */
  const move = (event, step) => {
    const items = /** @type {HTMLElement[]} */ ([...list.querySelectorAll('[data-do=read]')]);
    const at = items.findIndex((item) => event.target instanceof Node && item.closest('li')?.contains(event.target));
    if (at < 0 && event.target !== field) return;
    event.preventDefault();
    (at + step < 0 ? field : items[Math.min(items.length - 1, at + step)])?.focus();
  };

  /** @param {HTMLElement} what */
  const show = (what) => {
    what.focus();
    what.scrollIntoView({ block: 'start' });
  };
  /** @param {HTMLElement} what */
  const goTo = (what) => {
    if (app.state.route.chat === null) return;
    if (root.checkVisibility()) return show(what);
    wanted = what;
    app.go({ side: true });
  };
  byId('solutions-open').addEventListener('click', () => goTo(find(root, 'h3', HTMLElement)));

  app.part(() => {
    const { route } = app.state;
    root.hidden = route.chat === null;
    if (route.chat !== chat) {
      leave();
      chat = route.chat;
    }
    follow();
    if (writer.chat() !== writes) {
      writes = writer.chat();
      draw();
    }
    if (wanted?.checkVisibility()) {
      show(wanted);
      wanted = null;
    }
  });
  return () => goTo(field);
}
