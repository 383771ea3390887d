// Handing a chat on, tags, merging, flags: what a specialist does with the chat on the screen beside answering.
import { byId, setText } from '../js/dom.js';
import { call, get, post, remove } from './api.js';
import { presence, tier } from './words.js';

/** @typedef {import('./chooser.js').Choice} Choice */
/** @typedef {{key: string, name: string}} Team */

/**
 * @param {import('./app.js').App} app
 * @param {import('./chooser.js').Choose} choose
 * @param {import('./dialogs.js').Ask} ask
 * @param {import('./composer.js').Composer} writer
 */
export function handOn(app, choose, ask, writer) {
  const button = byId('hand-on', HTMLButtonElement);
  const keep = byId('keep-chat', HTMLButtonElement);
  const flag = byId('flag-chat', HTMLButtonElement);
  /** The chat on the screen, if this person has a say in it. */
  const chat = () => (app.steers(app.state.route.chat) ? app.state.route.chat : null);

  /** @param {string} id @param {object} to @param {string} words */
  const hand = (id, to, words) =>
    app.tell(async () => {
      await post(`/api/chats/${id}/transfer`, to);
      app.toast(`Handed on to ${words}. You stay until somebody takes it; leave a note about where you are.`);
      if (app.state.route.chat === id) writer.note();
    });

  const open = async () => {
    const id = chat();
    if (!id) return;
    await app.tell(async () => {
      const [people, teams] = /** @type {[import('./replies.js').Colleague[], Team[]]} */ (await Promise.all([get('/api/colleagues'), get('/api/teams')]));
      const known = app.known(id);
      const own = teams.find((team) => team.name === known?.team);
      choose({
        title: `Hand on the chat of ${known?.customer ?? 'this customer'}`,
        label: 'A colleague, a team or a tier',
        none: 'Nobody of that name, and no team.',
        choices: () => [...colleagues(people, app.state.me, (p) => hand(id, { person: p.id }, p.name)), ...places(teams, own, known?.tier ?? 1, (team, level) => hand(id, { team: team.key, tier: level }, `${team.name}, ${tier(level)}`))],
      });
    });
  };
  button.addEventListener('click', () => void open());
  keep.addEventListener('click', () => {
    const id = chat();
    if (id) void app.tell(() => remove(`/api/chats/${id}/transfer`));
  });

  const tags = async () => {
    const id = chat();
    if (!id) return;
    await app.tell(async () => {
      /** @type {{name: string}[]} */
      const all = await get('/api/tags');
      /** @type {Set<string>} */
      const on = new Set(app.known(id)?.tags ?? []);
      /** @param {string} name */
      const toggle = (name) =>
        app.tell(async () => {
          const next = new Set(on);
          if (!next.delete(name)) next.add(name);
          await call('PUT', `/api/chats/${id}/tags`, { tags: [...next] });
          if (!on.delete(name)) on.add(name);
        });
      choose({
        title: 'Tags of this chat',
        label: 'Find a tag',
        none: 'There is no such tag. Supervisors make tags.',
        stays: true,
        choices: () => all.map(({ name }) => ({ key: name, group: '', name, on: on.has(name), run: () => toggle(name) })),
      });
    });
  };

  const merge = () => {
    const id = chat();
    const here = id ? app.known(id) : null;
    const { desk } = app.state;
    if (!id || !here || !desk) return;
    const others = [...desk.mine, ...desk.line].filter((other) => other.id !== id && other.account === here.account);
    choose({
      title: 'Bring another chat of this customer here',
      label: 'Find the other chat',
      none: `No other chat of ${here.account} waits or is yours.`,
      choices: () => others.map((other) => ({ key: other.id, group: here.account, name: other.customer, hint: other.question, run: () => app.tell(async () => {
        await post(`/api/chats/${id}/merge`, { chat: other.id });
        app.toast(`The chat of ${other.customer} goes on here.`);
      }) })),
    });
  };

  const call_supervisor = () => {
    const id = chat();
    if (!id) return;
    if (app.known(id)?.flag) return void app.tell(() => post(`/api/chats/${id}/unflag`));
    ask({ title: 'Call a supervisor', text: 'Supervisors see it at once, on top of all else. The customer does not.', label: 'What you need', ok: 'Call', missing: 'Write what you need', run: (reason) => post(`/api/chats/${id}/flag`, { reason }) });
  };
  flag.addEventListener('click', call_supervisor);

  app.part(() => {
    const id = chat();
    const known = id ? app.known(id) : null;
    const handed = known?.handed_to;
    const active = app.live.chats.get(id ?? '')?.log.state === 'active';
    button.hidden = !active || Boolean(handed);
    keep.hidden = !active || !handed;
    setText(keep, `Keep it (handed to ${handed ?? ''})`);
    flag.hidden = !active;
    setText(flag, known?.flag ? 'Settle the call' : 'Call a supervisor');
  });
  return { open, tags, merge, flag: call_supervisor };
}

/** People who are there first. @param {import('./replies.js').Colleague[]} people @param {string} me @param {(p: import('./replies.js').Colleague) => unknown} run @returns {Choice[]} */
function colleagues(people, me, run) {
  const there = ['online', 'transfers_only'];
  const others = people.filter((p) => p.name !== me).sort((a, b) => Number(there.includes(b.presence)) - Number(there.includes(a.presence)) || a.name.localeCompare(b.name));
  return others.map((p) => ({ key: p.id, group: 'People', name: p.name, hint: `${presence(p.presence)} · ${tier(p.tier)} · ${p.chats} of ${p.capacity} chats · ${p.teams.join(', ')}`, run: () => run(p) }));
}

/**
 * The own team's tiers first, without the one where the chat is.
 * @param {Team[]} teams
 * @param {Team | undefined} own
 * @param {number} level
 * @param {(team: Team, level: number) => unknown} run
 * @returns {Choice[]}
 */
function places(teams, own, level, run) {
  const ordered = own ? [own, ...teams.filter((team) => team !== own)] : teams;
  return ordered.flatMap((team) => [1, 2, 3, 4].filter((n) => team !== own || n !== level).map((n) => ({ key: `${team.key} ${n}`, group: 'Teams and tiers', name: `${team.name}, ${tier(n)}`, hint: '', run: () => run(team, n) })));
}
