// Runs before the SDK is loaded, and notes what the SDK does with the browser: peer connections with what arrives on them,
// devices, requests, tones, speakers, and everything that is thrown without being caught.
{
  /** Longest wait for media, in ms; far above what anything takes here, so that only missing media run into it. */
  const PATIENCE = 20_000;

  const watch = {
    peers: [],
    /** What each peer connection was made with. */
    configurations: [],
    /** What microphone and camera were asked for with. */
    constraints: [],
    tracks: [],
    requests: [],
    sockets: [],
    tones: [],
    speakers: [],
    thrown: [],
    /** A test may change what is sent, or answer in the server's place by returning `{ status, body }`. */
    sending: (method, path, body) => body,
    answering: () => undefined,

    /** Devices that are still open. */
    get openDevices() {
      return watch.tracks.filter(({ readyState }) => readyState === 'live').length;
    },

    /** Resolves when no peer connection is open. */
    allClosed() {
      return new Promise((resolve) => {
        watch.onclose = () => watch.openPeers === 0 && resolve();
        watch.onclose();
      });
    },

    /** Peer connections that are still open. */
    get openPeers() {
      return watch.peers.filter(({ connectionState }) => connectionState !== 'closed').length;
    },
  };
  window.watch = watch;

  /** What arrives from the other side. */
  watch.arriving = {
    /** What has arrived of the other side since the call began. */
    async received() {
      const totals = { frames: 0, energy: 0, audioPackets: 0 };
      for (const peer of watch.peers.filter(({ connectionState }) => connectionState !== 'closed')) {
        for (const report of (await peer.getStats()).values()) {
          if (report.type !== 'inbound-rtp') continue;
          if (report.kind === 'video') totals.frames += report.framesDecoded ?? 0;
          if (report.kind === 'audio') totals.energy += report.totalAudioEnergy ?? 0;
          if (report.kind === 'audio') totals.audioPackets += report.packetsReceived ?? 0;
        }
      }
      return totals;
    },

    /** Waits until this much more has arrived: decoded pictures, energy of sound, packets of sound; tells the growth. */
    async flowing({ frames = 0, energy = 0, audioPackets = 0 }) {
      const before = await this.received();
      const deadline = performance.now() + PATIENCE;
      for (;;) {
        const now = await this.received();
        const grown = { frames: now.frames - before.frames, energy: now.energy - before.energy, audioPackets: now.audioPackets - before.audioPackets };
        if (grown.frames >= frames && grown.energy >= energy && grown.audioPackets >= audioPackets) return grown;
        if (performance.now() > deadline) throw new Error(`no media: ${JSON.stringify(grown)}`);
        // The browser has no event for statistics.
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },

    /** Waits until nothing has arrived for a second; tells after how many ms the last of it came. */
    async still() {
      const start = performance.now();
      let [before, changed] = [await this.received(), start];
      while (performance.now() - changed < 1_000) {
        await new Promise((resolve) => setTimeout(resolve, 50));
        const now = await this.received();
        if (now.frames !== before.frames || now.audioPackets !== before.audioPackets) [before, changed] = [now, performance.now()];
        if (changed - start > PATIENCE) throw new Error('media go on and on');
      }
      return Math.round(changed - start);
    },
  };

  window.addEventListener('error', ({ message }) => watch.thrown.push(message));
  window.addEventListener('unhandledrejection', ({ reason }) => watch.thrown.push(String(reason?.stack ?? reason)));

  const { RTCPeerConnection } = window;
  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(...args) {
      super(...args);
      watch.peers.push(this);
      watch.configurations.push(args[0]);
    }

    close() {
      super.close();
      watch.onclose?.();
    }
  };

  const { WebSocket } = window;
  window.WebSocket = class extends WebSocket {
    constructor(...args) {
      super(...args);
      watch.sockets.push(this);
    }
  };

  const { mediaDevices } = navigator;
  const getUserMedia = mediaDevices.getUserMedia.bind(mediaDevices);
  mediaDevices.getUserMedia = async (constraints) => {
    watch.constraints.push(constraints);
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
    const path = new URL(url, location.href).pathname;
    watch.requests.push({ at: performance.now(), method, path });
    const answer = watch.answering(method, path, options?.body);
    if (answer) return Promise.resolve(new Response(JSON.stringify(answer.body), { status: answer.status }));
    const send = () => fetch(input, { ...options, body: watch.sending(method, path, options?.body) });
    const sent = watch.holding ? watch.holding(method).then(send) : send();
    return sent.then((response) => {
      watch.onanswer?.(method);
      return response;
    });
  };

  noting(window.RTCDTMFSender?.prototype, 'insertDTMF', watch.tones);
  noting(HTMLMediaElement.prototype, 'setSinkId', watch.speakers);

  /** Notes the arguments of each call of a function, where the browser has it. */
  function noting(prototype, name, list) {
    const original = prototype?.[name];
    if (!original) return;
    prototype[name] = function (...args) {
      list.push(args);
      return original.apply(this, args);
    };
  }
}
