// The wasm binary format, as far as the build has to know it (WebAssembly Core Specification, §5).

/** Numbers of the sections. */
export const [NAMES, IMPORTS, EXPORTS, CODE] = [0, 2, 7, 10];

/** The parts of a module, magic number included. */
export function sections(wasm) {
  const reader = new Reader(wasm, 8);
  const found = [{ whole: wasm.subarray(0, 8) }];
  while (reader.at < wasm.length) {
    const begin = reader.at;
    const id = reader.byte();
    const body = reader.bytes(reader.number());
    found.push({ id, body, whole: wasm.subarray(begin, reader.at) });
  }
  return found;
}

/** A module that does not say which features it was compiled for. */
export function withoutFeatures(wasm) {
  const rest = sections(wasm).filter(({ id, body }) => id !== NAMES || new Reader(body, 0).text() !== 'target_features');
  return Buffer.concat(rest.map(({ whole }) => whole));
}

/** Reads bytes, numbers and texts one after the other. */
export class Reader {
  constructor(data, at) {
    this.data = data;
    this.at = at;
  }

  byte() {
    return this.data[this.at++];
  }

  bytes(length) {
    this.at += length;
    return this.data.subarray(this.at - length, this.at);
  }

  /** LEB128: seven bits a byte, the lowest first. */
  number() {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  }

  text() {
    return Buffer.from(this.bytes(this.number())).toString();
  }
}

/** LEB128 of a number. */
export function number(value) {
  const bytes = [];
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  return Buffer.of(...bytes, rest);
}

/** A text with its length before it. */
export function text(value) {
  const bytes = Buffer.from(value);
  return Buffer.concat([number(bytes.length), bytes]);
}
