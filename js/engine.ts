// Gets the engine: the WebAssembly file beside this module, or else a copy that travels as JavaScript.

import type { LoadEngine, LoadPeople } from './contract.js';
import { bytesOf } from './copy.js';
import { mustHaveEngine } from './environment.js';

/** Longest wait for the engine, in milliseconds: a page on the slowest mobile network needs a quarter of it. */
export const LOAD_LIMIT_MS = 60_000;

/**
 * Loads the engine, once per page; a failed attempt may be repeated by the next `create`.
 *
 * Needs the content security policy `script-src 'self' 'wasm-unsafe-eval'`.
 *
 * @returns what starts one engine; rejects with a sentence that says what to do
 * @throws BasicError at once where there can be none
 */
export const load: LoadEngine = () => {
  mustHaveEngine();
  return engine();
};

const engine: LoadEngine = once(async () => {
  await nextTask();
  const bytes = code(new URL('./kandy_wasm_bg.wasm', import.meta.url), () => import('./engine-copy.js'));
  const [{ default: init, Engine }, wasm] = await Promise.all([import('./engine-glue.js'), bytes]);
  await init(wasm);
  return (config, onEvent, onLog, editSdp, onAction) => new Engine(config, onEvent, onLog, editSdp, onAction);
});

/** Loads the people engine in the same way, with the glue that only it needs. */
export const loadPeople: LoadPeople = once(async () => {
  mustHaveEngine();
  const { startPeople } = await import('./people-engine.js');
  return startPeople(code);
});

/** One attempt at a time, and none after one that went well. */
function once<T>(start: () => Promise<T>): () => Promise<T> {
  let loading: Promise<T> | undefined;
  return () =>
    (loading ??= within(LOAD_LIMIT_MS, start()).catch((error: unknown) => {
      loading = undefined;
      throw error;
    }));
}

/** An engine's code: its file, or the copy that a module holds. */
export type Code = typeof code;

async function code(url: URL, copy: () => Promise<{ default: string }>): Promise<ArrayBuffer | Uint8Array<ArrayBuffer>> {
  return (await fetched(url)) ?? (await copied(url, copy));
}

/**
 * The first request of a page keeps it busy for milliseconds. `create` is often called while an application starts, so the
 * request is made in a task of its own; not by a timer, which waits for a second in a page that is hidden.
 */
function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}

/** The file's bytes, or nothing if it is not there: missing, blocked, or a web page in its place. */
async function fetched(url: URL): Promise<ArrayBuffer | undefined> {
  try {
    const response = await fetch(url);
    const bytes = await response.arrayBuffer();
    return response.ok && isWasm(bytes) ? bytes : undefined;
  } catch {
    return undefined;
  }
}

/** The copy for bundlers and servers that lose the file. */
async function copied(url: URL, copy: () => Promise<{ default: string }>): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return bytesOf((await copy()).default);
  } catch (error) {
    throw new Error(
      `Neither ${url.pathname} nor its copy could be loaded: serve all files of the package beside index.js, or let your bundler copy them.`,
      { cause: error },
    );
  }
}

/** Every WebAssembly file begins with a zero byte and `asm`; many servers answer a missing file with their start page. */
function isWasm(bytes: ArrayBuffer): boolean {
  const [zero, a, s, m] = new Uint8Array(bytes.slice(0, 4));
  return zero === 0x00 && a === 0x61 && s === 0x73 && m === 0x6d;
}

function within<T>(limit: number, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`The engine was not there after ${limit / 1000} seconds.`)), limit);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
