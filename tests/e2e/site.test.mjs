// The site of the documents on a phone: no document is wider than the screen, nothing is asked of the outside, and the search finds.
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { onPath } from '../../scripts/lib/paths.mjs';
import { SITE, site } from '../../scripts/site.mjs';

if (!existsSync(join(SITE, 'index.html'))) await site();
const browser = await chromium.launch({ executablePath: onPath('chromium'), args: ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'] });
after(() => browser.close());

const page = await browser.newPage({ viewport: { width: 390, height: 844 } });
const asked = [];
page.on('request', (request) => asked.push(new URL(request.url()).protocol));
const open = (file) => page.goto(pathToFileURL(join(SITE, file)).href);

/** Of the pages of types, those with the longest names and lines. */
const TYPES = ['Client', 'CallApi', 'Config', 'EventMap', 'FetchConversationsOptions'].map((name) => `kandy-wasm/${name}.html`);

test('documents and types fit, and ask nothing of the outside', async () => {
  const documents = readdirSync(SITE).filter((file) => file.endsWith('.html'));
  assert.ok(documents.length > 20, `${documents.length} documents`);
  const wide = [];
  for (const file of [...documents, ...TYPES]) {
    await open(file);
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    if (width > 390) wide.push(`${file}: ${width}`);
  }
  assert.deepEqual(wide, []);
  assert.deepEqual([...new Set(asked)].filter((protocol) => !['file:', 'data:', 'blob:'].includes(protocol)), []);
});

test('the search finds functions and guides', async () => {
  await open('Quick_start.html');
  await page.click('#tsd-search-trigger');
  await page.keyboard.type('hold');
  const found = page.locator('#tsd-search-results li');
  await found.filter({ hasText: 'CallApi.hold' }).waitFor();
  await found.filter({ hasText: /^Calls$/ }).waitFor();
});
