// A part of an application: a button that calls somebody, and what has become of it.
const { create } = require('kandy-wasm');

/**
 * @param {HTMLElement} root where it is shown
 * @param {{ username: string, password: string }} credentials
 */
function showDialer(root, credentials) {
  root.innerHTML = '<output>offline</output> <button>Call Bob</button> <div class="media"></div>';
  const [status, button] = root.querySelectorAll('output, button');
  const server = 'gateway.example.com';
  const client = create({
    logs: { logLevel: 'silent' },
    authentication: { subscription: { server }, websocket: { server } },
  });
  let call;
  const showConnection = () => (status.textContent = client.getConnection().isConnected ? 'online' : 'offline');
  client.on('auth:change', showConnection);
  client.on('ws:change', showConnection);
  client.on('call:stateChange', ({ callId, error }) => {
    const { state } = client.call.getById(callId);
    status.textContent = error ? error.message : state;
    button.textContent = state === 'Ended' ? 'Call Bob' : 'Hang up';
    if (state === 'Ended') call = undefined;
  });
  client.on('call:newTrack', ({ local, trackId }) => local || client.media.renderTracks([trackId], '.media'));
  button.onclick = () => {
    if (call) client.call.end(call);
    else call = client.call.make('bob@example.com', { audio: true });
  };
  client.connect(credentials);
}

module.exports = { showDialer };
