// "Resolve": what solved a case, in words, and which solution it was. Suggestions learn from that.
import { byId, find, setText } from '../js/dom.js';
import { words } from './api.js';
import { problemList } from './dialogs.js';
import { draft, keepDraft } from './drafts.js';
import { solutionChoice } from './solution_choice.js';
import { some } from './words.js';

/** @typedef {import('./types.js').CaseFull} CaseFull */
/** @typedef {{resolution: string, solution: string | null, verified?: boolean}} Resolution */
/** @typedef {(c: CaseFull, run: (verb: 'provide' | 'resolve', body: Resolution) => Promise<unknown>) => void} OpenResolve */

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
  const waits = byId('resolve-waits', HTMLInputElement);
  const verified = byId('resolve-verified', HTMLInputElement);
  const drawThen = () => {
    byId('resolve-verified-row').hidden = !waits.checked;
    setText(ok, waits.checked ? 'Give the solution' : 'Resolve the case');
  };
  form.addEventListener('change', drawThen);

  resolution.addEventListener('input', () => keepDraft(key, resolution.value));
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const text = resolution.value.trim();
    const solution = choice.value();
    /** @type {[string, HTMLElement][]} */
    const missing = [];
    if (text === '') missing.push(['Write what solved it', resolution]);
    if (solution === undefined) missing.push(['Choose the solution that solved it, or “No solution”', choice.none]);
    if (waits.checked && !verified.checked) missing.push(['Verify the solution, then say so', verified]);
    if (missing.length || solution === undefined) return problems(missing);
    ok.disabled = true;
    try {
      await (waits.checked ? run('provide', { resolution: text, solution, verified: true }) : run('resolve', { resolution: text, solution }));
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
    waits.checked = c.can.provide;
    waits.disabled = !c.can.provide;
    byId('resolve-closes', HTMLInputElement).checked = !c.can.provide;
    verified.checked = false;
    setText(byId('resolve-silence'), `Without a word of theirs it is closed after ${some(c.silence_days, 'business day')}.`);
    drawThen();
    problems([]);
    dialog.showModal();
    resolution.focus();
  };
}
