// The package: `create`, `sdpHandlers`, and every public type.

import { createWith, type Client } from './client.js';
import type { Config } from './config-types.js';
import { load, loadPeople } from './engine.js';
import { sdpHandlers } from './sdp.js';

/**
 * Makes a client and starts loading the engine, once per page. The client can be used at once: what needs the engine
 * waits for it, and fails with the code `engine:1` if it cannot be loaded.
 *
 * Several clients may live in one page; they share nothing but the log options of the last one.
 *
 * @param config where to log in and how; everything has a default but the servers' names
 * @throws TypeError if `logs.logLevel` is unknown
 */
export function create(config: Config = {}): Client {
  return createWith(load, config, loadPeople);
}

/** As a function, the default export is `create`. */
const kandy = Object.assign((config: Config = {}): Client => create(config), { create, sdpHandlers });
export default kandy;

export { sdpHandlers };
export { BasicError } from './errors.js';
export type { CallApi } from './api/call.js';
export type { ConnectionApi } from './api/connection.js';
export type * from './api/conversation-types.js';
export type { MediaApi } from './api/media.js';
export type { NotificationApi } from './api/notification.js';
export type { PeopleApi } from './api/people.js';
export type * from './api/people-types.js';
export type * from './api/twins.js';
export type { BrowserDetails } from './browser.js';
export type { Client } from './client.js';
export type * from './config-types.js';
export type { Container } from './containers.js';
export type { Events } from './emitter.js';
export type { LegacyCallApi, LegacyCallOptions, LegacyMakeOptions, LegacyMediaApi } from './legacy.js';
export type { CodecToRemove } from './sdp.js';
export type * from './types.js';
