// How many rows each section of the description of Kandy.js 4.8 has, so that none gets lost from `rows.json` unnoticed. Counted
// once from that description; a row that is added or removed on purpose is counted here, too.
import { ROWS } from './rows.mjs';

/** By kind, and then by what stands before the last name: a namespace, an event's subject, an object, a section, a subject of errors. */
const COUNTS = {
  function: {
    '': 18, call: 18, connection: 2, media: 7, notification: 4, sdpHandlers: 1, state: 2, 'call.history': 6, clickToCall: 2,
    contacts: 7, conversation: 4, presence: 7, proxy: 6, sip: 4, user: 5, voicemail: 2, Conversation: 8, Message: 2,
    StoredMessage: 2,
  },
  parameter: {
    '': 26, call: 100, connection: 2, media: 10, notification: 9, sdpHandlers: 1, state: 1, 'call.history': 4, clickToCall: 2,
    contacts: 5, conversation: 17, presence: 18, proxy: 3, sip: 11, user: 16, Conversation: 5, Message: 1, StoredMessage: 1,
  },
  constant: { subscriptionStates: 4, disconnectReasons: 3, logger: 6, call: 8, presence: 13 },
  event: {
    auth: 3, ws: 1, call: 10, callHistory: 2, callHistoryCache: 1, devices: 1, media: 2, notifications: 2, notification: 1,
    clickToCall: 2, contacts: 3, conversations: 2, messages: 2, directory: 2, presence: 3, proxy: 2, sip: 3, voicemail: 2,
  },
  payload: {
    auth: 7, ws: 1, call: 45, callHistory: 1, media: 2, notifications: 3, notification: 1, clickToCall: 3, contacts: 3,
    conversations: 2, messages: 5, directory: 2, presence: 5, proxy: 1, sip: 8, voicemail: 8,
  },
  field: {
    CallObject: 32, BandwidthControls: 2, MediaConstraint: 2, MediaObject: 3, TrackObject: 9, DeviceInfo: 4, DevicesObject: 3,
    IceServer: 3, SdpHandlerInfo: 3, BasicError: 3, ConnectionState: 4, ServicesInfo: 5, UserInfo: 4, SocketState: 13,
    CallRecord: 13, ClickToCallRecord: 4, Conversation: 11, Message: 4, Part: 4, StoredMessage: 8, Presence: 5, SelfPresence: 5,
    Contact: 14, User: 6, Voicemail: 7, SipEventDetails: 3,
  },
  transition: { '': 5 },
  config: { logs: 18, authentication: 16, call: 11, connectivity: 16, notifications: 9, messaging: 1, common: 2 },
  error: {
    '': 2, authentication: 12, call: 10, callHistory: 3, clickToCall: 2, groups: 3, messaging: 11, mwi: 1, sipEvents: 3,
    audioBridge: 7, subscription: 7, presence: 2, users: 4,
  },
  'bad input': { call: 30, media: 6 },
  'bad input of the client': { '': 12, connection: 1 },
  'bad input of people': { 'call.history': 5, presence: 2, sip: 5, conversation: 3, contacts: 2, user: 2, voicemail: 1, clickToCall: 1 },
  normalization: { '': 37 },
  capability: { '': 29 },
  export: { '': 4 },
};

/** Sections that do not have the rows that they should have, one line each. */
export function incomplete() {
  const found = counted();
  const kinds = new Set([...Object.keys(COUNTS), ...Object.keys(found)]);
  return [...kinds].flatMap((kind) => {
    const [stated, there] = [COUNTS[kind] ?? {}, found[kind] ?? {}];
    const sections = new Set([...Object.keys(stated), ...Object.keys(there)]);
    return [...sections]
      .filter((section) => stated[section] !== there[section])
      .map((section) => `tests/api/rows.json has ${there[section] ?? 0} rows of "${kind}" under "${section}", and should have ${stated[section] ?? 0}`);
  });
}

/** The rows that there are, counted as in `COUNTS`. */
export function counted() {
  const counts = {};
  for (const { id, kind } of ROWS) {
    const section = sectionOf(id, kind);
    counts[kind] ??= {};
    counts[kind][section] = (counts[kind][section] ?? 0) + 1;
  }
  return counts;
}

function sectionOf(id, kind) {
  switch (kind) {
    case 'function':
    case 'parameter':
      return before(id.replace(/\(.*/, ''), '.');
    case 'constant':
      return id.includes('.') ? id.slice(0, id.indexOf('.')) : id;
    case 'event':
    case 'payload':
      return id.slice(0, id.indexOf(':'));
    case 'field':
      return id.slice(0, id.indexOf('.'));
    case 'config':
      return id.replace('config ', '').replace(/[ .].*/, '');
    case 'error':
      return before(id.replace('error ', ''), ':');
    case 'bad input':
    case 'bad input of the client':
    case 'bad input of people':
      return before(id.replace('bad ', '').replace(/\(.*/, ''), '.');
    default:
      return '';
  }
}

/** What stands before the last separator, or nothing. */
function before(text, separator) {
  return text.slice(0, Math.max(text.lastIndexOf(separator), 0));
}
