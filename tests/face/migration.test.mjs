// What docs/guide/migration.md says of names: those of Kandy.js 3.x that are said to be there are, and the others are not.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OLDER } from '../api/older.mjs';
import { migration } from '../../scripts/migration.mjs';
import { QUIET, face, fakeEngine, fakePeople } from './lib/face.mjs';

const { createWith } = await face(['client.ts'], {
  '#engine': 'export default 0; export const Engine = 0;',
});
const client = createWith(fakeEngine().load, QUIET, fakePeople().load);
const at = (path) => path.split('.').reduce((object, name) => object?.[name], client);

for (const { name, has = [], lacks = [] } of OLDER) {
  if (has.length + lacks.length === 0) continue;
  test(`names of 3.x: ${name}`, () => {
    assert.deepEqual(has.filter((path) => at(path) === undefined), []);
    assert.deepEqual(lacks.filter((path) => at(path) !== undefined), []);
  });
}

test('the tables of the page are those of rows and reasons', () => {
  assert.match(migration(), /^\d+ functions, 4\d events/);
});
