// The configuration of calls (api-behaviour 2, 7.20, 7.21) and the application's SDP handlers (9), where they can be seen: in what
// the browser gets, in what the other side receives, and in `getConfig`.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ROWS } from '../api/rows.mjs';
import { covers } from '../lib/covers.mjs';
import { PICTURES, assertTidy, configFor, connectCall, flowing, openPage, ring, show, signedIn } from './lib/page.mjs';
import { stage } from './lib/stage.mjs';

const AUDIO = { audio: true };
const BOTH = { audio: true, video: true };

const { browsers, gateway } = await stage();

test('defaults, merging, and copies', async (t) => {
  const one = await openPage(await browsers.get('chromium', 1), gateway.url);
  const read = (call) => one.run((config) => page.create(config).getConfig().call, configFor(gateway, 'uc', { call }));
  const defaults = await read(undefined);
  assert.deepEqual(defaults, {
    sdpSemantics: 'plan-b', iceServers: [], serverTurnCredentials: true, sdpHandlers: [], removeH264Codecs: true, trickleIceMode: 'NONE', normalizeDestination: true,
  });
  // What the rows say of the defaults, unless it is otherwise on purpose.
  for (const { id, default: stated } of ROWS.filter((row) => row.kind === 'config' && 'default' in row)) {
    assert.deepEqual(defaults[id.replace('config call.', '')], stated, id);
  }
  const servers = [{ urls: 'stun:stun.example.com' }];
  assert.deepEqual(await read({ iceServers: servers, removeH264Codecs: false }), { ...defaults, iceServers: servers, removeH264Codecs: false });
  assert.deepEqual(await read({ iceserver: servers }), { ...defaults, iceServers: servers }, 'the older spelling');
  covers(t, 'config call', 'config call.iceServers', 'config call.iceserver');
});

const OWN = { urls: 'turn:relay.example.com:3478', username: 'me', credential: 'mine' };
const OPEN = { urls: ['turn:one.example.com:3478', 'turns:two.example.com:5349'] };
for (const [serverTurnCredentials, granted] of [[true, 'string'], [false, 'undefined']]) {
  test(`relays get the server's credentials: ${serverTurnCredentials}`, async (t) => {
    const alice = await signedIn(await browsers.get('chromium', 1), gateway, 'alice', 'uc', {
      call: { iceServers: [OWN, { urls: 'stun:stun.example.com:3478' }, ...(serverTurnCredentials ? [OPEN] : [])], serverTurnCredentials },
    });
    const id = await alice.run((media) => page.client.call.make('bob@example.com', media), AUDIO);
    await alice.until('call:start', { payload: { callId: id } });
    const { iceServers } = await alice.run(() => watch.configurations[0]);
    assert.deepEqual(iceServers[0], { ...OWN, urls: iceServers[0].urls }, 'own credentials stay');
    assert.deepEqual([iceServers[0].urls].flat(), [OWN.urls]);
    const [, , open] = iceServers;
    assert.equal(typeof open?.username, granted);
    assert.equal(typeof open?.credential, granted);
    if (open) assert.deepEqual([open.urls].flat(), OPEN.urls);
    covers(t, 'config call.serverTurnCredentials', 'config call.iceServers', 'IceServer.urls', 'IceServer.username', 'IceServer.credential');
    await alice.run((call) => page.client.call.end(call), id);
    await alice.run(() => page.settled());
    await assertTidy(alice);
  });
}

test('descriptions have their candidates in them', async (t) => {
  const [alice, bob] = await pair({ call: { trickleIceMode: 'FULL' } });
  assert.equal(await alice.run(() => page.client.getConfig().call.trickleIceMode), 'FULL');
  const [outgoing] = await connectCall(alice, bob, 'bob', AUDIO);
  for (const one of [alice, bob]) {
    const sdp = await one.run(() => page.descriptions.at(-1));
    assert.match(sdp, /^a=candidate:/m);
    assert.doesNotMatch(sdp, /^a=ice-options:.*trickle/m);
  }
  covers(t, 'config call.trickleIceMode');
  await end(alice, outgoing, bob);
});

for (const removeH264Codecs of [true, false]) {
  test(`H264 is taken out of descriptions: ${removeH264Codecs}`, async (t) => {
    const [alice, bob] = await pair({ call: { removeH264Codecs } });
    const [outgoing] = await connectCall(alice, bob, 'bob', BOTH);
    for (const one of [alice, bob]) assert.equal(/ H264\//.test(await one.run(() => page.descriptions.at(-1))), !removeH264Codecs);
    covers(t, 'config call.removeH264Codecs');
    await end(alice, outgoing, bob);
  });
}

test('destinations are normalized', async (t) => {
  const one = await signedIn(await browsers.get('chromium', 1), gateway, 'alice');
  // The rows are written for users of x.test; a call without media is over before anything is sent.
  const here = (text) => text.replaceAll('x.test', 'example.com');
  for (const { id, input, output } of ROWS.filter(({ kind }) => kind === 'normalization')) {
    const to = await one.run((destination) => page.client.call.getById(page.client.call.make(destination, {})).to, here(input));
    assert.equal(to, here(output), id);
    covers(t, id);
  }
  await one.run(() => page.client.updateConfig({ call: { normalizeDestination: false } }));
  for (const text of ['bob', 'tel:911', '  x  ']) {
    assert.equal(await one.run((destination) => page.client.call.getById(page.client.call.make(destination, {})).to, text), text);
  }
  covers(t, 'config call.normalizeDestination');
});

test('SDP handlers see every description, in their order', async (t) => {
  const [alice, bob] = await Promise.all([['alice', 1], ['bob', 2]].map(([user, number]) => handled(user, number, () => {
    window.seen = [];
    const has = (sdp, name) => sdp.media[0].rtp.some(({ codec }) => codec === name);
    const [withoutU, withoutA] = ['PCMU', 'PCMA'].map((name) => page.sdpHandlers.createCodecRemover([name]));
    window.given = [
      (newSdp, info, original) => {
        const candidates = newSdp.media.some((line) => line.candidates?.length > 0);
        seen.push({ ...info, candidates, kinds: newSdp.media.map(({ type }) => type), frozen: Object.isFrozen(original.media[0]) });
        return withoutU(newSdp);
      },
      'no function',
      (newSdp, info, original) => {
        Object.assign(seen.at(-1), { first: [has(original, 'PCMU'), has(newSdp, 'PCMU')], second: [has(original, 'PCMA'), has(newSdp, 'PCMA')] });
        return withoutA(newSdp);
      },
    ];
    return given;
  })));
  const [outgoing] = await connectCall(alice, bob, 'bob', AUDIO);
  // What one handler has made is what the next one gets; the last one's work is set, and sent.
  const own = { endpoint: 'local', candidates: false, kinds: ['audio'], frozen: true, first: [true, false], second: [true, true] };
  const theirs = { endpoint: 'remote', candidates: true, kinds: ['audio'], frozen: true, first: [false, false], second: [false, false] };
  assert.deepEqual(await alice.run(() => seen), [{ type: 'offer', ...own }, { type: 'answer', ...theirs }]);
  const [offer, answer] = await bob.run(() => seen);
  assert.deepEqual(offer, { type: 'offer', ...theirs });
  // The browser answers with what was offered.
  assert.deepEqual(answer, { type: 'answer', ...own, first: [false, false], second: [false, false] });
  assert.deepEqual(await alice.run(() => [given.length, page.client.getConfig().call.sdpHandlers.length]), [3, 3], 'the array of the application stays as it is');
  covers(t, 'config call.sdpHandlers', 'SdpHandlerInfo.type', 'SdpHandlerInfo.endpoint');
  await end(alice, outgoing, bob);
});

test('an SDP handler that throws fails its operation, and nothing else', async (t) => {
  const alice = await handled('alice', 1, () => [(sdp, { endpoint }) => {
    if (window.broken === endpoint) throw new Error('the handler is broken');
    return sdp;
  }]);
  const bob = await signedIn(await browsers.get('chromium', 2), gateway, 'bob');
  const breaks = (endpoint) => alice.run((value) => void (window.broken = value), endpoint);
  const assertFailed = ({ payload, call }, code, state) => {
    assert.deepEqual([payload.error.code, call.state], [code, state]);
    assert.match(payload.error.message, /the handler is broken/);
  };

  await breaks('local');
  const failed = await alice.run((media) => page.client.call.make('bob@example.com', media), AUDIO);
  assertFailed(await alice.until('call:stateChange', { payload: { callId: failed } }), 'call:9', 'Ended');
  await assertTidy(alice);
  covers(t, 'error call:9');

  await breaks(undefined);
  const [outgoing] = await connectCall(alice, bob, 'bob', AUDIO);
  await breaks('local');
  await alice.run((id) => page.client.call.hold(id), outgoing);
  assertFailed(await alice.until('call:stateChange', { payload: { callId: outgoing } }), 'call:2', 'Connected');
  await breaks(undefined);
  await alice.run((id) => page.client.call.hold(id), outgoing);
  await alice.until('call:stateChange', { payload: { callId: outgoing }, call: { state: 'On Hold' } });
  await alice.run((id) => page.client.call.unhold(id), outgoing);
  await alice.until('call:stateChange', { payload: { callId: outgoing }, call: { state: 'Connected' } });
  await show(bob, await bob.run(() => page.client.call.getAll().at(-1).id));
  await flowing(bob);
  await end(alice, outgoing, bob);

  // An answer that cannot be made: the call rings on, and can be answered when the handler works.
  const [again, incoming] = await ring(bob, alice, 'alice', AUDIO);
  await breaks('local');
  await alice.run((id, media) => page.client.call.answer(id, media), incoming, AUDIO);
  assertFailed(await alice.until('call:stateChange', { payload: { callId: incoming } }), 'call:2', 'Ringing');
  await breaks(undefined);
  await alice.run((id, media) => page.client.call.answer(id, media), incoming, AUDIO);
  await alice.until('call:stateChange', { payload: { callId: incoming }, call: { state: 'Connected' } });
  await bob.until('call:stateChange', { payload: { callId: again }, call: { state: 'Connected' } });
  await end(bob, again, alice);

  // An answer that cannot be taken: the call is over, on both sides.
  const [unheard, theirs] = await ring(alice, bob, 'bob', AUDIO);
  await breaks('remote');
  await bob.run((id, media) => page.client.call.answer(id, media), theirs, AUDIO);
  assertFailed(await alice.until('call:stateChange', { payload: { callId: unheard } }), 'call:2', 'Ended');
  await bob.until('call:stateChange', { payload: { callId: theirs }, call: { state: 'Ended' } });
  await breaks(undefined);
  const [last] = await connectCall(alice, bob, 'bob', AUDIO);
  await end(alice, last, bob);
});

test('the codec remover in a call: what it takes out is neither offered nor used', async (t) => {
  const alice = await handled('alice', 1, () => [page.sdpHandlers.createCodecRemover(['VP8', { name: 'VP9', fmtpParams: ['profile-id=2'] }, 'AV1'])]);
  const bob = await signedIn(await browsers.get('chromium', 2), gateway, 'bob');
  const [outgoing, incoming] = await connectCall(alice, bob, 'bob', BOTH);
  const video = (await bob.run(() => page.descriptions.at(-1))).split(/^m=/m).find((section) => section.startsWith('video'));
  assert.deepEqual([/ VP8\//.test(video), / AV1\//.test(video), / VP9\//.test(video), /profile-id=2/.test(video)], [false, false, true, false]);
  await show(alice, outgoing);
  await show(bob, incoming);
  await Promise.all([alice, bob].map((one) => flowing(one, PICTURES)));
  const used = await bob.run(async () => [...(await watch.peers[0].getStats()).values()].filter(({ type }) => type === 'codec').map(({ mimeType }) => mimeType));
  assert.ok(used.includes('video/VP9') && !used.includes('video/VP8'), used.join());
  covers(t, 'sdpHandlers.createCodecRemover', 'sdpHandlers.createCodecRemover(codecs)');
  await end(alice, outgoing, bob);
});

/** Logged in, with handlers that the page makes: functions do not travel. */
async function handled(user, number, handlers) {
  const one = await openPage(await browsers.get('chromium', number), gateway.url);
  await one.run(`(config) => void page.create({ ...config, call: { sdpHandlers: (${handlers})() } })`, configFor(gateway, 'uc'));
  await one.run((credentials) => page.client.connect(credentials), { username: `${user}@example.com`, password: 'demo' });
  await one.until('auth:change', { connection: { isConnected: true, isPending: false } });
  return one;
}

async function pair(more) {
  return [await signedIn(await browsers.get('chromium', 1), gateway, 'alice', 'uc', more), await signedIn(await browsers.get('chromium', 2), gateway, 'bob', 'uc', more)];
}

async function end(one, callId, other) {
  await one.run((id) => page.client.call.end(id), callId);
  await one.until('call:stateChange', { payload: { callId }, call: { state: 'Ended' } });
  await other.run(() => page.settled());
  await assertTidy(one, other);
}
