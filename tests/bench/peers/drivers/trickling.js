// The least that a browser can do: descriptions travel at once, and candidates after them.
import { carried, hangUp, offerSound } from './bare.js';

export { client, load } from './bare.js';

export async function call() {
  const [one, two] = [new RTCPeerConnection(), new RTCPeerConnection()];
  const trickle = (from, to) => {
    // A candidate is good for nothing before the description that it belongs to.
    let described;
    const ready = new Promise((resolve) => (described = resolve));
    from.onicecandidate = async ({ candidate }) => {
      const arrived = await carried(candidate ?? {});
      await ready;
      if (candidate && to.signalingState !== 'closed') await to.addIceCandidate(arrived);
    };
    return async () => {
      await to.setRemoteDescription(await carried(from.localDescription));
      described();
    };
  };
  const [offer, answer] = [trickle(one, two), trickle(two, one)];
  await offerSound(one);
  await offer();
  await offerSound(two);
  await answer();
  return hangUp(one, two);
}
