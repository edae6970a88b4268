// One library in a page of its own. What is measured is the same for all and stands here; what is done stands in its driver:
//
//   load()              resolves when the library's code is there and has run
//   client(name, heard) makes a client, which calls `heard` at each of its events; its `start()` resolves when it is signed in
//   call(alice, bob)    resolves when both say that the call is up, with what ends it and resolves when both have heard of that
//
// Times are milliseconds by `performance.now()`.
import { offered, sees } from './line.js';

/** Longest wait for something, in ms; only what never comes runs into it. */
const PATIENCE = 15_000;

// The moment of the first packet of each connection: a track of the other side is muted until then.
const packets = [];
const { RTCPeerConnection: Connection, fetch: send } = window;
window.RTCPeerConnection = class extends Connection {
  constructor(...args) {
    super(...args);
    packets.push(firstPacket(this));
  }
};
window.fetch = (input, options) => {
  sees(String(options?.body ?? ''));
  return send(input, options);
};

// Each side takes the microphone for itself.
let microphones = 0;
const { mediaDevices } = navigator;
const getUserMedia = mediaDevices.getUserMedia.bind(mediaDevices);
mediaDevices.getUserMedia = (wanted) => {
  microphones += 1;
  return getUserMedia(wanted);
};

// The memory of engines is nobody's to ask for.
const memories = [];
const { instantiate } = WebAssembly;
WebAssembly.instantiate = async (...args) => {
  const made = await instantiate(...args);
  memories.push((made.instance ?? made).exports.memory);
  return made;
};

const driver = await import(`./drivers/${new URLSearchParams(location.search).get('driver')}.js`);
let clients;

window.bench = {
  /** How many calls there were. */
  made: 0,

  /** From nothing to a client that is signed in. `first` and `ready` are counted from the beginning, the others for themselves. */
  async start() {
    let first;
    const began = performance.now();
    await driver.load();
    const loaded = performance.now();
    const client = driver.client('alice', () => (first ??= performance.now()));
    const made = performance.now();
    const ready = client.start();
    const started = performance.now();
    await within(PATIENCE, ready, 'signed in');
    return { load: loaded - began, make: made - loaded, start: started - made, first: first - began, ready: performance.now() - began };
  },

  /** Two clients, signed in. */
  async signIn() {
    await driver.load();
    clients = ['alice', 'bob'].map((name) => driver.client(name, () => {}));
    await within(PATIENCE, Promise.all(clients.map((client) => client.start())), 'signed in');
  },

  /** One call between them: when the offer left the library, and when packets had come on both sides. */
  async call() {
    packets.length = 0;
    microphones = 0;
    offered.at = undefined;
    const began = performance.now();
    const hangUp = await within(PATIENCE, driver.call(...clients), 'up');
    if (packets.length !== 2 || microphones !== 2) throw new Error(`a call of ${packets.length} connections and ${microphones} microphones`);
    const media = Math.max(...(await within(PATIENCE, Promise.all(packets), 'heard')));
    await within(PATIENCE, hangUp(), 'over');
    bench.made += 1;
    return { offer: offered.at - began, media: media - began };
  },

  async calls(count) {
    for (let n = 0; n < count; n += 1) await bench.call();
  },

  /** Bytes that engines have taken. */
  engines() {
    return memories.reduce((sum, { buffer }) => sum + buffer.byteLength, 0);
  },

  /** Paths of the library's files that were loaded. */
  files() {
    const paths = performance.getEntriesByType('resource').map(({ name }) => new URL(name).pathname);
    return [...new Set(paths)].filter((path) => path.startsWith('/lib/'));
  },
};

function firstPacket(connection) {
  return new Promise((resolve) => {
    connection.addEventListener('track', ({ track }) => {
      track.addEventListener('unmute', () => resolve(performance.now()), { once: true });
    });
  });
}

function within(limit, work, what) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`not ${what} within ${limit} ms`)), limit);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

document.documentElement.dataset.ready = 'yes';
