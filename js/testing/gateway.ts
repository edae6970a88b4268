// The gateway of a world: the real switch, compiled to WebAssembly, with lines to it on which each way takes its time.

import type { TestGateway } from '#testing';
import type { Clock } from './clock.js';
import type { Line } from './network.js';

/** A request as it travels. */
export interface SentRequest {
  method: string;
  url: URL;
  /** Names in lower case. */
  headers: [name: string, value: string][];
  /** Empty if there is none. */
  body: string;
}

/** An answer as it travels. */
export interface Answer {
  status: number;
  contentType: string;
  body: string;
}

/** A request that reached the gateway, for tests to look at. */
export interface TestRequest {
  /** Milliseconds since the epoch. */
  at: number;
  method: string;
  /** Without query, in which secrets may stand. */
  path: string;
  /** HTTP status of the answer. */
  status: number;
}

/** What a test can do to the gateway. */
export interface TestServer {
  /**
   * Answers requests with an error in place of doing what they ask.
   *
   * @param status HTTP status, such as 500
   * @param options `path`: only requests whose path has this text, or matches; `times`: how many, default all until `restore`
   */
  fail(status: number, options?: { path?: string | RegExp; times?: number }): void;
  /** No more errors. */
  restore(): void;
  /** Requests that reached the gateway, in order: the last 10,000. */
  readonly requests: readonly TestRequest[];
}

/** One end of a socket: what the gateway tells it. */
export interface SocketEnd {
  opened(): void;
  frame(text: string): void;
  closed(code: number): void;
}

/** The gateway, as the fakes of the browser see it. */
export interface GatewayDoor {
  /** Sends a request; `answered` is called if there is an answer. */
  request(line: Line, request: SentRequest, answered: (answer: Answer) => void): void;
  /** Opens a socket. Returns what the page's end can do. */
  open(line: Line, url: URL, end: SocketEnd): { send(text: string): void; close(): void };
  server: TestServer;
}

interface Outcome {
  response?: Answer;
  deliveries: ({ type: 'frame'; socket: number; text: string } | { type: 'mark'; socket: number } | { type: 'close'; socket: number; code: number })[];
  deadline?: number;
  error?: string;
}

/** Requests that are remembered. */
const REMEMBERED = 10_000;

/** The close code of a connection that broke off (RFC 6455 7.1.5). */
const BROKEN = 1006;

/**
 * Opens the gateway.
 *
 * @param engine the switch
 */
export function createGateway(clock: Clock, engine: TestGateway): GatewayDoor {
  const sockets = new Map<number, { line: Line; end: SocketEnd }>();
  const requests: TestRequest[] = [];
  let faults: { status: number; path: string | RegExp; left: number }[] = [];
  let lastSocket = 0;
  let cancelTick = (): void => undefined;

  /** Tells the gateway, and carries out what follows; the answer first. */
  const tell = (message: object, answered: (answer: Answer | undefined) => void = () => undefined): void => {
    const outcome = JSON.parse(engine.handle(clock.now(), JSON.stringify(message))) as Outcome;
    if (outcome.error) throw new Error(`The test gateway cannot read what the world tells it: ${outcome.error}`);
    answered(outcome.response);
    const ready: number[] = [];
    for (const delivery of outcome.deliveries) {
      const socket = sockets.get(delivery.socket);
      if (delivery.type === 'frame') socket?.line.carry(() => socket.end.frame(delivery.text));
      else if (delivery.type === 'mark') ready.push(delivery.socket);
      else {
        sockets.delete(delivery.socket);
        socket?.line.carry(() => socket.end.closed(delivery.code));
      }
    }
    cancelTick();
    const { deadline } = outcome;
    if (deadline !== undefined) cancelTick = clock.after(Math.max(deadline - clock.now(), 0), () => tell({ type: 'tick' }));
    ready.forEach((socket) => tell({ type: 'ready', socket }));
  };

  const serve = ({ method, url, headers, body }: SentRequest, answered: (answer: Answer) => void): void => {
    const fault = faults.find(({ path }) => (typeof path === 'string' ? url.pathname.includes(path) : path.test(url.pathname)));
    if (fault) {
      fault.left -= 1;
      faults = faults.filter(({ left }) => left > 0);
      return answered({ status: fault.status, contentType: 'text/plain', body: `The test has asked for an error ${fault.status}.` });
    }
    const message = { type: 'request', method, path: url.pathname, query: url.search.slice(1), headers, body };
    tell(message, (answer) => answered(answer!));
  };

  return {
    request: (line, request, answered) => {
      line.carry(() => {
        serve(request, (answer) => {
          requests.push({ at: clock.now(), method: request.method, path: request.url.pathname, status: answer.status });
          requests.splice(0, requests.length - REMEMBERED);
          line.carry(() => answered(answer));
        });
      });
    },
    open: (line, url, end) => {
      const socket = (lastSocket += 1);
      // What the gateway hears of a socket that the network has lost, it hears when there is a network again.
      const gone = (): void => {
        if (sockets.delete(socket)) tell({ type: 'closed', socket });
      };
      line.carry(() => {
        sockets.set(socket, { line, end });
        tell({ type: 'open', socket, path: url.pathname, query: url.search.slice(1) }, (refusal) => {
          if (refusal) sockets.delete(socket);
          line.carry(refusal ? () => end.closed(BROKEN) : end.opened);
        });
      });
      return {
        send: (text) => line.carry(() => sockets.has(socket) && tell({ type: 'text', socket, text })),
        close: () => {
          if (line.state === 'up') return line.carry(gone);
          const stop = line.watch((change) => {
            if (change !== 'up') return;
            stop();
            gone();
          });
        },
      };
    },
    server: {
      requests,
      fail: (status, { path = '', times = Infinity } = {}) => {
        faults.push({ status, path, left: times });
      },
      restore: () => {
        faults = [];
      },
    },
  };
}
