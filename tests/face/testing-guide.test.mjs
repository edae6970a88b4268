// What docs/testing.md shows works as it stands there.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const samples = [...readFileSync(here('../../docs/testing.md'), 'utf8').matchAll(/^```js\n([^]*?)^```$/gm)].map(([, sample]) => sample);

// An application that has installed the package.
const project = mkdtempSync(join(tmpdir(), 'kandy-testing-'));
mkdirSync(join(project, 'node_modules'));
symlinkSync(here('../../pkg'), join(project, 'node_modules', 'kandy-wasm'), 'dir');
after(() => rmSync(project, { recursive: true }));

test('there are samples', () => assert.ok(samples.length >= 3, `${samples.length} samples`));

for (const [at, sample] of samples.entries()) {
  test(`sample ${at + 1} passes`, () => {
    writeFileSync(join(project, `${at}.test.mjs`), sample);
    // Without what this run tells its own files.
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    const { status, stdout } = spawnSync(process.execPath, ['--test', '--test-reporter=tap', `${at}.test.mjs`], { cwd: project, env, encoding: 'utf8', timeout: 60_000 });
    const count = (word) => Number(new RegExp(`^# ${word} (\\d+)$`, 'm').exec(stdout)?.[1]);
    assert.deepEqual([status, count('pass'), count('fail')], [0, sample.match(/^test\(/gm).length, 0], stdout);
  });
}
