// What can be done with a case: the buttons of its head and the list of all verbs behind "More".
import { byId } from '../js/dom.js';
import { get } from './api.js';
import { presence, tier } from './words.js';

/** @typedef {import('./types.js').CaseFull} CaseFull */
/** @typedef {keyof CaseFull['can']} Verb */
/** @typedef {Omit<import('./dialogs.js').Question, 'run'> & {field: string, body?: object}} Words a question whose answer goes into this field */
/** @typedef {(number: number, verb: string, body: object) => Promise<unknown>} Act */

/** Verbs that need nothing but words. @type {Partial<Record<Verb, Words>>} */
const WORDS = {
  escalate: { title: 'Escalate to the next tier', text: 'The case goes to the queue of the next tier. The owner stays the owner and is told.', label: 'Why, and what was tried', ok: 'Escalate', missing: 'Write the reason', field: 'reason' },
  hand_back: { title: 'Hand back to the owner', text: 'The owner works on it again and is told.', label: 'What you found, for the owner', ok: 'Hand back', missing: 'Write what you found', field: 'reason' },
  verify: { title: 'Verified by call-back', text: 'Only after you called the contact at a number that the account has given before.', label: 'Whom you called, at which number', ok: 'Mark as verified', missing: 'Write whom you called', field: 'note' },
  release: { title: 'Back into the queue', text: 'Nobody works on it then; the owner stays the owner.', label: 'Why', ok: 'Put back', missing: 'Write the reason', field: 'reason' },
  interrupt: { title: 'Interrupted', text: 'Something outside stops it, such as a payer that is down. The customer’s promises go on.', label: 'What stops it', ok: 'Interrupt', missing: 'Write what stops it', field: 'reason' },
  resume: { title: 'Work on it again', text: 'The clocks run again.', label: 'Why it can go on', ok: 'Go on', missing: 'Write why it can go on', field: 'reason' },
  not_solved: { title: 'Not solved', text: 'The case opens again, for its owner.', label: 'What still does not work', ok: 'Open it again', missing: 'Write what still does not work', field: 'text' },
  reopen: { title: 'Open the case again', text: 'It goes to its owner.', label: 'Why', ok: 'Open it again', missing: 'Write the reason', field: 'reason' },
};

/** What the customer is asked for. @type {[key: string, name: string, hint: string, words: Words][]} */
const ASKED = [
  ['info', 'Ask the customer to tell something', 'Additional Info: the clocks stand still until the customer answers', { title: 'Ask the customer', text: 'The customer reads this. The clocks stand still until the answer.', label: 'What you need to know', ok: 'Ask', missing: 'Write the question', field: 'text', body: { what: 'info' } }],
  ['action', 'Ask the customer to do something', 'Customer Action: the clocks stand still until the customer answers', { title: 'Ask the customer', text: 'The customer reads this. The clocks stand still until the answer.', label: 'What the customer is to do', ok: 'Ask', missing: 'Write what to do', field: 'text', body: { what: 'action' } }],
];

/** How a case can be closed beside being resolved. @type {[status: string, name: string, hint: string][]} */
const CLOSED = [
  ['canceled', 'Close: canceled by the customer', 'The customer called it off'],
  ['redirected', 'Close: redirected', 'Somebody else has it now, such as another vendor'],
  ['error', 'Close: opened by mistake', 'A duplicate, or not a request at all'],
  ['completed_silent', 'Close: completed, without e-mail', 'Solved, and nobody writes to the customer'],
];

/** How a case can stand to another one. @type {[relation: import('./types.js').Relation, name: string][]} */
const RELATIONS = [
  ['duplicate_of', 'Duplicate of another case'],
  ['has_duplicate', 'Has a duplicate'],
  ['child_of', 'Child of another case'],
  ['parent_of', 'Parent of another case'],
  ['related_to', 'Related to another case'],
];

/**
 * @param {import('./app.js').App} app
 * @param {import('./dialogs.js').Ask} ask
 * @param {import('./chooser.js').Choose} choose
 * @param {import('./resolve_dialog.js').OpenResolve} resolve
 * @param {Act} act
 */
export function caseVerbs(app, ask, choose, resolve, act) {
  /** @param {number} number @param {string} verb @param {Words} words */
  const say = (number, verb, { field, body, ...question }) => ask({ ...question, run: (answer) => act(number, verb, { ...body, [field]: answer }) });

  /** @param {CaseFull} shown @param {string} verb */
  const run = (shown, verb) => {
    const { number } = shown;
    if (verb === 'claim' || verb === 'confirm') return void app.tell(() => act(number, verb, {}));
    if (verb === 'resolve') return resolve(shown, (how, body) => act(number, how, body));
    const words = WORDS[/** @type {Verb} */ (verb)];
    if (words) say(number, verb, words);
  };

  /** Asks why, after somebody or some place was chosen. @param {number} number @param {string} verb @param {object} body @param {string} title */
  const why = (number, verb, body, title) => say(number, verb, { title, text: 'It is written down, and the owner is told.', label: 'Why', ok: 'Do it', missing: 'Write the reason', field: 'reason', body });

  /** Asks for the number of the other case. @param {number} number @param {import('./types.js').Relation} relation @param {string} name */
  const link = (number, relation, name) => ask({
    title: name, text: 'It stands in the history of both.', label: 'The other case’s number', ok: 'Link', missing: 'Write the number',
    run: (answer) => {
      if (!/^\d{1,15}$/.test(answer.trim())) throw new Error('Write the number of a case, such as 1004');
      return act(number, 'link', { to: Number(answer.trim()), relation });
    },
  });

  /** @param {CaseFull} shown */
  const all = async (shown) => {
    const { number, can } = shown;
    const [people, teams] = /** @type {[import('./replies.js').Colleague[], {key: string, name: string}[]]} */ (await Promise.all([get('/api/colleagues'), get('/api/teams')]));
    /** @type {import('./chooser.js').Choice[]} */
    const choices = [];
    /** @param {string} group @param {string} key @param {string} name @param {string} hint @param {() => unknown} does */
    const add = (group, key, name, hint, does) => choices.push({ key, group, name, hint, run: does });
    const group = 'Do';
    if (can.claim) add(group, 'claim', 'Claim', 'You work on it from now on', () => run(shown, 'claim'));
    if (can.resolve) add(group, 'resolve', 'Resolve…', 'Give the customer the solution', () => run(shown, 'resolve'));
    if (can.confirm) add(group, 'confirm', 'The customer has confirmed the solution', 'The case is closed', () => run(shown, 'confirm'));
    if (can.not_solved) add(group, 'not_solved', 'The customer says it is not solved', 'The case goes to its owner', () => run(shown, 'not_solved'));
    if (can.ask_customer) for (const [key, name, hint, words] of ASKED) add(group, `ask ${key}`, name, hint, () => say(number, 'ask_customer', words));
    if (can.escalate) add(group, 'escalate', 'Escalate to the next tier', 'The owner stays', () => run(shown, 'escalate'));
    if (can.escalate) add(group, 'reference', 'Note development’s reference', shown.reference ? `Now ${shown.reference}` : 'The number that development gave it', () => say(number, 'reference', { title: 'Development’s reference', text: 'Everybody can find the case by it.', label: 'Reference', ok: 'Note it', missing: 'Write the reference', field: 'reference' }));
    if (can.hand_back) add(group, 'hand_back', 'Hand back to the owner', shown.owner ?? '', () => run(shown, 'hand_back'));
    if (can.release) add(group, 'release', 'Put back into the queue', 'Nobody works on it then', () => run(shown, 'release'));
    if (can.interrupt) add(group, 'interrupt', 'Interrupted by others', 'The clocks go on', () => run(shown, 'interrupt'));
    if (can.resume) add(group, 'resume', 'Work on it again', '', () => run(shown, 'resume'));
    if (can.reopen) add(group, 'reopen', 'Open it again', 'It goes to its owner', () => run(shown, 'reopen'));
    if (can.verify) add(group, 'verify', 'Verified by call-back', '', () => run(shown, 'verify'));
    if (can.close) for (const [status, name, hint] of CLOSED) add('Close', status, name, hint, () => why(number, 'close', { status }, name));
    const watches = shown.watchers.some((one) => one.name === app.state.me);
    add(group, 'watch', watches ? 'Watch it no more' : 'Watch it', 'You are told of each step', () => app.tell(() => act(number, watches ? 'unwatch' : 'watch', {})));
    for (const [relation, name] of RELATIONS) add('Link', relation, name, '', () => link(number, relation, name));
    for (const person of people.filter((one) => one.name !== app.state.me && !shown.watchers.some((who) => who.id === one.id))) add('Ask to watch', `watch ${person.id}`, `Ask ${person.name} to watch it`, tier(person.tier), () => app.tell(() => act(number, 'watch', { person: person.id })));
    for (const person of people.filter((one) => one.name !== app.state.me)) {
      const hint = `${presence(person.presence)} · ${tier(person.tier)} · ${person.teams.join(', ')}`;
      add('Ask a colleague', `ask ${person.id}`, `Ask ${person.name}`, hint, () => say(number, 'ask', { title: `Ask ${person.name}`, text: 'The case stays where it is; the question is in its history.', label: 'Your question', ok: 'Ask', missing: 'Write the question', field: 'text', body: { person: person.id } }));
    }
    if (can.assign) for (const person of people.filter((one) => one.name !== shown.worker)) add('Give it to', `assign ${person.id}`, `Give it to ${person.name}`, `${presence(person.presence)} · ${tier(person.tier)}`, () => why(number, 'assign', { person: person.id }, `Give the case to ${person.name}`));
    if (can.to_queue) {
      for (const team of teams) for (const level of [1, 2, 3, 4]) if (team.name !== shown.team || level !== shown.tier) add('Send to a queue', `move ${team.key} ${level}`, `Send to ${team.name}, ${tier(level)}`, '', () => why(number, 'move', { team: team.key, tier: level }, `Send to ${team.name}, ${tier(level)}`));
    }
    if (can.pass_ownership) for (const person of people.filter((one) => one.name !== shown.owner)) add('Pass the ownership on', `owner ${person.id}`, `Make ${person.name} the owner`, 'Only when the owner leaves; it is recorded', () => why(number, 'owner', { person: person.id }, `Make ${person.name} the owner`));
    return choices;
  };

  /** All verbs of the case on the screen. */
  const more = () => {
    const { route, case: shown } = app.state;
    if (!shown || shown.number !== route.case) return;
    void app.tell(async () => {
      const choices = await all(shown);
      choose({ title: `Case ${shown.number}`, label: 'What to do', none: 'Nothing of that name can be done now.', choices: () => choices });
    });
  };
  byId('case-more').addEventListener('click', more);
  return { run, more };
}
