// The public types, checked by the compiler on an application's code, as strictly as an application may ask for: against the sources,
// against the package as it is installed, and against every row of the API.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { typesOfRows } from './lib/rows-as-types.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PKG = join(ROOT, 'pkg');
const TSC = join(ROOT, 'node_modules/.bin/tsc');
const STRICT = ['--noEmit', '--strict', '--exactOptionalPropertyTypes', '--noUncheckedIndexedAccess', '--skipLibCheck', 'false', '--target', 'es2022', '--types', ''];
const BUNDLER = ['--module', 'esnext', '--moduleResolution', 'bundler'];

// A project that has installed the package, with code of right and wrong uses: a line that is marked as an error has to be one.
const project = mkdtempSync(join(tmpdir(), 'kandy-application-'));
mkdirSync(join(project, 'node_modules'));
symlinkSync(PKG, join(project, 'node_modules', 'kandy-wasm'), 'dir');
writeFileSync(join(project, 'package.json'), '{ "type": "module" }');
const uses = readdirSync(join(ROOT, 'tests/face/types'));
for (const file of uses) copyFileSync(join(ROOT, 'tests/face/types', file), join(project, file));
after(() => rmSync(project, { recursive: true }));

function compile(options, files, cwd) {
  const { status, stdout } = spawnSync(TSC, [...STRICT, ...options, ...files], { cwd, encoding: 'utf8' });
  assert.equal(stdout, '');
  assert.equal(status, 0);
}

test('an application compiles, and its mistakes do not', () => {
  compile(BUNDLER, ['tests/face/application.ts', 'js/glue.d.ts', 'js/vendor.d.ts'], ROOT);
});

test('right uses of the installed package compile, and wrong ones do not: a bundler', () => compile(BUNDLER, uses, project));

test('right uses of the installed package compile, and wrong ones do not: Node', () => {
  compile(['--module', 'nodenext', '--moduleResolution', 'nodenext'], uses, project);
});

test('every row of the API that is there has a type', () => {
  writeFileSync(join(project, 'rows.ts'), typesOfRows());
  compile(BUNDLER, ['rows.ts'], project);
});

test('a member that the API does not have has no type', () => {
  writeFileSync(join(project, 'none.ts'), typesOfRows([{ id: 'call:start.nothing', kind: 'payload' }, { id: 'call.nothing', kind: 'function' }]));
  const { stdout } = spawnSync(TSC, [...STRICT, ...BUNDLER, 'none.ts'], { cwd: project, encoding: 'utf8' });
  assert.equal(stdout.match(/error TS2339/g)?.length, 2, stdout);
});

test('no public type says "any"', () => {
  const found = [];
  for (const file of reachable(['index.d.ts', 'provisioning.d.ts'])) {
    const lines = withoutComments(readFileSync(join(PKG, file), 'utf8')).split('\n');
    lines.forEach((line, index) => /\bany\b/.test(line) && found.push(`${file}:${index + 1}: ${line.trim()}`));
  }
  assert.deepEqual(found, []);
  assert.match(withoutComments('/* any */ let a: any // any'), /^ let a: any $/, 'a search that finds nothing would prove nothing');
});

/** The declarations that an import of these leads to. */
function reachable(files) {
  const seen = new Set();
  const visit = (file) => {
    if (seen.has(file)) return;
    assert.ok(existsSync(join(PKG, file)), file);
    seen.add(file);
    for (const [, name] of readFileSync(join(PKG, file), 'utf8').matchAll(/(?:from |import\()['"](\.[^'"]+)\.js['"]/g)) visit(join(dirname(file), `${name}.d.ts`));
  };
  files.forEach(visit);
  return [...seen];
}

/** Comments become nothing, line breaks stay. */
function withoutComments(text) {
  return text.replaceAll(/\/\*.*?\*\//gs, (comment) => comment.replaceAll(/[^\n]/g, '')).replaceAll(/\/\/.*$/gm, '');
}
