// The demo page in real browsers, used as a person uses it: by what is seen, clicked and typed.
import { By, Key, until } from 'selenium-webdriver';

/** Longest wait for something to be seen, in ms; far above what anything takes here. */
const PATIENCE = 20_000;

/** Opens the demo page and signs in. */
export async function demo(driver, gateway, name, { width = 1280, height = 800 } = {}) {
  await driver.manage().window().setRect({ width, height });
  await driver.get('about:blank');
  await driver.get(`${gateway.url}/#${name}@example.com`);
  await driver.executeScript("sessionStorage.removeItem('account')");
  await driver.navigate().refresh();
  const page = new Demo(driver);
  await page.click('#sign-in-button');
  await page.sees('#phone');
  await page.says('#connection', /^Connected$/);
  return page;
}

class Demo {
  constructor(driver) {
    this.driver = driver;
  }

  /** The first element like this that is seen; waits for it. */
  async sees(css) {
    let found;
    await this.until(async () => {
      for (const one of await this.driver.findElements(By.css(css))) {
        if (await one.isDisplayed()) return Boolean((found = one));
      }
      return false;
    }, `${css} is not seen`);
    return found;
  }

  /** Waits until nothing like this is seen. */
  async seesNot(css) {
    await this.until(async () => {
      const shown = await Promise.all((await this.driver.findElements(By.css(css))).map((one) => one.isDisplayed()));
      return !shown.includes(true);
    }, `${css} is still seen`);
  }

  /** Waits until an element like this has such a text, and returns the text. */
  async says(css, pattern) {
    let texts = [];
    let found;
    await this.until(async () => {
      texts = await this.texts(css);
      found = texts.find((text) => pattern.test(text));
      return found !== undefined;
    }, () => `${css} does not say ${pattern} but ${JSON.stringify(texts)}`);
    return found;
  }

  /** Waits until no element like this has such a text. */
  async saysNot(css, pattern) {
    await this.until(async () => !(await this.texts(css)).some((text) => pattern.test(text)), `${css} still says ${pattern}`);
  }

  /** The texts of all elements like this, seen or not. */
  texts(css) {
    return this.driver.executeScript((wanted) => [...document.querySelectorAll(wanted)].map((one) => one.textContent), css);
  }

  /** An attribute of the first element like this. */
  attribute(css, name) {
    return this.driver.executeScript((wanted, what) => document.querySelector(wanted)?.getAttribute(what), css, name);
  }

  /** Waits until an attribute has this value. */
  async has(css, name, value) {
    await this.until(async () => (await this.attribute(css, name)) === value, `${css} has no ${name} ${value}`);
  }

  /** Clicks, as soon as it can be clicked; lists are drawn anew meanwhile. */
  async click(css) {
    await this.until(async () => {
      try {
        const one = await this.sees(css);
        if (!(await one.isEnabled())) return false;
        await one.click();
        return true;
      } catch (error) {
        if (['StaleElementReferenceError', 'ElementClickInterceptedError'].includes(error.name)) return false;
        throw error;
      }
    }, `${css} cannot be clicked`);
  }

  /** Writes into a field, in place of what is there. */
  async type(css, text) {
    const field = await this.sees(css);
    await field.clear();
    await field.sendKeys(text);
  }

  /** Searches for somebody, and opens the chat with them. */
  async chatWith(name) {
    if (await this.isPhone()) await this.click('[data-view-of="people"]');
    await this.type('#search', name);
    await this.says('#people .names strong', new RegExp(name));
    await this.click('#people .who');
    await this.says('#chat-title', new RegExp(name));
    await this.driver.executeScript(() => {
      document.querySelector('#search').value = '';
      document.querySelector('#search').dispatchEvent(new Event('input'));
    });
  }

  /** Writes a message and sends it. */
  async write(text) {
    await this.type('#text', text);
    await (await this.sees('#text')).sendKeys(Key.ENTER);
  }

  isPhone() {
    return this.driver.executeScript(() => getComputedStyle(document.querySelector('#views')).display !== 'none');
  }

  until(holds, why) {
    return this.driver.wait(holds, PATIENCE, why instanceof Function ? undefined : why, 50).catch((error) => {
      throw why instanceof Function ? new Error(why(), { cause: error }) : error;
    });
  }
}
