// The provisioning client as an application gets it: the entry of the package, its types, and that importing it does nothing.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

// A project that has installed the package.
const project = mkdtempSync(join(tmpdir(), 'kandy-backend-'));
mkdirSync(join(project, 'node_modules'));
symlinkSync(join(ROOT, 'pkg'), join(project, 'node_modules', 'kandy-wasm'), 'dir');
writeFileSync(join(project, 'package.json'), '{ "type": "module" }');
copyFileSync(join(ROOT, 'tests/face/backend.ts'), join(project, 'backend.ts'));
after(() => rmSync(project, { recursive: true }));

const STRICT = ['--noEmit', '--strict', '--exactOptionalPropertyTypes', '--noUncheckedIndexedAccess', '--target', 'es2022', '--types', ''];

for (const [what, options] of [
  ['a bundler', ['--module', 'esnext', '--moduleResolution', 'bundler']],
  ['Node', ['--module', 'nodenext', '--moduleResolution', 'nodenext']],
  ['a worker, which has no page', ['--module', 'esnext', '--moduleResolution', 'bundler', '--lib', 'es2022,webworker']],
]) {
  test(`a backend compiles, and its mistakes do not: ${what}`, () => {
    const { status, stdout } = spawnSync(join(ROOT, 'node_modules/.bin/tsc'), [...STRICT, ...options, 'backend.ts'], { cwd: project, encoding: 'utf8' });
    assert.equal(stdout, '');
    assert.equal(status, 0);
  });
}

/** Runs a module in the project. */
function run(text) {
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module'], { cwd: project, input: text, encoding: 'utf8' });
  assert.equal(stderr, '');
  return JSON.parse(stdout);
}

test('the package has the entry, with a client that works', () => {
  const said = run(`
    import { createProvisioningClient } from 'kandy-wasm/provisioning';
    const fetch = async (url) => Response.json(url.includes('token') ? { access_token: 'a', expires_in: '3599' } : { products: [] });
    const client = createProvisioningClient({ baseUrl: 'https://gw.example', clientId: 'c', clientSecret: 's', fetch });
    const { products } = await client.inventory.get();
    console.log(JSON.stringify([Object.keys(await import('kandy-wasm/provisioning')), products]));
  `);
  assert.deepEqual(said, [['PRODUCT', 'ProvisioningError', 'createProvisioningClient'], []]);
});

test('importing it touches nothing that a runtime may not have', () => {
  const said = run(`
    const touched = [];
    for (const name of ['window', 'document', 'self', 'fetch', 'crypto', 'setTimeout', 'AbortController', 'TextDecoder', 'navigator', 'process', 'Deno', 'Bun']) {
      const value = globalThis[name];
      Object.defineProperty(globalThis, name, { get: () => (touched.push(name), value), set: () => {} });
    }
    const before = touched.length;
    const { createProvisioningClient } = await import('kandy-wasm/provisioning');
    const during = touched.slice(before);
    createProvisioningClient({ baseUrl: 'https://gw.example', clientId: 'c', clientSecret: 's' });
    const later = touched.includes('window');
    console.log(JSON.stringify([during, later]));
  `);
  assert.deepEqual(said, [[], true], 'a trap that is never sprung would prove nothing');
});
