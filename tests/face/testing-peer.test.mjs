// The fake peer connection of `kandy-wasm/testing` behaves as real ones do: it runs the scripts that real ones run.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { createTestWorld } from '../../pkg/testing.js';
import { play } from '../lib/peer-scripts.mjs';

const scripts = JSON.parse(readFileSync(new URL('../peer-scripts.json', import.meta.url), 'utf8'));

for (const script of scripts) {
  test(`the fake connection follows the script: ${script.name}`, async () => {
    const world = await createTestWorld({ users: [] });
    try {
      const stream = () => world.finish(navigator.mediaDevices.getUserMedia({ audio: true, video: true }));
      const streams = { a: await stream(), b: await stream() };
      assert.deepEqual(await play(script, streams, world.finish), []);
    } finally {
      await world.close();
    }
  });
}

test('there are as many scripts as real connections run', () => {
  assert.ok(scripts.length >= 14, `${scripts.length} scripts were read`);
});
