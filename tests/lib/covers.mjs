// Which rows of the API tables a test has covered. `npm test` joins these reports into docs/api-coverage.md.
import { appendFileSync, mkdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { ROOT } from '../../scripts/lib/paths.mjs';

/**
 * Tells that rows are covered. To be called after the assertions about them: a test that fails before says nothing.
 *
 * @param {{ name: string }} t the test's context
 * @param {...string} ids ids of `tests/api/rows.json`
 */
export function covers(t, ...ids) {
  const folder = process.env.API_COVERAGE;
  if (!folder) return;
  mkdirSync(folder, { recursive: true });
  // Each test file runs in a process of its own, whose first argument it is.
  const file = relative(ROOT, process.argv[1]);
  const lines = ids.map((id) => `${id}\t${file}\t${t.name}\n`);
  appendFileSync(join(folder, `node-${process.pid}.tsv`), lines.join(''));
}
