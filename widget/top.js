// The bar on top: who you talk to, the ways out, and the strips below it.
import { byId, setAttr, setText } from '../static/js/dom.js';
import { closingWords, demoWords } from './hours.js';

/**
 * @param {import('./app.js').App} app
 * @param {string} page which one is shown
 * @param {import('./app.js').View | null} view
 */
export function drawTop(app, page, view) {
  const { hours, site, how, sayer } = app;
  const log = app.chat.log;
  const talking = page === 'talk' ? log : null;
  const agent = talking?.agent ?? null;
  const waits = talking?.state === 'queued';
  setText(byId('top-name'), agent ?? site.name);
  setText(byId('top-sub'), agent ? site.name : '');
  setAttr(byId('face'), 'data-initial', agent?.[0] ?? null);
  byId('back').hidden = !view?.back;
  byId('end').hidden = !(waits || talking?.state === 'active');
  setText(byId('end'), waits ? 'Leave' : 'End chat');
  byId('mail').hidden = !app.canMail || talking?.state === 'ended';
  setAttr(byId('app'), 'data-page', page);

  const soon = hours.open && hours.closing_soon && (page === 'ask' || (talking !== null && talking.state !== 'ended'));
  const words = soon ? closingWords(hours, log?.state !== 'active', how) : '';
  const strip = byId('strip-closing');
  if (words && strip.textContent !== words) sayer.say(words);
  setText(strip, words);
  strip.hidden = !soon;
  drawClock(app);
}

/** The demo's clock, as long as it is set by hand. @param {import('./app.js').App} app */
export function drawClock(app) {
  const live = app.chat.live;
  const set = live?.epoch ? live.clockIsSet : 'clockIsSet' in document.documentElement.dataset;
  const strip = byId('strip-clock');
  strip.hidden = !set;
  const known = live?.epoch || app.site.now;
  if (set) setText(strip, known ? demoWords(app.now(), app.hours.zone, app.how.locale) : 'Demo clock: the time is set by hand');
}

/** Asks before a chat ends. @param {boolean} waits still in line @param {(solved: boolean) => void} end */
export function askEnd(waits, end) {
  const dialog = byId('end-dialog', HTMLDialogElement);
  setText(byId('end-title'), waits ? 'Leave the line?' : 'End this chat?');
  setText(byId('end-text'), waits ? 'We can still answer by e-mail.' : 'Tell us how it went, so that nothing is left open.');
  dialog.returnValue = ''; // Esc leaves it so
  dialog.onclose = () => {
    if (/solved$/.test(dialog.returnValue)) end(dialog.returnValue === 'solved');
  };
  dialog.showModal();
}

/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

/** A short gap needs no words. @param {boolean} lost @param {import('./say.js').Sayer} sayer */
export function offlineStrip(lost, sayer) {
  clearTimeout(timer);
  if (!lost) byId('strip-offline').hidden = true;
  else {
    timer = setTimeout(() => {
      byId('strip-offline').hidden = false;
      sayer.say(byId('offline-text').textContent ?? '');
    }, 1500);
  }
}
