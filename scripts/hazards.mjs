// Which test covers which hazard: compares the rows of tests/hazards.mjs with the names of all tests and with docs/hazards.md.
// `UPDATE=1 node scripts/hazards.mjs` writes that page.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { SECTIONS } from '../tests/hazards.mjs';
import { ROOT } from './lib/paths.mjs';

const PAGE = 'docs/hazards.md';

/** Where tests are. */
const FOLDERS = ['crates', 'src', 'tests'];

// Only what a runner runs: a name in a comment or a function without the attribute covers nothing.
const RUST = /#\[(?:wasm_bindgen_)?test\]\s+(?:async )?fn ((?:[hrsecm]\d+_)+)(\w+)\(/g;
const SCRIPT = /^\s*test\((['`])((?:[HRSECM]\d+, )*[HRSECM]\d+): ((?:\\.|(?!\1).)*)\1,/gm;

/**
 * Checks that every row has a test or a reason, that every test's row exists, and that the page says so.
 * @throws {Error} with all that is wrong
 */
export async function hazards() {
  const tests = FOLDERS.flatMap((folder) => [...files(join(ROOT, folder))]).sort().flatMap(testsIn);
  const rows = SECTIONS.flatMap((section) => section.rows);
  const known = new Set(rows.map(({ row }) => row));
  const wrong = [
    ...rows.filter(({ row, note }) => !note && covering(tests, row).length === 0).map(({ row }) => `${row} has neither a test nor a reason.`),
    ...tests.flatMap((test) => test.rows.filter((row) => !known.has(row)).map((row) => `There is no row ${row}, but ${test.file} has “${test.name}”.`)),
  ];
  if (wrong.length > 0) throw new Error(wrong.join('\n        '));
  const text = page(tests);
  const file = join(ROOT, PAGE);
  if (process.env.UPDATE) writeFileSync(file, text);
  else if (readFileSync(file, 'utf8') !== text) throw new Error(`${PAGE} is not what the tests say; UPDATE=1 node scripts/hazards.mjs writes it.`);
  const covered = rows.filter(({ row }) => covering(tests, row).length > 0).length;
  return `${covered} of ${rows.length} rows by ${tests.length} tests`;
}

function* files(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* files(path);
    else if (/\.rs$|\.test\.mjs$/.test(entry.name)) yield path;
  }
}

/** The tests of a file that name a row. */
function testsIn(path) {
  const text = readFileSync(path, 'utf8');
  const file = relative(ROOT, path).replaceAll('\\', '/');
  const found = path.endsWith('.rs')
    ? [...text.matchAll(RUST)].map(([, rows, name]) => ({ rows: rows.toUpperCase().split('_').filter(Boolean), name: name.replaceAll('_', ' ') }))
    : [...text.matchAll(SCRIPT)].map(([, , rows, name]) => ({ rows: rows.split(', '), name: name.replace(/\$\{[^}]*\}/g, '…').replaceAll('\\', '') }));
  return found.map((test) => ({ file, ...test }));
}

function covering(tests, row) {
  return tests.filter((test) => test.rows.includes(row));
}

function page(tests) {
  const line = ({ row, scenario, holds, note }) => {
    const names = covering(tests, row).map(({ name, file }) => `${name} (\`${file}\`)`);
    return `| ${row} | ${scenario} | ${holds} | ${[...names, ...(note ? [`*${note}*`] : [])].join('<br>')} |`;
  };
  const section = ({ title, rows }) => `\n## ${title}\n\n| | Scenario | What must hold | Tests |\n| --- | --- | --- | --- |\n${rows.map(line).join('\n')}\n`;
  return `# Hazards

Situations in which clients of this kind failed, and the tests that provoke them. This page is made of \`tests/hazards.mjs\` and of the
names of the tests by \`scripts/hazards.mjs\`, and \`npm test\` compares it. What no test covers stands in italics.
${SECTIONS.map(section).join('')}`;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) console.log(await hazards());
