// A scripted second user: a whole client of their own, in the hands of a test.

import type { Client } from '../client.js';
import type { CallObject, Media } from '../types.js';
import type { TestNetwork } from './network.js';

/** What a user does about calls that come in. */
export type WhenCalled = 'ring' | 'answer' | 'reject' | 'ignore';

/** Which media a user sends. */
export interface UserMedia {
  /** Default true. */
  audio?: boolean;
  /** Default false. */
  video?: boolean;
}

/** A message that a user has received. */
export interface ReceivedMessage {
  /** `user@domain` */
  sender: string;
  /** The texts of its parts, put together. */
  text: string;
}

/**
 * A scripted user. What they do is asked of a real client, and each function resolves when it is done: the time of the world passes
 * meanwhile. It rejects with a sentence if it is not done within a minute of that time.
 *
 * Functions about a call mean the newest one that has not ended.
 */
export interface TestUser {
  /** `user@domain` */
  readonly name: string;
  /** Their client, with the whole API. */
  readonly client: Client;
  /** Their network, which has nothing to do with the application's. */
  readonly network: TestNetwork;
  /** Their newest call that has not ended; undefined if there is none. */
  readonly currentCall: CallObject | undefined;
  /** Messages of others, oldest first. */
  readonly messages: readonly ReceivedMessage[];
  /** Logs in. */
  connect(): Promise<void>;
  /** Logs out. */
  disconnect(): Promise<void>;
  /**
   * Calls somebody.
   *
   * @param destination `user@domain`
   * @param media what they send: sound, unless it says otherwise
   * @returns the id of the call at their client, once the gateway has taken it
   */
  call(destination: string, media?: UserMedia): Promise<string>;
  /**
   * Answers the call that rings, or the next one.
   *
   * @param media what they send: sound, unless it says otherwise
   */
  answer(media?: UserMedia): Promise<void>;
  /** Declines the call that rings, or the next one. */
  reject(): Promise<void>;
  /** Lets the call that rings, or the next one, ring on without them. */
  ignore(): Promise<void>;
  /** Holds. */
  hold(): Promise<void>;
  /** Ends their hold. */
  unhold(): Promise<void>;
  /** Hangs up. */
  end(): Promise<void>;
  /**
   * What they do by themselves about calls that come from now on. At first `ring`: nothing.
   *
   * @param what `answer` with sound, `reject`, `ignore`, or `ring`
   */
  whenCalled(what: WhenCalled): void;
  /**
   * Writes to somebody.
   *
   * @param destination `user@domain`
   * @param text what they write
   */
  sendMessage(destination: string, text: string): Promise<void>;
  /**
   * Says what they do.
   *
   * @param status `open` or `closed`
   * @param activity one of `client.presence.activities`, such as `away`
   * @param note what they say of it
   */
  setPresence(status: string, activity: string, note?: string): Promise<void>;
}

/** What a user needs of the world. */
export interface UserWorld {
  client: Client;
  network: TestNetwork;
  /** The device that is theirs. */
  deviceId: string;
  password: string;
  /** Lets time pass until it is so; `what` says for whom it was waited. */
  until(condition: () => boolean, what: string): Promise<void>;
}

/** Makes a user. */
export function createUser(name: string, { client, network, deviceId, password, until }: UserWorld): TestUser {
  let reaction: WhenCalled = 'ring';
  let failure: Error | undefined;
  /** Calls of which somebody has taken care already. */
  const handled = new Set<string>();

  const own = { deviceId: { exact: deviceId } };
  const media = ({ audio = true, video = false }: UserMedia = {}): Media => ({ audio, video, audioOptions: own, videoOptions: own });
  const calls = (): CallObject[] => client.call.getAll().filter(({ state }) => state !== 'Ended' && state !== 'Cancelled');
  const current = (): CallObject => {
    const call = calls().pop();
    if (!call) throw new Error(`${name} has no call.`);
    return call;
  };
  const state = (id: string): string | undefined => client.call.getById(id)?.state;
  /** Waits; what goes wrong meanwhile at their client ends the wait. */
  const wait = async (condition: () => boolean, what: string): Promise<void> => {
    failure = undefined;
    await until(() => failure !== undefined || condition(), `${name}: ${what}`);
    if (failure) throw failure;
  };
  const ringing = async (): Promise<string> => {
    const rings = ({ id, direction, state }: CallObject): boolean => direction === 'incoming' && state === 'Ringing' && !handled.has(id);
    await wait(() => calls().some(rings), 'a call rings');
    const { id } = calls().filter(rings).pop()!;
    handled.add(id);
    return id;
  };
  const failed = ({ error }: { error?: Error | undefined }): void => {
    failure ??= error && new Error(`${name}: ${error.message}`, { cause: error });
  };

  client.on('auth:error', failed);
  client.on('call:error', failed);
  client.on('messages:error', failed);
  client.on('presence:error', failed);
  client.on('call:receive', ({ callId }) => {
    if (reaction !== 'ring') handled.add(callId);
    if (reaction === 'answer') client.call.answer(callId, media());
    else if (reaction !== 'ring') client.call[reaction](callId);
  });
  const received = (): ReceivedMessage[] => {
    const messages = client.conversation.getAll().flatMap((conversation) => conversation.getMessages());
    const others = messages.filter(({ own }) => !own).sort((one, two) => one.timestamp - two.timestamp);
    return others.map(({ sender, parts }) => ({ sender, text: parts.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('') }));
  };

  return {
    name,
    client,
    network,
    get messages() {
      return received();
    },
    get currentCall() {
      return calls().pop();
    },
    connect: async () => {
      client.connect({ username: name, password });
      await wait(() => client.getConnection().isConnected, 'is connected');
    },
    disconnect: async () => {
      client.disconnect();
      await wait(() => !client.getConnection().isConnected && !client.getConnection().isPending, 'is disconnected');
    },
    call: async (destination, wanted) => {
      const id = client.call.make(destination, media(wanted));
      await wait(() => state(id) !== 'Initiating', `the call to ${destination} has begun`);
      return id;
    },
    answer: async (wanted) => {
      const id = await ringing();
      client.call.answer(id, media(wanted));
      await wait(() => state(id) !== 'Ringing', 'the call is answered');
      if (state(id) !== 'Connected') throw new Error(`${name}: the call was over before it was answered.`);
    },
    reject: async () => {
      const id = await ringing();
      client.call.reject(id);
      await wait(() => state(id) === 'Ended', 'the call is declined');
    },
    ignore: async () => {
      const id = await ringing();
      client.call.ignore(id);
      await wait(() => state(id) === 'Ended', 'the call is ignored');
    },
    hold: async () => {
      const { id } = current();
      client.call.hold(id);
      await wait(() => client.call.getById(id)?.localHold === true, 'the call is held');
    },
    unhold: async () => {
      const { id } = current();
      client.call.unhold(id);
      await wait(() => client.call.getById(id)?.localHold === false, 'the call is no longer held');
    },
    end: async () => {
      const { id } = current();
      client.call.end(id);
      await wait(() => state(id) === 'Ended', 'the call has ended');
    },
    whenCalled: (what) => {
      reaction = what;
    },
    sendMessage: async (destination, text) => {
      const conversation = client.conversation.create(destination);
      const before = conversation.getMessages().length;
      conversation.createMessage(text).send();
      await wait(() => conversation.getMessages().slice(before).some(({ own, isPending }) => own && !isPending), `the message to ${destination} is sent`);
    },
    setPresence: async (status, activity, note) => {
      client.presence.update(status, activity, note);
      await wait(() => client.presence.getSelf().activity === activity, 'the presence is published');
    },
  };
}
