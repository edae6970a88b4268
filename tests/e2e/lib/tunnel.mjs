// One WebSocket that passes through the proxy: what the gateway says on it is noted, and it can go deaf or be closed in the
// gateway's name.
import { EventEmitter } from 'node:events';
import { connect } from 'node:net';
import { TO_CLIENT, TO_SERVER } from './gate.mjs';
import { CLOSE, FrameReader, TEXT, closeFrame } from './frames.mjs';

/** Largest head of an answer, in bytes; the gateway's has some hundred. */
const LARGEST_HEAD = 16 << 10;

/**
 * Events: `notification` with each that the gateway writes, `answer` when it has answered a check, `open` when it has accepted,
 * `close` at the end.
 */
export class Tunnel extends EventEmitter {
  /** Whether the gateway has accepted, and neither side has ended it. */
  isOpen = false;

  #line;
  #gateway;
  #silent = new Set();
  #fromClient = new FrameReader();
  #fromGateway = new FrameReader();
  /** The answer to the upgrade, until it is complete. */
  #head = Buffer.alloc(0);
  #answer = 'waiting';
  /** A close in the gateway's name was sent. */
  #closing = false;

  /**
   * @param {{ url: string, rawHeaders: string[] }} request the client's
   * @param {import('node:stream').Duplex} line to the client
   * @param {Buffer} head what the client has already sent
   * @param {number} port of the gateway
   */
  constructor(request, line, head, port) {
    super();
    this.#line = line;
    this.#gateway = connect({ port, host: '127.0.0.1', noDelay: true });
    this.#gateway.write(headOf(request));
    line.on('data', (chunk) => this.#clientSaid(chunk));
    this.#gateway.on('data', (chunk) => this.#gatewaySaid(chunk));
    line.on('end', () => this.#clientGone());
    line.on('error', () => {});
    line.on('close', () => this.#clientGone());
    this.#gateway.on('error', () => {});
    this.#gateway.on('close', () => this.#gatewayGone());
    if (head.length > 0) this.#clientSaid(head);
    line.resume();
  }

  /**
   * From now on nothing passes in this direction, neither frames nor the end of the connection; the other side is not told.
   * @param {'toServer' | 'toClient'} direction
   */
  silence(direction) {
    this.#silent.add(direction);
  }

  /**
   * Closes the socket in the gateway's name.
   * @param {number} code
   * @param {boolean} hidden the gateway is not told: it takes the socket for open
   */
  close(code, hidden) {
    this.#closing = true;
    this.#line.write(closeFrame(code));
    this.#parted(hidden);
  }

  /** The connection to the client breaks off without a close frame, which is code 1006 for the page. */
  breakOff(hidden = false) {
    this.#closing = true;
    this.#line.breakOff();
    this.#parted(hidden);
  }

  /** The end of both sides, whatever was silenced. */
  destroy() {
    this.#line.breakOff();
    this.#gateway.destroy();
  }

  #parted(hidden) {
    this.#silent.add(TO_CLIENT);
    if (hidden) this.#silent.add(TO_SERVER);
    else this.#gateway.end();
    this.#closed();
  }

  #clientSaid(chunk) {
    for (const frame of this.#fromClient.push(chunk)) {
      if (!this.#silent.has(TO_SERVER) && this.#gateway.writable) this.#gateway.write(frame.raw);
      // The client has agreed to the close; the server's side ends the connection (RFC 6455, section 7.1.1).
      if (this.#closing && frame.opcode === CLOSE) this.#line.end();
    }
  }

  #gatewaySaid(chunk) {
    if (this.#answer === 'refused') return void this.#line.write(chunk);
    const frames = this.#answer === 'accepted' ? chunk : this.#answered(chunk);
    for (const frame of this.#fromGateway.push(frames)) this.#deliver(frame);
  }

  /** Passes the answer to the upgrade on; gives what comes behind it. */
  #answered(chunk) {
    this.#head = Buffer.concat([this.#head, chunk]);
    const end = this.#head.indexOf('\r\n\r\n') + 4;
    if (end < 4) {
      if (this.#head.length > LARGEST_HEAD) this.#gateway.destroy(new Error('an answer without an end'));
      return Buffer.alloc(0);
    }
    this.#answer = this.#head.toString('latin1').startsWith('HTTP/1.1 101') ? 'accepted' : 'refused';
    if (this.#answer === 'refused') {
      this.#line.write(this.#head);
      return Buffer.alloc(0);
    }
    this.#line.write(this.#head.subarray(0, end));
    this.isOpen = true;
    this.emit('open');
    return this.#head.subarray(end);
  }

  #deliver(frame) {
    const { notification, isAnswer } = meaning(frame);
    const passes = !this.#silent.has(TO_CLIENT);
    // The line takes it when it has left for the client.
    if (passes) this.#line.write(frame.raw, (error) => notification && !error && (notification.delivered = true));
    if (notification) this.emit('notification', notification);
    if (passes && isAnswer) this.emit('answer');
  }

  #clientGone() {
    if (!this.#silent.has(TO_SERVER)) this.#gateway.end();
    this.#closed();
  }

  #gatewayGone() {
    if (this.#silent.has(TO_CLIENT)) return;
    // As it ended: after its last words in order, or in the middle of everything.
    if (this.#gateway.errored) this.#line.breakOff();
    else this.#line.end();
    this.#closed();
  }

  #closed() {
    this.isOpen = false;
    this.emit('close');
  }
}

/** The client's request, as it came, except that nothing is compressed, which would have to be understood here. */
function headOf({ url, rawHeaders }) {
  const lines = [`GET ${url} HTTP/1.1`];
  for (let n = 0; n < rawHeaders.length; n += 2) {
    if (rawHeaders[n].toLowerCase() !== 'sec-websocket-extensions') lines.push(`${rawHeaders[n]}: ${rawHeaders[n + 1]}`);
  }
  return `${lines.join('\r\n')}\r\n\r\n`;
}

/** What a frame tells a client: a notification, as far as it has an id, or the answer to a check. */
function meaning({ opcode, whole, payload }) {
  if (opcode !== TEXT) return {};
  if (!whole) throw new Error('the gateway writes a message in parts');
  const { notificationMessage = {}, connAck } = JSON.parse(payload.toString('utf8'));
  const { eventId, eventType, sessionParams } = notificationMessage;
  if (eventId === undefined) return { isAnswer: connAck !== undefined };
  return { notification: { eventId, eventType, session: sessionParams?.sessionData, delivered: false } };
}
