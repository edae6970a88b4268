// What the server keeps of conversations (api-behaviour 12): the list, histories in pieces, read marks, deleting.
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

/** A gateway where Alice has written these texts to Bob; and both of them. */
async function written(t, all, flavours = ['uc', 'uc']) {
  const gateway = await startGateway();
  t.after(() => gateway.stop());
  const [alice, bob] = await Promise.all(
    ['alice', 'bob'].map(async (user, n) => signedIn(await browsers.get('chromium', n), gateway, user, flavours[n])),
  );
  await write(alice, BOB, all);
  await Promise.all([settled(alice, BOB, all.length), settled(bob, ALICE, all.length)]);
  return { gateway, alice, bob };
}

/** A new page of a user, which has nothing but what the server has. */
async function anew(gateway, user) {
  const one = await signedIn(await browsers.get('firefox'), gateway, user);
  // What the page of before has not confirmed may come as notifications, before the list; conversations of the list have an id.
  const listed = await one.run(async () => {
    page.client.conversation.fetch();
    const known = ({ destination, type }) => page.client.conversation.get(destination, { type })?.id !== undefined;
    while (!page.all('conversations:change').at(-1)?.payload.every(known)) await page.next();
    page.pass('conversations:change');
    return page.all('conversations:change').at(-1).payload;
  });
  return [one, listed];
}

test('after a new login the list and the messages are there again, in order and once', async (t) => {
  const all = Array.from({ length: 60 }, (_, n) => `number ${n}`);
  const { gateway, alice, bob } = await written(t, all);
  const known = (await messages(alice, BOB)).map(({ messageId }) => messageId);
  assert.deepEqual((await messages(bob, ALICE)).map(({ messageId }) => messageId), known, 'the same ids on both sides');
  await write(alice, [BOB, CAROL], 'to both', 'group');
  await settled(alice, [BOB, CAROL], 1, 'group');

  const [later, listed] = await anew(gateway, 'alice');
  assert.deepEqual(listed.map(({ destination, type }) => [destination, type]).sort(), [[[BOB], 'im'], [[BOB, CAROL], 'group']].sort());
  const talk = await later.run((bob) => page.client.conversation.get(bob), BOB);
  assert.deepEqual([typeof talk.lastReceived, typeof talk.lastPull, talk.lastMessage.parts[0].text, talk.isPending], ['number', 'number', 'number 59', false]);
  assert.ok(Math.abs(talk.lastReceived - Date.now()) < 120_000, 'in milliseconds');

  const loading = await later.run((bob) => {
    page.client.conversation.get(bob).fetchMessages();
    return page.client.conversation.get(bob).isPending;
  }, BOB);
  assert.equal(loading, true);
  const { payload } = await later.until('messages:change', { payload: { destination: [BOB], type: 'im' } });
  assert.equal('messageId' in payload, false);
  assert.equal(await later.run((bob) => page.client.conversation.get(bob).isPending, BOB), false);
  assert.deepEqual(await texts(later, BOB), all.slice(-50), 'fifty by default');
  // The ones before, in pieces; one that is there already is there once.
  for (const [amount, count] of [[4, 54], [50, 60]]) {
    await later.run((bob, wanted) => {
      const talk = page.client.conversation.get(bob);
      talk.fetchMessages(wanted, { before: talk.getMessages()[0].messageId });
    }, BOB, amount);
    await later.until('messages:change', { payload: { destination: [BOB] } });
    assert.deepEqual(await texts(later, BOB), all.slice(-count));
  }
  await later.run((bob) => page.client.conversation.get(bob).fetchMessages(7), BOB);
  await later.until('messages:change', { payload: { destination: [BOB] } });
  const again = await messages(later, BOB);
  assert.deepEqual(again.map(({ messageId }) => messageId), known);
  assert.deepEqual([again[0].sender, again[0].own, again[0].isPending], [ALICE, true, false]);
  assert.equal(await later.run((bob) => page.client.conversation.get(bob).messageCount, BOB), 60);
  covers(t, 'conversation.fetch', 'conversation.fetch(options)', 'Conversation.fetchMessages', 'Conversation.fetchMessages(amount)',
    'Conversation.isPending', 'Conversation.lastPull', 'Conversation.lastReceived');
});

test('the list in parts: by type, and one of it', async (t) => {
  const { gateway, alice } = await written(t, ['hello']);
  await write(alice, [BOB, CAROL], 'to both', 'group');
  await settled(alice, [BOB, CAROL], 1, 'group');
  const group = await alice.run((users) => page.client.conversation.get(users, { type: 'group' }).id, [BOB, CAROL]);
  const [later] = await anew(gateway, 'alice');
  assert.equal(await later.run((users) => page.client.conversation.get(users, { type: 'group' }).id, [BOB, CAROL]), group);
  const [one, both] = [{ destination: [BOB], type: 'im' }, { destination: [BOB, CAROL], type: 'group' }];
  const cases = [
    [{ type: 'internal' }, [one]], [{ type: 'im' }, [one]], [{ type: 'group' }, [both]], [{ type: 'sms' }, []], [{ type: 'unknown' }, []],
    [{ thread: group }, [both]], [{ touched: 'lastcheck' }, [one, both]],
  ];
  for (const [options, wanted] of cases) {
    await later.run((given) => page.client.conversation.fetch(given), options);
    const { payload } = await later.until('conversations:change');
    assert.deepEqual(payload.sort((a, b) => a.destination.length - b.destination.length), wanted, JSON.stringify(options));
  }
  covers(t, 'conversation.fetch(options.type)', ...['internal', 'sms', 'group', 'unknown'].map((type) => `conversation.fetch(options.type) = ${type}`),
    'conversation.fetch(options.thread)', 'conversation.fetch(options.touched)', 'Conversation.id');
});

test('what is read is read, here and at the server', async (t) => {
  const { gateway, bob } = await written(t, ['one', 'two', 'three']);
  const unread = (one) => one.run((alice) => page.client.conversation.get(alice).unread, ALICE);
  assert.equal(await unread(bob), 3);
  const { ids, none } = await bob.run((alice) => {
    const all = page.client.conversation.get(alice).getMessages();
    page.pass('messages:change');
    // It is the only request from here on.
    window.marked = new Promise((resolve) => (watch.onanswer = resolve));
    all[1].markRead();
    return { ids: all.map(({ messageId }) => messageId), none: typeof page.client.conversation.create('carol@example.com').markRead };
  }, ALICE);
  assert.equal(none, 'undefined');
  await bob.until('messages:change', { payload: { destination: [ALICE], type: 'im', messageId: ids[1] } });
  assert.deepEqual((await messages(bob, ALICE)).map(({ read }) => read), [true, true, false]);
  assert.equal(await unread(bob), 1);
  await bob.run(() => marked);
  const [later] = await anew(gateway, 'bob');
  await later.run(async (alice) => {
    page.client.conversation.get(alice).fetchMessages();
    while (page.client.conversation.get(alice).isPending) await page.next();
  }, ALICE);
  assert.deepEqual((await messages(later, ALICE)).map(({ read }) => read), [true, true, false]);
  assert.equal(await unread(later), 1);
  covers(t, 'StoredMessage.markRead', 'StoredMessage.read');
});

test('messages are cleared here, and deleted at the server, one, all, or with their conversation', async (t) => {
  const { gateway, alice, bob } = await written(t, ['one', 'two', 'three', 'four']);
  await alice.run((bob) => page.client.conversation.get(bob).clearMessages(), BOB);
  await alice.until('messages:change', { payload: { destination: [BOB], type: 'im' } });
  assert.deepEqual(await texts(alice, BOB), []);

  const [later] = await anew(gateway, 'alice');
  const load = async () => {
    await later.run((bob) => page.client.conversation.get(bob).fetchMessages(), BOB);
    await later.until('messages:change', { payload: { destination: [BOB] } });
    return texts(later, BOB);
  };
  assert.deepEqual(await load(), ['one', 'two', 'three', 'four']);
  await later.run(async (bob) => {
    page.pass('messages:change');
    const talk = page.client.conversation.get(bob);
    const [, two, three] = talk.getMessages();
    talk.deleteMessages([two.messageId, three.messageId]);
    await page.until('messages:change', { payload: { destination: [bob], type: 'im' } });
    await page.until('messages:change', { payload: { destination: [bob], type: 'im' } });
  }, BOB);
  assert.deepEqual(await texts(later, BOB), ['one', 'four']);
  await later.run((bob) => page.client.conversation.get(bob).clearMessages(), BOB);
  assert.deepEqual(await load(), ['one', 'four'], 'gone at the server, too');
  assert.deepEqual(await texts(bob, ALICE), ['one', 'two', 'three', 'four'], 'the other side keeps its own');

  await later.run((bob) => page.client.conversation.get(bob).deleteMessages(), BOB);
  await settledAt(later, 0);
  assert.deepEqual(await load(), []);
  await later.run((bob) => page.client.conversation.get(bob).delete(), BOB);
  const { payload } = await later.until('conversations:change');
  assert.deepEqual(payload, []);
  assert.equal(await later.run((bob) => page.client.conversation.get(bob) ?? null, BOB), null);
  const [last, listed] = await anew(gateway, 'alice');
  assert.deepEqual(listed, []);
  assert.deepEqual(await last.run(() => page.client.conversation.getAll()), []);
  covers(t, 'Conversation.clearMessages', 'Conversation.deleteMessages', 'Conversation.deleteMessages(messageIds)', 'Conversation.delete');
});

test('Link keeps nothing: no list, and an error for what is asked of it', async (t) => {
  const { alice } = await written(t, ['one', 'two'], ['link', 'link']);
  const seen = await alice.run((bob) => {
    const talk = page.client.conversation.get(bob);
    page.client.conversation.fetch();
    talk.fetchMessages();
    return talk.features;
  }, BOB);
  assert.deepEqual(seen, ['base']);
  const { payload } = await alice.until('messages:error');
  assert.deepEqual([payload.error.code, payload.error.name], ['messaging:6', 'BasicError']);
  assert.equal(await alice.run((bob) => page.client.conversation.get(bob).isPending, BOB), false);
  // Deleting concerns what is here.
  await alice.run((bob) => page.client.conversation.get(bob).deleteMessages([page.client.conversation.get(bob).getMessages()[0].messageId]), BOB);
  await alice.until('messages:change');
  assert.deepEqual(await texts(alice, BOB), ['two']);
  await alice.run((bob) => page.client.conversation.get(bob).delete(), BOB);
  assert.deepEqual((await alice.until('conversations:change')).payload, []);
  assert.deepEqual(await alice.run(() => watch.requests.filter(({ path }) => path.includes('/rm/'))), []);
  assert.deepEqual(await alice.run(() => page.client.getConfig().messaging.features), ['base']);
  covers(t, 'messages:error', 'messages:error.error', 'error messaging:6', 'config messaging.features', 'Conversation.features');
});

/** Resolves when the conversation with Bob has so many messages. */
function settledAt(one, count) {
  return one.run(async (bob, wanted) => {
    while (page.client.conversation.get(bob).getMessages().length !== wanted) await page.next();
  }, BOB, count);
}
