// Messages, presence, contacts and the rest between real browsers and a real gateway: the shortest way through each.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectCall, signedIn } from './lib/page.mjs';
import { stage } from './lib/stage.mjs';

const { browsers, gateway } = await stage();
const [ALICE, BOB] = ['alice@example.com', 'bob@example.com'];

for (const [a, b] of [['uc', 'uc'], ['uc', 'link'], ['link', 'uc'], ['link', 'link']]) {
  test(`people of ${a} and ${b} write to each other and see each other's presence`, async () => {
    const [one, other] = await Promise.all([
      browsers.get('chromium', 0).then((driver) => signedIn(driver, gateway, 'alice', a)),
      browsers.get('chromium', 1).then((driver) => signedIn(driver, gateway, 'bob', b)),
    ]);
    const pending = await one.run((bob) => {
      const talk = page.client.conversation.create(bob);
      talk.createMessage('Hello <b>bob</b>, ça va? 😀').send();
      return talk.getMessages();
    }, BOB);
    assert.deepEqual(pending.map(({ isPending, parts }) => [isPending, parts]), [[true, [{ type: 'text', text: 'Hello <b>bob</b>, ça va? 😀' }]]]);
    await one.until('messages:change', { payload: { destination: [BOB], type: 'im', sender: ALICE } });
    await other.until('conversations:change');
    const [sent] = await one.run((bob) => page.client.conversation.get(bob).getMessages(), BOB);
    const [got] = await other.run((alice) => page.client.conversation.get(alice).getMessages(), ALICE);
    assert.deepEqual([sent.isPending, sent.own, got.isPending, got.own, got.sender], [false, true, false, false, ALICE]);
    assert.equal(got.parts[0].text, 'Hello <b>bob</b>, ça va? 😀');

    await one.run((bob) => page.client.presence.subscribe(bob), BOB);
    await one.until('presence:change', { payload: { userId: BOB } });
    await other.run(() => page.client.presence.update('open', 'other', 'At the dentist'));
    await other.until('presence:selfChange');
    await one.until('presence:change', { payload: { userId: BOB, status: 'open', activity: 'other', note: 'At the dentist' } });
    const [seen] = await one.run((bob) => page.client.presence.get(bob), BOB);
    assert.deepEqual([seen.status, seen.note, seen.loading], ['open', 'At the dentist', false]);
  });
}

test('contacts, directory, profile, voicemail and history', async () => {
  const [one, other] = await Promise.all([
    browsers.get('chromium', 0).then((driver) => signedIn(driver, gateway, 'alice')),
    browsers.get('chromium', 1).then((driver) => signedIn(driver, gateway, 'bob')),
  ]);
  await one.run((primaryContact) => page.client.contacts.add({ contactId: 'bobby', primaryContact, firstName: 'Bob' }), BOB);
  await one.until('contacts:new', { payload: { contactId: 'bobby' } });
  await one.run(() => page.client.contacts.refresh());
  await one.until('contacts:change');
  assert.equal((await one.run(() => page.client.contacts.get('bobby'))).firstName, 'Bob');

  await one.run(() => page.client.user.search({ userId: 'bob' }));
  const { payload } = await one.until('directory:change');
  assert.equal(payload.results[0].userId, BOB);
  await one.run(() => page.client.voicemail.fetch());
  await one.until('voicemail:change', { payload: { newMessagesWaiting: false } });

  const [call] = await connectCall(one, other, 'bob', { audio: true });
  await one.run((id) => page.client.call.end(id), call);
  await one.until('callHistory:change');
  await other.until('callHistory:change');
  const [record] = await one.run(() => page.client.call.history.get());
  assert.deepEqual([record.recordId, record.direction, record.remoteParticipant.displayNumber], [call, 'outgoing', BOB]);
  await other.run(() => page.client.call.history.fetch());
  await other.until('callHistory:change');
  const [theirs] = await other.run(() => page.client.call.history.get());
  assert.deepEqual([theirs.direction, theirs.remoteParticipant.displayNumber], ['incoming', ALICE]);
});
