// Cases on offer: a card each, to take, to read first or to pass on. They do not ring: nobody waits for an answer this minute.
import { byId, clone, fill, find, reconcile, setAttr } from '../js/dom.js';
import { countdown } from '../js/age.js';
import { dayAndTime } from '../js/time.js';
import { post } from './api.js';
import { format } from './route.js';
import { tier } from './words.js';

/** @param {import('./app.js').App} app */
export function caseOffers(app) {
  const box = byId('case-offers', HTMLElement);
  box.addEventListener('click', (event) => {
    const button = event.target instanceof Element ? event.target.closest('button') : null;
    const number = Number(/** @type {HTMLElement | null} */ (button?.closest('[data-case]') ?? null)?.dataset.case);
    if (!button || !number) return;
    void app.tell(async () => {
      const take = button.dataset.do === 'take';
      await post(`/api/cases/${number}/${take ? 'claim' : 'pass'}`);
      if (take) app.go({ view: 'working', chat: null, case: number, side: false });
    });
  });

  app.part(() => {
    const now = app.now();
    reconcile(box, offered(app.state, now), (offer) => offer.id, () => clone('t-case-offer'), (node, offer, isNew) => {
      const { number, subject, customer, account, category, severity, expires_at, due_at } = offer;
      node.dataset.case = String(number);
      fill(node, { customer, account, severity, left: countdown(Date.parse(expires_at) - now), question: `${number}  ${subject}` });
      fill(node, { where: [category, tier(offer.tier)].filter(Boolean).join(' · '), due: due_at ? `· due ${dayAndTime(due_at, now)}` : '' });
      find(node, 'a', HTMLAnchorElement).href = format({ view: app.state.route.view, case: number });
      setAttr(node, 'aria-label', `Case on offer: ${number}, ${subject}`);
      if (isNew) app.say(`A case is offered to you: ${number}, ${subject}, severity ${severity}.`);
    });
  });
}

/** The cases that are offered to this person now. @param {import('./types.js').State} state @param {number} now */
export function offered({ desk }, now) {
  return (desk?.case_offers ?? []).filter((offer) => Date.parse(offer.expires_at) > now);
}
