// npm run bench:people: what many people and messages cost the page. First the demo page beside a gateway with 5,000 contacts and a
// history of 100,000 messages: the longest task of the page's main thread for each step. Then a burst of 10,000 presence changes and
// messages on one socket: main-thread time of each, beside a bare JSON.parse of the same frames. Ends with 1 when a bound is broken.
// Options: `--contacts N`, `--messages N`, `--burst N`, `--runs N`. Takes some minutes.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { onPath } from '../../scripts/lib/paths.mjs';
import { startGateway } from '../e2e/lib/gateway.mjs';
import { burst } from './burst.mjs';
import { fillContacts, fillMessages, user } from './fill.mjs';
import { table } from './table.mjs';
import { longestTasks } from './trace.mjs';

const { values } = parseArgs({
  options: {
    contacts: { type: 'string', default: '5000' },
    messages: { type: 'string', default: '100000' },
    burst: { type: 'string', default: '10000' },
    runs: { type: 'string', default: '10' },
  },
});
const [CONTACTS, MESSAGES, BURST, RUNS] = ['contacts', 'messages', 'burst', 'runs'].map((name) => Number(values[name]));

/** Longest task of one step, in ms. */
const BOUND = 100;

/** Messages that the SDK keeps of one conversation, and those that the page fetches at once. */
const [KEPT, PAGE] = [100_000, 100];

const WWW = fileURLToPath(new URL('../../www', import.meta.url));
const SETTINGS = JSON.parse(readFileSync(new URL('../../webdriver.json', import.meta.url), 'utf8'));

// Every message is forced to disk before it counts; filling need not wait for a real one.
if (existsSync('/dev/shm')) process.env.TMPDIR = '/dev/shm';
const gateway = await startGateway(WWW);
const browser = await chromium.launch({ executablePath: onPath('chromium'), args: SETTINGS['goog:chromeOptions'].args });
const { row, broken } = table();
try {
  const [alice, bob] = await Promise.all(['alice', 'bob'].map((name) => user(gateway, name)));
  console.log(`Filling: ${CONTACTS} contacts, ${MESSAGES} messages`);
  await fillContacts(alice, CONTACTS);
  const newest = await fillMessages(alice, bob, MESSAGES);
  // What was missed is told once, to the first who signs in; and what was written at more than one a millisecond has times that are yet
  // to come, which nobody's messages have.
  await missed();
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, newest - Date.now())));
  console.log(`\nChromium ${browser.version()}; longest task of each step in ms of processor time: median, worst; worst by the clock; steps\n`);
  await steps(bob, alice);
  [alice, bob].forEach((one) => one.end());
  await burst(browser, BURST, Math.ceil(RUNS / 2));
} finally {
  await browser.close();
  await gateway.stop();
}
console.log(broken.length === 0 ? '\nEvery bound holds.' : `\nOver the bound: ${broken.join('; ')}`);
process.exitCode = broken.length === 0 ? 0 : 1;

/** The steps of somebody who uses the demo page, `other` writes to `own`. */
async function steps(other, own) {
  const fetched = [];
  for (let n = 0; n < RUNS; n += 1) {
    const [page, close] = await opened();
    fetched.push(...await longestTasks(browser, page, 1, [() => signIn(page)]));
    if (n < RUNS - 1) await close();
    else await onward(page, other, own, fetched);
  }
}

async function onward(page, other, own, fetched) {
  const measured = async (what, list, bound = BOUND) => row(what, await longestTasks(browser, page, 1, list), bound);
  const times = (count, act) => Array.from({ length: count }, (_, n) => () => act(n));
  row('sign in, fetch contacts, conversations and history', fetched, BOUND);
  await measured('type a letter of a search in the contacts', times(RUNS * 2, (n) => page.evaluate(type, 'keller 3'.slice(0, n % 9))));
  await page.evaluate(type, '');
  await measured('scroll the contacts by a window', times(RUNS * 4, () => page.evaluate(scroll, ['people', 1])));
  await measured('scroll the contacts anywhere', times(RUNS * 2, (n) => page.evaluate(jump, ['people', ((n * 7) % 11) / 11])));
  await page.evaluate(jump, ['people', 0]);
  await measured('open the chat, fetch its newest messages', [() => page.evaluate(openChat)]);
  await measured('a message comes while the end is seen', times(RUNS, (n) => heard(page, other, own.account, `at the end ${n}`)));
  await measured('scroll up to the beginning, fetch a page of messages', times(Math.min(MESSAGES, KEPT) / PAGE - 2, () => page.evaluate(older)));
  await measured('scroll the messages by a window', times(RUNS * 4, () => page.evaluate(scroll, ['messages', 1])));
  await measured('scroll the messages anywhere', times(RUNS * 2, (n) => page.evaluate(jump, ['messages', 0.1 + ((n * 7) % 11) / 14])));
  await measured('a message comes while older ones are seen', times(RUNS, (n) => heard(page, other, own.account, `while scrolled ${n}`)));
  await measured('go to the newest messages', [() => page.evaluate(newest)]);
  await page.context().close();
}

async function missed() {
  const [page, close] = await opened();
  await signIn(page);
  await page.evaluate(() => until(() => document.title.startsWith('(')));
  await close();
}

async function opened() {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  await page.addInitScript(helpers);
  await page.goto(`${gateway.url}/#alice@example.com`);
  await page.locator('#sign-in-button').waitFor();
  return [page, () => context.close()];
}

/** In the page: waiting for what a step leads to. */
function helpers() {
  const PATIENCE = 20_000;
  /** Resolves in a frame in which `holds()`, and after the next one, so that all of it is drawn. */
  window.until = (holds) =>
    new Promise((resolve, reject) => {
      const end = performance.now() + PATIENCE;
      const look = () => {
        if (holds()) requestAnimationFrame(() => requestAnimationFrame(resolve));
        else if (performance.now() > end) reject(new Error(`never: ${holds}`));
        else requestAnimationFrame(look);
      };
      look();
    });
  window.by = (id) => document.getElementById(id);
}

function signIn(page) {
  return page.evaluate(() => {
    by('sign-in-button').click();
    return until(() => [...document.querySelectorAll('#people h3')].some((one) => one.textContent === 'Contacts'));
  });
}

function type(text) {
  by('search').value = text;
  by('search').dispatchEvent(new Event('input'));
  return until(() => true);
}

function scroll([id, windows]) {
  by(id).scrollTop += windows * by(id).clientHeight;
  return until(() => true);
}

function jump([id, share]) {
  by(id).scrollTop = share * by(id).scrollHeight;
  return until(() => true);
}

function openChat() {
  document.querySelector('#people .who').click();
  return until(() => document.querySelectorAll('#messages .message').length > 5);
}

/** Goes to the beginning of what is there, and waits until more has come, or the page says that no more will. */
function older() {
  const messages = by('messages');
  const before = messages.scrollHeight;
  messages.scrollTop = 0;
  const isOver = () => !by('older').hidden && by('older').textContent.includes('no more');
  return until(() => messages.scrollHeight > before + 500 || isOver());
}

/** A message is there when the list of people shows it; a chat that is at its end has it in the same frame. */
async function heard(page, other, to, text) {
  const shown = page.evaluate((text) => until(() => document.querySelector('#people .sub').textContent === text), text);
  await other.say(to, text);
  await shown;
}

function newest() {
  by('newer').click();
  return until(() => by('newer').hidden);
}
