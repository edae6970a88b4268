// npm run bench: what the SDK costs, beside what the browser needs for the same, and beside other libraries. Prints tables; ends with 1
// when a bound is broken. `--runs N` changes the number of runs, `--calls N` of the calls after which memory is looked at.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { onPath } from '../../scripts/lib/paths.mjs';
import { size } from '../../scripts/size.mjs';
import { startGateway } from '../e2e/lib/gateway.mjs';
import { sideBySide } from './peers.mjs';
import { median } from './table.mjs';
import { longestTask, longestTasks } from './trace.mjs';

const { values } = parseArgs({ options: { runs: { type: 'string', default: '15' }, calls: { type: 'string', default: '100' } } });
const [RUNS, CALLS] = [values.runs, values.calls].map(Number);

/** Milliseconds; the last is a ratio. */
const BOUNDS = { create: 5, task: 50, offer: 300, ratio: 1.2 };

/** How many times slower the processor is made for the longest task. */
const SLOWER = 4;

const SETTINGS = JSON.parse(readFileSync(new URL('../../webdriver.json', import.meta.url), 'utf8'));
const gateway = await startGateway(fileURLToPath(new URL('page', import.meta.url)));
const browser = await chromium.launch({ executablePath: onPath('chromium'), args: SETTINGS['goog:chromeOptions'].args });
const broken = [];
try {
  console.log(`Chromium ${browser.version()}, ${RUNS} runs each; milliseconds: median (least - most)\n`);
  await starting();
  await calling();
  sizes();
  await sideBySide(browser, RUNS, CALLS);
} finally {
  await browser.close();
  await gateway.stop();
}
console.log(broken.length === 0 ? '\nEvery bound holds.' : `\nOver the bound: ${broken.join('; ')}`);
process.exitCode = broken.length === 0 ? 0 : 1;

async function starting() {
  const created = await times(() => inPage((page) => page.evaluate(() => bench.create())));
  const tasks = await times(() => inPage((page) => longestTask(browser, page, SLOWER, () => bench.signIn())));
  const alone = await times(() => inPage((page) => longestTasks(browser, page, 1, [() => page.evaluate(() => bench.signIn())])));
  row('create()', column(created, 'create'), BOUNDS.create);
  row('create() to engine ready', column(created, 'engine'));
  row('longest task while starting, CPU 4 times slower', tasks);
  // The bound is on what really ran: what else a shared machine does is slowed down with it, so the clock says little.
  row('  its processor time when not slower, times 4', alone.map(([{ processor }]) => processor * SLOWER), BOUNDS.task);
}

async function calling() {
  const runs = { call: [], bare: [], trickling: [] };
  await inPage(async (page) => {
    await page.evaluate(() => bench.signIn());
    // The first of each warms up what every later one finds warm: devices, codecs, connections.
    for (const name of Object.keys(runs)) await page.evaluate((kind) => bench[kind](), name);
    // In turns, so that whatever else the machine does falls on all of them alike.
    for (let n = 0; n < RUNS; n += 1) {
      for (const name of Object.keys(runs)) runs[name].push(await page.evaluate((kind) => bench[kind](), name));
    }
  });
  row('make() to offer on the wire', column(runs.call, 'offer'), BOUNDS.offer);
  row('  bare, after gathering', column(runs.bare, 'offer'));
  row('make() to media both ways', column(runs.call, 'media'));
  row('  bare, after gathering, 3 round trips', column(runs.bare, 'media'));
  row('  bare, trickling, no round trip', column(runs.trickling, 'media'));
  ratio('make() to media over bare', column(runs.call, 'media'), column(runs.bare, 'media'), BOUNDS.ratio);
  ratio('make() to media over trickling', column(runs.call, 'media'), column(runs.trickling, 'media'));
}

function sizes() {
  console.log('\nbytes');
  try {
    size();
  } catch (error) {
    broken.push(error.message);
  }
}

/** A page of its own, with nothing in the cache. */
async function inPage(work) {
  const context = await browser.newContext({ permissions: ['microphone'] });
  try {
    const page = await context.newPage();
    await page.goto(gateway.url);
    await page.locator('html[data-ready]').waitFor({ state: 'attached' });
    return await work(page);
  } finally {
    await context.close();
  }
}

async function times(work) {
  const results = [];
  for (let n = 0; n < RUNS; n += 1) results.push(await work());
  return results;
}

function column(results, name) {
  return results.map((result) => result[name]);
}

function row(what, numbers, bound) {
  const middle = median(numbers);
  const range = `(${Math.min(...numbers).toFixed(1)} - ${Math.max(...numbers).toFixed(1)})`;
  print(what, middle.toFixed(1), range, bound, middle);
}

function ratio(what, numbers, base, bound) {
  const quotient = median(numbers) / median(base);
  print(what, `${quotient.toFixed(2)} x`, '', bound, quotient);
}

function print(what, middle, range, bound, value) {
  const over = bound !== undefined && value > bound;
  if (over) broken.push(what.trim());
  const verdict = bound === undefined ? '' : `bound ${bound}${over ? '  OVER' : ''}`;
  console.log(`${what.padEnd(50)}${middle.padStart(9)}  ${range.padEnd(20)}${verdict}`);
}
