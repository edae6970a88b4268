// The engine's file in the hands of a server: missing, replaced by a web page, forbidden by the page's policy.
import assert from 'node:assert/strict';
import { createReadStream, existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { PKG } from '../../scripts/lib/paths.mjs';
import { browserPool } from './lib/browsers.mjs';
import { openPage } from './lib/page.mjs';

const PAGE = fileURLToPath(new URL('page', import.meta.url));
const ENGINE = '/kandy-wasm/kandy_wasm_bg.wasm';
const INLINE = '/kandy-wasm/engine-copy.js';
const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.wasm': 'application/wasm' };

const browsers = browserPool();
after(() => browsers.close());

for (const name of ['chromium', 'firefox']) {
  for (const [what, server] of [
    ['missing together with its copy', { missing: [ENGINE, INLINE] }],
    ['there without its glue', { missing: ['/kandy-wasm/engine-glue.js'] }],
    ['replaced by a web page, together with its copy', { pages: [ENGINE, INLINE] }],
    ['forbidden by the content security policy', { policy: "script-src 'self'" }],
  ]) {
    test(`the engine is ${what}: every command that waits gets a typed error (${name})`, async (t) => {
      const { url, close } = await serve(server);
      t.after(close);
      const page = await openPage(await browsers.get(name), url);
      const id = await page.run(() => {
        const client = page.create({ logs: { logLevel: 'silent' } });
        client.connect({ username: 'alice@example.com', password: 'demo' });
        return client.call.make('bob@example.com', { audio: true });
      });
      const { payload, connection } = await page.until('auth:error');
      assert.equal(payload.error.code, 'engine:1');
      assert.ok(payload.error.message.length > 40, payload.error.message);
      t.diagnostic(payload.error.message);
      assert.deepEqual([connection.isConnected, connection.isPending], [false, false]);
      const failed = await page.until('call:stateChange', { payload: { callId: id }, call: { state: 'Ended' } });
      assert.equal(failed.payload.error.code, 'engine:1');
      const state = await page.run(() => [watch.thrown, page.openDevices]);
      assert.deepEqual(state, [[], 0]);
    });
  }

  for (const [what, server] of [
    ['missing', { missing: [ENGINE] }],
    ['replaced by a web page', { pages: [ENGINE] }],
    ['served as plain text', { types: { '.wasm': 'text/plain' } }],
    ['there, under the strictest policy that works', { policy: "default-src 'none'; connect-src 'self'; script-src 'self' 'wasm-unsafe-eval'" }],
  ]) {
    test(`the engine is ${what}: it works all the same (${name})`, async (t) => {
      const { url, close } = await serve(server);
      t.after(close);
      const page = await openPage(await browsers.get(name), url);
      await page.run(() => {
        page.create({ logs: { logLevel: 'silent' } }).connect({});
      });
      const { payload } = await page.until('auth:error');
      assert.equal(payload.error.code, 'authentication:1', 'this is the engine speaking');
      assert.deepEqual(await page.run(() => watch.thrown), []);
    });
  }
}

/** A static server for the test page and the package, with these faults. */
async function serve({ missing = [], pages = [], policy, types = {} }) {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, 'http://localhost');
    const path = pathname === '/' ? '/index.html' : pathname;
    const file = path.startsWith('/kandy-wasm/') ? join(PKG, path.slice('/kandy-wasm/'.length)) : join(PAGE, path);
    if (policy) response.setHeader('content-security-policy', policy);
    if (pages.includes(path)) return response.setHeader('content-type', 'text/html').end('<!doctype html><title>Home</title>');
    if (missing.includes(path) || !existsSync(file)) return response.writeHead(404).end();
    response.setHeader('content-type', { ...TYPES, ...types }[extname(file)] ?? 'application/octet-stream');
    return createReadStream(file).pipe(response);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}/`,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}
