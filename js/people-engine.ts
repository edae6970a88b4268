// The people engine and its glue: a module of its own, which a page loads when it needs it.

import init, { PeopleEngine } from '#people';
import type { StartPeople } from './contract.js';
import type { Code } from './engine.js';

/**
 * Loads the people engine.
 *
 * @param code gets an engine's code
 */
export async function startPeople(code: Code): Promise<StartPeople> {
  await init(await code(new URL('./kandy_people_bg.wasm', import.meta.url), () => import('./people-inline.js')));
  return (host) => {
    const engine = new PeopleEngine({
      ...host,
      emit: (type: string, payload: string) => host.emit(type, JSON.parse(payload)),
    });
    return {
      tell: (input) => engine.tell(JSON.stringify(input)),
      query: (query) => JSON.parse(engine.query(JSON.stringify(query))) ?? undefined,
    };
  };
}
