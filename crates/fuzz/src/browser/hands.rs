//! What becomes of an effect, and what no effect may be.

use kandy_core::{
    Answer, Command, Effect, Event, Input, Now, Query,
    effect::{HttpRequest, RenderAction, SocketAction},
    people::{Address, Place},
};
use kandy_people::{Failure, To};
use kandy_wire::{encode, parse};

use super::page::{Alarm, Asked, PASSWORD, Page, Turn};

/// Where everything that shows who we are has to go, and nowhere else.
const SERVER: &str = "https://server.test:443/";
const CHANNEL: &str = "wss://server.test:443/";
/// Longest log line in bytes.
const LONGEST_LINE: usize = 2_000;

impl Page {
    /// No effect is left out, so that a new one is noticed by the compiler.
    pub(super) fn carry_out(&mut self, effect: Effect) {
        match effect {
            Effect::Http(op, request) => self.request(op, request),
            Effect::Unpack(op, packed) => {
                // Any text at all can come of it.
                self.at_once(Input::Command(
                    None,
                    Command::Unpacked { op, text: Some(packed).filter(|text| text.len() > 1) },
                ));
            }
            Effect::Socket(id, SocketAction::Open { url }) => {
                assert!(url.starts_with(CHANNEL), "a socket to somebody else: {url}");
                self.socket = Some(id);
            }
            Effect::Socket(id, SocketAction::Close) => drop(self.socket.take_if(|socket| *socket == id)),
            Effect::Socket(_, SocketAction::Send(text)) => {
                assert!(parse(&text).is_ok(), "a frame that is no JSON: {text}")
            }
            Effect::Socket(_, SocketAction::Probe) => {}
            Effect::Acquire { op, audio, video } => {
                let tracks = self.media.acquire(audio.is_some(), video.is_some());
                self.at_once(Input::Media(op, Ok(tracks)));
            }
            Effect::Peer(peer, action) => {
                if let Some(fact) = self.media.peer(&peer, action) {
                    self.at_once(Input::Peer(peer, fact));
                }
            }
            Effect::Render(RenderAction::Attach { track, selector, .. }) => {
                self.at_once(Input::Rendered { track, selector, shown: true });
            }
            Effect::Render(RenderAction::Detach { .. }) | Effect::StopTracks(_) | Effect::EnableTrack { .. } => {}
            Effect::ListDevices => self.at_once(Input::Devices(self.media.devices())),
            Effect::Timer(timer, after) => self.alarm(Alarm::Client(timer), after),
            Effect::Emit(event) => self.event(&event),
            Effect::Tell(tell) => {
                let text = encode(&tell);
                match kandy_people::Input::from_json(&text) {
                    Ok(input) => self.turns.push_back(Turn::People(input)),
                    Err(why) => panic!("the people engine cannot read what it is told: {why}: {text}"),
                }
            }
            Effect::Log(_, line) => log_line(&line),
        }
    }

    pub(super) fn carry_out_people(&mut self, effect: kandy_people::Effect) {
        match effect {
            kandy_people::Effect::Ask(ask, request) => {
                let failure = self.lend(&request).err();
                match failure {
                    None => self.asks_for_people(ask),
                    Some(failure) => self.turns.push_back(Turn::People(kandy_people::Input::Answer(ask, Err(failure)))),
                }
            }
            kandy_people::Effect::Emit { event, payload } => {
                discreet(&encode(&payload));
                assert!(!event.is_empty(), "an event without a name");
                self.heard.learn(&payload);
            }
            kandy_people::Effect::Timer(timer, after) => self.alarm(Alarm::People(timer), after),
            kandy_people::Effect::Log(_, line) => log_line(&line),
        }
    }

    fn at_once(&mut self, input: Input) {
        self.turns.push_back(Turn::Client(input));
    }

    fn request(&mut self, op: kandy_core::OpId, request: HttpRequest) {
        assert!(request.url.starts_with(SERVER), "a request to somebody else: {}", request.url);
        let body = request.body.as_deref().map(parse);
        assert!(body.is_none_or(|body| body.is_ok()), "a body that is no JSON: {request:?}");
        assert!((1..=120_000).contains(&request.timeout), "a request without an end: {request:?}");
        self.asks(Asked::Client(op), request.timeout);
        self.last = Some(request);
    }

    /// Where a request of the people engine goes to.
    fn lend(&self, request: &kandy_people::Request) -> Result<(), Failure> {
        let place = match request.to {
            To::User => Place::User,
            To::Configured => Place::Configured,
            To::Service => Place::Service,
            To::Server => Place::Server,
            To::Url => Place::Url,
        };
        let path = [request.path.as_str(), "?", &request.query_text()].concat();
        let Answer::Address(Address { url, headers }) =
            self.client.query(Now(self.now), &Query::Address { place, path })
        else {
            let (name, message) = (Failure::NOT_CONNECTED.to_owned(), "Nobody is logged in.".to_owned());
            return Err(Failure { name, message });
        };
        let ours = url.starts_with(SERVER) || url.starts_with("https://server.test/");
        assert!(ours || (place == Place::Url && headers.is_empty()), "a request to somebody else: {url}");
        assert!(
            request.body.as_deref().map(parse).is_none_or(|body| body.is_ok()),
            "a body that is no JSON: {request:?}"
        );
        Ok(())
    }

    fn event(&mut self, event: &Event) {
        let text = encode(event);
        discreet(&text);
        self.heard.learn(&parse(&text).unwrap_or_default());
        if let Event::NotificationReceived { payload, people: true } = event {
            self.turns.push_back(Turn::People(kandy_people::Input::Notice(payload.clone())));
        }
    }
}

/// Everything can be written as JSON, and nothing of it is a password.
fn discreet(text: &str) {
    assert!(!text.is_empty(), "something that cannot be written as JSON");
    assert!(!text.contains(PASSWORD), "a password is told: {text}");
}

fn log_line(line: &str) {
    discreet(line);
    assert!(line.len() <= LONGEST_LINE, "a log line of {} bytes", line.len());
}
