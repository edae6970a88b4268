// The story of the provisioning API from the first order to the one who is forced out in the middle of a call: a server's code on
// one side, two browsers on the other.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createProvisioningClient } from '../../pkg/provisioning.js';
import { PICTURES, assertTidy, connectCall, flowing, show, signedIn } from './lib/page.mjs';
import { stage } from './lib/stage.mjs';

const OPERATOR = 'an-operators-long-key';
const { browsers, gateway } = await stage({ operatorKey: OPERATOR });

/** A client of the account with this id, which the operator makes. */
async function account(accountId, wish = {}) {
  await operator('POST', '/accounts', { accountId, domain: `${accountId}.example`, ...wish });
  const { clientId, clientSecret } = await operator('POST', `/accounts/${accountId}/clients`, {});
  return createProvisioningClient({ baseUrl: gateway.url, clientId, clientSecret });
}

async function operator(method, path, body) {
  const headers = { authorization: `Bearer ${OPERATOR}`, 'content-type': 'application/json' };
  const answer = await fetch(`${gateway.url}/operator/v1${path}`, { method, headers, body: JSON.stringify(body) });
  assert.ok(answer.ok, `${method} ${path}: ${answer.status}`);
  return answer.json();
}

async function stock(api) {
  const { products: [{ total, used, available, pending }] } = await api.inventory.get();
  return { total, used, available, pending };
}

for (const [one, other, flavour] of [['chromium', 'chromium', 'uc'], ['chromium', 'firefox', 'link']]) {
  test(`from an order to being forced out of a call, ${one} and ${other} (${flavour})`, async () => {
    const domain = `acme-${flavour}`;
    const api = await account(domain);
    await assert.rejects(api.subscriber.create({ userId: 'anna' }), { code: 'InsufficientProducts', status: 412 });
    assert.equal((await api.order.create({ type: 'increment', quantity: 2 })).status, 'fulfilled');
    assert.deepEqual(await stock(api), { total: 2, used: 0, available: 2, pending: 0 });
    const anna = await api.subscriber.create({ userId: 'anna', displayName: 'Anna Visser' });
    const bob = await api.subscriber.create({ userId: 'bob', displayName: 'Bob Mulder' });
    assert.deepEqual(await stock(api), { total: 2, used: 2, available: 0, pending: 0 });
    const { port, hostname } = new URL(gateway.url);
    assert.deepEqual(anna.connection, { subscriptionServer: hostname, websocketServer: hostname, protocol: 'http', port: Number(port) });

    const sign = async (driver, { userId, password }) => signedIn(driver, gateway, userId, flavour, {}, { domain: `${domain}.example`, password });
    const atAnna = await sign(await browsers.get(one, 1), anna);
    const atBob = await sign(await browsers.get(other, 2), bob);
    assert.equal((await api.subscriber.get(bob.subscriberId)).online, true);
    const [outgoing, incoming] = await connectCall(atAnna, atBob, 'bob', undefined, `${domain}.example`);
    await show(atAnna, outgoing);
    await show(atBob, incoming);
    await Promise.all([flowing(atAnna, PICTURES), flowing(atBob, PICTURES)]);

    const deleted = await api.subscriber.delete({ userId: 'bob' });
    assert.deepEqual([deleted.deleted, deleted.sessionsEnded, deleted.callsEnded], [true, 1, 1]);
    // Bob is out, and stays out; Anna's call ended like any other.
    const { payload } = await atBob.until('auth:change', { payload: { reason: 'GONE' }, connection: { isConnected: false, isPending: false } });
    assert.equal(payload.forced, true);
    const ended = await atAnna.until('call:stateChange', { payload: { callId: outgoing }, call: { state: 'Ended' } });
    assert.equal(ended.payload.error, undefined);
    await assertTidy(atAnna, atBob);
    assert.deepEqual(await stock(api), { total: 2, used: 1, available: 1, pending: 0 });

    await atBob.run((credentials) => page.client.connect(credentials), { username: bob.identity, password: bob.password });
    const { payload: refused } = await atBob.until('auth:error');
    assert.ok(refused.error.message.length > 10, refused.error.message);
    await atAnna.run((...args) => void page.client.call.make(...args), `bob@${domain}.example`, { audio: true });
    await atAnna.until('call:stateChange', { call: { state: 'Ended', startTime: undefined } });

    assert.equal((await api.order.create({ type: 'decrement', quantity: 1 })).status, 'fulfilled');
    assert.deepEqual(await stock(api), { total: 1, used: 1, available: 0, pending: 0 });
    await assert.rejects(api.order.create({ type: 'decrement', quantity: 1 }), { code: 'ProductsInUse' });
    assert.equal((await api.inventory.get()).billing.peak['KPN-VoiceVideo-C'], 2);
  });
}

test('an order beyond the limit waits for the operator', async () => {
  const api = await account('waits', { limitQuantity: 10 });
  const { orderNumber, status, statusReason } = await api.order.create({ type: 'increment', quantity: 100 });
  assert.deepEqual([status, typeof statusReason], ['pendingApproval', 'string']);
  assert.deepEqual(await stock(api), { total: 0, used: 0, available: 0, pending: 100 });
  await operator('POST', `/accounts/waits/orders/${orderNumber}/approve`, {});
  assert.equal((await api.order.get(orderNumber)).status, 'fulfilled');
  assert.deepEqual(await stock(api), { total: 100, used: 0, available: 100, pending: 0 });
  assert.equal((await api.usage.get(new Date().toISOString().slice(0, 7))).products[0].peak, 100);
});

test('the window of the quota is told, and what is beyond it', async () => {
  const api = await account('quota', { quota: { limit: 2, interval: 1, timeUnit: 'month' } });
  const { meta } = await api.inventory.get();
  assert.deepEqual([meta.quota.limit, meta.quota.used, meta.quota.timeUnit, meta.apiVersion], [2, 1, 'month', 'v1']);
  await api.inventory.get();
  await assert.rejects(api.order.create({ type: 'increment', quantity: 1 }), (error) => {
    assert.deepEqual([error.kind, error.status, error.code], ['rateLimited', 429, 'QuotaExceeded']);
    assert.ok(error.reset > new Date());
    return true;
  });
});
