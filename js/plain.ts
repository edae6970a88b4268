// Plain data: what crosses the border to the engine, and copies of what an application gave.

/**
 * Data that can be handed to the engine: functions and other things without a JSON form are left out.
 *
 * @throws TypeError if `value` contains itself
 */
export function plain(value: unknown): unknown {
  const text = JSON.stringify(value, (_, member) => {
    if (typeof member === 'bigint') return String(member);
    // JSON would make null of Infinity; left out, such a number falls back to its default like any other nonsense.
    return member === null || (typeof member === 'number' && !Number.isFinite(member)) ? undefined : member;
  });
  return text === undefined ? undefined : JSON.parse(text);
}

/**
 * The same with every `null` where it was: what a server wrote keeps its meaning.
 *
 * @returns nothing if `value` has no JSON form
 */
export function exact(value: unknown): unknown {
  try {
    return JSON.parse(JSON.stringify(value));
  } catch {
    return undefined;
  }
}

/** The texts of a list; none of anything else. */
export function texts(list: unknown): string[] {
  return Array.isArray(list) ? list.filter((one) => typeof one === 'string') : [];
}

/** Objects and arrays are copied to any depth; functions and instances of classes are shared. */
export function copy<T>(value: T): T {
  if (Array.isArray(value)) return value.map(copy) as T;
  if (!isPlain(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, copy(member)])) as T;
}

/** Whether two values are the same, or look the same at any depth. */
export function same(one: any, other: any): boolean {
  if (Object.is(one, other)) return true;
  const comparable = Array.isArray(one) ? Array.isArray(other) : isPlain(one) && isPlain(other);
  return comparable && [...Object.keys(one), ...Object.keys(other)].every((key) => same(one[key], other[key]));
}

/** Whether this is an object made of braces, and no instance of a class. */
export function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  // Not compared with this realm's Object.prototype: a frame's or a test runner's objects are as good.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
