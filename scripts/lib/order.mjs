// The order of a module's functions. Compression looks back over 32 KiB only, so a module in which functions stand beside
// their like is 3 % smaller than one in the order of the compiler.
import { CODE, IMPORTS, NAMES, Reader, number, sections, text } from './wasm.mjs';

/**
 * Names the functions of a module.
 * @param {Uint8Array} wasm a module without names
 * @param {(index: number) => string} name of the function with this index; imports are not counted
 * @returns {Uint8Array} the module with names
 */
export function named(wasm, name) {
  const parts = sections(wasm);
  const imported = new Reader(parts.find(({ id }) => id === IMPORTS).body, 0).number();
  const count = new Reader(parts.find(({ id }) => id === CODE).body, 0).number();
  const names = Array.from({ length: count }, (_, index) => Buffer.concat([number(imported + index), text(name(index))]));
  const map = Buffer.concat([number(count), ...names]);
  const body = Buffer.concat([text('name'), Buffer.of(FUNCTIONS), number(map.length), map]);
  return Buffer.concat([wasm, Buffer.of(NAMES), number(body.length), body]);
}

/**
 * Takes the names out of a module.
 * @param {Uint8Array} wasm
 * @returns {{ plain: Uint8Array, names: string[] }} the module without them, and those of its functions; imports are not counted
 */
export function withoutNames(wasm) {
  const rest = sections(wasm).filter(({ id, body }) => id !== NAMES || new Reader(body, 0).text() !== 'name');
  return { plain: Buffer.concat(rest.map(({ whole }) => whole)), names: readNames(wasm) };
}

/**
 * Orders the functions of a module so that each stands after what it is most like.
 * @param {Uint8Array} wasm a module with names
 * @returns {string[]} their names
 */
export function alike(wasm) {
  const functions = bodies(wasm);
  const names = readNames(wasm);
  const grams = functions.map(pieces);
  const holders = new Map();
  grams.forEach((set, index) => set.forEach((gram) => holders.set(gram, [...(holders.get(gram) ?? []), index])));

  const order = [];
  const left = new Set(functions.keys());
  // How many pieces of each function stand among the functions just before, and how often each piece does.
  const shared = new Float64Array(functions.length);
  const near = new Map();
  const enter = (gram) => {
    const times = near.get(gram) ?? 0;
    near.set(gram, times + 1);
    if (times === 0) for (const index of holders.get(gram)) shared[index] += 1;
  };
  const leave = (gram) => {
    const times = near.get(gram) - 1;
    near.set(gram, times);
    if (times === 0) for (const index of holders.get(gram)) shared[index] -= 1;
  };

  let [begin, bytes] = [0, 0];
  while (left.size > 0) {
    let [best, most] = [-1, -1];
    for (const index of left) {
      const likeness = (shared[index] + 1) / grams[index].size;
      if (likeness > most) [best, most] = [index, likeness];
    }
    order.push(best);
    left.delete(best);
    bytes += functions[best].length;
    grams[best].forEach(enter);
    for (; bytes > NEAR && begin < order.length - 1; begin += 1) {
      bytes -= functions[order[begin]].length;
      grams[order[begin]].forEach(leave);
    }
  }
  return order.map((index) => names[index]);
}

/** The different pieces of so many bytes that a function has; a short one has at least itself. */
function pieces(body) {
  const found = new Set([body.toString('latin1', 0, PIECE)]);
  for (let at = 1; at + PIECE <= body.length; at += 1) found.add(body.toString('latin1', at, at + PIECE));
  return found;
}

/** The code of its functions. */
export function bodies(wasm) {
  const reader = new Reader(sections(wasm).find(({ id }) => id === CODE).body, 0);
  return Array.from({ length: reader.number() }, () => Buffer.from(reader.bytes(reader.number())));
}

/** The names of its functions; imports are not counted. */
export function readNames(wasm) {
  const parts = sections(wasm);
  const imported = new Reader(parts.find(({ id }) => id === IMPORTS).body, 0).number();
  const names = [];
  for (const { body } of parts.filter(({ id }) => id === NAMES)) {
    const reader = new Reader(body, 0);
    if (reader.text() !== 'name') continue;
    while (reader.at < body.length) {
      const [kind, part] = [reader.byte(), new Reader(reader.bytes(reader.number()), 0)];
      if (kind !== FUNCTIONS) continue;
      for (let rest = part.number(); rest > 0; rest -= 1) names[part.number() - imported] = part.text();
    }
  }
  return names;
}

/** The part of the names that is about functions. */
const FUNCTIONS = 1;

/** Bytes of a piece, and of what counts as near: tried, for the smallest engine. */
const [PIECE, NEAR] = [6, 8_000];
