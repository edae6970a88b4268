// A media connection that fails, and is repaired between real browsers.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PICTURES, assertTidy, connectCall, flowing, show, signedIn } from './lib/page.mjs';
import { stage } from './lib/stage.mjs';

const { browsers, gateway } = await stage();

for (const [one, other, flavour] of [
  ['chromium', 'chromium', 'uc'],
  ['chromium', 'firefox', 'link'],
  ['firefox', 'chromium', 'uc'],
]) {
  test(`a failed media connection gets new candidates, and nobody hears of it, ${one} and ${other} (${flavour})`, async () => {
    const alice = await signedIn(await browsers.get(one, 1), gateway, 'alice', flavour);
    const bob = await signedIn(await browsers.get(other, 2), gateway, 'bob', flavour);
    const [outgoing, incoming] = await connectCall(alice, bob, 'bob');
    const sides = [[alice, outgoing], [bob, incoming]];
    for (const [page, id] of sides) await show(page, id);
    await Promise.all(sides.map(([page]) => flowing(page, PICTURES)));
    const before = await Promise.all(sides.map(([page]) => credentials(page)));
    const seen = await Promise.all(sides.map(([page]) => told(page)));

    // The browser says so; to cut the network between two browsers of one machine is not in a test's power.
    for (const [page] of [...sides].reverse()) await page.run(() => watch.say('failed'));
    for (const [n, [page]] of sides.entries()) {
      await page.run((old) => watch.until(() => watch.ufrag() !== old), before[n]);
      await page.run(() => watch.say());
    }
    await Promise.all(sides.map(([page]) => flowing(page, PICTURES)));
    assert.deepEqual(await Promise.all(sides.map(([page]) => told(page))), seen, 'no event of the call');

    await alice.run((id) => page.client.call.end(id), outgoing);
    for (const [page] of sides) await page.until('call:stateChange', { call: { state: 'Ended' } });
    await assertTidy(alice, bob);
  });
}

/** The ICE name of a page's connection. */
function credentials(one) {
  return one.run(() => {
    const peer = () => watch.peers.find(({ signalingState }) => signalingState !== 'closed');
    watch.ufrag = () => /a=ice-ufrag:(\S+)/.exec(peer().currentLocalDescription.sdp)[1];
    // Without a state the browser's own is told again.
    watch.say = (state) => {
      if (state) Object.defineProperty(peer(), 'connectionState', { value: state, configurable: true });
      else delete peer().connectionState;
      peer().dispatchEvent(new Event('connectionstatechange'));
    };
    watch.until = (holds) =>
      new Promise((resolve) => {
        const look = () => holds() && resolve();
        peer().addEventListener('signalingstatechange', look);
        look();
      });
    return watch.ufrag();
  });
}

/** Events of calls so far. */
function told(one) {
  return one.run(() => page.seen.filter((name) => name.startsWith('call:')));
}
