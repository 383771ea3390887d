// "Resolve": what solved a case, in words, and which solution it was. Suggestions learn from that.
import { byId, find } from '../js/dom.js';
import { words } from './api.js';
import { problemList } from './dialogs.js';
import { draft, keepDraft } from './drafts.js';
import { solutionChoice } from './solution_choice.js';

/** @typedef {import('./types.js').CaseFull} CaseFull */
/** @typedef {(c: CaseFull, run: (body: {resolution: string, solution: string | null}) => Promise<unknown>) => void} OpenResolve */

/**
 * @param {import('./solution_dialog.js').SolutionDialog} reader
 * @returns {OpenResolve} opens the dialog; a failure of `run` is shown in it, and it stays open
 */
export function resolveDialog(reader) {
  const dialog = byId('resolve-dialog', HTMLDialogElement);
  const form = find(dialog, 'form', HTMLFormElement);
  const resolution = byId('resolution', HTMLTextAreaElement);
  const ok = find(form, '[type=submit]', HTMLButtonElement);
  const problems = problemList(dialog);
  const choice = solutionChoice(reader);
  /** @type {Parameters<OpenResolve>[1]} */
  let run = async () => {};
  let key = '';

  resolution.addEventListener('input', () => keepDraft(key, resolution.value));
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const text = resolution.value.trim();
    const solution = choice.value();
    /** @type {[string, HTMLElement][]} */
    const missing = [];
    if (text === '') missing.push(['Write what solved it', resolution]);
    if (solution === undefined) missing.push(['Choose the solution that solved it, or “No solution”', choice.none]);
    if (missing.length || solution === undefined) return problems(missing);
    ok.disabled = true;
    try {
      await run({ resolution: text, solution });
      keepDraft(key, '');
      dialog.close();
    } catch (error) {
      problems([[words(error), resolution]]);
    } finally {
      ok.disabled = false;
    }
  });

  return (c, act) => {
    run = act;
    key = `resolution-${c.number}`;
    resolution.value = draft(key);
    choice.start(c);
    problems([]);
    dialog.showModal();
    resolution.focus();
  };
}
