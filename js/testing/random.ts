// Chance that follows from a seed: ids of calls, of tracks and of the engine's own are the same in every run.

/** Fills bytes, the same ones for the same seed. */
export interface Random {
  /** Fills an array of whole numbers. */
  fill<T extends ArrayBufferView>(array: T): T;
  /** A version 4 UUID. */
  uuid(): `${string}-${string}-${string}-${string}-${string}`;
}

/** The chance of one world. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  // Mulberry32 (Tommy Ettinger, public domain): small and even enough to tell ids apart.
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  const fill: Random['fill'] = (array) => {
    const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
    bytes.forEach((_, at) => (bytes[at] = next() & 0xff));
    return array;
  };
  return {
    fill,
    uuid: () => {
      const bytes = fill(new Uint8Array(16));
      bytes[6] = (bytes[6]! & 0x0f) | 0x40;
      bytes[8] = (bytes[8]! & 0x3f) | 0x80;
      const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
      return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5') as ReturnType<Random['uuid']>;
    },
  };
}

/** `crypto` with that chance; what else it can do stays as it is. */
export function randomGlobals(random: Random): Record<string, unknown> {
  const crypto = Object.create(null, {
    getRandomValues: { value: random.fill },
    randomUUID: { value: random.uuid },
    subtle: { value: globalThis.crypto?.subtle },
  });
  return { crypto };
}
