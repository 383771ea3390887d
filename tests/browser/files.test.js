// Files in a conversation, both ways: dropped, pasted, chosen; thumbnails, downloads, progress, what is too large.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { crc32, deflateSync } from 'node:zlib';
import { accessible, Agent, becomes, clean, stage, until, Visitor } from './support.js';

const here = stage();

/** A PNG of so many points, all of another colour. @param {number} width @param {number} height */
function png(width, height) {
  /** @param {string} type @param {Buffer} data */
  const chunk = (type, data) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    sum.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, sum]);
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width);
  head.writeUInt32BE(height, 4);
  head.set([8, 2, 0, 0, 0], 8);
  const points = Buffer.alloc(height * (1 + width * 3));
  for (let y = 0; y < height; y += 1) for (let x = 0; x < width * 3; x += 1) points[y * (1 + width * 3) + 1 + x] = (x * 5 + y * 3) % 256;
  return Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), chunk('IHDR', head), chunk('IDAT', deflateSync(points)), chunk('IEND', Buffer.alloc(0))]);
}

/**
 * Drops or pastes a file as a person would.
 * @param {import('playwright-core').Locator} place
 * @param {'drop' | 'paste'} how
 * @param {{name: string, type: string, data: Buffer}} file
 */
async function give(place, how, { name, type, data }) {
  await place.evaluate((node, { how, name, type, bytes }) => {
    const carried = new DataTransfer();
    carried.items.add(new File([Uint8Array.from(bytes)], name, { type }));
    if (how === 'paste') node.dispatchEvent(new ClipboardEvent('paste', { clipboardData: carried, bubbles: true, cancelable: true }));
    else for (const step of ['dragenter', 'dragover', 'drop']) node.dispatchEvent(new DragEvent(step, { dataTransfer: carried, bubbles: true, cancelable: true }));
  }, { how, name, type, bytes: [...data] });
}

/** Whether a picture is on the screen, and how large it is in truth. @param {import('playwright-core').Locator} img */
const loaded = (img) => img.evaluate((node) => (node instanceof HTMLImageElement && node.complete ? `${node.naturalWidth} × ${node.naturalHeight}` : 'not yet'));

for (const phone of [false, true]) {
  test(`live_07_files_go_both_ways_${phone ? 'phone' : 'desktop'}`, async () => {
    const { browser, server } = here;
    const agent = await (await Agent.signIn(browser, server, 'priya', { phone })).online();
    const visitor = await Visitor.arrive(browser, server, { phone });
    await visitor.comeWith(phone ? 'zoe' : 'tomas', 'The screen shows something strange');
    await agent.accept();

    // The customer drops a picture: both see it small, and open it whole.
    const shown = { name: 'Screen <b>.png', type: 'image/png', data: png(900, 600) };
    await give(visitor.frame.locator('.thread'), 'drop', shown);
    const theirs = agent.page.getByRole('link', { name: 'Open the picture Screen _b_.png' });
    await becomes(() => loaded(theirs.locator('img')), '320 × 213', 'the thumbnail in the console');
    await agent.page.locator('#say').getByText('sent a file: Screen _b_.png').waitFor({ state: 'attached' });
    const own = visitor.frame.getByRole('button', { name: 'Open the picture Screen _b_.png' });
    await becomes(() => loaded(own.locator('img')), '320 × 213', 'the thumbnail in the widget');
    await visitor.frame.locator('.msg', { has: own }).getByText('Read', { exact: true }).waitFor();
    await own.click();
    const dialog = visitor.frame.getByRole('dialog', { name: 'Screen _b_.png' });
    await becomes(() => loaded(dialog.locator('img')), '900 × 600', 'the whole picture in the widget');
    await dialog.getByRole('button', { name: 'Full size' }).click();
    assert.equal(await dialog.locator('img').evaluate((img) => img.getBoundingClientRect().width), 900);
    await accessible(visitor.page, 'the open picture');
    const saved = visitor.page.waitForEvent('download');
    await dialog.getByRole('button', { name: 'Save' }).click();
    assert.equal((await saved).suggestedFilename(), 'Screen _b_.png');
    assert.deepEqual(await readFile(await (await saved).path()), shown.data);
    await dialog.getByRole('button', { name: 'Close' }).click();
    const whole = agent.context.waitForEvent('page');
    await theirs.click();
    await becomes(async () => loaded((await whole).locator('img')), '900 × 600', 'the picture in a window of its own');
    await (await whole).close();

    // The specialist pastes one and attaches a document.
    await give(agent.reply, 'paste', { name: 'image.png', type: 'image/png', data: png(200, 100) });
    const pasted = visitor.frame.getByRole('button', { name: 'Open the picture image.png' });
    await becomes(() => loaded(pasted.locator('img')), '200 × 100', 'the pasted picture in the widget');
    await visitor.frame.locator('#polite').getByText('Priya Raman sent a file: image.png').waitFor({ state: 'attached' });
    const chosen = agent.page.waitForEvent('filechooser');
    await agent.page.getByRole('button', { name: 'Attach files' }).click();
    const document = Buffer.from('%PDF-1.7 how to set it up');
    await (await chosen).setFiles({ name: 'How to.pdf', mimeType: 'application/pdf', buffer: document });
    const row = visitor.frame.getByRole('button', { name: `Download How to.pdf ${document.length} bytes` });
    await row.waitFor();
    const fetched = visitor.page.waitForEvent('download');
    await row.click();
    assert.equal((await fetched).suggestedFilename(), 'How to.pdf');
    assert.deepEqual(await readFile(await (await fetched).path()), document);
    const kept = agent.page.waitForEvent('download');
    await agent.page.getByRole('link', { name: 'Download How to.pdf' }).click();
    assert.equal((await kept).suggestedFilename(), 'How to.pdf');

    // A page that says it is a picture is a file to store, never shown.
    const hostile = Buffer.from('<!DOCTYPE html><script>document.title = "mine"</script>');
    await give(visitor.box, 'paste', { name: 'harmless.png', type: 'image/png', data: hostile });
    const link = agent.page.getByRole('link', { name: 'Download harmless.png' });
    await link.waitFor();
    const answer = await agent.context.request.get(`${server.url}${await link.getAttribute('href')}`);
    assert.match(answer.headers()['content-disposition'] ?? '', /^attachment/);

    // Said by everyone: the list, a reload, and the case name them.
    await agent.page.reload();
    await becomes(() => loaded(theirs.locator('img')), '320 × 213', 'the thumbnail after a reload');
    await visitor.page.reload();
    if (phone) await visitor.open();
    await becomes(() => loaded(pasted.locator('img')), '200 × 100', 'the picture in the widget after a reload');
    await agent.say('See https://example.com/help?a=1. 👍');
    const address = visitor.frame.getByRole('link', { name: 'https://example.com/help?a=1' });
    assert.equal(await address.getAttribute('rel'), 'noopener noreferrer nofollow');
    await accessible(visitor.page, 'the widget with files');
    await accessible(agent.page, 'the console with files');
    await visitor.frame.getByRole('button', { name: 'End chat' }).click();
    await visitor.frame.getByRole('button', { name: 'My question is solved' }).click();
    await agent.told(/The customer ended the chat/);
    for (const one of [agent, visitor]) {
      clean(one.context);
      await one.go();
    }
  });
}

test('live_07_a_file_that_cannot_be_sent_says_what_to_do', async () => {
  const { browser, server } = here;
  const visitor = await Visitor.arrive(browser, server);
  await visitor.comeWith('priscilla', 'I have a large file');
  const input = visitor.frame.locator('.composer input[type=file]');
  const rows = visitor.frame.locator('.msg', { has: visitor.frame.locator('.file') });
  let asked = 0;
  await visitor.context.route('**/widget/api/files?*', (route) => {
    asked += 1;
    return route.continue();
  });
  await input.setInputFiles({ name: 'huge.zip', mimeType: 'application/zip', buffer: Buffer.alloc(5 * 1024 * 1024 + 1) });
  await rows.getByText('This file has 5.2 MB; up to 5 MB can be sent. Please send a smaller one').waitFor();
  await visitor.frame.locator('#urgent').getByText('huge.zip was not sent: This file has 5.2 MB').waitFor({ state: 'attached' });
  assert.equal(await rows.getByRole('button', { name: 'Try again' }).count(), 0, 'trying again would not help');
  assert.equal(asked, 0);
  await rows.getByRole('button', { name: 'Discard' }).click();
  await rows.waitFor({ state: 'detached' });

  // Refused for now: the words of the server, and another try.
  await visitor.context.unroute('**/widget/api/files?*');
  await visitor.context.route('**/widget/api/files?*', (route) => route.fulfill({ status: 429, json: { code: 'too_many_files', message: 'More can be sent later.' } }));
  await input.setInputFiles({ name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('notes') });
  await rows.getByText('More can be sent later.').waitFor();
  await accessible(visitor.page, 'a file that was not sent');
  await visitor.context.unroute('**/widget/api/files?*');
  await rows.getByRole('button', { name: 'Try again' }).click();
  await visitor.frame.getByRole('button', { name: 'Download notes.txt' }).waitFor();

  // The answer is lost on its way, and the same file is sent once more: it is in the log once.
  let lost = 0;
  await visitor.context.route('**/widget/api/files?*', async (route) => {
    lost += 1;
    if (lost === 1) await route.fetch();
    return lost === 1 ? route.abort() : route.continue();
  });
  await input.setInputFiles({ name: 'once.txt', mimeType: 'text/plain', buffer: Buffer.from('once') });
  await visitor.frame.getByRole('button', { name: 'Download once.txt' }).waitFor();
  await visitor.context.unroute('**/widget/api/files?*');

  // On its way it shows how far it is, can be cancelled, and holds the page.
  /** @type {(() => void) | undefined} */
  let go;
  const held = new Promise((resolve) => (go = () => resolve(undefined)));
  await visitor.context.route('**/widget/api/files?*', async (route) => {
    await held;
    return route.abort();
  });
  await input.setInputFiles({ name: 'slow.bin', mimeType: '', buffer: Buffer.alloc(3_000_000) });
  await visitor.frame.getByRole('progressbar', { name: 'Sending slow.bin' }).waitFor();
  await rows.getByText('Keep this page open until it is sent.').waitFor();
  await accessible(visitor.page, 'a file on its way');
  await rows.getByRole('button', { name: 'Cancel slow.bin' }).click();
  await visitor.frame.getByRole('progressbar').waitFor({ state: 'detached' });
  go?.();
  await until('the field to have the focus', () => visitor.box.evaluate((box) => box === document.activeElement));
  assert.equal(await visitor.frame.getByRole('button', { name: 'Download once.txt' }).count(), 1);
  await visitor.go();
});
