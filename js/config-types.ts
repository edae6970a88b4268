// The configuration as `create` takes it and as `getConfig` shows it. `config.ts` has the defaults.

import type { LegacyCallOptions } from './legacy.js';

/**
 * What `create` takes. Everything is optional; `config.ts` has the defaults. Each section says from when on a value counts that
 * `updateConfig` brings.
 */
export interface Config {
  /** What is written, and where. Fixed at `create`. */
  logs?: Partial<Omit<LogsConfig, 'logActions'>> & {
    /** `true` means the defaults, `false` no such lines. */
    logActions?:
      | boolean
      | (Partial<LogActions> & {
          /** @deprecated The older name of `logs.flatten`. */
          flattenActions?: boolean;
        });
  };
  /** Where to log in, and what for. From the next `connect` on. */
  authentication?: {
    subscription?: Partial<SubscriptionConfig>;
    websocket?: Partial<ServerConfig>;
    /** UC: seconds before the end of a token's life at which it is renewed. Default 300. */
    earlyRefreshMargin?: number;
  };
  /** How calls are made. From the next call on; servers from the next `connect`, `normalizeDestination` at once. */
  call?: Partial<CallConfig> & {
    /** @deprecated The name of Kandy.js 3.x for `iceServers`, where a server may have `url`. */
    iceserver?: (Partial<IceServer> & { url?: string })[];
    /** @deprecated The name of Kandy.js 3.x for `serverTurnCredentials`. */
    serverProvidedTurnCredentials?: boolean;
  };
  /** How the WebSocket is kept. From the next socket on, `pingInterval` from the next check. */
  connectivity?: Partial<Omit<ConnectivityConfig, 'method'>> & { method?: string | Partial<CheckMethod> };
  /** How notifications are received. At the next use. */
  notifications?: Partial<NotificationsConfig>;
  /** Accepted; `features` follows from the kind of server. */
  messaging?: { features?: string[] };
  /** `allowProxy`: whether `client.proxy` is there, which refuses everything. Default false. Fixed at `create`. */
  common?: { allowProxy?: boolean };
  /** Sections that this version does not know are kept and have no effect. */
  [section: string]: unknown;
}

/** The merged configuration, as `getConfig` returns it: the values in force. */
export interface MergedConfig {
  /** As given to `create`. */
  logs: LogsConfig;
  /** Where to log in. */
  authentication: {
    subscription: SubscriptionConfig;
    websocket: ServerConfig;
    earlyRefreshMargin?: number;
  };
  /** How calls are made. */
  call: CallConfig;
  /** How the WebSocket is kept. */
  connectivity: ConnectivityConfig;
  /** How notifications are received. */
  notifications: NotificationsConfig;
  /** What conversations of this kind of server can do. */
  messaging: { features: string[] };
  /** `allowProxy`: whether `client.proxy` is there, which refuses everything. */
  common?: { allowProxy?: boolean };
  [section: string]: unknown;
}

/** `logs`. All clients of a page share it: the last `create` counts, and `updateConfig` changes nothing. */
export interface LogsConfig {
  /** One of `client.logger.levels`, in any letter case; `trace` is the same as `debug`. Default `debug`. */
  logLevel: string;
  /** Whether a line is one text instead of a text and further arguments. Default false. */
  flatten: boolean;
  /** Lines about what happens inside, at the levels `debug` and `info`. `true` means the defaults, `false` none. */
  logActions: false | LogActions;
  /** Accepted, without effect. Default true. */
  enableFcsLogs: boolean;
  /** Whether the lines of an action stand in a group of the console. Not there by default, which is the same as true. */
  enableGrouping?: boolean;
  /** Gets every line in place of the console, without groups. Default none. */
  handler?: LogHandler;
}

/**
 * Gets lines that the console would get. What it throws, or rejects with, is told on the console once, and disturbs nothing;
 * lines that it causes while it runs go to the console.
 */
export type LogHandler = (entry: LogEntry) => void;

/** One line. No part of it holds a credential or a session description. */
export interface LogEntry {
  /** Milliseconds since the epoch. */
  timestamp: number;
  /** How much it matters. */
  level: 'debug' | 'info' | 'warn' | 'error';
  /** Who writes: `CLIENT`, `API`, `ENGINE`, `ACTION`. */
  target: string;
  /** One sentence. */
  message: string;
  /** What belongs to the message; with `flatten` the same, as nothing is made flat for a handler. */
  args: unknown[];
}

/** `logs.logActions`. An action is one input of the engine: a function called, an answer or a notification received, a timer. */
export interface LogActions {
  /** Whether nothing but the action is written; else also the state before and after. Default true. */
  actionOnly: boolean;
  /** Whether groups are closed at first. Default false. */
  collapsed: boolean;
  /** Whether it is listed what the action changed. Default false. */
  diff: boolean;
  /** Whether actions show what they carry, without what is secret; a login and a configuration never do. Default false. */
  exposePayloads: boolean;
  /** The level of these lines; `silent` for none. Default `debug`. */
  level: string;
  /** Names of actions that are left out. Default none. */
  excludeActions?: string[];
}

/** Scheme, host and port of a server. */
export interface ServerConfig {
  /** Host name. No default: without it nobody can log in. */
  server?: string;
  /** `https` (REST, the default there) or `wss` (WebSocket, the default there); for tests on one's own machine `http` or `ws`. */
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
  /** Language of the server's texts. UC; default `English_US`. */
  localization?: string;
  /** Accepted; servers are always asked for relays. UC; default true. */
  useTurn?: boolean;
  /** How notifications come. UC; default `WebSocket`, the only way that there is. */
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
  /** Default `NONE`, the only mode that there is: descriptions wait for their candidates. */
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
  /** Such as `turn:turn.example.com:3478`. */
  urls: string | string[];
  /** Its own, in place of that of the server. */
  username?: string;
  /** The password for `username`. */
  credential?: string;
}

/** `connectivity`; times in milliseconds. From the next socket on, `pingInterval` from the next check. */
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
  /** Kept for older configurations, without effect: one check that is not answered means loss. Default 3. */
  maxMissedPings: number;
  /** Whether the socket is checked at all. Default true. */
  checkConnectivity: boolean;
}

/** `connectivity.method`; a text is its `type`. An object replaces the default as a whole. */
export interface CheckMethod {
  /** `keepAlive` (the default) or `pingPong` */
  type: string;
  /** Who begins: `client` (the default) or `server` */
  responsibleParty?: string;
}

/** `notifications`. At the next use. */
export interface NotificationsConfig {
  /** How many ids the filter for repeated notifications remembers. Default 100. */
  idCacheLength: number;
  /** Where devices are registered for push; what is missing is as in `authentication.subscription`. Default nothing. */
  pushRegistration: { server?: string; port?: string | number; protocol?: string; version?: string };
  /** Passed on to the push service of the server. Default none. */
  realm?: string;
  /** Which application the device has, as the push service knows it. Default none. */
  bundleId?: string;
}

/**
 * Changes a parsed session description and returns the one to go on with. What it throws fails the operation that it was called for.
 *
 * @param newSdp the description as the handlers before it left it; it may be changed
 * @param info what it is
 * @param originalSdp the description as the browser or the other side made it; it is frozen
 */
export type SdpHandler = (newSdp: ParsedSdp, info: SdpHandlerInfo, originalSdp: ParsedSdp) => ParsedSdp;

/** A session description in the parts into which `sdp-transform` takes it. */
export interface ParsedSdp {
  /** A section for each line of media, in their order. */
  media: ParsedSdpMedia[];
  /** What else stands in it. */
  [part: string]: unknown;
}

/** One section of a session description. */
export interface ParsedSdpMedia {
  /** `audio`, `video` or `application` */
  type: string;
  /** 0 for a line that is not used. */
  port: number;
  /** Such as `UDP/TLS/RTP/SAVPF`. */
  protocol: string;
  /** Who sends. */
  direction?: 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';
  /** Its name, by which both sides know it. */
  mid?: string | number;
  /** Numbers of the formats, separated by blanks. */
  payloads?: string | number;
  /** Names of the formats. `rate` in Hz; `encoding` is the number of channels. */
  rtp?: { payload: number; codec: string; rate?: number; encoding?: number }[];
  /** Parameters of the formats. */
  fmtp?: { payload: number; config: string }[];
  /** Feedback that is understood, by format. */
  rtcpFb?: { payload: number | string; type: string; subtype?: string }[];
  /** `AS` in kbit/s, `TIAS` in bit/s */
  bandwidth?: { type: string; limit: number | string }[];
  /** What else stands in it. */
  [attribute: string]: unknown;
}

/** What an SDP handler is told. */
export interface SdpHandlerInfo {
  /** Whether somebody proposes something, or says yes to it. */
  type?: 'offer' | 'answer';
  /** Whether it was made here or came from the other side. */
  endpoint: 'local' | 'remote';
}
