// A line within the page: what one end sends, the other hears in a task of its own, as from a socket.

/** When a description was handed over first since `at` was last undefined, by `performance.now()`. */
export const offered = { at: undefined };

/** To be told of everything that leaves a library. */
export function sees(text) {
  if (offered.at === undefined && text.includes('m=audio')) offered.at = performance.now();
}

/** Makes a line: its two ends. */
export function line() {
  const { port1, port2 } = new MessageChannel();
  return [end(port1), end(port2)];
}

function end(port) {
  return {
    send(text) {
      sees(text);
      port.postMessage(text);
    },
    hear(listener) {
      port.onmessage = ({ data }) => listener(data);
    },
    close: () => port.close(),
  };
}
