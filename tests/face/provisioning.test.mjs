// The provisioning client: what each operation sends and returns, what headers tell, and what is refused before anything is sent.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EMPTY, SECRET, fakeClock, gateway, provisioning, rejection } from './lib/gateway.mjs';

const { PRODUCT } = provisioning;
const ID = '5b0c7f1e-3a55-4c57-9d0e-0c6c1c3f7a10';

const META = { apiVersion: 'v1', quota: { limit: 1000, used: 7, interval: 1, timeUnit: 'day', reset: new Date('2026-11-22T00:00:00Z') }, requestId: 'r-1' };

// The samples of provisioning §4.
const ORDER = {
  orderNumber: 'ORD-000000127', type: 'increment', product: PRODUCT, quantity: 5, reference: 'PO-7741', status: 'fulfilled',
  createdAt: '2026-11-21T09:14:03Z', fulfilledAt: '2026-11-21T09:14:03Z',
};
const ORDER_READ = { ...ORDER, createdAt: new Date(ORDER.createdAt), fulfilledAt: new Date(ORDER.fulfilledAt) };
const SUBSCRIBER = {
  subscriberId: ID, userId: 'anna', identity: 'anna@acme.gw.example', product: PRODUCT, type: 'persistent', displayName: 'Anna Visser',
  state: 'active', createdAt: '2026-11-21T09:15:40Z',
};
const SUBSCRIBER_READ = { ...SUBSCRIBER, createdAt: new Date(SUBSCRIBER.createdAt) };
const CONNECTION = { subscriptionServer: 'gw.example', websocketServer: 'gw.example', protocol: 'https', port: 443 };
const PAGE = { page: 1, page_size: 10, total_items: 1, total_pages: 1 };
const PAGE_READ = { page: 1, pageSize: 10, totalItems: 1, totalPages: 1 };
const INVENTORY = {
  products: [{ product: PRODUCT, total: 5, used: 2, available: 3, pending: 0, limitQuantity: 50 }],
  billing: { month: '2026-11', peak: { [PRODUCT]: 5 } },
};
const DELETION = { subscriberId: ID, identity: 'anna@acme.gw.example', deleted: true, product: PRODUCT, sessionsEnded: 2, callsEnded: 1 };
const PASSWORD = { subscriberId: ID, identity: 'anna@acme.gw.example', password: 'q7RkF2m9Zt4LxV8s', sessionsEnded: 2 };

const OPTIONS = { requestId: 'r-1' };
const PENDING = { ...ORDER, quantity: 100, status: 'pendingApproval', statusReason: 'Beyond the limit.', fulfilledAt: undefined };

const OPERATIONS = [
  {
    what: 'order.create',
    run: ({ order }) => order.create({ type: 'increment', quantity: 5, reference: 'PO-7741' }, { ...OPTIONS, idempotencyKey: 'k-1' }),
    sent: { method: 'POST', path: '/order', body: { type: 'increment', product: PRODUCT, quantity: 5, reference: 'PO-7741' } },
    status: 201, json: ORDER, result: ORDER_READ,
  },
  {
    what: 'order.create beyond the limit',
    run: ({ order }) => order.create({ type: 'increment', quantity: 100, product: PRODUCT }, OPTIONS),
    sent: { method: 'POST', path: '/order', body: { type: 'increment', product: PRODUCT, quantity: 100 } },
    status: 202, json: PENDING,
    result: { orderNumber: ORDER.orderNumber, type: 'increment', product: PRODUCT, quantity: 100, reference: 'PO-7741', status: 'pendingApproval', statusReason: 'Beyond the limit.', createdAt: new Date(ORDER.createdAt) },
  },
  {
    what: 'order.list',
    run: ({ order }) => order.list(undefined, OPTIONS),
    sent: { method: 'GET', path: '/order', query: {} },
    json: { orders: [ORDER], ...PAGE }, result: { orders: [ORDER_READ], ...PAGE_READ },
  },
  {
    what: 'order.list with every filter',
    run: ({ order }) => order.list({ orderNumber: 'ORD-1', status: 'fulfilled', type: 'decrement', from: new Date(0), to: '2026-11-21T11:00:00+01:00', page: 2, pageSize: 100 }, OPTIONS),
    sent: { method: 'GET', path: '/order', query: { orderNumber: 'ORD-1', status: 'fulfilled', type: 'decrement', from: '1970-01-01T00:00:00.000Z', to: '2026-11-21T10:00:00.000Z', page: '2', page_size: '100' } },
    json: { orders: [], ...PAGE }, result: { orders: [], ...PAGE_READ },
  },
  {
    what: 'order.get',
    run: ({ order }) => order.get('ORD-000000127', OPTIONS),
    sent: { method: 'GET', path: '/order/ORD-000000127', query: {} },
    json: ORDER, result: ORDER_READ,
  },
  {
    what: 'inventory.get',
    run: ({ inventory }) => inventory.get(OPTIONS),
    sent: { method: 'GET', path: '/inventory', query: {} },
    json: INVENTORY, result: INVENTORY,
  },
  {
    what: 'subscriber.create',
    run: ({ subscriber }) => subscriber.create({ userId: 'anna', displayName: 'Anna Visser' }, { ...OPTIONS, idempotencyKey: 'k-1' }),
    sent: { method: 'POST', path: '/subscriber', body: { product: PRODUCT, userId: 'anna', displayName: 'Anna Visser' } },
    status: 201, json: { ...SUBSCRIBER, password: 'q7RkF2m9Zt4LxV8s', connection: CONNECTION },
    result: { ...SUBSCRIBER_READ, password: 'q7RkF2m9Zt4LxV8s', connection: CONNECTION },
  },
  {
    what: 'subscriber.create with everything',
    run: ({ subscriber }) =>
      subscriber.create({ userId: 'a.b-c_1', password: 'längst genug', product: PRODUCT, type: 'temporary', expiresAt: new Date('2026-11-22T00:00:00Z'), firstName: 'A', lastName: 'V', email: 'a@b', displayName: 'AV', customData: { room: 7 } }, OPTIONS),
    sent: { method: 'POST', path: '/subscriber', body: { userId: 'a.b-c_1', password: 'längst genug', product: PRODUCT, type: 'temporary', expiresAt: '2026-11-22T00:00:00.000Z', firstName: 'A', lastName: 'V', email: 'a@b', displayName: 'AV', customData: { room: 7 } } },
    status: 201, json: { ...SUBSCRIBER, type: 'temporary', expiresAt: '2026-11-22T00:00:00Z', firstName: 'A', lastName: 'V', email: 'a@b', customData: { room: 7 } },
    result: { ...SUBSCRIBER_READ, type: 'temporary', expiresAt: new Date('2026-11-22T00:00:00Z'), firstName: 'A', lastName: 'V', email: 'a@b', customData: { room: 7 } },
  },
  {
    what: 'subscriber.create without a wish',
    run: ({ subscriber }) => subscriber.create(undefined, OPTIONS),
    sent: { method: 'POST', path: '/subscriber', body: { product: PRODUCT } },
    status: 201, json: SUBSCRIBER, result: SUBSCRIBER_READ,
  },
  {
    what: 'subscriber.delete by id',
    run: ({ subscriber }) => subscriber.delete(ID, OPTIONS),
    sent: { method: 'DELETE', path: `/subscriber/${ID}`, query: {} },
    json: DELETION, result: DELETION,
  },
  {
    what: 'subscriber.delete by an object with the id',
    run: ({ subscriber }) => subscriber.delete({ subscriberId: ID }, OPTIONS),
    sent: { method: 'DELETE', path: `/subscriber/${ID}`, query: {} },
    json: DELETION, result: DELETION,
  },
  {
    what: 'subscriber.delete by user id',
    run: ({ subscriber }) => subscriber.delete({ userId: 'anna' }, OPTIONS),
    sent: { method: 'DELETE', path: '/subscriber', query: { userId: 'anna' } },
    json: DELETION, result: DELETION,
  },
  {
    what: 'subscriber.delete by identity',
    run: ({ subscriber }) => subscriber.delete({ identity: 'anna@acme.gw.example' }, OPTIONS),
    sent: { method: 'DELETE', path: '/subscriber', query: { identity: 'anna@acme.gw.example' } },
    json: DELETION, result: DELETION,
  },
  {
    what: 'subscriber.list',
    run: ({ subscriber }) => subscriber.list({ userId: 'anna', type: 'persistent', state: 'active', page: 1, pageSize: 10 }, OPTIONS),
    sent: { method: 'GET', path: '/subscriber', query: { userId: 'anna', type: 'persistent', state: 'active', page: '1', page_size: '10' } },
    json: { subscribers: [{ ...SUBSCRIBER, online: true, lastSeenAt: '2026-11-21T10:00:00Z' }], ...PAGE },
    result: { subscribers: [{ ...SUBSCRIBER_READ, online: true, lastSeenAt: new Date('2026-11-21T10:00:00Z') }], ...PAGE_READ },
  },
  {
    what: 'subscriber.get',
    run: ({ subscriber }) => subscriber.get(ID, OPTIONS),
    sent: { method: 'GET', path: `/subscriber/${ID}`, query: {} },
    json: { ...SUBSCRIBER, online: false, lastSeenAt: null, connection: CONNECTION }, result: { ...SUBSCRIBER_READ, online: false, connection: CONNECTION },
  },
  {
    what: 'subscriber.setPassword',
    run: ({ subscriber }) => subscriber.setPassword(ID, 'q7RkF2m9Zt4LxV8s', OPTIONS),
    sent: { method: 'PUT', path: `/subscriber/${ID}/password`, body: { password: 'q7RkF2m9Zt4LxV8s' } },
    json: PASSWORD, result: PASSWORD,
  },
  {
    what: 'subscriber.setPassword, made by the server',
    run: ({ subscriber }) => subscriber.setPassword(ID, undefined, OPTIONS),
    sent: { method: 'PUT', path: `/subscriber/${ID}/password`, body: {} },
    json: PASSWORD, result: PASSWORD,
  },
  {
    what: 'usage.get',
    run: ({ usage }) => usage.get('2026-10', OPTIONS),
    sent: { method: 'GET', path: '/usage', query: { month: '2026-10' } },
    json: { month: '2026-10', products: [{ product: PRODUCT, peak: 8, reachedAt: '2026-10-05T08:00:00Z' }] },
    result: { month: '2026-10', products: [{ product: PRODUCT, peak: 8, reachedAt: new Date('2026-10-05T08:00:00Z') }] },
  },
];

for (const { what, run, sent, status, json, result } of OPERATIONS) {
  test(`${what}: what is sent and what is returned`, async (t) => {
    const { client, requests } = await gateway(t, { [`${sent.method} ${sent.path}`]: { status, json, headers: { 'x-request-id': 'r-1' } } });
    assert.deepEqual(await run(client({ apiVersion: 'v1' })), { ...result, meta: META });
    assert.equal(requests.length, 1);
    const [{ method, path, query, body, headers }] = requests;
    assert.deepEqual({ method, path, query, body: body && JSON.parse(body) }, { query: {}, body: '', ...sent });
    assert.equal(headers.authorization, 'Bearer token-1');
    assert.equal(headers.accept, 'application/json');
    assert.equal(headers['api-version'], 'v1');
    assert.equal(headers['x-request-id'], 'r-1');
    assert.equal(headers['content-type'], body ? 'application/json' : undefined);
    assert.equal(headers['idempotency-key'], run.toString().includes('k-1') ? 'k-1' : undefined);
  });
}

test('every operation is in the table above', async (t) => {
  const { client } = await gateway(t);
  const all = Object.entries(client()).flatMap(([space, api]) => Object.keys(api).map((name) => `${space}.${name}`));
  assert.deepEqual(all.filter((name) => !OPERATIONS.some(({ what }) => what.startsWith(name))), []);
});

test('a version is asked for only if one is wanted, and each request has an id of its own', async (t) => {
  const { client, requests } = await gateway(t, { 'GET /inventory': [{ json: EMPTY }, { json: EMPTY }] });
  const { inventory } = client();
  const [one, other] = [await inventory.get(), await inventory.get()];
  assert.ok(!('api-version' in requests[0].headers));
  assert.match(one.meta.requestId, /^[\da-f-]{36}$/);
  assert.notEqual(one.meta.requestId, other.meta.requestId);
  assert.deepEqual(requests.map(({ headers }) => headers['x-request-id']), [one.meta.requestId, other.meta.requestId]);
});

for (const base of ['', '/', '/communication/kandy/provisioning', '/communication/kandy/provisioning/', '/behind/a/proxy']) {
  test(`the base URL may end with '${base}'`, async (t) => {
    const server = await gateway(t);
    const asked = [];
    const spying = async (url) => {
      asked.push(new URL(url).pathname);
      return Response.json(asked.length === 1 ? { access_token: 'a' } : EMPTY);
    };
    await server.client({ baseUrl: new URL(`${server.url}${base}`), fetch: spying }).inventory.get();
    const prefix = base === '/behind/a/proxy' ? base : '';
    assert.deepEqual(asked, [`${prefix}/oauth/client_credential/accesstoken`, `${prefix}/communication/kandy/provisioning/inventory`]);
  });
}

const END = new Date('2026-11-21T10:00:00Z');
for (const [what, headers, expected] of [
  ['RFC 3339', { 'quota-reset-UTC': '2026-11-21T10:00:00Z' }, END],
  ['with an offset', { 'quota-reset-UTC': '2026-11-21T11:00:00+01:00' }, END],
  ['without a zone', { 'quota-reset-UTC': '2026-11-21 10:00:00' }, END],
  ['Unix seconds', { 'quota-reset-UTC': String(END.getTime() / 1000) }, END],
  ['Unix milliseconds', { 'quota-reset-UTC': String(END.getTime()) }, END],
  ['an HTTP date', { 'quota-reset-UTC': END.toUTCString() }, END],
  ['nonsense', { 'quota-reset-UTC': 'soon' }, undefined],
  ['a limit that is no number', { 'quota-limit': 'many' }, undefined],
]) {
  test(`the quota ends: ${what}`, async (t) => {
    const { client } = await gateway(t, { 'GET /inventory': { json: EMPTY, headers } });
    const { meta } = await client().inventory.get();
    assert.deepEqual(meta.quota?.reset, expected);
  });
}

test('a sunset is told when there is one', async (t) => {
  const sunset = 'Sat, 31 Dec 2033 23:59:59 GMT';
  const { client } = await gateway(t, { 'GET /inventory': [{ json: EMPTY, headers: { sunset } }, { json: EMPTY, headers: { sunset: 'N/A' } }] });
  const { inventory } = client();
  assert.equal((await inventory.get()).meta.sunset, sunset);
  assert.ok(!('sunset' in (await inventory.get()).meta));
});

test('what a newer server says is passed on or left out, and breaks nothing', async (t) => {
  const { client } = await gateway(t, { 'GET /order/ORD-1': { json: { ...ORDER, status: 'onItsWay', colour: 'red' } } });
  const order = await client().order.get('ORD-1');
  assert.equal(order.status, 'onItsWay');
  assert.ok(!('colour' in order));
});

test('a letter that comes in two pieces is one letter', async (t) => {
  const { client } = await gateway(t);
  const bytes = new TextEncoder().encode(JSON.stringify({ ...SUBSCRIBER, displayName: 'Zoë' }));
  const half = bytes.indexOf(0xc3) + 1;
  const pieces = () => new ReadableStream({ start: (out) => [bytes.slice(0, half), bytes.slice(half)].forEach((piece) => out.enqueue(piece)) || out.close() });
  const fetch = async (url) => (url.includes('token') ? Response.json({ access_token: 'a' }) : new Response(pieces()));
  assert.equal((await client({ fetch }).subscriber.get(ID)).displayName, 'Zoë');
});

test('functions can be taken out of the client', async (t) => {
  const { client } = await gateway(t, { 'GET /inventory': { json: EMPTY } });
  const { get } = client().inventory;
  assert.deepEqual((await get()).products, []);
});

const WRONG = {
  'quantity must be an integer': [
    ...[0, -1, 1.5, 100_001, '5', NaN, undefined].map((quantity) => ({ order }) => order.create({ type: 'increment', quantity })),
  ],
  'type must be increment or decrement': [({ order }) => order.create({ type: 'more', quantity: 1 }), ({ order }) => order.list({ type: 'more' })],
  'reference must be a text of 0 to 64': [({ order }) => order.create({ type: 'increment', quantity: 1, reference: 'x'.repeat(65) })],
  'has the unknown member amount': [({ order }) => order.create({ type: 'increment', amount: 1 })],
  'The order must be an object': [({ order }) => order.create(), ({ order }) => order.create(7)],
  'has the unknown member user': [({ subscriber }) => subscriber.list({ user: 'anna' })],
  'idempotencyKey must be': [
    ({ order }) => order.create({ type: 'increment', quantity: 1 }, { idempotencyKey: 'x'.repeat(65) }),
    ({ subscriber }) => subscriber.create({}, { idempotencyKey: 'with a space' }),
  ],
  'requestId must be': [({ inventory }) => inventory.get({ requestId: 'one\r\ntwo' })],
  'orderNumber must': [({ order }) => order.get('..'), ({ order }) => order.get(''), ({ order }) => order.get('x'.repeat(33))],
  'subscriberId must': [
    ...['.', '..', '', 'a b', 7, undefined].map((id) => ({ subscriber }) => subscriber.get(id)),
    ({ subscriber }) => subscriber.delete('..'), ({ subscriber }) => subscriber.setPassword('..'), ({ subscriber }) => subscriber.delete({ subscriberId: '' }),
  ],
  'userId must be 1 to 64 letters': [
    ...['', 'a b', 'anna@acme', 'ä', 'x'.repeat(65), 7].map((userId) => ({ subscriber }) => subscriber.create({ userId })),
    ({ subscriber }) => subscriber.delete({ userId: 'a b' }),
  ],
  'password must be a text of 8 to 128': [
    ({ subscriber }) => subscriber.create({ password: 'short12' }), ({ subscriber }) => subscriber.create({ password: 'x'.repeat(129) }),
    ({ subscriber }) => subscriber.setPassword(ID, 'short12'), ({ subscriber }) => subscriber.setPassword(ID, null),
  ],
  'expiresAt needs the type temporary': [({ subscriber }) => subscriber.create({ expiresAt: new Date(0) })],
  'expiresAt must be a Date': ['tomorrow', '2026-11-21', new Date(NaN), 0].map((expiresAt) => ({ subscriber }) => subscriber.create({ type: 'temporary', expiresAt })),
  'displayName must be a text': [({ subscriber }) => subscriber.create({ displayName: 'x'.repeat(129) })],
  'customData must be': [
    ({ subscriber }) => subscriber.create({ customData: [] }), ({ subscriber }) => subscriber.create({ customData: { text: 'ä'.repeat(2043) } }),
  ],
  'state must be': [({ subscriber }) => subscriber.list({ state: 'gone' })],
  'Exactly one of': [({ subscriber }) => subscriber.delete({}), ({ subscriber }) => subscriber.delete({ userId: 'a', identity: 'a@b' })],
  'identity must be': [({ subscriber }) => subscriber.delete({ identity: 'anna' })],
  'page must be': [({ order }) => order.list({ page: 0 })],
  'pageSize must be': [({ order }) => order.list({ pageSize: 101 }), ({ subscriber }) => subscriber.list({ pageSize: 0.5 })],
  'month must be': ['2026', '2026-13', '2026-1', undefined].map((month) => ({ usage }) => usage.get(month)),
};

for (const [sentence, attempts] of Object.entries(WRONG)) {
  test(`refused before anything is sent: ${sentence}`, async (t) => {
    const server = await gateway(t);
    for (const attempt of attempts) {
      const error = await rejection(attempt(server.client()));
      assert.ok(error instanceof TypeError, `${attempt}: ${error}`);
      assert.ok(error.message.includes(sentence), error.message);
      assert.doesNotMatch(error.message, /short12/);
    }
    assert.equal(server.requests.length + server.tokens.length, 0);
  });
}

test('what is just right is sent', async (t) => {
  const { client } = await gateway(t, { 'POST /subscriber': Array(3).fill({ status: 201, json: SUBSCRIBER }), 'POST /order': { status: 201, json: ORDER } });
  const { subscriber, order } = client();
  await subscriber.create({ userId: 'A'.repeat(64), customData: { text: 'ä'.repeat(2042) } }, { idempotencyKey: 'x'.repeat(64) });
  await subscriber.create({ password: '😀'.repeat(8) });
  await subscriber.create({ password: '😀'.repeat(128) });
  assert.equal((await order.create({ type: 'decrement', quantity: 100_000, reference: 'x'.repeat(64) })).orderNumber, ORDER.orderNumber);
});

const GOOD = { baseUrl: 'https://gw.example', clientId: 'demo-client', clientSecret: SECRET };
for (const [sentence, wrong] of [
  ['baseUrl must be an address', { baseUrl: 'gw.example' }],
  ['baseUrl must be an address', { baseUrl: undefined }],
  ['baseUrl must be https', { baseUrl: 'http://gw.example' }],
  ['baseUrl must be https', { baseUrl: 'ftp://gw.example', allowInsecure: true }],
  ['baseUrl must not have a user name', { baseUrl: 'https://anna:pass@gw.example' }],
  ['baseUrl must not have a query', { baseUrl: 'https://gw.example/?x=1' }],
  ['clientId must be a text', { clientId: undefined }],
  ['clientSecret must be a text', { clientSecret: '' }],
  ['apiVersion must be', { apiVersion: 'v 1' }],
  ['retries must be an integer from 0 to 10', { retries: 11 }],
  ['timeout must be an integer', { timeout: 0 }],
  ['longestWait must be an integer', { longestWait: -1 }],
]) {
  test(`a client is not made: ${sentence} (${JSON.stringify(wrong)})`, () => {
    assert.throws(
      () => provisioning.createProvisioningClient({ ...GOOD, ...wrong }),
      (error) => error instanceof TypeError && error.message.includes(sentence) && !error.message.includes(SECRET) && !error.message.includes('pass@'),
    );
  });
}

test('http is for the own machine, and for others if one says so', () => {
  for (const config of [{ baseUrl: 'http://localhost:8080' }, { baseUrl: 'http://[::1]:8080' }, { baseUrl: 'http://gw.internal', allowInsecure: true }]) {
    assert.deepEqual(Object.keys(provisioning.createProvisioningClient({ ...GOOD, ...config, clock: fakeClock() })), ['order', 'inventory', 'subscriber', 'usage']);
  }
});
