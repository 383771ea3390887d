// Who are you: e-mail or customer number and name, with the PIN; then which account.
import { actions, clone, fill, find, reconcile, setText } from '../../static/js/dom.js';
import { ApiError } from '../api.js';
import { busy, check, control, looksLikeEmail, notice, valueOf } from './forms.js';

/**
 * @param {import('../app.js').App} app
 * @param {{problem?: string}} [params]
 * @returns {import('../app.js').View}
 */
export function identifyView(app, { problem = '' } = {}) {
  const root = clone('t-identify');
  const form = find(root, 'form', HTMLFormElement);
  const pin = /** @type {HTMLInputElement} */ (control(form, 'pin'));
  const by = () => /** @type {RadioNodeList} */ (form.elements.namedItem('by')).value;

  form.addEventListener('change', () => {
    for (const box of form.querySelectorAll('[data-by]')) box.toggleAttribute('hidden', box.getAttribute('data-by') !== by());
  });
  pin.addEventListener('input', () => {
    pin.value = pin.value.replace(/\D/g, '').slice(0, 4);
  });

  const verify = async () => {
    const email = by() === 'email';
    const secret = pin.value;
    const fine = check(form, [
      ['email', email && !looksLikeEmail(valueOf(form, 'email')) ? 'enter your e-mail address, like name@example.com' : ''],
      ['customer_number', !email && !valueOf(form, 'customer_number') ? 'enter your customer number' : ''],
      ['contact', !email && !valueOf(form, 'contact') ? 'enter your name as we know it' : ''],
      ['pin', secret.length === 4 ? '' : 'enter all four digits of your PIN'],
    ]);
    if (!fine) return;
    notice(root, '');
    try {
      const who = email ? { email: valueOf(form, 'email') } : { customer_number: valueOf(form, 'customer_number'), contact: valueOf(form, 'contact') };
      const { token, name, accounts } = await app.api.verify({ ...who, pin: secret });
      app.session.update({ token, name, accounts, account: '', chat: '' });
      const [only] = accounts;
      if (accounts.length === 1 && only) await app.newConversation(only.number);
      else app.go('accounts');
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const stuck = ['locked', 'call_back', 'closed'].includes(error.code);
      pin.value = '';
      notice(root, error.message, stuck || error.code === 'no_match');
      form.hidden = stuck;
    }
  };

  actions(root, {
    verify: () => void busy(form, verify),
    leave: () => app.go('leave'),
    peek: (button) => {
      const shown = pin.classList.toggle('shown');
      button.setAttribute('aria-pressed', String(shown));
      setText(button, shown ? 'Hide' : 'Show');
    },
  });
  if (problem) notice(root, problem);
  return { root, back: () => app.go('start') };
}

/** @param {import('../app.js').App} app @returns {import('../app.js').View} */
export function accountsView(app) {
  const { known } = app.session;
  const root = clone('t-accounts', { title: `Hello, \u2068${known?.name ?? ''}\u2069` });
  const list = find(root, '.ways');
  reconcile(list, known?.accounts ?? [], (a) => a.number, () => clone('t-account'), (node, a) => void fill(node, { ...a }));
  actions(root, {
    account: (button) => void busy(list, async () => {
      try {
        await app.openConversation(button.dataset.number ?? '');
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        notice(root, error.message, true);
      }
    }),
    leave: () => app.go('leave'),
  });
  return { root, back: () => app.go('start') };
}
