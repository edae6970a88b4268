// `kandy-wasm/testing`: a gateway and a browser for unit tests of applications, in which time passes when the test says so. The
// engine is the real one, and so are the gateway's decisions; what is fake is the network, the microphone and the clock.

import { createWith, type Client } from './client.js';
import type { Config } from './config-types.js';
import type { StartEngine } from './contract.js';
import { create, preload } from './testing/application.js';
import { loadEngines } from './testing/engines.js';
import { install, type Environment } from './testing/environment.js';
import type { TestServer } from './testing/gateway.js';
import type { TestMedia } from './testing/media.js';
import type { TestNetwork } from './testing/network.js';
import { createUser, type TestUser } from './testing/user.js';

/** A user of the gateway of a world. */
export interface TestAccount {
  /** `user@domain` */
  user: string;
  /** Default `password` of the world. */
  password?: string;
  /** What others see. */
  displayName?: string;
  /** First name, in the directory. */
  firstName?: string;
  /** Last name, in the directory. */
  lastName?: string;
  /** Address of mail, in the directory. */
  email?: string;
  /** Number of the telephone, in the directory. */
  phone?: string;
}

/** What `createTestWorld` takes. */
export interface TestWorldOptions {
  /** Who has an account: names `user@domain`, or more of them. */
  users: readonly (string | TestAccount)[];
  /** Password of every account that has none of its own. Default `demo`. */
  password?: string;
  /** What everything that is left to chance follows from: ids, tokens. Default 1. */
  seed?: number;
  /** The time at which the world begins, in milliseconds since the epoch. Default 2030-01-01T00:00:00Z. */
  start?: number;
  /** Milliseconds that a request or a frame takes to the gateway, and as many back. Default 5. */
  latency?: number;
}

/** Options of `until`. */
export interface UntilOptions {
  /** Milliseconds of the world's time after which it fails. Default 60000. */
  within?: number;
  /** What is waited for, for the sentence of the failure. Default the source of the condition. */
  what?: string;
}

/** How a scripted user is connected. */
export interface UserOptions {
  /** Whether their server is a UC service (`uc`, the default) or a Link gateway (`link`). */
  platform?: 'uc' | 'link';
}

/**
 * A world: a gateway, a browser and a clock. From its making to `close()` it stands on `globalThis` in place of `fetch`,
 * `WebSocket`, `RTCPeerConnection`, `navigator.mediaDevices`, `crypto`, the timers, `Date` and `performance`, so a client that the
 * application makes with its own configuration reaches the gateway of the world, whatever server it names.
 */
export interface TestWorld {
  /** The time, in milliseconds since the epoch; the same as `Date.now()`. */
  readonly now: number;
  /** The application's network. */
  readonly network: TestNetwork;
  /** The gateway. */
  readonly server: TestServer;
  /** The application's microphones, cameras and loudspeakers. */
  readonly media: TestMedia;
  /**
   * Makes a client of the application, as `create` of the package; the servers that `config` does not name are those of the world.
   * Its log is silent unless `config` says otherwise.
   *
   * @param config as for `create`
   */
  create(config?: Config): Client;
  /**
   * What to log in with as this user.
   *
   * @param user `user@domain`
   * @throws Error if there is no such account
   */
  credentials(user: string): { username: string; password: string };
  /**
   * The scripted user of this name; the same one each time.
   *
   * @param user `user@domain`
   * @param options counts the first time
   * @throws Error if there is no such account
   */
  user(user: string, options?: UserOptions): TestUser;
  /**
   * Lets time pass, and runs everything that is due meanwhile, in order.
   *
   * @param milliseconds how much; 0 runs what is due now
   * @throws what a timer of the application throws; an Error if somebody else has replaced the timers
   */
  advance(milliseconds: number): Promise<void>;
  /**
   * Lets time pass until something is so.
   *
   * @param condition asked again after everything that happens
   * @param options how long at most
   * @returns what `condition` returned
   * @throws Error with a sentence if that much time has passed; what `condition` throws
   */
  until<T>(condition: () => T, options?: UntilOptions): Promise<T>;
  /**
   * Lets time pass until a promise is settled: one of the client or of the application, which would wait for ever if the test just
   * awaited it.
   *
   * @param work the promise
   * @param options how long at most
   * @returns what it is fulfilled with
   * @throws what it is rejected with; Error with a sentence if that much time has passed
   */
  finish<T>(work: Promise<T>, options?: UntilOptions): Promise<T>;
  /** Ends the world, and leaves `globalThis` as it was. Its clients do nothing any more. */
  close(): Promise<void>;
}

/** Milliseconds since the epoch. */
const START = Date.UTC(2030, 0, 1);
const PASSWORD = 'demo';
const LATENCY_MS = 5;
const UNTIL_MS = 60_000;
/** Hosts of the application's servers, and of those of scripted users. */
const HOST = 'gateway.kandy.test';

/**
 * Makes a world. There is one at a time: the next one can be made when this one is closed.
 *
 * @param options who has an account
 * @throws Error if there is a world already, or an account cannot be used
 */
export async function createTestWorld({ users, password = PASSWORD, seed = 1, start = START, latency = LATENCY_MS }: TestWorldOptions): Promise<TestWorld> {
  const accounts = users.map((user) => ({ password, ...(typeof user === 'string' ? { user } : user) }));
  const setting = { accounts, seed, start, latency };
  const { startEngine, startPeople } = await loadEngines();
  await warmUp();
  const environment = install(setting);
  const { clock, line, server, media } = environment;
  const scripted = new Map<string, TestUser>();
  const account = (name: string): (typeof accounts)[number] => {
    const found = accounts.find(({ user }) => user === name);
    if (!found) throw new Error(`The world has no account ${name}, only ${accounts.map(({ user }) => user).join(', ')}.`);
    return found;
  };

  // One at a time: two that let time pass would do so twice.
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = last.then(work);
    last = done.catch(() => undefined);
    return done;
  };
  const later = (milliseconds: number): number => {
    // A text would be put behind the time, and the test would run for ever.
    if (!Number.isFinite(milliseconds) || milliseconds < 0) throw new TypeError(`Time passes by a number of milliseconds, not by ${String(milliseconds)}.`);
    return clock.now() + milliseconds;
  };
  const advance = (milliseconds: number): Promise<void> => inTurn(async () => environment.run(later(milliseconds)));
  const until: TestWorld['until'] = (condition, { within = UNTIL_MS, what = String(condition) } = {}) => {
    // Made here, so that it names the line of the test.
    const failure = new Error();
    return inTurn(async () => {
      let found = condition();
      await environment.run(later(within), () => Boolean((found = condition())));
      if (found) return found;
      const requests = server.requests.slice(-3).map(({ method, path, status }) => `${method} ${path} ${status}`);
      failure.message = `Not so within ${within} ms of the world's time: ${what}. The last requests were ${requests.join(', ') || 'none'}.`;
      throw failure;
    });
  };

  return {
    get now() {
      return clock.now();
    },
    network: line,
    server,
    media,
    create: (config = {}) => create(withServers(config, HOST)),
    credentials: (name) => ({ username: account(name).user, password: account(name).password }),
    user: (name, { platform = 'uc' } = {}) => {
      const known = scripted.get(name);
      if (known) return known;
      const { password } = account(name);
      const host = `${name.replace(/[^a-z0-9]/gi, '-')}.${HOST}`;
      const network = environment.addLine(host);
      const version = platform === 'link' ? '1' : 'v2.0';
      const config = { authentication: { subscription: { version } }, call: { iceServers: [{ urls: `stun:${host}` }] } };
      const load = async (): Promise<StartEngine> => (...args) => environment.apart(() => startEngine(...args));
      const client = createWith(load, withServers(config, host), async () => startPeople);
      const user = createUser(name, { client, network, deviceId: host, password, until: async (condition, what) => void (await until(condition, { what })) });
      scripted.set(name, user);
      return user;
    },
    advance,
    until,
    finish: async (work, options) => {
      let settled = false;
      const settle = (): boolean => (settled = true);
      work.then(settle, settle);
      await until(() => settled, { what: 'the promise is settled', ...options });
      return work;
    },
    close: () => inTurn(async () => environment.uninstall()),
  };
}

/** A configuration with servers where it names none, and a log where it asks for one. */
function withServers(config: Config, server: string): Config {
  const { subscription, websocket, ...authentication } = config.authentication ?? {};
  return {
    logs: { logLevel: 'silent' },
    ...config,
    authentication: { ...authentication, subscription: { server, ...subscription }, websocket: { server, ...websocket } },
  };
}

/** Whether the application's engines are loaded. */
let warm: Promise<void> | undefined;

/** Loads the application's engines, so that the first world is like the second one. */
function warmUp(): Promise<void> {
  warm ??= (async () => {
    await preload();
    const environment: Environment = install({ accounts: [], seed: 0, start: START, latency: LATENCY_MS });
    try {
      const client = create({ logs: { logLevel: 'silent' } });
      client.contacts.refresh();
      await environment.run(START + 1_000);
    } finally {
      environment.uninstall();
    }
  })();
  return warm;
}

export type { TestRequest, TestServer } from './testing/gateway.js';
export type { DeviceKind, TestDevice, TestMedia } from './testing/media.js';
export type { LineState, TestNetwork } from './testing/network.js';
export type { ReceivedMessage, TestUser, UserMedia, WhenCalled } from './testing/user.js';
