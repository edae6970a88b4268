// The `…Async` forms (docs/promises.md): the command that a function dispatches carries a number, and the engine says how what was
// asked for has ended. Events are told all the same, and before: their microtask is queued first.

import { BasicError, codes, sentence, withErrors } from './errors.js';

/** How an operation ended. */
export interface Settlement {
  op?: number | undefined;
  value?: unknown;
  error?: BasicError | undefined;
}

/** The operations of one engine that the application waits for. */
export interface Twins {
  /**
   * Gives functions their `…Async` forms.
   *
   * @param api the object of which they are members, and which gets the forms
   * @param read what the application gets, of what the engine answers and the arguments
   * @param names of these functions; all that do not only read
   */
  add<T extends object, A>(api: T, read?: (value: any, args: any[]) => unknown, names?: readonly string[]): T & A;
  /** What the command of the function that is running carries besides: its number, once. */
  take(): { op?: number };
  /** An operation has ended; one that nobody waits for is left at that. */
  settle(settlement: Settlement): void;
  /** The function that is running was given something that it cannot use. */
  refuse(cause: unknown): void;
  /** The engine will answer nobody any more. */
  fail(error: BasicError): void;
}

/** Nobody waits yet. */
export function createTwins(): Twins {
  const open = new Map<unknown, (settlement: Settlement) => void>();
  let running: number | undefined;
  let last = 0;

  const take = (): { op?: number } => {
    const op = running;
    running = undefined;
    return op ? { op } : {};
  };
  const settle = (settlement: Settlement): void => {
    open.get(settlement.op)?.(withErrors(settlement));
    open.delete(settlement.op);
  };
  const refuse = (cause: unknown): void => settle({ ...take(), error: new BasicError(codes.ARGUMENT, sentence(cause), { cause }) });

  return {
    add: (api: any, read = (value) => value, names = Object.keys(api).filter((name) => typeof api[name] === 'function' && !READS.test(name))) => {
      for (const name of names) {
        api[`${name}Async`] = (...args: unknown[]) =>
          new Promise((resolve, reject) => {
            running = last += 1;
            open.set(running, ({ value, error }) => (error ? reject(error) : resolve(read(value, args))));
            try {
              api[name](...args);
            } catch (thrown) {
              refuse(thrown);
            }
            settle(take());
          });
      }
      return api;
    },
    take,
    settle,
    refuse,
    fail: (error) => open.forEach((_, op) => settle({ op: op as number, error })),
  };
}

/** `getStats` alone asks the engine for something that it has to wait for. */
const READS = /^get(?!Stats)/;
