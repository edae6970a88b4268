// npm run build: pkg/ (what npm publishes) and target/release/kandy-gateway.
import { engine } from './engine.mjs';
import { face } from './face.mjs';
import { gateway } from './gateway.mjs';
import { forBuild } from './install.mjs';
import { runAll } from './lib/steps.mjs';
import { size } from './size.mjs';

await runAll([
  ...forBuild,
  { name: 'engine: Rust to wasm, bound to JavaScript, made small', work: engine },
  { name: 'face: TypeScript to pkg/index.js and its types', work: face },
  { name: 'size of pkg/', work: async () => size() },
  { name: 'gateway: target/release/kandy-gateway (the first time takes minutes)', work: () => gateway('release') },
]);
