// npm run size: what a page loads, against the bounds that we keep.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { PKG } from './lib/paths.mjs';

/** The files of the package, and when they are loaded. */
export const FILES = {
  'index.js': 'always',
  'kandy_wasm_bg.wasm': 'at the first `create`',
  'engine-glue.js': 'with it',
  'actions.js': 'with action logs, as 4.8 has them by default',
  'people-engine.js': 'when messages, presence, contacts or the call history are used',
  'kandy_people_bg.wasm': 'with it',
  'sdp-transform.js': 'with `call.sdpHandlers`',
  'unpack.js': 'when a server packs descriptions',
  'engine-copy.js': 'where the engine’s file is not served',
  'people-copy.js': 'where that of the people engine is not',
  'inline.js': 'instead of all these',
  'inline.cjs': 'the same for `require`',
  'kandy.js': 'the same for a plain `<script>`',
  'provisioning.js': 'on servers',
  'provisioning.cjs': 'on servers, by `require`',
  'testing.js': 'in tests of applications',
  'testing.cjs': 'the same for `require`, with the engines inside',
};

/** In bytes after gzip -9. A hard bound fails the build; a wanted one is printed. */
const BUDGETS = [
  // Actions are logged unless the page says otherwise.
  { what: 'a page that makes a call', files: ['index.js', 'engine-glue.js', 'kandy_wasm_bg.wasm', 'actions.js'], wanted: 100_000, hard: 150_000 },
  { what: 'the face alone', files: ['index.js'], wanted: 15_000, hard: 15_000 },
  // What comes on top once messages, presence, contacts or the call history are used.
  { what: 'people, when used', files: ['people-engine.js', 'kandy_people_bg.wasm'], wanted: 60_000, hard: 90_000 },
];

/**
 * Prints the table.
 * @returns {string} the sum that counts, for people
 * @throws {Error} when a file is missing or a hard bound is broken
 */
export function size() {
  const { sizes, sums } = measured();
  console.log(row('', 'raw', 'gzip -9', 'wanted', 'at most'));
  for (const [file, { raw, gzip }] of sizes) console.log(row(file, raw, gzip, '', ''));
  for (const { what, raw, gzip, wanted, hard } of sums) console.log(row(what, raw, gzip, wanted, hard));

  const broken = sums.filter(({ gzip, hard }) => gzip > hard);
  if (broken.length > 0) throw new Error(`Over the size bound: ${broken.map(({ what }) => what).join(', ')}.`);
  return `${sums[0].gzip.toLocaleString('en')} bytes for ${sums[0].what}`;
}

/** The sizes of the files, and of what is loaded together, in bytes. */
export function measured() {
  const sizes = new Map(Object.keys(FILES).map((file) => [file, measure(file)]));
  return { sizes, sums: BUDGETS.map((budget) => ({ ...budget, ...total(budget.files, sizes) })) };
}

function measure(file) {
  const bytes = readFileSync(join(PKG, file));
  return { raw: bytes.length, gzip: gzipSync(bytes, { level: 9 }).length, brotli: brotliCompressSync(bytes).length };
}

function total(files, sizes) {
  const sum = (key) => files.reduce((all, file) => all + sizes.get(file)[key], 0);
  return { raw: sum('raw'), gzip: sum('gzip'), brotli: sum('brotli') };
}

function row(name, ...cells) {
  return `        ${name.padEnd(26)}${cells.map((cell) => cell.toLocaleString('en').padStart(11)).join('')}`;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    size();
  } catch (error) {
    console.error(error.message);
    process.exit(1);
  }
}
