// node tests/bench/honest.mjs: how soon clients say that their connection is lost, and how soon they hear again when it is back.
// 20 clients behind one proxy, cut silently at once. Prints milliseconds; ends with 1 when a client says "connected" for too long, or
// never hears again. Options: `--clients N`; `--ping N`, the ms between two checks; `--cut N`, the least ms without a network;
// `--keep`: old connections go on after the cut, otherwise they stay dead, as behind a router that forgot them. Takes about two
// minutes.
import { parseArgs } from 'node:util';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { onPath } from '../../scripts/lib/paths.mjs';
import { startGateway } from '../e2e/lib/gateway.mjs';
import { startProxy } from '../e2e/lib/proxy.mjs';

const { values } = parseArgs({
  options: {
    clients: { type: 'string', default: '20' },
    ping: { type: 'string', default: '30000' },
    cut: { type: 'string', default: '60000' },
    keep: { type: 'boolean', default: false },
  },
});
const CLIENTS = Number(values.clients);
const PING = Number(values.ping);

/** How long a client may say "connected" after the last proof of life, in ms: the promise of the engine. */
const PROMISE = PING + 10_000;

/** What a busy machine may add, in ms. */
const SLACK = 1_500;

/** Longest wait for a notification after the cut, in ms: five attempts of the default configuration. */
const PATIENCE = 100_000;

/** Every client has a name of its own, so that they do not share the six connections that a browser has for one name. */
const NAMES = '--host-resolver-rules=MAP *.test 127.0.0.1';

const SETTINGS = JSON.parse(readFileSync(new URL('../../webdriver.json', import.meta.url), 'utf8'));
const gateway = await startGateway(fileURLToPath(new URL('page', import.meta.url)));
const proxy = await startProxy(gateway);
const browser = await chromium.launch({ executablePath: onPath('chromium'), args: [...SETTINGS['goog:chromeOptions'].args, NAMES] });
try {
  const page = await (await browser.newContext({ permissions: ['microphone'] })).newPage();
  await page.goto(proxy.elsewhere);
  await page.evaluate(prepare, { count: CLIENTS, pingInterval: PING, proxy: Number(new URL(proxy.url).port), gateway: gateway.port });
  console.log(`Chromium ${browser.version()}, ${CLIENTS} clients, a check every ${PING} ms; milliseconds\n`);

  const cut = new Promise((resolve) => setTimeout(resolve, Number(values.cut)));
  proxy.cut(undefined, !values.keep);
  const lost = await page.evaluate((limit) => honest.lost(limit), PROMISE + SLACK);
  await cut;
  // Rings at nobody's: every client has a notification to come when the network is back.
  await page.evaluate(() => honest.ring());
  proxy.restore();
  const heard = await page.evaluate((limit) => honest.heard(limit), PATIENCE);
  row('cut to isConnected: false', lost, PROMISE);
  row('network back to the first notification', heard);
  process.exitCode = lost.includes(null) || heard.includes(null) ? 1 : 0;
} finally {
  await browser.close();
  await proxy.stop();
  await gateway.stop();
}

/** In the page: the clients of one user, logged in through the proxy, and one of another user beside it, who calls. */
async function prepare({ count, pingInterval, proxy, gateway }) {
  const { create } = await import('/kandy-wasm/index.js');

  const login = async (name, port, user, connectivity) => {
    const there = { server: `${name}.test`, port: String(port) };
    const client = create({
      logs: { logLevel: 'error' },
      authentication: { subscription: { ...there, protocol: 'http' }, websocket: { ...there, protocol: 'ws' } },
      connectivity,
    });
    const connected = new Promise((resolve, reject) => {
      client.on('auth:change', () => client.getConnection().isConnected && resolve());
      client.on('auth:error', ({ error }) => reject(error));
    });
    client.connect({ username: `${user}@example.com`, password: 'demo' });
    await connected;
    return client;
  };

  const clients = await Promise.all(Array.from({ length: count }, (_, n) => login(`client${n}`, proxy, 'alice', { pingInterval })));
  const caller = await login('caller', gateway, 'bob', {});

  /** For each client the ms until its next event of this type that fits, or null after `limit` ms; `now`: it may hold already. */
  const first = (type, fits, limit, now = false) => {
    const began = performance.now();
    const one = (client) =>
      new Promise((resolve) => {
        const done = (result) => {
          client.off(type, look);
          resolve(result);
        };
        const look = () => fits(client) && done(performance.now() - began);
        client.on(type, look);
        if (now) look();
        setTimeout(done, limit, null);
      });
    return Promise.all(clients.map(one));
  };

  window.honest = {
    lost: (limit) => first('ws:change', (client) => !client.getConnection().isConnected, limit, true),
    heard: (limit) => first('notification:received', () => true, limit),
    ring: () =>
      new Promise((resolve, reject) => {
        caller.on('call:start', () => resolve());
        caller.on('call:stateChange', ({ error }) => error && reject(error));
        caller.call.make('alice@example.com', { audio: true });
      }),
  };
}

function row(what, times, bound) {
  const known = times.filter((time) => time !== null).sort((a, b) => a - b);
  const never = times.length - known.length;
  const of = (share) => (known.length === 0 ? '-' : known[Math.round(share * (known.length - 1))].toFixed(0));
  const verdict = bound === undefined ? '' : `bound ${bound}`;
  console.log(`${what.padEnd(42)} least ${of(0)}, median ${of(0.5)}, most ${of(1)}${never > 0 ? `, NEVER ${never}` : ''}  ${verdict}`);
}
