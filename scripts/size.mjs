// npm run size: what a page loads, against the bounds that we keep, and docs/size.md against what was built.
// `UPDATE=1 npm run size` writes that page.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { ENGINE, PKG, ROOT } from './lib/paths.mjs';

const PAGE = 'docs/size.md';

/** The files of the package, and when they are loaded. */
const FILES = {
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

/** What a figure of the page may be off: engines differ with the compiler, and with whether it had the source of its library. */
const TOLERANCE = 0.1;

/** Modules of an engine with less code than this, in bytes, are summed up. */
const WORTH_A_ROW = 2_000;

/**
 * Prints the table.
 * @returns {string} the sum that counts, for people
 * @throws {Error} when a file is missing, a hard bound is broken, or the page says something else
 */
export function size() {
  const sizes = new Map(Object.keys(FILES).map((file) => [file, measure(file)]));
  console.log(row('', 'raw', 'gzip -9', 'wanted', 'at most'));
  for (const [file, { raw, gzip }] of sizes) console.log(row(file, raw, gzip, '', ''));
  const sums = BUDGETS.map((budget) => ({ ...budget, ...total(budget.files, sizes) }));
  for (const { what, raw, gzip, wanted, hard } of sums) console.log(row(what, raw, gzip, wanted, hard));

  const broken = sums.filter(({ gzip, hard }) => gzip > hard);
  if (broken.length > 0) throw new Error(`Over the size bound: ${broken.map(({ what }) => what).join(', ')}.`);
  comparePage(page(sizes, sums));
  return `${sums[0].gzip.toLocaleString('en')} bytes for ${sums[0].what}`;
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

function page(sizes, sums) {
  const cells = ({ raw, gzip, brotli }) => [raw, gzip, brotli].map((bytes) => bytes.toLocaleString('en')).join(' | ');
  const engine = ({ title, file, report }) => {
    const { code, whole, crates } = JSON.parse(readFileSync(join(ENGINE, report), 'utf8'));
    const rows = Object.entries(crates).sort(([, one], [, other]) => other - one).filter(([, bytes]) => bytes >= WORTH_A_ROW);
    const rest = code - rows.reduce((sum, [, bytes]) => sum + bytes, 0);
    const line = ([name, bytes]) => `| ${name} | ${bytes.toLocaleString('en')} | ${Math.round((100 * bytes) / whole)} % |`;
    const lines = [...rows.map(([name, bytes]) => [`\`${name}\``, bytes]), ['the rest of the code', rest], ['texts, tables and everything that is no code', whole - code]];
    return `\n## ${title}\n\nOf \`${file}\`:\n\n| from | bytes | |\n| --- | ---: | ---: |\n${lines.map(line).join('\n')}\n`;
  };
  return `# Size

In bytes, as the files are, after \`gzip -9\` and after Brotli. \`UPDATE=1 npm run size\` writes this page; \`npm test\` fails where a figure is off by more than
${TOLERANCE * 100} %, and where a bound is broken.

| what | raw | gzip | Brotli | at most (gzip) |
| --- | ---: | ---: | ---: | ---: |
${sums.map((sum) => `| ${sum.what}: ${sum.files.map((file) => `\`${file}\``).join(', ')} | ${cells(sum)} | ${sum.hard.toLocaleString('en')} |`).join('\n')}

| file | loaded | raw | gzip | Brotli |
| --- | --- | ---: | ---: | ---: |
${[...sizes].map(([file, all]) => `| \`${file}\` | ${FILES[file]} | ${cells(all)} |`).join('\n')}
${ENGINES.map(engine).join('')}
A function of a library that is there for one of our types counts as ours. Measured before functions are put beside their like, which changes no byte before
compression.
`;
}

const ENGINES = [
  { title: 'What the engine is made of', file: 'kandy_wasm_bg.wasm', report: 'kandy_wasm.shares.json' },
  { title: 'What the people engine is made of', file: 'kandy_people_bg.wasm', report: 'kandy_people.shares.json' },
];

/** The committed page has the same rows, and figures that are close to these. Rows of modules come and go around the limit. */
function comparePage(text) {
  const file = join(ROOT, PAGE);
  if (process.env.UPDATE) return writeFileSync(file, text);
  const committed = figures(readFileSync(file, 'utf8'));
  for (const [name, now] of figures(text)) {
    const then = committed.get(name) ?? (name.startsWith('`kandy_') || now[0] < 2 * WORTH_A_ROW ? now : []);
    const far = now.length !== then.length || now.some((bytes, at) => Math.abs(bytes - then[at]) > TOLERANCE * then[at] + WORTH_A_ROW / 2);
    if (far) throw new Error(`${PAGE} says ${then.join(', ') || 'nothing'} of ${name}, which is ${now.join(', ')}; UPDATE=1 npm run size writes it.`);
  }
}

/** The numbers of each row, without percentages, by the row's first cell. */
function figures(text) {
  const rows = text.split('\n').filter((line) => line.startsWith('| '));
  return new Map(rows.map((line) => line.split('|').slice(1, -1).map((cell) => cell.trim())).map(([name, ...cells]) => {
    return [name, cells.filter((cell) => /^[\d,]+$/.test(cell)).map((cell) => Number(cell.replaceAll(',', '')))];
  }));
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    size();
  } catch (error) {
    console.error(error.message);
    process.exit(1);
  }
}
