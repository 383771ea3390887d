// A message that becomes a case: outside the hours, after a lock, without a PIN.
import { actions, clone, find } from '../../static/js/dom.js';
import { ApiError } from '../api.js';
import { busy, check, control, looksLikeEmail, notice, topics, valueOf } from './forms.js';

/** @param {import('../app.js').App} app @returns {import('../app.js').View} */
export function leaveView(app) {
  const root = clone('t-leave');
  const form = find(root, 'form', HTMLFormElement);
  let id = crypto.randomUUID(); // the same for every try, so that one message becomes one case
  let refused = ''; // what was refused is kept as it was: other words are another message
  const draft = `message:${app.api.siteToken}`;
  control(form, 'name').value = app.session.known?.name ?? '';
  control(form, 'text').value = app.session.draft(draft);
  topics(app, control(form, 'category'));
  form.addEventListener('input', () => app.session.keepDraft(draft, control(form, 'text').value));

  const send = async () => {
    const [name, email, number, category, text] = ['name', 'email', 'customer_number', 'category', 'text'].map((field) => valueOf(form, field));
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
      const made = await app.api.message({ id, name, email, text, category: category ?? '', ...(number ? { customer_number: number } : {}) }, app.session.known?.token ?? null);
      app.session.keepDraft(draft, '');
      app.host.event('case-created');
      app.go('left', { number: made.case, email, words: made.words });
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
 * @param {{number: number, email: string, words?: string}} params
 * @returns {import('../app.js').View}
 */
export function leftView(app, { number, email, words }) {
  const root = clone('t-left', { number, email, words: words ?? '' });
  actions(root, { home: () => app.go('start') });
  return { root };
}
