//! The peer connections of one engine: which there are, and that the operations of each come one after the other.

use std::{cell::RefCell, collections::VecDeque, rc::Rc};

use kandy_core::{Input, OpId, PeerId, Table, effect::PeerAction, input::PeerFact};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;

use super::{
    Report,
    fault::Fault,
    peer::{Operation, Peer},
    task::Task,
    tracks::Tracks,
};

/// The peer connections of one engine.
#[derive(Debug)]
pub struct Peers {
    report: Report,
    tracks: Rc<Tracks>,
    /// Statistics that the core has been told of, until the application is.
    reports: Rc<RefCell<Table<OpId, JsValue>>>,
    open: RefCell<Table<PeerId, Line>>,
}

/// One connection and what waits for it.
#[derive(Debug)]
struct Line {
    /// An error in place of a connection that the browser did not make: every operation ends with it.
    peer: Result<Rc<Peer>, Fault>,
    waiting: Waiting,
    /// Runs while something waits.
    worker: Option<Task>,
    /// Plays tones.
    tones: Option<Task>,
}

impl Peers {
    /// Reports to there; lines name tracks of the table.
    pub fn new(report: Report, tracks: Rc<Tracks>) -> Self {
        Self { report, tracks, reports: Rc::default(), open: RefCell::default() }
    }

    /// Carries out one action, after those of the same connection that came before. Without such a connection nothing happens.
    pub fn act(&self, id: PeerId, action: PeerAction) {
        match action {
            PeerAction::Open { ice_servers } => {
                let peer = Peer::open(id.clone(), &ice_servers, self.report.clone(), self.tracks.clone());
                let line = Line { peer: peer.map(Rc::new), waiting: Rc::default(), worker: None, tones: None };
                let before = self.open.borrow_mut().insert(id, line);
                drop(before);
            }
            PeerAction::Close => {
                let closed = self.open.borrow_mut().remove(&id);
                drop(closed);
            }
            PeerAction::Offer { op, lines, ice_restart, gather } => {
                self.operate(&id, op, Operation::Offer { lines, ice_restart, gather });
            }
            PeerAction::Answer { op, lines, gather } => self.operate(&id, op, Operation::Answer { lines, gather }),
            PeerAction::ApplyRemote { op, kind, sdp } => self.operate(&id, op, Operation::Apply { kind, sdp }),
            PeerAction::Rollback { op } => self.operate(&id, op, Operation::Rollback),
            PeerAction::SwapTrack { op, old, new } => self.operate(&id, op, Operation::Swap { old, new }),
            PeerAction::Tones { op, tones, duration, gap } => {
                if let Some((peer, line)) = self.peer(&id, op).zip(self.open.borrow_mut().get_mut(&id)) {
                    let report = self.report.clone();
                    line.tones = Some(Task::spawn(async move {
                        let played = peer.tones(&tones, duration, gap).await;
                        report.tell(Input::Peer(id, done(op, played)));
                    }));
                }
            }
            PeerAction::Stats { op, track } => {
                let Some(peer) = self.peer(&id, op) else { return };
                let (report, reports) = (self.report.clone(), self.reports.clone());
                // Not cut off when the connection is closed: browsers answer then, too, and so the application is.
                spawn_local(async move {
                    let found = peer.stats(track).await.map(|stats| drop(reports.borrow_mut().insert(op, stats)));
                    report.tell(Input::Peer(id, done(op, found)));
                });
            }
        }
    }

    /// The state of a connection, as the browser names it; `closed` if there is none.
    pub fn signaling_state(&self, id: &PeerId) -> String {
        let open = self.open.borrow();
        let peer = open.get(id).and_then(|line| line.peer.as_ref().ok());
        peer.map_or_else(|| "closed".to_owned(), |peer| peer.signaling_state())
    }

    /// The report of `PeerAction::Stats`, once.
    pub fn take_report(&self, op: OpId) -> Option<JsValue> {
        self.reports.borrow_mut().remove(&op)
    }

    /// The connection, if there is one; if the browser made none, the operation ends with its error.
    fn peer(&self, id: &PeerId, op: OpId) -> Option<Rc<Peer>> {
        let found = self.open.borrow().get(id).map(|line| line.peer.clone())?;
        found.map_err(|fault| self.report.tell(Input::Peer(id.clone(), failed(op, fault)))).ok()
    }

    fn operate(&self, id: &PeerId, op: OpId, operation: Operation) {
        let mut open = self.open.borrow_mut();
        let Some(line) = open.get_mut(id) else { return };
        let waiting = line.waiting.borrow().len();
        let peer = match &line.peer {
            Ok(peer) if waiting < MOST_WAITING => peer.clone(),
            other => {
                let full = || Fault::new("OperationError", "Too many operations wait for this connection.");
                let fault = other.as_ref().err().cloned().unwrap_or_else(full);
                drop(open);
                return self.report.tell(Input::Peer(id.clone(), failed(op, fault)));
            }
        };
        line.waiting.borrow_mut().push_back((op, operation));
        if waiting == 0 {
            line.worker = Some(worker(id.clone(), self.report.clone(), peer, line.waiting.clone()));
        }
    }
}

/// Closing takes effect at once, also for an operation that waits for the browser.
impl Drop for Line {
    fn drop(&mut self) {
        self.waiting.borrow_mut().clear();
        (self.worker, self.tones) = (None, None);
        if let Ok(peer) = &self.peer {
            peer.close();
        }
    }
}

/// Carries out what waits, in order. An operation leaves the queue after it was reported: while a worker runs, and only then,
/// something is in it.
fn worker(id: PeerId, report: Report, peer: Rc<Peer>, waiting: Waiting) -> Task {
    Task::spawn(async move {
        loop {
            let next = waiting.borrow().front().cloned();
            let Some((op, operation)) = next else { break };
            let fact = peer.carry_out(op, &operation).await.unwrap_or_else(|fault| failed(op, fault));
            report.tell(Input::Peer(id.clone(), fact));
            waiting.borrow_mut().pop_front();
        }
    })
}

fn done(op: OpId, result: Result<(), Fault>) -> PeerFact {
    result.map_or_else(|fault| failed(op, fault), |()| PeerFact::Done { op })
}

fn failed(op: OpId, fault: Fault) -> PeerFact {
    PeerFact::Failed { op, name: fault.name, message: fault.message }
}

type Waiting = Rc<RefCell<VecDeque<(OpId, Operation)>>>;

/// Operations of one connection; the core asks for one at a time.
const MOST_WAITING: usize = 32;
