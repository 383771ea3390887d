// The list of the view: chats, cases or notices.
import { actions, byId, clone, fill, reconcile, setText } from '../js/dom.js';
import { post } from './api.js';
import { offered } from './case_offers.js';
import { current } from './offers.js';
import { format, neighbour } from './route.js';
import { rows, TITLES } from './rows.js';

/**
 * @param {import('./app.js').App} app
 * @param {import('./chats.js').Chats} chats
 */
export function list(app, chats) {
  const box = byId('rows', HTMLElement);
  const filter = byId('filter', HTMLInputElement);
  const empty = byId('list-empty', HTMLElement);

  filter.addEventListener('input', () => app.change({ filter: filter.value }));
  filter.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    filter.value = '';
    filter.blur();
    app.change({ filter: '' });
  });
  actions(box, { read: (button) => app.tell(() => post(`/api/notices/${idOf(button)}/read`)) });
  // A notice that was followed to its case is read.
  box.addEventListener('click', (event) => {
    const link = event.target instanceof Element ? event.target.closest('[data-notice] a') : null;
    if (link) void app.tell(() => post(`/api/notices/${idOf(link)}/read`));
  });

  let title = '';
  app.part(() => {
    const { view } = app.state.route;
    if (title && title !== view && filter.value) {
      filter.value = '';
      app.state.filter = '';
    }
    title = view;
    setText(byId('list-title'), TITLES[view].title);
    const found = rows(app.state, (chat) => chats.glance(chat), app.now());
    reconcile(box, found, (row) => `${row.template} ${row.key}`, (row) => clone(row.template), (node, row) => {
      fill(node, row.values);
      if (row.template === 't-notice') node.dataset.notice = row.key;
    });
    empty.hidden = found.length > 0 || (view === 'offers' && current(app).length + offered(app.state, app.now()).length > 0);
    setText(empty, emptyWords(app));
  });
}

/** @param {Element} inside */
function idOf(inside) {
  return /** @type {HTMLElement | null} */ (inside.closest('[data-notice]'))?.dataset.notice ?? '';
}

/** @param {import('./app.js').App} app */
function emptyWords({ state }) {
  const { view } = state.route;
  if (state.filter.trim()) return `Nothing here contains “${state.filter.trim()}”.`;
  if (state.listProblem && view in state.lists) return state.listProblem;
  const loading = view in state.lists ? /** @type {any} */ (state.lists)[view] === null : state.desk === null;
  return loading ? 'Loading…' : TITLES[view].empty;
}

/**
 * The next or previous row, opened.
 * @param {import('./app.js').App} app
 * @param {1 | -1} step
 */
export function step(app, step) {
  const links = [...byId('rows').querySelectorAll('a.item')];
  const { route } = app.state;
  const at = format({ view: route.view, chat: route.chat, case: route.case });
  const next = neighbour(links, (link) => link.getAttribute('href') === at, step);
  if (!(next instanceof HTMLAnchorElement)) return;
  next.focus();
  next.scrollIntoView({ block: 'nearest' });
  location.replace(next.href);
}
