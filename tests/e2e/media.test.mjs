// Media that come and go in a call between real browsers.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PICTURES, assertTidy, connectCall, flowing, show, signedIn } from './lib/page.mjs';
import { stage } from './lib/stage.mjs';

const AUDIO = { audio: true };
const VIDEO = { video: true };

const { browsers, gateway } = await stage();

for (const [one, other, flavour] of [
  ['chromium', 'chromium', 'uc'],
  ['chromium', 'firefox', 'uc'],
  ['firefox', 'chromium', 'link'],
]) {
  test(`S4, S5, R1: pictures added and removed by either side, ${one} and ${other} (${flavour})`, async () => {
    const alice = await signedIn(await browsers.get(one, 1), gateway, 'alice', flavour);
    const bob = await signedIn(await browsers.get(other, 2), gateway, 'bob', flavour);
    const [outgoing, incoming] = await connectCall(alice, bob, 'bob', AUDIO);
    const sides = [[alice, outgoing], [bob, incoming]];
    for (const [page, id] of sides) await show(page, id);
    await Promise.all(sides.map(([page]) => flowing(page)));

    for (const [[sender, id], [viewer, seen]] of [sides, [...sides].reverse()]) {
      const added = await add(sender, id);
      await viewer.until('call:newTrack', { payload: { local: false } });
      await show(viewer, seen);
      await Promise.all([flowing(viewer, PICTURES), flowing(sender)]);

      await sender.run((call, tracks) => page.client.call.removeMedia(call, tracks), id, added);
      const { payload } = await sender.until('call:removedMedia', { payload: { callId: id } });
      assert.deepEqual([payload.error, payload.tracks], [undefined, added]);
      await viewer.until('call:trackEnded', { payload: { local: false } });
      assert.equal(await sender.run((track) => page.client.media.getTrackById(track) ?? null, added[0]), null);
      assert.deepEqual(await viewer.run((call) => page.client.call.getById(call).remoteTracks.length, seen), 1);
      await Promise.all(sides.map(([page]) => flowing(page)));
    }

    // Both at once: the server lets one go first, the other follows. Firefox goes first where it takes part: when its offer has
    // given way to another, it may receive nothing of the picture that came with that one.
    const [quick, late] = other === 'firefox' ? [...sides].reverse() : sides;
    if (one === other) await Promise.all(sides.map(([page, id]) => ask(page, id)));
    else await askAndBeHeard(...quick).then(() => ask(...late));
    const both = await Promise.all(sides.map(([page, id]) => agreed(page, id)));
    assert.equal(new Set(both.flat()).size, 2);
    for (const [page, id] of sides) {
      await page.run(async (call) => {
        while (page.client.call.getById(call).remoteTracks.length < 2) await page.next();
      }, id);
      await show(page, id);
    }
    await Promise.all(sides.map(([page]) => flowing(page, PICTURES)));

    await alice.run((id) => page.client.call.end(id), outgoing);
    for (const [page] of sides) await page.until('call:stateChange', { call: { state: 'Ended' } });
    await assertTidy(alice, bob);
  });
}

/** Adds a picture; resolves with the ids of its tracks when the other side has agreed. */
async function add(one, callId) {
  await ask(one, callId);
  return agreed(one, callId);
}

function ask(one, callId) {
  return one.run((id, media) => page.client.call.addMedia(id, media), callId, VIDEO);
}

/** Resolves when the server is being asked. */
function askAndBeHeard(one, callId) {
  return one.run(async (id, media) => {
    const asked = new Promise((go) => (watch.onrequest = (method) => method === 'PUT' && go()));
    page.client.call.addMedia(id, media);
    await asked;
  }, callId, VIDEO);
}

async function agreed(one, callId) {
  const { payload } = await one.until('call:newMedia', { payload: { callId } });
  assert.deepEqual([payload.error, payload.tracks?.length, payload.local], [undefined, 1, true]);
  return payload.tracks;
}
