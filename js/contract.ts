// The words in which the face and the engine speak: plain data down, plain data up. The engine's side of the same
// contract are `Command`, `Query` and `Event` of the core; a name that is wrong here is refused there.

import type { createActions } from './actions.js';

/** One wish of the application, with a number if it waits for the end: the engine then tells `settle`. */
export type Command = { op?: number } & Wish;

type Wish =
  | { type: 'connect'; credentials: Record<string, string | number> }
  | { type: 'disconnect' }
  | { type: 'updateToken'; credentials: Record<string, string | number> }
  | { type: 'updateConnection'; services: string[] }
  | { type: 'configure'; config: object }
  | { type: 'unpacked'; op: number; text?: string }
  | { type: 'connection.enableConnectivityChecking'; enable: boolean }
  | { type: 'notification.process'; notification: unknown; channel: string; platform: string }
  | { type: 'notification.registerPush'; deviceToken: string; services: string[]; pushProvider: string; clientCorrelator: string }
  | { type: 'notification.deregisterPush' }
  | { type: 'notification.enableWebsocket'; enable: boolean }
  | { type: 'call.make'; callId: string; destination: string; media: unknown; options: unknown }
  | { type: 'call.answer'; callId: string; media: unknown; options: unknown }
  | { type: 'call.reject'; callId: string }
  | { type: 'call.ignore'; callId: string }
  | { type: 'call.hold'; callId: string }
  | { type: 'call.unhold'; callId: string }
  | { type: 'call.addMedia'; callId: string; media: unknown; options: unknown }
  | { type: 'call.removeMedia'; callId: string; tracks: string[]; options: unknown }
  | { type: 'call.replaceTrack'; callId: string; trackId: string; media: unknown }
  | { type: 'call.sendDTMF'; callId: string; tone: unknown; duration: unknown; intertoneGap: unknown }
  | { type: 'call.getStats'; callId: string; trackId: string | undefined }
  | { type: 'call.forward'; callId: string; destination: string }
  | { type: 'call.directTransfer'; callId: string; destination: string }
  | { type: 'call.consultativeTransfer'; callId: string; otherCallId: string }
  | { type: 'call.join'; callId: string; otherCallId: string }
  | { type: 'call.end'; callId: string }
  | { type: 'media.renderTracks'; trackIds: string[]; cssSelector: string; options: unknown }
  | { type: 'media.removeTracks'; trackIds: string[]; cssSelector: string }
  | { type: 'media.muteTracks'; trackIds: string[] }
  | { type: 'media.unmuteTracks'; trackIds: string[] };

/** One question; it changes nothing. */
export type Query =
  | { type: 'getConnection' }
  | { type: 'getServices' }
  | { type: 'getUserInfo' }
  | { type: 'connection.getSocketState'; platform: string }
  | { type: 'call.getById'; callId: string }
  | { type: 'call.getAll' }
  | { type: 'media.getDevices' }
  | { type: 'media.getById'; mediaId: string }
  | { type: 'media.getTrackById'; trackId: string }
  | { type: 'people.address'; to: string; path: string };

/** What the engine tells; `payload` is an object, never undefined where it is for the application. */
export interface EngineEvent {
  type: string;
  payload: unknown;
  /** A notification that the people engine has to act upon. */
  people?: boolean;
  /** What the people engine is told in other words. */
  [member: string]: unknown;
}

/** What carries out commands and answers questions: the engine, or whatever stands in until it is there. */
export interface Executor {
  /** Carries out a command; what it causes can be read as soon as this returns. */
  dispatch(command: Command): void;
  /** The answer, `undefined` where there is no such thing. */
  query(query: Query): unknown;
}

/** Level of a log line. */
export type LineLevel = 'debug' | 'info' | 'warn' | 'error';

/** Starts one engine with a merged configuration and the sinks that it reports to; the last only where actions are logged. */
export type StartEngine = (
  config: object,
  onEvent: (event: EngineEvent) => void,
  onLog: (level: LineLevel, line: string) => void,
  editSdp?: EditSdp,
  onAction?: OnAction,
) => Executor;

/**
 * Hears of every input of the engine when it has been handled: its name, what it carries (only with
 * `logs.logActions.exposePayloads`, and nothing of a login), and how long that took in milliseconds. The state before and
 * after is not handed up: the face asks for it.
 */
export type OnAction = (name: string, payload: unknown, milliseconds: number) => void;

/** Hands a description to the application before it is set; rejects where the application fails. */
export type EditSdp = (sdp: string, type: 'offer' | 'answer', endpoint: 'local' | 'remote') => Promise<string>;

/** Gets the engine's code; rejects with a sentence when that is impossible. Throws at once where no attempt is worth it. */
export type LoadEngine = () => Promise<StartEngine>;

/** What a build of the package has inside, where it has the engine inside. */
export interface Inside {
  /** Compiles the engine, once; throws a sentence when that is impossible. */
  start(): StartEngine;
  /** Makes what writes action logs. */
  createActions: CreateActions;
}

/** What a build of the package has to give. */
export type Source = LoadEngine | Inside;

/** Makes what writes action logs (`actions.ts`). */
export type CreateActions = typeof createActions;

/** What the functions of the API need: an executor that never throws, and the log. */
export interface Core extends Executor {
  /** Notes that the application called `name`; `args` must not hold credentials. */
  invoked(name: string, ...args: unknown[]): void;
  /** Writes an error line, for mistakes that have no event. */
  mistake(line: string): void;
}

/** What the people engine is told or asked: `presence.update` and the like, or a fact such as `people:notice`. */
export interface PeopleInput {
  type: string;
  [member: string]: unknown;
}

/** The engine that decides about messages, presence, contacts and the like; its side of the contract is `crates/people`. */
export interface PeopleEngine {
  /** Carries out a wish or takes note of a fact; what it causes can be read as soon as this returns. */
  tell(input: PeopleInput): void;
  /** The answer, `undefined` where there is no such thing. */
  query(query: PeopleInput): unknown;
}

/** What the people engine's hands need of a client. */
export interface PeopleHost {
  /** Where a request goes to, with the headers that show whose it is; nothing if nobody is logged in. */
  address(to: string, path: string): { url: string; headers: [name: string, value: string][] } | undefined;
  /** A file that is on its way. */
  file(number: number): Blob | undefined;
  /** Tells the application, or the face itself. */
  emit(type: string, payload: unknown): void;
  /** Writes a log line. */
  log(level: LineLevel, line: string): void;
}

/** Starts one people engine. */
export type StartPeople = (host: PeopleHost) => PeopleEngine;

/** Gets the people engine's code; rejects with a sentence when that is impossible. */
export type LoadPeople = () => Promise<StartPeople>;
