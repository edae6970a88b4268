// npm start: builds what changed and runs the gateway with its demo page until Ctrl-C. `npm start -- --accounts FILE`
// and every other option of the gateway are passed on.
import { spawn } from 'node:child_process';
import { engine } from './engine.mjs';
import { face } from './face.mjs';
import { gateway, gatewayFile } from './gateway.mjs';
import { forBuild } from './install.mjs';
import { ROOT } from './lib/paths.mjs';
import { runAll } from './lib/steps.mjs';

await runAll([
  ...forBuild,
  { name: 'engine: Rust to wasm, bound to JavaScript, made small', work: engine },
  { name: 'face: TypeScript to pkg/index.js and its types', work: face },
  { name: 'gateway, for development', work: () => gateway('debug') },
]);

const wishes = process.argv.slice(2);
const listen = wishes.some((wish) => wish.startsWith('--listen')) || process.env.KANDY_LISTEN ? [] : ['--listen', '127.0.0.1:8080'];
// In a process group of its own, so that a Ctrl-C reaches it exactly once: through the lines below.
const child = spawn(gatewayFile('debug'), ['--dev', ...listen, ...wishes], { cwd: ROOT, stdio: 'inherit', detached: true });
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('error', (error) => {
  console.error(`The gateway cannot be started: ${error.message}`);
  process.exitCode = 1;
});
child.on('exit', (code) => { process.exitCode = code ?? 1; });
