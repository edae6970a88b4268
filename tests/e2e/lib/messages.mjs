// What the tests of messaging share: how a page writes, and what its conversations hold.

/** Writes texts to somebody, one message each; the last argument is the type of the conversation. */
export function write(one, to, texts, type = 'im') {
  return one.run((...given) => {
    const [users, all, kind] = given;
    const talk = page.client.conversation.create(users, { type: kind });
    for (const text of [all].flat()) talk.createMessage(text).send();
  }, to, texts, type);
}

/** Messages of a conversation, as the page shows them; none if there is no conversation. */
export function messages(one, to, type = 'im') {
  return one.run((users, kind) => page.client.conversation.get(users, { type: kind })?.getMessages() ?? [], to, type);
}

/** Their texts, in order. */
export async function texts(one, to, type = 'im') {
  return (await messages(one, to, type)).map(({ parts }) => parts.map(({ text }) => text).join());
}

/** Resolves when a conversation has so many messages that have come to rest; tells its texts. */
export async function settled(one, to, count, type = 'im') {
  await one.run(async (users, wanted, kind) => {
    const rest = () => (page.client.conversation.get(users, { type: kind })?.getMessages() ?? []).filter(({ isPending }) => !isPending);
    const late = setTimeout(() => page.late(`only ${rest().length} of ${wanted} messages: ${page.seen.slice(-12).join(', ')}`), 25_000);
    const failed = new Promise((_, reject) => (page.late = (why) => reject(new Error(why))));
    while (rest().length < wanted) await Promise.race([page.next(), failed]);
    clearTimeout(late);
  }, to, count, type);
  return texts(one, to, type);
}
