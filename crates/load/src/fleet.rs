//! All clients of one run, each with a task of its own.

use std::{sync::Arc, time::Duration};

use kandy_core::{Command, Input, command::Credentials};
use tokio::{
    sync::mpsc,
    task::JoinSet,
    time::{Instant, sleep_until},
};

use crate::{
    Failure, Plan,
    board::Board,
    clock::Clock,
    driver::{Driver, INBOX},
    plan::Person,
};

/// The clients; they end when this is dropped.
pub(crate) struct Fleet {
    pub(crate) board: Arc<Board>,
    members: Vec<Member>,
    rate: u32,
    _tasks: JoinSet<()>,
}

/// The way to one client.
#[derive(Clone)]
pub(crate) struct Member {
    inbox: mpsc::Sender<Input>,
    credentials: Credentials,
    user: String,
}

impl Member {
    /// What it logs in as.
    pub(crate) fn user(&self) -> String {
        self.user.clone()
    }

    /// `connect`
    pub(crate) async fn connect(&self) {
        self.command(Command::Connect { credentials: self.credentials.clone() }).await;
    }

    /// A wish of the application.
    pub(crate) async fn command(&self, command: Command) {
        // It ends only with the whole fleet.
        drop(self.inbox.send(Input::Command(None, command)).await);
    }
}

impl Fleet {
    /// Clients that are not connected, for a gateway on this port of the loopback address.
    ///
    /// # Errors
    /// When their side of HTTP cannot be set up.
    pub(crate) fn new(plan: &Plan, port: u16) -> Result<Self, Failure> {
        Self::of(plan.people(port), plan.rate, |_, driver| driver)
    }

    /// These clients, told to connect at this rate per second (0 is all at once). `equip` gives each, by its number, what it
    /// has beyond the engine.
    ///
    /// # Errors
    /// When their side of HTTP cannot be set up.
    pub(crate) fn of(
        people: Vec<Person>,
        rate: u32,
        mut equip: impl FnMut(usize, Driver) -> Driver,
    ) -> Result<Self, Failure> {
        let (board, clock) = (Arc::new(Board::new(people.len())), Clock::start());
        let (mut members, mut tasks) = (Vec::with_capacity(people.len()), JoinSet::new());
        for (number, person) in people.into_iter().enumerate() {
            let (inbox, inputs) = mpsc::channel(INBOX);
            let (credentials, user) = (person.credentials.clone(), person.user());
            members.push(Member { inbox: inbox.clone(), credentials, user });
            let driver = Driver::new(number, person, Arc::clone(&board), clock, inbox)?;
            tasks.spawn(equip(number, driver).run(inputs));
        }
        Ok(Self { board, members, rate, _tasks: tasks })
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.members.len()
    }

    /// All of them, by their numbers.
    pub(crate) fn members(&self) -> &[Member] {
        &self.members
    }

    /// `connect` for one after the other, at the rate of the plan.
    pub(crate) async fn connect(&self, began: Instant) {
        self.command(began, |member| Command::Connect { credentials: member.credentials.clone() }).await;
    }

    /// `disconnect` for one after the other, at the rate of the plan.
    pub(crate) async fn disconnect(&self, began: Instant) {
        self.command(began, |_| Command::Disconnect).await;
    }

    /// The moments are those of the plan, whatever became of the clients before: a gateway that is slow is not asked less.
    async fn command(&self, began: Instant, command: impl Fn(&Member) -> Command) {
        for (number, member) in self.members.iter().enumerate() {
            let at = match self.rate {
                0 => began,
                rate => began + Duration::from_secs_f64(number as f64 / f64::from(rate)),
            };
            if at > Instant::now() {
                sleep_until(at).await;
            }
            self.board.want(number, at);
            // It ends only with the whole fleet.
            drop(member.inbox.send(Input::Command(None, command(member))).await);
        }
    }
}
