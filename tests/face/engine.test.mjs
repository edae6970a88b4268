// The loader: the file, the copy, and what is said when neither is there.
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { covers } from '../lib/covers.mjs';
import { BASE, face, microtasks } from './lib/face.mjs';

const WASM = Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
const COPY = Uint8Array.from([0, 0x61, 0x73, 0x6d, 9]);
const COPY_TEXT = Buffer.from(COPY).toString('base64');
const GLUE = `
  export default async function init(bytes) {
    globalThis.inits.push([...new Uint8Array(bytes)]);
    if (globalThis.initFails) throw new Error(globalThis.initFails);
  }
  export class Engine { constructor(...args) { this.args = args; } }`;
/** The glue of the people engine: it notes what it is started with, told and asked. */
const PEOPLE = {
  '#people': `
    export default async function init(bytes) { globalThis.peopleInits.push([...new Uint8Array(bytes)]); }
    export class PeopleEngine {
      constructor(host) { globalThis.started = { host, told: [] }; }
      tell(input) { globalThis.started.told.push(input); }
      query(query) { return query.includes('nothing') ? 'null' : query; }
    }`,
  './people-copy.js': `export default '${COPY_TEXT}';`,
};
const INLINE = `globalThis.inlined += 1; export default '${COPY_TEXT}';`;
const NO_INLINE = `throw new Error('404'); export default '';`;
const realFetch = globalThis.fetch;

afterEach(() => {
  globalThis.fetch = realFetch;
  for (const name of ['document', 'inits', 'initFails', 'inlined', 'peopleInits', 'started']) delete globalThis[name];
});

/** The loader in a page whose server answers like this. */
async function page(fetch, inline = INLINE) {
  const asked = [];
  Object.assign(globalThis, { document: {}, inits: [], inlined: 0, peopleInits: [], fetch: (url) => { asked.push(String(url)); return fetch(); } });
  const { load, loadPeople, LOAD_LIMIT_MS } = await face(['engine.ts'], { '#engine': GLUE, './engine-copy.js': inline, ...PEOPLE });
  return { load, loadPeople, asked, LOAD_LIMIT_MS };
}

const answer = (bytes, status = 200) => async () => new Response(bytes, { status });

test('the file beside the module is compiled, once per page', async () => {
  const { load, asked } = await page(answer(WASM));
  const [one, two] = await Promise.all([load(), load()]);
  assert.equal(one, two);
  assert.equal(await load(), one);
  assert.deepEqual(asked, [`${BASE}kandy_wasm_bg.wasm`]);
  assert.deepEqual(globalThis.inits, [[...WASM]]);
  const config = {};
  assert.deepEqual(one(config, 'onEvent', 'onLog', 'editSdp', 'onAction').args, [config, 'onEvent', 'onLog', 'editSdp', 'onAction']);
  assert.equal(globalThis.inlined, 0);
});

for (const [what, fetch] of [
  ['is missing', answer('Not found', 404)],
  ['is missing, but has a body of WebAssembly', answer(WASM, 404)],
  ['is answered with a web page', answer('<!doctype html><title>Home</title>')],
  ['is empty', answer('')],
  ['is blocked', async () => { throw new TypeError('Failed to fetch'); }],
]) {
  test(`the copy is taken when the file ${what}`, async () => {
    const { load } = await page(fetch);
    await load();
    assert.deepEqual(globalThis.inits, [[...COPY]]);
    assert.equal(globalThis.inlined, 1);
  });
}

test('without the copy there is a sentence that says what to do, and the next attempt tries again', async () => {
  const { load, asked } = await page(answer('', 404), NO_INLINE);
  await assert.rejects(load(), /serve all files of the package beside index\.js/);
  globalThis.fetch = (url) => { asked.push(url); return answer(WASM)(); };
  await load();
  assert.equal(asked.length, 2);
});

test('the people engine is loaded in the same way: once per page, from its file or from its copy', async () => {
  const { loadPeople, asked } = await page(answer(WASM));
  const [one, two] = await Promise.all([loadPeople(), loadPeople()]);
  assert.equal(one, two);
  assert.deepEqual(asked, [`${BASE}kandy_people_bg.wasm`]);
  assert.deepEqual([globalThis.peopleInits, globalThis.inits], [[[...WASM]], []], 'the engine of calls is not needed for it');
  const without = await page(answer('', 404));
  await without.loadPeople();
  assert.deepEqual(globalThis.peopleInits, [[...COPY]]);
});

test('the people engine is spoken to in JSON, and its events are objects', async () => {
  const { loadPeople } = await page(answer(WASM));
  const emitted = [];
  const host = { address: () => 'address', file: () => 'file', log: () => 'log', emit: (...event) => emitted.push(event) };
  const engine = (await loadPeople())(host);
  const { host: given, told } = globalThis.started;
  assert.deepEqual([given.address(), given.file(), given.log()], ['address', 'file', 'log']);
  engine.tell({ type: 'presence.update', status: 'open', note: undefined });
  assert.deepEqual(told, ['{"type":"presence.update","status":"open"}']);
  given.emit('presence:change', '{"userId":"bob","error":null}');
  assert.deepEqual(emitted, [['presence:change', { userId: 'bob', error: null }]]);
  assert.deepEqual(engine.query({ type: 'presence.getAll' }), { type: 'presence.getAll' });
  assert.equal(engine.query({ type: 'nothing' }), undefined);
});

test('an engine that the content security policy forbids is told as it is', async () => {
  const { load } = await page(answer(WASM));
  globalThis.initFails = "Compiling or instantiating WebAssembly module violates the following Content Security policy directive";
  await assert.rejects(load(), /Content Security policy/);
});

test('a server that never answers is given up', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { load, asked, LOAD_LIMIT_MS } = await page(() => new Promise(() => {}));
  const outcome = assert.rejects(load(), /not there after 60 seconds/);
  while (asked.length === 0) await new Promise(setImmediate);
  t.mock.timers.tick(LOAD_LIMIT_MS);
  await outcome;
});

test('importing the package touches nothing of a browser, and create works without one', async () => {
  const names = ['window', 'document', 'location'];
  for (const name of names) assert.equal(name in globalThis, false, 'this test is about Node');
  globalThis.inits = [];
  globalThis.inlined = 0;
  globalThis.initFails = 'no browser';
  globalThis.fetch = answer('', 404);
  const kandy = await face(['index.ts'], { '#engine': GLUE, './engine-copy.js': INLINE, ...PEOPLE });
  assert.deepEqual(globalThis.inits, []);
  const client = kandy.create({ logs: { logLevel: 'silent' } });
  const events = [];
  client.subscribe((type) => events.push(type));
  client.connect({});
  while (events.length < 2) await microtasks();
  assert.deepEqual(events, ['auth:change', 'auth:error']);
});

test('where there is no page, and where there is no WebAssembly, the client says so and nothing is loaded', async (t) => {
  Object.assign(globalThis, { inits: [], fetch: () => assert.fail('nothing is to be loaded') });
  const { WebAssembly } = globalThis;
  t.after(() => Object.assign(globalThis, { WebAssembly }));
  const { create, BasicError } = await face(['index.ts'], { '#engine': GLUE, './engine-copy.js': INLINE, ...PEOPLE });
  const errorOf = () => create({ logs: { logLevel: 'silent' } }).getConnection().error;
  assert.ok(errorOf() instanceof BasicError);
  assert.equal(errorOf().code, 'engine:4');
  globalThis.document = {};
  delete globalThis.WebAssembly;
  assert.equal(errorOf().code, 'engine:5');
});

test('what the package exports', async (t) => {
  const kandy = await face(['index.ts'], { '#engine': GLUE, './engine-copy.js': INLINE, ...PEOPLE });
  assert.deepEqual(Object.keys(kandy).sort(), ['BasicError', 'create', 'default', 'sdpHandlers']);
  assert.deepEqual([kandy.create.length, kandy.default.length], [0, 0]);
  assert.equal(kandy.default.create, kandy.create);
  assert.equal(kandy.default.sdpHandlers, kandy.sdpHandlers);
  Object.assign(globalThis, { inits: [], fetch: answer(WASM) });
  assert.equal(kandy.default({ logs: { logLevel: 'silent' } }).getVersion(), '4.8.0');
  covers(t, 'create', 'create(config)', 'export create', 'export sdpHandlers', 'export default');
});
