// Many notifications at once on one socket: what each costs the main thread, beside a bare JSON.parse of the same frames.
import { fileURLToPath } from 'node:url';
import { scriptedServer } from '../e2e/lib/scripted.mjs';
import { median } from './table.mjs';
import { busyTimes } from './trace.mjs';

const WWW = fileURLToPath(new URL('../../www', import.meta.url));

/** People who change their presence and write. */
const PEOPLE = 200;

/**
 * Measures and prints.
 *
 * @param {import('playwright-core').Browser} browser
 * @param {number} count notifications of a burst, half of them presence, half messages
 * @param {number} runs
 */
export async function burst(browser, count, runs) {
  const server = await scriptedServer();
  const demo = await scriptedServer(WWW);
  let round = 0;
  try {
    const results = { bare: [], sdk: [], demo: [] };
    for (let n = 0; n < runs; n += 1) {
      for (const [name, act] of [['bare', () => bare(server)], ['sdk', () => sdk(server)], ['demo', () => page(demo)]]) results[name].push(await act());
    }
    print(results);
  } finally {
    await server.stop();
    await demo.stop();
  }

  function print(results) {
    console.log(`\n${count} presence changes and messages on one socket; main-thread time of each in µs: median, worst of ${runs}\n`);
    const base = median(results.bare);
    for (const [what, name] of [['bare JSON.parse', 'bare'], ['SDK, one listener to all events', 'sdk'], ['demo page, which shows them', 'demo']]) {
      const [middle, worst] = [median(results[name]), Math.max(...results[name])];
      console.log(`${what.padEnd(58)}${middle.toFixed(1).padStart(8)}${worst.toFixed(1).padStart(8)}  ${(middle / base).toFixed(1)} x`);
    }
  }

  /** Frames that no page has seen, because each is taken in once. */
  function frames() {
    round += 1;
    return Array.from({ length: count }, (_, n) => {
      const [who, eventId, time] = [`person${n % PEOPLE}@example.com`, `${round}-${n}`, Date.now()];
      const presence = { eventType: 'presenceWatcher', eventId, time, presenceWatcherNotificationParams: { name: who, status: 'open', activity: n % 4 ? 'active' : 'busy', note: `note ${n}` } };
      const message = { event: 'im', direction: 'in', id: eventId, eventId, type: 'internal', time, From: who, txt: `This is message ${n} of many.` };
      return { notificationMessage: n % 2 ? presence : message };
    });
  }

  /** Sends a burst when the page is ready, and resolves with the µs of each when the page has taken all of it in. */
  async function cost(tab, socket, taken) {
    const all = frames();
    const [busy] = await busyTimes(browser, tab, [async () => {
      const done = tab.evaluate(taken, count);
      all.forEach((frame) => socket.send(frame));
      await done;
    }]);
    await tab.context().close();
    return (busy * 1000) / count;
  }

  async function bare(where) {
    const tab = await opened(where, where.url);
    await tab.evaluate((url) => {
      window.heard = 0;
      window.kinds = { im: 0 };
      const socket = new WebSocket(url.replace('http', 'ws'));
      socket.onmessage = ({ data }) => {
        const { notificationMessage } = JSON.parse(data);
        kinds[notificationMessage.event] += 1;
        heard += 1;
        if (heard === window.wanted) window.done();
      };
    }, where.url);
    return cost(tab, await where.opened(), (wanted) => new Promise((done) => Object.assign(window, { wanted, done })));
  }

  async function sdk(where) {
    const tab = await opened(where, where.url);
    const config = { logs: { logLevel: 'error' }, authentication: { subscription: at(where, 'http'), websocket: at(where, 'ws') } };
    await tab.evaluate(async (config) => {
      const { create } = await import('/kandy-wasm/index.js');
      const client = (window.client = create(config));
      window.heard = 0;
      const isOne = (type) => type === 'presence:change' || type === 'messages:change' || type === 'conversations:change';
      client.subscribe((type) => {
        if (isOne(type)) heard += 1;
        if (heard === window.wanted) window.done();
      });
      // The engine for people is there when it is asked for, as in an application that uses it.
      const ready = new Promise((resolve) => client.on('conversations:new', resolve));
      const connected = new Promise((resolve) => client.on('auth:change', () => client.getConnection().isConnected && resolve()));
      client.connect({ username: 'alice@example.com', password: 'demo' });
      await connected;
      client.conversation.create('nobody@example.com');
      await ready;
    }, config);
    return cost(tab, await where.opened(), (wanted) => new Promise((done) => Object.assign(window, { wanted, done })));
  }

  async function page(where) {
    const tab = await opened(where, `${where.url}#alice@example.com`);
    await tab.click('#sign-in-button');
    await tab.locator('#phone').waitFor();
    const socket = await where.opened();
    // The chat with whoever writes last is open: when it shows that message, the page has shown all.
    await tab.fill('#search', `person${(count - 2) % PEOPLE}@example.com`);
    await tab.click('#people .who');
    await tab.fill('#search', '');
    await tab.locator('#chat-title').waitFor();
    return cost(tab, socket, (wanted) => new Promise((resolve) => {
      const last = `message ${wanted - 2} of`;
      const look = () => (document.querySelector('#messages').textContent.includes(last) ? resolve() : requestAnimationFrame(look));
      look();
    }));
  }

  async function opened(where, url) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    const tab = await context.newPage();
    where.forget();
    await tab.goto(url);
    return tab;
  }
}

function at({ port }, protocol) {
  return { server: '127.0.0.1', port: String(port), protocol };
}
