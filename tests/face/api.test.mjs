// Arguments of every API function: what is thrown, what is returned, what reaches the engine. Each row runs twice, once
// while the engine is being loaded and once when it is there, with the same outcome.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ROWS } from '../api/rows.mjs';
import { covers } from '../lib/covers.mjs';
import { QUIET, face, fakeEngine, microtasks } from './lib/face.mjs';

const { createWith } = await face(['client.ts']);
const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const AUDIO = { audio: true };
const make = (destination, media, options = {}) => ({ type: 'call.make', callId: ID, destination, media, options });
const processed = (command) => ({ type: 'notification.process', notification: {}, channel: 'EXTERNAL', platform: 'link', ...command });
/** Nothing that could be registered: the engine says so. */
const NO_DEVICE = { type: 'notification.registerPush', deviceToken: '', services: [], pushProvider: '', clientCorrelator: '' };

/** function, arguments, and either what it throws or what it returns and what the engine gets */
const TABLE = [
  ['connect', [], TypeError],
  ['connect', [null], TypeError],
  ['connect', [{}], undefined, { type: 'connect', credentials: {} }],
  ['connect', ['x'], undefined, { type: 'connect', credentials: {} }],
  ['connect', [{ username: 'alice@example.com', password: 'demo', expires: 60, other: 1 }], undefined,
    { type: 'connect', credentials: { username: 'alice@example.com', password: 'demo', expires: 60 } }],
  ['connect', [{ username: () => 'alice', password: null }], undefined, { type: 'connect', credentials: {} }],
  ['disconnect', [], undefined, { type: 'disconnect' }],

  ['updateToken', [], TypeError],
  ['updateToken', [null], TypeError],
  ['updateToken', [{}], undefined, { type: 'updateToken', credentials: {} }],
  ['updateToken', [{ username: 'alice@x.test', accessToken: 'a', oauthToken: 'o', other: 1 }], undefined,
    { type: 'updateToken', credentials: { username: 'alice@x.test', accessToken: 'a', oauthToken: 'o' } }],
  ['updateConnection', [['call', 7, 'IM']], undefined, { type: 'updateConnection', services: ['call', 'IM'] }],
  ['updateConnection', [{ services: ['call'] }], undefined, { type: 'updateConnection', services: ['call'] }],
  ['updateConnection', [[]], undefined, { type: 'updateConnection', services: [] }],
  ['updateConnection', [], undefined],
  ['updateConnection', [null], undefined],
  ['updateConnection', ['call'], undefined],
  ['updateConnection', [{ services: 'call' }], undefined],
  ['connection.enableConnectivityChecking', [true], undefined, { type: 'connection.enableConnectivityChecking', enable: true }],
  ['connection.enableConnectivityChecking', [false], undefined, { type: 'connection.enableConnectivityChecking', enable: false }],
  ['connection.enableConnectivityChecking', [], undefined],
  ['connection.enableConnectivityChecking', ['yes'], undefined],

  ['notification.process', [{ a: null, list: [] }], undefined, processed({ notification: { a: null, list: [] } })],
  ['notification.process', [{}, 'push', 'uc'], undefined, processed({ channel: 'push', platform: 'uc' })],
  ['notification.process', [{}, 'no such channel'], undefined, processed({ channel: 'no such channel' })],
  ['notification.process', [{}, null, 7], undefined, processed({ channel: 'null', platform: '7' })],
  ['notification.process', [{ shown: 1, hidden: () => 1 }], undefined, processed({ notification: { shown: 1 } })],
  ['notification.process', [], undefined],
  ['notification.process', [null], undefined],
  ['notification.process', ['{}'], undefined],
  ['notification.registerPush', [{ deviceToken: 'd', services: ['call', 7], pushProvider: 'apple', clientCorrelator: 'c', other: 1 }], undefined,
    { type: 'notification.registerPush', deviceToken: 'd', services: ['call'], pushProvider: 'apple', clientCorrelator: 'c' }],
  ['notification.registerPush', [{ deviceToken: 7, services: 'call' }], undefined, NO_DEVICE],
  ['notification.registerPush', [], undefined, NO_DEVICE],
  ['notification.registerPush', [null], undefined, NO_DEVICE],
  ['notification.deregisterPush', [], undefined, { type: 'notification.deregisterPush' }],
  ['notification.enableWebsocket', [true], undefined, { type: 'notification.enableWebsocket', enable: true }],
  ['notification.enableWebsocket', [false], undefined, { type: 'notification.enableWebsocket', enable: false }],
  ['notification.enableWebsocket', [], undefined],
  ['notification.enableWebsocket', [1], undefined],

  ['call.make', ['bob@x.test'], TypeError],
  ['call.make', ['bob@x.test', null], TypeError],
  ['call.make', [123, AUDIO], TypeError],
  ['call.make', [null, AUDIO], TypeError],
  ['call.make', [], TypeError],
  ['call.make', ['bob@x.test', AUDIO], ID, make('bob@x.test', AUDIO)],
  ['call.make', ['bob@x.test', 'x'], ID, make('bob@x.test', 'x')],
  ['call.make', ['bob@x.test', {}], ID, make('bob@x.test', {})],
  ['call.make', ['', AUDIO], ID, make('', AUDIO)],
  ['call.make', ['bob@x.test', AUDIO, null], ID, { ...make('bob@x.test', AUDIO), options: undefined }],
  ['call.make', ['bob@x.test', { audio: true, audioOptions: { deviceId: 'mic', filter: () => 1 } }, { bandwidth: { audio: Infinity } }], ID,
    make('bob@x.test', { audio: true, audioOptions: { deviceId: 'mic' } }, { bandwidth: {} })],
  ['call.answer', ['nope', AUDIO], undefined, { type: 'call.answer', callId: 'nope', media: AUDIO, options: {} }],
  ['call.answer', ['nope'], TypeError],
  ['call.answer', ['nope', null], TypeError],
  ['call.answer', [undefined, AUDIO], undefined],
  ['call.reject', ['nope'], undefined, { type: 'call.reject', callId: 'nope' }],
  ['call.reject', [], undefined],
  ['call.ignore', ['nope'], undefined, { type: 'call.ignore', callId: 'nope' }],
  ['call.ignore', [{}], undefined],
  ['call.hold', ['nope'], undefined, { type: 'call.hold', callId: 'nope' }],
  ['call.hold', [{}], undefined],
  ['call.unhold', ['nope'], undefined, { type: 'call.unhold', callId: 'nope' }],
  ['call.unhold', [], undefined],
  ['call.addMedia', ['nope', AUDIO], undefined, { type: 'call.addMedia', callId: 'nope', media: AUDIO, options: {} }],
  ['call.addMedia', ['nope'], undefined, { type: 'call.addMedia', callId: 'nope', media: {}, options: {} }],
  ['call.addMedia', ['nope', null], TypeError],
  ['call.removeMedia', ['nope'], undefined, { type: 'call.removeMedia', callId: 'nope', tracks: [], options: {} }],
  ['call.removeMedia', ['nope', ['t', 7]], undefined, { type: 'call.removeMedia', callId: 'nope', tracks: ['t'], options: {} }],
  ['call.end', ['nope'], undefined, { type: 'call.end', callId: 'nope' }],
  ['call.end', [null], undefined],
  ['call.getById', ['nope'], undefined],
  ['call.getById', [], undefined],
  ['call.getAll', [], []],

  ['media.getDevices', [], { camera: [], microphone: [], speaker: [] }],
  ['media.getById', ['nope'], undefined],
  ['media.getById', [], undefined],
  ['media.getTrackById', ['nope'], undefined],
  ['media.getTrackById', [7], undefined],
  ['media.muteTracks', [[]], undefined, { type: 'media.muteTracks', trackIds: [] }],
  ['media.muteTracks', [['t', 7, null]], undefined, { type: 'media.muteTracks', trackIds: ['t'] }],
  ['media.muteTracks', [], undefined],
  ['media.unmuteTracks', [['nope']], undefined, { type: 'media.unmuteTracks', trackIds: ['nope'] }],
  ['media.unmuteTracks', ['nope'], undefined],
  ['media.renderTracks', [['nope'], '#c1'], undefined, { type: 'media.renderTracks', trackIds: ['nope'], cssSelector: '#c1', options: {} }],
  ['media.renderTracks', [['nope'], '#c1', { speakerId: 's' }], undefined,
    { type: 'media.renderTracks', trackIds: ['nope'], cssSelector: '#c1', options: { speakerId: 's' } }],
  ['media.renderTracks', [['nope']], undefined],
  ['media.renderTracks', ['nope', '#c1'], undefined],
  ['media.removeTracks', [['nope'], '#c1'], undefined, { type: 'media.removeTracks', trackIds: ['nope'], cssSelector: '#c1' }],
  ['media.removeTracks', [], undefined],

  ['on', [], undefined],
  ['on', ['no:such'], undefined],
  ['off', ['no:such'], undefined],
  ['subscribe', [], { name: 'Error', message: 'Listener not a function' }],
  ['unsubscribe', ['x'], { name: 'Error', message: 'Listener not a function' }],
  ['getVersion', [], '4.8.0'],
  ['getServices', [], { requested: [], received: [], missing: [], status: 'NONE', services: {} }],
  ['getUserInfo', [], {}],
];

const ANSWERS = {
  'call.getAll': [],
  'media.getDevices': { camera: [], microphone: [], speaker: [] },
  getServices: { requested: [], received: [], missing: [], status: 'NONE', services: {} },
  getUserInfo: {},
};

for (const when of ['while the engine is being loaded', 'when the engine is there']) {
  for (const [name, args, outcome, ...commands] of TABLE) {
    test(`${name}(${args.map((arg) => JSON.stringify(arg)).join(', ')}) ${when}`, async () => {
      const engine = fakeEngine();
      const { client, arrive } = await prepared(engine, when);
      const called = () => member(client, name)(...args);

      if (outcome === TypeError || outcome?.name === 'Error') assert.throws(called, outcome);
      else matches(called(), outcome);
      await arrive();
      assert.equal(engine.commands.length, commands.length);
      commands.forEach((command, index) => matches(engine.commands[index], command));
    });
  }
}

/** Documented bad inputs that the face answers alone. */
const BAD = ROWS.filter(({ kind, emits }) => kind === 'bad input of the client' && emits.length === 0);

for (const when of ['while the engine is being loaded', 'when the engine is there']) {
  test(`the ${BAD.length} documented bad inputs of the client itself ${when}`, async (t) => {
    for (const { id, function: name, args, throws, returns } of BAD) {
      const engine = fakeEngine();
      const { client, arrive } = await prepared(engine, when);
      const events = [];
      client.subscribe((type) => events.push(type));
      const called = () => member(client, name)(...args);
      if (throws) assert.throws(called, (error) => throws === error.name || throws === `${error.name}: ${error.message}`, id);
      else if (returns === 'Error object') assert.ok(called() instanceof Error, id);
      else assert.equal(String(called()), returns, id);
      await arrive();
      await microtasks();
      assert.deepEqual(events, [], id);
      covers(t, id);
    }
  });
}

test('every function works when it is taken off the client', () => {
  const { on, off, call, getConnection } = createWith(fakeEngine().load, QUIET);
  const { make: call2, getById } = call;
  const listener = () => {};
  on('call:start', listener);
  off('call:start', listener);
  assert.equal(getById(call2('bob', AUDIO)).state, 'Initiating');
  assert.equal(getConnection().isConnected, false);
});

test('call ids are UUIDs on pages that are not secure, too', (t) => {
  t.mock.method(crypto, 'randomUUID', undefined);
  const client = createWith(fakeEngine().load, QUIET);
  const [one, two] = [client.call.make('bob', AUDIO), client.call.make('bob', AUDIO)];
  assert.match(one, ID);
  assert.match(two, ID);
  assert.notEqual(one, two);
});

test('getSocketState returns an Error where there is no socket, and adds how it is kept where there is one', async (t) => {
  const engine = fakeEngine();
  const client = createWith(engine.load, QUIET);
  const { BasicError } = await face(['errors.ts']);
  for (const state of [client.connection.getSocketState(), client.connection.getSocketState('zz')]) {
    assert.ok(state instanceof Error);
    assert.equal(state.name, new BasicError().name);
  }
  await engine.arrive();
  assert.ok(client.connection.getSocketState('zz') instanceof Error);
  engine.answers['connection.getSocketState'] = ({ platform }) => ({ connected: true, pinging: true, platform, lastContact: 5 });
  assert.equal(client.connection.getSocketState().platform, 'link', 'the default');
  const { checkConnectivity: _, ...kept } = client.getConfig().connectivity;
  assert.deepEqual(client.connection.getSocketState('uc'), { connected: true, pinging: true, platform: 'uc', lastContact: 5, ...kept });
  covers(t, 'connection.getSocketState', 'connection.getSocketState(platform)', ...Object.keys(kept).map((name) => `SocketState.${name}`));
  engine.answers['connection.getSocketState'] = { connected: false, pinging: false };
  assert.deepEqual(client.connection.getSocketState('uc'), { connected: false, pinging: false });
});

test('a notification that cannot be written down is an error line, and is not handed on', async (t) => {
  const lines = [];
  t.mock.method(console, 'error', (line) => lines.push(line));
  const engine = fakeEngine();
  const client = createWith(engine.load, { ...QUIET, logs: { logLevel: 'error' } });
  await engine.arrive();
  const knot = {};
  knot.self = knot;
  client.notification.process(knot);
  assert.deepEqual(engine.commands, []);
  assert.equal(lines.length, 1);
  assert.match(lines[0], /notification\.process/);
});

test('a notification is taken as it is at the moment of the call', async () => {
  const engine = fakeEngine();
  const client = createWith(engine.load, QUIET);
  const notification = { notificationMessage: { eventId: '1' } };
  client.notification.process(notification);
  notification.notificationMessage.eventId = '2';
  await engine.arrive();
  assert.equal(engine.commands[0].notification.notificationMessage.eventId, '1');
});

test('events of the engine reach listeners as they are, with errors that are instances of Error', async () => {
  const engine = fakeEngine();
  const client = createWith(engine.load, QUIET);
  const heard = [];
  client.subscribe((type, [payload]) => heard.push([type, payload]));
  await engine.arrive();
  const error = { name: 'BasicError', code: 403, message: 'No.' };
  for (const [type, payload] of [
    ['notifications:change', { channel: 'PUSH' }],
    ['notifications:error', { channel: 'PUSH', error: { ...error } }],
    ['auth:resub', { attemptNum: 2, isFailure: true, error: { ...error } }],
    ['auth:change', { reason: 'GONE', forced: true }],
    ['ws:change', { platform: 'link' }],
    ['notification:received', { payload: { anything: null } }],
  ]) {
    engine.emit(type, payload);
  }
  await microtasks();
  assert.deepEqual(heard.map(([type]) => type), [
    'notifications:change', 'notifications:error', 'auth:resub', 'auth:change', 'ws:change', 'notification:received',
  ]);
  const [[, change], [, failed], [, resub], [, auth], [, socket], [, received]] = heard;
  assert.deepEqual([change, auth, socket, received], [
    { channel: 'PUSH' }, { reason: 'GONE', forced: true }, { platform: 'link' }, { payload: { anything: null } },
  ]);
  assert.deepEqual([failed.channel, failed.error.code, failed.error instanceof Error], ['PUSH', 403, true]);
  assert.deepEqual([resub.attemptNum, resub.isFailure, resub.error.code], [2, true, 403]);
});

test('capabilities are those of the kind of server, in the words and order of 4.8', (t) => {
  const capabilities = (config) => createWith(fakeEngine().load, { ...QUIET, ...config }).getCapabilities();
  const stated = (flavour) => ROWS.filter((row) => row.kind === 'capability' && ['both', flavour].includes(row.flavour)).map(({ id }) => id.replace('capability ', ''));
  const link = { authentication: { subscription: { server: 'h', version: '1' } } };
  for (const [flavour, found] of [['uc', capabilities()], ['link', capabilities(link)]]) {
    assert.deepEqual([...found].sort(), stated(flavour).sort());
    covers(t, ...found.map((name) => `capability ${name}`));
  }
  assert.deepEqual(capabilities().slice(0, 12), [
    'logs', 'config', 'connect', 'userCredentialsAuth', 'accessTokenAuth', 'services', 'oauthToken', 'call', 'link_call', 'link_user_id', 'link_pstn', 'callHistory',
  ]);
  assert.deepEqual(capabilities(link).slice(4, 8), ['hmacTokenAuth', 'updateConnection', 'services', 'call']);
  covers(t, 'getCapabilities');
});

test('errors in answers of the engine are instances of Error', async () => {
  const engine = fakeEngine();
  const client = createWith(engine.load, QUIET);
  await engine.arrive();
  const plain = { name: 'BasicError', code: 486, message: 'Busy.' };
  engine.answers['call.getAll'] = () => [{ id: 'a', error: { ...plain } }, { id: 'b' }];
  engine.answers['getConnection'] = () => ({ isConnected: false, error: { ...plain, code: 'authentication:9' } });
  const [failed, fine] = client.call.getAll();
  assert.ok(failed.error instanceof Error);
  assert.deepEqual([failed.error.name, failed.error.code, failed.error.message], ['BasicError', 486, 'Busy.']);
  assert.equal('error' in fine, false);
  assert.equal(client.getConnection().error.code, 'authentication:9');
});

test('constants of the client', (t) => {
  const client = createWith(fakeEngine().load, QUIET);
  assert.deepEqual(client.call.states, {
    INITIATING: 'Initiating', INITIATED: 'Initiated', RINGING: 'Ringing', CANCELLED: 'Cancelled',
    CONNECTED: 'Connected', ON_HOLD: 'On Hold', ENDED: 'Ended',
  });
  covers(t, 'call.states');
  assert.deepEqual(client.subscriptionStates, { FULL: 'FULL', PARTIAL: 'PARTIAL', NONE: 'NONE' });
  assert.deepEqual(client.disconnectReasons, { GONE: 'GONE', LOST_CONNECTION: 'LOST_CONNECTION' });
  assert.deepEqual(client.logger.levels, { SILENT: 'silent', ERROR: 'error', WARN: 'warn', INFO: 'info', DEBUG: 'debug' });
  const { subscriptionStates, disconnectReasons, logger } = client;
  for (const [name, constants] of Object.entries({ subscriptionStates, disconnectReasons, 'logger.levels': logger.levels })) {
    covers(t, name, ...Object.keys(constants).map((key) => `${name}.${key}`));
  }
});

test('the version is that of the API', (t) => {
  assert.equal(createWith(fakeEngine().load, QUIET).getVersion(), '4.8.0');
  covers(t, 'getVersion');
});

test('browsers are told apart', async (t) => {
  const { browserDetails } = await face(['browser.ts']);
  const webkit = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)';
  for (const [agent, browser, version] of [
    [`${webkit} Chrome/120.0.0.0 Safari/537.36`, 'chrome', 120],
    [`${webkit} HeadlessChrome/140.0.0.0 Safari/537.36`, 'chrome', 140],
    [`${webkit} Chrome/120.0.0.0 Safari/537.36 Edg/121.0.0.0`, 'edge', 121],
    [`${webkit} Chrome/120.0.0.0 Safari/537.36 OPR/106.0.0.0`, 'opera', 106],
    ['Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0', 'firefox', 128],
    ['Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Safari/605.1.15', 'safari', 17],
    ['', 'unknown', 0],
  ]) {
    assert.deepEqual(browserDetails(agent), { browser, version });
    // Newer versions of Node have one of their own.
    Object.defineProperty(globalThis, 'navigator', { value: { userAgent: agent }, configurable: true });
    assert.deepEqual(createWith(fakeEngine().load, QUIET).getBrowserDetails(), { browser, version });
  }
  covers(t, 'getBrowserDetails');
});

/** A client at the wanted moment, and what makes the engine arrive if it has not yet. */
async function prepared(engine, when) {
  Object.assign(engine.answers, ANSWERS);
  const client = createWith(engine.load, QUIET);
  if (when !== 'when the engine is there') return { client, arrive: engine.arrive };
  await engine.arrive();
  return { client, arrive: async () => {} };
}

function member(client, path) {
  return path.split('.').reduce((object, name) => object[name], client);
}

/** Deep equality, where a pattern stands for every text that it matches. */
function matches(actual, expected) {
  if (expected instanceof RegExp) return assert.match(actual, expected);
  if (expected === null || typeof expected !== 'object') return assert.equal(actual, expected);
  assert.deepEqual(known(actual), known(expected));
  for (const [key, value] of Object.entries(expected)) matches(actual[key], value);
}

function known(object) {
  return Object.keys(object).filter((key) => object[key] !== undefined).sort();
}
