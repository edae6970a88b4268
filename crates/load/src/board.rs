//! Where every client writes down what became of it, and where a scenario waits for what became of all.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    sync::watch,
    time::{Instant, interval, sleep_until},
};

use crate::{course::Course, progress::Progress, spread::Spread};

/// Sentences about ends that are told apart; there are a handful.
const ENDINGS: usize = 16;

/// How a client is, as `getConnection` and the events tell an application.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    /// Nobody is logged in, and nothing went wrong.
    Out,
    /// `isPending`, and not connected.
    Pending,
    /// `isConnected`
    Connected,
    /// Nobody is logged in any more, or yet, because something went wrong.
    Ended,
}

/// How many clients are how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) out: usize,
    pub(crate) pending: usize,
    pub(crate) connected: usize,
    pub(crate) ended: usize,
}

impl Counts {
    fn of(&mut self, status: Status) -> &mut usize {
        match status {
            Status::Out => &mut self.out,
            Status::Pending => &mut self.pending,
            Status::Connected => &mut self.connected,
            Status::Ended => &mut self.ended,
        }
    }
}

/// One thing that takes a client some time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// UC: a token from name and password.
    Token,
    /// The subscription is made.
    Subscribe,
    /// The WebSocket opens.
    Socket,
    /// A `connCheck` is answered.
    Check,
    /// The subscription is extended, or asked for.
    Extend,
    /// UC: the token is renewed.
    Refresh,
    /// The subscription is deleted.
    Unsubscribe,
    /// UC: the token is given back.
    Revoke,
    /// Any other request.
    Other,
}

struct Slot {
    status: Status,
    since: Instant,
    /// When the scenario wanted the state that it waits for: latency counts from here, however late the client got to it.
    wanted: Instant,
}

struct Inside {
    slots: Vec<Slot>,
    steps: BTreeMap<Step, Spread>,
    endings: BTreeMap<String, usize>,
    requests: u64,
    sockets: u64,
}

/// The board of all clients of one run.
pub(crate) struct Board {
    inside: Mutex<Inside>,
    counts: watch::Sender<Counts>,
}

impl Board {
    pub(crate) fn new(clients: usize) -> Self {
        let now = Instant::now();
        let slots = (0..clients).map(|_| Slot { status: Status::Out, since: now, wanted: now }).collect();
        let inside = Inside { slots, steps: BTreeMap::new(), endings: BTreeMap::new(), requests: 0, sockets: 0 };
        let counts = watch::Sender::new(Counts { out: clients, ..Counts::default() });
        Self { inside: Mutex::new(inside), counts }
    }

    /// A client is in another state now. `why` is there when it ended.
    pub(crate) fn note(&self, client: usize, status: Status, why: Option<&str>) {
        let mut inside = self.lock();
        if let Some(why) = why {
            let told_apart = inside.endings.contains_key(why) || inside.endings.len() < ENDINGS;
            *inside.endings.entry(if told_apart { why } else { "others" }.to_owned()).or_default() += 1;
        }
        let Some(slot) = inside.slots.get_mut(client) else { return };
        let before = std::mem::replace(&mut slot.status, status);
        slot.since = Instant::now();
        // Under the lock, so that a change never arrives after a later one.
        self.counts.send_modify(|counts| {
            *counts.of(before) -= 1;
            *counts.of(status) += 1;
        });
    }

    /// The scenario wants something of a client from now on.
    pub(crate) fn want(&self, client: usize, at: Instant) {
        if let Some(slot) = self.lock().slots.get_mut(client) {
            slot.wanted = at;
        }
    }

    /// The same of all clients.
    pub(crate) fn want_all(&self, at: Instant) {
        self.lock().slots.iter_mut().for_each(|slot| slot.wanted = at);
    }

    /// A request is made.
    pub(crate) fn request(&self) {
        self.lock().requests += 1;
    }

    /// A socket is attempted.
    pub(crate) fn socket(&self) {
        self.lock().sockets += 1;
    }

    /// A step was done, in this time or not at all.
    pub(crate) fn step(&self, step: Step, took: Option<Duration>) {
        let mut inside = self.lock();
        let spread = inside.steps.entry(step).or_default();
        match took {
            Some(took) => spread.add(took),
            None => spread.failed += 1,
        }
    }

    /// How many clients are how now.
    pub(crate) fn counts(&self) -> Counts {
        *self.counts.borrow()
    }

    /// Those who are like this now.
    pub(crate) fn those(&self, status: Status) -> Vec<usize> {
        let inside = self.lock();
        let all = inside.slots.iter().enumerate();
        all.filter(|(_, slot)| slot.status == status).map(|(number, _)| number).collect()
    }

    /// Waits until `enough` holds; false when it did not within `patience`.
    pub(crate) async fn until(
        &self,
        enough: impl Fn(Counts) -> bool,
        patience: Duration,
        progress: &mut Progress<'_>,
        what: &str,
    ) -> bool {
        let mut changes = self.counts.subscribe();
        let mut ticks = interval(Progress::EVERY);
        ticks.reset();
        let deadline = Instant::now() + patience;
        loop {
            if enough(*changes.borrow_and_update()) {
                return true;
            }
            tokio::select! {
                Ok(()) = changes.changed() => {}
                _ = ticks.tick() => progress.tell(what, self.counts()),
                () = sleep_until(deadline) => return false,
            }
        }
    }

    /// What became of the clients since `began`, each measured from when it was wanted. Begins anew.
    pub(crate) fn course(&self, goal: Status, began: Instant) -> Course {
        let mut inside = self.lock();
        let mut times = Spread::default();
        let mut last = began;
        for slot in inside.slots.iter().filter(|slot| slot.status == goal) {
            times.add(slot.since.saturating_duration_since(slot.wanted));
            last = last.max(slot.since);
        }
        let ended = inside.slots.iter().filter(|slot| slot.status == Status::Ended).count();
        times.failed = inside.slots.len() - times.count();
        Course {
            wanted: inside.slots.len(),
            reached: times.count(),
            ended,
            endings: std::mem::take(&mut inside.endings),
            times,
            took: last - began,
            requests: std::mem::take(&mut inside.requests),
            sockets: std::mem::take(&mut inside.sockets),
            steps: std::mem::take(&mut inside.steps),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn latency_counts_from_when_it_was_wanted() {
        let (board, minute) = (Board::new(3), Duration::from_secs(60));
        let began = Instant::now() - minute;
        board.want_all(began);
        board.want(1, Instant::now());
        board.note(0, Status::Connected, None);
        board.note(1, Status::Connected, None);
        board.note(2, Status::Ended, Some("GONE"));
        assert_eq!((board.those(Status::Connected), board.those(Status::Out)), (vec![0, 1], vec![]));
        let course = board.course(Status::Connected, began);
        assert_eq!((course.wanted, course.reached, course.ended), (3, 2, 1));
        assert!(course.took >= minute && course.times.percentile(100).unwrap() >= minute);
        assert!(course.times.percentile(50).unwrap() < minute);
        assert_eq!(course.endings, BTreeMap::from([("GONE".to_owned(), 1)]));
        assert!(board.course(Status::Connected, began).endings.is_empty(), "each course tells its own");
    }

    #[tokio::test]
    async fn waiting_ends_by_a_change_or_by_the_time() {
        let (board, minute) = (Board::new(1), Duration::from_secs(60));
        let (mut here, mut there) = (Vec::new(), Vec::new());
        let (mut here, mut there) = (Progress::new(&mut here), Progress::new(&mut there));
        let connected = |counts: Counts| counts.connected == 1;
        assert!(!board.until(connected, Duration::from_millis(10), &mut here, "registering").await);
        let (in_time, ()) = tokio::join!(board.until(connected, minute, &mut here, "registering"), async {
            assert!(board.until(|counts| counts.out == 1, minute, &mut there, "starting").await);
            board.note(0, Status::Connected, None);
        });
        assert!(in_time);
        assert_eq!(board.counts(), Counts { connected: 1, ..Counts::default() });
    }

    #[test]
    fn sentences_are_bounded() {
        let board = Board::new(1);
        (0..100).for_each(|n| board.note(0, Status::Ended, Some(&n.to_string())));
        let endings = board.course(Status::Connected, Instant::now()).endings;
        assert_eq!((endings.len(), endings["others"]), (ENDINGS + 1, 100 - ENDINGS));
    }
}
