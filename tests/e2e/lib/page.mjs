// One test page in one browser, with functions that run in the page and come back with what they found.
import assert from 'node:assert/strict';

/**
 * @typedef {object} Page
 * @property {(act: Function | string, ...args: any[]) => Promise<any>} run runs a function, or its text, in the page, where `page` and `watch` are
 * @property {(type: string, pattern?: object) => Promise<any>} until waits for an event
 */

/**
 * Opens the test page; whatever was open in this browser ends.
 * @returns {Promise<Page>}
 */
export async function openPage(driver, url) {
  await driver.get(url);
  const run = runner(driver);
  await run(async () => {
    // The page's module has an import, so it may not have run yet.
    const html = document.documentElement;
    if (html.dataset.ready) return;
    await new Promise((resolve) => {
      const observer = new MutationObserver(() => {
        observer.disconnect();
        resolve();
      });
      observer.observe(html, { attributes: true });
    });
  });
  return { run, until: (type, pattern) => run((...wanted) => page.until(...wanted), type, pattern ?? {}) };
}

/** What runs a function in whatever page is open in this browser, and comes back with its result. */
export function runner(driver) {
  return async (act, ...args) => {
    const { value, error } = await driver.executeAsyncScript(script(act), args);
    if (error !== undefined) throw new Error(error);
    return value;
  };
}

/** The demo users' domain. */
const DOMAIN = 'example.com';

/** What has to arrive on each side before a call counts as up: about a second of the fake devices' pictures and sound. */
const SOUND = { energy: 0.001, audioPackets: 25 };
export const PICTURES = { frames: 25 };

/** Options that every test client has: this gateway, quiet log. */
export function configFor(gateway, flavour, more = {}) {
  const { hostname, port } = new URL(gateway.url);
  return {
    logs: { logLevel: 'error' },
    authentication: {
      subscription: { protocol: 'http', server: hostname, port, ...(flavour === 'link' && { version: '1' }) },
      websocket: { protocol: 'ws', server: hostname, port },
    },
    ...more,
  };
}

/** Opens a page and logs in. */
export async function signedIn(driver, gateway, user, flavour = 'uc', more = {}, { domain = DOMAIN, password = 'demo' } = {}) {
  const page = await openPage(driver, gateway.url);
  await page.run((config) => void page.create(config), configFor(gateway, flavour, more));
  await page.run((credentials) => page.client.connect(credentials), { username: `${user}@${domain}`, password });
  await page.until('auth:change', { connection: { isConnected: true, isPending: false } });
  return page;
}

/** `caller` rings `callee`; resolves with the call's id on each side when it rings on both. */
export async function ring(caller, callee, user, media = { audio: true, video: true }, options = {}, domain = DOMAIN) {
  const outgoing = await caller.run((...args) => page.client.call.make(...args), `${user}@${domain}`, media, options);
  await caller.until('call:start', { payload: { callId: outgoing } });
  const { payload } = await callee.until('call:receive');
  await caller.until('call:stateChange', { payload: { callId: outgoing }, call: { state: 'Ringing' } });
  return [outgoing, payload.callId];
}

/** As `ring`, and `callee` answers. */
export async function connectCall(caller, callee, user, media = { audio: true, video: true }, domain = DOMAIN) {
  const [outgoing, incoming] = await ring(caller, callee, user, media, {}, domain);
  await callee.run((...args) => page.client.call.answer(...args), incoming, media);
  await callee.until('call:stateChange', { payload: { callId: incoming }, call: { state: 'Connected' } });
  await caller.until('call:stateChange', { payload: { callId: outgoing }, call: { state: 'Connected' } });
  return [outgoing, incoming];
}

/** Puts the call on the page: Chromium measures sound only where it is played. */
export function show(one, callId) {
  return one.run((id) => {
    const { localTracks, remoteTracks } = page.client.call.getById(id);
    page.client.media.renderTracks(localTracks.filter((track) => page.client.media.getTrackById(track).kind === 'video'), '#local');
    page.client.media.renderTracks(remoteTracks, '#remote');
  }, callId);
}

/** Waits until sound, and pictures where wanted, have arrived from the other side; tells how much. */
export function flowing(one, pictures = {}) {
  return one.run((wanted) => watch.arriving.flowing(wanted), { ...SOUND, ...pictures });
}

/** After a call: no device and no peer connection is open, no track is left, and nothing was thrown. */
export async function assertTidy(...pages) {
  for (const one of pages) {
    const state = await one.run(() => ({
      devices: page.openDevices,
      peers: page.openPeers,
      elements: document.querySelectorAll('audio, video').length,
      tracks: page.client.call.getAll().flatMap(({ localTracks, remoteTracks }) => [...localTracks, ...remoteTracks]),
      alive: page.client.call.getAll().filter(({ state }) => state !== 'Ended').length,
      thrown: watch.thrown,
    }));
    assert.deepEqual(state, { devices: 0, peers: 0, elements: 0, tracks: [], alive: 0, thrown: [] });
  }
}

// The function's source becomes part of the script: the page's policy forbids making functions out of text. The last
// argument is the driver's own; it ends the script.
function script(act) {
  return `
    const [args, done] = arguments;
    (async () => (${act})(...args))().then(
      (value) => done({ value: value === undefined ? null : JSON.parse(JSON.stringify(value)) }),
      (error) => done({ error: String(error?.stack?.includes(error.message) ? error.stack : error) }),
    );`;
}
