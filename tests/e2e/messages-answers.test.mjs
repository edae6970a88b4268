// Messages and a server that refuses, says something odd, or nothing at all (api-behaviour 12, protocol §0.7, §7): every message
// comes to rest, every failure is told, and nothing is sent twice to a server that would take it for two.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { covers } from '../lib/covers.mjs';
import { messages, settled, texts, write } from './lib/messages.mjs';
import { ALICE, scriptStage } from './lib/script-stage.mjs';
import { CUT } from './lib/scripted.mjs';

const { server, signedIn } = await scriptStage();
const BOB = 'bob@example.com';
const SEND = { uc: ['GET', /\/rm\/send$/], link: ['POST', /\/instantmessage$/] };
const TAKEN = { uc: { success: { id: 'M-1' } }, link: { imResponse: { statusCode: 0, messageId: 'M-1' } } };

/** What a server can answer to a message, and what becomes of it: the code of its error, and whether `messages:error` comes, too. */
const ANSWERS = [
  ['uc', 'refused in a 2xx', { body: { error: { code: 42, human: 'No such user.' } } }, 42, false],
  ['uc', 'refused with a text as code', { body: { error: { code: 'e7', human: 'No.' } } }, 'e7', false],
  ['uc', 'refused with a status', { status: 403, body: { error: { code: 9, human: 'Forbidden.' } } }, 9, false],
  ['uc', 'a status and nothing', { status: 404, body: {} }, 'messaging:5', false],
  ['uc', 'neither success nor error', { body: {} }, 'messaging:5', true],
  ['uc', 'a success without an id', { body: { success: {} } }, 'messaging:5', true],
  ['uc', 'a broken server', { status: 500, body: {} }, 'messaging:5', true],
  ['uc', 'half an answer', { status: CUT }, 'messaging:5', true],
  ['link', 'refused in a 2xx', { body: { imResponse: { statusCode: 4 } } }, 'messaging:5', false],
  ['link', 'refused with a status', { status: 404, body: { imResponse: { statusCode: 42 } } }, 'messaging:5', false],
  ['link', 'no message id', { body: { imResponse: { statusCode: 0 } } }, 'messaging:5', true],
  ['link', 'half an answer', { status: CUT }, 'messaging:5', true],
];

for (const [flavour, what, answer, code, told] of ANSWERS) {
  test(`${flavour}, ${what}: the message has come to rest with an error, and the next one is sent`, async (t) => {
    const [one] = await signedIn(flavour);
    server.answer(...SEND[flavour], () => answer);
    await write(one, BOB, 'lost');
    const { payload } = await one.until('messages:change');
    assert.deepEqual([payload.destination, payload.type, 'messageId' in payload], [[BOB], 'im', false]);
    if (told) {
      const failed = await one.until('messages:error');
      assert.deepEqual([failed.payload.error.code, failed.payload.error.name], [code, 'BasicError']);
      assert.match(failed.payload.error.message, /may have arrived/);
    }
    const [lost] = await messages(one, BOB);
    assert.deepEqual([lost.isPending, lost.messageId, lost.error.code], [false, null, code]);
    assert.equal(await one.run((bob) => page.client.conversation.get(bob).getMessages()[0].error instanceof Error, BOB), true);
    server.answer(...SEND[flavour], () => ({ body: TAKEN[flavour] }));
    await write(one, BOB, 'next');
    await one.until('messages:change', { payload: { messageId: 'M-1' } });
    assert.equal(server.requests.filter(({ method, path }) => method === SEND[flavour][0] && SEND[flavour][1].test(path)).length, 2);
    covers(t, 'StoredMessage.error', 'error messaging:5', 'messages:change', 'messages:change.messageId', 'messages:change.destination');
  });
}

for (const flavour of ['uc', 'link']) {
  test(`a server that knows message ids is asked again with the same id (${flavour})`, async () => {
    const [one] = await signedIn(flavour, knowing());
    const answers = [{ status: CUT }, { status: 503, body: {} }, { body: TAKEN[flavour] }];
    server.answer(...SEND[flavour], () => answers.shift());
    await write(one, BOB, 'once');
    await one.until('messages:change', { payload: { messageId: 'M-1' } });
    const sent = server.requests.filter(({ method, path }) => method === SEND[flavour][0] && SEND[flavour][1].test(path));
    const ids = sent.map(({ query, body }) => query.clientMessageId ?? body.imRequest.clientMessageId);
    assert.equal(ids.length, 3);
    assert.equal(new Set(ids).size, 1);
    assert.match(ids[0], /^.{16,128}$/);
    assert.deepEqual(await one.run(() => page.all('messages:error')), []);
  });
}

test('a server that does not know them is not told any', async () => {
  const [one] = await signedIn('uc');
  server.answer(...SEND.uc, () => ({ body: TAKEN.uc }));
  await write(one, BOB, 'plain & simple');
  const { query } = await server.asked(...SEND.uc);
  delete query.token;
  assert.deepEqual(query, { to: BOB, txt: 'plain & simple' });
  await one.until('messages:change', { payload: { messageId: 'M-1' } });
});

test('an upload that is refused is an error of the message; one that is lost is repeated', async (t) => {
  const [one] = await signedIn('uc');
  const upload = ['POST', /\/rm\/upload$/];
  const send = () => one.run((to) => {
    page.client.conversation.create(to).createMessage({ type: 'file', file: new File(['content'], 'a.txt', { type: 'text/plain' }) }).send();
  }, BOB);
  server.answer(...upload, () => ({ status: 413, body: { error: { code: 1, human: 'Too large.' } } }));
  await send();
  const { payload } = await one.until('messages:error');
  assert.equal(payload.error.code, 'messaging:7');
  const [refused] = await messages(one, BOB);
  assert.deepEqual([refused.isPending, refused.error.code, refused.parts[0].name], [false, 'messaging:7', 'a.txt']);

  const answers = [{ status: CUT }, { body: { success: { handle: 'H 1' } } }];
  server.answer(...upload, () => answers.shift());
  server.answer(...SEND.uc, () => ({ body: { success: { id: 'M-1', attachments: [{ mime: 'text/plain', name: 'a.txt', url: 'https://files.example.com/1' }] } } }));
  await send();
  await one.until('messages:change', { payload: { messageId: 'M-1' } });
  const bodies = server.requests.filter(({ path }) => upload[1].test(path)).map(({ body }) => body);
  assert.equal(bodies.length, 3);
  for (const body of bodies) assert.match(body, /content/, 'with the file each time');
  assert.equal((await server.asked(...SEND.uc)).query.attach, 'H 1');
  const [, sent] = await messages(one, BOB);
  assert.deepEqual([sent.parts[0].url, sent.parts[0].file.url], ['https://files.example.com/1', 'https://files.example.com/1']);
  covers(t, 'error messaging:7');
});

test('what cannot be fetched, deleted or marked is told, and nothing stays pending', async (t) => {
  const [one, socket] = await signedIn('uc', knowing());
  server.answer('GET', /\/rm\/threads$/, () => ({ status: 500, body: {} }));
  await one.run(() => page.client.conversation.fetch());
  assert.equal((await one.until('messages:error')).payload.error.code, 'messaging:8');
  server.answer('GET', /\/rm\/threads$/, () => ({ body: { error: { code: 5, human: 'Not now.' } } }));
  await one.run(() => page.client.conversation.fetch());
  assert.match(String((await one.until('messages:error')).payload.error.code), /^(5|messaging:8)$/);

  // Its id at the server is not known.
  await one.run((bob) => page.client.conversation.create(bob).fetchMessages(), BOB);
  assert.equal((await one.until('messages:error')).payload.error.code, 'messaging:6');
  server.answer('GET', /\/rm\/threads$/, () => ({ body: { success: [{ handle: BOB, thread: 'T-1', type: 'internal' }] } }));
  await one.run(() => page.client.conversation.fetch());
  await one.until('conversations:change');
  for (const answer of [{ status: 404, body: {} }, { body: { error: { code: 3, human: 'No.' } } }, { body: { success: 'nonsense' } }, { status: CUT }]) {
    server.answer('GET', /\/rm\/thread\/T-1$/, () => answer);
    await one.run((bob) => page.client.conversation.get(bob).fetchMessages(), BOB);
    const { payload } = await one.until('messages:error');
    assert.equal(payload.error.code, 'messaging:6', JSON.stringify(answer));
    assert.equal(await one.run((bob) => page.client.conversation.get(bob).isPending, BOB), false);
  }

  socket.send(instant('77', 'hello'));
  await one.until('messages:change', { payload: { messageId: '77' } });
  server.answer('GET', /\/rm\/read\//, () => ({ status: 403, body: { error: { code: 8, human: 'No.' } } }));
  await one.run((bob) => page.client.conversation.get(bob).getMessages()[0].markRead(), BOB);
  assert.match(String((await one.until('messages:error')).payload.error.code), /^(8|messaging:2)$/);
  server.answer('GET', /\/rm\/read\//, () => ({ status: 500, body: {} }));
  socket.send(instant('78', 'again'));
  await one.until('messages:change', { payload: { messageId: '78' } });
  await one.run((bob) => page.client.conversation.get(bob).getMessages()[1].markRead(), BOB);
  assert.equal((await one.until('messages:error')).payload.error.code, 'messaging:2');

  server.answer('GET', /\/rm\/delete\//, () => ({ body: { error: { code: 6, human: 'Not yours.' } } }));
  await one.run((bob) => page.client.conversation.get(bob).deleteMessages(['77']), BOB);
  assert.equal((await one.until('messages:error')).payload.error.code, 6);
  await one.run((bob) => page.client.conversation.get(bob).delete(), BOB);
  assert.equal((await one.until('messages:error')).payload.error.code, 6);
  assert.deepEqual(await texts(one, BOB), ['hello', 'again'], 'they are still there');
  covers(t, 'error messaging:8', 'error messaging:6', 'error messaging:2', 'messages:error', 'messages:error.error');
});

test('nobody to write to: an error, and no request', async (t) => {
  const [one] = await signedIn('uc');
  for (const to of ['', [], [''], [7]]) {
    await one.run((whom) => page.client.conversation.create(whom)?.createMessage('to nobody').send(), to);
    const { payload } = await one.until('messages:error');
    assert.equal(payload.error.code, 'messaging:9', JSON.stringify(to));
  }
  assert.deepEqual(server.requests.filter(({ path }) => path.includes('/rm/')), []);
  covers(t, 'error messaging:9');
});

test('a message without anything in it is an error, and others follow it', async (t) => {
  const [one] = await signedIn('uc');
  server.answer(...SEND.uc, () => ({ body: TAKEN.uc }));
  await write(one, BOB, '');
  assert.equal((await one.until('messages:error')).payload.error.code, 'messaging:5');
  await one.run((to) => page.client.conversation.create(to).createMessage().send(), BOB);
  assert.equal((await one.until('messages:error')).payload.error.code, 'messaging:5');
  await write(one, BOB, 'something');
  await one.until('messages:change', { payload: { messageId: 'M-1' } });
  assert.deepEqual((await messages(one, BOB)).map(({ isPending }) => isPending), [false, false, false]);
  covers(t, 'error messaging:5');
});

test('M5: without a login every message fails with an event, and none is sent later', async (t) => {
  const [one] = await signedIn('uc');
  await one.run(() => page.client.disconnect());
  await one.until('auth:change', { connection: { isConnected: false, isPending: false } });
  await write(one, BOB, 'not now');
  const { payload } = await one.until('messages:error');
  assert.deepEqual([payload.error.code, payload.error.message], ['messaging:5', 'The message was not sent: nobody is logged in.']);
  const [failed] = await messages(one, BOB);
  assert.deepEqual([failed.isPending, failed.messageId], [false, null]);
  await one.run((given) => page.client.connect(given), ALICE);
  await one.until('auth:change', { connection: { isConnected: true, isPending: false } });
  server.answer(...SEND.uc, () => ({ body: TAKEN.uc }));
  await write(one, BOB, 'now');
  await one.until('messages:change', { payload: { messageId: 'M-1' } });
  assert.deepEqual(server.requests.filter(({ path }) => SEND.uc[1].test(path)).map(({ query }) => query.txt), ['now']);
  covers(t, 'Message.send', 'messages:error');
});

test('odd notifications disturb no others, and a repeated one is one message', async (t) => {
  const [one, socket] = await signedIn('uc');
  const odd = [{}, { event: 'im' }, { ...instant('1', 'x').notificationMessage, From: undefined }, { event: 'im', direction: 'out', id: '2', From: BOB, txt: 'mine' },
    { event: 'im', direction: 'in', id: '3', From: BOB, type: 'internal', Attach: 7 }, { event: 'im', direction: 'in', id: {}, From: [], txt: 5 }];
  server.answer('GET', /\/rm\/thread\//, () => ({ status: 404, body: {} }));
  for (const notificationMessage of odd) socket.send({ notificationMessage });
  for (const id of ['7', '7', '8']) socket.send(instant(id, `number ${id}`));
  await one.until('messages:change', { payload: { messageId: '8' } });
  const got = await settledTexts(one);
  assert.deepEqual(got.filter((text) => text.startsWith('number')), ['number 7', 'number 8']);
  // By another way: the platform is not needed to understand it.
  for (const [n, platform] of [[9, 'uc'], [10, 'link']]) {
    await one.run((...given) => page.client.notification.process(...given), instant(String(n), `number ${n}`), 'EXTERNAL', platform);
    await one.until('messages:change', { payload: { messageId: String(n) } });
  }
  assert.deepEqual(await one.run(() => watch.thrown), []);
  covers(t, 'notification.process(platform)');
});

async function settledTexts(one) {
  return settled(one, BOB, 2);
}

function instant(id, txt) {
  return { notificationMessage: { event: 'im', direction: 'in', id, type: 'internal', From: BOB, txt } };
}

/** From now on logins are answered by a server that knows message ids. */
function knowing() {
  server.answer('POST', /\/subscription$/, ({ path, body: { subscribeRequest } }) => ({
    body: {
      subscribeResponse: {
        statusCode: 0,
        subscription: `${path}/S-1`,
        subscriptionParams: { ...subscribeRequest, supported: ['MessageIds'], notificationChannel: '/notification/1.0/websocket/C-1', sessionId: 'X-1' },
      },
    },
  }));
}
