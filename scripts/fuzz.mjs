// npm run fuzz -- [seconds] [target…]: runs each target of fuzz/ for so long (600 s unless said otherwise), and prints what came
// of it. New inputs are kept in fuzz/target/corpus; those in fuzz/corpus are committed, and only read.
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { linker } from './install.mjs';
import { ROOT } from './lib/paths.mjs';
import { run } from './lib/run.mjs';
import { runAll } from './lib/steps.mjs';
import { installTool, toolFile } from './lib/tools.mjs';

const FUZZ = join(ROOT, 'fuzz');

// No sanitizer: there is no unsafe code (a lint sees to it), and without one a target runs several times as often. cargo-fuzz
// leaves debug assertions and checks of overflows on.
const OPTIONS = ['-s', 'none'];

// Bytes of an input, seconds of one execution, MB of memory.
const LIMITS = ['-max_len=8192', '-timeout=20', '-rss_limit_mb=2048'];

const ARTIFACT = /Test unit written to (\S+)/;

const [seconds = '600', ...named] = process.argv.slice(2);
if (!/^[1-9]\d*$/.test(seconds)) throw new Error(`npm run fuzz -- [seconds] [target…]; ${seconds} is no number of seconds.`);
const all = readdirSync(join(FUZZ, 'fuzz_targets')).map((file) => file.replace(/\.rs$/, ''));
const unknown = named.filter((name) => !all.includes(name));
if (unknown.length > 0) throw new Error(`There is no ${unknown.join(', ')}; the targets are ${all.join(', ')}.`);
const targets = named.length > 0 ? named : all;

const rows = [];
await runAll([
  linker,
  { name: 'cargo-fuzz (the first time takes minutes)', work: () => installTool('cargo-fuzz') },
  { name: 'targets, with what tells the fuzzer where they go', work: async () => { await cargoFuzz(['build', ...OPTIONS], 1800); } },
  ...targets.map((name) => ({ name: `${name}, ${seconds} s`, work: () => fuzz(name) })),
]);

console.log(`\n${table(['target', 'executions', 'per second', 'edges', 'inputs', 'findings'], rows)}`);
const found = rows.flatMap(({ findings }) => findings);
if (found.length > 0) {
  console.log(`\nFindings, to be seen again with: cargo fuzz run ${OPTIONS.join(' ')} <target> <file>\n${found.map((file) => `  ${file}`).join('\n')}`);
  process.exitCode = 1;
}

async function fuzz(name) {
  const kept = join(FUZZ, 'target', 'corpus', name);
  mkdirSync(kept, { recursive: true });
  const limits = [`-max_total_time=${seconds}`, '-print_final_stats=1', ...LIMITS];
  let output;
  try {
    output = await cargoFuzz(['run', ...OPTIONS, name, kept, join(FUZZ, 'corpus', name), '--', ...limits], Number(seconds) + 600);
  } catch (error) {
    output = error.output ?? '';
    // A finding is a result; anything else is none.
    if (!ARTIFACT.test(output)) throw error;
  }
  const findings = [...output.matchAll(new RegExp(ARTIFACT, 'g'))].map(([, file]) => file);
  const last = (pattern) => [...output.matchAll(pattern)].at(-1)?.[1] ?? '?';
  rows.push({
    cells: [
      name,
      last(/^stat::number_of_executed_units:\s*(\d+)/gm),
      last(/^stat::average_exec_per_sec:\s*(\d+)/gm),
      last(/ cov: (\d+) /g),
      last(/ corp: (\d+)/g),
      String(findings.length),
    ],
    findings,
  });
  return findings.length > 0 ? `found ${findings.join(', ')}` : undefined;
}

function cargoFuzz(args, limit) {
  // libFuzzer's instruments are unstable, hence the permission, as for the engine's standard library.
  return run(toolFile('cargo-fuzz'), args, { env: { RUSTC_BOOTSTRAP: '1' }, limit });
}

function table(head, rows) {
  const lines = [head, head.map(() => '---'), ...rows.map(({ cells }) => cells)];
  const widths = head.map((_, column) => Math.max(...lines.map((cells) => cells[column].length)));
  const line = (cells) => `| ${cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]))).join(' | ')} |`;
  return lines.map(line).join('\n');
}
