// Where tracks are shown: elements as containers, and calls of the older style that show themselves (legacy-3x 7.4).
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { QUIET, face, fakeEngine, microtasks } from './lib/face.mjs';

/** An element as far as the face looks at it. */
class Element {
  isConnected = false;

  constructor(attributes = {}) {
    this.attributes = { ...attributes };
  }

  getAttribute(name) {
    return this.attributes[name] ?? null;
  }

  setAttribute(name, value) {
    this.attributes[name] = value;
  }
}

/** A page in the same sense: elements are found by `#id` or by an attribute. */
class Page {
  elements = [];
  createElement = () => new Element();
  body = { append: (element) => void this.elements.push(Object.assign(element, { isConnected: true })) };

  add(attributes) {
    this.body.append(new Element(attributes));
    return this.elements.at(-1);
  }

  getElementById(id) {
    return this.elements.find(({ attributes }) => attributes.id === id) ?? null;
  }

  querySelector(selector) {
    const [, id, name, value] = /^(?:#(.+)|\[(.+)="(.+)"\])$/.exec(selector) ?? assert.fail(`the selector ${selector}`);
    if (id) return this.getElementById(id.replaceAll('\\', ''));
    return this.elements.find(({ attributes }) => attributes[name] === value) ?? null;
  }
}

let createWith;
beforeEach(async () => {
  globalThis.document = new Page();
  globalThis.CSS = { escape: (text) => text.replace(/[^\w-]/g, '\\$&') };
  ({ createWith } = await face(['client.ts']));
});

test('an element with an id is known by it', async () => {
  const { client, engine } = await started();
  client.media.renderTracks(['t'], document.add({ id: 'far side' }));
  assert.deepEqual(engine.commands.pop(), { type: 'media.renderTracks', trackIds: ['t'], cssSelector: '#far\\ side', options: {} });
  client.media.removeTracks(['t'], document.getElementById('far side'));
  assert.deepEqual(engine.commands.pop(), { type: 'media.removeTracks', trackIds: ['t'], cssSelector: '#far\\ side' });
});

test('any other element is known by an attribute, always the same', async () => {
  const { client, engine } = await started();
  const [first, second] = [document.add({ id: 'twice' }), document.add({ id: 'twice' })];
  const nameless = document.add({ id: '' });
  const selector = (element) => {
    client.media.renderTracks(['t'], element);
    return engine.commands.pop().cssSelector;
  };
  assert.equal(selector(first), '#twice');
  for (const element of [second, nameless]) {
    assert.equal(document.querySelector(selector(element)), element);
    assert.equal(selector(element), selector(element));
    client.media.removeTracks(['t'], element);
    assert.equal(engine.commands.pop().cssSelector, selector(element));
  }
  // A copy has the attributes of the original, and is another place all the same.
  const copy = document.add(second.attributes);
  assert.equal(document.querySelector(selector(copy)), copy);
  assert.equal(document.querySelector(selector(second)), second);
});

test('what is neither a text nor an element is a line in the log', async () => {
  const { client, engine } = await started();
  for (const container of [undefined, null, 7, {}, ['#c']]) {
    client.media.renderTracks(['t'], container);
    client.media.removeTracks(['t'], container);
  }
  assert.deepEqual(engine.commands, []);
});

/** How a page names a container, and the selector that comes of it. */
const CONTAINERS = [
  ['an element', (id) => document.getElementById(id), '#'],
  ['an id', (id) => id, '#'],
  ['a selector', (id) => `#${id}`, '#'],
];

for (const [what, named, prefix] of CONTAINERS) {
  test(`a call that was made shows itself in ${what}`, async () => {
    const { client, engine, shown, emit } = await started({ callDefaults: {} });
    const [localVideoContainer, remoteVideoContainer] = ['own', 'other'].map((id) => document.add({ id }) && named(id));
    const callId = client.call.make('bob', { sendInitialVideo: true, localVideoContainer, remoteVideoContainer });
    engine.call = { id: callId, state: 'Initiated', localTracks: ['audio-1', 'video-1'], remoteTracks: [] };
    await emit('call:start', { callId });
    assert.deepEqual(shown(), [['video-1', `${prefix}own`]], 'never the own sound');
    engine.call.remoteTracks = ['audio-2', 'video-2'];
    await emit('call:newTrack', { callId, local: false, trackId: 'audio-2' });
    assert.deepEqual(shown(), [['audio-2,video-2', `${prefix}other`]]);
    await emit('call:stateChange', { callId, state: 'IN_CALL', previous: { state: 'Ringing' } });
    assert.deepEqual(shown(), [], 'what is shown is not shown again');
  });
}

test('a call that was answered shows itself when it has tracks', async () => {
  const { client, engine, shown, emit } = await started();
  document.add({ id: 'other' });
  engine.call = { id: 'in', state: 'Ringing', localTracks: [], remoteTracks: ['audio-2', 'video-2'] };
  await emit('call:receive', { callId: 'in' });
  client.call.answer('in', { remoteVideoContainer: 'other' });
  assert.deepEqual(shown(), []);
  await emit('call:stateChange', { callId: 'in', state: 'IN_CALL', previous: { state: 'Ringing' } });
  assert.deepEqual(shown(), [['audio-2,video-2', '#other']]);
});

test('without a container the other side is heard, and not seen', async () => {
  const { client, engine, shown, emit } = await started({ callDefaults: { remoteVideoContainer: null } });
  for (const number of [1, 2]) {
    const callId = client.call.make('bob', {});
    engine.call = { id: callId, state: 'Connected', localTracks: ['video-1'], remoteTracks: [`audio-${number}`, 'video-2'] };
    await emit('call:stateChange', { callId, state: 'IN_CALL', previous: { state: 'Ringing' } });
    const [[tracks, selector], ...rest] = shown();
    assert.deepEqual([tracks, rest], [`audio-${number}`, []]);
    assert.deepEqual([document.elements.length, document.querySelector(selector).hidden], [1, true]);
  }
});

test('containers of the defaults; own ones come first', async () => {
  const { client, engine, shown, emit } = await started({ callDefaults: { remoteVideoContainer: document.add({ id: 'usual' }) } });
  document.add({ id: 'special' });
  for (const [options, selector] of [[undefined, '#usual'], [{ remoteVideoContainer: 'special' }, '#special']]) {
    const callId = client.call.make('bob', options);
    engine.call = { id: callId, state: 'Connected', localTracks: [], remoteTracks: ['audio-2'] };
    await emit('call:newTrack', { callId });
    assert.deepEqual(shown().map(([, place]) => place), [selector]);
    engine.containers.clear();
  }
});

test('calls of the present style show nothing by themselves', async () => {
  for (const call of [undefined, { callDefaults: { remoteVideoContainer: '#other' } }]) {
    const { client, engine, shown, emit } = await started(call);
    const callId = client.call.make('bob', { audio: true });
    engine.call = { id: callId, state: 'Connected', localTracks: ['video-1'], remoteTracks: ['audio-2'] };
    await emit('call:start', { callId });
    await emit('call:newTrack', { callId });
    await emit('call:stateChange', { callId, state: 'IN_CALL', previous: { state: 'Ringing' } });
    assert.deepEqual(shown(), []);
  }
});

test('a call that has ended is forgotten, and one that is over or none is not kept', async () => {
  const { client, engine, shown, emit } = await started();
  const callId = client.call.make('bob', { remoteVideoContainer: '#other' });
  engine.call = { id: callId, state: 'Ended', localTracks: [], remoteTracks: [] };
  await emit('call:stateChange', { callId, state: 'ENDED', previous: { state: 'Ringing' } });
  client.call.answer(callId, { remoteVideoContainer: '#other' });
  engine.call = { ...engine.call, state: 'Connected', remoteTracks: ['audio-2'] };
  client.call.answer('none', { remoteVideoContainer: '#other' });
  for (const id of [callId, 'none']) await emit('call:newTrack', { callId: id });
  assert.deepEqual(shown(), []);
});

test('two calls that become one go on where the first of them was', async () => {
  const { client, engine, shown, emit } = await started();
  const joinedCalls = ['first', 'second'].map((container) => client.call.make('bob', { remoteVideoContainer: `#${container}` }));
  await emit('call:join', { callId: 'both', error: undefined, joinedCalls });
  engine.call = { id: 'both', state: 'Connected', localTracks: [], remoteTracks: ['audio-2'] };
  await emit('call:newTrack', { callId: 'both' });
  assert.deepEqual(shown(), [['audio-2', '#first']]);
});

/** A client, an engine that remembers where it shows what, and what it was asked to show since the last look. */
async function started(call) {
  const engine = Object.assign(fakeEngine(), { call: undefined, containers: new Map() });
  engine.answers['call.getById'] = ({ callId }) => {
    const known = engine.call?.id === callId ? engine.call : engine.commands.find((it) => it.callId === callId && it.type === 'call.make');
    return known && { state: 'Initiating', localTracks: [], remoteTracks: [], remoteParticipant: {}, ...known, id: callId };
  };
  engine.answers['media.getTrackById'] = ({ trackId: id }) => ({ id, kind: id.split('-')[0], containers: engine.containers.get(id) ?? [] });
  let asked = [];
  engine.onDispatch = ({ type, trackIds, cssSelector }) => {
    if (type !== 'media.renderTracks') return;
    asked.push([trackIds.join(), cssSelector]);
    for (const id of trackIds) engine.containers.set(id, [...(engine.containers.get(id) ?? []), cssSelector]);
  };
  const client = createWith(engine.load, { ...QUIET, ...(call && { call }) });
  await engine.arrive();
  const shown = () => {
    const result = asked;
    asked = [];
    return result;
  };
  const emit = async (type, payload) => {
    engine.emit(type, payload);
    await microtasks();
  };
  return { client, engine, shown, emit };
}
