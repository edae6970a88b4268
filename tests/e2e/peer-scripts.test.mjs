// Real connections follow the scripts in the words of `tests/lib/peer-scripts.mjs`, by which `tests/face/testing-peer.test.mjs` judges the
// fake one of `kandy-wasm/testing`: what it takes for the operations of the hands are they.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { after, test } from 'node:test';
import { browserPool } from './lib/browsers.mjs';
import { runner } from './lib/page.mjs';

const here = (path) => readFileSync(new URL(path, import.meta.url), 'utf8');
const FILES = { '/': ['text/html', '<!doctype html><title>peer connections</title>'], '/peer-scripts.mjs': ['text/javascript', here('../lib/peer-scripts.mjs')] };
const scripts = JSON.parse(here('../peer-scripts.json'));

const server = createServer(({ url }, response) => {
  const [type, text] = FILES[url] ?? ['text/plain', ''];
  response.writeHead(FILES[url] ? 200 : 404, { 'content-type': type }).end(text);
});
await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
const browsers = browserPool();
after(async () => {
  await browsers.close();
  server.closeAllConnections();
  server.close();
});

for (const name of ['chromium', 'firefox']) {
  test(`real connections follow the scripts of the fake one (${name})`, async () => {
    const driver = await browsers.get(name);
    await driver.get(`http://127.0.0.1:${server.address().port}/`);
    const wrong = await runner(driver)(async (scripts) => {
      const { play } = await import('/peer-scripts.mjs');
      const stream = () => navigator.mediaDevices.getUserMedia({ audio: true, video: true });
      const streams = { a: await stream(), b: await stream() };
      const wrong = [];
      for (const script of scripts) wrong.push(...(await play(script, streams, (work) => work)));
      return wrong;
    }, scripts);
    assert.deepEqual(wrong, []);
  });
}
