// Makes an engine's glue small. The names by which an engine asks it for functions end in sixteen digits of a hash, which no
// compression shortens, and every page loads them twice; and it can be started in more ways than the one that we use.
import { createHash } from 'node:crypto';
import { EXPORTS, IMPORTS, Reader, number, sections, text } from './wasm.mjs';

/**
 * Gives the imports of a module, and those of its exports that have long ones, short names, in the module and in its glue.
 *
 * The imported module is named after all the old names, so that a browser still refuses to put an engine and the glue of
 * another build together, as two files of a cache may be.
 * @param {Uint8Array} wasm the module
 * @param {string} glue the source that offers them, each as `name: ` in an object
 * @returns {{ wasm: Uint8Array, glue: string }} both under the new names
 * @throws {Error} when the module or the glue is not made as this expects
 */
export function shortenImports(wasm, glue) {
  const parts = sections(wasm);
  const at = parts.findIndex(({ id }) => id === IMPORTS);
  const imports = readImports(parts[at].body);
  const digest = createHash('sha256').update(imports.map(({ name }) => name).join()).digest('hex').slice(0, 8);

  const renames = new Map(imports.map(({ name }, index) => [`${name}: `, `f${index.toString(36)}: `]));
  for (const { module } of imports) renames.set(`"${module}": `, `"${digest}": `);
  let renamed = glue;
  for (const [old, short] of renames) {
    const around = renamed.split(`  ${old}`);
    if (around.length !== 2) throw new Error(`The glue has ${old} ${around.length - 1} times.`);
    renamed = around.join(`  ${short}`);
  }
  parts[at].whole = writeImports(imports, digest);
  const exported = parts.find(({ id }) => id === EXPORTS);
  const exports = readExports(exported.body);
  exports.forEach((one, index) => {
    if (one.name.length < 20) return;
    // The names of closures: types and hashes, in both files.
    renamed = renamed.replaceAll(one.name, `x${index.toString(36)}`);
    one.name = `x${index.toString(36)}`;
  });
  exported.whole = writeExports(exports);
  return { wasm: Buffer.concat(parts.map(({ whole }) => whole)), glue: renamed };
}

/** The import section: a list of module, name, kind and type. */
function readImports(body) {
  const reader = new Reader(body, 0);
  return Array.from({ length: reader.number() }, () => {
    const [module, name] = [reader.text(), reader.text()];
    if (reader.byte() !== FUNCTION) throw new Error(`The import ${name} is no function.`);
    return { module, name, type: reader.number() };
  });
}

/** The export section: a list of name, kind and index. */
function readExports(body) {
  const reader = new Reader(body, 0);
  return Array.from({ length: reader.number() }, () => ({ name: reader.text(), kind: reader.byte(), index: reader.number() }));
}

function writeExports(exports) {
  const entries = exports.map(({ name, kind, index }) => Buffer.concat([text(name), Buffer.of(kind), number(index)]));
  const body = Buffer.concat([number(exports.length), ...entries]);
  return Buffer.concat([Buffer.of(EXPORTS), number(body.length), body]);
}

function writeImports(imports, module) {
  const entries = imports.map(({ type }, index) => {
    return Buffer.concat([text(module), text(`f${index.toString(36)}`), Buffer.of(FUNCTION), number(type)]);
  });
  const body = Buffer.concat([number(imports.length), ...entries]);
  return Buffer.concat([Buffer.of(IMPORTS), number(body.length), body]);
}

const FUNCTION = 0;

/**
 * Glue that says the same in fewer words: functions without `this` as arrows, two ways to start, now and later, both with bytes,
 * one way to hand over a text, and nothing for browsers that are older than WebRTC as we use it.
 * @param {string} glue as wasm-bindgen writes it
 * @throws {Error} when it is not made as this expects
 */
export function brief(glue) {
  const begin = glue.indexOf('async function __wbg_load(');
  const finish = '__wbg_finalize_init(instance, module)';
  const changes = [
    [/^( +\w+: )function\(\) \{ return handleError\(function \((.*)\) \{$/gm, '$1guarded(($2) => {'],
    [/\}, arguments\); \},/g, '}),'],
    [/^( +\w+: )function\((.*)\) \{$/gm, '$1($2) => {'],
    [/if \(realloc === undefined\) \{/g, '{'],
    [/\(typeof FinalizationRegistry === 'undefined'\)\n.*\n +: new/g, 'new'],
    ...LAZY,
  ];
  const missing = [finish, 'function handleError(f, args)'].filter((text) => !glue.includes(text));
  if (begin < 0 || missing.length > 0) throw new Error(`The glue is made otherwise: ${missing.join(', ')}`);
  const start = `const guarded = (f) => (...args) => handleError(f, args);
export default async (bytes) => {
  const { instance, module } = await WebAssembly.instantiate(bytes, __wbg_get_imports());
  ${finish};
};
export const initSync = (bytes) => {
  const module = new WebAssembly.Module(bytes);
  const instance = new WebAssembly.Instance(module, __wbg_get_imports());
  ${finish};
};
`;
  return changed(`${glue.slice(0, begin)}${start}`, changes);
}

/**
 * Glue that uses nothing of a browser while it is read.
 * @param {string} glue as wasm-bindgen writes it
 * @throws {Error} when it is not made as this expects
 */
export function lazy(glue) {
  return changed(glue, LAZY);
}

/** What writes and reads texts: the module may be read on a server, or in a test that has them later. */
const LAZY = [
  [/^if \(!\('encodeInto' in cachedTextEncoder\)\) \{\n[^]*?^\}$/gm, ''],
  [/^let cachedTextDecoder = (.*);\ncachedTextDecoder\.decode\(\);$/gm, 'let cachedTextDecoder;\nconst decoder = () => $1;'],
  [/^const cachedTextEncoder = (.*);$/gm, 'let cachedTextEncoder;\nconst encoder = () => $1;'],
  [/^ +wasmInstance = instance;$/gm, '    cachedTextDecoder = decoder();\n    cachedTextEncoder = encoder();'],
];

function changed(glue, changes) {
  const missing = changes.map(([from]) => from).filter((from) => glue.search(from) < 0);
  if (missing.length > 0) throw new Error(`The glue is made otherwise: ${missing.join(', ')}`);
  return changes.reduce((text, [from, to]) => text.replaceAll(from, to), glue);
}
