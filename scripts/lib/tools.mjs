// The tools that Cargo builds for us, each in a folder named after its version, so that a new version never meets an old one.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CACHE, ROOT } from './paths.mjs';
import { run } from './run.mjs';

/** What a tool is called at the registry, which version of it we use, and the file that we start. */
const TOOLS = {
  // Glue and engine must come from the same release, so this version is the one that Cargo.lock names.
  'wasm-bindgen-cli': { version: () => lockedVersion('wasm-bindgen'), file: 'wasm-bindgen' },
  'wasm-pack': { version: () => '0.15.1', file: 'wasm-pack' },
  'cargo-fuzz': { version: () => '0.13.2', file: 'cargo-fuzz' },
  geckodriver: { version: () => '0.37.1', file: 'geckodriver' },
};

/** The folder with the programs of a tool, whether or not they have been built yet. */
export function toolFolder(name) {
  return join(CACHE, `${name}-${TOOLS[name].version()}`, 'bin');
}

/** The tool's program. */
export function toolFile(name) {
  return join(toolFolder(name), TOOLS[name].file);
}

/**
 * Builds the tool unless it is there. Cargo puts the program into its folder as the last thing it does, so a build
 * that was interrupted is simply done again.
 */
export async function installTool(name) {
  if (existsSync(toolFile(name))) return 'found in the cache';
  const version = TOOLS[name].version();
  const install = ['install', name, '--version', version, '--root', join(CACHE, `${name}-${version}`)];
  try {
    await run('cargo', [...install, '--locked'], { env: QUICK_BUILD });
  } catch (locked) {
    // A published lock file may name a version that was withdrawn since (that of wasm-bindgen-cli 0.2.130 did).
    if (name !== 'wasm-bindgen-cli') throw locked;
    await run('cargo', install, { env: QUICK_BUILD });
  }
  return `built ${version}`;
}

/** The version of a crate in Cargo.lock. */
function lockedVersion(crate) {
  const lock = readFileSync(join(ROOT, 'Cargo.lock'), 'utf8');
  const found = new RegExp(`name = "${crate}"\\nversion = "([^"]+)"`).exec(lock.replaceAll('\r', ''));
  if (!found) throw new Error(`Cargo.lock does not name ${crate}`);
  return found[1];
}

// These tools run for seconds; what counts is the time to build them.
const QUICK_BUILD = {
  CARGO_PROFILE_RELEASE_OPT_LEVEL: '1',
  CARGO_PROFILE_RELEASE_LTO: 'off',
  CARGO_PROFILE_RELEASE_CODEGEN_UNITS: '16',
  CARGO_PROFILE_RELEASE_DEBUG: 'false',
};
