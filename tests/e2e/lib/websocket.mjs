// The server's end of a WebSocket, as far as tests need it (RFC 6455): text in single frames of at most 64 KiB, and the end.
import { createHash } from 'node:crypto';

const TEXT = 1;
const CLOSE = 8;

/** Makes the key of the answer out of the key of the question (RFC 6455 1.3). */
const MAGIC = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/**
 * Takes an upgrade.
 *
 * @param {import('node:http').IncomingMessage} request
 * @param {import('node:net').Socket} socket
 * @param {{ text: (text: string) => void, closed: () => void }} heard called with every text, and once at the end
 */
export function acceptSocket(request, socket, heard) {
  const key = createHash('sha1').update(request.headers['sec-websocket-key'] + MAGIC).digest('base64');
  socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${key}\r\n\r\n`);
  let bytes = Buffer.alloc(0);
  socket.on('data', (piece) => {
    bytes = Buffer.concat([bytes, piece]);
    for (let frame = read(bytes); frame; frame = read(bytes)) {
      bytes = bytes.subarray(frame.length);
      if (frame.kind === TEXT) heard.text(frame.payload.toString());
      if (frame.kind === CLOSE) {
        // Said by both, or said back: nothing more can come.
        if (socket.writable) socket.write(written(CLOSE, frame.payload));
        socket.destroySoon();
      }
    }
  });
  // Node keeps the other direction open by itself.
  socket.on('end', () => socket.destroy());
  // A page that is closed takes its sockets along; that is an end like any other.
  socket.on('error', () => socket.destroy());
  socket.on('close', () => heard.closed());
  return {
    send: (text) => socket.write(written(TEXT, Buffer.from(text))),
    /** Ends it with this code. */
    close: (code) => socket.end(written(CLOSE, Buffer.from([code >> 8, code & 255]))),
    /** Ends it without a word. */
    cut: () => socket.destroy(),
  };
}

/** The first frame in these bytes, if it is there as a whole. Frames of a browser are masked. */
function read(bytes) {
  if (bytes.length < 2) return undefined;
  const short = bytes[1] & 127;
  if (short === 127) throw new Error('a frame of more than 64 KiB');
  const start = short === 126 ? 8 : 6;
  if (bytes.length < start) return undefined;
  const size = short === 126 ? bytes.readUInt16BE(2) : short;
  if (bytes.length < start + size) return undefined;
  const mask = bytes.subarray(start - 4, start);
  const payload = bytes.subarray(start, start + size).map((byte, i) => byte ^ mask[i % 4]);
  return { kind: bytes[0] & 15, payload: Buffer.from(payload), length: start + size };
}

function written(kind, payload) {
  const size = payload.length < 126 ? [payload.length] : [126, payload.length >> 8, payload.length & 255];
  return Buffer.concat([Buffer.from([128 | kind, ...size]), payload]);
}
