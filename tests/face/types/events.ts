// Listeners as the types see them: compiled by types.test.mjs, never run. A line marked as an error has to be one.
import { create, type BasicError, type EventMap, type EventName, type Listener, type StateChangeEvent, type StoredMessage, type TrackObject } from 'kandy-wasm';
import { is } from './same.js';

const client = create();

// Each event brings its own payload, at every place where a listener is given.
client.on('auth:change', (payload) => is<typeof payload, { reason?: string; forced?: boolean }>(true));
client.on('auth:error', ({ error }) => is<typeof error, BasicError>(true));
client.on('call:start', ({ callId, error }) => (is<typeof callId, string>(true), is<typeof error, BasicError | undefined>(true)));
client.on('call:stateChange', (payload) => is<typeof payload, StateChangeEvent>(true));
client.on('call:newMedia', ({ tracks }) => is<typeof tracks, string[] | undefined>(true));
client.on('call:trackReplaced', ({ oldTrack }) => is<typeof oldTrack, TrackObject | undefined>(true));
client.on('call:statsReceived', ({ result }) => is<typeof result, RTCStatsReport | undefined>(true));
client.on('messages:error', ({ error }) => is<typeof error, BasicError>(true));
client.on('conversations:change', (changed) => changed.map(({ destination }) => is<typeof destination, string[]>(true)));
client.on('directory:change', ({ results }) => results[0]?.userId.length);
client.on('clickToCall:error', ({ callId, error }) => is<[typeof callId, typeof error], [string, BasicError]>(true));
client.on('presence:change', ({ userId, activity }) => is<[typeof userId, typeof activity], [string, string]>(true));

// One function for several events, and the same one to take it off again.
const ended: Listener<'call:trackEnded'> = ({ trackId, local }) => is<[typeof trackId, typeof local], [string, boolean]>(true);
client.on('call:trackEnded', ended);
client.on('call:newTrack', ended);
client.off('call:trackEnded', ended);

// A helper of an application, for any event.
function once<T extends EventName>(type: T): Promise<EventMap[T]> {
  return new Promise((resolve) => {
    const listener: Listener<T> = (payload) => (client.off(type, listener), resolve(payload));
    client.on(type, listener);
  });
}
once('call:receive').then(({ callId }) => is<typeof callId, string>(true));

// Whoever hears of everything looks what a payload has.
client.subscribe((type, [payload]) => {
  is<typeof type, EventName>(true);
  if ('callId' in payload) console.log(payload.callId);
});
client.subscribe((type) => console.log(type));
client.subscribe(() => console.log('something'));

// Other names are accepted, as in 4.8, and their payload is not known.
client.on('something:else', (payload) => is<typeof payload, unknown>(true));
const computed: string = ['call', 'start'].join(':');
client.on(computed, (payload) => is<typeof payload, unknown>(true));

// Messages that events lead to.
client.on('messages:change', ({ destination }) => {
  const last = client.conversation.get(destination)?.getMessages().at(-1);
  is<typeof last, StoredMessage | undefined>(true);
});

// @ts-expect-error no such member of this event
client.on('call:start', ({ trackId }) => trackId);
// @ts-expect-error a call's id is a text
client.on('call:start', ({ callId }: { callId: number }) => callId);
// @ts-expect-error an error that may be missing
client.on('call:start', ({ error }) => error.code);
// @ts-expect-error an unknown payload has no members
client.on('something:else', ({ callId }) => callId);
// @ts-expect-error no listener
client.on('call:start');
// @ts-expect-error no function
client.on('call:start', 'listener');
// @ts-expect-error a listener of another event
client.off('auth:change', ended);
// @ts-expect-error not every payload has one
client.subscribe((_type, [payload]) => payload.callId);
// @ts-expect-error no such event
client.subscribe((type) => type === 'call:begin');
