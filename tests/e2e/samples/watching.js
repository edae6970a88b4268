// Lets the page of a sample hear of every event of a client, after the sample's own listeners.
export function watched(client) {
  client.subscribe((type, [payload]) => {
    const call = payload?.callId && client.call.getById(payload.callId);
    sample.seen.push([type, call?.state, payload?.error?.code].filter((part) => part !== undefined).join(' '));
    sample.look();
    // What the sample awaits goes on after its listeners.
    setTimeout(sample.look);
  });
  return client;
}
