// Login and connection (api-behaviour 5 and 6).

import { BasicError, codes } from '../errors.js';
import { plain } from '../config.js';
import type { Core } from '../contract.js';
import type { MergedConfig } from '../config-types.js';
import type { ConnectionState, Credentials, ServicesInfo, SocketState, UserInfo } from '../types.js';

/** `client.subscriptionStates`: the values of `getServices().status`. */
export const subscriptionStates = Object.freeze({ FULL: 'FULL', PARTIAL: 'PARTIAL', NONE: 'NONE' } as const);

/** `client.disconnectReasons`: the values of `reason` in `auth:change`. */
export const disconnectReasons = Object.freeze({ GONE: 'GONE', LOST_CONNECTION: 'LOST_CONNECTION' } as const);

/** The members of a client that concern login. */
export interface ConnectionApi {
  /**
   * Logs in. `getConnection().isPending` is true when it returns.
   *
   * Events: `auth:change`, `ws:change` when the socket is being opened and when it is open, `auth:change` when the
   * client is connected; or `auth:change` and `auth:error`.
   *
   * Errors in `auth:error`: `authentication:1` no known combination of credentials, `authentication:9` no token (wrong
   * name or password), `authentication:4` the session was refused, `authentication:2` the WebSocket could not be opened,
   * `engine:1` the engine could not be loaded.
   *
   * @param credentials UC: `username` and `password`, or `accessToken`, or `username` and `refreshToken` or `oauthToken`.
   *   Link: `username` and `password` (with or without `authname`), or `username` and `hmacToken`.
   * @throws TypeError without credentials
   */
  connect(credentials: Credentials): void;
  /**
   * Logs out; all calls are ended before.
   *
   * Events: `auth:change` while it runs and when it is done; `auth:error` with `authentication:3` or
   * `authentication:11` if the server refused (the client is disconnected then, too).
   */
  disconnect(): void;
  /** Whether notifications arrive now, whether that is about to change, and why the last login failed. */
  getConnection(): ConnectionState;
  /** The services that were asked for and those that the server granted. */
  getServices(): ServicesInfo;
  /** Who is logged in; `{}` when nobody is. */
  getUserInfo(): UserInfo;
  /** The values of `getServices().status`. */
  subscriptionStates: typeof subscriptionStates;
  /** The values of `reason` in `auth:change`. */
  disconnectReasons: typeof disconnectReasons;
  /** The WebSocket. */
  connection: {
    /**
     * State of the WebSocket.
     *
     * @param platform `link` (the default) or `uc`
     * @returns the state, or an Error object (returned, not thrown) if there is no socket of this kind
     */
    getSocketState(platform?: string): SocketState | Error;
  };
}

/** The functions, on top of `core`; `config` reads the current configuration. */
export function connectionApi(core: Core, config: () => MergedConfig): ConnectionApi {
  return {
    connect: (credentials) => {
      if (credentials === undefined || credentials === null) {
        throw new TypeError('connect needs credentials, such as { username, password }');
      }
      const known = pick(credentials);
      core.invoked('connect', { username: known['username'] });
      core.dispatch({ type: 'connect', credentials: known });
    },
    disconnect: () => {
      core.invoked('disconnect');
      core.dispatch({ type: 'disconnect' });
    },
    getConnection: () => {
      core.invoked('getConnection');
      return core.query({ type: 'getConnection' }) as ConnectionState;
    },
    getServices: () => {
      core.invoked('getServices');
      return core.query({ type: 'getServices' }) as ServicesInfo;
    },
    getUserInfo: () => {
      core.invoked('getUserInfo');
      return core.query({ type: 'getUserInfo' }) as UserInfo;
    },
    subscriptionStates,
    disconnectReasons,
    connection: {
      getSocketState: (platform = 'link') => {
        core.invoked('connection.getSocketState', platform);
        const state = core.query({ type: 'connection.getSocketState', platform: String(platform) }) as SocketState | undefined;
        if (!state) return new BasicError(codes.NO_CODE, `There is no socket for the platform ${String(platform)}.`);
        // The engine reports the socket; how it is kept is written in the configuration. After a logout neither is left.
        const { checkConnectivity: _, ...kept } = config().connectivity;
        return state.platform ? { ...kept, ...state } : state;
      },
    },
  };
}

const KNOWN: readonly (keyof Credentials)[] = [
  'username',
  'password',
  'authname',
  'hmacToken',
  'accessToken',
  'refreshToken',
  'oauthToken',
  'expires',
];

/** Only what the engine can read: texts and numbers under the known names. */
function pick(credentials: Credentials): Record<string, string | number> {
  return plain(Object.fromEntries(KNOWN.map((name) => [name, credentials[name]]))) as Record<string, string | number>;
}
