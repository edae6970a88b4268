// The page itself: what there is of one where the test's environment has none, and what jsdom has only in name.

import type { Clock } from './clock.js';
import type { Replacements } from './globals.js';
import { Target } from './target.js';

/** Makes globalThis a page that the engines know as one. */
export function putPage(replaced: Replacements, mediaDevices: object): void {
  const there = globalThis as { navigator?: object; document?: object; addEventListener?: unknown; HTMLMediaElement?: { prototype: object } };
  replaced.put(globalThis, 'Window', windowGlobal());
  if (!there.document) replaced.put(globalThis, 'document', new BareDocument());
  if (!there.navigator) replaced.put(globalThis, 'navigator', { userAgent: '' });
  replaced.put(navigator, 'mediaDevices', mediaDevices);
  replaced.put(navigator, 'onLine', true);
  if (!there.addEventListener) {
    const page = new Target();
    for (const name of ['addEventListener', 'removeEventListener', 'dispatchEvent'] as const) replaced.put(globalThis, name, page[name].bind(page));
  }
  // jsdom's play nothing, and say that they are not implemented.
  const player = there.HTMLMediaElement?.prototype;
  if (!player) return;
  replaced.put(player, 'play', async () => undefined);
  for (const name of ['pause', 'load']) replaced.put(player, name, () => undefined);
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
export function channelGlobal(clock: Clock): unknown {
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
