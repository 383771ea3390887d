// What was written and not sent, for each chat. Kept in this browser under the chat's id, so it cannot reach another customer.
import { openStore } from '../js/store.js';

const store = openStore(() => localStorage);
/** @param {string} chat */
const key = (chat) => `deskbell:draft:${chat}`;

/** @param {string} chat */
export function draft(chat) {
  return store.get(key(chat)) ?? '';
}

/**
 * @param {string} chat
 * @param {string} text
 */
export function keepDraft(chat, text) {
  if (text.trim() === '') store.remove(key(chat));
  else store.set(key(chat), text);
}
