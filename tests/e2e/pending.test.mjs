// Reads before the engine is there against reads of the real engine: the same commands, read at once, with the same result.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { configFor, openPage } from './lib/page.mjs';
import { stage } from './lib/stage.mjs';

const TABLE = [
  { commands: [], connection: [false, false], calls: [] },
  { commands: ['connect'], connection: [false, true], calls: [] },
  { commands: ['disconnect'], connection: [false, false], calls: [] },
  { commands: ['connect', 'disconnect'], connection: [false, false], calls: [] },
  { commands: ['connect', 'make', 'end'], connection: [false, true], calls: ['Ended'] },
  { commands: ['make', 'end', 'make', 'end', 'connect'], connection: [false, true], calls: ['Ended', 'Ended'] },
];
const NOTHING = { requested: [], received: [], missing: [], status: 'NONE', services: {} };

const { browsers, gateway } = await stage();

for (const name of ['chromium', 'firefox']) {
  for (const { commands, connection, calls } of TABLE) {
    test(`after ${commands.join(', ') || 'create'} (${name})`, async () => {
      const one = await openPage(await browsers.get(name), gateway.url);
      const expected = {
        connection,
        services: NOTHING,
        user: {},
        calls: calls.map((state) => ({ state, direction: 'outgoing', isCaller: true, localHold: false, remoteHold: false, localTracks: [], remoteTracks: [] })),
        microphones: 0,
      };
      const config = configFor(gateway, 'uc', { logs: { logLevel: 'silent' } });
      // Made and read in one turn of the page: the engine cannot be there yet.
      assert.deepEqual(await one.run(read, commands, config), expected);
      await one.run((again) => void page.create(again), config);
      await one.until('devices:change');
      const { microphones, ...rest } = await one.run(read, commands);
      assert.deepEqual({ ...rest, microphones: 0 }, expected);
      assert.ok(microphones > 0, 'this was the engine');
      assert.deepEqual(await one.run(() => watch.thrown), []);
    });
  }
}

test('a call that was made too early is Initiating until the engine says that nobody is logged in', async () => {
  const one = await openPage(await browsers.get('chromium'), gateway.url);
  const early = await one.run((config) => {
    const client = page.create(config);
    return client.call.getById(client.call.make('bob@example.com', { audio: true })).state;
  }, configFor(gateway, 'uc', { logs: { logLevel: 'silent' } }));
  assert.equal(early, 'Initiating');
  const { payload } = await one.until('call:stateChange', { call: { state: 'Ended' } });
  assert.equal(payload.error.code, 'call:6');
});

/** Runs in the page: the commands, in a new client if there is a configuration, and at once what there is to read. */
function read(commands, config) {
  const client = config ? page.create(config) : page.client;
  let id;
  const act = {
    connect: () => client.connect({ username: 'alice@example.com', password: 'demo' }),
    disconnect: () => client.disconnect(),
    make: () => (id = client.call.make('bob@example.com', { audio: true })),
    end: () => client.call.end(id),
  };
  for (const command of commands) act[command]();
  const { isConnected, isPending } = client.getConnection();
  return {
    connection: [isConnected, isPending],
    services: client.getServices(),
    user: client.getUserInfo(),
    calls: client.call.getAll().map(({ state, direction, isCaller, localHold, remoteHold, localTracks, remoteTracks }) => ({
      state, direction, isCaller, localHold, remoteHold, localTracks, remoteTracks,
    })),
    microphones: client.media.getDevices().microphone.length,
  };
}
