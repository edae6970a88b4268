// `kandy-wasm/testing`, as the test of an application uses it: the built package, in plain Node.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { create } from '../../pkg/index.js';
import { createTestWorld } from '../../pkg/testing.js';

const [ALICE, BOB] = ['alice@example.com', 'bob@example.com'];

let world;
beforeEach(async () => {
  world = await createTestWorld({ users: [ALICE, BOB] });
});
afterEach(() => world.close());

/** A client of the application that is logged in, and what it heard. */
async function connected(config) {
  const client = world.create(config);
  const heard = [];
  client.subscribe((type, [payload]) => heard.push([type, payload]));
  client.connect(world.credentials(ALICE));
  await world.until(() => client.getConnection().isConnected);
  return { client, heard };
}

const state = (client, id) => client.call.getById(id).state;
const names = (heard) => heard.map(([type]) => type);

test('an application logs in, and out', async () => {
  const { client, heard } = await connected();
  assert.deepEqual(client.getUserInfo().username, ALICE);
  assert.ok(names(heard).includes('auth:change'));
  client.disconnect();
  await world.until(() => !client.getConnection().isPending);
  assert.equal(client.getConnection().isConnected, false);
  assert.ok(world.server.requests.every(({ status }) => status === 200), JSON.stringify(world.server.requests));
});

test('a wrong password is said', async () => {
  const client = world.create();
  const errors = [];
  client.on('auth:error', ({ error }) => errors.push(error.code));
  client.connect({ username: ALICE, password: 'wrong' });
  await world.until(() => errors.length > 0);
  assert.deepEqual(errors, ['authentication:9']);
  assert.equal(client.getConnection().isConnected, false);
});

test('the application calls, and the second user answers', async () => {
  const { client, heard } = await connected();
  const bob = world.user(BOB);
  await bob.connect();
  const id = client.call.make(BOB, { audio: true, video: true });
  await world.until(() => state(client, id) === 'Ringing');
  await bob.answer({ video: true });
  await world.until(() => state(client, id) === 'Connected');
  assert.equal(bob.currentCall.state, 'Connected');
  assert.equal(bob.currentCall.remoteParticipant.displayNumber, ALICE);
  const { localTracks, remoteTracks } = client.call.getById(id);
  assert.deepEqual([localTracks.length, remoteTracks.length], [2, 2]);
  await bob.end();
  await world.until(() => state(client, id) === 'Ended');
  const calls = heard.filter(([type]) => ['call:start', 'call:stateChange'].includes(type)).map(([type, { state }]) => state ?? type);
  assert.deepEqual(calls, ['call:start', 'RINGING', 'IN_CALL', 'ENDED']);
});

test('the second user calls, and the application answers', async () => {
  const { client, heard } = await connected();
  const bob = world.user(BOB);
  await bob.connect();
  await bob.call(ALICE);
  const [, { callId }] = await world.until(() => heard.find(([type]) => type === 'call:receive'));
  client.call.answer(callId, { audio: true });
  await world.until(() => state(client, callId) === 'Connected');
  assert.equal(bob.currentCall.state, 'Connected');
  client.call.end(callId);
  await world.until(() => state(client, callId) === 'Ended' && bob.currentCall === undefined);
});

test('the application makes its client itself, with servers of its own', async () => {
  const client = create({ logs: { logLevel: 'silent' }, authentication: { subscription: { server: 'ucc.example.com' }, websocket: { server: 'ucc.example.com' } } });
  client.connect(world.credentials(ALICE));
  await world.until(() => client.getConnection().isConnected);
});
