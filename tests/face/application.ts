// An application as the types see it: compiled by types.test.mjs, never run. A line marked as an error has to be one.
import kandy, { create, sdpHandlers, BasicError, type Client, type CallObject, type Config } from '../../js/index.js';
const config: Config = { authentication: { subscription: { server: 'h', port: 80 } }, connectivity: { method: 'pingPong' }, logs: { logLevel: 'debug', logActions: false } };
const client: Client = create(config);
client.on('call:start', ({ callId, error }) => { const id: string = callId; if (error) { const e: BasicError = error; e.code; } });
client.on('call:stateChange', ({ previous, transition }) => { previous.state === 'On Hold'; transition?.statusCode; });
client.on('something:else', (p) => { const unknown: unknown = p; unknown; });
client.subscribe((type, [payload]) => { type === 'auth:change' && 'reason' in payload && payload.reason; });
const id = client.call.make('bob', { audio: true, videoOptions: { width: 640 } }, { bandwidth: { audio: 100 } });
const call: CallObject | undefined = client.call.getById(id);
call?.state === client.call.states.CONNECTED;
const s = client.connection.getSocketState(); if (!(s instanceof Error)) s.connected;
kandy({}).getVersion(); kandy.create(); kandy.sdpHandlers.createCodecRemover(['VP8']); sdpHandlers.createCodecRemover([{ name: 'H264' }]);
client.media.renderTracks([], document.body); client.media.removeTracks([], '#remote');
create({ logs: { logActions: true } }); create({ logs: { logActions: { diff: true, excludeActions: ['timer'] }, enableGrouping: false } });
create({ logs: { handler: ({ timestamp, level, target, message, args }) => { timestamp > 0 && level === 'warn' && `${target} ${message} ${args.length}`; } } });
client.updateToken({ accessToken: 'a' }); client.updateConnection(['call']); client.updateConnection({ services: ['call'] });
client.connection.enableConnectivityChecking(false); client.getCapabilities().includes('call');
client.notification.process({}); client.notification.process({}, 'PUSH', 'uc'); client.notification.deregisterPush(); client.notification.enableWebsocket(true);
client.notification.registerPush({ deviceToken: 'd', services: ['call'], pushProvider: 'apple', clientCorrelator: 'c' });
client.on('notifications:error', ({ channel, error }) => { const e: BasicError = error; channel === 'PUSH' && e.code; });
client.on('auth:resub', ({ attemptNum, isFailure, error }) => { attemptNum > 1 && isFailure && error?.code; });
create({ call: { callDefaults: { sendInitialVideo: false, remoteVideoContainer: document.body } } });
const older: string = client.call.make('bob', { isAudioEnabled: true, contact: { firstName: 'Alice' }, normalizeAddress: true });
client.call.answer(older, { sendInitialVideo: true, localVideoContainer: 'local' }); client.call.mute(older); client.media.init();
// @ts-expect-error neither style
client.call.make('bob', { sendInitialVideo: 'yes' });
// @ts-expect-error neither a text nor an element
client.media.renderTracks([], 7);
// @ts-expect-error no media
client.call.make('bob');
// @ts-expect-error unknown state
call?.state === 'Dialling';
// @ts-expect-error no device
client.notification.registerPush({});
// @ts-expect-error neither a list nor an object with one
client.updateConnection('call');
