// Voicemail indicators, calls that begin with a click, and SIP events, at a real gateway (api-behaviour 11, 16, 17).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { covers } from '../lib/covers.mjs';
import { assertTidy, connectCall, signedIn } from './lib/page.mjs';
import { call, coversFunction, failed, heard } from './lib/people.mjs';
import { stage } from './lib/stage.mjs';

const KEY = 'the operator of the test';
const { browsers, gateway } = await stage({ operatorKey: KEY });
const [ALICE, BOB, CAROL] = ['alice@example.com', 'bob@example.com', 'carol@example.com'];
const AUDIO = { audio: true };
const VOICEMAIL = ['lastUpdated', 'newMessagesWaiting', 'totalVoice', 'unheardVoice', 'voice', 'fax', 'multimedia'];

for (const [name, flavour] of [['chromium', 'uc'], ['firefox', 'link']]) {
  test(`a mailbox is asked for, and tells when it changes (${name}, ${flavour})`, async (t) => {
    const one = await signedIn(await browsers.get(name), gateway, 'carol', flavour);
    await mailbox(CAROL, { voice: {} });
    assert.equal(await call(one, 'voicemail.fetch'), null);
    const nothing = await heard(one, 'voicemail:change', { newMessagesWaiting: false });
    assert.deepEqual([Number(nothing.totalVoice), Number(nothing.unheardVoice)], [0, 0]);
    await heard(one, 'voicemail:change', { newMessagesWaiting: false });

    const voice = { newMessages: 2, oldMessages: 3, newUrgentMessages: 1, oldUrgentMessages: 0 };
    const fax = { newMessages: 0, oldMessages: 1, newUrgentMessages: 0, oldUrgentMessages: 0 };
    const before = Date.now();
    await mailbox(CAROL, { voice, fax, multimedia: fax });
    const told = await heard(one, 'voicemail:change', { newMessagesWaiting: true });
    assert.deepEqual(Object.keys(told).sort(), [...VOICEMAIL].sort());
    assert.deepEqual([Number(told.totalVoice), Number(told.unheardVoice)], [5, 2]);
    const numbers = (counts) => Object.fromEntries(Object.entries(counts).map(([key, count]) => [key, Number(count)]));
    assert.deepEqual([numbers(told.voice), numbers(told.fax), numbers(told.multimedia)], [voice, fax, fax]);
    assert.ok(told.lastUpdated >= before - 1_000 && told.lastUpdated <= Date.now() + 1_000);
    assert.deepEqual(await call(one, 'voicemail.get'), told);

    await call(one, 'voicemail.fetch');
    const { lastUpdated, ...asked } = await heard(one, 'voicemail:change');
    assert.deepEqual({ ...asked, lastUpdated: told.lastUpdated }, told, 'asked for, it is the same');
    assert.ok(Math.abs(lastUpdated - Date.now()) < 5_000);
    assert.deepEqual(await call(one, 'voicemail.get'), { ...asked, lastUpdated });
    covers(t, 'voicemail.fetch', 'voicemail.get', 'voicemail:change', ...VOICEMAIL.flatMap((key) => [`voicemail:change.${key}`, `Voicemail.${key}`]));
  });
}

for (const act of ['make', 'clickToCall']) {
  test(`clickToCall.${act}: the server calls one, and then the other`, async (t) => {
    const [alice, bob] = await pair();
    const before = Date.now();
    const callId = await call(alice, `clickToCall.${act}`, ALICE, BOB);
    assert.match(callId, /^[0-9a-f-]{36}$/);
    assert.deepEqual(await heard(alice, 'clickToCall:start'), { callId });
    const [record, ...more] = await call(alice, 'clickToCall.get');
    assert.deepEqual([record.callId, record.caller, record.callee, more], [callId, ALICE, BOB, []]);
    assert.ok(record.requestTime >= before && record.requestTime <= Date.now());
    covers(t, ...['callId', 'caller', 'callee', 'requestTime'].map((key) => `ClickToCallRecord.${key}`));

    const [rings] = await alice.run(() => page.client.call.getAll().filter(({ state }) => state === 'Ringing').map(({ id }) => id))
      .then(async (ids) => (ids.length > 0 ? ids : [(await alice.until('call:receive')).payload.callId]));
    await alice.run((id, media) => page.client.call.answer(id, media), rings, AUDIO);
    const { payload } = await bob.until('call:receive');
    await bob.run((id, media) => page.client.call.answer(id, media), payload.callId, AUDIO);
    await bob.until('call:stateChange', { payload: { callId: payload.callId }, call: { state: 'Connected' } });
    await call(bob, 'call.end', payload.callId);
    await alice.until('call:stateChange', { payload: { callId: rings }, call: { state: 'Ended' } });
    await assertTidy(alice, bob);
    coversFunction(t, 'clickToCall.make', 'caller', 'callee');
    covers(t, 'clickToCall:start', 'clickToCall:start.callId', 'clickToCall.get');
  });
}

test('M3: a click that comes to nothing is told by clickToCall:error, and leaves no record', async (t) => {
  const [alice] = await pair();
  for (const [args, code] of [
    [[], 'clickToCall:1'], [[ALICE], 'clickToCall:1'], [[ALICE, ''], 'clickToCall:1'], [[undefined, BOB], 'clickToCall:1'], [[7, BOB], 'clickToCall:1'],
    // Only who is logged in may be called first.
    [[BOB, CAROL], 'clickToCall:2'],
  ]) {
    const callId = await alice.run((given) => page.client.clickToCall.make(...given), args);
    assert.equal((await failed(alice, 'clickToCall:error', code)).callId, callId);
    covers(t, `error ${code}`);
  }
  assert.deepEqual([await call(alice, 'clickToCall.get'), await alice.run(() => page.all('clickToCall:start'))], [[], []]);
  covers(t, 'clickToCall:error', 'clickToCall:error.callId', 'clickToCall:error.error');
});

test('the calls of another user, as the server tells of them', async (t) => {
  const [alice, bob] = await pair({ service: ['call', 'IM', 'Presence', 'event:dialog'] });
  assert.ok((await call(alice, 'getServices')).received.includes('event:dialog'));
  assert.deepEqual(await call(alice, 'sip.getDetails'), {});
  assert.equal(await call(alice, 'sip.subscribe', 'event:dialog', [BOB], 'device-1', []), null);
  const change = await heard(alice, 'sip:subscriptionChange');
  assert.deepEqual(change, { eventType: 'event:dialog', change: 'newSubscription', subscribedUsers: [BOB] });
  const { sessionData, subscribedUsers } = await call(alice, 'sip.getDetails', 'event:dialog');
  assert.ok(sessionData.length > 0);
  assert.deepEqual(subscribedUsers, [BOB]);

  const [, incoming] = await connectCall(await caller(), bob, 'bob', AUDIO);
  const told = await heard(alice, 'sip:eventsChange', { eventType: 'event:dialog' });
  assert.deepEqual(Object.keys(told).sort(), ['event', 'eventId', 'eventType']);
  assert.deepEqual([told.event.eventType, told.event.eventId, told.event.genericNotificationParams.sender], ['event:dialog', told.eventId, BOB]);
  await call(bob, 'call.end', incoming);
  await heard(alice, 'sip:eventsChange');
  const { notifications } = await call(alice, 'sip.getDetails', 'event:dialog');
  assert.deepEqual(notifications, await alice.run(() => page.all('sip:eventsChange').map(({ payload }) => payload.event)));

  const lists = { subscribeUserList: [CAROL], unsubscribeUserList: [BOB] };
  assert.equal(await call(alice, 'sip.update', 'event:dialog', lists), null);
  assert.deepEqual(await heard(alice, 'sip:subscriptionChange'), {
    eventType: 'event:dialog', change: 'updateSubscription', subscribedUsers: [CAROL], unsubscribedUsers: [BOB],
  });
  assert.deepEqual((await call(alice, 'sip.getDetails'))['event:dialog'].subscribedUsers, [CAROL]);
  assert.equal(await call(alice, 'sip.unsubscribe', 'event:dialog'), null);
  assert.deepEqual(await heard(alice, 'sip:subscriptionChange'), { eventType: 'event:dialog', change: 'unsubscribe' });
  assert.deepEqual([await call(alice, 'sip.getDetails'), await call(alice, 'sip.getDetails', 'event:dialog')], [{}, null]);
  for (const act of ['update', 'unsubscribe']) {
    await call(alice, `sip.${act}`, 'event:dialog', {});
    await failed(alice, 'sip:error', 'sipEvents:3');
  }
  coversFunction(t, 'sip.subscribe', 'eventType', 'subscribeUserList');
  coversFunction(t, 'sip.update', 'eventType', 'userLists', 'userLists.subscribeUserList', 'userLists.unsubscribeUserList');
  coversFunction(t, 'sip.unsubscribe', 'eventType');
  coversFunction(t, 'sip.getDetails', 'eventType');
  covers(t, ...['sessionData', 'subscribedUsers', 'notifications'].map((key) => `SipEventDetails.${key}`), 'error sipEvents:3');
  covers(t, 'sip:subscriptionChange', ...['eventType', 'change', 'subscribedUsers', 'unsubscribedUsers'].map((key) => `sip:subscriptionChange.${key}`));
  covers(t, 'sip:eventsChange', ...['eventType', 'eventId', 'event'].map((key) => `sip:eventsChange.${key}`));
});

test('events of a service that was not granted: sipEvents:2', async (t) => {
  const [alice] = await pair();
  for (const event of ['event:dialog', 'event:nothing', 'dialog', '', undefined]) {
    await alice.run((...given) => page.client.sip.subscribe(...given), event, [BOB], 'device-1');
    await failed(alice, 'sip:error', 'sipEvents:2');
  }
  assert.deepEqual(await call(alice, 'sip.getDetails'), {});
  covers(t, 'error sipEvents:2', 'sip:error', 'sip:error.error');
});

/** What the operator's mailbox says. */
async function mailbox(user, indicators) {
  const answer = await fetch(`${gateway.url}/operator/v1/users/${user}/voicemail`, {
    method: 'PUT', headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' }, body: JSON.stringify(indicators),
  });
  assert.equal(answer.status, 200, await answer.text());
}

async function caller() {
  return signedIn(await browsers.get('chromium', 3), gateway, 'carol');
}

async function pair(subscription = {}) {
  const { hostname, port } = new URL(gateway.url);
  const server = { server: hostname, port };
  const authentication = { subscription: { protocol: 'http', ...server, ...subscription }, websocket: { protocol: 'ws', ...server } };
  return [
    await signedIn(await browsers.get('chromium', 1), gateway, 'alice', 'uc', { authentication }),
    await signedIn(await browsers.get('chromium', 2), gateway, 'bob'),
  ];
}
