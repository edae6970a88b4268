// Where peer connections find each other: two whose descriptions in force are each other's are connected while both lines are up.

import type { Clock } from './clock.js';
import type { FakePeer } from './peer.js';

/** Milliseconds from the last description to media. */
const CONNECT_MS = 30;
/** Milliseconds after which browsers say that nothing comes any more. */
const DISCONNECTED_MS = 5_000;
/** Milliseconds after which they give it up. */
const FAILED_MS = 25_000;

/** All connections of a world. */
export interface Field {
  /** This one is stable with other descriptions than before. */
  look(peer: FakePeer): void;
  /** This one is closed. */
  leave(peer: FakePeer): void;
}

/** Nobody is there yet. */
export function createField(clock: Clock): Field {
  const peers = new Map<FakePeer, () => void>();
  const pairs = new Map<FakePeer, FakePeer>();
  /** With whose candidates a connection failed; with others it may go on. */
  const failedWith = new Map<FakePeer, string | undefined>();

  const fits = (one: FakePeer, two: FakePeer): boolean => one !== two && one.remoteUfrag === two.ufrag && two.remoteUfrag === one.ufrag;
  const works = (peer: FakePeer): boolean => {
    const partner = pairs.get(peer);
    return partner !== undefined && peers.has(partner) && peer.line.state === 'up' && partner.line.state === 'up';
  };
  /** A line of either changed, or the other one is gone. */
  const check = (peer: FakePeer): void => {
    if (!peers.has(peer)) return;
    if (works(peer)) {
      if (peer.connectionState !== 'failed') clock.after(CONNECT_MS, () => works(peer) && peer.connection('connected'));
      return;
    }
    if (peer.connectionState === 'failed') return;
    clock.after(DISCONNECTED_MS, () => !works(peer) && peer.connectionState === 'connected' && peer.connection('disconnected'));
    clock.after(FAILED_MS, () => {
      if (works(peer) || !peers.has(peer)) return;
      failedWith.set(peer, peer.remoteUfrag);
      peer.connection('failed');
    });
  };

  return {
    look: (peer) => {
      if (!peers.has(peer)) {
        const stop = peer.line.watch(() => [peer, pairs.get(peer)].forEach((one) => one && check(one)));
        peers.set(peer, stop);
      }
      if (peer.connectionState === 'failed' && failedWith.get(peer) !== peer.remoteUfrag) peer.connection('connecting');
      if (peer.connectionState === 'new') peer.connection('connecting');
      const partner = [...peers.keys()].find((other) => fits(peer, other));
      if (!partner) return;
      pairs.set(peer, partner);
      pairs.set(partner, peer);
      if (peer.connectionState !== 'connected' || partner.connectionState !== 'connected') [peer, partner].forEach(check);
    },
    leave: (peer) => {
      peers.get(peer)?.();
      peers.delete(peer);
      const partner = pairs.get(peer);
      pairs.delete(peer);
      if (partner) check(partner);
    },
  };
}
