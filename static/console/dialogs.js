// Dialogs: closing, what is wrong with what was filled in, one question with a text for an answer, the end of a chat.
import { byId, el, fill, find, setText } from '../js/dom.js';
import { words } from './api.js';

/** Buttons marked `data-close` close the dialog around them; so does a click beside it. */
export function closers() {
  document.addEventListener('click', (event) => {
    if (!(event.target instanceof Element)) return;
    if (event.target instanceof HTMLDialogElement || event.target.closest('[data-close]')) event.target.closest('dialog')?.close();
  });
}

/**
 * The list of what is wrong in a dialog, each a link to its field.
 * @param {HTMLElement} dialog with an `.error-summary`
 */
export function problemList(dialog) {
  const summary = find(dialog, '.error-summary', HTMLElement);
  /** @param {[text: string, field: HTMLElement][]} all none: the list goes away */
  return (all) => {
    summary.hidden = all.length === 0;
    for (const field of dialog.querySelectorAll('[aria-invalid]')) field.removeAttribute('aria-invalid');
    // Of radio buttons none is wrong by itself.
    for (const [, field] of all) if (!field.matches('[type=radio]')) field.setAttribute('aria-invalid', 'true');
    find(summary, 'ul').replaceChildren(
      ...all.map(([text, field]) => el('li', null, el('a', { href: `#${field.id}`, onclick: (/** @type {Event} */ e) => (e.preventDefault(), field.focus()) }, text))),
    );
    if (all.length) summary.focus();
  };
}

/**
 * @typedef {object} Question
 * @property {string} title
 * @property {string} text
 * @property {string} label
 * @property {string} ok
 * @property {string} missing what to say when nothing was written
 * @property {(answer: string) => Promise<unknown>} run a failure is shown in the dialog, which stays open
 */

/** @typedef {(question: Question) => void} Ask */

/** @returns {Ask} */
export function askDialog() {
  const dialog = byId('ask-dialog', HTMLDialogElement);
  const form = find(dialog, 'form', HTMLFormElement);
  const field = byId('ask-input', HTMLTextAreaElement);
  const error = byId('ask-error', HTMLElement);
  const ok = byId('ask-ok', HTMLButtonElement);
  /** @type {Question | null} */
  let now = null;

  /** @param {string} text */
  const problem = (text) => {
    setText(error, text);
    error.hidden = text === '';
    field.toggleAttribute('aria-invalid', false);
    if (text) field.setAttribute('aria-invalid', 'true');
    if (text) field.setAttribute('aria-describedby', 'ask-error');
    else field.removeAttribute('aria-describedby');
    if (text) field.focus();
  };
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    if (!now) return;
    const answer = field.value.trim();
    if (answer === '') return problem(now.missing);
    ok.disabled = true;
    try {
      await now.run(answer);
      dialog.close();
    } catch (e) {
      problem(words(e));
    } finally {
      ok.disabled = false;
    }
  });
  return (question) => {
    now = question;
    setText(byId('ask-title'), question.title);
    setText(byId('ask-text'), question.text);
    setText(byId('ask-label'), question.label);
    setText(ok, question.ok);
    field.value = '';
    problem('');
    dialog.showModal();
    field.focus();
  };
}

/**
 * Asks how the chat ends, then ends it.
 * @param {import('./app.js').App} app
 * @returns {() => void} opens the dialog for the chat on the screen, if it can be ended
 */
export function endDialog(app) {
  const dialog = byId('end-dialog', HTMLDialogElement);
  const button = byId('end-chat', HTMLButtonElement);
  const error = find(dialog, '.field-error', HTMLElement);
  const unsolved = find(dialog, '[data-end=unsolved]', HTMLElement);
  const solved = find(dialog, '[data-end=solved]', HTMLElement);
  /** @type {string | null} */
  let chat = null;

  const open = () => {
    if (button.hidden) return;
    chat = app.state.route.chat;
    const made = app.live.chats.get(chat ?? '')?.log.case;
    fill(dialog, {
      text: made
        ? `The chat is case ${made} already; the case stays open. Nothing can be written in the chat afterwards.`
        : 'Nothing can be written in it afterwards. If it is not solved, it becomes a case that you own.',
    });
    unsolved.hidden = Boolean(made);
    setText(solved, made ? 'End the chat' : 'Solved: end the chat');
    error.hidden = true;
    dialog.showModal();
  };
  dialog.addEventListener('click', async (event) => {
    const how = event.target instanceof HTMLElement ? event.target.dataset.end : undefined;
    if (!how || !chat) return;
    const made = app.live.chats.get(chat)?.log.case;
    try {
      await app.live.request({ type: 'end', chat, solved: how === 'solved' && !made });
      dialog.close();
    } catch (e) {
      setText(error, words(e));
      error.hidden = false;
    }
  });
  button.addEventListener('click', open);
  app.part(() => {
    const { route } = app.state;
    const log = app.live.chats.get(route.chat ?? '')?.log;
    button.hidden = !app.holds(route.chat) || !log?.ready;
  });
  return open;
}
