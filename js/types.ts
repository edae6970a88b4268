// The objects of the public API: what functions take and return, and what events carry. `create` takes those of
// `config-types.ts`.

import type { PeopleEvents } from './api/people-types.js';
import type { ConnectivityConfig } from './config-types.js';
import type { BasicError } from './errors.js';

// ---- arguments ----------------------------------------------------------------------------------------------------

/** What `connect` takes: one of the documented combinations. */
export interface Credentials {
  /** `user@domain` */
  username?: string;
  /** Password of `authname` or `username`. */
  password?: string;
  /** Link: another name to authenticate with. */
  authname?: string;
  /** Link: a token made by the application's server. */
  hmacToken?: string;
  /** UC: a token that the application already has. */
  accessToken?: string;
  /** UC: renews the access token. */
  refreshToken?: string;
  /** UC: an OAuth token. */
  oauthToken?: string;
  /** UC: wanted life of the token in seconds. */
  expires?: number;
}

/** What `updateToken` takes: the tokens to go on with. */
export interface NewToken {
  /** Written to the log, and nothing else. */
  username?: string;
  /** Takes the place of the access token. */
  accessToken?: string;
  /** Takes the place of the OAuth token. */
  oauthToken?: string;
}

/** What `notification.registerPush` takes. */
export interface PushRegistration {
  /** What the push service calls the device. */
  deviceToken: string;
  /** What the device is to hear of: `call`, `IM`. */
  services: string[];
  /** `apple` or `google` */
  pushProvider: string;
  /** A name for the device that stays the same, chosen by the application. */
  clientCorrelator: string;
}

/** Which media a call sends. */
export interface Media {
  /** Whether to use a microphone. Default false. */
  audio?: boolean;
  /** Which one; used if `audio` is true. */
  audioOptions?: { deviceId?: string | Constraint<string>; [constraint: string]: unknown };
  /** Whether to use a camera. Default false. */
  video?: boolean;
  /** Which one, and how; used if `video` is true. Sizes in pixels, `frameRate` in frames per second. */
  videoOptions?: {
    deviceId?: string | Constraint<string>;
    width?: number | Constraint<number>;
    height?: number | Constraint<number>;
    frameRate?: number | Constraint<number>;
    [constraint: string]: unknown;
  };
}

/** A wish (`ideal`) or a condition (`exact`). */
export interface Constraint<T> {
  /** Fails if no device has it. */
  exact?: T;
  /** Comes as near as the device can. */
  ideal?: T;
}

/** Limits on what is received, in kbit/s; 5000 where no number is given. */
export interface Bandwidth {
  /** kbit/s of sound. */
  audio?: number;
  /** kbit/s of pictures. */
  video?: number;
}

/** Options of `answer`. */
export interface AnswerOptions {
  /** Limits on what is received, in kbit/s. */
  bandwidth?: Bandwidth;
}

/** Options of `make`. */
export interface MakeOptions extends AnswerOptions {
  /** Shown to the callee as the caller's name. */
  displayName?: string;
}

/** Options of `renderTracks`. */
export interface RenderOptions {
  /** Device id of the loudspeaker, where the browser lets a page choose. */
  speakerId?: string;
}

// ---- results ------------------------------------------------------------------------------------------------------

/** One of `client.call.states`. */
export type CallState = 'Initiating' | 'Initiated' | 'Ringing' | 'Cancelled' | 'Connected' | 'On Hold' | 'Ended';

/** A call as `getById` shows it: a copy, of one moment. */
export interface CallObject {
  /** From `make` or `call:receive`; it never changes. */
  id: string;
  /** Who began. */
  direction: 'outgoing' | 'incoming';
  /** One of `call.states`. */
  state: CallState;
  /** Undefined on an incoming call until it is answered. */
  localHold: boolean | undefined;
  /** Undefined on an incoming call until it is answered. */
  remoteHold: boolean | undefined;
  /** Ids of the own tracks. */
  localTracks: string[];
  /** Ids of the other side's tracks. */
  remoteTracks: string[];
  /** The other side; `displayNumber` is `user@domain` as soon as the server has reported it. */
  remoteParticipant: { displayNumber?: string; displayName?: string };
  /** Limits on what is received, in kbit/s. */
  bandwidth?: Bandwidth;
  /** When it was connected, in milliseconds since the epoch. */
  startTime?: number;
  /** When it ended, in milliseconds since the epoch. */
  endTime?: number;
  /** Who is called. */
  to: string;
  /** Who calls. */
  from: string;
  /** True for an outgoing call. */
  isCaller: boolean;
  /** What microphone and camera were asked for with. */
  mediaConstraints?: Record<string, unknown>;
  /** As given to `make`. */
  displayName?: string;
  /** True for an incoming call that came without an offer. */
  isSlowStart?: boolean;
  /** True for a call that was made by `join`. */
  isJoinedCall?: boolean;
  /** Id of the call at the server. */
  wrtcsSessionId?: string;
  /** Id of the media connection. */
  webrtcSessionId?: string;
  /** The operation that runs: `ONGOING` until the server took it, `PENDING` until the other side answered. */
  localOp?: { operation: string; status: 'ONGOING' | 'PENDING' };
  /** Left behind by an operation that failed. */
  error?: BasicError;
}

/** A track as `getTrackById` shows it. */
export interface TrackObject {
  /** As in `localTracks`, `remoteTracks` and the events. */
  trackId: string;
  /** The same as `trackId`. */
  id: string;
  /** Also the id of its Media object. */
  streamId: string;
  /** Sound or picture. */
  kind: 'audio' | 'video';
  /** Name of the device. */
  label: string;
  /** Whether `muteTracks` muted it. */
  muted: boolean;
  /** Whether the browser gets no data for it. */
  disabled: boolean;
  /** Whether it goes on. */
  state: 'live' | 'ended';
  /** The selectors where it is shown, in order. */
  containers: string[];
}

/** A stream as `media.getById` shows it. */
export interface MediaObject {
  /** The same as the `streamId` of its tracks. */
  id: string;
  /** Whether it comes from our own devices. */
  local: boolean;
  /** Track ids. */
  tracks: string[];
}

/** A device of the machine. */
export interface DeviceInfo {
  /** For `audioOptions`, `videoOptions` and `speakerId`; stays the same for this page. */
  deviceId: string;
  /** Devices that belong together have the same. */
  groupId: string;
  /** What it is. */
  kind: 'audioinput' | 'videoinput' | 'audiooutput';
  /** Empty until the user has given permission. */
  label: string;
}

/** `media.getDevices()`; `speaker` is empty where the browser does not list outputs. */
export interface DevicesObject {
  /** Cameras. */
  camera: DeviceInfo[];
  /** Microphones. */
  microphone: DeviceInfo[];
  /** Loudspeakers. */
  speaker: DeviceInfo[];
}

/** `getServices()` */
export interface ServicesInfo {
  /** Asked for at the login. */
  requested: string[];
  /** Granted. */
  received: string[];
  /** Asked for and not granted. */
  missing: string[];
  /** `FULL`: all that was asked for. `UNKNOWN`: before a login. */
  status: 'FULL' | 'PARTIAL' | 'NONE' | 'UNKNOWN';
  /** Each that was asked for, and whether it was granted. */
  services: Record<string, boolean>;
}

/** `getConnection()` */
export interface ConnectionState {
  /** Whether notifications arrive now. */
  isConnected: boolean;
  /** Whether a login, a logout or a reconnection is running. */
  isPending: boolean;
  /** The services of this login. */
  subscription: ServicesInfo;
  /** Why the last login or logout failed. */
  error?: BasicError;
}

/** `getUserInfo()`; empty when nobody is logged in. */
export interface UserInfo {
  /** `user@domain` */
  username?: string;
  /** UC. */
  accessToken?: string;
  /** UC. */
  refreshToken?: string;
}

/** `connection.getSocketState()` */
export interface SocketState extends Partial<Omit<ConnectivityConfig, 'checkConnectivity'>> {
  /** Whether it is open, with proof of life. */
  connected: boolean;
  /** Whether it is being checked. */
  pinging: boolean;
  /** Which kind of server it belongs to. */
  platform?: 'link' | 'uc';
  /** Last sign of life, in milliseconds since the epoch. */
  lastContact?: number;
}

// ---- events -------------------------------------------------------------------------------------------------------

/** What every `call:*` event carries. */
export interface CallEvent {
  /** Which call. */
  callId: string;
  /** What failed; undefined if nothing did. */
  error: BasicError | undefined;
}

/** A track came or went. */
export interface TrackEvent extends CallEvent {
  /** Whether it is our own. */
  local: boolean;
  /** For `media.getTrackById` and `renderTracks`. */
  trackId: string;
  /** The same as `trackId`. */
  id?: string;
}

/** State or hold flags of a call changed, or an operation on it failed (then `error` is set). */
export interface StateChangeEvent extends CallEvent {
  /** Why the other side ended the call; a 4xx, 5xx or 6xx status as in SIP where there is one. */
  transition: { prevState?: CallState; statusCode?: string | number; reasonText?: string } | undefined;
  /** State and hold flags before it; the same as now if an operation failed. */
  previous: { state: CallState; localHold: boolean | undefined; remoteHold: boolean | undefined };
  /** The state by the names of Kandy.js 3.x, for applications written for that. */
  state: string;
}

/** Media that this side adds or removes are agreed on, or could not be changed (then `error` is set). */
export interface MediaEvent extends CallEvent {
  /** Always true. */
  local: boolean;
  /** Ids of the tracks; undefined on failure. */
  tracks: string[] | undefined;
  /** Id of the Media object that was added. */
  mediaId?: string;
}

/** Two calls became one, or could not (then `error` is set and `callId` is the first of them). */
export interface JoinEvent extends CallEvent {
  /** Ids of the two calls. */
  joinedCalls: string[];
}

/** What `replaceTrack` asked for is done, or failed (then `error` is set and the call is as it was). */
export interface TrackReplacedEvent extends CallEvent {
  /** The track that is sent now. */
  newTrackId: string | undefined;
  /** The track that was sent before, as it was last: `containers` tells where it was shown. */
  oldTrack: TrackObject | undefined;
}

/** What `getStats` asked for. */
export interface StatsEvent extends CallEvent {
  /** The browser's report. */
  result: RTCStatsReport | undefined;
  /** As given to `getStats`. */
  trackId?: string;
}

/** Every event with its payload. */
export interface EventMap extends PeopleEvents {
  /** The connection changed: pending, connected, disconnected; ask `getConnection`. `reason` is one of `disconnectReasons`. */
  'auth:change': { reason?: string; forced?: boolean };
  /** A login or logout failed, or a change of tokens or services. */
  'auth:error': { error: BasicError; reason?: string };
  /**
   * An attempt to extend the session ended. `attemptNum` is 1 after a success and one more after each failure; the session
   * lives on meanwhile.
   */
  'auth:resub': { attemptNum: number; isFailure: boolean; error?: BasicError };
  /** The WebSocket: an attempt begins, it is open, it is lost. */
  'ws:change': { platform: string };
  /** The server accepted an outgoing call; its `localTracks` are known. */
  'call:start': CallEvent;
  /** A call came in and rings. */
  'call:receive': CallEvent;
  /** A call has another state or is held otherwise, or an operation on it failed. */
  'call:stateChange': StateChangeEvent;
  /** A track of a call that was not known at `call:start` or `call:receive`. */
  'call:newTrack': TrackEvent;
  /** A track of a call is over, and gone from the page. */
  'call:trackEnded': TrackEvent;
  /** What `addMedia` asked for is there, or failed. */
  'call:newMedia': MediaEvent;
  /** What `removeMedia` asked for is done, or failed. */
  'call:removedMedia': MediaEvent;
  /** What `replaceTrack` asked for is done, or failed. */
  'call:trackReplaced': TrackReplacedEvent;
  /** What `getStats` asked for. */
  'call:statsReceived': StatsEvent;
  /** The server accepted a call that joins two others, or it came to nothing. */
  'call:join': JoinEvent;
  /** An operation on a call failed: after the event that says so, or alone where there is none. */
  'call:error': CallEvent;
  /** The same, because microphone or camera could not be had. */
  'media:error': CallEvent;
  /** The list of devices is known, or changed. */
  'devices:change': { devices?: DevicesObject };
  /** The answer to `media.init` of Kandy.js 3.x. */
  'media:initialize': { result: { error: boolean; code: number; message: string } };
  /** Tracks were muted: those of the given ids that exist. */
  'media:muted': { tracks: string[] };
  /** Tracks were unmuted: those of the given ids that exist. */
  'media:unmuted': { tracks: string[] };
  /** The server sent something; comes before the events that it causes. `payload` is what it sent. */
  'notification:received': { payload: unknown };
  /** A channel of notifications, `WEBSOCKET` or `PUSH`, was switched on or off. */
  'notifications:change': { channel: string };
  /** A channel could not be switched, or what came by it could not be processed. */
  'notifications:error': { channel: string; error: BasicError };
}

/** Name of an event. */
export type EventName = keyof EventMap;

/** A listener of one event. */
export type Listener<T extends EventName> = (payload: EventMap[T]) => void;

/** A listener of all events: the payload is the only element of an array. */
export type GlobalListener = (type: EventName, args: [payload: EventMap[EventName]]) => void;
