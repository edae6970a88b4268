// The build that has its engines inside: the engine is there when `create` returns.
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { face, microtasks, QUIET } from './lib/face.mjs';

const ENGINE = [0, 0x61, 0x73, 0x6d, 1];
const PEOPLE = [0, 0x61, 0x73, 0x6d, 2];
const base64 = (bytes) => `export default '${Buffer.from(bytes).toString('base64')}';`;
const REPLACED = {
  '#engine-copy': base64(ENGINE),
  '#people-copy': base64(PEOPLE),
  '#engine': `
    export function initSync(bytes) {
      if (globalThis.seen.fails) throw new Error(globalThis.seen.fails);
      globalThis.seen.compiled.push([...bytes]);
    }
    export class Engine {
      constructor(config, onEvent, onLog, editSdp, onAction) {
        Object.assign(globalThis.seen, { onEvent, onAction });
        onEvent({ type: 'people:session', payload: {} });
      }
      dispatch(command) { globalThis.seen.commands.push(command.type); }
      query({ type }) { return type; }
    }`,
  '#people': `
    export default async function init(bytes) { globalThis.seen.people.push([...bytes]); }
    export class PeopleEngine {
      tell(input) { globalThis.seen.told.push(JSON.parse(input).type); }
      query() { return 'null'; }
    }`,
};

const inline = () => face(['inline.ts'], REPLACED);
const page = (more = {}) => Object.assign(globalThis, { document: {}, seen: { compiled: [], people: [], commands: [], told: [], ...more } });
const { WebAssembly } = globalThis;

afterEach(() => {
  delete globalThis.document;
  delete globalThis.seen;
  globalThis.WebAssembly = WebAssembly;
});

test('the first read after create is answered by the engine, and so is the first command', async () => {
  page();
  const { create } = await inline();
  const client = create(QUIET);
  assert.equal(client.getConnection(), 'getConnection');
  client.connect({});
  assert.deepEqual(globalThis.seen.commands, ['connect']);
});

test('the engine is compiled once, when it is first wanted', async () => {
  page();
  const { create } = await inline();
  assert.deepEqual(globalThis.seen.compiled, []);
  create(QUIET);
  create(QUIET);
  assert.deepEqual(globalThis.seen.compiled, [ENGINE]);
});

test('actions are reported from the first one on where they are logged', async () => {
  page();
  const { create } = await inline();
  create(QUIET);
  assert.equal(globalThis.seen.onAction, undefined);
  const lines = [];
  create({ logs: { logLevel: 'debug', handler: ({ message }) => lines.push(message) } });
  globalThis.seen.onAction('connect', undefined, 1);
  assert.ok(lines.some((line) => /action connect/.test(line)), lines.join('\n'));
});

test('the people engine is compiled once, when it is first used, and hears what came before', async () => {
  page();
  const { create } = await inline();
  const client = create(QUIET);
  await microtasks();
  assert.deepEqual(globalThis.seen.people, []);
  client.presence.update('open', 'available');
  await microtasks();
  assert.deepEqual(globalThis.seen.people, [PEOPLE]);
  assert.deepEqual(globalThis.seen.told, ['people:session', 'presence.update']);
});

test('an engine that cannot be compiled is an error that is there at once, and the next create tries again', async () => {
  page({ fails: 'Refused to compile' });
  const { create } = await inline();
  const { error } = create(QUIET).getConnection();
  assert.equal(error.code, 'engine:1');
  assert.match(error.message, /Refused to compile/);
  globalThis.seen.fails = undefined;
  assert.equal(create(QUIET).getConnection(), 'getConnection');
});

test('without a page, and without WebAssembly, create throws nothing and says why nothing works', async () => {
  page();
  const { create, BasicError } = await inline();
  delete globalThis.WebAssembly;
  const { error } = create(QUIET).getConnection();
  assert.ok(error instanceof BasicError);
  assert.equal(error.code, 'engine:5');
  globalThis.WebAssembly = WebAssembly;
  delete globalThis.document;
  assert.equal(create(QUIET).getConnection().error.code, 'engine:4');
  assert.deepEqual(globalThis.seen.compiled, []);
});
