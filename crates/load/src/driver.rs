//! One client: the engine, and hands without a browser. Takes an input, lets the engine handle it, carries out the effects. Where
//! there is a second engine for messages, it is driven by the same loop.

use std::{
    collections::{BTreeMap, VecDeque},
    net::Ipv4Addr,
    sync::Arc,
    time::Duration,
};

use kandy_core::{
    Answer, Client, Command, Effect, Event, Input, OpId, PeerId, Query, SocketId,
    effect::{HttpRequest, PeerAction, RenderAction, SocketAction},
    input::{PeerFact, SocketFact},
};
use kandy_people::AskId;
use tokio::{sync::mpsc, task::JoinSet, time::Instant};

use crate::{
    Failure,
    alarm::{Alarm, elapsed},
    board::{Board, Status, Step},
    clock::Clock,
    http,
    media::{Media, no_device},
    note::{Note, Noted},
    people::{self, Second},
    plan::Person,
    socket::{self, NO_CODE, Socket},
};

/// Inputs that may wait for one client; who has more to report waits itself.
pub(crate) const INBOX: usize = 64;

/// One driven client.
pub(crate) struct Driver {
    number: usize,
    client: Client,
    board: Arc<Board>,
    clock: Clock,
    /// For the tasks.
    inbox: mpsc::Sender<Input>,
    /// The engine that has the messages, if this client has any.
    people: Option<Second>,
    /// What is known while effects are carried out; it waits until all of them are.
    at_once: VecDeque<Turn>,
    timers: BTreeMap<Alarm, Instant>,
    sockets: BTreeMap<SocketId, Socket>,
    connections: reqwest::Client,
    /// Where they come from, where that can be chosen.
    source: Option<Ipv4Addr>,
    /// Microphone and peer connections, if this client has any.
    media: Option<Media>,
    /// Where the application is, if there is one.
    notes: Option<mpsc::Sender<Noted>>,
    /// Requests and sockets; they end with the driver.
    tasks: JoinSet<()>,
    status: Status,
    /// Why nobody is logged in any more.
    why: Option<String>,
}

/// What happens, and to which engine.
enum Turn {
    Client(Input),
    People(kandy_people::Input),
}

impl Driver {
    /// A client that does nothing yet, and the way to it.
    ///
    /// # Errors
    /// When its side of HTTP cannot be set up.
    pub(crate) fn new(
        number: usize,
        person: Person,
        board: Arc<Board>,
        clock: Clock,
        inbox: mpsc::Sender<Input>,
    ) -> Result<Self, Failure> {
        Ok(Self {
            number,
            client: Client::new(person.config, person.seed),
            board,
            clock,
            inbox,
            people: None,
            at_once: VecDeque::new(),
            timers: BTreeMap::new(),
            sockets: BTreeMap::new(),
            connections: http::connections_from(person.source)?,
            source: person.source,
            media: None,
            notes: None,
            tasks: JoinSet::new(),
            status: Status::Out,
            why: None,
        })
    }

    /// The same with a second engine.
    pub(crate) fn with(self, people: Second) -> Self {
        Self { people: Some(people), ..self }
    }

    /// The same with a microphone, and with peer connections that agree on what the other side's say.
    pub(crate) fn with_media(self, media: Media) -> Self {
        Self { media: Some(media), ..self }
    }

    /// The same with an application that hears what happens.
    pub(crate) fn with_notes(self, notes: mpsc::Sender<Noted>) -> Self {
        Self { notes: Some(notes), ..self }
    }

    /// Drives the client for ever: it ends with its task.
    pub(crate) async fn run(mut self, mut inputs: mpsc::Receiver<Input>) {
        for effect in self.client.start() {
            self.carry_out(effect);
        }
        loop {
            let turn = match self.at_once.pop_front() {
                Some(turn) => turn,
                None => self.next(&mut inputs).await,
            };
            match turn {
                Turn::Client(input) => self.feed(input),
                Turn::People(input) => self.feed_people(input),
            }
        }
    }

    async fn next(&mut self, inputs: &mut mpsc::Receiver<Input>) -> Turn {
        loop {
            let due = self.timers.iter().min_by_key(|(_, at)| **at).map(|(timer, at)| (timer.clone(), *at));
            tokio::select! {
                Some(input) = inputs.recv() => return Turn::Client(input),
                Some(input) = people::next(&mut self.people) => return Turn::People(input),
                alarm = elapsed(due) => {
                    self.timers.remove(&alarm);
                    return match alarm {
                        Alarm::Client(timer) => Turn::Client(Input::Timer(timer)),
                        Alarm::People(timer) => Turn::People(kandy_people::Input::Timer(timer)),
                    };
                }
                Some(_) = self.tasks.join_next() => {}
            }
        }
    }

    fn feed(&mut self, input: Input) {
        if let Input::Socket(id, fact) = &input
            && !self.hear(*id, fact)
        {
            return;
        }
        for effect in self.client.handle(self.clock.now(), input) {
            self.carry_out(effect);
        }
        self.note();
    }

    fn feed_people(&mut self, input: kandy_people::Input) {
        let Some(people) = &mut self.people else { return };
        for effect in people.handle(self.clock.now(), input) {
            match effect {
                kandy_people::Effect::Ask(id, request) => self.ask(id, &request),
                kandy_people::Effect::Timer(timer, after) => self.wait(Alarm::People(timer), after),
                // Was told already; there is no log.
                kandy_people::Effect::Emit { .. } | kandy_people::Effect::Log(..) => {}
            }
        }
    }

    /// A request of the second engine, to the address that the first one lends.
    fn ask(&mut self, id: AskId, request: &kandy_people::Request) {
        let Some(people) = &self.people else { return };
        let request = match people::whole(&self.client, self.clock.now(), request) {
            Ok(request) => request,
            Err(failure) => {
                return self.at_once.push_back(Turn::People(kandy_people::Input::Answer(id, Err(failure))));
            }
        };
        self.board.request();
        let (connections, inbox) = (self.connections.clone(), people.inbox.clone());
        self.tasks.spawn(async move {
            let result = http::ask(&connections, request).await;
            drop(inbox.send(kandy_people::Input::Answer(id, people::answer(result))).await);
        });
    }

    fn wait(&mut self, alarm: Alarm, after: Option<u64>) {
        match after {
            Some(milliseconds) => drop(self.timers.insert(alarm, Instant::now() + Duration::from_millis(milliseconds))),
            None => drop(self.timers.remove(&alarm)),
        }
    }

    /// What the second engine is told, if there is one.
    fn tell_people(&mut self, input: Option<kandy_people::Input>) {
        self.at_once.extend(input.filter(|_| self.people.is_some()).map(Turn::People));
    }

    /// A socket reports; false when it was closed from here, so that nothing of it is told any more.
    fn hear(&mut self, id: SocketId, fact: &SocketFact) -> bool {
        let Some(socket) = self.sockets.get_mut(&id) else { return false };
        match fact {
            SocketFact::Opened => {
                socket.is_open = true;
                self.board.step(Step::Socket, Some(socket.began.elapsed()));
            }
            SocketFact::Frame(text) => {
                if let Some(took) = socket.answered(text) {
                    self.board.step(Step::Check, Some(took));
                }
            }
            SocketFact::Stalled => {}
            SocketFact::Closed { .. } => {
                if !socket.is_open {
                    self.board.step(Step::Socket, None);
                }
                self.sockets.remove(&id);
            }
        }
        true
    }

    /// Tells the board when the client is in another state than before.
    fn note(&mut self) {
        let Answer::Connection(connection) = self.client.query(self.clock.now(), &Query::Connection) else { return };
        if connection.is_connected || connection.is_pending {
            self.why = None;
        }
        let status = match (connection.is_connected, connection.is_pending, &self.why) {
            (true, false, _) => Status::Connected,
            // A logout counts as connected until it is done; here it is on its way like a login.
            (_, true, _) => Status::Pending,
            (false, false, None) => Status::Out,
            (false, false, Some(_)) => Status::Ended,
        };
        if status != self.status {
            self.status = status;
            self.board.note(self.number, status, self.why.as_deref());
            self.tell(Note::Status(status, self.why.clone()));
        }
    }

    /// One that does not listen misses it: whoever waits for it there gives up in time.
    fn tell(&self, note: Note) {
        if let Some(notes) = &self.notes {
            drop(notes.try_send(Noted { client: self.number, at: Instant::now(), note }));
        }
    }

    /// No effect is left out: those without a meaning here are listed, so that a new one is noticed by the compiler.
    fn carry_out(&mut self, effect: Effect) {
        match effect {
            Effect::Http(op, request) => self.request(op, request),
            Effect::Socket(id, SocketAction::Open { url }) => self.open(id, url),
            Effect::Socket(id, SocketAction::Send(text)) => self.send(id, text),
            Effect::Socket(id, SocketAction::Probe) => self.probe(id),
            Effect::Socket(id, SocketAction::Close) => drop(self.sockets.remove(&id)),
            Effect::Timer(timer, after) => self.wait(Alarm::Client(timer), after),
            Effect::Tell(tell) => self.tell_people(people::told(&tell)),
            Effect::Emit(Event::NotificationReceived { payload, people: true }) => {
                self.tell_people(Some(kandy_people::Input::Notice(payload)));
            }
            Effect::Emit(Event::AuthChange(change)) => {
                self.why = change.reason.map(str::to_owned).or(self.why.take());
            }
            Effect::Emit(Event::AuthError { error, .. }) => self.why = Some(error.to_string()),
            // Only notifications that were pushed are packed (protocol §9.4), and nobody pushes here.
            Effect::Unpack(op, _) => self.answer(Input::Command(None, Command::Unpacked { op, text: None })),
            Effect::Emit(event) => {
                if let Some(note) = Note::of(event) {
                    self.tell(note);
                }
            }
            // Machines without devices: whoever asks is told so, as a browser would.
            Effect::ListDevices => self.answer(Input::Devices(Vec::new())),
            Effect::Acquire { op, video, .. } => {
                let acquired =
                    self.media.as_mut().map_or_else(|| Err(no_device()), |media| media.acquire(video.is_some()));
                self.answer(Input::Media(op, acquired));
            }
            Effect::Peer(peer, action) => self.peer(peer, &action),
            Effect::Render(RenderAction::Attach { track, selector, .. }) => {
                self.answer(Input::Rendered { track, selector, shown: false });
            }
            // There is no sound and no element.
            Effect::Render(RenderAction::Detach { .. }) | Effect::StopTracks(_) | Effect::EnableTrack { .. } => {}
            Effect::Log(..) => {}
        }
    }

    fn answer(&mut self, input: Input) {
        self.at_once.push_back(Turn::Client(input));
    }

    fn request(&mut self, op: OpId, request: HttpRequest) {
        self.board.request();
        let (connections, inbox, board) = (self.connections.clone(), self.inbox.clone(), Arc::clone(&self.board));
        self.tasks.spawn(async move {
            let (step, began) = (http::step(&request), Instant::now());
            let result = http::ask(&connections, request).await;
            let succeeded = result.as_ref().is_ok_and(|response| (200..300).contains(&response.status));
            board.step(step, succeeded.then(|| began.elapsed()));
            drop(inbox.send(Input::Http(op, result)).await);
        });
    }

    fn open(&mut self, id: SocketId, url: String) {
        self.board.socket();
        let (socket, line) = socket::socket(id, self.inbox.clone(), self.source);
        self.sockets.insert(id, socket);
        self.tasks.spawn(line.serve(url));
    }

    fn send(&mut self, id: SocketId, text: String) {
        let keeps_up = self.sockets.get_mut(&id).is_none_or(|socket| socket.send(text));
        if !keeps_up {
            self.answer(Input::Socket(id, SocketFact::Closed { code: NO_CODE }));
        }
    }

    fn probe(&mut self, id: SocketId) {
        if self.sockets.get(&id).is_some_and(Socket::is_stuck) {
            self.answer(Input::Socket(id, SocketFact::Stalled));
        }
    }

    /// Without media no peer connection comes about, and every operation that waits for an answer gets it.
    fn peer(&mut self, peer: PeerId, action: &PeerAction) {
        if let Some(media) = &mut self.media {
            let facts = media.act(&peer, action);
            facts.into_iter().for_each(|fact| self.answer(Input::Peer(peer.clone(), fact)));
            return;
        }
        let op = match action {
            PeerAction::Open { .. } | PeerAction::Close => return,
            PeerAction::Offer { op, .. }
            | PeerAction::Answer { op, .. }
            | PeerAction::ApplyRemote { op, .. }
            | PeerAction::Rollback { op }
            | PeerAction::SwapTrack { op, .. }
            | PeerAction::Tones { op, .. }
            | PeerAction::Stats { op, .. } => *op,
        };
        let (name, message) = ("NotSupportedError".to_owned(), "There is no browser here.".to_owned());
        self.answer(Input::Peer(peer, PeerFact::Failed { op, name, message }));
    }
}
