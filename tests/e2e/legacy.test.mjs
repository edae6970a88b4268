// Pages that are written for Kandy.js 3.x: two quick-start pages call each other (legacy-3x 8), and what else such pages do.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startBrowser } from './lib/browsers.mjs';
import { PICTURES, assertTidy, flowing, signedIn } from './lib/page.mjs';
import { assertOver, quickStart } from './lib/quick-start.mjs';
import { stage } from './lib/stage.mjs';

const STARTED = 'Call successfully started. Waiting for response.';
const STATE = 'Call state changed to: ';
const ENDED = [`${STATE}ENDED`, 'No call is on.'];
const NOTHING = { local: [], remote: [] };

const { browsers, gateway } = await stage();

for (const [one, other] of [['chromium', 'chromium'], ['chromium', 'firefox'], ['firefox', 'chromium']]) {
  test(`two quick-start pages, ${one} and ${other}`, async (t) => {
    const a = await quickStart(await browsers.get(one, 1), gateway, 'alice');
    const b = await quickStart(await browsers.get(other, 2), gateway, 'bob');

    await t.test('a call without video, answered without video, ended by the caller', async (row) => {
      await ring(a, b);
      await b.press('answer');
      assert.deepEqual(await b.until(`${STATE}IN_CALL`), [`Answering call from ${a.address}`, `${STATE}IN_CALL`]);
      assert.deepEqual(await a.until(STATE), [`${STATE}IN_CALL`]);
      for (const page of [a, b]) assert.deepEqual(await page.containers(), { local: [], remote: ['audio'] });
      const [atA, atB] = await Promise.all([flowing(a), flowing(b)]);
      row.diagnostic(`audio energy: ${atA.energy.toFixed(4)}, ${atB.energy.toFixed(4)}`);
      assert.deepEqual([atA.frames, atB.frames], [0, 0]);
      assert.deepEqual(await Promise.all([a, b].map(openDevices)), [1, 1]);
      await end(a, b);
    });

    await t.test('a call with video, answered with video', async (row) => {
      await ring(a, b, true);
      assert.deepEqual((await a.containers()).local, ['video']);
      await b.fill('answer-with-video', true);
      await b.press('answer');
      await Promise.all([a, b].map((page) => page.until(`${STATE}IN_CALL`)));
      for (const page of [a, b]) assert.deepEqual(await page.containers(), { local: ['video'], remote: ['audio', 'video'] });
      const [atA, atB] = await Promise.all([flowing(a, PICTURES), flowing(b, PICTURES)]);
      row.diagnostic(`frames: ${atA.frames}, ${atB.frames}; audio energy: ${atA.energy.toFixed(4)}, ${atB.energy.toFixed(4)}`);
      await end(a, b);
    });

    await t.test('a call that is rejected', async () => {
      await ring(a, b);
      await b.press('reject');
      assert.deepEqual(await b.until('No call is on.'), [`Rejecting call from ${a.address}`, ...ENDED]);
      assert.deepEqual(await a.until('No call is on.'), ENDED);
      await assertOver(a, b);
    });

    await t.test('a call without video, answered with video: the offer can take it', async (row) => {
      await ring(a, b);
      await b.fill('answer-with-video', true);
      await b.press('answer');
      for (const page of [a, b]) assert.equal((await page.until(`${STATE}IN_CALL`)).at(-1), `${STATE}IN_CALL`);
      assert.deepEqual(await a.containers(), { local: [], remote: ['audio', 'video'] });
      assert.deepEqual(await b.containers(), { local: ['video'], remote: ['audio'] });
      const [atA, atB] = await Promise.all([flowing(a, PICTURES), flowing(b)]);
      row.diagnostic(`frames: ${atA.frames}, ${atB.frames}`);
      assert.equal(atB.frames, 0);
      await end(a, b);
    });

    await t.test('ended twice: one end, and no exception', async () => {
      await ring(a, b);
      await b.press('answer');
      await Promise.all([a, b].map((page) => page.until(`${STATE}IN_CALL`)));
      const ending = `Ending call from ${a.address}`;
      await a.press('end', 2);
      assert.deepEqual(await a.until('No call is on.'), [ending, ending, ...ENDED]);
      assert.deepEqual(await b.until('No call is on.'), ENDED);
      await assertOver(a, b);
    });

    await t.test('a callee that does not exist', async () => {
      await dial(a, 'nobody');
      assert.deepEqual(await a.until('No call is on.'), ['Making call to nobody', STARTED, ...ENDED]);
      await assertOver(a);
    });
  });
}

for (const name of ['chromium', 'firefox']) {
  test(`a quick-start page without permission for the microphone, in ${name}`, async () => {
    const driver = await startBrowser(name, { refused: true });
    try {
      const a = await quickStart(driver, gateway, 'alice');
      const b = await quickStart(await browsers.get('chromium', 2), gateway, 'bob');
      await dial(a, 'bob');
      const seen = await a.until('Media error: ');
      assert.deepEqual(seen.slice(0, 3), ['Making call to bob', ...ENDED]);
      assert.deepEqual(seen.slice(3).map((line) => line.replace(/: .*/, '')), ['Error', 'Media error']);
      for (const line of seen.slice(3)) assert.match(line, /: .*NotAllowedError/);
      // Bob hears nothing, since the server does not.
      assert.equal(await a.run(() => watch.requests.filter(({ path }) => path.includes('callControl')).length), 0);
      await assertOver(a, b);
    } finally {
      await driver.quit();
    }
  });
}

test('a quick-start page answers with video a call that cannot take it: its camera stays off', async () => {
  const a = await legacySignedIn(await browsers.get('chromium', 1), 'alice');
  const b = await quickStart(await browsers.get('chromium', 2), gateway, 'bob');
  const id = await a.run(() => page.client.call.make('bob', { isVideoEnabled: false }));
  await b.until('Received incoming call');
  await b.fill('answer-with-video', true);
  await b.press('answer');
  assert.deepEqual(await b.until(`${STATE}IN_CALL`), [`Answering call from ${a.address}`, `${STATE}IN_CALL`]);
  await a.until('call:stateChange', { payload: { callId: id, state: 'IN_CALL' } });
  assert.deepEqual(await b.containers(), { local: [], remote: ['audio'] });
  assert.equal(await openDevices(b), 1);
  // Without a container the other side is heard all the same, by an element that nobody sees.
  await Promise.all([flowing(a), flowing(b)]);
  assert.deepEqual(await a.run(() => [...document.querySelectorAll('audio, video')].map(({ localName, offsetParent }) => [localName, offsetParent])), [['audio', null]]);

  await a.run((callId) => page.client.call.startVideo(callId), id);
  assert.equal((await a.until('call:error', { payload: { callId: id } })).payload.error.code, 'call:6');
  await a.run((callId) => page.client.call.end(callId), id);
  await b.until('No call is on.');
  await a.until('call:stateChange', { payload: { callId: id, state: 'ENDED' } });
  await assertOver(b);
  assert.deepEqual(await a.run(() => [document.querySelectorAll('audio, video').length, page.openDevices, watch.thrown]), [0, 0, []]);
});

for (const [one, other] of [['chromium', 'chromium'], ['chromium', 'firefox']]) {
  test(`hold, mute, and video that comes and goes by the functions of 3.x, ${one} and ${other}`, async () => {
    const a = await legacySignedIn(await browsers.get(one, 1), 'alice');
    const b = await signedIn(await browsers.get(other, 2), gateway, 'bob');
    const id = await a.run(() => page.client.call.make('bob', { remoteVideoContainer: 'remote', localVideoContainer: '#local' }));
    const { payload } = await b.until('call:receive');
    await b.run((callId) => page.client.call.answer(callId, { isAudioEnabled: true, remoteVideoContainer: '#remote' }), payload.callId);
    await a.until('call:stateChange', { payload: { callId: id, state: 'IN_CALL' } });
    await flowing(a);

    const shown = () => a.run(() => ['local', 'remote'].map((place) => [...document.getElementById(place).children].map(({ id: of }) => of).sort()));
    const before = await shown();
    assert.deepEqual(before.map((list) => list.length), [0, 1]);
    await a.run((callId) => page.client.call.hold(callId), id);
    await a.until('call:stateChange', { payload: { callId: id, state: 'ON_HOLD', previous: { state: 'IN_CALL' } } });
    assert.deepEqual(await shown(), before);
    await a.run((callId) => page.client.call.unhold(callId), id);
    await a.until('call:stateChange', { payload: { callId: id, state: 'IN_CALL', previous: { state: 'ON_HOLD' } } });
    assert.deepEqual(await shown(), before);
    await flowing(a);

    for (const [off, on, member] of [['mute', 'unmute', 'muted'], ['silence', 'unsilence', 'silenced']]) {
      for (const [name, expected] of [[off, true], [on, false]]) {
        await a.run((fn, callId) => page.client.call[fn](callId), name, id);
        const { call, payload: told } = await a.until('call:stateChange', { payload: { callId: id } });
        assert.deepEqual([call[member], told.state], [expected, 'IN_CALL'], name);
      }
    }

    await a.run((callId) => page.client.call.startVideo(callId, { videoResolution: { width: 320, height: 240 } }), id);
    const { call: sending } = await a.until('call:newMedia', { payload: { callId: id } });
    assert.deepEqual([sending.sendingVideo, (await shown())[0].length], [true, 1]);
    await flowing(b, PICTURES);
    await a.run((callId) => page.client.call.stopVideo(callId), id);
    const { call: stopped } = await a.until('call:removedMedia', { payload: { callId: id } });
    assert.deepEqual([stopped.sendingVideo, (await shown())[0].length], [false, 0]);

    await b.run((callId) => page.client.call.end(callId), payload.callId);
    const { call: over } = await a.until('call:stateChange', { payload: { callId: id, state: 'ENDED' } });
    assert.deepEqual([over.state, over.transition.newState, over.transition.prevState], ['ENDED', 'ENDED', 'IN_CALL']);
    await b.until('call:stateChange', { call: { state: 'Ended' } });
    await assertTidy(b);
    assert.deepEqual(await a.run(() => [document.querySelectorAll('audio, video').length, page.openDevices, watch.thrown]), [0, 0, []]);
  });
}

test('tracks of a call of 4.8 are shown in elements', async () => {
  const a = await signedIn(await browsers.get('chromium', 1), gateway, 'alice');
  const b = await signedIn(await browsers.get('chromium', 2), gateway, 'bob');
  const id = await a.run(() => page.client.call.make('bob@example.com', { audio: true, video: true }));
  const { payload } = await b.until('call:receive');
  await b.run((callId) => page.client.call.answer(callId, { audio: true, video: true }), payload.callId);
  await a.until('call:stateChange', { payload: { callId: id }, call: { state: 'Connected' } });
  const seen = await a.run((callId) => {
    const { media, call } = page.client;
    const { remoteTracks } = call.getById(callId);
    const nameless = document.body.appendChild(document.createElement('p'));
    const places = [document.getElementById('remote'), nameless];
    for (const place of places) media.renderTracks(remoteTracks, place);
    const { containers } = media.getTrackById(remoteTracks[0]);
    const found = containers.map((selector) => places.indexOf(document.querySelector(selector)));
    const counts = () => places.map(({ childElementCount }) => childElementCount);
    const full = counts();
    media.removeTracks(remoteTracks, containers[0]);
    media.removeTracks(remoteTracks, nameless);
    return { first: containers[0], found, full, empty: counts(), left: media.getTrackById(remoteTracks[0]).containers };
  }, id);
  assert.deepEqual(seen, { first: '#remote', found: [0, 1], full: [2, 2], empty: [0, 0], left: [] });
  await a.run((callId) => page.client.call.end(callId), id);
  await b.until('call:stateChange', { call: { state: 'Ended' } });
  await assertTidy(a, b);
});

/** Writes a name into the field and presses the button. */
async function dial(one, callee, video = false) {
  await one.fill('callee', callee);
  await one.fill('make-with-video', video);
  await one.press('make');
}

/** A calls B; resolves when it rings on both sides. */
async function ring(a, b, video = false) {
  await b.fill('answer-with-video', false);
  await dial(a, 'bob', video);
  assert.deepEqual(await a.until(`${STATE}RINGING`), ['Making call to bob', STARTED, `${STATE}RINGING`]);
  assert.deepEqual(await b.until('Received incoming call'), [`Received incoming call from ${a.address}`]);
  assert.deepEqual((await a.containers()).remote, []);
  assert.deepEqual(await b.containers(), NOTHING);
}

/** A ends the call. */
async function end(a, b) {
  await a.press('end');
  assert.deepEqual(await a.until('No call is on.'), [`Ending call from ${a.address}`, ...ENDED]);
  assert.deepEqual(await b.until('No call is on.'), ENDED);
  await assertOver(a, b);
}

function openDevices(one) {
  return one.run(() => watch.openDevices);
}

/** The ordinary test page, with a client in the older style. */
async function legacySignedIn(driver, user) {
  const page = await signedIn(driver, gateway, user, 'uc', { call: { callDefaults: {} } });
  return { ...page, address: `${user}@example.com` };
}
