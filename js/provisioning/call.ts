// One operation: with a token, again after a 401, and again after a failure if it only reads (provisioning §2.2, §8).

import { idempotencyKey, requestId as checkedId } from './check.js';
import { asTold, backOff } from './clock.js';
import type { Settings } from './config.js';
import { isFault } from './envelope.js';
import { ProvisioningError, hiding, invalidAnswer, refusal, type Asked } from './error.js';
import { exchange, underSignals, type Request } from './exchange.js';
import { Malformed } from './json.js';
import { metaOf, type Meta } from './meta.js';
import { createTokens } from './token.js';

/** What every operation takes as its last argument. */
export interface CallOptions {
  /** Ends this operation, which rejects with the signal's reason; what was sent may be done nevertheless. */
  signal?: AbortSignal | undefined;
  /** Sent as `x-request-id`, at most 128 characters. Default a new UUID. */
  requestId?: string | undefined;
}

/** What operations that make something take. */
export interface CreateOptions extends CallOptions {
  /**
   * At most 64 characters. Within 24 hours the same key with the same body gets the first answer and makes nothing anew; with
   * another body it is `IdempotencyConflict`. With it, an operation whose answer was lost can be repeated safely.
   */
  idempotencyKey?: string | undefined;
}

/** Data with what the headers told. */
export type Result<T> = T & { readonly meta: Meta };

/** What is to be done, and how its answer is read. */
export interface Operation<T> {
  /** For errors, such as `order.create`. */
  readonly name: string;
  readonly method: Request['method'];
  /** On the API, with its query. */
  readonly path: string;
  readonly body?: string;
  /** Texts of the body that no error may show. */
  readonly secrets?: readonly string[];
  /** @throws Malformed */
  readonly read: (body: unknown) => T;
}

export type Call = <T extends object>(operation: Operation<T>, options?: CreateOptions) => Promise<Result<T>>;

/** The function that carries out every operation of a client. */
export function createCall(settings: Settings): Call {
  const { clock, clientSecret, random } = settings;
  const tokens = createTokens(settings, settings, hiding([clientSecret]));

  const once = async <T extends object>(operation: Operation<T>, headers: Record<string, string>, token: string, signal: AbortSignal): Promise<Result<T>> => {
    const { name, method, path, body, secrets = [] } = operation;
    const requestId = headers['x-request-id'] ?? '';
    const asked: Asked = { name, changes: method !== 'GET', requestId, hide: hiding([clientSecret, token, ...secrets]) };
    const request = { method, url: `${settings.api}${path}`, headers: { ...headers, authorization: `Bearer ${token}` }, body };
    const answer = await exchange(settings, asked, request, signal);
    const good = answer.status >= 200 && answer.status <= 299 && !isFault(answer.body);
    if (!good) throw refusal(asked, answer.status, answer.headers, answer.body, clock.now());
    try {
      return { ...operation.read(answer.body), meta: metaOf(answer.headers, requestId) };
    } catch (error) {
      throw error instanceof Malformed ? invalidAnswer(asked, answer.status, error.message) : error;
    }
  };

  // A request that was refused for its token was not carried out, so even a POST may be repeated.
  const authorised = async <T extends object>(operation: Operation<T>, headers: Record<string, string>, signal: AbortSignal): Promise<Result<T>> => {
    for (let last = false; ; last = true) {
      const token = await tokens.get();
      try {
        return await once(operation, headers, token, signal);
      } catch (error) {
        if (!(error instanceof ProvisioningError) || error.kind !== 'unauthorized') throw error;
        tokens.discard(token);
        if (last) throw error;
      }
    }
  };

  const pauseAfter = (error: unknown, attempt: number): number | undefined => {
    if (!(error instanceof ProvisioningError) || !isPassing(error)) return undefined;
    const wanted = error.retryAfter === undefined ? untilReset(error, clock.now()) : error.retryAfter * 1000;
    if (wanted === undefined) return backOff(attempt, random());
    return wanted > settings.longestWait ? undefined : asTold(wanted, random());
  };

  return (operation, options = {}) =>
    underSignals([settings.signal, options.signal], async (signal) => {
      const headers = headersOf(settings, operation.body, options);
      const retries = operation.method === 'GET' ? settings.retries : 0;
      for (let attempt = 0; ; attempt += 1) {
        try {
          return await authorised(operation, headers, signal);
        } catch (error) {
          const pause = attempt < retries ? pauseAfter(error, attempt) : undefined;
          if (pause === undefined) throw error;
          await clock.wait(pause, signal);
        }
      }
    });
}

function headersOf({ apiVersion }: Settings, body: string | undefined, options: CreateOptions): Record<string, string> {
  return {
    accept: 'application/json',
    'x-request-id': options.requestId === undefined ? crypto.randomUUID() : checkedId(options.requestId),
    ...(body !== undefined && { 'content-type': 'application/json' }),
    ...(apiVersion !== undefined && { 'api-version': apiVersion }),
    ...(options.idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey(options.idempotencyKey) }),
  };
}

/** Whether a failure may be over the next time (provisioning §8). */
function isPassing({ kind, status }: ProvisioningError): boolean {
  return kind === 'transport' || kind === 'rateLimited' || (kind === 'server' && PASSING.includes(status ?? 0));
}

/** Milliseconds until the quota's window ends; undefined if that is not told or is over. */
function untilReset({ kind, reset }: ProvisioningError, now: number): number | undefined {
  const left = kind === 'rateLimited' && reset ? reset.getTime() - now : 0;
  return left > 0 ? left : undefined;
}

const PASSING = [500, 502, 503, 504];
