// The switch: are chats offered to this person? Without a connection it says so instead.
import { byId, find } from '../js/dom.js';

/** @param {import('./app.js').App} app */
export function presence(app) {
  const form = byId('presence', HTMLFormElement);
  const fieldset = find(form, 'fieldset', HTMLFieldSetElement);
  const inputs = [...form.querySelectorAll('input')];

  form.addEventListener('change', () =>
    app.tell(async () => {
      const before = app.state.presence;
      const state = inputs.find((input) => input.checked)?.value === 'online' ? 'online' : 'away';
      app.change({ presence: state });
      try {
        await app.live.request({ type: 'presence', state });
      } catch (error) {
        app.change({ presence: before });
        throw error;
      }
      app.say(state === 'online' ? 'You are online. Chats are offered to you.' : 'You are away. No chats are offered to you.');
    }),
  );

  app.part(() => {
    const { status, presence: now } = app.state;
    const known = status === 'online' && now !== '';
    fieldset.disabled = !known;
    for (const input of inputs) input.checked = known && (input.value === now || (input.value === 'away' && now !== 'online'));
  });
}
