// Situations in which clients of this kind failed. Each row is covered by the tests that bear its number in their names
// (`h1_…` in Rust, `H1: …` in JavaScript), or says why there is none. `npm test` compares; docs/hazards.md is made of it.

/**
 * @typedef {object} Row
 * @property {string} row number, as it stands in the names of tests
 * @property {string} scenario what happens
 * @property {string} holds what must hold
 * @property {string} [note] what no test covers, and why
 */

/** @type {{ title: string, rows: Row[] }[]} */
export const SECTIONS = [
  {
    title: 'Hold, unhold, music on hold',
    rows: [
      { row: 'H1', scenario: 'Both hold; the one who held first releases first.', holds: 'That side stays On Hold until the other has released it, too.' },
      { row: 'H2', scenario: 'Both hold; the second one releases last.', holds: 'With the last release both are Connected, and media flow.' },
      { row: 'H3', scenario: 'Both hold, and the other side holds by asking for an offer (slow start).', holds: 'Both holds count, and each side releases only its own.' },
      { row: 'H4', scenario: 'A telephone holds in its own words: sendonly, inactive, a direction for the whole session or none, the address 0.0.0.0.', holds: 'On Hold by the other side; nothing is sent until the release, which is known as well.' },
      { row: 'H5', scenario: 'Hold while only one side sends a picture.', holds: 'Either side holds and releases, and the same tracks are back.' },
      { row: 'H6', scenario: 'A call with sound is answered with sound and picture, then held.', holds: 'As H5; the camera that has no line stays off.' },
      { row: 'H7', scenario: 'Release after the server has played music, from the same endpoint or one of its own.', holds: 'The call lives, and all media are back.' },
      { row: 'H8', scenario: 'A local track is removed after music on hold.', holds: 'Its end and the removal are told.' },
      { row: 'H9', scenario: 'Release of a hold; a track that says it had the id of another.', holds: 'Sound flows again; no two tracks share an id.' },
      { row: 'H10', scenario: 'Holds and releases in a row.', holds: 'No track is listed, shown, or told as ended twice.' },
      { row: 'H11', scenario: 'A track is removed, then the call is held and released.', holds: 'The removed track stays away.' },
      { row: 'H12', scenario: 'The server refuses a hold, or cannot be reached.', holds: 'One event with the error; call and tracks are as before, and it may be tried again.' },
      { row: 'H13', scenario: 'Media are to be changed while the call is held, and again after the release.', holds: 'Refused while held, done afterwards.' },
    ],
  },
  {
    title: 'Races and glare',
    rows: [
      { row: 'R1', scenario: 'Both sides change the call at once: both hold, both add, one holds and one adds.', holds: 'Nobody fails; in the end both agree, and both changes count.' },
      { row: 'R2', scenario: 'One side asks for several changes at once.', holds: 'One after the other, each checked when it is its turn.' },
      { row: 'R3', scenario: 'Tones and statistics during a hold; changes of two calls at once.', holds: 'Neither disturbs the other.' },
      { row: 'R4', scenario: 'The other side changes the call directly after the answer.', holds: 'Its offer waits until the call is up.' },
      { row: 'R5', scenario: 'We change the call while we are still answering.', holds: 'Our change waits until the call is up.' },
      { row: 'R6', scenario: 'A notification overtakes the response to the request that it belongs to.', holds: 'Nothing is lost, and no operation stays open.' },
      { row: 'R7', scenario: 'The other side never answers a change.', holds: 'The operation ends with an error in bounded time, and the call goes on.' },
      { row: 'R8', scenario: 'Something is asked of a call that is ending; logout, closed page or freed client with calls up.', holds: 'One typed refusal; calls end, and nothing stays open.' },
      { row: 'R9', scenario: 'A call is ended before the server has taken it.', holds: 'It ends once, at the server, too; nobody rings on.' },
      { row: 'R10', scenario: 'The camera is in use by something else, and the call ends.', holds: 'The failure is told, and no device stays open.' },
      { row: 'R11', scenario: 'A notification for a call that is not known here.', holds: 'Nothing happens; the next notification is handled.' },
      { row: 'R12', scenario: 'A call without a login.', holds: 'It ends at once with an error.' },
      { row: 'R13', scenario: 'A track is replaced, and the call ends, then or meanwhile.', holds: 'Each track ends once, and no device stays open.' },
      { row: 'R14', scenario: 'The same kind of media is added twice.', holds: 'Two tracks on both sides.', note: 'The same track cannot be added twice: the interface takes wishes, and each wish opens a device anew.' },
      { row: 'R15', scenario: 'The caller holds while it still rings; the server changes a call that nobody has answered.', holds: 'Refused; no client answers a change that its user has not answered the call for.' },
    ],
  },
  {
    title: 'Several devices, rejecting, ending',
    rows: [
      { row: 'E1', scenario: 'Another device answers, or both do at once.', holds: 'One has the call, the others are told at once; our own answer is not taken for theirs.' },
      { row: 'E2', scenario: 'Reject or ignore of a connected call.', holds: 'Refused, and the call goes on.' },
      { row: 'E3', scenario: 'The server refuses a reject.', holds: 'The call rings on and can be answered.' },
      { row: 'E4', scenario: 'The browser cannot describe itself, or has gathered nothing to be reached by.', holds: 'An event with an error; nothing stays open.' },
      { row: 'E5', scenario: 'Audits of long calls, of slow starts, refused, and unanswered.', holds: 'Every 25 s in one row, 5 s after a failure, none without a call; a call that the server has lost ends.' },
      { row: 'E6', scenario: 'A call ends by a failure.', holds: 'It ends once on each side, and the server is told once.' },
      { row: 'E7', scenario: 'A transfer or a join, done or failed.', holds: 'The old call is ended at the server, too; every end and every failure is told, with the right addresses.' },
      { row: 'E8', scenario: 'One record of the call history is removed.', holds: 'The others stay.' },
      { row: 'E9', scenario: 'Tracks are shown, and the call ends.', holds: 'No element stays.' },
    ],
  },
  {
    title: 'Connection',
    rows: [
      { row: 'C1', scenario: 'The socket dies: closed by the server, silently, or in one direction only.', holds: 'It is noticed at once, or when a check is not answered; until it is replaced, `isConnected` is false. What came meanwhile is heard once and in order.' },
      { row: 'C2', scenario: 'The socket is lost, and `autoReconnect` is off.', holds: '`LOST_CONNECTION` at once.' },
      { row: 'C3', scenario: 'The connection is lost for good, then there is a new login.', holds: 'The new login works, with calls.' },
      { row: 'C4', scenario: 'The server logs the user out while they log out themselves.', holds: 'One end, no error.' },
      { row: 'C5', scenario: 'The socket cannot be opened during a login.', holds: 'An error; no subscription is left behind.' },
      { row: 'C6', scenario: 'Several logins or logouts at once.', holds: 'One counts; the others are told.' },
      { row: 'C7', scenario: 'The subscription or the token cannot be renewed, or the page slept through it.', holds: 'It is tried again, and where the server has forgotten the login, there is a new one.' },
      { row: 'C8', scenario: 'The token changes while a login is up.', holds: 'Requests and the next socket use the new one.' },
      { row: 'C9', scenario: 'Relay servers are configured after a login.', holds: 'The next call uses them.' },
      { row: 'C10', scenario: 'The server refuses the logout.', holds: 'The user is logged out here all the same, and may log in again.' },
      { row: 'C11', scenario: 'Notifications that are packed, incomplete or unknown.', holds: 'They disturb no other.' },
    ],
  },
  {
    title: 'Slow start, descriptions, browsers, devices',
    rows: [
      { row: 'S1', scenario: 'Hold and release after a slow start; a slow start in mid-call that changes nothing or something odd.', holds: 'State and tracks follow the media, and the next operation is our own.' },
      { row: 'S2', scenario: 'An answer says actpass.', holds: 'It is understood, and later calls are not changed by it.' },
      { row: 'S3', scenario: 'Descriptions without directions, without names of sections, with sections in another order.', holds: 'They are understood, when a call begins and in mid-call.' },
      { row: 'S4', scenario: 'A picture is added on a line that was used before.', holds: 'It is there, in both directions.' },
      { row: 'S5', scenario: 'The other side removes a track.', holds: 'Its end is told.' },
      { row: 'S6', scenario: 'A browser without a single candidate.', holds: 'The call does not pass for connected: it ends with an error on both sides.' },
      { row: 'S7', scenario: 'An operation fails (Safari: and cannot be rolled back).', holds: 'The offer is rolled back, and the next operation works.', note: 'Safari does not run here. Where both sides bundle, nothing is set before the answer is there, so nothing has to be taken back; elsewhere the offer is rolled back, in Chromium, Firefox and in memory.' },
      { row: 'S8', scenario: 'Video on iOS.', holds: 'Elements have `playsinline` and start by themselves.', note: 'iOS does not run here; the attributes that it asks for are checked in Chromium and Firefox.' },
      { row: 'S9', scenario: 'Firefox and Chromium with bundling removed.', holds: 'Sound and picture flow both ways.' },
      { row: 'S10', scenario: 'Firefox and hold with plan-b.', holds: 'Holds with the default semantics work between Firefox and Chromium.', note: 'Early media do not exist in this protocol: nothing is sent before the answer.' },
      { row: 'S11', scenario: 'A device is unplugged, or sharing is stopped by the browser.', holds: 'Both sides are told, nobody looks at a still picture, and the device list changes in one event.' },
      { row: 'S12', scenario: 'A fresh track of the other side.', holds: 'It does not stay muted or disabled when media flow.' },
      { row: 'S13', scenario: 'Tones 0 and *, and a sequence with something that is none.', holds: 'All tones are heard; the wrong sequence is refused as a whole.' },
      { row: 'S14', scenario: 'A handler of the application throws.', holds: 'One operation fails with a typed error at most; everything else goes on.' },
      { row: 'S15', scenario: '`updateConfig` of a part.', holds: 'Other parts stay, and the caller\'s objects are not changed.' },
      { row: 'S16', scenario: 'A track is rendered twice in one container.', holds: 'One element, listed once.' },
    ],
  },
  {
    title: 'Messages, presence, people',
    rows: [
      { row: 'M1', scenario: 'An application subscribes to a conversation.', holds: 'It is called for each message, sent or received, until it has enough.' },
      { row: 'M2', scenario: 'The directory is searched by each of the filters, with order and part.', holds: 'The filter counts, and what is found has the documented form.' },
      { row: 'M3', scenario: 'The server refuses a call by a click, or an argument is missing.', holds: 'One typed error, and no record.' },
      { row: 'M4', scenario: 'Presence of others is watched, over logins and losses.', holds: 'Every change is told.' },
      { row: 'M5', scenario: 'A message is sent without a login, or while the connection is gone.', holds: 'It is sent once when the connection is back, or fails with an event: never twice, never silently not.' },
      { row: 'M6', scenario: 'A contact is removed; the directory answers.', holds: 'The event comes when it is done, and its payload is the documented one.' },
    ],
  },
];
