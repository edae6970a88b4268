// Configuration, calls and media as the types see them: compiled by types.test.mjs, never run. A line marked as an error has to be one.
import kandy, { BasicError, create, sdpHandlers, type CallObject, type CallState, type Client, type Config, type MergedConfig, type ParsedSdp, type SdpHandler } from 'kandy-wasm';
import { is } from './same.js';

// Configuration: every section may be left out, and every member of each.
const config: Config = {
  logs: { logLevel: 'warn', logActions: { diff: true }, handler: ({ level, args }) => `${level} ${args.length}` },
  authentication: { subscription: { server: 'gw.example', port: 443, version: '1', service: ['call'] }, websocket: { server: 'gw.example' }, earlyRefreshMargin: 60 },
  call: { iceServers: [{ urls: ['turn:t.example'], username: 'u', credential: 'c' }], sdpHandlers: [sdpHandlers.createCodecRemover(['VP8'])], iceserver: [{ url: 'stun:s.example' }] },
  connectivity: { method: { type: 'pingPong', responsibleParty: 'server' }, pingInterval: 10_000, autoReconnect: true },
  notifications: { idCacheLength: 50, pushRegistration: { server: 'push.example' } },
  messaging: { features: ['base'] },
  common: { allowProxy: false },
  ours: { any: 'thing' },
};
const client: Client = create(config);
is<ReturnType<typeof kandy>, Client>(true);
is<ReturnType<Client['getConfig']>, MergedConfig>(true);
client.updateConfig({ connectivity: { pingInterval: 5_000 } });
client.proxy?.getProxyMode();

const handler: SdpHandler = (newSdp, { type, endpoint }, originalSdp) => {
  is<typeof newSdp, ParsedSdp>(true);
  is<typeof type, 'offer' | 'answer' | undefined>(true);
  return endpoint === 'local' ? { ...newSdp, media: newSdp.media.filter(({ rtp }) => rtp?.some(({ codec }) => codec === 'opus')) } : originalSdp;
};
create({ call: { sdpHandlers: [handler] } });

// Calls.
const callId = client.call.make('bob@example.com', { audio: true, audioOptions: { deviceId: { exact: 'd' } }, video: true, videoOptions: { width: { ideal: 640 }, frameRate: 15 } }, { displayName: 'Alice', bandwidth: { audio: 64 } });
is<typeof callId, string>(true);
client.call.answer(callId, { audio: true }, { bandwidth: { video: 500 } });
client.call.addMedia(callId, { video: true });
client.call.addMedia(callId);
client.call.removeMedia(callId, ['t']);
client.call.replaceTrack(callId, 't', { video: true });
client.call.sendDTMF(callId, 5);
client.call.sendDTMF(callId, '5#', 100, 70);
client.call.getStats(callId);
const { end } = client.call;
end(callId);
const call = client.call.getById(callId);
is<typeof call, CallObject | undefined>(true);
is<CallObject['state'], CallState>(true);
is<CallObject['localHold'], boolean | undefined>(true);
if (call?.error) is<typeof call.error, BasicError>(true);
call?.state === client.call.states.ON_HOLD;

// Media.
const { camera } = client.media.getDevices();
client.media.renderTracks(['t'], '#remote', { speakerId: camera[0]?.deviceId ?? '' });
client.media.renderTracks(['t'], document.body);
is<ReturnType<Client['media']['getTrackById']>, import('kandy-wasm').TrackObject | undefined>(true);

// Signing in.
client.connect({ username: 'alice@example.com', password: 'p' });
client.connect({ username: 'alice@example.com', hmacToken: 't' });
const socket = client.connection.getSocketState('uc');
if (!(socket instanceof Error)) is<typeof socket.connected, boolean>(true);

// @ts-expect-error a level is a text
create({ logs: { logLevel: 3 } });
// @ts-expect-error misspelt
create({ authentication: { subscription: { host: 'gw.example' } } });
// @ts-expect-error servers are a list
create({ call: { iceServers: { urls: 'stun:s.example' } } });
// @ts-expect-error a handler returns a description
create({ call: { sdpHandlers: [() => undefined] } });
// @ts-expect-error no interval
client.updateConfig({ connectivity: { pingInterval: 'often' } });
// @ts-expect-error no credentials
client.connect();
// @ts-expect-error misspelt
client.connect({ user: 'alice@example.com', password: 'p' });
// @ts-expect-error no media
client.call.make('bob@example.com');
// @ts-expect-error a destination is a text
client.call.make(42, { audio: true });
// @ts-expect-error media are wanted or not
client.call.make('bob@example.com', { audio: 'yes' });
// @ts-expect-error misspelt
client.call.make('bob@example.com', { audio: true }, { name: 'Alice' });
// @ts-expect-error kbit/s are a number
client.call.make('bob@example.com', { audio: true }, { bandwidth: { audio: '64' } });
// @ts-expect-error no media
client.call.answer(callId);
// @ts-expect-error tracks are a list
client.call.removeMedia(callId, 't');
// @ts-expect-error no media
client.call.replaceTrack(callId, 't');
// @ts-expect-error unknown state
call?.state === 'Dialling';
// @ts-expect-error it may not be there
client.call.getById(callId).state;
// @ts-expect-error neither a text nor an element
client.media.renderTracks([], 7);
// @ts-expect-error states are not changed
client.call.states.ENDED = 'Over';
