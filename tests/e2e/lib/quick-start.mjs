// The quick-start page in one browser: fields, buttons, and the messages that the page writes. Nothing of the SDK is touched.
import assert from 'node:assert/strict';
import { runner } from './page.mjs';

/**
 * Opens the page and signs in; whatever was open in this browser ends.
 *
 * @param {string} user name of a demo account
 */
export async function quickStart(driver, gateway, user) {
  await driver.get(new URL('/quick-start.html', gateway.url).href);
  const run = runner(driver);
  const one = {
    run,
    address: `${user}@example.com`,

    /** Writes into a field, or sets a check box. */
    fill: (id, value) => run((...args) => {
      const [field, wanted] = [document.getElementById(args[0]), args[1]];
      if (field.type === 'checkbox') field.checked = wanted;
      else field.value = wanted;
    }, id, value),

    /** Presses a button, several times without a pause if wanted. */
    press: (id, times = 1) => run((button, count) => {
      for (let n = 0; n < count; n += 1) document.getElementById(button).click();
    }, id, times),

    /** Waits for the message that begins like this; tells all messages since the last one that was waited for. */
    until: (text) => run(until, text),

    /** The messages since the last one that was waited for. */
    rest: () => run(() => [...document.querySelectorAll('#messages div:not([data-read])')].map((line) => line.textContent)),

    /** The elements in both containers, by tag. */
    containers: () => run(() => {
      const tags = (id) => [...document.getElementById(id).children].map(({ localName }) => localName).sort();
      return { local: tags('local-container'), remote: tags('remote-container') };
    }),
  };
  await one.fill('username', one.address);
  await one.fill('password', 'demo');
  await one.press('login');
  await one.until('Signed in.');
  return one;
}

/** After a call: nothing is shown, nothing is open, nothing was thrown, and no message is left that nobody expected. */
export async function assertOver(...pages) {
  for (const one of pages) {
    assert.deepEqual(await one.containers(), { local: [], remote: [] });
    const state = await one.run(() => ({
      elements: document.querySelectorAll('audio, video').length,
      devices: watch.openDevices,
      peers: watch.openPeers,
      thrown: watch.thrown,
    }));
    assert.deepEqual(state, { elements: 0, devices: 0, peers: 0, thrown: [] });
    assert.deepEqual(await one.rest(), []);
  }
}

// Runs in the page.
function until(text) {
  return new Promise((resolve, reject) => {
    const messages = document.getElementById('messages');
    const unread = () => [...messages.querySelectorAll('div:not([data-read])')];
    const look = () => {
      const lines = unread();
      const at = lines.findIndex(({ textContent }) => textContent.startsWith(text));
      if (at < 0) return;
      stop();
      const read = lines.slice(0, at + 1);
      for (const line of read) line.dataset.read = '';
      resolve(read.map(({ textContent }) => textContent));
    };
    const timer = setTimeout(() => {
      stop();
      reject(new Error(`no message "${text}"; unread: ${unread().map(({ textContent }) => textContent).join(' | ')}`));
    }, 20_000);
    const observer = new MutationObserver(look);
    const stop = () => {
      clearTimeout(timer);
      observer.disconnect();
    };
    observer.observe(messages, { childList: true });
    look();
  });
}
