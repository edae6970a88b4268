// The whole log of a session, with every option that makes it longer, and not one secret in it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configFor, flowing, openPage, ring, show, signedIn } from './lib/page.mjs';
import { stage } from './lib/stage.mjs';

const { browsers, gateway } = await stage();
const RELAY = { urls: 'turn:127.0.0.1:9', username: 'relay-user', credential: 'relay-secret-7f3a' };

for (const flavour of ['uc', 'link']) {
  test(`no token, password, credential or key of a description is in any line of a log (${flavour})`, async () => {
    const alice = await openPage(await browsers.get('chromium', 1), gateway.url);
    const bob = await signedIn(await browsers.get('chromium', 2), gateway, 'bob', flavour);
    const config = configFor(gateway, flavour, { call: { iceServers: [RELAY] } });
    await alice.run((config) => {
      const text = (it) => (typeof it === 'string' ? it : JSON.stringify(it)) ?? String(it);
      window.lines = [];
      const write = (...args) => lines.push(args.map(text).join(' '));
      for (const name of ['log', 'debug', 'info', 'warn', 'error', 'group', 'groupCollapsed']) console[name] = write;
      const logActions = { actionOnly: false, collapsed: false, diff: true, exposePayloads: true };
      page.create({ ...config, logs: { logLevel: 'debug', logActions } });
      page.client.connect({ username: 'alice@example.com', password: 'demo' });
    }, config);
    await alice.until('auth:change', { connection: { isConnected: true, isPending: false } });
    const tokens = await alice.run(() => Object.values(page.client.getUserInfo()).filter((it) => !it.includes('@')));

    const [outgoing, incoming] = await ring(alice, bob, 'bob');
    await bob.run((id) => page.client.call.answer(id, { audio: true, video: true }), incoming);
    await alice.until('call:stateChange', { payload: { callId: outgoing }, call: { state: 'Connected' } });
    await show(alice, outgoing);
    await flowing(alice);
    for (const [what, state] of [['hold', 'On Hold'], ['unhold', 'Connected']]) {
      await alice.run((what, id) => page.client.call[what](id), what, outgoing);
      await alice.until('call:stateChange', { payload: { callId: outgoing }, call: { state } });
    }
    const keys = await alice.run(() => {
      const texts = watch.peers.flatMap((peer) => [peer.localDescription, peer.remoteDescription]).filter(Boolean);
      return texts.flatMap(({ sdp }) => [...sdp.matchAll(/^a=(?:ice-pwd:|fingerprint:sha-256 )(\S+)/gm)].map(([, key]) => key));
    });
    const channels = await alice.run(() => watch.sockets.map(({ url }) => new URL(url).pathname.split('/').at(-1)));
    await alice.run((id) => page.client.call.end(id), outgoing);
    await alice.until('call:stateChange', { payload: { callId: outgoing }, call: { state: 'Ended' } });
    await alice.run(() => page.client.disconnect());
    await alice.until('auth:change', { connection: { isConnected: false, isPending: false } });

    const lines = await alice.run(() => lines);
    const basic = Buffer.from('alice@example.com:demo').toString('base64');
    const secrets = [...new Set([...tokens, ...keys, ...channels, basic, 'demo', RELAY.credential])];
    assert.ok(keys.length >= 8 && channels.length >= 1 && tokens.length === (flavour === 'uc' ? 2 : 0), `${keys.length} keys, ${channels.length} channels`);
    assert.ok(lines.length > 200 && lines.some((line) => line.includes('call.hold')), `${lines.length} lines`);
    const told = lines.flatMap((line) => secrets.filter((secret) => line.includes(secret)).map((secret) => `${secret}: ${line}`));
    assert.deepEqual(told, []);
  });
}
