// Builds the client object out of plain functions: none uses `this`, so each works when taken off the object.

import { callApi, type CallApi } from './api/call.js';
import { connectionApi, type ConnectionApi } from './api/connection.js';
import { conversationApi } from './api/conversation.js';
import type { ConversationApi } from './api/conversation-types.js';
import { mediaApi, type MediaApi } from './api/media.js';
import { notificationApi, type NotificationApi } from './api/notification.js';
import { historyApi, peopleApi, type PeopleApi } from './api/people.js';
import type { CallHistoryApi } from './api/people-types.js';
import { proxyApi, stateApi, type ProxyApi, type StateApi } from './api/state.js';
import { browserDetails, type BrowserDetails } from './browser.js';
import { capabilities } from './capabilities.js';
import type { Config, MergedConfig } from './config-types.js';
import { createSettings, isLegacy, withoutEffect } from './config.js';
import type { Command, Core, CreateActions, EditSdp, EngineEvent, Executor, LoadPeople, PeopleInput, Source, StartEngine } from './contract.js';
import { createEmitter, type Emit, type Events } from './emitter.js';
import { BasicError, codes, sentence, withErrors } from './errors.js';
import { editor } from './handlers.js';
import { withLegacy, type LegacyCallApi, type LegacyMediaApi } from './legacy.js';
import { inLegacyWords } from './legacy-words.js';
import { actionForm, configureLogs, createLog, levels, sharedActionForm, writeGroup } from './logger.js';
import type { CallHistoryTwins, CallTwins, ConnectionTwins, ConversationsTwins, MediaTwins, NotificationTwins } from './api/twins.js';
import { createPeople, NOTHING } from './people.js';
import { answer, createPending, refuse } from './pending.js';
import { createTwins, type Settlement, type Twins } from './twins.js';
import type { DevicesObject } from './types.js';

/** What `create` returns. */
export interface Client extends Events, ConnectionApi, ConnectionTwins, PeopleApi {
  /** Calls. */
  call: CallApi & CallTwins & LegacyCallApi & { history: CallHistoryApi & CallHistoryTwins };
  /** Conversations and their messages. */
  conversation: ConversationApi & ConversationsTwins;
  /** Devices and tracks. */
  media: MediaApi & MediaTwins & LegacyMediaApi;
  /** Notifications by other ways than the WebSocket, and push. */
  notification: NotificationApi & NotificationTwins;
  /** Everything at once. */
  state: StateApi;
  /** Media on another machine; there only with `common.allowProxy`. */
  proxy?: ProxyApi;
  /** The values for `logs.logLevel`. */
  logger: { levels: typeof levels };
  /** A deep copy of the configuration, defaults included: the values in force. */
  getConfig(): MergedConfig;
  /**
   * Merges values into the configuration: objects member by member, arrays as a whole. `authentication` and servers count
   * from the next `connect`, `connectivity` from the next socket (`pingInterval` from the next check), `notifications` at the
   * next use, options of calls from the next call, `call.normalizeDestination` at once. `logs`, `call.sdpHandlers`,
   * `call.removeH264Codecs` and `call.legacy` are fixed at `create`: they stay as they are, and a warning in the log says so.
   * Anything but an object does nothing. No event; no error.
   *
   * @param values the members to change; times and sizes as in the configuration
   */
  updateConfig(values?: Config): void;
  /** Which browser this is. */
  getBrowserDetails(): BrowserDetails;
  /**
   * What this version can do on the kind of server that the configuration names, in the words of Kandy.js 4.8: `call`,
   * `userCredentialsAuth`, `externalNotifications` and the like.
   */
  getCapabilities(): string[];
  /** The version of the Kandy.js API that this client implements. */
  getVersion(): string;
}

/** The version of the Kandy.js API; applications compare it, so it is not the number of this package. */
export const API_VERSION = '4.8.0';

/**
 * Makes a client that gets its engine from `source`.
 *
 * @param source gets the engine, or has it: then it is there when this returns
 * @param config as `create`
 * @param loadPeople gets the people engine
 */
export function createWith(source: Source, config: Config, loadPeople: LoadPeople): Client {
  const settings = createSettings(config);
  const { logs, authentication, call, common } = settings.get();
  configureLogs(logs);
  const log = createLog('CLIENT');
  const { api: events, emit } = createEmitter();
  const tellPeople = (input: PeopleInput): void => people.tell(input);
  const twins = createTwins();
  const { core, open } = createCore(twins, source, settings.forEngine(), emit, tellPeople, editor(call?.sdpHandlers, log), actionForm(logs) !== undefined);
  const people = createPeople(loadPeople, core, emit, createLog('PEOPLE'));
  open();

  log('info', `kandy-wasm, API version ${API_VERSION}`);
  if (!authentication.subscription?.server) {
    log('error', 'No server is configured: set authentication.subscription.server');
  }
  if (logs.handler !== undefined && typeof logs.handler !== 'function') log('error', 'logs.handler is no function');
  const idle = withoutEffect(call);
  if (idle.length > 0) log('debug', `Without effect in the configuration: call.${idle.join(', call.')}`);

  // What older applications expect of events is added before the application's own listeners hear of them.
  events.on('devices:change', (event) => {
    event.devices = core.query({ type: 'media.getDevices' }) as DevicesObject;
  });
  const read = isLegacy(call) ? inLegacyWords(core, events) : core;
  const calls = twins.add<CallApi, CallTwins>(callApi(read), (told, [id]) => told?.result ?? told?.tracks ?? (told?.newTrackId ? told : read.query({ type: 'call.getById', callId: id })));
  twins.add(calls, ({ callId }) => callId, ['make', 'join']);
  const present = { call: calls, media: twins.add<MediaApi, MediaTwins>(mediaApi(core), (told) => told?.tracks), core, events, emit, config: () => settings.get().call };

  const legacy = withLegacy(present);
  /** A function that only reads, and for which no engine is needed. */
  const noted = <T>(name: string, read: () => T) => (): T => {
    core.invoked(name);
    return read();
  };
  return {
    ...events,
    ...twins.add<ConnectionApi, ConnectionTwins>(connectionApi(core, settings.get), () => core.query({ type: 'getConnection' })),
    call: { ...legacy.call, history: historyApi(people) },
    media: legacy.media,
    conversation: conversationApi(people),
    ...peopleApi(people),
    state: stateApi((type) => (type in NOTHING ? people : core).query({ type } as never), settings.get, events),
    ...(common?.allowProxy === true && { proxy: proxyApi(emit) }),
    notification: twins.add<NotificationApi, NotificationTwins>(notificationApi(core), () => undefined),
    logger: { levels },
    getConfig: noted('getConfig', settings.get),
    updateConfig: (values) => {
      // Names only: the values may hold credentials of relay servers.
      core.invoked('updateConfig', Object.keys(Object(values)));
      const refused = settings.update(values);
      if (refused.length > 0) log('warn', `updateConfig: fixed at create, and not changed: ${refused.join(', ')}`);
      core.dispatch({ type: 'configure', config: settings.forEngine() });
    },
    getBrowserDetails: noted('getBrowserDetails', () => browserDetails()),
    getCapabilities: noted('getCapabilities', () => capabilities(settings.get())),
    getVersion: noted('getVersion', () => API_VERSION),
  };
}

/** The engine for the functions of the API: first its stand-in, then, some time after `open`, itself; never throws. */
function createCore(
  twins: Twins,
  source: Source,
  config: object,
  emit: Emit,
  tellPeople: (input: PeopleInput) => void,
  editSdp: EditSdp | undefined,
  logActions: boolean,
): { core: Core; open: () => void } {
  const log = createLog('CLIENT');
  const logCalls = createLog('API');
  const logEngine = createLog('ENGINE');
  const refused = (command: Command, error: BasicError): void => {
    refuse(command, error, emit);
    twins.settle({ op: command.op, error });
  };
  const pending = createPending(refused);
  let executor: Executor = pending;
  let told: any;

  const onEvent = (event: EngineEvent): void => {
    const { type, payload, people } = event;
    if (type.startsWith('people:')) return tellPeople(event);
    if (type === 'settle') return twins.settle({ ...(payload as Settlement), ...((payload as { told?: true }).told && { value: told, error: told.error }) });
    if (type === 'unpack') return unpack(payload as { op: number; packed: string }, dispatch);
    emit(type as never, payload as never);
    told = payload;
    if (people) tellPeople({ type: 'people:notice', payload: (payload as { payload: unknown }).payload });
  };
  const begin = (start: StartEngine, createActions?: CreateActions): void => {
    executor = start(config, onEvent, logEngine, editSdp, createActions?.({ form: sharedActionForm, write: writeGroup }, query));
    pending.handOver(dispatch);
  };
  const wait = async (loading: Promise<StartEngine>): Promise<void> => {
    const start = await loading;
    const { createActions } = logActions ? await import('./actions.js') : {};
    begin(start, createActions);
  };
  const open = (): void => {
    try {
      if (typeof source === 'function') wait(source()).catch(fail);
      else begin(source.start(), logActions ? source.createActions : undefined);
    } catch (reason) {
      fail(reason);
    }
  };
  const fail = (reason: unknown): void => {
    const error = reason instanceof BasicError ? reason : failure(codes.ENGINE_MISSING, 'The engine could not be started.', reason);
    log('error', error.message);
    executor = pending;
    pending.fail(error);
  };
  const dispatch: Core['dispatch'] = (command) => {
    try {
      executor.dispatch({ ...command, ...twins.take() });
    } catch (thrown) {
      const error = failure(codes.ENGINE_BROKEN, `The engine could not carry out ${command.type}.`, thrown);
      log('error', error.message);
      refuse(command, error, emit);
      // One that broke answers nobody any more.
      twins.fail(error);
    }
  };

  const query: Core['query'] = (query) => {
    try {
      return withErrors(executor.query(query));
    } catch (thrown) {
      log('error', `The engine could not answer ${query.type}. ${sentence(thrown)}`);
      return answer(query);
    }
  };

  const invoked: Core['invoked'] = (name, ...args) => logCalls('debug', `API invoked: ${name}:`, ...args);
  const mistake: Core['mistake'] = (line) => {
    log('error', line);
    twins.refuse(line);
  };
  return { core: { dispatch, query, invoked, mistake }, open };
}

/** An error that came of something thrown, with its sentence. */
function failure(code: string, what: string, cause: unknown): BasicError {
  return new BasicError(code, `${what} ${sentence(cause)}`, { cause });
}

/** Unpacks a description with what only few pages need and load. */
function unpack({ op, packed }: { op: number; packed: string }, dispatch: Core['dispatch']): void {
  import('./unpack.js')
    .then(({ unpack }) => unpack(packed))
    .then(
      (text) => dispatch({ type: 'unpacked', op, text }),
      () => dispatch({ type: 'unpacked', op }),
    );
}
