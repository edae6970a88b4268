// What the namespaces of people have: presence, contacts, users, voicemail, call history, click to call, SIP events.

import type { BasicError } from '../errors.js';

/** `client.presence` */
export interface PresenceApi {
  /** Values for the first argument of `update`. */
  statuses: { OPEN: 'open'; CLOSED: 'closed' };
  /** Values for its second argument. */
  activities: Record<'ACTIVE' | 'AVAILABLE' | 'IDLE' | 'AWAY' | 'LUNCH' | 'OTHER' | 'BUSY' | 'VACATION' | 'ON_THE_PHONE' | 'UNKNOWN', string>;
  /**
   * Tells others what you do. Event: `presence:selfChange`; `presence:error` with `presence:1` for an unknown status, `presence:2`
   * for an unknown activity, or what the server said.
   *
   * @param status `open` or `closed`
   * @param activity one of `activities`
   * @param note free text, meant for the activity `other`
   */
  update(status: string, activity: string, note?: string): void;
  /**
   * Asks for the presence of somebody, once. Event for each: `presence:change`, or `presence:error`.
   *
   * @param users `user@domain`, one or several
   */
  fetch(users: string | string[]): void;
  /**
   * Hears of the presence of somebody from now on. Events: `presence:change` at once and after each change, or `presence:error`.
   *
   * @param users `user@domain`, one or several
   *
   * @example
   * client.on('presence:change', ({ userId, activity }) => console.log(userId, activity))
   * client.presence.subscribe(['bob@example.com', 'carol@example.com'])
   */
  subscribe(users: string | string[]): void;
  /**
   * Hears of it no more; what is known stays. No event.
   *
   * @param users `user@domain`, one or several
   */
  unsubscribe(users: string | string[]): void;
  /**
   * What is known of these users, always a list; unknown ones are left out.
   *
   * @param users `user@domain`, one or several
   */
  get(users: string | string[]): Presence[];
  /** What is known of everybody. */
  getAll(): Presence[];
  /** What you told last; an empty object before. */
  getSelf(): SelfPresence;
}

/** Presence of somebody. */
export interface Presence {
  /** `user@domain` */
  userId: string;
  /** `open` or `closed` */
  status?: string;
  /** One of `activities`, or whatever the server says. */
  activity?: string;
  /** Free text. */
  note?: string;
  /** Whether an answer is awaited. */
  loading: boolean;
}

/** Your own presence. */
export interface SelfPresence {
  /** `open` or `closed` */
  status?: string;
  /** One of `activities`. */
  activity?: string;
  /** Free text. */
  note?: string;
  /** Whether an update is under way. */
  loading?: boolean;
  /** Why the last one failed. */
  error?: false | BasicError;
}

/** `client.contacts` */
export interface ContactsApi {
  /**
   * Adds a contact. Events: `contacts:new` and `contacts:change`, or `contacts:error`.
   *
   * @param contact with a `contactId` of your choice
   */
  add(contact: Contact): void;
  /**
   * Changes one; the older form has the id first. Event: `contacts:change`, or `contacts:error`.
   *
   * @param contact with its `contactId`
   */
  update(contact: Contact): void;
  /**
   * @param contactId which one
   * @param contact what it is to have
   * @deprecated Pass the contact alone, with its `contactId`.
   */
  update(contactId: string, contact: Partial<Contact>): void;
  /**
   * Removes one. Event: `contacts:change`, or `contacts:error`.
   *
   * @param contactId which one
   */
  remove(contactId: string): void;
  /**
   * Loads one. Event: `contacts:change`, or `contacts:error`.
   *
   * @param contactId which one
   */
  fetch(contactId: string): void;
  /** Loads all. Event: `contacts:change`, or `contacts:error`. */
  refresh(): void;
  /**
   * One contact; undefined if it is not known here.
   *
   * @param contactId which one
   */
  get(contactId: string): Contact | undefined;
  /** All that are known here, by their id. */
  getAll(): Record<string, Contact>;
}

/** An entry of the address book. Empty members are not sent. */
export interface Contact {
  /** The key of the entry, chosen by you. */
  contactId: string;
  /** `user@domain` */
  primaryContact?: string;
  /** First name. */
  firstName?: string;
  /** Last name. */
  lastName?: string;
  /** Address of a picture. */
  photoUrl?: string;
  /** Address of mail. */
  emailAddress?: string;
  /** Number at home. */
  homePhone?: string;
  /** Number at work. */
  workPhone?: string;
  /** Number of the mobile telephone. */
  mobilePhone?: string;
  /** Address of a conference. */
  conferenceURL?: string;
  /** Number of the fax. */
  fax?: string;
  /** Number of the pager. */
  pager?: string;
  /** The group that it belongs to. */
  groupList?: string;
  /** Whether it is a friend. */
  friendStatus?: boolean;
  [member: string]: unknown;
}

/** `client.user` */
export interface UserApi {
  /**
   * Looks somebody up. Event: `directory:change`, or `directory:error`; neither if there is no such user.
   *
   * @param userId `user@domain`
   */
  fetch(userId: string): void;
  /** Loads your own profile. Event: `directory:change`, or `directory:error`. */
  fetchSelfInfo(): void;
  /**
   * Searches the directory. Event: `directory:change` with what was found, or `directory:error`.
   *
   * @param filters one of `firstName`, `lastName`, `name`, `phoneNumber`, `userId`, `userName`; of several the first counts
   * @param options order and part of the list, where the server can do that: `sortBy`, `order` (`asc`, `desc`), `max`, `next`
   */
  search(filters?: UserFilters, options?: UserSearchOptions): void;
  /**
   * Somebody who was found or fetched; undefined otherwise.
   *
   * @param userId `user@domain`
   */
  get(userId: string): User | undefined;
  /** All that were found or fetched. */
  getAll(): User[];
}

/** What is searched for. */
export type UserFilters = Partial<Record<'firstName' | 'lastName' | 'name' | 'phoneNumber' | 'userId' | 'userName', string>>;

/** Order and part of what is found. */
export interface UserSearchOptions {
  /** By which member. */
  sortBy?: 'name' | 'firstName' | 'lastName' | 'userId';
  /** Up or down. */
  order?: 'asc' | 'desc';
  /** How many at most. */
  max?: number;
  /** Index of the first one. */
  next?: number;
}

/** A user of the server. */
export interface User {
  /** `user@domain` */
  userId: string;
  /** Address of mail. */
  emailAddress?: string;
  /** First name. */
  firstName?: string;
  /** Last name. */
  lastName?: string;
  /** Address of a picture. */
  photoURL?: string;
  /** Whether it is a friend, as the server says. */
  buddy?: string;
  [member: string]: unknown;
}

/** `client.voicemail` */
export interface VoicemailApi {
  /** Asks for the indicators. Event: `voicemail:change`, or `voicemail:error` with `mwi:1`. */
  fetch(): void;
  /** What the server told last; an empty object before. */
  get(): Partial<Voicemail>;
}

/** Indicators of waiting messages. */
export interface Voicemail {
  /** In ms since the epoch. */
  lastUpdated: number;
  /** Whether there are new messages. */
  newMessagesWaiting: boolean;
  /** How many voice messages there are, as text. */
  totalVoice: string;
  /** How many of them are new, as text. */
  unheardVoice: string;
  /** Numbers of new, old and urgent ones. */
  voice: object;
  /** The same of faxes. */
  fax: object;
  /** The same of other media. */
  multimedia: object;
}

/** `client.call.history` */
export interface CallHistoryApi {
  /**
   * Loads records from the server and merges them with those of this page. Events: `callHistory:change`, `callHistoryCache:change`;
   * `callHistory:error` with `callHistory:2` for bad numbers, `callHistory:1` otherwise.
   *
   * @param amount how many, default 50
   * @param offset index of the first one, default 0
   */
  fetch(amount?: number, offset?: number): void;
  /** Records, newest first. */
  get(): CallRecord[];
  /**
   * Deletes a record at the server. Events as for `fetch`; `callHistory:3` if there is none.
   *
   * @param recordId of a record
   */
  remove(recordId: string): void;
  /** Deletes all. Events as for `fetch`. */
  clear(): void;
  /** The records as JSON, to be kept by you. */
  getCache(): string;
  /**
   * Puts records in place of those that are there. No event.
   *
   * @param cache what `getCache` returned
   * @throws SyntaxError if it is no JSON
   */
  setCache(cache: string): void;
}

/** A call that is over. */
export interface CallRecord {
  /** The id at the server, or of the call. */
  recordId: string;
  /** In ms since the epoch, as text. */
  startTime: string;
  /** In ms, as text; `0` if it was never answered. */
  duration: string;
  /** `missed` is an incoming one that nobody took. */
  direction: 'incoming' | 'outgoing' | 'missed';
  /** Who called. */
  callerDisplayNumber: string;
  /** Who was called. */
  calleeDisplayNumber: string;
  /** Name of the caller, or the number. */
  callerName: string;
  /** Name of the called, or the number. */
  calleeName: string;
  /** The other side. */
  remoteParticipant: { displayNumber: string; displayName: string };
  /** Who was called before a transfer, where the server tells. */
  originalRemoteParticipant: object | null;
  /** Empty for a record that the server does not know. */
  resourceLocation: string;
}

/** `client.clickToCall` */
export interface ClickToCallApi {
  /**
   * Has the server call one party, and then the other. Event: `clickToCall:start`; `clickToCall:error` with `clickToCall:1` if an
   * argument is missing, `clickToCall:2` if the server refused.
   *
   * @param caller who is called first: `user@domain`
   * @param callee who is called when the first one has answered
   * @returns an id for the events
   */
  make(caller: string, callee: string): string;
  /**
   * The same, under the name of the documentation.
   *
   * @param caller who is called first
   * @param callee who is called then
   * @returns an id for the events
   */
  clickToCall(caller: string, callee: string): string;
  /** What was begun, oldest first. */
  get(): ClickToCallRecord[];
}

/** A call that was begun by a click. */
export interface ClickToCallRecord {
  /** As `make` returned it. */
  callId: string;
  /** Who is called first. */
  caller: string;
  /** Who is called then. */
  callee: string;
  /** In ms since the epoch. */
  requestTime: number;
}

/** `client.sip` */
export interface SipApi {
  /**
   * Subscribes to an event package for users. Event: `sip:subscriptionChange`, later `sip:eventsChange`; `sip:error` with `sipEvents:2`
   * if the service was not granted, `sipEvents:1` otherwise.
   *
   * @param eventType `event:…`, one of the services that were granted
   * @param users `user@domain`
   * @param clientCorrelator a name of this device
   * @param customParameters for the server
   */
  subscribe(eventType: string, users: string[], clientCorrelator?: string, customParameters?: object[]): void;
  /**
   * Adds and removes users. Events as for `subscribe`; `sipEvents:3` if there is no subscription.
   *
   * @param eventType as for `subscribe`
   * @param userLists whom to add, and whom to take out: `user@domain`
   * @param customParameters for the server
   */
  update(eventType: string, userLists: { subscribeUserList?: string[]; unsubscribeUserList?: string[] }, customParameters?: object[]): void;
  /**
   * Ends a subscription. Events as for `update`.
   *
   * @param eventType as for `subscribe`
   */
  unsubscribe(eventType: string): void;
  /** All subscriptions, by their event types. */
  getDetails(): Record<string, SipEventDetails>;
  /**
   * One subscription; undefined if there is none.
   *
   * @param eventType as for `subscribe`
   */
  getDetails(eventType: string): SipEventDetails | undefined;
}

/** A subscription. */
export interface SipEventDetails {
  /** The server's id of it. */
  sessionData: string;
  /** Of whom it tells: `user@domain`. */
  subscribedUsers: string[];
  /** What was told. */
  notifications?: object[];
}

/** Events of these namespaces, and of conversations. */
export interface PeopleEvents {
  /** A conversation was created here. */
  'conversations:new': object;
  /** Conversations that are new, were loaded, or are left. */
  'conversations:change': { destination: string[]; type: string }[];
  /** A message is new or has changed, or a conversation was loaded or emptied; `messageId` where it is about one message. */
  'messages:change': { destination: string[]; type: string; messageId?: string | null; sender?: string };
  /** A message was not sent, or messages could not be fetched, marked or deleted. */
  'messages:error': { error: BasicError };
  /** Your own presence changed. */
  'presence:selfChange': object;
  /** Presence of somebody. */
  'presence:change': { userId: string; status: string; activity: string; note: string };
  /** An update failed, or somebody could not be asked for or watched. */
  'presence:error': { error: BasicError };
  /** A contact was added. */
  'contacts:new': Contact;
  /** The address book changed; after `add` first with the contact. */
  'contacts:change': Contact | object;
  /** The address book could not be loaded or changed. */
  'contacts:error': { error: BasicError };
  /** Users that were found or fetched. */
  'directory:change': { results: User[] };
  /** Nobody could be looked up. */
  'directory:error': { error: BasicError };
  /** The indicators, after `voicemail.fetch` and whenever they change. */
  'voicemail:change': Voicemail;
  /** `voicemail.fetch` failed. */
  'voicemail:error': { error: BasicError };
  /** Records were loaded, added or removed; `call.history.get` has them. */
  'callHistory:change': object;
  /** The same; `call.history.getCache` has them. */
  'callHistoryCache:change': object;
  /** Records could not be loaded or removed. */
  'callHistory:error': { error: BasicError };
  /** The server has begun to call. */
  'clickToCall:start': { callId: string };
  /** The server does not call. */
  'clickToCall:error': { callId: string; error: BasicError };
  /** A subscription began, changed or ended. */
  'sip:subscriptionChange': {
    eventType: string;
    /** `newSubscription`, `updateSubscription`, `unsubscribe` */
    change: string;
    subscribedUsers: string[] | undefined;
    unsubscribedUsers: string[] | undefined;
  };
  /** What the server tells of a user; `event` as it was sent. */
  'sip:eventsChange': { eventType: string; eventId: string; event: object };
  /** A subscription could not be made, changed or ended. */
  'sip:error': { error: BasicError };
  /** Media on another machine: not supported. */
  'proxy:error': { error: BasicError };
}
