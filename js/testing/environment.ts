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
import { channelGlobal, putPage } from './page.js';
import { peerGlobal } from './peer.js';
import { createRandom, randomGlobals } from './random.js';
import { socketGlobal } from './socket.js';

/** What a test asks for. */
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
  };
  for (const [name, value] of Object.entries(globals)) replaced.put(globalThis, name, value);
  replaced.put(WebAssembly, 'instantiate', loading.instantiate);
  putPage(replaced, mediaDevices);
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
