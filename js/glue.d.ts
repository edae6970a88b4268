// What wasm-bindgen generates out of src/lib.rs, as far as the face uses it; esbuild puts the real file in its place.
// An ambient module cannot import the types of contract.ts, so they are written out.
declare module '#engine' {
  /** Compiles the engine; to be called once. */
  export default function init(bytes: BufferSource): Promise<void>;

  /** The same, before it returns. */
  export function initSync(bytes: BufferSource): void;

  /** One client's engine. */
  export class Engine {
    constructor(
      config: object,
      onEvent: (event: { type: string; payload: unknown }) => void,
      onLog: (level: 'debug' | 'info' | 'warn' | 'error', line: string) => void,
      editSdp?: (sdp: string, type: 'offer' | 'answer', endpoint: 'local' | 'remote') => Promise<string>,
      onAction?: (name: string, payload: unknown, milliseconds: number) => void,
    );
    dispatch(command: object): void;
    query(query: object): unknown;
    free(): void;
  }
}

// The same of crates/people-web.
declare module '#people' {
  /** Compiles the people engine; to be called once. */
  export default function init(bytes: BufferSource): Promise<void>;

  /** One client's people engine. */
  export class PeopleEngine {
    constructor(host: object);
    tell(input: string): void;
    query(query: string): string;
    free(): void;
  }
}

// The same of crates/testing-web.
declare module '#testing' {
  /** Compiles the gateway; to be called once. */
  export default function init(from: { module_or_path: BufferSource }): Promise<unknown>;

  /** The gateway of one world. */
  export class TestGateway {
    constructor(accounts: string, seed: number);
    handle(now: number, message: string): string;
    free(): void;
  }
}

// The engines as text, for the builds that have them inside.
declare module '#engine-copy' {
  const base64: string;
  export default base64;
}
declare module '#people-copy' {
  const base64: string;
  export default base64;
}
declare module '#testing-copy' {
  const base64: string;
  export default base64;
}
