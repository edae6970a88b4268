// The package as a sample imports it: the same, but the page hears of every event after the sample's own listeners.
import { create as make } from '/kandy-wasm/index.js';

export * from '/kandy-wasm/index.js';

export function create(config) {
  const client = make(config);
  client.subscribe((type, [payload]) => {
    const call = payload?.callId && client.call.getById(payload.callId);
    sample.seen.push([type, call?.state, payload?.error?.code].filter((part) => part !== undefined).join(' '));
    sample.look();
    // What the sample awaits goes on after its listeners.
    setTimeout(sample.look);
  });
  return client;
}
