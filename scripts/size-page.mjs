// docs/size.md: what is loaded, and what the engines are made of. `UPDATE=1 node scripts/size-page.mjs` writes it; `npm test` compares.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ENGINE, ROOT } from './lib/paths.mjs';
import { FILES, measured } from './size.mjs';

const PAGE = 'docs/size.md';

/** What a figure of the page may be off: engines differ with the compiler, and with whether it had the source of its library. */
const TOLERANCE = 0.1;

/** Modules of an engine with less code than this, in bytes, are summed up. */
const WORTH_A_ROW = 2_000;

/**
 * Compares the page with what was built: it has the same rows, and figures that are close.
 * @throws {Error} with the first figure that is not
 */
export function sizePage() {
  const { sizes, sums } = measured();
  const text = page(sizes, sums);
  const file = join(ROOT, PAGE);
  if (process.env.UPDATE) writeFileSync(file, text);
  const committed = figures(readFileSync(file, 'utf8'));
  const rows = figures(text);
  for (const [name, now] of rows) {
    // Rows of modules come and go around the limit.
    const then = committed.get(name) ?? (now[0] < 2 * WORTH_A_ROW ? now : []);
    const far = now.length !== then.length || now.some((bytes, at) => Math.abs(bytes - then[at]) > TOLERANCE * then[at] + WORTH_A_ROW / 2);
    if (far) throw new Error(`${PAGE} says ${then.join(', ') || 'nothing'} of ${name}, which is ${now.join(', ')}; UPDATE=1 node scripts/size-page.mjs writes it.`);
  }
  return `${rows.size} rows`;
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

In bytes, as the files are, after \`gzip -9\` and after Brotli. \`UPDATE=1 node scripts/size-page.mjs\` writes this page; \`npm test\` fails where a figure is off by more than
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

/** The numbers of each row, without percentages, by the row's first cell. */
function figures(text) {
  const rows = text.split('\n').filter((line) => line.startsWith('| '));
  return new Map(rows.map((line) => line.split('|').slice(1, -1).map((cell) => cell.trim())).map(([name, ...cells]) => {
    return [name, cells.filter((cell) => /^[\d,]+$/.test(cell)).map((cell) => Number(cell.replaceAll(',', '')))];
  }));
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) console.log(sizePage());
