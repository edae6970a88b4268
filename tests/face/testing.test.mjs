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
  await world.until(() => state(client, callId) === 'Connected' && bob.currentCall.state === 'Connected');
  client.call.end(callId);
  await world.until(() => state(client, callId) === 'Ended' && bob.currentCall === undefined);
});

test('the application makes its client itself, with servers of its own', async () => {
  const client = create({ logs: { logLevel: 'silent' }, authentication: { subscription: { server: 'ucc.example.com' }, websocket: { server: 'ucc.example.com' } } });
  client.connect(world.credentials(ALICE));
  await world.until(() => client.getConnection().isConnected);
});

test('time passes only when the test says so', async () => {
  const before = world.now;
  const { client } = await connected();
  const began = Date.now();
  await new Promise((done) => setImmediate(done));
  assert.deepEqual([Date.now(), new Date().getTime(), world.now], [began, began, began]);
  const rings = [];
  setTimeout((...args) => rings.push(['timeout', Date.now() - began, ...args]), 500, 'a');
  const interval = setInterval(() => rings.push(['interval', Date.now() - began]), 400);
  clearTimeout(setTimeout(() => rings.push('cancelled'), 100));
  await world.advance(1_000);
  clearInterval(interval);
  await world.advance(1_000);
  assert.deepEqual(rings, [['interval', 400], ['timeout', 500, 'a'], ['interval', 800]]);
  assert.equal(Math.round(performance.now()), world.now - before);
  assert.equal(client.getConnection().isConnected, true);
});

test('what never comes is said in a sentence, and what a condition throws is thrown', async () => {
  await connected();
  await assert.rejects(world.until(() => false, { within: 500, what: 'the moon is blue' }), /Not so within 500 ms of the world's time: the moon is blue.*subscription 200/);
  await assert.rejects(world.until(() => null.state), TypeError);
  for (const time of ['1000', -1, NaN, Infinity]) await assert.rejects(world.advance(time), /Time passes by a number of milliseconds/);
  setTimeout(() => { throw new RangeError('of the application'); }, 10);
  await assert.rejects(world.advance(20), RangeError);
  await world.advance(1_000);
});

test('a promise is finished in the time of the world', async () => {
  const later = (value) => new Promise((resolve, reject) => setTimeout(value instanceof Error ? reject : resolve, 3_000, value));
  const began = world.now;
  assert.equal(await world.finish(later('done')), 'done');
  assert.equal(world.now - began, 3_000);
  await assert.rejects(world.finish(later(new RangeError('no'))), RangeError);
  await assert.rejects(world.finish(new Promise(() => {}), { within: 100 }), /Not so within 100 ms.*the promise is settled/);
});

test('mistakes of a test are told', async () => {
  assert.throws(() => world.user('carol@example.com'), /no account carol@example.com, only alice@example.com, bob@example.com/);
  await assert.rejects(createTestWorld({ users: [] }), /There is a world already/);
  await world.close();
  await assert.rejects(createTestWorld({ users: ['alice'] }), /account 1: the user must have the form user@domain/);
  world = await createTestWorld({ users: [ALICE, BOB] });
  const bob = world.user(BOB);
  world.server.fail(500, { path: 'subscription', times: 1 });
  await assert.rejects(bob.connect(), /^Error: bob@example.com: /);
  await bob.connect();
  await assert.rejects(bob.end(), /bob@example.com has no call/);
  const ours = globalThis.setTimeout;
  globalThis.setTimeout = () => 0;
  await assert.rejects(world.advance(1), /setTimeout was replaced/);
  globalThis.setTimeout = ours;
  await world.advance(1);
});

test('a user with a Link server calls one with a UC service', async () => {
  const bob = world.user(BOB, { platform: 'link' });
  await bob.connect();
  bob.whenCalled('answer');
  const { client } = await connected();
  const id = client.call.make(BOB, { audio: true });
  await world.until(() => state(client, id) === 'Connected');
  await bob.sendMessage(ALICE, 'from Link');
  await world.until(() => client.conversation.get(BOB)?.getMessages().length === 1);
});

test('mocked timers of the test runner give way to a world, and are told of when they come after it', async (t) => {
  await world.close();
  t.mock.timers.enable();
  const mocked = globalThis.setTimeout;
  world = await createTestWorld({ users: [ALICE] });
  await connected();
  await world.close();
  assert.equal(globalThis.setTimeout, mocked);
  t.mock.timers.reset();

  world = await createTestWorld({ users: [ALICE] });
  t.mock.timers.enable();
  await assert.rejects(world.advance(1), /setTimeout.* replaced/);
  t.mock.timers.reset();
  await connected();
});
