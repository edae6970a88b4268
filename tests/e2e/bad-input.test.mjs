// The documented bad inputs against the real engine: what is thrown, returned and emitted, before login and after it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ANSWERED } from '../api/differences.mjs';
import { ROWS } from '../api/rows.mjs';
import { covers } from '../lib/covers.mjs';
import { assertTidy, configFor, connectCall, openPage, signedIn } from './lib/page.mjs';
import { stage } from './lib/stage.mjs';

const AUDIO = { audio: true };

/** The documented bad inputs of calls and media; those that take time have tests of their own. */
const DOCUMENTED = ROWS.filter(({ kind, returns }) => kind === 'bad input' && returns !== 'id').map(
  ({ id, function: path, args, throws, emits }) => [path, args, throws, ANSWERED[id]?.events ?? emits.map(short), id],
);

/** function, arguments, what it throws or returns, the events that it causes at once, and the row of the API tables */
const TABLE = [
  ...DOCUMENTED,
  ['call.end', [], undefined],
  ['call.sendDTMF', ['nope'], undefined],
  ['call.getStats', [], undefined],
  ['call.hold', [7], undefined],
  ['connect', [], 'TypeError'],
  ['connect', [null], 'TypeError'],
  ['updateConfig', [], undefined],
  ['updateConfig', [null], undefined],
  ['updateConfig', ['x'], undefined],
  ['updateConfig', [{ call: null, connectivity: { pingInterval: 'soon', method: 7 }, authentication: { subscription: { service: 'call' } } }], undefined],
  ['on', [], undefined],
  ['on', ['no:such'], undefined],
  ['off', ['no:such'], undefined],
  ['subscribe', [], 'Error: Listener not a function'],
  ['unsubscribe', ['x'], 'Error: Listener not a function'],
  ['media.renderTracks', [['nope'], '###'], undefined],
  ['media.removeTracks', [['nope'], '#remote'], undefined],
  ['connection.getSocketState', ['zz'], 'returned Error'],
];

const { browsers, gateway } = await stage();

for (const name of ['chromium', 'firefox']) {
  for (const when of ['before login', 'after login']) {
    test(`${TABLE.length} bad inputs ${when} (${name})`, async (t) => {
      const one = when === 'after login' ? await signedIn(await browsers.get(name), gateway, 'alice') : await ready(name);
      for (const [path, args, outcome, events = [], row] of TABLE) {
        const label = `${path}(${args.map((arg) => JSON.stringify(arg)).join(', ')})`;
        const found = await one.run((...given) => page.attempt(...given), path, args);
        const heard = found.events.filter((event) => !event.startsWith('call:error'));
        assert.deepEqual([found.outcome, heard], [outcome ?? null, events], label);
        // That nobody waits in vain for word of a call that does not exist: an addition to 4.8.
        const told = path.startsWith('call.') && path !== 'call.getById' && args[0] === 'nope' && !outcome;
        if (told) assert.ok(found.events.includes('call:error call:7'), `${label}: ${found.events}`);
        if (row) covers(t, row);
      }
      assert.deepEqual(await one.run(() => watch.thrown), []);
      t.diagnostic(`${TABLE.length} rows`);
    });
  }

  test(`media that asks for nothing: call:4 and no open device (${name})`, async (t) => {
    const one = await signedIn(await browsers.get(name), gateway, 'alice');
    for (const media of ['x', {}, { audio: false }, { audio: 'yes' }]) {
      const id = await one.run((wanted) => page.client.call.make('bob@example.com', wanted), media);
      const { payload } = await one.until('call:stateChange', { payload: { callId: id }, call: { state: 'Ended' } });
      assert.deepEqual([payload.error.code, payload.previous.state], ['call:4', 'Initiating'], JSON.stringify(media));
    }
    await assertTidy(one);
    covers(t, 'bad call.make("bob@x.test", "x")', 'bad call.make("bob@x.test", {})');
  });
}

test('credentials of no known form', async () => {
  const one = await ready('chromium');
  for (const credentials of [{}, 'x', { username: 'alice@example.com' }, { username: 7, password: true }]) {
    await one.run((given) => void page.client.connect(given), credentials);
    const { payload, connection } = await one.until('auth:error');
    assert.equal(payload.error.code, 'authentication:1');
    assert.equal(connection.isPending, false);
  }
});

test('R12: make before login ends with an error and opens nothing', async () => {
  const one = await ready('chromium');
  const id = await one.run((media) => page.client.call.make('bob@example.com', media), AUDIO);
  const { payload } = await one.until('call:stateChange', { payload: { callId: id }, call: { state: 'Ended' } });
  assert.ok(payload.error.message);
  await assertTidy(one);
});

test('null options are no options', async (t) => {
  const one = await signedIn(await browsers.get('chromium'), gateway, 'alice');
  const id = await one.run((media) => page.client.call.make('bob@x.test', media, null), AUDIO);
  await one.until('call:start', { payload: { callId: id } });
  // There is no such user.
  const { payload } = await one.until('call:stateChange', { payload: { callId: id }, call: { state: 'Ended' } });
  assert.deepEqual([payload.error, Number(payload.transition.statusCode)], [undefined, 404]);
  await assertTidy(one);
  covers(t, 'bad call.make("bob@x.test", {"audio":true}, null)');
});

test('make to nobody ends with an error', async () => {
  const one = await signedIn(await browsers.get('chromium'), gateway, 'alice');
  const id = await one.run((media) => page.client.call.make('', media), AUDIO);
  await one.until('call:stateChange', { payload: { callId: id }, call: { state: 'Ended' } });
  await assertTidy(one);
});

test('E2: operations in the wrong state leave the call alone: call:6', async () => {
  const alice = await signedIn(await browsers.get('chromium', 1), gateway, 'alice');
  const bob = await signedIn(await browsers.get('chromium', 2), gateway, 'bob');
  const [outgoing, incoming] = await connectCall(alice, bob, 'bob', AUDIO);
  for (const act of ['answer', 'reject', 'ignore']) {
    for (const [one, id] of [[alice, outgoing], [bob, incoming]]) {
      await one.run((name, callId) => page.client.call[name](callId, { audio: true }), act, id);
      const { payload, call } = await one.until('call:stateChange', { payload: { callId: id, error: { code: 'call:6' } } });
      assert.deepEqual([payload.previous.state, call.state], ['Connected', 'Connected'], act);
    }
  }
  await alice.run((id) => page.client.call.end(id), outgoing);
  await alice.until('call:stateChange', { call: { state: 'Ended' } });
  await bob.until('call:stateChange', { call: { state: 'Ended' } });
  assert.deepEqual(await alice.run((id) => page.attempt('call.end', [id]), outgoing), { outcome: null, events: [] });
  for (const act of ['answer', 'reject', 'ignore']) {
    await bob.run((name, callId) => page.client.call[name](callId, { audio: true }), act, incoming);
    await bob.until('call:stateChange', { payload: { callId: incoming, error: { code: 'call:6' } }, call: { state: 'Ended' } });
  }
  await assertTidy(alice, bob);
});

test('answer twice answers once', async () => {
  const alice = await signedIn(await browsers.get('chromium', 1), gateway, 'alice');
  const bob = await signedIn(await browsers.get('chromium', 2), gateway, 'bob');
  await alice.run((media) => page.client.call.make('bob@example.com', media), AUDIO);
  const { payload } = await bob.until('call:receive');
  await bob.run((id, media) => {
    page.client.call.answer(id, media);
    page.client.call.answer(id, media);
  }, payload.callId, AUDIO);
  await bob.until('call:stateChange', { call: { state: 'Connected' }, payload: { previous: { state: 'Ringing' } } });
  await alice.until('call:stateChange', { call: { state: 'Connected' } });
  assert.equal(await bob.run(() => page.openDevices), 1);
  await alice.run(() => page.client.call.end(page.client.call.getAll()[0].id));
  await bob.until('call:stateChange', { call: { state: 'Ended' } });
  await assertTidy(alice, bob);
});

/** An event of the tables as the page writes it: `call:newMedia(error call:7)` is `call:newMedia call:7`. */
function short(event) {
  const [, type, code = ''] = /^([^(]+)(?:\(error (.+)\))?/.exec(event);
  return `${type} ${code}`.trim();
}

/** A client that is not logged in, whose engine is there. */
async function ready(name) {
  const one = await openPage(await browsers.get(name), gateway.url);
  await one.run((config) => void page.create(config), configFor(gateway, 'uc'));
  await one.until('devices:change');
  return one;
}
