// What a client is made of, and where it may not be.

import { visible } from './check.js';
import { systemClock, type Clock } from './clock.js';
import { ProvisioningError } from './error.js';
import { API, TOKEN } from './model.js';

/** What `createProvisioningClient` takes. */
export interface ProvisioningConfig {
  /**
   * Address of the gateway, such as `https://gw.example`, or of the API on it, such as
   * `https://gw.example/communication/kandy/provisioning`. https, or http for the own machine.
   */
  baseUrl: string | URL;
  /** Of the project, from the operator. */
  clientId: string;
  /** Of the project. No error, log or printed client ever shows it. */
  clientSecret: string;
  /** Version of the API, such as `v1`. Default the newest. */
  apiVersion?: string | undefined;
  /** How often a read is tried again, 0 to 10. Default 5: with the pauses between, half a minute. Nothing else is tried again. */
  retries?: number | undefined;
  /** Milliseconds for one request and its answer. Default 30,000. */
  timeout?: number | undefined;
  /**
   * Longest pause that a server may ask for, in milliseconds. If it wants more, the error comes at once. Default 60,000: the
   * usual quota is per minute.
   */
  longestWait?: number | undefined;
  /** Ends everything that the client does; its operations then reject with the signal's reason. */
  signal?: AbortSignal | undefined;
  /** Allows http to other machines: in a network of your own, or in front of a proxy. The secret is then readable on the way. */
  allowInsecure?: boolean | undefined;
  /** In place of the global one, such as one with a proxy. It must not follow redirects when it is told not to. */
  fetch?: typeof fetch | undefined;
  /** In place of the system's; for tests. */
  clock?: Clock | undefined;
  /** In place of `Math.random`, of which pauses are made; for tests. */
  random?: (() => number) | undefined;
}

/** The same, complete. */
export interface Settings {
  /** Of the API, without a slash at the end. */
  readonly api: string;
  readonly tokens: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly apiVersion: string | undefined;
  readonly retries: number;
  readonly timeout: number;
  readonly longestWait: number;
  readonly signal: AbortSignal | undefined;
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  readonly random: () => number;
}

/**
 * @throws TypeError if a member can never be right
 * @throws ProvisioningError of the kind `browser`
 */
export function settingsOf(config: ProvisioningConfig): Settings {
  refuseBrowsers();
  const host = hostOf(config.baseUrl, config.allowInsecure === true);
  const { apiVersion, signal, fetch: own, clock = systemClock, random = Math.random } = config;
  if (own === undefined && typeof globalThis.fetch !== 'function') throw new TypeError('There is no fetch here; Node 20 and newer have one, or give one as `fetch`.');
  return {
    api: `${host}${API}`,
    tokens: `${host}${TOKEN}`,
    clientId: credential(config.clientId, 'clientId'),
    clientSecret: credential(config.clientSecret, 'clientSecret'),
    apiVersion: apiVersion === undefined ? undefined : visible(apiVersion, 'apiVersion', 32),
    retries: within(config.retries ?? 5, 'retries', 0, 10),
    timeout: within(config.timeout ?? 30_000, 'timeout', 1, LONGEST_TIMER),
    longestWait: within(config.longestWait ?? 60_000, 'longestWait', 0, LONGEST_TIMER),
    signal,
    // Looked up for each request, so that an application may replace the global one later.
    fetch: own ?? ((...request) => globalThis.fetch(...request)),
    clock,
    random,
  };
}

/**
 * A `window` with a `document` is a page: everybody who opens it could read the secret. Deno had a `window` without a
 * document, and workers have neither. Those of servers (Cloudflare, Deno Deploy) cannot be told from a page's own by anything that
 * all of them have, so none is refused; whoever makes a client in a worker of a page gives the secret away as well.
 */
function refuseBrowsers(): void {
  if (typeof window === 'undefined' || typeof window.document === 'undefined') return;
  const message = 'This client is for servers. In a web page everybody can read the client secret: make the client in your backend, and hand pages what they need.';
  throw new ProvisioningError(message, { kind: 'browser' });
}

function hostOf(given: string | URL, allowInsecure: boolean): string {
  const url = parsed(given);
  if (url.username || url.password) throw new TypeError('baseUrl must not have a user name or password in it; the credentials are clientId and clientSecret.');
  if (url.search || url.hash) throw new TypeError('baseUrl must not have a query or a fragment.');
  const own = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && (own || allowInsecure)))
    throw new TypeError('baseUrl must be https, because the client secret is sent there; http is for this machine, or with allowInsecure.');
  const path = url.pathname.replace(/\/+$/, '');
  return `${url.origin}${path.endsWith(API) ? path.slice(0, -API.length) : path}`;
}

function parsed(given: string | URL): URL {
  try {
    return new URL(given);
  } catch {
    throw new TypeError('baseUrl must be an address such as https://gw.example.');
  }
}

function credential(value: unknown, name: string): string {
  if (typeof value === 'string' && value !== '' && value.length <= 512) return value;
  throw new TypeError(`${name} must be a text of 1 to 512 characters.`);
}

function within(value: number, name: string, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new TypeError(`${name} must be an integer from ${least} to ${most}.`);
}

/** What a timer can take. */
const LONGEST_TIMER = 2 ** 31 - 1;
