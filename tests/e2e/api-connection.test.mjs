// Login, logout and what the client says of them, against the gateway (api-behaviour 5.1 to 5.3).
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { covers } from '../lib/covers.mjs';
import { assertTidy, configFor, connectCall, openPage, signedIn } from './lib/page.mjs';
import { stage } from './lib/stage.mjs';

const ALICE = { username: 'alice@example.com', password: 'demo' };
const NOTHING = { requested: [], received: [], missing: [], status: 'NONE', services: {} };
const REQUESTED = { uc: ['call', 'IM', 'Presence'], link: ['IM', 'Presence', 'call'] };

// The gateway takes signed tokens where it finds their key.
const KEY = 'a key of twenty letters';
process.env.KANDY_HMAC_KEY = KEY;

const { browsers, gateway } = await stage();

for (const [name, flavour] of [['chromium', 'uc'], ['chromium', 'link'], ['firefox', 'uc']]) {
  test(`connect and disconnect, ${flavour} in ${name}`, async (t) => {
    const one = await ready(name, flavour);
    assert.deepEqual(await shown(one), { connection: { isConnected: false, isPending: false, subscription: NOTHING }, services: NOTHING, user: {} });

    const before = Date.now();
    const called = await one.run((given) => [String(page.client.connect(given)), page.client.getConnection().isPending], ALICE);
    assert.deepEqual(called, ['undefined', true]);
    const begun = await one.until('auth:change');
    assert.deepEqual([begun.payload, begun.connection.isConnected, begun.connection.isPending], [{}, false, true]);
    for (const step of ['an attempt', 'open']) assert.deepEqual((await one.until('ws:change')).payload, { platform: flavour }, step);
    const done = await one.until('auth:change');
    assert.deepEqual([done.payload, done.connection.isConnected, done.connection.isPending], [{}, true, false]);
    assert.deepEqual(await told(one), ['auth:change', 'ws:change', 'ws:change', 'auth:change']);
    covers(t, 'connect', 'connect(credentials)', 'connect(credentials.username)', 'connect(credentials.password)', 'auth:change', 'ws:change', 'ws:change.platform');
    covers(t, 'ConnectionState.isPending');

    const requested = REQUESTED[flavour];
    const full = { requested, received: requested, missing: [], status: 'FULL', services: { call: true, IM: true, Presence: true } };
    const state = await shown(one);
    assert.deepEqual([state.connection, state.services], [{ isConnected: true, isPending: false, subscription: full }, full]);
    covers(t, 'getConnection', 'getServices', 'ConnectionState.isConnected', 'ConnectionState.subscription');
    const { username, accessToken, refreshToken, ...others } = state.user;
    assert.deepEqual([username, others], [ALICE.username, {}]);
    const kind = flavour === 'uc' ? 'string' : 'undefined';
    assert.deepEqual([typeof accessToken, typeof refreshToken], [kind, kind]);
    covers(t, 'getUserInfo', 'UserInfo.username', 'UserInfo.accessToken', 'UserInfo.refreshToken');
    const { connected, pinging, platform, lastContact } = await socketState(one, flavour);
    assert.deepEqual({ connected, pinging, platform }, { connected: true, pinging: true, platform: flavour });
    assert.ok(lastContact >= before && lastContact <= Date.now(), `lastContact ${lastContact}`);
    covers(t, 'SocketState.connected', 'SocketState.pinging', 'SocketState.platform', 'SocketState.lastContact');

    await one.run(() => {
      watch.answering = (method) => void (method === 'DELETE' && (watch.socketAtDeletion = watch.sockets[0].readyState));
    });
    assert.equal(await one.run(() => String(page.client.disconnect())), 'undefined');
    const leaving = await one.until('auth:change');
    assert.deepEqual([leaving.payload, leaving.connection.isConnected, leaving.connection.isPending], [{}, true, true]);
    assert.deepEqual((await one.until('ws:change')).payload, { platform: flavour });
    const left = await one.until('auth:change');
    assert.deepEqual([left.payload, left.connection.isConnected, left.connection.isPending], [{}, false, false]);
    assert.deepEqual((await told(one)).slice(4), ['auth:change', 'ws:change', 'auth:change']);
    assert.deepEqual(await one.run(() => page.shape('auth:change')), {}, 'no key without a value');
    covers(t, 'auth:change.reason', 'auth:change.forced');
    assert.deepEqual(await shown(one), { connection: { isConnected: false, isPending: false, subscription: NOTHING }, services: NOTHING, user: {} });
    assert.deepEqual(await socketState(one, flavour), { connected: false, pinging: false });
    // UC closes the socket before the subscription is deleted, Link afterwards.
    const [CLOSING, OPEN] = [2, 1];
    assert.equal(await one.run(() => watch.socketAtDeletion), flavour === 'uc' ? CLOSING : OPEN);
    await one.run(() => page.closed(watch.sockets[0]));
    assert.deepEqual(await requests(one), [
      ...(flavour === 'uc' ? ['GET mk_token'] : []), 'POST subscription', 'DELETE subscription', ...(flavour === 'uc' ? ['GET revoke_token'] : []),
    ]);
    await assertTidy(one);
    covers(t, 'disconnect');
  });
}

test('services that the server does not have are missing', async (t) => {
  const one = await ready('chromium', 'uc', { service: ['call', 'fax', 'presence'] });
  await connect(one, ALICE);
  assert.deepEqual(await one.run(() => page.client.getServices()), {
    requested: ['call', 'fax', 'presence'],
    received: ['call', 'presence'],
    missing: ['fax'],
    status: 'PARTIAL',
    services: { call: true, fax: false, presence: true },
  });
  covers(t, 'getServices', 'ServicesInfo.requested', 'ServicesInfo.received', 'ServicesInfo.missing', 'ServicesInfo.status', 'ServicesInfo.services');
});

for (const [flavour, code] of [['uc', 'authentication:9'], ['link', 'authentication:4']]) {
  test(`a wrong password: ${code}, and the next login may be right (${flavour})`, async (t) => {
    const one = await ready('chromium', flavour);
    await one.run((given) => page.client.connect(given), { ...ALICE, password: 'wrong' });
    const { payload, connection } = await one.until('auth:error');
    assert.deepEqual([payload.error.name, payload.error.code, payload.reason], ['BasicError', code, undefined]);
    assert.match(payload.error.message, /Wrong user name or password/);
    assert.deepEqual(connection, { isConnected: false, isPending: false, subscription: NOTHING, error: payload.error });
    assert.deepEqual(await told(one), ['auth:change', `auth:error ${code}`]);
    covers(t, 'auth:error', 'auth:error.error', 'ConnectionState.error', `error ${code}`);
    await connect(one, ALICE);
    assert.equal((await one.run(() => page.client.getConnection())).error, undefined);
  });
}

test('a signed token logs in, and the session of the login shows who it is', async (t) => {
  const token = signed({ authenticationTokenRequest: { subscriberId: 'alice', organizationId: 'example.com' } }, KEY);
  const alice = await ready('chromium', 'link');
  await connect(alice, { username: ALICE.username, hmacToken: token });
  const bob = await signedIn(await browsers.get('chromium', 2), gateway, 'bob');
  const [outgoing] = await connectCall(alice, bob, 'bob', { audio: true });
  await alice.run((id) => page.client.call.end(id), outgoing);
  for (const one of [alice, bob]) await one.run(() => page.settled());
  await alice.run(() => page.client.disconnect());
  await alice.until('auth:change', { connection: { isConnected: false, isPending: false } });
  covers(t, 'connect(credentials.hmacToken)');

  await alice.run((given) => page.client.connect(given), { username: ALICE.username, hmacToken: token.slice(0, -2) });
  const { payload } = await alice.until('auth:error');
  assert.equal(payload.error.code, 'authentication:4');
  covers(t, 'error authentication:4');
});

test('credentials of no known form', async (t) => {
  const one = await ready('chromium', 'uc');
  await one.run(() => page.client.connect({}));
  const { payload, connection } = await one.until('auth:error');
  assert.deepEqual([payload.error.code, connection.isConnected, connection.isPending], ['authentication:1', false, false]);
  assert.deepEqual(await told(one), ['auth:change', 'auth:error authentication:1']);
  assert.deepEqual(await requests(one), [], 'nothing is sent');
  covers(t, 'bad connect({})', 'error authentication:1');
});

test('connect while connected is refused, and the session goes on', async (t) => {
  const one = await signedIn(await browsers.get('chromium'), gateway, 'alice');
  const before = await shown(one);
  await one.run((given) => page.client.connect(given), { ...ALICE, username: 'bob@example.com' });
  const { payload } = await one.until('auth:error');
  assert.equal(payload.error.code, 'NO_CODE');
  assert.deepEqual(await shown(one), before);
  assert.deepEqual(await one.run(() => watch.sockets.map(({ readyState }) => readyState)), [1]);
  covers(t, 'connect', 'ConnectionState.isPending');
});

test('disconnect while connecting: one more change, and nothing is left', async (t) => {
  const one = await ready('chromium', 'uc');
  await one.run((given) => {
    page.client.connect(given);
    page.client.disconnect();
  }, ALICE);
  await one.until('auth:change');
  const { connection } = await one.until('auth:change');
  assert.deepEqual([connection.isConnected, connection.isPending], [false, false]);
  assert.deepEqual(await one.run(() => watch.sockets.length), 0);
  await connect(one, ALICE);
  covers(t, 'disconnect');
});

test('disconnect ends the calls before', async (t) => {
  const alice = await signedIn(await browsers.get('chromium', 1), gateway, 'alice');
  const bob = await signedIn(await browsers.get('chromium', 2), gateway, 'bob');
  const [outgoing, incoming] = await connectCall(alice, bob, 'bob', { audio: true });
  await alice.run(() => page.client.disconnect());
  const ended = await alice.until('call:stateChange', { payload: { callId: outgoing } });
  assert.deepEqual([ended.call.state, ended.connection.isConnected, ended.connection.isPending], ['Ended', true, true]);
  await alice.until('auth:change', { connection: { isConnected: false, isPending: false } });
  await bob.until('call:stateChange', { payload: { callId: incoming }, call: { state: 'Ended' } });
  await assertTidy(alice, bob);
  covers(t, 'disconnect');
});

test('updateConnection on Link: a list, or an object with it', async (t) => {
  const one = await signedIn(await browsers.get('chromium'), gateway, 'alice', 'link');
  for (const [given, services] of [[['call'], ['call']], [{ services: ['call', 'IM'] }, ['call', 'IM']]]) {
    assert.equal(await one.run((wanted) => String(page.client.updateConnection(wanted)), given), 'undefined');
    const { payload, connection } = await one.until('auth:change');
    const info = { requested: services, received: services, missing: [], status: 'FULL', services: Object.fromEntries(services.map((name) => [name, true])) };
    assert.deepEqual([payload, connection], [{}, { isConnected: true, isPending: false, subscription: info }]);
  }
  assert.equal((await requests(one)).filter((request) => request === 'PUT subscription').length, 2);
  covers(t, 'updateConnection', 'updateConnection(connection)');

  await one.run(() => {
    watch.answering = (method, path) => (/\/subscription\//.test(path) ? { status: 403, body: { subscribeResponse: { statusCode: 25 } } } : undefined);
    page.client.updateConnection(['Presence']);
  });
  const { payload, connection } = await one.until('auth:error');
  assert.deepEqual([payload.error.code, connection.isConnected, connection.subscription.received], ['authentication:6', true, ['call', 'IM']]);
  covers(t, 'error authentication:6', 'auth:error');
});

test('updateConnection and updateToken do nothing where they have no place', async (t) => {
  for (const [flavour, act, given] of [['uc', 'updateConnection', ['call']], ['link', 'updateToken', { username: ALICE.username, accessToken: 'x' }]]) {
    const one = await signedIn(await browsers.get('chromium'), gateway, 'alice', flavour);
    const [state, sent] = [await shown(one), await requests(one)];
    assert.deepEqual(await one.run((...args) => page.attempt(...args), act, [given]), { outcome: null, events: [] });
    assert.deepEqual([await shown(one), await requests(one)], [state, sent], act);
    covers(t, act);
  }
  const out = await ready('chromium', 'uc');
  assert.deepEqual(await out.run(() => page.attempt('updateToken', [{ accessToken: 'x' }])), { outcome: null, events: [] }, 'before a login');
});

/** A client that is not logged in, whose engine is there. */
async function ready(name, flavour, subscription = {}) {
  const one = await openPage(await browsers.get(name), gateway.url);
  const config = configFor(gateway, flavour);
  Object.assign(config.authentication.subscription, subscription);
  await one.run((given) => {
    page.create(given);
    page.closed = (socket) => socket.readyState === 3 || new Promise((resolve) => socket.addEventListener('close', () => resolve(true)));
  }, config);
  await one.until('devices:change');
  return one;
}

/** A token of the form that the gateway takes: what is signed, and the signature (protocol §1.9). */
function signed(data, key) {
  const text = JSON.stringify(data);
  return `${Buffer.from(text).toString('base64url')}.${createHmac('sha1', key).update(text).digest('hex')}`;
}

async function connect(one, credentials) {
  await one.run((given) => page.client.connect(given), credentials);
  await one.until('auth:change', { connection: { isConnected: true, isPending: false } });
}

/** What the client says of itself. */
function shown(one) {
  return one.run(() => ({ connection: page.client.getConnection(), services: page.client.getServices(), user: page.client.getUserInfo() }));
}

function socketState(one, platform) {
  return one.run((name) => {
    const { connected, pinging, platform: mine, lastContact } = page.client.connection.getSocketState(name);
    return { connected, pinging, platform: mine, lastContact };
  }, platform);
}

/** Events of the connection up to now. */
function told(one) {
  return one.run(() => page.seen.filter((name) => /^(auth|ws):/.test(name)));
}

/** Requests of the client up to now, by method and resource. */
function requests(one) {
  return one.run(() =>
    watch.requests
      .filter(({ path }) => /\/auth\/|\/subscription/.test(path))
      .map(({ method, path }) => `${method} ${/\/auth\/(\w+)|\/(subscription)/.exec(path).slice(1).join('')}`),
  );
}
