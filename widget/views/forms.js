// What the widget's forms share: field errors beside the field, one notice on top, a busy button.
import { el, setAttr, setText } from '../../static/js/dom.js';

/** @typedef {HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement} Control */

/** @param {HTMLFormElement} form @param {string} name */
export function control(form, name) {
  return /** @type {Control} */ (form.elements.namedItem(name));
}

/** @param {HTMLFormElement} form @param {string} name */
export function valueOf(form, name) {
  return control(form, name).value.trim();
}

/**
 * Says beside the field what is missing, or takes it away.
 * @param {Control} field
 * @param {string} words empty: fine
 */
export function fieldError(field, words) {
  const box = /** @type {HTMLElement} */ (field.closest('.field'));
  const id = `${field.id}-error`;
  let line = box.querySelector('.field-error');
  if (words && !line) {
    line = document.createElement('p');
    line.className = 'field-error';
    line.id = id;
    box.querySelector('label')?.after(line);
  }
  if (line) words ? setText(line, words) : line.remove();
  const others = (field.getAttribute('aria-describedby') ?? '').split(' ').filter((one) => one && one !== id);
  setAttr(field, 'aria-invalid', words ? 'true' : null);
  setAttr(field, 'aria-describedby', [...(words ? [id] : []), ...others].join(' ') || null);
}

/**
 * Checks the fields; focus goes to the first that is wrong.
 * @param {HTMLFormElement} form
 * @param {[name: string, words: string][]} faults empty words: fine
 * @returns {boolean} all fine
 */
export function check(form, faults) {
  for (const [name, words] of faults) fieldError(control(form, name), words);
  const first = faults.find(([, words]) => words);
  if (first) control(form, first[0]).focus();
  return !first;
}

/** Puts the topics into a choice; the one that the page around it names is chosen. @param {import('../app.js').App} app @param {Control} choice */
export function topics({ site, init }, choice) {
  for (const { key, name } of site.categories) choice.append(el('option', { value: key }, name));
  const wanted = (init.department ?? '').toLowerCase();
  choice.value = site.categories.find((c) => wanted && [c.key.toLowerCase(), c.name.toLowerCase()].includes(wanted))?.key ?? '';
}

/** @param {string} email */
export const looksLikeEmail = (email) => /^\S+@\S+\.\S+$/.test(email);

/**
 * The notice above a form: shown, focused and thereby read out; empty words hide it.
 * @param {Element} root
 * @param {string} words
 * @param {boolean} [leave] offer to leave a message
 */
export function notice(root, words, leave = false) {
  const box = /** @type {HTMLElement} */ (root.querySelector('.notice'));
  setText(/** @type {Element} */ (box.querySelector('.notice-text')), words);
  const button = /** @type {HTMLElement | null} */ (box.querySelector('button'));
  if (button) button.hidden = !leave;
  box.hidden = !words;
  if (words && document.hasFocus()) box.focus();
}

/**
 * Runs `work` while the form's main button is busy; a second submit waits for nothing.
 * @param {HTMLElement} root
 * @param {() => Promise<void>} work
 */
export async function busy(root, work) {
  if (root.getAttribute('aria-busy') === 'true') return;
  root.setAttribute('aria-busy', 'true');
  try {
    await work();
  } finally {
    root.removeAttribute('aria-busy');
  }
}
