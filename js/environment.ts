// Whether an engine can be had here at all.

import { BasicError, codes } from './errors.js';

/**
 * Looks for what no engine can do without. WebRTC is not among it: messages and presence need none, and a call without it
 * fails by itself.
 *
 * @throws BasicError `engine:4` outside of pages, `engine:5` without WebAssembly
 */
export function mustHaveEngine(): void {
  if (typeof document === 'undefined') {
    throw new BasicError(codes.NO_PAGE, 'There is no page here: when rendering on a server, create the client in the browser only, as in an effect.');
  }
  if (typeof WebAssembly === 'undefined') {
    throw new BasicError(codes.NO_WASM, 'This browser has no WebAssembly; Lockdown Mode, for one, switches it off.');
  }
}
