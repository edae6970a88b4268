//! One client with both engines, and who writes by it.

use std::{sync::Arc, time::Duration};

use kandy_core::{Command, Input, command::Credentials, ids::Ids};
use kandy_people::{Chat, Part};
use serde_json::{Value, json};
use tokio::{
    sync::{mpsc, watch},
    task::JoinSet,
    time::timeout,
};

use super::{
    super::{PASSWORD, history::PAGE},
    notes::Notes,
    shown::Line,
};
use crate::{
    Failure,
    board::Board,
    clock::Clock,
    driver::{Driver, INBOX},
    people::{Handle, Second},
    plan::{Flavour, Person, config},
    source,
};

/// Messages of one writer that may be on their way at a time: they queue up while there is no gateway, as those of a user who
/// does not wait.
const AT_ONCE: usize = 8;
/// Milliseconds below which a writer thinks before each message. Measured with 20 clients: these are 190 messages per second, so
/// that a listener who comes back last misses fewer than the gateway keeps for it (200).
const THINK: u64 = 150;
/// Messages of one writer, who then waits for the end: the engine keeps 20,000 of a conversation.
const MOST: u32 = 3_000;
/// Milliseconds of the first pause between two attempts to come back. The documented 5 s are longer than a gateway lives here.
const RECONNECT: u64 = 100;
/// Seconds of a subscription; nobody extends it here.
const EXPIRES: u64 = 3_600;
/// Milliseconds between two checks of a socket: what was told before one has arrived.
const PING: u64 = 1_000;

/// A client that is driven by a task of its own, and its application.
pub(super) struct Seat {
    pub(super) user: String,
    pub(super) flavour: Flavour,
    pub(super) notes: Notes,
    people: Handle,
    inbox: mpsc::Sender<Input>,
    credentials: Credentials,
}

impl Seat {
    /// A client that is not connected; it ends with `tasks`.
    ///
    /// # Errors
    /// When its side of HTTP cannot be set up.
    pub(super) fn new(
        (number, user, flavour): (usize, String, Flavour),
        port: u16,
        ids: &mut Ids,
        (board, clock): (&Arc<Board>, Clock),
        tasks: &mut JoinSet<()>,
    ) -> Result<Self, Failure> {
        let connectivity = json!({"pingInterval": PING, "reconnectDelay": RECONNECT, "reconnectLimit": 0});
        let credentials = Credentials::from_value(&json!({"username": user, "password": PASSWORD}));
        let person = Person {
            config: config(flavour, port, "IM", EXPIRES, &connectivity),
            credentials: credentials.clone(),
            seed: ids.below(u64::MAX),
            source: source::of(number),
        };
        let notes = Notes::new();
        let (second, people) = Second::new(ids.below(u64::MAX), Box::new(notes.clone()));
        let (inbox, inputs) = mpsc::channel(INBOX);
        let driver = Driver::new(number, person, Arc::clone(board), clock, inbox.clone())?.with(second);
        tasks.spawn(driver.run(inputs));
        Ok(Self { user, flavour, notes, people, inbox, credentials })
    }

    /// `connect`
    pub(super) async fn connect(&self) {
        let command = Command::Connect { credentials: self.credentials.clone() };
        // It ends only with the whole fleet.
        drop(self.inbox.send(Input::Command(None, command)).await);
    }

    /// Who writes in these conversations, each with its number.
    pub(super) fn writer(
        &self,
        number: usize,
        chats: Vec<(usize, Chat)>,
        seed: u64,
        more: watch::Receiver<bool>,
    ) -> Writer {
        Writer { number, chats, ids: Ids::new(seed), people: self.people.clone(), notes: self.notes.clone(), more }
    }

    /// What the client shows in all conversations.
    pub(super) fn lines(&self) -> Result<Vec<Line>, Failure> {
        let all = self.people.query(&json!({"type": "conversation.getAll"}));
        let conversations = all.as_array().into_iter().flatten();
        let lines: Result<Vec<Vec<Line>>, Failure> = conversations.map(|one| self.lines_of(&chat(one))).collect();
        Ok(lines?.concat())
    }

    /// What the client shows in this conversation.
    pub(super) fn lines_of(&self, chat: &Chat) -> Result<Vec<Line>, Failure> {
        let query = json!({"type": "conversation.messages", "destination": chat.destination, "convoType": chat.kind});
        let messages = self.people.query(&query);
        let lines: Option<Vec<Line>> = messages.as_array().into_iter().flatten().map(Line::read).collect();
        lines.ok_or_else(|| Failure::Writer(format!("{} shows what nobody wrote", self.user)))
    }

    /// `conversation.fetch`: from now on the client knows the threads of its conversations.
    pub(super) async fn fetch_list(&self, patience: Duration) -> Result<(), Failure> {
        self.fetch(kandy_people::Command::FetchConversations { options: Value::Null }, patience).await
    }

    /// `fetchMessages`, page by page, before each message of `ids` that ends a page; `ids` is the history, the oldest first.
    pub(super) async fn fetch_history(&self, chat: &Chat, ids: &[String], patience: Duration) -> Result<(), Failure> {
        let mut before = None;
        for page in ids.rchunks(PAGE) {
            let amount = Some(PAGE as u64);
            self.fetch(kandy_people::Command::FetchMessages { chat: chat.clone(), amount, before }, patience).await?;
            before = page.first().cloned();
        }
        Ok(())
    }

    /// Nothing else happens meanwhile: the next event is the answer.
    async fn fetch(&self, command: kandy_people::Command, patience: Duration) -> Result<(), Failure> {
        let (events, errors) = {
            let heard = self.notes.heard();
            (heard.events, heard.errors)
        };
        self.people.command(command).await;
        let answered = self.notes.until(|heard| heard.events > events, patience).await;
        match answered && self.notes.heard().errors == errors {
            true => Ok(()),
            false => Err(Failure::Writer(format!("{} could not fetch what is stored", self.user))),
        }
    }
}

/// The name of a conversation as it shows itself.
fn chat(conversation: &Value) -> Chat {
    let destination = conversation.get("destination").and_then(Value::as_array).into_iter().flatten();
    Chat {
        destination: destination.filter_map(Value::as_str).map(str::to_owned).collect(),
        kind: conversation.get("type").and_then(Value::as_str).unwrap_or_default().to_owned(),
    }
}

/// Sends messages, one after the other.
pub(super) struct Writer {
    number: usize,
    chats: Vec<(usize, Chat)>,
    ids: Ids,
    people: Handle,
    notes: Notes,
    more: watch::Receiver<bool>,
}

impl Writer {
    /// Writes until it is told to stop; returns who it is, and for each message in which conversation it is, and its number.
    pub(super) async fn run(mut self) -> (usize, Vec<(usize, u32)>) {
        let mut written = Vec::new();
        for number in 1..=MOST {
            // People think before they write; the end is not waited for any longer.
            let thinking = Duration::from_millis(self.ids.below(THINK));
            drop(timeout(thinking, self.more.wait_for(|more| !more)).await);
            let notes = self.notes.clone();
            tokio::select! {
                _ = notes.until(|heard| heard.pending.len() < AT_ONCE, Duration::MAX) => {}
                _ = self.more.wait_for(|more| !more) => {}
            }
            if !*self.more.borrow() {
                break;
            }
            let at = usize::try_from(self.ids.below(self.chats.len() as u64)).unwrap_or_default();
            let Some((conversation, chat)) = self.chats.get(at).cloned() else { break };
            let text = format!("{}/{number}", self.number);
            self.notes.heard().pending.insert(number);
            written.push((conversation, number));
            let (message, parts) = (Some(text.clone()), vec![Part::Text(text)]);
            self.people.command(kandy_people::Command::Send { chat, message, parts }).await;
        }
        (self.number, written)
    }
}
