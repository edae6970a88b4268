// Functions of presence, contacts, users, voicemail, call history, click to call, SIP events and conversations: what the people engine
// is told and asked. Of `state` and `proxy`: everything that they do.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { covers } from '../lib/covers.mjs';
import { QUIET, face, fakeEngine, fakePeople, microtasks } from './lib/face.mjs';

const { createWith } = await face(['client.ts']);
const BOB = 'bob@example.com';
const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const FILTERS = { firstName: 'B' };
const LISTS = { subscribeUserList: ['a'], unsubscribeUserList: ['b'] };

/** function, arguments, and what the engine is told. */
const WISHES = [
  ['presence.update', ['open', 'other', 'n'], { status: 'open', activity: 'other', note: 'n' }],
  ['presence.update', [], {}],
  ['presence.fetch', [BOB], { users: BOB }],
  ['presence.subscribe', [[BOB, 'carol']], { users: [BOB, 'carol'] }],
  ['presence.unsubscribe', [[BOB]], { users: [BOB] }],
  ['contacts.add', [{ contactId: 'b' }], { contact: { contactId: 'b' } }],
  ['contacts.update', ['b', { firstName: 'Bob' }], { contactId: 'b', contact: { firstName: 'Bob' } }],
  // The engine knows both forms.
  ['contacts.update', [{ contactId: 'b' }], { contactId: { contactId: 'b' } }],
  ['contacts.remove', ['b'], { contactId: 'b' }],
  ['contacts.fetch', ['b'], { contactId: 'b' }],
  ['contacts.refresh', [], {}],
  ['user.fetch', [BOB], { userId: BOB }],
  ['user.fetchSelfInfo', [], {}],
  ['user.search', [FILTERS, { max: 2 }], { filters: FILTERS, options: { max: 2 } }],
  ['user.search', [], {}],
  ['voicemail.fetch', [], {}],
  ['call.history.fetch', [10, 20], { amount: 10, offset: 20 }, 'callHistory.fetch'],
  ['call.history.fetch', [], {}, 'callHistory.fetch'],
  ['call.history.remove', ['r'], { recordId: 'r' }, 'callHistory.remove'],
  ['call.history.clear', [], {}, 'callHistory.clear'],
  ['call.history.setCache', ['[{"recordId":"r"}]'], { records: [{ recordId: 'r' }] }, 'callHistory.setCache'],
  ['sip.subscribe', ['event:dialog', ['a'], 'phone', [{ x: 1 }]],
    { eventType: 'event:dialog', users: ['a'], clientCorrelator: 'phone', customParameters: [{ x: 1 }] }],
  ['sip.update', ['event:dialog', LISTS, [{ x: 1 }]], { eventType: 'event:dialog', userLists: LISTS, customParameters: [{ x: 1 }] }],
  ['sip.unsubscribe', ['event:dialog'], { eventType: 'event:dialog' }],
  ['conversation.fetch', [{ type: 'im' }], { options: { type: 'im' } }],
  ['conversation.fetch', [], { options: {} }],
];

for (const [path, args, members, type = path] of WISHES) {
  test(`${path}(${args.map((arg) => JSON.stringify(arg)).join(', ')})`, async () => {
    const { client, people } = await started();
    assert.equal(member(client, path)(...args), undefined);
    assert.deepEqual(people.inputs, [{ type, ...members }]);
  });
}

/** function, arguments, and what the engine is asked. */
const READS = [
  ['presence.get', [BOB], { users: BOB }],
  ['presence.getAll', [], {}],
  ['presence.getSelf', [], {}],
  ['contacts.get', ['b'], { contactId: 'b' }],
  ['contacts.getAll', [], {}],
  ['user.get', [BOB], { userId: BOB }],
  ['user.getAll', [], {}],
  ['voicemail.get', [], {}],
  ['clickToCall.get', [], {}],
  ['sip.getDetails', ['event:x'], { eventType: 'event:x' }],
  ['call.history.get', [], {}, 'callHistory.get'],
  ['call.history.getCache', [], {}, 'callHistory.getCache'],
];

test('reads are questions, and their answers come back as they are', async () => {
  const { client, people } = await started();
  for (const [path, args, members, type = path] of READS) {
    people.answers[type] = (query) => ({ query });
    assert.deepEqual(member(client, path)(...args), { query: { type, ...members } });
  }
  assert.deepEqual(people.inputs, []);
});

for (const name of ['make', 'clickToCall']) {
  test(`clickToCall.${name} returns the id that its events have`, async () => {
    const { client, people } = await started();
    const callId = client.clickToCall[name](BOB, 'carol');
    assert.match(callId, ID);
    assert.deepEqual(people.inputs, [{ type: 'clickToCall.make', callId, caller: BOB, callee: 'carol' }]);
    const without = client.clickToCall[name]();
    assert.notEqual(without, callId);
    assert.deepEqual(people.inputs[1], { type: 'clickToCall.make', callId: without });
  });
}

test('a cache that is no JSON is a SyntaxError, and nothing is told', async () => {
  const { client, people } = await started();
  for (const text of ['nope', undefined, '']) assert.throws(() => client.call.history.setCache(text), SyntaxError);
  assert.deepEqual(people.inputs, []);
});

test('every function works when it is taken off the client', async () => {
  const { client, people } = await started();
  const { update } = client.presence;
  const { setCache } = client.call.history;
  const { make } = client.clickToCall;
  update('open', 'active');
  setCache('[]');
  make('a', 'b');
  assert.deepEqual(people.inputs.map(({ type }) => type), ['presence.update', 'callHistory.setCache', 'clickToCall.make']);
});

test('a conversation and its messages', async () => {
  const { client, people } = await started();
  people.answers['conversation.get'] = ({ destination, convoType: type }) => ({ destination, type, id: 't-1' });
  const about = { destination: [BOB], convoType: 'im' };
  const talk = client.conversation.create(BOB);
  assert.deepEqual([talk.id, talk.destination, talk.type], ['t-1', [BOB], 'im']);
  talk.clearMessages();
  talk.fetchMessages();
  talk.fetchMessages(10, { before: 'm' });
  talk.deleteMessages();
  talk.deleteMessages(['m']);
  talk.delete();
  assert.deepEqual(people.inputs.splice(0), [
    { type: 'conversation.create', ...about },
    { type: 'conversation.clearMessages', ...about },
    { type: 'conversation.fetchMessages', ...about, amount: 50 },
    { type: 'conversation.fetchMessages', ...about, amount: 10, before: 'm' },
    { type: 'conversation.deleteMessages', ...about },
    { type: 'conversation.deleteMessages', ...about, messageIds: ['m'] },
    { type: 'conversation.delete', ...about },
  ]);

  const message = talk.createMessage('Hello');
  assert.deepEqual([message.destination, message.type, message.parts], [[BOB], 'im', [{ type: 'text', text: 'Hello' }]]);
  message.addPart({ type: 'json', json: { a: null } });
  for (const wrong of [undefined, null, 'x', { text: 'x' }, { type: 'sound' }]) message.addPart(wrong);
  assert.deepEqual(message.parts.length, 2);
  assert.deepEqual(people.inputs.splice(0), Array.from({ length: 5 }, () => ({ type: 'conversation.refusePart', ...about })));
  message.send();
  message.send();
  const [one, two] = people.inputs.splice(0);
  assert.deepEqual(one, {
    type: 'conversation.send', ...about, message: one.message, timestamp: one.timestamp,
    parts: [{ type: 'text', text: 'Hello' }, { type: 'json', json: { a: null } }],
  });
  assert.match(one.message, ID);
  assert.notEqual(one.message, two.message, 'two messages, not one twice');
  assert.deepEqual(talk.createMessage().parts, []);
});

test('a message to several is one of a group', async () => {
  const { client, people } = await started();
  people.answers['conversation.get'] = ({ destination, convoType: type }) => ({ destination, type });
  for (const options of [undefined, { type: 'group' }, 'group']) {
    const message = client.conversation.create([BOB, 'carol'], options).createMessage('x');
    assert.equal(message.type, 'group');
    message.send();
    assert.deepEqual([people.inputs.at(-1).convoType, people.inputs.at(-1).destination], ['group', [BOB, 'carol']]);
  }
  assert.throws(() => client.conversation.create(BOB, null), TypeError);
  assert.throws(() => client.conversation.get(BOB, null), TypeError);
});

test('stored messages are forwarded and marked as read', async () => {
  const { client, people } = await started();
  const parts = [{ type: 'text', text: 'x' }, { type: 'file', handle: 'h', name: 'note.txt' }];
  people.answers['conversation.getAll'] = [{ destination: [BOB], type: 'im' }];
  people.answers['conversation.messages'] = ({ from }) => [{ messageId: 'm1', own: false, parts, from }, { messageId: 'm2', own: true, parts }];
  people.answers['conversation.message'] = ({ messageId }) => (messageId === 'm1' ? { messageId, own: false, parts } : undefined);
  const [talk] = client.conversation.getAll();
  const [theirs, ours] = talk.getMessages({ from: 3, count: 2 });
  assert.equal(theirs.from, 3);
  assert.equal(talk.messages.length, 2);
  assert.equal(ours.markRead, undefined, 'own messages have nothing to be read');
  theirs.markRead();
  ours.forward('carol');
  talk.getMessage('m1').forward(['carol', 'dave']);
  assert.equal(talk.getMessage('m3'), undefined);
  assert.deepEqual(people.inputs, [
    { type: 'conversation.markRead', destination: [BOB], convoType: 'im', messageId: 'm1' },
    { type: 'conversation.forward', destination: ['carol'], parts },
    { type: 'conversation.forward', destination: ['carol', 'dave'], parts },
  ]);
});

test('constants of presence', async (t) => {
  const { statuses, activities } = createWith(fakeEngine().load, QUIET, fakePeople().load).presence;
  assert.deepEqual(statuses, { OPEN: 'open', CLOSED: 'closed' });
  const { AVAILABLE, ...ofTheCode } = activities;
  assert.equal(AVAILABLE, 'active', 'stands in the documentation alone');
  assert.deepEqual(ofTheCode, {
    ACTIVE: 'active', IDLE: 'idle', AWAY: 'away', LUNCH: 'lunch', OTHER: 'other', BUSY: 'busy', VACATION: 'vacation',
    ON_THE_PHONE: 'on-the-phone', UNKNOWN: 'unknown',
  });
  assert.throws(() => (statuses.OPEN = 'x'), TypeError);
  assert.throws(() => (activities.IDLE = 'x'), TypeError);
  for (const [name, constants] of Object.entries({ statuses, activities: ofTheCode })) {
    covers(t, `presence.${name}`, ...Object.keys(constants).map((key) => `presence.${name}.${key}`));
  }
});

test('the state is what all the others tell', async (t) => {
  const { client, engine, people } = await started();
  engine.answers.getConnection = { isConnected: true };
  engine.answers['call.getAll'] = [{ id: 'a' }];
  people.answers['presence.getAll'] = [{ userId: BOB }];
  people.answers['callHistory.get'] = [{ recordId: 'r' }];
  const state = client.state.get();
  assert.deepEqual(Object.keys(state).sort(), [
    'authentication', 'call', 'callHistory', 'clickToCall', 'config', 'connectivity', 'messaging', 'mwi', 'notifications', 'presence',
    'sipEvents', 'users', 'webrtc',
  ]);
  assert.deepEqual([state.authentication, state.call, state.presence, state.callHistory], [
    { isConnected: true }, [{ id: 'a' }], [{ userId: BOB }], [{ recordId: 'r' }],
  ]);
  assert.deepEqual(state.config, client.getConfig());
  covers(t, 'state.get');
});

test('whoever listens to the state hears of every event, without arguments, until that is taken back', async (t) => {
  const { client, engine } = await started();
  const heard = [];
  const end = client.state.subscribe((...args) => heard.push(args));
  const other = client.state.subscribe(() => heard.push('other'));
  engine.emit('ws:change', {});
  await microtasks();
  assert.deepEqual(heard.splice(0), [[], 'other']);
  end();
  engine.emit('ws:change', {});
  await microtasks();
  assert.deepEqual(heard.splice(0), ['other']);
  other();
  assert.throws(() => client.state.subscribe('x'), { name: 'Error', message: 'Listener not a function' });
  covers(t, 'state.subscribe', 'state.subscribe(listener)');
});

test('media on another machine are refused', async (t) => {
  const { client, events } = await started({ common: { allowProxy: true } });
  const { proxy } = client;
  for (const [act, arg] of [['setProxyMode', true], ['setChannel', {}], ['initializeRemote', {}]]) {
    assert.equal(proxy[act](arg), undefined);
    await microtasks();
    const [[type, { error }], ...more] = events.splice(0);
    assert.deepEqual([type, error.name, error.code, more], ['proxy:error', 'BasicError', 'proxy:1', []]);
    assert.match(error.message, /not supported/);
  }
  assert.equal(proxy.getProxyMode(), false);
  assert.deepEqual(proxy.getInfo(), { proxyMode: false, hasChannel: false, remoteInitialized: false });
  assert.deepEqual(proxy.getProxyDetails(), client.getBrowserDetails());
  covers(t, 'proxy.setProxyMode', 'proxy.setProxyMode(value)', 'proxy.setChannel', 'proxy.setChannel(channel)', 'proxy.initializeRemote');
  covers(t, 'proxy.initializeRemote(config)', 'proxy.getProxyMode', 'proxy.getInfo', 'proxy.getProxyDetails', 'proxy:error', 'proxy:error.error');
  for (const common of [undefined, {}, { allowProxy: false }, { allowProxy: 'yes' }]) {
    assert.equal('proxy' in (await started({ common })).client, false);
  }
  covers(t, 'config common.allowProxy');
});

/** A client whose engines are there, and the events that it told. */
async function started(config) {
  const [engine, people] = [fakeEngine(), fakePeople()];
  const client = createWith(engine.load, { ...QUIET, ...config }, people.load);
  const events = [];
  client.subscribe((type, [payload]) => events.push([type, payload]));
  await engine.arrive();
  client.voicemail.fetch();
  await people.arrive();
  people.inputs.length = 0;
  return { client, engine, people, events };
}

function member(client, path) {
  return path.split('.').reduce((object, name) => object[name], client);
}
