// What the tests do in the page: one client, the events that it got, and what the browser says of its media.
import { create, sdpHandlers } from '/kandy-wasm/index.js';

/** Longest wait for an event, in ms; far above what anything takes here, so that only a missing event runs into it. */
const PATIENCE = 20_000;

let client;
let events = [];
let waiting = [];

window.page = {
  ...watch.arriving,

  /** Makes the page's client. */
  create(config) {
    client = create(config);
    events = [];
    client.subscribe((type, [payload]) => {
      // The state inside the listener: it has to show the event already.
      events.push({ type, payload, call: payload.callId && client.call.getById(payload.callId), connection: client.getConnection() });
      waiting.forEach((look) => look());
    });
    return client;
  },

  /** The page's client. */
  get client() {
    return client;
  },

  /** As the package exports them. */
  sdpHandlers,

  /** The names of the events up to now. */
  get seen() {
    return events.map(({ type, call, payload }) => [type, call?.state, payload.error?.code].filter(Boolean).join(' '));
  },

  /** All events of one type up to now. */
  all(type) {
    return events.filter((event) => event.type === type);
  },

  /** What kind of value each key of the payload has, in the last event of one type: JSON has no place for undefined ones. */
  shape(type) {
    return kinds(this.all(type).at(-1).payload);
  },

  /** The descriptions that the server has brought, oldest first. */
  get descriptions() {
    return this.all('notification:received').flatMap(({ payload }) => texts(payload)).filter((text) => text.startsWith('v=0'));
  },

  /** What the server has told, oldest first, as far as it has an id: `{ eventId, eventType, session }`. */
  get told() {
    const messages = this.all('notification:received').map(({ payload }) => payload.payload.notificationMessage);
    const short = messages.map(({ eventId, eventType, sessionParams }) => ({ eventId, eventType, session: sessionParams?.sessionData }));
    return short.filter(({ eventId }) => eventId !== undefined);
  },

  /** Takes the first event of this type that contains `pattern`, together with all before it; waits for it if need be. */
  until(type, pattern = {}) {
    return new Promise((resolve, reject) => {
      const look = () => {
        const index = events.findIndex((event) => !event.taken && event.type === type && contains(event, pattern));
        if (index < 0) return;
        stop();
        events.slice(0, index + 1).forEach((event) => (event.taken = true));
        resolve(plain(events[index]));
      };
      const timer = setTimeout(() => {
        stop();
        reject(new Error(`no ${type} ${JSON.stringify(pattern)}; seen: ${this.seen.join(', ')}`));
      }, PATIENCE);
      const stop = () => {
        clearTimeout(timer);
        waiting = waiting.filter((other) => other !== look);
      };
      waiting.push(look);
      look();
    });
  },

  /** Takes all events of this type up to now. */
  pass(type) {
    this.all(type).forEach((event) => (event.taken = true));
  },

  /** Resolves when no call is alive. */
  async settled() {
    while (client.call.getAll().some(({ state }) => state !== 'Ended')) await this.next();
  },

  /** Calls the function at `path`, and tells how that ended and which events it caused. */
  async attempt(path, args) {
    let outcome;
    const events = await this.during(() => {
      try {
        const result = path.split('.').reduce((object, name) => object[name], client)(...args);
        outcome = result instanceof Error ? 'returned Error' : (result ?? null);
      } catch (error) {
        outcome = error.name === 'Error' ? String(error) : error.name;
      }
    });
    return { outcome, events };
  },

  /** Names and error codes of the events that `act` causes before it returns. An event that has to follow marks their end. */
  async during(act) {
    const from = events.length;
    act();
    client.media.muteTracks([]);
    while (events.at(-1)?.type !== 'media:muted' || events.length === from) await this.next();
    return plain(events.slice(from, -1).map(({ type, payload }) => [type, payload.error?.code].filter(Boolean).join(' ')));
  },

  /** Resolves when the next event has come. */
  next() {
    return new Promise((resolve) => {
      const look = () => {
        waiting = waiting.filter((other) => other !== look);
        resolve();
      };
      waiting.push(look);
    });
  },

  /** Devices that are still open. */
  get openDevices() {
    return watch.openDevices;
  },

  /** Peer connections that are still open. */
  get openPeers() {
    return watch.openPeers;
  },
};

function contains(value, pattern) {
  if (typeof pattern !== 'object' || pattern === null) return value === pattern;
  return typeof value === 'object' && value !== null && Object.entries(pattern).every(([key, part]) => contains(value[key], part));
}

function kinds(object) {
  const kind = (value) => (value instanceof Error ? 'error' : Array.isArray(value) ? 'array' : value instanceof RTCStatsReport ? 'report' : typeof value);
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, kind(value)]));
}

/** Every text in a value, to any depth. */
function texts(value) {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(texts) : [];
}

/** As the driver can carry it. */
function plain(value) {
  return JSON.parse(JSON.stringify(value));
}

document.documentElement.dataset.ready = 'yes';
