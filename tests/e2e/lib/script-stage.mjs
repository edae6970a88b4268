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
 * After each test they grant everything again, and nothing was asked that no client asks.
 */
export async function scriptStage() {
  const browsers = browserPool();
  const [server, other] = [await scriptedServer(), await scriptedServer()];
  afterEach(() => {
    const faults = [server, other].flatMap((one) => one.faults);
    for (const one of [server, other]) {
      one.grant();
      one.forget();
    }
    assert.deepEqual(faults, []);
  });
  after(async () => {
    await browsers.close();
    await Promise.all([server.stop(), other.stop()]);
  });

  /** A client whose engine is there. Values are merged into a configuration that names the server, section by section. */
  async function ready(flavour = 'uc', { subscription, websocket, authentication, ...more } = {}, name = 'chromium') {
    const one = await openPage(await browsers.get(name), server.url);
    // What an earlier page of this browser has left open is none of this test.
    for (const each of [server, other]) each.forget();
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
