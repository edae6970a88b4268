// What test runners leave out of Node in their page: Jest's jsdom has nothing that reads or writes bytes as text.

import type { Replacements } from './globals.js';

const NAMES = ['TextDecoder', 'TextEncoder'] as const;

/**
 * Puts onto globalThis what is missing there and Node has.
 *
 * @throws Error if Node does not say so, either
 */
export function putMissing(replaced: Replacements): void {
  const missing = NAMES.filter((name) => typeof globalThis[name] === 'undefined');
  if (missing.length === 0) return;
  const { process } = globalThis as { process?: { getBuiltinModule?: (name: string) => Record<string, unknown> } };
  const util = process?.getBuiltinModule?.('node:util');
  if (!util) throw new Error(`This environment of a test has no ${missing.join(' and no ')}. Node has them from 20.16 on; or let the test's environment give them.`);
  for (const name of missing) replaced.put(globalThis, name, util[name]);
}
