// Hears the tones of a telephone in what passes, block by block, on the sound's own thread: a busy page misses none. Posts each
// digit when it begins.

/** Samples that are looked at together: 21 ms, enough to tell the closest two frequencies apart. */
const BLOCK = 1024;

/** Samples between two looks: 5 ms. */
const STEP = 256;

/** A digit begins or ends when so many looks in a row say so; the shortest tone is 100 ms, the shortest pause 70 ms. */
const SURE = 4;

const LOW = [697, 770, 852, 941];
const HIGH = [1209, 1336, 1477, 1633];
const KEYS = ['123A', '456B', '789C', '*0#D'];

registerProcessor('tones', class extends AudioWorkletProcessor {
  block = new Float32Array(BLOCK);
  fresh = 0;
  sounding = '';
  next = '';
  times = 0;

  process([[samples]]) {
    if (!samples) return true;
    this.block.copyWithin(0, samples.length);
    this.block.set(samples, BLOCK - samples.length);
    this.fresh += samples.length;
    if (this.fresh >= STEP) this.look();
    return true;
  }

  look() {
    this.fresh = 0;
    const digit = digitIn(this.block);
    this.times = digit === this.next ? this.times + 1 : 1;
    this.next = digit;
    if (digit === this.sounding || this.times < SURE) return;
    this.sounding = digit;
    if (digit) this.port.postMessage(digit);
  }
});

/** The digit that these samples sound of, or none. Both of its frequencies have to stand out. */
function digitIn(samples) {
  const loudest = (frequencies) => {
    const powers = frequencies.map((frequency) => power(samples, frequency));
    const most = Math.max(...powers);
    const second = Math.max(...powers.filter((one) => one !== most));
    return { index: powers.indexOf(most), clear: most > 1e-5 && most > 2 * second };
  };
  const [row, column] = [loudest(LOW), loudest(HIGH)];
  return row.clear && column.clear ? KEYS[row.index][column.index] : '';
}

/** Goertzel: the power of one frequency. */
function power(samples, frequency) {
  const factor = 2 * Math.cos((2 * Math.PI * frequency) / sampleRate);
  let [before, last] = [0, 0];
  for (const sample of samples) [before, last] = [last, sample + factor * last - before];
  return (before * before + last * last - factor * before * last) / samples.length ** 2;
}
