// What `getCapabilities` tells.

import { isUc } from './config.js';
import type { MergedConfig } from './config-types.js';

/**
 * The names by which Kandy.js 4.8 calls what it can do, in its order.
 *
 * @param config says whether the service is UC or Link
 */
export function capabilities(config: MergedConfig): string[] {
  const [login, messaging] = isUc(config.authentication?.subscription?.version) ? UC : LINK;
  return `logs config connect userCredentialsAuth ${login} ${CALLS} ${messaging} ${PEOPLE}`.split(' ');
}

const UC = ['accessTokenAuth services oauthToken', 'richMessagingWithoutLocation conversationHistory multiUserConversation fetchConversations'];
const LINK = ['hmacTokenAuth updateConnection services', 'simpleMessagingOnly onlyInternalMessaging'];
const CALLS = 'call link_call link_user_id link_pstn callHistory clickToCall';
const PEOPLE =
  'voicemail push registerPushNotifications externalNotifications presence sipEvents addContactAsFriend selfInfoAsUserProfile';
