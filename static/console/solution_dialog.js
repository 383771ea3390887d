// A solution, read in a dialog, and put into the reply: as a link where everyone can open it, else as text.
import { byId, fill, find, setText } from '../js/dom.js';
import { prose } from '../js/prose.js';
import { get } from './api.js';
import { AUDIENCES, text } from './found.js';
import { plain } from './plain.js';

/** @typedef {import('../js/types.js').FoundSolution} FoundSolution */
/** @typedef {import('./types.js').SolutionText} SolutionText */
/** @typedef {ReturnType<typeof solutionDialog>} SolutionDialog */

/** What is told of a solution that not everyone may read, where it can go into a reply. */
const NOTES = {
  everyone: '',
  customers: 'It is not on the public pages, so its text goes into the reply, not a link.',
  staff: 'The customer cannot open it. Its text can go into the reply: look it over before you send it.',
};

/** What the button says. @param {FoundSolution['audience']} audience */
export function insertWords(audience) {
  return audience === 'everyone' ? 'Insert' : 'Insert text';
}

/**
 * @param {import('./app.js').App} app
 * @param {import('./composer.js').Composer} writer
 */
export function solutionDialog(app, writer) {
  const dialog = byId('solution-dialog', HTMLDialogElement);
  const button = byId('solution-insert', HTMLButtonElement);
  /** @type {{solution: SolutionText, chat: string | null} | null} */
  let shown = null;

  /** @param {string} id @returns {Promise<SolutionText>} */
  const load = (id) => get(`/api/solutions/${id}/text`);

  /**
   * Puts words into the reply and goes there.
   * @param {string} words
   * @param {string | null} chat for which they are: another one may be on the screen meanwhile
   */
  const put = (words, chat) => {
    if (chat === null || writer.chat() !== chat) return app.toast('Another chat is on the screen now. Nothing was inserted.');
    if (!writer.insert(words)) return app.toast('With your reply this is too long for one message. Open the solution and copy the part that you need.');
    dialog.close();
    app.go({ side: false });
    // After the panes are drawn: on a narrow screen the reply shows only then.
    setTimeout(writer.focus);
  };
  /** @param {{id: string, title: string}} solution */
  const link = ({ id, title }) => `${title}\n${location.origin}/help/${id}`;
  /** @param {SolutionText} solution */
  const whole = ({ title, text: nodes }) => `${title}\n\n${plain(nodes)}`;

  /**
   * Shows a solution.
   * @param {string} id
   * @param {string | null} chat into whose reply it can go
   */
  const read = (id, chat) =>
    app.tell(async () => {
      const solution = await load(id);
      const { title, audience } = solution;
      shown = { solution, chat };
      fill(dialog, { title, audience: AUDIENCES[audience], note: chat === null ? '' : NOTES[audience] });
      find(dialog, '.prose').replaceChildren(...prose(solution.text));
      button.hidden = chat === null;
      setText(button, insertWords(audience));
      if (!dialog.open) dialog.showModal();
      dialog.scrollTop = 0;
      if (chat !== null) button.focus();
    });

  button.addEventListener('click', () => {
    if (!shown) return;
    const { solution, chat } = shown;
    put(solution.audience === 'everyone' ? link(solution) : whole(solution), chat);
  });
  return {
    read,
    /** Puts a solution into the reply of the chat on the screen. @param {FoundSolution} solution */
    insert: ({ id, title, audience }) => {
      const chat = writer.chat();
      return app.tell(async () => put(audience === 'everyone' ? link({ id, title: text(title) }) : whole(await load(id)), chat));
    },
  };
}
