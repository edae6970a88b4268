//! Writers against a gateway that is killed again and again: what was acknowledged must be there, once and in order.

mod check;
mod checks;
mod engines;
mod history;
mod writer;

use std::{collections::BTreeSet, fmt, net::SocketAddr, time::Duration};

use clap::Args;
use kandy_core::ids::Ids;
use serde_json::{Value, json};
use tokio::{
    sync::watch,
    task::JoinSet,
    time::{Instant, sleep, timeout},
};

use crate::{Failure, Gateway, Progress, gateway::ANYWHERE};
use check::problems;
pub use checks::Checks;
pub use engines::{Conversed, write_by_engines};
use history::history;
use writer::{Said, Writer};

/// Members of a group, the readers included; the gateway takes 50 destinations.
const GROUP: usize = 20;
/// Users who write nothing: every writer writes to one of them.
const READERS: usize = 3;
/// Problems that are told; there may be more.
const TOLD: usize = 20;
/// How long a gateway lives at least and at most before it is killed, in ms: long enough to be written to, short enough to be
/// killed in the midst of all that it does at its start.
const LIFE: (u64, u64) = (20, 400);

/// What is written, and how often the gateway dies meanwhile.
#[derive(Debug, Clone, Args)]
pub struct Writing {
    /// Clients that write, each one message after the other
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=200))]
    pub clients: u32,
    /// How often the gateway is killed and started again
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub kills: u32,
    /// From this follow the moments of death, and which messages are given up
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub seed: u64,
    /// How long each step may take
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=3_600))]
    pub wait: u64,
}

/// What [`write()`] found.
#[derive(Debug, Default)]
pub struct Written {
    clients: u32,
    kills: u32,
    seed: u64,
    took: Duration,
    /// Messages that were acknowledged.
    pub acknowledged: usize,
    /// Requests that were sent again because nobody knew what became of them.
    pub repeated: usize,
    /// Messages of which the writer does not know what became of them.
    pub unknown: usize,
    /// How many of those are there.
    pub unknown_there: usize,
    /// Histories that were read, each by two of its members.
    pub histories: usize,
    /// What the database itself was found to be like.
    pub checks: Checks,
    /// What is not as it must be; at most some of it.
    pub problems: Vec<String>,
}

/// A conversation: who writes in it, by number, and which two look at it.
#[derive(Debug, Clone)]
struct Conversation {
    writers: Vec<usize>,
    members: Vec<String>,
    lookers: [String; 2],
}

impl Writing {
    /// The accounts file that a gateway needs for this, as JSON.
    pub fn accounts(&self) -> String {
        let users = self.writers().into_iter().chain(readers());
        Value::Array(users.map(|user| json!({"user": user, "password": PASSWORD})).collect()).to_string()
    }

    fn writers(&self) -> Vec<String> {
        (0..self.clients).map(|number| format!("writer-{number}@example.com")).collect()
    }

    /// Every writer has a thread with one reader, and is in a group with some of the others and all readers.
    fn conversations(&self) -> Vec<Conversation> {
        let (writers, readers) = (self.writers(), readers());
        let numbers: Vec<usize> = (0..writers.len()).collect();
        let reader = |number: usize| readers.get(number % READERS).cloned().unwrap_or_default();
        let pair = |(number, writer): (usize, &String)| Conversation {
            writers: vec![number],
            members: vec![writer.clone(), reader(number)],
            lookers: [writer.clone(), reader(number)],
        };
        let group = |(some, numbers): (&[String], &[usize])| Conversation {
            writers: numbers.to_vec(),
            members: [some, &readers].concat(),
            lookers: [some.first().cloned().unwrap_or_default(), reader(0)],
        };
        let some = GROUP - READERS;
        let groups = writers.chunks(some).zip(numbers.chunks(some)).map(group);
        writers.iter().enumerate().map(pair).chain(groups).collect()
    }
}

/// Nobody but the clients of the run reaches the gateway.
const PASSWORD: &str = "load";

fn readers() -> Vec<String> {
    (0..READERS).map(|number| format!("reader-{number}@example.com")).collect()
}

/// All write as fast as they are answered, while the gateway is killed (SIGKILL) at random moments and started again on what it
/// has stored. Then all that it shows is compared with what was acknowledged.
///
/// # Errors
/// [`Failure`] when the gateway does not start or refuses what it should take.
pub async fn write(
    gateway: &mut impl Gateway,
    plan: &Writing,
    progress: &mut Progress<'_>,
) -> Result<Written, Failure> {
    let address = gateway.start(ANYWHERE).await?;
    progress.say(&format!("the gateway listens on {address}, seed {}", plan.seed));
    let began = Instant::now();
    let (up, watch) = watch::channel(Some(address));
    let (more, stop) = watch::channel(true);
    let conversations = plan.conversations();
    let mut ids = Ids::new(plan.seed);
    let (mut tasks, mut checks) = (JoinSet::new(), Checks::default());
    for (number, user) in plan.writers().into_iter().enumerate() {
        let own = conversations.iter().enumerate().filter(|(_, conversation)| conversation.writers.contains(&number));
        let own = own.map(|(at, conversation)| (at, conversation.members.clone())).collect();
        let writer = Writer::new(number, user, own, ids.below(u64::MAX), (watch.clone(), stop.clone()), began)?;
        tasks.spawn(writer.run());
    }
    for kill in 1..=plan.kills {
        // The moment is the experiment; there is nothing to wait for.
        sleep(Duration::from_millis(LIFE.0 + ids.below(LIFE.1 - LIFE.0))).await;
        up.send_replace(None);
        gateway.kill().await?;
        checks.run(gateway).await?;
        gateway.start(address).await?;
        up.send_replace(Some(address));
        if kill % 10 == 0 || kill == plan.kills {
            progress.say(&format!("killed {kill} times"));
        }
    }
    more.send_replace(false);
    let mut said: Vec<Said> = Vec::new();
    let mut repeated = 0;
    let joined = timeout(Duration::from_secs(plan.wait), async {
        while let Some(ended) = tasks.join_next().await {
            let (messages, again) = ended.map_err(|_| Failure::Writer("a writer failed".into()))??;
            said.extend(messages);
            repeated += again;
        }
        Ok::<_, Failure>(())
    });
    joined.await.map_err(|_| Failure::Writer("the writers do not end".into()))??;
    progress.say(&format!("{} messages written; reading them", said.len()));
    let mut written = compare(address, &conversations, &said, progress).await?;
    (written.clients, written.kills, written.seed) = (plan.clients, plan.kills, plan.seed);
    (written.repeated, written.took, written.checks) = (repeated, began.elapsed(), checks);
    Ok(written)
}

async fn compare(
    address: SocketAddr,
    conversations: &[Conversation],
    said: &[Said],
    progress: &mut Progress<'_>,
) -> Result<Written, Failure> {
    let mut written = Written::default();
    for (at, conversation) in conversations.iter().enumerate() {
        let wanted: Vec<&Said> = said.iter().filter(|said| said.conversation == at).collect();
        let [one, other] = &conversation.lookers;
        let history = history(address, one, other, conversation.members.len() > 2).await?;
        let others = history::history(address, other, one, conversation.members.len() > 2).await?;
        if history != others {
            written.problems.push(format!("conversation {at}: its members do not see the same"));
        }
        written
            .problems
            .extend(problems(&history, &wanted).into_iter().map(|text| format!("conversation {at}: {text}")));
        let there: BTreeSet<(usize, u32)> = history.iter().map(|shown| (shown.writer, shown.number)).collect();
        let unknown: Vec<&&Said> = wanted.iter().filter(|said| said.acknowledged.is_none()).collect();
        written.acknowledged += wanted.len() - unknown.len();
        written.unknown_there += unknown.iter().filter(|said| there.contains(&(said.writer, said.number))).count();
        written.unknown += unknown.len();
        written.histories += 2;
        if at % 10 == 9 {
            progress.say(&format!("{} histories read", written.histories));
        }
    }
    written.problems.truncate(TOLD);
    Ok(written)
}

impl Written {
    /// Whether all is as it must be, and there was something to look at.
    pub fn is_complete(&self) -> bool {
        self.problems.is_empty() && self.checks.findings == 0 && self.acknowledged > 0
    }
}

impl fmt::Display for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.took.as_secs_f64();
        writeln!(f, "{} writers, {} kills, seed {}, {seconds:.1} s", self.clients, self.kills, self.seed)?;
        let all = if self.problems.is_empty() { ", all there exactly once and in order" } else { "" };
        writeln!(f, "acknowledged  {}{all}", self.acknowledged)?;
        writeln!(f, "unknown       {}, of which {} are there", self.unknown, self.unknown_there)?;
        writeln!(f, "repeated      {}", self.repeated)?;
        writeln!(f, "histories     {}", self.histories)?;
        write!(f, "{}", self.checks)?;
        for problem in &self.problems {
            writeln!(f, "PROBLEM       {problem}")?;
        }
        Ok(())
    }
}
