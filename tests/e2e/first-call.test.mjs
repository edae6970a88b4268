// docs/guide/quick-start.md, followed word by word: its commands in an empty folder, its files, its gateway, and a call between two
// tabs. Only what the page cannot know is put in: where the package is, and a free port.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, test } from 'node:test';
import { gatewayFile } from '../../scripts/gateway.mjs';
import { samplesOf } from '../../scripts/lib/fences.mjs';
import { packed } from '../lib/packed.mjs';
import { browserPool } from './lib/browsers.mjs';
import { runner } from './lib/page.mjs';

const DOCUMENT = 'docs/guide/quick-start.md';
const TEXT = readFileSync(DOCUMENT, 'utf8');
const [install, start] = [...TEXT.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, commands]) => commands);

const folder = mkdtempSync(join(tmpdir(), 'kandy-quick-start-'));
const app = join(folder, 'first-call');
const browsers = browserPool();
let gateway;
after(async () => {
  await browsers.close();
  if (gateway) {
    gateway.kill('SIGTERM');
    await once(gateway, 'exit');
  }
  rmSync(folder, { recursive: true, force: true });
});

test('the quick start leads to a call', async () => {
  // 1. The package, as npm installs it from a registry: packed, not linked.
  assert.match(install, /^npm install kandy-wasm$/m);
  const { tarball, forget } = packed();
  const commands = install.replace('npm install kandy-wasm', `npm install --offline --no-audit --no-fund ${tarball}`);
  const done = spawnSync('sh', ['-e', '-c', commands], { cwd: folder, encoding: 'utf8' });
  forget();
  assert.equal(done.status, 0, done.stdout + done.stderr);

  // 2. and 3. The files.
  const files = samplesOf(DOCUMENT, TEXT).filter(({ setting }) => setting === 'file');
  assert.deepEqual(files.map(({ words: [name] }) => name), ['index.html', 'main.js']);

  // 4. The gateway, found on the PATH.
  const bin = mkdtempSync(join(folder, 'bin-'));
  symlinkSync(gatewayFile('release'), join(bin, 'kandy-gateway'));
  gateway = spawn('sh', ['-c', `exec ${start.trim()} --listen 127.0.0.1:0`], { cwd: app, env: { ...process.env, PATH: [bin, process.env.PATH].join(delimiter) } });
  const port = await listening(gateway);
  for (const { code, words: [name] } of files) writeFileSync(join(app, name), code.replaceAll('port: 8080', `port: ${port}`));

  const [alice, bob] = await Promise.all([1, 2].map(async (number) => tab(await browsers.get('chromium', number), `http://127.0.0.1:${port}`)));
  for (const [one, name] of [[alice, 'alice'], [bob, 'bob']]) {
    await one.press(name);
    await one.says('Signed in.');
  }
  await alice.press('call');
  await bob.says('alice@example.com is calling.');
  await bob.press('answer');
  for (const one of [alice, bob]) {
    await one.says('The call is Connected.');
    await one.shows(['audio', 'video']);
  }
  await alice.press('hang-up');
  for (const one of [alice, bob]) {
    await one.says('The call is Ended.');
    await one.shows([]);
  }
});

/** A tab with the page, used as a person uses it. */
async function tab(driver, url) {
  await driver.get(url);
  const run = runner(driver);
  const until = (holds, ...args) => run(`
    (...args) => new Promise((resolve, reject) => {
      const look = () => (${holds})(...args) && (observer.disconnect(), clearTimeout(timer), resolve());
      const observer = new MutationObserver(look);
      const timer = setTimeout(() => reject(new Error(args.join() + ' does not come, but ' + document.body.innerText)), 20000);
      observer.observe(document.body, { subtree: true, childList: true, characterData: true });
      look();
    })`, ...args);
  return {
    press: (id) => run((button) => document.getElementById(button).click(), id),
    says: (text) => until((wanted) => document.getElementById('status').textContent === wanted, text),
    shows: (tags) => until((...wanted) => [...document.getElementById('remote').children].map(({ localName }) => localName).sort().join() === wanted.join(), ...tags),
  };
}

/** The port that the gateway prints. */
function listening(child) {
  return new Promise((resolve, reject) => {
    let said = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        said += text;
        const found = /http:\/\/127\.0\.0\.1:(\d+)/.exec(said);
        if (found) resolve(Number(found[1]));
      });
    }
    child.on('exit', () => reject(new Error(`the gateway ended: ${said}`)));
  });
}
