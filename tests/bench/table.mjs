// The tables of the benchmarks: a line for each thing that is measured, and what is over its bound.

/** The middle one of these numbers. */
export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const half = sorted.length / 2;
  return Number.isInteger(half) ? (sorted[half - 1] + sorted[half]) / 2 : sorted[Math.floor(half)];
}

/** Prints lines, and keeps the names of those that are over their bound. */
export function table() {
  const broken = [];
  return {
    broken,
    /** Median and worst of some numbers; the worst one has to keep to the bound. */
    row(what, numbers, bound) {
      const worst = Math.max(...numbers);
      const over = bound !== undefined && worst > bound;
      if (over) broken.push(what.trim());
      const verdict = bound === undefined ? '' : `bound ${bound}${over ? '  OVER' : ''}`;
      console.log(`${what.padEnd(58)}${median(numbers).toFixed(1).padStart(8)}${worst.toFixed(1).padStart(8)}  ${String(numbers.length).padStart(4)}  ${verdict}`);
    },
  };
}
