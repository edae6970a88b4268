//! Calls at a steady rate: pairs of clients call each other, talk for a while, and hang up. There is signalling as in a page, with
//! descriptions of a sample, and no sound.

mod pair;

use std::time::Duration;

use kandy_core::ids::Ids;
use tokio::{sync::mpsc, task::JoinSet};

use self::pair::{MEASURES, Pair};
use crate::{Failure, Gateway, Load, Progress, Report, media::Media, pace::Pace, trial::Tally};

/// Notes of a pair that may wait; a call has six, and some more where something goes wrong.
const NOTES: usize = 64;
/// How long a call takes beyond the talk, at most, on a gateway that is not overloaded: the number of pairs is chosen by it.
const AROUND: Duration = Duration::from_millis(500);

/// Pairs of clients call each other at a steady rate, and talk for so long. A UC client calls a Link client, and with the next call
/// the other way round.
///
/// # Errors
/// [`Failure`] when the gateway does not start, not all can log in, or there are too few clients. Calls that fail are in the
/// figures.
pub async fn calls(
    gateway: &mut impl Gateway,
    load: &Load,
    talk: Duration,
    progress: &mut Progress<'_>,
) -> Result<Report, Failure> {
    let (mut notes, mut receivers) = (None, Vec::new());
    let mut ids = Ids::new(load.seed);
    let ready = load
        .ready(
            "call",
            gateway,
            |number, driver| {
                // Two and two share their notes.
                if number % 2 == 0 {
                    let (sender, receiver) = mpsc::channel(NOTES);
                    receivers.push(receiver);
                    notes = Some(sender);
                }
                let driver = driver.with_media(Media::new(ids.below(u64::MAX)));
                match &notes {
                    Some(sender) => driver.with_notes(sender.clone()),
                    None => driver,
                }
            },
            progress,
        )
        .await?;
    let members = ready.fleet.members().chunks_exact(2).zip(receivers).enumerate();
    let mut pairs: Vec<Pair> = members
        .map(|(number, (members, notes))| {
            Pair::new(number * 2, members.to_vec(), notes, Ids::new(ids.below(u64::MAX)), talk, load.patience())
        })
        .collect();
    let most = (pairs.len() as f64 / (talk + AROUND).as_secs_f64()) as u32;
    let run = async |pace: Pace| {
        let (mut tally, mut tasks, all) = (Tally::of(&MEASURES), JoinSet::new(), pairs.len());
        for (number, pair) in pairs.drain(..).enumerate() {
            tasks.spawn(pair.run(pace, number, all));
        }
        while let Some(Ok((pair, seen))) = tasks.join_next().await {
            tally.take_in(&seen);
            pairs.push(pair);
        }
        tally
    };
    load.drive(format!("calls, talk {} ms", talk.as_millis()), most, gateway, &ready, progress, run).await
}
