// Ready-made SDP handlers (api-behaviour 9): plain functions on parsed descriptions (sections of `sdp-transform`).

import type { SdpHandler, SdpHandlerInfo } from './config-types.js';

/** A codec by name, or some of its formats by their parameters. */
export interface CodecToRemove {
  /** As in the description, letter case included: `H264`, `VP8`, `opus`. */
  name: string;
  /** Only formats whose parameters contain all of these texts. */
  fmtpParams?: string[];
}

/**
 * Makes a handler for `call.sdpHandlers` that removes codecs, together with the retransmission formats for them.
 *
 * @param codecs names, or names with parameters
 */
export function createCodecRemover(codecs: readonly (string | CodecToRemove)[] = []): SdpHandler {
  const unwanted = codecs.map((codec) => (typeof codec === 'string' ? { name: codec } : codec));
  return (newSdp: any, _info?: SdpHandlerInfo, _originalSdp?: any): any => {
    // Older applications call handlers with one object: the description, and the function that goes on with it.
    if (typeof newSdp?.next === 'function') {
      return newSdp.next({ ...newSdp.currentSdp, media: newSdp.currentSdp.media.map(without(unwanted)) });
    }
    return { ...newSdp, media: newSdp.media.map(without(unwanted)) };
  };
}

/** Ready-made SDP handlers. */
export interface SdpHandlers {
  /**
   * Makes a handler for `call.sdpHandlers` that removes codecs, together with the retransmission formats for them.
   *
   * @param codecs names, or names with parameters
   */
  readonly createCodecRemover: (codecs?: readonly (string | CodecToRemove)[]) => SdpHandler;
}

/** The public `sdpHandlers`. */
export const sdpHandlers: SdpHandlers = Object.freeze({ createCodecRemover });

interface Line {
  payloads?: string | number;
  rtp?: { payload: number; codec: string }[];
  fmtp?: { payload: number; config: string }[];
  rtcpFb?: { payload: number | string }[];
}

function without(unwanted: readonly CodecToRemove[]): (line: Line) => Line {
  return (line) => {
    const parameters = (payload: number): string => line.fmtp?.find((format) => format.payload === payload)?.config ?? '';
    const removed = new Set<number>();
    for (const { payload, codec } of line.rtp ?? []) {
      const matches = unwanted.some(
        ({ name, fmtpParams = [] }) => name === codec && fmtpParams.every((text) => parameters(payload).includes(text)),
      );
      if (matches) removed.add(payload);
    }
    if (removed.size === 0) return line;
    for (const { payload, config } of line.fmtp ?? []) {
      const repaired = /(?:^|[;\s])apt=(\d+)/.exec(config)?.[1];
      if (repaired !== undefined && removed.has(Number(repaired))) removed.add(payload);
    }
    const stays = ({ payload }: { payload: number | string }): boolean => !removed.has(Number(payload));
    return {
      ...line,
      ...(line.rtp && { rtp: line.rtp.filter(stays) }),
      ...(line.fmtp && { fmtp: line.fmtp.filter(stays) }),
      ...(line.rtcpFb && { rtcpFb: line.rtcpFb.filter(stays) }),
      payloads: String(line.payloads ?? '')
        .split(' ')
        .filter((payload) => !removed.has(Number(payload)))
        .join(' '),
    };
  };
}
