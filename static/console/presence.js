// The switch: are chats offered to this person? Without a connection it says so instead.
import { byId, find } from '../js/dom.js';

/** @type {Record<string, string>} */
const SAID = {
  online: 'You are online. Chats are offered to you.',
  transfers_only: 'Only chats that colleagues hand on are offered to you.',
  away: 'You are away. No chats are offered to you.',
};
/** After so long without a key or a click in this browser nobody is at the desk. */
const IDLE_MS = 15 * 60_000;

/** @param {import('./app.js').App} app */
export function presence(app) {
  const form = byId('presence', HTMLFormElement);
  const fieldset = find(form, 'fieldset', HTMLFieldSetElement);
  const inputs = [...form.querySelectorAll('input')];

  form.addEventListener('change', () =>
    app.tell(async () => {
      const before = app.state.presence;
      const state = /** @type {import('../js/types.js').Presence} */ (inputs.find((input) => input.checked)?.value ?? 'away');
      app.change({ presence: state });
      try {
        await app.live.request({ type: 'presence', state });
      } catch (error) {
        app.change({ presence: before });
        throw error;
      }
      app.say(SAID[state] ?? '');
    }),
  );

  app.part(() => {
    const { status, presence: now } = app.state;
    const known = status === 'online' && now !== '';
    fieldset.disabled = !known;
    const shown = now === 'offline' ? 'away' : now;
    for (const input of inputs) input.checked = known && input.value === shown;
  });
  let touched = Date.now();
  for (const type of ['keydown', 'pointerdown', 'wheel']) window.addEventListener(type, () => (touched = Date.now()), { passive: true, capture: true });
  setInterval(() => {
    if (Date.now() - touched < IDLE_MS || app.state.presence !== 'online' || app.state.status !== 'online') return;
    void app.tell(async () => {
      await app.live.request({ type: 'presence', state: 'away' });
      app.change({ presence: 'away' });
      app.toast('Nothing was done here for 15 minutes, so you were set to away. Set yourself online when you are back.');
    });
  }, 5_000);
}
