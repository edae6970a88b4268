// Messages and bad networks: what is sent while the connection is gone arrives once it is back, once and in order, and a gateway
// that is killed loses and doubles nothing that it has acknowledged.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { browserPool } from './lib/browsers.mjs';
import { connected, lost, signedInBehind } from './lib/connection.mjs';
import { startGateway } from './lib/gateway.mjs';
import { messages, settled, texts, write } from './lib/messages.mjs';
import { signedIn } from './lib/page.mjs';
import { startProxy } from './lib/proxy.mjs';

const browsers = browserPool();
after(() => browsers.close());
const [ALICE, BOB] = ['alice@example.com', 'bob@example.com'];
const numbers = (count, what = 'number') => Array.from({ length: count }, (_, n) => `${what} ${n}`);

/** Alice behind a proxy, Bob at the gateway itself. */
async function pair(t, browser, flavours = ['uc', 'uc']) {
  const gateway = await startGateway();
  const proxy = await startProxy(gateway);
  t.after(async () => {
    await proxy.stop();
    await gateway.stop();
  });
  const alice = await signedInBehind(await browsers.get(browser, 1), { proxy }, 'alice', flavours[0]);
  const bob = await signedIn(await browsers.get('chromium', 2), gateway, 'bob', flavours[1]);
  return { proxy, alice, bob };
}

for (const [browser, a, b] of [['chromium', 'uc', 'link'], ['firefox', 'link', 'uc'], ['chromium', 'link', 'link']]) {
  test(`M5: sent while the connection is gone, delivered once when it is back: ${a} to ${b} (${browser})`, async (t) => {
    const { proxy, alice, bob } = await pair(t, browser, [a, b]);
    await write(alice, BOB, 'before');
    await settled(bob, ALICE, 1);
    await proxy.refuse();
    await lost(alice);
    await write(alice, BOB, numbers(10));
    const waiting = (await messages(alice, BOB)).slice(1);
    assert.deepEqual(waiting.map(({ isPending }) => isPending), Array(10).fill(true));
    // What comes meanwhile is not lost either.
    await write(bob, ALICE, numbers(5, 'meanwhile'));
    await settled(bob, ALICE, 6);
    await proxy.listen();
    await connected(alice);
    await settled(alice, BOB, 16);
    await settled(bob, ALICE, 16);
    const theirs = (list) => list.filter((text) => text.startsWith('number'));
    assert.deepEqual(theirs(await texts(bob, ALICE)), numbers(10));
    assert.deepEqual((await texts(alice, BOB)).filter((text) => text.startsWith('meanwhile')), numbers(5, 'meanwhile'));
    const ids = (await messages(bob, ALICE)).map(({ messageId }) => messageId);
    assert.equal(new Set(ids).size, 16);
    assert.deepEqual(await alice.run(() => page.all('messages:error')), []);
  });
}

for (const flavour of ['uc', 'link']) {
  test(`M5: answers that are lost double nothing: every message is there once, in order (${flavour})`, async (t) => {
    const { proxy, alice, bob } = await pair(t, 'chromium', [flavour, 'uc']);
    const seen = new Map();
    // Every second message reaches the gateway, and its answer does not reach the page: once.
    proxy.fault = ({ method, path, query }) => {
      if (!/\/rm\/send$|\/instantmessage$/.test(path) || method === 'OPTIONS') return undefined;
      const number = seen.size;
      seen.set(`${number} ${query.get('clientMessageId') ?? ''}`, true);
      return number % 2 === 0 ? { status: 502, reaches: true } : undefined;
    };
    await write(alice, BOB, numbers(6));
    await settled(alice, BOB, 6);
    await settled(bob, ALICE, 6);
    await write(alice, BOB, 'last');
    await Promise.all([settled(alice, BOB, 7), settled(bob, ALICE, 7)]);
    assert.deepEqual(await texts(bob, ALICE), [...numbers(6), 'last']);
    assert.ok((await messages(alice, BOB)).every(({ isPending, error }) => !isPending && !error));
    assert.deepEqual(await alice.run(() => page.all('messages:error')), []);
  });
}

for (const flavour of ['uc', 'link']) {
  test(`M5: the gateway is killed while messages are sent: each is there once, or is told as failed (${flavour})`, async (t) => {
    const all = numbers(60);
    const gateway = await durable(t);
    const config = { connectivity: { pingInterval: 1_000, reconnectDelay: 500, reconnectLimit: 0 } };
    const alice = await signedIn(await browsers.get('chromium', 1), gateway, 'alice', flavour, config);
    await write(alice, BOB, all);
    await settled(alice, BOB, 20);
    await gateway.kill();
    await gateway.start();
    await settled(alice, BOB, 60);
    const shown = await messages(alice, BOB);
    assert.deepEqual(shown.map(({ parts }) => parts[0].text), all);
    // Nobody was signed in as Bob, so the history tells what the gateway has.
    const bob = await signedIn(await browsers.get('chromium', 2), gateway, 'bob', 'uc', config);
    await bob.run(async (alice) => {
      const talk = () => page.client.conversation.get(alice);
      page.client.conversation.fetch();
      while (!talk()?.id) await page.next();
      talk().fetchMessages(200);
      while (talk().isPending) await page.next();
    }, ALICE);
    const stored = await messages(bob, ALICE);
    const ids = (list) => list.map(({ messageId }) => messageId);
    const taken = shown.filter(({ error }) => !error);
    assert.deepEqual(ids(stored), ids(taken), 'what is shown as sent is there, once, in order; and nothing else');
    assert.equal(taken.length, 60, 'the client asked again with the same id');
    assert.deepEqual(await alice.run(() => page.all('messages:error')), []);
  });
}

test('a page that logs out with messages under way is told of each of them', async (t) => {
  const { proxy, alice } = await pair(t, 'chromium');
  await write(alice, BOB, 'before');
  await settled(alice, BOB, 1);
  await proxy.refuse();
  await lost(alice);
  await write(alice, BOB, numbers(3));
  await alice.run(() => page.client.disconnect());
  await settled(alice, BOB, 4);
  assert.deepEqual((await messages(alice, BOB)).slice(1).map(({ error }) => error.code), Array(3).fill('messaging:5'));
  await alice.run(async () => {
    while (page.all('messages:error').length < 3) await page.next();
  });
  await proxy.listen();
});

/** A gateway that can be killed, and started again with what it had stored. */
async function durable(t) {
  const data = mkdtempSync(join(tmpdir(), 'kandy-durable-'));
  let running = await startGateway(undefined, 0, { data });
  const { url, port } = running;
  t.after(async () => {
    await running?.stop();
    rmSync(data, { recursive: true, force: true });
  });
  return {
    url,
    async kill() {
      await running.kill();
      running = undefined;
    },
    async start() {
      running = await startGateway(undefined, port, { data });
    },
  };
}
