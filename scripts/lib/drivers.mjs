// The WebDriver servers, for everything that drives a browser: wasm-pack, the end-to-end tests, the benchmarks.
import { onPath } from './paths.mjs';
import { toolFile } from './tools.mjs';

/** The environment under which they are found: `CHROMEDRIVER` and `GECKODRIVER`, each a path. */
export function browserDrivers() {
  return { CHROMEDRIVER: onPath('chromedriver') ?? 'chromedriver', GECKODRIVER: toolFile('geckodriver') };
}
