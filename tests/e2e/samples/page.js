// The page of one sample: makes what its setting gives, loads its module, and waits for what is to come of it.
import { create } from './watched.js';

const query = new URLSearchParams(location.search);
const { hostname: server, port } = location;
const words = query.getAll('word');

/** Longest wait, in ms; far above what anything takes here. */
const PATIENCE = 20_000;

/** What a sample finds in its module. */
const given = JSON.parse(query.get('given') ?? '{}');
window.given = given;

/** What the sample wrote by `console.log` and `console.error`. */
window.said = [];
const errors = [];
for (const name of ['log', 'error']) {
  const write = console[name];
  console[name] = (...line) => {
    const text = line.map((one) => (typeof one === 'object' ? JSON.stringify(one) : String(one))).join(' ');
    said.push(text);
    if (name === 'error') errors.push(text);
    write(...line);
    sample.look();
  };
}
window.addEventListener('error', ({ message }) => errors.push(message));
window.addEventListener('unhandledrejection', ({ reason }) => errors.push(String(reason?.stack ?? reason)));

// The user says no.
if (words.includes('refused')) {
  navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('Permission denied', 'NotAllowedError'));
}

const looks = new Set();
let looking = false;
let turns = [];

window.sample = {
  /** What has happened, for the message of a failure. */
  seen: [],
  errors,
  /** What is to come true, in the scope of the sample; filled by its module. */
  conditions: [],
  /** Something has happened. Looking may cause lines in the log, which are nothing new. */
  look() {
    if (looking) return;
    looking = true;
    looks.forEach((look) => look());
    looking = false;
  },

  /** Loads the sample's module; resolves when all that it waits for at its top is there, or when it waits for its turn. */
  async load() {
    const loaded = import(`./${query.get('module')}.js`);
    loaded.catch((error) => errors.push(String(error.stack ?? error)));
    await Promise.race([loaded, new Promise((resolve) => (sample.waits = resolve))]);
  },

  /** The module waits here until the parts before it are done. */
  turn: () => new Promise((resolve) => {
    turns.push(resolve);
    sample.waits();
  }),

  /** Lets the next part go on. */
  goOn() {
    const waits = new Promise((resolve) => (sample.waits = resolve));
    turns.shift()();
    // The last part waits for no turn.
    return Promise.race([waits, new Promise((resolve) => setTimeout(resolve))]);
  },

  /** Resolves when the condition with this index has come true. */
  until: (index) => until(() => sample.conditions[index]?.(), () => `this does not come true; seen: ${sample.seen.join(', ')}; said: ${said.join(' | ')}; errors: ${errors.join(' | ')}`),
};

new MutationObserver(sample.look).observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });

function until(holds, why) {
  return new Promise((resolve, reject) => {
    const look = () => {
      try {
        if (!holds()) return;
        stop();
        resolve();
      } catch (error) {
        stop();
        reject(error);
      }
    };
    const timer = setTimeout(() => {
      stop();
      reject(new Error(why()));
    }, PATIENCE);
    const stop = () => {
      clearTimeout(timer);
      looks.delete(look);
    };
    looks.add(look);
    sample.look();
  });
}

/** The settings, each on top of the one before it. */
window.setting = {
  async page() {},
  async subscriber() {},

  async client() {
    const here = { server, port };
    given.client = create({
      logs: { logLevel: 'warn' },
      authentication: { subscription: { ...here, protocol: 'http' }, websocket: { ...here, protocol: 'ws' } },
    });
  },

  async 'signed-in'() {
    await setting.client();
    const { client } = given;
    client.connect({ username: 'alice@example.com', password: 'demo' });
    await until(() => client.getConnection().isConnected, () => `no login: ${JSON.stringify(client.getConnection())}`);
  },

  async call() {
    await setting['signed-in']();
    given.callId = await connected('bob@example.com', { audio: true, video: true });
  },

  async held() {
    await setting['signed-in']();
    for (const [name, user] of [['callId', 'bob'], ['otherCallId', 'carol']]) {
      const id = await connected(`${user}@example.com`, { audio: true });
      given.client.call.hold(id);
      await state(id, 'On Hold');
      given[name] = id;
    }
  },

  async ringing() {
    await setting['signed-in']();
  },

  /** The second half of `ringing`, after Bob has called. */
  async rings() {
    const { client } = given;
    await until(() => client.call.getAll().some(({ state, direction }) => direction === 'incoming' && state === 'Ringing'), () => 'nobody calls');
    given.callId = client.call.getAll().at(-1).id;
  },
};

async function connected(destination, media) {
  const id = given.client.call.make(destination, media);
  await state(id, 'Connected');
  return id;
}

function state(id, wanted) {
  const now = () => given.client.call.getById(id);
  return until(() => now().state === wanted, () => `the call is not ${wanted}: ${JSON.stringify(now())}`);
}

document.documentElement.dataset.ready = 'yes';
