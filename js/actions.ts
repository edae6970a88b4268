// Action logs (api-behaviour 4): what the engine took in, and what became of it. An action is one input of the engine.

import type { OnAction, Query } from './contract.js';
import type { sharedActionForm, writeGroup, Line } from './logger.js';
import { exact, isPlain, same } from './plain.js';
import { withoutSecrets } from './secrets.js';

/** The page's log, which this module must not have a copy of. */
interface Logger {
  form: typeof sharedActionForm;
  write: typeof writeGroup;
}

/**
 * What the engine reports its inputs to.
 *
 * @param logger how actions are to be logged at the moment, and what writes them
 * @param ask asks the engine. The state after an action is what can be read then; the state before is that after the last one
 */
export function createActions(logger: Logger, ask: (query: Query) => unknown): OnAction {
  const state = (): unknown => withoutSecrets(exact({ connection: ask({ type: 'getConnection' }), calls: ask({ type: 'call.getAll' }) }));
  let last = state();

  return (name, payload, milliseconds) => {
    const form = logger.form();
    if (!form) return;
    const lines: Line[] = [['action', { type: name, ...shown(form.exposePayloads, name, payload) }]];
    if (!form.actionOnly || form.diff) {
      const [before, after] = [last, state()];
      last = after;
      if (!form.actionOnly) lines.push(['state before', before], ['state after', after]);
      if (form.diff) lines.push(['diff', changes(before, after)]);
    }
    if (Array.isArray(form.excludeActions) && form.excludeActions.includes(name)) return;
    const time = new Date().toISOString().slice(11, 23);
    logger.write(form, 'ACTION', `action ${name} @ ${time} (in ${Number(milliseconds).toFixed(2)} ms)`, lines);
  };
}

/** What an action carries is shown if it is wanted, and never that of a login or of a configuration. */
function shown(wanted: boolean, name: string, payload: unknown): { payload?: unknown } {
  if (wanted !== true || payload === undefined || WITHHELD.includes(name)) return {};
  return { payload: withoutSecrets(exact(payload)) };
}

const WITHHELD: readonly string[] = ['connect', 'updateToken', 'configure'];

/** One thing that an action changed; `path` is like `calls.0.state`. */
interface Change {
  path: string;
  before: unknown;
  after: unknown;
}

function changes(before: any, after: any, path: string[] = []): Change[] {
  if (same(before, after)) return [];
  const comparable = Array.isArray(before) ? Array.isArray(after) : isPlain(before) && isPlain(after);
  if (!comparable) return [{ path: path.join('.'), before, after }];
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].flatMap((key) => changes(before[key], after[key], [...path, key]));
}
