// What can go wrong in a world, and what the application is told of it.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { createTestWorld } from '../../pkg/testing.js';

const [ALICE, BOB] = ['alice@example.com', 'bob@example.com'];

let world;
let client;
let bob;
let heard;
beforeEach(async () => {
  world = await createTestWorld({ users: [ALICE, BOB] });
  client = world.create();
  bob = world.user(BOB);
  heard = [];
  client.subscribe((type, [payload]) => heard.push([type, payload]));
  client.connect(world.credentials(ALICE));
  await bob.connect();
  await world.until(() => client.getConnection().isConnected);
});
afterEach(() => world.close());

const state = (id) => client.call.getById(id).state;
const connection = () => (({ isConnected, isPending }) => ({ isConnected, isPending }))(client.getConnection());

/** A call in which both talk. */
async function talking(media = { audio: true }) {
  bob.whenCalled('answer');
  const id = client.call.make(BOB, media);
  await world.until(() => state(id) === 'Connected');
  return id;
}

test('a refused microphone fails the call with its error, and the next one works', async () => {
  world.media.refuse('NotAllowedError');
  const id = client.call.make(BOB, { audio: true });
  await world.until(() => state(id) === 'Ended');
  const [, { error }] = heard.findLast(([type]) => type === 'call:stateChange');
  assert.equal(error.code, 'call:4');
  assert.equal(bob.currentCall, undefined, 'nobody was called');
  world.media.allow();
  await talking();
});

test('without a camera there is a call without a picture', async () => {
  world.media.unplug('camera');
  await world.until(() => client.media.getDevices().camera.length === 0);
  const id = client.call.make(BOB, { audio: true, video: true });
  await world.until(() => state(id) === 'Ended');
  assert.equal(heard.findLast(([type]) => type === 'call:stateChange')[1].error.code, 'call:4');
  await talking({ audio: true });
  world.media.plug({ kind: 'videoinput', deviceId: 'other', label: 'Another camera' });
  await world.until(() => client.media.getDevices().camera.length === 1);
  assert.equal(client.media.getDevices().camera[0].label, 'Another camera');
});

test('a microphone that is pulled out ends its track', async () => {
  const id = await talking();
  const [track] = client.call.getById(id).localTracks;
  world.media.unplug('microphone');
  await world.until(() => client.media.getTrackById(track)?.state !== 'live');
});

test('the second user rejects, is busy, or lets it ring', async () => {
  bob.whenCalled('reject');
  const rejected = client.call.make(BOB, { audio: true });
  await world.until(() => state(rejected) === 'Ended');
  const { transition } = heard.findLast(([type]) => type === 'call:stateChange')[1];
  assert.equal(Number(transition.statusCode), 603, JSON.stringify(transition));

  bob.whenCalled('ring');
  const ringing = client.call.make(BOB, { audio: true });
  await bob.reject();
  await world.until(() => state(ringing) === 'Ended');

  const alone = client.call.make(BOB, { audio: true });
  await world.until(() => state(alone) === 'Ringing');
  // The gateway lets a call ring for 90 s.
  await world.until(() => state(alone) === 'Ended', { within: 100_000 });
});

test('who is held hears of it, and of its end; the tracks are silent meanwhile', async () => {
  const id = await talking();
  await bob.hold();
  await world.until(() => client.call.getById(id).remoteHold);
  assert.equal(state(id), 'On Hold');
  await bob.unhold();
  await world.until(() => state(id) === 'Connected');
  client.call.hold(id);
  await world.until(() => bob.currentCall.remoteHold);
  client.call.unhold(id);
  await world.until(() => bob.currentCall.state === 'Connected' && state(id) === 'Connected');
  client.call.sendDTMF(id, '5');
  client.call.addMedia(id, { video: true });
  await world.until(() => bob.currentCall.remoteTracks.length === 2 && heard.some(([type]) => type === 'call:newMedia'));
  client.call.getStats(id);
  const [, { result }] = await world.until(() => heard.find(([type]) => type === 'call:statsReceived'));
  const sent = [...result.values()].filter(({ type }) => type === 'outbound-rtp').map(({ kind, packetsSent }) => [kind, packetsSent > 0]);
  assert.deepEqual(sent, [['audio', true], ['video', true]]);
  assert.deepEqual(heard.filter(([type]) => type.endsWith(':error')), []);
});

test('a network that is cut is said at once, and comes back', async () => {
  const id = await talking();
  let [offline, online] = [0, 0];
  addEventListener('offline', () => (offline += 1));
  addEventListener('online', () => (online += 1));
  world.network.cut();
  await world.advance(0);
  assert.deepEqual(connection(), { isConnected: false, isPending: true });
  assert.equal(navigator.onLine, false);
  await world.advance(6_000);
  world.network.restore();
  await world.until(() => client.getConnection().isConnected);
  assert.deepEqual([offline, online, navigator.onLine], [1, 1, true]);
  assert.equal(state(id), 'Connected', 'the call lives on');
  await bob.end();
  await world.until(() => state(id) === 'Ended');
});

test('media that failed are repaired when the network is there again', async () => {
  const id = await talking();
  world.network.cut();
  // Browsers give a connection up after about 25 s, the client after 30 s more.
  await world.advance(27_000);
  assert.equal(state(id), 'Connected');
  world.network.restore();
  await world.advance(60_000);
  assert.deepEqual([state(id), bob.currentCall?.state], ['Connected', 'Connected']);
  client.call.getStats(id);
  const [, { result }] = await world.until(() => heard.find(([type]) => type === 'call:statsReceived'));
  assert.equal([...result.values()].find(({ type }) => type === 'transport').iceState, 'connected');
});

test('what happens during a loss is told after it', async () => {
  const id = await talking();
  world.network.cut();
  await bob.end();
  await bob.sendMessage(ALICE, 'Where are you?');
  await world.advance(5_000);
  assert.equal(state(id), 'Connected', 'nobody could tell');
  world.network.restore();
  await world.until(() => state(id) === 'Ended');
  await world.until(() => client.conversation.get(BOB)?.getMessages().length === 1);
});

test('a network that falls silent is found out by the checks', async () => {
  // The first check has been answered, so a later one without an answer means something.
  await world.advance(31_000);
  world.network.silence();
  await world.advance(1_000);
  assert.equal(client.getConnection().isConnected, true, 'nothing shows it yet');
  // A check every 30 s, and 10 s for its answer.
  await world.until(() => !client.getConnection().isConnected, { within: 45_000 });
  world.network.restore();
  await world.until(() => client.getConnection().isConnected);
  const id = await talking();
  await bob.end();
  await world.until(() => state(id) === 'Ended');
});

test('sockets that are dropped are opened again', async () => {
  const id = await talking();
  world.network.dropSockets();
  await world.until(() => !client.getConnection().isConnected);
  await world.until(() => client.getConnection().isConnected);
  assert.equal(state(id), 'Connected');
});

test('the network of the second user is theirs alone', async () => {
  bob.network.cut();
  await world.until(() => !bob.client.getConnection().isConnected);
  assert.equal(client.getConnection().isConnected, true);
  bob.network.restore();
  await world.until(() => bob.client.getConnection().isConnected);
});

test('media that stop for long end the call', async () => {
  const id = await talking();
  world.network.cut();
  await world.until(() => state(id) === 'Ended', { within: 120_000 });
});

test('a server that answers 500 is told of as long as it does', async () => {
  world.server.fail(500, { path: 'call', times: 1 });
  const refused = client.call.make(BOB, { audio: true });
  await world.until(() => state(refused) === 'Ended');
  const { error } = heard.findLast(([type]) => type === 'call:stateChange')[1];
  assert.ok(error, 'the call says why');
  assert.equal(world.server.requests.filter(({ status }) => status === 500).length, 1);
  await talking();

  world.server.fail(503, { path: /subscription/ });
  const other = world.create();
  const errors = [];
  other.on('auth:error', ({ error }) => errors.push(error.code));
  other.connect(world.credentials(ALICE));
  await world.until(() => errors.length > 0);
  world.server.restore();
  other.connect(world.credentials(ALICE));
  await world.until(() => other.getConnection().isConnected);
});

test('what is not simulated is refused in words', async () => {
  const errors = [];
  client.on('messages:error', ({ error }) => errors.push(error.message));
  client.conversation.create(BOB).createMessage({ type: 'file', file: new Blob(['x']), name: 'x.txt' }).send();
  await world.until(() => errors.length > 0);
  assert.match(errors[0], /does not simulate files/);
});

test('messages, presence, contacts and the call history', async () => {
  client.conversation.create(BOB).createMessage('Hello').send();
  await world.until(() => bob.messages.length > 0);
  assert.deepEqual(bob.messages, [{ sender: ALICE, text: 'Hello' }]);
  await bob.sendMessage(ALICE, 'Hello yourself');
  await world.until(() => client.conversation.get(BOB).getMessages().length === 2);

  // What another device of the same user finds at the server.
  const other = world.create();
  other.connect(world.credentials(ALICE));
  await world.until(() => other.getConnection().isConnected);
  other.conversation.fetch();
  await world.until(() => world.server.requests.some(({ path }) => path.endsWith('/rm/threads')));
  await world.advance(10);
  const found = other.conversation.get(BOB);
  found.fetchMessages(10);
  await world.until(() => found.getMessages().length === 2);
  assert.deepEqual(found.getMessages().map(({ own, parts }) => [own, parts[0].text]), [[true, 'Hello'], [false, 'Hello yourself']]);
  other.disconnect();

  client.presence.subscribe([BOB]);
  await bob.setPresence('open', 'away', 'at lunch');
  await world.until(() => client.presence.get([BOB])[0]?.note === 'at lunch');

  client.contacts.add({ contactId: 'bob', primaryContact: BOB, firstName: 'Bob' });
  await world.until(() => heard.some(([type]) => type === 'contacts:new'));
  client.contacts.refresh();
  await world.until(() => client.contacts.getAll().contacts?.length ?? client.contacts.get('bob'));

  const id = await talking();
  client.call.end(id);
  await world.until(() => state(id) === 'Ended');
  client.call.history.fetch();
  await world.until(() => client.call.history.get().some(({ direction }) => direction === 'outgoing'));
});
