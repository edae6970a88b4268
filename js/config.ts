// The configuration of one client: documented defaults, merging, copies (api-behaviour 2).

import { isLevel } from './logger.js';
import { copy, isPlain, plain, same } from './plain.js';
import type { MergedConfig } from './config-types.js';

/** The configuration of one client. */
export interface Settings {
  /** A deep copy. */
  get(): MergedConfig;
  /**
   * Merges values into it, to any depth; arrays are replaced, `undefined` is skipped.
   *
   * @returns the members that would have changed, had they not been fixed at `create`
   */
  update(values: unknown): string[];
  /** The part that the engine reads, as plain data. */
  forEngine(): object;
}

/**
 * Merges the application's configuration into the defaults.
 *
 * @param given what `create` was given; anything but an object counts as empty
 * @throws TypeError if `logs.logLevel` is unknown
 */
export function createSettings(given: unknown): Settings {
  let current = merged(given);
  const { logLevel } = current.logs;
  if (!isLevel(logLevel)) {
    throw new TypeError(`Unknown log level ${String(logLevel)}: use one of client.logger.levels`);
  }
  return {
    get: () => copy(current),
    update: (values) => {
      if (!isPlain(values)) return [];
      const next = merge(current, values) as MergedConfig;
      const refused = keepFixed(current, next);
      current = next;
      if (isPlain(current.connectivity)) current.connectivity.method = asMethod(current.connectivity.method) as never;
      return refused;
    },
    forEngine: () => {
      const { logActions } = current.logs;
      return plain({ ...current, logs: { logActions }, messaging: undefined, call: forEngine(current.call) }) as object;
    },
  };
}

/** Whether `authentication.subscription.version` is that of a UC service, `v2.0`, and not of a Link gateway, `1` (protocol §0.1). */
export function isUc(version: unknown): boolean {
  return String(version).startsWith('v');
}

/** Whether a client speaks the words of Kandy.js 3.x where both versions have the same names (legacy-3x 7.1). */
export function isLegacy(call: unknown): boolean {
  if (!isPlain(call)) return false;
  return typeof call['legacy'] === 'boolean' ? call['legacy'] : isPlain(call['callDefaults']);
}

/** The members that are kept and do nothing; older versions had many (legacy-3x 2). */
export function withoutEffect(call: unknown): string[] {
  const known = { ...defaults({}).call, callDefaults: undefined, legacy: undefined };
  return isPlain(call) ? Object.keys(call).filter((name) => !(name in known)) : [];
}

/** What stays as it was at `create` (api-behaviour 2.4), in its section or as a whole. */
const FIXED: readonly (readonly [section: string, names?: readonly string[]])[] = [
  ['logs'],
  ['call', ['sdpHandlers', 'removeH264Codecs', 'legacy']],
];

/** Puts what is fixed back from `before` into `after`; the names of what had changed. */
function keepFixed(before: Record<string, unknown>, after: Record<string, unknown>): string[] {
  const refused: string[] = [];
  for (const [section, names] of FIXED) {
    const [old, next] = [before[section], after[section]];
    if (!isPlain(old) || !isPlain(next)) {
      // Whatever takes the place of the section, its fixed members would be gone.
      if (next !== old) refused.push(section);
      after[section] = old;
      continue;
    }
    const kept = { ...next };
    for (const name of names ?? Object.keys(next)) {
      if (same(old[name], next[name])) continue;
      refused.push(`${section}.${name}`);
      if (name in old) kept[name] = old[name];
      else delete kept[name];
    }
    after[section] = kept;
  }
  return refused;
}

function merged(given: unknown): MergedConfig {
  const config = (isPlain(given) ? copy(given) : {}) as Record<string, any>;
  moveOldNames(config);
  const base = defaults(config);
  const result = merge(base, config) as MergedConfig;
  // These two sections are merged on their first level only.
  result.connectivity = flat(base.connectivity, config['connectivity']);
  result.connectivity.method = asMethod(result.connectivity.method) as never;
  // What messaging can do follows from the kind of service, whatever the application says.
  result.messaging = { ...flat(base.messaging, config['messaging']), features: base.messaging.features };
  return result;
}

/** The documented defaults; some follow from the version of the server. */
function defaults(given: Record<string, any>): MergedConfig {
  const version = given['authentication']?.subscription?.version ?? 'v2.0';
  const uc = isUc(version);
  return {
    logs: {
      logLevel: 'debug',
      flatten: false,
      logActions: { actionOnly: true, collapsed: false, diff: false, exposePayloads: false, level: 'debug' },
      enableFcsLogs: true,
    },
    authentication: {
      subscription: {
        protocol: 'https',
        port: '443',
        version,
        expires: 3600,
        service: uc ? ['call', 'IM', 'Presence'] : ['IM', 'Presence', 'call'],
        ...(uc && { localization: 'English_US', useTurn: true, notificationType: 'WebSocket' }),
      },
      websocket: { protocol: 'wss', port: '443' },
      ...(uc && { earlyRefreshMargin: 300 }),
    },
    call: {
      // In 3.x what is shown of the other side stays while a call is held.
      sdpSemantics: isLegacy(given['call']) ? 'unified-plan' : 'plan-b',
      iceServers: [],
      serverTurnCredentials: true,
      sdpHandlers: [],
      removeH264Codecs: true,
      trickleIceMode: 'NONE',
      normalizeDestination: true,
    },
    connectivity: {
      method: { type: 'keepAlive', responsibleParty: 'client' },
      pingInterval: 30000,
      reconnectLimit: 5,
      reconnectDelay: 5000,
      reconnectTimeMultiplier: 1,
      reconnectTimeLimit: 640000,
      autoReconnect: true,
      maxMissedPings: 3,
      checkConnectivity: true,
    },
    notifications: { idCacheLength: 100, pushRegistration: {} },
    messaging: { features: uc ? ['base', 'parts', 'rich', 'history', 'group'] : ['base'] },
  };
}

/** Spellings of older versions. */
function moveOldNames(config: Record<string, any>): void {
  const { call, logs } = config;
  if (isPlain(call) && 'iceserver' in call) {
    const servers = call['iceserver'];
    call['iceServers'] ??= Array.isArray(servers) ? servers.map(withUrls) : servers;
    delete call['iceserver'];
  }
  if (isPlain(call) && 'serverProvidedTurnCredentials' in call) {
    call['serverTurnCredentials'] ??= call['serverProvidedTurnCredentials'];
    delete call['serverProvidedTurnCredentials'];
  }
  if (isPlain(logs) && logs['logActions'] === true) delete logs['logActions'];
  const actions = isPlain(logs) ? logs['logActions'] : undefined;
  if (isPlain(logs) && isPlain(actions) && 'flattenActions' in actions) {
    logs['flatten'] ??= actions['flattenActions'];
    delete actions['flattenActions'];
  }
}

function withUrls(server: unknown): unknown {
  if (!isPlain(server) || !('url' in server)) return server;
  const { url, ...rest } = server;
  return { urls: url, ...rest };
}

/** `base` with `over` on top: objects member by member, everything else as a whole. */
function merge(base: unknown, over: unknown): unknown {
  if (over === undefined) return base;
  if (!isPlain(base) || !isPlain(over)) return copy(over);
  const result: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    if (key !== '__proto__') result[key] = merge(base[key], value);
  }
  return result;
}

function flat<T extends object>(base: T, over: unknown): T {
  const given = isPlain(over) ? Object.entries(over).filter(([, value]) => value !== undefined) : [];
  return { ...base, ...Object.fromEntries(given) };
}

function asMethod(method: unknown): unknown {
  return typeof method === 'string' ? { type: method, responsibleParty: 'client' } : method;
}

/** Without functions, and without elements, which may hold anything. */
function forEngine(call: unknown): unknown {
  return isPlain(call) ? { ...call, sdpHandlers: undefined, callDefaults: undefined } : undefined;
}
