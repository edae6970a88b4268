// The media and the options that an application asks for, in each of the functions that take them: the browser's tracks and
// the descriptions that reach the other side show that they were heard (api-behaviour 7.3).
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { covers } from '../lib/covers.mjs';
import { startBrowser } from './lib/browsers.mjs';
import { assertTidy, connectCall, ring, signedIn } from './lib/page.mjs';
import { stage } from './lib/stage.mjs';

const AUDIO = { audio: true };
const BOTH = { audio: true, video: true };

const { browsers, gateway } = await stage();

// Two cameras: with one, every wish for a device would come true.
const equipped = await Promise.all([1, 2].map(() => startBrowser('chromium', { cameras: 2 })));
after(() => Promise.all(equipped.map((driver) => driver.quit())));

/** Ways to say which value is wanted; a plain device id is a condition, plain numbers are wishes. */
const WAYS = {
  'plain values': (value) => value,
  exact: (value) => ({ exact: value }),
  ideal: (value) => ({ ideal: value }),
};

for (const [way, want] of Object.entries(WAYS)) {
  test(`devices, sizes and rates in make, answer, addMedia and replaceTrack: ${way}`, async (t) => {
    const alice = await signedIn(equipped[0], gateway, 'alice');
    const bob = await signedIn(equipped[1], gateway, 'bob');
    const ids = await devices(alice);
    const theirs = await devices(bob);
    const media = ({ microphone, camera }, [width, height, frameRate]) => ({
      audio: true,
      audioOptions: { deviceId: want(microphone) },
      video: true,
      videoOptions: { deviceId: want(camera), width: want(width), height: want(height), frameRate: want(frameRate) },
    });
    const assertOpened = async (one, name, { microphone, camera }, size, count = 2) => {
      const [opened, asked] = await one.run((n) => [
        watch.tracks.slice(-n).map((track) => ({ kind: track.kind, ...track.getSettings() })),
        watch.constraints.at(-1),
      ], count);
      for (const { kind, deviceId, width, height, frameRate } of opened) {
        const device = kind === 'audio' ? microphone : camera;
        const [wantedWidth, wantedHeight, wantedRate] = size;
        if (way === 'ideal') {
          // The browser may do as it likes, and Chromium does. What counts is what it was asked for.
          const sizes = { width: want(wantedWidth), height: want(wantedHeight), frameRate: want(wantedRate) };
          assert.deepEqual(asked[kind], { deviceId: want(device), ...(kind === 'video' && sizes) }, `${name}, ${kind}`);
          continue;
        }
        assert.equal(deviceId, device, `${name}, ${kind}`);
        if (kind === 'video') assert.deepEqual([width, height, Math.round(frameRate)], size, name);
      }
      const kinds = opened.map(({ kind }) => kind);
      const rows = [...(kinds.includes('audio') ? AUDIO_ROWS : []), ...(kinds.includes('video') ? VIDEO_ROWS : [])];
      covers(t, ...rows.map((row) => `call.${name}(${row})`));
    };

    const outgoing = await alice.run((wanted) => page.client.call.make('bob@example.com', wanted), media(ids[1], [320, 240, 10]));
    const { payload } = await bob.until('call:receive');
    await assertOpened(alice, 'make', ids[1], [320, 240, 10]);
    await bob.run((id, wanted) => page.client.call.answer(id, wanted), payload.callId, media(theirs[1], [640, 480, 15]));
    await bob.until('call:stateChange', { call: { state: 'Connected' } });
    await alice.until('call:stateChange', { payload: { callId: outgoing }, call: { state: 'Connected' } });
    await assertOpened(bob, 'answer', theirs[1], [640, 480, 15]);

    await alice.run((id, wanted) => page.client.call.addMedia(id, wanted), outgoing, media(ids[0], [640, 480, 5]));
    const added = await alice.until('call:newMedia', { payload: { callId: outgoing } });
    assert.deepEqual([added.payload.error, added.payload.tracks.length], [undefined, 2]);
    await assertOpened(alice, 'addMedia', ids[0], [640, 480, 5]);

    for (const track of added.payload.tracks) {
      await alice.run((...args) => page.client.call.replaceTrack(...args), outgoing, track, media(ids[1], [320, 240, 15]));
      const replaced = await alice.until('call:trackReplaced', { payload: { callId: outgoing } });
      assert.equal(replaced.payload.error, undefined);
      await assertOpened(alice, 'replaceTrack', ids[1], [320, 240, 15], 1);
    }
    if (way !== 'plain values') covers(t, `MediaConstraint.${way}`);
    await end(alice, outgoing, bob);
  });
}

test('options of media that are not asked for are not read, and empty ones are none', async () => {
  const [alice, bob] = await pair();
  const nowhere = { deviceId: { exact: 'no such device' } };
  const [outgoing] = await connectCall(alice, bob, 'bob', { audio: true, audioOptions: {}, video: false, videoOptions: nowhere });
  assert.deepEqual(await alice.run(() => watch.tracks.map(({ kind }) => kind)), ['audio']);
  await end(alice, outgoing, bob);
});

test('a condition that no device meets: call:4 with the name of the constraint, from every function that takes media', async (t) => {
  const [alice, bob] = await pair();
  const impossible = { video: true, videoOptions: { width: { exact: 100_000 } } };
  const failed = await alice.run((media) => page.client.call.make('bob@example.com', media), impossible);
  const made = await alice.until('call:stateChange', { payload: { callId: failed }, call: { state: 'Ended' } });
  const errors = [made.payload.error];
  const [outgoing, incoming] = await ring(alice, bob, 'bob', BOTH);
  await bob.run((id, media) => page.client.call.answer(id, media), incoming, impossible);
  const refused = await bob.until('call:stateChange', { payload: { callId: incoming } });
  assert.deepEqual([refused.call.state, refused.call.error?.code], ['Ringing', 'call:4']);
  errors.push(refused.payload.error);
  await bob.run((id, media) => page.client.call.answer(id, media), incoming, BOTH);
  await alice.until('call:stateChange', { payload: { callId: outgoing }, call: { state: 'Connected' } });
  await bob.until('call:stateChange', { call: { state: 'Connected' } });
  await bob.run((id, media) => page.client.call.addMedia(id, media), incoming, impossible);
  const added = await bob.until('call:newMedia', { payload: { callId: incoming } });
  assert.deepEqual([added.payload.tracks, added.payload.mediaId], [undefined, undefined]);
  errors.push(added.payload.error);
  const track = await bob.run((id) => page.client.call.getById(id).localTracks.find((one) => page.client.media.getTrackById(one).kind === 'video'), incoming);
  await bob.run((...args) => page.client.call.replaceTrack(...args), incoming, track, impossible);
  errors.push((await bob.until('call:trackReplaced', { payload: { callId: incoming } })).payload.error);
  for (const error of errors) {
    assert.deepEqual([error.name, error.code], ['BasicError', 'call:4']);
    assert.match(error.message, /constraint: width/);
  }
  assert.deepEqual(await bob.run(() => page.all('call:newMedia').at(-1).payload.error instanceof Error), true);
  covers(t, 'error call:4', 'CallObject.error', 'BasicError.name', 'BasicError.code', 'BasicError.message');
  await end(alice, outgoing, bob);
});

test('limits of what is received stand in what is offered and answered', async (t) => {
  const [alice, bob] = await pair();
  const [outgoing, incoming] = await ring(alice, bob, 'bob', BOTH, { bandwidth: { audio: 31, video: 301 } });
  const last = (one) => one.run(() => page.descriptions.at(-1));
  assert.deepEqual(limits(await last(bob)), { audio: [31], video: [301] });
  assert.deepEqual(await bandwidth(alice, outgoing), { audio: 31, video: 301 });
  covers(t, ...rows('make'), 'BandwidthControls.audio', 'BandwidthControls.video');

  await bob.run((...args) => page.client.call.answer(...args), incoming, BOTH, { bandwidth: { audio: 42, video: 402 } });
  await bob.until('call:stateChange', { call: { state: 'Connected' } });
  await alice.until('call:stateChange', { payload: { callId: outgoing }, call: { state: 'Connected' } });
  assert.deepEqual(limits(await last(alice)), { audio: [42], video: [402] });
  assert.deepEqual(await bandwidth(bob, incoming), { audio: 42, video: 402 });
  covers(t, ...rows('answer'));

  // What is not named stays as it was.
  await alice.run((...args) => page.client.call.addMedia(...args), outgoing, { video: true }, { bandwidth: { audio: 33, video: 303 } });
  const { payload } = await alice.until('call:newMedia', { payload: { callId: outgoing } });
  await bob.until('call:newTrack', { payload: { local: false } });
  assert.deepEqual(limits(await last(bob)), { audio: [33], video: [303, 303] });
  assert.deepEqual(await bandwidth(alice, outgoing), { audio: 33, video: 303 });
  covers(t, ...rows('addMedia'));

  await alice.run((...args) => page.client.call.removeMedia(...args), outgoing, payload.tracks, { bandwidth: { audio: 34, video: 304 } });
  await alice.until('call:removedMedia', { payload: { callId: outgoing } });
  await bob.until('call:trackEnded', { payload: { local: false } });
  assert.deepEqual([limits(await last(bob)).audio, limits(await last(bob)).video[0]], [[34], 304]);
  covers(t, ...rows('removeMedia'));

  await alice.run((...args) => page.client.call.addMedia(...args), outgoing, { video: true }, { bandwidth: { audio: 35 } });
  await alice.until('call:newMedia', { payload: { callId: outgoing } });
  assert.deepEqual(await bandwidth(alice, outgoing), { audio: 35, video: 304 });
  await end(alice, outgoing, bob);
});

test('limits that are no numbers become 5000', async () => {
  const [alice, bob] = await pair();
  const [outgoing] = await ring(alice, bob, 'bob', AUDIO, { bandwidth: { audio: 'much', video: null } });
  assert.deepEqual(await bandwidth(alice, outgoing), { audio: 5000, video: 5000 });
  assert.deepEqual(limits(await bob.run(() => page.descriptions.at(-1))), { audio: [5000] });
  await end(alice, outgoing, bob);
});

const AUDIO_ROWS = ['media.audio', 'media.audioOptions', 'media.audioOptions.deviceId'];
const VIDEO_ROWS = ['media.video', ...['', '.deviceId', '.width', '.height', '.frameRate'].map((part) => `media.videoOptions${part}`)];

function rows(name) {
  return ['options', 'options.bandwidth', 'options.bandwidth.audio', 'options.bandwidth.video'].map((part) => `call.${name}(${part})`);
}

/** The limits of a description by kind, in kbit/s. `b=AS` and `b=TIAS` have to say the same. */
function limits(sdp) {
  const found = {};
  for (const section of sdp.split(/^m=/m).slice(1)) {
    const kbps = Number(/^b=AS:(\d+)/m.exec(section)?.[1]);
    assert.equal(Number(/^b=TIAS:(\d+)/m.exec(section)?.[1]), kbps * 1000);
    (found[section.split(' ')[0]] ??= []).push(kbps);
  }
  return found;
}

function bandwidth(one, callId) {
  return one.run((id) => page.client.call.getById(id).bandwidth, callId);
}

/** A first and a second microphone and camera. Names and ids are told to pages that have permission. */
async function devices(one) {
  await one.run(async () => (await navigator.mediaDevices.getUserMedia({ audio: true, video: true })).getTracks().forEach((track) => track.stop()));
  const list = await one.run(() => navigator.mediaDevices.enumerateDevices());
  const ids = (kind) => list.filter((device) => device.kind === kind && device.deviceId !== 'default').map(({ deviceId }) => deviceId);
  return [0, 1].map((index) => ({ microphone: ids('audioinput')[index], camera: ids('videoinput')[index] }));
}

async function pair() {
  return [await signedIn(await browsers.get('chromium', 1), gateway, 'alice'), await signedIn(await browsers.get('chromium', 2), gateway, 'bob')];
}

async function end(one, callId, other) {
  await one.run((id) => page.client.call.end(id), callId);
  await one.until('call:stateChange', { payload: { callId }, call: { state: 'Ended' } });
  await other.run(() => page.settled());
  await assertTidy(one, other);
}
