// The provisioning client: how refusals of servers and failures of networks become errors, and what errors never show.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { EMPTY, SECRET, fakeClock, gateway, provisioning, refused, rejection, token } from './lib/gateway.mjs';

const { ProvisioningError } = provisioning;
const NO_RETRIES = { retries: 0 };
const ORDER = { type: 'increment', quantity: 1 };

/** The four forms of provisioning §6.3 and §2.4, with the same content. */
const FLAT = { transactionId: 'f3f1', status: '412', name: 'InsufficientProducts', message: 'No KPN-VoiceVideo-C available', info: 'total 5, used 5' };
const FORMS = [
  ['flat', FLAT, { code: 'InsufficientProducts', transactionId: 'f3f1', info: 'total 5, used 5' }],
  ['nested', { error: FLAT }, { code: 'InsufficientProducts', transactionId: 'f3f1', info: 'total 5, used 5' }],
  ['gateway fault', { fault: { faultstring: 'No KPN-VoiceVideo-C available', detail: { errorcode: 'steps.Refused' } } }, { code: 'steps.Refused', transactionId: undefined, info: undefined }],
  ['token endpoint', { ErrorCode: 'refused', Error: 'No KPN-VoiceVideo-C available' }, { code: 'refused', transactionId: undefined, info: undefined }],
];

for (const [form, json, { code, transactionId, info }] of FORMS) {
  test(`an error body is understood: ${form}`, async (t) => {
    const { client } = await gateway(t, { 'POST /subscriber': { status: 412, json } });
    const error = await rejection(client().subscriber.create({}, { requestId: 'r-1' }));
    assert.ok(error instanceof ProvisioningError && error instanceof Error);
    assert.deepEqual(
      { name: error.name, kind: error.kind, status: error.status, code: error.code, transactionId: error.transactionId, info: error.info, requestId: error.requestId },
      { name: 'ProvisioningError', kind: 'precondition', status: 412, code, transactionId, info, requestId: 'r-1' },
    );
    assert.match(error.message, /^subscriber\.create: No KPN-VoiceVideo-C available/);
  });
}

test('the sentence of an error helps', async (t) => {
  const { client } = await gateway(t, { 'POST /subscriber': { status: 412, json: FLAT } });
  const { message } = await rejection(client().subscriber.create());
  assert.equal(message, 'subscriber.create: No KPN-VoiceVideo-C available (total 5, used 5). Order more pieces, or delete a subscriber.');
});

for (const [status, name, kind] of [
  [302, 'n/a', 'server'],
  [400, 'InvalidField', 'badRequest'],
  [403, 'Forbidden', 'forbidden'],
  [404, 'OrderNotFound', 'notFound'],
  [405, 'MethodNotAllowed', 'badRequest'],
  [409, 'Conflict', 'precondition'],
  [412, 'ProductsInUse', 'precondition'],
  [415, 'MediaType', 'badRequest'],
  [429, 'QuotaExceeded', 'rateLimited'],
  [500, 'InternalError', 'server'],
  [501, 'NotImplemented', 'server'],
  [502, 'BadGateway', 'server'],
  [503, 'ServiceUnavailable', 'server'],
]) {
  test(`status ${status} is an error of the kind ${kind}, and a POST is sent once`, async (t) => {
    const { client, requests } = await gateway(t, { 'POST /order': refused(status, name) });
    const error = await rejection(client().order.create(ORDER));
    assert.deepEqual([error.kind, error.status, error.code], [kind, status, name]);
    assert.equal(requests.length, 1);
  });
}

for (const body of ['', 'not JSON', '<html>', '[1]', 'null', '"text"', '{"name":7,"message":null,"info":{}}', '{"fault":{}}', '{"error":{}}']) {
  test(`an error body that is none is no trouble: ${body}`, async (t) => {
    const { client } = await gateway(t, { 'GET /inventory': { status: 500, text: body } });
    const error = await rejection(client(NO_RETRIES).inventory.get());
    assert.deepEqual([error.kind, error.status, error.code, error.message], ['server', 500, undefined, 'inventory.get: The server answered 500.']);
  });
}

test('what a server says is cut to 1,000 characters', async (t) => {
  const { client } = await gateway(t, { 'POST /order': refused(400, 'x'.repeat(5000), 'y'.repeat(5000)) });
  const { code, message } = await rejection(client().order.create(ORDER));
  assert.equal(code.length, 1000);
  assert.ok(message.length < 1100);
});

for (const [what, headers, expected] of [
  ['from the quota', {}, new Date('2026-11-22T00:00:00Z')],
  ['from retry-after', { 'quota-limit': '', 'retry-after': '90' }, new Date('2026-11-21T09:01:30Z')],
  ['unknown', { 'quota-limit': '' }, undefined],
  ['unknown, as it is beyond all dates', { 'quota-limit': '', 'retry-after': '999999999999999' }, undefined],
]) {
  test(`rateLimited: when calls pass again is ${what}`, async (t) => {
    const { client } = await gateway(t, { 'POST /order': { ...refused(429, 'QuotaExceeded'), headers } });
    const error = await rejection(client().order.create(ORDER));
    assert.deepEqual(error.reset, expected);
    assert.match(error.message, expected ? /The quota is used up until 2026-11-2[12]T/ : /The quota is used up\.$/);
  });
}

test('a quota fault is rateLimited, whatever its status is', async (t) => {
  const json = { fault: { faultstring: 'Rate limit quota violation', detail: { errorcode: 'policies.ratelimit.QuotaViolation' } } };
  const { client } = await gateway(t, { 'POST /order': { status: 500, json } });
  assert.equal((await rejection(client().order.create(ORDER))).kind, 'rateLimited');
});

test('a redirect is not followed: it could carry the secret elsewhere', async (t) => {
  const elsewhere = await gateway(t);
  const location = `${elsewhere.url}/oauth/client_credential/accesstoken`;
  const { client } = await gateway(t, { token: { status: 307, headers: { location }, json: {} } });
  const error = await rejection(client().inventory.get());
  assert.deepEqual([error.kind, error.status], ['server', 307]);
  assert.match(error.message, /Check baseUrl/);
  assert.equal(elsewhere.tokens.length, 0);
});

for (const [what, reply] of [
  ['no JSON', { text: '<html>' }],
  ['nothing', { text: '' }],
  ['no object', { json: [] }],
  ['a list without its list', { json: {} }],
  ['an element that is none', { json: { products: [7] } }],
  ['a member of a wrong type', { json: { products: [{ product: 'P', total: '5', used: 0, available: 5 }] } }],
]) {
  test(`an answer of 200 that is ${what} is an error, and is not asked for again`, async (t) => {
    const { client, requests } = await gateway(t, { 'GET /inventory': reply });
    const error = await rejection(client().inventory.get());
    assert.deepEqual([error.kind, error.code, error.status], ['server', 'InvalidAnswer', 200]);
    assert.equal(requests.length, 1);
  });
}

test('a time that is none, and a text that is missing', async (t) => {
  const order = { orderNumber: 'ORD-1', type: 'increment', product: 'P', quantity: 1, status: 'fulfilled', createdAt: 'yesterday' };
  const { client } = await gateway(t, { 'GET /order/1': { json: order }, 'POST /order': { status: 201, json: { ...order, orderNumber: undefined } } });
  assert.match((await rejection(client().order.get('1'))).message, /createdAt is no time\.$/);
  assert.match((await rejection(client().order.create(ORDER))).message, /orderNumber is no text\. What was asked for may have been done\.$/);
});

test('an answer of more than 4 MiB is not read to its end', async (t) => {
  const { client } = await gateway(t, { 'GET /inventory': { text: `"${'x'.repeat(4 * 1024 * 1024)}"` } });
  const error = await rejection(client().inventory.get());
  assert.deepEqual([error.kind, error.code], ['server', 'InvalidAnswer']);
  assert.match(error.message, /longer than 4194304 bytes/);
});

test('nobody there: transport, with the word of the network', async (t) => {
  const { url } = await gateway(t);
  const { createServer } = await import('node:net');
  const closed = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => closed.once('listening', resolve));
  const { port } = closed.address();
  await new Promise((resolve) => closed.close(resolve));
  const baseUrl = url.replace(/\d+$/, port);
  const client = provisioning.createProvisioningClient({ baseUrl, clientId: 'c', clientSecret: SECRET, ...NO_RETRIES });
  const error = await rejection(client.inventory.get());
  assert.deepEqual([error.kind, error.code, error.status], ['transport', 'ECONNREFUSED', undefined]);
  assert.match(error.message, /^access token: no answer came \(ECONNREFUSED\)/);
  assert.equal(error.cause.message, 'fetch failed');
});

test('a connection that breaks under a POST: transport, and not sent again', async (t) => {
  const { client, requests } = await gateway(t, { 'POST /order': { lost: true } });
  const error = await rejection(client().order.create(ORDER));
  assert.equal(error.kind, 'transport');
  assert.match(error.message, /may have been done/);
  assert.equal(requests.length, 1);
});

test('a server that never answers: transport, after the time that it has', async (t) => {
  const server = await gateway(t, { 'POST /order': { silent: true } });
  const clock = fakeClock();
  const arrived = server.arrival().then(() => server.arrival());
  const ordered = rejection(server.client({ clock }).order.create(ORDER));
  await arrived;
  clock.expire();
  const error = await ordered;
  assert.deepEqual([error.kind, error.code], ['transport', 'Timeout']);
  assert.match(error.message, /no answer within 12345 ms/);
  assert.equal(clock.running(), 0, 'no timer is left');
});

test('in a web page the client refuses to be made, and says why', (t) => {
  const config = { baseUrl: 'https://gw.example', clientId: 'c', clientSecret: SECRET };
  const make = () => provisioning.createProvisioningClient(config);
  t.after(() => ['window', 'document'].forEach((name) => delete globalThis[name]));
  // As Deno had it.
  globalThis.window = globalThis;
  assert.ok(make());
  globalThis.document = {};
  assert.throws(make, (error) => error instanceof ProvisioningError && error.kind === 'browser' && /in your backend/.test(error.message));
});

/** Everything that a program may do to show something. */
function shown(value) {
  return [String(value), JSON.stringify(value), inspect(value, { depth: 20, showHidden: true, getters: true }), value?.stack].join('\n');
}

test('a client that is shown does not show its secret', async (t) => {
  const { client } = await gateway(t, { 'GET /inventory': { json: EMPTY } });
  const made = client();
  const result = await made.inventory.get();
  for (const text of [shown(made), shown(made.order), shown(result)]) assert.ok(!/s3cret|token-1/.test(text), text);
});

const PASSWORD = 'pass w0rd"of+anna';
const LEAKS = new RegExp([SECRET, 'token-1', PASSWORD].flatMap((text) => [text, JSON.stringify(text).slice(1, -1), encodeURIComponent(text), new URLSearchParams({ x: text }).toString().slice(2)]).map(escaped).join('|'));

function escaped(text) {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

test('a server that repeats what it was sent does not bring it into the error', async (t) => {
  const echo = ({ headers, body }) => refused(400, 'BadRequest', `Bad: ${body}`, { info: `${headers.authorization} ${encodeURIComponent(PASSWORD)}`, transactionId: SECRET });
  const { client } = await gateway(t, { 'POST /subscriber': echo, 'PUT /subscriber/1/password': echo });
  const { subscriber } = client();
  for (const error of [await rejection(subscriber.create({ password: PASSWORD })), await rejection(subscriber.setPassword('1', PASSWORD))]) {
    assert.match(error.message, /Bad: \{.*\[hidden\]/);
    assert.match(error.info, /Bearer \[hidden\] \[hidden\]/);
    assert.equal(error.transactionId, '[hidden]');
    assert.doesNotMatch(shown(error), LEAKS);
  }
});

test('a token endpoint that repeats what it was sent does not bring it into the error', async (t) => {
  const echo = ({ body }) => ({ status: 401, json: { ErrorCode: 'invalid_client', Error: body } });
  const { client } = await gateway(t, { token: echo });
  const error = await rejection(client().inventory.get());
  assert.match(error.message, /client_secret=\[hidden\]/);
  assert.doesNotMatch(shown(error), LEAKS);
});

test('a fetch whose error has the whole request in it does not bring it into ours', async () => {
  const telling = async (url, init) => {
    const cause = Object.assign(new Error(`write: ${init.body}`), { code: 'EPIPE', request: init });
    throw Object.assign(new TypeError('fetch failed', { cause }), { config: init });
  };
  const client = provisioning.createProvisioningClient({ baseUrl: 'https://gw.example', clientId: 'c', clientSecret: SECRET, fetch: telling, ...NO_RETRIES });
  const error = await rejection(client.inventory.get());
  assert.deepEqual([error.kind, error.code, error.cause.cause.message], ['transport', 'EPIPE', 'write: client_id=c&client_secret=[hidden]']);
  assert.doesNotMatch(shown(error), LEAKS);
});

test('an error as JSON has everything but its cause', async (t) => {
  const { client } = await gateway(t, { token: token('token-1'), 'POST /order': refused(429, 'QuotaExceeded', 'Too many.') });
  const error = await rejection(client().order.create(ORDER, { requestId: 'r-1' }));
  assert.deepEqual(JSON.parse(JSON.stringify(error)), {
    name: 'ProvisioningError', message: 'order.create: Too many. The quota is used up until 2026-11-22T00:00:00.000Z.', kind: 'rateLimited', code: 'QuotaExceeded',
    status: 429, transactionId: 'f3f1', reset: '2026-11-22T00:00:00.000Z', requestId: 'r-1',
  });
});
