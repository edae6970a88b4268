// npm packages that only one step needs, each set of them in a folder of the cache: the repository's own packages stay few, and
// what is installed once serves every clone and every run.
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { CACHE, ROOT } from './paths.mjs';
import { run } from './run.mjs';

/**
 * Installs what `folder/package.json` and its lock file name, unless it is there.
 *
 * @param {string} folder in the repository, such as `examples`
 * @returns {Promise<string>} the folder of the cache with `node_modules`
 */
export async function installed(folder) {
  const files = ['package.json', 'package-lock.json'].map((name) => join(ROOT, folder, name));
  const hash = createHash('sha256');
  for (const file of files) hash.update(readFileSync(file));
  const there = join(CACHE, `${folder.replaceAll('/', '-')}-${hash.digest('hex').slice(0, 12)}`);
  if (existsSync(join(there, 'node_modules'))) return there;

  // Another name until it is complete: an installation that is interrupted, or made twice at once, spoils nothing.
  const begun = `${there}.${process.pid}`;
  mkdirSync(begun, { recursive: true });
  for (const file of [...files, join(ROOT, '.npmrc')]) copyFileSync(file, join(begun, basename(file)));
  try {
    await run('npm', ['ci'], { cwd: begun, limit: 300 });
    // Whoever was faster has made the same.
    if (!existsSync(there)) renameSync(begun, there);
  } finally {
    rmSync(begun, { recursive: true, force: true });
  }
  return there;
}
