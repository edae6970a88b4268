// Calls between real browsers. A call counts as connected when pictures of the other side were decoded and sound of the
// other side had energy, on both sides.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { covers } from '../lib/covers.mjs';
import { PICTURES, assertTidy, connectCall, flowing, ring, show, signedIn } from './lib/page.mjs';
import { stage } from './lib/stage.mjs';

/** Energy that the decoder alone makes out of silence stays far below this. */
const SILENCE = 1e-6;

const { browsers, gateway } = await stage();

for (const [one, other, flavour] of [
  ['chromium', 'chromium', 'uc'],
  ['firefox', 'firefox', 'uc'],
  ['chromium', 'firefox', 'uc'],
  ['firefox', 'chromium', 'link'],
  ['chromium', 'chromium', 'link'],
]) {
  test(`E9: audio and video, ${one} calls ${other}, and no element stays (${flavour})`, async (t) => {
    const alice = await signedIn(await browsers.get(one, 1), gateway, 'alice', flavour);
    const bob = await signedIn(await browsers.get(other, 2), gateway, 'bob', flavour);
    const [outgoing, incoming] = await connectCall(alice, bob, 'bob');
    await show(alice, outgoing);
    await show(bob, incoming);

    const [atAlice, atBob] = await Promise.all([flowing(alice, PICTURES), flowing(bob, PICTURES)]);
    t.diagnostic(`decoded frames: ${one} ${atAlice.frames}, ${other} ${atBob.frames}; audio energy: ${atAlice.energy.toFixed(4)}, ${atBob.energy.toFixed(4)}`);
    for (const [page, id] of [[alice, outgoing], [bob, incoming]]) await assertShown(page, id);

    await alice.run((id) => page.client.call.end(id), outgoing);
    await alice.until('call:stateChange', { payload: { callId: outgoing }, call: { state: 'Ended' } });
    await bob.until('call:stateChange', { payload: { callId: incoming }, call: { state: 'Ended' } });
    await assertTracksEnded(alice, 4);
    await assertTracksEnded(bob, 4);
    await assertTidy(alice, bob);
  });
}

test('audio only, ended by the callee', async (t) => {
  const [alice, bob] = await pair();
  const [outgoing, incoming] = await connectCall(alice, bob, 'bob', { audio: true });
  await show(alice, outgoing);
  await show(bob, incoming);
  const [atAlice, atBob] = await Promise.all([flowing(alice), flowing(bob)]);
  t.diagnostic(`audio energy: ${atAlice.energy.toFixed(4)}, ${atBob.energy.toFixed(4)}`);
  await bob.run((id) => page.client.call.end(id), incoming);
  const { payload } = await alice.until('call:stateChange', { payload: { callId: outgoing }, call: { state: 'Ended' } });
  assert.equal(payload.error, undefined);
  await bob.until('call:stateChange', { call: { state: 'Ended' } });
  await assertTidy(alice, bob);
});

test('a video call answered with audio only', async () => {
  const [alice, bob] = await pair();
  const [outgoing, incoming] = await ring(alice, bob, 'bob', { audio: true, video: true });
  await bob.run((id) => page.client.call.answer(id, { audio: true }), incoming);
  await bob.until('call:stateChange', { call: { state: 'Connected' } });
  await alice.until('call:stateChange', { call: { state: 'Connected' } });
  await show(alice, outgoing);
  await show(bob, incoming);
  await Promise.all([flowing(alice), flowing(bob, PICTURES)]);
  assert.equal((await alice.run(() => page.received())).frames, 0);
  await alice.run((id) => page.client.call.end(id), outgoing);
  await bob.until('call:stateChange', { call: { state: 'Ended' } });
  await assertTidy(alice, bob);
});

test('muting silences the other side, and unmuting brings the sound back', async () => {
  const [alice, bob] = await pair();
  const [outgoing] = await connectCall(alice, bob, 'bob', { audio: true });
  await show(bob, await bob.run(() => page.client.call.getAll()[0].id));
  await flowing(bob);
  const tracks = await alice.run((id) => page.client.call.getById(id).localTracks, outgoing);
  await alice.run((ids) => page.client.media.muteTracks(ids), tracks);
  assert.deepEqual((await alice.until('media:muted')).payload.tracks, tracks);
  assert.equal(await alice.run((id) => page.client.media.getTrackById(id).muted, tracks[0]), true);
  // What was on the way is played out first; then a second of packets holds no sound.
  await bob.run((wanted) => page.flowing(wanted), { audioPackets: 50 });
  const silent = await bob.run((wanted) => page.flowing(wanted), { audioPackets: 50 });
  assert.ok(silent.energy < SILENCE, `energy ${silent.energy} while muted`);
  await alice.run((ids) => page.client.media.unmuteTracks(ids), tracks);
  assert.deepEqual((await alice.until('media:unmuted')).payload.tracks, tracks);
  await flowing(bob);
  await alice.run((id) => page.client.call.end(id), outgoing);
  await bob.until('call:stateChange', { call: { state: 'Ended' } });
  await assertTidy(alice, bob);
});

test('reject: the caller hears why, the call is over on both sides', async () => {
  const [alice, bob] = await pair();
  const [outgoing, incoming] = await ring(alice, bob, 'bob');
  await bob.run((id) => page.client.call.reject(id), incoming);
  await bob.until('call:stateChange', { payload: { callId: incoming, previous: { state: 'Ringing' } }, call: { state: 'Ended' } });
  const { payload } = await alice.until('call:stateChange', { payload: { callId: outgoing }, call: { state: 'Ended' } });
  assert.equal(payload.error, undefined);
  assert.ok(payload.transition, 'the caller is told why');
  await assertTidy(alice, bob);
});

test('ignore: it is over here, and the caller rings on', async () => {
  const [alice, bob] = await pair();
  const [outgoing, incoming] = await ring(alice, bob, 'bob');
  await bob.run((id) => page.client.call.ignore(id), incoming);
  await bob.until('call:stateChange', { payload: { callId: incoming }, call: { state: 'Ended' } });
  assert.equal(await alice.run((id) => page.client.call.getById(id).state, outgoing), 'Ringing');
  await alice.run((id) => page.client.call.end(id), outgoing);
  await alice.until('call:stateChange', { call: { state: 'Ended' } });
  await assertTidy(alice, bob);
});

test('cancel: the caller hangs up while it rings', async () => {
  const [alice, bob] = await pair();
  const [outgoing, incoming] = await ring(alice, bob, 'bob');
  await alice.run((id) => page.client.call.end(id), outgoing);
  await alice.until('call:stateChange', { payload: { callId: outgoing }, call: { state: 'Ended' } });
  await bob.until('call:stateChange', { payload: { callId: incoming }, call: { state: 'Ended' } });
  await assertTidy(alice, bob);
});

test('R9: end before the server has answered the make: no ghost rings anywhere', async () => {
  const [alice, bob] = await pair();
  const outgoing = await alice.run(() => {
    const id = page.client.call.make('bob@example.com', { audio: true });
    page.client.call.end(id);
    return id;
  });
  await alice.until('call:stateChange', { payload: { callId: outgoing }, call: { state: 'Ended' } });
  // A second call that gets through shows that nothing of the first is left on the way.
  const [second] = await connectCall(alice, bob, 'bob', { audio: true });
  assert.deepEqual(await bob.run(() => page.client.call.getAll().filter(({ state }) => state !== 'Ended').length), 1);
  await alice.run((id) => page.client.call.end(id), second);
  await alice.until('call:stateChange', { payload: { callId: second }, call: { state: 'Ended' } });
  await bob.until('call:stateChange', { call: { state: 'Ended' } });
  await assertTidy(alice, bob);
});

test('E1: two devices of one user ring together; one answers, the other is told', async (t) => {
  const [alice, bob] = await pair();
  const tablet = await signedIn(await browsers.get('firefox', 1), gateway, 'bob');
  const [outgoing, incoming] = await ring(alice, bob, 'bob', { audio: true });
  const { payload } = await tablet.until('call:receive');
  await bob.run((id) => page.client.call.answer(id, { audio: true }), incoming);
  await bob.until('call:stateChange', { call: { state: 'Connected' } });
  await alice.until('call:stateChange', { call: { state: 'Connected' } });
  const told = await tablet.until('call:stateChange', { payload: { callId: payload.callId }, call: { state: 'Ended' } });
  assert.equal(Number(told.payload.transition.statusCode), 9904);
  covers(t, 'transition 9904');
  assert.equal(await bob.run((id) => page.client.call.getById(id).state, incoming), 'Connected');
  await alice.run((id) => page.client.call.end(id), outgoing);
  await bob.until('call:stateChange', { call: { state: 'Ended' } });
  await assertTidy(alice, bob, tablet);
});

test('two clients in one page call each other', async () => {
  const alice = await signedIn(await browsers.get('chromium', 1), gateway, 'alice');
  const states = await alice.run(async (config) => {
    const caller = page.client;
    const callee = page.create(config);
    callee.connect({ username: 'bob@example.com', password: 'demo' });
    await page.until('auth:change', { connection: { isConnected: true } });
    const id = caller.call.make('bob@example.com', { audio: true });
    const { payload } = await page.until('call:receive');
    callee.call.answer(payload.callId, { audio: true });
    await page.until('call:stateChange', { call: { state: 'Connected' } });
    const connected = new Promise((resolve) => {
      const look = () => caller.call.getById(id).state === 'Connected' && resolve();
      caller.on('call:stateChange', look);
      look();
    });
    await connected;
    const both = [caller.call.getById(id).state, callee.call.getById(payload.callId).state];
    callee.call.end(payload.callId);
    await page.until('call:stateChange', { call: { state: 'Ended' } });
    return both;
  }, await configOf(alice));
  assert.deepEqual(states, ['Connected', 'Connected']);
  assert.deepEqual(await alice.run(() => watch.thrown), []);
});

/** Alice and Bob in two Chromiums. */
async function pair() {
  return Promise.all([
    browsers.get('chromium', 1).then((driver) => signedIn(driver, gateway, 'alice')),
    browsers.get('chromium', 2).then((driver) => signedIn(driver, gateway, 'bob')),
  ]);
}

function configOf(one) {
  return one.run(() => page.client.getConfig());
}

async function assertShown(one, callId) {
  const shown = await one.run((id) => {
    const { localTracks, remoteTracks } = page.client.call.getById(id);
    const kinds = (where) => [...document.querySelectorAll(`${where} > *`)].map(({ tagName }) => tagName.toLowerCase()).sort();
    return {
      local: kinds('#local'),
      remote: kinds('#remote'),
      width: document.querySelector('#remote video').videoWidth,
      tracks: [localTracks.length, remoteTracks.length],
    };
  }, callId);
  assert.deepEqual({ ...shown, width: shown.width > 0 }, { local: ['video'], remote: ['audio', 'video'], width: true, tracks: [2, 2] });
}

/** Every track of the call was reported as ended, once. */
async function assertTracksEnded(one, count) {
  const ended = await one.run(() => page.all('call:trackEnded').map(({ payload }) => payload.trackId));
  assert.deepEqual([ended.length, new Set(ended).size], [count, count]);
}
