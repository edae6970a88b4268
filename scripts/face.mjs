// Builds the face: of js/*.ts the modules of pkg/ with the engines' glue inside, their types, and pkg/package.json.
import { createHash } from 'node:crypto';
import { copyFileSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ENGINE, NPM_BIN, PKG, ROOT } from './lib/paths.mjs';
import { run } from './lib/run.mjs';
import { rollUpTypes } from './lib/types.mjs';

/**
 * What applications import: the source in js/, and what it is built as. `inline.cjs` is also what `require` of the package
 * itself gets: a module of CommonJS cannot say where the engine's file is.
 */
const ENTRIES = [
  { name: 'index', formats: ['esm'] },
  { name: 'inline', formats: ['esm', 'cjs'] },
  { name: 'provisioning', formats: ['esm', 'cjs'] },
  { name: 'testing', formats: ['esm', 'cjs'] },
];

/** Checks the types of the face and writes nothing. */
export async function checkFace() {
  await run(join(NPM_BIN, 'tsc'), ['--project', 'js', '--noEmit']);
}

/** Fills pkg/, into which `engine()` has put the engines and their copies. */
export async function face() {
  removeWhatIsOurs();
  await modules();
  await rollUpTypes(ENTRIES);
  writePackageJson();
  for (const file of ['LICENSE-MIT', 'LICENSE-APACHE', 'js/README.md']) copyFileSync(join(ROOT, file), join(PKG, basename(file)));
  return writeIntegrity();
}

async function modules() {
  // Not at the top of this file: when it is read, the npm packages may still have to be installed.
  const { build } = await import('esbuild');
  const module = (name, format = 'esm', more = {}) => {
    return build({
      entryPoints: [`js/${name}.ts`],
      outfile: join(PKG, `${name}${SUFFIX[format]}`),
      bundle: true,
      format,
      target: TARGET,
      // CommonJS is read by servers, tests and bundlers, which look in its text for what it exports.
      minify: format !== 'cjs',
      sourcemap: true,
      alias: ALIAS,
      // What is inside a module as text.
      loader: { '.wasm': 'base64' },
      logLevel: 'silent', // what goes wrong is in the error
      ...more,
    });
  };
  await module('index', 'esm', { external: LATER.map((name) => `./${name}.js`) });
  // A page loads each of these only when it needs it; the copies are written by scripts/engine.mjs.
  await module('engine-glue');
  await module('actions');
  await module('people-engine', 'esm', { external: ['./people-copy.js'] });
  for (const name of ['index', 'engine-glue', 'actions', 'people-engine']) await squeeze(join(PKG, `${name}.js`));
  const license = licensed();
  await module('sdp-transform', 'esm', license);
  await module('unpack');

  await module('inline', 'esm', license);
  await module('inline', 'cjs', { ...license, ...DEFAULTED });
  await module('global', 'iife', { ...license, outfile: join(PKG, SCRIPT) });
  // For servers and tests, where nobody waits for their bytes and people read their stack traces.
  for (const format of ['esm', 'cjs']) {
    await module('provisioning', format, { minify: false });
    await module('testing', format, { minify: false, plugins: [sharing(APPLICATION[format])] });
  }
}

/**
 * What a test has in common with the application that it tests stays in files of its own, or the two would have different clients and
 * different errors. In modules these are also the copies of the engines.
 */
const APPLICATION = {
  esm: {
    ...Object.fromEntries(['index', 'engine-glue', 'actions', 'people-engine', 'sdp-transform', 'unpack'].map((name) => [`../${name}.js`, `./${name}.js`])),
    '#engine-copy': './engine-copy.js',
    '#people-copy': './people-copy.js',
  },
  cjs: { './testing/application.js': join(ROOT, 'js', 'testing', 'application-required.ts'), '../inline.js': './inline.cjs' },
};

function sharing(files) {
  return {
    name: 'sharing',
    setup: ({ onResolve }) =>
      onResolve({ filter: /^(\.\.?\/|#)/ }, ({ path, importer }) => {
        // The bundle has parts of the face for itself; the application's are what these two modules ask for.
        const file = path.startsWith('../') && !/[\\/]application(-required)?\.ts$/.test(importer) ? undefined : files[path];
        return file && { path: file, external: file.startsWith('./') };
      }),
  };
}

const SUFFIX = { esm: '.js', cjs: '.cjs', iife: '.js' };

/** The browsers of autumn 2021 (ES2022, save what Safari got later). js/tsconfig.json has the library to it. */
const TARGET = ['chrome94', 'firefox93', 'safari15'];

const LATER = ['engine-glue', 'engine-copy', 'actions', 'people-engine', 'sdp-transform', 'unpack'];

/** The build for a plain `<script>`. */
const SCRIPT = 'kandy.js';

/** The glue of each engine, and the engine itself. */
const ALIAS = {
  ...Object.fromEntries(
    Object.entries({ engine: 'kandy_wasm', people: 'kandy_people', testing: 'kandy_testing' }).flatMap(([name, file]) => [
      [`#${name}`, join(ENGINE, `${file}.js`)],
      [`#${name}-copy`, join(PKG, `${file}_bg.wasm`)],
    ]),
  ),
  '#testing-copy': join(ENGINE, 'small', 'kandy_testing_bg.wasm'),
};

/** Tells those who only read the text that there is a default export; it is never carried out. */
const DEFAULTED = { footer: { js: '0 && (exports.default = 0);' } };

/** Read when it is wanted: when this file is, the npm packages may still have to be installed. */
function licensed() {
  const text = readFileSync(join(ROOT, 'node_modules/sdp-transform/LICENSE'), 'utf8').trim();
  return { banner: { js: `/*!\nsdp-transform\n${text}\n*/` } };
}

/** A second look, of what looks longer: 3 % of what every page loads. */
async function squeeze(file) {
  const { minify } = await import('terser');
  const [code, content] = [readFileSync(file, 'utf8'), readFileSync(`${file}.map`, 'utf8')];
  const sourceMap = { content, filename: basename(file), url: `${basename(file)}.map` };
  // No function of the face is called with `new`, which is all that the two can spoil.
  const compress = { passes: 3, unsafe_arrows: true, unsafe_methods: true };
  const small = await minify(code, { module: true, ecma: 2021, compress, sourceMap });
  writeFileSync(file, small.code);
  writeFileSync(`${file}.map`, small.map);
}

/** What an earlier build left, under names that may not be any more. */
function removeWhatIsOurs() {
  const engines = /_bg\.wasm$|-copy\.js$/;
  for (const file of readdirSync(PKG)) if (!engines.test(file)) rmSync(join(PKG, file), { recursive: true });
}

// The version stands in Cargo.toml alone, so that engine, gateway and package cannot disagree.
function writePackageJson() {
  const cargo = readFileSync(join(ROOT, 'Cargo.toml'), 'utf8');
  const version = /\[workspace\.package\][^[]*?\nversion = "([^"]+)"/.exec(cargo)?.[1];
  if (!version) throw new Error('Cargo.toml has no version under [workspace.package]');
  const { name, ...rest } = JSON.parse(readFileSync(join(ROOT, 'js', 'package.json'), 'utf8'));
  writeFileSync(join(PKG, 'package.json'), `${JSON.stringify({ name, version, ...rest }, null, 2)}\n`);
}

/** Pages that load the script from elsewhere ask the browser to compare it with this. */
function writeIntegrity() {
  const hash = `sha384-${createHash('sha384').update(readFileSync(join(PKG, SCRIPT))).digest('base64')}`;
  writeFileSync(join(PKG, 'integrity.json'), `${JSON.stringify({ [SCRIPT]: hash }, null, 2)}\n`);
  return `${SCRIPT} ${hash}`;
}
