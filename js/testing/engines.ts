// The engines of scripted users, and the gateway's: compiled once, from the copies that travel with the package. Scripted users have
// engines of their own, so that nothing of theirs is the application's, not even the log.

import initEngine, { Engine } from '#engine';
import engineCopy from '#engine-copy';
import peopleCopy from '#people-copy';
import initGateway from '#testing';
import gatewayCopy from '#testing-copy';
import type { StartEngine, StartPeople } from '../contract.js';
import { bytesOf } from '../copy.js';
import { peopleOf } from '../people-glue.js';
import { createReplacements } from './globals.js';
import { putMissing } from './missing.js';

/** What starts engines. */
export interface Engines {
  startEngine: StartEngine;
  startPeople: StartPeople;
}

let engines: Promise<Engines> | undefined;

/** The engines; the gateway's is then there, too. */
export function loadEngines(): Promise<Engines> {
  return (engines ??= (async () => {
    const replaced = createReplacements();
    putMissing(replaced);
    try {
      return await compile();
    } finally {
      replaced.undo();
    }
  })());
}

async function compile(): Promise<Engines> {
  await initEngine(bytesOf(engineCopy));
  await initGateway({ module_or_path: bytesOf(gatewayCopy) });
  return {
    startEngine: (config, onEvent, onLog, editSdp, onAction) => new Engine(config, onEvent, onLog, editSdp, onAction),
    startPeople: await peopleOf(bytesOf(peopleCopy)),
  };
}

/** The engine whose file is at this address, for a page that fetches it; nothing for any other address. */
export function engineAt(address: string): ArrayBuffer | undefined {
  const [path] = address.split(/[?#]/);
  if (path?.endsWith('/kandy_wasm_bg.wasm')) return bytesOf(engineCopy).buffer;
  return path?.endsWith('/kandy_people_bg.wasm') ? bytesOf(peopleCopy).buffer : undefined;
}
