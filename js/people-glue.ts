// The people engine speaks JSON; the face speaks objects.

import init, { PeopleEngine } from '#people';
import type { StartPeople } from './contract.js';

/**
 * Compiles the people engine; to be called once.
 *
 * @param bytes its code
 * @returns what starts one
 */
export async function peopleOf(bytes: BufferSource): Promise<StartPeople> {
  await init(bytes);
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
