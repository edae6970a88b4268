// What the events of calls and media carry: every key with the kind of its value. `error` is there even when nothing failed.
import assert from 'node:assert/strict';
import { covers } from '../../lib/covers.mjs';

const CALL = { callId: 'string', error: 'undefined' };
const TRACK = { ...CALL, local: 'boolean', trackId: 'string', id: 'string' };

/** Of a success, in the form that the call's story gives them. `state` and `devices` are ours, for older applications. */
export const SHAPES = {
  'call:start': CALL,
  'call:receive': CALL,
  'call:stateChange': { ...CALL, transition: 'undefined', previous: 'object', state: 'string' },
  'call:newTrack': TRACK,
  'call:trackEnded': TRACK,
  'call:newMedia': { ...CALL, local: 'boolean', tracks: 'array', mediaId: 'string' },
  'call:removedMedia': { ...CALL, local: 'boolean', tracks: 'array' },
  'call:trackReplaced': { ...CALL, newTrackId: 'string', oldTrack: 'object' },
  'call:statsReceived': { ...CALL, result: 'report', trackId: 'string' },
  'devices:change': { devices: 'object' },
  'media:muted': { tracks: 'array' },
  'media:unmuted': { tracks: 'array' },
};

/** Keys that no row of the API tables has. */
const OURS = ['call:stateChange.state', 'devices:change.devices'];

/** The last event of this type has exactly its keys; its row and those of its keys are covered. */
export async function assertShape(t, one, type) {
  assert.deepEqual(await one.run((name) => page.shape(name), type), SHAPES[type], type);
  covers(t, type, ...Object.keys(SHAPES[type]).map((key) => `${type}.${key}`).filter((id) => !OURS.includes(id)));
}
