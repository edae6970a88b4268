// What the tests measure of media that arrive: the longest time without a new picture, and the tones that are heard.

/** Watches the pictures of one remote track; `stop` tells the longest time in ms between two of them. */
window.page.watchPictures = (trackId) => {
  const video = elementOf('video', trackId);
  let [longest, last, running] = [0, performance.now(), true];
  const look = () => {
    const now = performance.now();
    [longest, last] = [Math.max(longest, now - last), now];
    if (running) video.requestVideoFrameCallback(look);
  };
  video.requestVideoFrameCallback(look);
  return {
    stop() {
      running = false;
      return Math.round(Math.max(longest, performance.now() - last));
    },
  };
};

/** Listens to one remote track for the tones of a telephone; `digits` is what was heard so far. */
window.page.listenForTones = async (trackId) => {
  const context = new AudioContext();
  await context.audioWorklet.addModule('tones.js');
  const ear = new AudioWorkletNode(context, 'tones');
  const heard = { digits: '', stop: () => context.close() };
  ear.port.onmessage = ({ data }) => {
    heard.digits += data;
    heard.changed?.();
  };
  context.createMediaStreamSource(elementOf('audio', trackId).srcObject).connect(ear);
  await context.resume();
  return heard;
};

function elementOf(kind, trackId) {
  const element = document.querySelector(`#remote ${kind}[id$="${trackId.toLowerCase().replace(/[^a-z0-9]/g, '')}"]`);
  if (!element) throw new Error(`the track ${trackId} is not shown`);
  return element;
}
