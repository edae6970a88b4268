// npm run bench:heap: what a page keeps after many calls. 1,000 calls with media between two clients of one page; then the heap
// after a collection, the engine's memory, and what is left open. Ends with 1 when the bound is broken. `--calls N` changes the
// number. Takes about five minutes.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { onPath } from '../../scripts/lib/paths.mjs';
import { startGateway } from '../e2e/lib/gateway.mjs';

const { values } = parseArgs({ options: { calls: { type: 'string', default: '1000' } } });
const CALLS = Number(values.calls);

/** Bytes by which the page's heap may grow over all calls. */
const BOUND = 1_000_000;

/** Calls before the first look: code that is compiled, connections that are kept, caches that are filled. */
const WARM_UP = 30;

/** Calls between two lines of progress. */
const STEP = 100;

const SETTINGS = JSON.parse(readFileSync(new URL('../../webdriver.json', import.meta.url), 'utf8'));
const gateway = await startGateway(fileURLToPath(new URL('page', import.meta.url)));
const browser = await chromium.launch({ executablePath: onPath('chromium'), args: SETTINGS['goog:chromeOptions'].args });
try {
  const context = await browser.newContext({ permissions: ['microphone'] });
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  await page.goto(gateway.url);
  await page.locator('html[data-ready]').waitFor({ state: 'attached' });
  await page.evaluate(() => bench.signIn());

  const look = async () => {
    // What waited for an event of the last call is given up after the bench's own patience.
    await page.evaluate(() => bench.quiet());
    const left = await page.evaluate(() => bench.left());
    // Twice: what the first collection finalizes, the second frees.
    for (let n = 0; n < 2; n += 1) await session.send('HeapProfiler.collectGarbage');
    const { usedSize } = await session.send('Runtime.getHeapUsage');
    return { heap: usedSize, ...left };
  };
  const calls = async (count) => {
    for (let done = 0; done < count; done += STEP) {
      await page.evaluate(async (n) => {
        for (let i = 0; i < n; i += 1) await bench.call();
      }, Math.min(STEP, count - done));
      if (count > STEP) console.log(`${Math.min(done + STEP, count)} of ${count} calls`);
    }
  };

  await calls(WARM_UP);
  const before = await look();
  await calls(CALLS);
  const after = await look();
  const grown = after.heap - before.heap;
  const kB = (bytes) => `${(bytes / 1000).toFixed(0)} kB`;
  console.log(`heap        ${kB(before.heap)} to ${kB(after.heap)}: ${kB(grown)} over ${CALLS} calls, bound ${kB(BOUND)}`);
  console.log(`engine      ${kB(before.engine)} to ${kB(after.engine)} (records of the last 500 calls of each client are kept)`);
  console.log(`left open   ${after.peers} peer connections, ${after.tracks} tracks, ${after.elements} elements`);
  const broken = grown > BOUND || after.peers + after.tracks + after.elements > 0;
  console.log(broken ? 'Over the bound.' : 'The bound holds.');
  process.exitCode = broken ? 1 : 0;
} finally {
  await browser.close();
  await gateway.stop();
}
