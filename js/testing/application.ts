// The package as the application of a test imports it.

export { create } from '../index.js';

/** Loads what a client loads when it needs it, so that it is there from the beginning. */
export function preload(): Promise<unknown> {
  const engines = [import('../engine-glue.js'), import('../people-engine.js')];
  return Promise.all([...engines, import('../actions.js'), import('../sdp-transform.js'), import('../unpack.js')]);
}
