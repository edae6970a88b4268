// Engines that travel as text.

/**
 * The bytes of an engine.
 *
 * @param base64 its copy
 */
export function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64);
  // A loop, because a page waits for it: `from` with a function takes ten times as long.
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at += 1) bytes[at] = text.charCodeAt(at);
  return bytes;
}
