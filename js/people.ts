// The way to the people engine, which decides about messages, presence, contacts and the like. A page loads it when it
// first uses one of them, or when the server or the end of a call has something for it. Until it is there, what it is to hear
// waits in order, and reads agree with what was already asked.

import { BasicError, codes, sentence, withErrors } from './errors.js';
import type { Core, LoadPeople, PeopleEngine, PeopleHost, PeopleInput } from './contract.js';
import type { Emit } from './emitter.js';
import { tooMuch } from './pending.js';
import { copy } from './plain.js';
import { createTwins, type Settlement, type Twins } from './twins.js';

/** The people engine, as the functions of the API see it. */
export interface People {
  /** A wish of the application, or a fact of the first engine. */
  tell(input: PeopleInput): void;
  /** Reads; it changes nothing, and loads nothing. */
  query(query: PeopleInput): unknown;
  /**
   * Notes that the application called a function, without what people write and whom they know; carries its wish out, as it is at
   * this moment.
   *
   * @throws TypeError if `wish` contains itself
   */
  call(name: string, wish: object): void;
  /** Files that are being sent, by the number that stands for them. */
  files: Map<unknown, Blob>;
  /** Operations that the application waits for. */
  twins: Twins;
  /** Who wants to hear of which conversation ([`keyOf`]). */
  callbacks: Map<string, Set<Callback>>;
}

/** What `Conversation.subscribe` is given. */
export type Callback = (told: { conversationId: string; messageId?: string }) => void;

/** Most inputs that wait for the engine. */
const WAITING_LIMIT = 10_000;

/**
 * The people engine of one client.
 *
 * @param load gets its code
 * @param core lends addresses
 * @param emit tells the application
 * @param log of the engine
 */
export function createPeople(load: LoadPeople, core: Core, emit: Emit, log: PeopleHost['log']): People {
  let waiting: PeopleInput[] = [];
  let engine: PeopleEngine | undefined;
  let loading = false;
  const files: People['files'] = new Map();
  const callbacks: People['callbacks'] = new Map();
  const twins = createTwins();

  const notify = ({ destination, type: convoType, conversation: conversationId, messageId }: any): void => {
    callbacks.get(keyOf({ destination, convoType }))?.forEach((callback) => queueMicrotask(() => callback({ conversationId, messageId })));
  };
  const host: PeopleHost = {
    address: (to, path) => core.query({ type: 'people.address', to, path }) as ReturnType<PeopleHost['address']>,
    file: (number) => files.get(number),
    log,
    emit: (type, payload: any) => {
      if (type === 'settle') twins.settle(payload as Settlement);
      else if (type === 'people:sent') files.delete(payload.file);
      else if (type === 'people:message') notify(payload);
      else emit(type as never, payload as never);
    },
  };
  const refuse = (input: PeopleInput, error: BasicError): void => {
    const [subject, name] = input.type.split('.') as [string, string?];
    if (name) emit(`${FAILS_AS[subject] ?? subject}:error` as never, { callId: input['callId'], error } as never);
    twins.settle({ op: input['op'], error } as Settlement);
  };
  const fail = (code: string, thrown: unknown): BasicError => {
    const error = thrown instanceof BasicError ? thrown : new BasicError(code, sentence(thrown), { cause: thrown });
    core.mistake(error.message);
    return error;
  };
  const begin = async (): Promise<void> => {
    if (loading) return;
    loading = true;
    try {
      engine = (await load())(host);
      waiting.splice(0).forEach(tell);
    } catch (thrown) {
      const error = fail(codes.ENGINE_MISSING, thrown);
      for (const input of waiting) refuse(input, error);
      // What the server told and which calls ended is for the next attempt, too: nobody would tell it again.
      waiting = waiting.filter(({ type }) => type.startsWith('people:'));
      files.clear();
    }
    loading = false;
  };
  const tell = (input: PeopleInput): void => {
    try {
      if (engine) return engine.tell(input);
    } catch (thrown) {
      const error = fail(codes.ENGINE_BROKEN, thrown);
      refuse(input, error);
      // One that broke answers nobody any more.
      return twins.fail(error);
    }
    if (isSession(input)) {
      // Nothing is loaded for it alone, and of several only the last one counts.
      if (isSession(waiting[waiting.length - 1])) waiting.pop();
      return void waiting.push(input);
    }
    if (waiting.length < WAITING_LIMIT) waiting.push(input);
    else refuse(input, tooMuch(WAITING_LIMIT));
    void begin();
  };

  return {
    tell,
    query: (query) => (engine ? withErrors(engine.query(query)) : asked(query, waiting)),
    call: (name, wish) => {
      core.invoked(name);
      tell({ type: name, ...JSON.parse(JSON.stringify(wish)), ...twins.take() });
    },
    twins,
    files,
    callbacks,
  };
}

/** By which event's name operations of a namespace fail, where it is not its own. */
const FAILS_AS: Record<string, string> = { conversation: 'messages', user: 'directory' };

function isSession(input?: PeopleInput): boolean {
  return input?.type === 'people:session';
}

/** What can be read of what waits: conversations that were created, messages that are to be sent, and the call history's cache. */
function asked(query: PeopleInput, waiting: PeopleInput[]): unknown {
  const of = (type: string): PeopleInput[] => waiting.filter((input) => input.type === type);
  const sent = (about: PeopleInput): PeopleInput[] => of('conversation.send').filter((input) => keyOf(input) === keyOf(about));
  const view = (input: PeopleInput): object => {
    const { destination, convoType: type } = input;
    return { destination, type, isTypingList: [], features: [], unread: 0, messageCount: sent(input).length, droppedMessages: 0 };
  };
  const message = ({ type: _, convoType: type, ...message }: PeopleInput): object => ({ ...message, type, isPending: true, read: false, own: true });
  // One that is created twice is there once.
  const created = new Map(of('conversation.create').map((input) => [keyOf(input), view(input)]));

  switch (query.type) {
    case 'conversation.get':
      return created.get(keyOf(query));
    case 'conversation.getAll':
      return [...created.values()];
    case 'conversation.messages':
      return sent(query).map(message);
    default: {
      // A page shows at once what it has kept.
      const records = of('callHistory.setCache').pop()?.['records'] ?? [];
      return copy(({ ...NOTHING, 'callHistory.get': records, 'callHistory.getCache': JSON.stringify(records) } as typeof NOTHING)[query.type]);
    }
  }
}

/** One text for one conversation. */
export function keyOf({ destination, convoType }: Record<string, unknown>): string {
  return JSON.stringify([destination, convoType]);
}

/** What there is before anything was fetched. */
export const NOTHING: Record<string, unknown> = {
  'conversation.getAll': [],
  'presence.get': [],
  'presence.getAll': [],
  'presence.getSelf': {},
  'contacts.getAll': {},
  'user.getAll': [],
  'voicemail.get': {},
  'callHistory.get': [],
  'callHistory.getCache': '[]',
  'clickToCall.get': [],
  'sip.getDetails': {},
};
