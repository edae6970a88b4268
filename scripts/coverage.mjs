// Joins what the tests reported with the rows of the API into docs/api-coverage.md. Fails if a row has no test, if a test
// names a row that there is not, or if the page is not what the tests say. UPDATE=1 writes the page.
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ABSENT, ANSWERED, OTHERWISE } from '../tests/api/differences.mjs';
import { ROWS } from '../tests/api/rows.mjs';
import { incomplete } from '../tests/api/sections.mjs';
import { ROOT } from './lib/paths.mjs';

const PAGE = join(ROOT, 'docs', 'api-coverage.md');

/** Rows that are otherwise than in 4.8, with the reason. */
const OTHER = { ...OTHERWISE, ...Object.fromEntries(Object.entries(ANSWERED).map(([id, { why }]) => [id, why])) };

/** Where tests put their reports; they find it in the environment as `API_COVERAGE`. */
export const REPORTS = join(ROOT, 'target', 'api-coverage');

/** Forgets the reports of earlier runs. */
export function forgetCoverage() {
  rmSync(REPORTS, { recursive: true, force: true });
}

/** Checks, or writes, the page; resolves with a line that says how much is covered. */
export async function coverage() {
  const covered = reported();
  const wrong = [...mistakes(covered)];
  const page = written(covered);
  if (process.env.UPDATE) writeFileSync(PAGE, page);
  else if (!existsSync(PAGE) || readFileSync(PAGE, 'utf8') !== page) {
    wrong.push('docs/api-coverage.md is not what the tests say; UPDATE=1 npm test writes it');
  }
  if (wrong.length > 0) throw new Error(`${wrong.length} faults in the coverage of the API:\n  ${wrong.join('\n  ')}`);
  return `${counts(covered).tested} of ${ROWS.length} rows have a test`;
}

/** The tests by row: file and name, in order. */
function reported() {
  const covered = new Map();
  const files = existsSync(REPORTS) ? readdirSync(REPORTS) : [];
  for (const line of files.flatMap((file) => readFileSync(join(REPORTS, file), 'utf8').split('\n').filter(Boolean))) {
    const [id, ...test] = line.split('\t');
    if (!covered.has(id)) covered.set(id, new Set());
    covered.get(id).add(test.join('\t'));
  }
  return new Map([...covered].map(([id, tests]) => [id, [...tests].sort().map((test) => test.split('\t'))]));
}

function* mistakes(covered) {
  const known = new Set(ROWS.map(({ id }) => id));
  yield* incomplete();
  for (const { id } of ROWS) {
    if (!covered.has(id) && !(id in ABSENT)) yield `no test covers ${id}`;
    if (covered.has(id) && id in ABSENT) yield `${id} is covered, and listed in tests/api/differences.mjs as not there`;
  }
  for (const [id, [[file, test]]] of covered) {
    if (!known.has(id)) yield `"${test}" in ${file} covers ${id}, which is no row of tests/api/rows.json`;
  }
  for (const id of Object.keys({ ...ABSENT, ...OTHER })) {
    if (!known.has(id)) yield `tests/api/differences.mjs names ${id}, which is no row of tests/api/rows.json`;
  }
}

function counts(covered) {
  const number = (holds) => ROWS.filter(({ id }) => holds(id)).length;
  return {
    tested: number((id) => covered.has(id)),
    otherwise: number((id) => covered.has(id) && id in OTHER),
    absent: number((id) => id in ABSENT),
  };
}

function written(covered) {
  const { tested, otherwise, absent } = counts(covered);
  const kinds = [...new Set(ROWS.map(({ kind }) => kind))];
  const table = (kind) => {
    const lines = ROWS.filter((row) => row.kind === kind).map((row) => `| ${cell(row.id)} | ${state(row, covered)} |`);
    return [`\n## ${HEADINGS[kind] ?? kind}\n`, '| row | test |', '| --- | --- |', ...lines].join('\n');
  };
  return `# API coverage

Every function, parameter, constant, event, payload key, record field, option, error code and capability of Kandy.js 4.8.0, with a
test that asserts it. The tests report themselves; \`npm test\` compares this page with what they reported and fails if a row has no
test. \`UPDATE=1 npm test\` writes it. Where several tests cover a row, the first by name stands here. Rows are in \`tests/api/rows.json\`, reasons in \`tests/api/differences.mjs\`.

${ROWS.length} rows: ${tested} with a test (${otherwise} of them otherwise than in 4.8, on purpose), ${absent} not there.
${kinds.map(table).join('\n')}
`;
}

const HEADINGS = {
  function: 'Functions',
  parameter: 'Parameters',
  constant: 'Constants',
  event: 'Events',
  payload: 'Payloads',
  field: 'Objects',
  transition: 'Ends of calls',
  config: 'Configuration',
  error: 'Error codes',
  'bad input': 'Bad inputs',
  'bad input of the client': 'Bad inputs of the client itself',
  'bad input of people': 'Bad inputs of messaging and people',
  normalization: 'Destinations',
  capability: 'Capabilities',
  export: 'Exports of the package',
};

function state({ id }, covered) {
  if (id in ABSENT) return `not there: ${ABSENT[id]}`;
  if (!covered.has(id)) return '**none**';
  const [file, test] = covered.get(id)[0];
  const remark = id in OTHER ? `<br>otherwise: ${OTHER[id]}` : '';
  return `${file}: ${test.replaceAll('|', '\\|')}${remark}`;
}

function cell(id) {
  return `\`${id.replaceAll('|', '\\|')}\``;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    console.log(await coverage());
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
