// Stands in for the engine until it is there: queues commands in order and answers reads so that they agree with what
// was already asked. Dropped as soon as the engine has taken over; if the engine never comes, every command gets an error.

import { BasicError, codes } from './errors.js';
import type { Command, Executor, Query } from './contract.js';
import type { Emit } from './emitter.js';
import type { CallObject, ConnectionState, ServicesInfo } from './types.js';

/** The stand-in. */
export interface Pending extends Executor {
  /** Gives all queued commands to the engine's `dispatch`, in order. */
  handOver(dispatch: Executor['dispatch']): void;
  /** The engine will never come: refuses what is queued and everything that follows. */
  fail(error: BasicError): void;
}

/** Most commands that are kept; an application that asks for more before the engine is there has gone astray. */
export const QUEUE_LIMIT = 1000;

/** A stand-in; `refuse` tells that a command was not carried out. */
export function createPending(refuse: (command: Command, error: BasicError) => void): Pending {
  const queue: Command[] = [];
  const calls = new Map<string, CallObject>();
  let connecting = false;
  let failure: BasicError | undefined;

  const note = (command: Command): void => {
    if (command.type === 'connect') connecting = true;
    if (command.type === 'disconnect') connecting = false;
    if (command.type === 'call.make') calls.set(command.callId, initiating(command));
    if (command.type === 'call.end') end(command.callId);
  };
  const end = (callId: string, error?: BasicError): void => {
    const call = calls.get(callId);
    if (!call || call.state === 'Ended') return;
    const now = Date.now();
    calls.set(callId, { ...call, state: 'Ended', startTime: now, endTime: now, ...(error && { error }) });
  };

  return {
    dispatch: (command) => {
      if (failure) return refuse(command, failure);
      if (queue.length >= QUEUE_LIMIT) return refuse(command, tooMuch(QUEUE_LIMIT));
      queue.push(command);
      note(command);
    },
    query: (query) => answer(query, [...calls.values()], { isPending: connecting, error: failure }),
    handOver: (dispatch) => queue.splice(0).forEach(dispatch),
    fail: (error) => {
      failure = error;
      connecting = false;
      for (const callId of calls.keys()) end(callId, error);
      for (const command of queue.splice(0)) refuse(command, error);
    },
  };
}

/** Tells the application that a command was not carried out, by the event that its failure would have had. */
export function refuse(command: Command, error: BasicError, emit: Emit): void {
  switch (command.type) {
    case 'connect':
    case 'disconnect':
      emit('auth:change', {});
      emit('auth:error', { error });
      break;
    case 'updateToken':
    case 'updateConnection':
      emit('auth:error', { error });
      break;
    case 'notification.process':
      emit('notifications:error', { channel: command.channel, error });
      break;
    case 'notification.registerPush':
    case 'notification.deregisterPush':
      emit('notifications:error', { channel: 'PUSH', error });
      break;
    case 'notification.enableWebsocket':
      emit('notifications:error', { channel: 'WEBSOCKET', error });
      break;
    case 'call.addMedia':
    case 'call.removeMedia': {
      const type = command.type === 'call.addMedia' ? 'call:newMedia' : 'call:removedMedia';
      emit(type, { callId: command.callId, error, local: true, tracks: undefined });
      break;
    }
    case 'call.replaceTrack':
      emit('call:trackReplaced', { callId: command.callId, error, newTrackId: undefined, oldTrack: undefined });
      break;
    case 'call.getStats':
      emit('call:statsReceived', { callId: command.callId, error, result: undefined, ...(command.trackId && { trackId: command.trackId }) });
      break;
    case 'call.join':
      emit('call:join', { callId: command.callId, error, joinedCalls: [command.callId, command.otherCallId] });
      break;
    case 'call.sendDTMF':
      break;
    case 'media.muteTracks':
      emit('media:muted', { tracks: [] });
      break;
    case 'media.unmuteTracks':
      emit('media:unmuted', { tracks: [] });
      break;
    default:
      // Of all else that is wanted of a call its state tells.
      if ('callId' in command) emit('call:stateChange', stateChange(command.callId, command.type === 'call.make' ? 'Initiating' : 'Ended', error));
  }
  // As the engine does; of `sendDTMF` nothing else tells.
  if ('callId' in command) emit('call:error', { callId: command.callId, error });
}

/** What there is to read when no engine answers. */
export function answer(
  query: Query,
  calls: CallObject[] = [],
  connection: { isPending: boolean; error: BasicError | undefined } = { isPending: false, error: undefined },
): unknown {
  switch (query.type) {
    case 'getConnection': {
      const { isPending, error } = connection;
      return { isConnected: false, isPending, subscription: nothing(), ...(error && { error }) } satisfies ConnectionState;
    }
    case 'getServices':
      return nothing();
    case 'getUserInfo':
      return {};
    case 'call.getAll':
      return calls.map((call) => ({ ...call }));
    case 'call.getById':
      return calls.filter((call) => call.id === query.callId).map((call) => ({ ...call }))[0];
    case 'media.getDevices':
      return { camera: [], microphone: [], speaker: [] };
    case 'connection.getSocketState':
    case 'people.address':
    case 'media.getById':
    case 'media.getTrackById':
      return undefined;
  }
}

function initiating(command: Extract<Command, { type: 'call.make' }>): CallObject {
  return {
    id: command.callId,
    direction: 'outgoing',
    state: 'Initiating',
    localHold: false,
    remoteHold: false,
    localTracks: [],
    remoteTracks: [],
    remoteParticipant: { displayNumber: command.destination },
    to: command.destination,
    from: '',
    isCaller: true,
    localOp: { operation: 'MAKE', status: 'ONGOING' },
  };
}

function stateChange(callId: string, state: 'Initiating' | 'Ended', error: BasicError) {
  const previous = { state, localHold: false, remoteHold: false };
  return { callId, error, transition: undefined, previous, state: 'ENDED' };
}

function nothing(): ServicesInfo {
  return { requested: [], received: [], missing: [], status: 'NONE', services: {} };
}

/** More is waiting than is kept. */
export function tooMuch(limit: number): BasicError {
  return new BasicError(codes.ENGINE_BUSY, `More than ${limit} operations are waiting for the engine to be loaded. Try again when it is there.`);
}
