// The first page: greeting, whether live chat is open, and the ways on.
import { actions, clone, fill } from '../../static/js/dom.js';
import { hoursWords } from '../hours.js';

/** @param {import('../app.js').App} app @returns {import('../app.js').View} */
export function startView(app) {
  const root = clone('t-start');
  actions(root, {
    chat: () => void (app.session.known ? app.newConversation() : app.go('identify')),
    leave: () => app.go('leave'),
    forget: () => app.forget(),
  });
  const update = () => {
    const { known } = app.session;
    // The first sentence greets, the rest explains.
    const [, greeting, more] = /^(.*?[.!?])\s+(.*)$/s.exec(app.site.greeting) ?? [null, app.site.greeting, ''];
    const words = hoursWords(app.hours, app.now(), app.how);
    fill(root, {
      ...words,
      open: app.hours.open,
      greeting,
      more,
      known: known?.token,
      chat: known?.token ? `Continue as \u2068${known.name}\u2069` : 'Chat with a specialist',
      notyou: known ? `Not \u2068${known.name}\u2069?` : '',
    });
  };
  update();
  return { root, update };
}

/**
 * Something that stops everything, with one way on.
 * @param {import('../app.js').App} _app
 * @param {{title: string, text: string, again: string, run: () => void, help?: boolean}} what
 * @returns {import('../app.js').View}
 */
export function problemView(_app, { title, text, again, run, help = false }) {
  const root = clone('t-problem', { title, text, again, help });
  actions(root, { again: run });
  return { root };
}
