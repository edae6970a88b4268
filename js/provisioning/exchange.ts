// One request and its answer, within a time and a size. Knows nothing of the API.

import type { Clock } from './clock.js';
import { invalidAnswer, noAnswer, tooLate, type Asked } from './error.js';

/** What a client's requests have in common. */
export interface Wire {
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  /** Milliseconds for one request and the whole of its answer. */
  readonly timeout: number;
  /** Ends everything that the client does. */
  readonly signal: AbortSignal | undefined;
}

/** A request, ready to be sent. */
export interface Request {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
}

/** What came back; `body` is undefined if it is no JSON. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

/**
 * Sends a request.
 *
 * @param signal ends this one; the promise then rejects with its reason
 * @throws ProvisioningError of the kind `transport`, or `server` for an answer over 4 MiB
 */
export async function exchange(wire: Wire, asked: Asked, { url, ...request }: Request, signal?: AbortSignal): Promise<Answer> {
  return underSignals([wire.signal, signal], async (ended) => {
    const late = new AbortController();
    const done = new AbortController();
    void wire.clock.wait(wire.timeout, done.signal).then(() => late.abort(tooLate(asked, wire.timeout)), () => {});
    try {
      return await underSignals([ended, late.signal], async (over) => {
        // A redirected token request would hand the secret to another server, so none is followed.
        const response = await wire.fetch(url, { ...bodyOnlyIfGiven(request), redirect: 'manual', signal: over });
        const text = await textOf(response);
        return { status: response.status, headers: response.headers, body: parsed(text) };
      });
    } catch (error) {
      if (ended.aborted) throw ended.reason;
      if (late.signal.aborted) throw late.signal.reason;
      throw error instanceof TooLarge ? invalidAnswer(asked, error.status, `it is longer than ${LARGEST} bytes`) : noAnswer(asked, error);
    } finally {
      done.abort();
    }
  });
}

/**
 * Runs `work` with a signal that is aborted as soon as one of `signals` is, and rejects then, whatever `work` does. Listeners
 * are taken off at the end: a signal of the application may live as long as its process.
 */
export async function underSignals<T>(signals: readonly (AbortSignal | undefined)[], work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const given = signals.filter((signal) => signal !== undefined);
  const all = new AbortController();
  const follow = () => all.abort(given.find(({ aborted }) => aborted)?.reason);
  for (const signal of given) signal.addEventListener('abort', follow);
  try {
    if (given.some(({ aborted }) => aborted)) follow();
    all.signal.throwIfAborted();
    // In this order, because work may cause the abort before it first waits.
    return await Promise.race([rejectedBy(all.signal), work(all.signal)]);
  } finally {
    for (const signal of given) signal.removeEventListener('abort', follow);
  }
}

function rejectedBy(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));
}

// Some runtimes refuse a GET whose body is there and undefined.
function bodyOnlyIfGiven({ body, ...rest }: Omit<Request, 'url'>): RequestInit {
  return body === undefined ? rest : { ...rest, body };
}

async function textOf(response: Response): Promise<string> {
  const reader = response.body?.getReader();
  if (!reader) return '';
  const decoder = new TextDecoder();
  let [text, size] = ['', 0];
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    size += value.byteLength;
    if (size > LARGEST) {
      await reader.cancel();
      throw new TooLarge(response.status);
    }
    text += decoder.decode(value, { stream: true });
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

class TooLarge extends Error {
  constructor(readonly status: number) {
    super();
  }
}

/** In bytes. A page of 100 subscribers with all that one can have is under 1 MiB (provisioning §3.4, §4.2). */
const LARGEST = 4 * 1024 * 1024;
