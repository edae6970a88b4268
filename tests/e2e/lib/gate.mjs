// A TCP port that behaves like a bad network: it can lose everything in one direction or both, refuse, or break connections off.
import { once } from 'node:events';
import { createServer } from 'node:net';
import { Duplex } from 'node:stream';

/** Connections at a time; a browser has some ten. */
const LINES = 1_000;

/** The two directions of a line. */
export const TO_SERVER = 'toServer';
export const TO_CLIENT = 'toClient';

/**
 * A port of this machine. Every connection that gets through is handed to `serve` as a stream, which loses nothing: what TCP would
 * send again is kept until the cut is over.
 */
export class Gate {
  #server;
  #serve;
  #port = 0;
  #lines = new Set();
  #cut = new Set();
  #held = { [TO_SERVER]: [], [TO_CLIENT]: [] };

  /** @param {(line: Duplex) => void} serve */
  constructor(serve) {
    this.#serve = serve;
  }

  /** The port on which it listens. */
  get port() {
    return this.#port;
  }

  /** Listens: at first on a free port, then always on the same one. */
  async listen() {
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (raw) => this.#arrived(raw));
    this.#server.maxConnections = LINES;
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = this.#server.address().port;
  }

  /** From now on connections are refused; those that are open break off. */
  async refuse() {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const line of this.#lines) line.breakOff();
    await closed;
  }

  /**
   * From now on everything in these directions is lost without a word: no byte passes, no connection is made, none is closed.
   * @param {string[]} [directions]
   * @param {boolean} [forget] the connections of now stay dead for ever, as when something on the way forgot about them;
   *   otherwise they go on when the cut is over, as TCP does
   */
  cut(directions = [TO_SERVER, TO_CLIENT], forget = false) {
    for (const direction of directions) this.#cut.add(direction);
    if (forget) for (const line of this.#lines) line.forgotten = true;
  }

  /** The end of the cut. */
  restore() {
    this.#cut.clear();
    for (const [direction, held] of Object.entries(this.#held)) {
      this.#held[direction] = [];
      for (const { line, act } of held) this.pass(direction, line, act);
    }
  }

  /** The end of everything. */
  async stop() {
    this.restore();
    if (this.#server.listening) await this.refuse();
  }

  /** Acts as soon as this direction lets something pass on this line: now, at the end of the cut, or never. */
  pass(direction, line, act) {
    if (line.forgotten) return;
    if (this.#cut.has(direction)) this.#held[direction].push({ line, act });
    else act();
  }

  #arrived(raw) {
    const line = new Line(raw, this);
    this.#lines.add(line);
    raw.on('close', () => this.#lines.delete(line));
    // The handshake needs both directions.
    this.pass(TO_SERVER, line, () => this.pass(TO_CLIENT, line, () => this.#serve(line)));
  }
}

/** One connection of a client, as the server's side of the gate sees it. */
class Line extends Duplex {
  /** Nothing ever passes again. */
  forgotten = false;
  #raw;
  #gate;

  constructor(raw, gate) {
    super();
    this.#raw = raw;
    this.#gate = gate;
    raw.on('data', (chunk) => {
      raw.pause();
      gate.pass(TO_SERVER, this, () => this.push(chunk));
    });
    raw.on('end', () => gate.pass(TO_SERVER, this, () => this.push(null)));
    // A connection that breaks off is as silent as one that closes; what matters is that it is gone.
    raw.on('error', () => {});
    raw.on('close', () => gate.pass(TO_SERVER, this, () => this.destroy()));
    raw.pause();
  }

  /** Breaks the connection off (RST), cut or not. */
  breakOff() {
    this.#raw.resetAndDestroy();
    this.destroy();
  }

  _read() {
    this.#raw.resume();
  }

  _write(chunk, _encoding, done) {
    this.#gate.pass(TO_CLIENT, this, () => (this.#raw.writable ? this.#raw.write(chunk, done) : done(new Error('the client is gone'))));
  }

  _final(done) {
    this.#gate.pass(TO_CLIENT, this, () => {
      this.#raw.end();
      done();
    });
  }

  _destroy(error, done) {
    this.#gate.pass(TO_CLIENT, this, () => this.#raw.destroySoon());
    done(error);
  }
}
