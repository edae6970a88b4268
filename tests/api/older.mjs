// What Kandy.js 3.x has beyond 4.8 (legacy-3x 1 to 6), for docs/guide/migration.md. `has` are the names on a client; a test looks that
// they are there, and that what is said to be missing is.

/** @type {{ name: string, has?: string[], lacks?: string[], says: string }[]} */
export const OLDER = [
  { name: 'createKandy(config)', says: 'There with `kandy.js`, the build for a plain `<script>`. Otherwise import `create`.' },
  { name: 'call.make(callee, options)', has: ['call.make'], says: 'Works, with the options of the next table.' },
  { name: 'call.answer(callId, options)', has: ['call.answer'], says: 'Works.' },
  {
    name: 'call.end, reject, ignore, hold, unhold, getAll, getById, consultativeTransfer, join, directTransfer',
    has: ['end', 'reject', 'ignore', 'hold', 'unhold', 'getAll', 'getById', 'consultativeTransfer', 'join', 'directTransfer'].map((name) => `call.${name}`),
    says: 'The same.',
  },
  { name: 'call.forwardCall(callId, destination)', has: ['call.forwardCall', 'call.forward'], says: 'Works; now `forward`.' },
  {
    name: 'call.mute, unmute, silence, unsilence',
    has: ['call.mute', 'call.unmute', 'call.silence', 'call.unsilence', 'media.muteTracks', 'media.unmuteTracks'],
    says: 'Work; now `media.muteTracks` and `media.unmuteTracks` with own or remote tracks.',
  },
  { name: 'call.startVideo, stopVideo', has: ['call.startVideo', 'call.stopVideo', 'call.addMedia', 'call.removeMedia'], says: 'Work; now `addMedia` and `removeMedia`.' },
  { name: 'call.sendDTMF(callId, tone)', has: ['call.sendDTMF'], says: 'Works; a number is taken as a tone.' },
  { name: 'call.mediaStates', has: ['call.mediaStates'], says: 'Names only; no event carries them.' },
  { name: 'media.init()', has: ['media.init'], says: 'Does nothing, and tells `media:initialize`.' },
  { name: 'call.startScreenshare, stopScreenshare', lacks: ['call.startScreenshare', 'call.stopScreenshare'], says: 'Not there.' },
  {
    name: 'call.getCustomParameters, setCustomParameters, sendCustomParameters',
    lacks: ['call.getCustomParameters', 'call.setCustomParameters', 'call.sendCustomParameters'],
    says: 'Not there.',
  },
  { name: 'call.changeInputDevices', lacks: ['call.changeInputDevices'], has: ['call.replaceTrack'], says: 'Not there: use `replaceTrack`.' },
  { name: 'call.changeSpeaker', lacks: ['call.changeSpeaker'], has: ['media.renderTracks'], says: 'Not there: use `renderTracks` with `speakerId`.' },
  { name: 'call.makeAnonymous', lacks: ['call.makeAnonymous'], says: 'Not there.' },
  {
    name: 'media.setDefaultDevices, startPreviewVideo, stopPreviewVideo, promptUserMedia',
    lacks: ['media.setDefaultDevices', 'media.startPreviewVideo', 'media.stopPreviewVideo', 'media.promptUserMedia'],
    says: 'Not there: a preview is a `<video>` with what `navigator.mediaDevices.getUserMedia` gives.',
  },
  { name: 'audioBridge.*', lacks: ['audioBridge'], says: 'Not there.' },
  { name: 'call:error', says: 'Comes after each event of a call that has an error, also for applications of 4.8.' },
  { name: 'media:error', says: 'Comes after `call:error` if microphone or camera could not be had.' },
  { name: 'call:stateChange', says: 'Has `state` in the words of 3.x beside the members of 4.8, and `transition` as 3.x had it if `callDefaults` are given.' },
  { name: 'call:join', says: 'Has `joinedCalls`.' },
  { name: 'devices:change', says: 'Has `devices`.' },
  { name: 'media:initialize', says: 'Comes upon `media.init()`.' },
  {
    name: 'call:mediaStateChange, call:screenshareChange, call:forward, devices:defaultsChange, devices:error, media:permissions, videoPreview:change, videoPreview:error',
    says: 'Do not come.',
  },
];
