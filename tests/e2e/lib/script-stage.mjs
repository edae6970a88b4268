// What tests against scripted servers need: two of them, browsers, and pages that log in there.
import assert from 'node:assert/strict';
import { after, afterEach } from 'node:test';
import { browserPool } from './browsers.mjs';
import { holdClock } from './clock.mjs';
import { openPage } from './page.mjs';
import { scriptedServer } from './scripted.mjs';

export const ALICE = { username: 'alice@example.com', password: 'demo' };

/**
 * A server with the page and everything else, a second one for what may stand elsewhere, and browsers for the tests of one file.
 * After each test the pages are left, nothing was asked that no client asks, and everything is granted again.
 */
export async function scriptStage() {
  const browsers = browserPool();
  const [server, other] = [await scriptedServer(), await scriptedServer()];
  const servers = [server, other];
  const used = new Set();
  afterEach(async () => {
    servers.forEach((one) => one.grant());
    for (const name of used) await (await browsers.get(name)).get('about:blank');
    used.clear();
    for (const one of servers) await one.until(() => one.sockets.every(({ isClosed }) => isClosed), () => 'a page has left a socket open');
    const faults = servers.flatMap((one) => one.faults);
    servers.forEach((one) => one.forget());
    assert.deepEqual(faults, []);
  });
  after(async () => {
    await browsers.close();
    await Promise.all(servers.map((one) => one.stop()));
  });

  /** A client whose engine is there. Values are merged into a configuration that names the server, section by section. */
  async function ready(flavour = 'uc', { subscription, websocket, authentication, ...more } = {}, name = 'chromium') {
    used.add(name);
    const one = await openPage(await browsers.get(name), server.url);
    await holdClock(one);
    const at = { server: '127.0.0.1', port: server.port };
    await one.run((config) => {
      const waiting = new Set();
      const handler = ({ level, message, args }) => {
        lines.push({ level, message, args });
        waiting.forEach((look) => look());
      };
      window.lines = [];
      // Resolves when so many lines like this were written.
      page.logged = (pattern, times = 1) =>
        new Promise((resolve) => {
          const look = () => lines.filter(({ message }) => pattern.test(message)).length >= times && resolve();
          waiting.add(look);
          look();
        });
      page.create({ ...config, logs: { logLevel: 'debug', logActions: false, handler } });
    }, {
      authentication: {
        subscription: { protocol: 'http', ...at, ...(flavour === 'link' && { version: '1' }), ...subscription },
        websocket: { protocol: 'ws', ...at, ...websocket },
        ...authentication,
      },
      ...more,
    });
    await one.until('devices:change');
    return one;
  }

  /** As `ready`, and logged in; with the socket that the server has for it. */
  async function signedIn(flavour, config, credentials = ALICE, name = 'chromium') {
    const one = await ready(flavour, config, name);
    await one.run((given) => page.client.connect(given), credentials);
    await one.until('auth:change', { connection: { isConnected: true, isPending: false } });
    return [one, await (config?.websocket?.port === other.port ? other : server).opened()];
  }

  return { server, other, ready, signedIn };
}

/** Events of connection and notifications up to now. */
export function told(one) {
  return one.run(() => page.seen.filter((name) => /^(auth|ws|notifications?):/.test(name)));
}
