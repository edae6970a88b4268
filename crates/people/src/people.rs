//! One client's people: which machine an input belongs to, and nothing else.

use kandy_wire::Value;

use crate::{
    AskId, Command, Effect, Input, Now, Session,
    asks::{Asks, Purpose, Subject},
    effect::{Effects, Level, Request, TimerId},
    ids::Ids,
    outcome::Outcome,
    plain,
    presence::Presence,
};

/// Everything about people that one `create()` of the application made.
#[derive(Debug)]
pub struct People {
    ids: Ids,
    session: Option<Session>,
    /// Who was logged in last: what is kept is that user's.
    user: Option<String>,
    asks: Asks,
    machines: Machines,
}

/// One machine for each namespace. What they keep is one user's.
#[derive(Debug, Default)]
struct Machines {
    presence: Presence,
}

/// What a machine needs to act.
pub(crate) struct Cx<'a> {
    pub(crate) now: u64,
    pub(crate) ids: &'a mut Ids,
    pub(crate) out: &'a mut Effects,
    pub(crate) session: Option<&'a Session>,
    asks: &'a mut Asks,
}

impl Cx<'_> {
    /// Makes a request as soon as its turn comes; it ends in `answered` of the machine in any case.
    pub(crate) fn ask(&mut self, subject: Subject, purpose: Purpose, request: Request) {
        self.asks.ask(subject, purpose, request, self.session.is_some());
    }
}

impl People {
    /// Nobody is logged in yet. `config` is the merged configuration, of which nothing is needed so far; `seed` should be random:
    /// names of messages follow from it.
    pub fn new(_config: &Value, seed: u64) -> Self {
        Self { ids: Ids::new(seed), session: None, user: None, asks: Asks::default(), machines: Machines::default() }
    }

    /// Takes one input and returns what is to be done, in order.
    pub fn handle(&mut self, now: Now, input: Input) -> Vec<Effect> {
        let mut out = Effects::default();
        match input {
            Input::Command(command) => self.command(now, command, &mut out),
            Input::Session(session) => self.session(now, session, &mut out),
            Input::Notice(frame) => self.notice(now, &plain::any(&frame, "notificationMessage"), &mut out),
            Input::Answer(ask, result) => self.answered(now, ask, result.into(), &mut out),
            Input::CallEnded(record) => self.call_ended(now, &record, &mut out),
            Input::Timer(timer) => self.timer(now, timer, &mut out),
        }
        while let Some((purpose, outcome)) = self.asks.take_over() {
            self.settle(now, purpose, outcome, &mut out);
        }
        self.asks.pump(&mut self.ids, &mut out);
        out.into_vec()
    }

    /// Answers a question `{type, …}`; changes nothing. `null` means undefined.
    pub fn query(&self, _now: Now, query: &Value) -> Value {
        let kind = plain::text(query, "type").unwrap_or_default();
        match kind.as_str() {
            "presence.get" => self.machines.presence.get(&plain::texts(query, "users")),
            "presence.getAll" => self.machines.presence.all(),
            "presence.getSelf" => self.machines.presence.own(),
            _ => Value::Null,
        }
    }

    fn command(&mut self, now: Now, command: Command, out: &mut Effects) {
        match command {
            Command::UpdatePresence { status, activity, note } => {
                self.with(now, out, |all, cx| all.presence.update(&status, &activity, note, cx));
            }
            Command::FetchPresence { users } => self.with(now, out, |all, cx| all.presence.fetch(&users, cx)),
            Command::SubscribePresence { users } => self.with(now, out, |all, cx| all.presence.subscribe(&users, cx)),
            Command::UnsubscribePresence { users } => {
                self.with(now, out, |all, cx| all.presence.unsubscribe(&users, cx));
            }
            _ => out.log(Level::Error, "not known yet"),
        }
    }

    fn session(&mut self, now: Now, session: Option<Session>, out: &mut Effects) {
        let login = |session: &Option<Session>| session.as_ref().map(|session| session.login);
        let another_login = login(&session) != login(&self.session);
        if another_login {
            self.asks.abandon();
        }
        let user = session.as_ref().map(|session| session.username.clone());
        let another_user = user.is_some() && user != self.user;
        self.session = session;
        if another_user {
            self.user = user;
            self.machines = Machines::default();
        } else if another_login && self.session.is_some() {
            self.with(now, out, |all, cx| all.presence.renew(cx));
        }
    }

    fn notice(&mut self, now: Now, notice: &Value, out: &mut Effects) {
        let kind = plain::text(notice, "eventType").unwrap_or_default();
        match kind.as_str() {
            "presenceWatcher" => self.with(now, out, |all, cx| all.presence.told(notice, cx)),
            _ => {}
        }
    }

    fn answered(&mut self, now: Now, ask: AskId, outcome: Outcome, out: &mut Effects) {
        match self.asks.answered(ask) {
            Some(purpose) => self.settle(now, purpose, outcome, out),
            None => out.log(Level::Debug, "an answer that nobody waits for any more"),
        }
    }

    fn settle(&mut self, now: Now, purpose: Purpose, outcome: Outcome, out: &mut Effects) {
        match purpose {
            Purpose::Presence(ask) => self.with(now, out, |all, cx| all.presence.answered(ask, &outcome, cx)),
            _ => {}
        }
    }

    fn call_ended(&mut self, _now: Now, _record: &Value, _out: &mut Effects) {}

    fn timer(&mut self, _now: Now, _timer: TimerId, _out: &mut Effects) {}

    fn with(&mut self, now: Now, out: &mut Effects, act: impl FnOnce(&mut Machines, &mut Cx<'_>)) {
        let Self { ids, session, asks, machines, .. } = self;
        act(machines, &mut Cx { now: now.0, ids, out, session: session.as_ref(), asks });
    }
}
