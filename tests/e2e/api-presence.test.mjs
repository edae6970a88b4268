// Presence between two people at a real gateway (api-behaviour 13): everything that one tells and the other hears, in both protocols.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { covers } from '../lib/covers.mjs';
import { call, coversFunction, failed, heard, warm } from './lib/people.mjs';
import { openPage, signedIn } from './lib/page.mjs';
import { stage } from './lib/stage.mjs';

const { browsers, gateway } = await stage();
const [BOB, CAROL, NOBODY] = ['bob@example.com', 'carol@example.com', 'nobody@example.com'];
const ACTIVITIES = ['active', 'idle', 'away', 'lunch', 'other', 'busy', 'vacation', 'on-the-phone', 'unknown'];

for (const [name, flavour, other] of [['chromium', 'uc', 'link'], ['firefox', 'link', 'uc']]) {
  test(`M4: every status and activity reaches who watches (${name}, ${flavour} hears ${other})`, async (t) => {
    const [alice, bob] = await pair(flavour, other, name);
    assert.equal(await call(alice, 'presence.subscribe', BOB), null);
    await heard(alice, 'presence:change', { userId: BOB });
    for (const status of ['open', 'closed']) {
      for (const activity of ACTIVITIES) {
        assert.equal(await call(bob, 'presence.update', status, activity), null);
        assert.deepEqual(await heard(bob, 'presence:selfChange'), {});
        assert.deepEqual(await call(bob, 'presence.getSelf'), { status, activity, loading: false, error: false });
        const told = await heard(alice, 'presence:change', { userId: BOB, status, activity });
        assert.equal(told.note ?? '', '');
        covers(t, `presence.update(activity) = ${activity}`);
      }
      covers(t, `presence.update(status) = ${status}`);
    }
    await call(bob, 'presence.update', 'open', 'other', 'At the <i>dentist</i> "until" 5 😀');
    const told = await heard(alice, 'presence:change', { activity: 'other' });
    assert.deepEqual(told, { userId: BOB, status: 'open', activity: 'other', note: 'At the <i>dentist</i> "until" 5 😀' });
    assert.deepEqual(await call(alice, 'presence.get', BOB), [{ ...told, loading: false }]);
    // What one device watches is told to all of its user: the pages of the next tests hear of nothing that this one watches.
    await call(alice, 'disconnect');
    await alice.until('auth:change', { connection: { isConnected: false, isPending: false } });
    coversFunction(t, 'presence.update', 'status', 'activity', 'note');
    coversFunction(t, 'presence.subscribe', 'users');
    covers(t, 'presence.getSelf', 'presence:selfChange', 'presence:change', ...['userId', 'status', 'activity', 'note'].map((key) => `presence:change.${key}`));
    covers(t, ...['userId', 'status', 'activity', 'note', 'loading'].map((key) => `Presence.${key}`));
    covers(t, ...['status', 'activity', 'loading', 'error'].map((key) => `SelfPresence.${key}`));
  });
}

test('whose presence is known, of one, of several, and of all', async (t) => {
  const [alice, bob] = await pair('uc', 'uc');
  await warm(alice, bob);
  assert.deepEqual(await bob.run(() => {
    page.client.presence.update('open', 'lunch', 'Soup');
    return page.client.presence.getSelf();
  }), { loading: true, error: false }, 'until the server has it');
  await heard(bob, 'presence:selfChange');
  assert.deepEqual(await call(bob, 'presence.getSelf'), { status: 'open', activity: 'lunch', note: 'Soup', loading: false, error: false });
  assert.deepEqual([await call(alice, 'presence.getAll'), await call(alice, 'presence.getSelf')], [[], {}]);
  await alice.run((users) => {
    page.client.presence.fetch(users);
    page.before = page.client.presence.getAll();
  }, [BOB, CAROL]);
  assert.deepEqual(await alice.run(() => page.before), [{ userId: BOB, loading: true }, { userId: CAROL, loading: true }]);
  await heard(alice, 'presence:change', { userId: BOB, status: 'open', activity: 'lunch', note: 'Soup' });
  const of = (users) => call(alice, 'presence.get', users);
  const [bobs] = await of(BOB);
  assert.deepEqual(bobs, { userId: BOB, status: 'open', activity: 'lunch', note: 'Soup', loading: false });
  assert.deepEqual((await of([CAROL, NOBODY, BOB])).map(({ userId }) => userId), [CAROL, BOB], 'unknown ones are left out');
  assert.deepEqual([await of(NOBODY), await of([])], [[], []]);
  assert.equal((await call(alice, 'presence.getAll')).length, 2);
  coversFunction(t, 'presence.fetch', 'user');
  coversFunction(t, 'presence.get', 'user');
  covers(t, 'presence.getAll', 'SelfPresence.note', 'SelfPresence.loading', 'Presence.loading');
});

test('who is watched no more is heard of no more, and what is known stays', async (t) => {
  const [alice, bob] = await pair('uc', 'uc');
  await call(alice, 'presence.subscribe', [BOB, CAROL]);
  await call(bob, 'presence.update', 'open', 'busy', 'watched');
  await heard(alice, 'presence:change', { userId: BOB, note: 'watched' });
  assert.equal(await call(alice, 'presence.unsubscribe', BOB), null);
  // Requests about watches keep their order: what this one brings is told when the watch has ended.
  await alice.run(() => page.pass('presence:change'));
  await call(alice, 'presence.fetch', CAROL);
  await heard(alice, 'presence:change', { userId: CAROL });
  const before = await alice.run((bob) => page.all('presence:change').filter(({ payload }) => payload.userId === bob).length, BOB);
  await call(bob, 'presence.update', 'closed', 'away');
  await heard(bob, 'presence:selfChange');
  await call(alice, 'presence.fetch', CAROL);
  await heard(alice, 'presence:change', { userId: CAROL });
  assert.equal(await alice.run((bob) => page.all('presence:change').filter(({ payload }) => payload.userId === bob).length, BOB), before);
  assert.equal((await call(alice, 'presence.get', BOB))[0].activity, 'busy');
  coversFunction(t, 'presence.unsubscribe', 'users');
});

test('what is no status and no activity is refused here: presence:1, presence:2', async (t) => {
  const [alice] = await pair('uc', 'uc');
  await call(alice, 'presence.update', 'open', 'busy');
  await heard(alice, 'presence:selfChange');
  const own = await call(alice, 'presence.getSelf');
  for (const [args, code] of [
    [['bad', 'active'], 'presence:1'], [[undefined, 'active'], 'presence:1'], [[7, 'active'], 'presence:1'], [['OPEN', 'active'], 'presence:1'], [[], 'presence:1'],
    [['open', 'bad'], 'presence:2'], [['open'], 'presence:2'], [['closed', null], 'presence:2'], [['open', 'ACTIVE'], 'presence:2'],
  ]) {
    await alice.run((given) => page.client.presence.update(...given), args);
    await failed(alice, 'presence:error', code);
    assert.deepEqual(await call(alice, 'presence.getSelf'), own, 'the state is unchanged');
    covers(t, `error ${code}`, 'presence:error', 'presence:error.error');
  }
  for (const act of ['fetch', 'subscribe', 'unsubscribe']) {
    for (const users of [[], undefined, null, 7]) {
      await alice.run((name, given) => page.client.presence[name](given), act, users);
      await failed(alice, 'presence:error', 'NO_CODE');
    }
  }
});

test('without a login every function fails by its event', async (t) => {
  const one = await openPage(await browsers.get('chromium', 0), gateway.url);
  await one.run(() => void page.create({ logs: { logLevel: 'error' } }));
  for (const [act, args] of [['update', ['open', 'active']], ['fetch', [BOB]], ['subscribe', [BOB]], ['unsubscribe', [BOB]]]) {
    await call(one, `presence.${act}`, ...args);
    const { message } = await failed(one, 'presence:error', 'NO_CODE');
    assert.match(message, /[Nn]ot connected/);
  }
  assert.deepEqual(await call(one, 'presence.getAll'), [], 'nothing is left that loads for ever');
  assert.deepEqual((({ loading, error }) => [loading, error.code])(await call(one, 'presence.getSelf')), [false, 'NO_CODE']);
  covers(t, 'presence:error', 'SelfPresence.error');
});

test('after a logout and a new login of the same user, those who were watched are watched again', async () => {
  const [alice, bob] = await pair('uc', 'link');
  await call(alice, 'presence.subscribe', BOB);
  await heard(alice, 'presence:change', { userId: BOB });
  await call(alice, 'disconnect');
  await alice.until('auth:change', { connection: { isConnected: false, isPending: false } });
  assert.equal((await call(alice, 'presence.get', BOB)).length, 1, 'what is known stays');
  await call(bob, 'presence.update', 'open', 'vacation');
  await heard(bob, 'presence:selfChange');
  await call(alice, 'connect', { username: 'alice@example.com', password: 'demo' });
  await alice.until('auth:change', { connection: { isConnected: true } });
  await heard(alice, 'presence:change', { userId: BOB, activity: 'vacation' });
  await call(bob, 'presence.update', 'open', 'idle');
  await heard(alice, 'presence:change', { userId: BOB, activity: 'idle' });
});

test('another user on the same page knows nothing of the last one', async () => {
  const [alice, bob] = await pair('uc', 'uc');
  await call(alice, 'presence.subscribe', BOB);
  await call(alice, 'presence.update', 'open', 'lunch');
  await alice.run(() => void page.pass('presence:change'));
  await call(alice, 'presence.fetch', BOB);
  await heard(alice, 'presence:change', { userId: BOB });
  await call(alice, 'disconnect');
  await alice.until('auth:change', { connection: { isConnected: false, isPending: false } });
  await call(alice, 'connect', { username: CAROL, password: 'demo' });
  await alice.until('auth:change', { connection: { isConnected: true } });
  assert.deepEqual([await call(alice, 'presence.getAll'), await call(alice, 'presence.getSelf')], [[], {}]);
  await call(bob, 'presence.update', 'open', 'away');
  await heard(bob, 'presence:selfChange');
  await call(alice, 'presence.fetch', 'dave@example.com');
  await heard(alice, 'presence:change', { userId: 'dave@example.com' });
  assert.equal(await alice.run((bob) => page.all('presence:change').filter(({ payload }) => payload.activity === 'away' && payload.userId === bob).length, BOB), 0);
});

async function pair(one, other, name = 'chromium') {
  return [await signedIn(await browsers.get(name, 1), gateway, 'alice', one), await signedIn(await browsers.get('chromium', 2), gateway, 'bob', other)];
}
