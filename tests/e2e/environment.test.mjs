// Browsers that lack something: what works without it works, and what does not says why.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configFor, openPage, signedIn } from './lib/page.mjs';
import { stage } from './lib/stage.mjs';

const { browsers, gateway } = await stage();

for (const name of ['chromium', 'firefox']) {
  test(`without WebRTC messages are sent, and a call fails with a typed error (${name})`, async () => {
    const one = await signedIn(await browsers.get(name), gateway, 'alice');
    await one.run(() => {
      delete window.RTCPeerConnection;
      page.client.conversation.create('bob@example.com').createMessage('Hello').send();
    });
    await one.until('messages:change');
    assert.deepEqual(await one.run(() => page.client.conversation.get('bob@example.com').getMessages().map(({ isPending }) => isPending)), [false]);
    const id = await one.run(() => page.client.call.make('bob@example.com', { audio: true }));
    const { payload } = await one.until('call:stateChange', { payload: { callId: id }, call: { state: 'Ended' } });
    assert.equal(payload.error.code, 'call:9');
    assert.match(payload.error.message, /has no WebRTC/);
    assert.deepEqual(await one.run(() => [page.openDevices, watch.thrown]), [0, []]);
  });

  test(`without WebAssembly create throws nothing, and everything says why (${name})`, async () => {
    const one = await openPage(await browsers.get(name), gateway.url);
    const code = await one.run((config) => {
      delete window.WebAssembly;
      const client = page.create(config);
      const { error } = client.getConnection();
      client.connect({ username: 'alice@example.com', password: 'demo' });
      client.presence.update('open', 'available');
      return error.code;
    }, configFor(gateway, 'uc'));
    assert.equal(code, 'engine:5');
    for (const type of ['auth:error', 'presence:error']) assert.equal((await one.until(type)).payload.error.code, 'engine:5');
    assert.deepEqual(await one.run(() => watch.thrown), []);
  });
}
