// Those whom the samples talk to: Bob and Carol, who answer every call with what it offers.
import { create } from '/kandy-wasm/index.js';

const here = { server: location.hostname, port: location.port };

async function signedIn(name) {
  const client = create({
    logs: { logLevel: 'silent' },
    authentication: { subscription: { ...here, protocol: 'http' }, websocket: { ...here, protocol: 'ws' } },
  });
  client.on('call:receive', ({ callId }) => client.call.answer(callId, { audio: true, video: true }));
  const there = new Promise((resolve, reject) => {
    client.on('auth:change', () => client.getConnection().isConnected && resolve());
    client.on('auth:error', ({ error }) => reject(error));
  });
  client.connect({ username: `${name}@example.com`, password: 'demo' });
  await there;
  return client;
}

[window.bob, window.carol] = await Promise.all(['bob', 'carol'].map(signedIn));
document.documentElement.dataset.ready = 'yes';
