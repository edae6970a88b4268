// The package as a sample imports it: the same, but watched.
import { create as make } from '/kandy-wasm/index.js';
import { watched } from './watching.js';

export * from '/kandy-wasm/index.js';
export const create = (config) => watched(make(config));
