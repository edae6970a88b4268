// No line holds a secret: recognizable ones go through every function, with every option of the log on.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { face, fakeEngine, microtasks } from './lib/face.mjs';

const { createWith, withoutSecrets } = await face(['client.ts', 'secrets.ts']);
const METHODS = ['log', 'info', 'warn', 'error', 'debug', 'group', 'groupCollapsed'];

/** Each of them can be told from all others, and from everything else. */
const [PASSWORD, HMAC, ACCESS, REFRESH, OAUTH, DEVICE, RELAY, FINGERPRINT, ICE] = Array.from({ length: 9 }, (_, n) => `s3cr3t${n}`);
const SECRETS = /s3cr3t\d/;
const SDP = `v=0\r\no=- 1 2 IN IP4 0.0.0.0\r\na=fingerprint:sha-256 ${FINGERPRINT}\r\na=ice-pwd:${ICE}\r\n`;
const SERVERS = { iceServers: [{ urls: 'turn:relay.example', username: 'u', credential: RELAY }] };
const CREDENTIALS = {
  username: 'alice@example.com', password: PASSWORD, authname: 'alice', hmacToken: HMAC, accessToken: ACCESS, refreshToken: REFRESH, oauthToken: OAUTH,
};
const NOTIFICATION = { notificationMessage: { eventType: 'call', eventId: '1', sessionParams: { sdp: SDP }, callNotificationParams: {} } };

/** What the functions of a client are called with; those that are not here get nothing. */
const ARGUMENTS = {
  connect: [CREDENTIALS],
  updateToken: [CREDENTIALS],
  updateConnection: [{ services: ['call'], ...CREDENTIALS }],
  updateConfig: [{ call: SERVERS, logs: { secret: PASSWORD }, authentication: { subscription: { token: ACCESS } } }],
  'notification.process': [NOTIFICATION, 'EXTERNAL'],
  'notification.registerPush': [{ deviceToken: DEVICE, services: ['call'], pushProvider: 'apple', clientCorrelator: 'c', ...CREDENTIALS }],
  'notification.enableWebsocket': [true],
  'connection.enableConnectivityChecking': [true],
  'call.make': ['bob@example.com', { audio: true }],
  'call.answer': ['a', { audio: true }],
  'call.addMedia': ['a', { audio: true }],
  'call.replaceTrack': ['a', 't', { audio: true }],
  'call.forward': ['a', 'bob'],
  'call.forwardCall': ['a', 'bob'],
  'call.directTransfer': ['a', 'bob'],
  subscribe: [() => {}],
  unsubscribe: [() => {}],
};

/** Actions that an engine has beside the commands, with what they could carry if it were careless. */
const INPUTS = [
  ['http', { status: 200, body: JSON.stringify({ access_token: ACCESS, refresh_token: REFRESH, turnCredentials: { username: 'u', password: RELAY } }) }],
  ['http', { url: `https://gateway.example/rest/version/v2.0/user/a/subscription?token=${ACCESS}`, headers: { Authorization: `Basic ${PASSWORD}==` } }],
  ['http', { request: `grant_type=password&username=alice&password=${PASSWORD}`, header: `authorization: Bearer ${OAUTH}` }],
  ['socket', { text: JSON.stringify(NOTIFICATION) }],
  ['socket', { url: `wss://gateway.example/notify?access_token=${OAUTH}` }],
  ['socket', NOTIFICATION],
  ['peer', { made: SDP }],
  ['configure', { config: { call: SERVERS } }],
];

for (const handled of [false, true]) {
  for (const form of [{}, { flatten: true }, { enableGrouping: false }]) {
    test(`no secret is written ${handled ? 'to a handler' : 'on the console'} (${JSON.stringify(form)})`, async (t) => {
      const lines = [];
      for (const method of METHODS) t.mock.method(console, method, (...line) => lines.push(line));
      t.mock.method(console, 'groupEnd', () => {});
      const logActions = { actionOnly: false, collapsed: true, diff: true, exposePayloads: true, level: 'debug' };
      const logs = { logLevel: 'debug', logActions, ...form, ...(handled && { handler: (entry) => lines.push(entry) }) };
      const engine = fakeEngine();
      engine.answers['call.getAll'] = [{ id: 'a', state: 'Ringing', localTracks: [], remoteTracks: [] }];
      engine.answers['call.getById'] = () => ({ id: 'a', state: 'Ringing', localTracks: [], remoteTracks: [], remoteParticipant: {} });
      engine.answers.getUserInfo = { username: 'alice@example.com', accessToken: ACCESS, refreshToken: REFRESH };
      engine.answers.getConnection = { isConnected: true, isPending: false };
      engine.answers['connection.getSocketState'] = { connected: true, pinging: true, platform: 'uc' };
      engine.onDispatch = (command) => engine.action(command.type, command, 1);
      const client = createWith(engine.load, {
        logs,
        authentication: { subscription: { server: 'gateway.example' }, websocket: { server: 'gateway.example' } },
        call: { ...SERVERS, sdpHandlers: [(sdp) => sdp], unknown: PASSWORD },
      });
      const everything = () => functionsOf(client).map(([path, called]) => called(...(ARGUMENTS[path] ?? [])));

      const attempts = [attempt(everything)];
      await engine.arrive();
      attempts.push(attempt(everything));
      for (const [name, payload] of INPUTS) engine.action(name, payload, 1);
      for (const [type, payload] of [
        ['notification:received', { payload: NOTIFICATION }],
        ['notifications:error', { channel: 'PUSH', error: { name: 'BasicError', code: 1, message: 'x' } }],
      ]) engine.emit(type, payload);
      await microtasks();

      assert.deepEqual(attempts, [undefined, undefined], 'every function ran');
      const sent = JSON.stringify(engine.commands);
      for (const secret of [PASSWORD, HMAC, ACCESS, REFRESH, OAUTH, DEVICE, RELAY, FINGERPRINT]) assert.ok(sent.includes(secret), `${secret} was on its way`);
      const text = lines.map((line) => JSON.stringify(line)).join('\n');
      assert.ok(lines.length > 200, `${lines.length} lines`);
      assert.match(text, /state before/);
      assert.match(text, /payload/);
      assert.deepEqual(text.split('\n').filter((line) => SECRETS.test(line)), []);
    });
  }
}

test('without an engine nothing is told either', async (t) => {
  const lines = [];
  for (const method of METHODS) t.mock.method(console, method, (...line) => lines.push(line));
  const engine = fakeEngine();
  const client = createWith(engine.load, { logs: { logLevel: 'debug' }, call: SERVERS });
  for (const [path, called] of functionsOf(client)) called(...(ARGUMENTS[path] ?? []));
  await engine.fail(new Error('It is not there.'));
  assert.ok(lines.length > 30);
  assert.doesNotMatch(JSON.stringify(lines), SECRETS);
});

test('secrets are told by their names, at any depth and inside texts; the rest stays', () => {
  for (const [given, expected] of [
    [{ password: 'a', other: 'b' }, { password: '[hidden]', other: 'b' }],
    [{ list: [{ accessToken: 'a' }, 7, null, undefined] }, { list: [{ accessToken: '[hidden]' }, 7, null, undefined] }],
    [{ sdp: SDP, sdpFormat: 'compressed' }, { sdp: '[hidden]', sdpFormat: 'compressed' }],
    [`before ${SDP}`, '[hidden]'],
    ['?token=abc&x=1', '?token=[hidden]&x=1'],
    ['{"oauthToken": "abc", "x": "y"}', '{"oauthToken": "[hidden]", "x": "y"}'],
    ['{\\"password\\":\\"abc\\",\\"x\\":1}', '{\\"password\\":\\"[hidden]\\",\\"x\\":1}'],
    ['Bearer abc.def-ghi= and more', 'Bearer [hidden] and more'],
    ['alice@example.com rings', 'alice@example.com rings'],
    [true, true],
  ]) {
    assert.deepEqual(withoutSecrets(given), expected);
  }
});

/** All functions of a client, with their paths. */
function functionsOf(object, path = []) {
  return Object.entries(object).flatMap(([name, member]) => {
    const here = [...path, name];
    if (typeof member === 'function') return [[here.join('.'), member]];
    return typeof member === 'object' && member !== null ? functionsOf(member, here) : [];
  });
}

/** What `run` throws; nothing if it does not. */
function attempt(run) {
  try {
    run();
    return undefined;
  } catch (error) {
    return error;
  }
}
