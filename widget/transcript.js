// The transcript by e-mail: the sheet that asks when. Few want it, so it is no part of what everybody loads.
import { el, setText } from '../static/js/dom.js';
import { call } from './api.js';

/** What was done. */
const DONE = {
  now: 'The transcript is on its way to the e-mail address that we have for you.',
  at_end: 'We send the transcript to the e-mail address that we have for you when the chat ends.',
};

/** While the chat runs, now or at its end; afterwards only now. @param {import('./app.js').App} app */
export function askTranscript(app) {
  if (document.querySelector('dialog[open]')) return;
  const text = el('p', { id: 'mail-text' }, 'It goes to the e-mail address that we have for you.');
  const stay = el('button', { class: 'button button-ghost button-wide' }, 'Not now');
  /** @param {keyof typeof DONE} when @param {string} look @param {string} label */
  const choice = (when, look, label) => {
    const button = el('button', { class: `button ${look} button-wide`, type: 'button' }, label);
    button.addEventListener('click', () => void send(when));
    return button;
  };
  const choices = [choice('now', 'button-main', 'Send it now')];
  if (app.chat.log?.state !== 'ended') choices.push(choice('at_end', '', 'Send it at the end'));
  const title = el('h2', { id: 'mail-title' }, 'E-mail the transcript');
  const form = el('form', { method: 'dialog', class: 'sheet-body' }, title, text, ...choices, stay);
  const dialog = /** @type {HTMLDialogElement} */ (el('dialog', { class: 'sheet', id: 'mail-dialog', 'aria-labelledby': 'mail-title', 'aria-describedby': 'mail-text' }, form));
  /** @param {keyof typeof DONE} when */
  const send = async (when) => {
    for (const button of choices) button.remove();
    setText(text, 'One moment…');
    setText(stay, 'Close');
    app.focus(stay);
    /** @type {string} */
    let words = DONE[when];
    try {
      await call('/widget/api/transcript', { chat: app.chat.id, when }, app.session.known?.token);
    } catch (error) {
      words = error instanceof Error ? error.message : String(error);
    }
    setText(text, words);
    app.sayer.say(words);
  };
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
