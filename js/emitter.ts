// Who listens to what, and the delivery of events (api-behaviour 3). Knows no event by name.

import { withErrors } from './errors.js';
import type { EventMap, EventName, GlobalListener } from './types.js';

/** The four functions of a client that concern listeners. */
export interface Events {
  /**
   * Calls `listener` with the payload of every event of this type from now on, in a microtask, so never before the API
   * function that caused the event has returned. The state that the API shows is then at least as new as the event.
   *
   * Unknown types are accepted and never happen. A function that is registered twice is called twice. A listener that
   * throws does not keep the others from being called; its error goes to the page's error handler.
   *
   * @param type name of the event, such as `call:start`
   * @param listener gets one argument, the payload
   *
   * @example
   * client.on('call:stateChange', ({ callId, error }) => {
   *   console.log(client.call.getById(callId)?.state, error?.message)
   * })
   */
  on<T extends EventName>(type: T, listener: (payload: EventMap[T]) => void): void;
  /**
   * The same for names that this version does not know.
   *
   * @param type any other name
   * @param listener never called
   */
  on<T extends string>(type: T extends EventName ? never : T, listener: (payload: unknown) => void): void;
  /**
   * Removes all registrations of this function for this type; does nothing if there are none.
   *
   * @param type name of the event
   * @param listener the same function that `on` was given
   */
  off<T extends EventName>(type: T, listener: (payload: EventMap[T]) => void): void;
  /**
   * The same for names that this version does not know.
   *
   * @param type any other name
   * @param listener the same function that `on` was given
   */
  off<T extends string>(type: T extends EventName ? never : T, listener: (payload: unknown) => void): void;
  /**
   * Calls `listener` for every event of every type, after the listeners of `on`.
   *
   * @param listener gets the type and an array with the payload as its only element
   * @throws Error if `listener` is no function
   *
   * @example
   * client.subscribe((type, [payload]) => {
   *   if ('callId' in payload) console.log(type, payload.callId)
   * })
   */
  subscribe(listener: GlobalListener): void;
  /**
   * Removes all registrations of a global listener; does nothing if there are none.
   *
   * @param listener the same function that `subscribe` was given
   * @throws Error if `listener` is no function
   */
  unsubscribe(listener: GlobalListener): void;
}

/** Delivers an event in a microtask of its own. */
export type Emit = <T extends EventName>(type: T, payload: EventMap[T]) => void;

/** The listeners of one client. */
export function createEmitter(): { api: Events; emit: Emit } {
  const typed = new Map<unknown, Function[]>();
  let global: GlobalListener[] = [];

  const deliver = (type: string, payload: unknown): void => {
    // Copies are iterated, because a listener may add or remove listeners.
    for (const listener of [...(typed.get(type) ?? [])]) protect(() => listener(payload));
    for (const listener of [...global]) protect(() => listener(type as EventName, [payload as EventMap[EventName]]));
  };

  return {
    emit: (type, payload) => {
      withErrors(payload);
      queueMicrotask(() => deliver(type, payload));
    },
    api: {
      on: (type: string, listener: Function) => {
        typed.set(type, [...(typed.get(type) ?? []), listener]);
      },
      off: (type: string, listener: Function) => {
        const rest = (typed.get(type) ?? []).filter((other) => other !== listener);
        if (rest.length > 0) typed.set(type, rest);
        else typed.delete(type);
      },
      subscribe: (listener) => {
        mustBeFunction(listener);
        global = [...global, listener];
      },
      unsubscribe: (listener) => {
        mustBeFunction(listener);
        global = global.filter((other) => other !== listener);
      },
    },
  };
}

/** Runs a listener; what it throws surfaces like the error of any other handler of the page. */
function protect(call: () => void): void {
  try {
    call();
  } catch (error) {
    if (typeof reportError === 'function') reportError(error);
    else
      setTimeout(() => {
        throw error;
      });
  }
}

function mustBeFunction(listener: unknown): void {
  if (typeof listener !== 'function') throw new Error('Listener not a function');
}
