// What the tests of bad networks share: a gateway behind a proxy, a client behind it, and what "nothing was lost" means.
import assert from 'node:assert/strict';
import { startGateway } from './gateway.mjs';
import { assertTidy, configFor, connectCall, flowing, show, signedIn } from './page.mjs';
import { startProxy } from './proxy.mjs';

export const AUDIO = { audio: true };

/** Between two checks of a client, in ms: the least that the engine takes. */
export const PING = 1_000;

/** How long a client may say "connected" after the last proof of life, in ms: the promise of the engine. */
export const DOUBT = PING + 10_000;

/** What a busy machine may add to a time, in ms. */
const SLACK = 1_500;

/** Checks often and never gives up, so that every test is as long as its fault. */
const CONNECTIVITY = { pingInterval: PING, reconnectDelay: 500, reconnectLimit: 0 };

/** A gateway with a proxy in front of it, both ended with the test `t`. */
export async function place(t) {
  let gateway = await startGateway();
  const proxy = await startProxy(gateway);
  const { port } = gateway;
  t.after(async () => {
    await proxy.stop();
    await gateway?.stop();
  });
  return {
    proxy,
    /** The gateway itself. */
    get url() {
      return `http://127.0.0.1:${port}`;
    },
    /** Ends the gateway without a chance to say good-bye. */
    async kill() {
      await gateway.kill();
      gateway = undefined;
    },
    /** A new gateway on the same port. */
    async start() {
      gateway = await startGateway(undefined, port);
    },
  };
}

/** Logs a user in through the proxy, from a page of another origin, as pages of applications are. */
export function signedInBehind(driver, where, user, flavour, connectivity = {}) {
  const { authentication } = configFor(where.proxy, flavour);
  return signedIn(driver, { url: where.proxy.elsewhere }, user, flavour, { authentication, connectivity: { ...CONNECTIVITY, ...connectivity } });
}

/** Alice behind the proxy of a new place, in the browser `one`, and Bob directly at its gateway, in `other`. */
export async function pair(t, browsers, one, other, flavour, connectivity) {
  const where = await place(t);
  const alice = await signedInBehind(await browsers.get(one, 1), where, 'alice', flavour, connectivity);
  const bob = await signedIn(await browsers.get(other, 2), where, 'bob', flavour);
  return { where, alice, bob };
}

/** Resolves when the client says that its connection is lost and coming back; tells after how many ms since `began`. */
export async function lost(one, began = performance.now()) {
  await one.until('ws:change', { connection: { isConnected: false, isPending: true } });
  return performance.now() - began;
}

/** Resolves when the client says that it is connected; what it said before is taken, so that `lost` waits for the next loss. */
export async function connected(one) {
  const state = await one.run(async () => {
    const now = () => page.client.getConnection();
    while (!now().isConnected) await page.next();
    page.pass('ws:change');
    return [now().isConnected, now().isPending, page.seen.slice(-12)];
  });
  assert.deepEqual(state.slice(0, 2), [true, false], state[2].join(', '));
}

/** The client said in time that its connection was in doubt. */
export function assertInTime(elapsed) {
  assert.ok(elapsed < DOUBT + SLACK, `it said "connected" for ${Math.round(elapsed)} ms`);
}

/** Counts what the application hears of its login: a loss that heals is none of its business. */
export function logins(one) {
  return one.run(() => page.all('auth:change').length + page.all('auth:error').length);
}

/** `caller` rings and hangs up, whether or not the callee hears of it. */
export async function missedCall(caller, user) {
  const id = await caller.run((...args) => page.client.call.make(...args), `${user}@example.com`, AUDIO);
  await caller.until('call:start', { payload: { callId: id } });
  await caller.run((call) => page.client.call.end(call), id);
  await caller.until('call:stateChange', { payload: { callId: id }, call: { state: 'Ended' } });
}

/** A call with sound on both sides. */
export async function talking(caller, callee, user) {
  const ids = await connectCall(caller, callee, user, AUDIO);
  await hearing([caller, ids[0]], [callee, ids[1]]);
  return ids;
}

/** Sound arrives on both sides of a call. */
export async function hearing(...sides) {
  for (const [one, id] of sides) await show(one, id);
  await Promise.all(sides.map(([one]) => flowing(one)));
}

/** Hangs up; the call is over on both sides, and nothing of it is left. */
export async function hangUp([one, id], [other, otherId]) {
  await one.run((call) => page.client.call.end(call), id);
  await one.until('call:stateChange', { payload: { callId: id }, call: { state: 'Ended' } });
  await other.until('call:stateChange', { payload: { callId: otherId }, call: { state: 'Ended' } });
  // The end of a call that was missed may come some seconds after the call itself; until then the call waits, unseen.
  for (const page of [one, other]) await page.run(() => watch.allClosed());
  await assertTidy(one, other);
}

/** After everything: a call there, and a call back. */
export async function assertCallsWork(one, user, other, otherUser) {
  // Calls of before are not those that are awaited here.
  for (const side of [one, other]) await side.run(() => page.pass('call:receive'));
  for (const [caller, callee, called] of [[one, other, otherUser], [other, one, user]]) {
    const [outgoing, incoming] = await talking(caller, callee, called);
    await hangUp([caller, outgoing], [callee, incoming]);
  }
}

/**
 * Everything that the gateway has written to this client has come, and nothing came twice; waits for what is on the way. The
 * gateway may take the end of a call back and tell it again under a newer id, as long as the client has not seen the first.
 */
export async function assertNothingLost(one, { notifications }) {
  const { missing, told } = await one.run(async (written) => {
    const is = (wanted) => (heard) =>
      heard.eventId === wanted.eventId ||
      (wanted.eventType === 'callEnd' && heard.eventType === 'callEnd' && heard.session === wanted.session && BigInt(heard.eventId) > BigInt(wanted.eventId));
    const missing = () => written.filter((wanted) => !page.told.some(is(wanted)));
    const patience = new Promise((resolve) => setTimeout(resolve, 20_000));
    const complete = (async () => {
      while (missing().length > 0) await page.next();
    })();
    await Promise.race([complete, patience]);
    return { missing: missing(), told: page.told };
  }, notifications);
  assert.deepEqual(missing, [], `lost; heard was ${JSON.stringify(told)}`);
  assert.ok(told.length > 0);
  await assertNothingDoubled(one);
}

/** Neither a notification nor an event of a call came twice. */
export async function assertNothingDoubled(one) {
  const heard = await one.run(() => {
    const ends = page.all('call:stateChange').filter(({ call }) => call.state === 'Ended');
    const events = [...page.all('call:receive'), ...ends].map(({ type, payload }) => `${type} ${payload.callId}`);
    return [...page.told.map(({ eventId }) => eventId), ...events];
  });
  assert.deepEqual(heard.filter((what, n) => heard.indexOf(what) !== n), [], 'heard twice');
}
