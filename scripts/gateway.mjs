// Builds the gateway.
import { join } from 'node:path';
import { ROOT } from './lib/paths.mjs';
import { run } from './lib/run.mjs';

/**
 * @param {'debug' | 'release'} profile `release` is what people host; `debug` is built in a third of the time and
 *   checks its own assertions
 */
export async function gateway(profile) {
  await run('cargo', ['build', '-p', 'kandy-gateway', ...(profile === 'release' ? ['--release'] : [])]);
}

/** The program that `gateway(profile)` builds. */
export function gatewayFile(profile) {
  const ending = process.platform === 'win32' ? '.exe' : '';
  return join(ROOT, 'target', profile, `kandy-gateway${ending}`);
}
