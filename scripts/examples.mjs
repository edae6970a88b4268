// npm run examples: builds the examples that need building, with the package of pkg/, into target/examples/NAME/dist.
import { cpSync, mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { installed } from './lib/npm-folder.mjs';
import { PKG, ROOT } from './lib/paths.mjs';
import { run } from './lib/run.mjs';

const BUILT = join(ROOT, 'target', 'examples');

/** Each example, and the folder in which it can be served. */
export const EXAMPLES = { plain: join(ROOT, 'examples', 'plain'), react: join(BUILT, 'react', 'dist'), vue: join(BUILT, 'vue', 'dist') };

/** Builds those that need it; resolves with their names. */
export async function examples() {
  const packages = join(await installed('examples'), 'node_modules');
  rmSync(BUILT, { recursive: true, force: true });
  const names = Object.keys(EXAMPLES).filter((name) => EXAMPLES[name].startsWith(BUILT));
  linkAll(packages, join(BUILT, 'node_modules'));
  symlinkSync(PKG, join(BUILT, 'node_modules', 'kandy-wasm'), 'dir');
  for (const name of names) {
    cpSync(join(ROOT, 'examples', name), join(BUILT, name), { recursive: true });
    await run(process.execPath, [join(packages, 'vite', 'bin', 'vite.js'), 'build'], { cwd: join(BUILT, name), limit: 120 });
  }
  return names.join(', ');
}

/** What is installed in the cache, beside a package that is not. */
function linkAll(from, to) {
  mkdirSync(to, { recursive: true });
  for (const name of readdirSync(from)) {
    if (name.startsWith('@')) linkAll(join(from, name), join(to, name));
    else if (!name.startsWith('.')) symlinkSync(join(from, name), join(to, name), 'dir');
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    console.log(`built: ${await examples()}`);
  } catch (error) {
    console.error(error.output ?? '', error.message);
    process.exitCode = 1;
  }
}
