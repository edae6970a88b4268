// The calling style of Kandy.js 3.x (legacy-3x 7): how it is recognised, what it means in terms of 4.8, and its words.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { QUIET, face, fakeEngine, microtasks } from './lib/face.mjs';

const { createWith } = await face(['client.ts']);
const DEFAULTS = { callDefaults: { sendInitialVideo: false } };
const PLAIN = { audio: true, video: false, receiveVideo: true };

/** Clients of which `make` and `answer` are asked. */
const CLIENTS = {
  '4.8': undefined,
  '3.x': DEFAULTS,
  '3.x by flag': { legacy: true },
  '4.8 by flag': { ...DEFAULTS, legacy: false },
};

/** second argument, and per client what the engine is asked for, `TypeError`, or `same`: the argument as it is */
const RECOGNITION = [
  [undefined, { '4.8': TypeError, '3.x': PLAIN, '3.x by flag': PLAIN, '4.8 by flag': TypeError }],
  [null, { '4.8': TypeError, '3.x': TypeError, '3.x by flag': TypeError, '4.8 by flag': TypeError }],
  [{}, { '4.8': 'same', '3.x': PLAIN, '3.x by flag': PLAIN, '4.8 by flag': 'same' }],
  ['x', { '4.8': 'same', '3.x': 'same' }],
  [{ audio: true }, { '4.8': 'same', '3.x': 'same' }],
  [{ video: false }, { '4.8': 'same', '3.x': 'same' }],
  [{ audio: true, videoOptions: { width: 640 } }, { '4.8': 'same', '3.x': 'same' }],
  [{ from: 'Alice' }, { '4.8': 'same', '3.x': PLAIN }],
  [{ unknown: 1 }, { '4.8': 'same', '3.x': PLAIN }],
  ...[
    { isAudioEnabled: true },
    { isVideoEnabled: true },
    { sendInitialVideo: false },
    { remoteVideoContainer: undefined },
    { localVideoContainer: undefined },
    { normalizeAddress: true },
    { videoResolution: undefined },
    { webrtcdtls: true },
    { contact: {} },
    // Both styles at once: the older one, whose unknown options are dropped.
    { audio: false, video: true, contact: {} },
  ].map((options) => [options, { '4.8': PLAIN, '3.x': PLAIN, '4.8 by flag': PLAIN }]),
];

for (const [second, outcomes] of RECOGNITION) {
  for (const [name, outcome] of Object.entries(outcomes)) {
    test(`make and answer with ${JSON.stringify(second) ?? 'nothing'} in a client of ${name}`, async () => {
      const { client, engine } = await started(CLIENTS[name]);
      for (const call of [() => client.call.make('bob', second), () => client.call.answer('incoming', second)]) {
        if (outcome === TypeError) assert.throws(call, TypeError);
        else {
          call();
          assert.deepEqual(engine.commands.pop().media, outcome === 'same' ? second : outcome);
        }
      }
      assert.deepEqual(engine.commands, []);
    });
  }
}

/** options, further defaults of the client, and what the engine is asked for */
const TRANSLATION = [
  [{ isAudioEnabled: true }, {}, PLAIN],
  [{ sendInitialVideo: true }, {}, { audio: true, video: true, receiveVideo: true }],
  [{}, { sendInitialVideo: true }, { audio: true, video: true, receiveVideo: true }],
  [{ sendInitialVideo: false }, { sendInitialVideo: true }, PLAIN],
  [{ isAudioEnabled: null }, { isAudioEnabled: undefined, isVideoEnabled: null }, PLAIN],
  [{ sendInitialVideo: undefined }, { sendInitialVideo: true }, { audio: true, video: true, receiveVideo: true }],
  [{ isVideoEnabled: false }, {}, { audio: true, video: false, receiveVideo: false }],
  [{ isVideoEnabled: false, sendInitialVideo: true }, {}, { audio: true, video: false, receiveVideo: false }],
  [{ isAudioEnabled: false, sendInitialVideo: true }, {}, { audio: false, video: true, receiveVideo: true }],
  [{ isAudioEnabled: false }, {}, { audio: false, video: false, receiveVideo: true, receiveAudio: true }],
  [{ isAudioEnabled: false, isVideoEnabled: false }, {}, { audio: false, video: false, receiveVideo: false, receiveAudio: true }],
  [{ sendInitialVideo: true, videoResolution: { height: 480, width: '640' } }, {},
    { audio: true, video: true, videoOptions: { height: 480, width: 640 }, receiveVideo: true }],
  [{ videoResolution: { height: 480 } }, {}, { ...PLAIN, videoOptions: { height: 480 } }],
];

for (const [options, defaults, media] of TRANSLATION) {
  test(`the options ${JSON.stringify(options)} with the defaults ${JSON.stringify(defaults)}`, async () => {
    const { client, engine } = await started({ callDefaults: defaults });
    client.call.make('bob', options);
    client.call.answer('incoming', options);
    assert.deepEqual(engine.commands.map((command) => command.media), [media, media]);
  });
}

/** options, and what they say of the caller and the callee */
const NAMES = [
  [{ isAudioEnabled: true }, {}],
  [{ from: 'Alice', contact: { firstName: 'A', lastName: 'B' } }, { displayName: 'Alice' }],
  [{ contact: { firstName: 'Alice', lastName: 'Archer' } }, { displayName: 'Alice Archer' }],
  [{ contact: { lastName: 'Archer' } }, { displayName: 'Archer' }],
  [{ contact: { firstName: '', lastName: '' } }, {}],
  [{ contact: null }, {}],
  [{ normalizeAddress: true }, { normalizeAddress: true }],
  [{ normalizeAddress: false }, { normalizeAddress: false }],
];

for (const [given, options] of NAMES) {
  test(`names and addresses of ${JSON.stringify(given)}`, async () => {
    const { client, engine } = await started(DEFAULTS);
    const callId = client.call.make('bob', given, { bandwidth: { audio: 1 } });
    assert.deepEqual(engine.commands, [{ type: 'call.make', callId, destination: 'bob', media: PLAIN, options }]);
  });
}

test('defaults that change count from the next call on; the style of the client does not change', async () => {
  const { client, engine } = await started({});
  client.updateConfig({ call: { callDefaults: { sendInitialVideo: true } } });
  assert.throws(() => client.call.make('bob'), TypeError);
  client.call.make('bob', { isAudioEnabled: true });
  assert.equal(engine.commands.at(-1).media.video, true);
});

test('a destination that is no text is refused in either style', async () => {
  const { client } = await started(DEFAULTS);
  for (const destination of [undefined, null, 7]) assert.throws(() => client.call.make(destination, {}), TypeError);
});

/** state and hold flags of 4.8, and the text of 3.x */
const STATES = [
  ['Initiating', false, false, 'INITIATING'],
  ['Initiated', false, false, 'INITIATED'],
  ['Ringing', undefined, undefined, 'RINGING'],
  ['Connected', false, false, 'IN_CALL'],
  ['On Hold', true, false, 'ON_HOLD'],
  ['On Hold', true, true, 'ON_HOLD'],
  ['On Hold', false, true, 'ON_REMOTE_HOLD'],
  ['Cancelled', false, false, 'ENDED'],
  ['Ended', false, false, 'ENDED'],
];

test('states in records and events of a client of 3.x', async () => {
  const { client, engine } = await started(DEFAULTS);
  const seen = [];
  client.on('call:stateChange', (event) => seen.push(event));
  for (const [state, localHold, remoteHold, text] of STATES) {
    engine.answers['call.getById'] = () => record({ state, localHold, remoteHold });
    engine.answers['call.getAll'] = () => [record({ state, localHold, remoteHold })];
    assert.equal(client.call.getById('c').state, text);
    assert.equal(client.call.getAll()[0].state, text);
    engine.emit('call:stateChange', changed({ state, localHold, remoteHold }));
    await microtasks();
    const { previous, transition } = seen.pop();
    assert.deepEqual(previous, { state: text, localHold, remoteHold });
    assert.deepEqual(transition, { code: undefined, reasonText: undefined, prevState: text, newState: 'ENDED' });
    assert.equal(Object.values(client.call.states).includes(text), true, text);
  }
});

test('a transition tells why, and the record of the call keeps the last one', async () => {
  const { client, engine } = await started(DEFAULTS);
  engine.answers['call.getById'] = () => record({ state: 'Ended' });
  let event;
  client.on('call:stateChange', (payload) => (event = { ...payload, read: client.call.getById('c').transition }));
  assert.equal(client.call.getById('c').transition, undefined);
  const transition = { statusCode: 486, reasonText: 'Busy' };
  engine.emit('call:stateChange', { ...changed({ state: 'Ringing' }), transition });
  await microtasks();
  const told = { statusCode: 486, code: 486, reasonText: 'Busy', prevState: 'RINGING', newState: 'ENDED' };
  assert.deepEqual(event.transition, told);
  assert.deepEqual(event.read, told);
});

test('members of records of a client of 3.x', async () => {
  const { client, engine } = await started(DEFAULTS);
  const muted = {};
  engine.answers['media.getTrackById'] = ({ trackId }) => track(trackId, { muted: muted[trackId] ?? false });
  engine.answers['call.getById'] = () => record(RUNNING);
  const { callerName, calleeName, muted: mute, silenced, sendingVideo, isScreensharing, customParameters } = client.call.getById('c');
  assert.deepEqual([callerName, calleeName, mute, silenced, sendingVideo], ['alice@example.com', 'Bob', false, false, true]);
  assert.deepEqual([isScreensharing, customParameters], [false, []]);

  muted['audio-mine'] = true;
  assert.deepEqual([client.call.getById('c').muted, client.call.getById('c').silenced], [true, false]);
  muted['audio-theirs'] = true;
  assert.equal(client.call.getById('c').silenced, true);

  const incoming = { isCaller: false, direction: 'incoming', localTracks: [], remoteTracks: [], to: 'alice@example.com' };
  engine.answers['call.getById'] = () => record(incoming);
  const it = client.call.getById('c');
  assert.deepEqual([it.callerName, it.calleeName, it.muted, it.silenced, it.sendingVideo], ['Bob', 'alice@example.com', false, false, false]);
  assert.equal(client.call.getById(7), undefined);
});

test('a client of 4.8 sees its own words and nothing else', async () => {
  const { client, engine } = await started(undefined);
  const [seen, transition] = [[], { prevState: 'Ringing' }];
  client.on('call:stateChange', (event) => seen.push(event));
  engine.answers['call.getById'] = () => record(RUNNING);
  engine.answers['call.getAll'] = () => [record(RUNNING)];
  assert.deepEqual(client.call.getById('c'), record(RUNNING));
  assert.deepEqual(client.call.getAll(), [record(RUNNING)]);
  for (const event of [changed({ state: 'Connected' }), { ...changed({ state: 'Ringing' }), transition }]) {
    engine.emit('call:stateChange', structuredClone(event));
    await microtasks();
    assert.deepEqual(seen.pop(), event);
  }
  assert.deepEqual(Object.keys(client.call.states), ['INITIATING', 'INITIATED', 'RINGING', 'CANCELLED', 'CONNECTED', 'ON_HOLD', 'ENDED']);
  // For pages of 3.x without defaults in their configuration.
  assert.deepEqual([client.call.states.IN_CALL, client.call.states.ON_REMOTE_HOLD], ['IN_CALL', 'ON_REMOTE_HOLD']);
  assert.throws(() => (client.call.states.ENDED = 'x'), TypeError);
});

test('constants of a client of 3.x', async () => {
  const { states, mediaStates } = (await started(DEFAULTS)).client.call;
  const { CONNECTED, CANCELLED, ...others } = states;
  assert.deepEqual([CONNECTED, CANCELLED], ['IN_CALL', 'ENDED']);
  assert.equal(Object.keys(others).length, 18);
  for (const [key, value] of Object.entries(others)) assert.equal(key, value);
  assert.deepEqual(Object.values(mediaStates), ['NEW', 'CHECKING', 'CONNECTED', 'COMPLETED', 'FAILED', 'DISCONNECTED', 'CLOSED']);
});

/** function, arguments, and what the engine gets or what is told */
const ALIASES = [
  ['forwardCall', ['c', 'carol'], { type: 'call.forward', callId: 'c', destination: 'carol' }],
  ['mute', ['c'], { type: 'media.muteTracks', trackIds: ['audio-mine'] }, 'call:stateChange'],
  ['unmute', ['c'], { type: 'media.unmuteTracks', trackIds: ['audio-mine'] }, 'call:stateChange'],
  ['silence', ['c'], { type: 'media.muteTracks', trackIds: ['audio-theirs'] }, 'call:stateChange'],
  ['unsilence', ['c'], { type: 'media.unmuteTracks', trackIds: ['audio-theirs'] }, 'call:stateChange'],
  ['startVideo', ['c'], { type: 'call.addMedia', callId: 'c', media: { video: true }, options: {} }],
  ['startVideo', ['c', null], { type: 'call.addMedia', callId: 'c', media: { video: true }, options: {} }],
  ['startVideo', ['c', { videoResolution: { height: 240, width: 320 } }],
    { type: 'call.addMedia', callId: 'c', media: { video: true, videoOptions: { height: 240, width: 320 } }, options: {} }],
  ['stopVideo', ['c'], { type: 'call.removeMedia', callId: 'c', tracks: ['video-mine'], options: {} }],
  // What 4.8 refuses with an event of its own is left to it.
  ['startVideo', ['none'], { type: 'call.addMedia', callId: 'none', media: { video: true }, options: {} }],
  ['stopVideo', ['none'], { type: 'call.removeMedia', callId: 'none', tracks: [], options: {} }],
  ['mute', ['none'], undefined, 'call:error', 'call:7'],
  ['silence', [], undefined, 'call:error', 'call:7'],
  ['unmute', ['empty'], undefined, 'call:error', 'call:6'],
];

for (const [name, args, command, event, code] of ALIASES) {
  for (const call of [undefined, DEFAULTS]) {
    test(`call.${name}(${args.map((arg) => JSON.stringify(arg)).join(', ')}) in a client of ${call ? '3.x' : '4.8'}`, async () => {
      const { client, engine, events } = await started(call);
      engine.answers['media.getTrackById'] = ({ trackId }) => track(trackId);
      engine.answers['call.getById'] = ({ callId }) =>
        ({ c: record(RUNNING), empty: record({ id: 'empty' }) })[callId];
      assert.equal(client.call[name](...args), undefined);
      await microtasks();
      assert.deepEqual(engine.commands, command ? [command] : []);
      assert.deepEqual(events.map(([type]) => type), event ? [event] : []);
      if (!event) return;
      const [[, payload]] = events;
      assert.deepEqual([payload.callId, payload.error?.code], [args[0], code]);
      if (code) assert.ok(payload.error.message.length > 10);
      else assert.deepEqual([payload.previous.state, payload.state], [call ? 'IN_CALL' : 'Connected', 'IN_CALL']);
    });
  }
}

test('video that was switched off for a call cannot be started', async () => {
  const { client, engine, events } = await started(DEFAULTS);
  engine.answers['call.getById'] = ({ callId }) => record({ id: callId, state: 'Ringing' });
  const callId = client.call.make('bob', { isVideoEnabled: false });
  client.call.answer('incoming', { isVideoEnabled: false });
  engine.commands.length = 0;
  for (const id of [callId, 'incoming']) client.call.startVideo(id);
  await microtasks();
  assert.deepEqual(engine.commands, []);
  assert.deepEqual(events.map(([type, { callId: id, error }]) => [type, id, error.code]), [
    ['call:error', callId, 'call:6'],
    ['call:error', 'incoming', 'call:6'],
  ]);
});

test('media.init does nothing but say so', async () => {
  const { client, engine, events } = await started(DEFAULTS);
  client.media.init();
  await microtasks();
  assert.deepEqual(engine.commands, []);
  assert.deepEqual(events.map(([type, { result }]) => [type, result.error]), [['media:initialize', false]]);
});

test('devices:change carries the devices, in either client', async () => {
  const devices = { camera: [], microphone: [{ deviceId: 'm' }], speaker: [] };
  for (const call of [undefined, DEFAULTS]) {
    const { engine, events } = await started(call);
    engine.answers['media.getDevices'] = () => devices;
    engine.emit('devices:change', {});
    await microtasks();
    assert.deepEqual(events, [['devices:change', { devices }]]);
  }
});

/** A client with an engine, and the events that it gave. */
async function started(call) {
  const engine = fakeEngine();
  const client = createWith(engine.load, { ...QUIET, ...(call && { call }) });
  await engine.arrive();
  const events = [];
  client.subscribe((type, [payload]) => events.push([type, payload]));
  return { engine, client, events };
}

function record(members) {
  return {
    id: 'c', direction: 'outgoing', state: 'Connected', localHold: false, remoteHold: false, localTracks: [], remoteTracks: [],
    remoteParticipant: { displayNumber: 'bob@example.com', displayName: 'Bob' }, to: 'bob@example.com', from: 'alice@example.com',
    isCaller: true, ...members,
  };
}

const RUNNING = { localTracks: ['audio-mine', 'video-mine'], remoteTracks: ['audio-theirs', 'video-theirs'] };

function track(id, members = {}) {
  return { id, trackId: id, kind: id.split('-')[0], muted: false, containers: [], ...members };
}

/** A `call:stateChange` that tells of a call that was like this. */
function changed(previous) {
  return { callId: 'c', error: undefined, transition: undefined, previous, state: 'ENDED' };
}
