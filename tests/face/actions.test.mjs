// Action logs: what the engine took in, and what became of it (api-behaviour 4).
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { covers } from '../lib/covers.mjs';
import { QUIET, face, fakeEngine } from './lib/face.mjs';

const { createWith } = await face(['client.ts']);
const METHODS = ['log', 'info', 'warn', 'error', 'group', 'groupCollapsed', 'groupEnd'];
const HEAD = /^action socket @ \d\d:\d\d:\d\d\.\d{3} \(in 1\.50 ms\)$/;
let written;

beforeEach((t) => {
  written = [];
  for (const method of METHODS) t.mock.method(console, method, (...line) => written.push([method, ...line]));
});

/** A client whose engine is there and has one call; `act` has the engine report an action. */
async function started(logActions, logs = {}) {
  const engine = fakeEngine();
  engine.connection = { isConnected: false, isPending: true };
  engine.calls = [{ id: 'a', state: 'Ringing' }];
  engine.answers.getConnection = () => engine.connection;
  engine.answers['call.getAll'] = () => engine.calls;
  const client = createWith(engine.load, { ...QUIET, logs: { logLevel: 'debug', logActions, ...logs } });
  await engine.arrive();
  written = [];
  const act = (name = 'socket', payload = undefined) => {
    written = [];
    engine.action(name, payload, 1.5);
    return written;
  };
  return { client, engine, act };
}

/** Lines without the time that they begin with. */
const told = (lines) => lines.map(([method, head, ...args]) => [method, head?.replace(/^\d{13} - /, ''), ...args]);

for (const logLevel of ['silent', 'error', 'warn', 'info', 'DEBUG', 'trace']) {
  test(`actions at the level ${logLevel}`, async () => {
    const { engine } = await started({}, { logLevel });
    assert.equal(typeof engine.action, ['info', 'DEBUG', 'trace'].includes(logLevel) ? 'function' : 'undefined');
  });
}

for (const logActions of [false, null, 'x', { level: 'silent' }, { level: 'SILENT' }]) {
  test(`no actions with ${JSON.stringify(logActions)}`, async (t) => {
    const { engine } = await started(logActions);
    assert.equal(engine.action, undefined);
    if (logActions === false) covers(t, 'config logs.logActions');
  });
}

for (const logActions of [undefined, true, {}]) {
  test(`a group with the action alone is what ${JSON.stringify(logActions)} means`, async () => {
    const { act } = await started(logActions);
    const [[method, head], ...rest] = act('socket', { secretOrNot: 1 });
    assert.equal(method, 'group');
    assert.match(head, HEAD);
    assert.deepEqual(told(rest), [['log', 'ACTION - DEBUG - action', { type: 'socket' }], ['groupEnd', undefined]]);
  });
}

test('the level info has them, too', async () => {
  const { act } = await started({}, { logLevel: 'info' });
  assert.deepEqual(act().map(([method]) => method), ['group', 'log', 'groupEnd']);
});

test('closed groups', async (t) => {
  const { act } = await started({ collapsed: true });
  assert.deepEqual(act().map(([method]) => method), ['groupCollapsed', 'log', 'groupEnd']);
  covers(t, 'config logs.logActions.collapsed');
});

for (const [level, method] of [['info', 'info'], ['WARN', 'warn'], ['error', 'error'], ['debug', 'log'], ['no such', 'log']]) {
  test(`lines of actions have the level ${level}`, async (t) => {
    const { act } = await started({ level });
    assert.equal(act()[1][0], method);
    covers(t, 'config logs.logActions.level');
  });
}

test('without groups there are plain lines', async (t) => {
  const { act } = await started({ collapsed: true }, { enableGrouping: false });
  const lines = told(act());
  assert.deepEqual(lines.map(([method]) => method), ['log', 'log']);
  assert.match(lines[0][1], /^ACTION - DEBUG - action socket @ /);
  assert.deepEqual(lines[1].slice(1), ['ACTION - DEBUG - action', { type: 'socket' }]);
  covers(t, 'config logs.enableGrouping');
});

test('flat lines are one text each', async () => {
  const { act } = await started({}, { flatten: true });
  const lines = told(act());
  assert.deepEqual(lines[1], ['log', 'ACTION - DEBUG - MESSAGE - "action" - ARGS - [{"type":"socket"}]']);
});

test('a handler gets the lines without a group', async () => {
  const entries = [];
  const { act } = await started({}, { handler: (entry) => entries.push(entry) });
  entries.length = 0;
  assert.deepEqual(act(), []);
  assert.deepEqual(entries.map(({ target, level }) => [target, level]), [['ACTION', 'debug'], ['ACTION', 'debug']]);
  assert.match(entries[0].message, HEAD);
  assert.deepEqual([entries[1].message, entries[1].args], ['action', [{ type: 'socket' }]]);
});

test('what an action carries is shown if that is wanted, and never that of a login or a configuration', async (t) => {
  const payload = { text: 'hello', list: [1, null] };
  for (const [exposePayloads, name, expected] of [
    [true, 'socket', { type: 'socket', payload }],
    [true, 'connect', { type: 'connect' }],
    [true, 'updateToken', { type: 'updateToken' }],
    [true, 'configure', { type: 'configure' }],
    [false, 'socket', { type: 'socket' }],
  ]) {
    const { act, engine } = await started({ exposePayloads });
    assert.deepEqual(act(name, payload)[1][2], expected);
    assert.equal(engine.config.logs.logActions.exposePayloads, exposePayloads, 'the engine is told as well');
  }
  covers(t, 'config logs.logActions.exposePayloads');
});

test('the state before and after: before is what it was after the last action', async (t) => {
  const { act, engine } = await started({ actionOnly: false });
  const subscription = { requested: [], received: [], missing: [], status: 'NONE', services: {} };
  const nothing = { connection: { isConnected: false, isPending: false, subscription }, calls: [] };
  const first = { connection: { isConnected: false, isPending: true }, calls: [{ id: 'a', state: 'Ringing' }] };
  assert.deepEqual(told(act()).slice(2, 4), [
    ['log', 'ACTION - DEBUG - state before', nothing],
    ['log', 'ACTION - DEBUG - state after', first],
  ]);
  engine.connection = { isConnected: true, isPending: false };
  engine.calls = [{ id: 'a', state: 'Connected' }];
  const [, , [, , then], [, , now]] = act();
  assert.deepEqual(then, first);
  assert.deepEqual(now, { connection: { isConnected: true, isPending: false }, calls: [{ id: 'a', state: 'Connected' }] });
  covers(t, 'config logs.logActions.actionOnly');
});

test('what an action changed is listed by its path', async (t) => {
  const { act, engine } = await started({ diff: true });
  act();
  assert.deepEqual(act()[2].slice(2), [[]], 'nothing');
  engine.connection = { isConnected: true, isPending: false, error: undefined };
  engine.calls = [{ id: 'a', state: 'Connected', localTracks: ['t'] }, { id: 'b' }];
  assert.deepEqual(act()[2].slice(2), [[
    { path: 'connection.isConnected', before: false, after: true },
    { path: 'connection.isPending', before: true, after: false },
    { path: 'calls.0.state', before: 'Ringing', after: 'Connected' },
    { path: 'calls.0.localTracks', before: undefined, after: ['t'] },
    { path: 'calls.1', before: undefined, after: { id: 'b' } },
  ]]);
  engine.connection.error = { name: 'BasicError', code: 'authentication:2', message: 'x' };
  assert.deepEqual(act()[2][2].map(({ path }) => path), ['connection.error']);
  assert.deepEqual(act()[2][2], [], 'an error that stays is no change');
  covers(t, 'config logs.logActions.diff');
});

test('actions that are left out are not written, and their changes are not those of the next one', async (t) => {
  const { act, engine } = await started({ diff: true, excludeActions: ['timer'] });
  act();
  engine.calls = [];
  assert.deepEqual(act('timer'), []);
  assert.deepEqual(act()[2].slice(2), [[]]);
  covers(t, 'config logs.logActions.excludeActions');
});

test('an engine that cannot answer does not keep actions from being written', async () => {
  const { act, engine } = await started({ actionOnly: false, diff: true });
  engine.answers['call.getAll'] = () => { throw new WebAssembly.RuntimeError('unreachable'); };
  assert.deepEqual(act().filter(([method]) => method === 'group').length, 1);
  assert.deepEqual(written.at(-1), ['groupEnd']);
});

test('a later client without actions silences those of an earlier one', async () => {
  const { act } = await started({});
  createWith(fakeEngine().load, { ...QUIET, logs: { logLevel: 'debug', logActions: false } });
  assert.deepEqual(act(), []);
});
