// Descriptions of calls that a server packs (protocol 9.4). Few do, so a page that meets none never loads this.

/**
 * Unpacks base64 of zlib, as browsers can since 2022 (Safari 16.4).
 *
 * @throws what the browser says: it cannot, or the text is none
 */
export async function unpack(packed: string): Promise<string> {
  const bytes = Uint8Array.from(atob(packed), (character) => character.charCodeAt(0));
  const plain = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate'));
  return new Response(plain).text();
}
