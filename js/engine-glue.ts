// What wasm-bindgen writes beside the engine: a module of its own, which comes while the engine does.

export { default, Engine } from '#engine';
