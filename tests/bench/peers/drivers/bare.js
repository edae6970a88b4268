// Nothing but the browser: descriptions travel when gathering is complete, over as many lines as those of the libraries.
import { line } from '../line.js';

const AUDIO = { audio: true };

export async function load() {}

export function client() {
  return { start: async () => {} };
}

export async function call() {
  const one = new RTCPeerConnection();
  await offerSound(one);
  await gathered(one);
  const offer = await carried(one.localDescription);
  const two = new RTCPeerConnection();
  await two.setRemoteDescription(offer);
  await offerSound(two);
  await gathered(two);
  await one.setRemoteDescription(await carried(two.localDescription));
  return hangUp(one, two);
}

/** What ends a call. */
export function hangUp(...connections) {
  return async () => {
    for (const connection of connections) {
      connection.getSenders().forEach(({ track }) => track?.stop());
      connection.close();
    }
  };
}

/** Takes the microphone and makes a description, of an offer or an answer. */
export async function offerSound(connection) {
  const stream = await navigator.mediaDevices.getUserMedia(AUDIO);
  connection.addTrack(stream.getAudioTracks()[0], stream);
  await connection.setLocalDescription();
}

/** Hands over something as text, by way of somebody in the middle. */
export function carried(value) {
  const [here, middle] = line();
  const [onward, there] = line();
  return new Promise((resolve) => {
    middle.hear((text) => onward.send(text));
    there.hear((text) => {
      [here, middle, onward, there].forEach((end) => end.close());
      resolve(JSON.parse(text));
    });
    here.send(JSON.stringify(value));
  });
}

function gathered(connection) {
  return new Promise((resolve) => {
    const look = () => connection.iceGatheringState === 'complete' && resolve();
    connection.addEventListener('icegatheringstatechange', look);
    look();
  });
}
