//! WebSockets.

use std::{cell::RefCell, rc::Rc};

use kandy_core::{
    Input, SocketId, Table,
    effect::{Level, SocketAction},
    input::SocketFact,
};
use wasm_bindgen::JsCast as _;
use web_sys::{CloseEvent, MessageEvent, WebSocket};

use super::{Report, fault::Fault, listen::Listener};

/// The sockets of one engine.
#[derive(Debug)]
pub struct Sockets {
    report: Report,
    open: Rc<RefCell<Table<SocketId, Socket>>>,
}

impl Sockets {
    /// Reports to there.
    pub fn new(report: Report) -> Self {
        Self { report, open: Rc::default() }
    }

    /// Carries out one action.
    pub fn act(&self, id: SocketId, action: SocketAction) {
        match action {
            SocketAction::Open { url } => self.open(id, &url),
            SocketAction::Send(text) => self.send(id, &text),
            SocketAction::Probe => {
                let stalled = self.open.borrow().get(&id).is_some_and(|open| open.socket.buffered_amount() > 0);
                if stalled {
                    self.report.tell(Input::Socket(id, SocketFact::Stalled));
                }
            }
            SocketAction::Close => {
                let closed = self.open.borrow_mut().remove(&id);
                drop(closed);
            }
        }
    }

    fn open(&self, id: SocketId, url: &str) {
        let socket = match WebSocket::new(url) {
            Ok(socket) => socket,
            Err(thrown) => {
                // An address that is none, or one that this page may not use.
                self.report.log(Level::Error, &format!("the WebSocket cannot be opened: {}", Fault::of(&thrown).name));
                return self.report.tell(Input::Socket(id, SocketFact::Closed { code: NO_CODE }));
            }
        };
        let listeners = [self.on_open(id, &socket), self.on_message(id, &socket), self.on_close(id, &socket)];
        self.open.borrow_mut().insert(id, Socket { socket, _listeners: listeners });
    }

    fn send(&self, id: SocketId, text: &str) {
        let socket = self.open.borrow().get(&id).map(|open| open.socket.clone());
        if let Some(socket) = socket.filter(|socket| socket.ready_state() == WebSocket::OPEN) {
            // Throws only before the handshake is done.
            let _ = socket.send_with_str(text);
        }
    }

    fn on_open(&self, id: SocketId, socket: &WebSocket) -> Listener {
        let report = self.report.clone();
        Listener::new(socket, "open", move |_| report.tell(Input::Socket(id, SocketFact::Opened)))
    }

    fn on_message(&self, id: SocketId, socket: &WebSocket) -> Listener {
        let report = self.report.clone();
        Listener::new(socket, "message", move |event| {
            let data = event.unchecked_ref::<MessageEvent>().data();
            // Measured before it is copied. Binary frames have no meaning here.
            match data.dyn_ref::<js_sys::JsString>() {
                Some(text) if text.length() <= LARGEST => {
                    report.tell(Input::Socket(id, SocketFact::Frame(String::from(text))));
                }
                Some(_) => report.log(Level::Warn, "a frame of more than 1 MiB was dropped"),
                None => report.log(Level::Warn, "a binary frame was dropped"),
            }
        })
    }

    fn on_close(&self, id: SocketId, socket: &WebSocket) -> Listener {
        let (report, open) = (self.report.clone(), Rc::downgrade(&self.open));
        Listener::new(socket, "close", move |event| {
            let code = event.unchecked_ref::<CloseEvent>().code();
            let done = open.upgrade().and_then(|open| open.borrow_mut().remove(&id));
            report.tell(Input::Socket(id, SocketFact::Closed { code }));
            drop(done);
        })
    }
}

#[derive(Debug)]
struct Socket {
    socket: WebSocket,
    _listeners: [Listener; 3],
}

impl Drop for Socket {
    fn drop(&mut self) {
        // Without a code it cannot throw.
        let _ = self.socket.close();
    }
}

/// The code of a socket that ended without one (RFC 6455 7.1.5).
const NO_CODE: u16 = 1006;

/// UTF-16 units of a text frame; the largest documented ones are a few kilobytes.
const LARGEST: u32 = 1 << 20;
