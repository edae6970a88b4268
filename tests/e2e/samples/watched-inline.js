// The package in one module as a sample imports it: the same, but watched.
import { create as make } from '/kandy-wasm/inline.js';
import { watched } from './watching.js';

export * from '/kandy-wasm/inline.js';
export const create = (config) => watched(make(config));
