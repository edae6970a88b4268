// Runs before the SDK is loaded, and notes what the SDK does with the browser: peer connections, devices, requests, and
// everything that is thrown without being caught.
{
  const watch = { peers: [], tracks: [], requests: [], thrown: [] };
  window.watch = watch;

  window.addEventListener('error', ({ message }) => watch.thrown.push(message));
  window.addEventListener('unhandledrejection', ({ reason }) => watch.thrown.push(String(reason?.stack ?? reason)));

  const { RTCPeerConnection } = window;
  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(...args) {
      super(...args);
      watch.peers.push(this);
    }
  };

  const { mediaDevices } = navigator;
  const getUserMedia = mediaDevices.getUserMedia.bind(mediaDevices);
  mediaDevices.getUserMedia = async (constraints) => {
    const stream = await getUserMedia(constraints);
    watch.tracks.push(...stream.getTracks());
    return stream;
  };
  // A copy holds its device open, too.
  for (const { prototype } of [MediaStreamTrack, MediaStream]) {
    const { clone } = prototype;
    prototype.clone = function () {
      const copy = clone.call(this);
      watch.tracks.push(...(copy.getTracks?.() ?? [copy]));
      return copy;
    };
  }

  const { fetch } = window;
  window.fetch = (input, options) => {
    const url = String(input?.url ?? input);
    const method = input?.method ?? options?.method ?? 'GET';
    watch.requests.push({ at: performance.now(), method, path: new URL(url, location.href).pathname });
    return fetch(input, options);
  };
}
