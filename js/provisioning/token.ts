// The access token: fetched when it is needed, kept, shared, thrown away (provisioning §2).

import { invalidAnswer, refusal, type Asked, type Hide } from './error.js';
import { exchange, type Wire } from './exchange.js';
import { isRecord } from './json.js';

/** Where tokens come from. */
export interface Tokens {
  /**
   * A token that is good for a while. Calls that come while one is being fetched wait for the same; so no call's signal ends that
   * request, only the client's does.
   */
  get(): Promise<string>;
  /** Forgets a token that was not accepted; nothing happens if it is another one by now. */
  discard(token: string): void;
}

/** What a token costs. */
export interface Credentials {
  /** Address of the token endpoint. */
  readonly tokens: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

/** Holds at most one token. */
export function createTokens(wire: Wire, { tokens: url, clientId, clientSecret }: Credentials, hide: Hide): Tokens {
  let held: { token: string; goodUntil: number } | undefined;
  let fetching: Promise<string> | undefined;

  const fetchOne = async (): Promise<string> => {
    const asked: Asked = { name: 'access token', changes: false, requestId: crypto.randomUUID(), hide };
    const body = new URLSearchParams({ client_id: clientId, client_secret: clientSecret }).toString();
    const headers = { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json', 'x-request-id': asked.requestId };
    const sentAt = wire.clock.now();
    const answer = await exchange(wire, asked, { method: 'POST', url, headers, body });
    if (answer.status < 200 || answer.status > 299) throw refusal(asked, answer.status, answer.headers, answer.body, wire.clock.now());
    const grant = grantOf(answer.body, sentAt);
    if (!grant) throw invalidAnswer(asked, answer.status, 'it has no access_token that can be sent');
    held = { token: grant.token, goodUntil: sentAt + grant.life - margin(grant.life) };
    return grant.token;
  };

  return {
    get: async () => {
      if (held && wire.clock.now() < held.goodUntil) return held.token;
      return (fetching ??= fetchOne().finally(() => (fetching = undefined)));
    },
    discard: (token) => {
      if (held?.token === token) held = undefined;
    },
  };
}

/**
 * The token, and how many milliseconds it lives on. `expires_in` counts from the answer, so the clocks of the two machines may
 * differ. Only without it does `issued_at` matter: a token lives for an hour (provisioning §2.2).
 */
function grantOf(body: unknown, now: number): { token: string; life: number } | undefined {
  if (!isRecord(body)) return undefined;
  const { access_token: token, expires_in: left, issued_at: issued } = body;
  if (typeof token !== 'string' || !/^[\x21-\x7e]{1,4096}$/.test(token)) return undefined;
  const seconds = number(left);
  const life = seconds === undefined ? (number(issued) ?? now) + HOUR - now : seconds * 1000;
  return { token, life: Math.max(0, life) };
}

/** Before the end, a token is renewed: five minutes (provisioning §2.2), or half its life if that is less. */
function margin(life: number): number {
  return Math.min(5 * 60_000, life / 2);
}

/** Numbers are texts there (provisioning §2.2), and may be numbers elsewhere. */
function number(value: unknown): number | undefined {
  const parsed = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof parsed === 'number' && Number.isFinite(parsed) ? parsed : undefined;
}

const HOUR = 3_600_000;
