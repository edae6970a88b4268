// The operation scripts of `tests/peer-scripts.json` on any RTCPeerConnection, with operations as `src/web/peer.rs` carries them out
// and outcomes in the words of `tests/browser/script.rs`. It needs nothing but the browser's own, so it runs in a page, too.

/**
 * Runs one script.
 *
 * @param {{ name: string, steps: object[] }} script
 * @param {{ a: MediaStream, b: MediaStream }} streams what each side can send: a track of each kind
 * @param {(work: Promise<unknown>) => Promise<unknown>} finish waits for an operation
 * @returns {Promise<string[]>} every step whose outcome is another one than the script says
 */
export async function play({ name, steps }, streams, finish) {
  const sides = { a: side(streams.a), b: side(streams.b) };
  const made = new Map();
  const wrong = [];
  for (const [at, step] of steps.entries()) {
    const one = sides[step.peer];
    const outcome = one.peer || step.do === 'open' ? await finish(act(one, step, made)) : 'nothing';
    const found = [outcome, one.waiting ? 'have-local-offer' : (one.peer?.signalingState ?? 'closed')];
    if (found[0] !== step.gives || found[1] !== step.state) wrong.push(`${name}, step ${at}: ${found.join(', ')} in place of ${step.gives}, ${step.state}`);
  }
  for (const { peer } of Object.values(sides)) peer?.close();
  return wrong;
}

function side(stream) {
  return { stream, peer: undefined, waiting: undefined, mids: [] };
}

async function act(one, step, made) {
  try {
    return await OPERATIONS[step.do](one, step, made);
  } catch (error) {
    return `failed ${error.name}`;
  }
}

const OPERATIONS = {
  open: (one) => {
    one.peer = new RTCPeerConnection({ bundlePolicy: 'balanced' });
    return 'nothing';
  },
  close: (one) => {
    one.peer.close();
    Object.assign(one, { peer: undefined, waiting: undefined });
    return 'nothing';
  },
  offer: async (one, step, made) => {
    mustBe(one, 'stable', 'have-local-offer');
    const lines = resolve(one, step);
    const orphans = one.peer.getTransceivers().filter(({ mid }) => mid === null);
    for (const line of one.peer.getTransceivers()) if (line.mid !== null && !lines.some(({ mid }) => mid === line.mid)) line.direction = 'inactive';
    for (const { kind, direction, track, transceiver } of lines) {
      const orphan = transceiver ?? take(orphans, (line) => line.receiver.track.kind === kind);
      if (orphan) await putOn(one, orphan, direction, track);
      else one.peer.addTransceiver(track ?? kind, { direction, streams: track ? [one.stream] : [] });
    }
    for (const orphan of orphans) await putOn(one, orphan, 'inactive', null);
    const offer = await one.peer.createOffer();
    // An offer that keeps the transport is set together with its answer.
    if (one.peer.signalingState === 'stable' && keepsTransport(one.peer, offer.sdp)) {
      one.waiting = offer;
      return described(one, step, offer.sdp, made);
    }
    return described(one, step, await gathered(one.peer, offer), made);
  },
  answer: async (one, step, made) => {
    mustBe(one, 'have-remote-offer');
    if (step.lines.some((line) => !/^\d/.test(line))) throw new DOMException('', 'NotFoundError');
    const lines = resolve(one, step);
    for (const line of one.peer.getTransceivers().filter(({ mid }) => mid !== null)) {
      const wanted = lines.find(({ mid }) => mid === line.mid);
      if (wanted) await putOn(one, line, wanted.direction, wanted.track);
      else line.direction = 'recvonly';
    }
    return described(one, step, await gathered(one.peer, await one.peer.createAnswer()), made);
  },
  apply: async (one, step, made) => {
    const sdp = shortened(step.text ?? made.get(step.sdp) ?? '', step.keep);
    const { waiting } = one;
    one.waiting = undefined;
    if (waiting && step.kind === 'answer') await one.peer.setLocalDescription(waiting);
    await one.peer.setRemoteDescription({ type: step.kind, sdp });
    one.mids = midsOf(sdp);
    const place = ({ mid }) => (one.mids.includes(mid) ? one.mids.indexOf(mid) : '-');
    return `applied ${one.peer.getTransceivers().map((line) => `${place(line)} ${line.receiver.track.kind}`).join(', ')}`;
  },
  rollback: async (one) => {
    if (one.waiting) one.waiting = undefined;
    else {
      mustBe(one, 'have-local-offer');
      await one.peer.setLocalDescription({ type: 'rollback' });
    }
    return 'done';
  },
  // In place of a track that nobody sends.
  swap: () => {
    throw new DOMException('', 'NotFoundError');
  },
  tones: async (one) => {
    const carrier = one.peer.getTransceivers().find((line) => line.receiver.track.kind === 'audio' && line.sender.dtmf)?.sender.dtmf;
    if (!carrier) throw new DOMException('', 'InvalidStateError');
    const last = new Promise((done) => carrier.addEventListener('tonechange', ({ tone }) => tone === '' && done()));
    carrier.insertDTMF('5', 40, 30);
    await last;
    return 'done';
  },
  stats: async (one) => {
    await one.peer.getStats(null);
    return 'done';
  },
};

function mustBe(one, ...states) {
  const state = one.waiting ? 'have-local-offer' : one.peer.signalingState;
  if (!states.includes(state)) throw new DOMException('', 'InvalidStateError');
}

/** `"audio sendrecv track"`, `"0 video recvonly"`: where it stands if it is not new, kind, direction, and whether a track is sent. */
function resolve(one, { lines }) {
  const transceivers = one.peer.getTransceivers();
  return lines.map((text) => {
    const [, at, kind, direction, sends] = /^(?:(\d+) )?(audio|video) (\w+)( track)?$/.exec(text);
    const mid = at === undefined ? undefined : (one.mids[at] ?? 'nowhere');
    const transceiver = mid === undefined ? undefined : transceivers.find((line) => line.mid === mid);
    if (mid !== undefined && !transceiver) throw new DOMException('', 'NotFoundError');
    const track = sends ? one.stream.getTracks().find((track) => track.kind === kind) : null;
    return { mid, kind, direction, track, transceiver };
  });
}

async function putOn(one, transceiver, direction, track) {
  if (transceiver.sender.track !== track) await transceiver.sender.replaceTrack(track);
  if (track) transceiver.sender.setStreams?.(one.stream);
  transceiver.direction = direction;
}

function take(list, fits) {
  const at = list.findIndex(fits);
  return at < 0 ? undefined : list.splice(at, 1)[0];
}

/** Sets a description of our own; returns it with its candidates. */
async function gathered(peer, description) {
  const complete = new Promise((done) => peer.addEventListener('icecandidate', ({ candidate }) => candidate === null && done()));
  const known = peer.iceGatheringState === 'complete';
  await peer.setLocalDescription(description);
  if (!known || peer.iceGatheringState !== 'complete') await complete;
  return peer.localDescription.sdp;
}

/** As `crates/core/src/transport.rs` has it. */
function keepsTransport(peer, offer) {
  const agreed = [peer.localDescription?.sdp ?? '', peer.currentRemoteDescription?.sdp ?? ''];
  const ufrags = (sdp) => new Map(sectionsOf(sdp).map((lines) => [value(lines, 'mid'), value(lines, 'ice-ufrag')]));
  const before = ufrags(agreed[0]);
  const same = [...ufrags(offer)].every(([mid, ufrag]) => !before.has(mid) || before.get(mid) === ufrag);
  return same && [...agreed, offer].every((sdp) => sdp.includes('\na=group:BUNDLE ')) && offer.includes('a=candidate:');
}

function described(one, step, sdp, made) {
  made.set(step.sdp, sdp);
  one.mids = midsOf(sdp);
  return `made ${sectionsOf(sdp).map(inWords).join(', ')}`;
}

/** A section in words: kind, whether it is refused, direction, whether a stream is named where something is sent. */
function inWords(lines) {
  const [kind, port] = lines[0].slice(2).split(' ');
  const direction = lines.find((line) => /^a=(sendrecv|sendonly|recvonly|inactive)$/.test(line))?.slice(2);
  const sends = direction === 'sendrecv' || direction === 'sendonly';
  const named = sends && lines.some((line) => line.startsWith('a=msid:') && !line.startsWith('a=msid:-'));
  const rejected = port === '0' && !lines.includes('a=bundle-only');
  return [kind, rejected && 'rejected', direction, named && 'msid'].filter(Boolean).join(' ');
}

/** Only the first sections, without a group. */
function shortened(sdp, keep = Infinity) {
  const sections = sectionsOf(sdp);
  if (sections.length <= keep) return sdp;
  const head = sdp.split(/\r?\nm=/)[0].split(/\r?\n/).filter((line) => !line.startsWith('a=group:'));
  return [...head, ...sections.slice(0, keep).flat(), ''].join('\r\n');
}

function sectionsOf(sdp) {
  return sdp.split(/\r?\n(?=m=)/).slice(1).map((section) => section.split(/\r?\n/).filter(Boolean));
}

function value(lines, name) {
  return lines.find((line) => line.startsWith(`a=${name}:`))?.slice(name.length + 3);
}

function midsOf(sdp) {
  return sectionsOf(sdp).map((lines) => value(lines, 'mid'));
}
