import { afterEach, beforeEach, expect, test } from 'vitest';
import { createTestWorld } from 'kandy-wasm/testing';
import { showDialer } from './dialer.js';

let world;
let bob;
beforeEach(async () => {
  world = await createTestWorld({ users: ['alice@example.com', 'bob@example.com'] });
  bob = world.user('bob@example.com');
  await bob.connect();
  showDialer(document.body, world.credentials('alice@example.com'));
  await world.until(() => status() === 'online');
});
afterEach(() => world.close());

const status = () => document.querySelector('output').textContent;
const click = () => document.querySelector('button').click();

test('Bob answers, and is heard until he hangs up', async () => {
  click();
  await world.until(() => status() === 'Ringing');
  await bob.answer();
  await world.until(() => status() === 'Connected');
  expect(document.querySelectorAll('.media audio')).toHaveLength(1);
  await bob.end();
  await world.until(() => status() === 'Ended');
  expect(document.querySelectorAll('.media audio')).toHaveLength(0);
});

test('Bob is busy', async () => {
  bob.whenCalled('reject');
  click();
  await world.until(() => status() === 'Ended');
  expect(document.querySelector('button').textContent).toBe('Call Bob');
});

test('without a microphone the page says so', async () => {
  world.media.refuse('NotAllowedError');
  click();
  await world.until(() => status().includes('NotAllowedError'));
  expect(bob.currentCall).toBeUndefined();
});

test('a lost connection is shown, and the way back', async () => {
  world.network.cut();
  await world.until(() => status() === 'offline');
  world.network.restore();
  await world.until(() => status() === 'online');
});
