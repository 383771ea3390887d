// A demo server of a test file's own: its ports, its data folder or its database, started, stopped and started again.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from './until.js';

/** @typedef {{name: string, email: string, password: string}} Login */
/** @typedef {{email: string, pin: string}} Contact */
/** @typedef {{clock?: string, offerSeconds?: number, suggestions?: 'full', smtp?: string}} Start `clock`: the server's time, such as
 * 2026-03-09T08:59:50-04:00; `suggestions`: by what a text means, and not by its words alone */

const root = fileURLToPath(new URL('../../../', import.meta.url));
const target = process.env.CARGO_TARGET_DIR || join(root, 'target');
const binary = process.env.DESKBELL_BIN || join(target, 'debug', 'deskbell');

/** sqlite or postgres. */
export const engine = process.env.DESKBELL_TEST_ENGINE || 'sqlite';

/** What a server may write to its log only when something is wrong. */
const FAULT = / ERROR |panicked/;

let databases = 0;

export class Server {
  /** Everything that it printed and logged, over all its starts. */
  output = '';
  /** @type {import('node:child_process').ChildProcess | null} */
  #process = null;

  /**
   * @param {number} port
   * @param {number} sitePort
   * @param {Start} how
   */
  constructor(port, sitePort, how) {
    this.how = how;
    this.port = port;
    this.sitePort = sitePort;
    this.url = `http://127.0.0.1:${port}`;
    /** The customer's page that embeds the widget: another site to a browser. */
    this.site = `http://localhost:${sitePort}/`;
    this.folder = mkdtempSync(join(tmpdir(), 'deskbell-browser-'));
    this.database = engine === 'postgres' ? `b${process.pid}_${(databases += 1)}` : '';
    if (this.database) sql(`CREATE DATABASE ${this.database}`);
  }

  /** A new one with nothing but the demo in it. @param {Start} [how] */
  static async start(how = {}) {
    if (!existsSync(binary)) throw new Error(`${binary} is not there: run "cargo build" first`);
    const server = new Server(await freePort(), await freePort(), how);
    try {
      await server.run();
    } catch (error) {
      await server.close().catch(() => {});
      throw error;
    }
    return server;
  }

  /** Starts it (again): same ports, same data. @param {Start} [change] */
  async run(change = {}) {
    this.how = { ...this.how, ...change };
    const { clock, offerSeconds, suggestions = 'lexical', smtp } = this.how;
    const args = ['demo', '--listen', `127.0.0.1:${this.port}`, '--site-listen', `127.0.0.1:${this.sitePort}`, '--data', this.folder];
    if (clock) args.push('--clock', clock);
    if (offerSeconds) args.push('--offer-seconds', String(offerSeconds));
    if (smtp) args.push('--smtp', smtp);
    if (this.database) args.push('--database', databaseUrl(this.database));
    const started = this.output.length;
    const child = spawn(binary, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { DESKBELL_SUGGESTIONS: suggestions, ...process.env, NO_COLOR: '1' } });
    this.#process = child;
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (data) => (this.output += data));
    await until('the server to be ready', async () => {
      if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}:\n${this.output.slice(started)}`);
      const answer = await fetch(`${this.url}/readyz`).catch(() => null);
      return answer?.ok && /Customers and their PINs/.test(this.output.slice(started));
    }, 30_000);
  }

  /** @param {NodeJS.Signals} [signal] */
  async stop(signal = 'SIGTERM') {
    const child = this.#process;
    this.#process = null;
    if (!child || child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    const late = setTimeout(() => child.kill('SIGKILL'), 20_000);
    await ended;
    clearTimeout(late);
  }

  /** Stops it and takes its data away; a fault in its log is a failure of the test. */
  async close() {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
    if (this.database) sql(`DROP DATABASE ${this.database} WITH (FORCE)`);
    const faults = this.output.split('\n').filter((line) => FAULT.test(line));
    if (faults.length) throw new Error(`the server logged faults:\n${faults.slice(0, 20).join('\n')}`);
  }

  /** What the database says, a line a row with | between; the server has stopped. @param {string} statement @returns {string[]} */
  rows(statement) {
    const asked = this.database
      ? spawnSync('psql', [databaseUrl(this.database), '-qXAtc', statement], { encoding: 'utf8' })
      : spawnSync('sqlite3', ['-readonly', join(this.folder, 'deskbell.sqlite'), statement], { encoding: 'utf8' });
    if (asked.status !== 0) throw new Error(`${statement}: ${asked.error?.message ?? asked.stderr}`);
    return asked.stdout.split('\n').filter(Boolean);
  }

  /** A person of the desk, by first name, from what the demo prints. @param {string} first @returns {Login} */
  login(first) {
    for (const line of this.output.split('\n')) {
      const [email = '', password = '', name = ''] = line.trim().split(/ {2,}/);
      if (email.startsWith(`${first}.`) && password === `demo-${first}`) return { email, password, name };
    }
    throw new Error(`the demo printed no login for ${first}`);
  }

  /** A customer, by first name, from what the demo prints. @param {string} first @returns {Contact} */
  contact(first) {
    const found = new RegExp(`^ +(${first}\\.\\S+) +(\\d{4}) `, 'm').exec(this.output);
    if (!found?.[1] || !found[2]) throw new Error(`the demo printed no PIN for ${first}`);
    return { email: found[1], pin: found[2] };
  }
}

/** @param {string} name */
function databaseUrl(name) {
  const server = process.env.DESKBELL_TEST_POSTGRES;
  if (!server) throw new Error('DESKBELL_TEST_POSTGRES is not set: run this through tests/with-postgres');
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}

/** @param {string} statement */
function sql(statement) {
  const { status, stderr, error } = spawnSync('psql', [databaseUrl('postgres'), '-qXc', statement], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${statement}: ${error?.message ?? stderr}`);
}

/** @returns {Promise<number>} */
function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
