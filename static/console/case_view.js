// A case: whose it is, who works it, what happened, and what this person may do with it.
import { isSaid, saidText } from '../js/chatlog.js';
import { byId, clone, el, fill, find, reconcile, setText } from '../js/dom.js';
import { dayAndTime, exact } from '../js/time.js';
import { get, post, words } from './api.js';
import { caseFiles } from './case_files.js';
import { caseVerbs } from './case_verbs.js';
import { draft, keepDraft } from './drafts.js';
import { lines } from './lines.js';
import { create, update } from './thread.js';
import { clockWords, some, status, tier } from './words.js';

/** @typedef {import('./types.js').CaseFull} CaseFull */

/**
 * @param {import('./app.js').App} app
 * @param {import('./dialogs.js').Ask} ask
 * @param {import('./chooser.js').Choose} choose
 * @param {import('./resolve_dialog.js').OpenResolve} resolve
 * @returns {{more: () => void, write: (kind: 'answer' | 'comment') => void}} all verbs; words to the customer or to the desk
 */
export function caseView(app, ask, choose, resolve) {
  const root = byId('case', HTMLElement);
  const comment = byId('comment-text', HTMLTextAreaElement);
  const commentError = byId('comment-error', HTMLElement);
  /** What was fetched last: number and state of the desk. */
  let have = '';

  const load = async () => {
    const { route, desk } = app.state;
    const wanted = `${route.case} ${desk?.cases_changed}`;
    if (route.case === null || !desk || wanted === have) return;
    have = wanted;
    const number = route.case;
    try {
      /** @type {CaseFull} */
      const found = await get(`/api/cases/${number}`);
      if (app.state.route.case === number) app.change({ case: found, caseProblem: '' });
    } catch (error) {
      if (app.state.route.case === number) app.change({ case: null, caseProblem: words(error) });
    }
  };

  /**
   * @param {number | null} number as it was when the person began: another case may be on the screen meanwhile
   * @param {string} verb
   * @param {object} body
   */
  const act = async (number, verb, body) => {
    /** @type {CaseFull} */
    const now = await post(`/api/cases/${number}/${verb.replaceAll('_', '-')}`, body);
    if (app.state.route.case === now.number) app.change({ case: now });
  };
  const verbs = caseVerbs(app, ask, choose, resolve, act);
  const kinds = /** @type {HTMLInputElement[]} */ ([...byId('comment').querySelectorAll('[name=case-kind]')]);
  const kind = () => (kinds.find((input) => input.checked)?.value === 'answer' ? 'answer' : 'comment');
  /** A draft of its own for the customer and for the desk. */
  const key = () => `${kind()}-${app.state.route.case}`;
  caseFiles(app, kind, act, () => {
    have = '';
    void load();
  });
  const drawKind = () => {
    const toCustomer = kind() === 'answer';
    byId('comment').dataset.kind = kind();
    setText(find(byId('comment'), 'label[for=comment-text]'), toCustomer ? 'Answer to the customer' : 'Comment for the desk');
    setText(find(byId('comment'), '[type=submit]'), toCustomer ? 'Send the answer' : 'Add comment');
    setText(find(byId('case-attach'), 'span'), toCustomer ? 'Attach files for the customer' : 'Attach files for the desk');
  };
  /** @param {string} next */
  const turn = (next) => {
    for (const input of kinds) input.checked = input.value === next;
    comment.value = draft(key());
    commentError.hidden = true;
    drawKind();
  };
  for (const input of kinds) input.addEventListener('change', () => turn(input.value));

  root.addEventListener('click', (event) => {
    const verb = event.target instanceof HTMLElement ? event.target.dataset.verb : undefined;
    const { route, case: shown } = app.state;
    if (!verb || shown?.number !== route.case) return;
    verbs.run(shown, verb);
  });
  byId('write-solution').addEventListener('click', () => {
    // Opened while the click lasts: later a browser would take it for a pop-up that nobody asked for.
    const page = window.open('about:blank');
    void app.tell(async () => {
      const number = app.state.route.case;
      try {
        /** @type {{id: string}} */
        const { id } = await post(`/api/cases/${number}/solution`);
        if (page) {
          page.opener = null;
          page.location.replace(editor(id));
        }
      } catch (error) {
        page?.close();
        throw error;
      }
      // Where no window was allowed, the case has the link now.
      have = '';
      await load();
    });
  });
  comment.addEventListener('input', () => keepDraft(key(), comment.value));
  byId('comment').addEventListener('submit', async (event) => {
    event.preventDefault();
    const text = comment.value.trim();
    try {
      if (text === '') throw new Error(kind() === 'answer' ? 'Write the answer' : 'Write the comment');
      const [said, kept] = [kind(), key()];
      await act(app.state.route.case, said, { text });
      if (key() === kept) comment.value = '';
      keepDraft(kept, '');
      commentError.hidden = true;
      app.say(said === 'answer' ? 'Answer sent' : 'Comment added');
    } catch (error) {
      setText(commentError, words(error));
      commentError.hidden = false;
      comment.focus();
    }
  });

  /** @type {number | null} */
  let shown = null;
  app.part(() => {
    void load();
    const { route, case: held, caseProblem } = app.state;
    if (route.case === null) {
      shown = null;
      return;
    }
    const found = held?.number === route.case ? held : null;
    if (route.case !== shown) {
      shown = route.case;
      turn('comment');
      find(root, '.case', HTMLElement).scrollTop = 0;
    }
    find(root, '.case-in', HTMLElement).hidden = !found;
    byId('case-more').hidden = !found;
    for (const input of kinds) if (input.value === 'answer') input.disabled = !found?.can.answer;
    if (found && !found.can.answer && kind() === 'answer') turn('comment');
    for (const button of root.querySelectorAll('[data-verb]')) {
      const verb = /** @type {keyof CaseFull['can']} */ (/** @type {HTMLElement} */ (button).dataset.verb);
      button.toggleAttribute('hidden', !found?.can[verb]);
    }
    if (found) draw(root, found, app);
    else fill(root, { title: caseProblem || `Case ${route.case}`, line: caseProblem ? '' : 'Loading…' });
  });
  return {
    more: verbs.more,
    write: (next) => {
      if (app.state.case?.number !== app.state.route.case) return;
      if (next === 'comment' || app.state.case?.can.answer) turn(next);
      comment.focus();
    },
  };
}

/** What stands before the words of a step. @type {Record<string, string>} */
const BEFORE = { resolved: 'Resolved', solution_given: 'Solution', info_asked: 'Asked the customer to tell', action_asked: 'Asked the customer to do', answer: 'Answer', file: 'File' };

/** Where a solution is written and its versions are. @param {string} solution */
function editor(solution) {
  return `/knowledge/${solution}`;
}

/**
 * @param {HTMLElement} root
 * @param {CaseFull} c
 * @param {import('./app.js').App} app
 */
function draw(root, c, app) {
  /** @param {string | null} name */
  const who = (name) => (name === app.state.me ? `${name} (you)` : name);
  fill(root, {
    title: `${c.number}  ${c.subject}`,
    line: [status(c.status), c.category, `Severity ${c.severity}`, c.verified ? '' : 'Not verified'].filter(Boolean).join(' · '),
    owner: who(c.owner) ?? 'Nobody yet',
    worker: who(c.worker) ?? 'Nobody',
    worker_note: c.closed_at ? 'it is closed' : c.worker === null ? 'waits in the queue' : c.worker === c.owner ? 'the owner' : 'for the owner',
    tier: tier(c.tier),
    team: [c.team || 'no team chosen yet', c.reference && `development’s ${c.reference}`].filter(Boolean).join(' · '),
    watchers: c.watchers.map((one) => who(one.name)).join(', '),
    description: c.description,
    solved: c.solution,
    solved_title: c.solution?.title,
    solved_page: c.solution && editor(c.solution.id),
    made: c.made && c.made.id !== c.solution?.id,
    made_title: c.made?.title,
    made_page: c.made && editor(c.made.id),
    unmade: !c.made,
  });
  reconcile(byId('timeline'), c.timeline, (row) => `${row.at} ${row.kind} ${row.text}`, (row) => el('li', { 'data-kind': row.kind }), (node, row, isNew) => {
    const time = el('time', { datetime: row.at, title: exact(row.at) }, dayAndTime(row.at, app.now()));
    const text = BEFORE[row.kind] ? `${BEFORE[row.kind]}: ${row.text}` : row.text;
    const who = row.party === 'customer' ? `${row.by}, customer` : row.by;
    const seen = row.visibility === 'everyone' && row.party === 'staff' ? el('span', { class: 'badge badge-brand' }, 'To the customer') : '';
    node.dataset.party = row.party;
    if (isNew) node.replaceChildren(el('p', { class: 'case-text', dir: 'auto' }, text), el('p', { class: 'who' }, who ? `${who} · ` : '', time, ' ', seen));
  });
  reconcile(byId('clocks'), c.clocks, (one) => one.kind, () => clone('t-clock'), (node, one) => {
    const late = one.level === 'late' || one.level === 'broken';
    fill(node, { name: one.name, text: clockWords(one, app.now()), level: one.level === 'broken' ? 'bad' : late || one.level === 'soon' ? 'warn' : '' });
    reconcile(find(node, 'ul'), one.why, (why) => why, (why) => el('li', null, why), () => {});
  });
  const messages = c.transcript.filter((event) => isSaid(event.body)).length;
  byId('transcript-box').toggleAttribute('hidden', c.transcript.length === 0);
  setText(find(root, '#transcript-box > summary'), `Transcript of the chat, ${some(messages, 'message')}`);
  const entries = c.transcript.map((event) => {
    const { id, seq, at, body } = event;
    return { id, seq, at, mine: event.party === 'staff', event, text: saidText(body), file: body.kind === 'file' ? body.file : null, upload: null, state: null, error: '' };
  });
  reconcile(byId('transcript'), lines(entries, { me: '', newAfter: 0, now: app.now() }), (line) => `${c.number} ${line.key}`, create, update);
}
