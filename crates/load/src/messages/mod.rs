//! Messages at a steady rate, by clients with both engines of the SDK: UC clients write to Link clients, and those to them.

mod ledger;

use std::sync::Arc;

use kandy_core::ids::Ids;
use kandy_people::{Chat, Part};
use tokio::{task::JoinSet, time::timeout_at};

use self::ledger::{Ears, Ledger};
use crate::{
    Failure, Gateway, Load, Progress, Report,
    pace::Pace,
    people::{Handle, Second},
    trial::Tally,
};

/// One client, and to whom it writes.
struct Writer {
    people: Handle,
    other: String,
}

/// Clients write to each other at a steady rate, two and two.
///
/// # Errors
/// [`Failure`] when the gateway does not start, or not all can log in. Messages that are lost are in the figures.
pub async fn messages(gateway: &mut impl Gateway, load: &Load, progress: &mut Progress<'_>) -> Result<Report, Failure> {
    let (ledger, mut handles) = (Arc::new(Ledger::new()), Vec::new());
    let mut ids = Ids::new(load.seed);
    let ready = load
        .ready(
            "IM",
            gateway,
            |_, driver| {
                let (second, people) = Second::new(ids.below(u64::MAX), Box::new(Ears(Arc::clone(&ledger))));
                handles.push(people);
                driver.with(second)
            },
            progress,
        )
        .await?;
    let members = ready.fleet.members();
    let writer = |(number, people): (usize, Handle)| {
        // An odd one out writes to the one before it.
        let other = members.get(number ^ 1).or(members.get(number.saturating_sub(1)));
        Arc::new(Writer { people, other: other.map(|other| other.user()).unwrap_or_default() })
    };
    let writers: Vec<Arc<Writer>> = handles.into_iter().enumerate().map(writer).collect();
    let run = async |pace: Pace| -> Tally {
        let (mut tasks, all) = (JoinSet::new(), writers.len());
        let first = ledger.begin(pace);
        for (number, writer) in writers.iter().enumerate() {
            tasks.spawn(Arc::clone(writer).run(pace, (number, all), first));
        }
        drop(timeout_at(pace.end() + load.patience(), ledger.done()).await);
        tasks.shutdown().await;
        ledger.tally()
    };
    // Nobody waits for the message before.
    load.drive("messages".to_owned(), u32::MAX, gateway, &ready, progress, run).await
}

impl Writer {
    /// Sends the messages of this one when they are due, whatever became of those before.
    async fn run(self: Arc<Self>, pace: Pace, (number, all): (usize, usize), first: usize) {
        let chat = Chat { destination: vec![self.other.clone()], kind: "im".to_owned() };
        for operation in pace.of(number, all) {
            pace.wait(operation).await;
            let text = (first + operation).to_string();
            // The ids of the gateway are numbers, too: the name is to be none of them.
            let (message, parts) = (Some(format!("own-{text}")), vec![Part::Text(text)]);
            self.people.command(kandy_people::Command::Send { chat: chat.clone(), message, parts }).await;
        }
    }
}
