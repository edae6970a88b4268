// The part of npm's sdp-transform that is used here; it comes without types.
declare module 'sdp-transform' {
  /** Reads a description. */
  export function parse(sdp: string): object;
  /** Writes one. */
  export function write(sdp: object): string;
}
