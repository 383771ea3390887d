// A new call-in PIN for a contact: made by an admin, shown once.
import { el } from '../js/dom.js';
import { post } from './api.js';

/** The part on the screen: a new PIN is shown only once, so it must outlive the panel being drawn anew. @type {{contact: string, parts: HTMLElement[]} | null} */
let shown = null;

/**
 * The part of the customer's panel that makes one; a second press makes sure.
 * @param {import('./app.js').App} app
 * @param {{id: string, name: string}} contact
 */
export function pinMaker(app, contact) {
  if (shown?.contact !== contact.id) shown = { contact: contact.id, parts: maker(app, contact) };
  return shown.parts;
}

/**
 * @param {import('./app.js').App} app
 * @param {{id: string, name: string}} contact
 */
function maker(app, contact) {
  const words = el('p', { class: 'small muted', role: 'status' }, 'Nobody can read the PIN there is; a new one replaces it.');
  const button = el('button', { class: 'button button-small', type: 'button' }, 'Make a new PIN');
  let sure = false;
  button.addEventListener('click', () => {
    if (!sure) {
      sure = true;
      button.textContent = `Replace ${contact.name}’s PIN`;
      return;
    }
    void app.tell(async () => {
      /** @type {{pin: string}} */
      const { pin } = await post(`/api/contacts/${contact.id}/pin`);
      words.textContent = `The new PIN is ${pin}. It is shown only now.`;
      button.remove();
    });
  });
  return [words, button];
}
