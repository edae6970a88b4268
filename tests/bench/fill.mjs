// A gateway full of people and messages, by its own API.
import { Agent, request } from 'node:http';

/** Contacts of one request: a body has at most a megabyte. */
const AT_ONCE = 500;

/** Requests under way at once. */
const PARALLEL = 16;

/** Requests between two words of progress. */
const STEP = 20_000;

const FIRST = ['Ada', 'Bo', 'Clara', 'Dilan', 'Eva', 'Farid', 'Greta', 'Hugo', 'Ines', 'Jonas', 'Kaya', 'Lena', 'Milan', 'Nora', 'Oskar', 'Paula'];
const LAST = ['Abel', 'Berg', 'Costa', 'Demir', 'Engel', 'Fuchs', 'Gallo', 'Huber', 'Ivanov', 'Jensen', 'Keller', 'Lang', 'Moreau', 'Novak', 'Ortiz'];

/** Speaks to a gateway as one of its users. */
export async function user(gateway, name) {
  const agent = new Agent({ keepAlive: true, maxSockets: PARALLEL });
  const ask = (method, path, body, more) =>
    new Promise((resolve, reject) => {
      const asking = request(new URL(path, gateway.url), { method, agent, headers: { 'content-type': 'application/json', ...more } }, async (answer) => {
        let text = '';
        for await (const piece of answer) text += piece;
        const said = JSON.parse(text);
        if (answer.statusCode >= 300 || said.error) reject(new Error(`${method} ${path.split('?')[0]}: ${answer.statusCode} ${text}`));
        else resolve(said);
      });
      asking.on('error', reject);
      asking.end(body && JSON.stringify(body));
    });
  const account = `${name}@example.com`;
  const authorization = `basic ${Buffer.from(`${account}:demo`).toString('base64')}`;
  const { success } = await ask('GET', '/v2.0/auth/mk_token', undefined, { authorization });
  const token = success.access_token;
  return {
    account,
    /** Sends one message. */
    say: (to, txt) => ask('GET', `/v2.0/rm/send?to=${encodeURIComponent(to)}&txt=${encodeURIComponent(txt)}&token=${encodeURIComponent(token)}`),
    /** Puts people into the address book. */
    know: (entries) => ask('POST', `/rest/version/1/user/${account}/addressbook/contacts/?token=${token}`, { addressBookRequest: { addressBookEntries: entries } }),
    /** Time of the newest message with somebody, in ms since the epoch. */
    async newest(other) {
      const { success } = await ask('GET', `/v2.0/rm/thread/${encodeURIComponent(other)}?max=1&token=${encodeURIComponent(token)}`);
      return success[0].when;
    },
    end: () => agent.destroy(),
  };
}

/** Gives somebody so many contacts. */
export async function fillContacts(who, count) {
  const entry = (_, n) => {
    const [firstName, lastName] = [FIRST[n % FIRST.length], LAST[n % LAST.length]];
    const primaryContact = `${firstName}.${lastName}.${n}@example.com`.toLowerCase();
    return { nickname: `c${n}`, primaryContact, firstName, lastName: `${lastName} ${n}`, friendStatus: true };
  };
  const all = Array.from({ length: count }, entry);
  for (let from = 0; from < count; from += AT_ONCE) await who.know(all.slice(from, from + AT_ONCE));
}

/** Lets two people write so many messages to each other. Resolves with the time of the newest. */
export async function fillMessages(one, other, count) {
  let begun = 0;
  const write = async () => {
    while (begun < count) {
      const n = (begun += 1);
      const [from, to] = n % 3 ? [one, other] : [other, one];
      await from.say(to.account, `${n}: ${'words that somebody wrote '.repeat(1 + (n % 5))}`);
      if (n % STEP === 0) console.log(`  ${n} of ${count} messages`);
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, write));
  return one.newest(other.account);
}
