// Where things are: the one place that names the folders which several scripts share.
import { existsSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository; every script works from here, wherever it was started. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url)).replace(/[/\\]$/, '');
process.chdir(ROOT);

/** What npm publishes and the gateway serves under /kandy-wasm/. */
export const PKG = join(ROOT, 'pkg');

/** The engine as wasm-bindgen leaves it: glue and unoptimised wasm. */
export const ENGINE = join(ROOT, 'target', 'engine');

/** The commands of our npm packages. */
export const NPM_BIN = join(ROOT, 'node_modules', '.bin');

/** Tools that were built here, kept outside target/ so that `cargo clean` costs nobody minutes. */
export const CACHE = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'kandy-wasm');

/** The first file called `name` on the PATH. */
export function onPath(name) {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  return folders.map((folder) => join(folder, name)).find((file) => existsSync(file));
}

/** Whether `output` exists and is younger than each of `inputs`. */
export function isFresh(output, inputs) {
  if (!existsSync(output)) return false;
  const made = statSync(output).mtimeMs;
  return inputs.every((input) => statSync(input).mtimeMs <= made);
}
