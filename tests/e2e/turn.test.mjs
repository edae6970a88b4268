// Credentials of the gateway at a real relay, with browsers that may use nothing but relays: a call is up if the relay takes them.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, test } from 'node:test';
import { startRelay } from './lib/coturn.mjs';
import { startGateway } from './lib/gateway.mjs';
import { PICTURES, assertTidy, connectCall, flowing, ring, show, signedIn } from './lib/page.mjs';
import { stage } from './lib/stage.mjs';

const SECRET = 'shared-with-the-relays';
/** How long credentials are good where nothing else is set, in seconds. */
const LIFE = 7 * 86_400;
const NOBODY_TO_REACH = { code: 'call:9', message: 'The browser made no offer: OperationError: No network: there is no address for the other side to reach.' };

const relay = await startRelay(SECRET);
after(() => relay.stop());
const { browsers, gateway } = await stage({ turnSecret: SECRET });

for (const [one, other] of [['chromium', 'chromium'], ['chromium', 'firefox']]) {
  test(`a call that only the relay lets through, ${one} calls ${other}`, async (t) => {
    const from = relay.lines;
    const alice = await relayed(one, 1, 'alice');
    const bob = await relayed(other, 2, 'bob');
    const [outgoing, incoming] = await connectCall(alice, bob, 'bob');
    await show(alice, outgoing);
    await show(bob, incoming);
    const [atAlice, atBob] = await Promise.all([flowing(alice, PICTURES), flowing(bob, PICTURES)]);
    t.diagnostic(`decoded frames: ${atAlice.frames}, ${atBob.frames}; audio energy: ${atAlice.energy.toFixed(4)}, ${atBob.energy.toFixed(4)}`);
    const names = [await assertGranted(alice, 'alice@example.com'), await assertGranted(bob, 'bob@example.com')];
    for (const page of [alice, bob]) assert.deepEqual(await usedPairs(page), [['relay', 'relay']]);
    await end(alice, bob);

    for (const name of names) {
      await relay.until(new RegExp(`user <${name}>: incoming packet ALLOCATE processed, success`), from);
      // What it has relayed is told when the browser has given the allocation back. The checks of ICE alone take less than
      // 10,000 bytes; media take them in a moment.
      const [[, bytes]] = await relay.until(new RegExp(`peer usage: realm=<example\\.com>, username=<${name}>, rp=\\d+, rb=(\\d{5,})`), from);
      t.diagnostic(`relayed to ${name}: ${bytes} bytes`);
    }
  });
}

test('a gateway with another secret than the relay: the caller is told that there is no way out, and nobody rings', async (t) => {
  const from = relay.lines;
  const stranger = await startGateway(undefined, undefined, { turnSecret: 'shared-with-other-relays' });
  t.after(() => stranger.stop());
  const alice = await relayed('chromium', 1, 'alice', {}, stranger);
  const bob = await relayed('chromium', 2, 'bob', {}, stranger);
  await assertNoWayOut(alice);
  const { username } = await granted(alice);
  await assertRefused(username, from);
  assert.deepEqual(await bob.run(() => page.client.call.getAll()), []);
  await assertTidy(alice, bob);
});

// The application may have credentials from somewhere else; with such, nobody has to wait for their end.
test('credentials that have ended are refused: there is no offer, and no answer either', async () => {
  const from = relay.lines;
  const [hers, his] = [credentials('alice', -1), credentials('bob', -1)];
  const late = await relayed('chromium', 1, 'alice', hers);
  await assertNoWayOut(late);
  await assertRefused(hers.username, from);

  const alice = await relayed('chromium', 1, 'alice');
  const bob = await relayed('chromium', 2, 'bob', his);
  const [, incoming] = await ring(alice, bob, 'bob');
  await bob.run((id) => page.client.call.answer(id, { audio: true }), incoming);
  // An answer that cannot be made leaves the call as it was.
  const { payload, call } = await bob.until('call:stateChange', { payload: { callId: incoming, error: {} } });
  assert.deepEqual([payload.error.code, call.state], ['call:2', 'Ringing']);
  assert.match(payload.error.message, /there is no address for the other side to reach/);
  await assertRefused(his.username, from);
  await end(alice, bob);
});

test('the same credentials with some time left are taken', async () => {
  const from = relay.lines;
  const his = credentials('bob', 600);
  const alice = await relayed('chromium', 1, 'alice', credentials('alice', 600));
  const bob = await relayed('chromium', 2, 'bob', his);
  const [outgoing] = await connectCall(alice, bob, 'bob');
  await show(alice, outgoing);
  await flowing(alice, PICTURES);
  await relay.until(new RegExp(`user <${his.username}>: incoming packet ALLOCATE processed, success`), from);
  await end(alice, bob);
});

/** Logged in, in a browser that may use nothing but relays. */
async function relayed(name, number, user, own = {}, at = gateway) {
  const one = await signedIn(await browsers.get(name, number), at, user, 'uc', { call: { iceServers: [{ urls: relay.url, ...own }] } });
  await one.run(() => {
    const { RTCPeerConnection } = window;
    window.RTCPeerConnection = class extends RTCPeerConnection {
      constructor(configuration) {
        super({ ...configuration, iceTransportPolicy: 'relay' });
      }
    };
  });
  return one;
}

/** What a relay with the secret takes, for so many seconds from now. */
function credentials(user, seconds) {
  const username = `${Math.floor(Date.now() / 1_000) + seconds}:${user}@example.com`;
  return { username, credential: createHmac('sha1', SECRET).update(username).digest('base64') };
}

/** The credentials with which the browser asked the relay. */
async function granted(one) {
  const { iceServers: [server] } = await one.run(() => watch.configurations.at(-1));
  return server;
}

/** They are the user's, good for a week, and signed; returns the user name, as a pattern finds it. */
async function assertGranted(one, user) {
  const { username, credential } = await granted(one);
  const [until, whose] = username.split(':');
  assert.equal(whose, user);
  const left = Number(until) - Date.now() / 1_000;
  assert.ok(left > LIFE - 60 && left <= LIFE + 1, `${left} s`);
  assert.equal(credential, createHmac('sha1', SECRET).update(username).digest('base64'));
  return username.replaceAll('.', '\\.');
}

/** The kinds of addresses, here and there, of each pair that is used. */
function usedPairs(one) {
  return one.run(async () => {
    const stats = await watch.peers.find(({ connectionState }) => connectionState !== 'closed').getStats();
    const used = [...stats.values()].filter(({ type, nominated, state }) => type === 'candidate-pair' && nominated && state === 'succeeded');
    return used.map((pair) => [pair.localCandidateId, pair.remoteCandidateId].map((id) => stats.get(id).candidateType));
  });
}

/** A call that cannot be offered to anybody, which is told at once. */
async function assertNoWayOut(one) {
  const callId = await one.run(() => page.client.call.make('bob@example.com', { audio: true, video: true }));
  const { payload } = await one.until('call:stateChange', { payload: { callId }, call: { state: 'Ended' } });
  assert.deepEqual({ code: payload.error.code, message: payload.error.message }, NOBODY_TO_REACH);
}

/** The relay says why, and has let this user name do nothing. */
async function assertRefused(username, from) {
  const name = username.replaceAll('.', '\\.');
  await relay.until(new RegExp(`user <${name}>: incoming packet message processed, error 401: Unauthorized`), from);
  assert.deepEqual(relay.said(new RegExp(`user <${name}>: .* success`), from), []);
}

async function end(caller, callee) {
  await caller.run(() => page.client.call.end(page.client.call.getAll().at(-1).id));
  for (const one of [caller, callee]) await one.run(() => page.settled());
  await assertTidy(caller, callee);
}
