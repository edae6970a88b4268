// What a call can do besides holding and changing its media, with real media.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { covers } from '../lib/covers.mjs';
import { PICTURES, assertTidy, connectCall, flowing, show, signedIn } from './lib/page.mjs';
import { assertShape } from './lib/shapes.mjs';
import { stage } from './lib/stage.mjs';

const BOTH = { audio: true, video: true };

/** Longest time without a picture while a track is replaced, in ms. */
const LONGEST_GAP = 500;

const { browsers, gateway } = await stage();

for (const [one, other, flavour] of [
  ['chromium', 'chromium', 'uc'],
  ['chromium', 'firefox', 'link'],
  ['firefox', 'chromium', 'uc'],
]) {
  test(`a camera and a muted microphone are replaced without a gap, ${one} and ${other} (${flavour})`, async (t) => {
    const alice = await signedIn(await browsers.get(one, 1), gateway, 'alice', flavour);
    const bob = await signedIn(await browsers.get(other, 2), gateway, 'bob', flavour);
    const [outgoing, incoming] = await connectCall(alice, bob, 'bob', BOTH);
    for (const [page, id] of [[alice, outgoing], [bob, incoming]]) await show(page, id);
    await Promise.all([flowing(alice, PICTURES), flowing(bob, PICTURES)]);
    const [microphone, camera] = await ofKind(alice, outgoing, 'localTracks');
    const [, picture] = await ofKind(bob, incoming, 'remoteTracks');

    await bob.run((track) => void (window.watching = page.watchPictures(track)), picture);
    await alice.run((...args) => page.client.call.replaceTrack(...args), outgoing, camera, { video: true, videoOptions: { width: 320, height: 240 } });
    const { payload } = await alice.until('call:trackReplaced', { payload: { callId: outgoing } });
    assert.deepEqual([payload.error, payload.oldTrack.id, payload.oldTrack.kind], [undefined, camera, 'video']);
    assert.notEqual(payload.newTrackId, camera);
    await flowing(bob, PICTURES);
    const gap = await bob.run(() => window.watching.stop());
    t.diagnostic(`longest time without a picture: ${gap} ms`);
    assert.ok(gap <= LONGEST_GAP, `${gap} ms without a picture`);
    assert.deepEqual(await ofKind(bob, incoming, 'remoteTracks').then(([, track]) => track), picture, 'the far side keeps its track');
    assert.deepEqual(await ofKind(alice, outgoing, 'localTracks'), [microphone, payload.newTrackId]);

    // Who is muted stays muted with another microphone.
    await alice.run((track) => page.client.media.muteTracks([track]), microphone);
    await alice.run((...args) => page.client.call.replaceTrack(...args), outgoing, microphone, { audio: true });
    const swapped = (await alice.until('call:trackReplaced', { payload: { oldTrack: { id: microphone } } })).payload;
    assert.equal(await alice.run((track) => page.client.media.getTrackById(track).muted, swapped.newTrackId), true);
    await alice.run((track) => page.client.media.unmuteTracks([track]), swapped.newTrackId);
    await Promise.all([flowing(alice, PICTURES), flowing(bob, PICTURES)]);

    // The old devices are free: two tracks are open, and none after the call.
    assert.equal(await alice.run(() => page.openDevices), 2);
    await end(alice, outgoing, alice, bob);
  });

  test(`statistics of a call, of a local and of a remote track, ${one} and ${other} (${flavour})`, async (t) => {
    const alice = await signedIn(await browsers.get(one, 1), gateway, 'alice', flavour);
    const bob = await signedIn(await browsers.get(other, 2), gateway, 'bob', flavour);
    const [outgoing] = await connectCall(alice, bob, 'bob', BOTH);
    // Firefox has statistics of what it receives from the first packet on.
    await alice.run(() => page.flowing({ audioPackets: 1 }));
    const [local] = await ofKind(alice, outgoing, 'localTracks');
    const [remote] = await ofKind(alice, outgoing, 'remoteTracks');
    for (const [track, wanted, unwanted] of [
      [undefined, ['inbound-rtp', 'outbound-rtp'], []],
      [local, ['outbound-rtp'], ['inbound-rtp']],
      [remote, ['inbound-rtp'], ['outbound-rtp']],
    ]) {
      const found = await alice.run(async (id, trackId) => {
        page.client.call.getStats(id, trackId);
        await page.until('call:statsReceived', { payload: trackId ? { trackId } : {} });
        const { result, error } = page.all('call:statsReceived').at(-1).payload;
        return { error, live: result instanceof RTCStatsReport, types: [...result.values()].map(({ type }) => type) };
      }, outgoing, track);
      assert.deepEqual([found.error, found.live], [undefined, true]);
      for (const type of wanted) assert.ok(found.types.includes(type), `${type} of ${track}`);
      for (const type of unwanted) assert.ok(!found.types.includes(type), `no ${type} of ${track}`);
    }
    await assertShape(t, alice, 'call:statsReceived');
    covers(t, 'call.getStats', 'call.getStats(callId)', 'call.getStats(trackId)');
    await alice.run((id) => page.client.call.getStats(id, 'no-such-track'), outgoing);
    const { payload } = await alice.until('call:statsReceived', { payload: { trackId: 'no-such-track' } });
    assert.equal(payload.error.code, 'call:2');
    await end(alice, outgoing, alice, bob);
  });
}

for (const one of ['chromium', 'firefox']) {
  test(`S13: tones are heard on the other side, each once and in order, ${one} to chromium`, async () => {
    const alice = await signedIn(await browsers.get(one, 1), gateway, 'alice');
    const bob = await signedIn(await browsers.get('chromium', 2), gateway, 'bob');
    const [outgoing, incoming] = await connectCall(alice, bob, 'bob', { audio: true });
    await show(bob, incoming);
    await flowing(bob);
    const [microphone] = await ofKind(alice, outgoing, 'localTracks');
    const [sound] = await ofKind(bob, incoming, 'remoteTracks');
    // Silence, so that nothing but the tones is heard.
    await alice.run((track) => page.client.media.muteTracks([track]), microphone);
    await bob.run(async (track) => void (window.heard = await page.listenForTones(track)), sound);

    // Asked for while others play: they follow. A hold of the tones' call in between would be refused its own way.
    await alice.run((id) => {
      page.client.call.sendDTMF(id, '15');
      page.client.call.sendDTMF(id, '90*', 150, 100);
      page.client.call.sendDTMF(id, '#,7');
    }, outgoing);
    const heard = await bob.run(async () => {
      let late = false;
      const patience = setTimeout(() => {
        late = true;
        window.heard.changed?.();
      }, 15_000);
      while (!late && !window.heard.digits.endsWith('7')) await new Promise((go) => (window.heard.changed = go));
      clearTimeout(patience);
      await window.heard.stop();
      return window.heard.digits;
    });
    assert.equal(heard, '1590*#7');

    for (const [tones, code] of [['12x', 'call:7'], ['', 'call:7']]) {
      await alice.run((id, wrong) => page.client.call.sendDTMF(id, wrong), outgoing, tones);
      assert.equal((await alice.until('call:error')).payload.error.code, code);
    }
    await end(alice, outgoing, alice, bob);
  });
}

/** The audio and the video track of a call, in this order. */
function ofKind(one, callId, list) {
  return one.run((id, name) => {
    const tracks = page.client.call.getById(id)[name];
    return ['audio', 'video'].map((kind) => tracks.find((track) => page.client.media.getTrackById(track).kind === kind));
  }, callId, list);
}

async function end(one, callId, ...pages) {
  await one.run((id) => page.client.call.end(id), callId);
  for (const page of pages) await page.until('call:stateChange', { call: { state: 'Ended' } });
  await assertTidy(...pages);
}
