// npm run bench: builds everything as it is shipped, then measures it in real browsers and prints the tables.
import { spawn } from 'node:child_process';
import { engine } from './engine.mjs';
import { face } from './face.mjs';
import { gateway } from './gateway.mjs';
import { browsers, forBuild, geckodriver } from './install.mjs';
import { browserDrivers } from './lib/drivers.mjs';
import { runAll } from './lib/steps.mjs';

await runAll([
  ...forBuild,
  browsers,
  geckodriver,
  { name: 'engine: Rust to wasm, bound to JavaScript, made small', work: engine },
  { name: 'face: TypeScript to pkg/index.js and its types', work: face },
  { name: 'gateway: target/release/kandy-gateway (the first time takes minutes)', work: () => gateway('release') },
]);

const bench = spawn(process.execPath, ['tests/bench/run.mjs', ...process.argv.slice(2)], {
  env: { ...process.env, ...browserDrivers() },
  stdio: 'inherit',
});
bench.on('exit', (code) => { process.exitCode = code ?? 1; });
