// kandy-wasm, as `build` says: `index` (the package itself), `inline` or `global`; with `network` through the real gateway.
import { install, unknown } from '../kandy-switch.js';

const AUDIO = { audio: true };
const parameters = new URLSearchParams(location.search);
if (!parameters.has('network')) install();

const BUILDS = {
  index: () => import('../lib/kandy/index.js'),
  inline: () => import('../lib/kandy-inline/index.js'),
  async global() {
    const script = Object.assign(document.createElement('script'), { src: '/lib/kandy-global/kandy.js' });
    await new Promise((resolve, reject) => {
      Object.assign(script, { onload: resolve, onerror: reject });
      document.head.append(script);
    });
    return window.Kandy;
  },
};

let create;

export async function load() {
  ({ create } = await BUILDS[parameters.get('build') ?? 'index']());
}

export function client(name, heard) {
  const here = { server: location.hostname, port: location.port };
  const client = create({
    logs: { logLevel: 'error' },
    authentication: { subscription: { ...here, protocol: 'http' }, websocket: { ...here, protocol: 'ws' } },
  });
  client.subscribe(heard);
  client.on('call:receive', ({ callId }) => client.call.answer(callId, AUDIO));
  const ready = new Promise((resolve, reject) => {
    client.on('auth:change', () => client.getConnection().isConnected && resolve());
    client.on('auth:error', ({ error }) => reject(error));
  });
  const start = () => {
    client.connect({ username: `${name}@example.com`, password: 'demo' });
    return ready;
  };
  return { client, start };
}

export async function call({ client: alice }, { client: bob }) {
  const up = [alice, bob].map((client) => state(client, 'Connected'));
  const id = alice.call.make('bob@example.com', AUDIO);
  await Promise.all(up);
  return async () => {
    const over = [alice, bob].map((client) => state(client, 'Ended'));
    alice.call.end(id);
    await Promise.all(over);
    if (unknown.length > 0) throw new Error(`The gateway of this page does not know: ${unknown.join(', ')}`);
  };
}

function state(client, wanted) {
  return new Promise((resolve) => {
    const look = ({ callId }) => {
      if (client.call.getById(callId).state !== wanted) return;
      client.off('call:stateChange', look);
      resolve();
    };
    client.on('call:stateChange', look);
  });
}
