// Configuration: defaults, merging, copies (api-behaviour 2).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runInNewContext } from 'node:vm';
import { ROWS } from '../api/rows.mjs';
import { covers } from '../lib/covers.mjs';
import { QUIET, face, fakeEngine } from './lib/face.mjs';

const { createSettings, createWith, isLegacy } = await face(['config.ts', 'client.ts']);
const merged = (config) => createSettings(config).get();

test('without a configuration there are the documented defaults', () => {
  const config = merged(undefined);
  assert.deepEqual(config.authentication, {
    subscription: {
      protocol: 'https', port: '443', version: 'v2.0', expires: 3600, service: ['call', 'IM', 'Presence'],
      localization: 'English_US', useTurn: true, notificationType: 'WebSocket',
    },
    websocket: { protocol: 'wss', port: '443' },
    earlyRefreshMargin: 300,
  });
  assert.deepEqual(config.call, {
    sdpSemantics: 'plan-b', iceServers: [], serverTurnCredentials: true, sdpHandlers: [], removeH264Codecs: true,
    trickleIceMode: 'NONE', normalizeDestination: true,
  });
  assert.deepEqual(config.connectivity, {
    method: { type: 'keepAlive', responsibleParty: 'client' }, pingInterval: 30000, reconnectLimit: 5, reconnectDelay: 5000,
    reconnectTimeMultiplier: 1, reconnectTimeLimit: 640000, autoReconnect: true, maxMissedPings: 3, checkConnectivity: true,
  });
  assert.equal(config.notifications.idCacheLength, 100);
  assert.deepEqual(config.messaging.features, ['base', 'parts', 'rich', 'history', 'group']);
  assert.equal(config.logs.logLevel, 'debug');
  for (const nothing of [null, 'x', 7, []]) assert.deepEqual(merged(nothing), config);
});

test('defaults are those of the API tables, on UC and on Link', () => {
  const configs = { uc: merged({}), link: merged({ authentication: { subscription: { version: '1' } } }) };
  const stated = ROWS.flatMap(({ id, defaults = {} }) => Object.entries(defaults).map(([flavour, value]) => [id, flavour, value]));
  assert.ok(stated.length > 40, `${stated.length} defaults`);
  for (const [id, flavour, value] of stated) {
    const path = id.replace('config ', '').split('.');
    assert.equal(path.reduce((section, name) => section[name], configs[flavour]), value, `${id} (${flavour})`);
  }
});

test('version 1 means a Link gateway and its defaults', () => {
  for (const version of ['1', 1]) {
    const config = merged({ authentication: { subscription: { version } } });
    assert.deepEqual(config.authentication.subscription.service, ['IM', 'Presence', 'call']);
    assert.equal(config.authentication.subscription.version, version);
    assert.equal('localization' in config.authentication.subscription, false);
    assert.deepEqual(config.messaging.features, ['base']);
  }
  const config = merged({ authentication: { subscription: { version: 'v3.0' } } });
  assert.deepEqual(config.authentication.subscription.service, ['call', 'IM', 'Presence']);
});

test('sections are merged to any depth, arrays are replaced, unknown members are kept', (t) => {
  const config = merged({
    authentication: { subscription: { server: 'h', service: ['call'], port: undefined }, websocket: { server: 'w' } },
    notifications: { pushRegistration: { server: 'p' } },
    logs: { logActions: { diff: true } },
    call: { mine: { a: 1 } },
    own: { b: 2 },
  });
  assert.equal(config.authentication.subscription.protocol, 'https');
  assert.equal(config.authentication.subscription.port, '443');
  assert.deepEqual(config.authentication.subscription.service, ['call']);
  assert.deepEqual([config.logs.logActions.diff, config.logs.logActions.actionOnly], [true, true]);
  assert.deepEqual([config.call.mine, config.own], [{ a: 1 }, { b: 2 }]);
  assert.deepEqual(config.authentication.websocket, { protocol: 'wss', port: '443', server: 'w' });
  assert.deepEqual(config.notifications, { idCacheLength: 100, pushRegistration: { server: 'p' } });
  covers(t, 'config logs', 'config authentication', 'config authentication.subscription', 'config authentication.websocket', 'config notifications');
  assert.equal(merged({ logs: { logActions: false } }).logs.logActions, false);
  assert.deepEqual(merged({ logs: { logActions: true } }).logs.logActions, merged({}).logs.logActions);
});

test('connectivity is merged on its first level only; a text as method is a type', (t) => {
  assert.deepEqual(merged({ connectivity: { method: { type: 'pingPong' }, pingInterval: undefined } }).connectivity.method, { type: 'pingPong' });
  assert.equal(merged({ connectivity: { pingInterval: undefined } }).connectivity.pingInterval, 30000);
  assert.deepEqual(merged({ connectivity: { method: 'pingPong' } }).connectivity.method, { type: 'pingPong', responsibleParty: 'client' });
  covers(t, 'config connectivity', 'config connectivity.method');
});

test('spellings of older versions', (t) => {
  const server = { urls: 'stun:example' };
  assert.deepEqual(merged({ call: { iceserver: [server] } }).call.iceServers, [server]);
  assert.equal('iceserver' in merged({ call: { iceserver: [server] } }).call, false);
  assert.deepEqual(merged({ call: { iceserver: [server], iceServers: [] } }).call.iceServers, []);
  const { logs } = merged({ logs: { logActions: { flattenActions: true } } });
  assert.deepEqual([logs.flatten, 'flattenActions' in logs.logActions], [true, false]);
  covers(t, 'config logs.logActions.flattenActions');
});

test('the configuration of a client of 3.x', () => {
  const { call } = merged({
    call: {
      callDefaults: { sendInitialVideo: false },
      iceserver: [{ url: 'stun:a' }, { urls: ['turn:b'], username: 'u' }, 'x'],
      serverProvidedTurnCredentials: false,
    },
  });
  assert.deepEqual(call.iceServers, [{ urls: 'stun:a' }, { urls: ['turn:b'], username: 'u' }, 'x']);
  assert.deepEqual([call.serverTurnCredentials, 'serverProvidedTurnCredentials' in call], [false, false]);
  assert.deepEqual([call.callDefaults, call.sdpSemantics], [{ sendInitialVideo: false }, 'unified-plan']);
  assert.equal(merged({ call: { callDefaults: {}, sdpSemantics: 'plan-b' } }).call.sdpSemantics, 'plan-b');
  assert.equal(merged({ call: { serverProvidedTurnCredentials: true, serverTurnCredentials: false } }).call.serverTurnCredentials, false);
  assert.deepEqual(merged({ call: { iceserver: 'x' } }).call.iceServers, 'x');
});

test('which configurations make a client of 3.x', () => {
  for (const call of [{ callDefaults: {} }, { legacy: true }, { legacy: true, callDefaults: 'x' }, { legacy: 'no', callDefaults: {} }]) {
    assert.equal(isLegacy(call), true, JSON.stringify(call));
  }
  for (const call of [undefined, null, 'x', {}, { legacy: false, callDefaults: {} }, { callDefaults: null }, { callDefaults: true }, { legacy: 1 }]) {
    assert.equal(isLegacy(call), false, JSON.stringify(call));
  }
});

test('defaults of calls stay in the face: elements can hold anything', () => {
  const element = new (class Element { knot = this; })();
  const settings = createSettings({ call: { callDefaults: { remoteVideoContainer: element } } });
  assert.equal(settings.get().call.callDefaults.remoteVideoContainer, element);
  assert.equal(settings.forEngine().call.callDefaults, undefined);
});

test('members without effect are named in one line, and only then', (t) => {
  const lines = [];
  t.mock.method(console, 'log', (line) => lines.push(line));
  const noted = (call) => {
    lines.length = 0;
    createWith(fakeEngine().load, { ...QUIET, logs: { logLevel: 'debug' }, call });
    return lines.filter((line) => line.includes('Without effect')).map((line) => line.replace(/.*: /, ''));
  };
  assert.deepEqual(noted({ earlyMedia: true, callDefaults: {}, useRelay: true, iceServers: [] }), ['call.earlyMedia, call.useRelay']);
  for (const call of [undefined, null, { callDefaults: {}, legacy: true, serverProvidedTurnCredentials: true }]) assert.deepEqual(noted(call), []);
});

test('objects of another realm are as good as our own', () => {
  assert.equal(merged(runInNewContext('({ call: { removeH264Codecs: false } })')).call.removeH264Codecs, false);
});

test('a member called __proto__ changes nothing but itself', () => {
  const config = merged(JSON.parse('{ "call": { "__proto__": { "polluted": true } } }'));
  assert.equal({}.polluted, undefined);
  assert.equal(config.call.polluted, undefined);
});

test('S15: the caller\'s objects are neither kept nor changed', () => {
  const handler = () => {};
  const given = { call: { sdpHandlers: [handler], iceserver: [{ urls: ['stun:a'] }] } };
  const settings = createSettings(given);
  given.call.sdpHandlers.push(handler);
  given.call.iceserver[0].urls.push('stun:b');
  assert.deepEqual(settings.get().call.sdpHandlers, [handler]);
  assert.deepEqual(settings.get().call.iceServers, [{ urls: ['stun:a'] }]);
  assert.ok('iceserver' in given.call);
});

test('getConfig is a deep copy', (t) => {
  const client = createWith(fakeEngine().load, QUIET);
  client.getConfig().authentication.subscription.service.push('x');
  client.getConfig().connectivity.method.type = 'x';
  assert.deepEqual(client.getConfig().authentication.subscription.service, ['call', 'IM', 'Presence']);
  assert.equal(client.getConfig().connectivity.method.type, 'keepAlive');
  assert.equal(client.getConfig().authentication.subscription.server, 'gateway.example');
  covers(t, 'getConfig');
});

test('the logs of another part of 4.8 are accepted, and do nothing', (t) => {
  for (const enableFcsLogs of [true, false]) assert.equal(merged({ logs: { enableFcsLogs } }).logs.enableFcsLogs, enableFcsLogs);
  assert.equal(merged({}).logs.enableFcsLogs, true);
  covers(t, 'config logs.enableFcsLogs');
});

test('S15: updateConfig merges to any depth, replaces arrays, skips undefined, stores null and unknown members', (t) => {
  const client = createWith(fakeEngine().load, { ...QUIET, authentication: { subscription: { server: 'h' } } });
  client.updateConfig({
    authentication: { subscription: { service: ['X'], port: undefined, server: null } },
    connectivity: { method: { type: 'pingPong' } },
    own: [1],
  });
  const { authentication, connectivity, own } = client.getConfig();
  assert.deepEqual(authentication.subscription.service, ['X']);
  assert.deepEqual([authentication.subscription.port, authentication.subscription.server], ['443', null]);
  assert.deepEqual(connectivity.method, { type: 'pingPong', responsibleParty: 'client' });
  assert.deepEqual(own, [1]);
  client.updateConfig({ connectivity: { method: 'keepAlive' } });
  assert.deepEqual(client.getConfig().connectivity.method, { type: 'keepAlive', responsibleParty: 'client' });
  covers(t, 'updateConfig', 'updateConfig(newConfigValues)');
});

/** Attempts to change what is fixed, and the names that are refused. */
const FIXED = [
  [{ logs: { logLevel: 'error', handler: () => {}, logActions: { diff: true } } }, ['logs.logLevel', 'logs.logActions', 'logs.handler']],
  [{ logs: { logActions: false, own: 1 } }, ['logs.logActions', 'logs.own']],
  [{ logs: null }, ['logs']],
  [{ call: { sdpHandlers: [] } }, ['call.sdpHandlers']],
  [{ call: { sdpHandlers: [() => {}], removeH264Codecs: false, legacy: true } }, ['call.sdpHandlers', 'call.removeH264Codecs', 'call.legacy']],
  [{ call: { removeH264Codecs: null } }, ['call.removeH264Codecs']],
  [{ call: null }, ['call']],
  [{ call: [] }, ['call']],
];

for (const [values, refused] of FIXED) {
  test(`what is fixed at create stays as it is: ${refused.join(', ')}`, () => {
    const handler = () => {};
    const settings = createSettings({ call: { sdpHandlers: [handler] } });
    const before = settings.get();
    assert.deepEqual(settings.update(values), refused);
    assert.deepEqual(settings.get(), before, 'the values in force');
    assert.equal(settings.get().call.sdpHandlers[0], handler);
  });
}

test('what is not fixed changes beside it', () => {
  const settings = createSettings({});
  assert.deepEqual(settings.update({ call: { removeH264Codecs: false, normalizeDestination: false } }), ['call.removeH264Codecs']);
  assert.deepEqual([settings.get().call.removeH264Codecs, settings.get().call.normalizeDestination], [true, false]);
  assert.deepEqual([settings.forEngine().call.removeH264Codecs, settings.forEngine().call.normalizeDestination], [true, false]);
});

test('a configuration that was read may be written back', () => {
  const settings = createSettings({ call: { sdpHandlers: [() => {}] }, logs: { handler: () => {}, logActions: { excludeActions: ['timer'] } } });
  const config = settings.get();
  config.connectivity.pingInterval = 10_000;
  assert.deepEqual(settings.update(config), []);
  assert.deepEqual(settings.get(), config);
});

test('a refusal is one warning that names the members, and nothing of their values', async (t) => {
  const lines = [];
  t.mock.method(console, 'warn', (line) => lines.push(line));
  const engine = fakeEngine();
  const client = createWith(engine.load, { ...QUIET, logs: { logLevel: 'warn' } });
  client.updateConfig({ logs: { logLevel: 'silent' }, call: { removeH264Codecs: false } });
  client.updateConfig({ call: { serverTurnCredentials: false } });
  assert.deepEqual(lines.map((line) => line.replace(/^\d+ - /, '')), [
    'CLIENT - WARN - updateConfig: fixed at create, and not changed: logs.logLevel, call.removeH264Codecs',
  ]);
  assert.deepEqual([client.getConfig().logs.logLevel, client.getConfig().call.removeH264Codecs], ['warn', true]);
  await engine.arrive();
  assert.deepEqual(engine.commands.map(({ config }) => config.call.removeH264Codecs), [true, true]);
});

/** What may change, section by section: all of it is seen by `getConfig` and by the engine at once. */
const CHANGES = {
  authentication: {
    subscription: { server: 'h', protocol: 'http', port: 80, version: '1', expires: 60, service: ['call'], localization: 'x', useTurn: false, notificationType: 'y' },
    websocket: { server: 'w', protocol: 'ws', port: 81 },
    earlyRefreshMargin: 5,
  },
  connectivity: {
    method: { type: 'pingPong', responsibleParty: 'server' }, pingInterval: 1, reconnectLimit: 0, reconnectDelay: 2,
    reconnectTimeMultiplier: 3, reconnectTimeLimit: 4, autoReconnect: false, maxMissedPings: 5, checkConnectivity: false,
  },
  notifications: {
    idCacheLength: 7, realm: 'r', bundleId: 'b', pushRegistration: { server: 'p', port: '1', protocol: 'http', version: '2' },
  },
};

for (const [section, values] of Object.entries(CHANGES)) {
  test(`every member of ${section} can be given, read, and changed, and reaches the engine`, () => {
    for (const settings of [createSettings({ [section]: values }), createSettings({})]) {
      settings.update({ [section]: values });
      assert.deepEqual(settings.get()[section], values);
      assert.deepEqual(settings.forEngine()[section], values);
    }
  });
}

test('updateConfig does nothing with anything but an object', () => {
  const engine = fakeEngine();
  const client = createWith(engine.load, QUIET);
  const before = client.getConfig();
  for (const args of [[], [null], ['x'], [7], [[1]]]) assert.equal(client.updateConfig(...args), undefined);
  assert.deepEqual(client.getConfig(), before);
});

test('the engine gets plain data: no functions, no null, no infinities', () => {
  const settings = createSettings({ call: { sdpHandlers: [() => {}] }, connectivity: { reconnectLimit: Infinity, reconnectDelay: 5n } });
  settings.update({ authentication: { subscription: null }, call: { iceServers: null } });
  const config = settings.forEngine();
  assert.deepEqual(Object.keys(config).sort(), ['authentication', 'call', 'connectivity', 'logs', 'notifications']);
  assert.deepEqual(config.logs, { logActions: settings.get().logs.logActions }, 'what the engine has to know of logs');
  assert.deepEqual(['sdpHandlers' in config.call, 'iceServers' in config.call], [false, false]);
  assert.deepEqual(['reconnectLimit' in config.connectivity, config.connectivity.reconnectDelay], [false, '5']);
  assert.equal('subscription' in config.authentication, false);
});

test('an unknown log level is refused; letter case does not matter', (t) => {
  for (const logLevel of ['loud', 7, null, 'constructor']) assert.throws(() => createSettings({ logs: { logLevel } }), TypeError);
  for (const logLevel of ['silent', 'ERROR', 'Warn', 'info', 'debug', 'trace']) assert.equal(merged({ logs: { logLevel } }).logs.logLevel, logLevel);
  covers(t, 'config logs.logLevel');
});
