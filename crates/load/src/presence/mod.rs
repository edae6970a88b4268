//! Changes of presence at a steady rate: each client is watched by some others, who are told of each change.

mod ledger;

use std::sync::Arc;

use kandy_core::ids::Ids;
use tokio::{
    task::JoinSet,
    time::{Instant, timeout_at},
};

use self::ledger::{Ledger, Watcher};
use crate::{
    Failure, Gateway, Load, Progress, Report,
    pace::Pace,
    people::{Handle, Second},
    trial::Tally,
};

/// Clients publish at a steady rate, one after the other; each is watched by `watchers` others.
///
/// # Errors
/// [`Failure`] when the gateway does not start, not all can log in, or the watchers are not told of anything.
pub async fn presence(
    gateway: &mut impl Gateway,
    load: &Load,
    watchers: u32,
    progress: &mut Progress<'_>,
) -> Result<Report, Failure> {
    let clients = usize::try_from(load.clients).unwrap_or(usize::MAX);
    // Nobody watches themselves.
    let watchers = usize::try_from(watchers).unwrap_or(usize::MAX).min(clients - 1);
    let users: Vec<String> = load.plan().people_of("presence", 0).into_iter().map(|person| person.user()).collect();
    let ledger = Arc::new(Ledger::new(&users, watchers));
    let (mut handles, mut ids) = (Vec::new(), Ids::new(load.seed));
    let ready = load
        .ready(
            "presence",
            gateway,
            |number, driver| {
                let watcher = Watcher::new(number, Arc::clone(&ledger));
                let (second, people) = Second::new(ids.below(u64::MAX), Box::new(watcher));
                handles.push(people);
                driver.with(second)
            },
            progress,
        )
        .await?;
    for (number, people) in handles.iter().enumerate() {
        let watched = (1..=watchers).filter_map(|step| users.get((number + clients - step) % clients).cloned());
        people.command(kandy_people::Command::SubscribePresence { users: watched.collect() }).await;
    }
    // Who is told of the first change of everybody watches everybody.
    progress.say("everybody publishes for the first time");
    let first = Pace::new(load.login_rate.max(1), 0).with(clients);
    let number = ledger.begin(first);
    publish(&handles, first, number, &ledger, first.end() + load.patience()).await;
    let tally = ledger.tally();
    if !tally.is_clean() {
        let why: Vec<&str> = tally.errors.keys().map(String::as_str).collect();
        return Err(Failure::Watchers(why.join(", ")));
    }
    let run = async |pace: Pace| -> Tally {
        let first = ledger.begin(pace);
        publish(&handles, pace, first, &ledger, pace.end() + load.patience()).await;
        ledger.tally()
    };
    let name = format!("presence, {watchers} watchers of each");
    load.drive(name, u32::MAX, gateway, &ready, progress, run).await
}

/// Changes of presence when they are due, whatever became of those before; completes when all are told, or in vain at the deadline.
async fn publish(handles: &[Handle], pace: Pace, first: usize, ledger: &Ledger, deadline: Instant) {
    let mut tasks = JoinSet::new();
    for (number, people) in handles.iter().cloned().enumerate() {
        let mine = pace.of(number, handles.len());
        tasks.spawn(async move {
            for operation in mine {
                pace.wait(operation).await;
                let (status, activity) = ("open".to_owned(), "active".to_owned());
                // By its note the watchers know it.
                let note = Some((first + operation).to_string());
                people.command(kandy_people::Command::UpdatePresence { status, activity, note }).await;
            }
        });
    }
    drop(timeout_at(deadline, ledger.done()).await);
    tasks.shutdown().await;
}
