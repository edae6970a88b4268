// The application's engine is compiled in real time, while the time of the world stands still: the world waits for it.

/** What is being loaded. */
export interface Loading {
  /** In place of `WebAssembly.instantiate`. */
  instantiate: typeof WebAssembly.instantiate;
  /** Resolves when all microtasks have run and nothing is being loaded. */
  settle(): Promise<void>;
}

/** Nothing is being loaded yet. */
export function createLoading(): Loading {
  const running = new Set<Promise<unknown>>();
  const real = WebAssembly.instantiate;
  const watch = <T>(work: Promise<T>): Promise<T> => {
    const ended: Promise<boolean> = work.then(
      () => running.delete(ended),
      () => running.delete(ended),
    );
    running.add(ended);
    return work;
  };
  return {
    instantiate: ((...args: Parameters<typeof WebAssembly.instantiate>) => watch(real(...args) as Promise<unknown>)) as typeof real,
    settle: async () => {
      do {
        await Promise.all(running);
        await nextTask();
      } while (running.size > 0);
    },
  };
}

/** Taken, like timers, before a test can replace it: Jest's fake timers do. */
export const queueMicrotask = globalThis.queueMicrotask;

/** Resolves in another task, after all microtasks. */
const nextTask = ((): (() => Promise<void>) => {
  const { setImmediate, setTimeout } = globalThis as { setImmediate?: (run: () => void) => void; setTimeout: (run: () => void) => void };
  return () => new Promise((resolve) => (setImmediate ?? setTimeout)(resolve));
})();
