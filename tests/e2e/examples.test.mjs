// Each example, used as a person uses it: two pages sign in, one calls the other, and one hangs up.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { EXAMPLES, examples } from '../../scripts/examples.mjs';
import { browserPool } from './lib/browsers.mjs';
import { startGateway } from './lib/gateway.mjs';
import { runner } from './lib/page.mjs';

await examples();
const browsers = browserPool();
after(() => browsers.close());

for (const [name, folder] of Object.entries(EXAMPLES)) {
  test(`two pages of the example ${name} call each other`, async () => {
    const gateway = await startGateway(folder);
    try {
      const [alice, bob] = await Promise.all([1, 2].map(async (number) => pageOf(await browsers.get('chromium', number), gateway.url)));
      for (const [one, user] of [[alice, 'alice@example.com'], [bob, 'bob@example.com']]) {
        await one.fills('username', user);
        await one.presses('Sign in');
        await one.says('Signed in.');
      }
      await alice.fills('other', 'bob@example.com');
      await alice.presses('Call');
      await bob.says('alice@example.com is calling.');
      await bob.presses('Answer');
      await alice.says('Connected: bob@example.com');
      await bob.says('Connected: alice@example.com');
      for (const one of [alice, bob]) await one.plays();
      await bob.presses('Hang up');
      for (const one of [alice, bob]) {
        await one.says('Signed in.');
        assert.deepEqual(await one.thrown(), []);
        assert.equal(await one.run(() => document.querySelectorAll('audio, video').length), 0);
      }
    } finally {
      await gateway.stop();
    }
  });
}

/** A page, by what is seen on it. */
async function pageOf(driver, url) {
  await driver.get(url);
  const run = runner(driver);
  // A framework needs a moment to draw the page.
  const until = (holds, ...args) => run(`
    (...args) => new Promise((resolve, reject) => {
      const look = () => (${holds})(...args) && (stop(), resolve());
      const observer = new MutationObserver(look);
      const timer = setTimeout(() => (stop(), reject(new Error(args.join() + ' does not come, but ' + document.body.innerText))), 20000);
      const stop = () => (observer.disconnect(), clearTimeout(timer), document.removeEventListener('playing', look, true));
      observer.observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });
      document.addEventListener('playing', look, true);
      look();
    })`, ...args);
  await run(() => {
    window.thrown = [];
    window.addEventListener('error', ({ message }) => thrown.push(message));
    window.addEventListener('unhandledrejection', ({ reason }) => thrown.push(String(reason)));
  });
  return {
    run,
    thrown: () => run(() => window.thrown),
    says: (text) => until((wanted) => document.querySelector('[role=status]')?.textContent === wanted, text),
    plays: () => until(() => [...document.querySelectorAll('#remote video')].some((video) => video.videoWidth > 0)),
    async presses(words) {
      await until((wanted) => {
        const button = [...document.querySelectorAll('button')].find((one) => one.textContent === wanted && one.checkVisibility());
        button?.click();
        return button !== undefined;
      }, words);
    },
    async fills(field, text) {
      await until((name, value) => {
        const input = document.querySelector(`input[name=${name}]`);
        if (!input?.checkVisibility()) return false;
        // As typed: a framework watches the setter of its own.
        Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(input, value);
        input.dispatchEvent(new Event('input', { bubbles: true }));
        return true;
      }, field, text);
    },
  };
}
