// Login and connection (api-behaviour 5 and 6).

import { BasicError, codes } from '../errors.js';
import { plain, texts } from '../plain.js';
import { ask, wish } from '../invoke.js';
import type { Core } from '../contract.js';
import type { MergedConfig } from '../config-types.js';
import type { ConnectionState, Credentials, NewToken, ServicesInfo, SocketState, UserInfo } from '../types.js';

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
   *
   * @example
   * client.on('auth:change', () => console.log(client.getConnection().isConnected))
   * client.on('auth:error', ({ error }) => console.log(error.message))
   * client.connect({ username: 'alice@example.com', password: 'demo' })
   */
  connect(credentials: Credentials): void;
  /**
   * Logs out; all calls are ended before.
   *
   * Events: `auth:change` while it runs and when it is done; `auth:error` with `authentication:3` or
   * `authentication:11` if the server refused (the client is disconnected then, too).
   */
  disconnect(): void;
  /**
   * Goes on with another token; the subscription is extended with it. UC, and connected; otherwise nothing happens, and there is no event.
   *
   * Events: `auth:change`; `auth:error` with `engine:1` if the engine could not be loaded.
   *
   * @param credentials `accessToken` or `oauthToken`
   * @throws TypeError without credentials
   */
  updateToken(credentials: NewToken): void;
  /**
   * Asks for other services. Link, and connected; a UC service cannot do it, and nothing happens.
   *
   * Events: `auth:change` when `getServices` shows them; `auth:error` with `authentication:6` if the server refused, and
   * with `engine:1` if the engine could not be loaded. Anything but texts is left out; without a list nothing happens.
   *
   * @param services all that are wanted from now on, such as `['call']`, or an object with them as `services`
   */
  updateConnection(services: string[] | { services: string[] }): void;
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
    /**
     * Switches the checks of the WebSocket on or off, from now on. Without them a loss is noticed only when the browser
     * notices it. No event.
     *
     * @param enable whether to check
     */
    enableConnectivityChecking(enable: boolean): void;
  };
}

/** The functions, on top of `core`; `config` reads the current configuration. */
export function connectionApi(core: Core, config: () => MergedConfig): ConnectionApi {
  return {
    connect: (credentials) => {
      mustBeGiven('connect', credentials, '{ username, password }');
      const known = pick(credentials);
      core.invoked('connect', { username: known['username'] });
      core.dispatch({ type: 'connect', credentials: known });
    },
    disconnect: () => {
      wish(core, { type: 'disconnect' });
    },
    updateToken: (credentials) => {
      mustBeGiven('updateToken', credentials, '{ accessToken }');
      const known = pick(credentials);
      core.invoked('updateToken', { username: known['username'] });
      core.dispatch({ type: 'updateToken', credentials: known });
    },
    updateConnection: (given) => {
      const services: unknown = Array.isArray(given) ? given : Object(given).services;
      if (!Array.isArray(services)) return core.mistake('updateConnection needs a list of services, such as ["call"]');
      wish(core, { type: 'updateConnection', services: texts(services) });
    },
    getConnection: () => ask(core, { type: 'getConnection' }),
    getServices: () => ask(core, { type: 'getServices' }),
    getUserInfo: () => ask(core, { type: 'getUserInfo' }),
    subscriptionStates,
    disconnectReasons,
    connection: {
      getSocketState: (platform = 'link') => {
        const state: SocketState | undefined = ask(core, { type: 'connection.getSocketState', platform: String(platform) });
        if (!state) return new BasicError(codes.NO_CODE, `There is no socket for the platform ${String(platform)}.`);
        // The engine reports the socket; how it is kept is written in the configuration. After a logout neither is left.
        const { checkConnectivity: _, ...kept } = config().connectivity;
        return state.platform ? { ...kept, ...state } : state;
      },
      enableConnectivityChecking: (enable) => {
        if (typeof enable !== 'boolean') return core.mistake('connection.enableConnectivityChecking needs true or false');
        wish(core, { type: 'connection.enableConnectivityChecking', enable });
      },
    },
  };
}

function mustBeGiven(name: string, credentials: unknown, example: string): void {
  if (credentials === undefined || credentials === null) throw new TypeError(`${name} needs credentials, such as ${example}`);
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
