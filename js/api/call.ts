// Calls (api-behaviour 7).

import { plain, texts } from '../plain.js';
import { mintId } from '../ids.js';
import type { Command, Core } from '../contract.js';
import { ask, wish } from '../invoke.js';
import type { AnswerOptions, CallObject, MakeOptions, Media } from '../types.js';

/** `client.call.states` */
export const states = Object.freeze(
  Object.defineProperties(
    {
      INITIATING: 'Initiating',
      INITIATED: 'Initiated',
      RINGING: 'Ringing',
      CANCELLED: 'Cancelled',
      CONNECTED: 'Connected',
      ON_HOLD: 'On Hold',
      ENDED: 'Ended',
    } as const,
    // For pages that compare with what 3.x called so (legacy-3x 7.1); whoever lists the states does not see them.
    { IN_CALL: { value: 'IN_CALL' }, ON_REMOTE_HOLD: { value: 'ON_REMOTE_HOLD' } },
  ),
);

/** `client.call` */
export interface CallApi {
  /**
   * Calls somebody. The call is `Initiating` when this returns.
   *
   * Events: `call:start` when the server has accepted it (`localTracks` are known then), `call:stateChange` when it
   * rings, `call:newTrack` per track of the other side, `call:stateChange` when it is `Connected` or `Ended`.
   *
   * Errors, in a `call:stateChange` to `Ended`: `call:4` no microphone or camera, or no media asked for; `call:9` no
   * offer could be made; `NO_CODE` the server refused, or nobody is logged in; `engine:1` no engine.
   *
   * @param destination `user@domain`, or whatever the server can reach
   * @param media which media to send
   * @param options display name for the callee; bandwidth of what is received, in kbit/s
   * @returns the id of the call
   * @throws TypeError if `destination` is no text, or without `media`
   *
   * @example
   * const callId = client.call.make('bob@example.com', { audio: true, video: true }, { displayName: 'Alice' })
   */
  make(destination: string, media: Media, options?: MakeOptions): string;
  /**
   * Answers an incoming call that rings.
   *
   * Events: `call:newTrack` per own track, `call:stateChange` when it is `Connected`. After an error in
   * `call:stateChange` the call goes on ringing: `call:4` no microphone or camera, `call:6` it does not ring, or the
   * server's number.
   *
   * @param callId from `call:receive`
   * @param media which media to send
   * @param options bandwidth of what is received, in kbit/s
   * @throws TypeError without `media`
   *
   * @example
   * client.on('call:receive', ({ callId }) => client.call.answer(callId, { audio: true }))
   */
  answer(callId: string, media: Media, options?: AnswerOptions): void;
  /**
   * Declines an incoming call that rings; the caller is told.
   *
   * Events: `call:trackEnded` per remote track, `call:stateChange`; with `call:6` if it does not ring.
   *
   * @param callId from `call:receive`
   */
  reject(callId: string): void;
  /**
   * Stops the ringing here; the caller is not told, and other devices ring on.
   *
   * Events: `call:stateChange`, `call:trackEnded` per remote track; `call:stateChange` with `call:6` if it does not ring.
   *
   * @param callId from `call:receive`
   */
  ignore(callId: string): void;
  /**
   * Holds a connected call: no media flow in either direction until `unhold`. Each side holds for itself; the call is
   * `Connected` again when neither holds.
   *
   * Events: `call:stateChange` when the other side has taken part (`On Hold`, `localHold` true); before it, unless
   * `call.sdpSemantics` is `unified-plan`, `call:trackEnded` per remote track. Errors in `call:stateChange`, the call
   * being as it was: `call:6` if it is not connected or held by this side already, a number if the server refuses,
   * `call:2` if the other side does not answer. Another operation that runs is waited for.
   *
   * @param callId from `make` or `call:receive`
   */
  hold(callId: string): void;
  /**
   * Ends this side's hold.
   *
   * Events: `call:newTrack` per remote track that returns, with the id it had, and `call:stateChange`: `Connected`, or
   * `On Hold` while the other side holds. Errors as for `hold`.
   *
   * @param callId from `make` or `call:receive`
   */
  unhold(callId: string): void;
  /**
   * Adds media to a connected call: a second picture, a microphone.
   *
   * Events: `call:newTrack` per new track as soon as the device is open, `call:newMedia` when the other side has agreed.
   * Errors in `call:newMedia`: `call:4` no device, or nothing asked for; `call:6` the call is not connected or is held;
   * `call:7` there is no such call; a number if the server refuses, `call:2` if the other side does not answer. The new
   * tracks are over then.
   *
   * @param callId from `make` or `call:receive`
   * @param media which media to add
   * @param options limits on what is received
   */
  addMedia(callId: string, media?: Media, options?: AnswerOptions): void;
  /**
   * Removes tracks of this side from a connected call. Their devices are free when this returns.
   *
   * Events: `call:trackEnded` per track, `call:removedMedia` when the other side has agreed. Errors in
   * `call:removedMedia`: `call:6` the call is not connected or is held; `call:7` there is no such call, no id was given,
   * or an id is not of a local track of this call; a number if the server refuses.
   *
   * @param callId from `make` or `call:receive`
   * @param tracks ids from `localTracks`
   * @param options limits on what is received
   */
  removeMedia(callId: string, tracks: string[], options?: AnswerOptions): void;
  /**
   * Sends another track in place of one that is sent: another camera, another microphone. Nothing is negotiated, and the
   * other side keeps its track. A track that was muted stays muted.
   *
   * Events: `call:trackEnded` for the old track, `call:trackReplaced`. Errors in `call:trackReplaced`, the call being as it
   * was: `call:4` no device; `call:6` the call is not connected; `call:7` there is no such call or local track, or `media`
   * does not ask for its kind; `call:2` the browser could not.
   *
   * @param callId from `make` or `call:receive`
   * @param trackId from `localTracks`
   * @param media which media to send instead; only the kind of the old track counts
   * @throws TypeError without `media`
   *
   * @example
   * const [trackId = ''] = client.call.getById(callId)?.localTracks ?? []
   * client.call.replaceTrack(callId, trackId, { audio: true, audioOptions: { deviceId: { exact: 'headset' } } })
   */
  replaceTrack(callId: string, trackId: string, media: Media): void;
  /**
   * Plays tones to the other side (DTMF, RFC 4733). Tones that are asked for while others play follow them.
   *
   * No event on success. Errors in `call:error`: `call:6` the call is neither connected nor rings; `call:7` there is no such
   * call, or a tone is none; `call:2` the other side does not take tones.
   *
   * @param callId from `make` or `call:receive`
   * @param tone one or more of `0-9`, `A-D`, `#`, `*`; a comma is a pause of two seconds
   * @param duration milliseconds of each tone, 40 to 6000
   * @param intertoneGap milliseconds between two tones, at least 30
   */
  sendDTMF(callId: string, tone: string | number, duration?: number, intertoneGap?: number): void;
  /**
   * Asks for the browser's statistics of a call, or of one of its tracks, local or remote.
   *
   * Event: `call:statsReceived` with the `RTCStatsReport`. Errors there: `call:7` there is no such call; `call:2` it has no
   * media connection, or no such track.
   *
   * @param callId from `make` or `call:receive`
   * @param trackId from `localTracks` or `remoteTracks`
   *
   * @example
   * client.on('call:statsReceived', ({ result }) => result?.forEach((report) => console.log(report.type, report)))
   * client.call.getStats(callId)
   */
  getStats(callId: string, trackId?: string): void;
  /**
   * Lets somebody else answer an incoming call that rings.
   *
   * Events: `call:stateChange` to `Ended`, `call:trackEnded` per remote track. With an error the call goes on ringing:
   * `call:6` it does not ring, or the server's number.
   *
   * @param callId from `call:receive`
   * @param destination `user@domain`, or whatever the server can reach
   * @throws TypeError if `destination` is no text
   */
  forward(callId: string, destination: string): void;
  /**
   * Connects the other side of a held call with somebody else, without talking to them.
   *
   * Event: `call:stateChange` to `Ended` with `transition.reasonText` `Direct Transfer Successful`. With an error the call
   * stays on hold: `call:6` it is not on hold, `call:2` nobody answered, or the server's number.
   *
   * @param callId from `make` or `call:receive`
   * @param destination `user@domain`, or whatever the server can reach
   * @throws TypeError if `destination` is no text
   */
  directTransfer(callId: string, destination: string): void;
  /**
   * Connects the other sides of two held calls with each other.
   *
   * Event, for each of the two calls: `call:stateChange` to `Ended` with `transition.reasonText` `Transfer Successful`. With
   * an error both stay on hold: `call:6` one is not on hold, `call:2` it failed, or the server's number.
   *
   * @param callId the first call
   * @param otherCallId the second call
   */
  consultativeTransfer(callId: string, otherCallId: string): void;
  /**
   * Makes one call of three parties, sound only, out of two held calls. The server has to be able to mix.
   *
   * Events: `call:join` with the id of the new call, which then connects as an outgoing call does; `call:stateChange` to
   * `Ended` for the two old ones. Errors in `call:join`: `call:6` one is not on hold, `call:4` no microphone, `NO_CODE` the
   * server refused. The two calls stay on hold then, with an error in their `call:stateChange` if the server was asked.
   *
   * @param callId the first call
   * @param otherCallId the second call
   */
  join(callId: string, otherCallId: string): void;
  /**
   * Ends a call in any state.
   *
   * Events: `call:trackEnded` per track, `call:stateChange`. The call ends here even if the server refuses (`error` is
   * set then). Nothing happens if it has ended already.
   *
   * @param callId from `make` or `call:receive`
   */
  end(callId: string): void;
  /**
   * The call with this id as it is now; undefined if there is none. Calls that have ended can still be read.
   *
   * @param callId from `make` or `call:receive`
   */
  getById(callId: string): CallObject | undefined;
  /** All calls since the client was created, in order of creation. */
  getAll(): CallObject[];
  /** The values of `state`. */
  states: typeof states;
}

/** The functions, on top of `core`. */
export function callApi(core: Core): CallApi {
  /** An id that is no text belongs to no call: a line in the log, as for every unknown id. */
  const send = (command: Command & { callId: string }, hand = wish): void => {
    if (typeof command.callId === 'string') hand(core, plain(command) as Command);
    else core.mistake(`${command.type}: the call id is no text`);
  };

  /** Of these 4.8 has no line in its log. */
  const quietly = (command: Command & { callId: string }): void => send(command, (_, command) => core.dispatch(command));

  const simply = (type: 'call.reject' | 'call.ignore' | 'call.hold' | 'call.unhold' | 'call.end') => (callId: string) => send({ type, callId });

  return {
    make: (destination, media, options = {}) => {
      core.invoked('call.make', destination, media, options);
      mustBeText('call.make', destination);
      mustBeGiven('call.make', media);
      const callId = mintId();
      quietly({ type: 'call.make', callId, destination, media, options });
      return callId;
    },
    answer: (callId, media, options = {}) => {
      mustBeGiven('call.answer', media);
      send({ type: 'call.answer', callId, media, options });
    },
    reject: simply('call.reject'),
    ignore: simply('call.ignore'),
    hold: simply('call.hold'),
    unhold: simply('call.unhold'),
    addMedia: (callId, media = {}, options = {}) => {
      mustBeGiven('call.addMedia', media);
      send({ type: 'call.addMedia', callId, media, options });
    },
    removeMedia: (callId, tracks, options = {}) => {
      send({ type: 'call.removeMedia', callId, tracks: texts(tracks), options });
    },
    replaceTrack: (callId, trackId, media) => {
      mustBeGiven('call.replaceTrack', media);
      quietly({ type: 'call.replaceTrack', callId, trackId: String(trackId), media });
    },
    sendDTMF: (callId, tone, duration, intertoneGap) => send({ type: 'call.sendDTMF', callId, tone, duration, intertoneGap }),
    getStats: (callId, trackId) => send({ type: 'call.getStats', callId, trackId: trackId && String(trackId) }),
    forward: (callId, destination) => {
      mustBeText('call.forward', destination);
      quietly({ type: 'call.forward', callId, destination });
    },
    directTransfer: (callId, destination) => {
      mustBeText('call.directTransfer', destination);
      quietly({ type: 'call.directTransfer', callId, destination });
    },
    consultativeTransfer: (callId, otherCallId) => quietly({ type: 'call.consultativeTransfer', callId, otherCallId: String(otherCallId) }),
    join: (callId, otherCallId) => quietly({ type: 'call.join', callId, otherCallId: String(otherCallId) }),
    end: simply('call.end'),
    getById: (callId) => (typeof callId === 'string' ? ask(core, { type: 'call.getById', callId }) : undefined),
    getAll: () => ask(core, { type: 'call.getAll' }),
    states,
  };
}

function mustBeText(name: string, destination: unknown): void {
  if (typeof destination !== 'string') throw new TypeError(`${name} needs a destination, such as bob@example.com`);
}

function mustBeGiven(name: string, media: unknown): void {
  if (media === undefined || media === null) throw new TypeError(`${name} needs media, such as { audio: true }`);
}
