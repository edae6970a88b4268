// The life of a call as an application sees it, function by function: what each returns, which events follow with which
// keys, and what the record says inside of them (api-behaviour 7).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { covers } from '../lib/covers.mjs';
import { assertTidy, connectCall, ring, signedIn } from './lib/page.mjs';
import { assertShape } from './lib/shapes.mjs';
import { stage } from './lib/stage.mjs';

const UUID = /^[0-9a-f-]{36}$/;
const AUDIO = { audio: true };
const [ALICE, BOB] = ['alice@example.com', 'bob@example.com'];

const { browsers, gateway } = await stage();

for (const flavour of ['uc', 'link']) {
  test(`make, ring, answer and end (${flavour})`, async (t) => {
    const [alice, bob] = await pair(flavour);
    const before = Date.now();

    const made = await alice.run((media, options) => {
      const id = page.client.call.make('bob@example.com', media, options);
      return { id, call: page.client.call.getById(id), keys: Object.keys(page.client.call.getById(id)) };
    }, AUDIO, { displayName: 'Alice at work', bandwidth: { audio: 32 } });
    assert.match(made.id, UUID);
    assert.deepEqual(made.call, {
      id: made.id, direction: 'outgoing', state: 'Initiating', localHold: false, remoteHold: false, localTracks: [], remoteTracks: [],
      remoteParticipant: { displayNumber: `sip:${BOB}` }, to: `sip:${BOB}`, from: ALICE, isCaller: true, mediaConstraints: { audio: true },
      displayName: 'Alice at work', localOp: { operation: 'MAKE', status: 'ONGOING' }, webrtcSessionId: made.call.webrtcSessionId,
    });
    assert.equal(typeof made.call.webrtcSessionId, 'string');
    covers(t, 'call.make', 'call.make(destination)', 'call.make(media)', 'call.make(media.audio)', 'call.make(options)');
    covers(t, 'call.getById', 'call.getById(callId)', 'CallObject.displayName', 'CallObject.mediaConstraints', 'CallObject.webrtcSessionId');

    const started = await alice.until('call:start', { payload: { callId: made.id } });
    assert.deepEqual([started.call.state, started.call.localTracks.length, started.call.remoteTracks], ['Initiated', 1, []]);
    assert.deepEqual([started.call.bandwidth, started.call.localOp], [{ audio: 32, video: 5000 }, { operation: 'MAKE', status: 'PENDING' }]);
    assert.equal(typeof started.call.wrtcsSessionId, 'string');
    await assertShape(t, alice, 'call:start');
    covers(t, 'CallObject.bandwidth', 'CallObject.localOp', 'CallObject.localOp.operation', 'CallObject.localOp.status', 'CallObject.wrtcsSessionId');

    const received = await bob.until('call:receive');
    const incoming = received.payload.callId;
    const { webrtcSessionId, wrtcsSessionId, remoteTracks, ...rest } = received.call;
    assert.deepEqual(rest, {
      id: incoming, direction: 'incoming', state: 'Ringing', localTracks: [], from: ALICE, to: BOB, isCaller: false, isSlowStart: false,
      remoteParticipant: { displayNumber: ALICE, displayName: 'Alice at work' },
    });
    assert.deepEqual([typeof webrtcSessionId, typeof wrtcsSessionId, remoteTracks.length], ['string', 'string', 1]);
    await assertShape(t, bob, 'call:receive');
    covers(t, 'call.make(options.displayName)', 'CallObject.id', 'CallObject.direction', 'CallObject.isCaller', 'CallObject.from', 'CallObject.to', 'CallObject.isSlowStart');
    covers(t, 'CallObject.remoteParticipant', 'CallObject.remoteParticipant.displayNumber', 'CallObject.remoteParticipant.displayName');

    const ringing = await alice.until('call:stateChange', { payload: { callId: made.id } });
    assert.deepEqual([ringing.payload.previous, ringing.call.state], [{ state: 'Initiated', localHold: false, remoteHold: false }, 'Ringing']);
    assert.deepEqual(ringing.call.remoteParticipant, { displayNumber: BOB, displayName: 'Bob Baker' });

    const answered = await bob.run((id, media) => String(page.client.call.answer(id, media)), incoming, AUDIO);
    assert.equal(answered, 'undefined');
    const track = await bob.until('call:newTrack', { payload: { callId: incoming } });
    assert.deepEqual([track.payload.local, track.call.state, track.call.localTracks], [true, 'Ringing', [track.payload.trackId]]);
    assert.deepEqual(track.call.localOp, { operation: 'ANSWER', status: 'ONGOING' });
    const up = await bob.until('call:stateChange', { payload: { callId: incoming } });
    assert.deepEqual([up.payload.previous, up.call.state], [{ state: 'Ringing' }, 'Connected']);
    assert.deepEqual([up.call.localHold, up.call.remoteHold, up.call.bandwidth], [false, false, { audio: 5000, video: 5000 }]);
    covers(t, 'call.answer', 'call.answer(callId)', 'call.answer(media)', 'call.answer(media.audio)', 'call.answer(options)', 'CallObject.localHold', 'CallObject.remoteHold');

    const theirs = await alice.until('call:newTrack', { payload: { callId: made.id } });
    assert.deepEqual([theirs.payload.local, theirs.call.remoteTracks], [false, [theirs.payload.trackId]]);
    await assertShape(t, alice, 'call:newTrack');
    const connected = await alice.until('call:stateChange', { payload: { callId: made.id } });
    assert.deepEqual([connected.call.state, connected.call.remoteTracks, connected.payload.previous.state], ['Connected', [theirs.payload.trackId], 'Ringing']);
    assert.ok(connected.call.startTime >= before && connected.call.startTime <= Date.now(), `startTime ${connected.call.startTime}`);
    assert.deepEqual([connected.call.endTime, connected.call.localOp], [undefined, undefined]);
    await assertShape(t, alice, 'call:stateChange');
    covers(t, 'CallObject.state', 'CallObject.localTracks', 'CallObject.remoteTracks', 'CallObject.startTime', 'call:stateChange.previous.state');
    covers(t, 'call.states.INITIATING', 'call.states.INITIATED', 'call.states.RINGING', 'call.states.CONNECTED');

    assert.equal(await alice.run((id) => String(page.client.call.end(id)), made.id), 'undefined');
    const local = await alice.until('call:trackEnded', { payload: { callId: made.id, local: true } });
    assert.deepEqual(local.payload.trackId, started.call.localTracks[0]);
    await assertShape(t, alice, 'call:trackEnded');
    const over = await alice.until('call:stateChange', { payload: { callId: made.id } });
    assert.deepEqual([over.call.state, over.call.localTracks, over.call.remoteTracks], ['Ended', [], []]);
    assert.ok(over.call.endTime >= over.call.startTime);
    const gone = await bob.until('call:stateChange', { payload: { callId: incoming } });
    assert.deepEqual([gone.payload.transition, gone.call.state], [{ prevState: 'Connected' }, 'Ended']);
    await assertTidy(alice, bob);
    covers(t, 'call.end', 'call.end(callId)', 'CallObject.endTime', 'call.states.ENDED', 'call:stateChange.transition', 'call:stateChange.transition.prevState');
  });
}

test('all calls are listed in order, also those that have ended', async (t) => {
  const [alice, bob] = await pair();
  const ids = [];
  for (const media of [AUDIO, AUDIO, {}]) {
    ids.push(await alice.run((wanted) => page.client.call.make('bob@example.com', wanted), media));
    await alice.run((id) => page.client.call.end(id), ids.at(-1));
    await alice.run(() => page.settled());
  }
  assert.deepEqual(await alice.run(() => page.client.call.getAll().map(({ id, state }) => [id, state])), ids.map((id) => [id, 'Ended']));
  await bob.run(() => page.settled());
  await assertTidy(alice, bob);
  covers(t, 'call.getAll');
});

test('the states by their names', async (t) => {
  const alice = await signedIn(await browsers.get('chromium', 1), gateway, 'alice');
  const states = await alice.run(() => page.client.call.states);
  assert.deepEqual(states, {
    INITIATING: 'Initiating', INITIATED: 'Initiated', RINGING: 'Ringing', CANCELLED: 'Cancelled', CONNECTED: 'Connected', ON_HOLD: 'On Hold', ENDED: 'Ended',
  });
  covers(t, 'call.states', ...Object.keys(states).map((name) => `call.states.${name}`));
});

test('reject, ignore and forward', async (t) => {
  const [alice, bob] = await pair();
  const carol = await signedIn(await browsers.get('chromium', 3), gateway, 'carol');

  let [outgoing, incoming] = await ring(alice, bob, 'bob', AUDIO);
  await bob.run((id) => page.client.call.reject(id), incoming);
  await bob.until('call:trackEnded', { payload: { callId: incoming, local: false } });
  const refused = await bob.until('call:stateChange', { payload: { callId: incoming } });
  assert.deepEqual([refused.call.state, refused.payload.transition, refused.payload.error], ['Ended', undefined, undefined]);
  const told = await alice.until('call:stateChange', { payload: { callId: outgoing }, call: { state: 'Ended' } });
  assert.deepEqual(told.payload.transition, { statusCode: 603, reasonText: 'Decline' });
  assert.equal(told.call.startTime, told.call.endTime);
  covers(t, 'call.reject', 'call.reject(callId)', 'call:stateChange.transition.statusCode', 'call:stateChange.transition.reasonText');

  [outgoing, incoming] = await ring(alice, bob, 'bob', AUDIO);
  await bob.run((id) => page.client.call.ignore(id), incoming);
  const ignored = await bob.until('call:stateChange', { payload: { callId: incoming } });
  assert.deepEqual([ignored.call.state, ignored.payload.previous.state], ['Ended', 'Ringing']);
  await bob.until('call:trackEnded', { payload: { callId: incoming, local: false } });
  assert.equal(await alice.run((id) => page.client.call.getById(id).state, outgoing), 'Ringing');
  await alice.run((id) => page.client.call.end(id), outgoing);
  await alice.until('call:stateChange', { payload: { callId: outgoing }, call: { state: 'Ended' } });
  covers(t, 'call.ignore', 'call.ignore(callId)');

  [outgoing, incoming] = await ring(alice, bob, 'bob', AUDIO);
  await bob.run((id) => page.client.call.forward(id, 'carol@example.com'), incoming);
  const handed = await bob.until('call:stateChange', { payload: { callId: incoming }, call: { state: 'Ended' } });
  assert.deepEqual([handed.payload.error, typeof handed.call.endTime], [undefined, 'number']);
  await bob.until('call:trackEnded', { payload: { callId: incoming, local: false } });
  const { payload, call } = await carol.until('call:receive');
  assert.equal(call.remoteParticipant.displayNumber, ALICE);
  await carol.run((id, media) => page.client.call.answer(id, media), payload.callId, AUDIO);
  await carol.until('call:stateChange', { call: { state: 'Connected' } });
  await alice.until('call:stateChange', { payload: { callId: outgoing }, call: { state: 'Connected' } });
  covers(t, 'call.forward', 'call.forward(callId)', 'call.forward(destination)');
  await alice.run((id) => page.client.call.end(id), outgoing);
  await carol.until('call:stateChange', { call: { state: 'Ended' } });
  await alice.until('call:stateChange', { payload: { callId: outgoing }, call: { state: 'Ended' } });
  await assertTidy(alice, bob, carol);
});

for (const semantics of ['plan-b', 'unified-plan']) {
  test(`hold and unhold (${semantics})`, async (t) => {
    const [alice, bob] = await pair('uc', { call: { sdpSemantics: semantics } });
    const [outgoing, incoming] = await connectCall(alice, bob, 'bob', AUDIO);
    const sides = [[alice, outgoing], [bob, incoming]];
    const tracks = await Promise.all(sides.map(([one, id]) => one.run((call) => page.client.call.getById(call).remoteTracks, id)));
    for (const [index, [one]] of sides.entries()) await one.run((ids) => page.client.media.renderTracks(ids, '#remote'), tracks[index]);

    await alice.run((id) => page.client.call.hold(id), outgoing);
    for (const [index, [one, callId]] of sides.entries()) {
      const holder = one === alice;
      const { payload, call } = await one.until('call:stateChange', { payload: { callId, previous: { state: 'Connected' } }, call: { state: 'On Hold' } });
      assert.deepEqual(payload.previous, { state: 'Connected', localHold: false, remoteHold: false });
      assert.deepEqual([call.localHold, call.remoteHold, call.remoteTracks, call.localTracks.length], [holder, !holder, [], 1]);
      // Tracks that come and go at hold were the way of Plan B; elements stay where they do not.
      const [ended, elements] = await one.run(() => [page.all('call:trackEnded').map(({ payload }) => payload.trackId), document.querySelectorAll('#remote *').length]);
      assert.deepEqual([ended, elements], semantics === 'plan-b' ? [tracks[index], 0] : [[], 1], semantics);
    }
    covers(t, 'call.hold', 'call.hold(callId)', 'call.states.ON_HOLD', 'call:stateChange.previous.localHold', 'call:stateChange.previous.remoteHold');

    await alice.run((id) => page.client.call.unhold(id), outgoing);
    for (const [index, [one, callId]] of sides.entries()) {
      const back = await one.until('call:newTrack', { payload: { callId, local: false } });
      assert.deepEqual([back.payload.trackId], tracks[index]);
      const { payload, call } = await one.until('call:stateChange', { payload: { callId } });
      assert.deepEqual([payload.previous.state, call.state, call.remoteTracks], ['On Hold', 'Connected', tracks[index]]);
    }
    covers(t, 'call.unhold', 'call.unhold(callId)', 'config call.sdpSemantics', `config call.sdpSemantics = ${semantics}`);
    await alice.run((id) => page.client.call.end(id), outgoing);
    for (const [one, callId] of sides) await one.until('call:stateChange', { payload: { callId }, call: { state: 'Ended' } });
    await assertTidy(alice, bob);
  });
}

test('media are added, replaced and removed', async (t) => {
  const [alice, bob] = await pair();
  const [outgoing, incoming] = await connectCall(alice, bob, 'bob', AUDIO);

  assert.equal(await alice.run((id) => String(page.client.call.addMedia(id, { video: true })), outgoing), 'undefined');
  const own = await alice.until('call:newTrack', { payload: { callId: outgoing, local: true } });
  const added = await alice.until('call:newMedia', { payload: { callId: outgoing } });
  assert.deepEqual([added.payload.local, added.payload.tracks], [true, [own.payload.trackId]]);
  const { streamId } = await alice.run((id) => page.client.media.getTrackById(id), own.payload.trackId);
  assert.equal(added.payload.mediaId, streamId);
  await assertShape(t, alice, 'call:newMedia');
  const theirs = await bob.until('call:newTrack', { payload: { callId: incoming, local: false } });
  assert.ok(theirs.call.remoteTracks.includes(theirs.payload.trackId));
  assert.deepEqual(await bob.run(() => page.all('call:newMedia').length), 0);
  covers(t, 'call.addMedia', 'call.addMedia(callId)', 'call.addMedia(media)', 'call.addMedia(media.video)');

  await alice.run((id) => page.client.media.renderTracks([id], '#local'), own.payload.trackId);
  assert.equal(await alice.run((...args) => String(page.client.call.replaceTrack(...args)), outgoing, own.payload.trackId, { video: true }), 'undefined');
  const old = await alice.until('call:trackEnded', { payload: { callId: outgoing, local: true } });
  assert.equal(old.payload.trackId, own.payload.trackId);
  const replaced = await alice.until('call:trackReplaced', { payload: { callId: outgoing } });
  const { newTrackId, oldTrack } = replaced.payload;
  assert.deepEqual([oldTrack.id, oldTrack.kind, oldTrack.containers], [own.payload.trackId, 'video', ['#local']]);
  assert.deepEqual([replaced.call.localTracks.includes(newTrackId), replaced.call.localTracks.includes(own.payload.trackId)], [true, false]);
  await assertShape(t, alice, 'call:trackReplaced');
  assert.deepEqual(await bob.run((id) => page.client.call.getById(id).remoteTracks.length, incoming), 2);
  covers(t, 'call.replaceTrack', 'call.replaceTrack(callId)', 'call.replaceTrack(trackId)', 'call.replaceTrack(media)', 'call.replaceTrack(media.video)');

  assert.equal(await alice.run((id, track) => String(page.client.call.removeMedia(id, [track])), outgoing, newTrackId), 'undefined');
  const ended = await alice.until('call:trackEnded', { payload: { callId: outgoing, local: true } });
  assert.equal(ended.payload.trackId, newTrackId);
  const removed = await alice.until('call:removedMedia', { payload: { callId: outgoing } });
  assert.deepEqual([removed.payload.local, removed.payload.tracks, removed.call.localTracks.length], [true, [newTrackId], 1]);
  await assertShape(t, alice, 'call:removedMedia');
  const lost = await bob.until('call:trackEnded', { payload: { callId: incoming, local: false } });
  assert.deepEqual([lost.payload.trackId, lost.call.remoteTracks.length], [theirs.payload.trackId, 1]);
  covers(t, 'call.removeMedia', 'call.removeMedia(callId)', 'call.removeMedia(tracks)', 'call.removeMedia(options)', 'call.addMedia(options)');

  await end(alice, outgoing, bob);
});

test('tones are played by the browser, one call after the other', async (t) => {
  const [alice, bob] = await pair();
  const [outgoing] = await connectCall(alice, bob, 'bob', AUDIO);
  const tones = '0123456789#*,';
  const heard = await alice.run(async (id, all) => {
    const sender = watch.peers.at(-1).getSenders().find(({ track }) => track?.kind === 'audio').dtmf;
    const heard = [];
    const over = new Promise((resolve) => sender.addEventListener('tonechange', ({ tone }) => {
      heard.push(tone);
      if (tone === 'D') resolve();
    }));
    page.client.call.sendDTMF(id, all, 60, 40);
    page.client.call.sendDTMF(id, 'A');
    page.client.call.sendDTMF(id, 'D', 90);
    await over;
    return heard.join('');
  }, outgoing, tones);
  assert.equal(heard, `${tones}AD`);
  assert.deepEqual(await alice.run(() => watch.tones), [[tones, 60, 40], ['A', 100, 70], ['D', 90, 70]]);
  covers(t, 'call.sendDTMF', 'call.sendDTMF(callId)', 'call.sendDTMF(tone)', ...[...tones].map((tone) => `call.sendDTMF(tone) = ${tone}`));
  covers(t, 'call.sendDTMF(duration)', 'call.sendDTMF(intertoneGap)');
  await end(alice, outgoing, bob);
});

/** Alice and bob, logged in. */
async function pair(flavour = 'uc', more = {}) {
  return [
    await signedIn(await browsers.get('chromium', 1), gateway, 'alice', flavour, more),
    await signedIn(await browsers.get('chromium', 2), gateway, 'bob', flavour, more),
  ];
}

async function end(one, callId, other) {
  await one.run((id) => page.client.call.end(id), callId);
  await one.until('call:stateChange', { payload: { callId }, call: { state: 'Ended' } });
  await other.until('call:stateChange', { call: { state: 'Ended' } });
  await assertTidy(one, other);
}
