// Delivery of events (api-behaviour 3).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { covers } from '../lib/covers.mjs';
import { face, microtasks } from './lib/face.mjs';

const { createEmitter, BasicError } = await face(['emitter.ts', 'errors.ts']);

test('typed listeners first, then global ones, each in order of registration', async (t) => {
  const { api, emit } = createEmitter();
  const seen = [];
  api.subscribe((type, args) => seen.push(['global 1', type, args]));
  api.on('ws:change', (...args) => seen.push(['typed 1', ...args]));
  api.on('auth:change', () => seen.push(['other']));
  api.on('ws:change', (...args) => seen.push(['typed 2', ...args]));
  api.subscribe((type, args) => seen.push(['global 2', type, args]));
  const payload = { platform: 'uc' };
  emit('ws:change', payload);
  assert.deepEqual(seen, [], 'nobody is called before the emitter returns');
  await microtasks();
  assert.deepEqual(seen, [
    ['typed 1', payload],
    ['typed 2', payload],
    ['global 1', 'ws:change', [payload]],
    ['global 2', 'ws:change', [payload]],
  ]);
  covers(t, 'on', 'on(type)', 'on(listener)', 'subscribe', 'subscribe(listener)');
});

test('events come in the order in which they were emitted, each in a microtask of its own', async () => {
  const { api, emit } = createEmitter();
  const seen = [];
  api.on('auth:change', () => {
    seen.push('first');
    queueMicrotask(() => seen.push('between'));
  });
  api.on('ws:change', () => seen.push('second'));
  emit('auth:change', {});
  emit('ws:change', { platform: 'uc' });
  await microtasks();
  assert.deepEqual(seen, ['first', 'second', 'between']);
});

test('a function registered twice is called twice, and off removes both', async (t) => {
  const { api, emit } = createEmitter();
  let count = 0;
  const listener = () => (count += 1);
  api.on('auth:change', listener);
  api.on('auth:change', listener);
  emit('auth:change', {});
  await microtasks();
  assert.equal(count, 2);
  api.on('ws:change', listener);
  api.off('auth:change', listener);
  api.off('auth:change', listener);
  emit('auth:change', {});
  await microtasks();
  assert.equal(count, 2);
  emit('ws:change', { platform: 'uc' });
  await microtasks();
  assert.equal(count, 3, 'that of another type stays');
  covers(t, 'off', 'off(type)', 'off(listener)');
});

test('a global listener registered twice is called twice, and unsubscribe removes both', async (t) => {
  const { api, emit } = createEmitter();
  let count = 0;
  const listener = () => (count += 1);
  api.subscribe(listener);
  api.subscribe(listener);
  emit('auth:change', {});
  await microtasks();
  assert.equal(count, 2);
  api.unsubscribe(listener);
  emit('auth:change', {});
  await microtasks();
  assert.equal(count, 2);
  covers(t, 'unsubscribe', 'unsubscribe(listener)');
});

test('S14: a listener that throws does not silence the others, and its error is reported', async (t) => {
  const reported = [];
  globalThis.reportError = (error) => reported.push(error.message);
  t.after(() => delete globalThis.reportError);
  const { api, emit } = createEmitter();
  const seen = [];
  api.on('auth:change', () => { throw new Error('mine'); });
  api.on('auth:change', 'not a function');
  api.on('auth:change', () => seen.push('typed'));
  api.subscribe(() => { throw new Error('global'); });
  api.subscribe(() => seen.push('global'));
  emit('auth:change', {});
  await microtasks();
  assert.deepEqual(seen, ['typed', 'global']);
  assert.equal(reported.length, 3);
  assert.deepEqual([reported[0], reported[2]], ['mine', 'global']);
});

test('a listener that removes itself, or adds one, does not disturb the delivery', async () => {
  const { api, emit } = createEmitter();
  const seen = [];
  const once = () => {
    seen.push('once');
    api.off('auth:change', once);
    api.on('auth:change', () => seen.push('late'));
  };
  api.on('auth:change', once);
  api.on('auth:change', () => seen.push('next'));
  emit('auth:change', {});
  await microtasks();
  assert.deepEqual(seen, ['once', 'next']);
  emit('auth:change', {});
  await microtasks();
  assert.deepEqual(seen, ['once', 'next', 'next', 'late']);
});

test('plain error records become instances of Error; a server\'s own data is left alone', async () => {
  const { api, emit } = createEmitter();
  const seen = [];
  api.subscribe((type, [payload]) => seen.push(payload));
  emit('auth:error', { error: { name: 'BasicError', code: 'authentication:9', message: 'Wrong name or password.' } });
  emit('call:start', { callId: 'c', error: undefined });
  emit('notification:received', { payload: { error: { name: 'BasicError', code: 1, message: 'x' } } });
  await microtasks();
  const [failed, fine, notification] = seen;
  assert.ok(failed.error instanceof BasicError && failed.error instanceof Error);
  assert.deepEqual(JSON.parse(JSON.stringify(failed.error)), { name: 'BasicError', code: 'authentication:9', message: 'Wrong name or password.' });
  assert.ok('error' in fine && fine.error === undefined);
  assert.equal(notification.payload.error instanceof Error, false);
});

test('an error without code or sentence gets the documented ones', () => {
  const error = new BasicError();
  assert.deepEqual([error.name, error.code, error.message], ['BasicError', 'NO_CODE', 'An error occurred.']);
});

test('what caused an error is its standard member, and only where there is one', async () => {
  const { api, emit } = createEmitter();
  const seen = [];
  api.on('auth:error', ({ error }) => seen.push(error));
  const cause = { statusCode: 4, reason: 'wrong password' };
  emit('auth:error', { error: { name: 'BasicError', code: 'authentication:4', message: 'The server refused the login.', cause } });
  emit('auth:error', { error: { name: 'BasicError', code: 'authentication:1', message: 'x' } });
  await microtasks();
  const [told, untold] = seen;
  assert.equal(told.cause, cause);
  assert.equal('cause' in untold, false);
  assert.deepEqual(JSON.parse(JSON.stringify(told)), { name: 'BasicError', code: 'authentication:4', message: 'The server refused the login.' });
});
