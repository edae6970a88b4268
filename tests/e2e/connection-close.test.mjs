// A socket that is closed, with whatever code: the page says so, opens a new one at once, and calls go on.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { browserPool } from './lib/browsers.mjs';
import { assertCallsWork, assertNothingLost, connected, hangUp, hearing, logins, lost, missedCall, pair, talking } from './lib/connection.mjs';

/** What servers and load balancers close with; 1006 stands for a connection that breaks off. */
const CODES = [1000, 1001, 1006, 1008, 1011, 1012, 1013, 4000];

const browsers = browserPool();
after(() => browsers.close());

for (const [one, other, flavour] of [['chromium', 'firefox', 'uc'], ['firefox', 'chromium', 'link']]) {
  for (const hidden of [false, true]) {
    test(`a socket closed with every code in a call, ${hidden ? 'unknown to the gateway' : 'and the gateway knows'}, ${one} (${flavour})`, async (t) => {
      const { where, alice, bob } = await pair(t, browsers, one, other, flavour);
      const [outgoing, incoming] = await talking(alice, bob, 'bob');
      const before = await logins(alice);
      for (const code of CODES) {
        const [socket] = where.proxy.sockets.slice(-1);
        if (code === 1006) socket.breakOff(hidden);
        else socket.close(code, hidden);
        await Promise.all([lost(alice), missedCall(bob, 'alice')]);
        await connected(alice);
      }
      assert.equal(await alice.run(() => watch.sockets.length), CODES.length + 1, 'each loss took one new socket');
      await hearing([alice, outgoing], [bob, incoming]);
      await hangUp([alice, outgoing], [bob, incoming]);
      await assertCallsWork(alice, 'alice', bob, 'bob');
      await assertNothingLost(alice, where.proxy);
      assert.equal(await logins(alice), before);
    });
  }
}
