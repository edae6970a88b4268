// The page with a plain script of docs/guide/csp-and-bundlers.md, with the file and the hash that the package has.
import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { samplesOf } from '../../scripts/lib/fences.mjs';
import { PKG } from '../../scripts/lib/paths.mjs';
import { browserPool } from './lib/browsers.mjs';
import { startGateway } from './lib/gateway.mjs';
import { runner } from './lib/page.mjs';

const DOCUMENT = 'docs/guide/csp-and-bundlers.md';
const HASH = JSON.parse(readFileSync(join(PKG, 'integrity.json'), 'utf8'))['kandy.js'];

const www = mkdtempSync(join(tmpdir(), 'kandy-script-'));
const browsers = browserPool();
const gateway = await startGateway(www);
after(async () => {
  await browsers.close();
  await gateway.stop();
  rmSync(www, { recursive: true });
});

copyFileSync(join(PKG, 'kandy.js'), join(www, 'kandy.js'));
const files = samplesOf(DOCUMENT, readFileSync(DOCUMENT, 'utf8')).filter(({ setting }) => setting === 'file');
for (const { code, words: [name] } of files) {
  const text = code.replaceAll('port: 8080', `port: ${gateway.port}`);
  writeFileSync(join(www, name), text.replace('sha384-…', HASH));
  // The same page with the hash of another file.
  if (name === 'index.html') writeFileSync(join(www, 'other.html'), text.replace('sha384-…', HASH.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'))));
}

for (const name of ['chromium', 'firefox']) {
  test(`a page with a plain script signs in, and takes no other file: ${name}`, async () => {
    const driver = await browsers.get(name);
    const run = runner(driver);
    await driver.get(gateway.url);
    await run(() => new Promise((resolve) => {
      const status = document.getElementById('status');
      const look = () => status.textContent === 'Signed in.' && (observer.disconnect(), resolve());
      const observer = new MutationObserver(look);
      observer.observe(status, { childList: true });
      look();
    }));
    assert.deepEqual(await run(() => [typeof Kandy, typeof Kandy.create, typeof Kandy.sdpHandlers.createCodecRemover, typeof createKandy]), Array(4).fill('function'));

    await driver.get(`${gateway.url}/other.html`);
    assert.equal(await run(() => typeof Kandy), 'undefined');
  });
}
