//! One client: which machine an input belongs to, and nothing else.

use crate::{
    Answer, Command, Config, Effect, Effects, Error, Event, Input, Now, Query,
    call::{self, Calls, Fact, Tones, TransferKind, Want},
    effect::{Level, TimerId},
    error::Code,
    ids::Ids,
    input::{PageFact, PeerFact, TrackFact},
    link::{self, Link, Meaning},
    media::Media,
    promises::Promises,
    signal::Reply,
};

/// Everything that one `create()` of the application made.
#[derive(Debug)]
pub struct Client {
    config: Config,
    ids: Ids,
    link: Link,
    calls: Calls,
    media: Media,
    promises: Promises,
}

impl Client {
    /// A client that is not connected. `seed` should be random: names of incoming calls follow from it.
    pub fn new(config: Config, seed: u64) -> Self {
        Self {
            config,
            ids: Ids::new(seed),
            link: Link::default(),
            calls: Calls::default(),
            media: Media::default(),
            promises: Promises::default(),
        }
    }

    /// What is to be done before the first input: the devices are listed.
    pub fn start(&mut self) -> Vec<Effect> {
        vec![Effect::ListDevices]
    }

    /// Takes one input and returns what is to be done, in order.
    pub fn handle(&mut self, now: Now, input: Input) -> Vec<Effect> {
        let refused = match &input {
            Input::Command(op, command) if !self.promises.note(*op, command) => *op,
            Input::Garbled(op, _) => *op,
            _ => None,
        };
        if let Some(op) = refused {
            let why = "The command cannot be read, or too many wait for their end.";
            let error = Some(Error::new(Code::Busy, why));
            return vec![Effect::Emit(Event::Settle { op, told: false, error })];
        }
        let mut out = Effects::new();
        let logged_in = self.link.is_in();
        match input {
            Input::Command(_, command) => self.command(now, command, &mut out),
            Input::Garbled(_, why) => out.log(Level::Error, format!("a command that cannot be read: {why}")),
            Input::Http(op, result) => {
                self.with_link(now, &mut out, |link, cx| link.http(op, result, cx));
            }
            Input::Socket(socket, fact) => {
                self.with_link(now, &mut out, |link, cx| link.socket(socket, fact, cx));
            }
            Input::Media(op, result) => {
                let granted = result.is_ok();
                self.with_calls(now, &mut out, |calls, cx| calls.media(op, result, cx));
                // Names of devices are hidden until the page may use one of them (api-behaviour 8.1).
                if granted && self.media.unnamed() {
                    out.push(Effect::ListDevices);
                }
            }
            Input::Peer(peer, fact) => {
                let fact = match fact {
                    PeerFact::Made { op, sdp } => Fact::Made(op, sdp),
                    PeerFact::Applied { op, lines } => Fact::Applied(op, lines),
                    PeerFact::Failed { op, name, message } => Fact::PeerFailed(op, format!("{name}: {message}")),
                    PeerFact::Connection(state) => Fact::Connection(state),
                    PeerFact::Done { op } => Fact::Done(op),
                };
                self.with_calls(now, &mut out, |calls, cx| calls.peer(&peer, fact, cx));
            }
            Input::Track(track, TrackFact::Ended) => {
                if let Some((call, _)) = self.media.owner(&track) {
                    self.with_calls(now, &mut out, |calls, cx| calls.fact(&call, Fact::TrackLost(track), cx));
                }
            }
            Input::Track(track, fact) => self.media.fact(&track, fact),
            Input::Devices(devices) => self.media.list(devices, &mut out),
            Input::Rendered { track, selector, shown } => self.media.rendered(&track, selector, shown, &mut out),
            Input::Timer(timer) => self.timer(now, timer, &mut out),
            Input::Page(fact) => {
                if matches!(fact, PageFact::Left | PageFact::Kept) {
                    self.with_calls(now, &mut out, |calls, cx| calls.end_all(cx));
                }
                self.with_link(now, &mut out, |link, cx| link.page(fact, cx));
            }
        }
        while let Some(meaning) = self.link.take_meaning() {
            self.mean(now, meaning, &mut out);
        }
        if logged_in && !self.link.is_in() {
            let calls_can_be_ended = self.link.awaits_calls();
            self.with_calls(
                now,
                &mut out,
                |calls, cx| if calls_can_be_ended { calls.end_all(cx) } else { calls.desert(cx) },
            );
        }
        self.refuse_unsent(now, &mut out);
        if self.link.awaits_calls() && self.calls.all_over() {
            self.with_link(now, &mut out, |link, cx| link.disconnect(cx));
        }
        self.link.tell_standing(now, &self.config.connectivity, &mut out);
        let mut effects = out.into_vec();
        let state = self.link.state(now, &self.config.connectivity);
        let Self { promises, calls, .. } = self;
        promises.settle(&state, &|id| calls.is_past(id), &mut effects);
        effects
    }

    /// Answers a question; changes nothing. What was true a while ago may not be any more, so the time counts.
    pub fn query(&self, now: Now, query: &Query) -> Answer {
        let rules = &self.config.connectivity;
        let found = match query {
            Query::Connection => Some(Answer::Connection(Box::new(self.link.connection(now, rules)))),
            Query::Services => Some(Answer::Services(self.link.services())),
            Query::UserInfo => Some(Answer::UserInfo(self.link.user_info())),
            Query::SocketState { platform } => {
                self.link.socket_state(platform, now, rules).map(|s| Answer::SocketState(Box::new(s)))
            }
            Query::Call { call_id } => self.calls.object(call_id).map(|c| Answer::Call(Box::new(c))),
            Query::Calls => Some(Answer::Calls(self.calls.objects())),
            Query::Devices => Some(Answer::Devices(self.media.devices())),
            Query::Media { media_id } => self.media.stream(media_id).map(Answer::Media),
            Query::Address { place, path } => self.link.address(*place, path).map(Answer::Address),
            Query::Track { track_id } => self.media.track(track_id).map(|t| Answer::Track(Box::new(t))),
        };
        found.unwrap_or(Answer::Nothing)
    }

    fn command(&mut self, now: Now, command: Command, out: &mut Effects) {
        match command {
            Command::Connect { credentials } => self.with_link(now, out, |link, cx| link.connect(credentials, cx)),
            Command::Disconnect => self.with_link(now, out, |link, cx| link.begin_disconnect(cx)),
            Command::UpdateToken { credentials } => {
                self.with_link(now, out, |link, cx| link.update_token(credentials, cx))
            }
            Command::UpdateConnection { services } => {
                self.with_link(now, out, |link, cx| link.update_services(services, cx));
            }
            Command::EnableChecks { enable } => self.with_link(now, out, |link, cx| link.enable_checks(enable, cx)),
            Command::Process { notification, channel } => {
                self.with_link(now, out, |link, cx| link.process(notification, &channel, cx));
            }
            Command::RegisterPush { device } => self.with_link(now, out, |link, cx| link.register_push(device, cx)),
            Command::DeregisterPush => self.with_link(now, out, |link, cx| link.deregister_push(cx)),
            Command::EnableWebsocket { enable } => {
                self.with_link(now, out, |link, cx| link.enable_websocket(enable, cx));
            }
            Command::Configure { config } => self.config = *config,
            Command::Unpacked { op, text } => self.with_link(now, out, |link, cx| link.unpacked(op, text, cx)),
            Command::Make { call_id, destination, media, options } => {
                self.with_calls(now, out, |calls, cx| calls.make(call_id, &destination, media, options, cx));
            }
            Command::Answer { call_id, media, options } => {
                self.with_calls(now, out, |calls, cx| calls.want(&call_id, Want::Answer { media, options }, cx));
            }
            Command::Reject { call_id } => {
                self.with_calls(now, out, |calls, cx| calls.want(&call_id, Want::Reject, cx))
            }
            Command::Ignore { call_id } => {
                self.with_calls(now, out, |calls, cx| calls.want(&call_id, Want::Ignore, cx))
            }
            Command::Hold { call_id } => self.with_calls(now, out, |calls, cx| calls.want(&call_id, Want::Hold, cx)),
            Command::Unhold { call_id } => {
                self.with_calls(now, out, |calls, cx| calls.want(&call_id, Want::Unhold, cx))
            }
            Command::AddMedia { call_id, media, options } => {
                self.with_calls(now, out, |calls, cx| calls.want(&call_id, Want::AddMedia { media, options }, cx));
            }
            Command::RemoveMedia { call_id, tracks, options } => {
                self.with_calls(now, out, |calls, cx| calls.want(&call_id, Want::RemoveMedia { tracks, options }, cx));
            }
            Command::ReplaceTrack { call_id, track_id: track, media } => {
                self.with_calls(now, out, |calls, cx| calls.want(&call_id, Want::ReplaceTrack { track, media }, cx));
            }
            Command::SendDtmf { call_id, tones, duration, gap } => {
                self.with_calls(now, out, |calls, cx| calls.tones(&call_id, Tones { tones, duration, gap }, cx));
            }
            Command::GetStats { call_id, track_id } => {
                self.with_calls(now, out, |calls, cx| calls.stats(call_id, track_id, cx));
            }
            Command::Forward { call_id, destination } => {
                self.with_calls(now, out, |calls, cx| calls.hand_on(&call_id, &destination, true, cx));
            }
            Command::DirectTransfer { call_id, destination } => {
                self.with_calls(now, out, |calls, cx| calls.hand_on(&call_id, &destination, false, cx));
            }
            Command::ConsultativeTransfer { call_id, other } => {
                let kind = TransferKind::Consultative;
                self.with_calls(now, out, |calls, cx| calls.couple(kind, (call_id, other), cx));
            }
            Command::Join { call_id, other } => {
                self.with_calls(now, out, |calls, cx| calls.couple(TransferKind::Join, (call_id, other), cx));
            }
            Command::End { call_id } => self.with_calls(now, out, |calls, cx| calls.want(&call_id, Want::End, cx)),
            Command::RenderTracks { track_ids, css_selector, options } => {
                self.media.render(&track_ids, &css_selector, options.speaker_id.as_deref(), out);
            }
            Command::RemoveTracks { track_ids, css_selector } => self.media.unrender(&track_ids, &css_selector, out),
            Command::MuteTracks { track_ids } => self.media.mute(track_ids, true, out),
            Command::UnmuteTracks { track_ids } => self.media.mute(track_ids, false, out),
        }
    }

    fn timer(&mut self, now: Now, timer: TimerId, out: &mut Effects) {
        match timer {
            TimerId::Ping
            | TimerId::Pong
            | TimerId::SocketOpening
            | TimerId::Reconnect
            | TimerId::Extend
            | TimerId::Refresh => self.with_link(now, out, |link, cx| link.due(&timer, cx)),
            TimerId::Devices => self.media.tell_devices(out),
            TimerId::Audit(call) => self.with_calls(now, out, |calls, cx| calls.fact(&call, Fact::AuditDue, cx)),
            TimerId::Exchange(call) => self.with_calls(now, out, |calls, cx| calls.fact(&call, Fact::ExchangeDue, cx)),
            TimerId::Retry(call) => self.with_calls(now, out, |calls, cx| calls.fact(&call, Fact::RetryDue, cx)),
            TimerId::Restart(call) => self.with_calls(now, out, |calls, cx| calls.fact(&call, Fact::RestartDue, cx)),
            TimerId::Cancel(call) => self.with_calls(now, out, |calls, cx| calls.fact(&call, Fact::CancelDue, cx)),
        }
    }

    fn mean(&mut self, now: Now, meaning: Meaning, out: &mut Effects) {
        match meaning {
            Meaning::Reply(op, reply) => self.with_calls(now, out, |calls, cx| calls.reply(op, &reply, cx)),
            Meaning::Told(session, parties, told) => {
                self.with_calls(now, out, |calls, cx| calls.told(session, parties, told, cx));
            }
            Meaning::Missed => self.with_calls(now, out, |calls, cx| calls.audit(cx)),
        }
    }

    /// Signals that could not be sent because nobody is logged in are refused, so that no operation waits for ever.
    fn refuse_unsent(&mut self, now: Now, out: &mut Effects) {
        while let Some(op) = self.link.take_unsent() {
            let error = Error::new(Code::NoCode, "Not connected: the server could not be told.");
            self.with_calls(now, out, |calls, cx| calls.reply(op, &Reply::Refused { error, gone: false }, cx));
        }
    }

    fn with_link<T>(
        &mut self,
        now: Now,
        out: &mut Effects,
        act: impl FnOnce(&mut Link, &mut link::Context<'_>) -> T,
    ) -> T {
        let Self { config, ids, link, .. } = self;
        act(link, &mut link::Context { now, ids, config, out })
    }

    fn with_calls(&mut self, now: Now, out: &mut Effects, act: impl FnOnce(&mut Calls, &mut call::Context<'_>)) {
        let Self { config, ids, link, calls, media, .. } = self;
        act(calls, &mut call::Context { now, ids, config, signalling: link, media, out });
    }
}
