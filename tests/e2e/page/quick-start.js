// A page in the style of the quick-starts that applications of Kandy.js 3.x began with. It uses the SDK as such a page does;
// only the import and the server are ours.
import { create } from '/kandy-wasm/index.js';

const server = { server: location.hostname, port: location.port };

const kandy = create({
  call: {
    callDefaults: { sendInitialVideo: false },
  },
  authentication: {
    subscription: { ...server, protocol: 'http' },
    websocket: { ...server, protocol: 'ws' },
  },
});

const element = (id) => document.getElementById(id);

// The call that is on, or that rings.
let callId;

function log(message) {
  const line = document.createElement('div');
  line.textContent = message;
  element('messages').appendChild(line);
}

function login() {
  kandy.connect({ username: element('username').value, password: element('password').value });
}

function makeCall() {
  const callee = element('callee').value;
  const withVideo = element('make-with-video').checked;
  log('Making call to ' + callee);
  callId = kandy.call.make(callee, {
    sendInitialVideo: withVideo,
    remoteVideoContainer: element('remote-container'),
    localVideoContainer: element('local-container'),
    normalizeAddress: true,
  });
}

function answerCall() {
  const call = kandy.call.getById(callId);
  log('Answering call from ' + call.from);
  kandy.call.answer(callId, {
    sendInitialVideo: element('answer-with-video').checked,
    remoteVideoContainer: element('remote-container'),
    localVideoContainer: element('local-container'),
  });
}

function rejectCall() {
  const call = kandy.call.getById(callId);
  log('Rejecting call from ' + call.from);
  kandy.call.reject(callId);
}

function endCall() {
  const call = kandy.call.getById(callId);
  log('Ending call from ' + call.from);
  kandy.call.end(callId);
}

kandy.on('auth:change', () => {
  if (kandy.getConnection().isConnected) log('Signed in.');
});

kandy.on('auth:error', (params) => {
  log('Could not sign in: ' + params.error.message);
});

kandy.on('call:start', () => {
  log('Call successfully started. Waiting for response.');
});

kandy.on('call:error', (params) => {
  log('Error: ' + params.error.message);
});

kandy.on('media:error', (params) => {
  log('Media error: ' + params.error.message);
});

kandy.on('call:stateChange', (params) => {
  log('Call state changed to: ' + params.state);
  if (params.state === 'ENDED') {
    callId = null;
    log('No call is on.');
  }
});

kandy.on('call:receive', (params) => {
  callId = params.callId;
  const call = kandy.call.getById(callId);
  log('Received incoming call from ' + call.from);
});

element('login').addEventListener('click', login);
element('make').addEventListener('click', makeCall);
element('answer').addEventListener('click', answerCall);
element('reject').addEventListener('click', rejectCall);
element('end').addEventListener('click', endCall);
