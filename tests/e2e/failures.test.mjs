// What goes wrong for users, in real browsers: each ends in the documented event with a typed error, and leaves nothing open.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { startBrowser } from './lib/browsers.mjs';
import { startGateway } from './lib/gateway.mjs';
import { assertTidy, configFor, connectCall, openPage, ring, signedIn } from './lib/page.mjs';
import { stage } from './lib/stage.mjs';

const { browsers, gateway } = await stage();

for (const flavour of ['uc', 'link']) {
  // A UC login fails when it asks for its token, a Link login when it asks for its session.
  const code = flavour === 'uc' ? 'authentication:9' : 'authentication:4';
  for (const [what, username] of [['a wrong password', 'alice@example.com'], ['an unknown user', 'nobody@example.com']]) {
    test(`${what} (${flavour})`, async () => {
      const page = await connecting(await browsers.get('chromium'), flavour, { username, password: 'wrong' });
      const { payload, connection } = await page.until('auth:error');
      assert.equal(payload.error.code, code);
      assert.ok(payload.error.message.length > 10, payload.error.message);
      assert.deepEqual([connection.isConnected, connection.isPending, connection.error.code], [false, false, code]);
      assert.deepEqual(await page.run(() => watch.thrown), []);
    });
  }

  test(`after a wrong password the right one works (${flavour})`, async () => {
    const page = await connecting(await browsers.get('chromium'), flavour, { username: 'alice@example.com', password: 'wrong' });
    await page.until('auth:error');
    await page.run(() => void page.client.connect({ username: 'alice@example.com', password: 'demo' }));
    const { connection } = await page.until('auth:change', { connection: { isConnected: true, isPending: false } });
    assert.equal(connection.error, undefined);
  });

  test(`connect, disconnect and connect again (${flavour})`, async () => {
    const page = await signedIn(await browsers.get('chromium'), gateway, 'alice', flavour);
    assert.equal(await page.run(() => page.client.getUserInfo().username), 'alice@example.com');
    assert.equal(await page.run(() => page.client.getServices().status), 'FULL');
    assert.deepEqual(await page.run((platform) => page.client.connection.getSocketState(platform).connected, flavour), true);
    await page.run(() => page.client.disconnect());
    await page.until('auth:change', { connection: { isConnected: false, isPending: false } });
    assert.deepEqual(await page.run(() => page.client.getUserInfo()), {});
    await page.run(() => void page.client.connect({ username: 'alice@example.com', password: 'demo' }));
    await page.until('auth:change', { connection: { isConnected: true, isPending: false } });
    assert.deepEqual(await page.run(() => watch.thrown), []);
  });
}

test('a server that is not there', async () => {
  const closed = await startGateway();
  await closed.stop();
  const page = await openPage(await browsers.get('chromium'), gateway.url);
  await page.run((config) => void page.create(config), configFor(closed, 'uc'));
  await page.run(() => void page.client.connect({ username: 'alice@example.com', password: 'demo' }));
  const { connection } = await page.until('auth:error');
  assert.deepEqual([connection.isConnected, connection.isPending], [false, false]);
});

test('a callee who does not exist, and one who is not logged in', async () => {
  const page = await signedIn(await browsers.get('chromium'), gateway, 'alice');
  for (const callee of ['nobody@example.com', 'dave@example.com']) {
    const id = await page.run((to) => page.client.call.make(to, { audio: true }), callee);
    const { payload } = await page.until('call:stateChange', { payload: { callId: id }, call: { state: 'Ended' } });
    assert.ok(payload.error ?? payload.transition, `${callee}: the caller is told why`);
    await assertTidy(page);
  }
});

for (const name of ['chromium', 'firefox']) {
  test(`microphone and camera refused in ${name}: call:4, and an incoming call rings on`, async () => {
    const driver = await startBrowser(name, { refused: true });
    try {
      const alice = await signedIn(await browsers.get('chromium'), gateway, 'alice');
      const bob = await signedIn(driver, gateway, 'bob');
      for (const media of [{ audio: true }, { audio: true, video: true }]) {
        const id = await bob.run((wanted) => page.client.call.make('alice@example.com', wanted), media);
        const { payload } = await bob.until('call:stateChange', { payload: { callId: id, previous: { state: 'Initiating' } }, call: { state: 'Ended' } });
        assert.equal(payload.error.code, 'call:4');
        assert.match(payload.error.message, /NotAllowedError/);
      }
      const [outgoing, incoming] = await ring(alice, bob, 'bob', { audio: true });
      await bob.run((id) => page.client.call.answer(id, { audio: true }), incoming);
      const { payload } = await bob.until('call:stateChange', { payload: { callId: incoming }, call: { state: 'Ringing' } });
      assert.equal(payload.error.code, 'call:4');
      await bob.run((id) => page.client.call.reject(id), incoming);
      await alice.until('call:stateChange', { payload: { callId: outgoing }, call: { state: 'Ended' } });
      await bob.until('call:stateChange', { payload: { callId: incoming }, call: { state: 'Ended' } });
      await assertTidy(alice, bob);
    } finally {
      await driver.quit();
    }
  });
}

for (const name of ['chromium', 'firefox']) {
  test(`a microphone that is not there, in ${name}`, async () => {
    const page = await signedIn(await browsers.get(name), gateway, 'alice');
    const id = await page.run(() => page.client.call.make('bob@example.com', { audio: true, audioOptions: { deviceId: 'no such device' } }));
    const { payload } = await page.until('call:stateChange', { payload: { callId: id }, call: { state: 'Ended' } });
    assert.equal(payload.error.code, 'call:4');
    assert.match(payload.error.message, /deviceId/);
    await assertTidy(page);
  });
}

test('a machine without a camera', async () => {
  const driver = await startBrowser('chromium', { cameras: 0 });
  try {
    const page = await signedIn(driver, gateway, 'alice');
    assert.deepEqual(await page.run(() => page.client.media.getDevices().camera), []);
    const id = await page.run(() => page.client.call.make('bob@example.com', { audio: true, video: true }));
    const { payload } = await page.until('call:stateChange', { payload: { callId: id }, call: { state: 'Ended' } });
    assert.equal(payload.error.code, 'call:4');
    assert.match(payload.error.message, /NotFoundError/);
    await assertTidy(page);
  } finally {
    await driver.quit();
  }
});

for (const flavour of ['uc', 'link']) {
  test(`kill -9 of the gateway in a call: both clients tell that the connection is lost (${flavour})`, async () => {
    const doomed = await startGateway();
    // Small, so that the clients give up within the patience of the test.
    const connectivity = { reconnectDelay: 100, reconnectLimit: 2 };
    const alice = await signedIn(await browsers.get('chromium', 1), doomed, 'alice', flavour, { connectivity });
    const bob = await signedIn(await browsers.get('firefox', 1), doomed, 'bob', flavour, { connectivity });
    await connectCall(alice, bob, 'bob', { audio: true });
    await doomed.kill();
    for (const page of [alice, bob]) {
      await page.until('ws:change', { connection: { isConnected: false } });
      const { connection } = await page.until('auth:change', { payload: { reason: 'LOST_CONNECTION' } });
      assert.deepEqual([connection.isConnected, connection.isPending], [false, false]);
      // The other side still sends; hanging up must work without a server.
      await page.run(() => page.client.call.getAll().forEach(({ id }) => page.client.call.end(id)));
      await page.run(() => page.settled());
    }
    await assertTidy(alice, bob);
  });
}

async function connecting(driver, flavour, credentials) {
  const page = await openPage(driver, gateway.url);
  await page.run((config) => void page.create(config), configFor(gateway, flavour));
  await page.run((given) => void page.client.connect(given), credentials);
  return page;
}
