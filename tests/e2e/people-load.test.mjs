// The second engine, which a page loads when it first uses messages or people: what can be read before it is there, what becomes of
// wishes when it cannot be loaded, and that the next attempt works.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { covers } from '../lib/covers.mjs';
import { signedInBehind } from './lib/connection.mjs';
import { messages, settled, texts, write } from './lib/messages.mjs';
import { signedIn } from './lib/page.mjs';
import { startProxy } from './lib/proxy.mjs';
import { stage } from './lib/stage.mjs';

const { browsers, gateway } = await stage();
const [ALICE, BOB] = ['alice@example.com', 'bob@example.com'];

/** A command of each namespace, and the event by which it fails. */
const COMMANDS = [
  ['conversation.create', ['bob@example.com'], 'messages:error'],
  ['conversation.fetch', [], 'messages:error'],
  ['presence.update', ['open', 'active'], 'presence:error'],
  ['presence.subscribe', ['bob@example.com'], 'presence:error'],
  ['contacts.add', [{ contactId: 'c' }], 'contacts:error'],
  ['contacts.refresh', [], 'contacts:error'],
  ['user.search', [{ userId: 'bob' }], 'directory:error'],
  ['user.fetchSelfInfo', [], 'directory:error'],
  ['voicemail.fetch', [], 'voicemail:error'],
  ['call.history.fetch', [], 'callHistory:error'],
  ['clickToCall.make', ['alice@example.com', 'bob@example.com'], 'clickToCall:error'],
  ['sip.subscribe', ['event:x', ['bob@example.com'], 'me'], 'sip:error'],
];

for (const name of ['chromium', 'firefox']) {
  test(`a page that only calls does not load it; reads before it is there agree with what was asked (${name})`, async () => {
    const one = await signedIn(await browsers.get(name), gateway, 'alice');
    const loaded = () => one.run(() => performance.getEntriesByType('resource').some(({ name }) => name.includes('people')));
    const read = await one.run(() => {
      const { conversation, presence, contacts, user, voicemail, call, clickToCall, sip } = page.client;
      return [conversation.getAll(), conversation.get('bob@example.com') ?? null, presence.getAll(), presence.getSelf(), contacts.getAll(),
        user.getAll(), voicemail.get(), call.history.get(), call.history.getCache(), clickToCall.get(), sip.getDetails()];
    });
    assert.deepEqual(read, [[], null, [], {}, {}, [], {}, [], '[]', [], {}]);
    assert.equal(await loaded(), false);
    const early = await one.run((bob) => {
      const talk = page.client.conversation.create(bob);
      const again = page.client.conversation.create(bob);
      talk.createMessage('one').send();
      again.createMessage('two').send();
      page.client.conversation.create([bob, 'carol@example.com'], { type: 'group' });
      return {
        talks: page.client.conversation.getAll().map(({ destination, type }) => [destination, type]),
        sent: talk.getMessages().map(({ parts, isPending, read }) => [parts[0].text, isPending, read]),
        same: page.client.conversation.get(bob).getMessages().length,
      };
    }, BOB);
    assert.deepEqual(early.talks, [[[BOB], 'im'], [[BOB, 'carol@example.com'], 'group']]);
    assert.deepEqual(early.sent, [['one', true, false], ['two', true, false]]);
    assert.equal(early.same, 2);
    await settled(one, BOB, 2);
    assert.deepEqual(await texts(one, BOB), ['one', 'two']);
    assert.equal(await loaded(), true);
    assert.deepEqual(await one.run(() => page.client.conversation.getAll().map(({ destination, type }) => [destination, type])), early.talks);
  });

  test(`neither the file nor its copy: each command fails with engine:1, and works when they are back (${name})`, async (t) => {
    const proxy = await startProxy(gateway);
    t.after(() => proxy.stop());
    proxy.fault = ({ path }) => (/kandy_people_bg\.wasm$|people-copy\.js$/.test(path) ? { status: 404 } : undefined);
    const one = await signedInBehind(await browsers.get(name), { proxy }, 'alice');
    for (const [path, args, event] of COMMANDS) {
      const returned = await one.run((...given) => {
        const [name, list] = given;
        return page.attempt(name, list).then(({ outcome }) => outcome);
      }, path, args);
      const { payload } = await one.until(event, { payload: { error: { code: 'engine:1' } } });
      assert.equal(payload.error.name, 'BasicError', path);
      assert.ok(payload.error.message.length > 0);
      if (path === 'clickToCall.make') assert.equal(payload.callId, returned);
    }
    assert.equal((await one.run(() => page.shape('messages:error'))).error, 'error', 'an instance of Error');
    assert.deepEqual(await one.run(() => watch.thrown), []);
    assert.equal(await one.run(() => page.client.getConnection().isConnected), true, 'calls and the login are as before');

    proxy.fault = () => undefined;
    await write(one, BOB, 'after it');
    await settled(one, BOB, 1);
    const [sent] = await messages(one, BOB);
    assert.deepEqual([sent.isPending, sent.sender, sent.error ?? null], [false, ALICE, null]);
    await one.run(() => page.client.presence.update('open', 'active'));
    await one.until('presence:selfChange');
    covers(t, 'messages:error', 'messages:error.error');
  });
}

// Firefox keeps a module that failed for the life of the page (HTML, module map): there it takes a reload.
test('without the module that loads it: an error, and the next attempt works', async (t) => {
  const proxy = await startProxy(gateway);
  t.after(() => proxy.stop());
  proxy.fault = ({ path }) => (/people-engine\.js$/.test(path) ? { status: 503 } : undefined);
  const one = await signedInBehind(await browsers.get('chromium'), { proxy }, 'alice');
  for (let attempt = 0; attempt < 2; attempt += 1) {
    await one.run(() => page.client.presence.update('open', 'away'));
    await one.until('presence:error', { payload: { error: { code: 'engine:1' } } });
  }
  proxy.fault = () => undefined;
  await one.run(() => page.client.presence.update('open', 'away'));
  await one.until('presence:selfChange');
  assert.equal(await one.run(() => page.client.presence.getSelf().activity), 'away');
});

test('without the file the copy does', async () => {
  const one = await signedIn(await browsers.get('chromium'), gateway, 'alice');
  const asked = await one.run(async (bob) => {
    const seen = [];
    watch.answering = (method, path) => {
      if (!path.endsWith('kandy_people_bg.wasm')) return undefined;
      seen.push(path);
      return { status: 404, body: {} };
    };
    page.client.conversation.create(bob).createMessage('by the copy').send();
    await page.until('messages:change', { payload: { sender: 'alice@example.com' } });
    return seen.length;
  }, BOB);
  assert.equal(asked, 1);
  assert.deepEqual(await texts(one, BOB), ['by the copy']);
});

test('a message that comes loads it, and is heard', async () => {
  const [alice, bob] = await Promise.all([
    browsers.get('chromium', 1).then((driver) => signedIn(driver, gateway, 'alice')),
    browsers.get('chromium', 2).then((driver) => signedIn(driver, gateway, 'dave')),
  ]);
  await write(alice, 'dave@example.com', ['one', 'two', 'three']);
  await settled(bob, ALICE, 3);
  assert.deepEqual(await texts(bob, ALICE), ['one', 'two', 'three']);
  assert.equal(await bob.run(() => page.all('conversations:change').length), 1);
});
