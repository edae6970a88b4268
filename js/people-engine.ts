// The people engine and its glue: a module of its own, which a page loads when it needs it.

import type { StartPeople } from './contract.js';
import type { Code } from './engine.js';
import { peopleOf } from './people-glue.js';

/**
 * Loads the people engine.
 *
 * @param code gets an engine's code
 */
export async function startPeople(code: Code): Promise<StartPeople> {
  return peopleOf(await code(new URL('./kandy_people_bg.wasm', import.meta.url), () => import('./people-copy.js')));
}
