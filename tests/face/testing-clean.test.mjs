// A world leaves nothing behind, and the same world tells the same story.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createTestWorld } from '../../pkg/testing.js';

const [ALICE, BOB] = ['alice@example.com', 'bob@example.com'];

/** A day in a world: everything that its application heard and its gateway was asked. */
async function day(seed) {
  const world = await createTestWorld({ users: [ALICE, BOB], seed });
  try {
    const client = world.create();
    const story = [];
    client.subscribe((type, [payload]) => story.push([world.now, type, JSON.stringify(payload)]));
    client.connect(world.credentials(ALICE));
    const bob = world.user(BOB);
    await bob.connect();
    await world.until(() => client.getConnection().isConnected);
    bob.whenCalled('answer');
    const id = client.call.make(BOB, { audio: true, video: true });
    await world.until(() => client.call.getById(id).state === 'Connected');
    await bob.hold();
    await bob.sendMessage(ALICE, 'one moment');
    world.network.cut();
    await world.advance(7_000);
    world.network.restore();
    await world.advance(60_000);
    await bob.end();
    await world.advance(100);
    return [...story, ...world.server.requests.map((request) => JSON.stringify(request))];
  } finally {
    await world.close();
  }
}

test('the same seed tells the same story, another one another', async () => {
  const first = await day(7);
  assert.ok(first.length > 20, `${first.length} lines`);
  assert.deepEqual(await day(7), first);
  assert.notDeepEqual(await day(8), first);
});

/** Everything that globalThis and what it holds has of its own. */
function globals() {
  const own = (object) => Object.entries(Object.getOwnPropertyDescriptors(object));
  return [...own(globalThis), ...own(WebAssembly), ...own(globalThis.navigator ?? {})];
}

test('two worlds in turn leave globalThis as it was', async () => {
  const before = globals();
  for (const _ of [1, 2]) {
    const world = await createTestWorld({ users: [ALICE] });
    assert.notDeepEqual(globals(), before, 'a comparison that sees nothing would prove nothing');
    await world.close();
    assert.deepEqual(globals(), before);
  }
});

test('the process ends by itself, also when a test leaves its world open', () => {
  const story = (end) => `
    import { createTestWorld } from '${new URL('../../pkg/testing.js', import.meta.url)}';
    const world = await createTestWorld({ users: ['${ALICE}', '${BOB}'] });
    const client = world.create();
    client.connect(world.credentials('${ALICE}'));
    await world.user('${BOB}').connect();
    world.user('${BOB}').whenCalled('answer');
    await world.until(() => client.getConnection().isConnected);
    const id = client.call.make('${BOB}', { audio: true });
    await world.until(() => client.call.getById(id).state === 'Connected');
    ${end}
    console.log(client.call.getById(id).state, process.getActiveResourcesInfo().filter((name) => name !== 'PipeWrap').join());`;
  for (const end of ['await world.close();', '']) {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module'], {
      input: story(end),
      cwd: fileURLToPath(new URL('../..', import.meta.url)),
      encoding: 'utf8',
      timeout: 60_000,
    });
    assert.deepEqual([status, stderr, stdout.trim()], [0, '', 'Connected']);
  }
});
