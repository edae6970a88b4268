// As much of a Kandy Link gateway as a call needs, within the page, where it stands for `fetch` and `WebSocket`: signing in, and calls
// of two. Which requests there are and what is told of them is the protocol's (docs/openapi.json); nothing is checked, kept or timed.
import { line } from './line.js';

/** Addresses of the protocol; everything else goes to the page's server. */
const OURS = /^\/(rest\/version|v2\.0)\//;
const SESSION = /\/callSessions\/(.+)$/;

/** What was asked that is not answered here. */
export const unknown = [];

/** Ends of the sockets, by user. */
const sockets = new Map();

/** The two sides of each call, by session: `{ user, other }`, where `other` is the other side's session. */
const sessions = new Map();
let last = 0;

/** Takes the place of the network. */
export function install() {
  const [outside, inside] = line();
  const waiting = new Map();
  inside.hear((text) => {
    const { id, ...request } = JSON.parse(text);
    const [body, tell] = serve(request);
    inside.send(JSON.stringify({ id, body: JSON.stringify(body) }));
    tell?.();
  });
  outside.hear((text) => {
    const { id, body } = JSON.parse(text);
    waiting.get(id)(new Response(body, { headers: { 'content-type': 'application/json' } }));
    waiting.delete(id);
  });
  const { fetch } = window;
  window.fetch = (url, options = {}) => {
    const { pathname: path } = new URL(url, location.href);
    if (!OURS.test(path)) return fetch(url, options);
    return new Promise((resolve) => {
      last += 1;
      waiting.set(last, resolve);
      outside.send(JSON.stringify({ id: last, method: options.method ?? 'GET', path, body: options.body }));
    });
  };
  window.WebSocket = PageSocket;
}

/** The answer's body, and what is told after it. */
function serve({ method, path, body }) {
  const { callControlRequest: call, subscribeRequest } = body ? JSON.parse(body) : {};
  const done = { callControlResponse: { statusCode: 0 } };
  const session = sessions.get(SESSION.exec(path)?.[1]);
  if (path.endsWith('/auth/mk_token')) return [{ success: { access_token: 'A', refresh_token: 'R', expires: 7_200 } }];
  if (method === 'POST' && path.endsWith('/subscription')) return [subscribed(path, subscribeRequest)];
  if (method === 'POST' && path.endsWith('/callControl') && call.type === 'callStart') return start(path, call);
  if (session && method === 'DELETE') return [done, () => end(session)];
  if (session && call?.type === 'ringing') return [done, () => tell(session.other, 'ringing')];
  if (session && call?.type === 'callAnswer') return [done, () => tell(session.other, 'respondCallUpdate', call.sdp)];
  unknown.push(`${method} ${path} ${call?.type ?? ''}`);
  return [{}];
}

function subscribed(path, { expires, service }) {
  const notificationChannel = `/notification/1.0/websocket/${userOf(path)}`;
  const subscriptionParams = { expires, service, notificationType: 'WebSocket', notificationChannel, sessionId: 'S' };
  return { subscribeResponse: { statusCode: 0, subscription: `${path}/1`, subscriptionParams } };
}

function start(path, { to, sdp }) {
  last += 1;
  const [here, there] = [`caller-${last}`, `callee-${last}`];
  sessions.set(here, { user: userOf(path), other: there });
  sessions.set(there, { user: to.replace('sip:', ''), other: here });
  return [{ callControlResponse: { statusCode: 0, sessionData: here } }, () => tell(there, 'call', sdp)];
}

function end({ other }) {
  tell(other, 'callEnd');
  sessions.delete(sessions.get(other).other);
  sessions.delete(other);
}

function tell(session, eventType, sdp) {
  last += 1;
  const { user, other } = sessions.get(session);
  const remote = sessions.get(other).user;
  const callNotificationParams = { callerName: '', callerDisplayNumber: remote, remoteName: '', remoteDisplayNumber: remote };
  const notificationMessage = { eventType, eventId: String(last), time: Date.now(), sessionParams: { sessionData: session, sdp }, callNotificationParams };
  sockets.get(user).send(JSON.stringify({ notificationMessage }));
}

function userOf(path) {
  return decodeURIComponent(path.split('/')[5]);
}

class PageSocket extends EventTarget {
  readyState = WebSocket.CONNECTING;
  bufferedAmount = 0;
  #end;

  constructor(url) {
    super();
    const [outside, inside] = line();
    this.#end = outside;
    const user = decodeURIComponent(new URL(url).pathname.split('/').at(-1));
    sockets.set(user, inside);
    inside.hear((text) => JSON.parse(text).connCheck && inside.send('{"connAck":{}}'));
    outside.hear((text) => this.#hear(text));
    inside.send('open');
  }

  #hear(data) {
    if (data !== 'open') return this.dispatchEvent(new MessageEvent('message', { data }));
    this.readyState = PageSocket.OPEN;
    return this.dispatchEvent(new Event('open'));
  }

  send(text) {
    this.#end.send(text);
  }

  close() {
    this.readyState = PageSocket.CLOSED;
    this.#end.close();
  }
}
Object.assign(PageSocket, { CONNECTING: 0, OPEN: 1, CLOSING: 2, CLOSED: 3 });
