// The words of Kandy.js 3.x where 4.8 has others under the same names: states, transitions, members of call records
// (legacy-3x 4, 5 and 7.1). An application of 4.8 sees nothing of them.

import type { Core } from './contract.js';
import type { Events } from './emitter.js';
import type { CallObject, TrackObject } from './types.js';

/** `client.call.states` in a legacy client; also the states that only servers of those days had. */
export const legacyStates = Object.freeze({
  ...same(
    'INITIATING INITIATED RINGING EARLY_MEDIA IN_CALL ON_HOLD ON_REMOTE_HOLD ENDED REJECTED OUTGOING INCOMING ANSWERING ' +
      'JOINED RENEGOTIATION TRANSFERRED CALL_IN_PROGRESS TRANSFER_FAILURE REPLACING',
  ),
  CONNECTED: 'IN_CALL',
  CANCELLED: 'ENDED',
});

/** `client.call.mediaStates` */
export const mediaStates = Object.freeze(same('NEW CHECKING CONNECTED COMPLETED FAILED DISCONNECTED CLOSED'));

/** The text of 3.x for a state. */
export function legacyState({ state, localHold }: Pick<CallObject, 'state' | 'localHold'>): string {
  if (state === 'Connected') return 'IN_CALL';
  if (state === 'On Hold') return localHold ? 'ON_HOLD' : 'ON_REMOTE_HOLD';
  return state === 'Cancelled' ? 'ENDED' : state.toUpperCase().replace(' ', '_');
}

/**
 * Makes a legacy client's events and records speak those words. To be called before the application can listen: whoever
 * listens first hears first.
 *
 * @returns what the functions that read calls are to ask
 */
export function inLegacyWords(core: Core, events: Events): Core {
  const last = new Map<string, object>();

  events.on('call:stateChange', (event) => {
    const { callId, transition } = event;
    const prevState = legacyState(event.previous);
    const { statusCode: code, reasonText } = transition ?? {};
    const told = { ...transition, code, reasonText, prevState, newState: event.state };
    Object.assign(event, { transition: told, previous: { ...event.previous, state: prevState } });
    last.delete(callId);
    last.set(callId, told);
    const [oldest = ''] = last.keys();
    if (last.size > REMEMBERED) last.delete(oldest);
  });

  const inWords = (call: CallObject): CallObject => {
    const { displayName, displayNumber } = call.remoteParticipant;
    const other = displayName ?? displayNumber;
    const muted = (tracks: TrackObject[]) => tracks.length > 0 && tracks.every((track) => track.muted);
    return Object.assign(call, {
      state: legacyState(call),
      callerName: call.isCaller ? call.displayName ?? call.from : other,
      calleeName: call.isCaller ? other : call.to,
      muted: muted(tracksOf(core, call.localTracks, 'audio')),
      silenced: muted(tracksOf(core, call.remoteTracks, 'audio')),
      sendingVideo: tracksOf(core, call.localTracks, 'video').length > 0,
      isScreensharing: false,
      customParameters: [],
      transition: last.get(call.id),
    });
  };

  return {
    ...core,
    query: (query) => {
      const answer = core.query(query);
      if (query.type === 'call.getById') return answer && inWords(answer as CallObject);
      return query.type === 'call.getAll' ? (answer as CallObject[]).map(inWords) : answer;
    },
  };
}

/** A call in the words of 4.8; an id that is no text belongs to none. */
export function callOf(core: Core, callId: string): CallObject | undefined {
  return core.query({ type: 'call.getById', callId: String(callId) }) as CallObject | undefined;
}

/** Those of the tracks that live, of one kind. */
export function tracksOf(core: Core, trackIds: string[], kind?: TrackObject['kind']): TrackObject[] {
  const all = trackIds.map((trackId) => core.query({ type: 'media.getTrackById', trackId }) as TrackObject | undefined);
  return all.filter((track): track is TrackObject => track !== undefined && (!kind || track.kind === kind));
}

/** Calls whose last transition is known: the engine keeps as many that have ended. */
const REMEMBERED = 500;

function same(names: string): Record<string, string> {
  return Object.fromEntries(names.split(' ').map((name) => [name, name]));
}
