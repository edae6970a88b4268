// What the tests of presence, contacts and the rest share: what an event carries, and rows of the API tables about it.
import assert from 'node:assert/strict';
import { covers } from '../../lib/covers.mjs';

/** Calls the function at `path` in the page; tells what it returned. */
export function call(one, path, ...args) {
  return one.run((where, given) => where.split('.').reduce((object, name) => object[name], page.client)(...given), path, args);
}

/** Has the page load the people engine, so that what follows does not wait for it. */
export async function warm(...pages) {
  for (const one of pages) {
    await call(one, 'voicemail.fetch');
    await one.until('voicemail:change');
  }
}

/** Waits for an event of this type, whose payload has to contain `pattern`; tells the payload. */
export async function heard(one, type, pattern = {}) {
  return (await one.until(type, { payload: pattern })).payload;
}

/** Waits for an error event; it has to carry a BasicError with this code, and tells its sentence. */
export async function failed(one, type, code) {
  const { error, ...rest } = await heard(one, type);
  assert.deepEqual([error.name, error.code], ['BasicError', code], `${type}: ${error.message}`);
  assert.ok(error.message.length > 10);
  assert.equal(await one.run((name) => page.shape(name).error, type), 'error', 'an instance of Error');
  return { message: error.message, ...rest };
}

/** Covers the rows of a function and of its parameters. */
export function coversFunction(t, name, ...parameters) {
  covers(t, name, ...parameters.map((parameter) => `${name}(${parameter})`));
}
