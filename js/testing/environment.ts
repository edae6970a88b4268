// The browser of a world: everything that the engines ask a page for, put on globalThis and taken away again.

import { TestGateway } from '#testing';
import { createClock, timeGlobals, type Clock } from './clock.js';
import { createField } from './field.js';
import { createGateway, type GatewayDoor } from './gateway.js';
import { createReplacements } from './globals.js';
import { fetchGlobal } from './http.js';
import { createLoading, queueMicrotask } from './loading.js';
import { createMedia, type TestMedia } from './media.js';
import { putMissing } from './missing.js';
import { createLine, type Line } from './network.js';
import { peerGlobal } from './peer.js';
import { createRandom, randomGlobals } from './random.js';
import { socketGlobal } from './socket.js';
import { Target } from './target.js';

/** What follows from what a test asks for. */
export interface Setting {
  /** The accounts of the gateway. */
  accounts: readonly object[];
  seed: number;
  /** Milliseconds since the epoch. */
  start: number;
  /** Milliseconds of one way between a page and the gateway. */
  latency: number;
}

/** A browser with its gateway. */
export interface Environment {
  clock: Clock;
  server: GatewayDoor['server'];
  media: TestMedia;
  /** The application's line. */
  line: Line;
  /** Gives a line to a host; its side's devices have that name, too. */
  addLine(host: string): Line;
  /** Does work whose listeners on the page hear nothing: `offline` is about the application's network. */
  apart<T>(work: () => T): T;
  /** Runs everything that is due by this time, in milliseconds since the epoch, or until `done`. */
  run(end: number, done?: () => boolean): Promise<void>;
  /** Takes everything away again. */
  uninstall(): void;
}

/** Whether a browser of ours is there. */
let installed = false;

/** Names by which a test would fight with ours for the time. */
const TIMERS = ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'];

/**
 * Puts a browser onto globalThis.
 *
 * @throws Error if there is one of another world, or if an account cannot be used
 */
export function install({ accounts, seed, start, latency }: Setting): Environment {
  if (installed) throw new Error('There is a world already: await its close() before the next one.');
  const gateway = new TestGateway(JSON.stringify(accounts), seed);
  const [clock, random, loading, replaced] = [createClock(start), createRandom(seed), createLoading(), createReplacements()];
  const line = createLine(clock, '', latency);
  const lines = new Map<string, Line>();
  const lineOf = (host: string): Line => lines.get(host) ?? line;
  const door = createGateway(clock, gateway);
  const media = createMedia(clock, random, (deviceId) => lines.has(deviceId));
  const { mediaDevices, MediaStream, MediaStreamTrack } = media;

  putMissing(replaced);
  const globals = {
    ...timeGlobals(clock, start),
    ...randomGlobals(random),
    queueMicrotask,
    fetch: fetchGlobal(door, lineOf),
    WebSocket: socketGlobal(door, lineOf),
    RTCPeerConnection: peerGlobal({ clock, random, field: createField(clock), lineOf }),
    MediaStream,
    MediaStreamTrack,
    MessageChannel: channelGlobal(clock),
    Window: windowGlobal(),
  };
  for (const [name, value] of Object.entries(globals)) replaced.put(globalThis, name, value);
  replaced.put(WebAssembly, 'instantiate', loading.instantiate);
  if (typeof globalThis.navigator === 'object') {
    replaced.put(navigator, 'mediaDevices', mediaDevices);
    replaced.put(navigator, 'onLine', true);
  } else {
    replaced.put(globalThis, 'navigator', { mediaDevices, onLine: true, userAgent: '' });
  }
  if (typeof globalThis.addEventListener !== 'function') {
    const page = new Target();
    for (const name of ['addEventListener', 'removeEventListener', 'dispatchEvent'] as const) replaced.put(globalThis, name, page[name].bind(page));
  }
  if (typeof globalThis.document !== 'object') replaced.put(globalThis, 'document', new BareDocument());
  // jsdom has elements that play nothing, and say that they are not implemented.
  const player = (globalThis as { HTMLMediaElement?: { prototype: object } }).HTMLMediaElement?.prototype;
  if (player) {
    replaced.put(player, 'play', async () => undefined);
    for (const name of ['pause', 'load']) replaced.put(player, name, () => undefined);
  }
  line.watch((change) => {
    const online = change === 'up';
    if (change === 'silent' || change === 'dropped' || online === navigator.onLine) return;
    (navigator as { onLine: boolean }).onLine = online;
    globalThis.dispatchEvent(new Event(online ? 'online' : 'offline'));
  });
  installed = true;

  return {
    clock,
    line,
    media: media.control,
    server: door.server,
    addLine: (host) => {
      const known = lines.get(host) ?? createLine(clock, host, latency);
      lines.set(host, known);
      return known;
    },
    apart: (work) => {
      const deaf = createReplacements();
      deaf.put(globalThis, 'addEventListener', () => undefined);
      try {
        return work();
      } finally {
        deaf.undo();
      }
    },
    run: async (end, done) => {
      const theirs = replaced.overwritten(TIMERS);
      if (theirs.length > 0) {
        throw new Error(`${theirs.join(', ')} was replaced after the world was made: fake timers of a test runner and the world's cannot both keep the time. Use world.advance().`);
      }
      await loading.settle();
      while (!done?.() && clock.step(end)) await loading.settle();
      if (!done?.()) clock.moveTo(end);
    },
    uninstall: () => {
      if (!installed) return;
      replaced.undo();
      installed = false;
    },
  };
}

/** `document` where there is none: a page in which nothing can be found, and nothing shown. */
class BareDocument extends Target {
  readonly hidden = false;
  readonly visibilityState = 'visible';
  querySelector(): null {
    return null;
  }
}

/** `Window`, of which the engines want globalThis to be one. */
function windowGlobal(): unknown {
  const real = globalThis.Window as (abstract new () => Window) | undefined;
  return class Window {
    static [Symbol.hasInstance](it: unknown): boolean {
      return it === globalThis || (real !== undefined && it instanceof real);
    }
  };
}

/** `MessageChannel`, by which the loader of the engine lets the page breathe. */
function channelGlobal(clock: Clock): unknown {
  class Port extends Target {
    other: Port | undefined;
    postMessage(data: unknown): void {
      const { other } = this;
      clock.after(0, () => other?.tell('message', { data }));
    }
    start(): void {}
    close(): void {
      this.other = undefined;
    }
  }
  return class MessageChannel {
    readonly port1 = new Port();
    readonly port2 = new Port();
    constructor() {
      this.port1.other = this.port2;
      this.port2.other = this.port1;
    }
  };
}
