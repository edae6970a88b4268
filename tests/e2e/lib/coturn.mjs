// A coturn for one test file: on loopback, on a free port, with the configuration that docs/turn.md gives to operators.
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { EventEmitter, once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { onPath } from '../../../scripts/lib/paths.mjs';

/** Longest wait for a line of its log, in ms. */
const PATIENCE = 15_000;
const PAGE = new URL('../../../docs/turn.md', import.meta.url);

/**
 * Starts a relay that takes credentials made with `secret`, and resolves when it listens.
 *
 * @param {string} secret
 */
export async function startRelay(secret) {
  const folder = mkdtempSync(join(tmpdir(), 'kandy-relay-'));
  const port = await freePort();
  const file = join(folder, 'turnserver.conf');
  writeFileSync(file, configuration(secret, port, folder));
  const child = spawn(onPath('turnserver') ?? 'turnserver', ['-c', file], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'exit');
  const log = [];
  const news = new EventEmitter();
  for (const input of [child.stdout, child.stderr]) {
    createInterface({ input }).on('line', (line) => {
      log.push(line);
      news.emit('line');
    });
  }
  const relay = {
    /** As the application names it. */
    url: `turn:127.0.0.1:${port}?transport=udp`,

    /** How many lines there are up to now, for `until`. */
    get lines() {
      return log.length;
    },

    /** The matches in the log, in its order, from line `from` on. */
    said: (pattern, from = 0) => log.slice(from).map((line) => pattern.exec(line)).filter(Boolean),

    /** Waits until there are so many of them. */
    async until(pattern, from = 0, count = 1) {
      const signal = AbortSignal.timeout(PATIENCE);
      while (relay.said(pattern, from).length < count) {
        await once(news, 'line', { signal }).catch(() => {
          throw new Error(`coturn did not say ${pattern} ${count} times. It said:\n${log.slice(from).join('\n')}`);
        });
      }
      return relay.said(pattern, from);
    },

    async stop() {
      child.kill('SIGTERM');
      await ended.catch(() => {});
      rmSync(folder, { recursive: true, force: true });
    },
  };
  try {
    const gone = ended.then(([code]) => { throw new Error(`coturn ended with ${code}. It said:\n${log.join('\n')}`); });
    await Promise.race([relay.until(new RegExp(`UDP listener opened on: 127\\.0\\.0\\.1:${port}`)), gone]);
    // From here on an end is told by what is missing in the log.
    gone.catch(() => {});
    return relay;
  } catch (error) {
    await relay.stop();
    throw error;
  }
}

/** The first part of the page's configuration, with our secret; and what keeps it on this machine and in this folder. */
function configuration(secret, port, folder) {
  const shown = /```ini\n(.*?)```/s.exec(readFileSync(PAGE, 'utf8'))[1];
  const ours = shown.replace(/^static-auth-secret=.*$/m, `static-auth-secret=${secret}`);
  if (ours === shown) throw new Error('docs/turn.md has no line for the secret');
  return `${ours}
listening-ip=127.0.0.1
relay-ip=127.0.0.1
listening-port=${port}
allow-loopback-peers
no-tls
no-dtls
verbose
log-file=stdout
simple-log
pidfile=${join(folder, 'pid')}
userdb=${join(folder, 'db')}
`;
}

async function freePort() {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  return port;
}
