// Every code that an error can have: when it comes, whether what was there before is kept, and what to do. docs/errors.md is
// made of this by `UPDATE=1 node scripts/errors.mjs`; `npm test` compares both, and the codes with those of the engines
// (crates/core/src/error.rs, crates/people/src/error.rs) and of the face (js/errors.ts).

/**
 * @typedef {object} Row
 * @property {string} code as in the API; `<number>` stands for the status that a server refused with
 * @property {string} when when it comes
 * @property {string} kept what becomes of the session, the call, the message or whatever else it is about
 * @property {string} todo what to do
 */

/** What stands before the first table. */
export const HEAD = `Every error that an event carries is a \`BasicError\`. It extends \`Error\` and has

* \`code\`: for programs. A text such as \`call:4\`. It is a **number** when the server refused a request with that number.
* \`message\`: one sentence for people. It may change; do not compare it.
* \`cause\`: only where something was thrown, or where the server said why.

<!-- sample: signed-in refused; until said.includes('Please allow the microphone.') -->
\`\`\`js
client.on('call:stateChange', ({ error }) => {
  if (error?.code === 'call:4') console.log('Please allow the microphone.')
})
client.call.make('bob@example.com', { audio: true })
\`\`\`

Test with \`if (error)\`. The key \`error\` is present in every \`call:*\` event, also when nothing failed. Functions do not throw for what happens
later; they throw a \`TypeError\` for arguments that can never be right, such as \`call.make\` without \`media\`. Where there is no event for it,
an argument of a wrong type is an error line in the log, and nothing happens.`;

/** @type {{ title: string, before: string, subject: string, rows: Row[], after: string }[]} */
export const SECTIONS = [
  {
    title: 'Signing in and out',
    before: `These come in \`auth:error {error}\`, after an \`auth:change\` where the connection changed. After a failed login the client is not connected and nothing is
pending. \`getConnection().error\` holds the last one.`,
    subject: 'the session',
    rows: [
      {
        code: 'authentication:1',
        when: 'The credentials have no known combination of members.',
        kept: 'none',
        todo: 'Pass `username` and `password`, or one of the other forms.',
      },
      {
        code: 'authentication:2',
        when: 'The subscription was accepted, but the WebSocket could not be opened.',
        kept: 'none',
        todo: 'Check `authentication.websocket`, and proxies that block WebSockets.',
      },
      {
        code: 'authentication:3',
        when: '`disconnect`: the server did not delete the subscription.',
        kept: 'over',
        todo: 'Nothing. You are signed out; the server forgets the subscription when it expires.',
      },
      {
        code: 'authentication:4',
        when: 'The subscription was refused, or the server could not be reached, or no server is configured. On Link also: wrong password.',
        kept: 'none',
        todo: "Read the message: it has the server's code. Check `authentication.subscription`.",
      },
      {
        code: 'authentication:6',
        when: '`updateConnection`: the services could not be changed. In `auth:resub`, not in `auth:error`: the subscription could not be extended.',
        kept: 'unchanged',
        todo: 'Nothing, or ask for the services again. Extensions are tried again by themselves.',
      },
      {
        code: 'authentication:9',
        when: 'UC: no token. Wrong name or password, or the server could not be reached, or the first refresh failed.',
        kept: 'none',
        todo: 'Ask for the password again, or read the message.',
      },
      {
        code: 'authentication:11',
        when: 'UC, `disconnect`: the server did not revoke the token.',
        kept: 'over',
        todo: 'Nothing. You are signed out; the token expires by itself.',
      },
      {
        code: 'NO_CODE',
        when: '`connect` while connected or connecting.',
        kept: 'unchanged',
        todo: 'Call `disconnect` first.',
      },
    ],
    after: `A session can also end without an error. Then \`auth:change\` carries a \`reason\`:

| reason | when | what to do |
| --- | --- | --- |
| \`LOST_CONNECTION\` | The WebSocket was lost, and all attempts to open it again failed. | Offer to sign in again. |
| \`GONE\` | The server ended the session. | Offer to sign in again. |

### What "connected" is worth

\`getConnection().isConnected\` is true while the WebSocket is open, so notifications can arrive. While it is lost and being opened again, the connection says
\`isConnected: false, isPending: true\`. The events for this are \`ws:change\`. Released 4.8 clients go on saying "connected" during that time.

An open socket is not yet a living server. The client asks every \`connectivity.pingInterval\`, and at once when the page was asleep or hidden, or the network changed. Where the server has answered before,
the answer may take ten seconds (one interval, if that is shorter); then the socket is replaced. \`isConnected\` is never true when the last proof of life is older than that. A server that never answers
these questions cannot be told from a dead one; then "connected" means that the socket is open, and no more.

A server that has forgotten the session, because it was restarted or the page slept too long, is logged in to again with what \`connect\` was given. At the end comes one \`auth:change\`; calls that the server no longer knows
end with an error.

Losing the server does not stop a call. Sound and pictures go from browser to browser. Hanging up works here at once; the other side hears of it when the server does.
If the server cannot be reached for 90 s, a connected call ends with \`NO_CODE\`: by then the server has given it up, too. Calls that are not answered yet end with the login.`,
  },
  {
    title: 'Notifications and push',
    before: 'These come in `notifications:error {channel, error}`.',
    subject: 'the channel',
    rows: [
      {
        code: 'NO_CODE',
        when: '`notification.registerPush`, `deregisterPush`: the server refused or could not be reached, nobody is logged in, or what is needed for it is missing. The message says which.',
        kept: 'as it was',
        todo: 'Read the message, and try again when connected.',
      },
    ],
    after: `A notification that \`notification.process\` gets for a channel that is none is an error line in the log. One that was there before, or that comes on a channel
that is switched off, is dropped.`,
  },
  {
    title: 'Calls',
    before: `These come in \`call:stateChange {callId, error, previous}\`, those of \`addMedia\` and \`removeMedia\` in \`call:newMedia\` and \`call:removedMedia {callId, error}\`, those of \`replaceTrack\`, \`getStats\`
and \`join\` in \`call:trackReplaced\`, \`call:statsReceived\` and \`call:join\`, those of \`sendDTMF\` in \`call:error\` alone. Whether the call goes on is in its \`state\`, not in the error.`,
    subject: 'the call',
    rows: [
      {
        code: 'call:2',
        when: 'A description could not be applied, an SDP handler threw, or the media connection failed and could not be repaired within 30 s. `hold`, `unhold`, `addMedia`, `removeMedia`: the other side did not answer. Transfers: they came to nothing. `replaceTrack`, `sendDTMF`, `getStats`: the browser could not.',
        kept: '`Ended`; after an operation that failed as it was, a transferred call on hold',
        todo: 'Call again, or do it again. The message has the reason.',
      },
      {
        code: 'call:4',
        when: '`make`, `answer`, `addMedia`, `replaceTrack`, `join`: no microphone or camera.',
        kept: '`make`: `Ended`. `answer`: still `Ringing`; answer again. Else as it was',
        todo: 'See below.',
      },
      {
        code: 'call:6',
        when: 'The call is not in the right state, or `make` while not connected. Transfers and `join` need calls on hold.',
        kept: 'unchanged; a failed `make` is `Ended`',
        todo: 'Wait for the event that brings the state.',
      },
      {
        code: 'call:7',
        when: '`make` without a destination; an operation on an unknown call; `removeMedia`, `replaceTrack` without a local track; tones that are none; a transfer of a call to itself.',
        kept: '`make`: `Ended`. Else as it was',
        todo: 'Name one.',
      },
      { code: 'call:9', when: 'The browser made no offer.', kept: '`Ended`', todo: 'Call again.' },
      {
        code: 'call:10',
        when: 'The answer does not fit the offer.',
        kept: '`Ended`',
        todo: 'The other side is at fault; the message says where.',
      },
      {
        code: '<number>',
        when: 'The server refused `answer`, `reject`, `forward`, `hold`, `unhold`, a change of media, a transfer or `end`. 42: it does not know the call any more.',
        kept: '`answer`, `reject`: still `Ringing`. `hold`, `unhold`: as it was. `end`, and always after 42: `Ended`',
        todo: 'Try again, or ignore the call.',
      },
      { code: 'NO_CODE', when: 'The server refused the call, or could not be reached.', kept: '`Ended`', todo: 'Read the message.' },
    ],
    after: `Each of these is told once more as \`call:error {callId, error}\` after its event, and \`call:4\` also as \`media:error {callId, error}\` after that: pages of Kandy.js 3.x listen to these. A refusal
that has no other event, such as \`end\` of a call that does not exist, comes as \`call:error\` alone.

\`call:4\` names the browser's error in its message:

| in the message | reason |
| --- | --- |
| \`NotAllowedError\` | The user or the browser refused. The page may ask again only after the user has changed the permission. |
| \`NotFoundError\` | There is no such device. Offer a call without video. |
| \`NotReadableError\` | Another program uses the device. |
| \`due to constraint: X\` | No device meets the constraint \`X\` of \`audioOptions\` or \`videoOptions\`. |
| \`NotSupportedError\` | The page is not served over https or from localhost. |
| \`TypeError\` | Neither \`audio\` nor \`video\` was true. |

Nothing stays behind: the devices are free and the call is over on both sides.

### Why the other side ended a call

A call that the other side or the server ended is no error. \`call:stateChange\` then has \`transition {statusCode, reasonText, prevState}\`:

| \`statusCode\` | meaning |
| --- | --- |
| absent | The other side hung up. |
| 404 | There is no such user. |
| 480 | The user is not signed in. |
| 486 | The user is busy. |
| 487 | Nobody answered in time, or the caller gave up. |
| 603 | The user declined. |
| 9904 | The call was answered on another device. |

Numbers and texts are passed on as the server sent them.`,
  },
  {
    title: 'Messages and conversations',
    before: `These come in \`messages:error {error, destination, type}\`. A message that was not sent stays in its conversation with \`isPending: false\`, \`messageId: null\` and the
\`error\`; \`messages:change\` for it comes before. A server that refuses a message with a number of its own is told by \`messages:change\` and that \`error\` alone.`,
    subject: 'the message, or what is known here',
    rows: [
      { code: 'messaging:2', when: '`markRead`: the server did not take the mark, or there is no such message.', kept: 'read here, not at the server', todo: 'Nothing.' },
      {
        code: 'messaging:5',
        when: 'A message was not sent: nobody is logged in, it is empty, too many wait, or the server was not reached in eight attempts. Where the message says that it may have arrived, nobody knows: the server did not answer, and does not know messages by the ids that clients give them.',
        kept: 'not sent, or perhaps sent',
        todo: 'Offer to send it again; after "may have arrived" ask first.',
      },
      { code: 'messaging:6', when: '`fetchMessages`, `deleteMessages`, `delete`: the request failed, or the conversation is not known to the server. Also: a file of a received message could not be looked up.', kept: 'as it was', todo: 'Try again.' },
      { code: 'messaging:7', when: 'A file or a JSON part could not be uploaded. The server says if it is too large.', kept: 'not sent', todo: 'Send a smaller one, or send it again.' },
      { code: 'messaging:8', when: '`conversation.fetch`: the list could not be loaded.', kept: 'as it was', todo: 'Try again.' },
      { code: 'messaging:9', when: 'The destination is empty, or no list of names.', kept: 'not sent', todo: 'Name a user.' },
      {
        code: 'messaging:10',
        when: 'A part cannot be sent: it is neither text nor JSON nor a file, there are too many, or one is too long. On Link: anything but text.',
        kept: '`addPart`: without this part. `send`: not sent',
        todo: 'Leave it out.',
      },
      { code: '<number>', when: 'The server refused.', kept: 'not sent', todo: 'Read the message.' },
    ],
    after: `What waits while the connection is lost is not an error: it is sent, once, when the connection is back. With the end of the login it fails with \`messaging:5\`.`,
  },
  {
    title: 'Presence',
    before: 'These come in `presence:error {error}`. `presence.getSelf().error` holds the last one of `update`.',
    subject: 'what others see',
    rows: [
      { code: 'presence:1', when: '`update`: the status is none of `presence.statuses`.', kept: 'unchanged; nothing was asked', todo: 'Use a constant.' },
      { code: 'presence:2', when: '`update`: the activity is none of `presence.activities`.', kept: 'unchanged; nothing was asked', todo: 'Use a constant.' },
      { code: '<number>', when: 'The server refused.', kept: 'unchanged', todo: 'Read the message.' },
      { code: 'NO_CODE', when: 'The server could not be reached, nobody is logged in, or no user was named.', kept: 'unchanged', todo: 'Try again when connected.' },
    ],
    after: 'Who is watched is watched again after a new login of the same user, by itself.',
  },
  {
    title: 'Contacts and users',
    before: 'These come in `contacts:error {error}` and `directory:error {error}`. A user who does not exist is no error: `user.fetch` then tells nothing.',
    subject: 'what is known here',
    rows: [
      { code: 'users:1', when: '`contacts.add`, `update`, `remove`, `fetch`: the server could not be reached, or its answer has no contact.', kept: 'unchanged', todo: 'Try again.' },
      { code: 'users:2', when: '`contacts.refresh`: the same.', kept: 'unchanged', todo: 'Try again.' },
      { code: 'users:3', when: '`user.fetch`, `fetchSelfInfo`, `search`: the same.', kept: 'unchanged', todo: 'Try again.' },
      { code: 'users:4', when: 'The id of the contact or user is missing.', kept: 'unchanged; nothing was asked', todo: 'Name one.' },
      { code: '<number>', when: 'The server refused. 42: it does not know the contact.', kept: 'unchanged', todo: 'Read the message.' },
    ],
    after: '`fetchSelfInfo` asks for two things. It fails only if both fail.',
  },
  {
    title: 'Call history, voicemail and click to call',
    before: 'These come in `callHistory:error {error}`, `voicemail:error {error}` and `clickToCall:error {callId, error}`.',
    subject: 'what is known here',
    rows: [
      { code: 'callHistory:1', when: 'The request failed, or the answer holds no records.', kept: 'unchanged', todo: 'Try again.' },
      { code: 'callHistory:2', when: '`fetch`: amount or offset is no number, or negative. `remove`: no id. Also when the server says so (37).', kept: 'unchanged', todo: 'Correct the argument.' },
      { code: 'callHistory:3', when: '`remove`: the server has no such record (42).', kept: 'unchanged', todo: 'Fetch the history anew.' },
      { code: 'mwi:1', when: '`voicemail.fetch` failed.', kept: 'unchanged', todo: 'Try again.' },
      { code: 'clickToCall:1', when: 'Caller or callee is missing.', kept: 'no call, and no record of one', todo: 'Name both.' },
      { code: 'clickToCall:2', when: 'The server did not start the call.', kept: 'no call, and no record of one', todo: 'Read the message.' },
    ],
    after: 'That nothing waits in the mailbox is no error, although servers answer it with a code of its own (52).',
  },
  {
    title: 'SIP events',
    before: 'These come in `sip:error {error}`.',
    subject: 'the subscription',
    rows: [
      { code: 'sipEvents:1', when: 'The server refused or could not be reached, its answer has no id, or no user was named.', kept: 'as it was', todo: 'Try again.' },
      {
        code: 'sipEvents:2',
        when: '`subscribe`: the service was not granted at the login. After a new login: a service of which there was a subscription was not granted again.',
        kept: 'none',
        todo: 'Ask for the service in `authentication.subscription.service`; `getServices` tells what was granted.',
      },
      { code: 'sipEvents:3', when: '`update`, `unsubscribe`: there is no subscription of this event type.', kept: 'none', todo: 'Subscribe first.' },
    ],
    after: 'Subscriptions are extended, and made again after a new login, by themselves.',
  },
  {
    title: 'Media on another machine',
    before: 'This comes in `proxy:error {error}`. `client.proxy` is there only with `common.allowProxy`.',
    subject: 'the client',
    rows: [{ code: 'proxy:1', when: '`proxy.setProxyMode`, `setChannel`, `initializeRemote`: it is not supported.', kept: 'as it was', todo: 'Nothing. Calls use the devices of this page.' }],
    after: 'The other functions of `proxy` tell that there is none.',
  },
  {
    title: 'Arguments',
    before: 'Only promises of `…Async` forms are rejected with it. The function without `Async` throws a `TypeError`, or writes a line into the log.',
    subject: 'what was asked for',
    rows: [
      {
        code: 'argument:1',
        when: 'An argument is missing or of the wrong kind. `cause` is what the function threw, where it threw.',
        kept: 'not begun',
        todo: 'Read the message: it names the function and what it needs.',
      },
    ],
    after: 'What only the engine or the server can judge has the codes of its subject.',
  },
  {
    title: 'The engine',
    before: `The engine is a WebAssembly file beside \`index.js\`. Commands wait for it in order, at most 60 s. These errors come in the event that the command's failure would have had:
\`auth:error\` for \`connect\`, \`call:stateChange\` for a call, \`notifications:error\` for a notification, \`messages:error\`, \`presence:error\` and the like for the engine of messages and people, which is a file of its own.`,
    subject: 'what was asked for',
    rows: [
      { code: 'engine:1', when: 'The engine could not be loaded or started.', kept: 'not done: not connected, calls `Ended`', todo: 'See below.' },
      {
        code: 'engine:2',
        when: 'The engine failed while it carried out a command.',
        kept: 'unknown; nothing works any more',
        todo: 'Report it to us, with the message.',
      },
      {
        code: 'engine:3',
        when: 'More than 1,000 commands waited for the engine, or more than 10,000 for that of messages and people; or as many `…Async` forms for their end.',
        kept: 'not done; what waits goes on',
        todo: 'Ask for less before it is there, and wait for some of what you asked for.',
      },
      {
        code: 'engine:4',
        when: 'There is no page: the client was made in Node, in a worker, or while a page is rendered on a server.',
        kept: 'not done; `create` throws nothing, and `getConnection().error` says so at once',
        todo: 'Create the client in the browser only, as in an effect of your component.',
      },
      {
        code: 'engine:5',
        when: 'The browser has no WebAssembly.',
        kept: 'not done, as above',
        todo: 'Nothing that a page can do. Lockdown Mode switches it off, and so do some administrators.',
      },
    ],
    after: `Reasons for \`engine:1\`:

* \`engine-glue.js\` is not served beside \`index.js\`, or neither \`kandy_wasm_bg.wasm\` nor \`engine-copy.js\` is. The client looks for the first of these two, then for the second, which holds the same as JavaScript. Messages and people need \`people-engine.js\`, \`kandy_people_bg.wasm\` and \`people-copy.js\` in the same way. A failed attempt is repeated when they are next used.
* The page's content security policy forbids WebAssembly. It needs \`script-src 'self' 'wasm-unsafe-eval'\`.

A server that answers a missing file with its start page is noticed: the file's first bytes are checked.`,
  },
];
