// The documented bad inputs of messaging and people against the real engines: what is thrown, returned and told, before login and
// after it, before the second engine is there and after.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ANSWERED } from '../api/differences.mjs';
import { ROWS } from '../api/rows.mjs';
import { covers } from '../lib/covers.mjs';
import { configFor, openPage, signedIn } from './lib/page.mjs';
import { stage } from './lib/stage.mjs';

const DOCUMENTED = ROWS.filter(({ kind }) => kind === 'bad input of people');
const { browsers, gateway } = await stage();

for (const name of ['chromium', 'firefox']) {
  for (const when of ['before login', 'after login']) {
    test(`${DOCUMENTED.length} bad inputs of messaging and people ${when} (${name})`, async (t) => {
      const one = when === 'after login' ? await signedIn(await browsers.get(name), gateway, 'alice') : await ready(name);
      // First without the second engine, then with it.
      for (const round of ['first', 'second']) {
        for (const { id, function: path, args, throws, returns, emits } of DOCUMENTED) {
          const outcome = await one.run((...given) => {
            const [names, list] = given;
            try {
              const result = names.split('.').reduce((object, key) => object[key], page.client)(...list);
              return { returned: result === undefined ? 'undefined' : result };
            } catch (error) {
              return { thrown: error.name };
            }
          }, path, args);
          assert.deepEqual(outcome, throws ? { thrown: throws } : { returned: returns }, `${id}, ${round} time`);
          const wanted = ANSWERED[id]?.events ?? emits.map(short);
          for (const event of wanted) {
            const [type, code] = event.split(' ');
            await one.until(type, { payload: { error: { code } } });
          }
          if (round === 'second') covers(t, id);
        }
        // The second engine is loaded by the first command that needs it; this one has an answer of its own.
        await one.run(() => page.client.clickToCall.make());
        await one.until('clickToCall:error', { payload: { error: { code: 'clickToCall:1' } } });
      }
      // Nothing else was told.
      const told = await one.run(() => page.seen.filter((name) => /^(presence|sip|callHistory|contacts|directory|voicemail|messages|conversations)/.test(name)));
      const expected = DOCUMENTED.flatMap(({ id, emits }) => ANSWERED[id]?.events ?? emits.map(short));
      assert.deepEqual(told.sort(), [...expected, ...expected].sort());
      assert.deepEqual(await one.run(() => watch.thrown), []);
    });
  }
}

/** An event of the tables as the page writes it: `sip:error(sipEvents:2)` is `sip:error sipEvents:2`. */
function short(event) {
  const [, type, code = ''] = /^([^(]+)(?:\((.+)\))?/.exec(event);
  return `${type} ${code}`.trim();
}

/** A client that is not logged in. */
async function ready(name) {
  const one = await openPage(await browsers.get(name), gateway.url);
  await one.run((config) => void page.create(config), configFor(gateway, 'uc'));
  await one.until('devices:change');
  return one;
}
