// Lines on the console (api-behaviour 4).
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { covers } from '../lib/covers.mjs';
import { QUIET, face, fakeEngine, microtasks } from './lib/face.mjs';

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
  test(`the level ${logLevel} lets ${expected} of four lines through`, (t) => {
    configureLogs({ logLevel, flatten: false });
    for (const level of ['debug', 'info', 'warn', 'error']) createLog('NAME')(level, 'message');
    assert.equal(lines.length, expected);
    if (logLevel !== 'trace') covers(t, `config logs.logLevel = ${logLevel.toLowerCase()}`);
  });
}

test('flat lines are one text, whatever the arguments are', (t) => {
  configureLogs({ logLevel: 'debug', flatten: true });
  const circle = {};
  circle.self = circle;
  createLog('NAME')('info', 'a "b"', 1, { c: 2 });
  createLog('NAME')('info', 'message', circle);
  assert.equal(lines[0].length, 2);
  assert.match(lines[0][1], /^\d{13} - NAME - INFO - MESSAGE - "a \\"b\\"" - ARGS - \[1,\{"c":2\}\]$/);
  assert.match(lines[1][1], /ARGS - \["\[object Object\]"\]$/);
  covers(t, 'config logs.flatten');
});

test('calls of the API are debug lines', () => {
  const client = createWith(fakeEngine().load, { ...QUIET, logs: { logLevel: 'debug' } });
  lines = [];
  client.call.make('bob@example.com', { audio: true });
  assert.match(lines[0][1], / - API - DEBUG - API invoked: call\.make:$/);
  assert.deepEqual(lines[0].slice(2), ['bob@example.com', { audio: true }, {}]);
});

test('the functions that 4.8 does not note are not noted', () => {
  const client = createWith(fakeEngine().load, { ...QUIET, logs: { logLevel: 'debug' } });
  lines = [];
  client.call.forward('a', 'bob');
  client.call.directTransfer('a', 'bob');
  client.call.consultativeTransfer('a', 'b');
  client.call.join('a', 'b');
  client.call.replaceTrack('a', 't', { audio: true });
  assert.deepEqual(lines, []);
});

test('the first line of a client tells the version', () => {
  createWith(fakeEngine().load, { ...QUIET, logs: { logLevel: 'info' } });
  assert.equal(lines[0][0], 'info');
  assert.match(lines[0][1], /API version 4\.8\.0$/);
});

test('the options of the last create are those of the page', () => {
  const first = createWith(fakeEngine().load, { ...QUIET, logs: { logLevel: 'debug' } });
  createWith(fakeEngine().load, QUIET);
  lines = [];
  first.getConnection();
  assert.deepEqual(lines, []);
});

test('a handler gets every line in place of the console, in parts', () => {
  const entries = [];
  configureLogs({ logLevel: 'info', flatten: true, handler: (entry) => entries.push(entry) });
  const before = Date.now();
  createLog('NAME')('warn', 'message', 1, { a: 2 });
  createLog('NAME')('debug', 'too fine');
  const [{ timestamp, ...entry }, ...rest] = entries;
  assert.ok(timestamp >= before && timestamp <= Date.now());
  assert.deepEqual(entry, { level: 'warn', target: 'NAME', message: 'message', args: [1, { a: 2 }] });
  assert.deepEqual([rest, lines], [[], []]);
});

for (const [how, handler] of [
  ['throws', () => { throw new Error('mine'); }],
  ['rejects', async () => { throw new Error('mine'); }],
]) {
  test(`a handler that ${how} disturbs nothing, and is told of once`, async () => {
    const engine = fakeEngine();
    const client = createWith(engine.load, { ...QUIET, logs: { logLevel: 'debug', handler } });
    const id = client.call.make('bob@example.com', { audio: true });
    await engine.arrive();
    engine.log('warn', 'The socket was lost.');
    assert.equal(client.call.end(id), undefined);
    await microtasks();
    assert.deepEqual(engine.commands.map(({ type }) => type), ['call.make', 'call.end']);
    assert.equal(lines.length, 1);
    const [[method, head, error]] = lines;
    assert.equal(method, 'error');
    assert.match(head, / - CLIENT - ERROR - logs\.handler failed/);
    assert.equal(error.message, 'mine');
  });
}

test('a handler that uses the API comes to an end', () => {
  const entries = [];
  let client;
  const handler = (entry) => {
    entries.push(entry.message);
    client?.getConnection();
  };
  client = createWith(fakeEngine().load, { ...QUIET, logs: { logLevel: 'debug', handler } });
  entries.length = 0;
  client.getVersion();
  assert.deepEqual(entries, ['API invoked: getVersion:']);
  assert.deepEqual(lines.map(([, head]) => head.replace(/^\d+ - /, '')), ['API - DEBUG - API invoked: getConnection:']);
});

test('a handler that is no function is none, and an error line says so', () => {
  createWith(fakeEngine().load, { ...QUIET, logs: { logLevel: 'warn', handler: 'x' } });
  assert.equal(lines.length, 1);
  assert.match(lines[0][1], /logs\.handler is no function$/);
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
