// Moving a person to other teams, from the wallboard.
import { byId, el, find, setText } from '../js/dom.js';
import { call, get, words } from '../console/api.js';

/**
 * @param {(text: string) => void} toast
 * @returns {(id: string, name: string) => Promise<void>} opens the dialog for a person
 */
export function teamsDialog(toast) {
  const dialog = byId('teams', HTMLDialogElement);
  const list = byId('teams-list', HTMLElement);
  const error = byId('teams-error', HTMLElement);
  const ok = byId('teams-ok', HTMLButtonElement);
  let [person, who] = ['', ''];

  /** @param {string} text */
  const problem = (text) => {
    setText(error, text);
    error.hidden = text === '';
  };
  find(dialog, 'form', HTMLFormElement).addEventListener('submit', async (event) => {
    event.preventDefault();
    const teams = [...list.querySelectorAll('input')].filter((input) => input.checked).map((input) => input.value);
    ok.disabled = true;
    try {
      await call('PUT', `/api/people/${person}/teams`, { teams });
      dialog.close();
      toast(`${who} works in other teams now.`);
    } catch (e) {
      problem(words(e));
    } finally {
      ok.disabled = false;
    }
  });
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog || (event.target instanceof Element && event.target.closest('[data-close]'))) dialog.close();
  });
  return async (id, name) => {
    [person, who] = [id, name];
    setText(byId('teams-title'), `The teams of ${name}`);
    list.replaceChildren();
    problem('');
    dialog.showModal();
    try {
      const [teams, people] = /** @type {[{key: string, name: string}[], {id: string, teams: string[]}[]]} */ (await Promise.all([get('/api/teams'), get('/api/people')]));
      const has = people.find((one) => one.id === id)?.teams ?? [];
      list.replaceChildren(...teams.map((team) => {
        const box = el('input', { type: 'checkbox', value: team.key });
        box.checked = has.includes(team.key);
        return el('label', { class: 'check' }, box, ` ${team.name}`);
      }));
      find(list, 'input', HTMLInputElement).focus();
    } catch (e) {
      problem(words(e));
    }
  };
}
