// Devices, tracks and what is shown of them on the page (api-behaviour 8).

import { plain, texts } from '../plain.js';
import { selectorOf, type Container } from '../containers.js';
import { ask, wish } from '../invoke.js';
import type { Command, Core } from '../contract.js';
import type { DevicesObject, MediaObject, RenderOptions, TrackObject } from '../types.js';

/** `client.media` */
export interface MediaApi {
  /**
   * Cameras, microphones and loudspeakers. All lists are empty before the first `devices:change`, and names are empty
   * until the user has given permission once.
   */
  getDevices(): DevicesObject;
  /**
   * A stream and the ids of its live tracks.
   *
   * @param mediaId the `streamId` of a track
   * @returns undefined if there is none
   */
  getById(mediaId: string): MediaObject | undefined;
  /**
   * A live track.
   *
   * @param trackId from a call's `localTracks` or `remoteTracks`, or from an event
   * @returns undefined if there is none, or if it has ended
   */
  getTrackById(trackId: string): TrackObject | undefined;
  /**
   * Shows tracks on the page: each as an `<audio>` or `<video>` element at the end of the first element that matches.
   * The elements are removed when the track ends. Unknown tracks are left out; rendering twice in one place does nothing.
   *
   * @param trackIds which tracks; own audio tracks would be heard as an echo
   * @param container where: a CSS selector, or an element of the page's document. `containers` of the track shows an element
   *   as `#id`, or, if it is not to be found under an id, as the selector of an attribute that it is given
   * @param options loudspeaker for audio
   *
   * @example
   * const { remoteTracks = [] } = client.call.getById(callId) ?? {}
   * client.media.renderTracks(remoteTracks, '#remote')
   */
  renderTracks(trackIds: string[], container: Container, options?: RenderOptions): void;
  /**
   * Takes tracks off the page.
   *
   * @param trackIds which tracks
   * @param container where; the same text or element that `renderTracks` was given, or a text from `containers`
   */
  removeTracks(trackIds: string[], container: Container): void;
  /**
   * Mutes tracks: own ones send silence or black, others are not played. The other side is not told.
   *
   * Event: `media:muted` with those of the ids that exist.
   *
   * @param trackIds which tracks
   */
  muteTracks(trackIds: string[]): void;
  /**
   * Undoes `muteTracks`.
   *
   * Event: `media:unmuted` with those of the ids that exist.
   *
   * @param trackIds which tracks
   */
  unmuteTracks(trackIds: string[]): void;
}

/** The functions, on top of `core`. */
export function mediaApi(core: Core): MediaApi {
  /** Arguments of the wrong type have no event: a line in the log, and nothing happens. */
  const send = (command: Extract<Command, { trackIds: string[] }>): void => {
    const { type, trackIds } = command;
    if (!Array.isArray(trackIds)) return core.mistake(`${type}: the track ids are no array`);
    wish(core, { ...command, trackIds: texts(trackIds) });
  };
  const at = (type: string, container: Container, act: (cssSelector: string) => void): void => {
    const cssSelector = selectorOf(container);
    if (cssSelector === undefined) core.mistake(`${type}: the container is neither a text nor an element`);
    else act(cssSelector);
  };

  return {
    getDevices: () => ask(core, { type: 'media.getDevices' }),
    getById: (mediaId) => ask(core, { type: 'media.getById', mediaId }),
    getTrackById: (trackId) => ask(core, { type: 'media.getTrackById', trackId }),
    renderTracks: (trackIds, container, options = {}) => {
      const type = 'media.renderTracks';
      at(type, container, (cssSelector) => send({ type, trackIds, cssSelector, options: plain(options) }));
    },
    removeTracks: (trackIds, container) => {
      const type = 'media.removeTracks';
      at(type, container, (cssSelector) => send({ type, trackIds, cssSelector }));
    },
    muteTracks: (trackIds) => send({ type: 'media.muteTracks', trackIds }),
    unmuteTracks: (trackIds) => send({ type: 'media.unmuteTracks', trackIds }),
  };
}
