// The demo page: two people write, see and call each other; what others send is shown as text; it works on a phone and for people who
// do not use a mouse or do not see.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Key } from 'selenium-webdriver';
import { user } from '../bench/fill.mjs';
import { browserPool } from './lib/browsers.mjs';
import { demo } from './lib/demo.mjs';
import { startGateway } from './lib/gateway.mjs';

const WWW = fileURLToPath(new URL('../../www', import.meta.url));
const PHONE = { width: 500, height: 844 };

const browsers = browserPool();
const gateway = await startGateway(WWW);
const folder = mkdtempSync(join(tmpdir(), 'kandy-demo-'));
after(async () => {
  await browsers.close();
  await gateway.stop();
  rmSync(folder, { recursive: true, force: true });
});

const pair = (one = 'chromium', other = 'chromium') => Promise.all([
  browsers.get(one, 1).then((driver) => demo(driver, gateway, 'alice')),
  browsers.get(other, 2).then((driver) => demo(driver, gateway, 'bob')),
]);

test('two people write to each other: unread marks come and go, in Chromium and Firefox', async () => {
  const [alice, bob] = await pair('chromium', 'firefox');
  await alice.chatWith('Bob');
  await alice.write('Hello Bob');
  await alice.has('.message:last-child', 'data-state', 'sent');
  await bob.says('#people .unread', /^1 unread$/);
  await bob.says('#people-badge', /^1 unread message$/);
  await bob.until(async () => (await bob.driver.getTitle()).startsWith('(1) '), 'the title does not count');
  await bob.chatWith('Alice');
  await bob.says('.message', /Hello Bob/);
  await bob.seesNot('#people .unread');
  await bob.seesNot('#people-badge');
  await bob.write('Hello Alice');
  await alice.says('.message[data-own="false"]', /Hello Alice/);
  await alice.says('#people .sub', /^Hello Alice$/);
  // The chat is open and at its end: nothing of it is unread.
  await alice.seesNot('#people-badge');
});

test('what others write is text, whatever is in it', async () => {
  const [alice, bob] = await pair();
  const hostile = '<img src=x onerror="document.title=\'taken\'"><script>document.title="taken"</script>';
  const file = join(folder, '<img src=x onerror=alert(1)>\u202efdp.exe');
  writeFileSync(file, '<script>document.title="taken"</script>');
  await alice.chatWith('Bob');
  await alice.write(hostile);
  await (await alice.driver.findElement({ css: '#file' })).sendKeys(file);
  await alice.says('#chosen', /<img src=x onerror=alert\(1\)>/);
  await alice.write('with a file');
  await bob.chatWith('Alice');
  await bob.says('.message .text', /^<img src=x/);
  const name = await bob.says('.message button.file .file-name', /<img/);
  assert.equal(name, '<img src=x onerror=alert(1)>fdp.exe', 'nothing turns the direction of writing');
  await bob.says('.message button.file', /39 bytes/);
  assert.deepEqual(await bob.driver.executeScript(() => ({
    images: document.querySelectorAll('#chat img, #people img').length,
    scripts: document.querySelectorAll('body script').length,
    title: document.title,
  })), { images: 0, scripts: 0, title: 'Bob – kandy-wasm demo' });

  // It is saved under that name and with no type, and the token goes to this server alone.
  const saved = await bob.driver.executeAsyncScript((done) => {
    const { fetch: send } = window;
    const asked = [];
    let blob;
    window.fetch = (where, options) => {
      if (String(where).includes('/rm/file/')) asked.push([new URL(where).origin, Object.keys(options.headers)]);
      return send(where, options);
    };
    URL.createObjectURL = (made) => ((blob = made), 'blob:');
    HTMLAnchorElement.prototype.click = async function () {
      done({ asked, name: this.download, type: blob.type, text: await blob.text() });
    };
    document.querySelector('button.file').click();
  });
  assert.deepEqual(saved, {
    asked: [[gateway.url, ['authorization']]],
    name,
    type: 'application/octet-stream',
    text: '<script>document.title="taken"</script>',
  });
});

test('a message that waits, and one that cannot be sent, say so', async () => {
  const [alice, bob] = await pair();
  await bob.chatWith('Alice');
  await alice.chatWith('Bob');
  await alice.driver.setNetworkConditions({ offline: true, latency: 0, download_throughput: 0, upload_throughput: 0 });
  await alice.write('Written without a network');
  await alice.has('.message:last-child', 'data-state', 'pending');
  await alice.says('.message:last-child .state', /^Sending…$/);
  await alice.driver.deleteNetworkConditions();
  await bob.says('.message', /Written without a network/);
  await alice.has('.message:last-child', 'data-state', 'sent');

  await alice.type('#search', 'nobody@example.com');
  await alice.says('#people h3', /^This address$/);
  await alice.click('#people .who');
  await alice.write('Is anybody there?');
  await alice.has('.message:last-child', 'data-state', 'failed');
  await alice.says('.message:last-child .state', /^Not sent: There is no user of that name\.$/);
  await alice.click('.again');
  await alice.has('.message:nth-child(2)', 'data-state', 'failed');
});

test('a long history is there without gaps, and drawn only as far as it is seen', async () => {
  const COUNT = 450;
  const carol = await user(gateway, 'carol');
  for (let n = 1; n <= COUNT; n += 1) await carol.say('dave@example.com', `${n}: ${'written before '.repeat(n % 20)}`);
  carol.end();
  const page = await browsers.get('chromium', 1).then((driver) => demo(driver, gateway, 'carol'));
  await page.chatWith('Dave');
  await page.says('.message .text', new RegExp(`^${COUNT}:`));
  const numbers = () => page.driver.executeScript(() => [...document.querySelectorAll('.message .text')].map((one) => Number.parseInt(one.textContent, 10)));
  const seen = new Set();
  await page.until(async () => {
    const drawn = await numbers();
    drawn.forEach((number) => seen.add(number));
    await page.driver.executeScript(() => (document.querySelector('#messages').scrollTop -= 500));
    return seen.size === COUNT && drawn.includes(1);
  }, () => `not seen: ${Array.from({ length: COUNT }, (_, n) => n + 1).filter((n) => !seen.has(n))}`);
  const drawn = await numbers();
  assert.ok(drawn.length < 60, `${drawn.length} are drawn, the others are not`);
  assert.equal(await page.attribute('.message', 'aria-setsize'), String(COUNT));
});

test('presence: a dot and words for each, the own menu with a note', async () => {
  const [alice, bob] = await pair();
  await alice.chatWith('Bob');
  await alice.has('.chat-head .dot', 'data-kind', 'available');
  await bob.click('#me');
  await bob.click('.choice:has([value="lunch"])');
  await alice.has('.chat-head .dot', 'data-kind', 'away');
  await bob.type('#note', '<b>Back</b> at one');
  await bob.click('#presence button');
  await alice.says('#chat-presence', /^At lunch: <b>Back<\/b> at one$/);
  await alice.has('#people .dot', 'data-kind', 'away');
  await bob.click('#me');
  await bob.click('.choice:has([value="busy"])');
  await alice.has('.chat-head .dot', 'data-kind', 'busy');
  await alice.says('#people .dot', /^Busy/);
});

test('somebody is searched, added, found among the contacts, called, and removed; the history knows the call', async () => {
  const [alice, bob] = await pair();
  await alice.type('#search', 'caro');
  await alice.says('#people h3', /^Directory$/);
  await alice.click('[aria-label="Add Carol Carter to your contacts"]');
  await alice.says('#people h3', /^Contacts$/);
  await alice.saysNot('#people h3', /^Directory$/);
  await alice.click('#people .who');
  await alice.click('[aria-label="Remove Carol Carter from your contacts"]');
  await alice.says('#people h3', /^Directory$/);

  await alice.type('#search', 'bob');
  await alice.click('#people [aria-label^="Call Bob"]');
  await bob.says('#incoming-name', /Alice/);
  await bob.click('#answer');
  for (const page of [alice, bob]) await page.has('#stage', 'data-mode', 'audio');
  // The chat goes on beside the call.
  await alice.says('#stage-title', /Bob/);
  await alice.chatWith('Bob');
  await alice.write('Do you hear me?');
  await bob.says('#people .unread', /unread/);
  await alice.click('#hang-up');
  await alice.says('#outcome-text', /^You ended the call with Bob/);
  await alice.click('#tab-calls');
  await alice.says('#calls .sub', /^Outgoing, 0:\d\d · /);
  await bob.click('#tab-calls');
  await bob.says('#calls .sub', /^Incoming, 0:\d\d · /);

  // A missed call is marked, and called back.
  await bob.click('#tab-people');
  await alice.click('#calls [aria-label^="Call Bob"]');
  await bob.sees('#incoming');
  await alice.click('#hang-up');
  await bob.says('#calls-badge', /^1 missed call$/);
  await bob.click('#tab-calls');
  await bob.has('#calls .row', 'data-kind', 'missed');
  await bob.seesNot('#calls-badge');
  await bob.click('#calls [aria-label^="Call Alice"]');
  await alice.says('#incoming-name', /Bob/);
  await bob.click('#hang-up');
  await alice.seesNot('#incoming');
});

test('on a phone one view is seen at a time, and nothing is wider than the window', async (t) => {
  const [alice, bob] = await Promise.all([
    browsers.get('chromium', 1).then((driver) => demo(driver, gateway, 'alice', PHONE)),
    browsers.get('chromium', 2).then((driver) => demo(driver, gateway, 'bob')),
  ]);
  await narrow(alice.driver);
  t.after(() => alice.driver.sendDevToolsCommand('Emulation.clearDeviceMetricsOverride', {}));
  await alice.seesNot('#chat');
  await fits(alice);
  await alice.chatWith('Bob');
  await alice.seesNot('#people');
  await fits(alice);
  await alice.write('a'.repeat(500));
  await alice.says('.message', /a{500}/);
  await fits(alice);
  await bob.chatWith('Alice');
  await bob.click('#chat-call');
  await alice.sees('#incoming');
  await alice.seesNot('#chat');
  await fits(alice);
  await alice.click('#answer');
  await alice.has('#stage', 'data-mode', 'audio');
  await fits(alice);
  await alice.click('[data-view-of="chat"]');
  await alice.seesNot('#stage');
  await bob.click('#hang-up');
  await alice.click('[data-view-of="call"]');
  await alice.says('#stage-title', /^Bob.* hung up/);
});

test('everything can be done by keyboard, and everything has a name', async () => {
  const [alice, bob] = await pair();
  const focused = () => alice.driver.executeScript(() => document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent);
  await bob.chatWith('Alice');
  await bob.write('For the list');
  await alice.says('#people .unread', /unread/);
  await alice.driver.executeScript(() => document.querySelector('#people .who').focus());
  assert.match(await focused(), /Bob/);
  await alice.driver.actions().sendKeys(Key.ARROW_DOWN).perform();
  assert.match(await focused(), /Carol|Dave/);
  await alice.driver.actions().sendKeys(Key.ARROW_UP, Key.ENTER).perform();
  await alice.says('#chat-title', /Bob/);
  await alice.until(() => alice.driver.executeScript(() => document.activeElement.id === 'text'), 'the field has no focus');
  await alice.driver.actions().sendKeys('By keyboard', Key.ENTER).perform();
  await bob.says('.message[data-own="false"]', /By keyboard/);
  assert.deepEqual(await alice.driver.executeScript(nameless), []);
});

/** A window of a browser cannot be as narrow as a phone; what is in it can. */
async function narrow(driver) {
  await driver.sendDevToolsCommand('Emulation.setDeviceMetricsOverride', { width: 360, height: 780, deviceScaleFactor: 1, mobile: false });
}

async function fits(page) {
  const { wide, seen } = await page.driver.executeScript(() => ({
    wide: document.documentElement.scrollWidth,
    seen: [...document.querySelectorAll('button, input, textarea, .bubble')]
      .filter((one) => one.checkVisibility() && !one.closest('[popover]'))
      .map((one) => [one.id || one.className, Math.ceil(one.getBoundingClientRect().right)])
      .filter(([, right]) => right > innerWidth),
  }));
  assert.deepEqual({ wide, seen }, { wide: 360, seen: [] });
}

/** In the page: what can be used or has a role, and has no name; ids that are there twice; references to nothing. */
function nameless() {
  const text = (one) => one.getAttribute('aria-label') || (one.getAttribute('aria-labelledby') ?? '').split(' ').map((id) => document.getElementById(id)?.textContent ?? '').join('')
    || [...(one.labels ?? [])].map((label) => label.textContent).join('') || (one.matches('input, textarea') ? '' : one.textContent);
  const all = [...document.querySelectorAll('button, input:not([type="file"]), textarea, a, [role="dialog"], [role="list"], [role="log"], [role="tablist"], [role="tabpanel"], nav, section, aside')];
  const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
  const references = ['for', 'aria-controls', 'aria-labelledby', 'aria-describedby', 'popovertarget'].flatMap((name) => [...document.querySelectorAll(`[${name}]`)].map((one) => one.getAttribute(name)));
  return [
    ...all.filter((one) => !text(one).trim() && one.checkVisibility()).map((one) => `${one.tagName} ${one.id || one.className} has no name`),
    ...ids.filter((id, n) => ids.indexOf(id) !== n).map((id) => `${id} is there twice`),
    ...references.filter((id) => !ids.includes(id)).map((id) => `${id} is not there`),
    ...[...document.querySelectorAll('[role="list"] .inner > *')].filter((one) => one.getAttribute('role') !== 'listitem').map(() => 'a list has something else'),
  ];
}
