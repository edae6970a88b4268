// The calling style of Kandy.js 3.x on top of the functions and events of 4.8 (legacy-3x 7): which calls are meant in that
// way, what their options mean, and that they show themselves. What 4.8 can do is asked of it; no rule of calls is here.

import type { CallApi } from './api/call.js';
import type { CallTwins, MediaTwins } from './api/twins.js';
import type { MediaApi } from './api/media.js';
import type { MergedConfig } from './config-types.js';
import { isLegacy } from './config.js';
import { selectorOf } from './containers.js';
import type { Core } from './contract.js';
import type { Emit, Events } from './emitter.js';
import { BasicError, codes } from './errors.js';
import { callOf, legacyState, legacyStates, mediaStates, tracksOf } from './legacy-words.js';
import type { MakeOptions, Media, TrackObject } from './types.js';

/** Options of `answer`, and defaults of both, in the style of Kandy.js 3.x. */
export interface LegacyCallOptions {
  /** Whether to send and receive sound. Default true. Without it and without a camera the call only receives. */
  isAudioEnabled?: boolean;
  /** Whether the call may have video; if false, none is received and none can be started later. Default true. */
  isVideoEnabled?: boolean;
  /** Whether the camera is on from the start. Default false. */
  sendInitialVideo?: boolean;
  /** Wanted size of the own picture, in pixels. */
  videoResolution?: { height?: number; width?: number };
  /** Where the other side is shown: an element, a CSS selector, or an id. Without it its sound is played all the same. */
  remoteVideoContainer?: Element | string;
  /** Where the own picture is shown. */
  localVideoContainer?: Element | string;
  /** Without effect: calls are always encrypted. */
  webrtcdtls?: boolean;
}

/** Options of `make` in the style of Kandy.js 3.x. */
export interface LegacyMakeOptions extends LegacyCallOptions {
  /** Shown to the callee as the caller's name. */
  from?: string;
  /** The caller's name, if `from` is not given. */
  contact?: { firstName?: string; lastName?: string };
  /** Whether the destination is brought into the form `sip:user@domain`, whatever the configuration says. */
  normalizeAddress?: boolean;
}

/** Functions of `client.call` for applications that are written for Kandy.js 3.x. */
export interface LegacyCallApi {
  /**
   * Calls somebody, and shows the call in the containers by itself. Events as for the present form, and `call:error` (for want
   * of a microphone or camera also `media:error`) after each event with an error. With `call.callDefaults` in the
   * configuration, `options` may be left out.
   *
   * @deprecated The form of Kandy.js 3.x; pass media instead: `make(destination, { audio: true })`.
   */
  make(destination: string, options: LegacyMakeOptions): string;
  /**
   * Answers a call, and shows it in the containers by itself. With `call.callDefaults` in the configuration, `options` may be
   * left out.
   *
   * @deprecated The form of Kandy.js 3.x; pass media instead: `answer(callId, { audio: true })`.
   */
  answer(callId: string, options: LegacyCallOptions): void;
  /** @deprecated Use `forward`. */
  forwardCall(callId: string, destination: string): void;
  /**
   * Mutes the own sound of a call. Events: `media:muted`, `call:stateChange`; `call:error` with `call:6` if there is none,
   * with `call:7` if there is no such call.
   *
   * @deprecated Use `media.muteTracks`.
   */
  mute(callId: string): void;
  /** @deprecated Use `media.unmuteTracks`. */
  unmute(callId: string): void;
  /**
   * Mutes the other side's sound of a call; events as for `mute`.
   *
   * @deprecated Use `media.muteTracks`.
   */
  silence(callId: string): void;
  /** @deprecated Use `media.unmuteTracks`. */
  unsilence(callId: string): void;
  /**
   * Adds the camera to a call. Events as for `addMedia`; `call:error` with `call:6` if the call was made or answered with
   * `isVideoEnabled: false`.
   *
   * @deprecated Use `addMedia`.
   */
  startVideo(callId: string, options?: Pick<LegacyCallOptions, 'videoResolution'>): void;
  /** @deprecated Use `removeMedia`. */
  stopVideo(callId: string): void;
  /** @deprecated Names only; no event carries them. */
  mediaStates: typeof mediaStates;
}

/** Functions of `client.media` for applications that are written for Kandy.js 3.x. */
export interface LegacyMediaApi {
  /**
   * Does nothing; event: `media:initialize`.
   *
   * @deprecated Nothing has to be prepared.
   */
  init(): void;
}

/** What the older style is built on. */
export interface Present {
  call: CallApi & CallTwins;
  media: MediaApi & MediaTwins;
  core: Core;
  events: Events;
  emit: Emit;
  config: () => MergedConfig['call'] | undefined;
}

/** The functions of both styles; to be called before the application can listen. */
export function withLegacy({ call, media, core, events, emit, config }: Present): {
  call: CallApi & CallTwins & LegacyCallApi;
  media: MediaApi & MediaTwins & LegacyMediaApi;
} {
  const legacy = isLegacy(config());
  const views = showing(core, events);

  /** The options, defaults included, if the call is meant in the older way (legacy-3x 7.2). */
  const olderOptions = (given: unknown): LegacyMakeOptions | undefined => {
    const options = (legacy && given === undefined ? {} : given) as object;
    if (typeof options !== 'object' || options === null) return undefined;
    const meant = MARKS.some((mark) => mark in options) || (legacy && !('audio' in options) && !('video' in options));
    if (!meant) return undefined;
    return { isAudioEnabled: true, isVideoEnabled: true, ...said(config()?.callDefaults), ...said(options) };
  };
  const refuse = (callId: string, code: string, why: string): void => {
    emit('call:error', { callId, error: new BasicError(code, why) });
  };

  const muting = (name: 'muteTracks' | 'unmuteTracks', list: 'localTracks' | 'remoteTracks') => (callId: string): void => {
    const found = callOf(core, callId);
    if (!found) return refuse(callId, codes.CALL_ARGUMENT, `There is no call ${callId}.`);
    const tracks = tracksOf(core, found[list], 'audio');
    if (tracks.length === 0) return refuse(callId, codes.CALL_STATE, 'The call has no such sound at the moment.');
    media[name](tracks.map(({ id }) => id));
    const { state, localHold, remoteHold } = found;
    const previous = { state, localHold, remoteHold };
    emit('call:stateChange', { callId, error: undefined, transition: undefined, previous, state: legacyState(found) });
  };

  return {
    call: {
      ...call,
      make: (destination: string, second?: unknown, third?: MakeOptions): string => {
        const options = olderOptions(second);
        if (!options) return call.make(destination, second as Media, third);
        const { normalizeAddress } = options;
        const callId = call.make(destination, mediaOf(options), { displayName: nameOf(options), normalizeAddress } as MakeOptions);
        views.add(callId, options);
        return callId;
      },
      answer: (callId: string, second?: unknown, third?: MakeOptions): void => {
        const options = olderOptions(second);
        if (options) views.add(callId, options);
        call.answer(callId, options ? mediaOf(options) : (second as Media), options ? {} : third);
      },
      forwardCall: call.forward,
      mute: muting('muteTracks', 'localTracks'),
      unmute: muting('unmuteTracks', 'localTracks'),
      silence: muting('muteTracks', 'remoteTracks'),
      unsilence: muting('unmuteTracks', 'remoteTracks'),
      startVideo: (callId, options = {}) => {
        const view = views.get(callId);
        if (view && !view.isVideoEnabled) refuse(callId, codes.CALL_STATE, 'The call was made without isVideoEnabled.');
        else call.addMedia(callId, { video: true, ...sizeOf(options) });
      },
      stopVideo: (callId) => {
        const tracks = tracksOf(core, callOf(core, callId)?.localTracks ?? [], 'video');
        call.removeMedia(callId, tracks.map(({ id }) => id));
      },
      states: legacy ? (legacyStates as unknown as CallApi['states']) : call.states,
      mediaStates,
    },
    media: {
      ...media,
      init: () => emit('media:initialize', { result: { error: false, code: 0, message: 'Nothing has to be prepared.' } }),
    },
  };
}

/** Any of these says that the older style is meant (legacy-3x 7.2). */
const MARKS = [
  'isAudioEnabled',
  'isVideoEnabled',
  'sendInitialVideo',
  'remoteVideoContainer',
  'localVideoContainer',
  'normalizeAddress',
  'videoResolution',
  'webrtcdtls',
  'contact',
];

/** The members that say something: a page often passes on what it looked for and did not find. */
function said(options: object | undefined): object {
  return Object.fromEntries(Object.entries(options ?? {}).filter(([, value]) => value !== undefined && value !== null));
}

/** What the engine is to send and receive (legacy-3x 7.3). */
function mediaOf(options: LegacyCallOptions): Media {
  const audio = Boolean(options.isAudioEnabled);
  const receiveVideo = Boolean(options.isVideoEnabled);
  const video = receiveVideo && Boolean(options.sendInitialVideo);
  // Who sends nothing listens.
  return { audio, video, ...sizeOf(options), receiveVideo, ...(!audio && !video && { receiveAudio: true }) } as Media;
}

function sizeOf(options: Pick<LegacyCallOptions, 'videoResolution'> | null): Pick<Media, 'videoOptions'> {
  const size = options?.videoResolution;
  return size ? { videoOptions: { height: Number(size.height), width: Number(size.width) } } : {};
}

function nameOf({ from, contact }: LegacyMakeOptions): string | undefined {
  return from || `${contact?.firstName ?? ''} ${contact?.lastName ?? ''}`.trim() || undefined;
}

/** Keeps calls of the older style in their containers (legacy-3x 7.4). What has ended is taken away by the engine. */
function showing(core: Core, events: Events) {
  const views = new Map<string, LegacyCallOptions>();

  const place = (tracks: TrackObject[], cssSelector: string): void => {
    const trackIds = tracks.filter(({ containers }) => !containers.includes(cssSelector)).map(({ id }) => id);
    if (trackIds.length > 0) core.dispatch({ type: 'media.renderTracks', trackIds, cssSelector, options: {} });
  };
  const show = ({ callId }: { callId: string }): void => {
    const view = views.get(callId);
    const call = view && callOf(core, callId);
    if (!call) return;
    const [own, other] = [view.localVideoContainer, view.remoteVideoContainer].map(selectorOfAny);
    const heard = tracksOf(core, call.remoteTracks, 'audio');
    if (own) place(tracksOf(core, call.localTracks, 'video'), own);
    if (other) place(tracksOf(core, call.remoteTracks), other);
    else if (heard.length > 0) place(heard, outOfSight());
  };

  events.on('call:start', show);
  events.on('call:newTrack', show);
  events.on('call:stateChange', (event) => {
    show(event);
    if (event.state === 'ENDED') views.delete(event.callId);
  });
  // Two calls that become one go on where the first of them was.
  events.on('call:join', ({ callId, error, joinedCalls }) => {
    const view = joinedCalls.map((id) => views.get(id)).find(Boolean);
    if (!error && view) views.set(callId, view);
  });

  return {
    get: (callId: string) => views.get(callId),
    add: (callId: string, view: LegacyCallOptions) => {
      // The end of a call that is over, or of none, will not be told: it would never be forgotten.
      const state = callOf(core, callId)?.state;
      if (state && state !== 'Ended') views.set(callId, view);
    },
  };
}

/** The selector of an element, a selector, or an id. */
function selectorOfAny(container: Element | string | undefined): string | undefined {
  const named = typeof container === 'string' ? document.getElementById(container) : undefined;
  return selectorOf(named ?? container);
}

/** A place for sound that belongs to no container. */
function outOfSight(): string {
  unseen ??= document.createElement('div');
  unseen.hidden = true;
  if (!unseen.isConnected) document.body.append(unseen);
  return selectorOf(unseen) as string;
}

let unseen: HTMLElement | undefined;
