// `WebSocket` of a page: sockets to the gateway go to that of the world, all others where they went before.

import type { GatewayDoor } from './gateway.js';
import type { Line } from './network.js';
import { Target } from './target.js';

/** Addresses of the channels on which a gateway notifies. */
const CHANNEL = /^\/notification\//;

/** The close code of a connection that broke off (RFC 6455 7.1.5). */
const BROKEN = 1006;
/** The close code of one that was closed without a reason (RFC 6455 7.1.5). */
const NO_REASON = 1005;

const STATES = { CONNECTING: 0, OPEN: 1, CLOSING: 2, CLOSED: 3 } as const;

/**
 * Makes `WebSocket`.
 *
 * @param lineOf the line of a host
 */
export function socketGlobal(door: GatewayDoor, lineOf: (host: string) => Line): unknown {
  const real = globalThis.WebSocket as typeof WebSocket | undefined;

  class FakeWebSocket extends Target {
    readonly url: string;
    readonly protocol = '';
    readonly extensions = '';
    binaryType = 'blob';
    bufferedAmount = 0;
    readyState: number = STATES.CONNECTING;
    readonly #line: Line;
    readonly #end: { send(text: string): void; close(): void };
    readonly #stop: () => void;

    constructor(address: string | URL, protocols?: string | string[]) {
      super();
      // Throws what a browser throws for an address that is none.
      const url = new URL(address);
      this.url = url.href;
      this.#line = lineOf(url.hostname);
      this.#stop = this.#line.watch((change) => {
        if (change === 'cut' || change === 'dropped') this.#lost();
        // What could not be sent meanwhile is lost with the connection that it was written to.
        if (change === 'up' && this.bufferedAmount > 0) this.#lost();
      });
      if (!CHANNEL.test(url.pathname)) {
        this.#stop();
        if (!real) throw new DOMException('The world has sockets of the Kandy protocol alone.', 'SecurityError');
        this.#end = { send: () => undefined, close: () => undefined };
        return new real(address, protocols) as unknown as this;
      }
      this.#end = door.open(this.#line, url, {
        opened: () => {
          if (this.readyState !== STATES.CONNECTING) return;
          this.readyState = STATES.OPEN;
          this.tell('open');
        },
        frame: (data) => {
          if (this.readyState === STATES.OPEN) this.tell('message', { data });
        },
        closed: (code) => this.#closed(code),
      });
      if (this.#line.state === 'cut') queueMicrotask(() => this.#lost());
    }

    send(text: string): void {
      if (this.readyState === STATES.CONNECTING) throw new DOMException('The socket is not open yet.', 'InvalidStateError');
      if (this.readyState !== STATES.OPEN) return;
      if (this.#line.state === 'silent') this.bufferedAmount += text.length;
      this.#end.send(text);
    }

    close(): void {
      if (this.readyState >= STATES.CLOSING) return;
      this.readyState = STATES.CLOSING;
      this.#end.close();
      this.#closed(NO_REASON);
    }

    #lost(): void {
      if (this.readyState === STATES.CLOSED) return;
      this.#end.close();
      this.tell('error');
      this.#closed(BROKEN);
    }

    #closed(code: number): void {
      if (this.readyState === STATES.CLOSED) return;
      this.readyState = STATES.CLOSED;
      this.#stop();
      // Not inside `close()`.
      queueMicrotask(() => this.tell('close', { code, reason: '', wasClean: code !== BROKEN }));
    }
  }
  return Object.assign(FakeWebSocket, STATES);
}
