// The transcript by e-mail: the sheet that asks when.
import { byId, setText } from '../static/js/dom.js';

/** While the chat runs, now or at its end; afterwards only now. @param {import('./app.js').App} app */
export function askTranscript(app) {
  const dialog = byId('mail-dialog', HTMLDialogElement);
  if (!app.canMail || dialog.open) return;
  const later = byId('mail-later');
  later.hidden = app.chat.log?.state === 'ended';
  const choices = byId('mail-choices');
  const stay = byId('mail-stay');
  /** @param {boolean} done @param {string} text */
  const draw = (done, text) => {
    choices.hidden = done;
    setText(byId('mail-text'), text);
    setText(stay, done ? 'Close' : 'Not now');
  };
  draw(false, 'It goes to the e-mail address that we have for you.');
  choices.onclick = async ({ target }) => {
    const when = target instanceof HTMLElement ? target.dataset.when : '';
    if (when !== 'now' && when !== 'at_end') return;
    draw(true, 'One moment…');
    app.focus(stay);
    draw(true, await app.transcript(when));
  };
  dialog.showModal();
}
