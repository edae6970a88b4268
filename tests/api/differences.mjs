// Rows of the API tables that Kandy.js 4.8 has and that are not here, or are otherwise, each with its reason. They stand in
// docs/api-coverage.md with it.

/** Rows without a test, because there is nothing to test. */
export const ABSENT = {
  // Internal things of 4.8 that can be seen from outside and are documented nowhere.
  'call.make(options.from)': 'undocumented; who calls follows from the login, and a server takes nothing else',
  'call.make(options.isAnonymous)': 'undocumented; the protocol has no field for it',
  'call.make(options.account)': 'undocumented; one client has one account',
  'CallObject.isAnonymous': 'undocumented; echo of an option that is not there',
  'CallObject.account': 'undocumented; echo of an option that is not there',
  'CallObject.localOp.operationData': 'undocumented; the working notes of 4.8',
  'CallObject.remoteOp': 'undocumented; changes of the other side are seen when they are done',
  'CallObject.isPending': 'undocumented; says nothing that `localOp` does not say',
  'CallObject.remote': 'a trace that a defect of 4.8 leaves behind (api-behaviour 7.9)',
  'SdpHandlerInfo.bandwidth': 'undocumented; limits are written behind the handlers, as in 4.8, and the application knows what it asked for',

  // Documented, and never seen.
  'call:newTrack.mediaId': '4.8 documents it and never sends it; `getTrackById(trackId).streamId` is that id',
  'call:trackEnded.mediaId': '4.8 documents it and never sends it',

  'UserInfo.token': 'documented; 4.8 calls it `accessToken`, and so do we',

  // Leftovers and inner things of 4.8.
  'setTokens': 'a leftover of another kind of service, of no use with UC or Link; see `updateToken`',
  'setTokens(tokens)': 'a leftover, see `setTokens`',
  'setTokens(tokens.accessToken)': 'a leftover, see `setTokens`',
  'setTokens(tokens.idToken)': 'a leftover, see `setTokens`',
  'SocketState.wsInfo': 'undocumented; it holds the token, and the rest of it is in `authentication.websocket`',

  // Codes that no event of 4.8 ever carries.
  'error authentication:5': 'defined in 4.8, never used',
  'error authentication:7': 'defined in 4.8, never used',
  'error authentication:8': 'defined in 4.8, never used',
  'error authentication:10': 'defined in 4.8, never used',
  'error authentication:12': 'defined in 4.8, never used',
  'error call:1': 'defined in 4.8, never used',
  'error call:3': 'defined in 4.8, never used',
  'error call:5': 'defined in 4.8, never used',
  'error call:8': 'defined in 4.8, never used outside of it',
};

/** Rows that come with the call history. */
export const LATER = {
  'callHistory:change': 'comes with the call history',
  'callHistoryCache:change': 'comes with the call history',
  'callHistory:error': 'comes with the call history',
  'callHistory:error.error': 'comes with the call history',
  'error callHistory:1': 'comes with the call history',
  'error callHistory:2': 'comes with the call history',
  'error callHistory:3': 'comes with the call history',
};

/** Rows that behave otherwise than in 4.8 on purpose. Their tests assert what is written here. */
export const OTHERWISE = {
  'connect': 'while connected: `auth:error` with `NO_CODE`, and the session goes on, where 4.8 waits for ever (api-behaviour 5.2)',
  'connect(credentials.password)': 'on Link the id of the session goes along with it after the login, which tells the devices of a user apart',
  'disconnect': 'ends all calls before (api-behaviour 5.3)',
  'updateToken': 'the server is asked at once whether it takes the token, where 4.8 sends nothing (api-behaviour 5.6)',
  'updateConfig': 'arrays are replaced (api-behaviour 23, no. 17); what is fixed at `create` stays as it is, with a warning in the log',
  'updateConnection(connection)': 'the array, as in 4.8, or the documented object',
  'getCapabilities': 'without what is not there yet',
  'connection.enableConnectivityChecking': 'on again after off resumes (api-behaviour 6)',
  'notification.process(platform)': 'calls are taken with either; messages, for which it matters, are not there yet',
  'notification.process(channel)': 'one that is none is an error line, and nothing else (api-behaviour 18)',
  'ConnectionState.isConnected': 'false while the WebSocket is lost and being opened again',
  'ConnectionState.isPending': 'true while the WebSocket is lost and being opened again; never left true (api-behaviour 5.2, 5.3)',
  'auth:change': 'also when the client has logged in anew because the server had forgotten it; 4.8 goes on without a subscription',
  'auth:change.reason': 'no key without a value; 4.8 has one with undefined at the end of a disconnect',
  'auth:change.forced': 'on UC, too (api-behaviour 23, no. 7)',
  'ws:change': 'a loss is told when it happens, not at the next check (api-behaviour 6)',
  'notifications:error.error': 'a BasicError with `NO_CODE`, where 4.8 has an error without a code (api-behaviour 21)',
  'config authentication.subscription.version': 'decides between UC and Link where credentials fit both: one package serves both',
  'config authentication.websocket.server': 'without it that of the subscription, where 4.8 asks for a host named `undefined`',
  'config authentication.earlyRefreshMargin': 'a renewal that is not answered is tried again, one that is refused falls back to the password; 4.8 logs out',
  'config connectivity.method.type = keepAlive': 'a `connCheck`, which servers answer, goes with every ping, which they do not: so a loss is noticed in this mode, too',
  'config connectivity.method.responsibleParty = server': 'a server that is late is asked, and lost if it does not answer, where 4.8 waits for as many intervals as `maxMissedPings` says',
  'config connectivity.pingInterval': 'at least one second',
  'config connectivity.maxMissedPings': 'kept and read back; one check without an answer within 10 s, or within the interval if that is shorter, is a loss where the server answers checks',
  'config connectivity.reconnectDelay': 'up to a quarter shorter or longer, so that clients do not come back together; after a failed attempt the server is asked whether the subscription lives',
  'config notifications.idCacheLength': 'those without an id are always new, where 4.8 drops all but the first (protocol §3.8)',
  'error authentication:2': 'on Link, too, where 4.8 has an error without a code; the subscription is deleted, where 4.8 leaves it behind',
  'error authentication:11': 'only where the server refuses; one that fails or is not reached does not spoil the logout, as the token ends with its life',
  'config logs.logLevel': 'an unknown one is a TypeError, where 4.8 throws a text',
  'config logs.flatten': 'without the arguments as they are behind the text (api-behaviour 4)',
  'config logs.logActions': 'true is the same as nothing',
  'config connectivity.autoReconnect': 'without it a loss is told by `LOST_CONNECTION` (api-behaviour 6)',
  'call.sendDTMF': 'a refusal is told by `call:error`; tones during tones follow them; never in band',
  'call.getStats(trackId)': 'remote tracks, too, as documented; 4.8 answers `call:2`',
  'call.replaceTrack(media)': 'a TypeError without it, as in 4.8; the documented default does not exist',
  'call.states.CANCELLED': 'is there and is never reached, as in 4.8',
  'call:trackEnded': 'also when the other side removes a track, as documented; 4.8 says nothing (api-behaviour 23, no. 10)',
  'MediaObject.tracks': 'ids, as in 4.8; documented as objects',
  'TrackObject.id': 'is there as documented, with the same text as `trackId`',
  'BasicError.name': 'the class extends Error (api-behaviour 23, no. 20)',
  'SdpHandlerInfo.type': 'always there; 4.8 leaves it out for the first offer of an incoming call',
  'config call.iceServers': 'none by default, where 4.8 has relays of its vendor; credentials of their own are kept (api-behaviour 23, no. 18)',
  'config call.sdpSemantics': 'inside it is always unified-plan; the value decides about `call:trackEnded` and elements at hold (api-behaviour 7.9)',
  'config call.sdpHandlers': 'the array of the application stays as it is (api-behaviour 23, no. 17)',
  'config call.trickleIceMode': 'kept and read back; descriptions always wait for their candidates, as `NONE` says, the only mode of 4.8 that a server understands',
  'transition 9904': 'passed on, as every number of a server',
};

/** Bad inputs that are answered otherwise than in 4.8: with these events, for this reason. */
export const ANSWERED = {
  'bad call.removeMedia("nope", ["t"])': { events: ['call:removedMedia call:7'], why: 'the error that 4.8 forgets (api-behaviour 7.3)' },
  'bad call.join("a", "b")': { events: ['call:join call:7'], why: 'a join that is refused says so (api-behaviour 7.17)' },
};
