// Offers: a card each, with the clock that runs, to take or to pass on.
import { byId, clone, el, fill, find, reconcile, setAttr } from '../js/dom.js';
import { countdown } from '../js/age.js';
import { tier, waited } from './words.js';

/** @typedef {import('../js/types.js').OfferView} OfferView */

/**
 * @param {import('./app.js').App} app
 * @param {import('./bell.js').Bell} bell
 */
export function offers(app, bell) {
  const box = byId('offers', HTMLElement);
  /** How long each offer ran when it was first seen, ms. @type {Map<string, number>} */
  const lengths = new Map();

  box.addEventListener('click', (event) => {
    const button = event.target instanceof Element ? event.target.closest('button') : null;
    const id = /** @type {HTMLElement | null} */ (button?.closest('[data-offer]') ?? null)?.dataset.offer;
    if (id && button) void (button.dataset.do === 'accept' ? accept(app, id) : decline(app, id));
  });

  app.part(() => {
    const now = app.now();
    const running = current(app);
    for (const { id, expires_at } of running) if (!lengths.has(id)) lengths.set(id, Math.max(1, Date.parse(expires_at) - now));
    /** @type {(OfferView | null)[]} */
    const items = bell.locked && running.length > 0 ? [...running, null] : running;
    reconcile(box, items, (offer) => offer?.id ?? 'locked', (offer) => (offer ? clone('t-offer') : hint()), (node, offer, isNew) => {
      if (!offer) return;
      const { chat, id, expires_at } = /** @type {OfferView} */ (offer);
      const left = Date.parse(expires_at) - now;
      node.dataset.offer = id;
      find(node, 'progress', HTMLProgressElement).value = Math.max(0, Math.min(1, left / (lengths.get(id) ?? left)));
      fill(node, { customer: chat.customer, account: chat.account, question: chat.question, severity: chat.severity, left: countdown(left) });
      fill(node, { where: `${chat.category} · ${tier(chat.tier)}`, waits: `· waits ${waited(chat.since, now)}` });
      setAttr(node, 'aria-label', `Offer: ${chat.customer}, ${chat.account}`);
      if (isNew) app.say(`New offer: ${chat.customer}, ${chat.category}, severity ${chat.severity}. Press A to accept, D to decline.`);
    });
    const [next] = running;
    byId('offer-strip', HTMLElement).hidden = !next;
    if (next) fill(byId('offer-strip'), { text: `Offer: ${next.chat.customer}, ${countdown(Date.parse(next.expires_at) - now)}` });
    for (const id of lengths.keys()) if (!running.some((offer) => offer.id === id)) lengths.delete(id);
  });
}

function hint() {
  return el('p', { class: 'small' }, 'Click anywhere once: then the bell may ring.');
}

/** The offers that still run, the one that ends first in front. @param {import('./app.js').App} app */
export function current(app) {
  const running = (app.state.desk?.offers ?? []).filter((offer) => Date.parse(offer.expires_at) > app.now());
  return running.sort((a, b) => a.expires_at.localeCompare(b.expires_at));
}

/**
 * Takes the chat and goes to it.
 * @param {import('./app.js').App} app
 * @param {string} id
 */
export function accept(app, id) {
  return app.tell(async () => {
    const offer = current(app).find((o) => o.id === id);
    if (!offer) return;
    await app.live.request({ type: 'accept', offer: id });
    app.take(offer.chat.id);
    app.go({ view: 'mine', chat: offer.chat.id, case: null, side: false });
  });
}

/**
 * Passes the chat on.
 * @param {import('./app.js').App} app
 * @param {string} id
 */
export function decline(app, id) {
  return app.tell(() => app.live.request({ type: 'decline', offer: id }));
}
