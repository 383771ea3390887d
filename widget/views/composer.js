// The field in which messages are written: grows, keeps its draft, sends with Enter.
import { find, setText } from '../../static/js/dom.js';

const MAX = 4000;

/**
 * @param {HTMLFormElement} form
 * @param {object} use
 * @param {string} use.draft what was written before
 * @param {(text: string) => void} use.keep
 * @param {(on: boolean, text?: string) => void} use.typing
 * @param {(text: string) => void} use.send
 * @returns {{box: HTMLTextAreaElement, submit: () => void, put: (text: string) => void}}
 */
export function composer(form, { draft, keep, typing, send }) {
  const box = find(form, 'textarea', HTMLTextAreaElement);
  const tooLong = find(form, '.too-long');
  const coarse = matchMedia('(pointer: coarse)');

  const grow = () => {
    box.style.setProperty('block-size', 'auto');
    if (box.scrollHeight) box.style.setProperty('block-size', `${Math.min(box.scrollHeight + 2, 160)}px`);
    const over = [...box.value].length - MAX;
    tooLong.hidden = over <= 0;
    if (over > 0) setText(tooLong, `shorten this by ${over} character${over === 1 ? '' : 's'}`);
    form.toggleAttribute('data-empty', box.value.trim() === '');
  };
  /** @param {string} text */
  const put = (text) => {
    box.value = text;
    keep(text);
    grow();
  };
  const submit = () => {
    const text = box.value.trim();
    if (!text || [...text].length > MAX) return;
    put('');
    send(text);
  };

  box.addEventListener('input', () => {
    grow();
    keep(box.value);
    typing(box.value.trim() !== '', box.value.slice(0, 1000));
  });
  box.addEventListener('blur', () => typing(false));
  box.addEventListener('keydown', (event) => {
    // On a touch keyboard Enter is a new line; the arrow sends.
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing || coarse.matches) return;
    event.preventDefault();
    submit();
  });
  box.value = draft;
  queueMicrotask(grow);
  return { box, submit, put };
}
