// A connection that tells the truth: the gateway dies, the network is cut, one direction of a socket dies. The client says so, comes
// back by itself, hears everything once, and calls work.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { browserPool } from './lib/browsers.mjs';
import {
  AUDIO, assertCallsWork, assertInTime, assertNothingDoubled, assertNothingLost, connected, hangUp, hearing, logins, lost, missedCall, pair, place, signedInBehind, talking,
} from './lib/connection.mjs';
import { TO_CLIENT, TO_SERVER } from './lib/gate.mjs';
import { assertTidy } from './lib/page.mjs';

const browsers = browserPool();
after(() => browsers.close());

for (const [one, other, flavour] of [['chromium', 'firefox', 'uc'], ['firefox', 'chromium', 'link']]) {
  test(`the gateway is killed in a call and starts again: the call ends, both log in anew, ${one} and ${other} (${flavour})`, async (t) => {
    const where = await place(t);
    const alice = await signedInBehind(await browsers.get(one, 1), where, 'alice', flavour);
    const bob = await signedInBehind(await browsers.get(other, 2), where, 'bob', flavour);
    const ids = await talking(alice, bob, 'bob');
    await where.kill();
    for (const page of [alice, bob]) await lost(page);
    await where.start();
    for (const [n, page] of [alice, bob].entries()) {
      await connected(page);
      const { payload } = await page.until('call:stateChange', { payload: { callId: ids[n] }, call: { state: 'Ended' } });
      assert.ok(payload.error, 'the application is told that the call was lost');
    }
    await assertTidy(alice, bob);
    await assertCallsWork(alice, 'alice', bob, 'bob');
    for (const page of [alice, bob]) await assertNothingDoubled(page);
  });
}

for (const [name, other, flavour, forget] of [['chromium', 'firefox', 'uc', false], ['firefox', 'chromium', 'link', true]]) {
  test(`a silent cut of 5 s in a call, ${forget ? 'old connections stay dead' : 'then everything goes on'}, ${name} (${flavour})`, async (t) => {
    const { where, alice, bob } = await pair(t, browsers, name, other, flavour);
    const [outgoing, incoming] = await talking(alice, bob, 'bob');
    const before = await logins(alice);
    const cut = duration(5_000);
    where.proxy.cut(undefined, forget);
    await missedCall(bob, 'alice');
    await cut;
    where.proxy.restore();
    await connected(alice);
    await assertNothingLost(alice, where.proxy);
    await connected(alice);
    await hearing([alice, outgoing], [bob, incoming]);
    await hangUp([bob, incoming], [alice, outgoing]);
    await assertCallsWork(alice, 'alice', bob, 'bob');
    await assertNothingLost(alice, where.proxy);
    assert.equal(await logins(alice), before);
  });
}

test('a silent cut of 60 s in a call: it says so all the time, and a call that rings at its end is answered', async (t) => {
  const { where, alice, bob } = await pair(t, browsers, 'chromium', 'firefox', 'uc');
  const [outgoing, incoming] = await talking(alice, bob, 'bob');
  const before = await logins(alice);
  const [cut, began] = [duration(60_000), performance.now()];
  where.proxy.cut(undefined, true);
  assertInTime(await lost(alice, began));
  const first = await alice.run(() => page.all('ws:change').length);
  await missedCall(bob, 'alice');
  await cut;
  const said = await alice.run((from) => page.all('ws:change').slice(from).map(({ connection }) => [connection.isConnected, connection.isPending]), first);
  assert.deepEqual(said.filter(([isConnected, isPending]) => isConnected || !isPending), []);
  assert.deepEqual(await alice.run(() => page.client.getConnection().isConnected), false);

  const ringing = await bob.run((media) => page.client.call.make('alice@example.com', media), AUDIO);
  await bob.until('call:start', { payload: { callId: ringing } });
  where.proxy.restore();
  await connected(alice);
  // Sound went past the proxy all the time.
  await hearing([alice, outgoing], [bob, incoming]);
  await bob.until('call:stateChange', { payload: { callId: ringing }, call: { state: 'Ringing' } });
  const answered = await alice.run(() => page.client.call.getAll().find(({ direction, state }) => direction === 'incoming' && state === 'Ringing').id);
  await alice.run((id) => page.client.call.end(id), outgoing);
  await alice.run((...args) => page.client.call.answer(...args), answered, AUDIO);
  await alice.until('call:stateChange', { payload: { callId: answered }, call: { state: 'Connected' } });
  await hearing([alice, answered], [bob, ringing]);
  await hangUp([bob, ringing], [alice, answered]);
  await assertCallsWork(alice, 'alice', bob, 'bob');
  await assertNothingLost(alice, where.proxy);
  assert.equal(await logins(alice), before);
});

for (const [direction, name, other, flavour] of [
  [TO_SERVER, 'chromium', 'firefox', 'link'],
  [TO_CLIENT, 'firefox', 'chromium', 'uc'],
  [TO_CLIENT, 'chromium', 'firefox', 'link'],
]) {
  const what = direction === TO_SERVER ? 'the gateway hears nothing' : 'the page hears nothing';
  test(`a socket that is half open: ${what}; it is doubted in time and replaced, ${name} (${flavour})`, async (t) => {
    const { where, alice, bob } = await pair(t, browsers, name, other, flavour);
    const before = await logins(alice);
    const began = performance.now();
    where.proxy.sockets.at(-1).silence(direction);
    await missedCall(bob, 'alice');
    assertInTime(await lost(alice, began));
    await connected(alice);
    await assertNothingLost(alice, where.proxy);
    await assertCallsWork(alice, 'alice', bob, 'bob');
    await assertNothingLost(alice, where.proxy);
    assert.equal(await logins(alice), before);
  });
}

/** So long does a fault last; the wait is what is tested. */
function duration(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
