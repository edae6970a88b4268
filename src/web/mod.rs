//! The hands: one file for each thing that a browser can do. Everything that they hold is owned by a struct and given back when
//! that is dropped: listeners, timers, connections, tracks, elements.
//!
//! | module | effect | input |
//! | --- | --- | --- |
//! | `http` | `Http` | `Http` |
//! | `socket` | `Socket` | `Socket` |
//! | `timers` | `Timer` | `Timer` |
//! | `devices` | `Acquire`, `ListDevices` | `Media`, `Devices` |
//! | `tracks` | `StopTracks`, `EnableTrack` | `Track` |
//! | `peers`, `peer`, `gather`, `rtc` | `Peer` | `Peer` |
//! | `render` | `Render` | `Rendered` |
//! | `page` | | `Page` |
//! | `task`, `listen`, `fault` | what they share: work, listeners, errors | |

pub mod devices;
pub(crate) mod fault;
pub(crate) mod gather;
pub mod http;
pub(crate) mod listen;
pub(crate) mod page;
pub(crate) mod peer;
pub mod peers;
pub mod render;
pub(crate) mod rtc;
pub mod socket;
pub(crate) mod task;
pub mod timers;
pub mod tracks;

use std::rc::Rc;

use js_sys::Function;
use kandy_core::{Effect, Input, OpId, effect::Level};
use wasm_bindgen::JsValue;

use devices::Devices;
use http::Http;
use page::Page;
use peers::Peers;
use render::Renderings;
use socket::Sockets;
use timers::Timers;
use tracks::Tracks;

/// Where the hands tell what happened.
#[derive(Clone)]
pub struct Report {
    fact: Rc<dyn Fn(Input)>,
    line: Rc<Log>,
    /// The application's SDP handlers.
    pub(crate) edit_sdp: Option<Function>,
}

type Log = dyn Fn(Level, &str);

impl Report {
    /// Facts go to the first, log lines to the second.
    pub fn new(fact: impl Fn(Input) + 'static, line: impl Fn(Level, &str) + 'static) -> Self {
        Self { fact: Rc::new(fact), line: Rc::new(line), edit_sdp: None }
    }

    /// Descriptions pass these handlers before they are set.
    pub fn with_handlers(self, edit_sdp: Option<Function>) -> Self {
        Self { edit_sdp, ..self }
    }

    /// Tells what happened.
    pub fn tell(&self, input: Input) {
        (self.fact)(input);
    }

    /// Writes a line to the application's log.
    pub fn log(&self, level: Level, line: &str) {
        (self.line)(level, line);
    }
}

impl std::fmt::Debug for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Report")
    }
}

/// All hands of one engine. They are dropped in the order in which they stand here: who uses tracks before the tracks.
#[derive(Debug)]
pub struct Hands {
    _page: Page,
    timers: Timers<Report>,
    http: Http,
    sockets: Sockets,
    peers: Peers,
    renderings: Renderings,
    devices: Devices,
    tracks: Rc<Tracks>,
}

impl Hands {
    /// Hands that report there.
    pub fn new(report: Report) -> Self {
        let tracks = Rc::new(Tracks::new(report.clone()));
        Self {
            _page: Page::new(report.clone()),
            timers: Timers::new(report.clone()),
            http: Http::new(report.clone()),
            sockets: Sockets::new(report.clone()),
            peers: Peers::new(report.clone(), tracks.clone()),
            renderings: Renderings::new(report.clone(), tracks.clone()),
            devices: Devices::new(report, tracks.clone()),
            tracks,
        }
    }

    /// The statistics that an event is about, once.
    pub fn take_report(&self, op: OpId) -> Option<JsValue> {
        self.peers.take_report(op)
    }

    /// Carries out one effect; those for the application are the driver's.
    pub fn carry_out(&self, effect: Effect) {
        match effect {
            Effect::Http(op, request) => self.http.send(op, request, None),
            Effect::Socket(socket, action) => self.sockets.act(socket, action),
            Effect::Acquire { op, audio, video } => self.devices.acquire(op, audio.as_ref(), video.as_ref()),
            Effect::StopTracks(tracks) => self.tracks.stop(&tracks),
            Effect::EnableTrack { track, enabled } => self.tracks.enable(&track, enabled),
            Effect::Peer(peer, action) => self.peers.act(peer, action),
            Effect::Render(action) => self.renderings.act(action),
            Effect::ListDevices => self.devices.list(),
            Effect::Timer(timer, after) => self.timers.set(timer, after),
            Effect::Emit(_) | Effect::Tell(_) | Effect::Unpack(..) | Effect::Log(..) => {}
        }
    }
}
