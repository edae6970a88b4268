// Conversations and messages (api-behaviour 12): objects of the application whose functions are wishes and questions about one
// conversation. What becomes of a message is decided by the people engine.

import { mintId } from '../ids.js';
import { keyOf, type People } from '../people.js';
import type { ConversationsTwins, MessageTwins } from './twins.js';
import type { Conversation, ConversationApi, ConversationOptions, Message, Part, StoredMessage } from './conversation-types.js';

/** Which conversation. */
type Reference = { destination: string[]; convoType: string };

/**
 * `client.conversation`
 *
 * @param people the people engine
 */
export function conversationApi(people: People): ConversationApi & ConversationsTwins {
  const { twins } = people;
  const ask = (type: string, members?: object): any => people.query({ type: `conversation.${type}`, ...members });
  const wish = (name: string, members: object): void => people.call(`conversation.${name}`, members);

  const referred = (recipient: string | string[], options: ConversationOptions | string): Reference => ({
    destination: [recipient].flat(),
    convoType: typeof options === 'string' ? options : (options.type as string),
  });
  const found = (reference: Reference): Conversation | undefined => {
    const view = ask('get', reference);
    return view && conversation(view);
  };

  const conversation = (view: Conversation): Conversation => {
    const reference: Reference = { destination: view.destination, convoType: view.type };
    const about = (name: string, members = {}): void => wish(name, { ...reference, ...members });
    const withFunctions = (view: StoredMessage): StoredMessage => stored(view, reference);
    const messages = (range = {}): StoredMessage[] => ask('messages', { ...reference, ...range }).map(withFunctions);
    const functions: Conversation = {
      ...view,
      get messages() {
        return messages();
      },
      createMessage: (part) => message(reference, typeof part === 'string' ? { type: 'text', text: part } : part),
      getMessages: messages,
      getMessage: (messageId) => {
        const one = ask('message', { ...reference, messageId });
        return one && withFunctions(one);
      },
      clearMessages: () => about('clearMessages'),
      fetchMessages: (amount = 50, { before } = {}) => about('fetchMessages', { amount, before }),
      deleteMessages: (messageIds) => about('deleteMessages', { messageIds }),
      delete: () => about('delete'),
      subscribe: (callback) => {
        const key = keyOf(reference);
        const all = people.callbacks.get(key) ?? new Set();
        people.callbacks.set(key, all.add(callback));
        return () => void all.delete(callback);
      },
    };
    twins.add(functions, () => messages(), ['fetchMessages']);
    return twins.add(functions, undefined, ['clearMessages', 'deleteMessages', 'delete']);
  };

  const message = (reference: Reference, first?: Part): Message => {
    const { destination, convoType } = reference;
    const made: Omit<Message, keyof MessageTwins> = {
      destination,
      type: destination.length > 1 ? 'group' : convoType,
      parts: [],
      addPart: (part) => {
        if (['text', 'json', 'file'].includes(part?.type)) made.parts.push(part);
        else wish('refusePart', reference);
      },
      send: () => {
        const parts = made.parts.map((part: any) => (part.file instanceof Blob ? given(part.file) : part));
        wish('send', { destination, convoType: made.type, message: mintId(), timestamp: Date.now(), parts });
      },
    };
    if (first !== undefined) made.addPart(first);
    return twins.add<typeof made, MessageTwins>(made, (messageId) => {
      const convoType = made.type;
      return stored(ask('message', { destination, convoType, messageId }), { destination, convoType });
    }, ['send']);
  };

  // A file cannot cross to the engine: its number does, and what the engine has to know of it.
  const given = (file: Blob): object => {
    const number = (files += 1);
    people.files.set(number, file);
    return { type: 'file', file: number, name: (file as File).name ?? '', size: file.size, mime: file.type };
  };
  let files = 0;

  const stored = (view: StoredMessage, reference: Reference): StoredMessage => {
    const functions: Pick<StoredMessage, 'forward' | 'markRead'> = {
      forward: (destination) => wish('forward', { destination: [destination].flat(), parts: view.parts }),
      ...(!view.own && { markRead: () => wish('markRead', { ...reference, messageId: view.messageId }) }),
    };
    return {
      ...view,
      parts: view.parts.map((part: any) => (people.files.has(part.file) ? { ...part, file: people.files.get(part.file) } : part)),
      ...twins.add(functions),
    };
  };

  const api: ConversationApi = {
    create: (recipient, options = { type: 'im' }) => {
      const reference = referred(recipient, options);
      wish('create', reference);
      return found(reference) as Conversation;
    },
    get: (recipient, options = { type: 'im' }) => found(referred(recipient, options)),
    getAll: () => ask('getAll').map(conversation),
    fetch: (options = {}) => wish('fetch', { options }),
  };
  return twins.add<ConversationApi, ConversationsTwins>(api, api.getAll, ['fetch']);
}
