// Reads what a server sent, member by member. What is not of the wanted type is `Malformed`.

/** An object of JSON. */
export type Json = Record<string, unknown>;

/** Says which member is not what it should be; never what it is. */
export class Malformed extends Error {}

export function isRecord(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object itself. */
export function record(value: unknown, what: string): Json {
  if (isRecord(value)) return value;
  throw new Malformed(`${what} is no object`);
}

export function text(from: Json, member: string): string {
  const value = from[member];
  if (typeof value === 'string') return value;
  throw new Malformed(`${member} is no text`);
}

export function count(from: Json, member: string): number {
  const value = from[member];
  if (Number.isSafeInteger(value)) return value as number;
  throw new Malformed(`${member} is no integer`);
}

export function truth(from: Json, member: string): boolean {
  const value = from[member];
  if (typeof value === 'boolean') return value;
  throw new Malformed(`${member} is neither true nor false`);
}

/** A time of RFC 3339. */
export function time(from: Json, member: string): Date {
  const date = new Date(text(from, member));
  if (!Number.isNaN(date.getTime())) return date;
  throw new Malformed(`${member} is no time`);
}

/** Each element of an array, read. */
export function list<T>(from: Json, member: string, read: (element: unknown) => T): T[] {
  const value = from[member];
  if (Array.isArray(value)) return value.map(read);
  throw new Malformed(`${member} is no list`);
}

/** Reads a member that may be missing; null is missing, too. */
export function maybe<T>(from: Json, member: string, read: (from: Json, member: string) => T): T | undefined {
  const value = from[member];
  return value === undefined || value === null ? undefined : read(from, member);
}

/** Members without those that are undefined, so that `in` and `JSON.stringify` tell what is there. */
export function present<T extends object>(members: { [K in keyof Required<T>]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as T;
}
