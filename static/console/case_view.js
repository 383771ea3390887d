// A case: whose it is, who works it, what happened, and what this person may do with it.
import { isSaid, saidText } from '../js/chatlog.js';
import { byId, el, fill, find, reconcile, setText } from '../js/dom.js';
import { dayAndTime, exact } from '../js/time.js';
import { get, post, words } from './api.js';
import { keepDraft, draft } from './drafts.js';
import { lines } from './lines.js';
import { create, update } from './thread.js';
import { some, status, tier } from './words.js';

/** @typedef {import('./types.js').CaseFull} CaseFull */

/** @type {Record<string, Omit<import('./dialogs.js').Question, 'run'> & {field: string}>} */
const QUESTIONS = {
  escalate: { title: 'Escalate to the next tier', text: 'The case goes to the queue of the next tier. The owner stays the owner and is told.', label: 'Why, and what was tried', ok: 'Escalate', missing: 'Write the reason', field: 'reason' },
  hand_back: { title: 'Hand back to the owner', text: 'The owner works on it again and is told.', label: 'What you found, for the owner', ok: 'Hand back', missing: 'Write what you found', field: 'reason' },
  verify: { title: 'Verified by call-back', text: 'Only after you called the contact at a number that the account has given before.', label: 'Whom you called, at which number', ok: 'Mark as verified', missing: 'Write whom you called', field: 'note' },
};

/**
 * @param {import('./app.js').App} app
 * @param {import('./dialogs.js').Ask} ask
 * @param {import('./resolve_dialog.js').OpenResolve} resolve
 */
export function caseView(app, ask, resolve) {
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
    const now = await post(`/api/cases/${number}/${verb.replace('_', '-')}`, body);
    if (app.state.route.case === now.number) app.change({ case: now });
  };

  root.addEventListener('click', (event) => {
    const verb = event.target instanceof HTMLElement ? event.target.dataset.verb : undefined;
    const { route, case: shown } = app.state;
    if (!verb || shown?.number !== route.case) return;
    const number = route.case;
    if (verb === 'claim') return void app.tell(() => act(number, 'claim', {}));
    if (verb === 'resolve') return resolve(shown, (body) => act(number, 'resolve', body));
    const question = QUESTIONS[verb];
    if (question) ask({ ...question, run: (answer) => act(number, verb, { [question.field]: answer }) });
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
  comment.addEventListener('input', () => keepDraft(`case-${app.state.route.case}`, comment.value));
  byId('comment').addEventListener('submit', async (event) => {
    event.preventDefault();
    const text = comment.value.trim();
    try {
      if (text === '') throw new Error('Write the comment');
      await act(app.state.route.case, 'comment', { text });
      comment.value = '';
      keepDraft(`case-${app.state.route.case}`, '');
      commentError.hidden = true;
      app.say('Comment added');
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
      comment.value = draft(`case-${shown}`);
      commentError.hidden = true;
      find(root, '.case', HTMLElement).scrollTop = 0;
    }
    find(root, '.case-in', HTMLElement).hidden = !found;
    for (const button of root.querySelectorAll('[data-verb]')) {
      const verb = /** @type {keyof CaseFull['can']} */ (/** @type {HTMLElement} */ (button).dataset.verb);
      button.toggleAttribute('hidden', !found?.can[verb]);
    }
    if (found) draw(root, found, app);
    else fill(root, { title: caseProblem || `Case ${route.case}`, line: caseProblem ? '' : 'Loading…' });
  });
}

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
    worker_note: c.status === 'completed' ? 'it is resolved' : c.worker === null ? 'waits in the queue' : c.worker === c.owner ? 'the owner' : 'for the owner',
    tier: tier(c.tier),
    team: c.team || 'no team chosen yet',
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
    const text = row.kind === 'resolved' ? `Resolved: ${row.text}` : row.text;
    if (isNew) node.replaceChildren(el('p', { class: 'case-text', dir: 'auto' }, text), el('p', { class: 'who' }, row.by ? `${row.by} · ` : '', time));
  });
  const messages = c.transcript.filter((event) => isSaid(event.body)).length;
  byId('transcript-box').toggleAttribute('hidden', c.transcript.length === 0);
  setText(find(root, 'summary'), `Transcript of the chat, ${some(messages, 'message')}`);
  const entries = c.transcript.map((event) => {
    const { id, seq, at, body } = event;
    return { id, seq, at, mine: event.party === 'staff', event, text: saidText(body), file: body.kind === 'file' ? body.file : null, upload: null, state: null, error: '' };
  });
  reconcile(byId('transcript'), lines(entries, { me: '', newAfter: 0, now: app.now() }), (line) => `${c.number} ${line.key}`, create, update);
}
