// What is measured, inside the page. Times are milliseconds by `performance.now()`. The SDK is imported only by `sdk()`,
// so that a page can also be looked at without it.

/** Round trips to the server that a call waits for, one after another: start to call, ringing, answer to its notice. */
const ROUND_TRIPS = 3;

/** Longest wait, in ms; only what never comes runs into it. */
const PATIENCE = 15_000;

const AUDIO = { audio: true };

// Peer connections and requests of the SDK are seen from outside. For each connection: the moment of its first packet.
const heard = [];
const { RTCPeerConnection: Bare, fetch: send } = window;
let onStart = () => {};
window.RTCPeerConnection = class extends Bare {
  constructor(...args) {
    super(...args);
    peers.add(new WeakRef(this));
    heard.push(firstPacket(this));
  }
};
window.fetch = (input, options) => {
  const { method = 'GET', url = String(input) } = options?.method ? { method: options.method } : input;
  if (method === 'POST' && new URL(url, location.href).pathname.endsWith('/callControl')) onStart(performance.now());
  return send(input, options);
};

// What may stay behind, held weakly so that the looking does not keep it.
const peers = new Set();
const tracks = new Set();
const { mediaDevices } = navigator;
const getUserMedia = mediaDevices.getUserMedia.bind(mediaDevices);
mediaDevices.getUserMedia = async (wanted) => {
  const stream = await getUserMedia(wanted);
  for (const track of stream.getTracks()) tracks.add(new WeakRef(track));
  return stream;
};
// The engine's memory is nobody's to ask for.
let memory;
const { instantiate } = WebAssembly;
WebAssembly.instantiate = async (...args) => {
  const made = await instantiate(...args);
  memory = (made.instance ?? made).exports.memory;
  return made;
};

let clients;

window.bench = {
  /** Loads the package and makes a client: how long `create` keeps the page busy, and when the engine is there. */
  async create() {
    const { create } = await import('/kandy-wasm/index.js');
    const began = performance.now();
    const client = create(config());
    const returned = performance.now();
    await event(client, 'devices:change');
    return { create: returned - began, engine: performance.now() - began };
  },

  /** Two clients of this page, logged in. */
  async signIn() {
    const { create } = await import('/kandy-wasm/index.js');
    clients = ['alice', 'bob'].map((user) => {
      const client = create(config());
      client.connect({ username: `${user}@example.com`, password: 'demo' });
      return client;
    });
    await Promise.all(clients.map((client) => event(client, 'auth:change', () => client.getConnection().isConnected)));
  },

  /** One call between them: when the offer was handed to `fetch`, and when packets had come on both sides. */
  async call() {
    const [alice, bob] = clients;
    heard.length = 0;
    let offered;
    onStart = (moment) => (offered = moment);
    const arrives = event(bob, 'call:receive').then(({ callId }) => bob.call.answer(callId, AUDIO));
    const began = performance.now();
    const id = alice.call.make('bob@example.com', AUDIO);
    await arrives;
    const media = (await last(heard)) - began;
    const offer = offered - began;
    const over = [alice, bob].map((client) => event(client, 'call:stateChange', ({ callId }) => client.call.getById(callId).state === 'Ended'));
    alice.call.end(id);
    await Promise.all(over);
    return { offer, media };
  },

  /** Resolves when nothing of the calls before waits any more. */
  quiet() {
    return new Promise((resolve) => setTimeout(resolve, PATIENCE + 1_000));
  },

  /** What is open, and the bytes of the engine's memory. */
  left() {
    const alive = (refs, isOpen) => [...refs].map((ref) => ref.deref()).filter((one) => one && isOpen(one)).length;
    const result = {
      peers: alive(peers, ({ connectionState }) => connectionState !== 'closed'),
      tracks: alive(tracks, ({ readyState }) => readyState === 'live'),
      elements: document.querySelectorAll('audio, video').length,
      engine: memory.buffer.byteLength,
    };
    peers.clear();
    tracks.clear();
    return result;
  },

  /** The same with nothing but the browser: descriptions travel when gathering is complete, with as many round trips. */
  async bare() {
    const began = performance.now();
    const [one, two] = [new Bare(), new Bare()];
    const packets = [one, two].map(firstPacket);
    await addMicrophone(one);
    await one.setLocalDescription();
    await gathered(one);
    const offer = performance.now() - began;
    await roundTrip(one.localDescription.sdp);
    await two.setRemoteDescription(one.localDescription);
    for (let n = 2; n < ROUND_TRIPS; n += 1) await roundTrip('');
    await addMicrophone(two);
    await two.setLocalDescription();
    await gathered(two);
    await roundTrip(two.localDescription.sdp);
    await one.setRemoteDescription(two.localDescription);
    const media = (await last(packets)) - began;
    close([one, two]);
    return { offer, media };
  },

  /** The least that a browser can do: candidates trickle within the page, nothing travels. */
  async trickling() {
    const began = performance.now();
    const [one, two] = [new Bare(), new Bare()];
    const packets = [one, two].map(firstPacket);
    one.onicecandidate = ({ candidate }) => two.addIceCandidate(candidate);
    two.onicecandidate = ({ candidate }) => one.addIceCandidate(candidate);
    await addMicrophone(one);
    await one.setLocalDescription();
    const offer = performance.now() - began;
    await two.setRemoteDescription(one.localDescription);
    await addMicrophone(two);
    await two.setLocalDescription();
    await one.setRemoteDescription(two.localDescription);
    const media = (await last(packets)) - began;
    close([one, two]);
    return { offer, media };
  },
};

function config() {
  const here = { server: location.hostname, port: location.port };
  return {
    logs: { logLevel: 'error' },
    authentication: { subscription: { ...here, protocol: 'http' }, websocket: { ...here, protocol: 'ws' } },
  };
}

/** The payload of the next event that fits. */
function event(client, type, fits = () => true) {
  return new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error(`no ${type}`)), PATIENCE);
    const listener = (payload) => {
      if (!fits(payload)) return;
      client.off(type, listener);
      resolve(payload);
    };
    client.on(type, listener);
  });
}

/** The moment of the first packet: a track of the other side is muted until then. */
function firstPacket(connection) {
  return new Promise((resolve) => {
    connection.addEventListener('track', ({ track }) => {
      track.addEventListener('unmute', () => resolve(performance.now()), { once: true });
    });
  });
}

async function last(moments) {
  const silence = new Promise((_, reject) => setTimeout(() => reject(new Error('no packet')), PATIENCE));
  return Math.max(...(await Promise.race([Promise.all(moments), silence])));
}

async function addMicrophone(connection) {
  const stream = await navigator.mediaDevices.getUserMedia(AUDIO);
  connection.addTrack(stream.getAudioTracks()[0], stream);
}

function gathered(connection) {
  return new Promise((resolve) => {
    const look = () => connection.iceGatheringState === 'complete' && resolve();
    connection.addEventListener('icegatheringstatechange', look);
    look();
  });
}

/** A request like those of a call: a body there, an answer back. */
async function roundTrip(body) {
  const response = await send('/bench', { method: 'POST', body });
  await response.text();
}

function close(connections) {
  for (const connection of connections) {
    connection.getSenders().forEach(({ track }) => track?.stop());
    connection.close();
  }
}

document.documentElement.dataset.ready = 'yes';
