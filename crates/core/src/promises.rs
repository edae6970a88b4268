//! Operations that the application waits for: the `…Async` forms of the API (docs/promises.md).
//!
//! A command may carry a number. It is noted here together with what answers it, every event is shown to what was noted, and the
//! one that answers ends the operation: [`Event::Settle`] follows it, exactly once. Commands without a number are noted, too:
//! operations of one call run one after the other, and the first answer is the first one's.
//!
//! | what | ends with |
//! | --- | --- |
//! | login, logout, services | `auth:error`, or as soon as the connection is what was wanted |
//! | push | `notifications:change`, `notifications:error` |
//! | operations of a call | the event that the API documents for each; all of them with the end of the call |
//! | what is done at once | its command |

use crate::{
    CallId, Command, Effect, Error, Event, OpId, TrackId,
    error::Code,
    event::{StateChange, Transition},
    limits,
};

/// What the application waits for, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Promises(Vec<Open>);

#[derive(Debug)]
struct Open {
    /// `None`: nobody waits, but others may stand behind it.
    op: Option<OpId>,
    deed: Deed,
    /// Which call; an operation of the client itself has none.
    call: Option<CallId>,
    track: Option<TrackId>,
    /// Its command is being handled: a failure that is told now is its own.
    own: bool,
}

/// What is being done.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Deed {
    /// Done, or refused, when its command has been handled.
    Now,
    Connect,
    Disconnect,
    Token,
    Services,
    Push,
    Make,
    Answer,
    /// Or ignored.
    Reject,
    Forward,
    Hold,
    Unhold,
    Add,
    Remove,
    Replace,
    Stats,
    Transfer,
    Join,
    End,
}

/// How an operation ended.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Verdict {
    Done,
    /// And the event says why.
    Failed,
    /// Nothing will come of it any more.
    Gone,
}

/// Place of what no event tells.
const LAST: usize = usize::MAX;

/// How a login stands when an input has been handled.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) connected: bool,
    pub(crate) pending: bool,
    /// Other services are being asked for.
    pub(crate) updating: bool,
}

impl Promises {
    /// Notes a command that is about to be handled; false: too many wait, and it is not to be carried out.
    #[inline(never)]
    pub(crate) fn note(&mut self, op: Option<OpId>, command: &Command) -> bool {
        if self.0.len() >= limits::PROMISES {
            return op.is_none();
        }
        let (deed, call, track) = meant(command);
        self.0.push(Open { op, deed, call: call.cloned(), track: track.cloned(), own: true });
        // What comes of it is told of both calls.
        if let Command::ConsultativeTransfer { other, .. } = command {
            self.0.push(Open { op: None, deed, call: Some(other.clone()), track: None, own: true });
        }
        true
    }

    /// Ends what the events of an input answer, and what its command did not even begin. `over` tells whether there is no such call
    /// any more.
    #[inline(never)]
    pub(crate) fn settle(&mut self, now: &State, over: &dyn Fn(&CallId) -> bool, effects: &mut Vec<Effect>) {
        if self.0.is_empty() {
            return;
        }
        let mut ended = Vec::new();
        let (mut failed, mut changed, mut refused) = (false, false, false);
        for (at, effect) in effects.iter().enumerate() {
            let Effect::Emit(event) = effect else { continue };
            changed |= matches!(event, Event::AuthChange(_));
            let repeats = matches!(event, Event::CallError(_));
            // `call:error` repeats what the event before it has said.
            if !(failed && repeats) {
                refused |= self.told(event, at + 1, &mut ended);
            }
            failed = !repeats && error(event).is_some();
        }
        let mut place = 0;
        while let Some(open) = self.0.get_mut(place) {
            let verdict = open.stands(now, changed, over);
            // Of a command that is refused nothing is left.
            let left = std::mem::take(&mut open.own) && refused;
            match verdict.or_else(|| left.then_some(Verdict::Gone)) {
                Some(verdict) => ended.push((LAST, self.0.remove(place), verdict)),
                None => place += 1,
            }
        }
        // From the end, so that places stay what they are.
        while let Some((at, Open { op, deed, .. }, verdict)) = ended.pop() {
            let Some(op) = op else { continue };
            let gone = (verdict == Verdict::Gone).then(|| gone(deed));
            let told = at != LAST && gone.is_none();
            effects.insert(at.min(effects.len()), Effect::Emit(Event::Settle { op, told, error: gone }));
        }
    }

    /// An event ends what it answers: with a call everything that was to be done to it, and otherwise one operation, of a failure
    /// rather the one that has only just been asked for. Returns whether it was that.
    fn told(&mut self, event: &Event, at: usize, ended: &mut Vec<(usize, Open, Verdict)>) -> bool {
        let mut refused = false;
        loop {
            let own = self.find(event, true);
            let Some((place, verdict)) = own.or_else(|| self.find(event, false)) else { return refused };
            refused |= own.is_some();
            ended.push((at, self.0.remove(place), verdict));
            if !matches!(event, Event::CallStateChange(change) if is_over(change)) {
                return refused;
            }
        }
    }

    /// The first operation that an event ends; `own`: that it fails, and that has only just been asked for.
    fn find(&self, event: &Event, own: bool) -> Option<(usize, Verdict)> {
        for (place, open) in self.0.iter().enumerate() {
            match open.verdict(event) {
                Some(verdict) if !own || open.own && verdict == Verdict::Failed => return Some((place, verdict)),
                _ => {}
            }
        }
        None
    }
}

impl Open {
    /// What an event says of this operation.
    fn verdict(&self, event: &Event) -> Option<Verdict> {
        let (mut about, failure) = event.about().map_or((None, error(event)), |(call, error)| (Some(call), error));
        let deed = match event {
            Event::CallStateChange(change) => return self.moved(change),
            Event::CallError(_) => return self.own.then_some(Verdict::Failed),
            Event::MediaMuted { .. } | Event::MediaUnmuted { .. } => Deed::Now,
            Event::NotificationsChange { channel: "PUSH" } | Event::NotificationsError { .. } => Deed::Push,
            Event::AuthError { error, .. } => match error.code {
                Code::Extend => Deed::Services,
                Code::Unsubscribe | Code::Revoke => Deed::Disconnect,
                _ => Deed::Connect,
            },
            Event::CallStart(_) => Deed::Make,
            Event::CallNewMedia(_) => Deed::Add,
            Event::CallRemovedMedia(_) => Deed::Remove,
            Event::CallTrackReplaced(_) => Deed::Replace,
            Event::CallStatsReceived(stats) if stats.track_id == self.track => Deed::Stats,
            // It is named after the new call.
            Event::CallJoin(join) => {
                about = join.joined_calls.first();
                Deed::Join
            }
            _ => return None,
        };
        let verdict = if failure.is_some() { Verdict::Failed } else { Verdict::Done };
        (self.deed == deed && self.call.as_ref() == about).then_some(verdict)
    }

    /// What a change of a call's state says of it.
    fn moved(&self, change: &StateChange) -> Option<Verdict> {
        let failed = change.error.is_some();
        if self.call.as_ref() != Some(&change.call_id) {
            let with_another = matches!(self.deed, Deed::Transfer | Deed::Join);
            return (self.own && failed && with_another).then_some(Verdict::Failed);
        }
        let reason = change.transition.as_ref().and_then(|Transition { reason_text, .. }| reason_text.as_deref());
        let (over, held) = (is_over(change), change.state == "ON_HOLD");
        let was_held = change.previous.local_hold == Some(true);
        // Whether a failure is told in this way, and whether this is what was wanted.
        let (concerned, done) = match self.deed {
            Deed::Answer => (true, !over),
            Deed::Hold => (true, held && !was_held),
            Deed::Unhold => (true, !held && was_held && !over),
            Deed::Reject => (true, over),
            // The caller may have been quicker.
            Deed::Forward => (true, over && change.transition.is_none()),
            // A failed join is told of both calls, too.
            Deed::Transfer => {
                (reason != Some("Join Failed"), over && reason.is_some_and(|r| r.ends_with("Transfer Successful")))
            }
            Deed::Join => (self.own, false),
            Deed::End => (false, over),
            _ => (false, false),
        };
        match (failed, done) {
            (true, _) => (concerned || over).then_some(Verdict::Failed),
            (false, true) => Some(Verdict::Done),
            // Whether anything came of a join is told by the call that the two become.
            (false, false) => (over && reason != Some("Join Successful")).then_some(Verdict::Gone),
        }
    }

    /// What the state of the client says of it. `changed`: the application was told of a change of the connection.
    fn stands(&self, now: &State, changed: bool, over: &dyn Fn(&CallId) -> bool) -> Option<Verdict> {
        let out = !now.connected && !now.pending;
        let (done, failed) = match (self.deed, &self.call) {
            (Deed::Now, _) => (true, false),
            (Deed::Connect, _) => (now.connected, out),
            (Deed::Disconnect, _) => (out, false),
            (Deed::Token, _) => (changed, true),
            (Deed::Services, _) => (changed && !now.updating && !out, !now.updating),
            (Deed::Push, _) => (false, out),
            (deed, Some(call)) if self.own && over(call) => (deed == Deed::End, true),
            _ => (false, false),
        };
        match (done, failed) {
            (true, _) => Some(Verdict::Done),
            (false, true) => Some(Verdict::Gone),
            (false, false) => None,
        }
    }
}

/// What a command is about.
fn meant(command: &Command) -> (Deed, Option<&CallId>, Option<&TrackId>) {
    let (deed, call) = match command {
        Command::Connect { .. } => (Deed::Connect, None),
        Command::Disconnect => (Deed::Disconnect, None),
        Command::UpdateToken { .. } => (Deed::Token, None),
        Command::UpdateConnection { .. } => (Deed::Services, None),
        Command::RegisterPush { .. } | Command::DeregisterPush => (Deed::Push, None),
        Command::Make { call_id, .. } => (Deed::Make, Some(call_id)),
        Command::Answer { call_id, .. } => (Deed::Answer, Some(call_id)),
        Command::Reject { call_id } | Command::Ignore { call_id } => (Deed::Reject, Some(call_id)),
        Command::Hold { call_id } => (Deed::Hold, Some(call_id)),
        Command::Unhold { call_id } => (Deed::Unhold, Some(call_id)),
        Command::AddMedia { call_id, .. } => (Deed::Add, Some(call_id)),
        Command::RemoveMedia { call_id, .. } => (Deed::Remove, Some(call_id)),
        Command::ReplaceTrack { call_id, .. } => (Deed::Replace, Some(call_id)),
        Command::GetStats { call_id, track_id } => return (Deed::Stats, Some(call_id), track_id.as_ref()),
        Command::Forward { call_id, .. } => (Deed::Forward, Some(call_id)),
        Command::DirectTransfer { call_id, .. } | Command::ConsultativeTransfer { call_id, .. } => {
            (Deed::Transfer, Some(call_id))
        }
        Command::Join { call_id, .. } => (Deed::Join, Some(call_id)),
        Command::End { call_id } => (Deed::End, Some(call_id)),
        Command::EnableChecks { .. }
        | Command::Process { .. }
        | Command::EnableWebsocket { .. }
        | Command::Configure { .. }
        | Command::Unpacked { .. }
        | Command::SendDtmf { .. }
        | Command::RenderTracks { .. }
        | Command::RemoveTracks { .. }
        | Command::MuteTracks { .. }
        | Command::UnmuteTracks { .. } => (Deed::Now, None),
    };
    (deed, call, None)
}

fn is_over(change: &StateChange) -> bool {
    change.state == "ENDED"
}

/// What failed by an event.
fn error(event: &Event) -> Option<&Error> {
    match event {
        Event::AuthError { error, .. } | Event::NotificationsError { error, .. } => Some(error),
        event => event.about()?.1,
    }
}

/// Nothing came of it, and no event says why.
fn gone(deed: Deed) -> Error {
    let code = match deed {
        Deed::Connect | Deed::Token | Deed::Services | Deed::Push => Code::NoCode,
        _ => Code::CallState,
    };
    Error::new(code, "Nothing can come of it: there is no such login or call, or it has ended.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{AuthChange, CallEvent, JoinEvent, MediaEvent, StatsEvent};
    use crate::query::{CallState, Previous};

    const IN: State = State { connected: true, pending: false, updating: false };
    const OUT: State = State { connected: false, pending: false, updating: false };
    const BETWEEN: State = State { connected: false, pending: true, updating: true };

    fn command(kind: &str) -> Command {
        let members =
            r#""callId":"a","otherCallId":"b","destination":"x","trackId":"t","cssSelector":"y","credentials":{}"#;
        Command::from_json(&format!(r#"{{"type":"{kind}",{members}}}"#)).unwrap()
    }

    fn error(code: Code) -> Option<Error> {
        Some(Error::new(code, "No."))
    }

    fn state(call: &str, state: &'static str, was_held: bool, reason: Option<&str>, error: Option<Error>) -> Event {
        let previous = Previous { state: CallState::Connected, local_hold: Some(was_held), remote_hold: Some(false) };
        let transition = reason.map(|text| Transition { reason_text: Some(text.to_owned()), ..Transition::default() });
        Event::CallStateChange(StateChange { call_id: CallId::from(call), error, transition, previous, state })
    }

    fn media(error: Option<Error>) -> MediaEvent {
        MediaEvent { call_id: CallId::from("a"), error, local: true, tracks: None, media_id: None }
    }

    /// What follows of a list of events: ends with their number, `!` for a failure that no event tells, `~` for none told.
    fn after(promises: &mut Promises, now: &State, over: bool, events: Vec<Event>) -> String {
        let mut effects: Vec<Effect> = events.into_iter().map(Effect::Emit).collect();
        promises.settle(now, &|_| over, &mut effects);
        let shown = effects.iter().map(|effect| match effect {
            Effect::Emit(Event::Settle { op, told: true, error: None }) => op.0.to_string(),
            Effect::Emit(Event::Settle { op, told: false, error: None }) => format!("~{}", op.0),
            Effect::Emit(Event::Settle { op, told: false, error: Some(error) }) => format!("!{} {}", op.0, error.code),
            Effect::Emit(Event::Settle { .. }) => "both".to_owned(),
            _ => ".".to_owned(),
        });
        shown.collect::<Vec<_>>().join(" ")
    }

    /// What a command ends with: nothing while it is handled, and then one event.
    #[test]
    fn the_event_that_answers_a_command_ends_it() {
        let call = |error| CallEvent { call_id: CallId::from("a"), error };
        let join = |error| {
            let joined_calls = vec![CallId::from("a"), CallId::from("b")];
            Event::CallJoin(JoinEvent { call_id: CallId::from("c"), error, joined_calls })
        };
        let stats = |track: Option<&str>| {
            let track_id = track.map(TrackId::from);
            Event::CallStatsReceived(StatsEvent {
                call_id: CallId::from("a"),
                error: None,
                result: Some(OpId(9)),
                track_id,
            })
        };
        let refused = |code| Event::AuthError { error: Error::new(code, "No."), reason: None };
        let push = Event::NotificationsChange { channel: "PUSH" };
        let no_push = Event::NotificationsError { channel: "PUSH", error: Error::new(Code::NoCode, "No.") };
        for (kind, event, wanted) in [
            ("connect", refused(Code::Token), ". 1"),
            ("connect", refused(Code::Extend), "."),
            ("disconnect", refused(Code::Revoke), ". 1"),
            ("notification.registerPush", push.clone(), ". 1"),
            ("notification.deregisterPush", no_push, ". 1"),
            ("call.make", Event::CallStart(call(None)), ". 1"),
            ("call.make", state("a", "ENDED", false, None, None), ". !1 call:6"),
            ("call.make", state("a", "ENDED", false, None, error(Code::CallMedia)), ". 1"),
            ("call.make", state("b", "ENDED", false, None, None), "."),
            ("call.answer", state("a", "IN_CALL", false, None, None), ". 1"),
            ("call.answer", state("a", "RINGING", false, None, error(Code::CallMedia)), ". 1"),
            ("call.reject", state("a", "ENDED", false, None, None), ". 1"),
            ("call.ignore", state("a", "ENDED", false, None, None), ". 1"),
            ("call.forward", state("a", "ENDED", false, None, None), ". 1"),
            ("call.forward", state("a", "ENDED", false, Some("gone"), None), ". !1 call:6"),
            ("call.hold", state("a", "ON_HOLD", false, None, None), ". 1"),
            ("call.hold", state("a", "ON_REMOTE_HOLD", false, None, None), "."),
            ("call.hold", state("a", "ON_HOLD", true, None, None), "."),
            ("call.unhold", state("a", "ON_REMOTE_HOLD", true, None, None), ". 1"),
            ("call.unhold", state("a", "IN_CALL", false, None, None), "."),
            ("call.unhold", state("a", "ON_HOLD", true, None, error(Code::Status(500))), ". 1"),
            ("call.addMedia", Event::CallNewMedia(media(None)), ". 1"),
            ("call.addMedia", Event::CallNewMedia(media(error(Code::CallMedia))), ". 1"),
            ("call.addMedia", Event::CallRemovedMedia(media(None)), "."),
            ("call.removeMedia", Event::CallRemovedMedia(media(None)), ". 1"),
            ("call.getStats", stats(Some("t")), ". 1"),
            ("call.getStats", stats(None), "."),
            ("call.directTransfer", state("a", "ENDED", true, Some("Direct Transfer Successful"), None), ". 1"),
            ("call.directTransfer", state("a", "ENDED", true, Some("bye"), None), ". !1 call:6"),
            ("call.consultativeTransfer", state("a", "ENDED", true, Some("Transfer Successful"), None), ". 1"),
            (
                "call.consultativeTransfer",
                state("a", "ON_HOLD", true, Some("Join Failed"), error(Code::CallGeneric)),
                ".",
            ),
            ("call.join", join(None), ". 1"),
            ("call.join", join(error(Code::CallState)), ". 1"),
            ("call.join", state("a", "ENDED", true, Some("Join Successful"), None), "."),
            ("call.end", state("a", "ENDED", false, None, None), ". 1"),
            ("call.end", state("a", "IN_CALL", false, None, error(Code::CallState)), "."),
        ] {
            let mut promises = Promises::default();
            assert!(promises.note(Some(OpId(1)), &command(kind)));
            assert_eq!(after(&mut promises, &BETWEEN, false, vec![]), "", "{kind}: begun");
            assert_eq!(after(&mut promises, &BETWEEN, false, vec![event.clone()]), wanted, "{kind}: {event:?}");
        }
    }

    /// What ends with its own command, or by how the login stands.
    #[test]
    fn the_state_ends_what_no_event_answers() {
        let change = || vec![Event::AuthChange(AuthChange::default())];
        for (kind, now, events, wanted) in [
            ("connect", IN, change(), ". ~1"),
            ("connect", OUT, change(), ". !1 NO_CODE"),
            ("disconnect", OUT, change(), ". ~1"),
            ("updateToken", IN, change(), ". ~1"),
            ("updateToken", IN, vec![], "!1 NO_CODE"),
            ("updateConnection", BETWEEN, vec![], ""),
            ("updateConnection", IN, change(), ". ~1"),
            ("updateConnection", IN, vec![], "!1 NO_CODE"),
            ("notification.registerPush", OUT, vec![], "!1 NO_CODE"),
            ("notification.enableWebsocket", IN, vec![], "~1"),
            ("notification.process", IN, vec![], "~1"),
            ("connection.enableConnectivityChecking", IN, vec![], "~1"),
            ("configure", IN, vec![], "~1"),
            ("call.sendDTMF", IN, vec![], "~1"),
            ("media.renderTracks", IN, vec![], "~1"),
            ("media.removeTracks", IN, vec![], "~1"),
            ("media.muteTracks", IN, vec![Event::MediaMuted { tracks: Vec::new() }], ". 1"),
            ("media.unmuteTracks", IN, vec![Event::MediaUnmuted { tracks: Vec::new() }], ". 1"),
        ] {
            let mut promises = Promises::default();
            promises.note(Some(OpId(1)), &command(kind));
            assert_eq!(after(&mut promises, &now, false, events), wanted, "{kind}");
        }
        // There is no such call, or it has ended.
        for (kind, wanted) in [("call.end", "~1"), ("call.hold", "!1 call:6")] {
            let mut promises = Promises::default();
            promises.note(Some(OpId(1)), &command(kind));
            assert_eq!(after(&mut promises, &IN, true, vec![]), wanted, "{kind}");
        }
    }

    #[test]
    fn answers_come_in_turn_and_a_refusal_is_that_of_the_last_command() {
        let mut promises = Promises::default();
        let full = || state("a", "IN_CALL", false, None, error(Code::CallState));
        let unknown = || Event::CallError(CallEvent { call_id: CallId::from("a"), error: error(Code::CallArgument) });
        promises.note(None, &command("call.hold"));
        assert_eq!(after(&mut promises, &IN, false, vec![]), "");
        promises.note(Some(OpId(2)), &command("call.hold"));
        assert_eq!(after(&mut promises, &IN, false, vec![]), "");
        promises.note(Some(OpId(3)), &command("call.unhold"));
        assert_eq!(after(&mut promises, &IN, false, vec![full(), unknown()]), ". 3 .", "too many are waiting");
        assert_eq!(
            after(&mut promises, &IN, false, vec![state("a", "ON_HOLD", false, None, None)]),
            ".",
            "nobody waits for this one"
        );
        assert_eq!(after(&mut promises, &IN, false, vec![full(), unknown()]), ". 2 .", "held already");
        promises.note(Some(OpId(4)), &command("call.consultativeTransfer"));
        assert_eq!(after(&mut promises, &IN, false, vec![unknown()]), ". 4");
        promises.note(Some(OpId(5)), &command("call.sendDTMF"));
        assert_eq!(after(&mut promises, &IN, false, vec![unknown()]), ". 5");
        assert!(promises.0.is_empty(), "{promises:?}");
    }

    #[test]
    fn more_than_there_is_room_for_are_not_carried_out() {
        let mut promises = Promises::default();
        for op in 0..limits::PROMISES as u64 {
            assert!(promises.note(Some(OpId(op)), &command("call.hold")));
        }
        assert!(!promises.note(Some(OpId(u64::MAX)), &command("call.hold")));
        assert!(promises.note(None, &command("call.hold")), "nobody waits: it is done all the same");
        assert_eq!(promises.0.len(), limits::PROMISES);
    }
}
