// Handing calls on: by address, by a second call, and into a call of three. Real media show who hears whom.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { covers } from '../lib/covers.mjs';
import { assertTidy, connectCall, flowing, show, signedIn } from './lib/page.mjs';
import { stage } from './lib/stage.mjs';

const AUDIO = { audio: true };
const HELD = { call: { state: 'On Hold', localHold: true } };

const { browsers, gateway } = await stage();

for (const [flavour, third] of [['uc', 'chromium'], ['link', 'firefox']]) {
  test(`direct transfer: the other two hear each other, and a target that is not there leaves the call on hold (${flavour}, target in ${third})`, async (t) => {
    const [alice, bob, carol] = await three(flavour, third);
    const [outgoing, incoming] = await held(alice, bob, 'bob');

    assert.equal(await transfer(alice, 'directTransfer', outgoing, 'nobody@example.com'), 'undefined');
    const failed = await alice.until('call:stateChange', { payload: { callId: outgoing } });
    assert.deepEqual(failed.payload.transition, { reasonText: 'Direct Transfer Failed', statusCode: -1 });
    assert.deepEqual([failed.call.state, typeof failed.payload.error.code], ['On Hold', 'string']);
    covers(t, 'transition -1');

    await transfer(alice, 'directTransfer', outgoing, 'carol@example.com');
    const { payload, call } = await carol.until('call:receive');
    // The gateway asks the new party for the offer.
    assert.deepEqual([call.isSlowStart, call.remoteTracks, call.remoteParticipant.displayNumber], [true, [], 'bob@example.com']);
    covers(t, 'CallObject.isSlowStart');
    await carol.run((id, media) => page.client.call.answer(id, media), payload.callId, AUDIO);
    const over = await alice.until('call:stateChange', { payload: { callId: outgoing }, call: { state: 'Ended' } });
    assert.deepEqual(over.payload.transition, { reasonText: 'Direct Transfer Successful', statusCode: 9905 });
    assert.equal(over.payload.error, undefined);
    assert.deepEqual(await alice.run(() => page.all('call:trackEnded').filter(({ payload }) => payload.local).length), 1);
    await together([bob, incoming], [carol, payload.callId]);
    covers(t, 'call.directTransfer', 'call.directTransfer(callId)', 'call.directTransfer(destination)', 'transition 9905');
    await end([bob, incoming], carol, alice);
  });

  test(`consultative transfer: the two others hear each other (${flavour}, one in ${third})`, async (t) => {
    const [alice, bob, carol] = await three(flavour, third);
    const [first, atBob] = await held(alice, bob, 'bob');
    const [second, atCarol] = await held(alice, carol, 'carol');
    assert.equal(await transfer(alice, 'consultativeTransfer', first, second), 'undefined');
    for (const callId of [first, second]) {
      await alice.run(async (id) => {
        while (page.client.call.getById(id).state !== 'Ended') await page.next();
      }, callId);
      const { payload } = await alice.run((id) => page.all('call:stateChange').findLast(({ payload }) => payload.callId === id), callId);
      assert.deepEqual(payload.transition, { reasonText: 'Transfer Successful', statusCode: 9905 });
      assert.equal(payload.error, undefined);
    }
    await together([bob, atBob], [carol, atCarol]);
    covers(t, 'call.consultativeTransfer', 'call.consultativeTransfer(callId)', 'call.consultativeTransfer(otherCallId)');
    await end([bob, atBob], carol, alice);
  });
}

test('a join that the server cannot mix: both calls stay on hold', async (t) => {
  const [alice, bob, carol] = await three('uc');
  const [first] = await held(alice, bob, 'bob');
  const [second] = await held(alice, carol, 'carol');
  await transfer(alice, 'join', first, second);
  const { payload } = await alice.until('call:join');
  assert.equal(payload.error.name, 'BasicError');
  for (const callId of [first, second]) {
    const { payload, call } = await alice.run((id) => page.until('call:stateChange', { payload: { callId: id } }), callId);
    assert.deepEqual([payload.transition, call.state], [{ reasonText: 'Join Failed', statusCode: -2 }, 'On Hold']);
  }
  covers(t, 'transition -2');
  for (const callId of [first, second]) await alice.run((id) => page.client.call.end(id), callId);
  for (const one of [alice, bob, carol]) await one.run(() => page.settled());
  await assertTidy(alice, bob, carol);
});

test('a join by a server that mixes: one call takes the place of two', async (t) => {
  const [alice, bob, carol] = await three('uc');
  const [first] = await held(alice, bob, 'bob');
  const [second] = await held(alice, carol, 'carol');
  await alice.run(mixing);
  assert.equal(await transfer(alice, 'join', first, second), 'undefined');

  const { payload, call } = await alice.until('call:join');
  assert.deepEqual(await alice.run(() => page.shape('call:join')), { callId: 'string', error: 'undefined', joinedCalls: 'array' });
  assert.deepEqual(payload.joinedCalls, [first, second]);
  assert.deepEqual([call.id, call.isJoinedCall, call.direction], [payload.callId, true, 'outgoing']);
  assert.deepEqual(call.remoteParticipant, { displayNumber: 'sip:bob@example.com,sip:carol@example.com', displayName: 'Bob Baker,Carol Carter' });
  for (const callId of [first, second]) {
    const over = await alice.until('call:stateChange', { payload: { callId }, call: { state: 'Ended' } });
    assert.deepEqual(over.payload.transition, { reasonText: 'Join Successful', statusCode: 9906 });
  }
  await alice.until('call:newTrack', { payload: { callId: payload.callId, local: false } });
  await alice.until('call:stateChange', { payload: { callId: payload.callId }, call: { state: 'Connected' } });
  await show(alice, payload.callId);
  await flowing(alice);
  covers(t, 'call.join', 'call.join(callId)', 'call.join(otherCallId)', 'call:join', 'call:join.callId', 'call:join.error', 'CallObject.isJoinedCall', 'transition 9906');

  await alice.run((id) => page.client.call.end(id), payload.callId);
  await alice.run(() => window.mixer.close());
  // The gateway knows nothing of the mixer: there the two calls are still up.
  for (const one of [bob, carol]) await one.run(() => page.client.call.getAll().forEach(({ id }) => page.client.call.end(id)));
  for (const one of [alice, bob, carol]) await one.run(() => page.settled());
  await assertTidy(alice, bob, carol);
});

/** Runs in the page: in the place of the server, a mixer that answers a join with a peer connection of its own. */
function mixing() {
  const session = 'joined-session';
  const tell = (eventType, sessionParams) => {
    const notificationMessage = { eventType, eventId: crypto.randomUUID(), time: Date.now(), sessionParams };
    const data = JSON.stringify({ notificationMessage });
    watch.sockets.at(-1).dispatchEvent(new MessageEvent('message', { data }));
  };
  const accept = (sessionData) => ({ status: 200, body: { callControlResponse: { statusCode: 0, sessionData } } });
  const answer = async ({ sdp, firstSessionData, secondSessionData }) => {
    window.mixer = new RTCPeerConnection();
    await mixer.setRemoteDescription({ type: 'offer', sdp });
    const sound = new AudioContext();
    const tone = sound.createOscillator();
    const out = sound.createMediaStreamDestination();
    tone.connect(out);
    tone.start();
    mixer.addTrack(out.stream.getTracks()[0], out.stream);
    await mixer.setLocalDescription();
    while (mixer.iceGatheringState !== 'complete') await new Promise((resolve) => mixer.addEventListener('icegatheringstatechange', resolve, { once: true }));
    tell('respondCallUpdate', { sessionData: session, sdp: mixer.localDescription.sdp });
    for (const sessionData of [firstSessionData, secondSessionData]) tell('sessionComplete', { sessionData, reasonText: 'Join Successful' });
  };
  watch.answering = (method, path, body) => {
    if (!path.includes('/callControl')) return undefined;
    if (path.includes(session)) return accept();
    const request = body && JSON.parse(body).callControlRequest;
    if (request?.type !== 'join') return undefined;
    answer(request);
    return accept(session);
  };
}

/** Alice, bob and carol, the last one in this browser. */
async function three(flavour, third = 'chromium') {
  const users = [['alice', 'chromium'], ['bob', 'chromium'], ['carol', third]];
  return Promise.all(users.map(async ([user, name], index) => signedIn(await browsers.get(name, index + 1), gateway, user, flavour)));
}

/** A call from `caller` that it holds. */
async function held(caller, callee, user) {
  const [outgoing, incoming] = await connectCall(caller, callee, user, AUDIO);
  await caller.run((id) => page.client.call.hold(id), outgoing);
  await caller.until('call:stateChange', { payload: { callId: outgoing }, ...HELD });
  await callee.until('call:stateChange', { payload: { callId: incoming }, call: { state: 'On Hold' } });
  return [outgoing, incoming];
}

function transfer(one, name, callId, to) {
  return one.run((act, id, whom) => String(page.client.call[act](id, whom)), name, callId, to);
}

/** Both are connected, know each other, and hear each other. */
async function together(...sides) {
  for (const [one, callId] of sides) {
    await one.run(async (id) => {
      while (page.client.call.getById(id).state !== 'Connected') await page.next();
    }, callId);
    await show(one, callId);
  }
  await Promise.all(sides.map(([one]) => flowing(one)));
}

async function end([one, callId], ...others) {
  await one.run((id) => page.client.call.end(id), callId);
  for (const each of [one, ...others]) await each.run(() => page.settled());
  await assertTidy(one, ...others);
}
