// Arguments that can never be right, told before anything is sent (provisioning §3, §4). Each is a `TypeError` with the rule
// that it breaks, and never with what was given: that may be a password.

import type { OrderType, OrderWish, SubscriberState, SubscriberType, SubscriberWish } from './model.js';

/** Which orders are wanted. */
export interface OrderFilter extends PageFilter {
  /** One order; `notFound` if there is none. */
  orderNumber?: string | undefined;
  /** Such as `pendingApproval`. */
  status?: string | undefined;
  /** Only such. */
  type?: OrderType | undefined;
  /** Made at or after this; a text is RFC 3339. */
  from?: Date | string | undefined;
  /** Made before or at this; a text is RFC 3339. */
  to?: Date | string | undefined;
}

/** Which subscribers are wanted. */
export interface SubscriberFilter extends PageFilter {
  /** The one with this name. */
  userId?: string | undefined;
  /** Only such. */
  type?: SubscriberType | undefined;
  /** Only such. */
  state?: SubscriberState | undefined;
}

/** Which part of a list is wanted. */
export interface PageFilter {
  /** From 1, which is the default. */
  page?: number | undefined;
  /** Most elements on it, 1 to 100; default 10. */
  pageSize?: number | undefined;
}

/** Who is meant: the text is a `subscriberId`. */
export type SubscriberKey = string | { subscriberId: string } | { userId: string } | { identity: string };

export function orderWish(wish: OrderWish): OrderWish {
  members(wish, 'The order', ['type', 'product', 'quantity', 'reference']);
  oneOf(wish.type, 'type', ORDER_TYPES);
  if (!isCount(wish.quantity, 100_000)) throw new TypeError('quantity must be an integer from 1 to 100,000.');
  optional(wish.product, (value) => text(value, 'product', 1, 64));
  optional(wish.reference, (value) => text(value, 'reference', 0, 64));
  return wish;
}

export function orderFilter(filter: OrderFilter) {
  members(filter, 'The filter', ['orderNumber', 'status', 'type', 'from', 'to', 'page', 'pageSize']);
  optional(filter.orderNumber, orderNumber);
  optional(filter.status, (value) => text(value, 'status', 1, 32));
  optional(filter.type, (value) => oneOf(value, 'type', ORDER_TYPES));
  page(filter);
  return { ...filter, from: optional(filter.from, (value) => time(value, 'from')), to: optional(filter.to, (value) => time(value, 'to')) };
}

export function orderNumber(value: string): string {
  return key(value, 'orderNumber', 32);
}

export function subscriberWish(wish: SubscriberWish): SubscriberWish {
  members(wish, 'The subscriber', ['userId', 'password', 'product', 'type', 'expiresAt', ...NAMES, 'customData']);
  optional(wish.userId, userId);
  optional(wish.password, password);
  optional(wish.product, (value) => text(value, 'product', 1, 64));
  optional(wish.type, (value) => oneOf(value, 'type', SUBSCRIBER_TYPES));
  for (const name of NAMES) optional(wish[name], (value) => text(value, name, 0, 128));
  optional(wish.customData, customData);
  if (wish.expiresAt !== undefined && wish.type !== 'temporary') throw new TypeError('expiresAt needs the type temporary.');
  return { ...wish, expiresAt: optional(wish.expiresAt, (value) => time(value, 'expiresAt')) };
}

export function subscriberFilter(filter: SubscriberFilter): SubscriberFilter {
  members(filter, 'The filter', ['userId', 'type', 'state', 'page', 'pageSize']);
  optional(filter.userId, userId);
  optional(filter.type, (value) => oneOf(value, 'type', SUBSCRIBER_TYPES));
  optional(filter.state, (value) => oneOf(value, 'state', ['active', 'deleting']));
  return page(filter);
}

export function subscriberId(value: string): string {
  return key(value, 'subscriberId', 64);
}

/** The id, or what the server finds the subscriber by. */
export function subscriberKey(wanted: SubscriberKey): { subscriberId: string } | { userId: string } | { identity: string } {
  if (typeof wanted === 'string') return { subscriberId: subscriberId(wanted) };
  members(wanted, 'The subscriber', ['subscriberId', 'userId', 'identity']);
  const given = Object.values(wanted).filter((value) => value !== undefined);
  if (given.length !== 1) throw new TypeError('Exactly one of subscriberId, userId and identity says who is meant.');
  if ('subscriberId' in wanted && wanted.subscriberId !== undefined) return { subscriberId: subscriberId(wanted.subscriberId) };
  if ('userId' in wanted && wanted.userId !== undefined) return { userId: userId(wanted.userId) };
  return { identity: identity('identity' in wanted ? wanted.identity : undefined) };
}

export function password(value: string): string {
  return text(value, 'password', 8, 128);
}

export function month(value: string): string {
  if (typeof value === 'string' && /^\d{4}-(?:0[1-9]|1[0-2])$/.test(value)) return value;
  throw new TypeError('month must be a text such as 2026-11.');
}

/** Goes into a header (provisioning §4.1). */
export function idempotencyKey(value: string): string {
  return visible(value, 'idempotencyKey', 64);
}

/** Goes into a header. */
export function requestId(value: string): string {
  return visible(value, 'requestId', 128);
}

/**
 * What headers and paths can hold.
 *
 * @param longest in characters
 */
export function visible(value: unknown, name: string, longest: number): string {
  if (typeof value === 'string' && value.length <= longest && /^[\x21-\x7e]+$/.test(value)) return value;
  throw new TypeError(`${name} must be 1 to ${longest} characters of ASCII, without spaces.`);
}

function userId(value: unknown): string {
  if (typeof value === 'string' && /^[a-z0-9._-]{1,64}$/i.test(value)) return value;
  throw new TypeError('userId must be 1 to 64 letters, digits, ".", "_" and "-"; what is after the @ is the domain of the account.');
}

function identity(value: unknown): string {
  if (typeof value === 'string' && value.length <= 320 && /^[^@\s]+@[^@\s]+$/.test(value)) return value;
  throw new TypeError('identity must be a text such as anna@acme.example.');
}

function customData(value: unknown): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new TypeError('customData must be an object.');
  const size = new TextEncoder().encode(JSON.stringify(value)).length;
  if (size > 4096) throw new TypeError(`customData must be at most 4,096 bytes as JSON; this is ${size}.`);
}

function page<T extends PageFilter>(filter: T): T {
  optional(filter.page, (value) => {
    if (!isCount(value, Number.MAX_SAFE_INTEGER)) throw new TypeError('page must be an integer from 1.');
  });
  optional(filter.pageSize, (value) => {
    if (!isCount(value, 100)) throw new TypeError('pageSize must be an integer from 1 to 100.');
  });
  return filter;
}

/** As RFC 3339 in UTC. */
function time(value: unknown, name: string): string {
  const date = value instanceof Date ? value : new Date(typeof value === 'string' && RFC_3339.test(value) ? value : Number.NaN);
  if (!Number.isNaN(date.getTime())) return date.toISOString();
  throw new TypeError(`${name} must be a Date, or a text such as 2026-11-21T10:00:00Z.`);
}

/** Goes into a path, of which `.` and `..` would make another one, however they are encoded. */
function key(value: unknown, name: string, longest: number): string {
  if (value === '.' || value === '..') throw new TypeError(`${name} must not be "." or "..".`);
  return visible(value, name, longest);
}

function text(value: unknown, name: string, shortest: number, longest: number): string {
  const length = typeof value === 'string' ? [...value].length : -1;
  if (length < shortest || length > longest) throw new TypeError(`${name} must be a text of ${shortest} to ${longest} characters.`);
  return value as string;
}

function oneOf(value: unknown, name: string, known: readonly string[]): void {
  if (!known.includes(value as string)) throw new TypeError(`${name} must be ${known.join(' or ')}.`);
}

function isCount(value: unknown, most: number): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 1 && (value as number) <= most;
}

/** A misspelt member would otherwise be left out in silence, and a filter then finds everything. */
function members(value: object, what: string, known: readonly string[]): void {
  if (typeof value !== 'object' || value === null) throw new TypeError(`${what} must be an object.`);
  const unknown = Object.keys(value).find((name) => !known.includes(name));
  if (unknown !== undefined) throw new TypeError(`${what} has the unknown member ${unknown}; known are ${known.join(', ')}.`);
}

function optional<T, R>(value: T | undefined, check: (value: T) => R): R | undefined {
  return value === undefined ? undefined : check(value);
}

const ORDER_TYPES = ['increment', 'decrement'];
const SUBSCRIBER_TYPES = ['persistent', 'temporary'];
const NAMES = ['firstName', 'lastName', 'email', 'displayName'] as const;
const RFC_3339 = /^\d{4}-\d\d-\d\dt\d\d:\d\d:\d\d(?:\.\d+)?(?:z|[+-]\d\d:\d\d)$/i;
