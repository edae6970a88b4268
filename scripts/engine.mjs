// Builds the engine: src/ and crates/core as wasm, the glue that binds it to JavaScript, and pkg/kandy_wasm_bg.wasm.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LIBRARY_MISSING, librarySource } from './install.mjs';
import { shortenImports } from './lib/imports.mjs';
import { ENGINE, NPM_BIN, PKG, ROOT, isFresh } from './lib/paths.mjs';
import { run } from './lib/run.mjs';
import { toolFile } from './lib/tools.mjs';

/** Leaves the glue in target/engine, the optimised engine and its inline copy in pkg/. */
export async function engine() {
  const remark = await compile();
  const built = join(ROOT, 'target', 'wasm32-unknown-unknown', 'engine', 'kandy_wasm.wasm');
  const optimised = join(PKG, 'kandy_wasm_bg.wasm');
  const inline = join(PKG, 'inline.js');
  // wasm-opt is by far the slowest part of a build in which nothing changed.
  if (isFresh(inline, [built, optimised, fileURLToPath(import.meta.url)])) return remark ?? 'unchanged';

  mkdirSync(PKG, { recursive: true });
  await run(toolFile('wasm-bindgen-cli'), [built, ...BINDGEN, '--out-dir', ENGINE]);
  shorten(join(ENGINE, 'kandy_wasm_bg.wasm'), join(ENGINE, 'kandy_wasm.js'));
  const half = join(ENGINE, 'optimised.wasm');
  await run(join(NPM_BIN, 'wasm-opt'), [join(ENGINE, 'kandy_wasm_bg.wasm'), ...OPTIMISE, '-o', half]);
  renameSync(half, optimised);
  // What the loader imports when the .wasm file cannot be fetched; a page that never needs it never loads it.
  writeFileSync(inline, `export default "${readFileSync(optimised).toString('base64')}";\n`);
  return remark;
}

/**
 * Compiles the engine and, for it alone, Rust's standard library: small, and without the sentences of panics, which a page
 * never sees. Where that cannot be done, the library that came with the compiler does, too.
 * @returns {Promise<string | undefined>} why the engine is larger than it could be
 */
async function compile() {
  let why = LIBRARY_MISSING;
  if (await librarySource()) {
    try {
      await run('cargo', [...BUILD, ...BUILD_LIBRARY], { env: LIBRARY_ENV });
      return undefined;
    } catch (error) {
      // Also an error in our own code, which is then said again.
      why = `because the standard library could not be built: ${/^error.*/m.exec(error.output)?.[0] ?? error.message}`;
    }
  }
  await run('cargo', BUILD);
  return `10 kB larger than need be, ${why}`;
}

const BUILD = ['build', '--profile', 'engine', '-p', 'kandy-wasm', '--target', 'wasm32-unknown-unknown'];

// All of it is unstable, hence the permission in RUSTC_BOOTSTRAP. A compiler that knows none of it ends above in `catch`.
const BUILD_LIBRARY = ['-Zbuild-std=std,panic_abort', '-Zbuild-std-features=optimize_for_size'];
const LIBRARY_ENV = {
  RUSTC_BOOTSTRAP: '1',
  RUSTFLAGS: `${process.env.RUSTFLAGS ?? ''} -Zunstable-options -Cpanic=immediate-abort -Zlocation-detail=none`.trim(),
};

function shorten(wasmFile, glueFile) {
  const { wasm, glue } = shortenImports(readFileSync(wasmFile), readFileSync(glueFile, 'utf8'));
  writeFileSync(wasmFile, wasm);
  writeFileSync(glueFile, glue);
}

const BINDGEN = ['--target', 'web', '--no-typescript', '--omit-default-module-path', '--remove-name-section', '--remove-producers-section'];

const OPTIMISE = [
  // What counts is the size after gzip. Functions that are called once stay functions, and what is computed twice stays
  // twice: gzip finds likeness in many small functions, and little where each value has a local with a number of its own.
  '--one-caller-inline-max-function-size=0',
  '--skip-pass=local-cse',
  '--flatten',
  '--rereloop',
  '-Oz',
  '-Oz',
  '--strip-debug',
  '--strip-producers',
  '--strip-target-features',
  // The features that rustc switches on for wasm32-unknown-unknown and that wasm-bindgen uses: every browser with
  // WebRTC that still gets updates has them. Without these flags wasm-opt refuses the file.
  '--enable-bulk-memory',
  '--enable-multivalue',
  '--enable-mutable-globals',
  '--enable-nontrapping-float-to-int',
  '--enable-reference-types',
  '--enable-sign-ext',
];
