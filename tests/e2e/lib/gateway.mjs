// A gateway for one test file: the release build, on a free port of this machine, with the test page and the SDK.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { gatewayFile } from '../../../scripts/gateway.mjs';
import { PKG } from '../../../scripts/lib/paths.mjs';

const PAGE = fileURLToPath(new URL('../page', import.meta.url));

/** Longest wait for its address, in ms. */
const PATIENCE = 15_000;

/**
 * Starts a gateway with the demo accounts (password `demo`) and resolves when it listens.
 *
 * @param {string} [www] folder of the page
 * @param {number} [port] where it listens, default a free one
 * @param {{ accounts?: object[], operatorKey?: string, turnSecret?: string, data?: string }} [more] other accounts than the demo's,
 *   the key of the operator's addresses, what it shares with relays, and the folder of its data, which stays then
 */
export async function startGateway(www = PAGE, port = 0, { accounts, operatorKey, turnSecret, data: kept } = {}) {
  const data = kept ?? mkdtempSync(join(tmpdir(), 'kandy-gateway-'));
  const options = ['--dev', '--listen', `127.0.0.1:${port}`, '--www', www, '--sdk', PKG, '--data', data];
  if (accounts) {
    const file = join(data, 'accounts.json');
    writeFileSync(file, JSON.stringify(accounts));
    options.push('--accounts', file);
  }
  const env = { ...process.env, ...(operatorKey && { KANDY_OPERATOR_KEY: operatorKey }), ...(turnSecret && { KANDY_TURN_SECRET: turnSecret }) };
  const child = spawn(gatewayFile('release'), options, { stdio: ['ignore', 'pipe', 'pipe'], env });
  const ended = once(child, 'exit');
  const end = async (signal) => {
    child.kill(signal);
    await ended;
    if (!kept) rmSync(data, { recursive: true, force: true });
  };
  try {
    const url = await address(child, ended);
    return {
      url,
      port: Number(new URL(url).port),
      stop: () => end('SIGTERM'),
      /** Ends it without a chance to say good-bye. */
      kill: () => end('SIGKILL'),
    };
  } catch (error) {
    await end('SIGKILL');
    throw error;
  }
}

/** The address that it prints when it listens. */
function address(child, ended) {
  return new Promise((resolve, reject) => {
    const lines = [];
    const look = (line) => {
      lines.push(line);
      const found = /http:\/\/127\.0\.0\.1:\d+/.exec(line);
      if (found) resolve(found[0]);
    };
    for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', look);
    const failed = (why) => () => reject(new Error(`The gateway ${why}. It said:\n${lines.join('\n')}`));
    setTimeout(failed(`did not tell its address within ${PATIENCE} ms`), PATIENCE).unref();
    ended.then(failed('ended'), reject);
  });
}
