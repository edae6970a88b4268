// The `…Async` forms: which there are, what their commands carry, and how they end.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ROWS } from '../api/rows.mjs';
import { QUIET, face, fakeEngine, fakePeople } from './lib/face.mjs';

const { BasicError, createWith, QUEUE_LIMIT } = await face(['client.ts', 'errors.ts', 'pending.ts']);
const AUDIO = { audio: true };

/** A client with engines that the test holds in its hand; `order` notes events and ends of promises. */
function started() {
  const [engine, people] = [fakeEngine(), fakePeople()];
  const client = createWith(engine.load, { ...QUIET, common: { allowProxy: true } }, people.load);
  const order = [];
  client.subscribe((type) => order.push(type));
  const noted = (promise) => promise.then((value) => order.push(['resolved', value]), (error) => order.push(['rejected', error.code]));
  return { engine, people, client, order, noted };
}

/** The last command's number. */
const opOf = (commands) => commands.at(-1).op;

/** How a promise ended. */
async function outcome(promise) {
  try {
    return ['resolved', await promise];
  } catch (error) {
    assert.ok(error instanceof BasicError, String(error));
    return ['rejected', error.code];
  }
}

test('every function of the API that changes something has its twin, and no other has', async () => {
  const { client, people, engine } = started();
  await engine.arrive();
  people.answers['conversation.get'] = { destination: ['bob@example.com'], type: 'im' };
  people.answers['conversation.message'] = { messageId: 'm', own: false, parts: [] };
  const Conversation = client.conversation.get('bob@example.com') ?? client.conversation.create('bob@example.com');
  await people.arrive();
  const conversation = client.conversation.get('bob@example.com');
  const places = { ...client, Conversation: conversation ?? Conversation, Message: conversation.createMessage('hello'), StoredMessage: conversation.getMessage('m') };

  // What reads, what registers listeners, what is done when the function returns, and the package's own functions.
  const without = /(?:^|\.)(?:get(?!Stats)\w*|on|off|subscribe|unsubscribe|updateConfig|setCache|setTokens|create\w*|addPart)$|^proxy\.|^sdpHandlers\.|^connection\./;
  const kept = /^(?:presence|sip)\.(?:un)?subscribe$/;
  const names = ROWS.filter(({ kind }) => kind === 'function').map(({ id }) => id);
  const expected = names.filter((name) => kept.test(name) || !without.test(name));
  assert.ok(expected.length > 50, `${expected.length} functions`);
  const at = (path) => path.split('.').reduce((object, name) => object?.[name], places);
  assert.deepEqual(expected.filter((name) => typeof at(name) !== 'function'), [], 'rows.json names functions that are there');
  assert.deepEqual(expected.filter((name) => typeof at(`${name}Async`) !== 'function'), []);
  assert.deepEqual(names.filter((name) => !expected.includes(name) && typeof at(`${name}Async`) === 'function'), []);
});

test('the command carries a number, and none without the twin', async () => {
  const { engine, client } = started();
  await engine.arrive();
  client.call.hold('a');
  const promise = client.call.holdAsync('a');
  client.call.unhold('a');
  assert.deepEqual(engine.commands, [{ type: 'call.hold', callId: 'a' }, { type: 'call.hold', callId: 'a', op: 1 }, { type: 'call.unhold', callId: 'a' }]);
  engine.answers['call.getById'] = { id: 'a', localHold: true };
  engine.emit('call:stateChange', { callId: 'a', error: undefined });
  engine.emit('settle', { op: 1, told: true });
  assert.deepEqual(await promise, { id: 'a', localHold: true });
});

test('the event comes before the promise ends, with its error or with what it carries', async () => {
  const { engine, client, order, noted } = started();
  await engine.arrive();
  const error = { name: 'BasicError', code: 'call:6', message: 'No.' };
  let op = 0;
  for (const [promise, type, payload, end] of [
    [client.call.makeAsync('bob@example.com', AUDIO), 'call:start', { callId: 'new', error: undefined }, ['resolved', 'new']],
    [client.call.joinAsync('a', 'b'), 'call:join', { callId: 'three', error: undefined, joinedCalls: ['a', 'b'] }, ['resolved', 'three']],
    [client.call.addMediaAsync('a', AUDIO), 'call:newMedia', { callId: 'a', tracks: ['t'], error: undefined }, ['resolved', ['t']]],
    [client.call.getStatsAsync('a'), 'call:statsReceived', { callId: 'a', result: 'report', error: undefined }, ['resolved', 'report']],
    [client.media.muteTracksAsync(['t']), 'media:muted', { tracks: ['t'] }, ['resolved', ['t']]],
    [client.notification.registerPushAsync({}), 'notifications:change', { channel: 'PUSH' }, ['resolved', undefined]],
    [client.call.unholdAsync('a'), 'call:stateChange', { callId: 'a', error: { ...error } }, ['rejected', 'call:6']],
    [client.connectAsync({ username: 'a', password: 'b' }), 'auth:error', { error: { ...error } }, ['rejected', 'call:6']],
  ]) {
    op += 1;
    const done = noted(promise);
    engine.emit(type, payload);
    engine.emit('settle', { op, told: true });
    await done;
    assert.deepEqual(order.splice(0), [type, end], type);
  }
  assert.deepEqual(engine.commands.map(({ op }) => op), [1, 2, 3, 4, 5, 6, 7, 8]);
});

test('an end that no event tells, and one that nobody waits for', async () => {
  const { engine, client } = started();
  await engine.arrive();
  const failing = outcome(client.updateTokenAsync({ accessToken: 'x' }));
  engine.emit('settle', { op: opOf(engine.commands), told: false, error: { name: 'BasicError', code: 'NO_CODE', message: 'No login.' } });
  assert.deepEqual(await failing, ['rejected', 'NO_CODE']);
  engine.answers.getConnection = { isConnected: false, isPending: false };
  const done = outcome(client.disconnectAsync());
  for (const op of [opOf(engine.commands), opOf(engine.commands), 77]) engine.emit('settle', { op, told: false });
  assert.deepEqual(await done, ['resolved', engine.answers.getConnection]);
});

test('what waits for the engine keeps its number, and is rejected if there is none', async () => {
  const { engine, client, order, noted } = started();
  const done = [noted(client.connectAsync({ username: 'a', password: 'b' })), noted(client.call.makeAsync('bob@example.com', AUDIO)), noted(client.call.sendDTMFAsync('a', '1'))];
  await engine.fail(new Error('It is not there.'));
  await Promise.all(done);
  assert.deepEqual(order.filter((entry) => Array.isArray(entry)), [['rejected', 'engine:1'], ['rejected', 'engine:1'], ['rejected', 'engine:1']]);
  assert.ok(order.indexOf('auth:error') < order.findIndex(Array.isArray), 'the events come first');
  assert.deepEqual(await outcome(client.call.endAsync('a')), ['rejected', 'engine:1'], 'and so is what comes later');

  const later = started();
  const waiting = later.client.call.makeAsync('bob@example.com', AUDIO);
  await later.engine.arrive();
  assert.equal(opOf(later.engine.commands), 1);
  later.engine.emit('call:start', { callId: 'c', error: undefined });
  later.engine.emit('settle', { op: 1, told: true });
  assert.equal(await waiting, 'c');
});

test('more than there is room for is rejected at once', async () => {
  const { client } = started();
  for (let i = 0; i < QUEUE_LIMIT; i += 1) client.call.end('a');
  assert.deepEqual(await outcome(client.call.endAsync('a')), ['rejected', 'engine:3']);
});

test('an engine that breaks answers nobody: every promise ends', async () => {
  const { engine, client } = started();
  await engine.arrive();
  const before = outcome(client.call.holdAsync('a'));
  engine.onDispatch = () => {
    throw new Error('unreachable');
  };
  assert.deepEqual(await outcome(client.call.unholdAsync('a')), ['rejected', 'engine:2']);
  assert.deepEqual(await before, ['rejected', 'engine:2']);
});

test('bad arguments are rejected with the sentence of the function, and no command is sent', async () => {
  const { engine, people, client } = started();
  await engine.arrive();
  const cycle = {};
  cycle.cycle = cycle;
  for (const [promise, sentence] of [
    [client.connectAsync(), /connect needs credentials/],
    [client.call.makeAsync(7, AUDIO), /destination/],
    [client.call.makeAsync('bob@example.com'), /media/],
    [client.call.holdAsync(7), /call\.hold: the call id is no text/],
    [client.media.muteTracksAsync('t'), /no array/],
    [client.updateConnectionAsync('call'), /list of services/],
    [client.notification.enableWebsocketAsync('yes'), /true or false/],
    [client.contacts.addAsync(cycle), /circular/i],
  ]) {
    await assert.rejects(promise, (error) => error instanceof BasicError && error.code === 'argument:1' && sentence.test(error.message));
  }
  assert.deepEqual([engine.commands, people.inputs], [[], []]);
});

test('functions of people: the number, the value, the error, and what is made of them', async () => {
  const { engine, people, client } = started();
  await engine.arrive();
  const contacts = client.contacts.refreshAsync();
  await people.arrive();
  assert.deepEqual(people.inputs, [{ type: 'contacts.refresh', op: 1 }]);
  people.host.emit('settle', { op: 1, value: { a: { contactId: 'a' } } });
  assert.deepEqual(await contacts, { a: { contactId: 'a' } });

  const refused = outcome(client.presence.updateAsync('x', 'y'));
  people.host.emit('settle', { op: 2, error: { name: 'BasicError', code: 'presence:1', message: 'No.' } });
  assert.deepEqual(await refused, ['rejected', 'presence:1']);

  people.answers['conversation.get'] = { destination: ['bob@example.com'], type: 'im' };
  people.answers['conversation.message'] = ({ messageId }) => ({ messageId, own: true, parts: [] });
  const message = client.conversation.get('bob@example.com').createMessage('hello');
  const sent = message.sendAsync();
  const { op, type } = people.inputs.at(-1);
  assert.equal(type, 'conversation.send');
  people.host.emit('settle', { op, value: 'server-id' });
  const stored = await sent;
  assert.deepEqual([stored.messageId, typeof stored.forward], ['server-id', 'function']);

  people.answers['conversation.getAll'] = [{ destination: ['bob@example.com'], type: 'im' }];
  const fetched = client.conversation.fetchAsync();
  people.host.emit('settle', { op: opOf(people.inputs) });
  assert.deepEqual((await fetched).map(({ destination, createMessage }) => [destination, typeof createMessage]), [[['bob@example.com'], 'function']]);
});

test('without the engine of people its promises are rejected', async () => {
  const { engine, people, client, order, noted } = started();
  await engine.arrive();
  const done = noted(client.voicemail.fetchAsync());
  await people.fail(new Error('It is not there.'));
  await done;
  assert.deepEqual(order, ['voicemail:error', ['rejected', 'engine:1']]);
});
