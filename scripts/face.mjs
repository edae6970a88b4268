// Builds the face: js/*.ts to pkg/index.js with the engine's glue inside, its types, pkg/package.json, and the module for servers.
import { copyFileSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ENGINE, NPM_BIN, PKG, ROOT } from './lib/paths.mjs';
import { run } from './lib/run.mjs';

/** Checks the types of the face and writes nothing. */
export async function checkFace() {
  await run(join(NPM_BIN, 'tsc'), ['--project', 'js', '--noEmit']);
}

/** Fills pkg/, into which `engine()` has put the wasm. */
export async function face() {
  removeOldTypes();
  await run(join(NPM_BIN, 'tsc'), ['--project', 'js', '--emitDeclarationOnly', '--outDir', PKG]);
  await bundle();
  writePackageJson();
  for (const file of ['LICENSE-MIT', 'LICENSE-APACHE']) copyFileSync(join(ROOT, file), join(PKG, file));
}

async function bundle() {
  // Not at the top of this file: when it is read, the npm packages may still have to be installed.
  const { build } = await import('esbuild');
  const module = (name, more = {}) => {
    return build({
      entryPoints: [`js/${name}.ts`],
      outfile: join(PKG, `${name}.js`),
      bundle: true,
      format: 'esm',
      target: 'es2022',
      minify: true,
      logLevel: 'silent', // what goes wrong is in the error
      ...more,
    });
  };
  // A page loads each of the others only when it needs it; the inline modules are written by scripts/engine.mjs.
  await module('index', {
    sourcemap: true,
    alias: { '#engine': join(ENGINE, 'kandy_wasm.js') },
    external: ['inline', ...LATER].map((name) => `./${name}.js`),
  });
  await squeeze(join(PKG, 'index.js'));
  await module('actions');
  await module('people-engine', { alias: { '#people': join(ENGINE, 'kandy_people.js') }, external: ['./people-inline.js'] });
  await module('sdp-transform', { banner: { js: `/*!\n${readFileSync(join(ROOT, 'node_modules/sdp-transform/LICENSE'), 'utf8').trim()}\n*/` } });
  await module('unpack');
  // For servers, where nobody waits for its bytes and people read its stack traces.
  await module('provisioning', { minify: false });
}

const LATER = ['actions', 'people-engine', 'sdp-transform', 'unpack'];

/** A second look, of what looks longer: 3 % of what every page loads. */
async function squeeze(file) {
  const { minify } = await import('terser');
  const [code, content] = [readFileSync(file, 'utf8'), readFileSync(`${file}.map`, 'utf8')];
  const sourceMap = { content, filename: basename(file), url: `${basename(file)}.map` };
  // No function of the face is called with `new`, which is all that the two can spoil.
  const compress = { passes: 3, unsafe_arrows: true, unsafe_methods: true };
  const small = await minify(code, { module: true, ecma: 2022, compress, sourceMap });
  writeFileSync(file, small.code);
  writeFileSync(`${file}.map`, small.map);
}

function removeOldTypes() {
  for (const file of readdirSync(PKG, { recursive: true })) {
    if (file.endsWith('.d.ts')) rmSync(join(PKG, file));
  }
}

// The version stands in Cargo.toml alone, so that engine, gateway and package cannot disagree.
function writePackageJson() {
  const cargo = readFileSync(join(ROOT, 'Cargo.toml'), 'utf8');
  const version = /\[workspace\.package\][^[]*?\nversion = "([^"]+)"/.exec(cargo)?.[1];
  if (!version) throw new Error('Cargo.toml has no version under [workspace.package]');
  const { name, ...rest } = JSON.parse(readFileSync(join(ROOT, 'js', 'package.json'), 'utf8'));
  writeFileSync(join(PKG, 'package.json'), `${JSON.stringify({ name, version, ...rest }, null, 2)}\n`);
}
