// The proxy itself: what the tests of bad networks believe of it is true.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, request as ask } from 'node:http';
import { after, test } from 'node:test';
import { CLOSE, FrameReader, TEXT, closeFrame, frame } from './lib/frames.mjs';
import { TO_CLIENT, TO_SERVER } from './lib/gate.mjs';
import { startProxy } from './lib/proxy.mjs';

/** How long nothing may come before it counts as held back, in ms: everything here takes some ms at most. */
const QUIET = 150;

/** A frame of a client is masked (RFC 6455, section 5.3); with a mask of zeros its payload stays as it is. */
const masked = (bytes) => Buffer.concat([Buffer.from([bytes[0], bytes[1] | 0x80, 0, 0, 0, 0]), bytes.subarray(2)]);
const hello = masked(frame(TEXT, Buffer.from('{"message_type":"ping"}')));
const notice = (eventId) => frame(TEXT, Buffer.from(JSON.stringify({ notificationMessage: { eventId, eventType: 'call', sessionParams: { sessionData: 's' } } })));

const server = await startServer();
const proxy = await startProxy(server);
after(async () => {
  await proxy.stop();
  await server.stop();
});

test('frames are cut out of a stream, whatever its pieces', () => {
  const long = frame(TEXT, Buffer.alloc(300, 'a'));
  const stream = Buffer.concat([hello, long, closeFrame(1012)]);
  for (const size of [1, 7, stream.length]) {
    const reader = new FrameReader();
    const frames = [];
    for (let at = 0; at < stream.length; at += size) frames.push(...reader.push(stream.subarray(at, at + size)));
    assert.deepEqual(frames.map(({ opcode, payload }) => [opcode, payload.length]), [[TEXT, 23], [TEXT, 300], [CLOSE, 2]]);
    assert.deepEqual(Buffer.concat(frames.map(({ raw }) => raw)), stream);
    assert.equal(frames[2].payload.readUInt16BE(), 1012);
  }
  const [{ payload }] = new FrameReader().push(Buffer.from([0x81, 0x82, 1, 2, 3, 4, 0x61 ^ 1, 0x62 ^ 2]));
  assert.equal(payload.toString(), 'ab', 'without its mask');
});

test('requests and answers pass', async () => {
  const answer = await post('/echo', 'words');
  assert.deepEqual([answer.status, answer.body, answer.headers['x-path']], [200, 'words', '/echo']);
});

test('answers come later, are replaced, and can be read by nobody', async () => {
  const before = server.requests;
  const began = performance.now();
  await faulty({ delay: 200 }, () => post('/echo', ''));
  assert.ok(performance.now() - began >= 195);
  const page = await faulty({ status: 503 }, () => post('/echo', ''));
  assert.deepEqual([page.status, page.headers['access-control-allow-origin']], [503, '*']);
  assert.doesNotMatch(page.body, /^\{/);
  assert.equal(server.requests, before + 1, 'the first alone reached the server');
  const silent = await faulty({ status: 503, cors: false, reaches: true }, () => post('/echo', ''));
  assert.deepEqual([silent.status, silent.headers['access-control-allow-origin']], [503, undefined]);
  assert.equal(server.requests, before + 2);
  const elsewhere = await faulty({ url: '/there?token=other' }, () => post('/echo?token=one', 'words'));
  assert.deepEqual([elsewhere.body, elsewhere.headers['x-path']], ['words', '/there?token=other']);
  const stale = await faulty({ status: 401, json: { error: 1 } }, () => post('/echo', ''));
  assert.deepEqual([stale.status, JSON.parse(stale.body)], [401, { error: 1 }]);
});

test('a refused port, and the same port again', async () => {
  await proxy.refuse();
  await assert.rejects(post('/echo', ''), { code: 'ECONNREFUSED' });
  await proxy.listen();
  assert.equal((await post('/echo', 'again')).body, 'again');
});

test('nothing passes in a cut, nothing is closed, and afterwards everything arrives', async () => {
  const client = await open();
  proxy.cut();
  const posted = post('/echo', 'late');
  client.socket.write(hello);
  server.last.write(notice('c1'));
  const other = open();
  assert.ok(await quiet(posted, client.next(), server.heard(), other), 'nothing came');
  assert.deepEqual(proxy.notifications.at(-1), { eventId: 'c1', eventType: 'call', session: 's', delivered: false });
  proxy.restore();
  assert.equal((await posted).body, 'late');
  await client.until(1);
  assert.equal(proxy.notifications.at(-1).delivered, true);
  (await other).socket.destroy();
  client.socket.destroy();
});

test('who went during a cut is gone for the server only afterwards', async () => {
  const client = await open();
  const gone = once(server.last, 'close');
  proxy.cut();
  client.socket.destroy();
  assert.ok(await quiet(gone));
  proxy.restore();
  await gone;
});

for (const [direction, cut] of [[TO_SERVER, 'the server hears nothing'], [TO_CLIENT, 'the client hears nothing']]) {
  test(`a cut in one direction: ${cut}`, async () => {
    const client = await open();
    proxy.cut([direction]);
    const [atServer, atClient] = [server.heard(), client.next()];
    client.socket.write(hello);
    server.last.write(notice(direction));
    const [held, passing] = direction === TO_SERVER ? [atServer, atClient] : [atClient, atServer];
    await passing;
    assert.ok(await quiet(held));
    proxy.restore();
    await held;
    client.socket.destroy();
  });

  test(`a WebSocket that is deaf in one direction: ${cut}, other connections live`, async () => {
    const client = await open();
    proxy.sockets.at(-1).silence(direction);
    const [atServer, atClient] = [server.heard(), client.next()];
    client.socket.write(hello);
    server.last.write(notice(`deaf ${direction}`));
    const [held, passing] = direction === TO_SERVER ? [atServer, atClient] : [atClient, atServer];
    await passing;
    assert.ok(await quiet(held));
    assert.equal((await post('/echo', 'alive')).body, 'alive');
    assert.equal(proxy.notifications.at(-1).delivered, direction === TO_SERVER);
    client.socket.destroy();
  });
}

test('connections that were forgotten stay dead, new ones live', async () => {
  const client = await open();
  const old = server.last;
  proxy.cut(undefined, true);
  proxy.restore();
  old.write(notice('forgotten'));
  assert.ok(await quiet(client.next()));
  assert.equal(proxy.notifications.at(-1).delivered, false);
  const fresh = await open();
  server.last.write(notice('fresh'));
  await fresh.until(1);
  client.socket.destroy();
  fresh.socket.destroy();
});

for (const hidden of [true, false]) {
  test(`a socket closed in the server's name, ${hidden ? 'unknown to the server' : 'and for the server too'}`, async () => {
    const client = await open();
    const gone = once(server.last, 'close');
    const tunnel = proxy.sockets.at(-1);
    tunnel.close(1011, hidden);
    const [last] = await client.until(1);
    assert.deepEqual([last.opcode, last.payload.readUInt16BE()], [CLOSE, 1011]);
    const ended = once(client.socket, 'end');
    client.socket.write(masked(closeFrame(1011)));
    await ended;
    if (hidden) assert.ok(await quiet(gone));
    else await gone;
    assert.equal(proxy.sockets.includes(tunnel), false);
  });
}

test('a connection that breaks off', async () => {
  const client = await open();
  const gone = once(server.last, 'close');
  const broken = once(client.socket, 'error');
  proxy.sockets.at(-1).breakOff();
  assert.equal((await broken)[0].code, 'ECONNRESET');
  await gone;
});

test('answers to checks are told, and are no notifications', async () => {
  const client = await open();
  const told = proxy.notifications.length;
  const answered = once(proxy, 'answer');
  server.last.write(frame(TEXT, Buffer.from('{"connAck":{}}')));
  await answered;
  await client.until(1);
  assert.equal(proxy.notifications.length, told);
  client.socket.destroy();
});

test('an upgrade can be replaced, and a refusal of the server passes', async () => {
  await faulty({ status: 401 }, () => assert.rejects(open(), /401/));
  await assert.rejects(open('/nowhere'), /404/);
});

/** Whether none of these resolves within some time: the wait is what is tested. */
function quiet(...events) {
  const silence = new Promise((resolve) => setTimeout(resolve, QUIET, true));
  return Promise.race([silence, ...events.map((event) => event.then(() => false))]);
}

async function faulty(fault, act) {
  proxy.fault = () => fault;
  try {
    return await act();
  } finally {
    proxy.fault = () => undefined;
  }
}

function post(path, body) {
  return new Promise((resolve, reject) => {
    const asked = ask(`${proxy.url}${path}`, { method: 'POST', agent: false }, async (answer) => {
      const text = (await answer.setEncoding('utf8').toArray()).join('');
      resolve({ status: answer.statusCode, headers: answer.headers, body: text });
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

/** A WebSocket through the proxy; rejects with the status when it is refused. */
function open(path = '/notification/1') {
  return new Promise((resolve, reject) => {
    const headers = { connection: 'upgrade', upgrade: 'websocket', 'sec-websocket-key': 'x', 'sec-websocket-extensions': 'permessage-deflate' };
    const asked = ask(`${proxy.url}${path}`, { headers, agent: false });
    asked.on('response', ({ statusCode }) => reject(new Error(String(statusCode))));
    asked.on('error', reject);
    asked.on('upgrade', (_, socket, head) => {
      const reader = new FrameReader();
      const frames = reader.push(head);
      socket.on('data', (chunk) => frames.push(...reader.push(chunk)));
      socket.on('error', () => {});
      const next = () => once(socket, 'data');
      const until = async (count) => {
        while (frames.length < count) await next();
        return frames;
      };
      resolve({ socket, next, until });
    });
    asked.end();
  });
}

/** What stands where the gateway stands: echoes requests, accepts WebSockets. */
async function startServer() {
  const it = { requests: 0, last: undefined, heard: () => once(it.last, 'data') };
  const http = createServer(async (request, response) => {
    it.requests += 1;
    const body = (await request.setEncoding('utf8').toArray()).join('');
    response.writeHead(200, { 'x-path': request.url, 'access-control-allow-origin': '*' }).end(body);
  });
  const sockets = new Set();
  http.on('upgrade', ({ url, headers }, socket) => {
    assert.equal(headers['sec-websocket-extensions'], undefined);
    if (url !== '/notification/1') return void socket.end('HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n');
    sockets.add(socket);
    it.last = socket;
    socket.on('error', () => {});
    socket.on('end', () => socket.end());
    socket.write('HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n');
    socket.resume();
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  it.url = `http://127.0.0.1:${http.address().port}`;
  it.stop = async () => {
    for (const socket of sockets) socket.destroy();
    http.close();
    await once(http, 'close');
  };
  return it;
}
