// No line holds a secret: recognizable ones go through every function, with every option of the log on.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { face, fakeEngine, fakePeople, microtasks } from './lib/face.mjs';

const { createWith, withoutSecrets } = await face(['client.ts', 'secrets.ts']);
const METHODS = ['log', 'info', 'warn', 'error', 'debug', 'group', 'groupCollapsed'];

/** Each of them can be told from all others, and from everything else. */
const [PASSWORD, HMAC, ACCESS, REFRESH, OAUTH, DEVICE, RELAY, FINGERPRINT, ICE] = Array.from({ length: 9 }, (_, n) => `s3cr3t${n}`);
/** What people write, and whom they know: no secret that opens anything, and nobody's business. */
const [TEXT, NOTE, FRIEND] = ['s3cr3tt words "to" bob', 's3cr3tn, at the dentist', 's3cr3tf@example.com'];
const SECRETS = /s3cr3t[\dtnf]/;
const SDP = `v=0\r\no=- 1 2 IN IP4 0.0.0.0\r\na=fingerprint:sha-256 ${FINGERPRINT}\r\na=ice-pwd:${ICE}\r\n`;
const SERVERS = { iceServers: [{ urls: 'turn:relay.example', username: 'u', credential: RELAY }] };
const CREDENTIALS = {
  username: 'alice@example.com', password: PASSWORD, authname: 'alice', hmacToken: HMAC, accessToken: ACCESS, refreshToken: REFRESH, oauthToken: OAUTH,
};
const MESSAGES = [
  { notificationMessage: { eventType: 'IM', eventId: '2', imnotificationParams: { primaryContact: 'sip:bob@example.com', msgText: TEXT } } },
  { notificationMessage: { event: 'im', eventId: '3', id: '77', direction: 'in', From: 'bob@example.com', txt: TEXT } },
  { notificationMessage: { eventType: 'presenceWatcher', eventId: '4', presenceWatcherNotificationParams: { name: 'bob@example.com', note: NOTE } } },
];
const CONTACT = { contactId: FRIEND, primaryContact: FRIEND, firstName: FRIEND };
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
  'call.history.setCache': [JSON.stringify([{ recordId: FRIEND }])],
  'call.history.remove': [FRIEND],
  'conversation.create': [FRIEND],
  'conversation.get': [FRIEND],
  'presence.update': ['open', 'other', NOTE],
  'presence.fetch': [FRIEND],
  'presence.subscribe': [[FRIEND]],
  'presence.unsubscribe': [FRIEND],
  'presence.get': [FRIEND],
  'contacts.add': [CONTACT],
  'contacts.update': [FRIEND, CONTACT],
  'contacts.remove': [FRIEND],
  'contacts.fetch': [FRIEND],
  'contacts.get': [FRIEND],
  'user.fetch': [FRIEND],
  'user.get': [FRIEND],
  'user.search': [{ userId: FRIEND }, {}],
  'clickToCall.make': [FRIEND, FRIEND],
  'clickToCall.clickToCall': [FRIEND, FRIEND],
  'sip.subscribe': ['event:dialog', [FRIEND], FRIEND, [{ name: TEXT }]],
  'sip.update': ['event:dialog', { subscribeUserList: [FRIEND] }, [{ name: TEXT }]],
  'state.subscribe': [() => {}],
  'proxy.setChannel': [{ send: PASSWORD }],
  'proxy.initializeRemote': [{ password: PASSWORD }],
  subscribe: [() => {}],
  unsubscribe: [() => {}],
};

/** Everything that can be done with a conversation, its messages and those that are stored. */
function talk(client) {
  const conversation = client.conversation.create(FRIEND);
  const message = conversation.createMessage(TEXT);
  message.addPart({ type: 'json', json: { text: TEXT } });
  message.addPart({ type: 'file', file: new Blob([TEXT]) });
  message.addPart({ text: TEXT });
  message.send();
  conversation.fetchMessages(10, { before: TEXT });
  conversation.deleteMessages([TEXT]);
  conversation.subscribe(() => {});
  conversation.getMessage(TEXT)?.forward(FRIEND);
  for (const stored of conversation.getMessages()) {
    stored.forward(FRIEND);
    stored.markRead?.();
  }
  conversation.clearMessages();
  conversation.delete();
}

/** What the fake people engine has, with what it could be careless about. */
function withPeople() {
  const people = fakePeople();
  const stored = { messageId: TEXT, own: false, parts: [{ type: 'text', text: TEXT }] };
  Object.assign(people.answers, {
    'conversation.get': { destination: [FRIEND], type: 'im' },
    'conversation.getAll': () => [],
    'conversation.messages': () => [stored],
    'conversation.message': stored,
  });
  return people;
}

/** Actions that an engine has beside the commands, with what they could carry if it were careless. */
const INPUTS = [
  ['http', { status: 200, body: JSON.stringify({ access_token: ACCESS, refresh_token: REFRESH, turnCredentials: { username: 'u', password: RELAY } }) }],
  ['http', { url: `https://gateway.example/rest/version/v2.0/user/a/subscription?token=${ACCESS}`, headers: { Authorization: `Basic ${PASSWORD}==` } }],
  ['http', { request: `grant_type=password&username=alice&password=${PASSWORD}`, header: `authorization: Bearer ${OAUTH}` }],
  ['socket', { text: JSON.stringify(NOTIFICATION) }],
  ['socket', { url: `wss://gateway.example/notify?access_token=${OAUTH}` }],
  ['socket', NOTIFICATION],
  ...MESSAGES.flatMap((message) => [['socket', message], ['socket', { text: JSON.stringify(message) }]]),
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
      const [engine, people] = [fakeEngine(), withPeople()];
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
        common: { allowProxy: true },
      }, people.load);
      const everything = () => {
        callAll(client);
        talk(client);
      };

      const attempts = [attempt(everything)];
      await engine.arrive();
      await people.arrive();
      attempts.push(attempt(everything));
      for (const [name, payload] of INPUTS) engine.action(name, payload, 1);
      for (const [type, payload] of [
        ['notification:received', { payload: NOTIFICATION }],
        ['notifications:error', { channel: 'PUSH', error: { name: 'BasicError', code: 1, message: 'x' } }],
      ]) engine.emit(type, payload);
      for (const message of MESSAGES) engine.emit('notification:received', { payload: message }, { people: true });
      await microtasks();

      assert.deepEqual(attempts, [undefined, undefined], 'every function ran');
      const sent = JSON.stringify(engine.commands);
      for (const secret of [PASSWORD, HMAC, ACCESS, REFRESH, OAUTH, DEVICE, RELAY, FINGERPRINT]) assert.ok(sent.includes(secret), `${secret} was on its way`);
      const asked = JSON.stringify(people.inputs);
      for (const written of [TEXT, NOTE, FRIEND]) assert.ok(asked.includes(JSON.stringify(written).slice(1, -1)), `${written} was on its way`);
      assert.equal(people.inputs.filter(({ type }) => type === 'people:notice').length, MESSAGES.length);
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
  const [engine, people] = [fakeEngine(), fakePeople()];
  const client = createWith(engine.load, { logs: { logLevel: 'debug' }, call: SERVERS }, people.load);
  callAll(client);
  talk(client);
  await engine.fail(new Error('It is not there.'));
  await people.fail(new Error('Nor is this one.'));
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
    [{ msgText: 'a b', txt: 'c', note: 'd', footnote: 'e' }, { msgText: '[hidden]', txt: '[hidden]', note: '[hidden]', footnote: 'e' }],
    ['{"msgText":"a \\"b\\" c","x":1}', '{"msgText":"[hidden]","x":1}'],
    ['and "txt": this is no JSON', '[hidden]'],
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

/** Calls every function; the `…Async` forms with what their function is given, and nobody waits for the end of one that is refused. */
function callAll(client) {
  for (const [path, called] of functionsOf(client)) Promise.resolve(called(...(ARGUMENTS[path.replace(/Async$/, '')] ?? []))).catch(() => {});
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
