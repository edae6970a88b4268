// The public API as types: docs/api.d.ts is pkg/index.d.ts, committed, so that every change of it is seen in a review.
// `UPDATE=1 node scripts/api.mjs` writes it; `npm test` compares.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { PKG, ROOT } from './lib/paths.mjs';

const REPORT = 'docs/api.d.ts';

const HEAD = `// What applications see of \`kandy-wasm\`: the types of the package, in one file. Made by \`UPDATE=1 node scripts/api.mjs\` out of js/.
`;

/**
 * Compares the report with what was built.
 * @throws {Error} when the API has changed
 */
export function api() {
  const text = `${HEAD}\n${readFileSync(join(PKG, 'index.d.ts'), 'utf8')}`;
  const file = join(ROOT, REPORT);
  if (process.env.UPDATE) writeFileSync(file, text);
  else if (readFileSync(file, 'utf8') !== text) throw new Error(`The public API is not what ${REPORT} says; UPDATE=1 node scripts/api.mjs writes it.`);
  return `${text.split('\n').length} lines`;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) console.log(api());
