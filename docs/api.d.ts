// What applications see of `kandy-wasm`: the types of the package, in one file. Made by `UPDATE=1 node scripts/api.mjs` out of js/.

/** Options of `answer`. */
export declare interface AnswerOptions {
    /** Limits on what is received, in kbit/s. */
    bandwidth?: Bandwidth;
}

/** Limits on what is received, in kbit/s; 5000 where no number is given. */
export declare interface Bandwidth {
    /** kbit/s of sound. */
    audio?: number;
    /** kbit/s of pictures. */
    video?: number;
}

/**
 * Every error that an event or a returned object carries.
 *
 * Tell errors apart by `code`: a text such as `call:4`, or a **number** when it is the status that the server refused
 * with. `message` is a sentence for people. `cause` is there where something was thrown, or where a server said why.
 */
export declare class BasicError extends Error {
    /** `call:4`, `authentication:1` and the like, `NO_CODE`, or the server's number. */
    readonly code: string | number;
    /**
     * @param code text or the server's number
     * @param message one sentence
     * @param options `cause`: what was thrown, or what the server said
     */
    constructor(code?: string | number, message?: string, options?: {
        cause?: unknown;
    });
    /** The members that `JSON.stringify` would leave out of an Error; not the cause, which can be anything. */
    toJSON(): {
        name: string;
        code: string | number;
        message: string;
    };
}

/** `getBrowserDetails()` */
export declare interface BrowserDetails {
    /** `chrome`, `edge`, `firefox`, `opera`, `safari`, or `unknown` */
    browser: string;
    /** Major version; 0 if unknown. */
    version: number;
}

/** `client.call` */
export declare interface CallApi {
    /**
     * Calls somebody. The call is `Initiating` when this returns.
     *
     * Events: `call:start` when the server has accepted it (`localTracks` are known then), `call:stateChange` when it
     * rings, `call:newTrack` per track of the other side, `call:stateChange` when it is `Connected` or `Ended`.
     *
     * Errors, in a `call:stateChange` to `Ended`: `call:4` no microphone or camera, or no media asked for; `call:9` no
     * offer could be made; `NO_CODE` the server refused, or nobody is logged in; `engine:1` no engine.
     *
     * @param destination `user@domain`, or whatever the server can reach
     * @param media which media to send
     * @param options display name for the callee; bandwidth of what is received, in kbit/s
     * @returns the id of the call
     * @throws TypeError if `destination` is no text, or without `media`
     *
     * @example
     * const callId = client.call.make('bob@example.com', { audio: true, video: true }, { displayName: 'Alice' })
     */
    make(destination: string, media: Media, options?: MakeOptions): string;
    /**
     * Answers an incoming call that rings.
     *
     * Events: `call:newTrack` per own track, `call:stateChange` when it is `Connected`. After an error in
     * `call:stateChange` the call goes on ringing: `call:4` no microphone or camera, `call:6` it does not ring, or the
     * server's number.
     *
     * @param callId from `call:receive`
     * @param media which media to send
     * @param options bandwidth of what is received, in kbit/s
     * @throws TypeError without `media`
     *
     * @example
     * client.on('call:receive', ({ callId }) => client.call.answer(callId, { audio: true }))
     */
    answer(callId: string, media: Media, options?: AnswerOptions): void;
    /**
     * Declines an incoming call that rings; the caller is told.
     *
     * Events: `call:trackEnded` per remote track, `call:stateChange`; with `call:6` if it does not ring.
     *
     * @param callId from `call:receive`
     */
    reject(callId: string): void;
    /**
     * Stops the ringing here; the caller is not told, and other devices ring on.
     *
     * Events: `call:stateChange`, `call:trackEnded` per remote track; `call:stateChange` with `call:6` if it does not ring.
     *
     * @param callId from `call:receive`
     */
    ignore(callId: string): void;
    /**
     * Holds a connected call: no media flow in either direction until `unhold`. Each side holds for itself; the call is
     * `Connected` again when neither holds.
     *
     * Events: `call:stateChange` when the other side has taken part (`On Hold`, `localHold` true); before it, unless
     * `call.sdpSemantics` is `unified-plan`, `call:trackEnded` per remote track. Errors in `call:stateChange`, the call
     * being as it was: `call:6` if it is not connected or held by this side already, a number if the server refuses,
     * `call:2` if the other side does not answer. Another operation that runs is waited for.
     *
     * @param callId from `make` or `call:receive`
     */
    hold(callId: string): void;
    /**
     * Ends this side's hold.
     *
     * Events: `call:newTrack` per remote track that returns, with the id it had, and `call:stateChange`: `Connected`, or
     * `On Hold` while the other side holds. Errors as for `hold`.
     *
     * @param callId from `make` or `call:receive`
     */
    unhold(callId: string): void;
    /**
     * Adds media to a connected call: a second picture, a microphone.
     *
     * Events: `call:newTrack` per new track as soon as the device is open, `call:newMedia` when the other side has agreed.
     * Errors in `call:newMedia`: `call:4` no device, or nothing asked for; `call:6` the call is not connected or is held;
     * `call:7` there is no such call; a number if the server refuses, `call:2` if the other side does not answer. The new
     * tracks are over then.
     *
     * @param callId from `make` or `call:receive`
     * @param media which media to add
     * @param options limits on what is received
     */
    addMedia(callId: string, media?: Media, options?: AnswerOptions): void;
    /**
     * Removes tracks of this side from a connected call. Their devices are free when this returns.
     *
     * Events: `call:trackEnded` per track, `call:removedMedia` when the other side has agreed. Errors in
     * `call:removedMedia`: `call:6` the call is not connected or is held; `call:7` there is no such call, no id was given,
     * or an id is not of a local track of this call; a number if the server refuses.
     *
     * @param callId from `make` or `call:receive`
     * @param tracks ids from `localTracks`
     * @param options limits on what is received
     */
    removeMedia(callId: string, tracks: string[], options?: AnswerOptions): void;
    /**
     * Sends another track in place of one that is sent: another camera, another microphone. Nothing is negotiated, and the
     * other side keeps its track. A track that was muted stays muted.
     *
     * Events: `call:trackEnded` for the old track, `call:trackReplaced`. Errors in `call:trackReplaced`, the call being as it
     * was: `call:4` no device; `call:6` the call is not connected; `call:7` there is no such call or local track, or `media`
     * does not ask for its kind; `call:2` the browser could not.
     *
     * @param callId from `make` or `call:receive`
     * @param trackId from `localTracks`
     * @param media which media to send instead; only the kind of the old track counts
     * @throws TypeError without `media`
     *
     * @example
     * const [trackId = ''] = client.call.getById(callId)?.localTracks ?? []
     * client.call.replaceTrack(callId, trackId, { audio: true, audioOptions: { deviceId: { exact: 'headset' } } })
     */
    replaceTrack(callId: string, trackId: string, media: Media): void;
    /**
     * Plays tones to the other side (DTMF, RFC 4733). Tones that are asked for while others play follow them.
     *
     * No event on success. Errors in `call:error`: `call:6` the call is neither connected nor rings; `call:7` there is no such
     * call, or a tone is none; `call:2` the other side does not take tones.
     *
     * @param callId from `make` or `call:receive`
     * @param tone one or more of `0-9`, `A-D`, `#`, `*`; a comma is a pause of two seconds
     * @param duration milliseconds of each tone, 40 to 6000
     * @param intertoneGap milliseconds between two tones, at least 30
     */
    sendDTMF(callId: string, tone: string | number, duration?: number, intertoneGap?: number): void;
    /**
     * Asks for the browser's statistics of a call, or of one of its tracks, local or remote.
     *
     * Event: `call:statsReceived` with the `RTCStatsReport`. Errors there: `call:7` there is no such call; `call:2` it has no
     * media connection, or no such track.
     *
     * @param callId from `make` or `call:receive`
     * @param trackId from `localTracks` or `remoteTracks`
     *
     * @example
     * client.on('call:statsReceived', ({ result }) => result?.forEach((report) => console.log(report.type, report)))
     * client.call.getStats(callId)
     */
    getStats(callId: string, trackId?: string): void;
    /**
     * Lets somebody else answer an incoming call that rings.
     *
     * Events: `call:stateChange` to `Ended`, `call:trackEnded` per remote track. With an error the call goes on ringing:
     * `call:6` it does not ring, or the server's number.
     *
     * @param callId from `call:receive`
     * @param destination `user@domain`, or whatever the server can reach
     * @throws TypeError if `destination` is no text
     */
    forward(callId: string, destination: string): void;
    /**
     * Connects the other side of a held call with somebody else, without talking to them.
     *
     * Event: `call:stateChange` to `Ended` with `transition.reasonText` `Direct Transfer Successful`. With an error the call
     * stays on hold: `call:6` it is not on hold, `call:2` nobody answered, or the server's number.
     *
     * @param callId from `make` or `call:receive`
     * @param destination `user@domain`, or whatever the server can reach
     * @throws TypeError if `destination` is no text
     */
    directTransfer(callId: string, destination: string): void;
    /**
     * Connects the other sides of two held calls with each other.
     *
     * Event, for each of the two calls: `call:stateChange` to `Ended` with `transition.reasonText` `Transfer Successful`. With
     * an error both stay on hold: `call:6` one is not on hold, `call:2` it failed, or the server's number.
     *
     * @param callId the first call
     * @param otherCallId the second call
     */
    consultativeTransfer(callId: string, otherCallId: string): void;
    /**
     * Makes one call of three parties, sound only, out of two held calls. The server has to be able to mix.
     *
     * Events: `call:join` with the id of the new call, which then connects as an outgoing call does; `call:stateChange` to
     * `Ended` for the two old ones. Errors in `call:join`: `call:6` one is not on hold, `call:4` no microphone, `NO_CODE` the
     * server refused. The two calls stay on hold then, with an error in their `call:stateChange` if the server was asked.
     *
     * @param callId the first call
     * @param otherCallId the second call
     */
    join(callId: string, otherCallId: string): void;
    /**
     * Ends a call in any state.
     *
     * Events: `call:trackEnded` per track, `call:stateChange`. The call ends here even if the server refuses (`error` is
     * set then). Nothing happens if it has ended already.
     *
     * @param callId from `make` or `call:receive`
     */
    end(callId: string): void;
    /**
     * The call with this id as it is now; undefined if there is none. Calls that have ended can still be read.
     *
     * @param callId from `make` or `call:receive`
     */
    getById(callId: string): CallObject | undefined;
    /** All calls since the client was created, in order of creation. */
    getAll(): CallObject[];
    /** The values of `state`. */
    states: typeof states;
}

/** `call` */
export declare interface CallConfig {
    /** STUN and TURN servers. Default none. */
    iceServers: IceServer[];
    /** Whether user name and password that the server hands out at login are put into them. Default true. */
    serverTurnCredentials: boolean;
    /** Functions that may change session descriptions. Fixed at `create`. */
    sdpHandlers: SdpHandler[];
    /** Whether H.264 is left out. Default true. Fixed at `create`. */
    removeH264Codecs: boolean;
    /** Whether destinations are brought into the form `sip:user@domain`. Default true. */
    normalizeDestination: boolean;
    /**
     * `plan-b` (default; with `callDefaults` `unified-plan`) or `unified-plan`: whether tracks are reported as ended while a
     * call is held.
     */
    sdpSemantics: string;
    /** Default `NONE`, the only mode that there is: descriptions wait for their candidates. */
    trickleIceMode: string;
    /**
     * For applications that are written for Kandy.js 3.x: defaults for the options of `make` and `answer`. If it is there,
     * states have the texts of 3.x (`IN_CALL`, `ENDED`) in `call.states`, call records and events, and `make` and `answer` work
     * without media.
     */
    callDefaults?: LegacyCallOptions;
    /** Whether the client works in that way, whatever `callDefaults` says. Fixed at `create`. */
    legacy?: boolean;
}

/** What every `call:*` event carries. */
export declare interface CallEvent {
    /** Which call. */
    callId: string;
    /** What failed; undefined if nothing did. */
    error: BasicError | undefined;
}

/** `client.call.history` */
export declare interface CallHistoryApi {
    /**
     * Loads records from the server and merges them with those of this page. Events: `callHistory:change`, `callHistoryCache:change`;
     * `callHistory:error` with `callHistory:2` for bad numbers, `callHistory:1` otherwise.
     *
     * @param amount how many, default 50
     * @param offset index of the first one, default 0
     */
    fetch(amount?: number, offset?: number): void;
    /** Records, newest first. */
    get(): CallRecord[];
    /**
     * Deletes a record at the server. Events as for `fetch`; `callHistory:3` if there is none.
     *
     * @param recordId of a record
     */
    remove(recordId: string): void;
    /** Deletes all. Events as for `fetch`. */
    clear(): void;
    /** The records as JSON, to be kept by you. */
    getCache(): string;
    /**
     * Puts records in place of those that are there. No event.
     *
     * @param cache what `getCache` returned
     * @throws SyntaxError if it is no JSON
     */
    setCache(cache: string): void;
}

/** `client.call.history` */
export declare interface CallHistoryTwins {
    /**
     * Resolves with all records, newest first.
     *
     * Rejects with `callHistory:1`, `callHistory:2`.
     */
    fetchAsync(amount?: number, offset?: number): Promise<CallRecord[]>;
    /**
     * Resolves with the records that are left.
     *
     * Rejects with `callHistory:1`, `callHistory:2`, `callHistory:3`.
     */
    removeAsync(recordId: string): Promise<CallRecord[]>;
    /**
     * Resolves with the records that are left: none.
     *
     * Rejects with `callHistory:1`, `callHistory:3`.
     */
    clearAsync(): Promise<CallRecord[]>;
}

/** A call as `getById` shows it: a copy, of one moment. */
export declare interface CallObject {
    /** From `make` or `call:receive`; it never changes. */
    id: string;
    /** Who began. */
    direction: 'outgoing' | 'incoming';
    /** One of `call.states`. */
    state: CallState;
    /** Undefined on an incoming call until it is answered. */
    localHold: boolean | undefined;
    /** Undefined on an incoming call until it is answered. */
    remoteHold: boolean | undefined;
    /** Ids of the own tracks. */
    localTracks: string[];
    /** Ids of the other side's tracks. */
    remoteTracks: string[];
    /** The other side; `displayNumber` is `user@domain` as soon as the server has reported it. */
    remoteParticipant: {
        displayNumber?: string;
        displayName?: string;
    };
    /** Limits on what is received, in kbit/s. */
    bandwidth?: Bandwidth;
    /** When it was connected, in milliseconds since the epoch. */
    startTime?: number;
    /** When it ended, in milliseconds since the epoch. */
    endTime?: number;
    /** Who is called. */
    to: string;
    /** Who calls. */
    from: string;
    /** True for an outgoing call. */
    isCaller: boolean;
    /** What microphone and camera were asked for with. */
    mediaConstraints?: Record<string, unknown>;
    /** As given to `make`. */
    displayName?: string;
    /** True for an incoming call that came without an offer. */
    isSlowStart?: boolean;
    /** True for a call that was made by `join`. */
    isJoinedCall?: boolean;
    /** Id of the call at the server. */
    wrtcsSessionId?: string;
    /** Id of the media connection. */
    webrtcSessionId?: string;
    /** The operation that runs: `ONGOING` until the server took it, `PENDING` until the other side answered. */
    localOp?: {
        operation: string;
        status: 'ONGOING' | 'PENDING';
    };
    /** Left behind by an operation that failed. */
    error?: BasicError;
}

/** A call that is over. */
export declare interface CallRecord {
    /** The id at the server, or of the call. */
    recordId: string;
    /** In ms since the epoch, as text. */
    startTime: string;
    /** In ms, as text; `0` if it was never answered. */
    duration: string;
    /** `missed` is an incoming one that nobody took. */
    direction: 'incoming' | 'outgoing' | 'missed';
    /** Who called. */
    callerDisplayNumber: string;
    /** Who was called. */
    calleeDisplayNumber: string;
    /** Name of the caller, or the number. */
    callerName: string;
    /** Name of the called, or the number. */
    calleeName: string;
    /** The other side. */
    remoteParticipant: {
        displayNumber: string;
        displayName: string;
    };
    /** Who was called before a transfer, where the server tells. */
    originalRemoteParticipant: object | null;
    /** Empty for a record that the server does not know. */
    resourceLocation: string;
}

/** One of `client.call.states`. */
export declare type CallState = 'Initiating' | 'Initiated' | 'Ringing' | 'Cancelled' | 'Connected' | 'On Hold' | 'Ended';

/** `client.call` */
export declare interface CallTwins {
    /**
     * Resolves with the call's id when the server has accepted the call; whether somebody answers is told by events.
     *
     * Rejects with `call:4`, `call:6`, `call:7`, `call:9`; `NO_CODE` if the server refused.
     */
    makeAsync(destination: string, media: Media, options?: MakeOptions): Promise<string>;
    /**
     * Resolves with the call when it is connected.
     *
     * Rejects with `call:2`, `call:4`, `call:6`, `call:7`, `call:10`, or the server's number.
     */
    answerAsync(callId: string, media: Media, options?: AnswerOptions): Promise<CallObject>;
    /**
     * Resolves with the call when it is over.
     *
     * Rejects with `call:6`, `call:7`, or the server's number.
     */
    rejectAsync(callId: string): Promise<CallObject>;
    /**
     * Resolves with the call when it is over here.
     *
     * Rejects with `call:6`, `call:7`.
     */
    ignoreAsync(callId: string): Promise<CallObject>;
    /**
     * Resolves with the call when the other side has taken part in the hold.
     *
     * Rejects with `call:2`, `call:6`, `call:7`, or the server's number.
     */
    holdAsync(callId: string): Promise<CallObject>;
    /**
     * Resolves with the call when this side holds no more; it is `On Hold` while the other side does.
     *
     * Rejects with `call:2`, `call:6`, `call:7`, or the server's number.
     */
    unholdAsync(callId: string): Promise<CallObject>;
    /**
     * Resolves with the ids of the new tracks when the other side has agreed.
     *
     * Rejects with `call:2`, `call:4`, `call:6`, `call:7`, or the server's number.
     */
    addMediaAsync(callId: string, media?: Media, options?: AnswerOptions): Promise<string[]>;
    /**
     * Resolves with the ids of the removed tracks when the other side has agreed.
     *
     * Rejects with `call:2`, `call:6`, `call:7`, or the server's number.
     */
    removeMediaAsync(callId: string, tracks: string[], options?: AnswerOptions): Promise<string[]>;
    /**
     * Resolves with `newTrackId` and `oldTrack`, what `call:trackReplaced` carries.
     *
     * Rejects with `call:2`, `call:4`, `call:6`, `call:7`.
     */
    replaceTrackAsync(callId: string, trackId: string, media: Media): Promise<{
        newTrackId: string;
        oldTrack: TrackObject;
    }>;
    /**
     * Resolves with the call when the tones are taken; that they were played has no event.
     *
     * Rejects with `call:6`, `call:7`.
     */
    sendDTMFAsync(callId: string, tone: string | number, duration?: number, intertoneGap?: number): Promise<CallObject>;
    /**
     * Resolves with the browser's `RTCStatsReport`.
     *
     * Rejects with `call:2`, `call:6`, `call:7`.
     */
    getStatsAsync(callId: string, trackId?: string): Promise<RTCStatsReport>;
    /**
     * Resolves with the call when it has gone to somebody else.
     *
     * Rejects with `call:6`, `call:7`, or the server's number.
     */
    forwardAsync(callId: string, destination: string): Promise<CallObject>;
    /**
     * Resolves with the call when the other side talks to somebody else; the call is over here.
     *
     * Rejects with `call:2`, `call:6`, `call:7`, or the server's number.
     */
    directTransferAsync(callId: string, destination: string): Promise<CallObject>;
    /**
     * Resolves with the first call when the two others talk to each other; both calls are over here.
     *
     * Rejects with `call:2`, `call:6`, `call:7`, or the server's number.
     */
    consultativeTransferAsync(callId: string, otherCallId: string): Promise<CallObject>;
    /**
     * Resolves with the id of the new call when the server has accepted it.
     *
     * Rejects with `call:2`, `call:4`, `call:6`, `call:7`; `NO_CODE` if the server refused.
     */
    joinAsync(callId: string, otherCallId: string): Promise<string>;
    /**
     * Resolves with the call when it is over, at once if it was.
     *
     * Rejects with `call:7`, or the server's number; the call is over here then, too.
     */
    endAsync(callId: string): Promise<CallObject>;
}

/** `connectivity.method`; a text is its `type`. An object replaces the default as a whole. */
export declare interface CheckMethod {
    /** `keepAlive` (the default) or `pingPong` */
    type: string;
    /** Who begins: `client` (the default) or `server` */
    responsibleParty?: string;
}

/** `client.clickToCall` */
export declare interface ClickToCallApi {
    /**
     * Has the server call one party, and then the other. Event: `clickToCall:start`; `clickToCall:error` with `clickToCall:1` if an
     * argument is missing, `clickToCall:2` if the server refused.
     *
     * @param caller who is called first: `user@domain`
     * @param callee who is called when the first one has answered
     * @returns an id for the events
     */
    make(caller: string, callee: string): string;
    /**
     * The same, under the name of the documentation.
     *
     * @param caller who is called first
     * @param callee who is called then
     * @returns an id for the events
     */
    clickToCall(caller: string, callee: string): string;
    /** What was begun, oldest first. */
    get(): ClickToCallRecord[];
}

/** A call that was begun by a click. */
export declare interface ClickToCallRecord {
    /** As `make` returned it. */
    callId: string;
    /** Who is called first. */
    caller: string;
    /** Who is called then. */
    callee: string;
    /** In ms since the epoch. */
    requestTime: number;
}

/** `client.clickToCall` */
export declare interface ClickToCallTwins {
    /**
     * Resolves with the id when the server has begun.
     *
     * Rejects with `clickToCall:1`, `clickToCall:2`.
     */
    makeAsync(caller: string, callee: string): Promise<string>;
    /**
     * Resolves with the id when the server has begun.
     *
     * Rejects with `clickToCall:1`, `clickToCall:2`.
     */
    clickToCallAsync(caller: string, callee: string): Promise<string>;
}

/** What `create` returns. */
export declare interface Client extends Events, ConnectionApi, ConnectionTwins, PeopleApi {
    /** Calls. */
    call: CallApi & CallTwins & LegacyCallApi & {
        history: CallHistoryApi & CallHistoryTwins;
    };
    /** Conversations and their messages. */
    conversation: ConversationApi & ConversationsTwins;
    /** Devices and tracks. */
    media: MediaApi & MediaTwins & LegacyMediaApi;
    /** Notifications by other ways than the WebSocket, and push. */
    notification: NotificationApi & NotificationTwins;
    /** Everything at once. */
    state: StateApi;
    /** Media on another machine; there only with `common.allowProxy`. */
    proxy?: ProxyApi;
    /** The values for `logs.logLevel`. */
    logger: {
        levels: typeof levels;
    };
    /** A deep copy of the configuration, defaults included: the values in force. */
    getConfig(): MergedConfig;
    /**
     * Merges values into the configuration: objects member by member, arrays as a whole. `authentication` and servers count
     * from the next `connect`, `connectivity` from the next socket (`pingInterval` from the next check), `notifications` at the
     * next use, options of calls from the next call, `call.normalizeDestination` at once. `logs`, `call.sdpHandlers`,
     * `call.removeH264Codecs` and `call.legacy` are fixed at `create`: they stay as they are, and a warning in the log says so.
     * Anything but an object does nothing. No event; no error.
     *
     * @param values the members to change; times and sizes as in the configuration
     */
    updateConfig(values?: Config): void;
    /** Which browser this is. */
    getBrowserDetails(): BrowserDetails;
    /**
     * What this version can do on the kind of server that the configuration names, in the words of Kandy.js 4.8: `call`,
     * `userCredentialsAuth`, `externalNotifications` and the like.
     */
    getCapabilities(): string[];
    /** The version of the Kandy.js API that this client implements. */
    getVersion(): string;
}

/** A codec by name, or some of its formats by their parameters. */
export declare interface CodecToRemove {
    /** As in the description, letter case included: `H264`, `VP8`, `opus`. */
    name: string;
    /** Only formats whose parameters contain all of these texts. */
    fmtpParams?: string[];
}

/**
 * What `create` takes. Everything is optional; `config.ts` has the defaults. Each section says from when on a value counts that
 * `updateConfig` brings.
 */
export declare interface Config {
    /** What is written, and where. Fixed at `create`. */
    logs?: Partial<Omit<LogsConfig, 'logActions'>> & {
        /** `true` means the defaults, `false` no such lines. */
        logActions?: boolean | (Partial<LogActions> & {
            /** @deprecated The older name of `logs.flatten`. */
            flattenActions?: boolean;
        });
    };
    /** Where to log in, and what for. From the next `connect` on. */
    authentication?: {
        subscription?: Partial<SubscriptionConfig>;
        websocket?: Partial<ServerConfig>;
        /** UC: seconds before the end of a token's life at which it is renewed. Default 300. */
        earlyRefreshMargin?: number;
    };
    /** How calls are made. From the next call on; servers from the next `connect`, `normalizeDestination` at once. */
    call?: Partial<CallConfig> & {
        /** @deprecated The name of Kandy.js 3.x for `iceServers`, where a server may have `url`. */
        iceserver?: (Partial<IceServer> & {
            url?: string;
        })[];
        /** @deprecated The name of Kandy.js 3.x for `serverTurnCredentials`. */
        serverProvidedTurnCredentials?: boolean;
    };
    /** How the WebSocket is kept. From the next socket on, `pingInterval` from the next check. */
    connectivity?: Partial<Omit<ConnectivityConfig, 'method'>> & {
        method?: string | Partial<CheckMethod>;
    };
    /** How notifications are received. At the next use. */
    notifications?: Partial<NotificationsConfig>;
    /** Accepted; `features` follows from the kind of server. */
    messaging?: {
        features?: string[];
    };
    /** `allowProxy`: whether `client.proxy` is there, which refuses everything. Default false. Fixed at `create`. */
    common?: {
        allowProxy?: boolean;
    };
    /** Sections that this version does not know are kept and have no effect. */
    [section: string]: unknown;
}

/** The members of a client that concern login. */
export declare interface ConnectionApi {
    /**
     * Logs in. `getConnection().isPending` is true when it returns.
     *
     * Events: `auth:change`, `ws:change` when the socket is being opened and when it is open, `auth:change` when the
     * client is connected; or `auth:change` and `auth:error`.
     *
     * Errors in `auth:error`: `authentication:1` no known combination of credentials, `authentication:9` no token (wrong
     * name or password), `authentication:4` the session was refused, `authentication:2` the WebSocket could not be opened,
     * `engine:1` the engine could not be loaded.
     *
     * @param credentials UC: `username` and `password`, or `accessToken`, or `username` and `refreshToken` or `oauthToken`.
     *   Link: `username` and `password` (with or without `authname`), or `username` and `hmacToken`.
     * @throws TypeError without credentials
     *
     * @example
     * client.on('auth:change', () => console.log(client.getConnection().isConnected))
     * client.on('auth:error', ({ error }) => console.log(error.message))
     * client.connect({ username: 'alice@example.com', password: 'demo' })
     */
    connect(credentials: Credentials): void;
    /**
     * Logs out; all calls are ended before.
     *
     * Events: `auth:change` while it runs and when it is done; `auth:error` with `authentication:3` or
     * `authentication:11` if the server refused (the client is disconnected then, too).
     */
    disconnect(): void;
    /**
     * Goes on with another token; the subscription is extended with it. UC, and connected; otherwise nothing happens, and there is no event.
     *
     * Events: `auth:change`; `auth:error` with `engine:1` if the engine could not be loaded.
     *
     * @param credentials `accessToken` or `oauthToken`
     * @throws TypeError without credentials
     */
    updateToken(credentials: NewToken): void;
    /**
     * Asks for other services. Link, and connected; a UC service cannot do it, and nothing happens.
     *
     * Events: `auth:change` when `getServices` shows them; `auth:error` with `authentication:6` if the server refused, and
     * with `engine:1` if the engine could not be loaded. Anything but texts is left out; without a list nothing happens.
     *
     * @param services all that are wanted from now on, such as `['call']`, or an object with them as `services`
     */
    updateConnection(services: string[] | {
        services: string[];
    }): void;
    /** Whether notifications arrive now, whether that is about to change, and why the last login failed. */
    getConnection(): ConnectionState;
    /** The services that were asked for and those that the server granted. */
    getServices(): ServicesInfo;
    /** Who is logged in; `{}` when nobody is. */
    getUserInfo(): UserInfo;
    /** The values of `getServices().status`. */
    subscriptionStates: typeof subscriptionStates;
    /** The values of `reason` in `auth:change`. */
    disconnectReasons: typeof disconnectReasons;
    /** The WebSocket. */
    connection: {
        /**
         * State of the WebSocket.
         *
         * @param platform `link` (the default) or `uc`
         * @returns the state, or an Error object (returned, not thrown) if there is no socket of this kind
         */
        getSocketState(platform?: string): SocketState | Error;
        /**
         * Switches the checks of the WebSocket on or off, from now on. Without them a loss is noticed only when the browser
         * notices it. No event.
         *
         * @param enable whether to check
         */
        enableConnectivityChecking(enable: boolean): void;
    };
}

/** `getConnection()` */
export declare interface ConnectionState {
    /** Whether notifications arrive now. */
    isConnected: boolean;
    /** Whether a login, a logout or a reconnection is running. */
    isPending: boolean;
    /** The services of this login. */
    subscription: ServicesInfo;
    /** Why the last login or logout failed. */
    error?: BasicError;
}

/** `client` */
export declare interface ConnectionTwins {
    /**
     * Resolves with `getConnection()` when the client is connected.
     *
     * Rejects with `authentication:1`, `authentication:2`, `authentication:4`, `authentication:9`; `NO_CODE` if somebody is
     * logged in already, or the login was given up.
     */
    connectAsync(credentials: Credentials): Promise<ConnectionState>;
    /**
     * Resolves with `getConnection()` when the client is disconnected.
     *
     * Rejects with `authentication:3`, `authentication:11`; the client is disconnected then, too.
     */
    disconnectAsync(): Promise<ConnectionState>;
    /**
     * Resolves with `getConnection()` when requests use the new token.
     *
     * Rejects with `NO_CODE` without a login of UC that is up, or without a token.
     */
    updateTokenAsync(credentials: NewToken): Promise<ConnectionState>;
    /**
     * Resolves with `getConnection()` when the server has answered; `subscription` shows what it granted.
     *
     * Rejects with `authentication:6`; `NO_CODE` without a login of Link that is up.
     */
    updateConnectionAsync(services: string[] | {
        services: string[];
    }): Promise<ConnectionState>;
}

/** `connectivity`; times in milliseconds. From the next socket on, `pingInterval` from the next check. */
export declare interface ConnectivityConfig {
    /** How the socket is checked. */
    method: CheckMethod;
    /** Between two checks. Default 30000. */
    pingInterval: number;
    /** Attempts to reconnect in a row; 0 means no limit. Default 5. */
    reconnectLimit: number;
    /** Pause after the first failed attempt. Default 5000. */
    reconnectDelay: number;
    /** By which the pause grows. Default 1. */
    reconnectTimeMultiplier: number;
    /** Longest pause. Default 640000. */
    reconnectTimeLimit: number;
    /** Whether a lost socket is opened again. Default true. */
    autoReconnect: boolean;
    /** Kept for older configurations, without effect: one check that is not answered means loss. Default 3. */
    maxMissedPings: number;
    /** Whether the socket is checked at all. Default true. */
    checkConnectivity: boolean;
}

/** A wish (`ideal`) or a condition (`exact`). */
export declare interface Constraint<T> {
    /** Fails if no device has it. */
    exact?: T;
    /** Comes as near as the device can. */
    ideal?: T;
}

/** An entry of the address book. Empty members are not sent. */
export declare interface Contact {
    /** The key of the entry, chosen by you. */
    contactId: string;
    /** `user@domain` */
    primaryContact?: string;
    /** First name. */
    firstName?: string;
    /** Last name. */
    lastName?: string;
    /** Address of a picture. */
    photoUrl?: string;
    /** Address of mail. */
    emailAddress?: string;
    /** Number at home. */
    homePhone?: string;
    /** Number at work. */
    workPhone?: string;
    /** Number of the mobile telephone. */
    mobilePhone?: string;
    /** Address of a conference. */
    conferenceURL?: string;
    /** Number of the fax. */
    fax?: string;
    /** Number of the pager. */
    pager?: string;
    /** The group that it belongs to. */
    groupList?: string;
    /** Whether it is a friend. */
    friendStatus?: boolean;
    [member: string]: unknown;
}

/** `client.contacts` */
export declare interface ContactsApi {
    /**
     * Adds a contact. Events: `contacts:new` and `contacts:change`, or `contacts:error`.
     *
     * @param contact with a `contactId` of your choice
     */
    add(contact: Contact): void;
    /**
     * Changes one; the older form has the id first. Event: `contacts:change`, or `contacts:error`.
     *
     * @param contact with its `contactId`
     */
    update(contact: Contact): void;
    /**
     * @param contactId which one
     * @param contact what it is to have
     * @deprecated Pass the contact alone, with its `contactId`.
     */
    update(contactId: string, contact: Partial<Contact>): void;
    /**
     * Removes one. Event: `contacts:change`, or `contacts:error`.
     *
     * @param contactId which one
     */
    remove(contactId: string): void;
    /**
     * Loads one. Event: `contacts:change`, or `contacts:error`.
     *
     * @param contactId which one
     */
    fetch(contactId: string): void;
    /** Loads all. Event: `contacts:change`, or `contacts:error`. */
    refresh(): void;
    /**
     * One contact; undefined if it is not known here.
     *
     * @param contactId which one
     */
    get(contactId: string): Contact | undefined;
    /** All that are known here, by their id. */
    getAll(): Record<string, Contact>;
}

/** `client.contacts` */
export declare interface ContactsTwins {
    /**
     * Resolves with the contact when the server has it.
     *
     * Rejects with `users:1`, `users:4`, or the server's number.
     */
    addAsync(contact: Contact): Promise<Contact>;
    /**
     * Resolves with the contact as it is from now on.
     *
     * Rejects with `users:1`, `users:4`, or the server's number.
     */
    updateAsync(contact: Contact): Promise<Contact>;
    updateAsync(contactId: string, contact: Partial<Contact>): Promise<Contact>;
    /**
     * Resolves with nothing when the server has removed it.
     *
     * Rejects with `users:1`, `users:4`, or the server's number.
     */
    removeAsync(contactId: string): Promise<void>;
    /**
     * Resolves with the contact.
     *
     * Rejects with `users:1`, `users:4`, or the server's number.
     */
    fetchAsync(contactId: string): Promise<Contact>;
    /**
     * Resolves with all contacts, by their id.
     *
     * Rejects with `users:2`, or the server's number.
     */
    refreshAsync(): Promise<Record<string, Contact>>;
}

/** A CSS selector, of which the first match counts, or an element. */
export declare type Container = string | Element;

/** One conversation, as it was when it was asked for; its functions always speak of the present. */
export declare interface Conversation extends ConversationTwins {
    /** With whom: `user@domain`, one or several. */
    destination: string[];
    /** `im`, `sms`, `group` or another. */
    type: string;
    /** The server's id of it, once known. */
    id?: string;
    /** What `getMessages` returned at that moment. */
    messages: StoredMessage[];
    /** The last message, or what the server told of it: then only its parts. */
    lastMessage?: Partial<StoredMessage>;
    /** When the last one was received, in ms since the epoch. */
    lastReceived?: number;
    /** When it was read last, in ms since the epoch. */
    lastPull?: number;
    /** How many messages of others have not been read. Ours, as are the next two. */
    unread: number;
    /** How many messages are here. */
    messageCount: number;
    /** How many were given up here for want of room; the server may have them. */
    droppedMessages: number;
    /** Always empty: the protocol does not tell who is typing. */
    isTypingList: string[];
    /** What it can do: `base`, `parts`, `rich`, `history`, `group`. */
    features: string[];
    /** Whether messages are being fetched. */
    isPending?: boolean;
    /**
     * A message that is not sent yet.
     *
     * @param part its first part; a text counts as a text part
     */
    createMessage(part?: Part | string): Message;
    /**
     * Messages in their order, oldest first.
     *
     * @param range `from`: index of the first one, counted from the oldest; `count`: how many. Without it all of them. Ours.
     */
    getMessages(range?: {
        from?: number;
        count?: number;
    }): StoredMessage[];
    /**
     * One message; undefined if it is not known.
     *
     * @param messageId the server's id of it
     */
    getMessage(messageId: string): StoredMessage | undefined;
    /** Forgets all messages here; the server keeps them. Event: `messages:change`. */
    clearMessages(): void;
    /**
     * Loads the newest messages from the server (UC). Event: `messages:change`, or `messages:error`.
     *
     * @param amount how many at most
     * @param options `before`: id of a message: only such as are older. Ours; servers that do not know it load the newest.
     */
    fetchMessages(amount?: number, options?: {
        before?: string;
    }): void;
    /**
     * Deletes messages at the server (UC). Event for each: `messages:change`, or `messages:error`.
     *
     * @param messageIds which; all of them without it
     */
    deleteMessages(messageIds?: string[]): void;
    /** Deletes the conversation at the server (UC). Event: `conversations:change` with those that are left, or `messages:error`. */
    delete(): void;
    /**
     * Hears of every message of this conversation that is new or has changed.
     *
     * @param callback gets the ids, without that of a message if many changed; called in a microtask
     * @returns what ends it
     */
    subscribe(callback: (told: {
        conversationId: string;
        messageId?: string;
    }) => void): () => void;
}

/** `client.conversation` */
export declare interface ConversationApi {
    /**
     * The conversation with somebody, made if there is none. A new one is told as `conversations:new`.
     *
     * @param recipient `user@domain`, or several for a group
     * @param options `type`: `im` (default), `sms`, `group`; a text counts as the type
     * @throws TypeError if `options` is null
     *
     * @example
     * client.conversation.create('bob@example.com').createMessage('Hello').send()
     */
    create(recipient: string | string[], options?: ConversationOptions | string): Conversation;
    /**
     * The conversation with these members, in this order, and of this type; undefined if there is none. No event.
     *
     * @param recipient `user@domain`, or several
     * @param options `type`: default `im`
     * @throws TypeError if `options` is null
     */
    get(recipient: string | string[], options?: ConversationOptions | string): Conversation | undefined;
    /** All conversations that are known here. */
    getAll(): Conversation[];
    /**
     * Loads the list of conversations from the server (UC; a Link server keeps none). Event: `conversations:change`, or
     * `messages:error`.
     *
     * @param options only some of them
     */
    fetch(options?: FetchConversationsOptions): void;
}

/** Of which kind. */
export declare interface ConversationOptions {
    /** `im`, `sms`, `group`, or another one of the server. */
    type?: string;
}

/** `client.conversation` */
export declare interface ConversationsTwins {
    /**
     * Resolves with `getAll()` when the list has come; on Link, where there is none, at once.
     *
     * Rejects with `messaging:8`, or the server's number.
     */
    fetchAsync(options?: FetchConversationsOptions): Promise<Conversation[]>;
}

/** A conversation */
export declare interface ConversationTwins {
    /**
     * Resolves with nothing when they are forgotten here.
     *
     * Rejects with nothing of its own.
     */
    clearMessagesAsync(): Promise<void>;
    /**
     * Resolves with `getMessages()` when the messages have come, with all their parts.
     *
     * Rejects with `messaging:6`.
     */
    fetchMessagesAsync(amount?: number, options?: {
        before?: string;
    }): Promise<StoredMessage[]>;
    /**
     * Resolves with nothing when all of them are deleted.
     *
     * Rejects with `NO_CODE`, or the server's number; those before it are deleted.
     */
    deleteMessagesAsync(messageIds?: string[]): Promise<void>;
    /**
     * Resolves with nothing when it is deleted.
     *
     * Rejects with `NO_CODE`, or the server's number.
     */
    deleteAsync(): Promise<void>;
}

/**
 * Makes a client and starts loading the engine, once per page. The client can be used at once: what needs the engine
 * waits for it, and fails with the code `engine:1` if it cannot be loaded. Where there is no page, as on a server, or no
 * WebAssembly, the client is made all the same: `getConnection().error` says so at once, and so does everything else.
 *
 * Several clients may live in one page; they share nothing but the log options of the last one.
 *
 * @param config where to log in and how; everything has a default but the servers' names
 * @throws TypeError if `logs.logLevel` is unknown
 *
 * @example
 * import { create } from 'kandy-wasm'
 *
 * const client = create({
 *   authentication: { subscription: { server: 'gw.example.com' }, websocket: { server: 'gw.example.com' } },
 * })
 */
export declare function create(config?: Config): Client;

/** What `connect` takes: one of the documented combinations. */
export declare interface Credentials {
    /** `user@domain` */
    username?: string;
    /** Password of `authname` or `username`. */
    password?: string;
    /** Link: another name to authenticate with. */
    authname?: string;
    /** Link: a token made by the application's server. */
    hmacToken?: string;
    /** UC: a token that the application already has. */
    accessToken?: string;
    /** UC: renews the access token. */
    refreshToken?: string;
    /** UC: an OAuth token. */
    oauthToken?: string;
    /** UC: wanted life of the token in seconds. */
    expires?: number;
}

/** A device of the machine. */
export declare interface DeviceInfo {
    /** For `audioOptions`, `videoOptions` and `speakerId`; stays the same for this page. */
    deviceId: string;
    /** Devices that belong together have the same. */
    groupId: string;
    /** What it is. */
    kind: 'audioinput' | 'videoinput' | 'audiooutput';
    /** Empty until the user has given permission. */
    label: string;
}

/** `media.getDevices()`; `speaker` is empty where the browser does not list outputs. */
export declare interface DevicesObject {
    /** Cameras. */
    camera: DeviceInfo[];
    /** Microphones. */
    microphone: DeviceInfo[];
    /** Loudspeakers. */
    speaker: DeviceInfo[];
}

/** `client.disconnectReasons`: the values of `reason` in `auth:change`. */
declare const disconnectReasons: Readonly<{
    readonly GONE: 'GONE';
    readonly LOST_CONNECTION: 'LOST_CONNECTION';
}>;

/** Every event with its payload. */
export declare interface EventMap extends PeopleEvents {
    /** The connection changed: pending, connected, disconnected; ask `getConnection`. `reason` is one of `disconnectReasons`. */
    'auth:change': {
        reason?: string;
        forced?: boolean;
    };
    /** A login or logout failed, or a change of tokens or services. */
    'auth:error': {
        error: BasicError;
        reason?: string;
    };
    /**
     * An attempt to extend the session ended. `attemptNum` is 1 after a success and one more after each failure; the session
     * lives on meanwhile.
     */
    'auth:resub': {
        attemptNum: number;
        isFailure: boolean;
        error?: BasicError;
    };
    /** The WebSocket: an attempt begins, it is open, it is lost. */
    'ws:change': {
        platform: string;
    };
    /** The server accepted an outgoing call; its `localTracks` are known. */
    'call:start': CallEvent;
    /** A call came in and rings. */
    'call:receive': CallEvent;
    /** A call has another state or is held otherwise, or an operation on it failed. */
    'call:stateChange': StateChangeEvent;
    /** A track of a call that was not known at `call:start` or `call:receive`. */
    'call:newTrack': TrackEvent_2;
    /** A track of a call is over, and gone from the page. */
    'call:trackEnded': TrackEvent_2;
    /** What `addMedia` asked for is there, or failed. */
    'call:newMedia': MediaEvent;
    /** What `removeMedia` asked for is done, or failed. */
    'call:removedMedia': MediaEvent;
    /** What `replaceTrack` asked for is done, or failed. */
    'call:trackReplaced': TrackReplacedEvent;
    /** What `getStats` asked for. */
    'call:statsReceived': StatsEvent;
    /** The server accepted a call that joins two others, or it came to nothing. */
    'call:join': JoinEvent;
    /** An operation on a call failed: after the event that says so, or alone where there is none. */
    'call:error': CallEvent;
    /** The same, because microphone or camera could not be had. */
    'media:error': CallEvent;
    /** The list of devices is known, or changed. */
    'devices:change': {
        devices?: DevicesObject;
    };
    /** The answer to `media.init` of Kandy.js 3.x. */
    'media:initialize': {
        result: {
            error: boolean;
            code: number;
            message: string;
        };
    };
    /** Tracks were muted: those of the given ids that exist. */
    'media:muted': {
        tracks: string[];
    };
    /** Tracks were unmuted: those of the given ids that exist. */
    'media:unmuted': {
        tracks: string[];
    };
    /** The server sent something; comes before the events that it causes. `payload` is what it sent. */
    'notification:received': {
        payload: unknown;
    };
    /** A channel of notifications, `WEBSOCKET` or `PUSH`, was switched on or off. */
    'notifications:change': {
        channel: string;
    };
    /** A channel could not be switched, or what came by it could not be processed. */
    'notifications:error': {
        channel: string;
        error: BasicError;
    };
}

/** Name of an event. */
export declare type EventName = keyof EventMap;

/** The four functions of a client that concern listeners. */
export declare interface Events {
    /**
     * Calls `listener` with the payload of every event of this type from now on, in a microtask, so never before the API
     * function that caused the event has returned. The state that the API shows is then at least as new as the event.
     *
     * Unknown types are accepted and never happen. A function that is registered twice is called twice. A listener that
     * throws does not keep the others from being called; its error goes to the page's error handler.
     *
     * @param type name of the event, such as `call:start`
     * @param listener gets one argument, the payload
     *
     * @example
     * client.on('call:stateChange', ({ callId, error }) => {
     *   console.log(client.call.getById(callId)?.state, error?.message)
     * })
     */
    on<T extends EventName>(type: T, listener: (payload: EventMap[T]) => void): void;
    /**
     * The same for names that this version does not know.
     *
     * @param type any other name
     * @param listener never called
     */
    on<T extends string>(type: T extends EventName ? never : T, listener: (payload: unknown) => void): void;
    /**
     * Removes all registrations of this function for this type; does nothing if there are none.
     *
     * @param type name of the event
     * @param listener the same function that `on` was given
     */
    off<T extends EventName>(type: T, listener: (payload: EventMap[T]) => void): void;
    /**
     * The same for names that this version does not know.
     *
     * @param type any other name
     * @param listener the same function that `on` was given
     */
    off<T extends string>(type: T extends EventName ? never : T, listener: (payload: unknown) => void): void;
    /**
     * Calls `listener` for every event of every type, after the listeners of `on`.
     *
     * @param listener gets the type and an array with the payload as its only element
     * @throws Error if `listener` is no function
     *
     * @example
     * client.subscribe((type, [payload]) => {
     *   if ('callId' in payload) console.log(type, payload.callId)
     * })
     */
    subscribe(listener: GlobalListener): void;
    /**
     * Removes all registrations of a global listener; does nothing if there are none.
     *
     * @param listener the same function that `subscribe` was given
     * @throws Error if `listener` is no function
     */
    unsubscribe(listener: GlobalListener): void;
}

/** Which conversations are fetched. */
export declare interface FetchConversationsOptions {
    /** `im` (or `internal`), `sms`, `group`, `unknown` */
    type?: string;
    /** Since when: `lastcheck`. */
    touched?: string;
    /** Only the one with this id. */
    thread?: string | number;
    /** How many at most, newest first; our gateway lists 50, and at most 200. Ours. */
    max?: number;
}

/** A listener of all events: the payload is the only element of an array. */
export declare type GlobalListener = (type: EventName, args: [payload: EventMap[EventName]]) => void;

/** A STUN or TURN server. */
export declare interface IceServer {
    /** Such as `turn:turn.example.com:3478`. */
    urls: string | string[];
    /** Its own, in place of that of the server. */
    username?: string;
    /** The password for `username`. */
    credential?: string;
}

/** Two calls became one, or could not (then `error` is set and `callId` is the first of them). */
export declare interface JoinEvent extends CallEvent {
    /** Ids of the two calls. */
    joinedCalls: string[];
}

/** As a function, the default export is `create`. */
declare const kandy: ((config?: Config) => Client) & {
    create: typeof create;
    sdpHandlers: SdpHandlers;
};
export default kandy;

/** Functions of `client.call` for applications that are written for Kandy.js 3.x. */
export declare interface LegacyCallApi {
    /**
     * Calls somebody, and shows the call in the containers by itself. Events as for the present form, and `call:error` (for want
     * of a microphone or camera also `media:error`) after each event with an error. With `call.callDefaults` in the
     * configuration, `options` may be left out.
     *
     * @deprecated The form of Kandy.js 3.x; pass media instead: `make(destination, { audio: true })`.
     */
    make(destination: string, options: LegacyMakeOptions): string;
    /**
     * Answers a call, and shows it in the containers by itself. With `call.callDefaults` in the configuration, `options` may be
     * left out.
     *
     * @deprecated The form of Kandy.js 3.x; pass media instead: `answer(callId, { audio: true })`.
     */
    answer(callId: string, options: LegacyCallOptions): void;
    /** @deprecated Use `forward`. */
    forwardCall(callId: string, destination: string): void;
    /**
     * Mutes the own sound of a call. Events: `media:muted`, `call:stateChange`; `call:error` with `call:6` if there is none,
     * with `call:7` if there is no such call.
     *
     * @deprecated Use `media.muteTracks`.
     */
    mute(callId: string): void;
    /** @deprecated Use `media.unmuteTracks`. */
    unmute(callId: string): void;
    /**
     * Mutes the other side's sound of a call; events as for `mute`.
     *
     * @deprecated Use `media.muteTracks`.
     */
    silence(callId: string): void;
    /** @deprecated Use `media.unmuteTracks`. */
    unsilence(callId: string): void;
    /**
     * Adds the camera to a call. Events as for `addMedia`; `call:error` with `call:6` if the call was made or answered with
     * `isVideoEnabled: false`.
     *
     * @deprecated Use `addMedia`.
     */
    startVideo(callId: string, options?: Pick<LegacyCallOptions, 'videoResolution'>): void;
    /** @deprecated Use `removeMedia`. */
    stopVideo(callId: string): void;
    /** @deprecated Names only; no event carries them. */
    mediaStates: typeof mediaStates;
}

/** Options of `answer`, and defaults of both, in the style of Kandy.js 3.x. */
export declare interface LegacyCallOptions {
    /** Whether to send and receive sound. Default true. Without it and without a camera the call only receives. */
    isAudioEnabled?: boolean;
    /** Whether the call may have video; if false, none is received and none can be started later. Default true. */
    isVideoEnabled?: boolean;
    /** Whether the camera is on from the start. Default false. */
    sendInitialVideo?: boolean;
    /** Wanted size of the own picture, in pixels. */
    videoResolution?: {
        height?: number;
        width?: number;
    };
    /** Where the other side is shown: an element, a CSS selector, or an id. Without it its sound is played all the same. */
    remoteVideoContainer?: Element | string;
    /** Where the own picture is shown. */
    localVideoContainer?: Element | string;
    /** Without effect: calls are always encrypted. */
    webrtcdtls?: boolean;
}

/** Options of `make` in the style of Kandy.js 3.x. */
export declare interface LegacyMakeOptions extends LegacyCallOptions {
    /** Shown to the callee as the caller's name. */
    from?: string;
    /** The caller's name, if `from` is not given. */
    contact?: {
        firstName?: string;
        lastName?: string;
    };
    /** Whether the destination is brought into the form `sip:user@domain`, whatever the configuration says. */
    normalizeAddress?: boolean;
}

/** Functions of `client.media` for applications that are written for Kandy.js 3.x. */
export declare interface LegacyMediaApi {
    /**
     * Does nothing; event: `media:initialize`.
     *
     * @deprecated Nothing has to be prepared.
     */
    init(): void;
}

/** `client.logger.levels`: the values for `logs.logLevel`. */
declare const levels: Readonly<{
    readonly SILENT: 'silent';
    readonly ERROR: 'error';
    readonly WARN: 'warn';
    readonly INFO: 'info';
    readonly DEBUG: 'debug';
}>;

/** A listener of one event. */
export declare type Listener<T extends EventName> = (payload: EventMap[T]) => void;

/** `logs.logActions`. An action is one input of the engine: a function called, an answer or a notification received, a timer. */
export declare interface LogActions {
    /** Whether nothing but the action is written; else also the state before and after. Default true. */
    actionOnly: boolean;
    /** Whether groups are closed at first. Default false. */
    collapsed: boolean;
    /** Whether it is listed what the action changed. Default false. */
    diff: boolean;
    /** Whether actions show what they carry, without what is secret; a login and a configuration never do. Default false. */
    exposePayloads: boolean;
    /** The level of these lines; `silent` for none. Default `debug`. */
    level: string;
    /** Names of actions that are left out. Default none. */
    excludeActions?: string[];
}

/** One line. No part of it holds a credential or a session description. */
export declare interface LogEntry {
    /** Milliseconds since the epoch. */
    timestamp: number;
    /** How much it matters. */
    level: 'debug' | 'info' | 'warn' | 'error';
    /** Who writes: `CLIENT`, `API`, `ENGINE`, `ACTION`. */
    target: string;
    /** One sentence. */
    message: string;
    /** What belongs to the message; with `flatten` the same, as nothing is made flat for a handler. */
    args: unknown[];
}

/**
 * Gets lines that the console would get. What it throws, or rejects with, is told on the console once, and disturbs nothing;
 * lines that it causes while it runs go to the console.
 */
export declare type LogHandler = (entry: LogEntry) => void;

/** `logs`. All clients of a page share it: the last `create` counts, and `updateConfig` changes nothing. */
export declare interface LogsConfig {
    /** One of `client.logger.levels`, in any letter case; `trace` is the same as `debug`. Default `debug`. */
    logLevel: string;
    /** Whether a line is one text instead of a text and further arguments. Default false. */
    flatten: boolean;
    /** Lines about what happens inside, at the levels `debug` and `info`. `true` means the defaults, `false` none. */
    logActions: false | LogActions;
    /** Accepted, without effect. Default true. */
    enableFcsLogs: boolean;
    /** Whether the lines of an action stand in a group of the console. Not there by default, which is the same as true. */
    enableGrouping?: boolean;
    /** Gets every line in place of the console, without groups. Default none. */
    handler?: LogHandler;
}

/** Options of `make`. */
export declare interface MakeOptions extends AnswerOptions {
    /** Shown to the callee as the caller's name. */
    displayName?: string;
}

/** Which media a call sends. */
export declare interface Media {
    /** Whether to use a microphone. Default false. */
    audio?: boolean;
    /** Which one; used if `audio` is true. */
    audioOptions?: {
        deviceId?: string | Constraint<string>;
        [constraint: string]: unknown;
    };
    /** Whether to use a camera. Default false. */
    video?: boolean;
    /** Which one, and how; used if `video` is true. Sizes in pixels, `frameRate` in frames per second. */
    videoOptions?: {
        deviceId?: string | Constraint<string>;
        width?: number | Constraint<number>;
        height?: number | Constraint<number>;
        frameRate?: number | Constraint<number>;
        [constraint: string]: unknown;
    };
}

/** `client.media` */
export declare interface MediaApi {
    /**
     * Cameras, microphones and loudspeakers. All lists are empty before the first `devices:change`, and names are empty
     * until the user has given permission once.
     */
    getDevices(): DevicesObject;
    /**
     * A stream and the ids of its live tracks.
     *
     * @param mediaId the `streamId` of a track
     * @returns undefined if there is none
     */
    getById(mediaId: string): MediaObject | undefined;
    /**
     * A live track.
     *
     * @param trackId from a call's `localTracks` or `remoteTracks`, or from an event
     * @returns undefined if there is none, or if it has ended
     */
    getTrackById(trackId: string): TrackObject | undefined;
    /**
     * Shows tracks on the page: each as an `<audio>` or `<video>` element at the end of the first element that matches.
     * The elements are removed when the track ends. Unknown tracks are left out; rendering twice in one place does nothing.
     *
     * @param trackIds which tracks; own audio tracks would be heard as an echo
     * @param container where: a CSS selector, or an element of the page's document. `containers` of the track shows an element
     *   as `#id`, or, if it is not to be found under an id, as the selector of an attribute that it is given
     * @param options loudspeaker for audio
     *
     * @example
     * const { remoteTracks = [] } = client.call.getById(callId) ?? {}
     * client.media.renderTracks(remoteTracks, '#remote')
     */
    renderTracks(trackIds: string[], container: Container, options?: RenderOptions): void;
    /**
     * Takes tracks off the page.
     *
     * @param trackIds which tracks
     * @param container where; the same text or element that `renderTracks` was given, or a text from `containers`
     */
    removeTracks(trackIds: string[], container: Container): void;
    /**
     * Mutes tracks: own ones send silence or black, others are not played. The other side is not told.
     *
     * Event: `media:muted` with those of the ids that exist.
     *
     * @param trackIds which tracks
     */
    muteTracks(trackIds: string[]): void;
    /**
     * Undoes `muteTracks`.
     *
     * Event: `media:unmuted` with those of the ids that exist.
     *
     * @param trackIds which tracks
     */
    unmuteTracks(trackIds: string[]): void;
}

/** Media that this side adds or removes are agreed on, or could not be changed (then `error` is set). */
export declare interface MediaEvent extends CallEvent {
    /** Always true. */
    local: boolean;
    /** Ids of the tracks; undefined on failure. */
    tracks: string[] | undefined;
    /** Id of the Media object that was added. */
    mediaId?: string;
}

/** A stream as `media.getById` shows it. */
export declare interface MediaObject {
    /** The same as the `streamId` of its tracks. */
    id: string;
    /** Whether it comes from our own devices. */
    local: boolean;
    /** Track ids. */
    tracks: string[];
}

/** `client.call.mediaStates` */
declare const mediaStates: Readonly<Record<string, string>>;

/** `client.media` */
export declare interface MediaTwins {
    /**
     * Resolves with nothing when the elements are asked for; that a container was not found is a line in the log.
     *
     * Rejects with nothing of its own.
     */
    renderTracksAsync(trackIds: string[], container: Container, options?: RenderOptions): Promise<void>;
    /**
     * Resolves with nothing when they are taken off the page.
     *
     * Rejects with nothing of its own.
     */
    removeTracksAsync(trackIds: string[], container: Container): Promise<void>;
    /**
     * Resolves with those of the ids that exist.
     *
     * Rejects with nothing of its own.
     */
    muteTracksAsync(trackIds: string[]): Promise<string[]>;
    /**
     * Resolves with those of the ids that exist.
     *
     * Rejects with nothing of its own.
     */
    unmuteTracksAsync(trackIds: string[]): Promise<string[]>;
}

/** The merged configuration, as `getConfig` returns it: the values in force. */
export declare interface MergedConfig {
    /** As given to `create`. */
    logs: LogsConfig;
    /** Where to log in. */
    authentication: {
        subscription: SubscriptionConfig;
        websocket: ServerConfig;
        earlyRefreshMargin?: number;
    };
    /** How calls are made. */
    call: CallConfig;
    /** How the WebSocket is kept. */
    connectivity: ConnectivityConfig;
    /** How notifications are received. */
    notifications: NotificationsConfig;
    /** What conversations of this kind of server can do. */
    messaging: {
        features: string[];
    };
    /** `allowProxy`: whether `client.proxy` is there, which refuses everything. */
    common?: {
        allowProxy?: boolean;
    };
    [section: string]: unknown;
}

/** A message that is being written. */
export declare interface Message extends MessageTwins {
    /** To whom. */
    destination: string[];
    /** What it consists of. */
    parts: Part[];
    /** `group` for more than one destination. */
    type: string;
    /**
     * Adds a part (UC: of any kind; Link: only the text of the first part is sent). Anything that is no part is refused with
     * `messages:error`.
     *
     * @param part a text, JSON or a file
     */
    addPart(part: Part): void;
    /**
     * Sends it, once. It stands in `getMessages()` at once, with `isPending: true` until the server has it. Messages of one
     * conversation arrive in the order of `send()`; while there is no connection they wait.
     *
     * Events: `messages:change` when the server has it, or when it cannot be sent: then it has an `error`, and `messages:error`
     * follows.
     */
    send(): void;
}

/** A message that is being written */
export declare interface MessageTwins {
    /**
     * Resolves with the message when the server has it; while there is no connection it waits.
     *
     * Rejects with `messaging:5`, `messaging:7`, `messaging:9`, `messaging:10`, or the server's number.
     */
    sendAsync(): Promise<StoredMessage>;
}

/** What `updateToken` takes: the tokens to go on with. */
export declare interface NewToken {
    /** Written to the log, and nothing else. */
    username?: string;
    /** Takes the place of the access token. */
    accessToken?: string;
    /** Takes the place of the OAuth token. */
    oauthToken?: string;
}

/** `client.notification` */
export declare interface NotificationApi {
    /**
     * Hands over a notification that did not come by the client's WebSocket, such as one by a push service. What came by another
     * way before is dropped: the last `notifications.idCacheLength` ids are remembered.
     *
     * Events: `notification:received`, then those that the notification causes. Nothing of a channel that is switched off, or
     * that is none (then there is an error line in the log); `notifications:error` if there is no engine.
     *
     * @param notification as the server made it: an object of plain data
     * @param channel `EXTERNAL` (the default) or `PUSH`: by which way it came
     * @param platform `link` (the default, also for calls on UC) or `uc`
     */
    process(notification: object, channel?: string, platform?: string): void;
    /**
     * Registers this device for notifications by push.
     *
     * Events: `notifications:change` with the channel `PUSH`, or `notifications:error` with it, and an error
     * with the code `NO_CODE` and the reason.
     *
     * @param params the device, and what it is to hear of; `notifications` of the configuration says where
     *
     * @example
     * client.notification.registerPush({ deviceToken: 'f00d', services: ['call', 'IM'], pushProvider: 'google', clientCorrelator: 'phone-1' })
     */
    registerPush(params: PushRegistration): void;
    /**
     * Takes this device's registration back. Events as for `registerPush`.
     */
    deregisterPush(): void;
    /**
     * Switches notifications of the WebSocket on or off; those that come while they are off are lost.
     *
     * Event: `notifications:change` with the channel `WEBSOCKET`.
     *
     * @param enable whether they count
     */
    enableWebsocket(enable: boolean): void;
}

/** `notifications`. At the next use. */
export declare interface NotificationsConfig {
    /** How many ids the filter for repeated notifications remembers. Default 100. */
    idCacheLength: number;
    /** Where devices are registered for push; what is missing is as in `authentication.subscription`. Default nothing. */
    pushRegistration: {
        server?: string;
        port?: string | number;
        protocol?: string;
        version?: string;
    };
    /** Passed on to the push service of the server. Default none. */
    realm?: string;
    /** Which application the device has, as the push service knows it. Default none. */
    bundleId?: string;
}

/** `client.notification` */
export declare interface NotificationTwins {
    /**
     * Resolves with nothing when the client has taken it; what it causes is told by events.
     *
     * Rejects with nothing of its own.
     */
    processAsync(notification: object, channel?: string, platform?: string): Promise<void>;
    /**
     * Resolves with nothing when the server has the device.
     *
     * Rejects with `NO_CODE`.
     */
    registerPushAsync(params: PushRegistration): Promise<void>;
    /**
     * Resolves with nothing when the server has forgotten the device.
     *
     * Rejects with `NO_CODE`.
     */
    deregisterPushAsync(): Promise<void>;
    /**
     * Resolves with nothing when it is switched.
     *
     * Rejects with nothing of its own.
     */
    enableWebsocketAsync(enable: boolean): Promise<void>;
}

/** A session description in the parts into which `sdp-transform` takes it. */
export declare interface ParsedSdp {
    /** A section for each line of media, in their order. */
    media: ParsedSdpMedia[];
    /** What else stands in it. */
    [part: string]: unknown;
}

/** One section of a session description. */
export declare interface ParsedSdpMedia {
    /** `audio`, `video` or `application` */
    type: string;
    /** 0 for a line that is not used. */
    port: number;
    /** Such as `UDP/TLS/RTP/SAVPF`. */
    protocol: string;
    /** Who sends. */
    direction?: 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';
    /** Its name, by which both sides know it. */
    mid?: string | number;
    /** Numbers of the formats, separated by blanks. */
    payloads?: string | number;
    /** Names of the formats. `rate` in Hz; `encoding` is the number of channels. */
    rtp?: {
        payload: number;
        codec: string;
        rate?: number;
        encoding?: number;
    }[];
    /** Parameters of the formats. */
    fmtp?: {
        payload: number;
        config: string;
    }[];
    /** Feedback that is understood, by format. */
    rtcpFb?: {
        payload: number | string;
        type: string;
        subtype?: string;
    }[];
    /** `AS` in kbit/s, `TIAS` in bit/s */
    bandwidth?: {
        type: string;
        limit: number | string;
    }[];
    /** What else stands in it. */
    [attribute: string]: unknown;
}

/** One part of a message. */
export declare type Part = {
    type: 'text';
    text: string;
} | {
    type: 'json';
    json: object;
} | {
    type: 'file';
    /** What is sent. Of a received part there are `name`, `mime` and `url`, all said by the sender and not to be trusted. */
    file: Blob;
    name?: string;
    mime?: string;
    url?: string;
    size?: number;
};

/** The namespaces that are no more than their functions. */
export declare interface PeopleApi {
    /** Who is there, and what they do. */
    presence: PresenceApi & PresenceTwins;
    /** The personal address book. */
    contacts: ContactsApi & ContactsTwins;
    /** Other users of the server. */
    user: UserApi & UserTwins;
    /** Indicators of waiting messages. */
    voicemail: VoicemailApi & VoicemailTwins;
    /** Calls between two parties, begun by a click. */
    clickToCall: ClickToCallApi & ClickToCallTwins;
    /** Subscriptions to SIP event packages. */
    sip: SipApi & SipTwins;
}

/** Events of these namespaces, and of conversations. */
export declare interface PeopleEvents {
    /** A conversation was created here. */
    'conversations:new': object;
    /** Conversations that are new, were loaded, or are left. */
    'conversations:change': {
        destination: string[];
        type: string;
    }[];
    /** A message is new or has changed, or a conversation was loaded or emptied; `messageId` where it is about one message. */
    'messages:change': {
        destination: string[];
        type: string;
        messageId?: string | null;
        sender?: string;
    };
    /** A message was not sent, or messages could not be fetched, marked or deleted. */
    'messages:error': {
        error: BasicError;
    };
    /** Your own presence changed. */
    'presence:selfChange': object;
    /** Presence of somebody. */
    'presence:change': {
        userId: string;
        status: string;
        activity: string;
        note: string;
    };
    /** An update failed, or somebody could not be asked for or watched. */
    'presence:error': {
        error: BasicError;
    };
    /** A contact was added. */
    'contacts:new': Contact;
    /** The address book changed; after `add` first with the contact. */
    'contacts:change': Contact | object;
    /** The address book could not be loaded or changed. */
    'contacts:error': {
        error: BasicError;
    };
    /** Users that were found or fetched. */
    'directory:change': {
        results: User[];
    };
    /** Nobody could be looked up. */
    'directory:error': {
        error: BasicError;
    };
    /** The indicators, after `voicemail.fetch` and whenever they change. */
    'voicemail:change': Voicemail;
    /** `voicemail.fetch` failed. */
    'voicemail:error': {
        error: BasicError;
    };
    /** Records were loaded, added or removed; `call.history.get` has them. */
    'callHistory:change': object;
    /** The same; `call.history.getCache` has them. */
    'callHistoryCache:change': object;
    /** Records could not be loaded or removed. */
    'callHistory:error': {
        error: BasicError;
    };
    /** The server has begun to call. */
    'clickToCall:start': {
        callId: string;
    };
    /** The server does not call. */
    'clickToCall:error': {
        callId: string;
        error: BasicError;
    };
    /** A subscription began, changed or ended. */
    'sip:subscriptionChange': {
        eventType: string;
        /** `newSubscription`, `updateSubscription`, `unsubscribe` */
        change: string;
        subscribedUsers: string[] | undefined;
        unsubscribedUsers: string[] | undefined;
    };
    /** What the server tells of a user; `event` as it was sent. */
    'sip:eventsChange': {
        eventType: string;
        eventId: string;
        event: object;
    };
    /** A subscription could not be made, changed or ended. */
    'sip:error': {
        error: BasicError;
    };
    /** Media on another machine: not supported. */
    'proxy:error': {
        error: BasicError;
    };
}

/** Presence of somebody. */
export declare interface Presence {
    /** `user@domain` */
    userId: string;
    /** `open` or `closed` */
    status?: string;
    /** One of `activities`, or whatever the server says. */
    activity?: string;
    /** Free text. */
    note?: string;
    /** Whether an answer is awaited. */
    loading: boolean;
}

/** `client.presence` */
export declare interface PresenceApi {
    /** Values for the first argument of `update`. */
    statuses: {
        OPEN: 'open';
        CLOSED: 'closed';
    };
    /** Values for its second argument. */
    activities: Record<'ACTIVE' | 'AVAILABLE' | 'IDLE' | 'AWAY' | 'LUNCH' | 'OTHER' | 'BUSY' | 'VACATION' | 'ON_THE_PHONE' | 'UNKNOWN', string>;
    /**
     * Tells others what you do. Event: `presence:selfChange`; `presence:error` with `presence:1` for an unknown status, `presence:2`
     * for an unknown activity, or what the server said.
     *
     * @param status `open` or `closed`
     * @param activity one of `activities`
     * @param note free text, meant for the activity `other`
     */
    update(status: string, activity: string, note?: string): void;
    /**
     * Asks for the presence of somebody, once. Event for each: `presence:change`, or `presence:error`.
     *
     * @param users `user@domain`, one or several
     */
    fetch(users: string | string[]): void;
    /**
     * Hears of the presence of somebody from now on. Events: `presence:change` at once and after each change, or `presence:error`.
     *
     * @param users `user@domain`, one or several
     *
     * @example
     * client.on('presence:change', ({ userId, activity }) => console.log(userId, activity))
     * client.presence.subscribe(['bob@example.com', 'carol@example.com'])
     */
    subscribe(users: string | string[]): void;
    /**
     * Hears of it no more; what is known stays. No event.
     *
     * @param users `user@domain`, one or several
     */
    unsubscribe(users: string | string[]): void;
    /**
     * What is known of these users, always a list; unknown ones are left out.
     *
     * @param users `user@domain`, one or several
     */
    get(users: string | string[]): Presence[];
    /** What is known of everybody. */
    getAll(): Presence[];
    /** What you told last; an empty object before. */
    getSelf(): SelfPresence;
}

/** `client.presence` */
export declare interface PresenceTwins {
    /**
     * Resolves with `getSelf()` when the server has it.
     *
     * Rejects with `presence:1`, `presence:2`; `NO_CODE`, or the server's number.
     */
    updateAsync(status: string, activity: string, note?: string): Promise<SelfPresence>;
    /**
     * Resolves with what the server has answered of these users by then; the rest is told by `presence:change`.
     *
     * Rejects with `NO_CODE`, or the server's number.
     */
    fetchAsync(users: string | string[]): Promise<Presence[]>;
    /**
     * Resolves with nothing when the server will tell.
     *
     * Rejects with `NO_CODE`, or the server's number.
     */
    subscribeAsync(users: string | string[]): Promise<void>;
    /**
     * Resolves with nothing when the server will tell no more.
     *
     * Rejects with `NO_CODE`, or the server's number.
     */
    unsubscribeAsync(users: string | string[]): Promise<void>;
}

/** `client.proxy`, there only with `common.allowProxy`: media on another machine, which this SDK does not do. */
declare interface ProxyApi {
    /** Refused with `proxy:error`, code `proxy:1`. */
    setProxyMode(value: boolean): void;
    /** Always false. */
    getProxyMode(): boolean;
    /** That there is no proxy. */
    getInfo(): {
        proxyMode: boolean;
        hasChannel: boolean;
        remoteInitialized: boolean;
    };
    /** Which browser this is. */
    getProxyDetails(): BrowserDetails;
    /** Refused with `proxy:error`, code `proxy:1`. */
    setChannel(channel: object): void;
    /** Refused with `proxy:error`, code `proxy:1`. */
    initializeRemote(config: object): void;
}

/** What `notification.registerPush` takes. */
export declare interface PushRegistration {
    /** What the push service calls the device. */
    deviceToken: string;
    /** What the device is to hear of: `call`, `IM`. */
    services: string[];
    /** `apple` or `google` */
    pushProvider: string;
    /** A name for the device that stays the same, chosen by the application. */
    clientCorrelator: string;
}

/** Options of `renderTracks`. */
export declare interface RenderOptions {
    /** Device id of the loudspeaker, where the browser lets a page choose. */
    speakerId?: string;
}

/**
 * Changes a parsed session description and returns the one to go on with. What it throws fails the operation that it was called for.
 *
 * @param newSdp the description as the handlers before it left it; it may be changed
 * @param info what it is
 * @param originalSdp the description as the browser or the other side made it; it is frozen
 */
export declare type SdpHandler = (newSdp: ParsedSdp, info: SdpHandlerInfo, originalSdp: ParsedSdp) => ParsedSdp;

/** What an SDP handler is told. */
export declare interface SdpHandlerInfo {
    /** Whether somebody proposes something, or says yes to it. */
    type?: 'offer' | 'answer';
    /** Whether it was made here or came from the other side. */
    endpoint: 'local' | 'remote';
}

/** Ready-made SDP handlers. */
export declare interface SdpHandlers {
    /**
     * Makes a handler for `call.sdpHandlers` that removes codecs, together with the retransmission formats for them.
     *
     * @param codecs names, or names with parameters
     */
    readonly createCodecRemover: (codecs?: readonly (string | CodecToRemove)[]) => SdpHandler;
}

/** The public `sdpHandlers`. */
export declare const sdpHandlers: SdpHandlers;

/** Your own presence. */
export declare interface SelfPresence {
    /** `open` or `closed` */
    status?: string;
    /** One of `activities`. */
    activity?: string;
    /** Free text. */
    note?: string;
    /** Whether an update is under way. */
    loading?: boolean;
    /** Why the last one failed. */
    error?: false | BasicError;
}

/** Scheme, host and port of a server. */
export declare interface ServerConfig {
    /** Host name. No default: without it nobody can log in. */
    server?: string;
    /** `https` (REST, the default there) or `wss` (WebSocket, the default there); for tests on one's own machine `http` or `ws`. */
    protocol: string;
    /** Default `'443'`. */
    port: string | number;
}

/** `getServices()` */
export declare interface ServicesInfo {
    /** Asked for at the login. */
    requested: string[];
    /** Granted. */
    received: string[];
    /** Asked for and not granted. */
    missing: string[];
    /** `FULL`: all that was asked for. `UNKNOWN`: before a login. */
    status: 'FULL' | 'PARTIAL' | 'NONE' | 'UNKNOWN';
    /** Each that was asked for, and whether it was granted. */
    services: Record<string, boolean>;
}

/** `client.sip` */
export declare interface SipApi {
    /**
     * Subscribes to an event package for users. Event: `sip:subscriptionChange`, later `sip:eventsChange`; `sip:error` with `sipEvents:2`
     * if the service was not granted, `sipEvents:1` otherwise.
     *
     * @param eventType `event:…`, one of the services that were granted
     * @param users `user@domain`
     * @param clientCorrelator a name of this device
     * @param customParameters for the server
     */
    subscribe(eventType: string, users: string[], clientCorrelator?: string, customParameters?: object[]): void;
    /**
     * Adds and removes users. Events as for `subscribe`; `sipEvents:3` if there is no subscription.
     *
     * @param eventType as for `subscribe`
     * @param userLists whom to add, and whom to take out: `user@domain`
     * @param customParameters for the server
     */
    update(eventType: string, userLists: {
        subscribeUserList?: string[];
        unsubscribeUserList?: string[];
    }, customParameters?: object[]): void;
    /**
     * Ends a subscription. Events as for `update`.
     *
     * @param eventType as for `subscribe`
     */
    unsubscribe(eventType: string): void;
    /** All subscriptions, by their event types. */
    getDetails(): Record<string, SipEventDetails>;
    /**
     * One subscription; undefined if there is none.
     *
     * @param eventType as for `subscribe`
     */
    getDetails(eventType: string): SipEventDetails | undefined;
}

/** A subscription. */
export declare interface SipEventDetails {
    /** The server's id of it. */
    sessionData: string;
    /** Of whom it tells: `user@domain`. */
    subscribedUsers: string[];
    /** What was told. */
    notifications?: object[];
}

/** `client.sip` */
export declare interface SipTwins {
    /**
     * Resolves with nothing when the server will tell; `getDetails` has the subscription.
     *
     * Rejects with `sipEvents:1`, `sipEvents:2`.
     */
    subscribeAsync(eventType: string, users: string[], clientCorrelator?: string, customParameters?: object[]): Promise<void>;
    /**
     * Resolves with nothing when the server has changed it.
     *
     * Rejects with `sipEvents:1`, `sipEvents:3`.
     */
    updateAsync(eventType: string, userLists: {
        subscribeUserList?: string[];
        unsubscribeUserList?: string[];
    }, customParameters?: object[]): Promise<void>;
    /**
     * Resolves with nothing when it has ended.
     *
     * Rejects with `sipEvents:1`, `sipEvents:3`.
     */
    unsubscribeAsync(eventType: string): Promise<void>;
}

/** `connection.getSocketState()` */
export declare interface SocketState extends Partial<Omit<ConnectivityConfig, 'checkConnectivity'>> {
    /** Whether it is open, with proof of life. */
    connected: boolean;
    /** Whether it is being checked. */
    pinging: boolean;
    /** Which kind of server it belongs to. */
    platform?: 'link' | 'uc';
    /** Last sign of life, in milliseconds since the epoch. */
    lastContact?: number;
}

/** `client.state` */
declare interface StateApi {
    /**
     * Everything that the other functions tell, in one object: `config`, `authentication`, `connectivity`, `call`, `webrtc`,
     * `callHistory`, `clickToCall`, `messaging`, `mwi`, `notifications`, `presence`, `sipEvents`, `users`.
     */
    get(): Record<string, unknown>;
    /**
     * Hears of every event, after which the state may be another one.
     *
     * @param listener called without arguments
     * @returns what ends it
     * @throws Error if `listener` is no function
     */
    subscribe(listener: () => void): () => void;
}

/** State or hold flags of a call changed, or an operation on it failed (then `error` is set). */
export declare interface StateChangeEvent extends CallEvent {
    /** Why the other side ended the call; a 4xx, 5xx or 6xx status as in SIP where there is one. */
    transition: {
        prevState?: CallState;
        statusCode?: string | number;
        reasonText?: string;
    } | undefined;
    /** State and hold flags before it; the same as now if an operation failed. */
    previous: {
        state: CallState;
        localHold: boolean | undefined;
        remoteHold: boolean | undefined;
    };
    /** The state by the names of Kandy.js 3.x, for applications written for that. */
    state: string;
}

/** `client.call.states` */
declare const states: Readonly<{
    readonly INITIATING: 'Initiating';
    readonly INITIATED: 'Initiated';
    readonly RINGING: 'Ringing';
    readonly CANCELLED: 'Cancelled';
    readonly CONNECTED: 'Connected';
    readonly ON_HOLD: 'On Hold';
    readonly ENDED: 'Ended';
}>;

/** What `getStats` asked for. */
export declare interface StatsEvent extends CallEvent {
    /** The browser's report. */
    result: RTCStatsReport | undefined;
    /** As given to `getStats`. */
    trackId?: string;
}

/** A message of a conversation. */
export declare interface StoredMessage extends StoredMessageTwins {
    /** When it was sent or received, in ms since the epoch. */
    timestamp: number;
    /** True exactly until the server has it. */
    isPending: boolean;
    /** Whether `markRead` was called for it. */
    read: boolean;
    /** What it consists of. Texts of others: never put them into HTML. */
    parts: Part[];
    /** Type of its conversation. */
    type: string;
    /** Who sent it. */
    sender: string;
    /** Whether it is your own. */
    own: boolean;
    /** The server's id; null if it could not be sent. */
    messageId: string | null;
    /** Why it could not be sent. */
    error?: BasicError;
    /**
     * Sends its parts to somebody else. Events as for `send`.
     *
     * @param destination `user@domain`
     */
    forward(destination: string): void;
    /** Marks it, and all before it, as read; only of received ones. Event: `messages:change`. */
    markRead?(): void;
}

/** A message of a conversation */
export declare interface StoredMessageTwins {
    /**
     * Resolves with the id of the new message when the server has it.
     *
     * Rejects with what `sendAsync` rejects with.
     */
    forwardAsync(destination: string): Promise<string>;
    /**
     * Resolves with nothing when it is marked, at the server, too, if that understands it.
     *
     * Rejects with `messaging:2`, or the server's number.
     */
    markReadAsync?(): Promise<void>;
}

/** `authentication.subscription`: the REST server and the session wanted there. */
export declare interface SubscriptionConfig extends ServerConfig {
    /** `v2.0` (the default) means a UC service, `1` a Link gateway. */
    version: string;
    /** Wanted life of the session in seconds; it is extended in time. Default 3600. */
    expires: number;
    /** Wanted services. Default call, IM and Presence. */
    service: string[];
    /** Language of the server's texts. UC; default `English_US`. */
    localization?: string;
    /** Accepted; servers are always asked for relays. UC; default true. */
    useTurn?: boolean;
    /** How notifications come. UC; default `WebSocket`, the only way that there is. */
    notificationType?: string;
}

/** `client.subscriptionStates`: the values of `getServices().status`. */
declare const subscriptionStates: Readonly<{
    readonly FULL: 'FULL';
    readonly PARTIAL: 'PARTIAL';
    readonly NONE: 'NONE';
}>;

/** A track came or went. */
declare interface TrackEvent_2 extends CallEvent {
    /** Whether it is our own. */
    local: boolean;
    /** For `media.getTrackById` and `renderTracks`. */
    trackId: string;
    /** The same as `trackId`. */
    id?: string;
}
export { TrackEvent_2 as TrackEvent }

/** A track as `getTrackById` shows it. */
export declare interface TrackObject {
    /** As in `localTracks`, `remoteTracks` and the events. */
    trackId: string;
    /** The same as `trackId`. */
    id: string;
    /** Also the id of its Media object. */
    streamId: string;
    /** Sound or picture. */
    kind: 'audio' | 'video';
    /** Name of the device. */
    label: string;
    /** Whether `muteTracks` muted it. */
    muted: boolean;
    /** Whether the browser gets no data for it. */
    disabled: boolean;
    /** Whether it goes on. */
    state: 'live' | 'ended';
    /** The selectors where it is shown, in order. */
    containers: string[];
}

/** What `replaceTrack` asked for is done, or failed (then `error` is set and the call is as it was). */
export declare interface TrackReplacedEvent extends CallEvent {
    /** The track that is sent now. */
    newTrackId: string | undefined;
    /** The track that was sent before, as it was last: `containers` tells where it was shown. */
    oldTrack: TrackObject | undefined;
}

/** A user of the server. */
export declare interface User {
    /** `user@domain` */
    userId: string;
    /** Address of mail. */
    emailAddress?: string;
    /** First name. */
    firstName?: string;
    /** Last name. */
    lastName?: string;
    /** Address of a picture. */
    photoURL?: string;
    /** Whether it is a friend, as the server says. */
    buddy?: string;
    [member: string]: unknown;
}

/** `client.user` */
export declare interface UserApi {
    /**
     * Looks somebody up. Event: `directory:change`, or `directory:error`; neither if there is no such user.
     *
     * @param userId `user@domain`
     */
    fetch(userId: string): void;
    /** Loads your own profile. Event: `directory:change`, or `directory:error`. */
    fetchSelfInfo(): void;
    /**
     * Searches the directory. Event: `directory:change` with what was found, or `directory:error`.
     *
     * @param filters one of `firstName`, `lastName`, `name`, `phoneNumber`, `userId`, `userName`; of several the first counts
     * @param options order and part of the list, where the server can do that: `sortBy`, `order` (`asc`, `desc`), `max`, `next`
     */
    search(filters?: UserFilters, options?: UserSearchOptions): void;
    /**
     * Somebody who was found or fetched; undefined otherwise.
     *
     * @param userId `user@domain`
     */
    get(userId: string): User | undefined;
    /** All that were found or fetched. */
    getAll(): User[];
}

/** What is searched for. */
export declare type UserFilters = Partial<Record<'firstName' | 'lastName' | 'name' | 'phoneNumber' | 'userId' | 'userName', string>>;

/** `getUserInfo()`; empty when nobody is logged in. */
export declare interface UserInfo {
    /** `user@domain` */
    username?: string;
    /** UC. */
    accessToken?: string;
    /** UC. */
    refreshToken?: string;
}

/** Order and part of what is found. */
export declare interface UserSearchOptions {
    /** By which member. */
    sortBy?: 'name' | 'firstName' | 'lastName' | 'userId';
    /** Up or down. */
    order?: 'asc' | 'desc';
    /** How many at most. */
    max?: number;
    /** Index of the first one. */
    next?: number;
}

/** `client.user` */
export declare interface UserTwins {
    /**
     * Resolves with the user, as the only one in `results`; with undefined if there is none.
     *
     * Rejects with `users:3`, `users:4`, or the server's number.
     */
    fetchAsync(userId: string): Promise<{
        results: User[];
    } | undefined>;
    /**
     * Resolves with your own profile, as the only one in `results`.
     *
     * Rejects with `users:3`, or the server's number.
     */
    fetchSelfInfoAsync(): Promise<{
        results: User[];
    }>;
    /**
     * Resolves with what was found; `next` is where the rest of it begins, if there is more.
     *
     * Rejects with `users:3`, or the server's number.
     */
    searchAsync(filters?: UserFilters, options?: UserSearchOptions): Promise<{
        results: User[];
        next?: string;
    }>;
}

/** Indicators of waiting messages. */
export declare interface Voicemail {
    /** In ms since the epoch. */
    lastUpdated: number;
    /** Whether there are new messages. */
    newMessagesWaiting: boolean;
    /** How many voice messages there are, as text. */
    totalVoice: string;
    /** How many of them are new, as text. */
    unheardVoice: string;
    /** Numbers of new, old and urgent ones. */
    voice: object;
    /** The same of faxes. */
    fax: object;
    /** The same of other media. */
    multimedia: object;
}

/** `client.voicemail` */
export declare interface VoicemailApi {
    /** Asks for the indicators. Event: `voicemail:change`, or `voicemail:error` with `mwi:1`. */
    fetch(): void;
    /** What the server told last; an empty object before. */
    get(): Partial<Voicemail>;
}

/** `client.voicemail` */
export declare interface VoicemailTwins {
    /**
     * Resolves with the indicators.
     *
     * Rejects with `mwi:1`.
     */
    fetchAsync(): Promise<Voicemail>;
}

export { }
