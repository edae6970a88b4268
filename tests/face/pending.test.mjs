// From `create` to the engine: reads agree with what was asked, commands arrive in order, and a missing engine is an error.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { QUIET, face, fakeEngine, microtasks } from './lib/face.mjs';

const { createWith, QUEUE_LIMIT } = await face(['client.ts', 'pending.ts']);
const AUDIO = { audio: true };

function started() {
  const engine = fakeEngine();
  const client = createWith(engine.load, QUIET);
  const events = [];
  client.subscribe((type, [payload]) => events.push([type, payload]));
  return { engine, client, events };
}

test('before connect nothing is connected', () => {
  const { client } = started();
  const subscription = { requested: [], received: [], missing: [], status: 'NONE', services: {} };
  assert.deepEqual(client.getConnection(), { isConnected: false, isPending: false, subscription });
});

test('after connect the connection is pending, after disconnect it is not', () => {
  const { client } = started();
  client.connect({ username: 'alice@example.com', password: 'demo' });
  assert.deepEqual([client.getConnection().isConnected, client.getConnection().isPending], [false, true]);
  assert.deepEqual(client.getUserInfo(), {});
  client.disconnect();
  assert.equal(client.getConnection().isPending, false);
});

test('after make there is an Initiating call, after end it has ended', () => {
  const { client } = started();
  const first = client.call.make('bob@example.com', AUDIO);
  const second = client.call.make('carol@example.com', AUDIO);
  const call = client.call.getById(first);
  assert.deepEqual(
    [call.id, call.state, call.direction, call.localHold, call.remoteHold, call.localTracks, call.remoteTracks],
    [first, 'Initiating', 'outgoing', false, false, [], []],
  );
  assert.equal(call.remoteParticipant.displayNumber, 'bob@example.com');
  assert.deepEqual(client.call.getAll().map(({ id }) => id), [first, second]);
  client.call.end(first);
  assert.equal(client.call.getById(first).state, 'Ended');
  assert.ok(client.call.getById(first).endTime > 0);
  assert.equal(client.call.getById(second).state, 'Initiating');
});

test('what is read is a copy', () => {
  const { client } = started();
  const id = client.call.make('bob@example.com', AUDIO);
  client.call.getById(id).state = 'Connected';
  client.call.getAll()[0].state = 'Connected';
  assert.equal(client.call.getById(id).state, 'Initiating');
});

test('the engine gets everything in order, and answers from then on', async () => {
  const { engine, client } = started();
  client.connect({ username: 'alice@example.com', password: 'demo' });
  const id = client.call.make('bob@example.com', AUDIO);
  client.updateConfig({ call: { serverTurnCredentials: false } });
  client.call.end(id);
  await engine.arrive();
  assert.deepEqual(engine.commands.map(({ type }) => type), ['connect', 'call.make', 'configure', 'call.end']);
  assert.equal(engine.config.call.serverTurnCredentials, true, 'the configuration of create');
  assert.equal(engine.commands[2].config.call.serverTurnCredentials, false, 'the one of updateConfig');
  engine.answers['call.getAll'] = [{ id: 'from the engine' }];
  assert.deepEqual(client.call.getAll(), [{ id: 'from the engine' }]);
  client.disconnect();
  assert.equal(engine.commands.at(-1).type, 'disconnect');
});

test('an event that a waiting command causes reaches listeners in a microtask', async () => {
  const { engine, client, events } = started();
  let during;
  engine.onDispatch = () => {
    engine.emit('auth:change', {});
    during = events.length;
  };
  client.connect({ username: 'alice@example.com', password: 'demo' });
  await engine.arrive();
  assert.equal(during, 0);
  assert.deepEqual(events, [['auth:change', {}]]);
});

test('without an engine every command that waits gets a typed error', async () => {
  const { engine, client, events } = started();
  client.connect({ username: 'alice@example.com', password: 'demo' });
  const id = client.call.make('bob@example.com', AUDIO);
  client.call.answer('other', AUDIO);
  client.media.muteTracks(['t']);
  client.media.renderTracks(['t'], '#c');
  const reason = new Error('It is not there.');
  await engine.fail(reason);
  assert.deepEqual(events.map(([type]) => type), [
    'auth:change', 'auth:error', 'call:stateChange', 'call:error', 'call:stateChange', 'call:error', 'media:muted',
  ]);
  const [, [, { error }], [, failed], , [, refused], , [, muted]] = events;
  assert.ok(error instanceof Error);
  assert.deepEqual([error.name, error.code], ['BasicError', 'engine:1']);
  assert.match(error.message, /It is not there\./);
  assert.equal(error.cause, reason);
  assert.deepEqual([failed.callId, failed.error.code, failed.previous.state], [id, 'engine:1', 'Initiating']);
  assert.deepEqual([refused.callId, refused.error.code], ['other', 'engine:1']);
  assert.deepEqual(muted, { tracks: [] });
});

test('without an engine everything that has an event for its failure gets that', async () => {
  const { engine, client, events } = started();
  client.updateToken({ accessToken: 'a' });
  client.updateConnection(['call']);
  client.connection.enableConnectivityChecking(false);
  client.notification.process({}, 'EXTERNAL');
  client.notification.registerPush({ deviceToken: 'd', services: ['call'], pushProvider: 'apple', clientCorrelator: 'c' });
  client.notification.deregisterPush();
  client.notification.enableWebsocket(true);
  client.updateConfig({ own: 1 });
  await engine.fail(new Error('It is not there.'));
  assert.deepEqual(events.map(([type, { channel, error }]) => [type, channel, error.code, error instanceof Error]), [
    ['auth:error', undefined, 'engine:1', true],
    ['auth:error', undefined, 'engine:1', true],
    ['notifications:error', 'EXTERNAL', 'engine:1', true],
    ['notifications:error', 'PUSH', 'engine:1', true],
    ['notifications:error', 'PUSH', 'engine:1', true],
    ['notifications:error', 'WEBSOCKET', 'engine:1', true],
  ]);
});

test('without an engine the state is the truth: not connected, calls ended', async () => {
  const { engine, client } = started();
  client.connect({ username: 'alice@example.com', password: 'demo' });
  const id = client.call.make('bob@example.com', AUDIO);
  let seen;
  client.on('auth:error', () => (seen = [client.getConnection(), client.call.getById(id)]));
  await engine.fail(new Error('It is not there.'));
  const [connection, call] = seen;
  assert.deepEqual([connection.isConnected, connection.isPending, connection.error.code], [false, false, 'engine:1']);
  assert.deepEqual([call.state, call.error.code], ['Ended', 'engine:1']);
});

test('without an engine later commands are refused as well', async () => {
  const { engine, client, events } = started();
  await engine.fail(new Error('It is not there.'));
  assert.deepEqual(events, []);
  client.connect({ username: 'alice@example.com', password: 'demo' });
  const id = client.call.make('bob@example.com', AUDIO);
  client.call.end(id);
  client.disconnect();
  assert.deepEqual(events, [], 'no listener runs before the function has returned');
  await microtasks();
  assert.deepEqual(
    events.map(([type, { error }]) => [type, error?.code]),
    [
      ['auth:change', undefined], ['auth:error', 'engine:1'],
      ['call:stateChange', 'engine:1'], ['call:error', 'engine:1'],
      ['call:stateChange', 'engine:1'], ['call:error', 'engine:1'],
      ['auth:change', undefined], ['auth:error', 'engine:1'],
    ],
  );
});

test('an engine that cannot be started counts as missing', async () => {
  const events = [];
  const client = createWith(async () => () => { throw new Error('It needs a newer browser.'); }, QUIET);
  client.subscribe((type, [payload]) => events.push([type, payload]));
  client.connect({ username: 'alice@example.com', password: 'demo' });
  await microtasks();
  assert.deepEqual(events.map(([type]) => type), ['auth:change', 'auth:error']);
  assert.equal(events[1][1].error.code, 'engine:1');
});

test('an engine that throws never makes the API throw', async () => {
  const { engine, client, events } = started();
  engine.onDispatch = () => { throw new WebAssembly.RuntimeError('unreachable'); };
  const waiting = client.call.make('bob@example.com', AUDIO);
  await engine.arrive();
  const id = client.call.make('bob@example.com', AUDIO);
  engine.answers['call.getAll'] = () => { throw new WebAssembly.RuntimeError('unreachable'); };
  assert.deepEqual(client.call.getAll(), []);
  await microtasks();
  assert.deepEqual(events.map(([type, { callId, error }]) => [type, callId, error.code]), [
    ['call:stateChange', waiting, 'engine:2'], ['call:error', waiting, 'engine:2'],
    ['call:stateChange', id, 'engine:2'], ['call:error', id, 'engine:2'],
  ]);
});

test('the queue has a bound, and what does not fit in gets an error', async () => {
  const { engine, client, events } = started();
  for (let n = 0; n < QUEUE_LIMIT; n += 1) client.call.make('bob@example.com', AUDIO);
  const refused = client.call.make('bob@example.com', AUDIO);
  await microtasks();
  assert.deepEqual(events.map(([type, { callId, error }]) => [type, callId, error.code]), [
    ['call:stateChange', refused, 'engine:3'], ['call:error', refused, 'engine:3'],
  ]);
  await engine.arrive();
  assert.equal(engine.commands.length, QUEUE_LIMIT);
});
