// The package as it is published: which files it has, how it is imported, what compilers and checkers of packages say of it.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import vm from 'node:vm';
import { NPM_BIN } from '../../scripts/lib/paths.mjs';
import { install, packed } from '../lib/packed.mjs';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const { tarball, files, folder, forget } = packed();
after(forget);

// A project that has installed it.
const project = join(folder, 'project');
mkdirSync(project);
const installed = install(tarball, project);
const manifest = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
const ENTRIES = Object.entries(manifest.exports).filter(([, target]) => target.import).map(([path]) => `kandy-wasm${path.slice(1)}`);

test('nothing is published that is not on the list (UPDATE=1 writes it)', () => {
  const list = here('package.txt');
  const text = `${files.join('\n')}\n`;
  if (process.env.UPDATE) writeFileSync(list, text);
  assert.equal(text, readFileSync(list, 'utf8'));
});

test('every file that the manifest names is there, and is found without it', () => {
  const named = (value) => (typeof value === 'string' ? [value] : Object.values(value).flatMap(named));
  const { exports, main, module, types, unpkg, jsdelivr } = manifest;
  for (const path of named([exports, main, module, types, unpkg, jsdelivr])) assert.ok(existsSync(join(installed, path)), path);
  for (const path of Object.keys(exports).slice(1).filter((path) => exports[path].import)) assert.equal(exports[path].import.default, `${path}.js`);
});

test('publint has nothing to say', async () => {
  const { publint } = await import('publint');
  const { formatMessage } = await import('publint/utils');
  const { messages } = await publint({ pkgDir: installed, pack: false, strict: true });
  assert.deepEqual(messages.map((message) => formatMessage(message, manifest)), []);
});

test('the types are those of the modules, in every way of resolving them', () => {
  const assets = Object.keys(manifest.exports).filter((path) => path.endsWith('.wasm'));
  const { status, stdout, stderr } = spawnSync(join(NPM_BIN, 'attw'), [tarball, '--no-color', '--no-emoji', '--format', 'ascii', '--exclude-entrypoints', ...assets], { encoding: 'utf8' });
  assert.equal(status, 0, stdout + stderr);
  assert.match(stdout, /No problems found/);
});

for (const [what, kind, options] of [
  ['Node, as modules', 'mts', ['--module', 'node16', '--moduleResolution', 'node16']],
  ['Node, as CommonJS', 'cts', ['--module', 'node16', '--moduleResolution', 'node16']],
  ['the newest Node, as modules', 'mts', ['--module', 'nodenext', '--moduleResolution', 'nodenext']],
  ['the newest Node, as CommonJS', 'cts', ['--module', 'nodenext', '--moduleResolution', 'nodenext']],
  ['a bundler', 'ts', ['--module', 'esnext', '--moduleResolution', 'bundler']],
]) {
  test(`an application compiles, with all declarations checked: ${what}`, () => {
    copyFileSync(here('consumer.ts'), join(project, `consumer.${kind}`));
    const strict = ['--noEmit', '--strict', '--skipLibCheck', 'false', '--exactOptionalPropertyTypes', '--target', 'es2022'];
    const { status, stdout } = spawnSync(join(NPM_BIN, 'tsc'), [...strict, ...options, `consumer.${kind}`], { cwd: project, encoding: 'utf8' });
    assert.equal(stdout, '');
    assert.equal(status, 0);
  });
}

/** Runs a program in the project. */
function run(text, kind) {
  const { stdout, stderr } = spawnSync(process.execPath, [`--input-type=${kind}`], { cwd: project, input: text, encoding: 'utf8', timeout: 30_000 });
  assert.equal(stderr, '');
  return JSON.parse(stdout);
}

const IMPORTS = [
  ['imported', 'module', (entry) => `await import('${entry}')`],
  ['required', 'commonjs', (entry) => `require('${entry}')`],
];

for (const [how, kind, load] of IMPORTS) {
  for (const entry of ENTRIES) {
    test(`${entry} can be ${how} where there is no browser, and touches nothing of one`, () => {
      const { names, touched, sprung } = run(
        `const touched = [];
        for (const name of ${JSON.stringify(GLOBALS)}) {
          Object.defineProperty(globalThis, name, { configurable: true, get() { touched.push(name); throw new Error(name); }, set() { touched.push(name); } });
        }
        const names = Object.keys(${load(entry)});
        const found = [...touched];
        try { window; } catch {}
        const report = JSON.stringify({ names, touched: found, sprung: touched.length - found.length });
        for (const name of ${JSON.stringify(GLOBALS)}) delete globalThis[name];
        process.stdout.write(report);`,
        kind,
      );
      assert.deepEqual(touched, []);
      assert.ok(names.length > 0);
      assert.equal(sprung, 1, 'a trap that is never sprung would prove nothing');
    });
  }

  test(`a client that is made on a server says why it cannot work: ${how}`, () => {
    for (const entry of ['kandy-wasm', 'kandy-wasm/inline']) {
      const said = run(
        `const { create, BasicError } = ${load(entry)};
        const client = create({ logs: { logLevel: 'silent' } });
        const { error } = client.getConnection();
        const heard = [];
        client.subscribe((type, [payload]) => heard.push([type, payload.error?.code]));
        client.connect({ username: 'alice@example.com', password: 'demo' });
        client.call.make('bob@example.com', { audio: true });
        client.conversation.create('bob@example.com').createMessage('Hello').send();
        setImmediate(() => console.log(JSON.stringify({ typed: error instanceof BasicError, code: error.code, message: error.message, heard })));`,
        kind,
      );
      assert.deepEqual([said.typed, said.code], [true, 'engine:4']);
      assert.match(said.message, /rendering on a server/);
      const heard = (type) => said.heard.filter(([name]) => name === type).map(([, code]) => code);
      for (const type of ['auth:error', 'call:stateChange', 'messages:error']) assert.deepEqual(new Set(heard(type)), new Set(['engine:4']), type);
    }
  });
}

/** What pages have; Node has some of them, too. */
const GLOBALS = [
  'window', 'self', 'document', 'navigator', 'location', 'WebSocket', 'RTCPeerConnection', 'localStorage', 'sessionStorage', 'indexedDB',
  'fetch', 'crypto', 'MessageChannel', 'TextDecoder', 'TextEncoder', 'WebAssembly', 'MutationObserver', 'Audio', 'HTMLElement', 'atob',
];

test('the script defines its names, and leaves a createKandy of the page alone', () => {
  const script = readFileSync(join(installed, 'kandy.js'), 'utf8');
  const page = vm.createContext({});
  vm.runInContext(script, page);
  assert.deepEqual(Object.keys(page).sort(), ['Kandy', 'createKandy']);
  assert.equal(page.createKandy, page.Kandy);
  assert.deepEqual([typeof page.Kandy, typeof page.Kandy.sdpHandlers.createCodecRemover], ['function', 'function']);
  const own = () => 'the page’s';
  const older = vm.createContext({ createKandy: own });
  vm.runInContext(script, older);
  assert.equal(older.createKandy, own);
});

test('integrity.json has the hash of the script', () => {
  const { 'kandy.js': hash, ...others } = JSON.parse(readFileSync(join(installed, 'integrity.json'), 'utf8'));
  assert.equal(hash, `sha384-${createHash('sha384').update(readFileSync(join(installed, 'kandy.js'))).digest('base64')}`);
  assert.deepEqual(others, {});
});

test('every module has its map, with its sources and without the engines', () => {
  const modules = files.filter((file) => /\.c?js$/.test(file) && !file.endsWith('-copy.js'));
  assert.ok(modules.length >= 8);
  for (const file of modules) {
    const [, name] = /\n\/\/# sourceMappingURL=(\S+)\s*$/.exec(readFileSync(join(installed, file), 'utf8')) ?? [];
    assert.equal(name, `${file}.map`);
    const { sources, sourcesContent } = JSON.parse(readFileSync(join(installed, name), 'utf8'));
    assert.ok(sources.some((source) => /(?:js|target\/engine)\/[\w-]+\.[jt]s$/.test(source)), file);
    assert.equal(sources.length, sourcesContent.length);
    for (const text of sourcesContent) assert.ok(text !== null && text.length < 60_000, file);
  }
});

test('a page on Safari 15.0 can compile the engines', () => {
  const check = (module) => spawnSync(join(NPM_BIN, 'wasm-opt'), [module, ...ALLOWED, '-o', '/dev/null'], { encoding: 'utf8' });
  for (const engine of files.filter((file) => file.endsWith('.wasm'))) {
    const { status, stderr } = check(join(installed, engine));
    assert.equal(status, 0, `${engine}: ${stderr}`);
  }
  for (const [what, text] of Object.entries(TOO_NEW)) {
    const module = join(folder, 'new.wat');
    writeFileSync(module, `(module ${text})`);
    execFileSync(join(NPM_BIN, 'wasm-opt'), [module, '--all-features', '-o', join(folder, 'new.wasm')]);
    assert.notEqual(check(join(folder, 'new.wasm')).status, 0, `${what} would not be noticed`);
  }
});

/** What Safari 15.0 has beyond the first WebAssembly: https://webassembly.org/features. The build has a list of its own. */
const ALLOWED = ['--enable-bulk-memory', '--enable-mutable-globals', '--enable-nontrapping-float-to-int', '--enable-sign-ext'];

const TOO_NEW = {
  'reference types': '(func (export "f") (param externref))',
  'multiple values': '(func (export "f") (result i32 i32) (tuple.make 2 (i32.const 1) (i32.const 2)))',
  'tail calls': '(func $f (export "f") (return_call $f))',
  SIMD: '(func (export "f") (result v128) (v128.const i32x4 0 0 0 0))',
};
