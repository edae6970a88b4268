// Reads from the output of a test runner how many tests passed and failed.

/** @typedef {{ passed: number, failed: number }} Tally */

/** @type {Tally} */
export const NOTHING = { passed: 0, failed: 0 };

/** @param {Tally[]} tallies */
export function sum(...tallies) {
  return tallies.reduce((all, one) => ({ passed: all.passed + one.passed, failed: all.failed + one.failed }), NOTHING);
}

/**
 * Counts what `cargo test`, `wasm-bindgen-test-runner` and `node --test` report at their ends.
 * @param {string} output
 * @returns {Tally}
 */
export function counted(output) {
  const add = (pattern) => [...output.matchAll(pattern)].reduce((all, found) => all + Number(found[1]), 0);
  return {
    // `test result: ok. 12 passed; 0 failed; …` of Rust; `ℹ pass 12` of Node.
    passed: add(/^test result: .*?(\d+) passed;/gm) + add(/^ℹ pass (\d+)$/gm),
    failed: add(/^test result: .*?(\d+) failed;/gm) + add(/^ℹ (?:fail|cancelled) (\d+)$/gm),
  };
}
