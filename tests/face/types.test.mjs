// The public types, checked by the compiler on an application's code, as strictly as an application may ask for.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const STRICT = ['--noEmit', '--strict', '--exactOptionalPropertyTypes', '--noUncheckedIndexedAccess'];
const MODULES = ['--target', 'es2022', '--module', 'esnext', '--moduleResolution', 'bundler', '--types', ''];

test('an application compiles, and its mistakes do not', () => {
  const files = ['tests/face/application.ts', 'js/glue.d.ts', 'js/vendor.d.ts'];
  const { status, stdout } = spawnSync('node_modules/.bin/tsc', [...STRICT, ...MODULES, ...files], { cwd: ROOT, encoding: 'utf8' });
  assert.equal(stdout, '');
  assert.equal(status, 0);
});
