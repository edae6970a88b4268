// The list of promises: makes docs/promises.md of the types in js/api/twins.ts. `UPDATE=1 node scripts/promises.mjs` writes that
// page; `npm test` compares both.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from './lib/paths.mjs';

const SOURCE = 'js/api/twins.ts';
const PAGE = 'docs/promises.md';

/** What stands before the tables. */
const HEAD = `# Promises

Every function that changes something has a form that can be awaited: \`call.hold(callId)\` and \`call.holdAsync(callId)\`. Parameters, events and what
is done are the same. The promise resolves when it is done, and rejects with the \`BasicError\` of the event that tells of a failure.

<!-- sample: client; until client.getConnection().isConnected && said.includes('alice@example.com') -->
\`\`\`js
await client.connectAsync({ username: 'alice@example.com', password: 'demo' })
console.log(client.getUserInfo().username)
\`\`\`

<!-- sample: call; until client.call.getById(callId).state === 'Ended' && said.includes('held') -->
\`\`\`js
const call = await client.call.holdAsync(callId).catch((error) => console.warn(error.code, error.message))
if (call) console.log('held')
await client.call.endAsync(callId)
\`\`\`

* The events come all the same, and first: their listeners have been called when \`await\` goes on.
* What is returned is the state at that moment: a call as \`call.getById\` would tell it, a connection as \`getConnection\`.
* Before the engine is loaded, operations wait for it, as they do without promises.
* A promise always ends. With a call end all operations on it (\`call:6\`), with the login what only it could do (\`NO_CODE\`).
* Nobody has to wait; but a promise that is rejected while nobody listens is an \`unhandledrejection\` of the page. Where that is not wanted, call the form
  without \`Async\`.

In addition to the codes below every promise can be rejected with \`argument:1\`, \`engine:1\`, \`engine:2\` and \`engine:3\`, those of people with \`NO_CODE\` if nobody is
logged in. [errors.md](errors.md) tells what each code means. There is no such form of what has no end to wait for: \`updateConfig\`, \`conversation.create\`,
\`call.history.setCache\`, \`connection.enableConnectivityChecking\`, and of the functions of Kandy.js 3.x.
`;

/**
 * Checks that the page says what the types say.
 * @returns {string} how many there are, for people
 * @throws {Error} with what is wrong
 */
export function promises() {
  const sections = sectionsOf(readFileSync(join(ROOT, SOURCE), 'utf8'));
  const all = sections.flatMap(({ rows }) => rows);
  if (all.length < 50) throw new Error(`${SOURCE} is written otherwise than scripts/promises.mjs reads it.`);
  const text = page(sections);
  const file = join(ROOT, PAGE);
  if (process.env.UPDATE) writeFileSync(file, text);
  else if (readFileSync(file, 'utf8') !== text) throw new Error(`${PAGE} is not what ${SOURCE} says; UPDATE=1 node scripts/promises.mjs writes it.`);
  return `${all.length} promises`;
}

/** Each interface with its comment, and of each function the two sentences before it. */
function sectionsOf(source) {
  return source.split(/^\/\*\* /m).slice(1).map((part) => {
    const [, title] = /^(.*) \*\/\nexport interface/.exec(part) ?? [];
    if (!title) throw new Error(`An interface of ${SOURCE} has no comment of one line.`);
    const rows = [...part.matchAll(/ {2}\/\*\*\n([^]*?)\*\/\n {2}(\w+)\??\(/g)].map(([, comment, name]) => {
      const said = comment.replaceAll(/^ *\* ?/gm, '').replaceAll(/\s+/g, ' ');
      const [, resolves, rejects] = /Resolves with (.*?)\. Rejects with (.*?)\. ?$/.exec(said) ?? [];
      if (!rejects) throw new Error(`${name} in ${SOURCE} does not say with what it resolves and rejects.`);
      return { name, resolves, rejects };
    });
    return { title, rows };
  });
}

function page(sections) {
  const line = ({ name, resolves, rejects }) => `| \`${name}\` | ${resolves} | ${rejects} |`;
  const section = ({ title, rows }) => [`## ${title}\n`, '| function | resolves with | rejects with |', '| --- | --- | --- |', ...rows.map(line), ''].join('\n');
  return `${HEAD}\n${sections.map(section).join('\n')}`;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    console.log(promises());
  } catch (error) {
    console.error(error.message);
    process.exit(1);
  }
}
