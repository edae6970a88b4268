// How the WebSocket is checked: by whom, with what, how often, and what the lack of an answer means (protocol §3.3, §3.4).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { covers } from '../lib/covers.mjs';
import { elapse, longWaits } from './lib/clock.mjs';
import { scriptStage, told } from './lib/script-stage.mjs';

const { server, signedIn } = await scriptStage();

/** A time between two checks that stands still until the test ends it. */
const LONG = 26_000;
const ACK = { connAck: {} };
const LOGIN = ['auth:change', 'ws:change', 'ws:change', 'auth:change'];

for (const [type, kinds] of [['keepAlive', ['message_type', 'connCheck']], ['pingPong', ['connCheck']]]) {
  test(`${type} by the client: at once, and then after every interval`, async (t) => {
    const method = { type, responsibleParty: 'client' };
    const [one, socket] = await signedIn('uc', { connectivity: { method, pingInterval: LONG } });
    const check = { message_type: { message_type: 'ping' }, connCheck: { connCheck: { interval: LONG / 1_000 } } };
    for (const times of [1, 2, 3]) {
      await socket.heard('connCheck', times);
      assert.deepEqual(socket.frames.map(({ frame }) => frame), Array(times).fill(kinds.map((kind) => check[kind])).flat());
      socket.send(ACK);
      if (times < 3) assert.equal(await elapse(one, LONG), LONG);
    }
    assert.deepEqual(await told(one), LOGIN);
    const { pinging, method: shown, pingInterval } = await one.run(() => page.client.connection.getSocketState('uc'));
    assert.deepEqual([pinging, shown, pingInterval], [true, method, LONG]);
    covers(t, 'config connectivity.method.type', `config connectivity.method.type = ${type}`, 'config connectivity.pingInterval', 'SocketState.pinging');

    // A check by the server is none of the business of a client that checks by itself. What follows shows that it was read.
    socket.send({ connCheck: { interval: 1 } });
    socket.notify({ eventType: 'mark', eventId: '1' });
    await one.until('notification:received');
    assert.equal(socket.frames.filter(({ frame }) => 'connAck' in frame).length, 0);
    covers(t, 'config connectivity.method.responsibleParty', 'config connectivity.method.responsibleParty = client');
  });
}

for (const [asked, interval] of [[1_000, 1], [10, 1]]) {
  test(`an interval of ${asked} ms is ${interval} s in the browser's own time`, async (t) => {
    const [, socket] = await signedIn('uc', { connectivity: { method: 'keepAlive', pingInterval: asked } });
    const pings = await socket.heard('message_type', 4);
    const times = pings.map(({ at }) => at);
    // The first one comes at once, and a busy machine may be late with any.
    const least = Math.min(...times.slice(1).map((at, n) => at - times[n]));
    assert.ok(least > interval * 500, `${times}`);
    assert.ok(times[3] - times[0] > interval * 3_000 - 250, `${times}`);
    covers(t, 'config connectivity.pingInterval');
  });
}

test('a server that answers has to answer, whatever is configured as missed: the loss comes with the first', async (t) => {
  const [one, socket] = await signedIn('uc', { connectivity: { method: 'pingPong', pingInterval: 1_000, maxMissedPings: 50 } });
  await socket.heard('connCheck');
  socket.send(ACK);
  // The next one is not answered.
  await socket.heard('connCheck', 2);
  const lost = await one.until('ws:change', { connection: { isConnected: false, isPending: true } });
  assert.deepEqual(lost.payload, { platform: 'uc' });
  await socket.gone();
  assert.ok(socket.frames.length < 5, `${socket.frames.length} checks`);
  const next = await server.opened();
  assert.equal(next.path, socket.path);
  await one.until('ws:change', { connection: { isConnected: true, isPending: false } });
  covers(t, 'config connectivity.maxMissedPings', 'ConnectionState.isConnected');
});

test('a server that never answered is not expected to', async (t) => {
  const [one, socket] = await signedIn('uc', { connectivity: { method: 'keepAlive', pingInterval: 1_000, maxMissedPings: 1 } });
  await socket.heard('message_type', 4);
  assert.deepEqual([await told(one), server.sockets.length, socket.isClosed], [LOGIN, 1, false]);
  covers(t, 'config connectivity.maxMissedPings');
});

test('the server checks: the client answers, and says nothing of its own', async (t) => {
  const method = { type: 'pingPong', responsibleParty: 'server' };
  const [one, socket] = await signedIn('uc', { connectivity: { method, pingInterval: 1_000 } });
  assert.ok((await longWaits(one)).some((ms) => ms >= 120_000), 'two minutes are assumed at first');
  socket.send({ connCheck: { interval: 60 } });
  await socket.heard('connAck');
  assert.deepEqual(socket.frames.map(({ frame }) => frame), [ACK]);
  const waits = await longWaits(one);
  assert.deepEqual([waits.some((ms) => ms >= 60_000 && ms <= 70_000), waits.some((ms) => ms >= 120_000 && ms < 200_000)], [true, false]);
  // Now it wants to check every second, and does not.
  socket.send({ connCheck: { interval: 1 } });
  await one.until('ws:change', { connection: { isConnected: false, isPending: true } });
  await socket.gone();
  await one.until('ws:change', { connection: { isConnected: true, isPending: false } });
  covers(t, 'config connectivity.method.responsibleParty', 'config connectivity.method.responsibleParty = server', 'config connectivity.method.type = pingPong');
});

test('without checks nothing is sent, until they are switched on', async (t) => {
  const [one, socket] = await signedIn('uc', { connectivity: { checkConnectivity: false, pingInterval: LONG } });
  const state = () => one.run(() => page.client.connection.getSocketState('uc').pinging);
  const enable = (on) => one.run((value) => page.attempt('connection.enableConnectivityChecking', [value]), on);
  const quiet = { outcome: null, events: [] };
  assert.deepEqual([await state(), (await longWaits(one)).includes(LONG), socket.frames], [false, false, []]);
  covers(t, 'config connectivity.checkConnectivity', 'SocketState.pinging');

  assert.deepEqual(await enable(true), quiet);
  await socket.heard('message_type', 1);
  assert.deepEqual([await state(), (await longWaits(one)).includes(LONG)], [true, true]);
  assert.deepEqual(await enable(false), quiet);
  assert.deepEqual([await state(), (await longWaits(one)).includes(LONG)], [false, false]);
  assert.deepEqual(await enable(true), quiet);
  await socket.heard('message_type', 2);
  await elapse(one, LONG);
  await socket.heard('message_type', 3);
  covers(t, 'connection.enableConnectivityChecking', 'connection.enableConnectivityChecking(enable)');
  assert.deepEqual(await enable('yes'), quiet, 'anything else changes nothing');
  assert.equal(await state(), true);
  assert.deepEqual(await told(one), LOGIN);
});
