// `fetch` of a page: requests for the gateway go to that of the world, engines are loaded, and everything else goes where it
// went before.

import { engineAt } from './engines.js';
import type { Answer, GatewayDoor } from './gateway.js';
import type { Line } from './network.js';

/** Addresses of the Kandy protocol. */
const GATEWAY = /^\/(rest\/version|[^/]+\/(auth|rm))\//;

interface Init {
  method?: string;
  headers?: HeadersInit;
  body?: unknown;
  signal?: AbortSignal;
}

/**
 * Makes `fetch`.
 *
 * @param lineOf the line of a host
 */
export function fetchGlobal(door: GatewayDoor, lineOf: (host: string) => Line): typeof fetch {
  const real = globalThis.fetch as typeof fetch | undefined;
  const ask = (url: URL, { method = 'GET', headers, body, signal }: Init): Promise<FakeResponse> =>
    new Promise((resolve, reject) => {
      const line = lineOf(url.hostname);
      const ends = new Set<() => void>();
      const end = (finish: () => void): void => {
        ends.forEach((stop) => stop());
        finish();
      };
      const abort = (): void => end(() => reject(signal?.reason ?? new DOMException('This operation was aborted.', 'AbortError')));
      const lose = (): void => end(() => reject(new TypeError('Failed to fetch')));
      if (signal?.aborted) return abort();
      if (line.state === 'cut') return lose();
      signal?.addEventListener('abort', abort);
      ends.add(() => signal?.removeEventListener('abort', abort));
      ends.add(line.watch((change) => change === 'cut' && lose()));
      // What is no text is the form of an upload, which the gateway refuses unread.
      const text = typeof body === 'string' ? body : '';
      const sent = { method, url, headers: [...new Headers(headers)] as [string, string][], body: text };
      door.request(line, sent, (answer) => end(() => resolve(new FakeResponse(answer))));
    });

  return ((input: RequestInfo | URL, init: Init = {}) => {
    const address = typeof input === 'string' ? input : 'url' in input ? input.url : input.href;
    const engine = engineAt(address);
    if (engine) return Promise.resolve({ ok: true, status: 200, arrayBuffer: async () => engine });
    const url = /^https?:/i.test(address) ? new URL(address) : undefined;
    if (url && GATEWAY.test(url.pathname)) return ask(url, init);
    if (!real) return Promise.reject(new TypeError(`There is no fetch for ${address}: the world answers requests of the Kandy protocol alone.`));
    return real(input, init as RequestInit);
  }) as unknown as typeof fetch;
}

/** As much of a `Response` as the engines read. */
class FakeResponse {
  readonly status: number;
  readonly ok: boolean;
  readonly statusText = '';
  readonly headers: { get(name: string): string | null };
  readonly #body: string;

  constructor({ status, contentType, body }: Answer) {
    this.status = status;
    this.ok = status >= 200 && status < 300;
    this.#body = body;
    this.headers = { get: (name) => (name.toLowerCase() === 'content-type' ? contentType : null) };
  }

  /** One piece. */
  get body(): object {
    const pieces = [new TextEncoder().encode(this.#body)];
    const read = async (): Promise<object> => (pieces.length > 0 ? { done: false, value: pieces.pop() } : { done: true, value: undefined });
    return { getReader: () => ({ read }) };
  }

  async text(): Promise<string> {
    return this.#body;
  }

  async json(): Promise<unknown> {
    return JSON.parse(this.#body);
  }
}
