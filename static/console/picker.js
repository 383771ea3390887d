// Completing what is typed in a field: canned replies after a slash, names after an @.
import { byId, el, reconcile, setAttr, setText } from '../js/dom.js';

/** @typedef {{key: string, name: string, hint: string, text: string}} Item `text` replaces what was typed, the trigger too */
/** @typedef {{from: number, items: Item[]}} Found where in the field what is replaced begins */

/**
 * @param {HTMLTextAreaElement} field
 * @param {(before: string) => Found | null} look what there is for the text before the cursor
 */
export function picker(field, look) {
  const list = byId('pick', HTMLElement);
  /** @type {Found | null} */
  let found = null;
  let at = 0;
  /** Where a list was closed by Escape: it stays closed until another word begins. */
  let dismissed = -1;

  const draw = () => {
    const items = found?.items.slice(0, 8) ?? [];
    list.hidden = items.length === 0;
    setAttr(field, 'aria-expanded', null);
    setAttr(field, 'aria-activedescendant', items.length ? `pick-${at}` : null);
    reconcile(list, items, (item) => item.key, () => el('li', { class: 'choose', role: 'option' }, el('span', { class: 'choose-name' }), el('span', { class: 'small muted clip' })), (node, item) => {
      const index = items.indexOf(item);
      node.id = `pick-${index}`;
      node.dataset.index = String(index);
      setAttr(node, 'aria-selected', index === at ? 'true' : 'false');
      setText(/** @type {Element} */ (node.children[0]), item.name);
      setText(/** @type {Element} */ (node.children[1]), item.hint);
    });
    document.getElementById(`pick-${at}`)?.scrollIntoView({ block: 'nearest' });
  };
  const close = () => {
    found = null;
    draw();
  };
  const update = () => {
    const before = field.value.slice(0, field.selectionStart);
    const now = field.selectionStart === field.selectionEnd ? look(before) : null;
    if (now?.from !== found?.from) at = 0;
    if (now && now.from !== dismissed) dismissed = -1;
    found = now && now.from !== dismissed && now.items.length > 0 ? now : null;
    at = Math.min(at, Math.max(0, (found?.items.length ?? 0) - 1));
    draw();
  };
  /** @param {number} index */
  const choose = (index) => {
    const item = found?.items[index];
    if (!found || !item) return;
    if (field.value.length - (field.selectionStart - found.from) + item.text.length > field.maxLength) return;
    field.setRangeText(item.text, found.from, field.selectionStart, 'end');
    close();
    field.dispatchEvent(new Event('input'));
    field.focus();
  };

  field.addEventListener('input', update);
  field.addEventListener('click', update);
  field.addEventListener('blur', () => setTimeout(() => document.activeElement !== field && close(), 150));
  field.addEventListener('keydown', (event) => {
    if (!found || event.isComposing || event.ctrlKey || event.metaKey) return;
    const most = Math.min(8, found.items.length);
    if (event.key === 'ArrowDown') at = (at + 1) % most;
    else if (event.key === 'ArrowUp') at = (at + most - 1) % most;
    else if (event.key === 'Enter' || event.key === 'Tab') choose(at);
    else if (event.key === 'Escape') {
      dismissed = found.from;
      close();
    } else return;
    event.preventDefault();
    event.stopImmediatePropagation();
    draw();
  });
  list.addEventListener('pointerdown', (event) => {
    event.preventDefault();
    const row = event.target instanceof Element ? /** @type {HTMLElement | null} */ (event.target.closest('[data-index]')) : null;
    if (row) choose(Number(row.dataset.index));
  });
  return { close };
}
