// Lines on the console (api-behaviour 4).
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { QUIET, face, fakeEngine } from './lib/face.mjs';

const { createWith, createLog, configureLogs } = await face(['client.ts', 'logger.ts']);
const METHODS = ['log', 'info', 'warn', 'error'];
let lines;

beforeEach((t) => {
  lines = [];
  for (const method of METHODS) t.mock.method(console, method, (...line) => lines.push([method, ...line]));
});

test('each level has its function of the console, and the documented form', () => {
  configureLogs({ logLevel: 'debug', flatten: false });
  const log = createLog('NAME');
  for (const level of ['debug', 'info', 'warn', 'error']) log(level, 'message', 1, { a: 2 });
  assert.deepEqual(lines.map(([method]) => method), ['log', 'info', 'warn', 'error']);
  for (const [index, level] of ['DEBUG', 'INFO', 'WARN', 'ERROR'].entries()) {
    const [, head, ...args] = lines[index];
    assert.match(head, new RegExp(`^\\d{13} - NAME - ${level} - message$`));
    assert.deepEqual(args, [1, { a: 2 }]);
  }
});

for (const [logLevel, expected] of [['silent', 0], ['error', 1], ['WARN', 2], ['info', 3], ['debug', 4], ['trace', 4]]) {
  test(`the level ${logLevel} lets ${expected} of four lines through`, () => {
    configureLogs({ logLevel, flatten: false });
    for (const level of ['debug', 'info', 'warn', 'error']) createLog('NAME')(level, 'message');
    assert.equal(lines.length, expected);
  });
}

test('flat lines are one text, whatever the arguments are', () => {
  configureLogs({ logLevel: 'debug', flatten: true });
  const circle = {};
  circle.self = circle;
  createLog('NAME')('info', 'a "b"', 1, { c: 2 });
  createLog('NAME')('info', 'message', circle);
  assert.equal(lines[0].length, 2);
  assert.match(lines[0][1], /^\d{13} - NAME - INFO - MESSAGE - "a \\"b\\"" - ARGS - \[1,\{"c":2\}\]$/);
  assert.match(lines[1][1], /ARGS - \["\[object Object\]"\]$/);
});

test('calls of the API are debug lines', () => {
  const client = createWith(fakeEngine().load, { ...QUIET, logs: { logLevel: 'debug' } });
  lines = [];
  client.call.make('bob@example.com', { audio: true });
  assert.match(lines[0][1], / - API - DEBUG - API invoked: call\.make:$/);
  assert.deepEqual(lines[0].slice(2), ['bob@example.com', { audio: true }, {}]);
});

test('no credential is written', async () => {
  const secret = 'open sesame';
  const engine = fakeEngine();
  const client = createWith(engine.load, { ...QUIET, logs: { logLevel: 'debug' }, call: { iceServers: [{ urls: 'turn:x', credential: secret }] } });
  const credentials = Object.fromEntries(['password', 'hmacToken', 'accessToken', 'refreshToken', 'oauthToken'].map((name) => [name, secret]));
  client.connect({ username: 'alice@example.com', authname: secret, ...credentials });
  client.updateConfig({ call: { iceServers: [{ urls: 'turn:x', credential: secret }] } });
  client.getConfig();
  client.getUserInfo();
  await engine.arrive();
  client.connect({ username: 'alice@example.com', ...credentials });
  assert.ok(lines.length >= 5);
  assert.equal(JSON.stringify(lines).includes(secret), false);
});

test('a create without a server says so in one error line, unless the log is silent', () => {
  createWith(fakeEngine().load);
  assert.equal(lines.filter(([method]) => method === 'error').length, 1);
  lines = [];
  createWith(fakeEngine().load, { logs: { logLevel: 'silent' } });
  assert.deepEqual(lines, []);
});

test('lines of the engine come under its own name', async () => {
  const engine = fakeEngine();
  createWith(engine.load, { ...QUIET, logs: { logLevel: 'warn' } });
  await engine.arrive();
  engine.log('debug', 'too fine');
  engine.log('warn', 'The socket was lost.');
  assert.equal(lines.length, 1);
  assert.match(lines[0][1], / - ENGINE - WARN - The socket was lost\.$/);
});
