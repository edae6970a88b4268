// The `…Async` forms between real browsers and a real gateway: stories that are told by `await` alone.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertTidy, configFor, openPage } from './lib/page.mjs';
import { stage } from './lib/stage.mjs';

const { browsers, gateway } = await stage();
const BOTH = { audio: true, video: true };

/** A page with a client; nothing of the engine has been loaded when its first function is called. */
async function opened(browser, number, flavour = 'uc') {
  const page = await openPage(await browsers.get(browser, number), gateway.url);
  await page.run((config) => void page.create(config), configFor(gateway, flavour));
  return page;
}

/** What became of a function of the client: `[value]`, or the error's name and code. */
const told = (page, path, ...args) =>
  page.run(
    async (path, args) => {
      const act = path.split('.').reduce((object, name) => object[name], page.client);
      try {
        return [(await act(...args)) ?? null];
      } catch (error) {
        return { name: error.name, code: error.code };
      }
    },
    path,
    args,
  );

const signIn = (page, user, password = 'demo') => told(page, 'connectAsync', { username: `${user}@example.com`, password });

for (const [one, other, flavour] of [['chromium', 'firefox', 'uc'], ['firefox', 'chromium', 'link']]) {
  test(`a call from the login to its end, ${one} and ${other} (${flavour})`, async () => {
    const [alice, bob] = await Promise.all([opened(one, 1, flavour), opened(other, 2, flavour)]);
    // Before the engine is there: the first function of each page.
    assert.deepEqual(await told(alice, 'call.makeAsync', 'bob@example.com', BOTH), { name: 'BasicError', code: 'call:6' });
    const [[first], [second]] = await Promise.all([signIn(alice, 'alice'), signIn(bob, 'bob')]);
    assert.deepEqual([first.isConnected, first.isPending, second.isConnected], [true, false, true]);
    assert.deepEqual(await signIn(alice, 'alice'), { name: 'BasicError', code: 'NO_CODE' });

    const [outgoing] = await told(alice, 'call.makeAsync', 'bob@example.com', BOTH);
    const { payload } = await bob.until('call:receive');
    const incoming = payload.callId;
    assert.deepEqual(await told(bob, 'call.holdAsync', incoming), { name: 'BasicError', code: 'call:6' });
    const [answered] = await told(bob, 'call.answerAsync', incoming, BOTH);
    assert.deepEqual([answered.id, answered.state, answered.localTracks.length], [incoming, 'Connected', 2]);
    await alice.until('call:stateChange', { payload: { callId: outgoing }, call: { state: 'Connected' } });

    const [held] = await told(alice, 'call.holdAsync', outgoing);
    assert.deepEqual([held.state, held.localHold], ['On Hold', true]);
    assert.deepEqual(await told(alice, 'call.addMediaAsync', outgoing, { video: true }), { name: 'BasicError', code: 'call:6' });
    const [back] = await told(alice, 'call.unholdAsync', outgoing);
    assert.deepEqual([back.state, back.localHold], ['Connected', false]);

    // Three at once: each promise ends with what it was for.
    const [onHold, notTwice, offHold] = await Promise.all(['hold', 'hold', 'unhold'].map((name) => told(alice, `call.${name}Async`, outgoing)));
    assert.deepEqual([onHold[0]?.id, notTwice.code, offHold[0]?.localHold], [outgoing, 'call:6', false]);

    const [added] = await told(alice, 'call.addMediaAsync', outgoing, { video: true });
    assert.equal(added.length, 1);
    assert.deepEqual(await told(alice, 'media.muteTracksAsync', [...added, 'nobody']), [added]);
    const [replaced] = await told(alice, 'call.replaceTrackAsync', outgoing, added[0], { video: true });
    assert.equal(replaced.oldTrack.id, added[0]);
    assert.deepEqual(await told(alice, 'call.removeMediaAsync', outgoing, [replaced.newTrackId]), [[replaced.newTrackId]]);
    const report = await alice.run(async (id) => (await page.client.call.getStatsAsync(id)).constructor.name, outgoing);
    assert.equal(report, 'RTCStatsReport');
    assert.equal((await told(alice, 'call.sendDTMFAsync', outgoing, '1'))[0].id, outgoing);

    const [over] = await told(alice, 'call.endAsync', outgoing);
    assert.equal(over.state, 'Ended');
    assert.equal((await told(alice, 'call.endAsync', outgoing))[0].state, 'Ended', 'at once');
    assert.deepEqual(await told(alice, 'call.endAsync', 'nobody'), { name: 'BasicError', code: 'call:7' });
    await bob.until('call:stateChange', { payload: { callId: incoming }, call: { state: 'Ended' } });
    for (const page of [alice, bob]) await assertTidy(page);

    const [out] = await told(alice, 'disconnectAsync');
    assert.deepEqual([out.isConnected, out.isPending], [false, false]);
    assert.equal((await told(bob, 'disconnectAsync'))[0].isConnected, false);
  });
}

test('a wrong password rejects, and so does what is given up', async () => {
  const alice = await opened('chromium', 1);
  assert.deepEqual(await signIn(alice, 'alice', 'wrong'), { name: 'BasicError', code: 'authentication:9' });
  assert.deepEqual(await told(alice, 'connectAsync', {}), { name: 'BasicError', code: 'authentication:1' });
  assert.deepEqual(await told(alice, 'connectAsync'), { name: 'BasicError', code: 'argument:1' });
  const ends = await alice.run(async () => {
    const login = page.client.connectAsync({ username: 'alice@example.com', password: 'demo' }).catch(({ code }) => code);
    const { isConnected } = await page.client.disconnectAsync();
    return [await login, isConnected];
  });
  assert.deepEqual(ends, ['NO_CODE', false]);
});

test('the event comes before the promise ends', async () => {
  const alice = await opened('firefox', 1);
  const order = await alice.run(async () => {
    const order = [];
    page.client.on('auth:error', ({ error }) => order.push(error.code));
    await page.client.connectAsync({ username: 'alice@example.com', password: 'wrong' }).catch(({ code }) => order.push(`rejected ${code}`));
    return order;
  });
  assert.deepEqual(order, ['authentication:9', 'rejected authentication:9']);
});

test('a message, contacts, presence, the directory and the call history', async () => {
  const [alice, bob] = await Promise.all([opened('chromium', 1), opened('chromium', 2)]);
  assert.equal((await told(alice, 'contacts.refreshAsync')).code, 'users:2', 'nobody is logged in');
  await Promise.all([signIn(alice, 'alice'), signIn(bob, 'bob')]);

  const sent = await alice.run(async () => {
    const conversation = page.client.conversation.create('bob@example.com');
    const message = await conversation.createMessage('by promise').sendAsync();
    const empty = await conversation.createMessage().sendAsync().catch(({ code }) => code);
    return { isPending: message.isPending, known: Boolean(conversation.getMessage(message.messageId)), text: message.parts[0].text, empty };
  });
  assert.deepEqual(sent, { isPending: false, known: true, text: 'by promise', empty: 'messaging:5' });
  const read = await bob.run(async () => {
    const [conversation] = (await page.client.conversation.fetchAsync()).filter(({ destination }) => destination[0] === 'alice@example.com');
    const messages = await conversation.fetchMessagesAsync();
    await messages.at(-1).markReadAsync();
    return conversation.getMessages().at(-1);
  });
  assert.deepEqual([read.parts[0].text, read.read], ['by promise', true]);

  const contact = { contactId: 'bob', primaryContact: 'bob@example.com', firstName: 'Bob' };
  assert.equal((await told(alice, 'contacts.addAsync', contact))[0].contactId, 'bob');
  assert.equal((await told(alice, 'contacts.refreshAsync'))[0].bob.firstName, 'Bob');
  assert.deepEqual(await told(alice, 'contacts.removeAsync', 'bob'), [null]);
  assert.deepEqual(await told(alice, 'contacts.addAsync', {}), { name: 'BasicError', code: 'users:4' });

  assert.deepEqual(await told(alice, 'presence.subscribeAsync', ['bob@example.com']), [null]);
  assert.equal((await told(bob, 'presence.updateAsync', 'open', 'busy'))[0].activity, 'busy');
  await alice.until('presence:change', { payload: { userId: 'bob@example.com', activity: 'busy' } });
  assert.equal((await told(alice, 'presence.fetchAsync', 'bob@example.com'))[0].length <= 1, true);
  assert.deepEqual(await told(alice, 'presence.updateAsync', 'x', 'busy'), { name: 'BasicError', code: 'presence:1' });

  const [found] = await told(alice, 'user.searchAsync', { userId: 'bob' });
  assert.ok(found.results.some(({ userId }) => userId === 'bob@example.com'), JSON.stringify(found));
  assert.ok(Array.isArray((await told(alice, 'call.history.fetchAsync'))[0]));
});
