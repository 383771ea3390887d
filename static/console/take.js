// Taking a waiting chat from the line by hand.
import { byId } from '../js/dom.js';

/** @param {import('./app.js').App} app */
export function taking(app) {
  const button = byId('take-chat', HTMLButtonElement);
  button.addEventListener('click', () => void take(app));
  app.part(() => {
    button.hidden = !waits(app);
  });
}

/** The chat on the screen, if it waits in line. @param {import('./app.js').App} app */
function waits(app) {
  const { route, desk } = app.state;
  return desk?.line.find((chat) => chat.id === route.chat);
}

/** Takes the chat on the screen. @param {import('./app.js').App} app */
export function take(app) {
  const chat = waits(app);
  if (!chat) return;
  return app.tell(async () => {
    await app.live.request({ type: 'pick', chat: chat.id });
    app.take(chat.id);
    app.go({ view: 'mine', chat: chat.id, case: null, side: false });
  });
}
