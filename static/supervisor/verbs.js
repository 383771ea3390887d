// What a supervisor can do with a chat: a list, and a dialog for what must be said first.
import { byId, el, find, setText } from '../js/dom.js';
import { get, post, words } from '../console/api.js';
import { presence } from '../console/words.js';

/** @typedef {import('../js/types.js').ChatView} ChatView */
/** @typedef {'person' | 'text' | 'severity' | 'team'} Field */
/** @typedef {{id: string, name: string, role: string, tier: number, teams: string[], languages: string[]}} Person */

/**
 * @typedef {object} Verb
 * @property {string} path
 * @property {string} name
 * @property {string} hint
 * @property {Field} [field] what must be said first
 * @property {string} [label] of the text
 * @property {(chat: Chosen) => boolean} [when]
 */
/** @typedef {{view: ChatView, served: boolean, flagged: boolean}} Chosen */

/** @type {Verb[]} */
export const VERBS = [
  { path: 'join', name: 'Join', hint: 'Write beside the specialist; the customer sees it.', when: (c) => c.served },
  { path: 'leave', name: 'Leave', hint: 'After joining.', when: (c) => c.served },
  { path: 'whisper', name: 'Whisper…', hint: 'A word that only the specialist reads.', field: 'text', label: 'To the specialist', when: (c) => c.served },
  { path: 'take-over', name: 'Take over', hint: 'You serve the chat from now on.' },
  { path: 'assign', name: 'Assign to a person…', hint: 'Somebody else serves it.', field: 'person' },
  { path: 'move', name: 'Move to a team or tier…', hint: 'It waits there, at its place.', field: 'team' },
  { path: 'severity', name: 'Change the severity…', hint: 'Lines are sorted by it.', field: 'severity' },
  { path: 'requeue', name: 'Back to the line', hint: 'It keeps its place there.', when: (c) => c.served },
  { path: 'flag', name: 'Flag…', hint: 'Other supervisors see it first.', field: 'text', label: 'What for', when: (c) => !c.flagged },
  { path: 'unflag', name: 'Settle the flag', hint: 'The specialist got what was asked for.', when: (c) => c.flagged },
];

/**
 * @param {object} page
 * @param {(chat: string) => Chosen | undefined} page.known
 * @param {(chat: string) => void} page.read
 * @param {(text: string) => void} page.toast
 * @param {() => import('../js/types.js').AgentFigures[]} page.agents
 */
export function verbs({ known, read, toast, agents }) {
  const list = byId('verbs', HTMLDialogElement);
  const dialog = byId('verb', HTMLDialogElement);
  const form = find(dialog, 'form', HTMLFormElement);
  const fields = [...dialog.querySelectorAll('[data-field]')];
  const [person, text, severity, team, tier] = [byId('verb-person', HTMLSelectElement), byId('verb-words', HTMLTextAreaElement), byId('verb-severity', HTMLSelectElement), byId('verb-team', HTMLSelectElement), byId('verb-tier', HTMLSelectElement)];
  /** @type {{verb: Verb, chosen: Chosen, id: string} | null} */
  let asked = null;

  /** @param {string} id @param {string} words */
  const problem = (id, words) => {
    const line = byId(id, HTMLElement);
    setText(line, words);
    line.hidden = words === '';
  };

  /** @param {Verb} verb @param {Chosen} chosen @param {object} body */
  const run = async (verb, chosen, body) => {
    await post(`/api/chats/${chosen.view.id}/${verb.path}`, body);
    toast(`${verb.name.replace('…', '')}: done for the chat of ${chosen.view.customer}.`);
  };

  /** @param {Verb} verb @param {Chosen} chosen */
  const ask = async (verb, chosen) => {
    // The id goes with the words: asked twice, they are said once.
    asked = { verb, chosen, id: crypto.randomUUID() };
    setText(byId('verb-title'), verb.name.replace('…', ''));
    setText(byId('verb-text'), `The chat of ${chosen.view.customer}. ${verb.hint}`);
    setText(byId('verb-words-label'), verb.label ?? 'Text');
    setText(byId('verb-ok'), verb.name.replace('…', ''));
    for (const field of fields) field.toggleAttribute('hidden', field.getAttribute('data-field') !== verb.field);
    problem('verb-error', '');
    text.value = '';
    severity.value = String(chosen.view.severity);
    tier.value = String(chosen.view.tier);
    dialog.showModal();
    find(dialog, `[data-field=${verb.field}] :is(select, textarea)`, HTMLElement).focus();
    try {
      if (verb.field === 'person') await fillPeople(person, agents());
      if (verb.field === 'team') await fillTeams(team, chosen.view.team);
    } catch (error) {
      problem('verb-error', words(error));
    }
  };

  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    if (!asked) return;
    const { verb, chosen, id } = asked;
    const said = text.value.trim();
    if (verb.field === 'text' && said === '') return problem('verb-error', 'Write some words first.');
    if (verb.field === 'person' && person.value === '') return problem('verb-error', 'Choose a person.');
    const ok = byId('verb-ok', HTMLButtonElement);
    ok.disabled = true;
    try {
      await run(verb, chosen, bodyOf(verb, { id, said, person: person.value, severity: Number(severity.value), team: team.value || null, tier: Number(tier.value) }));
      dialog.close();
    } catch (error) {
      problem('verb-error', words(error));
    } finally {
      ok.disabled = false;
    }
  });
  for (const one of [list, dialog]) {
    one.addEventListener('click', (event) => {
      if (event.target === one || (event.target instanceof Element && event.target.closest('[data-close]'))) one.close();
    });
  }

  /** Opens the list for a chat. @param {string} chat */
  return (chat) => {
    const chosen = known(chat);
    if (!chosen) return toast('This chat is over.');
    const { view } = chosen;
    setText(byId('verbs-title'), `The chat of ${view.customer}`);
    setText(byId('verbs-text'), view.question);
    problem('verbs-error', '');
    const choices = VERBS.filter((verb) => verb.when?.(chosen) ?? true).map((verb) => entry(verb.name, verb.hint, async () => {
      if (verb.field) {
        list.close();
        return void ask(verb, chosen);
      }
      try {
        await run(verb, chosen, {});
        list.close();
      } catch (error) {
        problem('verbs-error', words(error));
      }
    }));
    const reading = entry('Read along here', 'Silent, beside up to three others.', () => {
      list.close();
      read(chat);
    });
    const link = el('li', null, el('a', { class: 'verb', href: `/console#/line/chat/${chat}` }, el('b', null, 'Open in the console'), el('span', { class: 'rule' }, 'With all that belongs to it.')));
    byId('verbs-list').replaceChildren(reading, link, ...choices);
    list.showModal();
  };
}

/**
 * The body of a verb's request.
 * @param {Verb} verb
 * @param {{id: string, said: string, person: string, severity: number, team: string | null, tier: number}} given
 */
export function bodyOf(verb, { id, said, person, severity, team, tier }) {
  switch (verb.path) {
    case 'whisper':
      return { id, text: said };
    case 'flag':
      return { reason: said };
    case 'assign':
      return { to: person };
    case 'severity':
      return { severity };
    case 'move':
      return { team, tier };
    default:
      return {};
  }
}

/** @param {string} name @param {string} hint @param {() => void} run */
function entry(name, hint, run) {
  return el('li', null, el('button', { class: 'verb', type: 'button', onclick: run }, el('b', null, name), el('span', { class: 'rule' }, hint)));
}

/** @param {HTMLSelectElement} select @param {import('../js/types.js').AgentFigures[]} agents */
async function fillPeople(select, agents) {
  select.replaceChildren(el('option', { value: '' }, 'Loading…'));
  /** @type {Person[]} */
  const people = await get('/api/people');
  const state = new Map(agents.map((agent) => [agent.id, `${presence(agent.state)}, ${agent.chats} of ${agent.capacity} chats`]));
  const option = (/** @type {Person} */ one) => el('option', { value: one.id }, `${one.name} – ${state.get(one.id) ?? 'Offline'}`);
  select.replaceChildren(el('option', { value: '' }, 'Choose a person'), ...people.map(option));
}

/** @param {HTMLSelectElement} select @param {string} now the name of the team where the chat is */
async function fillTeams(select, now) {
  select.replaceChildren(el('option', { value: '' }, `Stays: ${now}`));
  /** @type {{key: string, name: string}[]} */
  const teams = await get('/api/teams');
  select.append(...teams.map((team) => el('option', { value: team.key }, team.name)));
}
