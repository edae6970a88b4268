// Messages and people as the types see them: compiled by types.test.mjs, never run. A line marked as an error has to be one.
import { create, type CallRecord, type Contact, type Conversation, type Message, type Part, type Presence, type StoredMessage, type User } from 'kandy-wasm';
import { is } from './same.js';

const client = create();

const conversation = client.conversation.create('bob@example.com');
is<typeof conversation, Conversation>(true);
is<ReturnType<typeof client.conversation.get>, Conversation | undefined>(true);
client.conversation.create(['bob@example.com', 'carol@example.com'], { type: 'group' });
client.conversation.create('bob@example.com', 'sms');
client.conversation.fetch({ type: 'group', max: 20 });

const message: Message = conversation.createMessage('Hello');
conversation.createMessage({ type: 'json', json: { a: 1 } });
message.addPart({ type: 'file', file: new Blob([]) });
message.send();
conversation.fetchMessages(20, { before: 'id' });
const stored = conversation.getMessages({ from: 0, count: 5 })[0];
is<typeof stored, StoredMessage | undefined>(true);
stored?.markRead?.();
const show = (part: Part): string => {
  if (part.type === 'text') return part.text;
  if (part.type === 'json') return JSON.stringify(part.json);
  is<typeof part.file, Blob>(true);
  return part.name ?? '';
};
stored?.parts.map(show);
const stop = conversation.subscribe(({ conversationId, messageId }) => is<[typeof conversationId, typeof messageId], [string, string | undefined]>(true));
is<typeof stop, () => void>(true);

client.presence.update(client.presence.statuses.OPEN, client.presence.activities.AWAY, 'back soon');
is<ReturnType<typeof client.presence.get>, Presence[]>(true);
client.contacts.add({ contactId: 'bob', primaryContact: 'bob@example.com' });
client.contacts.update('bob', { firstName: 'Bob' });
is<ReturnType<typeof client.contacts.getAll>, Record<string, Contact>>(true);
client.user.search({ userId: 'carol' }, { max: 5, order: 'asc' });
is<ReturnType<typeof client.user.getAll>, User[]>(true);
is<ReturnType<typeof client.call.history.get>, CallRecord[]>(true);
is<ReturnType<typeof client.clickToCall.make>, string>(true);
client.sip.update('event:dialog', { subscribeUserList: ['bob@example.com'] });

// @ts-expect-error nobody is named
client.conversation.create();
// @ts-expect-error a part has a type
conversation.createMessage({ text: 'Hello' });
// @ts-expect-error no such part
message.addPart({ type: 'picture', file: new Blob([]) });
// @ts-expect-error a file is a Blob
message.addPart({ type: 'file', file: 'plan.txt' });
// @ts-expect-error a message may not be there
conversation.getMessage('id').parts;
// @ts-expect-error one's own messages cannot be marked
stored?.markRead();
// @ts-expect-error a contact has an id
client.contacts.add({ firstName: 'Bob' });
// @ts-expect-error misspelt
client.user.search({ user: 'carol' });
// @ts-expect-error no order
client.user.search({}, { order: 'up' });
// @ts-expect-error the event's name is missing
client.sip.subscribe(['bob@example.com']);
