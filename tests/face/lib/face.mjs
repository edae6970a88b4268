// The face for tests in Node: TypeScript bundled in memory, with a fake engine in place of the real one.
import { build } from 'esbuild';
import { fileURLToPath } from 'node:url';

const JS = fileURLToPath(new URL('../../../js', import.meta.url));

/** Where the bundle believes that it was loaded from. */
export const BASE = 'https://page.example/kandy-wasm/';

/**
 * Bundles modules of js/ and imports the result; each call gives fresh module state.
 *
 * @param {string[]} files such as `client.ts`
 * @param {Record<string, string>} replaced source text by import specifier, for `#engine`, `./engine-copy.js` and `./people-engine.js`
 */
export async function face(files, replaced = {}) {
  const result = await build({
    stdin: { contents: files.map(reexport).join('\n'), resolveDir: JS, loader: 'ts' },
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    define: { 'import.meta.url': JSON.stringify(`${BASE}index.js`) },
    plugins: [replacing(replaced)],
  });
  // The counter keeps Node from answering with the module of an earlier call.
  const text = `${result.outputFiles[0].text}\n// ${(count += 1)}`;
  return import(`data:text/javascript;base64,${Buffer.from(text).toString('base64')}`);
}

let count = 0;

// Only the package's own module has a default export, which `*` does not include.
function reexport(file) {
  return `export * from './${file}';${file === 'index.ts' ? `export { default } from './${file}';` : ''}`;
}

function replacing(replaced) {
  return {
    name: 'replace',
    setup({ onResolve, onLoad }) {
      for (const [specifier, contents] of Object.entries(replaced)) {
        onResolve({ filter: new RegExp(`^${specifier}$`) }, () => ({ path: specifier, namespace: 'replaced' }));
        onLoad({ filter: new RegExp(`^${specifier}$`), namespace: 'replaced' }, () => ({ contents }));
      }
    },
  };
}

/**
 * A loader that the test holds in its hand, and the engine that it gives: one that notes commands, and answers questions
 * with what the test put into `answers`.
 */
export function fakeEngine() {
  const commands = [];
  const answers = {};
  let settle;
  const loaded = new Promise((resolve, reject) => (settle = { resolve, reject }));
  const engine = {
    commands,
    answers,
    config: undefined,
    emit: undefined,
    log: undefined,
    /** What actions are reported to, if they are logged. */
    action: undefined,
    /** What a command does in this test. */
    onDispatch: () => {},
    load: () => loaded,
    /** The engine is there; resolves when it has got the commands that waited. */
    arrive: async () => {
      settle.resolve((config, onEvent, onLog, _editSdp, onAction) => {
        Object.assign(engine, { config, emit: (type, payload, more) => onEvent({ type, ...(payload !== undefined && { payload }), ...more }), log: onLog, action: onAction });
        return {
          dispatch: (command) => {
            commands.push(command);
            engine.onDispatch(command);
          },
          query: (query) => {
            const answer = answers[query.type];
            return typeof answer === 'function' ? answer(query) : answer;
          },
        };
      });
      await microtasks();
    },
    /** The engine cannot be had. */
    fail: async (error) => {
      settle.reject(error);
      await microtasks();
    },
  };
  return engine;
}

/**
 * A loader of the people engine that the test holds in its hand, and the engine that it gives: one that notes what it is told, and
 * answers questions with what the test put into `answers`.
 */
export function fakePeople() {
  const answers = {};
  let settle;
  const people = {
    /** Attempts to load it. */
    attempts: 0,
    inputs: [],
    answers,
    /** What the face does for it. */
    host: undefined,
    /** What an input does in this test. */
    onTell: () => {},
    load: () => {
      people.attempts += 1;
      return new Promise((resolve, reject) => (settle = { resolve, reject }));
    },
    /** The engine is there; resolves when it has got the inputs that waited. */
    arrive: async () => {
      settle.resolve((host) => {
        Object.assign(people, { host });
        return {
          tell: (input) => {
            people.inputs.push(input);
            people.onTell(input);
          },
          query: (query) => {
            const answer = answers[query.type];
            return typeof answer === 'function' ? answer(query) : answer;
          },
        };
      });
      await microtasks();
    },
    /** The engine cannot be had. */
    fail: async (error) => {
      settle.reject(error);
      await microtasks();
    },
  };
  return people;
}

/** Resolves when all microtasks that are queued now, and those that these queue, have run. */
export function microtasks() {
  return new Promise((resolve) => setImmediate(resolve));
}

/** A configuration that writes nothing on the console. */
export const QUIET = {
  logs: { logLevel: 'silent' },
  authentication: { subscription: { server: 'gateway.example' }, websocket: { server: 'gateway.example' } },
};
