// The address book, the directory and the own profile at a real gateway (api-behaviour 14, 15).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { covers } from '../lib/covers.mjs';
import { openPage, signedIn } from './lib/page.mjs';
import { call, coversFunction, failed, heard, warm } from './lib/people.mjs';
import { stage } from './lib/stage.mjs';

const ACCOUNTS = [
  ['alice', 'Alice', 'Archer', '+1 555 0100'], ['bob', 'Bob', 'Baker', '+1 555 0101'], ['carol', 'Carol', 'Carter', '+1 555 0102'],
  ['dave', 'Dave', 'Baker', '+1 555 0103'], ['erin', 'Erin', 'abel', '+49 30 1'], ['bo', 'Bo', 'Carter', '+49 30 2'],
].map(([name, firstName, lastName, phone]) => ({ user: `${name}@example.com`, password: 'demo', firstName, lastName, email: `${name}@mail.example`, phone }));
const { browsers, gateway } = await stage({ accounts: ACCOUNTS });

const BOB = {
  contactId: 'bobby', primaryContact: 'bob@example.com', firstName: 'Bob', lastName: 'Baker', photoUrl: 'https://example.com/bob.png',
  emailAddress: 'bob@mail.example', homePhone: '1', workPhone: '2', mobilePhone: '3', conferenceURL: 'https://example.com/c', fax: '4', pager: '5',
  groupList: 'friends', friendStatus: true,
};

for (const [name, flavour] of [['chromium', 'uc'], ['firefox', 'link']]) {
  test(`M6: contacts are added, changed, fetched and removed, and each is told when it is done (${name}, ${flavour})`, async (t) => {
    const one = await client(flavour, name);
    await emptied(one);
    assert.deepEqual(await call(one, 'contacts.getAll'), {});
    assert.equal(await call(one, 'contacts.add', BOB), null);
    // In this order; each payload is looked at, and not only found.
    assert.deepEqual(await heard(one, 'contacts:new'), BOB);
    assert.deepEqual(await heard(one, 'contacts:change'), BOB);
    assert.deepEqual(await heard(one, 'contacts:change'), {});
    assert.deepEqual([await call(one, 'contacts.get', 'bobby'), await call(one, 'contacts.getAll')], [BOB, { bobby: BOB }]);
    covers(t, ...Object.keys(BOB).map((field) => `Contact.${field}`), 'contacts:new', 'contacts:new.(fields)', 'contacts:change', 'contacts:change.(fields)');
    coversFunction(t, 'contacts.add', 'contact');

    // As the server has it, whatever was known here.
    for (const act of [['refresh'], ['fetch', 'bobby']]) {
      const other = await client(flavour, name);
      await call(other, `contacts.${act[0]}`, ...act.slice(1));
      assert.deepEqual(await heard(other, 'contacts:change'), {});
      assert.deepEqual(await call(other, 'contacts.get', 'bobby'), BOB, 'every member is kept');
    }
    const again = await client(flavour, name);
    const changed = { ...BOB, firstName: 'Robert', fax: '' };
    const { fax: _, ...kept } = changed;
    await call(again, 'contacts.update', changed);
    assert.deepEqual(await heard(again, 'contacts:change'), {});
    assert.equal((await call(again, 'contacts.get', 'bobby')).firstName, 'Robert');
    await call(again, 'contacts.refresh');
    await heard(again, 'contacts:change');
    assert.deepEqual(await call(again, 'contacts.get', 'bobby'), kept, 'empty members are not sent');
    await call(again, 'contacts.update', 'bobby', { firstName: 'Rob' });
    assert.deepEqual(await heard(again, 'contacts:change'), {});
    assert.deepEqual(await call(again, 'contacts.get', 'bobby'), { contactId: 'bobby', firstName: 'Rob' });
    coversFunction(t, 'contacts.update', 'contact');
    coversFunction(t, 'contacts.fetch', 'contactId');
    coversFunction(t, 'contacts.get', 'contactId');

    await again.run(() => {
      page.client.contacts.remove('bobby');
      page.before = page.client.contacts.get('bobby');
    });
    assert.deepEqual(await heard(again, 'contacts:change'), {});
    assert.equal((await again.run(() => page.before)).firstName, 'Rob', 'there until the server has removed it');
    assert.equal(await call(again, 'contacts.get', 'bobby'), null);
    await call(again, 'contacts.refresh');
    await heard(again, 'contacts:change');
    assert.deepEqual(await call(again, 'contacts.getAll'), {});
    covers(t, 'contacts.refresh', 'contacts.getAll');
    coversFunction(t, 'contacts.remove', 'id');
  });
}

test('contacts with odd ids are as good as any', async () => {
  const one = await client('uc');
  await emptied(one);
  const ids = ['a b', 'a/b', 'a?b#c', 'a%20b', '100%', 'é😀', '__proto__', 'constructor', '"quoted"', "it's", 'a+b&c=d', '42', '<b>'];
  for (const contactId of ids) {
    await call(one, 'contacts.add', { contactId, firstName: contactId });
    assert.deepEqual(await heard(one, 'contacts:new'), { contactId, firstName: contactId });
    await heard(one, 'contacts:change', { contactId });
    await heard(one, 'contacts:change');
  }
  await call(one, 'contacts.refresh');
  await heard(one, 'contacts:change');
  for (const contactId of ids) {
    assert.deepEqual(await call(one, 'contacts.get', contactId), { contactId, firstName: contactId });
    await call(one, 'contacts.fetch', contactId);
    await heard(one, 'contacts:change');
    await call(one, 'contacts.remove', contactId);
    await heard(one, 'contacts:change');
    assert.equal(await call(one, 'contacts.get', contactId), null);
  }
  await call(one, 'contacts.add', { contactId: 7, firstName: 'Seven' });
  await heard(one, 'contacts:new');
  assert.equal((await call(one, 'contacts.get', 7)).firstName, 'Seven');
});

test('contacts that the server does not know, and such as have no id', async (t) => {
  const one = await client('uc');
  for (const act of [['fetch', 'nobody'], ['remove', 'nobody'], ['update', { contactId: 'nobody', firstName: 'N' }]]) {
    await call(one, `contacts.${act[0]}`, ...act.slice(1));
    await failed(one, 'contacts:error', 42);
  }
  assert.equal(await call(one, 'contacts.get', 'nobody'), null);
  for (const act of [['fetch'], ['remove'], ['update'], ['update', {}], ['add'], ['add', {}], ['add', 'x'], ['add', { firstName: 'N' }], ['remove', {}], ['fetch', null]]) {
    await call(one, `contacts.${act[0]}`, ...act.slice(1));
    await failed(one, 'contacts:error', 'users:4');
  }
  for (const act of ['fetch', 'search']) await call(one, `user.${act}`);
  await failed(one, 'directory:error', 'users:4');
  covers(t, 'contacts:error', 'contacts:error.error', 'error users:4');
});

/** filters, and whom they find, in the order of the answer */
const FOUND = [
  ['userId', 'dave@example.com', ['dave']],
  ['userId', 'dave', ['dave']],
  ['userName', 'bob@example.com', ['bob']],
  ['firstName', 'bo', ['bo', 'bob']],
  ['lastName', 'baker', ['bob', 'dave']],
  ['name', 'carter', ['bo', 'carol']],
  ['name', 'Bob Baker', ['bob']],
  ['phoneNumber', '5550102', ['carol']],
];

for (const flavour of ['uc', 'link']) {
  test(`M2: users are found by every filter, and by several at once (${flavour})`, async (t) => {
    const one = await client(flavour);
    for (const [filter, text, wanted] of FOUND) {
      assert.equal(await call(one, 'user.search', { [filter]: text }), null);
      assert.deepEqual(names(await heard(one, 'directory:change')).sort(), [...wanted].sort(), filter);
      covers(t, `user.search(filters.${filter})`);
    }
    for (const [filters, wanted] of [
      [{ lastName: 'baker', firstName: 'dave' }, ['dave']],
      [{ name: 'carter', phoneNumber: '4930' }, ['bo']],
      [{ lastName: 'baker', firstName: 'nobody' }, []],
      [{ lastName: 'nobody at all' }, []],
    ]) {
      await call(one, 'user.search', filters);
      assert.deepEqual(names(await heard(one, 'directory:change')), wanted, JSON.stringify(filters));
    }
    await call(one, 'user.search');
    assert.equal((await heard(one, 'directory:change')).results.length, ACCOUNTS.length, 'no filter: everybody');
    coversFunction(t, 'user.search', 'filters');
    covers(t, 'directory:change', 'directory:change.results');
  });
}

test('M2: what is found is sorted, and comes in pages', async (t) => {
  const one = await client('uc');
  const search = async (options) => {
    await call(one, 'user.search', {}, options);
    const { results, next } = await heard(one, 'directory:change');
    return [names({ results }), next];
  };
  const byFirst = ['alice', 'bo', 'bob', 'carol', 'dave', 'erin'];
  assert.deepEqual(await search({ sortBy: 'firstName' }), [byFirst, undefined]);
  assert.deepEqual(await search({ sortBy: 'firstName', order: 'asc' }), [byFirst, undefined]);
  assert.deepEqual(await search({ sortBy: 'firstName', order: 'desc' }), [byFirst.toReversed(), undefined]);
  assert.deepEqual((await search({ sortBy: 'lastName' }))[0].slice(0, 2), ['erin', 'alice'], 'whatever the case');
  assert.deepEqual((await search({ sortBy: 'userId', order: 'desc' }))[0][0], 'erin');
  assert.deepEqual(await search({ sortBy: 'firstName', max: 2 }), [['alice', 'bo'], '2']);
  assert.deepEqual(await search({ sortBy: 'firstName', max: 2, next: '2' }), [['bob', 'carol'], '4']);
  assert.deepEqual(await search({ sortBy: 'firstName', max: 2, next: 4 }), [['dave', 'erin'], undefined]);
  assert.deepEqual(await search({ sortBy: 'firstName', max: 2, next: 90 }), [[], undefined]);
  covers(t, ...['', '.sortBy', '.order', '.max', '.next', '.order) = asc', '.order) = desc'].map((option) => (option.includes(')') ? `user.search(options${option}` : `user.search(options${option})`)));
});

test('M6: one user is fetched, and is known from then on', async (t) => {
  const one = await client('link');
  assert.deepEqual([await call(one, 'user.getAll'), await call(one, 'user.get', 'bob@example.com')], [[], null]);
  assert.equal(await call(one, 'user.fetch', 'bob@example.com'), null);
  const { results } = await heard(one, 'directory:change');
  assert.equal(results.length, 1);
  const [bob] = results;
  assert.deepEqual([bob.userId, bob.firstName, bob.lastName, bob.emailAddress], ['bob@example.com', 'Bob', 'Baker', 'bob@mail.example']);
  assert.deepEqual([await call(one, 'user.get', 'bob@example.com'), await call(one, 'user.getAll')], [bob, [bob]]);
  await call(one, 'user.fetch', 'nobody@example.com');
  await call(one, 'user.fetch', 'carol@example.com');
  assert.deepEqual(names(await heard(one, 'directory:change')), ['carol'], 'nobody: no event');
  assert.equal((await call(one, 'user.getAll')).length, 2);
  // A copy: what a page does to it stays with the page.
  assert.equal(await one.run(() => {
    page.client.user.get('bob@example.com').firstName = 'Mallory';
    return page.client.user.get('bob@example.com').firstName;
  }), 'Bob');
  coversFunction(t, 'user.fetch', 'userId');
  coversFunction(t, 'user.get', 'userId');
  covers(t, 'user.getAll', ...['userId', 'emailAddress', 'firstName', 'lastName'].map((field) => `User.${field}`));
});

test('M6: the own profile is kept under the own name', async (t) => {
  const one = await client('uc');
  assert.equal(await call(one, 'user.fetchSelfInfo'), null);
  const { results: [own, ...more] } = await heard(one, 'directory:change');
  assert.deepEqual([own.primaryContact, own.data.firstName, own.data.lastName, more], ['alice@example.com', 'Alice', 'Archer', []]);
  assert.match(own.currentLocale, /^[a-z]{2}/);
  assert.deepEqual(await call(one, 'user.get', 'alice@example.com'), own);
  covers(t, 'user.fetchSelfInfo');
});

test('without a login every function fails by its event', async () => {
  const one = await openPage(await browsers.get('chromium', 0), gateway.url);
  await one.run(() => void page.create({ logs: { logLevel: 'error' } }));
  for (const [act, args, type, code] of [
    ['contacts.add', [BOB], 'contacts:error', 'users:1'], ['contacts.refresh', [], 'contacts:error', 'users:2'],
    ['user.fetch', ['bob'], 'directory:error', 'users:3'], ['user.fetchSelfInfo', [], 'directory:error', 'users:3'],
    ['user.search', [{ name: 'b' }], 'directory:error', 'users:3'], ['voicemail.fetch', [], 'voicemail:error', 'mwi:1'],
    ['call.history.fetch', [], 'callHistory:error', 'callHistory:1'], ['call.history.clear', [], 'callHistory:error', 'callHistory:1'],
    ['clickToCall.make', ['a', 'b'], 'clickToCall:error', 'clickToCall:2'], ['sip.subscribe', ['event:dialog', ['a']], 'sip:error', 'sipEvents:2'],
  ]) {
    await call(one, act, ...args);
    await failed(one, type, code);
  }
  assert.deepEqual([await call(one, 'contacts.getAll'), await call(one, 'clickToCall.get')], [{}, []]);
});

async function client(flavour, name = 'chromium') {
  return signedIn(await browsers.get(name), gateway, 'alice', flavour);
}

/** Removes what an earlier test has left. */
async function emptied(one) {
  await warm(one);
  await call(one, 'contacts.refresh');
  await heard(one, 'contacts:change');
  for (const id of Object.keys(await call(one, 'contacts.getAll'))) {
    await call(one, 'contacts.remove', id);
    await heard(one, 'contacts:change');
  }
}

/** Who was found, without the domain. */
function names({ results }) {
  return results.map(({ userId }) => userId.replace('@example.com', ''));
}
