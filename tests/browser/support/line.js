// A visitor's line to the internet: a proxy of one browser context that can be cut, or made to swallow what comes back.
// (Playwright's setOffline leaves open WebSockets alone, so it is no lost network.)
import http from 'node:http';
import net from 'node:net';

export class Line {
  /** @type {Set<import('node:stream').Duplex>} */
  #ends = new Set();
  #cut = false;
  #deaf = false;
  #proxy = http.createServer();
  url = '';

  static async open() {
    const line = new Line();
    line.#proxy.on('request', (request, response) => line.#fetch(request, response));
    line.#proxy.on('connect', (request, socket, head) => line.#tunnel(request, socket, head));
    line.#proxy.on('connection', (socket) => line.#hold(socket));
    await new Promise((resolve) => line.#proxy.listen(0, '127.0.0.1', () => resolve(null)));
    const address = line.#proxy.address();
    line.url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
    return line;
  }

  /** Breaks every connection; none can be made until `mend`. */
  cut() {
    this.#cut = true;
    for (const end of this.#ends) end.destroy();
  }

  /** From now on the server hears the visitor, but nothing comes back, until `cut`. */
  deafen() {
    this.#deaf = true;
  }

  mend() {
    this.#cut = false;
    this.#deaf = false;
  }

  close() {
    this.cut();
    this.#proxy.close();
  }

  /** @param {import('node:stream').Duplex} end */
  #hold(end) {
    if (this.#cut) return void end.destroy();
    this.#ends.add(end);
    end.on('error', () => {});
    end.on('close', () => this.#ends.delete(end));
  }

  /** @param {http.IncomingMessage} request @param {http.ServerResponse} response */
  #fetch(request, response) {
    const { method, headers } = request;
    const onward = http.request(request.url ?? '', { method, headers, agent: false }, (answer) => {
      if (this.#deaf) return void answer.resume();
      response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      answer.pipe(response);
    });
    onward.on('socket', (socket) => this.#hold(socket));
    onward.on('error', () => response.destroy());
    request.pipe(onward);
  }

  /** @param {http.IncomingMessage} request @param {import('node:stream').Duplex} near @param {Buffer} head */
  #tunnel(request, near, head) {
    const [host = '', port = ''] = (request.url ?? '').split(':');
    const far = net.connect(Number(port), host, () => {
      near.write('HTTP/1.1 200 OK\r\n\r\n');
      far.write(head);
      near.pipe(far);
      far.on('data', (data) => this.#deaf || near.write(data));
      far.on('end', () => near.end());
    });
    this.#hold(far);
    far.on('close', () => near.destroy());
    near.on('close', () => far.destroy());
  }
}
