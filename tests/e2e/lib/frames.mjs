// WebSocket frames (RFC 6455, section 5.2), as far as something between browser and server has to understand them.

/** Opcodes. */
export const TEXT = 1;
export const CLOSE = 8;

/** Largest frame that is taken, in bytes. The gateway bounds a client's to 16 KiB, and a description has some tens of kilobytes. */
const LARGEST = 1 << 20;

/**
 * @typedef {object} Frame
 * @property {number} opcode
 * @property {boolean} whole whether this frame is a message, not a part of one
 * @property {Buffer} payload without its mask
 * @property {Buffer} raw the frame as it came
 */

/** Cuts a stream into frames. */
export class FrameReader {
  #rest = Buffer.alloc(0);

  /**
   * Takes what has come; gives the frames that are complete now.
   * @param {Buffer} chunk
   * @returns {Frame[]}
   */
  push(chunk) {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    const frames = [];
    for (let frame = this.#first(); frame; frame = this.#first()) {
      frames.push(frame);
      this.#rest = this.#rest.subarray(frame.raw.length);
    }
    return frames;
  }

  #first() {
    const bytes = this.#rest;
    if (bytes.length < 2) return undefined;
    if (bytes[0] & 0x70) throw new Error('a frame with an extension that nobody agreed on');
    const masked = (bytes[1] & 0x80) !== 0;
    const short = bytes[1] & 0x7f;
    const more = { 126: 2, 127: 8 }[short] ?? 0;
    const begin = 2 + more + (masked ? 4 : 0);
    if (bytes.length < begin) return undefined;
    const length = more === 2 ? bytes.readUInt16BE(2) : more === 8 ? Number(bytes.readBigUInt64BE(2)) : short;
    if (length > LARGEST) throw new Error(`a frame of ${length} bytes`);
    if (bytes.length < begin + length) return undefined;
    const payload = Buffer.from(bytes.subarray(begin, begin + length));
    if (masked) payload.forEach((byte, n) => (payload[n] = byte ^ bytes[begin - 4 + (n % 4)]));
    return { opcode: bytes[0] & 0x0f, whole: (bytes[0] & 0x80) !== 0, payload, raw: Buffer.from(bytes.subarray(0, begin + length)) };
  }
}

/**
 * A frame as a server sends it.
 * @param {number} opcode
 * @param {Buffer} payload below 64 KiB
 */
export function frame(opcode, payload) {
  const head = payload.length < 126 ? Buffer.from([0x80 | opcode, payload.length]) : Buffer.from([0x80 | opcode, 126, payload.length >> 8, payload.length & 0xff]);
  return Buffer.concat([head, payload]);
}

/** The frame by which a server closes a socket with this code. */
export function closeFrame(code) {
  return frame(CLOSE, Buffer.from([code >> 8, code & 0xff]));
}
