// What an application calls: a line in the log, and then the engine.

import type { Command, Core, Query } from './contract.js';

/**
 * Notes a wish, and hands it to the engine.
 *
 * @param core the engine
 * @param command carries no credentials: everything in it is written to the log
 */
export function wish(core: Core, command: Command): void {
  note(core, command);
  core.dispatch(command);
}

/** Notes a question, and asks the engine. */
export function ask(core: Core, query: Query): any {
  note(core, query);
  return core.query(query);
}

// Without tones: they can be a secret number.
function note(core: Core, { type, tone: _, ...members }: (Command | Query) & { tone?: unknown }): void {
  core.invoked(type, ...Object.values(members));
}
