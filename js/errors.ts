// The one error class of the API, and the way plain error records of the engine become instances of it.

/** Codes of the errors that arise outside the engine, too. All others come from the engine; docs/errors.mjs tells of each. */
export const codes = {
  /** Nothing better is known. */
  NO_CODE: 'NO_CODE',
  /** The call is not in the right state. */
  CALL_STATE: 'call:6',
  /** There is no such call. */
  CALL_ARGUMENT: 'call:7',
  /** An argument is missing or of the wrong kind. */
  ARGUMENT: 'argument:1',
  /** The engine could not be loaded or started. */
  ENGINE_MISSING: 'engine:1',
  /** The engine did not carry out the command. */
  ENGINE_BROKEN: 'engine:2',
  /** Too much was asked for before the engine was there. */
  ENGINE_BUSY: 'engine:3',
  /** There is no page here, as on a server. */
  NO_PAGE: 'engine:4',
  /** The browser has no WebAssembly. */
  NO_WASM: 'engine:5',
  /** Media on another machine are not supported. */
  PROXY: 'proxy:1',
} as const;

/**
 * Every error that an event or a returned object carries.
 *
 * Tell errors apart by `code`: a text such as `call:4`, or a **number** when it is the status that the server refused
 * with. `message` is a sentence for people. `cause` is there where something was thrown, or where a server said why.
 */
export class BasicError extends Error {
  /** `call:4`, `authentication:1` and the like, `NO_CODE`, or the server's number. */
  readonly code: string | number;

  /**
   * @param code text or the server's number
   * @param message one sentence
   * @param options `cause`: what was thrown, or what the server said
   */
  constructor(code: string | number = codes.NO_CODE, message = 'An error occurred.', options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'BasicError';
    this.code = code;
  }

  /** The members that `JSON.stringify` would leave out of an Error; not the cause, which can be anything. */
  toJSON(): { name: string; code: string | number; message: string } {
    return { name: this.name, code: this.code, message: this.message };
  }
}

/**
 * Puts a `BasicError` in place of the plain record under `error`, in an object of the engine or in each of an array.
 * Deeper levels stay untouched: they can hold what a server sent, and that is not ours to interpret.
 */
export function withErrors<T>(value: T): T {
  if (Array.isArray(value)) {
    value.forEach(withErrors);
  } else if (isRecord(value) && isRecord(value['error']) && value['error']['name'] === 'BasicError') {
    const { code, message, cause } = value['error'];
    (value as Record<string, unknown>)['error'] = new BasicError(
      typeof code === 'number' || typeof code === 'string' ? code : undefined,
      typeof message === 'string' ? message : undefined,
      cause === undefined ? undefined : { cause },
    );
  }
  return value;
}

/** The sentence of whatever was thrown. */
export function sentence(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
