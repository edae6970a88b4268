//! Operations that the application waits for: the `…Async` forms of the API (docs/promises.md).
//!
//! A command may carry a number. It is noted here together with what answers it; every event is shown to what was noted, and the
//! one that answers ends the operation: [`Effect::Settle`], exactly once, after all events of the same input. Commands without a
//! number are noted, too: operations of one call run one after the other, and the first answer is the first one's.
//!
//! | what | ends with |
//! | --- | --- |
//! | login, logout, services | `auth:error`, or as soon as the connection is what was wanted |
//! | push | `notifications:change`, `notifications:error` |
//! | operations of a call | the event that the API documents for each; all of them with the end of the call |
//! | what is done at once | its command |

use crate::{
    Answer, CallId, Command, Effect, Error, Event, OpId, Query, TrackId, error::Code, event::StateChange, limits,
    query::CallState,
};

/// What the application waits for, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Promises(Vec<Open>);

#[derive(Debug)]
struct Open {
    /// `None`: nobody waits, but others may stand behind it.
    op: Option<OpId>,
    end: End,
    /// Its command is being handled: a failure that is told now is its own.
    own: bool,
}

/// How an operation ends.
#[derive(Debug, Clone, PartialEq)]
enum End {
    /// It is done, or refused, when its command has been handled.
    Now,
    Connected,
    Disconnected,
    Token,
    Services,
    Push,
    Call(CallId, Deed),
    Stats(CallId, Option<TrackId>),
    Join(CallId, CallId),
}

/// What is done to a call.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Deed {
    Make,
    Answer,
    /// Ignored, too.
    Reject,
    Forward,
    Hold,
    Unhold,
    Add,
    Remove,
    Replace,
    Transfer,
    End,
}

/// What a client is asked before operations end.
pub(crate) trait Facts {
    /// As the application would be answered.
    fn ask(&self, query: &Query) -> Answer;
    /// Whether other services are being asked for.
    fn is_updating(&self) -> bool;
}

/// An end; `Ok(None)`: with the connection, or the call, as it is by then.
type Verdict = Result<Option<Answer>, Error>;

impl Promises {
    /// Notes a command that is about to be handled.
    ///
    /// # Errors
    /// Too many operations wait; the command is not to be carried out.
    pub(crate) fn note(&mut self, op: Option<OpId>, command: &Command) -> Result<(), Error> {
        if self.0.len() >= limits::PROMISES {
            let why = "Too many operations are waiting for their end. Try again when some are done.";
            return op.map_or(Ok(()), |_| Err(Error::new(Code::Busy, why)));
        }
        self.0.push(Open { op, end: end(command), own: true });
        // What comes of it is told of both calls.
        if let Command::ConsultativeTransfer { other, .. } = command {
            self.0.push(Open { op: None, end: End::Call(other.clone(), Deed::Transfer), own: true });
        }
        Ok(())
    }

    /// Ends what the events of an input answer, and what its command did not even begin.
    pub(crate) fn settle(&mut self, facts: &impl Facts, effects: &mut Vec<Effect>) {
        if self.0.is_empty() {
            return;
        }
        let mut ended = Vec::new();
        let (mut failed, mut changed) = (false, false);
        for effect in effects.iter() {
            let Effect::Emit(event) = effect else { continue };
            changed |= matches!(event, Event::AuthChange(_));
            // `call:error` repeats what the event before it has said.
            if !(failed && matches!(event, Event::CallError(_))) {
                self.told(event, &mut ended);
            }
            failed = event.failure().is_some();
        }
        let mut at = 0;
        while let Some(open) = self.0.get_mut(at) {
            match open.stands(facts, changed) {
                Some(verdict) => ended.push((self.0.remove(at), verdict)),
                None => {
                    open.own = false;
                    at += 1;
                }
            }
        }
        for (open, verdict) in ended {
            let Some(op) = open.op else { continue };
            let result = verdict.map(|answer| answer.unwrap_or_else(|| open.outcome(facts)));
            effects.push(Effect::Settle(op, result));
        }
    }

    /// An event ends what it answers: with a call everything that was to be done to it, and otherwise one operation, a failure
    /// rather the one that has only just been asked for.
    fn told(&mut self, event: &Event, ended: &mut Vec<(Open, Verdict)>) {
        loop {
            let fails = |open: &Open| open.own && matches!(open.verdict(event), Some(Err(_)));
            let first = self.0.iter().position(fails);
            let Some(at) = first.or_else(|| self.0.iter().position(|open| open.verdict(event).is_some())) else {
                return;
            };
            let open = self.0.remove(at);
            if let Some(verdict) = open.verdict(event) {
                ended.push((open, verdict));
            }
            match event {
                Event::CallStateChange(change) if is_over(change) => {}
                // Of a command that is refused as a whole nothing is left.
                Event::CallError(_) => return self.0.retain(|open| !open.own),
                _ => return,
            }
        }
    }
}

impl Open {
    /// What an event says of this operation.
    fn verdict(&self, event: &Event) -> Option<Verdict> {
        let failed = |error: &Option<Error>, otherwise: Verdict| Some(error.clone().map_or(otherwise, Err));
        match (&self.end, event) {
            (end, Event::AuthError { error, .. }) => {
                let meant = match error.code {
                    Code::Extend => End::Services,
                    Code::Unsubscribe | Code::Revoke => End::Disconnected,
                    _ => End::Connected,
                };
                (*end == meant).then(|| Err(error.clone()))
            }
            (End::Push, Event::NotificationsChange { channel: "PUSH" }) => Some(Ok(Some(Answer::Nothing))),
            (End::Push, Event::NotificationsError { error, .. }) => Some(Err(error.clone())),
            (End::Now, Event::MediaMuted { tracks } | Event::MediaUnmuted { tracks }) => {
                Some(Ok(Some(Answer::Ids(tracks.clone()))))
            }
            (_, Event::CallError(event)) if self.own => failed(&event.error, Ok(None)),
            (End::Call(id, Deed::Make), Event::CallStart(event)) if event.call_id == *id => {
                Some(Ok(Some(Answer::Id(id.clone()))))
            }
            (End::Call(id, Deed::Add), Event::CallNewMedia(event))
            | (End::Call(id, Deed::Remove), Event::CallRemovedMedia(event))
                if event.call_id == *id =>
            {
                failed(&event.error, Ok(event.tracks.clone().map(Answer::Ids)))
            }
            (End::Call(id, Deed::Replace), Event::CallTrackReplaced(event)) if event.call_id == *id => {
                failed(&event.error, Ok(Some(Answer::Replaced(event.clone()))))
            }
            (End::Stats(id, track), Event::CallStatsReceived(event))
                if (&event.call_id, &event.track_id) == (id, track) =>
            {
                failed(&event.error, Ok(event.result.map(Answer::Report)))
            }
            (End::Join(id, _), Event::CallJoin(event)) if event.joined_calls.first() == Some(id) => {
                failed(&event.error, Ok(Some(Answer::Id(event.call_id.clone()))))
            }
            (End::Join(one, other), Event::CallStateChange(change)) if [one, other].contains(&&change.call_id) => {
                let lost = is_over(change) && !moved(change) || self.own && change.error.is_some();
                lost.then(|| Err(change.error.clone().unwrap_or_else(gone)))
            }
            (End::Stats(id, _), Event::CallStateChange(change)) if change.call_id == *id && is_over(change) => {
                Some(Err(gone()))
            }
            (End::Call(id, deed), Event::CallStateChange(change)) if change.call_id == *id => deed.verdict(change),
            _ => None,
        }
    }

    /// What the state of the client says of it. `changed`: the application was told of a change of the connection.
    fn stands(&self, facts: &impl Facts, changed: bool) -> Option<Verdict> {
        let Answer::Connection(now) = facts.ask(&Query::Connection) else { return None };
        let is_out = !now.is_connected && !now.is_pending;
        let refused = |why: &str| Some(Err(Error::new(Code::NoCode, why)));
        match &self.end {
            End::Now => Some(Ok(None)),
            End::Connected if now.is_connected => Some(Ok(None)),
            End::Connected if is_out => refused("The login was given up before it was done."),
            End::Disconnected if is_out => Some(Ok(None)),
            End::Token if changed => Some(Ok(None)),
            End::Token => refused("There is no login by token that could go on with another one."),
            End::Services | End::Push if is_out => refused("Not connected: call connect() first."),
            End::Services if facts.is_updating() => None,
            End::Services if changed => Some(Ok(None)),
            End::Services => refused("There is no login of the Link flavour whose services could be changed."),
            End::Call(id, deed) if self.own => match facts.ask(&Query::Call { call_id: id.clone() }) {
                Answer::Call(call) if call.state != CallState::Ended => None,
                _ if *deed == Deed::End => Some(Ok(None)),
                _ => Some(Err(gone())),
            },
            End::Connected | End::Disconnected | End::Push | End::Call(..) | End::Stats(..) | End::Join(..) => None,
        }
    }

    /// What the application gets that is not in the event.
    fn outcome(&self, facts: &impl Facts) -> Answer {
        match &self.end {
            End::Connected | End::Disconnected | End::Token | End::Services => facts.ask(&Query::Connection),
            End::Call(id, _) => facts.ask(&Query::Call { call_id: id.clone() }),
            End::Now | End::Push | End::Stats(..) | End::Join(..) => Answer::Nothing,
        }
    }
}

impl Deed {
    /// What a change of its call's state says of it.
    fn verdict(self, change: &StateChange) -> Option<Verdict> {
        let (held, was_held) = (change.state == "ON_HOLD", change.previous.local_hold == Some(true));
        let done = match self {
            Self::Answer => !is_over(change),
            Self::Hold => held && !was_held,
            Self::Unhold => !held && was_held && !is_over(change),
            Self::Reject | Self::End => is_over(change),
            // The other side, or its caller, may have been quicker.
            Self::Forward => is_over(change) && change.transition.is_none(),
            Self::Transfer => moved(change),
            Self::Make | Self::Add | Self::Remove | Self::Replace => false,
        };
        let concerned = match self {
            Self::Answer | Self::Reject | Self::Forward | Self::Hold | Self::Unhold => true,
            // A failed join is told of both calls, too.
            Self::Transfer => !reason(change).is_some_and(|reason| reason == "Join Failed"),
            Self::Make | Self::Add | Self::Remove | Self::Replace | Self::End => false,
        };
        match &change.error {
            Some(error) if concerned || is_over(change) => Some(Err(error.clone())),
            None if done => Some(Ok(None)),
            None if is_over(change) => Some(Err(gone())),
            _ => None,
        }
    }
}

/// What answers a command.
fn end(command: &Command) -> End {
    let call = |id: &CallId, deed| End::Call(id.clone(), deed);
    match command {
        Command::Connect { .. } => End::Connected,
        Command::Disconnect => End::Disconnected,
        Command::UpdateToken { .. } => End::Token,
        Command::UpdateConnection { .. } => End::Services,
        Command::RegisterPush { .. } | Command::DeregisterPush => End::Push,
        Command::Make { call_id, .. } => call(call_id, Deed::Make),
        Command::Answer { call_id, .. } => call(call_id, Deed::Answer),
        Command::Reject { call_id } | Command::Ignore { call_id } => call(call_id, Deed::Reject),
        Command::Hold { call_id } => call(call_id, Deed::Hold),
        Command::Unhold { call_id } => call(call_id, Deed::Unhold),
        Command::AddMedia { call_id, .. } => call(call_id, Deed::Add),
        Command::RemoveMedia { call_id, .. } => call(call_id, Deed::Remove),
        Command::ReplaceTrack { call_id, .. } => call(call_id, Deed::Replace),
        Command::GetStats { call_id, track_id } => End::Stats(call_id.clone(), track_id.clone()),
        Command::Forward { call_id, .. } => call(call_id, Deed::Forward),
        Command::DirectTransfer { call_id, .. } | Command::ConsultativeTransfer { call_id, .. } => {
            call(call_id, Deed::Transfer)
        }
        Command::Join { call_id, other } => End::Join(call_id.clone(), other.clone()),
        Command::End { call_id } => call(call_id, Deed::End),
        Command::EnableChecks { .. }
        | Command::Process { .. }
        | Command::EnableWebsocket { .. }
        | Command::Configure { .. }
        | Command::Unpacked { .. }
        | Command::SendDtmf { .. }
        | Command::RenderTracks { .. }
        | Command::RemoveTracks { .. }
        | Command::MuteTracks { .. }
        | Command::UnmuteTracks { .. } => End::Now,
    }
}

fn is_over(change: &StateChange) -> bool {
    change.state == "ENDED"
}

/// The call ended because it became part of another one (`call::release`).
fn moved(change: &StateChange) -> bool {
    is_over(change) && reason(change).is_some_and(|reason| reason.ends_with(" Successful"))
}

fn reason(change: &StateChange) -> Option<&str> {
    change.transition.as_ref()?.reason_text.as_deref()
}

fn gone() -> Error {
    Error::new(Code::CallState, "The call ended before this was done.")
}
