// A proxy between a page and the gateway that can do what networks and load balancers do, and notes which notifications passed.
import { EventEmitter } from 'node:events';
import { createServer, request as ask } from 'node:http';
import { Gate } from './gate.mjs';
import { Tunnel } from './tunnel.mjs';

/** Largest body that is carried, in bytes, in either direction; the gateway takes no larger one. */
const LARGEST = 1 << 20;

/**
 * Headers that belong to one connection (RFC 9110, section 7.6.1), the length, which is written anew, and the policy that lets the
 * gateway's pages speak to their own origin alone: here they speak to another one, so that the browser's rules for that hold.
 */
const OWN = ['connection', 'keep-alive', 'transfer-encoding', 'content-length', 'content-security-policy'];

/**
 * What is done to one request; everything is optional.
 *
 * @typedef {object} Fault
 * @property {number} [delay] ms by which the answer comes later
 * @property {number} [status] the answer is replaced by this status, with a page of HTML as load balancers write it
 * @property {object} [json] the body of the replaced answer, instead of that page
 * @property {string} [url] path and query with which the gateway is asked instead
 * @property {boolean} [reaches] a replaced request has reached the gateway all the same
 * @property {boolean} [cors] whether a replaced answer may be read by pages of other origins, default true; if not, the page
 *   gets a TypeError
 */

/** Starts a proxy in front of `gateway` on a free port of this machine. */
export async function startProxy(gateway) {
  const proxy = new FaultProxy(Number(new URL(gateway.url).port));
  await proxy.start();
  return proxy;
}

/**
 * Events: `socket` with a `Tunnel` that the gateway has accepted, `answer` when the gateway has answered a client's check,
 * `notification` with a new entry of `notifications`.
 */
class FaultProxy extends EventEmitter {
  /** Every notification that the gateway has written, in this order: `{ eventId, eventType, session, delivered }`. */
  notifications = [];
  /**
   * Decides about each request, pre-flights aside, and each opening of a WebSocket (its method is GET).
   * @type {(request: { method: string, path: string, query: URLSearchParams }) => Fault | undefined}
   */
  fault = () => undefined;

  #target;
  #gate;
  #http;
  #tunnels = [];

  constructor(target) {
    super();
    this.#target = target;
    // What waits behind a cut waits as long as the cut.
    this.#http = createServer({ requestTimeout: 0, headersTimeout: 0 }, (request, response) => void this.#carry(request, response));
    this.#http.on('upgrade', (request, line, head) => void this.#upgrade(request, line, head));
    this.#gate = new Gate((line) => this.#http.emit('connection', line));
  }

  /** As `startGateway` gives it, so that a client can be configured with it. */
  get url() {
    return `http://127.0.0.1:${this.#gate.port}`;
  }

  /** The same under another name: for browsers another origin. */
  get elsewhere() {
    return `http://localhost:${this.#gate.port}`;
  }

  /** WebSockets that are open, oldest first. */
  get sockets() {
    return this.#tunnels.filter(({ isOpen }) => isOpen);
  }

  start() {
    return this.#gate.listen();
  }

  /** See `Gate.cut`. */
  cut(directions, forget) {
    this.#gate.cut(directions, forget);
  }

  /** The end of a cut. */
  restore() {
    this.#gate.restore();
  }

  /** From now on connections are refused; those that are open break off. */
  refuse() {
    return this.#gate.refuse();
  }

  /** The end of refusing. */
  listen() {
    return this.#gate.listen();
  }

  async stop() {
    for (const tunnel of this.#tunnels) tunnel.destroy();
    await this.#gate.stop();
  }

  async #carry(request, response) {
    const fault = this.#faultOf(request);
    try {
      const body = await read(request);
      const reaches = fault.status === undefined || fault.reaches;
      const answer = reaches ? await this.#asked(request, fault.url ?? request.url, body) : undefined;
      // The delay is the fault that is tested.
      if (fault.delay) await new Promise((resolve) => setTimeout(resolve, fault.delay));
      if (fault.status !== undefined) return replaced(response, fault);
      response.writeHead(answer.status, answer.headers);
      response.end(answer.body);
    } catch {
      // The gateway is not there, or the client has gone.
      response.destroy();
    }
  }

  /** The gateway's answer. */
  #asked({ method, headers }, path, body) {
    return new Promise((resolve, reject) => {
      const asked = ask({ port: this.#target, host: '127.0.0.1', method, path, headers: ours(headers), agent: false }, (answer) => {
        read(answer).then((text) => resolve({ status: answer.statusCode, headers: ours(answer.headers), body: text }), reject);
      });
      asked.on('error', reject);
      asked.end(body);
    });
  }

  #upgrade(request, line, head) {
    const { status, url } = this.#faultOf(request);
    if (status !== undefined) {
      line.end(`HTTP/1.1 ${status} Replaced\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    const tunnel = new Tunnel({ url: url ?? request.url, rawHeaders: request.rawHeaders }, line, head, this.#target);
    this.#tunnels.push(tunnel);
    tunnel.on('notification', (notification) => {
      this.notifications.push(notification);
      this.emit('notification', notification);
    });
    tunnel.on('open', () => this.emit('socket', tunnel));
    tunnel.on('answer', () => this.emit('answer', tunnel));
  }

  #faultOf({ method, url }) {
    if (method === 'OPTIONS') return {};
    const { pathname, searchParams } = new URL(url, this.url);
    return this.fault({ method, path: pathname, query: searchParams }) ?? {};
  }
}

function replaced(response, { status, json, cors = true }) {
  response.writeHead(status, { 'content-type': json ? 'application/json' : 'text/html', ...(cors && { 'access-control-allow-origin': '*' }) });
  response.end(json ? JSON.stringify(json) : `<html><body><h1>${status}</h1></body></html>`);
}

function ours(headers) {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !OWN.includes(name)));
}

async function read(stream) {
  const chunks = [];
  let length = 0;
  for await (const chunk of stream) {
    length += chunk.length;
    if (length > LARGEST) throw new Error('the body is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
