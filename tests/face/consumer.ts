// An application that uses every entry of the package: compiled by package.test.mjs in every way of finding types, never run.
import kandy, { create, sdpHandlers, BasicError, type CallObject, type Client, type Config } from 'kandy-wasm';
import inlined, { create as createNow, type Client as ClientNow } from 'kandy-wasm/inline';
import { createProvisioningClient, ProvisioningError, type Order } from 'kandy-wasm/provisioning';
import { createTestWorld, type TestUser, type TestWorld } from 'kandy-wasm/testing';

const config: Config = { authentication: { subscription: { server: 'gateway.example' } }, logs: { logLevel: 'warn' } };
const client: Client = create(config);
const now: ClientNow = createNow(config);
const same: Client = now;
client.on('call:stateChange', ({ callId, error }) => {
  const call: CallObject | undefined = same.call.getById(callId);
  if (error instanceof BasicError) throw error;
  call?.state === client.call.states.CONNECTED;
});
kandy.create(config).connect({ username: 'alice@example.com', password: 'demo' });
inlined.sdpHandlers.createCodecRemover(['VP8']) === sdpHandlers.createCodecRemover(['VP8']);
// @ts-expect-error unknown state
same.call.getById('1')?.state === 'Dialling';

const orders = createProvisioningClient({ baseUrl: 'https://gateway.example', clientId: 'c', clientSecret: 's' });
const order: Promise<Order> = orders.order.get('1').catch((error: unknown) => {
  throw error instanceof ProvisioningError ? error : new Error('unknown');
});

async function tested(): Promise<void> {
  const world: TestWorld = await createTestWorld({ users: ['alice@example.com', { user: 'bob@example.com', displayName: 'Bob' }] });
  const theirs: Client = world.create(config);
  const bob: TestUser = world.user('bob@example.com', { platform: 'link' });
  const call: CallObject | undefined = await world.until(() => theirs.call.getAll()[0], { within: 1_000 });
  const same: CallObject | undefined = bob.currentCall ?? call;
  // @ts-expect-error nobody does that with a call
  bob.whenCalled(same ? 'sing' : 'answer');
  await world.close();
}
export { order, tested };
