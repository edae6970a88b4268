// Notifications that come by other ways than the own WebSocket, and push registration (api-behaviour 18).

import { wish } from '../invoke.js';
import type { Core } from '../contract.js';
import { exact, texts } from '../plain.js';
import type { PushRegistration } from '../types.js';

/** `client.notification` */
export interface NotificationApi {
  /**
   * Hands over a notification that did not come by the client's WebSocket, such as one by a push service. What came by another
   * way before is dropped: the last `notifications.idCacheLength` ids are remembered.
   *
   * Events: `notification:received`, then those that the notification causes. Nothing of a channel that is switched off, or
   * that is none (then there is an error line in the log); `notifications:error` if there is no engine.
   *
   * @param notification as the server made it: an object of plain data
   * @param channel `EXTERNAL` (the default) or `PUSH`: by which way it came
   * @param platform `link` (the default, also for calls on UC) or `uc`
   */
  process(notification: object, channel?: string, platform?: string): void;
  /**
   * Registers this device for notifications by push.
   *
   * Events: `notifications:change` with the channel `PUSH`, or `notifications:error` with it, and an error
   * with the code `NO_CODE` and the reason.
   *
   * @param params the device, and what it is to hear of; `notifications` of the configuration says where
   *
   * @example
   * client.notification.registerPush({ deviceToken: 'f00d', services: ['call', 'IM'], pushProvider: 'google', clientCorrelator: 'phone-1' })
   */
  registerPush(params: PushRegistration): void;
  /**
   * Takes this device's registration back. Events as for `registerPush`.
   */
  deregisterPush(): void;
  /**
   * Switches notifications of the WebSocket on or off; those that come while they are off are lost.
   *
   * Event: `notifications:change` with the channel `WEBSOCKET`.
   *
   * @param enable whether they count
   */
  enableWebsocket(enable: boolean): void;
}

/** The functions, on top of `core`. */
export function notificationApi(core: Core): NotificationApi {
  return {
    process: (notification, channel = 'EXTERNAL', platform = 'link') => {
      // Without the notification: it can hold descriptions.
      core.invoked('notification.process', channel, platform);
      const plain = exact(notification);
      if (typeof plain !== 'object' || plain === null) return core.mistake('notification.process: the notification is no plain object');
      core.dispatch({ type: 'notification.process', notification: plain, channel: String(channel), platform: String(platform) });
    },
    registerPush: (params) => {
      const { deviceToken, services, pushProvider, clientCorrelator } = Object(params) as Partial<PushRegistration>;
      // Without the device's token: whoever has it can send to the device.
      core.invoked('notification.registerPush', { services, pushProvider, clientCorrelator });
      core.dispatch({
        type: 'notification.registerPush',
        deviceToken: text(deviceToken),
        services: texts(services),
        pushProvider: text(pushProvider),
        clientCorrelator: text(clientCorrelator),
      });
    },
    deregisterPush: () => {
      wish(core, { type: 'notification.deregisterPush' });
    },
    enableWebsocket: (enable) => {
      if (typeof enable !== 'boolean') return core.mistake('notification.enableWebsocket needs true or false');
      wish(core, { type: 'notification.enableWebsocket', enable });
    },
  };
}

/** What is no text counts as none, which the engine refuses by an event. */
function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
