// The `…Async` forms of what changes something: the same operation, to be awaited (docs/promises.md, which is made of this file).
// Parameters and events are those of the function of that name; the promise ends after the event.

import type { Container } from '../containers.js';
import type { Conversation, FetchConversationsOptions, StoredMessage } from './conversation-types.js';
import type { CallRecord, Contact, Presence, SelfPresence, User, UserFilters, UserSearchOptions, Voicemail } from './people-types.js';
import type {
  AnswerOptions,
  CallObject,
  ConnectionState,
  Credentials,
  MakeOptions,
  Media,
  NewToken,
  PushRegistration,
  RenderOptions,
  TrackObject,
} from '../types.js';

/** `client` */
export interface ConnectionTwins {
  /**
   * Resolves with `getConnection()` when the client is connected.
   *
   * Rejects with `authentication:1`, `authentication:2`, `authentication:4`, `authentication:9`; `NO_CODE` if somebody is
   * logged in already, or the login was given up.
   */
  connectAsync(credentials: Credentials): Promise<ConnectionState>;
  /**
   * Resolves with `getConnection()` when the client is disconnected.
   *
   * Rejects with `authentication:3`, `authentication:11`; the client is disconnected then, too.
   */
  disconnectAsync(): Promise<ConnectionState>;
  /**
   * Resolves with `getConnection()` when requests use the new token.
   *
   * Rejects with `NO_CODE` without a login of UC that is up, or without a token.
   */
  updateTokenAsync(credentials: NewToken): Promise<ConnectionState>;
  /**
   * Resolves with `getConnection()` when the server has answered; `subscription` shows what it granted.
   *
   * Rejects with `authentication:6`; `NO_CODE` without a login of Link that is up.
   */
  updateConnectionAsync(services: string[] | { services: string[] }): Promise<ConnectionState>;
}

/** `client.call` */
export interface CallTwins {
  /**
   * Resolves with the call's id when the server has accepted the call; whether somebody answers is told by events.
   *
   * Rejects with `call:4`, `call:6`, `call:7`, `call:9`; `NO_CODE` if the server refused.
   */
  makeAsync(destination: string, media: Media, options?: MakeOptions): Promise<string>;
  /**
   * Resolves with the call when it is connected.
   *
   * Rejects with `call:2`, `call:4`, `call:6`, `call:7`, `call:10`, or the server's number.
   */
  answerAsync(callId: string, media: Media, options?: AnswerOptions): Promise<CallObject>;
  /**
   * Resolves with the call when it is over.
   *
   * Rejects with `call:6`, `call:7`, or the server's number.
   */
  rejectAsync(callId: string): Promise<CallObject>;
  /**
   * Resolves with the call when it is over here.
   *
   * Rejects with `call:6`, `call:7`.
   */
  ignoreAsync(callId: string): Promise<CallObject>;
  /**
   * Resolves with the call when the other side has taken part in the hold.
   *
   * Rejects with `call:2`, `call:6`, `call:7`, or the server's number.
   */
  holdAsync(callId: string): Promise<CallObject>;
  /**
   * Resolves with the call when this side holds no more; it is `On Hold` while the other side does.
   *
   * Rejects with `call:2`, `call:6`, `call:7`, or the server's number.
   */
  unholdAsync(callId: string): Promise<CallObject>;
  /**
   * Resolves with the ids of the new tracks when the other side has agreed.
   *
   * Rejects with `call:2`, `call:4`, `call:6`, `call:7`, or the server's number.
   */
  addMediaAsync(callId: string, media?: Media, options?: AnswerOptions): Promise<string[]>;
  /**
   * Resolves with the ids of the removed tracks when the other side has agreed.
   *
   * Rejects with `call:2`, `call:6`, `call:7`, or the server's number.
   */
  removeMediaAsync(callId: string, tracks: string[], options?: AnswerOptions): Promise<string[]>;
  /**
   * Resolves with `newTrackId` and `oldTrack`, what `call:trackReplaced` carries.
   *
   * Rejects with `call:2`, `call:4`, `call:6`, `call:7`.
   */
  replaceTrackAsync(callId: string, trackId: string, media: Media): Promise<{ newTrackId: string; oldTrack: TrackObject }>;
  /**
   * Resolves with the call when the tones are taken; that they were played has no event.
   *
   * Rejects with `call:6`, `call:7`.
   */
  sendDTMFAsync(callId: string, tone: string | number, duration?: number, intertoneGap?: number): Promise<CallObject>;
  /**
   * Resolves with the browser's `RTCStatsReport`.
   *
   * Rejects with `call:2`, `call:6`, `call:7`.
   */
  getStatsAsync(callId: string, trackId?: string): Promise<RTCStatsReport>;
  /**
   * Resolves with the call when it has gone to somebody else.
   *
   * Rejects with `call:6`, `call:7`, or the server's number.
   */
  forwardAsync(callId: string, destination: string): Promise<CallObject>;
  /**
   * Resolves with the call when the other side talks to somebody else; the call is over here.
   *
   * Rejects with `call:2`, `call:6`, `call:7`, or the server's number.
   */
  directTransferAsync(callId: string, destination: string): Promise<CallObject>;
  /**
   * Resolves with the first call when the two others talk to each other; both calls are over here.
   *
   * Rejects with `call:2`, `call:6`, `call:7`, or the server's number.
   */
  consultativeTransferAsync(callId: string, otherCallId: string): Promise<CallObject>;
  /**
   * Resolves with the id of the new call when the server has accepted it.
   *
   * Rejects with `call:2`, `call:4`, `call:6`, `call:7`; `NO_CODE` if the server refused.
   */
  joinAsync(callId: string, otherCallId: string): Promise<string>;
  /**
   * Resolves with the call when it is over, at once if it was.
   *
   * Rejects with `call:7`, or the server's number; the call is over here then, too.
   */
  endAsync(callId: string): Promise<CallObject>;
}

/** `client.media` */
export interface MediaTwins {
  /**
   * Resolves with nothing when the elements are asked for; that a container was not found is a line in the log.
   *
   * Rejects with nothing of its own.
   */
  renderTracksAsync(trackIds: string[], container: Container, options?: RenderOptions): Promise<void>;
  /**
   * Resolves with nothing when they are taken off the page.
   *
   * Rejects with nothing of its own.
   */
  removeTracksAsync(trackIds: string[], container: Container): Promise<void>;
  /**
   * Resolves with those of the ids that exist.
   *
   * Rejects with nothing of its own.
   */
  muteTracksAsync(trackIds: string[]): Promise<string[]>;
  /**
   * Resolves with those of the ids that exist.
   *
   * Rejects with nothing of its own.
   */
  unmuteTracksAsync(trackIds: string[]): Promise<string[]>;
}

/** `client.notification` */
export interface NotificationTwins {
  /**
   * Resolves with nothing when the client has taken it; what it causes is told by events.
   *
   * Rejects with nothing of its own.
   */
  processAsync(notification: object, channel?: string, platform?: string): Promise<void>;
  /**
   * Resolves with nothing when the server has the device.
   *
   * Rejects with `NO_CODE`.
   */
  registerPushAsync(params: PushRegistration): Promise<void>;
  /**
   * Resolves with nothing when the server has forgotten the device.
   *
   * Rejects with `NO_CODE`.
   */
  deregisterPushAsync(): Promise<void>;
  /**
   * Resolves with nothing when it is switched.
   *
   * Rejects with nothing of its own.
   */
  enableWebsocketAsync(enable: boolean): Promise<void>;
}

/** `client.conversation` */
export interface ConversationsTwins {
  /**
   * Resolves with `getAll()` when the list has come; on Link, where there is none, at once.
   *
   * Rejects with `messaging:8`, or the server's number.
   */
  fetchAsync(options?: FetchConversationsOptions): Promise<Conversation[]>;
}

/** A conversation */
export interface ConversationTwins {
  /**
   * Resolves with nothing when they are forgotten here.
   *
   * Rejects with nothing of its own.
   */
  clearMessagesAsync(): Promise<void>;
  /**
   * Resolves with `getMessages()` when the messages have come, with all their parts.
   *
   * Rejects with `messaging:6`.
   */
  fetchMessagesAsync(amount?: number, options?: { before?: string }): Promise<StoredMessage[]>;
  /**
   * Resolves with nothing when all of them are deleted.
   *
   * Rejects with `NO_CODE`, or the server's number; those before it are deleted.
   */
  deleteMessagesAsync(messageIds?: string[]): Promise<void>;
  /**
   * Resolves with nothing when it is deleted.
   *
   * Rejects with `NO_CODE`, or the server's number.
   */
  deleteAsync(): Promise<void>;
}

/** A message that is being written */
export interface MessageTwins {
  /**
   * Resolves with the message when the server has it; while there is no connection it waits.
   *
   * Rejects with `messaging:5`, `messaging:7`, `messaging:9`, `messaging:10`, or the server's number.
   */
  sendAsync(): Promise<StoredMessage>;
}

/** A message of a conversation */
export interface StoredMessageTwins {
  /**
   * Resolves with the id of the new message when the server has it.
   *
   * Rejects with what `sendAsync` rejects with.
   */
  forwardAsync(destination: string): Promise<string>;
  /**
   * Resolves with nothing when it is marked, at the server, too, if that understands it.
   *
   * Rejects with `messaging:2`, or the server's number.
   */
  markReadAsync?(): Promise<void>;
}

/** `client.presence` */
export interface PresenceTwins {
  /**
   * Resolves with `getSelf()` when the server has it.
   *
   * Rejects with `presence:1`, `presence:2`; `NO_CODE`, or the server's number.
   */
  updateAsync(status: string, activity: string, note?: string): Promise<SelfPresence>;
  /**
   * Resolves with what the server has answered of these users by then; the rest is told by `presence:change`.
   *
   * Rejects with `NO_CODE`, or the server's number.
   */
  fetchAsync(users: string | string[]): Promise<Presence[]>;
  /**
   * Resolves with nothing when the server will tell.
   *
   * Rejects with `NO_CODE`, or the server's number.
   */
  subscribeAsync(users: string | string[]): Promise<void>;
  /**
   * Resolves with nothing when the server will tell no more.
   *
   * Rejects with `NO_CODE`, or the server's number.
   */
  unsubscribeAsync(users: string | string[]): Promise<void>;
}

/** `client.contacts` */
export interface ContactsTwins {
  /**
   * Resolves with the contact when the server has it.
   *
   * Rejects with `users:1`, `users:4`, or the server's number.
   */
  addAsync(contact: Contact): Promise<Contact>;
  /**
   * Resolves with the contact as it is from now on.
   *
   * Rejects with `users:1`, `users:4`, or the server's number.
   */
  updateAsync(contact: Contact): Promise<Contact>;
  updateAsync(contactId: string, contact: Partial<Contact>): Promise<Contact>;
  /**
   * Resolves with nothing when the server has removed it.
   *
   * Rejects with `users:1`, `users:4`, or the server's number.
   */
  removeAsync(contactId: string): Promise<void>;
  /**
   * Resolves with the contact.
   *
   * Rejects with `users:1`, `users:4`, or the server's number.
   */
  fetchAsync(contactId: string): Promise<Contact>;
  /**
   * Resolves with all contacts, by their id.
   *
   * Rejects with `users:2`, or the server's number.
   */
  refreshAsync(): Promise<Record<string, Contact>>;
}

/** `client.user` */
export interface UserTwins {
  /**
   * Resolves with the user, as the only one in `results`; with undefined if there is none.
   *
   * Rejects with `users:3`, `users:4`, or the server's number.
   */
  fetchAsync(userId: string): Promise<{ results: User[] } | undefined>;
  /**
   * Resolves with your own profile, as the only one in `results`.
   *
   * Rejects with `users:3`, or the server's number.
   */
  fetchSelfInfoAsync(): Promise<{ results: User[] }>;
  /**
   * Resolves with what was found; `next` is where the rest of it begins, if there is more.
   *
   * Rejects with `users:3`, or the server's number.
   */
  searchAsync(filters?: UserFilters, options?: UserSearchOptions): Promise<{ results: User[]; next?: string }>;
}

/** `client.voicemail` */
export interface VoicemailTwins {
  /**
   * Resolves with the indicators.
   *
   * Rejects with `mwi:1`.
   */
  fetchAsync(): Promise<Voicemail>;
}

/** `client.call.history` */
export interface CallHistoryTwins {
  /**
   * Resolves with all records, newest first.
   *
   * Rejects with `callHistory:1`, `callHistory:2`.
   */
  fetchAsync(amount?: number, offset?: number): Promise<CallRecord[]>;
  /**
   * Resolves with the records that are left.
   *
   * Rejects with `callHistory:1`, `callHistory:2`, `callHistory:3`.
   */
  removeAsync(recordId: string): Promise<CallRecord[]>;
  /**
   * Resolves with the records that are left: none.
   *
   * Rejects with `callHistory:1`, `callHistory:3`.
   */
  clearAsync(): Promise<CallRecord[]>;
}

/** `client.clickToCall` */
export interface ClickToCallTwins {
  /**
   * Resolves with the id when the server has begun.
   *
   * Rejects with `clickToCall:1`, `clickToCall:2`.
   */
  makeAsync(caller: string, callee: string): Promise<string>;
  /**
   * Resolves with the id when the server has begun.
   *
   * Rejects with `clickToCall:1`, `clickToCall:2`.
   */
  clickToCallAsync(caller: string, callee: string): Promise<string>;
}

/** `client.sip` */
export interface SipTwins {
  /**
   * Resolves with nothing when the server will tell; `getDetails` has the subscription.
   *
   * Rejects with `sipEvents:1`, `sipEvents:2`.
   */
  subscribeAsync(eventType: string, users: string[], clientCorrelator?: string, customParameters?: object[]): Promise<void>;
  /**
   * Resolves with nothing when the server has changed it.
   *
   * Rejects with `sipEvents:1`, `sipEvents:3`.
   */
  updateAsync(
    eventType: string,
    userLists: { subscribeUserList?: string[]; unsubscribeUserList?: string[] },
    customParameters?: object[],
  ): Promise<void>;
  /**
   * Resolves with nothing when it has ended.
   *
   * Rejects with `sipEvents:1`, `sipEvents:3`.
   */
  unsubscribeAsync(eventType: string): Promise<void>;
}
