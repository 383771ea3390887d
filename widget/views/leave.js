// A message that becomes a case: outside the hours, after a lock, without a PIN.
import { actions, clone, find } from '../../static/js/dom.js';
import { ApiError } from '../api.js';
import { busy, check, control, looksLikeEmail, notice, valueOf } from './forms.js';

/** @param {import('../app.js').App} app @returns {import('../app.js').View} */
export function leaveView(app) {
  const root = clone('t-leave');
  const form = find(root, 'form', HTMLFormElement);
  let id = crypto.randomUUID(); // the same for every try, so that one message becomes one case
  let refused = ''; // what was refused is kept as it was: other words are another message
  const draft = `message:${app.api.siteToken}`;
  control(form, 'name').value = app.session.known?.name ?? '';
  control(form, 'text').value = app.session.draft(draft);
  form.addEventListener('input', () => app.session.keepDraft(draft, control(form, 'text').value));

  const send = async () => {
    const [name, email, number, text] = ['name', 'email', 'customer_number', 'text'].map((field) => valueOf(form, field));
    const long = [...(text ?? '')].length - 4000;
    const fine = check(form, [
      ['name', name ? '' : 'enter your name'],
      ['email', looksLikeEmail(email ?? '') ? '' : 'enter your e-mail address, like name@example.com'],
      ['text', !text ? 'write your message' : long > 0 ? `shorten the message by ${long} characters` : ''],
    ]);
    if (!fine || !name || !email || !text) return;
    notice(root, '');
    if (refused && refused !== text) id = crypto.randomUUID();
    refused = '';
    try {
      const made = await app.api.message({ id, name, email, text, ...(number ? { customer_number: number } : {}) }, app.session.known?.token ?? null);
      app.session.keepDraft(draft, '');
      app.host.event('case-created');
      app.go('left', { number: made.case, email });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.status === 403) refused = text;
      notice(root, error.message);
    }
  };
  actions(root, { leave: () => void busy(form, send) });
  return { root, back: () => app.go('start') };
}

/**
 * @param {import('../app.js').App} app
 * @param {{number: number, email: string}} params
 * @returns {import('../app.js').View}
 */
export function leftView(app, { number, email }) {
  const root = clone('t-left', { number, email });
  actions(root, { home: () => app.go('start') });
  return { root };
}
