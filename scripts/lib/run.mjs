// Runs one command, keeps what it prints, and says every few seconds how far it is.
import { spawn } from 'node:child_process';

/** How often a command that is still at work reports its last line. */
const HEARTBEAT_MS = 15_000;

/**
 * Runs `command` to its end and resolves with everything that it printed.
 *
 * @param {string} command the program
 * @param {string[]} args its arguments
 * @param {{ env?: Record<string, string>, cwd?: string, limit?: number }} [options] `limit` in seconds: a command
 *   that is still running then is ended together with its children, so that no run hangs for ever
 * @returns {Promise<string>} stdout and stderr in the order of their arrival
 * @throws {CommandFailed} when it ends with anything but 0, cannot be started or runs into the limit
 */
export function run(command, args, { env = {}, cwd, limit = 1800 } = {}) {
  const line = [command, ...args].join(' ');
  const began = Date.now();
  // Its own process group: a browser or a gateway that a test leaves behind ends with it.
  const child = spawn(command, args, {
    cwd,
    detached: true,
    env: { ...process.env, ...QUIET, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let overdue = false;
  const keep = (data) => { output += data; };
  child.stdout.setEncoding('utf8').on('data', keep);
  child.stderr.setEncoding('utf8').on('data', keep);

  const heartbeat = setInterval(() => {
    console.log(`       ${duration(Date.now() - began)}  ${lastLine(output)}`);
  }, HEARTBEAT_MS);
  const deadline = setTimeout(() => { overdue = true; endGroup(child, 'SIGKILL'); }, limit * 1000);
  const interrupted = (signal) => { endGroup(child, signal); process.exit(130); };
  process.once('SIGINT', interrupted).once('SIGTERM', interrupted);

  return new Promise((resolve, reject) => {
    const settle = (failure) => {
      clearInterval(heartbeat);
      clearTimeout(deadline);
      process.off('SIGINT', interrupted).off('SIGTERM', interrupted);
      output = withoutProgress(output);
      if (failure) reject(new CommandFailed(`${line}: ${failure}`, output));
      else resolve(output);
    };
    child.on('error', (error) => settle(error.message));
    // What it left behind would hold the pipes open, and with them this promise.
    child.on('exit', () => endGroup(child, 'SIGTERM'));
    child.on('close', (code, signal) => {
      if (overdue) settle(`still running after ${limit} s, ended`);
      else settle(code === 0 ? '' : `ended with ${code ?? signal}`);
    });
  });
}

/** A command that did not do its work; `output` is what it printed. */
export class CommandFailed extends Error {
  constructor(message, output) {
    super(message);
    this.output = output;
  }
}

/** 83,000 ms as `1m23s`. */
export function duration(ms) {
  const seconds = Math.round(ms / 1000);
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${String(seconds % 60).padStart(2, '0')}s`;
}

// Plain text to parse, but cargo's bar all the same: it alone says how many crates are left.
const QUIET = {
  NO_COLOR: '1',
  FORCE_COLOR: '0',
  CARGO_TERM_COLOR: 'never',
  CARGO_TERM_PROGRESS_WHEN: 'always',
  CARGO_TERM_PROGRESS_WIDTH: '100',
};

// What cargo says while all is well: its bar, and a line for each crate.
const PROGRESS = /\[[=> ]*\] \d+\/\d+|^ +(?:Adding|Blocking|Checking|Compiling|Documenting|Downloaded|Downloading|Locking|Updating) /;

function lastLine(output) {
  const lines = output.slice(-4000).split(/[\r\n]+/).filter((line) => line.trim() !== '');
  return (lines.at(-1) ?? 'at work').trim().slice(0, 110);
}

function withoutProgress(output) {
  return output.split(/[\r\n]+/).filter((line) => !PROGRESS.test(line)).join('\n');
}

function endGroup(child, signal) {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // ESRCH: the whole group has ended already, which is what was wanted.
  }
}
