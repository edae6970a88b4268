//! Sign-ins at a steady rate: a subscription and a socket, then out again.

use std::time::Duration;

use tokio::{
    sync::mpsc,
    task::JoinSet,
    time::{Instant, timeout_at},
};

use kandy_core::Command;

use crate::{
    Failure, Gateway, Load, Progress, Report,
    board::Status,
    fleet::Member,
    note::{Note, Noted},
    pace::Pace,
    trial::Tally,
};

/// What is measured: from when the sign-in was due to `isConnected`, and from then to the end of the log-out.
const SIGN_IN: &str = "sign in";
const SIGN_OUT: &str = "sign out";
/// Notes of one client that may wait; it has two or three for each sign-in.
const NOTES: usize = 16;
/// Sign-ins per second for each client. With 1,000 clients and as many sign-ins per second each has a second for both ways, and
/// comes late where that is not enough.
const EACH: u32 = 1;

/// One client, and what it tells.
struct Guest {
    member: Member,
    notes: mpsc::Receiver<Noted>,
    patience: Duration,
}

/// Clients sign in at a steady rate, and out again as soon as they are in.
///
/// # Errors
/// [`Failure`] when the gateway does not start, or there are too few clients. Sign-ins that fail are in the figures.
pub async fn signins(gateway: &mut impl Gateway, load: &Load, progress: &mut Progress<'_>) -> Result<Report, Failure> {
    let mut receivers = Vec::new();
    let ready = load
        .prepared(
            "call",
            gateway,
            |_, driver| {
                let (sender, notes) = mpsc::channel(NOTES);
                receivers.push(notes);
                driver.with_notes(sender)
            },
            progress,
        )
        .await?;
    let members = ready.fleet.members().iter().cloned();
    let guest = |(member, notes)| Guest { member, notes, patience: load.patience() };
    let mut guests: Vec<Guest> = members.zip(receivers).map(guest).collect();
    let most = load.clients.saturating_mul(EACH);
    let run = async |pace: Pace| {
        let (mut tally, mut tasks, all) = (Tally::of(&[SIGN_IN, SIGN_OUT]), JoinSet::new(), guests.len());
        for (number, guest) in guests.drain(..).enumerate() {
            tasks.spawn(guest.run(pace, number, all));
        }
        while let Some(Ok((guest, seen))) = tasks.join_next().await {
            tally.take_in(&seen);
            guests.push(guest);
        }
        tally
    };
    load.drive("sign-ins".to_owned(), most, gateway, &ready, progress, run).await
}

impl Guest {
    async fn run(mut self, pace: Pace, number: usize, all: usize) -> (Self, Tally) {
        let mut tally = Tally::of(&[SIGN_IN, SIGN_OUT]);
        for operation in pace.of(number, all) {
            let due = pace.wait(operation).await;
            self.member.connect().await;
            match self.until(Status::Connected).await {
                Ok(at) => tally.add(SIGN_IN, at - due),
                Err(why) => {
                    tally.fail(SIGN_IN, &why);
                    tally.miss(SIGN_OUT);
                    // It may still be at it.
                    self.member.command(Command::Disconnect).await;
                    continue;
                }
            }
            let began = Instant::now();
            self.member.command(Command::Disconnect).await;
            match self.until(Status::Out).await {
                Ok(at) => tally.add(SIGN_OUT, at - began),
                Err(why) => tally.fail(SIGN_OUT, &why),
            }
        }
        (self, tally)
    }

    /// When the client got there, or why it did not.
    async fn until(&mut self, goal: Status) -> Result<Instant, String> {
        let deadline = Instant::now() + self.patience;
        loop {
            let noted = timeout_at(deadline, self.notes.recv()).await;
            match noted.map_err(|_| format!("not {} in time", name(goal)))? {
                Some(Noted { at, note: Note::Status(status, why), .. }) => match (status, why) {
                    (status, _) if status == goal => return Ok(at),
                    (Status::Ended, why) => return Err(why.unwrap_or_else(|| "ended".to_owned())),
                    _ => {}
                },
                Some(_) => {}
                None => return Err("the client is gone".to_owned()),
            }
        }
    }
}

fn name(status: Status) -> &'static str {
    match status {
        Status::Connected => "in",
        Status::Out => "out",
        Status::Pending => "under way",
        Status::Ended => "ended",
    }
}
