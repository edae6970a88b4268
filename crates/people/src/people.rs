//! One client's people: which machine an input belongs to, and nothing else.

use kandy_wire::Value;

use crate::{
    AskId, Command, Effect, Error, Input, Now, OpId, Session, TimerId,
    asks::{Asks, Purpose, Subject, Task},
    click_to_call::Clicks,
    contacts::Contacts,
    directory::Directory,
    effect::{Effects, Level, Request},
    history::History,
    ids::Ids,
    messaging::Messaging,
    operations::Operations,
    outcome::Outcome,
    plain,
    presence::Presence,
    sip_events::SipEvents,
    voicemail::Voicemail,
};

/// Everything about people that one `create()` of the application made.
#[derive(Debug)]
pub struct People {
    ids: Ids,
    session: Option<Session>,
    /// Who was logged in last: what is kept is that user's.
    user: Option<String>,
    asks: Asks,
    operations: Operations,
    machines: Machines,
}

/// One machine for each namespace. What they keep is one user's.
#[derive(Debug, Default)]
struct Machines {
    messaging: Messaging,
    presence: Presence,
    contacts: Contacts,
    directory: Directory,
    history: History,
    voicemail: Voicemail,
    sip: SipEvents,
    clicks: Clicks,
}

/// What a machine needs to act.
pub(crate) struct Cx<'a> {
    pub(crate) now: u64,
    pub(crate) ids: &'a mut Ids,
    pub(crate) out: &'a mut Effects,
    pub(crate) session: Option<&'a Session>,
    /// The operation in force: it is what the application waits for.
    op: Option<OpId>,
    operations: &'a mut Operations,
    asks: &'a mut Asks,
}

impl Cx<'_> {
    /// Makes a request as soon as its turn comes; it ends in `answered` of the machine in any case.
    pub(crate) fn ask(&mut self, subject: Subject, purpose: Purpose, request: Request) {
        self.operations.hold(self.op);
        self.asks.ask(subject, (purpose, self.op), request, self.session.is_some());
    }

    /// What the application gets that waits for the operation in force.
    pub(crate) fn answer(&mut self, answer: &dyn Fn() -> Value) {
        self.operations.answer(self.op, answer);
    }

    /// The operation in force lasts until [`Cx::finish`].
    pub(crate) fn keep(&mut self) -> Option<OpId> {
        self.operations.hold(self.op);
        self.op
    }

    /// An operation that was kept is over.
    pub(crate) fn finish(&mut self, op: Option<OpId>, result: Result<&Value, &Error>) {
        match result {
            Ok(answer) => self.operations.answer(op, &|| answer.clone()),
            Err(error) => self.operations.fail(op, Some(error.to_value())),
        }
        self.operations.release(op);
    }
}

impl People {
    /// Nobody is logged in yet. `seed` should be random: the ids of messages follow from it.
    pub fn new(seed: u64) -> Self {
        let machines = Machines::default();
        Self {
            ids: Ids::new(seed),
            session: None,
            user: None,
            asks: Asks::default(),
            operations: Operations::default(),
            machines,
        }
    }

    /// Takes one input and returns what is to be done, in order.
    pub fn handle(&mut self, now: Now, input: Input) -> Vec<Effect> {
        let mut out = Effects::default();
        match input {
            Input::Command(op, command) => {
                if self.operations.begin(op, &mut out) {
                    self.with(now, op, &mut out, |machines, cx| machines.command(command, cx));
                }
            }
            Input::Session(session) => self.session(now, session, &mut out),
            Input::Notice(mut frame) => {
                let notice = plain::take(&mut frame, "notificationMessage");
                self.with(now, None, &mut out, |machines, cx| machines.told(&notice, cx));
            }
            Input::Answer(ask, result) => self.answered(now, ask, result.into(), &mut out),
            Input::CallEnded(record) => {
                self.with(now, None, &mut out, |machines, cx| machines.history.call_ended(&record, cx));
            }
            Input::Timer(TimerId::SipEvents) => self.with(now, None, &mut out, |machines, cx| machines.sip.due(cx)),
            // What is due is sent below.
            Input::Timer(TimerId::Outbox) => self.machines.messaging.woken(),
        }
        self.settle_all(now, &mut out);
        self.asks.pump(&mut self.ids, &mut out);
        self.operations.settle(&mut out);
        out.into_vec()
    }

    /// Answers a question `{type, …}`; changes nothing. `null` means undefined.
    pub fn query(&self, _now: Now, query: &Value) -> Value {
        let flavour = self.session.as_ref().map(|session| session.flavour);
        let kind = plain::text(query, "type").unwrap_or_default();
        let id = |key| plain::name(query, key).unwrap_or_default();
        let Machines { messaging, presence, contacts, directory, history, voicemail, sip, clicks } = &self.machines;
        match kind.as_str() {
            "presence.get" => presence.get(&plain::texts(query, "users")),
            "presence.getAll" => presence.all(),
            "presence.getSelf" => presence.own(),
            "contacts.get" => contacts.get(&id("contactId")),
            "contacts.getAll" => contacts.all(),
            "user.get" => directory.get(&id("userId")),
            "user.getAll" => directory.all(),
            "voicemail.get" => voicemail.get(),
            "callHistory.get" => history.get(),
            "callHistory.getCache" => history.cache(),
            "clickToCall.get" => clicks.get(),
            "sip.getDetails" => sip.details(plain::text(query, "eventType").as_deref()),
            _ => messaging.query(&kind, query, flavour).unwrap_or_default(),
        }
    }

    /// Login, connection or services are others now.
    fn session(&mut self, now: Now, session: Option<Session>, out: &mut Effects) {
        let login = |session: &Option<Session>| session.as_ref().map(|session| session.login);
        let another_login = login(&session) != login(&self.session);
        let another_user = session.as_ref().is_some_and(|session| Some(&session.username) != self.user.as_ref());
        if another_login || another_user {
            // What was under way in the last login comes to its end before anything happens in the next one.
            self.asks.abandon();
            let same_user_goes_on = session.is_some() && !another_user;
            self.session = None;
            while let Some((task, outcome)) = self.asks.take_over() {
                self.settle(now, task, &outcome, out);
            }
            if !same_user_goes_on {
                self.settle_all(now, out);
            }
            self.with(now, None, out, |machines, cx| machines.sip.rest(cx));
        }
        let was_connected = self.session.as_ref().is_some_and(|session| session.connected);
        let is_connected = session.as_ref().is_some_and(|session| session.connected);
        if another_user {
            let before =
                self.user.replace(session.as_ref().map(|session| session.username.clone()).unwrap_or_default());
            // What was made before the first login, a conversation, is that user's.
            if before.is_some() {
                self.machines = Machines::default();
            }
        }
        self.session = session;
        if is_connected && !was_connected {
            self.machines.messaging.hurry();
        }
        if another_login && !another_user && self.session.is_some() {
            self.with(now, None, out, |machines, cx| {
                machines.presence.renew(cx);
                machines.sip.renew(cx);
            });
        }
    }

    fn answered(&mut self, now: Now, ask: AskId, outcome: Outcome, out: &mut Effects) {
        match self.asks.answered(ask) {
            Some(task) => self.settle(now, task, &outcome, out),
            None => out.log(Level::Debug, "an answer that nobody waits for any more"),
        }
    }

    /// Ends what ends without an answer, and does by it what can be done now, until nothing is left.
    fn settle_all(&mut self, now: Now, out: &mut Effects) {
        loop {
            while let Some((task, outcome)) = self.asks.take_over() {
                self.settle(now, task, &outcome, out);
            }
            let mut more = false;
            self.with(now, None, out, |machines, cx| more = machines.messaging.pump(cx));
            if !more && self.asks.none_over() {
                return;
            }
        }
    }

    fn settle(&mut self, now: Now, (purpose, op): Task, outcome: &Outcome, out: &mut Effects) {
        self.with(now, op, out, |machines, cx| machines.answered(purpose, outcome, cx));
        self.operations.release(op);
    }

    /// `op`: whose doing this is. A failure that is told meanwhile is that of the operation.
    fn with(&mut self, now: Now, op: Option<OpId>, out: &mut Effects, act: impl FnOnce(&mut Machines, &mut Cx<'_>)) {
        let Self { ids, session, asks, machines, operations, .. } = self;
        act(machines, &mut Cx { now: now.0, ids, out, session: session.as_ref(), op, operations, asks });
        self.operations.fail(op, out.take_failure());
    }
}

impl Machines {
    fn command(&mut self, command: Command, cx: &mut Cx<'_>) {
        match command {
            Command::FetchConversations { options } => self.messaging.fetch_list(&options, cx),
            Command::CreateConversation { chat, conversation } => self.messaging.create(&chat, conversation, cx),
            Command::Send { chat, message, parts } | Command::Forward { chat, message, parts } => {
                self.messaging.send(chat, message, parts, cx);
            }
            Command::FetchMessages { chat, amount, before } => self.messaging.fetch_messages(&chat, amount, before, cx),
            Command::ClearMessages { chat } => self.messaging.clear(&chat, cx),
            Command::DeleteMessages { chat, ids } => self.messaging.delete_messages(&chat, ids, cx),
            Command::DeleteConversation { chat } => self.messaging.delete(&chat, cx),
            Command::MarkRead { chat, message } => self.messaging.mark_read(&chat, &message, cx),
            Command::RefusePart { chat } => self.messaging.refuse_part(&chat, cx),
            Command::UpdatePresence { status, activity, note } => self.presence.update(&status, &activity, note, cx),
            Command::FetchPresence { users } => self.presence.fetch(&users, cx),
            Command::SubscribePresence { users } => self.presence.subscribe(&users, cx),
            Command::UnsubscribePresence { users } => self.presence.unsubscribe(&users, cx),
            Command::AddContact { contact } => self.contacts.add(contact, cx),
            Command::UpdateContact { id, contact } => self.contacts.update(id, contact, cx),
            Command::RemoveContact { id } => self.contacts.remove(id, cx),
            Command::FetchContact { id } => self.contacts.fetch(id, cx),
            Command::RefreshContacts => self.contacts.refresh(cx),
            Command::FetchUser { id } => self.directory.fetch(id, cx),
            Command::FetchSelf => self.directory.fetch_own(cx),
            Command::SearchUsers { filters, options } => self.directory.search(&filters, &options, cx),
            Command::FetchVoicemail => self.voicemail.fetch(cx),
            Command::FetchHistory { amount, offset } => self.history.fetch(&amount, &offset, cx),
            Command::RemoveRecord { id } => self.history.remove(id, cx),
            Command::ClearHistory => self.history.clear(cx),
            Command::SetHistory { records } => self.history.set(records, cx),
            Command::ClickToCall { call, caller, callee } => self.clicks.make(call, caller, callee, cx),
            Command::SubscribeSip { event, users, correlator, custom } => {
                self.sip.subscribe(event, users, correlator, custom, cx);
            }
            Command::UpdateSip { event, add, remove, custom } => self.sip.update(event, add, remove, custom, cx),
            Command::UnsubscribeSip { event } => self.sip.unsubscribe(event, cx),
        }
    }

    fn answered(&mut self, purpose: Purpose, outcome: &Outcome, cx: &mut Cx<'_>) {
        match purpose {
            Purpose::Messaging(ask) => self.messaging.answered(ask, outcome, cx),
            Purpose::Presence(ask) => self.presence.answered(ask, outcome, cx),
            Purpose::Contacts(ask) => self.contacts.answered(ask, outcome, cx),
            Purpose::Directory(ask) => self.directory.answered(ask, outcome, cx),
            Purpose::History(ask) => self.history.answered(ask, outcome, cx),
            Purpose::Voicemail => self.voicemail.answered(outcome, cx),
            Purpose::Sip(ask) => self.sip.answered(ask, outcome, cx),
            Purpose::Click { call, caller, callee } => self.clicks.answered([call, caller, callee], outcome, cx),
        }
    }

    /// Whose notification it is (protocol §3.11). Those of UC messages have no `eventType`.
    fn told(&mut self, notice: &Value, cx: &mut Cx<'_>) {
        let kind = plain::text(notice, "eventType").or_else(|| plain::text(notice, "event"));
        match kind.as_deref() {
            Some("presenceWatcher") => self.presence.told(notice, cx),
            Some("mwi") => self.voicemail.told(notice, cx),
            Some("IM") => self.messaging.told_link(notice, cx),
            Some("im" | "sms") => self.messaging.told_uc(notice, cx),
            _ if self.sip.told(notice, cx) => {}
            _ => cx.out.log(Level::Debug, "a notification that nobody reads"),
        }
    }
}
