// Holding calls between real browsers: media stop, and come back.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { PICTURES, assertTidy, connectCall, flowing, show, signedIn } from './lib/page.mjs';
import { stage } from './lib/stage.mjs';

/** Ms within which a hold has to stop the media, on a machine that does other things, too. */
const STOP = 1_000;

const { browsers, gateway } = await stage();

for (const [one, other, flavour] of [
  ['chromium', 'chromium', 'uc'],
  ['chromium', 'firefox', 'uc'],
  ['firefox', 'chromium', 'link'],
]) {
  test(`H1, H2, H9, S10: hold and unhold by either side, ${one} and ${other} (${flavour})`, async (t) => {
    const alice = await signedIn(await browsers.get(one, 1), gateway, 'alice', flavour);
    const bob = await signedIn(await browsers.get(other, 2), gateway, 'bob', flavour);
    const [outgoing, incoming] = await connectCall(alice, bob, 'bob');
    const sides = [[alice, outgoing], [bob, incoming]];
    const playing = async () => {
      for (const [page, id] of sides) await show(page, id);
      await Promise.all(sides.map(([page]) => flowing(page, PICTURES)));
    };
    await playing();

    for (const [holder, held] of [[sides[0], sides[1]], [sides[1], sides[0]]]) {
      await change(holder, 'hold');
      await holder[0].until('call:stateChange', { call: { state: 'On Hold', localHold: true, remoteHold: false } });
      await held[0].until('call:stateChange', { call: { state: 'On Hold', localHold: false, remoteHold: true } });
      const stopped = await Promise.all(sides.map(([page]) => page.run(() => page.still())));
      t.diagnostic(`media stopped after ${stopped.join(' and ')} ms`);
      assert.ok(Math.max(...stopped) < STOP, `media stopped after ${stopped} ms`);
      await change(holder, 'unhold');
      for (const [page] of sides) await page.until('call:stateChange', { call: { state: 'Connected' } });
      await playing();
    }

    // Both hold; only when both have released it the call is up again.
    await change(sides[0], 'hold');
    await bob.until('call:stateChange', { call: { state: 'On Hold', remoteHold: true } });
    await change(sides[1], 'hold');
    await alice.until('call:stateChange', { call: { state: 'On Hold', localHold: true, remoteHold: true } });
    await change(sides[0], 'unhold');
    await alice.until('call:stateChange', { call: { state: 'On Hold', localHold: false, remoteHold: true } });
    await bob.until('call:stateChange', { call: { state: 'On Hold', localHold: true, remoteHold: false } });
    await change(sides[1], 'unhold');
    for (const [page] of sides) await page.until('call:stateChange', { call: { state: 'Connected' } });
    await playing();

    await alice.run((id) => page.client.call.end(id), outgoing);
    for (const [page] of sides) await page.until('call:stateChange', { call: { state: 'Ended' } });
    await assertTidy(alice, bob);
  });
}

test('R1: both hold at the same moment', async () => {
  const alice = await signedIn(await browsers.get('chromium', 1), gateway, 'alice');
  const bob = await signedIn(await browsers.get('chromium', 2), gateway, 'bob');
  const [outgoing, incoming] = await connectCall(alice, bob, 'bob', { audio: true });
  const sides = [[alice, outgoing], [bob, incoming]];
  await Promise.all(sides.map((side) => change(side, 'hold')));
  for (const [page] of sides) await page.until('call:stateChange', { call: { state: 'On Hold', localHold: true, remoteHold: true } });
  await Promise.all(sides.map((side) => change(side, 'unhold')));
  for (const [page] of sides) await page.until('call:stateChange', { call: { state: 'Connected' } });
  for (const [page, id] of sides) await show(page, id);
  await Promise.all(sides.map(([page]) => flowing(page)));
  await bob.run((id) => page.client.call.end(id), incoming);
  for (const [page] of sides) await page.until('call:stateChange', { call: { state: 'Ended' } });
  await assertTidy(alice, bob);
});

function change([one, callId], what) {
  return one.run((id, name) => page.client.call[name](id), callId, what);
}
