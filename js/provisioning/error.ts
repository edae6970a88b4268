// The one error of the provisioning client, and how the answers of servers become it.

import { envelopeOf, type Envelope } from './envelope.js';
import { quotaOf, retryAfterOf, valid } from './meta.js';

/**
 * What went wrong, for programs:
 *
 * | kind | status | meaning |
 * | --- | --- | --- |
 * | `badRequest` | 400, 405, other 4xx | the server does not accept the request as it is |
 * | `unauthorized` | 401, or a token fault of any status | client id, secret or token are not accepted |
 * | `forbidden` | 403 | the project has no right to this, or the account is blocked |
 * | `notFound` | 404 | no such order or subscriber, or it belongs to another account |
 * | `precondition` | 412 (409) | the state forbids it; `code` tells what: `InsufficientProducts`, `ProductsInUse`, `SubscriberExists`, `IdempotencyConflict` |
 * | `rateLimited` | 429 | the quota is used up until `reset` |
 * | `server` | 5xx, 3xx, or an answer that cannot be read | the server failed |
 * | `transport` | none | no answer came: no connection, it broke, or it took too long |
 * | `browser` | none | the client was made in a web page, where its secret would be everybody's |
 */
export type ProvisioningErrorKind =
  | 'badRequest'
  | 'unauthorized'
  | 'forbidden'
  | 'notFound'
  | 'precondition'
  | 'rateLimited'
  | 'server'
  | 'transport'
  | 'browser';

/** Everything about an error but its sentence. */
export interface ProvisioningErrorDetails {
  /** What went wrong. */
  kind: ProvisioningErrorKind;
  /** The server's word for it, or the network's. */
  code?: string | undefined;
  /** Of HTTP. */
  status?: number | undefined;
  /** The server's number of the request. */
  transactionId?: string | undefined;
  /** Which member is wrong. */
  info?: string | undefined;
  /** When the quota begins anew. */
  reset?: Date | undefined;
  /** Seconds after which it may be tried again. */
  retryAfter?: number | undefined;
  /** Yours. */
  requestId?: string | undefined;
  /** What was thrown. */
  cause?: unknown;
}

/**
 * Why an operation failed. No member holds a secret, a token or a password.
 *
 * @example
 * import { ProvisioningError } from 'kandy-wasm/provisioning';
 *
 * try {
 *   await client.subscriber.create({ userId: 'anna' });
 * } catch (error) {
 *   if (error instanceof ProvisioningError && error.code === 'InsufficientProducts') await client.order.create({ type: 'increment', quantity: 1 });
 *   else throw error;
 * }
 */
export class ProvisioningError extends Error {
  /** What went wrong. */
  readonly kind: ProvisioningErrorKind;
  /**
   * The server's word for it, such as `InsufficientProducts` or `invalid_client`; for `transport` that of the network, such as
   * `ECONNREFUSED`, or `Timeout`; `InvalidAnswer` where an answer could not be read.
   */
  readonly code: string | undefined;
  /** HTTP status; none where no answer came. */
  readonly status: number | undefined;
  /** The server's number of the request, for whoever runs the server. */
  readonly transactionId: string | undefined;
  /** The server's further words. */
  readonly info: string | undefined;
  /** `rateLimited`: when calls pass again, if the server told. */
  readonly reset: Date | undefined;
  /** Seconds after which the server wants to be asked again, if it told. */
  readonly retryAfter: number | undefined;
  /** The `x-request-id` that was sent with the request. */
  readonly requestId: string | undefined;

  /**
   * @param message a sentence for people
   * @param details everything else; `cause` is what the network said
   */
  constructor(message: string, details: ProvisioningErrorDetails) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'ProvisioningError';
    this.kind = details.kind;
    this.code = details.code;
    this.status = details.status;
    this.transactionId = details.transactionId;
    this.info = details.info;
    this.reset = details.reset;
    this.retryAfter = details.retryAfter;
    this.requestId = details.requestId;
  }

  /** The members that `JSON.stringify` would leave out of an Error; not the cause. */
  toJSON(): Record<string, unknown> {
    const { name, message, kind, code, status, transactionId, info, reset, retryAfter, requestId } = this;
    return { name, message, kind, code, status, transactionId, info, reset, retryAfter, requestId };
  }
}

/** Puts `[hidden]` in place of secrets. */
export type Hide = (text: string) => string;

/** What is known of the request that failed. */
export interface Asked {
  /** Name of the operation, such as `order.create`. */
  name: string;
  /** Whether it changes something. After a failure it may be done nevertheless. */
  changes: boolean;
  requestId: string;
  /** What servers and networks say passes through it: they may repeat what they were sent. */
  hide: Hide;
}

/**
 * The error of an answer that is none of success.
 *
 * @param now milliseconds since the epoch, for `retry-after` with a date
 */
export function refusal(asked: Asked, status: number, headers: Headers, body: unknown, now: number): ProvisioningError {
  const said = hidden(envelopeOf(body), asked.hide);
  const kind = kindOf(status, said);
  const retryAfter = retryAfterOf(headers, now);
  const reset = kind === 'rateLimited' ? (quotaOf(headers)?.reset ?? afterSeconds(retryAfter, now)) : undefined;
  const what = said.message ?? `The server answered ${status}`;
  const elsewhere = status >= 300 && status < 400 ? headers.get('location') : null;
  const info = said.info ?? (elsewhere ? asked.hide(elsewhere) : undefined);
  const message = [`${asked.name}: ${sentence(what, info)}`, elsewhere ? 'Check baseUrl.' : advice(kind, said.code, reset)].filter(Boolean).join(' ');
  const { code, transactionId } = said;
  return new ProvisioningError(message, { kind, code, status, transactionId, info, reset, retryAfter, requestId: asked.requestId });
}

/** The error of an answer that says success and is not what it should be. */
export function invalidAnswer(asked: Asked, status: number, why: string): ProvisioningError {
  const message = `${asked.name}: the server answered ${status}, but not as it should: ${why}.${doubt(asked)}`;
  return new ProvisioningError(message, { kind: 'server', code: 'InvalidAnswer', status, requestId: asked.requestId });
}

/** The error of a request that got no answer. */
export function noAnswer(asked: Asked, thrown: unknown): ProvisioningError {
  const cause = withoutSecrets(thrown, asked.hide, DEEPEST);
  const code = innermostCode(cause) ?? 'NoAnswer';
  const message = `${asked.name}: no answer came (${code}). Check baseUrl, and that the server can be reached from here.${doubt(asked)}`;
  return new ProvisioningError(message, { kind: 'transport', code, requestId: asked.requestId, cause });
}

/** The error of a request whose answer took too long. */
export function tooLate(asked: Asked, milliseconds: number): ProvisioningError {
  const message = `${asked.name}: no answer within ${milliseconds} ms.${doubt(asked)}`;
  return new ProvisioningError(message, { kind: 'transport', code: 'Timeout', requestId: asked.requestId });
}

/** Replaces each of these texts, also where it stands as in JSON, a form or an address. */
export function hiding(secrets: readonly string[]): Hide {
  const forms = secrets.flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1), ...encoded(secret)]);
  const texts = [...new Set(forms)].filter(Boolean).sort((one, other) => other.length - one.length);
  return (text) => texts.reduce((rest, secret) => rest.replaceAll(secret, '[hidden]'), text);
}

function encoded(secret: string): string[] {
  const form = new URLSearchParams([['', secret]]).toString().slice(1);
  return [form, form.replaceAll('+', '%20')];
}

// A quota or token fault can come before the product is reached, with whatever status the gateway has for it (provisioning §6.3).
function kindOf(status: number, { fault }: Envelope): ProvisioningErrorKind {
  if (fault === 'token' || status === 401) return 'unauthorized';
  if (fault === 'quota' || status === 429) return 'rateLimited';
  if (status === 403) return 'forbidden';
  if (status === 404) return 'notFound';
  // Products of the store without a 412 have a 409 in its place.
  if (status === 412 || status === 409) return 'precondition';
  return status >= 400 && status < 500 ? 'badRequest' : 'server';
}

function advice(kind: ProvisioningErrorKind, code: string | undefined, reset: Date | undefined): string {
  switch (code) {
    case 'InsufficientProducts':
      return 'Order more pieces, or delete a subscriber.';
    case 'ProductsInUse':
      return 'Subscribers hold these pieces; delete subscribers first.';
    case 'SubscriberExists':
      return 'Choose another userId; one that is being deleted is free a moment later.';
    case 'IdempotencyConflict':
      return 'This idempotencyKey was used for something else; take a new one.';
  }
  switch (kind) {
    case 'unauthorized':
      return 'Check clientId and clientSecret, and that the project is approved.';
    case 'forbidden':
      return 'Ask the operator whether the project may use this product, and whether the account is blocked.';
    case 'rateLimited':
      return reset ? `The quota is used up until ${reset.toISOString()}.` : 'The quota is used up.';
    default:
      return '';
  }
}

function doubt({ changes }: Asked): string {
  return changes ? ' What was asked for may have been done.' : '';
}

/** With the further words in brackets, unless the sentence has them already. */
function sentence(what: string, info = ''): string {
  const plain = what.replace(/[.\s]+$/, '');
  return plain.includes(info) ? `${plain}.` : `${plain} (${info}).`;
}

function afterSeconds(seconds: number | undefined, now: number): Date | undefined {
  return seconds === undefined ? undefined : valid(new Date(now + seconds * 1000));
}

function hidden(said: Envelope, hide: Hide): Envelope {
  const members = Object.entries(said).map(([name, text]) => [name, hide(text)]);
  return Object.fromEntries(members) as Envelope;
}

// Errors of a fetch can carry the whole request; only their words and codes are kept.
function withoutSecrets(thrown: unknown, hide: Hide, depth: number): Error {
  const { name, message, code, cause } = (typeof thrown === 'object' && thrown !== null ? thrown : { message: String(thrown) }) as Record<string, unknown>;
  const inner = cause === undefined || depth === 0 ? undefined : { cause: withoutSecrets(cause, hide, depth - 1) };
  const clean = new Error(hide(String(message ?? '')), inner);
  // Its stack begins with the words above, so it has no more than they.
  clean.name = hide(String(name ?? 'Error'));
  return typeof code === 'string' ? Object.assign(clean, { code: hide(code) }) : clean;
}

function innermostCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  return innermostCode(error.cause) ?? (error as { code?: string }).code;
}

/** Levels of causes that are kept; a fetch has two. */
const DEEPEST = 3;
