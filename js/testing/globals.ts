// Putting things on globalThis, and taking them away again without a trace.

/** Puts values into objects; `undo` makes everything as it was. */
export interface Replacements {
  /** Puts a value under a name. */
  put(object: object, name: string, value: unknown): void;
  /** Names of those that somebody else has replaced since. */
  overwritten(names: readonly string[]): string[];
  /** Takes all of them away again, the last one first. */
  undo(): void;
}

/** Nothing is replaced yet. */
export function createReplacements(): Replacements {
  const done: { object: object; name: string; value: unknown; before: PropertyDescriptor | undefined }[] = [];
  return {
    put: (object, name, value) => {
      const before = Object.getOwnPropertyDescriptor(object, name);
      done.push({ object, name, value, before });
      Object.defineProperty(object, name, { value, writable: true, configurable: true, enumerable: before?.enumerable ?? false });
    },
    overwritten: (names) => {
      const ours = done.filter(({ object, name }) => object === globalThis && names.includes(name));
      return ours.filter(({ object, name, value }) => (object as Record<string, unknown>)[name] !== value).map(({ name }) => name);
    },
    undo: () => {
      for (const { object, name, before } of done.splice(0).reverse()) {
        if (before) Object.defineProperty(object, name, before);
        else delete (object as Record<string, unknown>)[name];
      }
    },
  };
}
