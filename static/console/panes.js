// What is shown where: the views with their counts, and the pane of a narrow screen.
import { byId, find, setAttr, setText } from '../js/dom.js';
import { format, pane } from './route.js';
import { counts } from './rows.js';

/**
 * @param {import('./app.js').App} app
 * @param {import('./chats.js').Chats} chats
 */
export function panes(app, chats) {
  const root = byId('main', HTMLElement);
  const views = [...root.querySelectorAll('[data-view]')];
  const links = [...root.querySelectorAll('[data-go]')];
  let shown = '';

  app.part(() => {
    const { route } = app.state;
    const unread = chats.unreadChats();
    chats.bell.title(unread);
    const now = counts(app.state, unread, app.now());
    for (const link of views) {
      const { view = '' } = /** @type {HTMLElement} */ (link).dataset;
      const { n, hot } = now[view] ?? { n: null, hot: false };
      setAttr(link, 'aria-current', view === route.view ? 'page' : null);
      const count = find(link, '.n');
      setText(count, n);
      setAttr(count, 'data-hot', hot);
    }
    for (const link of links) {
      const { go } = /** @type {HTMLElement} */ (link).dataset;
      const href = go === 'list' ? format({ view: route.view }) : format({ ...route, side: go === 'side' });
      setAttr(link, 'href', href);
    }
    root.dataset.pane = pane(route);
    root.dataset.side = route.chat === null && route.case === null ? 'none' : 'shown';
    byId('nothing').toggleAttribute('hidden', route.chat !== null || route.case !== null);
    byId('chat').toggleAttribute('hidden', route.chat === null);
    byId('case').toggleAttribute('hidden', route.case === null);

    // Another pane on a narrow screen: the keyboard and the screen reader go there too.
    if (shown && shown !== pane(route) && !find(root, '.views', HTMLElement).checkVisibility()) {
      byId(pane(route) === 'side' ? 'side' : 'pane-main', HTMLElement).focus({ preventScroll: true });
    }
    shown = pane(route);
  });
}
