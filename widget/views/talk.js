// Waiting, talking, ended: the thread with what surrounds it, files included. It comes with the first conversation.
import { actions, clone, fill, find, setText } from '../../static/js/dom.js';
import { fileInput } from '../../static/js/file_input.js';
import { Attachments } from '../attachments.js';
import { placeWords } from '../words.js';
import { composer } from './composer.js';
import { drawRows, rowsOf } from './thread.js';

/** @param {import('../app.js').App} app @returns {import('../app.js').View} */
export function talkView(app) {
  const { chat } = app;
  const { id } = chat;
  const root = clone('t-talk');
  const thread = find(root, '.thread');
  const rows = find(root, '.rows');
  const typing = find(root, '.typing');
  const jump = find(root, '.jump');
  const write = composer(find(root, 'form', HTMLFormElement), {
    draft: app.session.draft(id),
    keep: (text) => app.session.keepDraft(id, text),
    typing: (on, text) => chat.typing(on, text),
    send: (text) => {
      pinned = true;
      chat.send(text);
    },
  });
  const attachments = (chat.attachments ??= new Attachments(app));
  const noMoreFiles = fileInput({
    button: find(root, '.attach', HTMLElement),
    input: find(root, 'input[type=file]', HTMLInputElement),
    area: root,
    can: () => chat.log?.state === 'queued' || chat.log?.state === 'active',
    take: (files) => {
      pinned = true;
      attachments.send(id, files);
      app.focus(write.box);
    },
  });
  let pinned = true; // the thread follows its end
  let top = 0;
  let ended = false;

  const bottom = () => thread.scrollHeight - thread.scrollTop - thread.clientHeight;
  const toEnd = () => {
    thread.scrollTop = thread.scrollHeight;
  };
  /** Seen is what stands above the lower edge while somebody looks. */
  const see = () => {
    if (!app.visible || !chat.log) return;
    const edge = thread.getBoundingClientRect().bottom + 4;
    const seen = [...rows.children].reverse().find((row) => row.hasAttribute('data-seq') && row.getBoundingClientRect().bottom <= edge);
    if (bottom() < 8) chat.read(chat.log.last);
    else if (seen) chat.read(Number(seen.getAttribute('data-seq')));
    drawJump();
  };
  const drawJump = () => {
    const unread = chat.unread();
    jump.hidden = bottom() < 80;
    fill(jump, { jump: unread ? `${unread} new message${unread === 1 ? '' : 's'}` : 'Newest' });
  };
  thread.addEventListener('scroll', () => {
    // Only a person's scroll upward lets go of the end, not a page that got smaller.
    pinned = bottom() < 40 || (pinned && thread.scrollTop >= top);
    top = thread.scrollTop;
    see();
  }, { passive: true });
  new ResizeObserver(() => {
    if (pinned) toEnd();
    see();
  }).observe(thread);

  actions(root, {
    send: () => write.submit(),
    retry: (button) => chat.retry(messageOf(button)),
    discard: (button) => {
      chat.discard(messageOf(button));
      app.focus(write.box);
    },
    cancel: (button) => {
      chat.discard(messageOf(button));
      app.focus(write.box);
    },
    jump: () => {
      pinned = true;
      toEnd();
      app.focus(write.box);
    },
    new: () => void app.newConversation(),
  });

  const update = () => {
    const { log } = chat;
    if (!log) return;
    const place = log.place ? placeWords(log.place) : null;
    const waiting = log.state === 'queued' || log.state === 'asking';
    const end = chat.ending();
    fill(root, {
      title: log.agent ? `Conversation with ${log.agent}` : 'Your question',
      waiting, ended: log.state === 'ended',
      place: place?.title ?? (log.state === 'queued' ? 'You are in line' : chat.online ? 'Sending your question' : 'Your question is not sent yet'),
      wait: place?.text ?? (log.state === 'queued' ? 'Finding your place…' : chat.online ? '' : 'It is kept here and sent when the connection is back.'),
      endTitle: end.title, endText: end.text, number: log.case, mail: app.canMail,
    });
    drawRows(rows, rowsOf(log.entries(attachments.uploads.of(id)), app.now(), app.how), app.how, attachments);
    const names = log.typists(Date.now());
    typing.hidden = names.length === 0;
    if (names.length) setText(find(typing, '.typing-text'), `${names[0]} is typing`);
    if (pinned) toEnd();
    see();
    drawJump();
    if (log.state === 'ended' && !ended) {
      const here = root.contains(document.activeElement);
      ended = true;
      if (here) app.focus(find(root, '.ended h2', HTMLElement));
    }
    if (app.composed && !ended) {
      if (!write.box.value) write.put(app.composed);
      app.composed = '';
    }
  };
  update();
  return {
    root,
    update,
    focus: () => (ended || matchMedia('(pointer: coarse)').matches ? null : write.box),
    leave: () => {
      chat.typing(false);
      noMoreFiles();
    },
  };
}

/** @param {HTMLElement} button */
const messageOf = (button) => /** @type {HTMLElement | null} */ (button.closest('[data-id]'))?.dataset.id ?? '';
