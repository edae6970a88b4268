// How long the page's main thread is busy, by the browser's own trace.

/**
 * The longest task of the page's main thread, in milliseconds, while `act` runs in the page.
 *
 * @param {import('playwright-core').Browser} browser
 * @param {import('playwright-core').Page} page
 * @param {number} slower how many times slower the processor is made
 * @param {() => Promise<unknown>} act
 */
export async function longestTask(browser, page, slower, act) {
  const [longest] = await longestTasks(browser, page, slower, [() => page.evaluate(act)]);
  return longest.wall;
}

/**
 * As `longestTask`, for each of some steps, one after the other: `{ wall, processor }`, the longest task as time that went by, and as
 * time in which it really ran. On a machine that does other things the first says little.
 *
 * @param {(() => Promise<unknown>)[]} steps each resolves when what it began has come to an end in the page
 */
export async function longestTasks(browser, page, slower, steps) {
  const times = await traced(browser, page, slower, steps);
  const longest = (tasks, name) => Math.max(...tasks.map((task) => task[name]));
  return times.map((tasks) => ({ wall: longest(tasks, 'wall'), processor: longest(tasks, 'processor') }));
}

/** Milliseconds for which the page's main thread runs in all while each of these steps goes on. */
export async function busyTimes(browser, page, steps) {
  const times = await traced(browser, page, 1, steps);
  return times.map((tasks) => tasks.reduce((sum, task) => sum + task.processor, 0));
}

/** For each step every task of the page's main thread, in milliseconds. */
async function traced(browser, page, slower, steps) {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: slower });
  await browser.startTracing(page, { categories: ['toplevel', 'blink.user_timing', '__metadata'] });
  for (const [n, step] of steps.entries()) {
    await page.evaluate((name) => performance.mark(name), `bench: begin ${n}`);
    await step();
    await page.evaluate((name) => performance.mark(name), `bench: end ${n}`);
  }
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString());
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: 1 });
  await devtools.detach();

  const marks = new Map(traceEvents.filter(({ name }) => name.startsWith('bench: ')).map((event) => [event.name, event]));
  return steps.map((_, n) => {
    const [begin, end] = ['begin', 'end'].map((which) => marks.get(`bench: ${which} ${n}`));
    if (!begin || !end) throw new Error('the trace lacks the marks of the page');
    const inside = traceEvents.filter(({ pid, tid, ts }) => pid === begin.pid && tid === begin.tid && ts > begin.ts && ts < end.ts);
    const tasks = wholeTasks(inside);
    if (tasks.length === 0) throw new Error('the trace has no task between the marks');
    return tasks;
  });
}

/** Tasks with the microtasks that each leaves behind: the trace shows these as an event of their own, after that of the task. */
function wholeTasks(events) {
  const tasks = [];
  for (const { name, ts, dur = 0, tdur = dur } of events.sort((one, other) => one.ts - other.ts)) {
    const before = tasks.at(-1);
    if (name.endsWith('RunTask')) {
      tasks.push({ end: ts + dur, wall: dur / 1000, processor: tdur / 1000 });
    } else if (name.endsWith('PerformMicrotaskCheckpoint') && before && ts >= before.end) {
      before.wall += dur / 1000;
      before.processor += tdur / 1000;
    }
  }
  return tasks;
}
