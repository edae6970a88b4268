// The WebSocket is lost: what the application sees, how often and after which pauses it is opened again, and when that is given up
// (api-behaviour 5.4 and 6, protocol §3.2, §3.5).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { covers } from '../lib/covers.mjs';
import { elapse } from './lib/clock.mjs';
import { ALICE, scriptStage, told } from './lib/script-stage.mjs';

const { server, signedIn } = await scriptStage();

const NOTHING = { requested: [], received: [], missing: [], status: 'NONE', services: {} };
const LOGIN = ['auth:change', 'ws:change', 'ws:change', 'auth:change'];

for (const name of ['chromium', 'firefox']) {
  test(`a lost socket is opened again at once, on the same channel, without a login (${name})`, async (t) => {
    const [one, socket] = await signedIn('uc', {}, ALICE, name);
    const [{ length: before }, user] = [server.requests, await one.run(() => page.client.getUserInfo())];
    for (const end of [() => socket.cut(), (again) => again.close(1000), (again) => again.close(1011)]) {
      end(server.sockets.at(-1));
      const lost = await one.until('ws:change');
      assert.deepEqual([lost.payload, lost.connection.isConnected, lost.connection.isPending], [{ platform: 'uc' }, false, true]);
      assert.equal((await one.until('ws:change')).connection.isConnected, false, 'an attempt');
      const back = await one.until('ws:change');
      assert.deepEqual([back.connection.isConnected, back.connection.isPending, back.connection.subscription.status], [true, false, 'FULL']);
      const next = await server.opened();
      assert.deepEqual([next.path, next.query], [socket.path, socket.query]);
    }
    assert.deepEqual(await told(one), [...LOGIN, ...Array(9).fill('ws:change')]);
    assert.deepEqual([server.requests.length, await one.run(() => page.client.getUserInfo())], [before, user]);
    covers(t, 'config connectivity.autoReconnect', 'ws:change', 'ConnectionState.isConnected', 'ConnectionState.isPending');
  });
}

test('attempts, their pauses and their end are as configured', async (t) => {
  const connectivity = { reconnectLimit: 5, reconnectDelay: 40_000, reconnectTimeMultiplier: 2, reconnectTimeLimit: 200_000, pingInterval: 1_000_000 };
  const [one, socket] = await signedIn('link', { connectivity, subscription: { expires: 10_000 } });
  server.refusing = true;
  socket.cut();
  // Each pause is up to a quarter shorter or longer, so that clients do not come back together.
  for (const [attempt, pause] of [[1, 40_000], [2, 80_000], [3, 160_000], [4, 200_000]]) {
    await server.until(() => server.refused.length === attempt);
    await server.asked('PUT', /\/subscription\/S-1$/);
    await one.run((times) => page.logged(/could not be opened/, times), attempt);
    await elapse(one, pause * 0.75, pause * 1.25);
  }
  const { payload, connection } = await one.until('auth:change');
  assert.deepEqual(payload, { reason: 'LOST_CONNECTION' });
  assert.deepEqual(connection, { isConnected: false, isPending: false, subscription: NOTHING });
  assert.equal(server.refused.length, 5);
  assert.deepEqual([await one.run(() => page.client.getUserInfo()), await one.run(() => page.client.getServices())], [{}, NOTHING]);
  // The loss and the first attempt; further ones have no event.
  assert.deepEqual((await told(one)).slice(LOGIN.length), ['ws:change', 'ws:change', 'auth:change']);
  covers(t, 'config connectivity.reconnectLimit', 'config connectivity.reconnectDelay', 'config connectivity.reconnectTimeMultiplier');
  covers(t, 'config connectivity.reconnectTimeLimit', 'auth:change.reason', 'disconnectReasons.LOST_CONNECTION', 'getServices', 'getUserInfo');
});

test('without a limit attempts go on', async (t) => {
  const [one, socket] = await signedIn('uc', { connectivity: { reconnectLimit: 0, reconnectDelay: 20 } });
  server.refusing = true;
  socket.cut();
  await server.until(() => server.refused.length > 6);
  server.refusing = false;
  const { connection } = await one.until('ws:change', { connection: { isConnected: true } });
  assert.equal(connection.isPending, false);
  assert.deepEqual((await told(one)).filter((name) => name.startsWith('auth:')), ['auth:change', 'auth:change'], 'those of the login');
  covers(t, 'config connectivity.reconnectLimit', 'config connectivity.reconnectDelay');
});

test('without autoReconnect a loss is the end', async (t) => {
  const [one, socket] = await signedIn('uc', { connectivity: { autoReconnect: false } });
  socket.cut();
  assert.equal((await one.until('ws:change', { connection: { isConnected: false } })).payload.platform, 'uc');
  const { payload, connection } = await one.until('auth:change');
  assert.deepEqual([payload, connection.isConnected, connection.isPending], [{ reason: 'LOST_CONNECTION' }, false, false]);
  assert.deepEqual((await told(one)).slice(LOGIN.length), ['ws:change', 'auth:change']);
  assert.equal(server.sockets.length, 1);
  covers(t, 'config connectivity.autoReconnect', 'auth:change.reason');
});

for (const [flavour, code] of [['uc', 47], ['link', 39]]) {
  test(`a server that has forgotten the login gets a new one by itself (${flavour})`, async (t) => {
    const [one, socket] = await signedIn(flavour, { connectivity: { reconnectDelay: 20 } });
    await server.asked('POST', /subscription$/);
    server.refusing = true;
    server.answer('PUT', /./, () => ({ status: 404, body: { subscribeResponse: { statusCode: code } } }));
    server.answer('POST', /subscription$/, ({ path, body }) => {
      server.refusing = false;
      const { expires, service } = body.subscribeRequest;
      const subscriptionParams = { expires, service: service.slice(0, 2), notificationChannel: '/notification/1.0/websocket/C-2', sessionId: 'X-2' };
      return { body: { subscribeResponse: { statusCode: 0, subscription: `${path}/S-2`, subscriptionParams } } };
    });
    socket.cut();
    await server.asked('POST', /subscription$/);
    assert.equal((await server.opened()).path, '/notification/1.0/websocket/C-2');
    const { payload, connection } = await one.until('auth:change');
    assert.deepEqual([payload, connection.isConnected, connection.isPending], [{}, true, false]);
    assert.deepEqual([connection.subscription.status, connection.subscription.received.length], ['PARTIAL', 2]);
    assert.deepEqual((await told(one)).filter((name) => name.startsWith('auth:')), ['auth:change', 'auth:change', 'auth:change']);
    covers(t, 'auth:change', 'ServicesInfo.status');
  });
}
