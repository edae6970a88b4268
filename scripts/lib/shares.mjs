// What an engine is made of: the bytes of its functions by the crate that they come from.
import { bodies, readNames } from './order.mjs';
import { sections } from './wasm.mjs';

/**
 * Adds up the code of a module.
 *
 * @param {Uint8Array} wasm a module with names
 * @param {(name: string) => string | undefined} origin what the compiler called the function with this name
 * @returns {{ whole: number, code: number, crates: Record<string, number> }} bytes
 */
export function shares(wasm, origin) {
  const names = readNames(wasm);
  const crates = {};
  let code = 0;
  for (const [index, { length }] of bodies(wasm).entries()) {
    const crate = crateOf(origin(names[index] ?? '') ?? '');
    crates[crate] = (crates[crate] ?? 0) + length;
    code += length;
  }
  return { whole: sections(wasm).reduce((sum, { id, whole }) => sum + (id === 0 ? 0 : whole.length), 0), code, crates };
}

/**
 * Where a function comes from: our crate and module if its name has one, because a list of our types is there for us; else the
 * first crate in it.
 */
function crateOf(name) {
  // `core[15266d276e3a2055]::fmt`: the number tells crates of one name apart.
  const plain = name.replace(/\[[0-9a-f]+\]/g, '');
  const [ours] = /\bkandy_\w+(?:::\w+)?/.exec(plain) ?? [];
  // `<str>::trim_matches`: what is no crate's is the language's.
  return ours ?? (/^<(?:str|\[|\*)/.test(plain) ? 'core' : /\b([a-z]\w*)::/.exec(plain)?.[1]) ?? OTHER;
}

/** What the linker, wasm-bindgen and the optimiser make. */
const OTHER = 'glue';
