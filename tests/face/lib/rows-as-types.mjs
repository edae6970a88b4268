// The rows of the API as a program that compiles if each of them has a type.
import { ABSENT } from '../../api/differences.mjs';
import { ROWS } from '../../api/rows.mjs';

/** The types whose names are others than those of the description of 4.8, or that are one of several. */
const TYPES = {
  BandwidthControls: 'Bandwidth',
  MediaConstraint: 'Constraint<string>',
  Part: "Extract<Part, { type: 'text' }> & Extract<Part, { type: 'json' }> & Extract<Part, { type: 'file' }>",
};

/** Namespaces of functions that are no namespaces of the client. */
const OBJECTS = ['Conversation', 'Message', 'StoredMessage'];

/** How each kind of row is written as a type. */
const AS_TYPE = {
  function: ({ id }) => {
    const [first, ...rest] = id.split('.');
    if (id === 'create') return 'typeof create';
    if (first === 'sdpHandlers') return path('typeof sdpHandlers', rest);
    return OBJECTS.includes(first) ? path(first, rest) : path('Client', [first, ...rest]);
  },
  constant: ({ id }) => path('Client', id.split('.')),
  event: ({ id }) => `EventMap['${id}']`,
  payload: ({ id }) => {
    const [event, ...rest] = id.split('.');
    const list = rest[0] === '[]';
    // The members of a contact are rows of their own.
    if (rest[0] === '(fields)') return `EventMap['${event}']`;
    return path(list ? `EventMap['${event}'][number]` : `EventMap['${event}']`, list ? rest.slice(1) : rest);
  },
  field: ({ id }) => {
    const [type, ...rest] = id.split('.');
    return path(`(${TYPES[type] ?? type})`, rest);
  },
  config: ({ id }) => path('Config', id.replace(/^config /, '').split(' = ')[0].split('.')),
};

/** `A`, `b`, `c` as the type of `a.b.c`; where something else may stand in place of an object, of the object. */
function path(type, names) {
  return names.reduce((text, name, index) => (index === 0 ? `${text}['${name}']` : `Extract<${text}, object>['${name}']`), type);
}

/**
 * A module with one type for each row.
 *
 * @param {{ id: string, kind: string }[]} [rows]
 */
export function typesOfRows(rows = ROWS) {
  const there = rows.filter(({ id, kind }) => kind in AS_TYPE && !(id in ABSENT));
  const types = there.map((row, index) => `export type T${index} = ${AS_TYPE[row.kind](row)}; // ${row.id}`);
  return `import type {
  Bandwidth, BasicError, CallObject, CallRecord, ClickToCallRecord, Client, Config, ConnectionState, Constraint, Contact, Conversation, DeviceInfo,
  DevicesObject, EventMap, IceServer, MediaObject, Message, Part, Presence, SdpHandlerInfo, SelfPresence, ServicesInfo, SipEventDetails,
  SocketState, StoredMessage, TrackObject, User, UserInfo, Voicemail, create, sdpHandlers,
} from 'kandy-wasm';
${types.join('\n')}
`;
}
