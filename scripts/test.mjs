// npm test: installs what is missing and runs every check, cheapest first. A step that fails does not stop those that
// can do without it. The last line of the run is `N passed, N failed`.
import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { api } from './api.mjs';
import { REPORTS, coverage, forgetCoverage } from './coverage.mjs';
import { engine } from './engine.mjs';
import { errors } from './errors.mjs';
import { checkFace, face } from './face.mjs';
import { gateway } from './gateway.mjs';
import { hazards } from './hazards.mjs';
import { browsers, geckodriver, linker, npmPackages, postgres, relay, rustComponents, rustSource, wasmBindgen, wasmPack, wasmTarget } from './install.mjs';
import { browserDrivers } from './lib/drivers.mjs';
import { run } from './lib/run.mjs';
import { explain, runOne } from './lib/steps.mjs';
import { NOTHING, counted, sum } from './lib/tally.mjs';
import { toolFile, toolFolder } from './lib/tools.mjs';
import { testsOnPostgres } from './postgres.mjs';
import { size } from './size.mjs';
import { sizePage } from './size-page.mjs';

const SDK = ['-p', 'kandy-wasm', '--target', 'wasm32-unknown-unknown'];
const PEOPLE = ['-p', 'kandy-people-web', '--target', 'wasm32-unknown-unknown'];
const TESTING = ['-p', 'kandy-testing-web', '--target', 'wasm32-unknown-unknown'];

const buildEngine = check('engine: Rust to wasm, bound to JavaScript, made small', engine);
const buildFace = check('face: TypeScript to pkg/index.js and its types', face, buildEngine);
const nativeTests = tests('native tests', () => run('cargo', ['test', '--no-fail-fast']));
const postgresTests = tests('native tests of the gateway on PostgreSQL', testsOnPostgres);
const faceTests = tests('face in Node', () => nodeTests('tests/face'), buildFace);
const buildGateway = check('gateway: target/release/kandy-gateway (the first time takes minutes)', () => gateway('release'));
const pageTests = tests('end to end: pages, browsers and a gateway', () => nodeTests('tests/e2e'), buildFace, buildGateway);

// What an earlier run covered counts for nothing.
forgetCoverage();
process.env.API_COVERAGE = REPORTS;

const steps = [
  prepare(linker),
  prepare(wasmTarget),
  prepare(rustSource),
  prepare(rustComponents),
  check('format', () => run('cargo', ['fmt', '--all', '--check'])),
  check('clippy, native', () => run('cargo', ['clippy', '--all-targets', '--', '-D', 'warnings'])),
  check('clippy, wasm32', async () => {
    for (const engine of [SDK, PEOPLE, TESTING]) await run('cargo', ['clippy', ...engine, '--all-targets', '--', '-D', 'warnings']);
  }),
  prepare(npmPackages),
  check('types of the face', checkFace),
  check('every hazard has its test', hazards),
  check('every error is listed', errors),
  nativeTests,
  prepare(postgres),
  postgresTests,
  check('documentation without warnings', documentation),

  prepare(wasmBindgen),
  buildEngine,
  buildFace,
  check('size budget', size, buildFace),
  check('sizes as in docs/size.md', sizePage, buildFace),
  check('public API as in docs/api.d.ts', api, buildFace),
  faceTests,
  buildGateway,

  prepare(browsers),
  prepare(geckodriver),
  prepare(wasmPack),
  prepare(relay),
  tests('engine in Chromium (wasm-pack)', () => engineIn('chrome')),
  tests('engine in Firefox (wasm-pack)', () => engineIn('firefox')),
  pageTests,
  check('every row of the API has a test', coverage, nativeTests, faceTests, pageTests),
  tests('bundlers: the package as it is published, in pages that call each other', () => nodeTests('tests/fixtures'), buildFace, buildGateway),
];

const failures = new Set();
let all = NOTHING;
for (const [index, step] of steps.entries()) {
  all = sum(all, await attempt(step, index));
}
if (failures.size > 0) console.log(`\nFailed:\n${[...failures].map(({ name }) => `  ${name}`).join('\n')}\n`);
console.log(`${all.passed} passed, ${all.failed} failed`);
process.exitCode = all.failed > 0 ? 1 : 0;

async function attempt(step, index) {
  const missing = step.needs.find((need) => failures.has(need));
  const skip = () => { throw new Error(`not run, because this failed: ${missing.name}`); };
  try {
    await runOne(missing ? { ...step, work: skip } : step, index, steps.length);
    return step.tally;
  } catch (error) {
    explain(step, error);
    failures.add(step);
    // A runner that could not start, or died halfway, has failed too, whatever it had counted until then.
    return { ...step.tally, failed: Math.max(step.tally.failed, 1) };
  }
}

/** Makes things ready, and counts only when it fails. */
function prepare({ name, work }) {
  return { name, needs: [], tally: NOTHING, work };
}

/** Is right or wrong as a whole. */
function check(name, work, ...needs) {
  const step = { name, needs, tally: NOTHING };
  step.work = async () => {
    const said = await work();
    step.tally = { passed: 1, failed: 0 };
    return said;
  };
  return step;
}

/** Counts what its test runner reports; a runner that found no test has failed. */
function tests(name, work, ...needs) {
  const step = { name, needs, tally: NOTHING };
  step.work = async () => {
    try {
      step.tally = counted(await work());
    } catch (error) {
      step.tally = counted(error.output ?? '');
      throw error;
    }
    if (step.tally.passed === 0) throw new Error('no test was run');
    return `${step.tally.passed} passed`;
  };
  return step;
}

async function documentation() {
  const env = { RUSTDOCFLAGS: '-D warnings' };
  await run('cargo', ['doc', '--no-deps', '--document-private-items'], { env });
  for (const engine of [SDK, PEOPLE, TESTING]) await run('cargo', ['doc', '--no-deps', '--document-private-items', ...engine], { env });
}

function nodeTests(folder) {
  const files = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith('.test.mjs')) : [];
  if (files.length === 0) throw new Error(`${folder} has no *.test.mjs`);
  // One file at a time: two of them would fight for the processor while frames are counted.
  const options = ['--test', '--test-reporter=spec', '--test-concurrency=1'];
  return run(process.execPath, [...options, ...files.map((file) => join(folder, file))], { env: browserDrivers(), limit: 2100 });
}

function engineIn(browser) {
  const { CHROMEDRIVER, GECKODRIVER } = browserDrivers();
  const driver = browser === 'chrome' ? ['--chromedriver', CHROMEDRIVER] : ['--geckodriver', GECKODRIVER];
  const env = {
    // wasm-pack takes the runner that it finds there and downloads nothing.
    PATH: [toolFolder('wasm-bindgen-cli'), process.env.PATH].join(delimiter),
    // In seconds. The runner's own bounds suppose a machine that does nothing else.
    WASM_BINDGEN_TEST_DRIVER_TIMEOUT: '60',
    WASM_BINDGEN_TEST_TIMEOUT: '180',
  };
  return run(toolFile('wasm-pack'), ['test', '--headless', `--${browser}`, ...driver, '.', '-p', 'kandy-wasm'], { env, limit: 1200 });
}
