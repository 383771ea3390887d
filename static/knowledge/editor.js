// The editor: saves while one types, shows the preview at once, takes pictures that are dropped or pasted. Without it the form does all.
import { call, words } from '../console/api.js';
import { byId, find, setText } from '../js/dom.js';
import { prose } from '../js/prose.js';
import { clock } from '../js/time.js';

const PAUSE_MS = 1200;
const PREVIEW_MS = 250;

const form = byId('editor', HTMLFormElement);
const body = byId('body', HTMLTextAreaElement);
const preview = byId('preview');
const saving = byId('saving');
const edit = find(form, '[name=edit]', HTMLInputElement);

/** The solution's id; empty while it is new. */
const id = location.pathname.split('/').pop() === 'new' ? '' : (location.pathname.split('/').pop() ?? '');
const fields = /** @type {const} */ (['title', 'body', 'category', 'language', 'audience', 'product_version']);
let dirty = false;
/** Counts what is typed, so that a save knows what came after it began. */
let changes = 0;
let stuck = false;
/** A save is under way. */
let busy = false;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let pause;
/** @type {Promise<void>} */
let last = Promise.resolve();

/** @param {string} name */
const typed = (name) => /** @type {HTMLInputElement} */ (find(form, `[name=${name}]`, HTMLElement)).value;

// Related solutions are named by title, which the form's own way resolves; what was read stays as it is here.
const related = typed('related');

async function save() {
  // An older version that is only looked at is not saved over what is being written.
  if (!dirty || stuck || !id || form.dataset.taken || typed('title').trim() === '' || typed('related') !== related) return;
  const at = changes;
  busy = true;
  setText(saving, 'Saving …');
  const content = Object.fromEntries(fields.map((name) => [name, typed(name)]));
  try {
    const kept = await call('PUT', `/api/solutions/${id}/draft`, { edit: Number(edit.value), content: { ...content, related: form.dataset.related?.split(' ').filter(Boolean) ?? [] } });
    edit.value = String(kept.edit);
    saving.classList.remove('field-error');
    dirty = at !== changes;
    setText(saving, dirty ? 'Not saved yet' : `Draft saved at ${clock(new Date().toISOString())}`);
  } catch (error) {
    // What somebody else changed cannot be saved over: the page says so until it is loaded again.
    stuck = error instanceof Error && 'code' in error && error.code === 'changed_meanwhile';
    setText(saving, words(error));
    saving.classList.add('field-error');
  }
  busy = false;
}

let shown = 0;
async function show() {
  shown += 1;
  const mine = shown;
  try {
    const nodes = await call('POST', '/api/solutions/preview', { body: body.value });
    if (mine === shown) preview.replaceChildren(...prose(nodes));
  } catch {
    // The preview stays as it was; saving tells what is wrong.
  }
}
/** @type {ReturnType<typeof setTimeout> | undefined} */
let previewing;

form.addEventListener('input', (event) => {
  if (event.target instanceof HTMLElement && !event.target.matches('[name=note], [name=place]')) {
    dirty = true;
    changes += 1;
    if (!stuck) setText(saving, 'Not saved yet');
  }
  clearTimeout(pause);
  pause = setTimeout(() => (last = last.then(save)), PAUSE_MS);
  if (event.target === body) {
    clearTimeout(previewing);
    previewing = setTimeout(() => void show(), PREVIEW_MS);
  }
});

// A button waits for what is being saved, so that it sends the right number of changes.
form.addEventListener('submit', (event) => {
  const button = /** @type {SubmitEvent} */ (event).submitter;
  if (button instanceof HTMLButtonElement && button.value === 'discard' && !confirm('Throw this draft away? What is published stays.')) {
    return event.preventDefault();
  }
  clearTimeout(pause);
  dirty = false;
  if (!busy) return;
  event.preventDefault();
  // Not before this event is over: a form that is being submitted takes no other one.
  void last.then(() => setTimeout(() => form.requestSubmit(button)));
});
addEventListener('beforeunload', (event) => {
  if (dirty) event.preventDefault();
});

/** @param {File} file */
async function picture(file) {
  if (!id) return setText(saving, 'Save the draft first, then add the picture.');
  setText(saving, `Adding ${file.name} …`);
  try {
    const added = await call('POST', `/api/solutions/${id}/pictures?name=${encodeURIComponent(file.name)}`, file);
    const line = `![${file.name.replace(/\.\w+$/, '').replace(/[[\]]/g, '')}](/help/pictures/${added.id})`;
    body.setRangeText(line, body.selectionStart, body.selectionEnd, 'end');
    body.dispatchEvent(new Event('input', { bubbles: true }));
    setText(saving, `${file.name} was added`);
  } catch (error) {
    setText(saving, words(error));
  }
}
/** @param {DataTransfer | null} data */
const pictures = (data) => [...(data?.files ?? [])].filter((file) => file.type.startsWith('image/'));
for (const [name, data] of /** @type {const} */ ([['paste', 'clipboardData'], ['drop', 'dataTransfer']])) {
  body.addEventListener(name, (event) => {
    const files = pictures(/** @type {any} */ (event)[data]);
    if (files.length === 0) return;
    event.preventDefault();
    for (const file of files) void picture(file);
  });
}
