//! Every state of a call against everything that can happen to it. What comes of it is written to `docs/call-states.md`, which
//! is committed and compared: a change of a rule shows there, and has to be meant. `UPDATE=1 cargo test -p kandy-core` writes
//! it anew.

use std::collections::BTreeMap;

use super::*;
use crate::{
    Effect, Event,
    effect::PeerAction,
    input::Kind,
    query::CallState,
    signal::{Parties, Signal},
};

const OFFER: &str = "v=0\r\nm=audio 9 X 0\r\na=mid:0\r\na=sendrecv\r\nm=video 9 X 96\r\na=mid:1\r\na=sendrecv\r\n";

/// The states in the order of a call's life, and how each is reached from the one before.
const OUTGOING: [(&str, &str); 6] = [
    ("acquiring", "make"),
    ("offering", "media"),
    ("inviting", "made"),
    ("invited", "accepted"),
    ("alerting", "told ringing"),
    ("completing", "told answer"),
];
const INCOMING: [(&str, &str); 6] = [
    ("presenting", "invited"),
    ("reporting", "applied"),
    ("ringing", "accepted"),
    ("answering: acquiring", "answer"),
    ("answering: making", "media"),
    ("answering", "made"),
];
/// How the others are reached: from which state, by what.
const OTHERS: [(&str, &str, &str); 42] = [
    ("up", "completing", "applied"),
    ("up, auditing", "up", "audit due"),
    ("restoring", "answering", "refused 403"),
    ("rejecting", "ringing", "reject"),
    ("forwarding", "ringing", "forward"),
    ("joined: acquiring", "", "join"),
    ("joined: offering", "joined: acquiring", "media"),
    ("joined: inviting", "joined: offering", "made"),
    ("joined: invited", "joined: inviting", "accepted"),
    ("slow: reporting", "", "invited without an offer"),
    ("slow: answering", "slow: reporting", "answer it"),
    ("answered, awaiting", "slow: answering", "accepted"),
    ("answered, completing", "answered, awaiting", "told answer"),
    ("holding: offering", "up", "hold"),
    ("holding: proposing", "holding: offering", "made"),
    ("holding: awaiting", "holding: proposing", "accepted"),
    ("holding: completing", "holding: awaiting", "told answer"),
    ("held", "holding: completing", "applied"),
    ("unholding: awaiting", "held", "unhold it"),
    ("holding: withdrawing after glare", "holding: awaiting", "told glare"),
    ("holding: gave way", "holding: withdrawing after glare", "rolled back"),
    ("holding: withdrawing after a refusal", "holding: proposing", "refused 403"),
    ("adding: acquiring", "up", "add media"),
    ("adding: offering", "adding: acquiring", "media"),
    ("adding: completing", "adding: offering", "add it"),
    ("removing: offering", "up", "remove media"),
    ("replacing: acquiring", "up", "replace track"),
    ("replacing: swapping", "replacing: acquiring", "media"),
    ("playing tones", "up", "tones"),
    ("transferring", "held", "transfer"),
    ("transferring: pending", "transferring", "accepted"),
    ("waiting for another call", "held", "meet"),
    ("broken", "up", "media failed"),
    ("broken: offering", "broken", "restart due"),
    ("changed by the other side: considering", "up", "told offer"),
    ("changed by the other side: responding", "changed by the other side: considering", "applied"),
    ("changed by the other side: replying", "changed by the other side: responding", "made"),
    ("held by the other side", "up", "be held"),
    ("asked for an offer: responding", "up", "told update"),
    ("asked for an offer: concluding", "asked for an offer: responding", "conclude"),
    ("ending", "up", "end"),
    ("abandoned", "inviting", "end"),
];

/// Everything that can happen.
const INPUTS: [&str; 53] = [
    "answer",
    "answer without media",
    "reject",
    "ignore",
    "end",
    "media",
    "media refused",
    "made",
    "applied",
    "peer failed",
    "accepted",
    "refused 403",
    "refused 42",
    "unreachable",
    "stale reply",
    "stale fact",
    "told ringing",
    "told answer",
    "told answer with other sections",
    "told end",
    "told end 486",
    "told cancel",
    "told offer",
    "told hold",
    "told glare",
    "hold",
    "unhold",
    "add media",
    "remove media",
    "remove nothing",
    "replace track",
    "replace nothing",
    "swapped",
    "tones",
    "tones that are none",
    "played",
    "forward",
    "transfer",
    "told failed",
    "rolled back",
    "exchange due",
    "retry due",
    "told update",
    "told invite",
    "audit due",
    "cancel due",
    "track lost",
    "media disconnected",
    "media failed",
    "media connected",
    "restart due",
    "meet",
    "deserted",
];

struct Wire {
    user: Option<String>,
    sent: Vec<(OpId, &'static str)>,
}

impl Signalling for Wire {
    fn hears(&self, _: Now, _: &Config) -> bool {
        true
    }

    fn user(&self) -> Option<&str> {
        self.user.as_deref()
    }

    fn ice_servers(&self) -> Vec<crate::config::IceServer> {
        Vec::new()
    }

    fn send(&mut self, op: OpId, _: Option<&SessionId>, signal: Signal, _: &mut Effects) {
        let name = match signal {
            Signal::Invite { .. } => "invite",
            Signal::Ringing => "ringing",
            Signal::Answer { .. } => "answer",
            Signal::Update { .. } => "update",
            Signal::UpdateAnswer { .. } => "update answer",
            Signal::Reject => "reject",
            Signal::Forward { .. } => "forward",
            Signal::Transfer { .. } => "transfer",
            Signal::Join { .. } => "join",
            Signal::End => "end",
            Signal::Audit => "audit",
        };
        self.sent.push((op, name));
    }
}

/// One call and what is around it.
struct Desk {
    call: Option<Call>,
    ids: Ids,
    config: Config,
    media: Media,
    wire: Wire,
    effects: Vec<Effect>,
    tracks: u32,
}

impl Desk {
    fn new() -> Self {
        Self {
            call: None,
            ids: Ids::new(1),
            config: Config::default(),
            media: Media::default(),
            wire: Wire { user: Some("alice@example.com".to_owned()), sent: Vec::new() },
            effects: Vec::new(),
            tracks: 0,
        }
    }

    /// A desk whose call is in a state.
    fn in_state(state: &str) -> Self {
        for path in [OUTGOING, INCOMING] {
            if let Some(last) = path.iter().position(|(name, _)| *name == state) {
                let mut desk = Self::new();
                path.iter().take(last + 1).for_each(|(_, input)| desk.input(input));
                return desk;
            }
        }
        let (_, from, input) = OTHERS.iter().find(|(name, ..)| *name == state).expect("a known state");
        let mut desk = if from.is_empty() { Self::new() } else { Self::in_state(from) };
        match *input {
            "answer it" => ["accepted", "answer", "media", "made"].iter().for_each(|i| desk.input(i)),
            "unhold it" => ["unhold", "made", "accepted"].iter().for_each(|i| desk.input(i)),
            "be held" => ["told hold", "applied", "made", "accepted"].iter().for_each(|i| desk.input(i)),
            "add it" => ["made", "accepted", "told answer"].iter().for_each(|i| desk.input(i)),
            "conclude" => ["made", "accepted"].iter().for_each(|i| desk.input(i)),
            input => desk.input(input),
        }
        desk
    }

    fn call(&self) -> &Call {
        self.call.as_ref().expect("a call")
    }

    fn with(&mut self, act: impl FnOnce(Option<Call>, &mut Context<'_>) -> Call) {
        let Self { call, ids, config, media, wire, effects, .. } = self;
        let mut out = Effects::new();
        let mut cx = Context { now: Now(1_000_000), ids, config, signalling: wire, media, out: &mut out };
        *call = Some(act(call.take(), &mut cx));
        effects.extend(out.into_vec());
    }

    fn fact(&mut self, fact: Fact) {
        self.with(|call, cx| {
            let mut call = call.expect("a call");
            call.fact(fact, cx);
            call
        });
    }

    fn want(&mut self, want: Want) {
        self.with(|call, cx| {
            let mut call = call.expect("a call");
            call.want(want, cx);
            call
        });
    }

    fn tracks(&mut self) -> Vec<TrackInfo> {
        self.tracks += 2;
        let track = |kind, n: u32| TrackInfo {
            id: TrackId(format!("t{n}")),
            stream: crate::ids::StreamId("s".to_owned()),
            kind,
            label: String::new(),
            muted: false,
        };
        vec![track(Kind::Audio, self.tracks), track(Kind::Video, self.tracks + 1)]
    }

    /// The number that the last effect of this kind waits for.
    fn last_op(&self, pick: impl Fn(&Effect) -> Option<OpId>) -> OpId {
        self.effects.iter().rev().find_map(pick).unwrap_or(OpId(0))
    }

    fn input(&mut self, input: &str) {
        let both = || Wish { audio: Some(true.into()), video: Some(true.into()), ..Wish::default() };
        let answer = |media| Want::Answer { media, options: CallOptions::default() };
        let acquired = self.last_op(|e| if let Effect::Acquire { op, .. } = e { Some(*op) } else { None });
        let described = self.last_op(|e| match e {
            Effect::Peer(_, PeerAction::Offer { op, .. } | PeerAction::Answer { op, .. }) => Some(*op),
            _ => None,
        });
        let applied = self
            .last_op(|e| if let Effect::Peer(_, PeerAction::ApplyRemote { op, .. }) = e { Some(*op) } else { None });
        let aside = self.last_op(|e| match e {
            Effect::Peer(_, PeerAction::SwapTrack { op, .. } | PeerAction::Tones { op, .. }) => Some(*op),
            _ => None,
        });
        let sent = self.wire.sent.last().map_or(OpId(0), |(op, _)| *op);
        let refused = |code, gone| Reply::Refused { error: Error::new(code, "refused"), gone };
        match input {
            "make" => {
                self.with(|_, cx| outgoing::make(CallId("c".to_owned()), "bob", both(), CallOptions::default(), cx));
            }
            "invited" | "invited without an offer" => {
                let offer = (input == "invited").then(|| OFFER.to_owned());
                let session = SessionId("b".to_owned());
                self.with(|_, cx| incoming::invited(CallId("c".to_owned()), session, offer, &Parties::default(), cx));
            }
            "join" => self.with(|_, cx| {
                let held = |id: &str, cx: &mut Context<'_>| {
                    let mut call = Call::new(CallId(id.to_owned()), Phase::Gone(release::State::Over), true, cx.ids);
                    call.to = format!("sip:{id}@example.com");
                    call
                };
                let (first, second) = (held("first", cx), held("second", cx));
                outgoing::join((&first, SessionId("1".to_owned())), (&second, SessionId("2".to_owned())), cx)
            }),
            "answer" => self.want(answer(both())),
            "answer without media" => self.want(answer(Wish::default())),
            "reject" => self.want(Want::Reject),
            "ignore" => self.want(Want::Ignore),
            "end" => self.want(Want::End),
            "media" => {
                let tracks = self.tracks();
                self.fact(Fact::Media(acquired, Ok(tracks)));
            }
            "media refused" => {
                let name = "NotAllowedError".to_owned();
                let failure = MediaFailure { name, message: String::new(), constraint: None };
                self.fact(Fact::Media(acquired, Err(failure)));
            }
            "made" => self.fact(Fact::Made(described, OFFER.to_owned())),
            "applied" => {
                let lines = self.tracks().into_iter().zip(["0", "1"]);
                let lines = lines.map(|(track, mid)| RemoteLine { mid: Some(mid.to_owned()), track }).collect();
                self.fact(Fact::Applied(applied, lines));
            }
            "peer failed" => self.fact(Fact::PeerFailed(applied.max(described).max(aside), "why".to_owned())),
            "hold" => self.want(Want::Hold),
            "unhold" => self.want(Want::Unhold),
            "add media" => self.want(Want::AddMedia { media: both(), options: CallOptions::default() }),
            "remove media" => {
                let tracks = self.call().local_tracks.iter().take(1).cloned().collect();
                self.want(Want::RemoveMedia { tracks, options: CallOptions::default() });
            }
            "remove nothing" => {
                let tracks = vec![TrackId("none".to_owned())];
                self.want(Want::RemoveMedia { tracks, options: CallOptions::default() });
            }
            "replace track" => {
                let track = self.call().local_tracks.first().cloned().unwrap_or(TrackId("none".to_owned()));
                self.want(Want::ReplaceTrack { track, media: both() });
            }
            "replace nothing" => {
                self.want(Want::ReplaceTrack { track: TrackId("none".to_owned()), media: both() });
            }
            "swapped" => {
                let op = self.last_op(|e| {
                    if let Effect::Peer(_, PeerAction::SwapTrack { op, .. }) = e { Some(*op) } else { None }
                });
                self.fact(Fact::Done(op));
            }
            "tones" | "tones that are none" => {
                let tones = if input == "tones" { "12#" } else { "1x" }.to_owned();
                self.with(|call, cx| {
                    let mut call = call.expect("a call");
                    tones::send(&mut call, Tones { tones, duration: 100, gap: 70 }, cx);
                    call
                });
            }
            "played" => {
                let op = self
                    .last_op(|e| if let Effect::Peer(_, PeerAction::Tones { op, .. }) = e { Some(*op) } else { None });
                self.fact(Fact::Done(op));
            }
            "forward" => self.want(Want::Forward { to: "sip:carol@example.com".to_owned() }),
            "transfer" => self.want(Want::Transfer { to: "sip:carol@example.com".to_owned() }),
            "meet" => self.want(Want::Meet(OpId(77))),
            "told failed" => self.fact(Fact::Told(Told::Failed)),
            "media connected" => self.fact(Fact::Connection(ConnectionState::Connected)),
            "restart due" => self.fact(Fact::RestartDue),
            "rolled back" => {
                let op = self
                    .last_op(|e| if let Effect::Peer(_, PeerAction::Rollback { op }) = e { Some(*op) } else { None });
                self.fact(Fact::Done(op));
            }
            "told offer" => self.fact(Fact::Told(Told::Update { sdp: Some(OFFER.to_owned()) })),
            "told hold" => {
                let sdp = Some(OFFER.replace("sendrecv", "inactive"));
                self.fact(Fact::Told(Told::Update { sdp }));
            }
            "told glare" => self.fact(Fact::Told(Told::Glare { retry: 2_000 })),
            "exchange due" => self.fact(Fact::ExchangeDue),
            "retry due" => self.fact(Fact::RetryDue),
            "accepted" => self.fact(Fact::Reply(sent, Reply::Accepted(Some(SessionId("a".to_owned()))))),
            "refused 403" => self.fact(Fact::Reply(sent, refused(Code::Status(403), false))),
            "refused 42" => self.fact(Fact::Reply(sent, refused(Code::Status(42), true))),
            "unreachable" => self.fact(Fact::Reply(sent, refused(Code::NoCode, false))),
            "stale reply" => self.fact(Fact::Reply(OpId(9_999), Reply::Accepted(None))),
            "stale fact" => self.fact(Fact::Made(OpId(9_999), OFFER.to_owned())),
            "told ringing" => self.fact(Fact::Told(Told::Ringing)),
            "told answer" => self.fact(Fact::Told(Told::Answer { sdp: OFFER.to_owned() })),
            "told answer with other sections" => {
                self.fact(Fact::Told(Told::Answer { sdp: "v=0\r\n".to_owned() }));
            }
            "told end" => self.fact(Fact::Told(Told::End { status: None, reason: None })),
            "told end 486" => {
                let reason = Some("Busy".to_owned());
                self.fact(Fact::Told(Told::End { status: Some(486.into()), reason }));
            }
            "told cancel" => self.fact(Fact::Told(Told::Cancel)),
            "told update" => self.fact(Fact::Told(Told::Update { sdp: None })),
            "told invite" => self.fact(Fact::Told(Told::Invite { sdp: None })),
            "audit due" => self.fact(Fact::AuditDue),
            "cancel due" => self.fact(Fact::CancelDue),
            "track lost" => {
                let call = self.call();
                let track = call.local_tracks.first().or(call.remote_tracks.first()).cloned();
                self.fact(Fact::TrackLost(track.unwrap_or(TrackId("none".to_owned()))));
            }
            "media disconnected" => self.fact(Fact::Connection(ConnectionState::Disconnected)),
            "media failed" => self.fact(Fact::Connection(ConnectionState::Failed)),
            "deserted" => {
                self.wire.user = None;
                self.fact(Fact::Deserted);
            }
            other => panic!("unknown input {other}"),
        }
    }

    /// What came of the last input, in words; `None` when nothing did.
    fn outcome(&mut self, state: &str, input: &str) -> Option<String> {
        let before = self.call().phase;
        let (effects, sent) = (self.effects.len(), self.wire.sent.len());
        let waiting = |call: &Call| call.queue.len() + usize::from(call.parked.is_some());
        let queued = waiting(self.call());
        self.input(input);
        let next = if self.call().phase == before { "–" } else { self.call().phase.name() };
        let signals: Vec<&str> = self.wire.sent.iter().skip(sent).map(|(_, name)| *name).collect();
        let events: Vec<&Event> = self
            .effects
            .iter()
            .skip(effects)
            .filter_map(|e| if let Effect::Emit(event) = e { Some(event) } else { None })
            .collect();
        // `call:error` and `media:error` repeat what the event before them said.
        let repeats = |at: usize| {
            let before = at.checked_sub(1).and_then(|at| events.get(at));
            before.is_some_and(|e| e.failure().is_some()) || matches!(before, Some(Event::CallError(_)))
        };
        let told = events
            .iter()
            .enumerate()
            .filter(|(at, e)| !matches!(e, Event::CallError(_) | Event::MediaError(_)) || !repeats(*at));
        let told: Vec<String> = told.map(|(_, event)| words(event)).collect();
        let waits = waiting(self.call()) > queued;
        let told = if waits { "waits for its turn".to_owned() } else { told.join(", ") };
        self.check(state, input);
        (next != "–" || !signals.is_empty() || !told.is_empty())
            .then(|| format!("| {input} | {next} | {} | {told} |", signals.join(", ")))
    }

    /// What holds in every state.
    fn check(&self, state: &str, input: &str) {
        let call = self.call();
        if matches!(call.phase, Phase::Gone(_)) {
            let left = (&call.local_tracks, &call.remote_tracks, call.peer_open);
            assert!(left.0.is_empty() && left.1.is_empty() && !left.2, "{state} + {input}: media is left");
            let closes = self.effects.iter().filter(|e| matches!(e, Effect::Peer(_, PeerAction::Close))).count();
            let opens = self.effects.iter().filter(|e| matches!(e, Effect::Peer(_, PeerAction::Open { .. }))).count();
            assert_eq!(opens, closes, "{state} + {input}: every peer connection is closed once");
        }
        let object = call.object();
        assert_eq!(
            object.end_time.is_some(),
            object.state == CallState::Ended && call.is_visible(),
            "{state} + {input}"
        );
        assert!(call.is_over() || !matches!(call.phase, Phase::Gone(release::State::Over)));
    }
}

/// An event in words.
fn words(event: &Event) -> String {
    match event {
        Event::CallStart(_) => "call:start".to_owned(),
        Event::CallReceive(_) => "call:receive".to_owned(),
        Event::CallStateChange(change) => match (&change.error, &change.transition) {
            (Some(error), _) => format!("call:stateChange with error {}", error.code),
            (None, Some(_)) => "call:stateChange with transition".to_owned(),
            (None, None) => "call:stateChange".to_owned(),
        },
        Event::CallNewTrack(track) => format!("call:newTrack ({})", if track.local { "local" } else { "remote" }),
        Event::CallTrackEnded(track) => format!("call:trackEnded ({})", if track.local { "local" } else { "remote" }),
        Event::CallNewMedia(event) => with_error("call:newMedia", &event.error),
        Event::CallRemovedMedia(event) => with_error("call:removedMedia", &event.error),
        Event::CallJoin(event) => with_error("call:join", &event.error),
        Event::CallTrackReplaced(event) => with_error("call:trackReplaced", &event.error),
        Event::CallError(event) => with_error("call:error", &event.error),
        other => format!("{other:?}"),
    }
}

fn with_error(name: &str, error: &Option<Error>) -> String {
    match error {
        Some(error) => format!("{name} with error {}", error.code),
        None => name.to_owned(),
    }
}

fn states() -> impl Iterator<Item = &'static str> {
    let paths = OUTGOING.iter().chain(&INCOMING).map(|(name, _)| *name);
    paths.chain(OTHERS.iter().map(|(name, ..)| *name))
}

#[test]
fn every_state_and_every_input() {
    let mut text = String::from(
        "# What moves a call\n\n\
         Every state of the call machines against everything that can happen. An input that is missing in a table changes \
         nothing and tells nothing. This page is made by the tests of `crates/core/src/call/` and compared by them.\n",
    );
    let mut pairs = 0;
    for state in states() {
        let rows = INPUTS.iter().filter_map(|input| {
            pairs += 1;
            Desk::in_state(state).outcome(state, input)
        });
        let rows: Vec<String> = rows.collect();
        text += &format!(
            "\n## {state}\n\n| input | next state | signal to the server | events |\n| --- | --- | --- | --- |\n"
        );
        text += &rows.join("\n");
        text.push('\n');
    }
    assert_eq!(pairs, states().count() * INPUTS.len());
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/call-states.md");
    if option_env!("UPDATE").is_some() || std::env::var_os("UPDATE").is_some() {
        std::fs::write(file, &text).unwrap();
    }
    let committed = std::fs::read_to_string(file).unwrap_or_default();
    assert!(
        committed == text,
        "docs/call-states.md is not what the machines do; UPDATE=1 cargo test -p kandy-core writes it"
    );
}

#[test]
fn two_inputs_in_a_row_never_leave_anything_behind() {
    let mut ends: BTreeMap<bool, u32> = BTreeMap::new();
    for state in states() {
        for first in INPUTS {
            for second in INPUTS {
                let mut desk = Desk::in_state(state);
                desk.input(first);
                desk.input(second);
                desk.check(state, &format!("{first} + {second}"));
                desk.input("end");
                desk.check(state, "end");
                desk.input("unreachable");
                desk.check(state, "unreachable");
                let over = desk.call().is_over();
                assert!(over, "{state} + {first} + {second}: {} is not over", desk.call().phase.name());
                *ends.entry(over).or_default() += 1;
            }
        }
    }
    assert_eq!(ends.get(&true).copied(), Some((states().count() * INPUTS.len() * INPUTS.len()) as u32));
}

#[test]
fn r4_an_offer_that_comes_before_the_first_answer_is_applied_is_taken_up_afterwards() {
    for (state, ready) in [("completing", "applied"), ("answering", "accepted"), ("answered, completing", "applied")] {
        for offer in ["told hold", "told update"] {
            let mut desk = Desk::in_state(state);
            desk.input(offer);
            desk.input(ready);
            let taken_up = ["up, considering", "up, responding"].contains(&desk.call().phase.name());
            assert!(taken_up, "{state} + {offer}: {}", desk.call().phase.name());
            assert_eq!(desk.call().parked, None);
        }
    }
}

#[test]
fn an_answer_with_a_camera_uses_it_only_where_the_offer_has_a_line_for_it() {
    let mut desk = Desk::new();
    let session = SessionId("b".to_owned());
    let offer = "v=0\r\nm=audio 9 X 0\r\na=mid:0\r\na=sendrecv\r\n".to_owned();
    desk.with(|_, cx| incoming::invited(CallId("c".to_owned()), session, Some(offer), &Parties::default(), cx));
    ["applied", "accepted", "answer"].iter().for_each(|input| desk.input(input));
    let asked = desk.effects.iter().find_map(|e| match e {
        Effect::Acquire { audio, video, .. } => Some((audio.is_some(), video.is_some())),
        _ => None,
    });
    assert_eq!(asked, Some((true, false)));
}

#[test]
fn a_call_may_ask_for_a_normalized_destination_where_the_configuration_does_not() {
    for (by_configuration, by_call, to) in
        [(true, false, "sip:bob@example.com"), (false, true, "sip:bob@example.com"), (false, false, "bob")]
    {
        let mut desk = Desk::new();
        desk.config.call.normalize_destination = by_configuration;
        let media = Wish { audio: Some(true.into()), ..Wish::default() };
        let options = CallOptions { normalize: by_call, ..CallOptions::default() };
        desk.with(|_, cx| outgoing::make(CallId("c".to_owned()), "bob", media, options, cx));
        assert_eq!(desk.call().to, to, "{by_configuration} {by_call}");
    }
}
