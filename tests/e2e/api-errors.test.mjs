// How operations on calls fail: which event says so, with which code, and what becomes of the call (api-behaviour 7.3, 21).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { covers } from '../lib/covers.mjs';
import { assertTidy, connectCall, ring, signedIn } from './lib/page.mjs';
import { stage } from './lib/stage.mjs';

const AUDIO = { audio: true };
const VIDEO = { video: true };

const { browsers, gateway } = await stage();

test('the server refuses: its number is the code of answers and changes, and a start has none', async (t) => {
  const [alice, bob] = await pair();
  await refusing(alice, 500, 26);
  const id = await alice.run((media) => page.client.call.make('bob@example.com', media), AUDIO);
  const failed = await alice.until('call:stateChange', { payload: { callId: id } });
  assert.deepEqual([failed.call.state, failed.payload.error.code, failed.payload.previous.state], ['Ended', 'NO_CODE', 'Initiating']);
  await assertTidy(alice);
  covers(t, 'error NO_CODE');
  await refusing(alice);

  const [outgoing, incoming] = await ring(alice, bob, 'bob', AUDIO);
  await refusing(bob, 403, 1004);
  for (const [act, args] of [['answer', [AUDIO]], ['reject', []], ['forward', ['carol@example.com']]]) {
    await bob.run((name, ...rest) => page.client.call[name](...rest), act, incoming, ...args);
    const { payload, call } = await bob.until('call:stateChange', { payload: { callId: incoming } });
    assert.deepEqual([call.state, payload.error.code], ['Ringing', 1004], act);
  }
  await refusing(bob);
  await bob.run((callId, media) => page.client.call.answer(callId, media), incoming, AUDIO);
  await alice.until('call:stateChange', { payload: { callId: outgoing }, call: { state: 'Connected' } });
  await bob.until('call:stateChange', { payload: { callId: incoming }, call: { state: 'Connected' } });

  await refusing(alice, 403, 1004);
  await alice.run((callId) => page.client.call.hold(callId), outgoing);
  const held = await alice.until('call:stateChange', { payload: { callId: outgoing } });
  assert.deepEqual([held.call.state, held.call.remoteTracks.length, held.payload.error.code], ['Connected', 1, 1004]);
  await alice.run((callId, media) => page.client.call.addMedia(callId, media), outgoing, VIDEO);
  const added = await alice.until('call:newMedia', { payload: { callId: outgoing } });
  assert.deepEqual([added.payload.error.code, added.payload.tracks, added.call.localTracks.length], [1004, undefined, 1]);
  const track = await alice.run((callId) => page.client.call.getById(callId).localTracks[0], outgoing);
  await alice.run((callId, one) => page.client.call.removeMedia(callId, [one]), outgoing, track);
  const removed = await alice.until('call:removedMedia', { payload: { callId: outgoing } });
  assert.deepEqual([removed.payload.error.code, removed.payload.tracks], [1004, undefined]);
  await refusing(alice, 404, 1004);
  await alice.run((callId) => page.client.call.end(callId), outgoing);
  const ended = await alice.until('call:stateChange', { payload: { callId: outgoing } });
  assert.deepEqual([ended.call.state, ended.payload.error.code], ['Ended', 1004]);
  covers(t, 'error <number>');
  await refusing(alice);
  await bob.run((callId) => page.client.call.end(callId), incoming);
  await bob.run(() => page.settled());
  await assertTidy(alice, bob);
});

for (const [what, code, spoil] of [
  ['has more sections than the offer', 'call:10', (sdp) => `${sdp}m=audio 0 UDP/TLS/RTP/SAVPF 0\r\n`],
  ['cannot be applied', 'call:2', (sdp) => sdp.replace(/a=ice-ufrag:.*\r\n/, '')],
]) {
  test(`an answer that ${what}: ${code}, and the call is over on both sides`, async (t) => {
    const [alice, bob] = await pair();
    await bob.run(`(spoil) => {
      watch.sending = (method, path, body) => {
        const request = body && JSON.parse(body);
        const { sdp } = request?.callControlRequest ?? {};
        if (sdp) request.callControlRequest.sdp = (${spoil})(sdp);
        return sdp ? JSON.stringify(request) : body;
      };
    }`);
    const [outgoing, incoming] = await ring(alice, bob, 'bob', AUDIO);
    await bob.run((id, media) => page.client.call.answer(id, media), incoming, AUDIO);
    const { payload, call } = await alice.until('call:stateChange', { payload: { callId: outgoing } });
    assert.deepEqual([payload.error.code, call.state, call.error.code], [code, 'Ended', code]);
    assert.ok(payload.error.message.length > 10);
    await bob.until('call:stateChange', { payload: { callId: incoming }, call: { state: 'Ended' } });
    await assertTidy(alice, bob);
    covers(t, `error ${code}`);
  });
}

test('operations that do not fit: call:6 and call:7 in the event that they would have had', async (t) => {
  const [alice, bob] = await pair();
  const [outgoing, incoming] = await ring(alice, bob, 'bob', AUDIO);
  const { localTracks } = await alice.run((id) => page.client.call.getById(id), outgoing);
  const refused = async (one, callId, [act, ...args], type, code) => {
    await one.run((name, ...rest) => page.client.call[name](...rest), act, callId, ...args);
    const { payload, call } = await one.until(type, { payload: { callId } });
    assert.deepEqual([payload.error.name, payload.error.code], ['BasicError', code], act);
    return call;
  };
  // While it rings.
  for (const operation of [['hold'], ['unhold'], ['directTransfer', 'carol@example.com'], ['answer', AUDIO]]) {
    assert.equal((await refused(alice, outgoing, operation, 'call:stateChange', 'call:6')).state, 'Ringing');
  }
  await refused(alice, outgoing, ['addMedia', AUDIO], 'call:newMedia', 'call:6');
  await refused(alice, outgoing, ['removeMedia', localTracks], 'call:removedMedia', 'call:6');
  await refused(alice, outgoing, ['replaceTrack', localTracks[0], AUDIO], 'call:trackReplaced', 'call:6');
  await refused(alice, outgoing, ['join', outgoing], 'call:join', 'call:7');
  covers(t, 'error call:6');

  await bob.run((id, media) => page.client.call.answer(id, media), incoming, AUDIO);
  await alice.until('call:stateChange', { payload: { callId: outgoing }, call: { state: 'Connected' } });
  await bob.until('call:stateChange', { payload: { callId: incoming }, call: { state: 'Connected' } });
  const { remoteTracks } = await alice.run((id) => page.client.call.getById(id), outgoing);
  for (const tracks of [[], ['no such track'], remoteTracks, undefined]) {
    await refused(alice, outgoing, ['removeMedia', tracks], 'call:removedMedia', 'call:7');
  }
  await refused(alice, outgoing, ['replaceTrack', 'no such track', AUDIO], 'call:trackReplaced', 'call:7');
  await refused(alice, outgoing, ['replaceTrack', localTracks[0], VIDEO], 'call:trackReplaced', 'call:7');
  await refused(alice, outgoing, ['sendDTMF', 'x'], 'call:error', 'call:7');
  assert.deepEqual(await alice.run((id) => page.client.call.getById(id).localTracks, outgoing), localTracks);
  covers(t, 'error call:7');

  await alice.run((id) => page.client.call.end(id), outgoing);
  await alice.until('call:stateChange', { payload: { callId: outgoing }, call: { state: 'Ended' } });
  await bob.run(() => page.settled());
  for (const operation of [['hold'], ['unhold'], ['reject']]) await refused(alice, outgoing, operation, 'call:stateChange', 'call:6');
  await refused(alice, outgoing, ['addMedia', AUDIO], 'call:newMedia', 'call:6');
  await refused(alice, outgoing, ['getStats'], 'call:statsReceived', 'call:2');
  await assertTidy(alice, bob);
});

/** The server refuses every request about calls with this HTTP status and code; without them it is itself again. */
function refusing(one, status, statusCode) {
  return one.run((http, code) => {
    const refusal = { status: http, body: { callControlResponse: { statusCode: code } } };
    watch.answering = (method, path) => (http && /\/call(Control|disposition)/.test(path) ? refusal : undefined);
  }, status, statusCode);
}

async function pair() {
  return [await signedIn(await browsers.get('chromium', 1), gateway, 'alice'), await signedIn(await browsers.get('chromium', 2), gateway, 'bob')];
}
