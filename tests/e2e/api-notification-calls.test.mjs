// With the gateway: a call whose notification comes by another way than the WebSocket, as push services bring it, with its description,
// with a packed one, or with the place where it stands (protocol §9.4); and the devices that push services reach.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { covers } from '../lib/covers.mjs';
import { assertTidy, flowing, show, signedIn } from './lib/page.mjs';
import { stage } from './lib/stage.mjs';

const AUDIO = { audio: true };

const { browsers, gateway } = await stage();

for (const [format, name, flavour] of [['plain', 'chromium', 'uc'], ['compressed', 'chromium', 'link'], ['compressed', 'firefox', 'uc'], ['url', 'chromium', 'link']]) {
  test(`an incoming call by another way, its description ${format} (${flavour}, ${name})`, async (t) => {
    const alice = await signedIn(await browsers.get('chromium', 1), gateway, 'alice');
    const bob = await signedIn(await browsers.get(name, 2), gateway, 'bob', flavour);
    await bob.run(() => {
      const incoming = new Promise((resolve) => {
        watch.sockets[0].addEventListener('message', ({ data }) => data.includes('"call"') && resolve(JSON.parse(data)));
      });
      watch.incoming = () => incoming;
      page.client.notification.enableWebsocket(false);
    });
    const outgoing = await alice.run((media) => page.client.call.make('bob@example.com', media), AUDIO);
    await bob.run(() => watch.incoming());
    assert.deepEqual(await bob.run(() => page.seen.filter((event) => /^(call|notification):/.test(event))), [], 'the WebSocket is off');
    await bob.run(async (wanted) => {
      const notification = await watch.incoming();
      const params = notification.notificationMessage.sessionParams;
      if (wanted === 'compressed') {
        const packed = new Response(new Blob([params.sdp]).stream().pipeThrough(new CompressionStream('deflate')));
        params.sdp = btoa(String.fromCharCode(...new Uint8Array(await packed.arrayBuffer())));
      }
      if (wanted === 'url') {
        const { sdp } = params;
        params.sdp = '/descriptions/7';
        watch.answering = (method, path) => (path === '/descriptions/7' ? { status: 200, body: { eventDataResponse: { sdp } } } : undefined);
      }
      if (wanted !== 'plain') params.sdpFormat = wanted;
      page.client.notification.enableWebsocket(true);
      page.client.notification.process(notification);
    }, format);
    const { payload } = await bob.until('call:receive');
    await bob.run((id, media) => page.client.call.answer(id, media), payload.callId, AUDIO);
    await alice.until('call:stateChange', { payload: { callId: outgoing }, call: { state: 'Connected' } });
    await bob.until('call:stateChange', { payload: { callId: payload.callId }, call: { state: 'Connected' } });
    await show(alice, outgoing);
    await show(bob, payload.callId);
    await Promise.all([alice, bob].map((one) => flowing(one)));
    await alice.run((id) => page.client.call.end(id), outgoing);
    for (const one of [alice, bob]) await one.run(() => page.settled());
    await assertTidy(alice, bob);
    covers(t, 'notification.process', 'notification.process(notification)', 'notification.enableWebsocket', 'notification.enableWebsocket(enable)');
  });
}

for (const [flavour, pushProvider] of [['uc', 'apple'], ['link', 'google']]) {
  test(`the gateway registers a device, and takes it back (${flavour}, ${pushProvider})`, async (t) => {
    const one = await signedIn(await browsers.get('chromium', 1), gateway, 'alice', flavour);
    const device = { deviceToken: 'device-of-alice', services: ['call'], pushProvider, clientCorrelator: 'phone-1' };
    const pushed = (eventId) => one.run((given) => page.client.notification.process(given, 'PUSH'), { notificationMessage: { eventType: 'mark', eventId } });
    for (const round of ['1', '2']) {
      await pushed(`${round} before`);
      await one.run((given) => page.client.notification.registerPush(given), device);
      assert.deepEqual((await one.until('notifications:change')).payload, { channel: 'PUSH' });
      await pushed(`${round} registered`);
      const { payload } = await one.until('notification:received');
      assert.equal(payload.payload.notificationMessage.eventId, `${round} registered`);
      await one.run(() => page.client.notification.deregisterPush());
      assert.deepEqual((await one.until('notifications:change')).payload, { channel: 'PUSH' });
    }
    assert.equal(await one.run(() => page.all('notifications:error').length), 0);
    covers(t, 'notification.registerPush', 'notification.registerPush(params)', 'notification.deregisterPush', 'notifications:change');
  });
}
