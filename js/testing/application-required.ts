// The package as the application of a test gets it by `require`: in one file.

export { create } from '../inline.js';

/** Everything is there. */
export async function preload(): Promise<void> {}
