// The provisioning client: what is tried again, when, how often, and how that is ended (provisioning §8).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { face } from './lib/face.mjs';
import { EMPTY, TIMEOUT, fakeClock, gateway, provisioning, refused, rejection } from './lib/gateway.mjs';

const { systemClock } = await face(['provisioning/clock.ts']);

const FOUND = { json: EMPTY };
const BUSY = refused(503, 'ServiceUnavailable');
const UNQUOTED = { 'quota-limit': '' };

for (const [what, failure] of [
  ...[500, 502, 503, 504].map((status) => [`status ${status}`, refused(status, 'Failed')]),
  ['status 429', { ...refused(429, 'QuotaExceeded'), headers: UNQUOTED }],
  ['a connection that breaks', { lost: true }],
]) {
  test(`a read is tried again after ${what}`, async (t) => {
    const { client, requests } = await gateway(t, { 'GET /inventory': [failure, failure, FOUND] });
    const clock = fakeClock();
    assert.deepEqual((await client({ clock }).inventory.get()).products, []);
    assert.deepEqual([requests.length, clock.pauses], [3, [1000, 2000]]);
    assert.equal(new Set(requests.map(({ headers }) => headers['x-request-id'])).size, 1, 'the same id each time');
  });
}

for (const [status, name] of [[400, 'BadRequest'], [403, 'Forbidden'], [404, 'NotFound'], [412, 'No'], [501, 'No'], [302, 'No']]) {
  test(`a read is not tried again after status ${status}`, async (t) => {
    const { client, requests } = await gateway(t, { 'GET /inventory': refused(status, name) });
    assert.equal((await rejection(client().inventory.get())).status, status);
    assert.equal(requests.length, 1);
  });
}

test('nothing but reads is tried again', async (t) => {
  const { client, requests } = await gateway(t, { 'POST /order': BUSY, 'POST /subscriber': BUSY, 'DELETE /subscriber/1': BUSY, 'PUT /subscriber/1/password': { lost: true } });
  const clock = fakeClock();
  const { order, subscriber } = client({ clock });
  const options = { idempotencyKey: 'k' };
  const attempts = [order.create({ type: 'increment', quantity: 1 }, options), subscriber.create({}, options), subscriber.delete('1'), subscriber.setPassword('1')];
  const errors = await Promise.all(attempts.map(rejection));
  assert.deepEqual(errors.map(({ kind }) => kind), ['server', 'server', 'server', 'transport']);
  assert.deepEqual([requests.length, clock.pauses], [4, []]);
});

test('pauses grow to 30 s; half of each is left to chance', async (t) => {
  for (const [chance, expected] of [
    [1, [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]],
    [0, [500, 1000, 2000, 4000, 8000, 15_000, 15_000]],
  ]) {
    const { client } = await gateway(t, { 'GET /inventory': Array(8).fill(BUSY) });
    const clock = fakeClock();
    const error = await rejection(client({ clock, random: () => chance, retries: 7 }).inventory.get());
    assert.deepEqual([error.kind, clock.pauses], ['server', expected]);
  }
});

test('five times by default, then the last error', async (t) => {
  const { client, requests } = await gateway(t, { 'GET /inventory': [...Array(5).fill(BUSY), refused(502, 'BadGateway'), FOUND] });
  assert.equal((await rejection(client().inventory.get())).status, 502);
  assert.equal(requests.length, 6);
});

for (const [what, headers, expected] of [
  ['retry-after in seconds', { ...UNQUOTED, 'retry-after': '7' }, 7000],
  ['retry-after as a date', { ...UNQUOTED, 'retry-after': 'Sat, 21 Nov 2026 09:00:09 GMT' }, 9000],
  ['retry-after in the past', { ...UNQUOTED, 'retry-after': 'Fri, 20 Nov 2026 09:00:00 GMT' }, 0],
  ['retry-after that is none', { ...UNQUOTED, 'retry-after': 'later' }, 500],
  ['the end of the quota', { 'quota-reset-UTC': '2026-11-21T09:00:20Z' }, 20_000],
  ['an end that is over', { 'quota-reset-UTC': '2026-11-21T08:00:00Z' }, 500],
  ['the longest wait', { ...UNQUOTED, 'retry-after': '60' }, 60_000],
]) {
  test(`the pause is what the server says: ${what}`, async (t) => {
    const { client } = await gateway(t, { 'GET /inventory': [{ ...refused(429, 'QuotaExceeded'), headers }, FOUND] });
    const clock = fakeClock();
    await client({ clock, random: () => 0 }).inventory.get();
    assert.deepEqual(clock.pauses, [expected]);
  });
}

test('up to a second is added to what the server says, so that not all come at once', async (t) => {
  const { client } = await gateway(t, { 'GET /inventory': [{ ...BUSY, headers: { 'retry-after': '7' } }, FOUND] });
  const clock = fakeClock();
  await client({ clock, random: () => 0.5 }).inventory.get();
  assert.deepEqual(clock.pauses, [7500]);
});

test('a pause that is longer than wanted is not made: the error comes at once, with the time', async (t) => {
  const { client, requests } = await gateway(t, { 'GET /inventory': [refused(429, 'QuotaExceeded'), { ...BUSY, headers: { 'retry-after': '61' } }] });
  const clock = fakeClock();
  const { inventory } = client({ clock });
  const [limited, busy] = [await rejection(inventory.get()), await rejection(inventory.get())];
  assert.deepEqual([limited.kind, limited.reset], ['rateLimited', new Date('2026-11-22T00:00:00Z')]);
  assert.deepEqual([busy.kind, busy.retryAfter], ['server', 61]);
  assert.deepEqual([requests.length, clock.pauses], [2, []]);
});

test('a read whose token cannot be fetched is tried again; an order is not', async (t) => {
  const { client, tokens, requests } = await gateway(t, { token: [BUSY, BUSY], 'GET /inventory': FOUND });
  const clock = fakeClock();
  assert.equal((await rejection(client({ clock }).order.create({ type: 'increment', quantity: 1 }))).status, 503);
  assert.deepEqual([tokens.length, requests.length, clock.pauses], [1, 0, []]);
  await client({ clock }).inventory.get();
  assert.deepEqual([tokens.length, requests.length, clock.pauses], [3, 1, [1000]]);
});

test('without retries a read is asked for once', async (t) => {
  const { client, requests } = await gateway(t, { 'GET /inventory': BUSY });
  assert.equal((await rejection(client({ retries: 0 }).inventory.get())).status, 503);
  assert.equal(requests.length, 1);
});

/** Both signals do the same: that of the call, and that of the client. */
for (const whose of ['call', 'client']) {
  const signals = (signal) => (whose === 'call' ? [{}, { signal }] : [{ signal }, {}]);

  test(`ended before it begins, by the signal of the ${whose}: nothing is sent`, async (t) => {
    const server = await gateway(t);
    const reason = new Error('We close.');
    const [config, options] = signals(AbortSignal.abort(reason));
    assert.equal(await rejection(server.client(config).inventory.get(options)), reason);
    assert.equal(server.requests.length + server.tokens.length, 0);
  });

  test(`ended while the answer is awaited, by the signal of the ${whose}`, async (t) => {
    const server = await gateway(t, { 'GET /inventory': { silent: true } });
    const control = new AbortController();
    const clock = fakeClock();
    const [config, options] = signals(control.signal);
    const arrived = server.arrival().then(() => server.arrival());
    const asked = rejection(server.client({ clock, ...config }).inventory.get(options));
    await arrived;
    control.abort();
    assert.equal((await asked).name, 'AbortError');
    await settled();
    assert.deepEqual([server.requests.length, clock.pauses, clock.running()], [1, [], 0]);
  });

  test(`ended during a pause, by the signal of the ${whose}`, async (t) => {
    const { client, requests } = await gateway(t, { 'GET /inventory': BUSY });
    const control = new AbortController();
    const clock = fakeClock();
    const [config, options] = signals(control.signal);
    clock.onPause = (signal) => {
      control.abort(new Error('Enough.'));
      return signal.aborted ? Promise.reject(signal.reason) : Promise.resolve();
    };
    assert.equal((await rejection(client({ clock, ...config }).inventory.get(options))).message, 'Enough.');
    assert.equal(requests.length, 1);
  });
}

test('a fetch that cares for no signal cannot hold the caller', async () => {
  const control = new AbortController();
  const called = [];
  const deaf = () => new Promise(() => control.abort(called.push('fetch')));
  const client = provisioning.createProvisioningClient({ baseUrl: 'https://gw.example', clientId: 'c', clientSecret: 's', fetch: deaf, clock: fakeClock(), timeout: TIMEOUT });
  assert.equal(await rejection(client.inventory.get({ signal: control.signal })), 1);
  assert.deepEqual(called, ['fetch']);
});

test('an answer has 30 s unless one says otherwise', async () => {
  const waits = [];
  const clock = { now: () => 0, wait: async (milliseconds) => void waits.push(milliseconds) };
  const client = provisioning.createProvisioningClient({ baseUrl: 'https://gw.example', clientId: 'c', clientSecret: 's', fetch: () => new Promise(() => {}), clock, retries: 0 });
  assert.equal((await rejection(client.inventory.get())).code, 'Timeout');
  assert.deepEqual(waits, [30_000]);
});

test('the system\'s clock waits, and leaves nothing behind when it is ended', async () => {
  const control = new AbortController();
  const before = systemClock.now();
  await systemClock.wait(1, control.signal);
  assert.ok(systemClock.now() >= before);
  const long = rejection(systemClock.wait(3_600_000, control.signal));
  const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  const running = timers();
  control.abort('enough');
  assert.equal(await long, 'enough');
  assert.equal(timers(), running - 1);
  assert.equal(await rejection(systemClock.wait(1, control.signal)), 'enough');
});

/** What follows from an abort happens in microtasks. */
function settled() {
  return new Promise((resolve) => setImmediate(resolve));
}
