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
      await ask(sender, id);
      const added = await agreed(sender, id);
      await viewer.until('call:newTrack', { payload: { local: false } });
      await show(viewer, seen);
      await Promise.all([flowing(viewer, PICTURES), flowing(sender)]);

      await remove(sender, id, added);
      await viewer.until('call:trackEnded', { payload: { local: false } });
      assert.equal(await sender.run((track) => page.client.media.getTrackById(track) ?? null, added[0]), null);
      assert.deepEqual(await viewer.run((call) => page.client.call.getById(call).remoteTracks.length, seen), 1);
      await Promise.all(sides.map(([page]) => flowing(page)));
    }

    // Both at once: the server lets one go first, the other gives way and follows.
    for (const [[quick, first], [late, second]] of [sides, [...sides].reverse()]) {
      await askAndHold(late, second);
      await askAndBeHeard(quick, first);
      await late.run(() => watch.release());
      const added = [await agreed(quick, first), await agreed(late, second)];
      assert.equal(new Set(added.flat()).size, 2);
      for (const [page, id] of sides) {
        await remotePictures(page, id, 1);
        await show(page, id);
      }
      await Promise.all(sides.map(([page]) => flowing(page, PICTURES)));
      await remove(quick, first, added[0]);
      await remove(late, second, added[1]);
      for (const [page, id] of sides) await remotePictures(page, id, 0);
    }

    await alice.run((id) => page.client.call.end(id), outgoing);
    for (const [page] of sides) await page.until('call:stateChange', { call: { state: 'Ended' } });
    await assertTidy(alice, bob);
  });
}

function ask(one, callId) {
  return one.run((id, media) => page.client.call.addMedia(id, media), callId, VIDEO);
}

/** Resolves when the offer is made; the server hears of it at `watch.release()`. */
function askAndHold(one, callId) {
  return one.run(async (id, media) => {
    const held = new Promise((go) => {
      watch.holding = (method) => {
        if (method !== 'PUT') return Promise.resolve();
        go();
        watch.holding = undefined;
        return new Promise((release) => (watch.release = release));
      };
    });
    page.client.call.addMedia(id, media);
    await held;
  }, callId, VIDEO);
}

/** Resolves when the server has taken the offer. */
function askAndBeHeard(one, callId) {
  return one.run(async (id, media) => {
    const heard = new Promise((go) => (watch.onanswer = (method) => method === 'PUT' && go()));
    page.client.call.addMedia(id, media);
    await heard;
  }, callId, VIDEO);
}

async function agreed(one, callId) {
  const { payload } = await one.until('call:newMedia', { payload: { callId } });
  assert.deepEqual([payload.error, payload.tracks?.length, payload.local], [undefined, 1, true]);
  return payload.tracks;
}

async function remove(one, callId, tracks) {
  await one.run((call, tracks) => page.client.call.removeMedia(call, tracks), callId, tracks);
  const { payload } = await one.until('call:removedMedia', { payload: { callId } });
  assert.deepEqual([payload.error, payload.tracks], [undefined, tracks]);
}

/** Resolves when so many pictures of the other side are there, beside its sound. */
function remotePictures(one, callId, count) {
  return one.run(async (call, tracks) => {
    while (page.client.call.getById(call).remoteTracks.length !== tracks) await page.next();
  }, callId, count + 1);
}
