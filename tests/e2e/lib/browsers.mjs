// Real browsers, driven by WebDriver: Chromium by chromedriver, Firefox by geckodriver.
import { readFileSync } from 'node:fs';
import { Builder } from 'selenium-webdriver';
import chrome from 'selenium-webdriver/chrome.js';
import firefox from 'selenium-webdriver/firefox.js';
import { browserDrivers } from '../../../scripts/lib/drivers.mjs';
import { onPath } from '../../../scripts/lib/paths.mjs';

/** The settings that the engine's own browser tests run with. */
const SETTINGS = JSON.parse(readFileSync(new URL('../../../webdriver.json', import.meta.url), 'utf8'));
const DRIVERS = browserDrivers();

/** Above the patience of the page, whose error says more. */
const SCRIPT_LIMIT = 30_000;

/**
 * @typedef {object} Wishes
 * @property {boolean} [refused] the user refuses microphone and camera
 * @property {number} [cameras] Chromium: number of cameras, default 1
 */

/**
 * Starts a browser with fake devices.
 * @param {'chromium' | 'firefox'} name
 * @param {Wishes} [wishes]
 */
export async function startBrowser(name, wishes = {}) {
  const driver = await (name === 'chromium' ? startChromium(wishes) : startFirefox(wishes));
  await driver.manage().setTimeouts({ script: SCRIPT_LIMIT });
  return driver;
}

/** Browsers that are started when a test first wants them, and kept for the tests that follow. */
export function browserPool() {
  const running = new Map();
  return {
    /** The browser with this name and number; two numbers are two browsers. */
    get(name, number = 1) {
      const key = `${name} ${number}`;
      if (!running.has(key)) running.set(key, startBrowser(name));
      return running.get(key);
    },
    async close() {
      await Promise.all([...running.values()].map(async (driver) => (await driver).quit()));
    },
  };
}

function startChromium({ refused = false, cameras = 1 }) {
  const changed = {
    '--use-fake-ui-for-media-stream': refused ? '--use-fake-ui-for-media-stream=deny' : '--use-fake-ui-for-media-stream',
    '--use-fake-device-for-media-stream': `--use-fake-device-for-media-stream=device-count=${cameras}`,
  };
  const options = new chrome.Options();
  options.addArguments(...SETTINGS['goog:chromeOptions'].args.map((arg) => changed[arg] ?? arg));
  options.setChromeBinaryPath(onPath('chromium'));
  return new Builder().forBrowser('chrome').setChromeOptions(options).setChromeService(new chrome.ServiceBuilder(DRIVERS.CHROMEDRIVER)).build();
}

function startFirefox({ refused = false }) {
  const { args, prefs } = SETTINGS['moz:firefoxOptions'];
  const options = new firefox.Options();
  options.addArguments(...args);
  for (const [name, value] of Object.entries({ ...prefs, ...PLAIN, ...(refused && REFUSING) })) options.setPreference(name, value);
  options.setBinary(onPath('firefox-esr') ?? onPath('firefox'));
  return new Builder().forBrowser('firefox').setFirefoxOptions(options).setFirefoxService(new firefox.ServiceBuilder(DRIVERS.GECKODRIVER)).build();
}

// Names instead of addresses are found by multicast, which needs seconds between two Firefoxes and in many a container never succeeds.
const PLAIN = { 'media.peerconnection.ice.obfuscate_host_addresses': false };

// 2 means: never ask, always refuse.
const REFUSING = { 'permissions.default.microphone': 2, 'permissions.default.camera': 2, 'media.navigator.permission.disabled': false };
