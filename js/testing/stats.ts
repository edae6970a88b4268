// The statistics of a connection: counters that grow with the time of the world, as if media had flowed since it was connected.

import type { FakePeer } from './peer.js';
import { sends } from './sdp.js';
import type { FakeTransceiver } from './transceiver.js';

/** Packets a second: Opus with 20 ms, and a picture of about 1 Mbit/s. */
const PACKETS = { audio: 50, video: 100 } as const;
/** Bytes of a packet. */
const BYTES = { audio: 100, video: 1_200 } as const;

/** An `RTCStatsReport`: entries by their ids. */
export function reportOf(peer: FakePeer, lines: FakeTransceiver[], timestamp: number): Map<string, object> {
  const report = new Map<string, object>();
  const put = (type: string, id: string, members: object): unknown => report.set(id, { id, type, timestamp, ...members });
  const seconds = peer.since === undefined ? 0 : (timestamp - peer.since) / 1000;
  put('transport', 'T', { dtlsState: peer.since === undefined ? 'new' : 'connected', iceState: peer.iceConnectionState });
  if (peer.since !== undefined) {
    put('candidate-pair', 'CP', { state: 'succeeded', nominated: true, currentRoundTripTime: 0.01, localCandidateId: 'L', remoteCandidateId: 'R' });
    for (const [id, type] of [['L', 'local-candidate'], ['R', 'remote-candidate']] as const) {
      put(type, id, { candidateType: 'host', protocol: 'udp', address: '127.0.0.1', port: 50_000 });
    }
  }
  for (const { kind, mid, sender, receiver, currentDirection, hears } of lines) {
    const packets = Math.floor(seconds * PACKETS[kind]);
    const bytes = packets * BYTES[kind];
    if (sender.track && sends(currentDirection)) {
      put('outbound-rtp', `O${mid}`, { kind, mid, packetsSent: packets, bytesSent: bytes, trackIdentifier: sender.track.id });
    }
    if (hears) {
      put('inbound-rtp', `I${mid}`, { kind, mid, packetsReceived: packets, bytesReceived: bytes, packetsLost: 0, jitter: 0.001, trackIdentifier: receiver.track.id });
    }
  }
  return report;
}
