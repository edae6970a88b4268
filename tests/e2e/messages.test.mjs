// Conversations and messages between real browsers and a real gateway (api-behaviour 12): every function, event and field.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { covers } from '../lib/covers.mjs';
import { browserPool } from './lib/browsers.mjs';
import { startGateway } from './lib/gateway.mjs';
import { messages, settled, texts, write } from './lib/messages.mjs';
import { signedIn } from './lib/page.mjs';

const browsers = browserPool();
after(() => browsers.close());
const [ALICE, BOB, CAROL] = ['alice', 'bob', 'carol'].map((user) => `${user}@example.com`);

/** These users, each in a page of a browser of their own, at a gateway that knows of no message yet. */
async function pages(t, flavours, first = 'chromium') {
  const users = ['alice', 'bob', 'carol'];
  const gateway = await startGateway();
  t.after(() => gateway.stop());
  return Promise.all(
    flavours.map(async (flavour, n) => signedIn(await browsers.get(n === 0 ? first : 'chromium', n), gateway, users[n], flavour)),
  );
}

test('a conversation is made once, and found by its members and type', async (t) => {
  const [alice] = await pages(t, ['uc']);
  const found = await alice.run((bob) => {
    const { conversation } = page.client;
    const made = conversation.create(bob);
    return {
      nobody: conversation.get('nobody@example.com') ?? null,
      made,
      again: conversation.create([bob]).destination,
      byText: conversation.create(bob, 'sms').type,
      sms: conversation.get(bob, { type: 'sms' }).type,
      other: conversation.get(bob, { type: 'other' }) ?? null,
      found: conversation.get([bob], { type: 'im' }).destination,
      all: conversation.getAll().map(({ destination, type }) => [destination, type]),
    };
  }, BOB);
  const { made } = found;
  assert.deepEqual([made.destination, made.type, made.isTypingList, made.messages], [[BOB], 'im', [], []]);
  assert.equal(found.nobody, null);
  assert.deepEqual([found.again, found.byText, found.sms, found.other, found.found], [[BOB], 'sms', 'sms', null, [BOB]]);
  assert.deepEqual(found.all, [[[BOB], 'im'], [[BOB], 'sms']]);
  await alice.until('conversations:new');
  await alice.until('conversations:new');
  assert.deepEqual(await alice.run(() => page.all('conversations:new').map(({ payload }) => payload)), [{}, {}]);
  await assert.rejects(alice.run((bob) => page.client.conversation.create(bob, null), BOB), /TypeError/);
  covers(t, 'conversation.create', 'conversation.create(destination)', 'conversation.create(options)', 'conversation.create(options.type)',
    'conversation.get', 'conversation.get(destination)', 'conversation.get(options)', 'conversation.get(options.type)', 'conversation.getAll',
    ...['im', 'sms', 'other'].map((type) => `conversation.get(options.type) = ${type}`), 'conversations:new',
    'Conversation.destination', 'Conversation.type', 'Conversation.isTypingList');
});

for (const [a, b, first] of [['uc', 'uc', 'firefox'], ['uc', 'link', 'chromium'], ['link', 'uc', 'chromium'], ['link', 'link', 'firefox']]) {
  test(`a message of ${a} to ${b}: pending, taken, received (${first})`, async (t) => {
    const [alice, bob] = await pages(t, [a, b], first);
    const text = 'Grüße 😀 <b>&"\'\n% +';
    const before = Date.now() - 1_000;
    const pending = await alice.run((to, what) => {
      const talk = page.client.conversation.create(to);
      const message = talk.createMessage(what);
      const parts = { ...message };
      message.send();
      return { message: parts, stored: talk.getMessages(), after: message.parts };
    }, BOB, text);
    assert.deepEqual([pending.message.destination, pending.message.type], [[BOB], 'im']);
    assert.deepEqual(pending.after, [{ type: 'text', text }]);
    const [waiting] = pending.stored;
    assert.deepEqual([waiting.isPending, waiting.read, waiting.type, waiting.parts], [true, false, 'im', [{ type: 'text', text }]]);
    const { payload } = await alice.until('messages:change');
    assert.deepEqual([payload.destination, payload.type, payload.sender], [[BOB], 'im', ALICE]);
    const [sent] = await messages(alice, BOB);
    assert.deepEqual([sent.isPending, sent.messageId, sent.sender, sent.own], [false, payload.messageId, ALICE, true]);
    assert.ok(sent.timestamp >= before && sent.timestamp <= Date.now() + 1_000);

    const opened = await bob.until('conversations:change');
    assert.deepEqual(opened.payload, [{ destination: [ALICE], type: 'im' }]);
    const [got] = await messages(bob, ALICE);
    assert.deepEqual([got.parts, got.sender, got.isPending, got.read, got.own], [[{ type: 'text', text }], ALICE, false, false, false]);
    assert.equal(typeof got.messageId, 'string');
    const one = await bob.run((alice) => {
      const talk = page.client.conversation.get(alice);
      const [{ messageId }] = talk.getMessages();
      return [talk.getMessage(messageId).messageId === messageId, talk.getMessage('nope') ?? null, talk.unread, talk.lastMessage.parts, typeof talk.lastReceived, talk.messages.length];
    }, ALICE);
    assert.deepEqual(one, [true, null, 1, [{ type: 'text', text }], 'number', 1]);
    // The second one: no new conversation, but a message in it, without `sender`.
    await write(alice, BOB, 'two');
    const second = await bob.until('messages:change', { payload: { destination: [ALICE], type: 'im' } });
    assert.equal('sender' in second.payload, false);
    assert.deepEqual(await texts(bob, ALICE), [text, 'two']);
    covers(t, 'Conversation.createMessage', 'Conversation.createMessage(part)', 'Conversation.getMessages', 'Conversation.getMessage',
      'Conversation.getMessage(messageId)', 'Conversation.messages', 'Conversation.lastMessage', 'Conversation.lastReceived', 'Message.send',
      ...['destination', 'parts', 'type'].map((field) => `Message.${field}`), 'Part.type', 'Part.text',
      ...['timestamp', 'isPending', 'read', 'parts', 'type', 'sender', 'messageId'].map((field) => `StoredMessage.${field}`),
      'messages:change', ...['destination', 'type', 'messageId', 'sender'].map((key) => `messages:change.${key}`),
      'conversations:change', 'conversations:change.[].destination', 'conversations:change.[].type');
  });
}

test('M1: who subscribes to a conversation hears of its messages, until they have enough', async (t) => {
  const [alice, bob] = await pages(t, ['uc', 'link']);
  await alice.run((to) => {
    window.heard = [];
    window.others = [];
    const talk = page.client.conversation.create(to);
    window.enough = talk.subscribe((told) => heard.push(told));
    page.client.conversation.create('carol@example.com').subscribe((told) => others.push(told));
    talk.createMessage('one').send();
  }, BOB);
  await settled(alice, BOB, 1);
  await bob.until('conversations:change');
  await write(bob, ALICE, 'back');
  assert.deepEqual((await settled(alice, BOB, 2)), ['one', 'back']);
  const { heard, known, others } = await alice.run((to) => ({ heard, others, known: page.client.conversation.get(to).getMessages().map(({ messageId }) => messageId) }), BOB);
  assert.equal(new Set(heard.map(({ conversationId }) => conversationId)).size, 1);
  for (const id of known) assert.ok(heard.some(({ messageId }) => messageId === id), `${id} in ${JSON.stringify(heard)}`);
  assert.deepEqual(others, []);
  await alice.run(() => enough());
  await write(bob, ALICE, 'unheard');
  await settled(alice, BOB, 3);
  assert.equal(await alice.run(() => heard.length), heard.length);
  covers(t, 'Conversation.subscribe', 'Conversation.subscribe(subscriber)');
});

test('fifty messages at once keep their order on both sides', async (t) => {
  const [alice, bob] = await pages(t, ['uc', 'link'], 'firefox');
  const all = Array.from({ length: 50 }, (_, n) => `number ${n}`);
  await write(alice, BOB, all);
  assert.deepEqual(await texts(alice, BOB), all, 'at once');
  await write(bob, ALICE, all.map((text) => `back ${text}`));
  await Promise.all([settled(alice, BOB, 100), settled(bob, ALICE, 100)]);
  const [here, there] = [await texts(alice, BOB), await texts(bob, ALICE)];
  for (const list of [here, there]) {
    assert.deepEqual(list.filter((text) => text.startsWith('number')), all);
    assert.deepEqual(list.filter((text) => text.startsWith('back')), all.map((text) => `back ${text}`));
  }
});

test('three in a group: everybody reads everybody, in one conversation', async (t) => {
  const [alice, bob, carol] = await pages(t, ['uc', 'uc', 'uc']);
  await write(alice, [BOB, CAROL], 'to both', 'group');
  const { payload } = await alice.until('messages:change');
  assert.deepEqual([payload.destination, payload.type], [[BOB, CAROL], 'group']);
  const { id, features } = await alice.run((users) => page.client.conversation.get(users, { type: 'group' }), [BOB, CAROL]);
  assert.match(id, /./);
  assert.deepEqual(features, ['base', 'parts', 'rich', 'history', 'group']);
  for (const one of [bob, carol]) {
    const { payload: opened } = await one.until('conversations:change');
    assert.equal(opened[0].type, 'group', JSON.stringify(opened));
  }
  const theirs = await bob.run(() => page.client.conversation.getAll().find(({ type }) => type === 'group').destination);
  await write(bob, theirs, 'to all', 'group');
  await alice.until('messages:change', { payload: { destination: [BOB, CAROL], type: 'group' } });
  await settled(alice, [BOB, CAROL], 2, 'group');
  const read = (one) => one.run(() => page.client.conversation.getAll().filter(({ type }) => type === 'group').map((talk) => talk.getMessages().map(({ sender, parts }) => [sender, parts[0].text])));
  await carol.until('messages:change');
  for (const one of [alice, bob, carol]) assert.deepEqual(await read(one), [[[ALICE, 'to both'], [BOB, 'to all']]]);
  covers(t, 'Conversation.id', 'Conversation.features');
});

test('a message is forwarded, with everything that is in it', async (t) => {
  const [alice, bob, carol] = await pages(t, ['uc', 'uc', 'uc']);
  await alice.run((to) => {
    const message = page.client.conversation.create(to).createMessage('see this');
    message.addPart({ type: 'json', json: { where: [52.5, null], nested: { deep: true } } });
    message.send();
  }, BOB);
  await bob.until('conversations:change');
  await bob.run((alice, carol) => page.client.conversation.get(alice).getMessages().at(-1).forward(carol), ALICE, CAROL);
  await bob.until('messages:change', { payload: { destination: [CAROL], sender: BOB } });
  await carol.until('conversations:change');
  const [got] = await messages(carol, BOB);
  assert.deepEqual(got.parts.map(({ type, text, json }) => text ?? [type, json]), ['see this', ['json', { where: [52.5, null], nested: { deep: true } }]]);
  covers(t, 'StoredMessage.forward', 'StoredMessage.forward(destination)', 'Message.addPart', 'Message.addPart(part)', 'Part.json');
});
