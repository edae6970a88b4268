//! Waiting for the candidates of a local description.

use std::{cell::RefCell, rc::Rc};

use futures_channel::oneshot;
use gloo_timers::{callback::Timeout, future::TimeoutFuture};
use wasm_bindgen::JsCast as _;

use super::{
    listen::Listener,
    rtc::{CandidateEvent, Connection},
    timers,
};

/// One gathering. Made before the description is set, so that no event is missed.
#[derive(Debug)]
pub(crate) struct Gathering {
    connection: Connection,
    done: oneshot::Receiver<()>,
    signal: Signal,
    _listeners: [Listener; 2],
}

impl Gathering {
    /// Begins to watch.
    pub(crate) fn watch(connection: &Connection) -> Self {
        let (signal, done) = Signal::new();
        let (last, state, now) = (signal.clone(), signal.clone(), connection.clone());
        let listeners = [
            Listener::new(connection, "icecandidate", move |event| {
                if event.unchecked_ref::<CandidateEvent>().candidate().is_null() {
                    last.fire();
                }
            }),
            Listener::new(connection, "icegatheringstatechange", move |_| {
                if now.gathering_state() == "complete" {
                    state.fire();
                }
            }),
        ];
        Self { connection: connection.clone(), done, signal, _listeners: listeners }
    }

    /// Returns when everything is gathered, or after so many milliseconds. The description has to be set.
    pub(crate) async fn finish(self, milliseconds: u64) {
        // A connection that had gathered before says so for a moment even if it begins anew: it is asked again (protocol §5.4).
        if self.connection.gathering_state() == "complete" {
            TimeoutFuture::new(SETTLE).await;
            if self.connection.gathering_state() == "complete" {
                return;
            }
        }
        let late = self.signal.clone();
        let _limit = Timeout::new(timers::limited(milliseconds), move || late.fire());
        // The sender cannot be gone: `signal` holds it.
        let _ = self.done.await;
    }
}

/// Can be given by several, counts once.
#[derive(Debug, Clone)]
pub(crate) struct Signal(Rc<RefCell<Option<oneshot::Sender<()>>>>);

impl Signal {
    /// A signal, and what waits for it.
    pub(crate) fn new() -> (Self, oneshot::Receiver<()>) {
        let (sender, done) = oneshot::channel();
        (Self(Rc::new(RefCell::new(Some(sender)))), done)
    }

    /// Gives it.
    pub(crate) fn fire(&self) {
        if let Some(sender) = self.0.borrow_mut().take() {
            // Nobody waits any more: that is fine.
            let _ = sender.send(());
        }
    }
}

/// Milliseconds (protocol §5.4).
const SETTLE: u32 = 25;
