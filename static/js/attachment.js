// A file in a bubble: a picture to open, a row to store, or one on its way with its progress.
import { el } from './dom.js';
import { sizeWords } from './uploads.js';

/** @typedef {import('./types.js').FileView} FileView */

/** The longer side of a thumbnail on the screen, in CSS pixels. */
const SIDE = 240;

/**
 * Draws a file's part of a row, again only when it became another.
 * @param {HTMLElement} box
 * @param {import('./chatlog.js').Entry} entry with a file
 * @param {object} ways
 * @param {(file: FileView) => HTMLElement} ways.opener what opens the picture, or stores the file
 * @param {(img: HTMLImageElement, file: FileView) => void} ways.show loads the thumbnail
 */
export function drawAttachment(box, { file, upload, state }, ways) {
  if (!file) return;
  const stage = upload ? (state === 'unsent' ? 'coming' : 'held') : 'there';
  if (box.dataset.file !== stage) {
    box.dataset.file = stage;
    box.replaceChildren(upload ? coming(file, state === 'unsent') : file.width && file.height ? shot(file, ways) : row(file, ways));
  }
  const bar = box.querySelector('progress');
  if (bar && upload) bar.value = upload.sent;
}

/** @param {FileView} file @param {{opener: (file: FileView) => HTMLElement, show: (img: HTMLImageElement, file: FileView) => void}} ways */
function shot(file, { opener, show }) {
  const [width = SIDE, height = SIDE] = [file.width, file.height];
  const scale = Math.min(1, SIDE / Math.max(width, height));
  const img = el('img', { alt: '', width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)), draggable: 'false' });
  const open = opener(file);
  open.classList.add('shot');
  open.setAttribute('aria-label', `Open the picture ${file.name}`);
  open.append(img);
  show(img, file);
  return open;
}

/** @param {FileView} file @param {{opener: (file: FileView) => HTMLElement}} ways */
function row(file, { opener }) {
  const open = opener(file);
  open.classList.add('file');
  open.append(el('span', { class: 'sr' }, 'Download '), ...named(file));
  return open;
}

/** @param {FileView} file @param {boolean} moving */
function coming(file, moving) {
  if (!moving) return el('div', { class: 'file' }, ...named(file));
  const bar = el('progress', { max: 1, value: 0, 'aria-label': `Sending ${file.name}` });
  const cancel = el('button', { type: 'button', class: 'button button-small', 'data-do': 'cancel', 'aria-label': `Cancel ${file.name}` }, 'Cancel');
  return el('div', { class: 'file file-coming' }, ...named(file), bar, cancel, el('span', { class: 'file-note' }, 'Keep this page open until it is sent.'));
}

/** @param {FileView} file */
function named({ name, size }) {
  return [el('span', { class: 'file-name', dir: 'auto' }, name), el('span', { class: 'file-size' }, sizeWords(size))];
}
