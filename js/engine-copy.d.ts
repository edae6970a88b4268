// pkg/engine-copy.js, which the build writes: the engine's bytes in base64.
declare const base64: string;
export default base64;
