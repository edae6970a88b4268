// How long the page's main thread is busy in one piece, by the browser's own trace.

/**
 * The longest task of the page's main thread, in milliseconds, while `act` runs in the page.
 *
 * @param {import('playwright-core').Browser} browser
 * @param {import('playwright-core').Page} page
 * @param {number} slower how many times slower the processor is made
 * @param {() => Promise<unknown>} act
 */
export async function longestTask(browser, page, slower, act) {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: slower });
  await browser.startTracing(page, { categories: ['toplevel', 'blink.user_timing', '__metadata'] });
  await page.evaluate(() => performance.mark('bench: begin'));
  await page.evaluate(act);
  await page.evaluate(() => performance.mark('bench: end'));
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString());

  const [begin, end] = ['bench: begin', 'bench: end'].map((name) => traceEvents.find((event) => event.name === name));
  if (!begin || !end) throw new Error('the trace lacks the marks of the page');
  const inside = traceEvents.filter(
    ({ name, pid, tid, ts }) => name.endsWith('RunTask') && pid === begin.pid && tid === begin.tid && ts > begin.ts && ts < end.ts,
  );
  if (inside.length === 0) throw new Error('the trace has no task between the marks');
  return Math.max(...inside.map(({ dur = 0 }) => dur)) / 1000;
}
