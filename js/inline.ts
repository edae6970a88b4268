// `kandy-wasm/inline`: the package in one file, with both engines inside; also what `require` gets.

import { Engine, initSync } from '#engine';
import engineCopy from '#engine-copy';
import peopleCopy from '#people-copy';
import { createActions } from './actions.js';
import { createWith, type Client } from './client.js';
import type { Config } from './config-types.js';
import type { StartEngine, StartPeople } from './contract.js';
import { bytesOf } from './copy.js';
import { mustHaveEngine } from './environment.js';
import { peopleOf } from './people-glue.js';
import { sdpHandlers } from './sdp.js';

/**
 * Makes a client, whose engine is there when this returns. The first call compiles it, once per page, which takes the main
 * thread some ten milliseconds; `create` of `kandy-wasm` does not. If it cannot be compiled, everything fails with `engine:1`.
 *
 * Several clients may live in one page; they share nothing but the log options of the last one.
 *
 * @param config where to log in and how; everything has a default but the servers' names
 * @throws TypeError if `logs.logLevel` is unknown
 */
export function create(config: Config = {}): Client {
  return createWith({ start: engine, createActions }, config, loadPeople);
}

/** As a function, the default export is `create`. */
const kandy = Object.assign((config: Config = {}): Client => create(config), { create, sdpHandlers });
export default kandy;

export { sdpHandlers };
export * from './public.js';

let compiled = false;

function engine(): StartEngine {
  mustHaveEngine();
  if (!compiled) initSync(bytesOf(engineCopy));
  compiled = true;
  return (config, onEvent, onLog, editSdp, onAction) => new Engine(config, onEvent, onLog, editSdp, onAction);
}

let people: Promise<StartPeople> | undefined;

/** Messages and people can wait: their engine is compiled beside the page's work when it is first used. */
async function loadPeople(): Promise<StartPeople> {
  mustHaveEngine();
  return (people ??= peopleOf(bytesOf(peopleCopy)).catch((error: unknown) => {
    people = undefined;
    throw error;
  }));
}
