// What `client.conversation` has: conversations, messages, and what they consist of.

import type { BasicError } from '../errors.js';
import type { ConversationTwins, MessageTwins, StoredMessageTwins } from './twins.js';

/** `client.conversation` */
export interface ConversationApi {
  /**
   * The conversation with somebody, made if there is none. A new one is told as `conversations:new`.
   *
   * @param recipient `user@domain`, or several for a group
   * @param options `type`: `im` (default), `sms`, `group`; a text counts as the type
   * @throws TypeError if `options` is null
   *
   * @example
   * client.conversation.create('bob@example.com').createMessage('Hello').send()
   */
  create(recipient: string | string[], options?: ConversationOptions | string): Conversation;
  /**
   * The conversation with these members, in this order, and of this type; undefined if there is none. No event.
   *
   * @param recipient `user@domain`, or several
   * @param options `type`: default `im`
   * @throws TypeError if `options` is null
   */
  get(recipient: string | string[], options?: ConversationOptions | string): Conversation | undefined;
  /** All conversations that are known here. */
  getAll(): Conversation[];
  /**
   * Loads the list of conversations from the server (UC; a Link server keeps none). Event: `conversations:change`, or
   * `messages:error`.
   *
   * @param options only some of them
   */
  fetch(options?: FetchConversationsOptions): void;
}

/** Of which kind. */
export interface ConversationOptions {
  /** `im`, `sms`, `group`, or another one of the server. */
  type?: string;
}

/** Which conversations are fetched. */
export interface FetchConversationsOptions {
  /** `im` (or `internal`), `sms`, `group`, `unknown` */
  type?: string;
  /** Since when: `lastcheck`. */
  touched?: string;
  /** Only the one with this id. */
  thread?: string | number;
  /** How many at most, newest first; our gateway lists 50, and at most 200. Ours. */
  max?: number;
}

/** One conversation, as it was when it was asked for; its functions always speak of the present. */
export interface Conversation extends ConversationTwins {
  /** With whom: `user@domain`, one or several. */
  destination: string[];
  /** `im`, `sms`, `group` or another. */
  type: string;
  /** The server's id of it, once known. */
  id?: string;
  /** What `getMessages` returned at that moment. */
  messages: StoredMessage[];
  /** The last message, or what the server told of it: then only its parts. */
  lastMessage?: Partial<StoredMessage>;
  /** When the last one was received, in ms since the epoch. */
  lastReceived?: number;
  /** When it was read last, in ms since the epoch. */
  lastPull?: number;
  /** How many messages of others have not been read. Ours, as are the next two. */
  unread: number;
  /** How many messages are here. */
  messageCount: number;
  /** How many were given up here for want of room; the server may have them. */
  droppedMessages: number;
  /** Always empty: the protocol does not tell who is typing. */
  isTypingList: string[];
  /** What it can do: `base`, `parts`, `rich`, `history`, `group`. */
  features: string[];
  /** Whether messages are being fetched. */
  isPending?: boolean;

  /**
   * A message that is not sent yet.
   *
   * @param part its first part; a text counts as a text part
   */
  createMessage(part?: Part | string): Message;
  /**
   * Messages in their order, oldest first.
   *
   * @param range `from`: index of the first one, counted from the oldest; `count`: how many. Without it all of them. Ours.
   */
  getMessages(range?: { from?: number; count?: number }): StoredMessage[];
  /**
   * One message; undefined if it is not known.
   *
   * @param messageId the server's id of it
   */
  getMessage(messageId: string): StoredMessage | undefined;
  /** Forgets all messages here; the server keeps them. Event: `messages:change`. */
  clearMessages(): void;
  /**
   * Loads the newest messages from the server (UC). Event: `messages:change`, or `messages:error`.
   *
   * @param amount how many at most
   * @param options `before`: id of a message: only such as are older. Ours; servers that do not know it load the newest.
   */
  fetchMessages(amount?: number, options?: { before?: string }): void;
  /**
   * Deletes messages at the server (UC). Event for each: `messages:change`, or `messages:error`.
   *
   * @param messageIds which; all of them without it
   */
  deleteMessages(messageIds?: string[]): void;
  /** Deletes the conversation at the server (UC). Event: `conversations:change` with those that are left, or `messages:error`. */
  delete(): void;
  /**
   * Hears of every message of this conversation that is new or has changed.
   *
   * @param callback gets the ids, without that of a message if many changed; called in a microtask
   * @returns what ends it
   */
  subscribe(callback: (told: { conversationId: string; messageId?: string }) => void): () => void;
}

/** A message that is being written. */
export interface Message extends MessageTwins {
  /** To whom. */
  destination: string[];
  /** What it consists of. */
  parts: Part[];
  /** `group` for more than one destination. */
  type: string;
  /**
   * Adds a part (UC: of any kind; Link: only the text of the first part is sent). Anything that is no part is refused with
   * `messages:error`.
   *
   * @param part a text, JSON or a file
   */
  addPart(part: Part): void;
  /**
   * Sends it, once. It stands in `getMessages()` at once, with `isPending: true` until the server has it. Messages of one
   * conversation arrive in the order of `send()`; while there is no connection they wait.
   *
   * Events: `messages:change` when the server has it, or when it cannot be sent: then it has an `error`, and `messages:error`
   * follows.
   */
  send(): void;
}

/** One part of a message. */
export type Part =
  | { type: 'text'; text: string }
  | { type: 'json'; json: object }
  | {
      type: 'file';
      /** What is sent. Of a received part there are `name`, `mime` and `url`, all said by the sender and not to be trusted. */
      file: Blob;
      name?: string;
      mime?: string;
      url?: string;
      size?: number;
    };

/** A message of a conversation. */
export interface StoredMessage extends StoredMessageTwins {
  /** When it was sent or received, in ms since the epoch. */
  timestamp: number;
  /** True exactly until the server has it. */
  isPending: boolean;
  /** Whether `markRead` was called for it. */
  read: boolean;
  /** What it consists of. Texts of others: never put them into HTML. */
  parts: Part[];
  /** Type of its conversation. */
  type: string;
  /** Who sent it. */
  sender: string;
  /** Whether it is your own. */
  own: boolean;
  /** The server's id; null if it could not be sent. */
  messageId: string | null;
  /** Why it could not be sent. */
  error?: BasicError;
  /**
   * Sends its parts to somebody else. Events as for `send`.
   *
   * @param destination `user@domain`
   */
  forward(destination: string): void;
  /** Marks it, and all before it, as read; only of received ones. Event: `messages:change`. */
  markRead?(): void;
}
