// Presence, contacts, users, voicemail, call history, click to call and SIP events with a server that refuses, says something odd,
// or says nothing (api-behaviour 10, 11, 13 to 17, protocol §0.7): which event tells it, and what is left as it was.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { covers } from '../lib/covers.mjs';
import { elapse, moveClock } from './lib/clock.mjs';
import { call, failed, heard } from './lib/people.mjs';
import { ALICE, scriptStage } from './lib/script-stage.mjs';
import { CUT } from './lib/scripted.mjs';

const { server, signedIn } = await scriptStage();
const [BOB, CAROL] = ['bob@example.com', 'carol@example.com'];
const EVENTS = { subscription: { service: ['call', 'Presence', 'event:dialog'] } };
const NUMBER = 27;

/** function, arguments, its request, the wrapper of the answer, the event that tells a failure, and its code: of the server, and otherwise */
const REQUESTS = [
  ['presence.update', ['open', 'busy'], 'POST', /\/presence$/, 'presenceResponse', 'presence:error', NUMBER, 'NO_CODE'],
  ['presence.fetch', [BOB], 'POST', /\/presenceWatcher$/, 'presenceWatcherResponse', 'presence:error', NUMBER, 'NO_CODE'],
  ['presence.subscribe', [BOB], 'POST', /\/presenceWatcher$/, 'presenceWatcherResponse', 'presence:error', NUMBER, 'NO_CODE'],
  ['presence.unsubscribe', [BOB], 'POST', /\/presenceWatcher$/, 'presenceWatcherResponse', 'presence:error', NUMBER, 'NO_CODE'],
  ['contacts.add', [{ contactId: 'b' }], 'POST', /\/addressbook\/contacts\/$/, 'addressBookResponse', 'contacts:error', NUMBER, 'users:1'],
  ['contacts.update', [{ contactId: 'b' }], 'PUT', /\/addressbook\/contacts\/b$/, 'addressBookResponse', 'contacts:error', NUMBER, 'users:1'],
  ['contacts.remove', ['b'], 'DELETE', /\/addressbook\/contacts\/b$/, 'addressBookResponse', 'contacts:error', NUMBER, 'users:1'],
  ['contacts.fetch', ['b'], 'GET', /\/addressbook\/contacts\/b$/, 'addressBookResponse', 'contacts:error', NUMBER, 'users:1'],
  ['contacts.refresh', [], 'GET', /\/addressbook$/, 'addressBookResponse', 'contacts:error', NUMBER, 'users:2'],
  ['user.fetch', [BOB], 'GET', /\/directory$/, 'directory', 'directory:error', NUMBER, 'users:3'],
  ['user.search', [{ name: 'b' }], 'GET', /\/directory$/, 'directory', 'directory:error', NUMBER, 'users:3'],
  ['voicemail.fetch', [], 'GET', /\/voicemail$/, 'mwiresponse', 'voicemail:error', 'mwi:1', 'mwi:1'],
  ['call.history.fetch', [], 'GET', /\/logHistory$/, 'logHistory', 'callHistory:error', 'callHistory:1', 'callHistory:1'],
  ['call.history.remove', ['7'], 'DELETE', /\/logRecord\/7$/, 'logRecord', 'callHistory:error', 'callHistory:1', 'callHistory:1'],
  ['call.history.clear', [], 'DELETE', /\/logHistory$/, 'logRecord', 'callHistory:error', 'callHistory:1', 'callHistory:1'],
  ['clickToCall.make', ['a', 'b'], 'POST', /\/clicktocall$/, 'clickToCallResponse', 'clickToCall:error', 'clickToCall:2', 'clickToCall:2'],
  ['sip.subscribe', ['event:dialog', [BOB]], 'POST', /\/eventSubscription$/, 'eventSubscriptionResponse', 'sip:error', 'sipEvents:1', 'sipEvents:1'],
];

/** Everything that can be read of what is known. */
const known = (one) => one.run(() => {
  const { presence, contacts, user, voicemail, call, clickToCall, sip } = page.client;
  return [presence.getAll(), contacts.getAll(), user.getAll(), voicemail.get(), call.history.get(), clickToCall.get(), sip.getDetails()];
});

for (const flavour of ['uc', 'link']) {
  test(`every request that is refused, broken or cut off is told once, and changes nothing (${flavour})`, async (t) => {
    const [one] = await signedIn(flavour, EVENTS);
    const before = await known(one);
    for (const [path, args, method, url, wrapper, type, ofServer, otherwise] of REQUESTS) {
      for (const [answer, code] of [
        [{ status: 403, body: { [wrapper]: { statusCode: NUMBER } } }, ofServer],
        [{ status: 500, body: { nothing: 1 } }, otherwise],
        [{ status: 502, body: 'Bad gateway' }, otherwise],
        [{ status: CUT }, otherwise],
      ]) {
        server.answer(method, url, () => answer);
        await call(one, path, ...args);
        const { message } = await failed(one, type, code);
        if (code === NUMBER) assert.match(message, /27/);
        server.grant();
        assert.deepEqual(await known(one), before, path);
      }
      covers(t, type, `${type}.error`, ...(/^(mwi|callHistory|clickToCall|sipEvents|users)/.test(otherwise) ? [`error ${otherwise}`] : []));
    }
    const { error } = await call(one, 'presence.getSelf');
    assert.equal(error.code, 'NO_CODE', 'of the last one');
    covers(t, 'SelfPresence.error', 'error <number>', 'error NO_CODE', 'error mwi:1', 'error users:1', 'error users:2', 'error users:3', 'error sipEvents:1');
  });
}

/** Good statuses with what does not answer the question, and what becomes of it. */
const ODD = [
  ['contacts.fetch', ['b'], 'GET', /\/addressbook\/contacts\/b$/, { addressBookResponse: { statusCode: 0, addressBookEntries: [] } }, 'contacts:error', 'users:1'],
  ['contacts.add', [{ contactId: 'b' }], 'POST', /\/addressbook\/contacts\/$/, { addressBookResponse: { statusCode: 5 } }, 'contacts:error', 5],
  ['presence.update', ['open', 'busy'], 'POST', /\/presence$/, { presenceResponse: { statusCode: 9 } }, 'presence:error', 9],
  ['voicemail.fetch', [], 'GET', /\/voicemail$/, {}, 'voicemail:error', 'mwi:1'],
  ['voicemail.fetch', [], 'GET', /\/voicemail$/, [], 'voicemail:error', 'mwi:1'],
  ['call.history.fetch', [], 'GET', /\/logHistory$/, { logHistory: { logItems: 'none' } }, 'callHistory:error', 'callHistory:1'],
  ['call.history.fetch', [], 'GET', /\/logHistory$/, 7, 'callHistory:error', 'callHistory:1'],
  ['sip.subscribe', ['event:dialog', [BOB]], 'POST', /\/eventSubscription$/, { eventSubscriptionResponse: { statusCode: 0, expires: 60 } }, 'sip:error', 'sipEvents:1'],
];

test('answers that do not answer are failures, too', async (t) => {
  const [one] = await signedIn('uc', EVENTS);
  for (const [path, args, method, url, body, type, code] of ODD) {
    server.answer(method, url, () => ({ body }));
    await call(one, path, ...args);
    await failed(one, type, code);
  }
  // Numbers of the server that have a code of their own.
  for (const [path, args, method, url, body, code] of [
    ['call.history.fetch', [], 'GET', /\/logHistory$/, { logHistory: { statusCode: 37 } }, 'callHistory:2'],
    ['call.history.remove', ['7'], 'DELETE', /\/logRecord\/7$/, { logRecord: { statusCode: 42 } }, 'callHistory:3'],
    ['call.history.remove', ['7'], 'DELETE', /\/logRecord\/7$/, { logRecord: { statusCode: '42' } }, 'callHistory:3'],
  ]) {
    server.answer(method, url, () => ({ status: 404, body }));
    await call(one, path, ...args);
    await failed(one, 'callHistory:error', code);
    covers(t, `error ${code}`);
  }
  // 52: there is nothing, which is no failure.
  server.answer('GET', /\/voicemail$/, () => ({ body: { mwiresponse: { statusCode: 52 } } }));
  await call(one, 'voicemail.fetch');
  const { lastUpdated, ...none } = await heard(one, 'voicemail:change');
  assert.deepEqual(none, { newMessagesWaiting: false, totalVoice: '0', unheardVoice: '0' });
});

test('records and contacts of which a server says too little are left out, and the others are there', async () => {
  const [one, socket] = await signedIn('link');
  const record = (params) => ({ type: 'CallLog', params });
  const good = { recordId: 5, startTime: 1_700_000_000_000, duration: 1_000, direction: 'incoming', callerName: 'Bob', callerDisplayNumber: BOB, resourceLocation: '/x' };
  server.answer('GET', /\/logHistory$/, () => ({ body: { logHistory: { logItems: [null, 7, {}, record(null), record({}), record({ recordId: {} }), record(good)] } } }));
  await call(one, 'call.history.fetch');
  await heard(one, 'callHistory:change');
  const [{ recordId, remoteParticipant }, ...more] = await call(one, 'call.history.get');
  assert.deepEqual([recordId, remoteParticipant, more], [5, { displayNumber: BOB, displayName: 'Bob' }, []]);
  const entries = [null, 7, {}, { nickname: '' }, { nickname: {} }, { nickname: 'b', firstName: 'Bob', other: [1] }];
  server.answer('GET', /\/addressbook$/, () => ({ body: { addressBookResponse: { statusCode: 0, addressBookEntries: entries } } }));
  await call(one, 'contacts.refresh');
  await heard(one, 'contacts:change');
  assert.deepEqual(await call(one, 'contacts.getAll'), { b: { contactId: 'b', firstName: 'Bob', other: [1] } });
  server.answer('GET', /\/directory$/, () => ({ body: { directory: { directoryItems: [null, 'x', {}, { userId: 'b', primaryContact: BOB, buddy: 'yes', photoURL: 'https://example.com/b' }] } } }));
  await call(one, 'user.search', {});
  await heard(one, 'directory:change');
  assert.deepEqual(await call(one, 'user.get', BOB), { userId: BOB, primaryContact: BOB, buddy: 'yes', photoURL: 'https://example.com/b' });
  // So are notifications.
  for (const params of [undefined, null, 'x', {}, { name: 7 }]) socket.notify({ eventType: 'presenceWatcher', eventId: String(Math.random()), presenceWatcherNotificationParams: params });
  for (const params of [undefined, null, 'x']) socket.notify({ eventType: 'mwi', eventId: String(Math.random()), mwiNotificationParams: params });
  socket.notify({ eventType: 'presenceWatcher', eventId: 'last', presenceWatcherNotificationParams: { name: BOB, status: 'open', activity: 'whatever the server says', note: null } });
  assert.deepEqual(await heard(one, 'presence:change'), { userId: BOB, status: 'open', activity: 'whatever the server says' });
  assert.deepEqual(await one.run(() => watch.thrown), []);
});

test('fields of users that this gateway does not have', async (t) => {
  const [one] = await signedIn('uc');
  server.answer('GET', /\/directory$/, () => ({ body: { directory: { directoryItems: [{ userId: BOB, firstName: 'Bob', photoURL: 'https://example.com/b', buddy: 'true' }] } } }));
  await call(one, 'user.fetch', BOB);
  const { results } = await heard(one, 'directory:change');
  assert.deepEqual(results, [{ userId: BOB, firstName: 'Bob', photoURL: 'https://example.com/b', buddy: 'true' }]);
  const { query } = await server.asked('GET', /\/directory$/);
  assert.deepEqual([query.criteria, query.criteriaType], [BOB, '5']);
  covers(t, 'User.photoURL', 'User.buddy', 'user.fetch(userId)', 'directory:error', 'directory:error.error');
});

test('the own profile is of two answers, of which one may be missing', async (t) => {
  const [one] = await signedIn('uc');
  const profile = { body: { userProfileData: { statusCode: 0, firstName: 'Alice' } } };
  const locale = { body: { acceptLanguage: 'de' } };
  const refused = { status: 403, body: { userProfileData: { statusCode: NUMBER } } };
  for (const [first, second, wanted] of [
    [profile, locale, { data: { statusCode: 0, firstName: 'Alice' }, currentLocale: 'de', primaryContact: ALICE.username }],
    [profile, { status: 500, body: {} }, { data: { statusCode: 0, firstName: 'Alice' }, primaryContact: ALICE.username }],
    [refused, locale, { currentLocale: 'de', primaryContact: ALICE.username }],
  ]) {
    server.answer('GET', /\/userProfileData$/, () => first);
    server.answer('GET', /\/localization$/, () => second);
    await call(one, 'user.fetchSelfInfo');
    assert.deepEqual((await heard(one, 'directory:change')).results, [wanted]);
  }
  server.answer('GET', /\/userProfileData$/, () => refused);
  server.answer('GET', /\/localization$/, () => ({ status: CUT }));
  await call(one, 'user.fetchSelfInfo');
  await failed(one, 'directory:error', NUMBER);
  covers(t, 'user.fetchSelfInfo', 'directory:error');
});

for (const [flavour, code] of [['uc', 47], ['link', 39]]) {
  test(`M4: presence survives the loss of the socket, and those who are watched are watched again after a new login (${flavour})`, async () => {
    const [one, socket] = await signedIn(flavour, { connectivity: { reconnectDelay: 20 } });
    const watcher = ['POST', /\/presenceWatcher$/];
    server.answer(...watcher, () => ({ body: { presenceWatcherResponse: { statusCode: 0 } } }));
    const told = (to, note) => to.notify({ eventType: 'presenceWatcher', eventId: note, presenceWatcherNotificationParams: { name: BOB, status: 'open', activity: 'other', note } });
    await call(one, 'presence.subscribe', [BOB, CAROL]);
    assert.deepEqual((await server.asked(...watcher)).body, { presenceWatcherRequest: { userList: [BOB, CAROL], action: 'watch' } });
    told(socket, 'one');
    await heard(one, 'presence:change', { note: 'one' });
    await call(one, 'presence.unsubscribe', CAROL);
    await server.asked(...watcher);

    socket.cut();
    const again = await server.opened();
    assert.equal((await call(one, 'presence.get', BOB))[0].note, 'one');
    told(again, 'two');
    await heard(one, 'presence:change', { note: 'two' });
    assert.equal(server.requests.filter(({ path }) => watcher[1].test(path)).length, 2, 'the subscription lives, and with it the watch');

    // The server has forgotten the login.
    server.refusing = true;
    server.answer('PUT', /\/subscription\//, () => ({ status: 404, body: { subscribeResponse: { statusCode: code } } }));
    server.answer('POST', /\/subscription$/, ({ path, body }) => {
      server.refusing = false;
      const { expires, service } = body.subscribeRequest;
      const subscriptionParams = { expires, service, notificationChannel: '/notification/1.0/websocket/C-2', sessionId: 'X-2' };
      return { body: { subscribeResponse: { statusCode: 0, subscription: `${path}/S-2`, subscriptionParams } } };
    });
    again.cut();
    const third = await server.opened();
    assert.deepEqual((await server.asked(...watcher)).body, { presenceWatcherRequest: { userList: [BOB], action: 'watch' } });
    told(third, 'three');
    await heard(one, 'presence:change', { note: 'three' });
  });
}

test('a fetch that fails leaves what was known, and one that succeeds loads until the notification comes', async () => {
  const [one, socket] = await signedIn('uc');
  const watcher = ['POST', /\/presenceWatcher$/];
  socket.notify({ eventType: 'presenceWatcher', eventId: '1', presenceWatcherNotificationParams: { name: BOB, status: 'open', activity: 'busy' } });
  await heard(one, 'presence:change');
  const [before] = await call(one, 'presence.get', BOB);
  server.answer(...watcher, () => ({ status: 403, body: { presenceWatcherResponse: { statusCode: NUMBER } } }));
  assert.deepEqual(await one.run((users) => {
    page.client.presence.fetch(users);
    return page.client.presence.get(users);
  }, [BOB, CAROL]), [{ userId: BOB, loading: true }, { userId: CAROL, loading: true }]);
  await failed(one, 'presence:error', NUMBER);
  assert.deepEqual(await call(one, 'presence.getAll'), [before]);
  server.answer(...watcher, () => ({ body: { presenceWatcherResponse: { statusCode: 0 } } }));
  await call(one, 'presence.fetch', BOB);
  await server.asked(...watcher);
  await server.asked(...watcher);
  assert.deepEqual(await call(one, 'presence.get', BOB), [{ userId: BOB, loading: true }]);
  socket.notify({ eventType: 'presenceWatcher', eventId: '2', presenceWatcherNotificationParams: { name: BOB, status: 'closed', activity: 'away' } });
  await heard(one, 'presence:change');
  assert.deepEqual(await call(one, 'presence.get', BOB), [{ userId: BOB, status: 'closed', activity: 'away', loading: false }]);
});

test('SIP events: what is asked, what is told, and that a subscription is extended by itself', async (t) => {
  const [one, socket] = await signedIn('uc', EVENTS);
  const made = (session, expires = 1_000) => ({ body: { eventSubscriptionResponse: { statusCode: 0, expires, sessionData: session } } });
  const custom = [{ name: 'X-A', value: '1' }];
  server.answer('POST', /\/eventSubscription$/, () => made('ev-1'));
  await call(one, 'sip.subscribe', 'event:dialog', [BOB], 'device-1', custom);
  await heard(one, 'sip:subscriptionChange', { change: 'newSubscription' });
  const { body } = await server.asked('POST', /\/eventSubscription$/);
  assert.deepEqual(body, {
    eventSubscriptionRequest: { subscribeUserList: [BOB], clientCorrelator: 'device-1', eventType: 'event:dialog', expires: 3_600, customParameters: custom },
  });
  covers(t, 'sip.subscribe(clientCorrelator)', 'sip.subscribe(customParameters)');

  server.answer('PUT', /\/eventSubscription\/ev-1$/, () => made('ev-1'));
  await call(one, 'sip.update', 'event:dialog', { subscribeUserList: [CAROL] }, custom);
  await heard(one, 'sip:subscriptionChange', { change: 'updateSubscription' });
  assert.deepEqual((await server.asked('PUT', /ev-1$/)).body, {
    eventSubscriptionRequest: { subscribeUserList: [CAROL], eventType: 'event:dialog', customParameters: custom },
  });
  assert.deepEqual((await call(one, 'sip.getDetails', 'event:dialog')).subscribedUsers, [BOB, CAROL]);
  covers(t, 'sip.update(customParameters)');

  const notice = { eventType: 'event:dialog', eventId: '9', genericNotificationParams: { eventData: '<xml/>', sender: BOB } };
  socket.notify(notice);
  assert.deepEqual(await heard(one, 'sip:eventsChange'), { eventType: 'event:dialog', eventId: '9', event: notice });
  socket.notify({ ...notice, eventType: 'event:other', eventId: '10' });

  // Half of its life, which is another than that of the login.
  await moveClock(one, 500_000);
  await elapse(one, 490_000, 500_000);
  assert.deepEqual((await server.asked('PUT', /ev-1$/)).body, { eventSubscriptionRequest: { eventType: 'event:dialog' } });
  // The server does not know it any more: it is made again.
  server.answer('PUT', /\/eventSubscription\/ev-1$/, () => ({ status: 404, body: { eventSubscriptionResponse: { statusCode: 42 } } }));
  server.answer('POST', /\/eventSubscription$/, () => made('ev-2'));
  await moveClock(one, 500_000);
  await elapse(one, 490_000, 500_000);
  const again = await server.asked('POST', /\/eventSubscription$/);
  assert.deepEqual(again.body.eventSubscriptionRequest.subscribeUserList, [BOB, CAROL]);
  await one.run(async () => {
    while (page.client.sip.getDetails('event:dialog').sessionData !== 'ev-2') await new Promise((resolve) => requestAnimationFrame(resolve));
  });
  assert.deepEqual((await call(one, 'sip.getDetails', 'event:dialog')).notifications, [notice], 'what is not subscribed is left out');

  // Nobody is left.
  server.answer('PUT', /\/eventSubscription\/ev-2$/, () => made('ev-2'));
  await call(one, 'sip.update', 'event:dialog', { unsubscribeUserList: [BOB, CAROL] });
  await heard(one, 'sip:subscriptionChange', { change: 'updateSubscription', unsubscribedUsers: [BOB, CAROL] });
  assert.deepEqual(await call(one, 'sip.getDetails'), {});

  server.answer('DELETE', /\/eventSubscription\/ev-2$/, () => ({ status: 403, body: { eventSubscriptionResponse: { statusCode: NUMBER } } }));
  await call(one, 'sip.subscribe', 'event:dialog', [BOB]);
  await heard(one, 'sip:subscriptionChange');
  await call(one, 'sip.unsubscribe', 'event:dialog');
  await failed(one, 'sip:error', 'sipEvents:1');
  assert.deepEqual((await call(one, 'sip.getDetails', 'event:dialog')).subscribedUsers, [BOB], 'it is there still');
});

for (const args of [[], ['EXTERNAL', 'uc'], ['EXTERNAL', 'link']]) {
  test(`messages, presence and mailboxes that are told by another way count like any others (${args})`, async (t) => {
    const [one, socket] = await signedIn('uc');
    const process = (notificationMessage) => one.run((given, more) => page.client.notification.process({ notificationMessage: given }, ...more), notificationMessage, args);
    const message = { event: 'im', eventId: '5', id: '77', direction: 'in', type: 'internal', From: BOB, txt: 'Hello' };
    await process(message);
    await one.until('conversations:change');
    await process({ eventType: 'presenceWatcher', eventId: '6', presenceWatcherNotificationParams: { name: BOB, status: 'open', activity: 'idle' } });
    await heard(one, 'presence:change', { userId: BOB, activity: 'idle' });
    await process({ eventType: 'mwi', eventId: '7', time: 5, mwiNotificationParams: { mwi: 'yes', totalVoice: '1' } });
    assert.deepEqual(await heard(one, 'voicemail:change'), { lastUpdated: 5, newMessagesWaiting: true, totalVoice: '1' });
    // The same one by the WebSocket is no second message.
    socket.notify(message);
    socket.notify({ eventType: 'mwi', eventId: '8', time: 6, mwiNotificationParams: { mwi: 'no' } });
    await heard(one, 'voicemail:change', { newMessagesWaiting: false });
    assert.deepEqual(await one.run((bob) => page.client.conversation.get(bob).getMessages().map(({ parts }) => parts), BOB), [[{ type: 'text', text: 'Hello' }]]);
    covers(t, 'notification.process', 'notification.process(platform)', 'notification.process(channel)');
  });
}

test('what people write and whom they know is in no line of the log', async () => {
  const secret = 'unspeakable';
  const [one, socket] = await signedIn('uc', EVENTS);
  for (const [, , method, url] of REQUESTS) server.answer(method, url, () => ({ status: 403, body: {} }));
  server.answer('GET', /\/rm\/send$/, () => ({ status: 403, body: {} }));
  await one.run((word) => {
    const { presence, contacts, user, clickToCall, sip, conversation, call } = page.client;
    presence.update('open', 'other', word);
    presence.subscribe(word);
    contacts.add({ contactId: word, firstName: word });
    user.search({ name: word });
    clickToCall.make(word, word);
    sip.subscribe('event:dialog', [word], word);
    call.history.setCache(JSON.stringify([{ recordId: word }]));
    conversation.create(word).createMessage(word).send();
  }, secret);
  socket.notify({ event: 'im', eventId: '5', id: '77', direction: 'in', type: 'internal', From: BOB, txt: secret });
  socket.notify({ eventType: 'presenceWatcher', eventId: '6', presenceWatcherNotificationParams: { name: BOB, status: 'open', note: secret } });
  await heard(one, 'presence:change', { note: secret });
  const written = await one.run(() => JSON.stringify(lines));
  assert.ok(written.includes('presence.update') && written.includes('conversation.send'));
  assert.equal(written.includes(secret), false);
});
