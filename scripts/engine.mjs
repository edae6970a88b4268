// Builds the engines: src/ with crates/core, crates/people-web with crates/people, and the gateway of tests, crates/testing-web with
// crates/switch, as wasm; the glue that binds them to JavaScript; and pkg/*_bg.wasm.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LIBRARY_MISSING, librarySource } from './install.mjs';
import { brief, lazy, shortenImports } from './lib/imports.mjs';
import { alike, named, withoutNames } from './lib/order.mjs';
import { ENGINE, NPM_BIN, PKG, ROOT, isFresh } from './lib/paths.mjs';
import { run } from './lib/run.mjs';
import { shares } from './lib/shares.mjs';
import { toolFile } from './lib/tools.mjs';
import { withoutFeatures } from './lib/wasm.mjs';

/** What is built: package, name of what comes of it, and the module that holds a copy, if it is for pages. */
const ENGINES = [
  { crate: 'kandy-wasm', name: 'kandy_wasm', copy: 'engine-copy.js' },
  { crate: 'kandy-people-web', name: 'kandy_people', copy: 'people-copy.js' },
  // Inside `kandy-wasm/testing`, and nowhere else.
  { crate: 'kandy-testing-web', name: 'kandy_testing' },
];

/** Leaves the glue in target/engine, the optimised engines and their inline copies in pkg/. */
export async function engine() {
  let [remark, built] = [undefined, 0];
  for (const one of ENGINES) {
    remark ??= await compile(one.crate);
    built += await bind(one);
  }
  return remark ?? (built === 0 ? 'unchanged' : undefined);
}

/** Binds and optimises one of them; returns 0 if it is as it was. */
async function bind({ crate, name, copy }) {
  const built = join(ROOT, 'target', 'wasm32-unknown-unknown', 'engine', `${crate.replaceAll('-', '_')}.wasm`);
  const bound = `${name}_bg.wasm`;
  const [optimised, inline] = copy ? [join(PKG, bound), join(PKG, copy)] : [join(ENGINE, 'small', bound)];
  // wasm-opt is by far the slowest part of a build in which nothing changed.
  if (isFresh(inline ?? optimised, [built, ...(inline ? [optimised] : []), fileURLToPath(import.meta.url)])) return 0;

  mkdirSync(PKG, { recursive: true });
  mkdirSync(join(ENGINE, 'small'), { recursive: true });
  // wasm-bindgen makes of what a module says it may use; a library that came with the compiler says more than we want.
  const modest = join(ENGINE, `${name}.wasm`);
  writeFileSync(modest, withoutFeatures(readFileSync(built)));
  await run(toolFile('wasm-bindgen-cli'), [modest, ...BINDGEN, '--out-name', name, '--out-dir', ENGINE]);
  const glue = join(ENGINE, `${name}.js`);
  if (copy) shorten(join(ENGINE, bound), glue);
  else writeFileSync(glue, lazy(readFileSync(glue, 'utf8')));
  renameSync(await optimise(join(ENGINE, bound), join(ENGINE, `${name}.shares.json`)), optimised);
  // What the loader imports when the .wasm file cannot be fetched; a page that never needs it never loads it.
  if (inline) writeFileSync(inline, `export default "${readFileSync(optimised).toString('base64')}";\n`);
  return 1;
}

/**
 * Compiles an engine and, for it alone, Rust's standard library: small, and without the sentences of panics, which a page
 * never sees. Where that cannot be done, the library that came with the compiler does, too.
 * @returns {Promise<string | undefined>} why the engine is larger than it could be
 */
async function compile(crate) {
  // One by one: together, both would be built with the entry points of the first.
  const build = ['build', '--profile', 'engine', '-p', crate, '--target', 'wasm32-unknown-unknown'];
  let why = LIBRARY_MISSING;
  if (await librarySource()) {
    try {
      await run('cargo', [...build, ...BUILD_LIBRARY], { env: LIBRARY_ENV });
      return undefined;
    } catch (error) {
      // Also an error in our own code, which is then said again.
      why = `because the standard library could not be built: ${/^error.*/m.exec(error.output)?.[0] ?? error.message}`;
    }
  }
  await run('cargo', build, { env: FEATURES });
  return `10 kB larger than need be, ${why}`;
}

// Reference types, which rustc switches on: Safari has them from 15 on, and traps in them until 16.4. Multiple values go with them.
const FEATURES = { RUSTFLAGS: `${process.env.RUSTFLAGS ?? ''} -Ctarget-feature=-reference-types,-multivalue`.trim() };

// All of it is unstable, hence the permission in RUSTC_BOOTSTRAP. A compiler that knows none of it ends above in `catch`.
const BUILD_LIBRARY = ['-Zbuild-std=std,panic_abort', '-Zbuild-std-features=optimize_for_size'];
const LIBRARY_ENV = {
  RUSTC_BOOTSTRAP: '1',
  RUSTFLAGS: `${FEATURES.RUSTFLAGS} -Zunstable-options -Cpanic=immediate-abort -Zlocation-detail=none`,
};

function shorten(wasmFile, glueFile) {
  const { wasm, glue } = shortenImports(readFileSync(wasmFile), readFileSync(glueFile, 'utf8'));
  writeFileSync(wasmFile, wasm);
  writeFileSync(glueFile, brief(glue));
}

/**
 * Makes a module small: once to see what its functions become, and once more with those beside each other that are alike.
 * What the functions become of each crate goes into `report`.
 */
async function optimise(file, report) {
  const { plain, names } = withoutNames(readFileSync(file));
  const [before, after] = [join(ENGINE, 'named.wasm'), join(ENGINE, 'optimised.wasm')];
  writeFileSync(before, named(plain, (index) => `f${index}`));
  await run(join(NPM_BIN, 'wasm-opt'), [before, ...OPTIMISE, '--debuginfo', '-o', after]);
  writeFileSync(report, JSON.stringify(shares(readFileSync(after), (name) => names[name.slice(1)])));
  const ranks = new Map(alike(readFileSync(after)).map((name, rank) => [name, `f${String(rank).padStart(6, '0')}`]));
  writeFileSync(before, named(plain, (index) => ranks.get(`f${index}`) ?? `g${index}`));
  await run(join(NPM_BIN, 'wasm-opt'), [before, ...OPTIMISE, '--reorder-functions-by-name', '--strip-debug', '-o', after]);
  return after;
}

const BINDGEN = ['--target', 'web', '--no-typescript', '--omit-default-module-path', '--remove-producers-section'];

/** What an engine may use beyond the first WebAssembly; Safari 15.0 has all of it. wasm-opt refuses a module with more. */
const ALLOWED = ['--enable-bulk-memory', '--enable-mutable-globals', '--enable-nontrapping-float-to-int', '--enable-sign-ext'];

const OPTIMISE = [
  // The stack stands at the beginning of the memory (rustc's default for this target), so no data are below 1024.
  '--low-memory-unused',
  // What counts is the size after gzip. Functions that are called once stay functions, and what is computed twice stays
  // twice: gzip finds likeness in many small functions, and little where each value has a local with a number of its own.
  '--one-caller-inline-max-function-size=0',
  '--skip-pass=local-cse',
  '--skip-pass=merge-locals',
  // Inlined everywhere are functions of at most so many instructions; with two more, the engine grows again.
  '--always-inline-max-function-size=4',
  '--flatten',
  '--rereloop',
  '-Oz',
  '-Oz',
  '-Oz',
  '--strip-producers',
  '--strip-target-features',
  ...ALLOWED,
];
