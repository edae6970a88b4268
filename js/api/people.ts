// Presence, contacts, users, voicemail, call history, click to call and SIP events (api-behaviour 10, 11, 13 to 17): which
// functions there are and what their parameters are called. What they do is the people engine's.

import { mintId } from '../ids.js';
import type { People } from '../people.js';
import type { CallHistoryApi, ClickToCallApi, ContactsApi, PresenceApi, SipApi, UserApi, VoicemailApi } from './people-types.js';
import type { CallHistoryTwins, ClickToCallTwins, ContactsTwins, PresenceTwins, SipTwins, UserTwins, VoicemailTwins } from './twins.js';

/** The namespaces that are no more than their functions. */
export interface PeopleApi {
  /** Who is there, and what they do. */
  presence: PresenceApi & PresenceTwins;
  /** The personal address book. */
  contacts: ContactsApi & ContactsTwins;
  /** Other users of the server. */
  user: UserApi & UserTwins;
  /** Indicators of waiting messages. */
  voicemail: VoicemailApi & VoicemailTwins;
  /** Calls between two parties, begun by a click. */
  clickToCall: ClickToCallApi & ClickToCallTwins;
  /** Subscriptions to SIP event packages. */
  sip: SipApi & SipTwins;
}

/** Names of parameters, in their order; `?` marks a function that only reads. What is optional is the engine's to know. */
type Functions = Record<string, string>;

const FUNCTIONS: Record<string, Functions> = {
  presence: {
    update: 'status activity note',
    fetch: 'users',
    subscribe: 'users',
    unsubscribe: 'users',
    get: '?users',
    getAll: '?',
    getSelf: '?',
  },
  contacts: { add: 'contact', update: 'contactId contact', remove: 'contactId', fetch: 'contactId', refresh: '', get: '?contactId', getAll: '?' },
  user: { fetch: 'userId', fetchSelfInfo: '', search: 'filters options', get: '?userId', getAll: '?' },
  voicemail: { fetch: '', get: '?' },
  clickToCall: { get: '?' },
  sip: {
    subscribe: 'eventType users clientCorrelator customParameters',
    update: 'eventType userLists customParameters',
    unsubscribe: 'eventType',
    getDetails: '?eventType',
  },
};

const HISTORY: Functions = { fetch: 'amount offset', remove: 'recordId', clear: '', get: '?', getCache: '?' };

/** The functions of a namespace. */
function namespace(people: People, space: string, functions: Functions): Record<string, (...args: unknown[]) => any> {
  const entries = Object.entries(functions).map(([name, parameters]) => {
    const type = `${space}.${name}`;
    const reads = parameters.startsWith('?');
    const names = parameters.match(/\w+/g) ?? [];
    const members = (args: unknown[]): object => Object.fromEntries(names.map((parameter, at) => [parameter, args[at]]));
    return [name, (...args: unknown[]) => (reads ? people.query({ type, ...members(args) }) : people.call(type, members(args)))];
  });
  return people.twins.add(Object.fromEntries(entries));
}

/** These namespaces of one client. */
export function peopleApi(people: People): PeopleApi {
  const spaces = Object.fromEntries(Object.entries(FUNCTIONS).map(([space, functions]) => [space, namespace(people, space, functions)]));
  return {
    ...spaces,
    presence: { ...spaces['presence'], statuses, activities },
    clickToCall: { ...spaces['clickToCall'], ...clicks(people) },
  } as unknown as PeopleApi;
}

/** `client.call.history` */
export function historyApi(people: People): CallHistoryApi & CallHistoryTwins {
  return {
    ...namespace(people, 'callHistory', HISTORY),
    setCache: (text: string) => people.call('callHistory.setCache', { records: JSON.parse(text) }),
  } as unknown as CallHistoryApi & CallHistoryTwins;
}

/** Documented under one name, and there under the other. */
function clicks(people: People): Pick<ClickToCallApi, 'make' | 'clickToCall'> {
  const make = (caller: string, callee: string): string => {
    const callId = mintId();
    people.call('clickToCall.make', { callId, caller, callee });
    return callId;
  };
  return people.twins.add({ make, clickToCall: make });
}

/** `client.presence.statuses` */
export const statuses = Object.freeze({ OPEN: 'open', CLOSED: 'closed' } as const);

/** `client.presence.activities`; `AVAILABLE` stands in the documentation of 4.8 alone. */
export const activities = Object.freeze({
  ACTIVE: 'active',
  AVAILABLE: 'active',
  IDLE: 'idle',
  AWAY: 'away',
  LUNCH: 'lunch',
  OTHER: 'other',
  BUSY: 'busy',
  VACATION: 'vacation',
  ON_THE_PHONE: 'on-the-phone',
  UNKNOWN: 'unknown',
} as const);
