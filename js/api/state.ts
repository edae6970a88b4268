// `client.state` and `client.proxy`: parts of 4.8 that applications rarely use (api-behaviour 19, 20).

import { BasicError, codes } from '../errors.js';
import { browserDetails, type BrowserDetails } from '../browser.js';
import type { Emit, Events } from '../emitter.js';

/** `client.state` */
export interface StateApi {
  /**
   * Everything that the other functions tell, in one object: `config`, `authentication`, `connectivity`, `call`, `webrtc`,
   * `callHistory`, `clickToCall`, `messaging`, `mwi`, `notifications`, `presence`, `sipEvents`, `users`.
   */
  get(): Record<string, unknown>;
  /**
   * Hears of every event, after which the state may be another one.
   *
   * @param listener called without arguments
   * @returns what ends it
   * @throws Error if `listener` is no function
   */
  subscribe(listener: () => void): () => void;
}

/** `client.proxy`, there only with `common.allowProxy`: media on another machine, which this SDK does not do. */
export interface ProxyApi {
  /** Refused with `proxy:error`, code `proxy:1`. */
  setProxyMode(value: boolean): void;
  /** Always false. */
  getProxyMode(): boolean;
  /** That there is no proxy. */
  getInfo(): { proxyMode: boolean; hasChannel: boolean; remoteInitialized: boolean };
  /** Which browser this is. */
  getProxyDetails(): BrowserDetails;
  /** Refused with `proxy:error`, code `proxy:1`. */
  setChannel(channel: object): void;
  /** Refused with `proxy:error`, code `proxy:1`. */
  initializeRemote(config: object): void;
}

/** Which question tells a part of the state. */
const PARTS = {
  authentication: 'getConnection',
  connectivity: 'getServices',
  call: 'call.getAll',
  webrtc: 'media.getDevices',
  callHistory: 'callHistory.get',
  clickToCall: 'clickToCall.get',
  messaging: 'conversation.getAll',
  mwi: 'voicemail.get',
  presence: 'presence.getAll',
  sipEvents: 'sip.getDetails',
  users: 'user.getAll',
};

/**
 * `client.state`
 *
 * @param ask asks whichever engine knows
 * @param config the configuration
 */
export function stateApi(ask: (type: string) => unknown, config: () => object, events: Events): StateApi {
  return {
    get: () => ({ config: config(), notifications: {}, ...Object.fromEntries(Object.entries(PARTS).map(([part, type]) => [part, ask(type)])) }),
    subscribe: (listener) => {
      const each = (): void => listener();
      events.subscribe(typeof listener === 'function' ? each : listener);
      return () => events.unsubscribe(each);
    },
  };
}

/** `client.proxy` */
export function proxyApi(emit: Emit): ProxyApi {
  const refuse = (): void => emit('proxy:error', { error: new BasicError(codes.PROXY, 'A proxy is not supported.') });
  return {
    setProxyMode: refuse,
    setChannel: refuse,
    initializeRemote: refuse,
    getProxyMode: () => false,
    getInfo: () => ({ proxyMode: false, hasChannel: false, remoteInitialized: false }),
    getProxyDetails: browserDetails,
  };
}
