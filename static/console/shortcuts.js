// Which single key means what. Pure.

/** @type {{key: string, name: string, does: string}[]} */
export const KEYS = [
  { key: 'j', name: 'next', does: 'Next in the list' },
  { key: 'k', name: 'previous', does: 'Previous in the list' },
  { key: 'a', name: 'accept', does: 'Accept the offer' },
  { key: 'd', name: 'decline', does: 'Decline the offer' },
  { key: 't', name: 'take', does: 'Take the waiting chat on the screen' },
  { key: 'r', name: 'reply', does: 'Write a reply' },
  { key: 'n', name: 'note', does: 'Write a note for the desk' },
  { key: 'h', name: 'handOn', does: 'Hand the chat on' },
  { key: 'g', name: 'tags', does: 'Tag the chat' },
  { key: 'm', name: 'merge', does: 'Bring another chat of the customer here' },
  { key: 'f', name: 'flag', does: 'Call a supervisor, or settle the call' },
  { key: 'w', name: 'wrapUp', does: 'The last chat is written up' },
  { key: 'v', name: 'verbs', does: 'What can be done with the case' },
  { key: 'c', name: 'case', does: 'Make the chat a case' },
  { key: 'e', name: 'end', does: 'End the chat' },
  { key: 'i', name: 'side', does: 'Show the customer' },
  { key: 's', name: 'solutions', does: 'Find a solution for the chat' },
  { key: '/', name: 'filter', does: 'Filter the list' },
  { key: '?', name: 'help', does: 'This help' },
];

/**
 * @param {{key: string, ctrlKey: boolean, metaKey: boolean, altKey: boolean, repeat: boolean, isComposing: boolean}} event
 * @param {{on: boolean, typing: boolean, dialog: boolean}} where
 * @returns {string | null} the action's name; a digit: the view at that place
 */
export function action(event, { on, typing, dialog }) {
  if (!on || typing || dialog || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return null;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (/^[1-8]$/.test(key)) return event.repeat ? null : key;
  const found = KEYS.find((k) => k.key === key)?.name ?? null;
  return event.repeat && found !== 'next' && found !== 'previous' ? null : found;
}

/** Is this an element that takes letters? @param {EventTarget | null} target */
export function takesLetters(target) {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || target.matches('textarea, select, input:not([type=checkbox], [type=radio], [type=button], [type=submit])');
}
