// A server that does what a test wants: it notes everything that it is asked, grants it unless the test says otherwise, and speaks
// on the WebSocket when it is told to. It serves the test page, too, whose policy then does not keep it from other servers.
import { createReadStream, existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PKG } from '../../../scripts/lib/paths.mjs';
import { acceptSocket } from './websocket.mjs';

const PAGE = fileURLToPath(new URL('../page', import.meta.url));
const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.wasm': 'application/wasm', '.css': 'text/css', '.svg': 'image/svg+xml' };

/** Longest wait for a request, a socket or a frame, in ms; far above what anything takes here. */
const PATIENCE = 20_000;

/** Stands where a status stands: the answer breaks off in the middle. Without a single byte of one, browsers ask again by themselves. */
export const CUT = 'cut';

/** What is granted: method, path, and the body of the answer. Anything else is a fault. */
const GRANTED = [
  ['GET', /^\/v[^/]+\/auth\/mk_token$/, () => ({ success: { access_token: 'AT-1', refresh_token: 'RT-1', expires: 7_200 } })],
  ['GET', /^\/v[^/]+\/auth\/refresh_token$/, () => ({ success: { access_token: 'AT-2', refresh_token: 'RT-2', expires: 7_200 } })],
  ['GET', /^\/v[^/]+\/auth\/revoke_token$/, () => ({ success: true })],
  ['POST', /^\/rest\/version\/[^/]+\/user\/[^/]*\/subscription$/, ({ path, body }) => subscribed(`${path}/S-1`, body)],
  ['PUT', /\/subscription\/S-\d$/, ({ path, body }) => subscribed(path, body)],
  ['DELETE', /\/subscription\/S-\d$/, () => ({ subscribeResponse: { statusCode: 0 } })],
  ['PUT', /\/callControl\/callSessions\/[^/]+$/, () => ({ callControlResponse: { statusCode: 0 } })],
  ['DELETE', /\/callControl\/callSessions\/[^/]+$/, () => ({ callControlResponse: { statusCode: 0 } })],
  ['POST', /\/push\/apple\/devices\/$/, ({ path, body }) => ({ appleDeviceRegistrationResponse: registered(path, body) })],
  ['POST', /\/push\/google\/devices\/$/, ({ path, body }) => ({ googleDeviceRegistrationResponse: registered(path, body) })],
  ['DELETE', /\/push\/\w+\/devices\/77$/, () => ({})],
];

/**
 * Starts it.
 *
 * @param {string} [www] folder of the page
 */
export async function scriptedServer(www = PAGE) {
  const script = new Script();
  script.www = www;
  const http = createServer((request, response) => script.serve(request, response));
  http.on('upgrade', (request, socket) => script.upgrade(request, socket));
  // A page that speaks TLS begins with a handshake record (RFC 8446 5.1), which is no HTTP.
  http.on('clientError', ({ rawPacket }, socket) => {
    if (rawPacket?.[0] === 22) script.note(script.handshakes, {});
    socket.destroy();
  });
  await new Promise((resolve) => http.listen(0, '127.0.0.1', resolve));
  script.port = http.address().port;
  script.url = `http://127.0.0.1:${script.port}/`;
  script.stop = () => {
    script.sockets.forEach((socket) => socket.cut());
    http.closeAllConnections();
    return new Promise((resolve) => http.close(resolve));
  };
  return script;
}

class Script {
  /** Requests: method, path, query, headers, body. */
  requests = [];
  /** WebSockets that were opened. */
  sockets = [];
  /** WebSockets that were refused. */
  refused = [];
  /** Handshakes of TLS. */
  handshakes = [];
  /** What was asked that no client of the protocol asks. */
  faults = [];
  /** Whether WebSockets are refused. */
  refusing = false;
  #answers = [];
  #waiting = new Set();

  /** From now on requests like this get another answer: `{ status, body }`, or nothing at all where it is `undefined`. */
  answer(method, path, answer) {
    this.#answers.unshift([method, path, answer]);
  }

  /** Everything is granted again. */
  grant() {
    this.#answers = [];
    this.refusing = false;
  }

  /** Forgets what happened. */
  forget() {
    for (const list of [this.requests, this.sockets, this.refused, this.handshakes, this.faults]) list.length = 0;
  }

  /** Takes the first request like this that no one has taken, with all before it; waits for it if need be. */
  async asked(method, path) {
    const find = () => this.requests.findIndex((one) => !one.taken && one.method === method && path.test(one.path));
    await this.until(() => find() >= 0, () => `no ${method} ${path}; asked: ${this.requests.map((one) => `${one.method} ${one.path}`).join(', ')}`);
    const at = find();
    this.requests.slice(0, at + 1).forEach((one) => (one.taken = true));
    return this.requests[at];
  }

  /** Takes the first socket that no one has taken. */
  async opened() {
    const find = () => this.sockets.find((one) => !one.taken);
    await this.until(find, () => 'no socket was opened');
    return Object.assign(find(), { taken: true });
  }

  /** Resolves when this holds, which is looked at whenever something comes. */
  until(holds, why = () => String(holds)) {
    return new Promise((resolve, reject) => {
      const look = () => {
        if (!holds()) return;
        stop();
        resolve();
      };
      const timer = setTimeout(() => {
        stop();
        reject(new Error(why()));
      }, PATIENCE);
      const stop = () => {
        clearTimeout(timer);
        this.#waiting.delete(look);
      };
      this.#waiting.add(look);
      look();
    });
  }

  /** Keeps what came, and tells those who wait. */
  note(list, what) {
    list.push({ at: performance.now(), ...what });
    for (const look of [...this.#waiting]) look();
    return list.at(-1);
  }

  async serve(request, response) {
    const { pathname: path, searchParams } = new URL(request.url, this.url);
    if (request.method === 'GET' && sendFile(this.www, path, response)) return undefined;
    response.setHeader('access-control-allow-origin', '*');
    response.setHeader('access-control-allow-methods', 'GET, POST, PUT, DELETE, OPTIONS');
    response.setHeader('access-control-allow-headers', 'accept, authorization, content-type, x-token, x-session');
    if (request.method === 'OPTIONS') return response.writeHead(204).end();
    const text = await wholeText(request);
    const { method, headers } = request;
    const asked = this.note(this.requests, { method, path, query: Object.fromEntries(searchParams), headers, body: bodyOf(text, headers) });
    const own = this.#answers.find(([verb, pattern]) => verb === method && pattern.test(path));
    const granted = GRANTED.find(([verb, pattern]) => verb === method && pattern.test(path));
    if (!own && !granted) this.faults.push(`${method} ${path}`);
    const { status = 200, body } = (own ? own[2](asked) : { body: granted?.[2](asked) }) ?? {};
    if (own && status === CUT) return cut(response);
    if (body === undefined) return own ? request.socket.destroy() : response.writeHead(404).end();
    return response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  }

  upgrade(request, socket) {
    const { pathname: path, searchParams } = new URL(request.url, this.url);
    const asked = { path, query: Object.fromEntries(searchParams) };
    if (this.refusing) {
      this.note(this.refused, asked);
      return socket.end('HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n');
    }
    const one = { ...asked, frames: [], isClosed: false };
    const end = acceptSocket(request, socket, {
      text: (text) => this.note(kept.frames, { frame: JSON.parse(text) }),
      closed: () => {
        kept.isClosed = true;
        this.note([], {});
      },
    });
    const kept = this.note(this.sockets, {
      ...one,
      ...end,
      send: (value) => end.send(JSON.stringify(value)),
      notify: (notificationMessage) => end.send(JSON.stringify({ notificationMessage })),
      /** Resolves when the client has let go of it. */
      gone: () => this.until(() => kept.isClosed, () => 'the socket is still open'),
      /** Resolves with the frames up to the one that is the last of so many like this: `count` of those that have this key. */
      heard: async (key, count = 1) => {
        const found = () => kept.frames.filter(({ frame }) => key in frame);
        await this.until(() => found().length >= count, () => `no ${count} frames with ${key}: ${JSON.stringify(kept.frames)}`);
        return found().slice(0, count);
      },
    });
    return undefined;
  }
}

function cut(response) {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': 100 });
  response.write('{', () => response.socket.destroy());
}

function subscribed(subscription, { subscribeRequest }) {
  const { expires, service } = subscribeRequest;
  const notificationChannel = '/notification/1.0/websocket/C-1';
  return {
    subscribeResponse: {
      statusCode: 0,
      subscription,
      subscriptionParams: { expires, service, notificationType: 'WebSocket', notificationChannel, sessionId: 'X-1' },
    },
  };
}

function registered(path, { service }) {
  return { statusCode: 0, registration: `${path}77`, subscriptionParams: { service } };
}

/** What was sent, where it is JSON; the text of anything else, such as a form. */
function bodyOf(text, headers) {
  return text && /^multipart\//.test(headers['content-type'] ?? '') ? text : text && JSON.parse(text);
}

async function wholeText(request) {
  const pieces = [];
  for await (const piece of request) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

function sendFile(www, path, response) {
  const sdk = '/kandy-wasm/';
  const file = path.startsWith(sdk) ? join(PKG, path.slice(sdk.length)) : join(www, path === '/' ? 'index.html' : path);
  if (!TYPES[extname(file)] || !existsSync(file)) return false;
  response.setHeader('content-type', TYPES[extname(file)]);
  createReadStream(file).pipe(response);
  return true;
}
