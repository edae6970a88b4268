//! Writers that are what a page has: both engines of the SDK. What they show as sent must be stored, and everybody must have heard
//! of it, however often the gateway is killed meanwhile.

mod cast;
mod notes;
mod report;
mod seat;
mod shown;

use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
    sync::Arc,
    time::Duration,
};

use kandy_core::ids::Ids;
use tokio::{
    sync::watch,
    task::JoinSet,
    time::{Instant, sleep, timeout},
};

use self::{cast::Cast, seat::Seat, shown::Key};
use super::{Writing, check::Shown, history::history};
use crate::{
    Failure, Gateway, Progress,
    board::{Board, Counts, Status},
    clock::Clock,
    gateway::ANYWHERE,
    plan::Flavour,
};

pub use report::Conversed;

/// How long a gateway lives at least and at most before it is killed, in ms. Measured with 20 clients: half of them are back 130 ms
/// after it listens, nine of ten after 400 ms. Some gateways die before all are back, most in the midst of messages.
const LIFE: (u64, u64) = (100, 2_500);
/// How long what was stored may take to reach everybody, once all are connected and nothing is on its way to the gateway.
const HEARD: Duration = Duration::from_secs(10);

/// Clients of both flavours send messages, each conversation's one after the other, while the gateway is killed (SIGKILL) at random
/// moments and started again on what it has stored. When all is quiet, what they show is compared with what is stored.
///
/// # Errors
/// [`Failure`] when the gateway does not start, not everybody can log in, or it is never quiet.
pub async fn write_by_engines(
    gateway: &mut impl Gateway,
    plan: &Writing,
    progress: &mut Progress<'_>,
) -> Result<Conversed, Failure> {
    let address = gateway.start(ANYWHERE).await?;
    progress.say(&format!("the gateway listens on {address}, seed {}", plan.seed));
    let (began, patience) = (Instant::now(), Duration::from_secs(plan.wait));
    let (cast, mut ids, clock) = (Cast::new(plan), Ids::new(plan.seed), Clock::start());
    let board = Arc::new(Board::new(cast.users.len()));
    let (mut seats, mut tasks) = (Vec::new(), JoinSet::new());
    for (number, (user, flavour)) in cast.users.iter().enumerate() {
        let who = (number, user.clone(), *flavour);
        seats.push(Seat::new(who, address.port(), &mut ids, (&board, clock), &mut tasks)?);
    }
    for seat in &seats {
        seat.connect().await;
    }
    let all_in = |counts: Counts| counts.connected == seats.len();
    if !board.until(all_in, patience, progress, "registering").await {
        return Err(Failure::Login(board.course(Status::Connected, began).shortfall()));
    }
    let mut report = Conversed::new(plan);
    let (more, stop) = watch::channel(true);
    let mut writers = JoinSet::new();
    for (number, seat) in seats.iter().enumerate().take(cast.writers) {
        writers.spawn(seat.writer(number, cast.chats(number), ids.below(u64::MAX), stop.clone()).run());
    }
    for kill in 1..=plan.kills {
        // The moment is the experiment; there is nothing to wait for.
        sleep(Duration::from_millis(LIFE.0 + ids.below(LIFE.1 - LIFE.0))).await;
        report.died(&board, began, kill > 1);
        gateway.kill().await?;
        report.checks.run(gateway).await?;
        gateway.start(address).await?;
        board.want_all(Instant::now());
        report.ended += reconnect(&board, &seats).await;
        if kill % 10 == 0 || kill == plan.kills {
            progress.say(&format!("killed {kill} times"));
        }
    }
    more.send_replace(false);
    let joined = timeout(patience, writers.join_all()).await;
    let written: BTreeMap<usize, Vec<(usize, u32)>> =
        joined.map_err(|_| Failure::Writer("the writers do not end".into()))?.into_iter().collect();
    report.ended += reconnect(&board, &seats).await;
    let connected = board.until(all_in, patience, progress, "coming back").await;
    if !connected {
        report.problems.push(format!("not all came back: {}", board.course(Status::Connected, began).shortfall()));
    }
    progress.say("all are back; waiting for what is on its way");
    let deadline = Instant::now() + patience;
    for seat in &seats {
        // What stays is found below.
        let left = deadline.saturating_duration_since(Instant::now());
        seat.notes.until(|heard| heard.pending.is_empty(), left).await;
    }
    let end = End { address, cast: &cast, seats: &seats, written: &written };
    end.compare(&mut report, patience, progress).await?;
    report.took = began.elapsed();
    Ok(report)
}

/// Who is logged out by what happened logs in again, as an application does; returns how many these are.
async fn reconnect(board: &Board, seats: &[Seat]) -> usize {
    let ended = board.those(Status::Ended);
    for seat in ended.iter().filter_map(|number| seats.get(*number)) {
        seat.connect().await;
    }
    ended.len()
}

/// Everything is quiet.
struct End<'a> {
    address: SocketAddr,
    cast: &'a Cast,
    seats: &'a [Seat],
    /// By writer: in which conversation, and the number of the message.
    written: &'a BTreeMap<usize, Vec<(usize, u32)>>,
}

impl End<'_> {
    async fn compare(
        &self,
        report: &mut Conversed,
        patience: Duration,
        progress: &mut Progress<'_>,
    ) -> Result<(), Failure> {
        let histories = self.histories(progress).await?;
        let all = |history: &[Shown]| history.iter().map(|shown| (shown.writer, shown.number)).collect::<Vec<Key>>();
        let stored: BTreeSet<Key> = histories.iter().flat_map(|history| all(history)).collect();
        report.stored = stored.len();
        let mut taken = BTreeSet::new();
        for (at, history) in histories.iter().enumerate() {
            let mut problems = shown::stored(history, &self.numbers(at));
            for (writer, numbers) in self.numbers(at) {
                let Some(seat) = self.seats.get(writer) else { continue };
                let lines = seat.lines_of(&self.cast.chat(at, writer))?;
                problems.extend(shown::sent(&lines, writer, &numbers, history));
                taken.extend(lines.iter().filter(|line| line.is_sent()).map(|line| line.key));
                report.count(&lines, &stored);
            }
            report.problems.extend(problems.into_iter().map(|text| format!("conversation {at}: {text}")));
        }
        for (number, seat) in self.seats.iter().enumerate() {
            let there = self.cast.joined(number).into_iter().filter_map(|at| histories.get(at));
            let theirs = there.flat_map(|history| all(history)).filter(|(writer, _)| *writer != number);
            let wanted: BTreeSet<Key> = theirs.filter(|key| taken.contains(key)).collect();
            let told_all = |heard: &notes::Heard| wanted.iter().all(|key| heard.told.contains_key(key));
            seat.notes.until(told_all, HEARD).await;
            let told = seat.notes.heard().told.clone();
            report.told += told.len();
            report.untold += wanted.iter().filter(|key| !told.contains_key(key)).count();
            let mut problems = Vec::new();
            if seat.flavour == Flavour::Uc {
                problems.extend(self.fetch(number, seat, &histories, patience).await?);
            }
            let lines = seat.lines()?;
            problems.extend(shown::heard(&lines, &told, &wanted, &stored));
            report.problems.extend(problems.into_iter().map(|text| format!("{}: {text}", seat.user)));
            report.errors += seat.notes.heard().errors;
        }
        Ok(())
    }

    /// A UC client fetches the whole history of all its conversations.
    async fn fetch(
        &self,
        number: usize,
        seat: &Seat,
        histories: &[Vec<Shown>],
        patience: Duration,
    ) -> Result<Vec<String>, Failure> {
        seat.fetch_list(patience).await?;
        let mut problems = Vec::new();
        for at in self.cast.joined(number) {
            let Some(history) = histories.get(at).filter(|history| !history.is_empty()) else { continue };
            let ids: Vec<String> = history.iter().map(|shown| shown.id.clone()).collect();
            let chat = self.cast.chat(at, number);
            seat.fetch_history(&chat, &ids, patience).await?;
            let lines = seat.lines_of(&chat)?;
            problems
                .extend(shown::fetched(&lines, history).into_iter().map(|text| format!("conversation {at}: {text}")));
        }
        Ok(problems)
    }

    /// What is stored of each conversation.
    async fn histories(&self, progress: &mut Progress<'_>) -> Result<Vec<Vec<Shown>>, Failure> {
        let mut histories = Vec::new();
        for (at, members) in self.cast.conversations.iter().enumerate() {
            let users: Vec<&str> =
                members.iter().filter_map(|n| self.cast.users.get(*n)).map(|(u, _)| u.as_str()).collect();
            let (Some(one), Some(other)) = (users.first(), users.last()) else { continue };
            histories.push(history(self.address, one, other, users.len() > 2).await?);
            if at % 10 == 9 {
                progress.say(&format!("{} histories read", at + 1));
            }
        }
        Ok(histories)
    }

    /// By writer: what was sent in this conversation, in this order.
    fn numbers(&self, conversation: usize) -> BTreeMap<usize, Vec<u32>> {
        let of = |all: &Vec<(usize, u32)>| -> Vec<u32> {
            all.iter().filter(|(at, _)| *at == conversation).map(|(_, number)| *number).collect()
        };
        self.written.iter().map(|(writer, all)| (*writer, of(all))).filter(|(_, some)| !some.is_empty()).collect()
    }
}
