// The gateway's tests once more, on a PostgreSQL server that is started for them and gone afterwards.
import { execFileSync } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { postgresFolder } from './install.mjs';
import { run } from './lib/run.mjs';

// For tests alone: what they store need not survive the loss of power.
const SETTINGS = ["listen_addresses = ''", 'fsync = off', 'full_page_writes = off', 'max_connections = 200'];

/** Runs the gateway's tests, unit tests included, on PostgreSQL; resolves with what they print. */
export async function testsOnPostgres() {
  // Not the end at once: the server would stay.
  const interrupted = () => process.exit(130);
  process.once('SIGINT', interrupted).once('SIGTERM', interrupted);
  const server = start();
  process.once('exit', server.stop);
  try {
    return await run('cargo', ['test', '-p', 'kandy-gateway', '--no-fail-fast'], { env: { KANDY_TEST_POSTGRES: server.url } });
  } finally {
    process.off('exit', server.stop).off('SIGINT', interrupted).off('SIGTERM', interrupted);
    server.stop();
  }
}

/** A server that listens on a socket in a folder of its own, and knows one user, who may do everything. */
function start() {
  const programs = postgresFolder();
  const folder = mkdtempSync(join(tmpdir(), 'kandy-postgres-'));
  const data = join(folder, 'data');
  const as = whoMayServe(folder);
  const program = (name, ...args) => now(...as(join(programs, name), ['--pgdata', data, ...args]));
  // At once, so that it can be done while this process ends, too.
  const stop = () => {
    try {
      if (existsSync(join(data, 'postmaster.pid'))) program('pg_ctl', '--mode', 'immediate', '--wait', 'stop');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  };
  try {
    program('initdb', '--username', 'tests', '--auth', 'trust', '--encoding', 'UTF8', '--no-sync');
    const settings = [...SETTINGS, `unix_socket_directories = '${folder}'`];
    writeFileSync(join(data, 'postgresql.auto.conf'), `${settings.join('\n')}\n`);
    program('pg_ctl', '--log', join(folder, 'log'), '--wait', 'start');
  } catch (error) {
    stop();
    throw error;
  }
  return { url: `postgres://tests@${encodeURIComponent(folder)}/postgres`, stop };
}

/** PostgreSQL refuses to run as root: then it runs as the user that its package brings along. */
function whoMayServe(folder) {
  if (process.getuid?.() !== 0) return (command, args) => [command, args];
  const id = (kind) => Number(now('id', [kind, 'postgres']).trim());
  chownSync(folder, id('-u'), id('-g'));
  return (command, args) => ['runuser', ['-u', 'postgres', '--', command, ...args]];
}

/** Runs a command that takes moments. */
function now(command, args) {
  // What it prints goes to a pipe, but the server that it starts must not keep one open: that has its log.
  return execFileSync(command, args, { cwd: tmpdir(), encoding: 'utf8', timeout: 60_000, stdio: ['ignore', 'pipe', 'pipe'] });
}
