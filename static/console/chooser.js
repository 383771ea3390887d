// One of many, by typing: a field over a list. The palette, handing on, tags and merging are this dialog with other items.
import { byId, el, reconcile, setAttr, setText } from '../js/dom.js';

/**
 * @typedef {object} Choice
 * @property {string} key
 * @property {string} group a heading above the first of its kind
 * @property {string} name
 * @property {string} [hint]
 * @property {boolean} [on] chosen already
 * @property {() => unknown} run
 */

/**
 * @typedef {object} Question
 * @property {string} title
 * @property {string} label of the field
 * @property {(typed: string) => Choice[]} choices what there is for what was typed; those that do not fit are left out here
 * @property {string} none what to say when nothing fits
 * @property {boolean} [stays] more than one can be chosen
 */

/** @typedef {(question: Question) => void} Choose */

/** How many rows are shown. */
const MOST = 60;

/** @returns {Choose} */
export function chooser() {
  const dialog = byId('chooser', HTMLDialogElement);
  const field = byId('chooser-field', HTMLInputElement);
  const list = byId('chooser-list', HTMLElement);
  const none = byId('chooser-none', HTMLElement);
  /** @type {Question | null} */
  let question = null;
  /** @type {Choice[]} */
  let shown = [];
  let at = 0;

  const draw = () => {
    if (!question) return;
    shown = matching(question.choices(field.value.trim()), field.value).slice(0, MOST);
    at = Math.max(0, Math.min(at, shown.length - 1));
    let group = '';
    /** @type {({key: string, heading: string} | {key: string, choice: Choice, index: number})[]} */
    const rows = [];
    shown.forEach((choice, index) => {
      if (choice.group !== group) rows.push({ key: `group ${choice.group}`, heading: choice.group });
      group = choice.group;
      rows.push({ key: choice.key, choice, index });
    });
    reconcile(list, rows, (row) => row.key, (row) => ('choice' in row ? option() : el('li', { class: 'choose-group', role: 'presentation' })), (node, row) => {
      if (!('choice' in row)) return setText(node, row.heading);
      const { choice, index } = row;
      node.id = `choose-${index}`;
      node.dataset.index = String(index);
      setAttr(node, 'aria-selected', index === at ? 'true' : 'false');
      setText(/** @type {Element} */ (node.children[0]), choice.on === undefined ? choice.name : `${choice.on ? '✓' : '–'} ${choice.name}`);
      setText(/** @type {Element} */ (node.children[1]), choice.hint ?? '');
    });
    setAttr(field, 'aria-activedescendant', shown.length ? `choose-${at}` : null);
    list.hidden = shown.length === 0;
    setText(none, shown.length ? '' : question.none);
    document.getElementById(`choose-${at}`)?.scrollIntoView({ block: 'nearest' });
  };
  const option = () => el('li', { class: 'choose', role: 'option' }, el('span', { class: 'choose-name' }), el('span', { class: 'small muted' }));

  /** @param {Choice | undefined} choice */
  const run = (choice) => {
    if (!choice || !question) return;
    if (!question.stays) dialog.close();
    Promise.resolve(choice.run()).then(draw, draw);
  };
  field.addEventListener('input', () => {
    at = 0;
    draw();
  });
  field.addEventListener('keydown', (event) => {
    if (event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 }[event.key];
    if (step) at = Math.max(0, Math.min(shown.length - 1, at + step));
    else if (event.key === 'Enter') run(shown[at]);
    else return;
    event.preventDefault();
    draw();
  });
  list.addEventListener('click', (event) => {
    const row = event.target instanceof Element ? /** @type {HTMLElement | null} */ (event.target.closest('[data-index]')) : null;
    if (!row) return;
    at = Number(row.dataset.index);
    run(shown[at]);
  });

  return (next) => {
    question = next;
    at = 0;
    field.value = '';
    setText(byId('chooser-title'), next.title);
    setText(byId('chooser-label'), next.label);
    field.placeholder = next.label;
    draw();
    if (!dialog.open) dialog.showModal();
    field.focus();
  };
}

/**
 * Those in whose words all typed words begin; those whose name begins with what was typed come first. Pure.
 * @param {Choice[]} choices
 * @param {string} typed
 */
export function matching(choices, typed) {
  const words = folded(typed).split(/\s+/).filter(Boolean);
  if (words.length === 0) return choices;
  const fits = choices.filter(({ name, hint = '', group }) => {
    const text = ` ${folded(`${name} ${hint} ${group}`)}`;
    return words.every((word) => text.includes(` ${word}`));
  });
  const first = words[0] ?? '';
  return [...fits.filter((c) => folded(c.name).startsWith(first)), ...fits.filter((c) => !folded(c.name).startsWith(first))];
}

/** Lower case, without accents. @param {string} text */
export function folded(text) {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLocaleLowerCase().replace(/[^\p{L}\p{N}]+/gu, ' ').trim();
}
