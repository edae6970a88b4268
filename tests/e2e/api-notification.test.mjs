// Notifications that come by other ways than the own WebSocket, the ways on which they come, and push (api-behaviour 18, protocol
// §3.8, §3.10, §9.3).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { covers } from '../lib/covers.mjs';
import { ALICE, scriptStage, told } from './lib/script-stage.mjs';

const { server, other, ready, signedIn } = await scriptStage();

const { username } = ALICE;
const DEVICE = { deviceToken: 'D-1', services: ['call', 'IM'], pushProvider: 'apple', clientCorrelator: 'phone-1' };

for (const [flavour, ...args] of [['uc'], ['uc', 'EXTERNAL', 'uc'], ['link'], ['link', 'external', 'link']]) {
  test(`a call that comes by another way rings like any other (${[flavour, ...args].join(', ')})`, async (t) => {
    const [one, socket] = await signedIn(flavour);
    const call = incoming('7');
    assert.equal(await one.run((...given) => String(page.client.notification.process(...given)), call, ...args), 'undefined');
    const { payload } = await one.until('notification:received');
    assert.deepEqual(payload, { payload: call });
    const ringing = await one.until('call:receive');
    assert.deepEqual([ringing.call.state, ringing.call.from], ['Ringing', 'bob@example.com']);
    await server.asked('PUT', /callSessions\/session-1$/);
    // The same one by the WebSocket is no second call. What follows it is another notification.
    socket.send(call);
    socket.send(mark('8'));
    assert.deepEqual((await one.until('notification:received')).payload.payload, mark('8'));
    assert.equal(await one.run(() => page.client.call.getAll().length), 1);
    covers(t, 'notification.process', 'notification.process(notification)', 'notification.process(channel)', 'notification.process(platform)');
    covers(t, 'notification:received', 'notification:received.payload');
  });
}

test('what cannot be processed is a line in the log, and disturbs nothing', async (t) => {
  const [one] = await signedIn('uc');
  const before = await told(one);
  for (const args of [[mark('1'), 'PIGEON'], [mark('2'), null], [{ nothing: 1 }], ['x'], []]) {
    const errors = () => one.run(() => lines.filter(({ level }) => level === 'error').length);
    const so = await errors();
    assert.deepEqual(await one.run((given) => page.attempt('notification.process', given), args), { outcome: null, events: [] });
    assert.equal(await errors(), so + 1, JSON.stringify(args));
  }
  assert.deepEqual(await told(one), before);
  await one.run((given) => page.client.notification.process(given), mark('1'));
  await one.until('notification:received', { payload: { payload: mark('1') } });
  covers(t, 'notification.process(channel)', 'notification.process(notification)');
});

test('as many ids are remembered as is configured', async (t) => {
  const [one] = await signedIn('link', { notifications: { idCacheLength: 2 } });
  const given = ['1', '2', '1', '2', '3', '2', '1', 1];
  await one.run((all) => all.forEach((each) => page.client.notification.process(each)), given.map(mark));
  await one.until('notification:received', { payload: { payload: { notificationMessage: { eventId: 1 } } } });
  const accepted = await one.run(() => page.all('notification:received').map(({ payload }) => payload.payload.notificationMessage.eventId));
  assert.deepEqual(accepted, ['1', '2', '3', '1', 1]);
  // Nothing tells those without an id apart.
  for (const times of [6, 7]) {
    await one.run((given) => page.client.notification.process(given), mark(undefined));
    await one.until('notification:received');
    assert.equal(await one.run(() => page.all('notification:received').length), times);
  }
  covers(t, 'config notifications.idCacheLength', 'notification:received');
});

test('notifications of the WebSocket are switched off and on', async (t) => {
  // The server checks the client, so that its answer shows what it has read.
  const [one, socket] = await signedIn('uc', { connectivity: { method: { type: 'pingPong', responsibleParty: 'server' } } });
  const enable = (on) => one.run((value) => page.client.notification.enableWebsocket(value), on);
  const read = async (times) => {
    socket.send({ connCheck: { interval: 60 } });
    await socket.heard('connAck', times);
  };
  socket.send(mark('1'));
  await one.until('notification:received');
  await enable(false);
  assert.deepEqual((await one.until('notifications:change')).payload, { channel: 'WEBSOCKET' });
  socket.send(mark('2'));
  await read(1);
  await enable(true);
  assert.deepEqual((await one.until('notifications:change')).payload, { channel: 'WEBSOCKET' });
  socket.send(mark('3'));
  const { payload } = await one.until('notification:received');
  assert.deepEqual([payload.payload, await one.run(() => page.all('notification:received').length)], [mark('3'), 2]);
  // Other ways do not depend on it.
  await enable(false);
  await one.run((given) => page.client.notification.process(given), mark('4'));
  await one.until('notification:received', { payload: { payload: mark('4') } });
  assert.deepEqual(await one.run(() => page.attempt('notification.enableWebsocket', ['no'])), { outcome: null, events: [] });
  covers(t, 'notification.enableWebsocket', 'notification.enableWebsocket(enable)', 'notifications:change', 'notifications:change.channel');
});

for (const [flavour, provider, version, query] of [['uc', 'Apple', 'v2.0', { token: 'AT-1' }], ['link', 'google', '1', {}]]) {
  test(`a device is registered, hears, and is deregistered (${flavour}, ${provider})`, async (t) => {
    const [one] = await signedIn(flavour);
    const process = (id) => one.run((...args) => page.client.notification.process(...args), mark(id), 'push');
    await process('1');
    assert.equal(await one.run((given) => String(page.client.notification.registerPush(given)), { ...DEVICE, pushProvider: provider }), 'undefined');
    assert.deepEqual((await one.until('notifications:change')).payload, { channel: 'PUSH' });
    const path = `/rest/version/${version}/user/${username}/push/${provider.toLowerCase()}/devices/`;
    const asked = await server.asked('POST', /\/push\//);
    assert.deepEqual([asked.path, asked.query], [path, query]);
    assert.deepEqual(asked.body, { deviceToken: 'D-1', service: ['call', 'IM'], clientCorrelator: 'phone-1' });
    assert.equal(JSON.stringify(await one.run(() => lines)).includes('D-1'), false, 'whoever has it can send to the device');
    await process('2');
    assert.deepEqual((await one.until('notification:received')).payload.payload, mark('2'));

    assert.equal(await one.run(() => String(page.client.notification.deregisterPush())), 'undefined');
    assert.deepEqual((await one.until('notifications:change')).payload, { channel: 'PUSH' });
    const removed = await server.asked('DELETE', /\/push\//);
    assert.deepEqual([removed.path, removed.query], [`${path}77`, query]);
    await process('3');
    await one.run((given) => page.client.notification.process(given), mark('4'));
    assert.deepEqual((await one.until('notification:received')).payload.payload, mark('4'), 'nothing by push before and after');
    covers(t, 'notification.registerPush', 'notification.registerPush(params)', 'notification.deregisterPush', 'notification.process(channel)');
    covers(t, ...Object.keys(DEVICE).map((name) => `notification.registerPush(params.${name})`), 'notifications:change', 'notifications:change.channel');
  });
}

test('push has a server, a realm and an application of its own', async (t) => {
  const pushRegistration = { protocol: 'http', server: 'localhost', port: other.port, version: '5' };
  const [one] = await signedIn('uc', { notifications: { pushRegistration, realm: 'apps.example', bundleId: 'com.example.app' } });
  await one.run((given) => page.client.notification.registerPush(given), DEVICE);
  await one.until('notifications:change');
  const { path, headers, body } = await other.asked('POST', /\/push\//);
  assert.deepEqual([path, headers.host], [`/rest/version/5/user/${username}/push/apple/devices/`, `localhost:${other.port}`]);
  assert.deepEqual([body.bundleID, body.realm], ['com.example.app', 'apps.example']);
  await one.run(() => page.client.notification.deregisterPush());
  await one.until('notifications:change');
  assert.equal((await other.asked('DELETE', /./)).path, `${path}77`);
  assert.equal(server.requests.some((request) => request.path.includes('push')), false);
  covers(t, 'config notifications.pushRegistration', ...Object.keys(pushRegistration).map((name) => `config notifications.pushRegistration.${name}`));
  covers(t, 'config notifications.realm', 'config notifications.bundleId');
});

test('push without a protocol goes over TLS', async (t) => {
  const [one] = await signedIn('uc', { notifications: { pushRegistration: { server: '127.0.0.1', port: other.port } } });
  await one.run((given) => page.client.notification.registerPush(given), DEVICE);
  await one.until('notifications:error');
  assert.ok(other.handshakes.length > 0);
  covers(t, 'config notifications.pushRegistration.protocol');
});

test('registrations that fail say why', async (t) => {
  const [one] = await signedIn('uc');
  const failed = async (act, given) => {
    await one.run((name, params) => page.client.notification[name](params), act, given);
    const { payload } = await one.until('notifications:error');
    const { error, ...rest } = payload;
    assert.deepEqual([rest, error.name, error.code], [{ channel: 'PUSH' }, 'BasicError', 'NO_CODE']);
    return error.message;
  };
  for (const params of [undefined, {}, { ...DEVICE, deviceToken: '' }, { ...DEVICE, services: 'call' }, { ...DEVICE, pushProvider: 'pigeon' }]) {
    await failed('registerPush', params);
  }
  await failed('deregisterPush');
  assert.equal(server.requests.some(({ path }) => path.includes('push')), false, 'nothing was asked');
  covers(t, 'notification.registerPush(params)', 'notification.registerPush(params.deviceToken)', 'notification.registerPush(params.pushProvider)');

  for (const answer of [
    { status: 403, body: { statusCode: 25, reason: 'No more devices.' } },
    { body: { appleDeviceRegistrationResponse: { statusCode: 25, reason: 'No more devices.' } } },
    { body: { nothing: 1 } },
    {},
  ]) {
    server.answer('POST', /\/push\//, () => answer);
    const words = await failed('registerPush', DEVICE);
    if (answer.status) assert.match(words, /No more devices\./);
  }
  covers(t, 'notifications:error', 'notifications:error.channel', 'notifications:error.error');
  server.grant();
  await one.run((given) => page.client.notification.registerPush(given), DEVICE);
  await one.until('notifications:change');
  server.answer('DELETE', /\/push\//, () => ({ status: 500, body: { statusCode: 36 } }));
  await failed('deregisterPush');
  covers(t, 'notification.deregisterPush', 'notifications:error');
});

test('push and other ways need a login', async (t) => {
  const one = await ready('uc');
  for (const act of ['registerPush', 'deregisterPush']) {
    await one.run((name, given) => page.client.notification[name](given), act, DEVICE);
    const { payload } = await one.until('notifications:error');
    assert.deepEqual([payload.channel, payload.error.code], ['PUSH', 'NO_CODE']);
    assert.match(payload.error.message, /Not connected/);
  }
  assert.deepEqual(await one.run((...args) => page.attempt(...args), 'notification.process', [mark('1')]), { outcome: null, events: [] });
  // The page of the test before gives its subscription back by a request that outlives it.
  const asked = server.requests.filter(({ method, path }) => method !== 'DELETE' || !path.includes('/subscription/'));
  assert.deepEqual(asked, []);
  covers(t, 'notifications:error', 'notification.process');
});

function mark(eventId) {
  return { notificationMessage: { eventType: 'mark', eventId, time: 1 } };
}

/** A call without a description: the callee makes the offer (protocol §4.6.8). */
function incoming(eventId) {
  return {
    notificationMessage: {
      eventType: 'call', eventId, time: 1, sessionParams: { sessionData: 'session-1' },
      callNotificationParams: { callerName: 'Bob', callerDisplayNumber: 'bob@example.com', calleeDisplayNumber: username },
    },
  };
}
