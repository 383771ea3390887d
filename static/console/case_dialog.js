// "Make a case": the proposal to look over, then the number.
import { byId, el, fill, find, setText } from '../js/dom.js';
import { get, post, words } from './api.js';
import { problemList } from './dialogs.js';
import { format } from './route.js';

/** @typedef {import('./types.js').Category} Category */
/** @typedef {import('./types.js').Severity} Severity */

/**
 * @param {import('./app.js').App} app
 * @returns {() => void} opens the dialog for the chat on the screen, if it can become a case
 */
export function caseDialog(app) {
  const dialog = byId('case-dialog', HTMLDialogElement);
  const form = find(dialog, 'form', HTMLFormElement);
  const button = byId('make-case', HTMLButtonElement);
  const link = byId('chat-case', HTMLAnchorElement);
  const submit = find(form, '[type=submit]', HTMLButtonElement);
  const subject = byId('case-subject', HTMLInputElement);
  const category = byId('case-category', HTMLSelectElement);
  const severities = byId('case-severities', HTMLFieldSetElement);
  const description = byId('case-description', HTMLTextAreaElement);
  const problems = problemList(dialog);
  /** @type {string | null} */
  let chat = null;

  const open = async () => {
    if (button.hidden) return;
    chat = app.state.route.chat;
    await app.tell(async () => {
      /** @type {[import('./types.js').Proposal, Category[], Severity[]]} */
      const [proposal, categories, levels] = await Promise.all([get(`/api/chats/${chat}/case-proposal`), get('/api/categories'), get('/api/severities')]);
      subject.value = proposal.subject;
      description.value = proposal.description;
      category.replaceChildren(...categories.map((c) => el('option', { value: c.key, selected: c.key === proposal.category }, c.name)));
      severities.replaceChildren(find(severities, 'legend'), ...levels.map((level) => severity(level, proposal.severity)));
      part('form');
      problems([]);
      dialog.showModal();
      subject.focus();
    });
  };

  /** @param {'form' | 'done'} name */
  const part = (name) => {
    find(dialog, '[data-part=form]', HTMLElement).hidden = name !== 'form';
    find(dialog, '[data-part=done]', HTMLElement).hidden = name !== 'done';
    find(dialog, '[data-part=open]', HTMLElement).hidden = name !== 'done';
    submit.hidden = name === 'done';
    setText(find(dialog, '.dialog-foot [data-close]'), name === 'done' ? 'Back to the chat' : 'Cancel');
    setText(byId('case-dialog-title'), name === 'done' ? 'The case is made' : 'Make a case');
  };

  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    /** @type {[string, HTMLElement][]} */
    const missing = [];
    if (subject.value.trim() === '') missing.push(['Write a subject', subject]);
    if (description.value.trim() === '') missing.push(['Write a description', description]);
    if (missing.length) return problems(missing);
    const level = find(severities, 'input:checked', HTMLInputElement).value;
    const body = { subject: subject.value.trim(), category: category.value, severity: Number(level), description: description.value.trim() };
    submit.disabled = true;
    try {
      /** @type {{case: number}} */
      const made = await post(`/api/chats/${chat}/case`, body);
      const done = find(dialog, '[data-part=done]', HTMLElement);
      fill(done, { number: `Case ${made.case}` });
      find(dialog, '[data-part=open]', HTMLAnchorElement).href = format({ view: 'owned', case: made.case });
      part('done');
      done.focus();
    } catch (error) {
      problems([[words(error), subject]]);
    } finally {
      submit.disabled = false;
    }
  });
  find(dialog, '[data-part=open]').addEventListener('click', () => dialog.close());
  button.addEventListener('click', open);

  app.part(() => {
    const { route, me } = app.state;
    const log = app.live.chats.get(route.chat ?? '')?.log;
    const asked = log?.events.some((event) => event.body.kind === 'message') ?? false;
    const serves = Boolean(app.mine(route.chat)) || (log?.ready && log.agent === me);
    button.hidden = !serves || !asked || Boolean(log?.case);
    link.hidden = !log?.case;
    setText(link, `Case ${log?.case ?? ''}`);
    if (log?.case) link.href = format({ view: route.view, case: log.case });
  });
  return () => void open();
}

/**
 * @param {Severity} severity
 * @param {number} proposed
 */
function severity({ level, name, definition }, proposed) {
  const input = el('input', { type: 'radio', name: 'severity', value: level, checked: level === proposed });
  const badge = el('span', { class: 'severity', 'data-level': level, 'aria-hidden': 'true' }, String(level));
  return el('label', null, input, badge, el('span', null, el('b', null, `${level}. ${name}`), el('span', { class: 'small' }, definition)));
}
