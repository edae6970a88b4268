// A list of steps, run in order, each with a line that says what it does, how far the list is and how long it took.
import { duration } from './run.mjs';

/**
 * @typedef {object} Step
 * @property {string} name what it does, for people
 * @property {() => Promise<string | void>} work does it; what it resolves with is shown behind the name
 */

/**
 * Runs the steps in order; the first failure ends the program.
 * @param {Step[]} steps
 */
export async function runAll(steps) {
  for (const [index, step] of steps.entries()) {
    try {
      await runOne(step, index, steps.length);
    } catch (error) {
      explain(step, error);
      process.exit(1);
    }
  }
}

/**
 * Runs one step and prints its line when it begins and when it has ended.
 * @param {Step} step
 * @param {number} index from 0
 * @param {number} total
 * @returns {Promise<string | void>} what the step resolved with
 */
export async function runOne(step, index, total) {
  const label = `[${index + 1}/${total}]`.padEnd(8);
  console.log(`${label}${step.name}`);
  const began = Date.now();
  const said = await step.work();
  console.log(`        done in ${duration(Date.now() - began)}${said ? `: ${said}` : ''}`);
  return said;
}

/** Says which step failed and why, after all that its command printed. */
export function explain(step, error) {
  if (error.output) console.log(`\n${error.output.trimEnd()}\n`);
  // An Error is a sentence for people; anything more special that arrives here is a mistake in a script.
  const expected = ['Error', 'CommandFailed'].includes(error.constructor.name);
  console.log(`        FAILED  ${step.name}\n        ${expected ? error.message : error.stack}`);
}
