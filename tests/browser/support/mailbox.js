// A mail server of a test's own: speaks SMTP and keeps what it takes.
import { createServer } from 'node:net';
import { until } from './until.js';

/** @typedef {{from: string, to: string[], data: string}} Mail `data`: headers and body, as they came */

export class Mailbox {
  /** @type {Mail[]} */
  mails = [];
  #server = createServer((socket) => {
    let [rest, mail, reading] = ['', { from: '', to: /** @type {string[]} */ ([]), data: '' }, false];
    socket.setEncoding('utf8');
    socket.on('error', () => {});
    socket.write('220 test\r\n');
    socket.on('data', (chunk) => {
      const lines = (rest + chunk).split('\r\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const between = /<(.*?)>/.exec(line)?.[1] ?? '';
        if (reading && line === '.') {
          reading = false;
          this.mails.push(mail);
          socket.write('250 kept\r\n');
        } else if (reading) mail.data += `${line.replace(/^\./, '')}\r\n`;
        else if (/^DATA/i.test(line)) {
          reading = true;
          socket.write('354 go on\r\n');
        } else {
          if (/^MAIL/i.test(line)) mail = { from: between, to: [], data: '' };
          if (/^RCPT/i.test(line)) mail.to.push(between);
          socket.write(/^QUIT/i.test(line) ? '221 bye\r\n' : '250 ok\r\n');
        }
      }
    });
  });

  /** @returns {Promise<Mailbox>} */
  static start() {
    const box = new Mailbox();
    return new Promise((resolve) => box.#server.listen(0, '127.0.0.1', () => resolve(box)));
  }

  get url() {
    const address = this.#server.address();
    return `smtp://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
  }

  /** Waits until there are so many. @param {number} count */
  async has(count) {
    await until(`${count} mails`, async () => this.mails.length >= count);
    return this.mails;
  }

  close() {
    this.#server.close();
  }
}

/** The plain text of a mail. @param {Mail} mail */
export function plain({ data }) {
  const boundary = /boundary="([^"]+)"/.exec(data)?.[1] ?? '';
  const part = data.split(`--${boundary}`).find((piece) => piece.includes('Content-Type: text/plain')) ?? '';
  const [headers = '', ...body] = part.trimStart().split('\r\n\r\n');
  const text = body.join('\r\n\r\n');
  if (/base64/.test(headers)) return Buffer.from(text, 'base64').toString();
  if (!/quoted-printable/.test(headers)) return text;
  const bytes = text.replace(/=\r\n/g, '').replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString();
}
