// pkg/people-copy.js, which the build writes: the people engine's bytes in base64.
declare const base64: string;
export default base64;
