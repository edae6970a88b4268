// Files and JSON as parts of messages (api-behaviour 12, protocol §7.3): what is sent is what arrives, and nothing that others say
// about it is trusted.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { covers } from '../lib/covers.mjs';
import { browserPool } from './lib/browsers.mjs';
import { startGateway } from './lib/gateway.mjs';
import { messages, settled, write } from './lib/messages.mjs';
import { signedIn } from './lib/page.mjs';

const browsers = browserPool();
after(() => browsers.close());
const [ALICE, BOB] = ['alice@example.com', 'bob@example.com'];

async function pair(t, first = 'chromium', flavour = 'uc') {
  const gateway = await startGateway();
  t.after(() => gateway.stop());
  return Promise.all([
    browsers.get(first, 0).then((driver) => signedIn(driver, gateway, 'alice')),
    browsers.get('chromium', 1).then((driver) => signedIn(driver, gateway, 'bob', flavour)),
  ]);
}

/** Sends a file of so many random bytes; tells its hash. */
function sendFile(one, to, { name, mime, size, text }) {
  return one.run(async (user, file) => {
    const bytes = new Uint8Array(file.size);
    // At most this many at once.
    for (let at = 0; at < file.size; at += 65_536) crypto.getRandomValues(bytes.subarray(at, Math.min(at + 65_536, file.size)));
    const message = page.client.conversation.create(user).createMessage(file.text);
    window.given = new File([bytes], file.name, { type: file.mime });
    message.addPart({ type: 'file', file: given });
    message.send();
    return hashOf(bytes);

    async function hashOf(data) {
      return [...new Uint8Array(await crypto.subtle.digest('SHA-256', data))].join();
    }
  }, to, { name, mime, size, text });
}

/** Loads the file of the last message from the server, with the login of this page; tells its hash, and how it was served. */
function loadFile(one, from) {
  return one.run(async (user) => {
    const part = page.client.conversation.get(user).getMessages().at(-1).parts.find(({ type }) => type === 'file');
    const response = await fetch(`${part.url}?token=${encodeURIComponent(page.client.getUserInfo().accessToken)}`);
    const hash = [...new Uint8Array(await crypto.subtle.digest('SHA-256', await response.arrayBuffer()))].join();
    const { headers } = response;
    return { hash, part, status: response.status, kind: headers.get('content-type'), disposition: headers.get('content-disposition'), sniff: headers.get('x-content-type-options') };
  }, from);
}

for (const first of ['chromium', 'firefox']) {
  test(`a file of 1 MiB arrives as it was, there and back (${first})`, async (t) => {
    const [alice, bob] = await pair(t, first);
    for (const [one, self, other, peer] of [[alice, ALICE, bob, BOB], [bob, BOB, alice, ALICE]]) {
      const sent = await sendFile(one, peer, { name: 'ünder way.bin', mime: 'application/x-thing', size: 1 << 20, text: 'with a text' });
      const [before] = (await messages(one, peer)).slice(-1);
      if (before.isPending) assert.equal(before.parts[1].type, 'file');
      await one.until('messages:change', { payload: { destination: [peer], sender: self } });
      // The last one of theirs: on the way back, it is the page's own until the other's is there.
      await other.run(async (user) => {
        const theirs = () => page.client.conversation.get(user)?.getMessages().at(-1);
        while (theirs()?.sender !== user || !theirs().parts.some(({ url }) => url)) await page.next();
      }, self);
      const got = await loadFile(other, self);
      assert.equal(got.hash, sent);
      assert.deepEqual([got.status, got.part.name, got.part.mime, got.part.size], [200, 'ünder way.bin', 'application/x-thing', 1 << 20]);
      const [theirs] = (await messages(other, self)).slice(-1);
      assert.deepEqual(theirs.parts.map(({ type, text }) => [type, text]), [['text', 'with a text'], ['file', undefined]]);
      // Whoever has sent it sees the same.
      assert.equal((await loadFile(one, peer)).hash, sent);
    }
    covers(t, 'Part.file', 'Message.addPart', 'Message.addPart(part)');
  });
}

test('as long as it is on its way the message shows the file itself', async (t) => {
  const [alice] = await pair(t);
  const shown = await alice.run((bob) => {
    watch.holding = () => new Promise((go) => (window.go = go));
    const file = new File(['x'], 'a.txt', { type: 'text/plain' });
    const message = page.client.conversation.create(bob).createMessage({ type: 'file', file });
    message.send();
    const [{ parts, isPending }] = page.client.conversation.get(bob).getMessages();
    return [parts[0].file === file, isPending];
  }, BOB);
  assert.deepEqual(shown, [true, true]);
  await alice.run(() => {
    delete watch.holding;
    // The one that waits, or the next one, if the engine is still on its way.
    window.go?.();
  });
  await alice.until('messages:change', { payload: { sender: ALICE } });
  const [{ parts }] = await messages(alice, BOB);
  assert.deepEqual([parts[0].name, parts[0].size, typeof parts[0].url], ['a.txt', 1, 'string']);
});

test('a hostile name and type do no harm where they arrive', async (t) => {
  const [alice, bob] = await pair(t);
  const name = '..\\../<img src=x onerror=alert(1)>"\'.html';
  await sendFile(alice, BOB, { name, mime: 'text/html', size: 64, text: '<script>window.owned = 1</script>' });
  await bob.until('conversations:change');
  const { part, kind, disposition, sniff, status } = await loadFile(bob, ALICE);
  assert.equal(status, 200);
  assert.ok(!part.name.includes('/') && !part.name.includes('\\'), part.name);
  assert.ok(!/html|script|xml/.test(kind), `served as ${kind}`);
  assert.match(disposition, /^attachment/);
  assert.equal(sniff, 'nosniff');
  const { owned, elements } = await bob.run(() => ({ owned: window.owned ?? null, elements: document.images.length }));
  assert.deepEqual([owned, elements], [null, 0]);
  const [got] = await messages(bob, ALICE);
  assert.equal(got.parts[0].text, '<script>window.owned = 1</script>', 'a text is a text');
});

test('nobody else can load the file', async (t) => {
  const gateway = await startGateway();
  t.after(() => gateway.stop());
  const [alice, bob, carol] = await Promise.all(
    ['alice', 'bob', 'carol'].map(async (user, n) => signedIn(await browsers.get('chromium', n), gateway, user)),
  );
  await sendFile(alice, BOB, { name: 'secret.txt', mime: 'text/plain', size: 10 });
  await bob.until('conversations:change');
  const { part } = await loadFile(bob, ALICE);
  const asked = (one, token) => one.run(async (url, given) => (await fetch(`${url}${given ? `?token=${encodeURIComponent(page.client.getUserInfo().accessToken)}` : ''}`)).status, part.url, token);
  assert.equal(await asked(bob, true), 200);
  assert.ok((await asked(carol, true)) >= 400);
  assert.ok((await asked(bob, false)) >= 400);
});

test('JSON arrives as it was', async (t) => {
  const [alice, bob] = await pair(t);
  const json = { text: 'ü😀', list: [1, null, true, { deep: [[]] }], nothing: null, number: -1.5e-7, 'a.b': '' };
  await alice.run((to, value) => {
    page.client.conversation.create(to).createMessage({ type: 'json', json: value }).send();
  }, BOB, json);
  await bob.until('conversations:change');
  const [got] = await messages(bob, ALICE);
  assert.deepEqual(got.parts, [{ type: 'json', json: JSON.parse(JSON.stringify(json)) }]);
  assert.deepEqual((await messages(alice, BOB))[0].parts, got.parts);
  covers(t, 'Part.json');
});

test('parts that are none are refused, and what is right of the message goes', async (t) => {
  const [alice, bob] = await pair(t);
  await alice.run((to) => {
    const message = page.client.conversation.create(to).createMessage('right');
    for (const part of [{ type: 'video' }, null, undefined, 'text', 7]) message.addPart(part);
    message.send();
  }, BOB);
  for (let n = 0; n < 5; n += 1) {
    const { payload } = await alice.until('messages:error');
    assert.equal(payload.error.code, 'messaging:10');
  }
  await bob.until('conversations:change');
  assert.deepEqual((await messages(bob, ALICE))[0].parts, [{ type: 'text', text: 'right' }]);
  // Of the right type, and nothing in it.
  for (const part of [{ type: 'text' }, { type: 'json' }, { type: 'file' }, { type: 'file', file: 'no file' }]) {
    await alice.run((to, wrong) => {
      const message = page.client.conversation.create(to).createMessage();
      message.addPart(wrong);
      message.send();
    }, BOB, part);
    const { payload } = await alice.until('messages:error');
    assert.match(payload.error.code, /^messaging:(10|7)$/, JSON.stringify(part));
  }
  await write(alice, BOB, 'after it');
  await bob.until('messages:change');
  assert.deepEqual(await alice.run(() => watch.thrown), []);
  covers(t, 'error messaging:10', 'Message.addPart');
});

test('Link has texts alone: anything else is an error of the message', async (t) => {
  const gateway = await startGateway();
  t.after(() => gateway.stop());
  const bob = await signedIn(await browsers.get('chromium', 1), gateway, 'bob', 'link');
  await bob.run((to) => {
    page.client.conversation.create(to).createMessage({ type: 'json', json: 1 }).send();
  }, ALICE);
  const { payload } = await bob.until('messages:error');
  assert.equal(payload.error.code, 'messaging:10');
  await settled(bob, ALICE, 1);
  const [failed] = await messages(bob, ALICE);
  assert.deepEqual([failed.isPending, failed.messageId, failed.error.code], [false, null, 'messaging:10']);
  covers(t, 'StoredMessage.error');
});
