// Solutions that were found: asked for one question at a time, and shown as the rows of a list.
import { el, fill, find } from '../js/dom.js';
import { get } from './api.js';

/** @typedef {import('../js/types.js').FoundSolution} FoundSolution */
/** @typedef {import('../js/types.js').Piece} Piece */

/** How long a pause in typing is until what was typed is looked for, ms. */
const PAUSE_MS = 150;

/** Who may read a solution, where that is not everyone. */
export const AUDIENCES = { everyone: '', customers: 'Customers only', staff: 'Staff only' };

/** @param {Piece[]} pieces */
export function text(pieces) {
  return pieces.map((piece) => piece.text).join('');
}

/** @param {Piece[]} pieces */
function marked(pieces) {
  return pieces.map(({ text, mark }) => (mark ? el('mark', null, text) : text));
}

/**
 * Fills the row of a solution: `.found-title`, `.found-passage` and the badge.
 * @param {HTMLElement} row
 * @param {FoundSolution} solution
 */
export function fillFound(row, { id, title, passage, audience }) {
  row.dataset.solution = id;
  find(row, '.found-title').replaceChildren(...marked(title));
  find(row, '.found-passage').replaceChildren(...marked(passage));
  fill(row, { audience: AUDIENCES[audience], name: text(title) });
}

/** The solution of the row around something. @param {Element} inside */
export function solutionOf(inside) {
  return /** @type {HTMLElement | null} */ (inside.closest('[data-solution]'))?.dataset.solution ?? '';
}

/**
 * Asks for solutions. One question is on its way at the most; the newest waits behind it, and what comes for an older one is dropped.
 * @param {(found: FoundSolution[]) => void} show
 * @param {(error: unknown) => void} failed
 */
export function asking(show, failed) {
  /** @type {string | null} */
  let next = null;
  let newest = 0;
  let busy = false;

  const run = async () => {
    if (busy || next === null) return;
    const mine = newest;
    const path = next;
    next = null;
    busy = true;
    try {
      /** @type {FoundSolution[]} */
      const found = await get(path);
      if (mine === newest) show(found);
    } catch (error) {
      if (mine === newest) failed(error);
    }
    busy = false;
    void run();
  };
  return {
    /** @param {string} path */
    ask(path) {
      newest += 1;
      next = path;
      void run();
    },
    /** Nothing is wanted any more. */
    drop() {
      newest += 1;
      next = null;
    },
  };
}

/**
 * A field in which solutions are looked for, at every pause in typing.
 * @param {HTMLInputElement} field
 * @param {(found: FoundSolution[]) => void} show
 * @param {(error: unknown) => void} failed
 * @param {() => void} emptied the field is empty again
 */
export function searchField(field, show, failed, emptied) {
  const { ask, drop } = asking(show, failed);
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let pause;
  let looked = '';

  const look = () => {
    const words = field.value.trim();
    if (words === looked) return;
    looked = words;
    if (words) return ask(searchPath(words));
    drop();
    emptied();
  };
  field.addEventListener('input', () => {
    clearTimeout(pause);
    if (field.value.trim() === '') look();
    else pause = setTimeout(look, PAUSE_MS);
  });
  return {
    /** What the list shows the answer for; empty: nothing is looked for. */
    words: () => looked,
    clear() {
      field.value = '';
      clearTimeout(pause);
      look();
    },
  };
}

/** @param {string} words */
export function searchPath(words) {
  return `/api/solutions/search?q=${encodeURIComponent(words)}`;
}
