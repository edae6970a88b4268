// Situations in which clients of this kind failed, where the browser is the hazard (docs/hazards.md).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PICTURES, assertTidy, configFor, connectCall, flowing, openPage, ring, show, signedIn } from './lib/page.mjs';
import { stage } from './lib/stage.mjs';

const AUDIO = { audio: true };
const BOTH = { audio: true, video: true };

/** Who calls, who is called. */
const MIXTURES = [['chromium', 'firefox'], ['firefox', 'chromium']];

const { browsers, gateway } = await stage();

for (const [one, other] of MIXTURES) {
  test(`H5, H6: a call with a picture on one side only is held and released by either, ${one} calls ${other}`, async () => {
    const { alice, bob } = await pair(one, other);
    for (const [offered, answered, [atAlice, atBob]] of [[BOTH, AUDIO, [{}, PICTURES]], [AUDIO, BOTH, [{}, {}]]]) {
      const [outgoing, incoming] = await ring(alice, bob, 'bob', offered);
      await bob.run((...args) => page.client.call.answer(...args), incoming, answered);
      const sides = [[alice, outgoing, atAlice], [bob, incoming, atBob]];
      for (const [page] of sides) await page.until('call:stateChange', { call: { state: 'Connected' } });
      await playing(sides);
      for (const [holder, held] of [sides, [...sides].reverse()]) {
        await heldAndReleased(holder, held);
        await playing(sides);
      }
      await end(alice, outgoing, bob);
    }
  });

  test(`H10, H11: a removed track stays away over hold and release, and nothing is there twice, ${one} and ${other}`, async () => {
    const { alice, bob } = await pair(one, other);
    const [outgoing, incoming] = await connectCall(alice, bob, 'bob', BOTH);
    const sides = [[alice, outgoing, PICTURES], [bob, incoming, {}]];
    const [, camera] = await ofKind(alice, outgoing, 'localTracks');
    await alice.run((id, track) => page.client.call.removeMedia(id, [track]), outgoing, camera);
    await alice.until('call:removedMedia', { payload: { tracks: [camera] } });
    await bob.until('call:trackEnded', { payload: { local: false } });
    for (const [holder, held] of [sides, [...sides].reverse(), sides]) {
      await heldAndReleased(holder, held);
      await playing(sides);
      assert.deepEqual(await seen(alice, outgoing), { local: ['audio'], remote: ['audio', 'video'], elements: ['audio', 'video'] });
      assert.deepEqual(await seen(bob, incoming), { local: ['audio', 'video'], remote: ['audio'], elements: ['audio'] });
    }
    await end(alice, outgoing, bob);
    const ended = await alice.run((track) => page.all('call:trackEnded').filter(({ payload }) => payload.trackId === track).length, camera);
    assert.equal(ended, 1, 'the end of the removed track is told once');
  });

  test(`S2: an answer with actpass connects, and later calls are not changed by it, ${one} calls ${other}`, async () => {
    const { alice, bob } = await pair(one, other);
    await bob.run(() => {
      const { fetch } = window;
      window.fetch = (url, options) => {
        const body = options?.body?.includes('callAnswer') ? options.body.replaceAll('a=setup:active', 'a=setup:actpass') : options?.body;
        return fetch(url, body ? { ...options, body } : options);
      };
    });
    for (const [caller, callee, user] of [[alice, bob, 'bob'], [bob, alice, 'alice'], [alice, bob, 'bob']]) {
      const [outgoing, incoming] = await connectCall(caller, callee, user, BOTH);
      await playing([[caller, outgoing, PICTURES], [callee, incoming, PICTURES]]);
      await end(caller, outgoing, callee);
    }
  });

  test(`S3: descriptions without directions and without names of sections, ${one} and ${other}`, async () => {
    const alice = await signedIn(await browsers.get(one, 1), gateway, 'alice');
    // Without names nothing can be bundled.
    const bob = await handling(await browsers.get(other, 2), 'bob', 'unbundled');
    await bob.run(() => {
      const { fetch } = window;
      const terse = (sdp) => sdp.split('\r\n').filter((line) => !/^a=(mid:|sendrecv$|group:)/.test(line)).join('\r\n');
      window.fetch = (url, options) => {
        const body = options?.body && JSON.parse(options.body);
        const request = body?.callControlRequest;
        if (request?.sdp) request.sdp = terse(request.sdp);
        return fetch(url, request ? { ...options, body: JSON.stringify(body) } : options);
      };
    });
    for (const [caller, callee, user] of [[alice, bob, 'bob'], [bob, alice, 'alice']]) {
      const [outgoing, incoming] = await connectCall(caller, callee, user, BOTH);
      const sides = [[caller, outgoing, PICTURES], [callee, incoming, PICTURES]];
      await playing(sides);
      for (const [holder, held] of [sides, [...sides].reverse()]) {
        await heldAndReleased(holder, held);
        await playing(sides);
      }
      await end(caller, outgoing, callee);
    }
  });

  test(`S9: sound and picture without bundling, ${one} calls ${other}`, async () => {
    const alice = await handling(await browsers.get(one, 1), 'alice', 'unbundled');
    const bob = await signedIn(await browsers.get(other, 2), gateway, 'bob');
    const [outgoing, incoming] = await connectCall(alice, bob, 'bob', BOTH);
    const sides = [[alice, outgoing, PICTURES], [bob, incoming, PICTURES]];
    await playing(sides);
    const bundled = await alice.run(() => watch.peers.at(-1).currentLocalDescription.sdp.includes('a=group:BUNDLE'));
    assert.equal(bundled, false);
    for (const [holder, held] of [sides, [...sides].reverse()]) {
      await heldAndReleased(holder, held);
      await playing(sides);
    }
    await end(alice, outgoing, bob);
  });
}

for (const name of ['chromium', 'firefox']) {
  test(`R10: a camera that something else uses fails what wants it, and nothing stays open (${name})`, async () => {
    const { alice, bob } = await pair(name, 'chromium');
    await alice.run(() => {
      const { mediaDevices } = navigator;
      const real = mediaDevices.getUserMedia.bind(mediaDevices);
      mediaDevices.getUserMedia = (wish) => wish.video ? Promise.reject(new DOMException('Could not start video source', 'NotReadableError')) : real(wish);
    });
    const failed = await alice.run((media) => page.client.call.make('bob@example.com', media), BOTH);
    const { payload } = await alice.until('call:stateChange', { payload: { callId: failed }, call: { state: 'Ended' } });
    assert.equal(payload.error.code, 'call:4');
    assert.match(payload.error.message, /NotReadableError/);
    await assertTidy(alice);

    const [outgoing, incoming] = await connectCall(bob, alice, 'alice', AUDIO);
    await alice.run((id) => page.client.call.addMedia(id, { video: true }), incoming);
    assert.equal((await alice.until('call:newMedia')).payload.error.code, 'call:4');
    await playing([[bob, outgoing, {}], [alice, incoming, {}]]);
    assert.equal(await alice.run(() => page.openDevices), 1);
    await end(alice, incoming, bob);
  });

  test(`S6: a browser without a single candidate calls nobody and answers nobody (${name})`, async () => {
    const { alice, bob } = await pair(name, 'chromium');
    await alice.run(() => {
      const { RTCPeerConnection } = window;
      window.RTCPeerConnection = class extends RTCPeerConnection {
        constructor(configuration) {
          super({ ...configuration, iceTransportPolicy: 'relay' });
        }
      };
    });
    const failed = await alice.run((media) => page.client.call.make('bob@example.com', media), AUDIO);
    const { payload } = await alice.until('call:stateChange', { payload: { callId: failed }, call: { state: 'Ended' } });
    assert.equal(payload.error.code, 'call:9');
    await assertTidy(alice);

    const [outgoing, incoming] = await ring(bob, alice, 'alice', AUDIO);
    await alice.run((id, media) => page.client.call.answer(id, media), incoming, AUDIO);
    const told = await alice.until('call:stateChange', { payload: { callId: incoming, error: { code: 'call:2' } } });
    assert.equal(told.call.state, 'Ringing');
    assert.equal(await bob.run((id) => page.client.call.getById(id).state, outgoing), 'Ringing');
    await end(bob, outgoing, alice);
  });

  test(`S7: an operation that failed is rolled back, and the next one works (${name})`, async () => {
    const { alice, bob } = await pair(name, 'chromium');
    const [outgoing, incoming] = await connectCall(alice, bob, 'bob', AUDIO);
    const sides = [[alice, outgoing, {}], [bob, incoming, {}]];
    await alice.run(() => {
      const { fetch } = window;
      window.fetch = (url, options) => window.down && options?.body?.includes('startCallUpdate') ? Promise.reject(new TypeError('down')) : fetch(url, options);
    });
    const fail = (act, ...args) => alice.run((name, id, more) => {
      window.down = true;
      page.client.call[name](id, ...more);
    }, act, outgoing, args);
    await fail('addMedia', { video: true });
    assert.equal((await alice.until('call:newMedia')).payload.error.code, 'NO_CODE');
    await fail('hold');
    assert.equal((await alice.until('call:stateChange', { payload: { error: {} } })).call.state, 'Connected');
    assert.equal(await alice.run(() => watch.peers.at(-1).signalingState), 'stable');
    await alice.run(() => void (window.down = false));
    await heldAndReleased(...sides);
    await alice.run((id) => page.client.call.addMedia(id, { video: true }), outgoing);
    assert.equal((await alice.until('call:newMedia')).payload.error, undefined);
    await bob.until('call:newTrack', { payload: { local: false } });
    await playing([[alice, outgoing, {}], [bob, incoming, PICTURES]]);
    await end(alice, outgoing, bob);
  });

  test(`S8, S16: a track rendered twice in one place is one element, which plays in the page (${name})`, async () => {
    const { alice, bob } = await pair(name, 'chromium');
    const [outgoing, incoming] = await connectCall(alice, bob, 'bob', BOTH);
    const sides = [[alice, outgoing, PICTURES], [bob, incoming, PICTURES]];
    await playing(sides);
    await playing(sides);
    assert.deepEqual((await seen(alice, outgoing)).elements, ['audio', 'video']);
    const found = await alice.run((id) => {
      const video = document.querySelector('#remote video');
      const containers = page.client.call.getById(id).remoteTracks.map((track) => page.client.media.getTrackById(track).containers);
      return { inline: video.hasAttribute('playsinline'), autoplay: video.autoplay, paused: video.paused, containers };
    }, outgoing);
    assert.deepEqual(found, { inline: true, autoplay: true, paused: false, containers: [['#remote'], ['#remote']] });
    await end(alice, outgoing, bob);
  });

  test(`S11: a device that is gone is told to both sides, and another takes its place (${name})`, async () => {
    const { alice, bob } = await pair(name, 'chromium');
    // Firefox delivers no events to a track that a page makes up: who listens is kept here and called.
    await alice.run(() => {
      const { prototype } = MediaStreamTrack;
      const { addEventListener } = prototype;
      prototype.addEventListener = function (kind, heard) {
        if (kind === 'ended') this.whenEnded = heard;
        return addEventListener.call(this, kind, heard);
      };
    });
    const [outgoing, incoming] = await connectCall(alice, bob, 'bob', BOTH);
    await playing([[alice, outgoing, PICTURES], [bob, incoming, PICTURES]]);
    const [, camera] = await ofKind(alice, outgoing, 'localTracks');
    const [, picture] = await ofKind(bob, incoming, 'remoteTracks');
    // What the browser does when the cable is pulled.
    await alice.run(() => void watch.tracks.find(({ kind }) => kind === 'video').whenEnded(new Event('ended')));
    await alice.until('call:trackEnded', { payload: { local: true, trackId: camera } });
    await bob.until('call:trackEnded', { payload: { local: false, trackId: picture } });
    assert.deepEqual(await seen(alice, outgoing), { local: ['audio'], remote: ['audio', 'video'], elements: ['audio', 'video'] });
    assert.deepEqual(await seen(bob, incoming), { local: ['audio', 'video'], remote: ['audio'], elements: ['audio'] });
    await alice.run((id) => page.client.call.addMedia(id, { video: true }), outgoing);
    await bob.until('call:newTrack', { payload: { local: false } });
    await playing([[alice, outgoing, PICTURES], [bob, incoming, PICTURES]]);
    await end(alice, outgoing, bob);
  });

  test(`S11: a change of the devices is told in one event, however often the browser tells it (${name})`, async () => {
    const alice = await signedIn(await browsers.get(name), gateway, 'alice');
    const told = (least) => alice.run(async (count) => {
      while (page.all('devices:change').length < count) await page.next();
      return page.all('devices:change').length;
    }, least);
    const change = (times) => alice.run((count) => {
      for (let i = 0; i < count; i++) navigator.mediaDevices.dispatchEvent(new Event('devicechange'));
    }, times);
    const first = await told(1);
    await change(3);
    await told(first + 1);
    // An event more for the first change would come before that for the second.
    await change(1);
    assert.equal(await told(first + 2), first + 2);
  });

  test(`S12: a fresh track of the other side is neither muted nor disabled once media flow (${name})`, async () => {
    const { alice, bob } = await pair(name, 'chromium');
    const [outgoing, incoming] = await connectCall(alice, bob, 'bob', BOTH);
    const sides = [[alice, outgoing, PICTURES], [bob, incoming, PICTURES]];
    await playing(sides);
    const states = () => alice.run((id) => page.client.call.getById(id).remoteTracks
      .map((track) => page.client.media.getTrackById(track))
      .map(({ muted, disabled, state }) => ({ muted, disabled, state })), outgoing);
    const fresh = { muted: false, disabled: false, state: 'live' };
    assert.deepEqual(await states(), [fresh, fresh]);
    await heldAndReleased(...sides);
    await playing(sides);
    assert.deepEqual(await states(), [fresh, fresh]);
    await end(alice, outgoing, bob);
  });

  test(`S14: an SDP handler that throws fails one operation, and nothing else (${name})`, async () => {
    const alice = await handling(await browsers.get(name, 1), 'alice', 'fragile');
    const bob = await signedIn(await browsers.get('chromium', 2), gateway, 'bob');
    const broken = (value) => alice.run((now) => void (window.broken = now), value);
    await broken(true);
    const failed = await alice.run((media) => page.client.call.make('bob@example.com', media), AUDIO);
    const { payload } = await alice.until('call:stateChange', { payload: { callId: failed }, call: { state: 'Ended' } });
    assert.equal(payload.error.code, 'call:9');
    assert.match(payload.error.message, /the handler is broken/);
    await assertTidy(alice);
    await broken(false);
    const [outgoing, incoming] = await connectCall(alice, bob, 'bob', AUDIO);
    const sides = [[alice, outgoing, {}], [bob, incoming, {}]];
    await broken(true);
    await alice.run((id) => page.client.call.hold(id), outgoing);
    const told = await alice.until('call:stateChange', { payload: { error: { code: 'call:2' } } });
    assert.deepEqual([told.call.state, told.call.localHold], ['Connected', false]);
    await broken(false);
    await heldAndReleased(...sides);
    await playing(sides);
    await end(alice, outgoing, bob);
  });
}

async function pair(one, other) {
  const alice = await signedIn(await browsers.get(one, 1), gateway, 'alice');
  const bob = await signedIn(await browsers.get(other, 2), gateway, 'bob');
  return { alice, bob };
}

/** As `signedIn`, with an SDP handler: `unbundled`, or `fragile`, which throws while the page's `broken` says so. */
async function handling(driver, user, name) {
  const one = await openPage(driver, gateway.url);
  await one.run((config, wanted) => {
    const handlers = {
      unbundled: ({ groups, ...sdp }) => sdp,
      fragile: (sdp) => {
        if (window.broken) throw new Error('the handler is broken');
        return sdp;
      },
    };
    page.create({ ...config, call: { sdpHandlers: [handlers[wanted]] } });
  }, configFor(gateway, 'uc'), name);
  await one.run((credentials) => page.client.connect(credentials), { username: `${user}@example.com`, password: 'demo' });
  await one.until('auth:change', { connection: { isConnected: true, isPending: false } });
  return one;
}

/** Shows the call on both pages and waits until what each awaits of the other has come. */
async function playing(sides) {
  for (const [one, id] of sides) await show(one, id);
  await Promise.all(sides.map(([one, , pictures]) => flowing(one, pictures)));
}

async function heldAndReleased([holder, id], [held]) {
  await holder.run((call) => page.client.call.hold(call), id);
  await holder.until('call:stateChange', { call: { state: 'On Hold', localHold: true, remoteHold: false } });
  await held.until('call:stateChange', { call: { state: 'On Hold', localHold: false, remoteHold: true } });
  await holder.run((call) => page.client.call.unhold(call), id);
  for (const one of [holder, held]) await one.until('call:stateChange', { call: { state: 'Connected' } });
}

/** The kinds of a call's tracks, and of the elements that show the other side. */
function seen(one, callId) {
  return one.run((id) => {
    const { localTracks, remoteTracks } = page.client.call.getById(id);
    const kinds = (tracks) => tracks.map((track) => page.client.media.getTrackById(track).kind).sort();
    const elements = [...document.querySelectorAll('#remote > *')].map(({ tagName }) => tagName.toLowerCase()).sort();
    return { local: kinds(localTracks), remote: kinds(remoteTracks), elements };
  }, callId);
}

/** The audio and the video track of a call, in this order. */
function ofKind(one, callId, list) {
  return one.run((id, name) => {
    const tracks = page.client.call.getById(id)[name];
    return ['audio', 'video'].map((kind) => tracks.find((track) => page.client.media.getTrackById(track).kind === kind));
  }, callId, list);
}

async function end(one, callId, other) {
  await one.run((id) => page.client.call.end(id), callId);
  for (const page of [one, other]) await page.until('call:stateChange', { call: { state: 'Ended' } });
  await assertTidy(one, other);
}
