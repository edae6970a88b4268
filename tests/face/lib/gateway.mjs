// A gateway that answers what the test tells it to, over HTTP on the own machine; and a clock that the test holds in its hand.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { face } from './face.mjs';

export const API = '/communication/kandy/provisioning';
const TOKEN = '/oauth/client_credential/accesstoken';

/** The module under test, as a bundle of its own. */
export const provisioning = await face(['provisioning.ts']);

export const SECRET = 'a s3cret+of the/project';

/** The headers that every answer has (provisioning §6.2). */
export const HEADERS = {
  'api-version': 'v1',
  sunset: 'n/a',
  'quota-limit': '1000',
  'quota-used': '7',
  'quota-interval': '1',
  'quota-time-unit': 'day',
  'quota-reset-UTC': '2026-11-22T00:00:00Z',
};

/**
 * Starts a gateway. `script` has replies by `METHOD /path`, the path below the API, or `token`; each is used once. Tokens that are
 * not in the script are `token-1`, `token-2` and so on. A reply is `{ status, headers, json, text }`, or a function of the request
 * that returns one; `{ lost: true }` ends the connection, `{ silent: true }` never answers.
 *
 * @returns `requests`, what was asked for, without the tokens; `tokens`, the requests for these; `client(config)`
 */
export async function gateway(t, script = {}) {
  const [requests, tokens, waiting] = [[], [], []];
  const replies = new Map(Object.entries(script).map(([name, reply]) => [name, [reply].flat()]));

  const server = createServer(async (incoming, response) => {
    let body = '';
    for await (const piece of incoming) body += piece;
    const { pathname, search, searchParams } = new URL(incoming.url, 'http://gateway');
    const request = { method: incoming.method, path: pathname.replace(API, ''), search, query: Object.fromEntries(searchParams), headers: incoming.headers, body };
    const isToken = pathname === TOKEN;
    (isToken ? tokens : requests).push(request);
    for (const arrived of waiting.splice(0)) arrived();
    const queue = replies.get(isToken ? 'token' : `${request.method} ${request.path}`);
    const next = queue?.shift() ?? (isToken ? token(`token-${tokens.length}`) : { status: 599, json: { name: 'NotInTheScript' } });
    const { status = 200, headers, json, text, lost, silent } = typeof next === 'function' ? await next(request) : next;
    if (lost) return incoming.socket.destroy();
    if (silent) return;
    response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...HEADERS, ...headers });
    response.end(text ?? JSON.stringify(json));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });

  const url = `http://127.0.0.1:${server.address().port}`;
  return {
    url,
    requests,
    tokens,
    /** Resolves when the next request has arrived. */
    arrival: () => new Promise((resolve) => waiting.push(resolve)),
    client: (config = {}) => provisioning.createProvisioningClient({ baseUrl: url, clientId: 'demo-client', clientSecret: SECRET, clock: fakeClock(), timeout: TIMEOUT, random: () => 1, ...config }),
  };
}

/** The answer of the token endpoint (provisioning §2.2), with other members if wanted. */
export function token(value, members = {}) {
  return {
    json: {
      access_token: value,
      token_type: 'Bearer',
      expires_in: '3599',
      issued_at: '1795234800000',
      client_id: 'demo-client',
      application_name: 'demo',
      developer_email: 'dev@acme.example',
      organization_name: 'ourgw',
      api_product_list: '[kandy-webrtc]',
      api_product_list_json: ['kandy-webrtc'],
      scope: '',
      status: 'approved',
      refresh_token_expires_in: '0',
      refresh_count: '0',
      ...members,
    },
  };
}

/** The server's refusal in the first of the four forms (provisioning §6.3). */
export function refused(status, name, message = 'No.', more = {}) {
  return { status, json: { transactionId: 'f3f1', status: String(status), name, message, info: '', ...more } };
}

export const EMPTY = { products: [] };

/** How long the clients of tests wait for an answer: like no pause, so that the clock can tell the two apart. */
export const TIMEOUT = 12_345;

/**
 * A clock on which pauses are over at once and are noted in `pauses`. Times for answers run out only when `expire` is called.
 */
export function fakeClock() {
  const running = new Set();
  const clock = {
    time: Date.parse('2026-11-21T09:00:00Z'),
    pauses: [],
    /** What a pause does instead, if the test wants that. */
    onPause: undefined,
    expire: () => running.forEach((end) => end()),
    running: () => running.size,
    now: () => clock.time,
    wait: (milliseconds, signal) => {
      if (milliseconds === TIMEOUT) return untilAborted(running, signal);
      clock.pauses.push(milliseconds);
      clock.time += milliseconds;
      return clock.onPause ? clock.onPause(signal) : Promise.resolve();
    },
  };
  return clock;
}

function untilAborted(running, signal) {
  return new Promise((resolve, reject) => {
    running.add(resolve);
    signal.addEventListener('abort', () => {
      running.delete(resolve);
      reject(signal.reason);
    });
  });
}

/** What a promise is rejected with. */
export async function rejection(promise) {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('It was not rejected.');
}
