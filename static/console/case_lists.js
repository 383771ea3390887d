// The lists of cases: fetched when the desk says that cases changed, for the list and for the counts.
import { get, words } from './api.js';
import { CASE_LISTS } from './route.js';

/** @param {import('./app.js').App} app */
export function caseLists(app) {
  let have = -1;
  let busy = false;

  const load = async () => {
    const wanted = app.state.desk?.cases_changed ?? -1;
    if (busy || wanted === have || !app.state.desk) return;
    busy = true;
    try {
      const found = await Promise.all(CASE_LISTS.map((view) => get(`/api/cases?view=${view}`)));
      const lists = Object.fromEntries(CASE_LISTS.map((view, i) => [view, found[i]]));
      have = wanted;
      app.change({ lists: /** @type {import('./types.js').State['lists']} */ (lists), listProblem: '' });
    } catch (error) {
      app.change({ listProblem: words(error) });
      // Not in a hot loop: the next try is in a while.
      await new Promise((resolve) => setTimeout(resolve, 3000));
    } finally {
      busy = false;
      app.draw();
    }
  };
  app.part(() => void load());
}
