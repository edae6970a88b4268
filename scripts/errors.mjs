// The list of errors: compares the codes of docs/errors.mjs with those of the engines, of the face and of the API, and makes
// docs/errors.md of it. `UPDATE=1 node scripts/errors.mjs` writes that page.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { HEAD, SECTIONS } from '../docs/errors.mjs';
import { ROWS } from '../tests/api/rows.mjs';
import { ROOT } from './lib/paths.mjs';

const PAGE = 'docs/errors.md';

/** Where codes stand in the program: a file, and the part of it that lists them between quotation marks. */
const SOURCES = [
  { file: 'crates/core/src/error.rs', part: /fn text\(self\)[^{]*\{(.*?)\n    \}/s, code: /"([^"]+)"/g },
  { file: 'crates/people/src/error.rs', part: /pub mod code \{(.*?)\n\}/s, code: /: &str = "([^"]+)"/g },
  { file: 'js/errors.ts', part: /export const codes = \{(.*?)\} as const/s, code: /: '([^']+)'/g },
];

/** Our own: Kandy.js has none for them. */
const OURS = /^(?:argument|engine|proxy):/;

/** Not in the program's lists: it stands for whatever number a server sends. */
const NUMBER = '<number>';

/**
 * Checks that every code is listed, that every listed code is one, and that the page says so.
 * @throws {Error} with all that is wrong
 */
export function errors() {
  const known = new Set([NUMBER, ...SOURCES.flatMap(codesOf)]);
  const listed = new Set(SECTIONS.flatMap(({ rows }) => rows.map(({ code }) => code)));
  const ofTheApi = new Set(ROWS.filter(({ kind }) => kind === 'error').map(({ id }) => id.replace('error ', '')));
  const wrong = [
    ...[...known].filter((code) => !listed.has(code)).map((code) => `${code} is not in docs/errors.mjs.`),
    ...[...listed].filter((code) => !known.has(code)).map((code) => `${code} is in docs/errors.mjs, and nowhere in the program.`),
    // Codes of Kandy.js keep their spelling.
    ...[...listed].filter((code) => !ofTheApi.has(code) && !OURS.test(code)).map((code) => `${code} is no code of the API.`),
  ];
  if (wrong.length > 0) throw new Error(wrong.join('\n        '));
  const text = page();
  const file = join(ROOT, PAGE);
  if (process.env.UPDATE) writeFileSync(file, text);
  else if (readFileSync(file, 'utf8') !== text) throw new Error(`${PAGE} is not what docs/errors.mjs says; UPDATE=1 node scripts/errors.mjs writes it.`);
  return `${listed.size} codes`;
}

function codesOf({ file, part, code }) {
  const [, list] = part.exec(readFileSync(join(ROOT, file), 'utf8')) ?? [];
  const found = [...(list ?? '').matchAll(code)].map(([, text]) => text);
  if (found.length === 0) throw new Error(`${file} has no list of codes where scripts/errors.mjs looks for it.`);
  return found;
}

function page() {
  const line = ({ code, when, kept, todo }) => `| ${code === NUMBER ? 'a number' : `\`${code}\``} | ${when} | ${kept} | ${todo} |`;
  const section = ({ title, before, subject, rows, after }) =>
    [`\n## ${title}\n`, `${before}\n`, `| code | when | ${subject} | what to do |`, '| --- | --- | --- | --- |', ...rows.map(line), '', after].join('\n');
  return `# Errors\n\n${HEAD}\n${SECTIONS.map(section).join('\n')}\n`;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) console.log(errors());
