// What hangs on a case: files, which come in by the button, dropped or pasted, and links to other cases.
import { byId, clone, fill, reconcile } from '../js/dom.js';
import { fileInput } from '../js/file_input.js';
import { dayAndTime } from '../js/time.js';
import { Uploads, sizeWords } from '../js/uploads.js';
import { format } from './route.js';
import { status } from './words.js';

/** @typedef {import('./types.js').CaseFull} CaseFull */

/**
 * @param {import('./app.js').App} app
 * @param {() => 'answer' | 'comment'} kind for whom the person writes now: files go to the same
 * @param {(number: number | null, verb: string, body: object) => Promise<unknown>} act
 * @param {() => void} reload the case has changed
 */
export function caseFiles(app, kind, act, reload) {
  const shown = () => (app.state.case?.number === app.state.route.case ? app.state.case : null);
  const uploads = new Uploads({
    // A case and for whom, as `1004 everyone`.
    address: (where, id) => {
      const [number, to] = where.split(' ');
      return `/api/cases/${number}/files?id=${id}&to=${to}`;
    },
    now: () => app.now(),
    changed: () => {
      for (const upload of uploads.items.filter((item) => item.state === 'acked')) {
        uploads.arrived(upload.id);
        app.say(`${upload.file.name} was attached`);
        reload();
      }
      app.draw();
    },
  });
  fileInput({
    button: byId('case-attach', HTMLButtonElement),
    input: byId('case-attach-files', HTMLInputElement),
    area: byId('case', HTMLElement),
    can: () => shown() !== null,
    take: (files) => uploads.add(`${app.state.route.case} ${kind() === 'answer' ? 'everyone' : 'staff'}`, files),
  });
  app.live.on('status', (now) => {
    if (now === 'online') uploads.wake();
  });
  byId('case-uploads').addEventListener('click', (event) => {
    const button = event.target instanceof Element ? event.target.closest('button') : null;
    const id = /** @type {HTMLElement | null} */ (button?.closest('[data-upload]') ?? null)?.dataset.upload;
    if (id) button?.dataset.do === 'retry' ? uploads.retry(id) : uploads.cancel(id);
  });
  byId('related').addEventListener('click', (event) => {
    const button = event.target instanceof Element ? event.target.closest('button') : null;
    const to = Number(/** @type {HTMLElement | null} */ (button?.closest('[data-other]') ?? null)?.dataset.other);
    if (to) void app.tell(() => act(app.state.route.case, 'unlink', { to }));
  });

  app.part(() => {
    const found = shown();
    if (!found) return;
    const coming = uploads.items.filter((upload) => upload.chat.split(' ')[0] === String(found.number));
    reconcile(byId('case-uploads'), coming, (upload) => upload.id, () => clone('t-case-upload'), (node, { id, file, sent, state, error, again }) => {
      node.dataset.upload = id;
      fill(node, { name: file.name, state: state === 'unsent' ? `${Math.round(sent * 100)} %` : '', error, again, cancels: state === 'failed' ? 'Remove' : 'Cancel' });
    });
    byId('case-files-box').toggleAttribute('hidden', found.files.length === 0);
    reconcile(byId('case-files'), found.files, (file) => file.id, () => clone('t-case-file'), (node, { id, name, size, by, at, visibility }) => {
      fill(node, { name, size: sizeWords(size), href: `/api/cases/${found.number}/files/${id}`, shared: visibility === 'everyone', by: `${by}, ${dayAndTime(at, app.now())}` });
    });
    byId('related-box').toggleAttribute('hidden', found.related.length === 0);
    reconcile(byId('related'), found.related, (other) => `${other.relation} ${other.number}`, () => clone('t-related'), (node, other) => {
      node.dataset.other = String(other.number);
      const href = format({ view: app.state.route.view, case: other.number });
      fill(node, { words: other.words, case: `${other.number} ${other.subject}`, href, status: status(other.status), other: ` case ${other.number}` });
    });
  });
}
