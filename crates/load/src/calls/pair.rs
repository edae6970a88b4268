//! Two clients and their calls, one after the other.

use std::time::Duration;

use kandy_core::{
    CallId, Command,
    command::{CallOptions, Media},
    ids::Ids,
};
use kandy_wire::Value;
use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until, timeout_at},
};

use crate::{
    fleet::Member,
    note::{Note, Noted},
    pace::Pace,
    trial::Tally,
};

const TOLD: &str = "make to ringing";
const CONNECTED: &str = "make to both up";
const ENDED: &str = "end to other end";
/// From when `make` was due to `call:receive` on the other side; from then to `Connected` on both; from when `end` was due to
/// `Ended` on the other side.
pub(super) const MEASURES: [&str; 3] = [TOLD, CONNECTED, ENDED];

/// Two clients that call each other.
pub(super) struct Pair {
    /// The number of the first one.
    first: usize,
    members: Vec<Member>,
    /// Of both.
    notes: mpsc::Receiver<Noted>,
    ids: Ids,
    talk: Duration,
    patience: Duration,
    calls: usize,
}

/// A call as the two see it.
#[derive(Default)]
struct Call {
    /// By the caller, and by the callee once it rings there.
    ids: [Option<CallId>; 2],
    rang: Option<Instant>,
    /// By the same.
    up: [Option<Instant>; 2],
    over: [Option<Instant>; 2],
    /// The server's words about its end.
    why: Option<String>,
}

impl Pair {
    pub(super) fn new(
        first: usize,
        members: Vec<Member>,
        notes: mpsc::Receiver<Noted>,
        ids: Ids,
        talk: Duration,
        patience: Duration,
    ) -> Self {
        Self { first, members, notes, ids, talk, patience, calls: 0 }
    }

    /// Makes the calls of this pair, each when it is due, or as soon as the one before it is over.
    pub(super) async fn run(mut self, pace: Pace, number: usize, all: usize) -> (Self, Tally) {
        let mut tally = Tally::of(&MEASURES);
        for operation in pace.of(number, all) {
            let due = pace.wait(operation).await;
            let before: Vec<usize> = tally.measures.iter().map(|(_, spread)| spread.count()).collect();
            let mut call = Call::default();
            if let Err(why) = self.call(due, &mut call, &mut tally).await {
                // It failed once, and came to nothing in all that it had not got to.
                let after: Vec<usize> = tally.measures.iter().map(|(_, spread)| spread.count()).collect();
                let missing = MEASURES.into_iter().zip(before.into_iter().zip(after)).filter(|(_, (b, a))| b == a);
                missing.enumerate().for_each(|(at, (name, _))| match at {
                    0 => tally.fail(name, &why),
                    _ => tally.miss(name),
                });
                self.clear(&mut call).await;
            }
        }
        (self, tally)
    }

    async fn call(&mut self, due: Instant, call: &mut Call, tally: &mut Tally) -> Result<(), String> {
        self.calls += 1;
        // Who calls this time.
        let callers = self.calls % 2;
        let [caller, callee] = [callers, 1 - callers].map(|at| self.members.get(at).cloned());
        let (Some(caller), Some(callee)) = (caller, callee) else { return Err("there are no two clients".to_owned()) };
        let id = CallId(self.ids.uuid());
        call.ids = [Some(id.clone()), None];
        let (destination, options) = (callee.user(), CallOptions::default());
        caller.command(Command::Make { call_id: id.clone(), destination, media: sound(), options }).await;
        while call.up.contains(&None) {
            let rang = call.rang.is_some();
            self.hear(call, "the call was not up in time").await?;
            if let (false, Some(at), Some(id)) = (rang, call.rang, call.ids[1].clone()) {
                tally.add(TOLD, at - due);
                callee.command(Command::Answer { call_id: id, media: sound(), options: CallOptions::default() }).await;
            }
            if call.over != [None; 2] {
                let why = call.why.as_deref().unwrap_or("no reason given");
                return Err(format!("the call ended before it was up: {why}"));
            }
        }
        let up = call.up.into_iter().flatten().max().unwrap_or(due);
        tally.add(CONNECTED, up - due);
        let due = up + self.talk;
        sleep_until(due).await;
        caller.command(Command::End { call_id: id }).await;
        while call.over.contains(&None) {
            self.hear(call, "the end was not told in time").await?;
        }
        if let Some(over) = call.over[1] {
            tally.add(ENDED, over.saturating_duration_since(due));
        }
        Ok(())
    }

    /// Takes in what is told next.
    async fn hear(&mut self, call: &mut Call, late: &str) -> Result<(), String> {
        let deadline = Instant::now() + self.patience;
        let noted = timeout_at(deadline, self.notes.recv()).await.map_err(|_| late.to_owned())?;
        let Noted { client, at, note } = noted.ok_or("the clients are gone")?;
        let side = usize::from(client != self.first + self.calls % 2);
        let is_this = |id: &CallId| call.ids.iter().flatten().any(|known| known == id);
        match note {
            Note::Rings(id) if side == 1 => {
                call.ids[1] = Some(id);
                call.rang = Some(at);
            }
            Note::Connected(id) if is_this(&id) => set(&mut call.up, side, at),
            Note::Ended(id, why) if is_this(&id) => {
                set(&mut call.over, side, at);
                call.why = call.why.take().or(why);
            }
            Note::Failed(id, why) if is_this(&id) => return Err(why),
            Note::Status(_, Some(why)) => return Err(why),
            // Of a call that was given up.
            _ => {}
        }
        Ok(())
    }

    /// Ends what is left of a call that failed, so that the next one is not disturbed.
    async fn clear(&mut self, call: &mut Call) {
        for (at, member) in self.members.clone().iter().enumerate() {
            let side = usize::from(at != self.calls % 2);
            if let (Some(Some(id)), Some(None)) = (call.ids.get(side).cloned(), call.over.get(side)) {
                member.command(Command::End { call_id: id }).await;
            }
        }
        let known = |call: &Call| call.ids.iter().zip(&call.over).all(|(id, over)| id.is_none() || over.is_some());
        let deadline = Instant::now() + self.patience;
        while !known(call) && Instant::now() < deadline {
            // What fails now has been told.
            drop(timeout_at(deadline, self.hear(call, "")).await);
        }
    }
}

fn set(times: &mut [Option<Instant>; 2], side: usize, at: Instant) {
    if let Some(time) = times.get_mut(side) {
        time.get_or_insert(at);
    }
}

/// The media of all calls here.
fn sound() -> Media {
    Media { audio: Some(Value::Bool(true)), ..Media::default() }
}
