// What the tests do in the page: one client, the events that it got, and what the browser says of its media.
import { create } from '/kandy-wasm/index.js';

/** Longest wait for an event, in ms; far above what anything takes here, so that only a missing event runs into it. */
const PATIENCE = 20_000;

let client;
let events = [];
let waiting = [];

window.page = {
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

  /** The names of the events up to now. */
  get seen() {
    return events.map(({ type, call, payload }) => [type, call?.state, payload.error?.code].filter(Boolean).join(' '));
  },

  /** All events of one type up to now. */
  all(type) {
    return events.filter((event) => event.type === type);
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

  /** What has arrived of the other side since the call began. */
  async received() {
    const totals = { frames: 0, energy: 0, audioPackets: 0 };
    for (const peer of watch.peers.filter(({ connectionState }) => connectionState !== 'closed')) {
      for (const report of (await peer.getStats()).values()) {
        if (report.type !== 'inbound-rtp') continue;
        if (report.kind === 'video') totals.frames += report.framesDecoded ?? 0;
        if (report.kind === 'audio') totals.energy += report.totalAudioEnergy ?? 0;
        if (report.kind === 'audio') totals.audioPackets += report.packetsReceived ?? 0;
      }
    }
    return totals;
  },

  /** Waits until this much more has arrived: decoded pictures, energy of sound, packets of sound; tells the growth. */
  async flowing({ frames = 0, energy = 0, audioPackets = 0 }) {
    const before = await this.received();
    const deadline = performance.now() + PATIENCE;
    for (;;) {
      const now = await this.received();
      const grown = { frames: now.frames - before.frames, energy: now.energy - before.energy, audioPackets: now.audioPackets - before.audioPackets };
      if (grown.frames >= frames && grown.energy >= energy && grown.audioPackets >= audioPackets) return grown;
      if (performance.now() > deadline) throw new Error(`no media: ${JSON.stringify(grown)}`);
      // The browser has no event for statistics.
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  },

  /** Waits until nothing has arrived for a second; tells after how many ms the last of it came. */
  async still() {
    const start = performance.now();
    let [before, changed] = [await this.received(), start];
    while (performance.now() - changed < 1_000) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      const now = await this.received();
      if (now.frames !== before.frames || now.audioPackets !== before.audioPackets) [before, changed] = [now, performance.now()];
      if (changed - start > PATIENCE) throw new Error('media go on and on');
    }
    return Math.round(changed - start);
  },

  /** Devices that are still open. */
  get openDevices() {
    return watch.tracks.filter(({ readyState }) => readyState === 'live').length;
  },

  /** Peer connections that are still open. */
  get openPeers() {
    return watch.peers.filter(({ connectionState }) => connectionState !== 'closed').length;
  },
};

function contains(value, pattern) {
  if (typeof pattern !== 'object' || pattern === null) return value === pattern;
  return typeof value === 'object' && value !== null && Object.entries(pattern).every(([key, part]) => contains(value[key], part));
}

/** As the driver can carry it. */
function plain(value) {
  return JSON.parse(JSON.stringify(value));
}

document.documentElement.dataset.ready = 'yes';
