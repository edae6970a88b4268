// What `getCapabilities` tells.

import { isUc } from './config.js';
import type { MergedConfig } from './config-types.js';

/**
 * The names by which Kandy.js 4.8 calls what it can do, in its order: those that this version has.
 *
 * @param config says whether the service is UC or Link
 */
export function capabilities(config: MergedConfig): string[] {
  return (isUc(config.authentication?.subscription?.version) ? UC : LINK).split(' ');
}

const CALLS = 'call link_call link_user_id link_pstn push registerPushNotifications externalNotifications';
const UC = `logs config connect userCredentialsAuth accessTokenAuth services oauthToken ${CALLS}`;
const LINK = `logs config connect userCredentialsAuth hmacTokenAuth updateConnection services ${CALLS}`;
