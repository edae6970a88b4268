// How a client shows who it is, where it asks, and how logins and logouts fail: what stands in the requests (protocol §1, §2).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { covers } from '../lib/covers.mjs';
import { ALICE, scriptStage, told } from './lib/script-stage.mjs';

const { server, other, ready, signedIn } = await scriptStage();

const { username } = ALICE;
const basic = (name, password) => `basic ${Buffer.from(`${name}:${password}`).toString('base64')}`;
const credential = (...names) => ['connect', ...names.map((name) => `connect(credentials.${name})`)];

/** What is given; how the token is asked for; how requests and the socket show it; what `getUserInfo` says; the rows. */
const FORMS = [
  {
    what: 'UC, name and password',
    given: { ...ALICE, expires: 600 },
    first: ['/v2.0/auth/mk_token', { expires: '600' }, basic(username, 'demo')],
    query: { token: 'AT-1' },
    user: { username, accessToken: 'AT-1', refreshToken: 'RT-1' },
    rows: credential('username', 'password', 'expires'),
  },
  {
    what: 'UC, access token',
    given: { username, accessToken: 'AT-9', refreshToken: 'RT-9', expires: 600 },
    query: { token: 'AT-9' },
    user: { username, accessToken: 'AT-9', refreshToken: 'RT-9' },
    rows: credential('accessToken', 'refreshToken'),
  },
  {
    what: 'UC, refresh token',
    given: { username, refreshToken: 'RT-9', expires: 600 },
    first: ['/v2.0/auth/refresh_token', { expires: '600', token: 'RT-9' }, undefined],
    query: { token: 'AT-2' },
    user: { username, accessToken: 'AT-2', refreshToken: 'RT-2' },
    rows: [...credential('refreshToken', 'expires'), 'UserInfo.refreshToken'],
  },
  {
    what: 'UC, OAuth token',
    given: { username, oauthToken: 'OT-9' },
    query: {},
    headers: { authorization: 'Bearer OT-9' },
    channel: { access_token: 'OT-9' },
    user: { username },
    rows: credential('oauthToken'),
  },
  {
    what: 'Link, name and password',
    flavour: 'link',
    given: ALICE,
    headers: { authorization: basic(username, 'demo') },
    later: { authorization: basic(username, 'demo'), 'x-session': 'X-1' },
    rows: credential('username', 'password'),
  },
  {
    what: 'Link, another name to authenticate with',
    flavour: 'link',
    given: { ...ALICE, authname: 'number-7' },
    headers: { authorization: basic('number-7', 'demo') },
    later: { authorization: basic('number-7', 'demo'), 'x-session': 'X-1' },
    rows: credential('authname'),
  },
  {
    what: 'Link, HMAC token',
    flavour: 'link',
    given: { username, hmacToken: 'HT-9' },
    headers: { 'x-token': 'HT-9' },
    later: { 'x-session': 'X-1' },
    rows: credential('hmacToken'),
  },
];

for (const form of FORMS) {
  test(`what shows who it is: ${form.what}`, async (t) => {
    const { flavour = 'uc', given, first, query = {}, headers = {}, later = headers, channel = query, user = { username } } = form;
    const [one, socket] = await signedIn(flavour, {}, given);
    assert.deepEqual(await one.run(() => page.client.getUserInfo()), user);
    if (first) {
      const asked = await server.asked('GET', /\/auth\//);
      assert.deepEqual([asked.path, asked.query, asked.headers.authorization], first);
    }
    const subscribed = await server.asked('POST', /./);
    assert.equal(subscribed.path, `/rest/version/1/user/${username}/subscription`);
    assertProof(subscribed, query, headers);
    assert.deepEqual([socket.path, socket.query], ['/notification/1.0/websocket/C-1', channel]);
    await one.run(() => page.client.disconnect());
    await one.until('auth:change', { connection: { isConnected: false, isPending: false } });
    const deleted = await server.asked('DELETE', /./);
    assert.equal(deleted.path, `/rest/version/1/user/${username}/subscription/S-1`);
    assertProof(deleted, query, later);
    const asked = server.requests.map(({ method, path }) => `${method} ${path.split('/').at(-1)}`);
    const revoked = flavour === 'uc' ? ['GET revoke_token'] : [];
    assert.deepEqual(asked, [...(first ? [`GET ${first[0].split('/').at(-1)}`] : []), 'POST subscription', 'DELETE S-1', ...revoked]);
    if (flavour === 'uc') assertProof(server.requests.at(-1), query, headers);
    await socket.gone();
    covers(t, 'connect(credentials)', ...form.rows, 'getUserInfo', 'disconnect');
  });
}

test('where a client asks, and for what (UC)', async (t) => {
  const subscription = {
    server: 'localhost', version: 'v7.1', expires: 1_234, service: ['call', 'X'], localization: 'French_CA', useTurn: false, notificationType: 'websocket',
  };
  const [one, socket] = await signedIn('uc', { subscription, websocket: { server: 'localhost', port: other.port } });
  const token = await server.asked('GET', /mk_token$/);
  assert.equal(token.path, '/v7.1/auth/mk_token');
  const { headers, path, body } = await server.asked('POST', /subscription$/);
  assert.equal(headers.host, `localhost:${server.port}`);
  assert.equal(path, `/rest/version/1/user/${username}/subscription`, 'the version is that of the UC service');
  const { supported, ...wish } = body.subscribeRequest;
  // 4.8 has no way to do without servers for media, whatever is configured (protocol §2.1).
  assert.deepEqual(wish, { expires: 1_234, service: ['call', 'X'], localization: 'French_CA', useTurn: true, notificationType: 'websocket' });
  assert.ok(supported.includes('RingingFeedback'));
  assert.deepEqual([socket.path, server.sockets.length], ['/notification/1.0/websocket/C-1', 0]);
  assert.equal(await one.run(() => watch.sockets[0].url), `ws://localhost:${other.port}/notification/1.0/websocket/C-1?token=AT-1`);
  const names = ['server', 'protocol', 'port', 'version', 'expires', 'service', 'localization', 'useTurn', 'notificationType'];
  covers(t, ...names.map((name) => `config authentication.subscription.${name}`));
  covers(t, ...['server', 'protocol', 'port'].map((name) => `config authentication.websocket.${name}`));
});

test('where a client asks, and for what (Link)', async (t) => {
  await signedIn('link', { subscription: { version: '3', expires: 99 } });
  const { path, body, headers } = await server.asked('POST', /./);
  assert.equal(path, `/rest/version/3/user/${username}/subscription`);
  assert.deepEqual([body.subscribeRequest.expires, body.subscribeRequest.service], [99, ['IM', 'Presence', 'call']]);
  assert.deepEqual([headers['content-type'], headers.accept], ['application/json', 'application/json']);
  covers(t, 'config authentication.subscription.version', 'config authentication.subscription.expires', 'config authentication.subscription.service');
});

test('without a server of its own the WebSocket is opened at that of the subscription', async (t) => {
  const [one] = await signedIn('uc', { websocket: { server: undefined } });
  assert.equal(await one.run(() => new URL(watch.sockets[0].url).host), `127.0.0.1:${server.port}`);
  covers(t, 'config authentication.websocket.server');
});

for (const [section, code] of [
  ['subscription', 'authentication:9'],
  ['websocket', 'authentication:2'],
]) {
  test(`without a protocol the server of ${section} is spoken to over TLS`, async (t) => {
    const one = await ready('uc', { [section]: { protocol: undefined, port: other.port }, connectivity: { reconnectLimit: 1 } });
    await one.run((given) => page.client.connect(given), ALICE);
    assert.equal((await one.until('auth:error')).payload.error.code, code);
    assert.ok(other.handshakes.length > 0);
    assert.deepEqual(other.requests, []);
    covers(t, `config authentication.${section}.protocol`, `config authentication.${section}.port`);
  });
}

for (const flavour of ['uc', 'link']) {
  test(`the WebSocket cannot be opened: authentication:2, and the subscription is given back (${flavour})`, async (t) => {
    server.refusing = true;
    const one = await ready(flavour, { connectivity: { reconnectLimit: 2, reconnectDelay: 10 } });
    await one.run((given) => page.client.connect(given), ALICE);
    const { payload, connection } = await one.until('auth:error');
    assert.deepEqual([payload.error.code, connection.isConnected, connection.isPending], ['authentication:2', false, false]);
    assert.deepEqual(connection.error, payload.error);
    assert.equal(server.refused.length, 2);
    await server.asked('DELETE', /\/subscription\/S-1$/);
    assert.deepEqual(await told(one), ['auth:change', 'ws:change', 'auth:error authentication:2'], 'attempts after the first have no event');
    covers(t, 'error authentication:2', 'ConnectionState.error', 'config connectivity.reconnectLimit');
  });

  test(`the subscription is refused: authentication:4 with the server's words (${flavour})`, async (t) => {
    server.answer('POST', /subscription$/, () => ({ status: 403, body: { subscribeResponse: { statusCode: 27, reason: 'No such service.' } } }));
    const one = await ready(flavour);
    await one.run((given) => page.client.connect(given), ALICE);
    const { payload } = await one.until('auth:error');
    assert.equal(payload.error.code, 'authentication:4');
    assert.match(payload.error.message, /Code: 27.*No such service\./);
    covers(t, 'error authentication:4', 'auth:error.error');
  });

  test(`the end of the subscription is refused: authentication:3, and the client is out (${flavour})`, async (t) => {
    server.answer('DELETE', /subscription/, () => ({ status: 500, body: { subscribeResponse: { statusCode: 42 } } }));
    const [one, socket] = await signedIn(flavour);
    await one.run(() => page.client.disconnect());
    const { payload, connection } = await one.until('auth:error');
    assert.deepEqual([payload.error.code, payload.reason, connection.isConnected, connection.isPending], ['authentication:3', undefined, false, false]);
    await socket.gone();
    assert.deepEqual(await one.run(() => page.client.getUserInfo()), {});
    covers(t, 'error authentication:3', 'disconnect');
  });

  test(`the server says gone (${flavour})`, async (t) => {
    const [one, socket] = await signedIn(flavour);
    const before = server.requests.length;
    socket.notify({ eventType: 'gone', eventId: '1', time: 1 });
    const { payload, connection } = await one.until('auth:change', { payload: { reason: 'GONE' } });
    assert.deepEqual(payload, { reason: 'GONE', forced: true });
    assert.deepEqual([connection.isConnected, connection.isPending], [false, false]);
    await socket.gone();
    assert.deepEqual([await one.run(() => page.client.getUserInfo()), server.requests.length], [{}, before], 'nothing is sent');
    covers(t, 'auth:change.reason', 'auth:change.forced', 'disconnectReasons.GONE');
  });
}

test('the token is not revoked: authentication:11 with the reason, and the client is out', async (t) => {
  server.answer('GET', /revoke_token$/, () => ({ status: 401, body: { error: { human: 'The token is no one\'s.' } } }));
  const [one] = await signedIn('uc');
  await one.run(() => page.client.disconnect());
  const { payload, connection } = await one.until('auth:error');
  assert.deepEqual([payload.error.code, connection.isConnected, connection.isPending], ['authentication:11', false, false]);
  assert.match(payload.reason, /The token is no one's\./);
  assert.deepEqual(await one.run(() => page.client.getUserInfo()), {});
  covers(t, 'error authentication:11', 'auth:error.reason');
});

test('a server that cannot revoke a token does not spoil the logout', async (t) => {
  for (const answer of [{ status: 503, body: { error: { human: 'Later.' } } }, {}]) {
    server.answer('GET', /revoke_token$/, () => answer);
    const [one] = await signedIn('uc');
    await one.run(() => page.client.disconnect());
    const { payload } = await one.until('auth:change', { connection: { isConnected: false, isPending: false } });
    assert.deepEqual([payload, await one.run(() => page.all('auth:error').length)], [{}, 0]);
    await server.asked('GET', /revoke_token$/);
  }
  covers(t, 'error authentication:11', 'disconnect');
});

for (const [what, path, given] of [
  ['name and password', /mk_token$/, ALICE],
  ['refresh token', /refresh_token$/, { username, refreshToken: 'RT-9' }],
]) {
  test(`no token for a ${what}: authentication:9`, async (t) => {
    server.answer('GET', path, () => ({ status: 401, body: { error: { human: 'Never heard of you.' } } }));
    const one = await ready('uc');
    await one.run((credentials) => page.client.connect(credentials), given);
    const { payload } = await one.until('auth:error');
    assert.deepEqual([payload.error.code, server.requests.length], ['authentication:9', 1]);
    assert.match(payload.error.message, /Never heard of you\./);
    covers(t, 'error authentication:9');
  });
}

/** A request shows whose it is by this alone. */
function assertProof(request, query, headers) {
  const shown = Object.entries(request.headers).filter(([name]) => ['authorization', 'x-token', 'x-session'].includes(name));
  assert.deepEqual([request.query, Object.fromEntries(shown)], [query, headers], `${request.method} ${request.path}`);
}
