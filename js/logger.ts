// Lines on the console, or for the application's handler (api-behaviour 4). Level, form and handler are shared by all clients
// of a page: the last `create` wins.

import type { LineLevel } from './contract.js';
import type { LogActions, LogEntry, LogHandler, LogsConfig } from './config-types.js';

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

/** A message and what belongs to it. */
export type Line = readonly [message: string, ...args: unknown[]];

/** Whether `level` is one that `logs.logLevel` may have; the letter case does not matter. */
export function isLevel(level: unknown): level is string {
  return typeof level === 'string' && Object.keys(RANK).includes(level.toLowerCase());
}

/** Makes these options the page's. */
export function configureLogs(logs: LogsConfig): void {
  shared = {
    rank: rankOf(logs.logLevel),
    flatten: logs.flatten === true,
    grouping: logs.enableGrouping !== false,
    actions: actionForm(logs),
    handler: typeof logs.handler === 'function' ? logs.handler : undefined,
    told: false,
  };
}

/** How actions are to be logged; nothing if they are not: they need the level `debug` or `info`. */
export function actionForm({ logLevel, logActions }: LogsConfig): LogActions | undefined {
  const wanted = rankOf(logLevel) >= RANK.info && typeof logActions === 'object' && logActions !== null;
  return wanted && String(logActions.level).toLowerCase() !== 'silent' ? logActions : undefined;
}

/** The same of the page, at this moment. */
export function sharedActionForm(): LogActions | undefined {
  return shared.actions;
}

/** A log with the given name. */
export function createLog(name: string): Log {
  return (level, message, ...args) => {
    if (RANK[level] <= shared.rank) write(level, name, [message, ...args]);
  };
}

/** Writes lines that belong together, whatever the page's level: in a group of the console if it has groups, or in a row. */
export function writeGroup(form: LogActions, name: string, head: string, lines: Line[]): void {
  const wanted = String(form.level).toLowerCase();
  const level = Object.keys(METHOD).includes(wanted) ? (wanted as LineLevel) : 'debug';
  const writeAll = (all: readonly Line[]): void => all.forEach((line) => write(level, name, line));
  if (!shared.grouping || shared.handler) return writeAll([[head], ...lines]);
  console[form.collapsed ? 'groupCollapsed' : 'group'](head);
  writeAll(lines);
  console.groupEnd();
}

function write(level: LineLevel, target: string, [message, ...args]: Line): void {
  const entry = { timestamp: Date.now(), level, target, message, args };
  // A handler that calls the API causes lines while it runs; given to it they would never end.
  if (shared.handler && !handling) hand(shared.handler, entry);
  else print(entry);
}

function hand(handler: LogHandler, entry: LogEntry): void {
  const failed = (error: unknown): void => {
    if (shared.told) return;
    shared.told = true;
    print({ ...entry, level: 'error', target: 'CLIENT', message: 'logs.handler failed; this is told once.', args: [error] });
  };
  handling = true;
  try {
    const result: unknown = handler(entry);
    if (result instanceof Promise) result.catch(failed);
  } catch (error) {
    failed(error);
  } finally {
    handling = false;
  }
}

function print({ timestamp, level, target, message, args }: LogEntry): void {
  const head = `${timestamp} - ${target} - ${level.toUpperCase()}`;
  if (shared.flatten) METHOD[level](`${head} - MESSAGE - ${JSON.stringify(message)} - ARGS - ${json(args)}`);
  else METHOD[level](`${head} - ${message}`, ...args);
}

const RANK = { silent: 0, error: 1, warn: 2, info: 3, debug: 4, trace: 4 } as const;

function rankOf(level: string | undefined): number {
  return RANK[(level ?? 'debug').toLowerCase() as keyof typeof RANK];
}

// Looked up at each call, so that a page may replace the console's functions.
const METHOD: Record<LineLevel, (...line: unknown[]) => void> = {
  error: (...line) => console.error(...line),
  warn: (...line) => console.warn(...line),
  info: (...line) => console.info(...line),
  debug: (...line) => console.log(...line),
};

interface Shared {
  rank: number;
  flatten: boolean;
  grouping: boolean;
  actions: LogActions | undefined;
  handler: LogHandler | undefined;
  /** Whether it has been told that the handler fails. */
  told: boolean;
}

// Before the first `create` the wanted level is not known, so nothing is written.
let shared: Shared = { rank: RANK.silent, flatten: false, grouping: true, actions: undefined, handler: undefined, told: false };
let handling = false;

/** Arguments of an application can be anything, also what JSON cannot hold. */
function json(args: unknown[]): string {
  try {
    return JSON.stringify(args);
  } catch {
    return JSON.stringify(args.map(String));
  }
}
