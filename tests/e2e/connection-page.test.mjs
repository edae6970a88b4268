// What happens to a page, not to the network: its clock jumps, it is frozen, the browser says that it is offline.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, test } from 'node:test';
import { browserPool } from './lib/browsers.mjs';
import {
  DOUBT, assertCallsWork, assertInTime, assertNothingLost, connected, hangUp, hearing, logins, lost, missedCall, pair, place, signedInBehind, talking,
} from './lib/connection.mjs';
import { TO_CLIENT } from './lib/gate.mjs';
import { signedIn } from './lib/page.mjs';

const HOUR = 3_600_000;

const browsers = browserPool();
after(() => browsers.close());

/** A machine that slept moves both clocks on; a user who sets the clock moves the wall's alone, also back. */
const JUMPS = [['both clocks on', { wall: HOUR, page: HOUR }], ['the clock on the wall back', { wall: -HOUR, page: 0 }]];

for (const [name, other, flavour] of [['chromium', 'firefox', 'uc'], ['firefox', 'chromium', 'link']]) {
  for (const [what, by] of JUMPS) {
    test(`an hour moves ${what} in a call: the call goes on, and a dead socket is doubted in time, ${name} (${flavour})`, async (t) => {
      const { where, alice, bob } = await pair(t, browsers, name, other, flavour);
      const [outgoing, incoming] = await talking(alice, bob, 'bob');
      const before = await logins(alice);
      await alice.run(jump, by);
      // Whatever it made of the jump: after two checks it has made up its mind.
      for (let n = 0; n < 2; n += 1) await once(where.proxy, 'answer');
      await connected(alice);
      const began = performance.now();
      where.proxy.sockets.at(-1).silence(TO_CLIENT);
      await missedCall(bob, 'alice');
      assertInTime(await lost(alice, began));
      await connected(alice);
      await hearing([alice, outgoing], [bob, incoming]);
      await hangUp([alice, outgoing], [bob, incoming]);
      await assertCallsWork(alice, 'alice', bob, 'bob');
      await assertNothingLost(alice, where.proxy);
      assert.equal(await logins(alice), before);
    });
  }
}

test('a page is frozen in a call and thawed: it does not say what it cannot know, comes back, and the call goes on', async (t) => {
  const where = await place(t);
  const driver = await browsers.get('chromium', 3);
  const alice = await signedInBehind(driver, where, 'alice', 'link');
  const bob = await signedIn(await browsers.get('firefox', 2), where, 'bob', 'link');
  const [outgoing, incoming] = await talking(alice, bob, 'bob');
  const before = await logins(alice);
  await alice.run(() => document.addEventListener('resume', () => (page.thawed = page.client.getConnection())));
  await driver.sendDevToolsCommand('Page.setWebLifecycleState', { state: 'frozen' });
  // The time in the ice is what is tested: longer than anybody may say "connected" without a proof.
  const ice = new Promise((resolve) => setTimeout(resolve, DOUBT + 2_000));
  await missedCall(bob, 'alice');
  await ice;
  await driver.sendDevToolsCommand('Page.setWebLifecycleState', { state: 'active' });
  assert.deepEqual(await alice.run(() => page.thawed.isConnected), false, 'the last proof of life is older than the promise');
  await connected(alice);
  await assertNothingLost(alice, where.proxy);
  // Chromium pauses what a page plays when it freezes it, and leaves it at that.
  await alice.run(() => Promise.all([...document.querySelectorAll('audio')].map((element) => element.play())));
  await hearing([alice, outgoing], [bob, incoming]);
  await hangUp([bob, incoming], [alice, outgoing]);
  await assertCallsWork(alice, 'alice', bob, 'bob');
  await assertNothingLost(alice, where.proxy);
  assert.equal(await logins(alice), before);
});

/** Only what the browser says can be heard in time: checks and attempts are minutes apart. */
const SLOW = { pingInterval: 60_000, reconnectDelay: 120_000 };

for (const [name, other, flavour] of [['chromium', 'firefox', 'link'], ['firefox', 'chromium', 'uc']]) {
  test(`the browser says offline and online in a call: the client believes it at once, ${name} (${flavour})`, async (t) => {
    const { where, alice, bob } = await pair(t, browsers, name, other, flavour, SLOW);
    const driver = await browsers.get(name, 1);
    const [outgoing, incoming] = await talking(alice, bob, 'bob');
    const before = await logins(alice);
    // Firefox only pretends, and keeps its connections, which must not be dead: the next request of the page would wait on one.
    where.proxy.cut(undefined, name === 'chromium');
    await say(name, driver, alice, true);
    await lost(alice);
    await missedCall(bob, 'alice');
    where.proxy.restore();
    await say(name, driver, alice, false);
    await connected(alice);
    await assertNothingLost(alice, where.proxy);
    await hearing([alice, outgoing], [bob, incoming]);
    await hangUp([alice, outgoing], [bob, incoming]);
    await assertCallsWork(alice, 'alice', bob, 'bob');
    assert.equal(await logins(alice), before);
  });
}

/** The browser goes offline or comes back; Firefox has no such switch for a page, so the page is told as it would be. */
async function say(name, driver, one, offline) {
  const conditions = { offline, latency: 0, downloadThroughput: -1, uploadThroughput: -1 };
  if (name === 'chromium') return driver.sendDevToolsCommand('Network.emulateNetworkConditions', conditions);
  return one.run((isOffline) => {
    Object.defineProperty(navigator, 'onLine', { value: !isOffline, configurable: true });
    window.dispatchEvent(new Event(isOffline ? 'offline' : 'online'));
  }, offline);
}

/** In the page: moves its clocks, in ms. */
function jump(by) {
  const [since, epoch] = [performance.now.bind(performance), Date.now];
  performance.now = () => since() + by.page;
  window.Date = class extends Date {
    constructor(...args) {
      super(...(args.length > 0 ? args : [epoch() + by.wall]));
    }

    static now() {
      return epoch() + by.wall;
    }
  };
}
