// The provisioning client: how tokens are fetched, kept, shared and thrown away (provisioning §2).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EMPTY, SECRET, fakeClock, gateway, refused, rejection, token } from './lib/gateway.mjs';

const FOUND = { json: EMPTY };
const EXPIRED = refused(401, 'Unauthorized', 'The token is over.');

test('a token is asked for as the standard says, and one is enough', async (t) => {
  const { client, tokens, requests } = await gateway(t, { 'GET /inventory': [FOUND, FOUND] });
  const { inventory } = client();
  await inventory.get();
  await inventory.get();
  assert.equal(tokens.length, 1);
  const [{ method, query, headers, body }] = tokens;
  assert.deepEqual([method, query], ['POST', { grant_type: 'client_credentials' }]);
  assert.equal(headers['content-type'], 'application/x-www-form-urlencoded');
  assert.ok(!('authorization' in headers));
  assert.deepEqual(Object.fromEntries(new URLSearchParams(body)), { client_id: 'demo-client', client_secret: SECRET });
  assert.deepEqual(requests.map(({ headers: { authorization } }) => authorization), ['Bearer token-1', 'Bearer token-1']);
});

test('no token is fetched before it is needed', async (t) => {
  const { client, tokens } = await gateway(t);
  client();
  await rejection(client().order.get(''));
  assert.equal(tokens.length, 0);
});

test('calls at once share one token request', async (t) => {
  const { client, tokens, requests } = await gateway(t, { 'GET /inventory': Array(20).fill(FOUND) });
  const { inventory } = client();
  await Promise.all(Array.from({ length: 20 }, () => inventory.get()));
  assert.deepEqual([tokens.length, requests.length], [1, 20]);
});

for (const [what, members, lives] of [
  ['an hour, in texts', {}, 3599 - 300],
  ['an hour, in numbers', { expires_in: 3599, issued_at: 1795234800000 }, 3599 - 300],
  ['what is left of it', { expires_in: '900' }, 600],
  ['under ten minutes: half of it', { expires_in: '60' }, 30],
  ['no expires_in: an hour from issued_at', { expires_in: undefined, issued_at: String(Date.parse('2026-11-21T08:30:00Z')) }, 1500],
  ['neither: an hour', { expires_in: undefined, issued_at: undefined }, 3300],
]) {
  test(`a token is renewed five minutes before its end: ${what}`, async (t) => {
    const { client, tokens } = await gateway(t, { token: [token('token-1', members), token('token-2')], 'GET /inventory': [FOUND, FOUND, FOUND] });
    const clock = fakeClock();
    const { inventory } = client({ clock });
    await inventory.get();
    clock.time += lives * 1000 - 1;
    await inventory.get();
    assert.equal(tokens.length, 1, 'still good');
    clock.time += 1;
    await inventory.get();
    assert.equal(tokens.length, 2, 'renewed');
  });
}

test('after a 401 the token is thrown away and the call is repeated once, also a POST and a DELETE', async (t) => {
  const deletion = { subscriberId: '1', identity: 'a@b', deleted: true, product: 'P', sessionsEnded: 0, callsEnded: 0 };
  const { client, tokens, requests } = await gateway(t, { 'DELETE /subscriber/1': [EXPIRED, { json: deletion }], 'POST /order': [EXPIRED, refused(403, 'Forbidden')] });
  const { subscriber, order } = client();
  assert.equal((await subscriber.delete('1')).deleted, true);
  assert.equal((await rejection(order.create({ type: 'increment', quantity: 1 }))).kind, 'forbidden');
  assert.equal(tokens.length, 3);
  assert.deepEqual(requests.map(({ headers: { authorization } }) => authorization), ['Bearer token-1', 'Bearer token-2', 'Bearer token-2', 'Bearer token-3']);
  assert.equal(requests[0].headers['x-request-id'], requests[1].headers['x-request-id']);
});

test('a second 401 is an error, and the next call fetches a new token', async (t) => {
  const { client, tokens, requests } = await gateway(t, { 'GET /inventory': [EXPIRED, EXPIRED, FOUND] });
  const { inventory } = client();
  const error = await rejection(inventory.get());
  assert.deepEqual([error.kind, error.status, error.code, requests.length], ['unauthorized', 401, 'Unauthorized', 2]);
  await inventory.get();
  assert.equal(tokens.length, 3);
});

for (const errorcode of ['oauth.v2.InvalidAccessToken', 'oauth.v2.AccessTokenExpired', 'keymanagement.service.invalid_access_token']) {
  for (const status of [200, 401, 403, 500]) {
    test(`a token fault counts like a 401: ${errorcode} with ${status}`, async (t) => {
      const fault = { status, json: { fault: { faultstring: 'No.', detail: { errorcode } } } };
      const { client, tokens } = await gateway(t, { 'GET /inventory': [fault, FOUND, fault, fault] });
      const { inventory } = client();
      await inventory.get();
      assert.equal(tokens.length, 2);
      const error = await rejection(inventory.get());
      assert.deepEqual([error.kind, error.code, error.status], ['unauthorized', errorcode, status]);
    });
  }
}

test('calls whose token is refused at once fetch one new token together', async (t) => {
  const needsSecond = ({ headers: { authorization } }) => (authorization === 'Bearer token-1' ? EXPIRED : FOUND);
  const { client, tokens } = await gateway(t, { 'GET /inventory': Array(20).fill(needsSecond) });
  const { inventory } = client();
  await Promise.all(Array.from({ length: 10 }, () => inventory.get()));
  assert.equal(tokens.length, 2);
});

test('a refusal that comes late does not throw the new token away', async (t) => {
  const late = resolvers();
  const { client, tokens } = await gateway(t, {
    'GET /order/1': [() => late.promise.then(() => EXPIRED), refused(404, 'OrderNotFound')],
    'GET /inventory': [EXPIRED, FOUND],
  });
  const { order, inventory } = client();
  const slow = rejection(order.get('1'));
  await inventory.get();
  late.resolve();
  assert.equal((await slow).code, 'OrderNotFound');
  assert.equal(tokens.length, 2);
});

test('a wrong secret is an error at once: no second try, and nothing is asked for', async (t) => {
  const { client, tokens, requests } = await gateway(t, { token: { status: 401, json: { ErrorCode: 'invalid_client', Error: 'ClientId is Invalid' } } });
  const error = await rejection(client().inventory.get());
  assert.deepEqual([error.kind, error.code, error.status], ['unauthorized', 'invalid_client', 401]);
  assert.equal(error.message, 'access token: ClientId is Invalid. Check clientId and clientSecret, and that the project is approved.');
  assert.deepEqual([tokens.length, requests.length], [1, 0]);
});

for (const json of [{}, [], { access_token: 7 }, { access_token: '' }, { access_token: 'a\r\nb' }]) {
  test(`a token that cannot be sent is an error: ${JSON.stringify(json)}`, async (t) => {
    const { client, requests } = await gateway(t, { token: { json } });
    const error = await rejection(client().inventory.get());
    assert.deepEqual([error.kind, error.code, requests.length], ['server', 'InvalidAnswer', 0]);
  });
}

test('a failed token request is not kept: the next call tries again', async (t) => {
  const { client, tokens } = await gateway(t, { token: [refused(500, 'InternalError'), token('token-2')], 'GET /inventory': FOUND });
  const { inventory } = client({ retries: 0 });
  assert.equal((await rejection(inventory.get())).kind, 'server');
  await inventory.get();
  assert.equal(tokens.length, 2);
});

test('who gives up waiting for a token does not take it from the others', async (t) => {
  const held = resolvers();
  const server = await gateway(t, { token: () => held.promise.then(() => token('token-1')), 'GET /inventory': FOUND });
  const { inventory } = server.client();
  const control = new AbortController();
  const arrived = server.arrival();
  const [ended, other] = [rejection(inventory.get({ signal: control.signal })), inventory.get()];
  await arrived;
  control.abort();
  assert.equal((await ended).name, 'AbortError');
  held.resolve();
  assert.deepEqual((await other).products, []);
  assert.equal(server.tokens.length, 1);
});

function resolvers() {
  const held = {};
  held.promise = new Promise((resolve) => (held.resolve = resolve));
  return held;
}
