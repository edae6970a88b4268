// The time of a world: it passes when the test says so, and what is due happens in order.

/** Most timers that may wait at once; an application that has more of them has a leak. */
const WAITING_LIMIT = 100_000;

/** The clock of one world. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls `run` in so many milliseconds. Returns what cancels it. */
  after(milliseconds: number, run: () => void): () => void;
  /** When the next task is due, in milliseconds since the epoch; nothing if none waits. */
  next(): number | undefined;
  /** Moves to the next task, if it is due by `end`, and runs it. Returns whether there was one. */
  step(end: number): boolean;
  /** Moves on to this time. Tasks that are due before are not run. */
  moveTo(time: number): void;
  /** How many tasks wait. */
  waiting(): number;
}

interface Task {
  at: number;
  order: number;
  run: () => void;
}

/**
 * Makes a clock.
 *
 * @param start milliseconds since the epoch
 */
export function createClock(start: number): Clock {
  let time = start;
  let order = 0;
  /** By time, then by the order in which they were set. */
  let tasks: Task[] = [];

  return {
    now: () => time,
    after: (milliseconds, run) => {
      if (tasks.length >= WAITING_LIMIT) throw new Error(`More than ${WAITING_LIMIT} timers are waiting.`);
      const task = { at: time + milliseconds, order: (order += 1), run };
      const place = tasks.findIndex(({ at }) => at > task.at);
      tasks.splice(place < 0 ? tasks.length : place, 0, task);
      return () => {
        tasks = tasks.filter((other) => other !== task);
      };
    },
    next: () => tasks[0]?.at,
    step: (end) => {
      const task = tasks[0];
      if (!task || task.at > end) return false;
      tasks.shift();
      time = task.at;
      task.run();
      return true;
    },
    moveTo: (to) => {
      time = Math.max(time, to);
    },
    waiting: () => tasks.length,
  };
}

/** What the timers of a page return. Node's have functions, which do nothing here: nothing real waits. */
class Timer {
  constructor(
    readonly id: number,
    readonly cancel: () => void,
  ) {}
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }
  hasRef(): boolean {
    return false;
  }
  [Symbol.toPrimitive](): number {
    return this.id;
  }
}

/** `setTimeout` and its like, `Date` and `performance`, by this clock. */
export function timeGlobals(clock: Clock, start: number): Record<string, unknown> {
  let lastId = 0;
  const running = new Map<number, () => void>();
  const begin = (delay: unknown, run: () => void, again: boolean): Timer => {
    const id = (lastId += 1);
    // As in browsers: what is no number is none, and an interval lets time pass.
    const wait = Math.max(Number(delay) || 0, again ? 1 : 0);
    const set = (): void => {
      const cancel = clock.after(wait, () => {
        if (again) set();
        else running.delete(id);
        run();
      });
      running.set(id, cancel);
    };
    set();
    return new Timer(id, () => end(id));
  };
  const end = (timer: unknown): void => {
    const id = Number(timer);
    running.get(id)?.();
    running.delete(id);
  };
  const timer = (again: boolean) => (run: unknown, delay?: unknown, ...args: unknown[]) => {
    if (typeof run !== 'function') throw new TypeError('A timer needs a function.');
    return begin(delay, () => run(...args), again);
  };

  const RealDate = Date;
  class VirtualDate extends RealDate {
    constructor(...args: [] | [number]) {
      if (args.length === 0) super(clock.now());
      else super(...args);
    }
    static override now(): number {
      return clock.now();
    }
  }
  return {
    setTimeout: timer(false),
    setInterval: timer(true),
    clearTimeout: end,
    clearInterval: end,
    Date: VirtualDate,
    // The engine adds the two: a steady clock that agrees with the other one.
    performance: { timeOrigin: start, now: () => clock.now() - start, mark: () => undefined, measure: () => undefined },
  };
}
