// Lines on the console (api-behaviour 4). Level and form are shared by all clients of a page: the last `create` wins.

import type { LineLevel } from './contract.js';
import type { LogsConfig } from './config-types.js';

/** `client.logger.levels`: the values for `logs.logLevel`. */
export const levels = Object.freeze({
  SILENT: 'silent',
  ERROR: 'error',
  WARN: 'warn',
  INFO: 'info',
  DEBUG: 'debug',
} as const);

/** Writes lines under one name. No line may hold a credential or a session description. */
export type Log = (level: LineLevel, message: string, ...args: unknown[]) => void;

/** Whether `level` is one that `logs.logLevel` may have; the letter case does not matter. */
export function isLevel(level: unknown): level is string {
  return typeof level === 'string' && Object.hasOwn(RANK, level.toLowerCase());
}

/** Makes these options the page's. */
export function configureLogs(logs: Pick<LogsConfig, 'logLevel' | 'flatten'>): void {
  shared = { rank: RANK[(logs.logLevel ?? 'debug').toLowerCase() as keyof typeof RANK], flatten: logs.flatten === true };
}

/** A log with the given name. */
export function createLog(name: string): Log {
  return (level, message, ...args) => {
    if (RANK[level] > shared.rank) return;
    const head = `${Date.now()} - ${name} - ${level.toUpperCase()}`;
    if (shared.flatten) {
      METHOD[level](`${head} - MESSAGE - ${JSON.stringify(message)} - ARGS - ${json(args)}`);
    } else {
      METHOD[level](`${head} - ${message}`, ...args);
    }
  };
}

const RANK = { silent: 0, error: 1, warn: 2, info: 3, debug: 4, trace: 4 } as const;

// Looked up at each call, so that a page may replace the console's functions.
const METHOD: Record<LineLevel, (...line: unknown[]) => void> = {
  error: (...line) => console.error(...line),
  warn: (...line) => console.warn(...line),
  info: (...line) => console.info(...line),
  debug: (...line) => console.log(...line),
};

// Before the first `create` the wanted level is not known, so nothing is written.
let shared: { rank: number; flatten: boolean } = { rank: RANK.silent, flatten: false };

/** Arguments of an application can be anything, also what JSON cannot hold. */
function json(args: unknown[]): string {
  try {
    return JSON.stringify(args);
  } catch {
    return JSON.stringify(args.map(String));
  }
}
