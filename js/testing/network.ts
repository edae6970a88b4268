// The lines between pages and gateway, and what is wrong with them. Every scripted user has a line of their own, which is known
// by the host that their client is configured with; everything else is the application's.

import type { Clock } from './clock.js';

/**
 * `up`: it works. `cut`: it does not, and the browser knows: sockets close, requests fail. `silent`: it does not, and nobody says
 * so: what is sent is lost.
 */
export type LineState = 'up' | 'cut' | 'silent';

/** The network of one side, for tests. */
export interface TestNetwork {
  /** `up`, `cut` or `silent`. */
  readonly state: LineState;
  /**
   * Cuts the connection, as when Wi-Fi is switched off: sockets close with 1006, requests fail, media stop. The page is told
   * (`offline`). The gateway is not.
   */
  cut(): void;
  /** The connection fails without a word: sockets stay open, requests have no answer, media stop. The client has to find out. */
  silence(): void;
  /** The connection works again; after `cut` the page is told (`online`). */
  restore(): void;
  /** Closes the sockets alone, with 1006: a proxy was restarted. */
  dropSockets(): void;
}

/** One line. */
export interface Line extends TestNetwork {
  /** Host that stands for it. */
  readonly host: string;
  /** Calls `arrive` after the time of one way, if the line is up then and now. */
  carry(arrive: () => void): void;
  /** Hears of every change, and of sockets that are dropped. Returns what ends that. */
  watch(hears: (change: LineState | 'dropped') => void): () => void;
}

/**
 * Makes a line.
 *
 * @param latency milliseconds of one way
 */
export function createLine(clock: Clock, host: string, latency: number): Line {
  let state: LineState = 'up';
  let watching: ((change: LineState | 'dropped') => void)[] = [];
  const tell = (change: LineState | 'dropped'): void => watching.forEach((hears) => hears(change));
  const become = (next: LineState) => (): void => {
    if (state === next) return;
    state = next;
    tell(next);
  };
  return {
    host,
    get state() {
      return state;
    },
    cut: become('cut'),
    silence: become('silent'),
    restore: become('up'),
    dropSockets: () => tell('dropped'),
    carry: (arrive) => {
      if (state !== 'up') return;
      clock.after(latency, () => {
        if (state === 'up') arrive();
      });
    },
    watch: (hears) => {
      watching = [...watching, hears];
      return () => {
        watching = watching.filter((other) => other !== hears);
      };
    },
  };
}
