// The configuration as `create` takes it and as `getConfig` shows it. `config.ts` has the defaults.

import type { LegacyCallOptions } from './legacy.js';
import type { Bandwidth } from './types.js';

/** What `create` takes. Everything is optional; `config.ts` has the defaults. */
export interface Config {
  /** What is written on the console. */
  logs?: Partial<Omit<LogsConfig, 'logActions'>> & { logActions?: false | Partial<LogActions> };
  /** Where to log in, and what for. */
  authentication?: {
    subscription?: Partial<SubscriptionConfig>;
    websocket?: Partial<ServerConfig>;
    /** UC: seconds before the end of a token's life at which it is renewed. Default 300. */
    earlyRefreshMargin?: number;
  };
  /** How calls are made. */
  call?: Partial<CallConfig>;
  /** How the WebSocket is kept. */
  connectivity?: Partial<Omit<ConnectivityConfig, 'method'>> & { method?: string | Partial<CheckMethod> };
  /** How notifications are received. */
  notifications?: Partial<NotificationsConfig>;
  /** Sections that this version does not know are kept and have no effect. */
  [section: string]: unknown;
}

/** The merged configuration, as `getConfig` returns it. */
export interface MergedConfig {
  logs: LogsConfig;
  authentication: {
    subscription: SubscriptionConfig;
    websocket: ServerConfig;
    earlyRefreshMargin?: number;
  };
  call: CallConfig;
  connectivity: ConnectivityConfig;
  notifications: NotificationsConfig;
  messaging: { features: string[] };
  [section: string]: unknown;
}

/** `logs` */
export interface LogsConfig {
  /** One of `client.logger.levels`, in any letter case. Default `debug`. */
  logLevel: string;
  /** Whether a line is one text instead of a text and further arguments. Default false. */
  flatten: boolean;
  /** Form of action logs. */
  logActions: false | LogActions;
  /** Accepted, without effect. */
  enableFcsLogs: boolean;
  /** Whether console groups are used. */
  enableGrouping?: boolean;
}

/** `logs.logActions` */
export interface LogActions {
  actionOnly: boolean;
  collapsed: boolean;
  diff: boolean;
  exposePayloads: boolean;
  level: string;
}

/** Scheme, host and port of a server. */
export interface ServerConfig {
  /** Host name. */
  server?: string;
  /** `https` or `wss`; for tests on the own machine `http` or `ws`. */
  protocol: string;
  /** Default `'443'`. */
  port: string | number;
}

/** `authentication.subscription`: the REST server and the session wanted there. */
export interface SubscriptionConfig extends ServerConfig {
  /** `v2.0` (the default) means a UC service, `1` a Link gateway. */
  version: string;
  /** Wanted life of the session in seconds; it is extended in time. Default 3600. */
  expires: number;
  /** Wanted services. Default call, IM and Presence. */
  service: string[];
  localization?: string;
  useTurn?: boolean;
  notificationType?: string;
}

/** `call` */
export interface CallConfig {
  /** STUN and TURN servers. Default none. */
  iceServers: IceServer[];
  /** Whether user name and password that the server hands out at login are put into them. Default true. */
  serverTurnCredentials: boolean;
  /** Functions that may change session descriptions. Fixed at `create`. */
  sdpHandlers: SdpHandler[];
  /** Whether H.264 is left out. Default true. Fixed at `create`. */
  removeH264Codecs: boolean;
  /** Whether destinations are brought into the form `sip:user@domain`. Default true. */
  normalizeDestination: boolean;
  /**
   * `plan-b` (default; with `callDefaults` `unified-plan`) or `unified-plan`: whether tracks are reported as ended while a
   * call is held.
   */
  sdpSemantics: string;
  trickleIceMode: string;
  /**
   * For applications that are written for Kandy.js 3.x: defaults for the options of `make` and `answer`. If it is there,
   * states have the texts of 3.x (`IN_CALL`, `ENDED`) in `call.states`, call records and events, and `make` and `answer` work
   * without media.
   */
  callDefaults?: LegacyCallOptions;
  /** Whether the client works in that way, whatever `callDefaults` says. Fixed at `create`. */
  legacy?: boolean;
}

/** A STUN or TURN server. */
export interface IceServer {
  urls: string | string[];
  username?: string;
  credential?: string;
}

/** `connectivity`; times in milliseconds. */
export interface ConnectivityConfig {
  /** How the socket is checked. */
  method: CheckMethod;
  /** Between two checks. Default 30000. */
  pingInterval: number;
  /** Attempts to reconnect in a row; 0 means no limit. Default 5. */
  reconnectLimit: number;
  /** Pause after the first failed attempt. Default 5000. */
  reconnectDelay: number;
  /** By which the pause grows. Default 1. */
  reconnectTimeMultiplier: number;
  /** Longest pause. Default 640000. */
  reconnectTimeLimit: number;
  /** Whether a lost socket is opened again. Default true. */
  autoReconnect: boolean;
  /** Missed checks that mean loss. Default 3. */
  maxMissedPings: number;
  /** Whether the socket is checked at all. Default true. */
  checkConnectivity: boolean;
}

/** `connectivity.method` */
export interface CheckMethod {
  /** `keepAlive` or `pingPong` */
  type: string;
  /** `client` or `server` */
  responsibleParty?: string;
}

/** `notifications` */
export interface NotificationsConfig {
  /** How many ids the filter for repeated notifications remembers. Default 100. */
  idCacheLength: number;
  pushRegistration: { server?: string; port?: string; protocol?: string; version?: string };
  realm?: string;
  bundleId?: string;
}

/** Changes a parsed session description (sections of `sdp-transform`) and returns the one to go on with. */
export type SdpHandler = (newSdp: any, info: SdpHandlerInfo, originalSdp: any) => any;

/** What an SDP handler is told. */
export interface SdpHandlerInfo {
  type?: 'offer' | 'answer';
  endpoint: 'local' | 'remote';
  bandwidth?: Bandwidth;
}
