// Long waits of a page, ended by the test: what is to happen in an hour can be asked for how long it waits, and made to happen now.

/** Waits of this many ms and more stand still until the test ends them; all others pass as they do. */
const LONG = 25_000;

/** From now on long waits of this page stand still. To be called before the page makes its client. */
export function holdClock(one) {
  return one.run((long) => {
    const { setTimeout, clearTimeout } = window;
    const waits = new Map();
    // Above all numbers that the browser gives out.
    let number = 1e9;
    window.setTimeout = (act, ms = 0, ...rest) => {
      if (ms < long) return setTimeout(act, ms, ...rest);
      number += 1;
      waits.set(number, { ms, act });
      return number;
    };
    window.clearTimeout = (id) => void (waits.delete(id) || clearTimeout(id));
    watch.longWaits = () => [...waits.values()].map(({ ms }) => ms);
    watch.elapse = (least, most) => {
      const found = [...waits].find(([, { ms }]) => ms >= least && ms <= most);
      if (!found) throw new Error(`nobody waits ${least} to ${most} ms; waited for: ${watch.longWaits()}`);
      waits.delete(found[0]);
      found[1].act();
      return found[1].ms;
    };
  }, LONG);
}

/** The long waits of the page, in ms. */
export function longWaits(one) {
  return one.run(() => watch.longWaits());
}

/** Ends a wait of so many ms, or of at least and at most so many; tells of how many. Fails if there is none. */
export function elapse(one, least, most = least) {
  return one.run((...range) => watch.elapse(...range), least, most);
}

/** Moves the page's clock ahead by so many ms, as if it had slept. */
export function moveClock(one, ms) {
  return one.run((ahead) => {
    const now = Date.now;
    Date.now = () => now() + ahead;
  }, ms);
}
