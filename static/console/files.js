// Files into the chat that the person serves: by the button, dropped on the conversation, pasted into the reply.
import { byId } from '../js/dom.js';
import { fileInput } from '../js/file_input.js';

/**
 * @param {import('./app.js').App} app
 * @param {import('./composer.js').Composer} writer
 */
export function files(app, writer) {
  /** What failed and was told. @type {Set<string>} */
  const told = new Set();
  fileInput({
    button: byId('attach', HTMLButtonElement),
    input: byId('attach-files', HTMLInputElement),
    area: byId('chat', HTMLElement),
    can: () => writer.chat() !== null,
    take: (chosen) => {
      const chat = writer.chat();
      if (!chat) return;
      app.uploads.add(chat, chosen);
      writer.focus();
      setTimeout(() => byId('thread', HTMLElement).scrollTo(0, 1e9));
    },
  });
  app.live.on('status', (status) => {
    if (status === 'online') app.uploads.wake();
  });
  app.live.on('event', ({ body, party, name }, log) => {
    if (log.ready && party === 'staff' && body.kind === 'file' && name === app.state.me) app.say(`${body.file.name} was sent`);
  });
  app.part(() => {
    for (const { id, state, error, file } of app.uploads.items) {
      if (state !== 'failed' || told.has(id + error)) continue;
      told.add(id + error);
      app.say(`${file.name} was not sent: ${error}`);
    }
  });
}
