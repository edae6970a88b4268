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
    /** Median and worst of some tasks, `{ wall, processor }`; the worst that really ran so long has to keep to the bound. */
    row(what, tasks, bound) {
      const [wall, processor] = ['wall', 'processor'].map((name) => tasks.map((task) => task[name]));
      const over = Math.max(...processor) > bound;
      if (over) broken.push(what.trim());
      const numbers = [median(processor), Math.max(...processor), Math.max(...wall)].map((number) => number.toFixed(1).padStart(8));
      console.log(`${what.padEnd(54)}${numbers.join('')}${String(tasks.length).padStart(6)}  bound ${bound}${over ? '  OVER' : ''}`);
    },
  };
}
