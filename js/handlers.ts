// The application's SDP handlers: between the text that the engine works with and the objects that handlers do.

import type { ParsedSdp, SdpHandler } from './config-types.js';
import type { EditSdp } from './contract.js';
import { sentence } from './errors.js';
import type { Log } from './logger.js';

/**
 * Runs descriptions through the handlers, in their order.
 *
 * @param handlers `call.sdpHandlers`; what is no function is left out, with a line in the log
 * @returns nothing if there are no handlers: then no description takes the detour
 */
export function editor(handlers: readonly unknown[] | undefined, log: Log): EditSdp | undefined {
  const all = (handlers ?? []).filter((handler): handler is SdpHandler => {
    if (typeof handler !== 'function') log('error', 'call.sdpHandlers: an entry is no function and is left out');
    return typeof handler === 'function';
  });
  if (all.length === 0) return undefined;
  return async (sdp, type, endpoint) => {
    // Most pages have no handlers and never load the parser.
    const { parse, write } = await import('./sdp-transform.js');
    try {
      const parsed = (): ParsedSdp => parse(sdp) as ParsedSdp;
      const original = frozen(parsed());
      return write(all.reduce((edited, handler) => handler(edited, { type, endpoint }, original), parsed()));
    } catch (thrown) {
      throw new Error(`An SDP handler of the application failed. ${sentence(thrown)}`);
    }
  };
}

function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(frozen);
  return value;
}
