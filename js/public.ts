// What every build of the package exports beside `create` and `sdpHandlers`.

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
export type { CodecToRemove, SdpHandlers } from './sdp.js';
export type * from './types.js';
