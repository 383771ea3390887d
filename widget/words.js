// What the widget says about places in line, events and ends. Pure.
import { wait } from '../static/js/time.js';

/** @param {{place: number, wait_seconds?: number}} at @returns {{title: string, text: string}} */
export function placeWords({ place, wait_seconds }) {
  return {
    title: place === 1 ? 'You are next in line' : `You are number ${place} in line`,
    text: wait_seconds === undefined ? 'We cannot estimate the wait yet.' : `Expected wait: ${wait(wait_seconds)}.`,
  };
}

/**
 * An event as a line between the messages; null: not worth one.
 * @param {import('../static/js/types.js').EventView} event
 * @returns {string | null}
 */
export function eventWords({ body, name }) {
  switch (body.kind) {
    case 'solution_rated': return body.solved ? `“${body.title}” solved it` : null;
    case 'queued': return `Waiting for a specialist · ${body.category}`;
    case 'joined':
    case 'joined_beside': return `${name} joined the chat`;
    case 'left': return `${name} left the chat`;
    case 'requeued': return 'Back in line, at your old place';
    case 'case_made': return `Case ${body.number} was opened`;
    case 'ended': return endWords(body.why).title;
    default: return null;
  }
}

/** @param {import('../static/js/types.js').EndWhy | null} why @param {string} [words] what the desk says about a subject that is out of scope @returns {{title: string, text: string}} */
export function endWords(why, words = '') {
  switch (why) {
    case 'self_service': return { title: 'Glad that solved it', text: 'Thank you for telling us. You can come back at any time.' };
    case 'customer': return { title: 'You ended the chat', text: '' };
    case 'specialist': return { title: 'The specialist ended the chat', text: '' };
    case 'abandoned': return { title: 'The chat ended because you were away', text: '' };
    case 'window_closed': return { title: 'Live chat has closed', text: '' };
    case 'merged': return { title: 'This chat goes on in your other one', text: 'The specialist has read what you wrote here.' };
    case 'out_of_scope': return { title: 'This is outside what we support', text: words };
    default: return { title: 'This chat has ended', text: '' };
  }
}

/** Marks of an own message: words for everyone, the icon's name. @type {Record<string, {text: string, icon: string}>} */
export const MARKS = {
  unsent: { text: 'Not sent yet', icon: 'clock' },
  sent: { text: 'Sent', icon: 'sent' },
  delivered: { text: 'Delivered', icon: 'delivered' },
  read: { text: 'Read', icon: 'read' },
  failed: { text: 'Not sent', icon: 'alert' },
};
