// Devices, tracks and what is shown of them (api-behaviour 8).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { covers } from '../lib/covers.mjs';
import { assertTidy, configFor, connectCall, openPage, signedIn } from './lib/page.mjs';
import { assertShape } from './lib/shapes.mjs';
import { stage } from './lib/stage.mjs';

const AUDIO = { audio: true };

const { browsers, gateway } = await stage();

test('devices are listed by kind, and change when one is unplugged', async (t) => {
  const one = await openPage(await browsers.get('chromium', 1), gateway.url);
  const nothing = { camera: [], microphone: [], speaker: [] };
  assert.deepEqual(await one.run((config) => page.create(config).media.getDevices(), configFor(gateway, 'uc')), nothing);
  await one.until('devices:change');
  const listed = await one.run(() => page.client.media.getDevices());
  const all = await one.run(() => navigator.mediaDevices.enumerateDevices());
  const of = (wanted) => all.filter(({ kind }) => kind === wanted).map(({ deviceId, groupId, kind, label }) => ({ deviceId, groupId, kind, label }));
  assert.deepEqual(listed, { camera: of('videoinput'), microphone: of('audioinput'), speaker: of('audiooutput') });
  for (const list of Object.values(listed)) assert.ok(list.length > 0);
  await assertShape(t, one, 'devices:change');
  covers(t, 'media.getDevices', 'DevicesObject.camera', 'DevicesObject.microphone', 'DevicesObject.speaker');
  covers(t, 'DeviceInfo.deviceId', 'DeviceInfo.groupId', 'DeviceInfo.kind', 'DeviceInfo.label');

  await one.run(() => {
    const { mediaDevices } = navigator;
    const enumerate = mediaDevices.enumerateDevices.bind(mediaDevices);
    mediaDevices.enumerateDevices = async () => (await enumerate()).filter(({ kind }) => kind !== 'videoinput');
    mediaDevices.dispatchEvent(new Event('devicechange'));
    mediaDevices.dispatchEvent(new Event('devicechange'));
  });
  await one.until('devices:change');
  assert.deepEqual(await one.run(() => page.client.media.getDevices()), { ...listed, camera: [] });
  // Several changes within the quiet time are one event.
  assert.equal(await one.run(() => page.all('devices:change').length), 2);
});

test('names of devices are there after the first permission', async (t) => {
  const one = await openPage(await browsers.get('chromium', 1), gateway.url);
  await one.run((config) => {
    // A page without permission: the test's browser gives it to every page.
    const { mediaDevices } = navigator;
    const enumerate = mediaDevices.enumerateDevices.bind(mediaDevices);
    mediaDevices.enumerateDevices = async () => {
      const all = (await enumerate()).map(({ deviceId, groupId, kind, label }) => ({ deviceId, groupId, kind, label }));
      return watch.tracks.length > 0 ? all : all.map((device) => ({ ...device, label: '' }));
    };
    page.create(config).connect({ username: 'alice@example.com', password: 'demo' });
  }, configFor(gateway, 'uc'));
  const names = () => one.run(() => Object.values(page.client.media.getDevices()).flat().map(({ label }) => label));
  await one.run(async () => {
    // In whichever order the two come.
    while (!page.client.getConnection().isConnected || page.all('devices:change').length === 0) await page.next();
  });
  const before = await names();
  assert.deepEqual([before.length > 0, before.some(Boolean)], [true, false]);
  await one.run(() => page.client.call.make('bob@example.com', { audio: true }));
  await one.run(async () => {
    while (page.all('devices:change').length < 2) await page.next();
  });
  assert.ok((await names()).every(Boolean));
  await one.run(() => page.settled());
  await assertTidy(one);
  covers(t, 'DeviceInfo.label');
});

test('tracks and media, local and remote', async (t) => {
  const [alice, bob] = await pair();
  const [outgoing] = await connectCall(alice, bob, 'bob', AUDIO);
  const { localTracks, remoteTracks } = await alice.run((id) => page.client.call.getById(id), outgoing);
  for (const [local, trackId] of [[true, localTracks[0]], [false, remoteTracks[0]]]) {
    const track = await alice.run((id) => page.client.media.getTrackById(id), trackId);
    const native = await alice.run((isLocal) => {
      const { track } = isLocal ? watch.peers[0].getSenders()[0] : watch.peers[0].getReceivers()[0];
      return { label: track.label, muted: track.muted };
    }, local);
    assert.deepEqual({ ...track, disabled: native.muted }, {
      trackId, id: trackId, streamId: track.streamId, kind: 'audio', label: native.label, muted: false, disabled: native.muted, state: 'live', containers: [],
    });
    assert.deepEqual([typeof track.disabled, typeof track.streamId], ['boolean', 'string']);
    const media = await alice.run((id) => page.client.media.getById(id), track.streamId);
    assert.deepEqual(media, { id: track.streamId, local, tracks: [trackId] });
  }
  covers(t, 'media.getById', 'media.getById(mediaId)', 'MediaObject.id', 'MediaObject.local', 'MediaObject.tracks');
  covers(t, 'media.getTrackById', 'media.getTrackById(trackId)', ...['trackId', 'id', 'streamId', 'kind', 'label', 'state'].map((key) => `TrackObject.${key}`));

  // A fresh remote track gets nothing until the other side's first packet; the browser says so by `unmute`.
  await alice.run(async (id) => {
    const { track } = watch.peers[0].getReceivers()[0];
    if (track.muted) await new Promise((resolve) => track.addEventListener('unmute', resolve, { once: true }));
    while (page.client.media.getTrackById(id).disabled) await new Promise((resolve) => setTimeout(resolve));
  }, remoteTracks[0]);
  assert.equal(await alice.run((id) => page.client.media.getTrackById(id).disabled, remoteTracks[0]), false);
  covers(t, 'TrackObject.disabled');

  await end(alice, outgoing, bob);
  assert.deepEqual(await alice.run((ids) => ids.map((id) => page.client.media.getTrackById(id) ?? null), [...localTracks, ...remoteTracks]), [null, null]);
});

test('local and remote tracks are muted and unmuted', async (t) => {
  const [alice, bob] = await pair();
  const [outgoing] = await connectCall(alice, bob, 'bob', AUDIO);
  const { localTracks, remoteTracks } = await alice.run((id) => page.client.call.getById(id), outgoing);
  const both = [...localTracks, ...remoteTracks];
  for (const [name, type, muted] of [['muteTracks', 'media:muted', true], ['muteTracks', 'media:muted', true], ['unmuteTracks', 'media:unmuted', false]]) {
    assert.equal(await alice.run((act, ids) => String(page.client.media[act](ids)), name, [...both, 'nope']), 'undefined');
    const { payload } = await alice.until(type);
    assert.deepEqual(payload, { tracks: both }, 'those that exist');
    await assertShape(t, alice, type);
    assert.deepEqual(await alice.run((ids) => ids.map((id) => page.client.media.getTrackById(id).muted), both), [muted, muted]);
    const enabled = await alice.run(() => [watch.peers[0].getSenders()[0].track.enabled, watch.peers[0].getReceivers()[0].track.enabled]);
    assert.deepEqual(enabled, [!muted, !muted], name);
    covers(t, `media.${name}`, `media.${name}(trackIds)`);
  }
  assert.deepEqual(await bob.run(() => page.seen.filter((name) => name.startsWith('media:'))), [], 'the other side is not told');
  covers(t, 'TrackObject.muted');
  await end(alice, outgoing, bob);
});

test('tracks are shown where the selector says, as often as it is asked for, and taken away', async (t) => {
  const [alice, bob] = await pair();
  const [outgoing] = await connectCall(alice, bob, 'bob', { audio: true, video: true });
  const { remoteTracks, localTracks } = await alice.run((id) => page.client.call.getById(id), outgoing);
  const kindOf = (id) => alice.run((one) => page.client.media.getTrackById(one).kind, id);
  const video = (await kindOf(remoteTracks[0])) === 'video' ? remoteTracks[0] : remoteTracks[1];
  const audio = remoteTracks.find((id) => id !== video);
  const own = (await kindOf(localTracks[0])) === 'audio' ? localTracks[0] : localTracks[1];
  const containers = (id) => alice.run((one) => page.client.media.getTrackById(one).containers, id);
  const render = (...args) => alice.run((...given) => String(page.client.media.renderTracks(...given)), ...args);
  await alice.run(() => document.body.append(Object.assign(document.createElement('div'), { className: 'many' }), Object.assign(document.createElement('div'), { className: 'many' })));

  assert.equal(await render([video, 'nope'], '#remote'), 'undefined');
  const shown = await alice.run(() => {
    const { localName, id, style, autoplay, muted, playsInline, controls, srcObject } = document.querySelector('#remote').lastChild;
    return { localName, id, height: style.height, width: style.width, autoplay, muted, playsInline, controls, kinds: srcObject.getTracks().length };
  });
  assert.deepEqual(shown, {
    localName: 'video', id: `video-${video.replace(/[^a-z0-9]/g, '')}`, height: '100%', width: '100%', autoplay: true, muted: true, playsInline: true, controls: false, kinds: 2,
  });
  assert.deepEqual(await containers(video), ['#remote']);
  await render([video], '#remote');
  await render([video], '.many');
  await render([video], '#nowhere');
  assert.deepEqual(await containers(video), ['#remote', '.many'], 'each place once, and none that does not exist');
  assert.deepEqual(await alice.run(() => [...document.querySelectorAll('#remote, .many')].map((place) => place.children.length)), [1, 1, 0]);
  covers(t, 'media.renderTracks', 'media.renderTracks(trackIds)', 'media.renderTracks(cssSelector)', 'TrackObject.containers');

  const speaker = await alice.run(() => page.client.media.getDevices().speaker.at(-1).deviceId);
  await render([audio, own], '#remote', { speakerId: speaker });
  assert.deepEqual(await alice.run(() => watch.speakers), [[speaker], [speaker]]);
  const sounds = await alice.run(() => [...document.querySelectorAll('#remote audio')].map(({ muted }) => muted));
  assert.deepEqual(sounds, [false, true], "one's own microphone is not played back");
  covers(t, 'media.renderTracks(options)', 'media.renderTracks(options.speakerId)');

  const remove = (...args) => alice.run((...given) => String(page.client.media.removeTracks(...given)), ...args);
  assert.equal(await remove([video], '.elsewhere'), 'undefined');
  assert.deepEqual(await containers(video), ['#remote', '.many']);
  await remove([video, 'nope'], '#remote');
  assert.deepEqual([await containers(video), await alice.run(() => document.querySelectorAll('#remote video').length)], [['.many'], 0]);
  covers(t, 'media.removeTracks', 'media.removeTracks(trackIds)', 'media.removeTracks(cssSelector)');

  // The rest goes with the call.
  await end(alice, outgoing, bob);
});

async function pair() {
  return [await signedIn(await browsers.get('chromium', 1), gateway, 'alice'), await signedIn(await browsers.get('chromium', 2), gateway, 'bob')];
}

async function end(one, callId, other) {
  await one.run((id) => page.client.call.end(id), callId);
  await one.until('call:stateChange', { payload: { callId }, call: { state: 'Ended' } });
  await other.run(() => page.settled());
  await assertTidy(one, other);
}
