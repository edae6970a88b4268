// npm run size: what a page loads, against the bounds that we keep.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { PKG } from './lib/paths.mjs';

const FILES = ['index.js', 'kandy_wasm_bg.wasm', 'inline.js', 'people-engine.js', 'kandy_people_bg.wasm', 'actions.js', 'sdp-transform.js', 'unpack.js', 'provisioning.js'];

/** In bytes after gzip -9. A hard bound fails the build; a wanted one is printed. */
const BUDGETS = [
  // Actions are logged unless the page says otherwise.
  { what: 'a page that makes a call', files: ['index.js', 'kandy_wasm_bg.wasm', 'actions.js'], wanted: 100_000, hard: 150_000 },
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
  const sizes = new Map(FILES.map((file) => [file, measure(file)]));
  console.log(row('', 'raw', 'gzip -9', 'wanted', 'at most'));
  for (const [file, { raw, gzip }] of sizes) console.log(row(file, raw, gzip, '', ''));
  const sums = BUDGETS.map((budget) => ({ ...budget, gzip: total(budget.files, sizes, 'gzip'), raw: total(budget.files, sizes, 'raw') }));
  for (const { what, raw, gzip, wanted, hard } of sums) console.log(row(what, raw, gzip, wanted, hard));

  const broken = sums.filter(({ gzip, hard }) => gzip > hard);
  if (broken.length > 0) throw new Error(`Over the size bound: ${broken.map(({ what }) => what).join(', ')}.`);
  return `${sums[0].gzip.toLocaleString('en')} bytes for ${sums[0].what}`;
}

function measure(file) {
  const bytes = readFileSync(join(PKG, file));
  return { raw: bytes.length, gzip: gzipSync(bytes, { level: 9 }).length };
}

function total(files, sizes, key) {
  return files.reduce((sum, file) => sum + sizes.get(file)[key], 0);
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
