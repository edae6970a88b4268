// The call history (api-behaviour 10): records of calls that end here, records of the server, and how both come together.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { covers } from '../lib/covers.mjs';
import { connectCall, ring, signedIn } from './lib/page.mjs';
import { call, coversFunction, failed, heard } from './lib/people.mjs';
import { stage } from './lib/stage.mjs';

const { browsers, gateway } = await stage();
const [ALICE, BOB, NOBODY] = ['alice@example.com', 'bob@example.com', 'nobody@example.com'];
const AUDIO = { audio: true };
const FIELDS = [
  'recordId', 'startTime', 'duration', 'direction', 'callerDisplayNumber', 'calleeDisplayNumber', 'callerName', 'calleeName', 'remoteParticipant',
  'originalRemoteParticipant', 'resourceLocation',
];

/** What happens to a call, the directions of the records that the two sides then have, `undefined` for none, and whom the caller's is about. */
const ENDS = [
  ['the caller ends it', true, ({ alice, outgoing }) => call(alice, 'call.end', outgoing), 'outgoing', 'incoming'],
  ['the callee ends it', true, ({ bob, incoming }) => call(bob, 'call.end', incoming), 'outgoing', 'incoming'],
  ['the callee rejects it', false, ({ bob, incoming }) => call(bob, 'call.reject', incoming), 'outgoing', 'incoming'],
  ['the caller gives up', false, ({ alice, outgoing }) => call(alice, 'call.end', outgoing), 'outgoing', 'missed'],
  ['the callee forwards it to nobody', false, ({ bob, incoming }) => call(bob, 'call.forward', incoming, NOBODY), 'outgoing', undefined, NOBODY],
  ['the callee ignores it, and the caller gives up', false, async ({ alice, bob, outgoing, incoming }) => {
    await call(bob, 'call.ignore', incoming);
    await call(alice, 'call.end', outgoing);
  }, 'outgoing', undefined],
];

for (const [what, answered, end, ofCaller, ofCallee, reached = BOB] of ENDS) {
  test(`a record of a call: ${what}`, async (t) => {
    const [alice, bob] = await pair();
    const [outgoing, incoming] = await (answered ? connectCall(alice, bob, 'bob', AUDIO) : ring(alice, bob, 'bob', AUDIO));
    await end({ alice, bob, outgoing, incoming });
    for (const [one, id, direction, other] of [[alice, outgoing, ofCaller, reached], [bob, incoming, ofCallee, ALICE]]) {
      await one.until('call:stateChange', { payload: { callId: id }, call: { state: 'Ended' } });
      if (!direction) {
        // A record of another kind would have been told before the answer to this.
        await call(one, 'presence.fetch', ALICE);
        await heard(one, 'presence:change');
        assert.deepEqual(await call(one, 'call.history.get'), []);
        continue;
      }
      assert.deepEqual(await heard(one, 'callHistory:change'), {});
      assert.deepEqual(await heard(one, 'callHistoryCache:change'), {});
      const [record, ...more] = await call(one, 'call.history.get');
      assert.deepEqual(more, []);
      assert.deepEqual(Object.keys(record).sort(), [...FIELDS].sort());
      const { endTime, startTime } = await one.run((callId) => page.client.call.getById(callId), id);
      const own = one === alice ? ALICE : BOB;
      const [caller, callee] = direction === 'outgoing' ? [own, other] : [other, own];
      assert.deepEqual([record.recordId, record.direction], [id, direction]);
      assert.deepEqual([record.callerDisplayNumber, record.calleeDisplayNumber], [caller, callee]);
      assert.equal(record.remoteParticipant.displayNumber, other);
      assert.deepEqual(record.remoteParticipant.displayName, direction === 'outgoing' ? record.calleeName : record.callerName);
      assert.deepEqual([record.originalRemoteParticipant, record.resourceLocation], [null, '']);
      const [start, duration] = [Number(record.startTime), Number(record.duration)];
      assert.deepEqual([record.startTime, record.duration], [String(start), String(duration)], 'ms as text');
      assert.equal(start + duration, endTime);
      if (answered) assert.ok(duration > 0 && start >= startTime, `${start} ${duration}`);
      else assert.equal(duration, 0);
      covers(t, ...FIELDS.map((field) => `CallRecord.${field}`), 'CallRecord.remoteParticipant.displayNumber', 'CallRecord.remoteParticipant.displayName');
      covers(t, 'callHistory:change', 'callHistoryCache:change', 'call.history.get');
    }
  });
}

test('a transfer leaves no record with those who were transferred away, and one with whom the call ended', async () => {
  const [alice, bob] = await pair();
  const carol = await signedIn(await browsers.get('chromium', 3), gateway, 'carol');
  const [outgoing, incoming] = await connectCall(alice, bob, 'bob', AUDIO);
  await call(alice, 'call.hold', outgoing);
  await alice.until('call:stateChange', { payload: { callId: outgoing }, call: { state: 'On Hold' } });
  await call(alice, 'call.directTransfer', outgoing, 'carol@example.com');
  const { payload } = await carol.until('call:receive');
  await carol.run((id, media) => page.client.call.answer(id, media), payload.callId, AUDIO);
  await alice.until('call:stateChange', { payload: { callId: outgoing }, call: { state: 'Ended' } });
  await carol.until('call:stateChange', { call: { state: 'Connected' } });
  await call(carol, 'call.end', payload.callId);
  await bob.until('call:stateChange', { payload: { callId: incoming }, call: { state: 'Ended' } });
  await heard(bob, 'callHistory:change');
  await heard(carol, 'callHistory:change');
  await call(alice, 'presence.fetch', BOB);
  await heard(alice, 'presence:change');
  assert.deepEqual(await call(alice, 'call.history.get'), []);
  assert.equal((await call(bob, 'call.history.get')).length, 1);
});

test('a call that could not be made leaves none', async () => {
  const [alice] = await pair();
  await call(alice, 'call.make', BOB, {});
  await alice.until('call:stateChange', { call: { state: 'Ended' } });
  await call(alice, 'presence.fetch', BOB);
  await heard(alice, 'presence:change');
  assert.deepEqual(await call(alice, 'call.history.get'), []);
});

for (const [name, flavour] of [['chromium', 'uc'], ['firefox', 'link']]) {
  test(`records of the server and of this page are one (${name}, ${flavour})`, async (t) => {
    const [alice, bob] = await pair(flavour, name);
    await cleared(alice);
    const [outgoing, incoming] = await connectCall(alice, bob, 'bob', AUDIO);
    await call(bob, 'call.end', incoming);
    await alice.until('call:stateChange', { payload: { callId: outgoing }, call: { state: 'Ended' } });
    await heard(alice, 'callHistory:change');
    await heard(alice, 'callHistoryCache:change');
    const [ours] = await call(alice, 'call.history.get');
    assert.equal(await call(alice, 'call.history.fetch'), null);
    assert.deepEqual(await heard(alice, 'callHistory:change'), {});
    assert.deepEqual(await heard(alice, 'callHistoryCache:change'), {});
    const [theirs, ...more] = await call(alice, 'call.history.get');
    assert.deepEqual(more, [], 'the record of the server is of the same call');
    assert.notEqual(theirs.recordId, ours.recordId);
    assert.ok(theirs.resourceLocation.length > 0);
    assert.deepEqual([theirs.direction, theirs.remoteParticipant.displayNumber], ['outgoing', BOB]);
    assert.ok(Math.abs(theirs.startTime - ours.startTime) < 10_000 && Math.abs(theirs.duration - ours.duration) < 5_000);

    // A missed one more: newest first, and parts of the list.
    const [, missed] = await ring(bob, alice, 'alice', AUDIO);
    await call(bob, 'call.end', await bob.run(() => page.client.call.getAll().at(-1).id));
    await alice.until('call:stateChange', { payload: { callId: missed }, call: { state: 'Ended' } });
    await heard(alice, 'callHistory:change');
    await call(alice, 'call.history.fetch', 1, 0);
    await heard(alice, 'callHistory:change');
    assert.deepEqual((await call(alice, 'call.history.get')).map(({ direction }) => direction), ['missed', 'outgoing']);
    assert.ok((await call(alice, 'call.history.get')).every(({ recordId }) => recordId.length !== 36), 'both are the server\'s now');

    // The cache is a text; of another page, and in place of what is there.
    const cache = await call(alice, 'call.history.getCache');
    assert.deepEqual(JSON.parse(cache), await call(alice, 'call.history.get'));
    const [again] = await pair(flavour, name);
    assert.equal(await call(again, 'call.history.setCache', cache), null);
    assert.deepEqual([await call(again, 'call.history.get'), await call(again, 'call.history.getCache')], [JSON.parse(cache), cache]);
    await call(again, 'call.history.fetch', 1, 1);
    await heard(again, 'callHistory:change');
    assert.equal((await call(again, 'call.history.get')).length, 2);
    assert.equal((await again.run(() => page.all('callHistory:change'))).length, 1, 'setCache has none');

    const [first, second] = await call(again, 'call.history.get');
    assert.equal(await call(again, 'call.history.remove', first.recordId), null);
    await heard(again, 'callHistory:change');
    await heard(again, 'callHistoryCache:change');
    assert.deepEqual(await call(again, 'call.history.get'), [second], 'E8: the others stay as they are');
    await call(again, 'call.history.remove', first.recordId);
    await failed(again, 'callHistory:error', 'callHistory:3');
    assert.equal(await call(again, 'call.history.clear'), null);
    await heard(again, 'callHistory:change');
    assert.deepEqual(await call(again, 'call.history.get'), []);
    await call(again, 'call.history.fetch');
    await heard(again, 'callHistory:change');
    assert.deepEqual(await call(again, 'call.history.get'), [], 'at the server, too');
    coversFunction(t, 'call.history.fetch', 'amount', 'offset');
    coversFunction(t, 'call.history.remove', 'recordId');
    coversFunction(t, 'call.history.setCache', 'data');
    covers(t, 'call.history.clear', 'call.history.getCache', 'callHistory:error', 'callHistory:error.error', 'error callHistory:3');
  });
}

test('E8: a record of this page is removed here, and the others stay', async () => {
  const [alice, bob] = await pair();
  const records = [];
  for (const _ of [1, 2, 3]) {
    const [outgoing] = await ring(alice, bob, 'bob', AUDIO);
    await call(alice, 'call.end', outgoing);
    await heard(alice, 'callHistory:change');
    records.unshift(outgoing);
  }
  const ids = () => alice.run(() => page.client.call.history.get().map(({ recordId }) => recordId));
  assert.deepEqual(await ids(), records);
  await call(alice, 'call.history.remove', records[1]);
  await heard(alice, 'callHistory:change');
  assert.deepEqual(await ids(), [records[0], records[2]]);
  // A copy: what a page does to it stays with the page.
  await alice.run(() => page.client.call.history.get().pop());
  assert.equal((await ids()).length, 2);
});

test('E6: a call whose end the server refuses has one record', async () => {
  const [alice, bob] = await pair();
  const [outgoing, incoming] = await connectCall(alice, bob, 'bob', AUDIO);
  await alice.run(() => {
    watch.answering = (method, path) => (method === 'DELETE' && path.includes('/callControl/') ? { status: 500, body: {} } : undefined);
  });
  await call(alice, 'call.end', outgoing);
  await alice.until('call:stateChange', { call: { state: 'Ended' } });
  await heard(alice, 'callHistory:change');
  await alice.run(() => void (watch.answering = () => undefined));
  await call(alice, 'call.end', outgoing);
  await call(bob, 'call.end', incoming);
  await heard(bob, 'callHistory:change');
  await call(alice, 'presence.fetch', BOB);
  await heard(alice, 'presence:change');
  assert.deepEqual((await call(alice, 'call.history.get')).map(({ recordId }) => recordId), [outgoing]);
  assert.equal((await call(bob, 'call.history.get')).length, 1);
});

test('numbers that are none: callHistory:2, and nothing is asked', async (t) => {
  const [alice] = await pair();
  for (const args of [['x'], [-1], [10, 'x'], [10, -1], [{}], [[]], [true]]) {
    await call(alice, 'call.history.fetch', ...args);
    await failed(alice, 'callHistory:error', 'callHistory:2');
  }
  for (const args of [[], [null], [{}]]) {
    await call(alice, 'call.history.remove', ...args);
    await failed(alice, 'callHistory:error', 'callHistory:2');
  }
  assert.deepEqual(await alice.run(() => page.all('callHistory:change')), []);
  for (const text of ['{}', '7', 'null', '"x"']) {
    await call(alice, 'call.history.setCache', text);
    assert.deepEqual(await call(alice, 'call.history.get'), [], 'no list: no records');
  }
  await call(alice, 'call.history.setCache', '[1, null, {"recordId":"a"}, {"recordId":"b","startTime":"5"}]');
  assert.deepEqual((await call(alice, 'call.history.get')).map(({ recordId }) => recordId), ['b', 'a']);
  covers(t, 'error callHistory:2', 'callHistory:error', 'call.history.fetch(amount)', 'call.history.fetch(offset)');
});

async function pair(flavour = 'uc', name = 'chromium') {
  return [await signedIn(await browsers.get(name, 1), gateway, 'alice', flavour), await signedIn(await browsers.get('chromium', 2), gateway, 'bob')];
}

async function cleared(one) {
  await call(one, 'call.history.clear');
  await heard(one, 'callHistory:change');
  await heard(one, 'callHistoryCache:change');
}
