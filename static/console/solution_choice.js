// Which solution solved a case: one of those that fit it, one that is looked for, or none.
import { actions, byId, clone, find, reconcile, setText } from '../js/dom.js';
import { asking, fillFound, searchField, searchPath, solutionOf } from './found.js';

/** @typedef {import('../js/types.js').FoundSolution} FoundSolution */
/** @typedef {import('./types.js').CaseFull} CaseFull */

/** How many solutions there are to choose from at once. */
const MOST = 6;
/** How much of a case's description says what it is about, in characters. */
const ABOUT = 300;

/** @param {import('./solution_dialog.js').SolutionDialog} reader */
export function solutionChoice(reader) {
  const list = byId('choice-found', HTMLElement);
  const none = byId('choice-none', HTMLInputElement);
  const note = byId('choice-note', HTMLElement);
  /** The solution that was made from the case; it may still be a draft. @type {FoundSolution | null} */
  let made = null;
  /** @type {FoundSolution[]} */
  let suggested = [];
  /** @type {FoundSolution[]} */
  let found = [];
  /** Stays in sight, whatever is looked for. @type {FoundSolution | null} */
  let chosen = null;

  const draw = () => {
    const words = search.words();
    const items = (words ? found : suggested).slice(0, MOST);
    /** @param {FoundSolution | null} one @returns {FoundSolution[]} */
    const missing = (one) => (one && !items.some(({ id }) => id === one.id) ? [one] : []);
    reconcile(list, [...missing(made), ...missing(chosen), ...items], ({ id }) => id, () => clone('t-choice'), (row, one) => {
      fillFound(row, one);
      find(row, 'input', HTMLInputElement).checked = chosen?.id === one.id;
      find(row, '[data-do=read]', HTMLElement).hidden = one === made;
    });
    setText(note, words && found.length === 0 ? `Nothing found for “${words}”.` : '');
  };
  const search = searchField(
    byId('choice-find', HTMLInputElement),
    (answer) => {
      found = answer;
      draw();
    },
    () => setText(note, 'The search does not answer. Try again in a moment.'),
    draw,
  );
  // Where suggestions fail, there is still the search.
  const suggestions = asking(
    (answer) => {
      suggested = answer;
      draw();
    },
    () => {},
  );

  list.addEventListener('change', ({ target }) => {
    const id = target instanceof Element ? solutionOf(target) : '';
    chosen = [made, ...found, ...suggested, chosen].find((one) => one?.id === id) ?? null;
  });
  none.addEventListener('change', () => {
    chosen = null;
  });
  actions(list, { read: (button) => void reader.read(solutionOf(button), null) });

  return {
    none,
    /** Begins anew for a case. @param {CaseFull} c */
    start(c) {
      made = c.made && { ...c.made, title: [{ text: c.made.title, mark: false }], passage: [{ text: 'Made from this case', mark: false }], category: '', audience: 'everyone' };
      chosen = null;
      suggested = [];
      none.checked = false;
      search.clear();
      draw();
      suggestions.ask(searchPath(`${c.subject}\n${c.description.slice(0, ABOUT)}\n`));
    },
    /** The chosen one's id; null: none of them; undefined: nothing is chosen yet. */
    value: () => chosen?.id ?? (none.checked ? null : undefined),
  };
}
