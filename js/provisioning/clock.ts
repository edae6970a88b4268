// Time, and the pauses between attempts.

/** Where the client takes the time from. Tests hand in one of their own. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /**
   * Resolves after that many milliseconds; rejects with `signal.reason` as soon as the signal is aborted, and leaves no timer
   * behind.
   *
   * @param milliseconds how long
   * @param signal ends it early
   */
  wait(milliseconds: number, signal: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  wait: (milliseconds, signal) =>
    new Promise((resolve, reject) => {
      const stop = () => {
        clearTimeout(timer);
        reject(signal.reason);
      };
      const timer = setTimeout(() => {
        signal.removeEventListener('abort', stop);
        resolve();
      }, milliseconds);
      if (signal.aborted) stop();
      else signal.addEventListener('abort', stop, { once: true });
    }),
};

/**
 * Milliseconds before the next attempt: 1, 2, 4 … 30 s (provisioning §8), of which the second half is left to chance, so that
 * clients which failed together do not come back together.
 *
 * @param attempt 0 after the first
 * @param random from 0 to 1
 */
export function backOff(attempt: number, random: number): number {
  const whole = Math.min(1000 * 2 ** attempt, 30_000);
  return Math.round(whole * (0.5 + random / 2));
}

/** Milliseconds that a server asked for, and up to a second more, for the same reason. */
export function asTold(milliseconds: number, random: number): number {
  return Math.round(milliseconds + random * 1000);
}
