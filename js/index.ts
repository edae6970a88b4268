// The package: `create`, `sdpHandlers`, and every public type.

import { createWith, type Client } from './client.js';
import type { Config } from './config-types.js';
import { load, loadPeople } from './engine.js';
import { sdpHandlers } from './sdp.js';

/**
 * Makes a client and starts loading the engine, once per page. The client can be used at once: what needs the engine
 * waits for it, and fails with the code `engine:1` if it cannot be loaded. Where there is no page, as on a server, or no
 * WebAssembly, the client is made all the same: `getConnection().error` says so at once, and so does everything else.
 *
 * Several clients may live in one page; they share nothing but the log options of the last one.
 *
 * @param config where to log in and how; everything has a default but the servers' names
 * @throws TypeError if `logs.logLevel` is unknown
 *
 * @example
 * import { create } from 'kandy-wasm'
 *
 * const client = create({
 *   authentication: { subscription: { server: 'gw.example.com' }, websocket: { server: 'gw.example.com' } },
 * })
 */
export function create(config: Config = {}): Client {
  return createWith(load, config, loadPeople);
}

/** As a function, the default export is `create`. */
const kandy = Object.assign((config: Config = {}): Client => create(config), { create, sdpHandlers });
export default kandy;

export { sdpHandlers };
export * from './public.js';
