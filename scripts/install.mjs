// Installs what is missing: one step per thing, each of which looks first and does nothing when the thing is there.
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { NPM_BIN, ROOT, isFresh, onPath } from './lib/paths.mjs';
import { run } from './lib/run.mjs';
import { installTool } from './lib/tools.mjs';

export const linker = { name: 'C linker, which Rust needs', work: findLinker };
export const wasmTarget = { name: 'Rust target wasm32-unknown-unknown', work: addWasmTarget };
export const rustSource = { name: 'source of the Rust library, for a smaller engine (not required)', work: addRustSource };
export const rustComponents = { name: 'rustfmt and clippy', work: addRustComponents };
export const npmPackages = { name: 'npm packages: esbuild, TypeScript, binaryen with wasm-opt', work: installNpmPackages };
export const wasmBindgen = {
  name: 'wasm-bindgen of the version in Cargo.lock (built once, 1-3 minutes)',
  work: () => installTool('wasm-bindgen-cli'),
};
export const wasmPack = { name: 'wasm-pack (built once, 1-3 minutes)', work: () => installTool('wasm-pack') };
export const geckodriver = { name: 'geckodriver (built once, 1-3 minutes)', work: () => installTool('geckodriver') };
export const postgres = { name: 'PostgreSQL, a server for tests', work: installPostgres };
export const browsers = { name: 'Chromium with chromedriver, and Firefox', work: installBrowsers };
export const relay = { name: 'coturn, a relay for calls', work: installRelay };

/** What `npm start` and `npm run build` need. */
export const forBuild = [linker, wasmTarget, rustSource, npmPackages, wasmBindgen];

async function findLinker() {
  if (onPath('cc')) return 'found';
  return apt(['build-essential'], 'a C compiler and linker (Debian: build-essential; macOS: xcode-select --install)');
}

async function addWasmTarget() {
  const printed = await run('rustc', ['--print', 'target-libdir', '--target', 'wasm32-unknown-unknown']);
  if (existsSync(printed.trim().split('\n').at(-1))) return 'found';
  await run('rustup', ['target', 'add', 'wasm32-unknown-unknown']);
  return 'installed';
}

/** What is said where the source is not to be had. */
export const LIBRARY_MISSING = 'because the source of the Rust library is missing: rustup component add rust-src';

/** Whether the source of the standard library is there, from which one can be built for the engine. */
export async function librarySource() {
  const sysroot = (await run('rustc', ['--print', 'sysroot'])).trim().split('\n').at(-1);
  return existsSync(join(sysroot, 'lib', 'rustlib', 'src', 'rust', 'library', 'Cargo.lock'));
}

async function addRustSource() {
  if (await librarySource()) return 'found';
  try {
    await run('rustup', ['component', 'add', 'rust-src']);
    return 'installed';
  } catch (error) {
    return `not to be had, the engine will be larger: ${error.message}`;
  }
}

async function addRustComponents() {
  try {
    await run('cargo', ['fmt', '--version']);
    await run('cargo', ['clippy', '--version']);
    return 'found';
  } catch {
    await run('rustup', ['component', 'add', 'rustfmt', 'clippy']);
    return 'installed';
  }
}

async function installNpmPackages() {
  // npm writes this file last, so an installation that was interrupted counts as missing.
  const done = join(ROOT, 'node_modules', '.package-lock.json');
  if (isFresh(done, [join(ROOT, 'package-lock.json')]) && existsSync(join(NPM_BIN, 'wasm-opt'))) return 'found';
  await run('npm', ['ci']);
  return 'installed';
}

async function installBrowsers() {
  const wanted = { chromium: ['chromium'], 'chromium-driver': ['chromedriver'], 'firefox-esr': ['firefox-esr', 'firefox'] };
  const missing = Object.keys(wanted).filter((name) => !wanted[name].some(onPath));
  if (missing.length === 0) return 'found';
  return apt(missing, 'Chromium, chromedriver of the same version and Firefox (Debian: chromium, chromium-driver, firefox-esr)');
}

async function installRelay() {
  if (onPath('turnserver')) return 'found';
  return apt(['coturn'], 'coturn (Debian: coturn)');
}

/** The programs of the newest PostgreSQL that is installed, Debian's way or on the PATH. */
export function postgresFolder() {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).sort((one, other) => Number(other) - Number(one)) : [];
  const folders = versions.map((version) => join(debian, version, 'bin'));
  const found = onPath('initdb');
  return [...folders, ...(found ? [dirname(found)] : [])].find((folder) => ['initdb', 'postgres', 'pg_ctl'].every((name) => existsSync(join(folder, name))));
}

async function installPostgres() {
  if (postgresFolder()) return 'found';
  return apt(['postgresql'], 'PostgreSQL with initdb (Debian: postgresql)');
}

async function apt(packages, otherwise) {
  if (!onPath('apt-get') || process.getuid?.() !== 0) {
    throw new Error(`Install ${otherwise} on the PATH, or run this as root on Debian, where it is done for you.`);
  }
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  await run('apt-get', ['update'], { env });
  await run('apt-get', ['install', '--yes', '--no-install-recommends', ...packages], { env });
  return `installed ${packages.join(', ')}`;
}
