// What keeps a login alive: the subscription is extended, the token renewed or replaced (protocol §1.6, §1.10, §2.4).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { covers } from '../lib/covers.mjs';
import { elapse, longWaits } from './lib/clock.mjs';
import { ALICE, scriptStage, told } from './lib/script-stage.mjs';

const { server, signedIn } = await scriptStage();

const { username } = ALICE;
const PATH = `/rest/version/1/user/${username}/subscription/S-1`;

/** So many ms, planned from a little earlier on. */
const about = (ms) => [ms - 5_000, ms];

for (const flavour of ['uc', 'link']) {
  test(`the subscription is extended at half of its life, after a failure at a quarter (${flavour})`, async (t) => {
    const [one] = await signedIn(flavour, { subscription: { expires: 8_000, service: ['call', 'IM'] } });
    await elapse(one, 4_000_000);
    const { path, query, body } = await server.asked('PUT', /./);
    assert.deepEqual([path, query], [PATH, flavour === 'uc' ? { token: 'AT-1' } : {}]);
    assert.deepEqual(body.subscribeRequest, {
      expires: 8_000, service: ['call', 'IM'], localization: 'English_US', useTurn: true, notificationType: 'WebSocket',
    });
    assert.deepEqual((await one.until('auth:resub')).payload, { attemptNum: 1, isFailure: false });

    server.answer('PUT', /./, () => ({ status: 500, body: { subscribeResponse: { statusCode: 36, reason: 'Not now.' } } }));
    await elapse(one, 4_000_000);
    const failed = await one.until('auth:resub');
    const { error, ...rest } = failed.payload;
    assert.deepEqual(rest, { attemptNum: 1, isFailure: true });
    assert.equal(error.code, 'authentication:6');
    assert.match(error.message, /Not now\./);
    assert.equal(failed.connection.isConnected, true, 'a failure is no end');
    await elapse(one, 2_000_000);
    assert.equal((await one.until('auth:resub')).payload.attemptNum, 2);
    server.grant();
    await elapse(one, 1_000_000);
    assert.deepEqual((await one.until('auth:resub')).payload, { attemptNum: 3, isFailure: false });
    assert.ok((await longWaits(one)).includes(4_000_000), 'and so on');
    covers(t, 'auth:resub', 'auth:resub.attemptNum', 'auth:resub.isFailure', 'auth:resub.error', 'error authentication:6', 'config authentication.subscription.expires');
  });
}

test('the token is renewed before its end, by as much as is configured', async (t) => {
  const [one, socket] = await signedIn('uc', { authentication: { earlyRefreshMargin: 1_000 } });
  await elapse(one, ...about(6_200_000));
  const { path, query, headers } = await server.asked('GET', /refresh_token$/);
  assert.deepEqual([path, query, headers['content-type']], ['/v2.0/auth/refresh_token', { expires: '7200', token: 'RT-1' }, 'application/json']);
  const { payload, connection } = await one.until('auth:change');
  assert.deepEqual([payload, connection.isConnected, connection.isPending], [{}, true, false]);
  assert.deepEqual(await one.run(() => page.client.getUserInfo()), { username, accessToken: 'AT-2', refreshToken: 'RT-2' });
  socket.cut();
  assert.deepEqual((await server.opened()).query, { token: 'AT-2' });
  await elapse(one, ...about(6_200_000));
  assert.equal((await server.asked('GET', /refresh_token$/)).query.token, 'RT-2');
  covers(t, 'config authentication.earlyRefreshMargin', 'UserInfo.accessToken', 'UserInfo.refreshToken', 'connect(credentials.expires)');
});

test('a renewal that is not answered is tried again, one that is refused falls back to the password', async (t) => {
  const [one] = await signedIn('uc', { connectivity: { pingInterval: 26_000 } });
  server.answer('GET', /refresh_token$/, () => ({}));
  await elapse(one, ...about(6_900_000));
  await server.asked('GET', /refresh_token$/);
  await one.run(() => page.logged(/could not be renewed/));
  server.answer('GET', /refresh_token$/, () => ({ status: 401, body: { error: { human: 'Too old.' } } }));
  await elapse(one, 30_000);
  await server.asked('GET', /refresh_token$/);
  await server.asked('GET', /mk_token$/);
  const { connection } = await one.until('auth:change');
  assert.deepEqual([connection.isConnected, connection.isPending], [true, false]);
  covers(t, 'config authentication.earlyRefreshMargin');
});

test('a renewal that is refused where there is no password ends the login', async (t) => {
  server.answer('GET', /refresh_token$/, () => ({ status: 401, body: { error: { human: 'Too old.' } } }));
  const [one, socket] = await signedIn('uc', {}, { username, accessToken: 'AT-9', refreshToken: 'RT-9', expires: 1_000 });
  await elapse(one, ...about(700_000));
  await one.until('auth:change', { connection: { isConnected: false, isPending: false } });
  await socket.gone();
  assert.equal((await server.asked('DELETE', /./)).path, PATH);
  covers(t, 'connect(credentials.refreshToken)', 'connect(credentials.expires)');
});

for (const [kind, proof, shown] of [
  ['accessToken', (token) => [{ token }, undefined], { username, accessToken: 'NEW' }],
  ['oauthToken', (token) => [{}, `Bearer ${token}`], { username }],
]) {
  test(`updateToken: another ${kind} from now on`, async (t) => {
    const [one, socket] = await signedIn('uc', {}, { username, [kind]: 'OLD' });
    assert.equal(await one.run((given) => String(page.client.updateToken(given)), { username: 'somebody', [kind]: 'NEW' }), 'undefined');
    const { payload, connection } = await one.until('auth:change');
    assert.deepEqual([payload, connection.isConnected, connection.isPending], [{}, true, false]);
    assert.deepEqual(await one.run(() => page.client.getUserInfo()), shown);
    // The first request after it asks whether the server takes it.
    const { query, headers } = await server.asked('PUT', /./);
    assert.deepEqual([query, headers.authorization], proof('NEW'));
    assert.equal(server.sockets.length, 1, 'the open socket is not touched');
    socket.cut();
    assert.deepEqual((await server.opened()).query, { [kind === 'accessToken' ? 'token' : 'access_token']: 'NEW' });
    const [{ level, args }] = await one.run(() => lines.filter(({ message }) => message.includes('updateToken')));
    assert.deepEqual([level, args], ['debug', [{ username: 'somebody' }]]);
    assert.equal(await one.run(() => JSON.stringify(lines).includes('NEW')), false, 'tokens are never written');
    covers(t, 'updateToken', 'updateToken(credentials)', `updateToken(credentials.${kind})`, 'updateToken(credentials.username)');
  });
}

test('updateToken without a token changes nothing', async (t) => {
  const [one] = await signedIn('uc');
  const [before, seen] = await one.run(() => [page.client.getUserInfo(), page.seen]);
  assert.deepEqual(await one.run(() => page.attempt('updateToken', [{ username: 'somebody' }])), { outcome: null, events: [] });
  assert.deepEqual(await one.run(() => page.client.getUserInfo()), before);
  assert.deepEqual(await told(one), seen.filter((name) => /^(auth|ws):/.test(name)));
  assert.equal(await one.run(() => lines.filter(({ level }) => level === 'error').length), 1);
  covers(t, 'updateToken(credentials)');
});
