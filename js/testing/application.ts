// The package as the application of a test imports it.

export { create } from '../index.js';

/** Loads what a client loads when it needs it, so that it is there from the beginning. */
export function preload(): Promise<unknown> {
  return Promise.all([import('../engine-glue.js'), import('../actions.js'), import('../people-engine.js'), import('../sdp-transform.js'), import('../unpack.js')]);
}
