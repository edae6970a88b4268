// A backend as the types see it: compiled by provisioning-package.test.mjs, never run. A line marked as an error has to be one.
import { createProvisioningClient, PRODUCT, ProvisioningError, type Clock, type Meta, type NewSubscriber, type Order, type ProvisioningClient, type ProvisioningConfig, type ProvisioningErrorKind, type Result } from 'kandy-wasm/provisioning';
const config: ProvisioningConfig = { baseUrl: new URL('https://gw.example'), clientId: 'c', clientSecret: 's', apiVersion: 'v1', retries: 3, timeout: 10_000, longestWait: 0, signal: AbortSignal.timeout(1), allowInsecure: false, fetch, random: Math.random };
const clock: Clock = { now: () => Date.now(), wait: async (milliseconds, signal) => { milliseconds.toFixed(); signal.throwIfAborted(); } };
const client: ProvisioningClient = createProvisioningClient({ ...config, clock });
const ordered: Promise<Result<Order>> = client.order.create({ type: 'increment', quantity: 5, product: PRODUCT, reference: 'r' }, { idempotencyKey: 'k', requestId: 'r', signal: AbortSignal.timeout(1) });
ordered.then(({ orderNumber, status, createdAt, fulfilledAt, meta }) => { const m: Meta = meta; status === 'pendingApproval'; createdAt.getTime(); fulfilledAt?.getTime(); m.quota?.reset.getTime(); orderNumber.length; });
client.order.list({ type: 'decrement', status: 'failed', from: new Date(), to: '2026-11-21T00:00:00Z', page: 1, pageSize: 100 }).then(({ orders, totalPages }) => orders.length + totalPages);
client.inventory.get().then(({ products: [first], billing }) => { first?.available.toFixed(); billing?.peak[PRODUCT]?.toFixed(); });
client.subscriber.create().then((made: NewSubscriber) => { made.password?.length; made.connection?.port.toFixed(); made.expiresAt?.getTime(); });
client.subscriber.create({ userId: 'anna', type: 'temporary', expiresAt: new Date(), customData: { any: ['thing'] } });
client.subscriber.delete('id'); client.subscriber.delete({ userId: 'anna' }); client.subscriber.delete({ identity: 'anna@acme.example' });
client.subscriber.setPassword('id').then(({ password, sessionsEnded }) => password.length + sessionsEnded);
client.usage.get('2026-11').then(({ products }) => products.map(({ peak, reachedAt }) => [peak, reachedAt?.getTime()]));
const { create } = client.subscriber; create({ displayName: 'Anna' });
const kinds: Record<ProvisioningErrorKind, number> = { badRequest: 0, unauthorized: 0, forbidden: 0, notFound: 0, precondition: 0, rateLimited: 0, server: 0, transport: 0, browser: 0 };
try { await ordered; } catch (error) { if (error instanceof ProvisioningError) { kinds[error.kind] += 1; error.reset?.getTime(); error.retryAfter?.toFixed(); error.transactionId?.length; error.status === 412; } }
// @ts-expect-error no secret
createProvisioningClient({ baseUrl: 'https://gw.example', clientId: 'c' });
// @ts-expect-error no such direction
client.order.create({ type: 'more', quantity: 1 });
// @ts-expect-error a text is no quantity
client.order.create({ type: 'increment', quantity: '1' });
// @ts-expect-error misspelt
client.subscriber.list({ user: 'anna' });
// @ts-expect-error nobody is meant
client.subscriber.delete();
// @ts-expect-error a read has no such key
client.inventory.get({ idempotencyKey: 'k' });
// @ts-expect-error no such kind
kinds.other;
// @ts-expect-error results are not changed
client.order.get('n').then((order) => { order.quantity = 7; });
