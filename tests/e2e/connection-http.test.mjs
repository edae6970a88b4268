// Requests that fail while the socket lives: slow answers, answers of a load balancer, answers that no page may read, and a token that
// is no longer good.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, test } from 'node:test';
import { browserPool } from './lib/browsers.mjs';
import { AUDIO, assertCallsWork, assertNothingLost, connected, hangUp, hearing, logins, lost, pair, place, signedInBehind, talking } from './lib/connection.mjs';
import { signedIn } from './lib/page.mjs';

/** Share of requests that go wrong. */
const SHARE = 0.3;

/** How much later a slow answer comes, in ms. */
const LATE = 5_000;

/** How long a caller waits, in ms: two late answers and some time of their own. */
const PATIENCE = 2 * LATE + 5_000;

const browsers = browserPool();
after(() => browsers.close());

for (const [cors, name, other, flavour] of [[true, 'chromium', 'firefox', 'uc'], [false, 'firefox', 'chromium', 'link']]) {
  test(`30 % of answers come 5 s later or as 503${cors ? '' : ' that the page may not read'}, ${name} (${flavour})`, async (t) => {
    const seed = Number(process.env.SEED ?? 1);
    t.diagnostic(`SEED=${seed}`);
    const { where, alice, bob } = await pair(t, browsers, name, other, flavour);
    const before = await logins(alice);
    for (const page of [alice, bob]) {
      await page.run((media) => {
        page.answering = ({ callId }) => {
          const call = page.client.call.getById(callId);
          if (call.direction === 'incoming' && call.state === 'Ringing') page.client.call.answer(callId, media);
        };
        // Who is told that it did not work tries again.
        page.client.on('call:receive', page.answering);
        page.client.on('call:stateChange', page.answering);
      }, AUDIO);
    }
    where.proxy.fault = weather(seed, cors, (what) => t.diagnostic(what));
    for (let n = 0; n < 3; n += 1) {
      for (const [caller, callee, called] of [[alice, bob, 'bob'], [bob, alice, 'alice']]) t.diagnostic(await tried(caller, callee, called));
    }
    where.proxy.fault = () => undefined;
    for (const page of [alice, bob]) {
      await over(page);
      await page.run(() => ['call:receive', 'call:stateChange'].forEach((type) => page.client.off(type, page.answering)));
    }
    await connected(alice);
    await assertCallsWork(alice, 'alice', bob, 'bob');
    await assertNothingLost(alice, where.proxy);
    assert.equal(await logins(alice), before);
  });
}

for (const [name, other, refreshes] of [['chromium', 'firefox', true], ['firefox', 'chromium', false]]) {
  test(`${refreshes ? 'the access token is' : 'all tokens are'} no longer good in mid-call: there is a new one, ${name} (uc)`, async (t) => {
    const where = await place(t);
    const tokens = { seen: new Set(), expired: new Set() };
    where.proxy.fault = ({ path, query }) => {
      const token = query.get('token');
      if (token === null) return undefined;
      const isRefresh = path.endsWith('/refresh_token');
      if (!isRefresh) tokens.seen.add(token);
      // The gateway itself says what it says about a token that it does not know.
      return tokens.expired.has(token) || (isRefresh && !refreshes) ? { url: `${path}?token=expired` } : undefined;
    };
    const expire = () => tokens.seen.forEach((token) => tokens.expired.add(token));
    const alice = await signedInBehind(await browsers.get(name, 1), where, 'alice', 'uc');
    const bob = await signedIn(await browsers.get(other, 2), where, 'bob', 'uc');
    const [outgoing, incoming] = await talking(alice, bob, 'bob');
    expire();
    await changed(alice, outgoing, 'hold', 'On Hold');
    await changed(alice, outgoing, 'unhold', 'Connected');
    await hearing([alice, outgoing], [bob, incoming]);

    // Now the one that has replaced it, and the socket is the first to notice.
    expire();
    where.proxy.sockets.at(-1).breakOff();
    await lost(alice);
    await connected(alice);
    assert.equal(where.proxy.sockets.length, 1);
    await hangUp([alice, outgoing], [bob, incoming]);
    await assertCallsWork(alice, 'alice', bob, 'bob');
    await assertNothingLost(alice, where.proxy);
    assert.deepEqual(await alice.run(() => page.all('auth:change').filter(({ connection }) => !connection.isConnected && !connection.isPending).length), 0);
  });
}

/** Holds or releases a call: at once, or the refusal is told, and it works as soon as there is a new token. */
async function changed(one, id, act, state) {
  const refused = await one.run(
    async (call, name, wanted) => {
      page.pass('auth:change');
      page.pass('call:stateChange');
      page.client.call[name](call);
      const { payload } = await page.until('call:stateChange', { payload: { callId: call } });
      return payload.error !== undefined && page.client.call.getById(call).state !== wanted;
    },
    id,
    act,
    state,
  );
  if (refused) {
    await one.until('auth:change', { connection: { isConnected: true } });
    await one.run((call, name) => page.client.call[name](call), id, act);
    await one.until('call:stateChange', { payload: { callId: id }, call: { state } });
  }
}

/**
 * A call in bad weather: it connects, or it ends and that is told, or it rings until its user gives up, as when the refusal of the
 * other side was lost; then it is hung up.
 */
async function tried(caller, callee, user) {
  const id = await caller.run((...args) => page.client.call.make(...args), `${user}@example.com`, AUDIO);
  const state = await caller.run(
    async (call, patience) => {
      const now = () => page.client.call.getById(call).state;
      const decided = async () => {
        while (now() !== 'Connected' && now() !== 'Ended') await page.next();
      };
      await Promise.race([decided(), new Promise((resolve) => setTimeout(resolve, patience))]);
      return now();
    },
    id,
    PATIENCE,
  );
  assert.ok(['Connected', 'Ended', 'Ringing'].includes(state), state);
  if (state === 'Ended') {
    const told = await caller.run((call) => page.all('call:stateChange').some(({ payload }) => payload.callId === call && (payload.error || payload.transition)), id);
    assert.ok(told, 'why it ended');
  }
  for (const page of [caller, callee]) await over(page);
  return state;
}

/** Ends whatever is there or still comes, until nothing is left. */
async function over(one) {
  await one.run(async () => {
    const asked = new Set();
    const alive = () => page.client.call.getAll().filter(({ state }) => state !== 'Ended');
    while (alive().length > 0) {
      for (const { id } of alive().filter(({ id }) => !asked.has(id))) {
        asked.add(id);
        page.client.call.end(id);
      }
      await page.next();
    }
  });
}

/** Decides about requests at random: the same seed, the same weather. */
function weather(seed, cors, note) {
  const random = generator(seed);
  return ({ method, path }) => {
    const [bad, kind] = [random() < SHARE, Math.floor(random() * 3)];
    if (!bad) return undefined;
    const fault = [{ delay: LATE }, { status: 503, cors }, { status: 503, cors, reaches: true }][kind];
    note(`${method} ${path.split('/').find((part) => /^(callControl|subscription|notification)$/i.test(part))}: ${JSON.stringify(fault)}`);
    return fault;
  };
}

/** Mulberry32. */
function generator(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
