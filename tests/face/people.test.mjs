// The way to the people engine: what waits for it and in which order, what can be read meanwhile, and what happens if it never comes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { QUIET, face, fakeEngine, fakePeople, microtasks } from './lib/face.mjs';

const { createWith } = await face(['client.ts']);
const BOB = 'bob@example.com';
const ENDED = { type: 'people:call', record: { callId: 'c' } };

/** A client whose first engine is there, both engines, and the events that it told. */
async function started() {
  const [engine, people] = [fakeEngine(), fakePeople()];
  const client = createWith(engine.load, QUIET, people.load);
  const events = [];
  client.subscribe((type, [payload]) => events.push([type, payload]));
  await engine.arrive();
  return { client, engine, people, events };
}

/** What the first engine tells the other one. */
const tell = (engine, { type, ...more }) => engine.emit(type, undefined, more);
const session = (login) => ({ type: 'people:session', session: login && { login } });
const notice = (engine, payload) => engine.emit('notification:received', { payload }, { people: true });

test('nothing is loaded for a login alone, nor for a question', async () => {
  const { client, engine, people } = await started();
  tell(engine, session(1));
  client.presence.getAll();
  client.conversation.get(BOB);
  client.state.get();
  await microtasks();
  assert.equal(people.attempts, 0);
});

for (const [what, act] of [
  ['a wish', ({ client }) => client.presence.fetch(BOB)],
  ['a notification', ({ engine }) => notice(engine, { notificationMessage: {} })],
  ['the end of a call', ({ engine }) => tell(engine, ENDED)],
]) {
  test(`it is loaded for ${what}, once, and hears first who is logged in`, async () => {
    const it = await started();
    tell(it.engine, session(1));
    tell(it.engine, session(2));
    act(it);
    act(it);
    assert.equal(it.people.attempts, 1);
    await it.people.arrive();
    const [first, ...rest] = it.people.inputs;
    assert.deepEqual(first, session(2), 'of several logins only the last one counts');
    assert.equal(rest.length, 2);
    act(it);
    assert.equal(it.people.inputs.length, 4, 'from now on at once');
    assert.equal(it.people.attempts, 1);
  });
}

test('wishes and facts keep their order', async () => {
  const { client, engine, people } = await started();
  client.voicemail.fetch();
  tell(engine, session(1));
  notice(engine, { n: 1 });
  client.contacts.refresh();
  tell(engine, session(null));
  tell(engine, session(2));
  tell(engine, ENDED);
  await people.arrive();
  assert.deepEqual(people.inputs, [
    { type: 'voicemail.fetch' }, session(1), { type: 'people:notice', payload: { n: 1 } }, { type: 'contacts.refresh' }, session(2), ENDED,
  ]);
});

test('other notifications are not its business', async () => {
  const { engine, people } = await started();
  engine.emit('notification:received', { payload: { notificationMessage: { eventType: 'call' } } });
  assert.equal(people.attempts, 0);
});

test('a wish is taken as it is at the moment of the call', async () => {
  const { client, people } = await started();
  const contact = { contactId: 'b', firstName: 'Bob', photo: undefined, unfit: () => 1 };
  client.contacts.add(contact);
  contact.firstName = 'Robert';
  await people.arrive();
  assert.deepEqual(people.inputs, [{ type: 'contacts.add', contact: { contactId: 'b', firstName: 'Bob' } }]);
});

test('what contains itself is a TypeError, and disturbs nothing that waits', async () => {
  const { client, people, events } = await started();
  const knot = {};
  knot.self = knot;
  client.voicemail.fetch();
  assert.throws(() => client.contacts.add(knot), TypeError);
  assert.throws(() => client.conversation.create(BOB).createMessage({ type: 'json', json: knot }).send(), TypeError);
  await people.arrive();
  assert.deepEqual(people.inputs.map(({ type }) => type), ['voicemail.fetch', 'conversation.create']);
  assert.deepEqual(events, []);
});

test('conversations and messages can be read while it is being loaded', async () => {
  const { client, people } = await started();
  const talk = client.conversation.create(BOB);
  assert.deepEqual([talk.destination, talk.type, talk.isTypingList, talk.features], [[BOB], 'im', [], []]);
  assert.equal(client.conversation.get(BOB, 'sms'), undefined);
  assert.equal(client.conversation.get('carol'), undefined);
  talk.createMessage('one').send();
  talk.createMessage({ type: 'json', json: { a: null } }).send();
  client.conversation.create('carol').createMessage('other').send();
  const [one, two, ...rest] = client.conversation.get(BOB).getMessages();
  assert.deepEqual(rest, []);
  const { messageCount, droppedMessages, unread } = client.conversation.get(BOB);
  assert.deepEqual([messageCount, droppedMessages, unread], [2, 0, 0]);
  assert.deepEqual([one.isPending, one.read, one.own, one.type, one.parts], [true, false, true, 'im', [{ type: 'text', text: 'one' }]]);
  assert.ok(Math.abs(one.timestamp - Date.now()) < 5_000);
  assert.deepEqual(two.parts, [{ type: 'json', json: { a: null } }]);
  assert.deepEqual(client.conversation.getAll().map(({ destination }) => destination), [[BOB], ['carol']]);
  assert.equal(talk.getMessage('x'), undefined);
  await people.arrive();
  assert.deepEqual(people.inputs.map(({ type }) => type), [
    'conversation.create', 'conversation.send', 'conversation.send', 'conversation.create', 'conversation.send',
  ]);
});

test('before anything was fetched there is nothing, and an answer belongs to who asked', async () => {
  const { client } = await started();
  const reads = {
    'presence.get': [], 'presence.getAll': [], 'presence.getSelf': {}, 'contacts.get': undefined, 'contacts.getAll': {}, 'user.get': undefined,
    'user.getAll': [], 'voicemail.get': {}, 'clickToCall.get': [], 'sip.getDetails': {}, 'conversation.getAll': [],
  };
  for (const [path, nothing] of Object.entries(reads)) {
    const [space, name] = path.split('.');
    assert.deepEqual(client[space][name](), nothing, path);
  }
  assert.deepEqual([client.call.history.get(), client.call.history.getCache()], [[], '[]']);
  client.voicemail.get().mine = true;
  assert.deepEqual(client.voicemail.get(), {});
});

test('records that a page has kept are there at once', async () => {
  const { client, people } = await started();
  const { history } = client.call;
  history.setCache('[{"recordId":"old"}]');
  history.setCache('[{"recordId":"a"},{"recordId":"b"}]');
  history.get().pop();
  assert.deepEqual(history.get(), [{ recordId: 'a' }, { recordId: 'b' }], 'a copy of the last ones');
  assert.equal(history.getCache(), '[{"recordId":"a"},{"recordId":"b"}]');
  assert.deepEqual(client.state.get().callHistory, history.get());
  await people.arrive();
  assert.deepEqual(people.inputs.map(({ records }) => records.length), [1, 2]);
});

/** A wish of each namespace, and the event by which it fails. */
const REFUSED = [
  [(client) => client.conversation.fetch(), 'messages:error'],
  [(client) => client.presence.update('open', 'active'), 'presence:error'],
  [(client) => client.contacts.refresh(), 'contacts:error'],
  [(client) => client.user.fetch(BOB), 'directory:error'],
  [(client) => client.voicemail.fetch(), 'voicemail:error'],
  [(client) => client.call.history.fetch(), 'callHistory:error'],
  [(client) => client.clickToCall.make('a', 'b'), 'clickToCall:error'],
  [(client) => client.sip.unsubscribe('event:x'), 'sip:error'],
];

test('if it cannot be had, every wish gets an error, and the next one tries again', async () => {
  const { client, engine, people, events } = await started();
  tell(engine, session(1));
  const results = REFUSED.map(([act]) => act(client));
  notice(engine, {});
  await people.fail(new Error('It is not there.'));
  const told = events.filter(([type]) => type !== 'notification:received');
  assert.deepEqual(told.map(([type]) => type), REFUSED.map(([, type]) => type));
  for (const [type, { error }] of told) {
    assert.deepEqual([error.name, error.code, error.message, error instanceof Error], ['BasicError', 'engine:1', 'It is not there.', true], type);
  }
  const [click] = told.filter(([type]) => type === 'clickToCall:error');
  assert.equal(click[1].callId, results[REFUSED.findIndex(([, type]) => type === 'clickToCall:error')]);
  assert.deepEqual(client.presence.getAll(), []);

  client.voicemail.fetch();
  assert.equal(people.attempts, 2);
  await people.arrive();
  const kept = [session(1), { type: 'people:notice', payload: {} }, { type: 'voicemail.fetch' }];
  assert.deepEqual(people.inputs, kept, 'who is logged in is not forgotten, nor what the server told');
});

test('an engine that breaks throws at nobody: the wish gets an error', async () => {
  const { client, people, events } = await started();
  client.voicemail.fetch();
  await people.arrive();
  people.onTell = () => { throw new Error('unreachable'); };
  client.contacts.refresh();
  await microtasks();
  const [type, { error }] = events.at(-1);
  assert.deepEqual([type, error.code, error.message], ['contacts:error', 'engine:2', 'unreachable']);
});

test('an engine that cannot be started is as good as none', async () => {
  const [engine, people] = [fakeEngine(), fakePeople()];
  const load = async () => () => { throw new Error('No memory.'); };
  const client = createWith(engine.load, QUIET, load);
  const events = [];
  client.on('voicemail:error', ({ error }) => events.push([error.code, error.message]));
  client.voicemail.fetch();
  await microtasks();
  assert.deepEqual(events, [['engine:1', 'No memory.']]);
  assert.equal(people.attempts, 0);
});

test('too much that waits is refused, and nothing of what waits is lost', async () => {
  const { client, people, events } = await started();
  for (let n = 0; n < 10_001; n += 1) client.voicemail.fetch();
  await microtasks();
  assert.deepEqual(events.map(([type, { error }]) => [type, error.code]), [['voicemail:error', 'engine:3']]);
  await people.arrive();
  assert.equal(people.inputs.length, 10_000);
});

test('it is given addresses of the first engine, and what writes lines', async (t) => {
  const lines = [];
  t.mock.method(console, 'warn', (line) => lines.push(line));
  const [engine, people] = [fakeEngine(), fakePeople()];
  const client = createWith(engine.load, { ...QUIET, logs: { logLevel: 'warn' } }, people.load);
  await engine.arrive();
  engine.answers['people.address'] = ({ to, path }) => ({ url: `https://gateway.example/${to}/${path}`, headers: [] });
  client.voicemail.fetch();
  await people.arrive();
  assert.deepEqual(people.host.address('user', 'voicemail'), { url: 'https://gateway.example/user/voicemail', headers: [] });
  engine.answers['people.address'] = undefined;
  assert.equal(people.host.address('user', 'voicemail'), undefined);
  people.host.log('warn', 'something');
  assert.match(lines[0], /PEOPLE.*something/);
});

test('events reach the application, with errors that are instances of Error; those for the face do not', async () => {
  const { client, people, events } = await started();
  client.voicemail.fetch();
  await people.arrive();
  people.host.emit('presence:change', { userId: BOB });
  people.host.emit('voicemail:error', { error: { name: 'BasicError', code: 'mwi:1', message: 'No.' } });
  people.host.emit('people:message', { destination: [BOB], type: 'im', conversation: 'k', messageId: 'm' });
  people.host.emit('people:sent', { file: 1 });
  assert.deepEqual(events, [], 'never before the function that caused it returns');
  await microtasks();
  assert.deepEqual(events.map(([type]) => type), ['presence:change', 'voicemail:error']);
  assert.ok(events[1][1].error instanceof Error);
  people.answers['presence.getSelf'] = () => ({ loading: false, error: { name: 'BasicError', code: 37, message: 'No.' } });
  assert.ok(client.presence.getSelf().error instanceof Error);
});

test('callbacks of a conversation hear of its messages, until they are taken back', async () => {
  const { client, people } = await started();
  people.answers['conversation.get'] = ({ destination, convoType }) => ({ destination, type: convoType });
  const heard = [];
  const talk = client.conversation.create([BOB, 'carol'], { type: 'group' });
  await people.arrive();
  const [first, second] = ['first', 'second'].map((name) => talk.subscribe((told) => heard.push([name, told])));
  const tell = (more) => people.host.emit('people:message', { destination: [BOB, 'carol'], type: 'group', conversation: 'k', ...more });
  tell({ messageId: 'm1' });
  tell({ destination: [BOB] });
  tell({ type: 'im' });
  assert.deepEqual(heard, []);
  await microtasks();
  const told = { conversationId: 'k', messageId: 'm1' };
  assert.deepEqual(heard.splice(0), [['first', told], ['second', told]]);
  first();
  first();
  tell({});
  await microtasks();
  assert.deepEqual(heard.splice(0), [['second', { conversationId: 'k', messageId: undefined }]]);
  second();
  tell({});
  await microtasks();
  assert.deepEqual(heard, []);
});

test('a file stays until its message has come to an end', async () => {
  const { client, people } = await started();
  people.answers['conversation.get'] = { destination: [BOB], type: 'im' };
  const file = new File(['words'], 'note.txt', { type: 'text/plain' });
  client.conversation.create(BOB).createMessage({ type: 'file', file }).send();
  await people.arrive();
  const [part] = people.inputs.at(-1).parts;
  assert.deepEqual({ ...part, file: 0 }, { type: 'file', file: 0, name: 'note.txt', size: 5, mime: 'text/plain' });
  assert.equal(people.host.file(part.file), file);
  people.answers['conversation.messages'] = () => [{ own: true, parts: [{ ...part }] }];
  const shown = () => client.conversation.get(BOB).getMessages()[0].parts[0];
  assert.equal(shown().file, file, 'the application sees its file, and no number');
  people.host.emit('people:sent', { file: part.file });
  assert.equal(people.host.file(part.file), undefined);
});

test('files of messages that were refused are let go', async () => {
  const { client, people } = await started();
  client.conversation.create(BOB).createMessage({ type: 'file', file: new Blob(['x']) }).send();
  await people.fail(new Error('It is not there.'));
  client.conversation.create(BOB).createMessage({ type: 'file', file: new Blob(['y']) }).send();
  await people.arrive();
  const [{ file, name }] = people.inputs.at(-1).parts;
  assert.deepEqual([people.host.file(file - 1), name], [undefined, '']);
  assert.ok(people.host.file(file) instanceof Blob);
});
