// Side by side: the SDK, JsSIP, SIP.js and nothing but the browser. Each has a page of its own, and they take turns, so that whatever
// else the machine does falls on all of them alike. docs/benchmarks.md says what is and what is not comparable.
import { setTimeout as pause } from 'node:timers/promises';
import { startGateway } from '../e2e/lib/gateway.mjs';
import { WWW, bytesOf, makePage } from './bundles.mjs';
import { median } from './table.mjs';
import { busyTimes, longestTask, longestTasks } from './trace.mjs';

/** How many times slower the processor is made for the longest task. */
const SLOWER = 4;

/**
 * What SIP keeps of a transaction it keeps for 32 s (64 times T1, RFC 3261 17.1.1.2 and 17.2.1), and there is no event for its end. In ms.
 */
const REST = 35_000;

/** Calls of one look at the main thread. */
const AT_ONCE = 5;

/** The pages that call, in their turns. The first is the floor. */
const CALLERS = [
  { name: 'bare, after gathering', query: 'driver=bare' },
  { name: 'bare, trickling', query: 'driver=trickling' },
  { name: 'kandy-wasm', query: 'driver=kandy' },
  { name: 'kandy-wasm, through the gateway', query: 'driver=kandy&network' },
  { name: 'JsSIP', query: 'driver=jssip' },
  { name: 'SIP.js', query: 'driver=sipjs' },
];

/**
 * Measures and prints.
 *
 * @param {import('playwright-core').Browser} browser
 * @param {number} runs of each, in turns
 * @param {number} calls that each page makes before its memory is looked at again; more if there are as many runs
 */
export async function sideBySide(browser, runs, calls) {
  const libraries = await makePage();
  const gateway = await startGateway(WWW);
  try {
    const named = libraries.filter(({ query }) => !query.includes('build')).map(({ name, version }) => `${name} ${version}`);
    console.log(`\nSide by side: ${named.join(', ')}; ${runs} runs each, in turns; milliseconds: median (least - most)`);
    await starting(libraries);
    await calling();
  } finally {
    await gateway.stop();
  }

  async function starting(libraries) {
    const results = libraries.map(({ name }) => ({ name, starts: [], slow: [], alone: [] }));
    for (let n = 0; n < runs; n += 1) {
      for (const [at, { query }] of libraries.entries()) {
        const result = results[at];
        const [start, files] = await inPage(query, (page) => page.evaluate(async () => [await bench.start(), bench.files()]));
        Object.assign(result, { files });
        result.starts.push(start);
        result.slow.push(await inPage(query, (page) => longestTask(browser, page, SLOWER, () => bench.start())));
        const [alone] = await inPage(query, (page) => longestTasks(browser, page, 1, [() => page.evaluate(() => bench.start())]));
        result.alone.push(alone.processor * SLOWER);
      }
    }
    heading('bytes that were loaded until the client was signed in', 'raw', 'gzip -9');
    for (const { name, files } of results) lineOfBytes(name, files);
    const times = (what, key) => {
      heading(what);
      for (const { name, starts } of results) line(name, ...spread(starts.map((start) => start[key])));
    };
    times('load and evaluate the library', 'load');
    times('main thread: create(), new UA(), new UserAgent()', 'make');
    times('main thread: connect(), start()', 'start');
    times('import to the first event', 'first');
    times('import to signed in', 'ready');
    heading(`longest task of all that, CPU ${SLOWER} times slower`);
    for (const { name, slow } of results) line(name, ...spread(slow));
    heading(`its processor time when not slower, times ${SLOWER}`);
    for (const { name, alone } of results) line(name, ...spread(alone));
  }

  async function calling() {
    const pages = [];
    for (const caller of CALLERS) {
      const [page, close] = await opened(caller.query);
      await page.evaluate(() => bench.signIn());
      const before = await memory(page);
      // The first call of each warms up what every later one finds warm: devices, codecs, connections.
      await page.evaluate(() => bench.call());
      pages.push({ ...caller, page, close, results: [], busy: [], before });
    }
    for (let n = 0; n < runs; n += 1) {
      for (const { page, results } of pages) results.push(await page.evaluate(() => bench.call()));
    }
    for (let n = 0; n < runs / AT_ONCE; n += 1) {
      for (const { page, busy } of pages) {
        const [time] = await busyTimes(browser, page, [() => page.evaluate((count) => bench.calls(count), AT_ONCE)]);
        busy.push(time / AT_ONCE);
      }
    }
    for (const { page } of pages) await page.evaluate((all) => bench.calls(all - bench.made), calls);
    await pause(REST);
    for (const one of pages) {
      one.after = await memory(one.page);
      one.made = await one.page.evaluate(() => bench.made);
      one.files = await one.page.evaluate(() => bench.files());
      await one.close();
    }
    printCalls(pages);
    printMemory(pages);
    notes();
  }

  function printCalls(pages) {
    const middle = ({ results }, key) => median(results.map((result) => result[key]));
    for (const [what, key] of [['call to offer handed over', 'offer'], ['call to media both ways', 'media']]) {
      heading(what, '', 'over bare');
      for (const one of pages) {
        const [number, range] = spread(one.results.map((result) => result[key]));
        line(one.name, number, `${(middle(one, key) / middle(pages[0], key)).toFixed(2)} x`, range);
      }
    }
    heading('main thread busy for a call, both sides of it', '', 'over bare');
    for (const { name, busy } of pages) {
      const [number, range] = spread(busy);
      line(name, number, `${(median(busy) / median(pages[0].busy)).toFixed(2)} x`, range);
    }
    const [own, network] = ['driver=kandy', 'driver=kandy&network'].map((query) => pages.find((page) => page.query === query));
    console.log(`\nThe way to the gateway and back: ${(middle(network, 'media') - middle(own, 'media')).toFixed(1)} of the time to media.`);
  }

  function printMemory(pages) {
    const kB = (bytes) => (bytes / 1000).toFixed(0);
    heading('kB of the page, two clients, after a collection', 'signed in', 'engine of it', `${pages[0].made} calls`, 'engine of it');
    for (const { name, before, after } of pages) line(name, ...[before.all, before.engines, after.all, after.engines].map(kB));
    heading('bytes that were loaded until after the calls', 'raw', 'gzip -9');
    for (const { name, files } of pages.filter((page) => page.files.length > 0)) lineOfBytes(name, files);
  }

  async function inPage(query, work) {
    const [page, close] = await opened(query);
    const result = await work(page);
    await close();
    return result;
  }

  /** A page of its own, with nothing in the cache. */
  async function opened(query) {
    const context = await browser.newContext({ permissions: ['microphone'] });
    const page = await context.newPage();
    await page.goto(`${gateway.url}/?${query}`);
    await page.locator('html[data-ready]').waitFor({ state: 'attached' });
    return [page, () => context.close()];
  }
}

/** Bytes of a page after a collection: its heap with the memory of engines, and the latter alone. */
async function memory(page) {
  const devtools = await page.context().newCDPSession(page);
  // Twice: what the first collection finalizes, the second frees.
  for (let n = 0; n < 2; n += 1) await devtools.send('HeapProfiler.collectGarbage');
  const { usedSize } = await devtools.send('Runtime.getHeapUsage');
  await devtools.detach();
  const engines = await page.evaluate(() => bench.engines());
  return { all: usedSize + engines, engines };
}

/** What the tables alone would hide. */
function notes() {
  console.log(`
All but "through the gateway" stay in the page: two clients, and between them a switch of a few lines that hands messages on. All have
host candidates alone and send descriptions when gathering is complete, but for "trickling". kandy-wasm loads its engine after it was
made, and the engine for messages after the first call; JsSIP and SIP.js have neither engine nor messages with history. Their first
event is that they begin to connect. Memory leaves out compiled code. More in docs/benchmarks.md.`);
}

function spread(numbers) {
  const range = `(${Math.min(...numbers).toFixed(1)} - ${Math.max(...numbers).toFixed(1)})`;
  return [median(numbers).toFixed(1), range];
}

function lineOfBytes(name, files) {
  const { raw, gzip } = bytesOf(files);
  line(name, raw.toLocaleString('en'), gzip.toLocaleString('en'));
}

function heading(what, ...columns) {
  console.log();
  print(what, columns);
}

function line(what, ...cells) {
  print(`  ${what}`, cells);
}

function print(what, cells) {
  console.log(`${what.padEnd(50)}${cells.map((cell) => `  ${cell.padStart(13)}`).join('')}`.trimEnd());
}
