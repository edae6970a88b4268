//! Timers: one for each reason to wait.

use std::{cell::RefCell, rc::Rc};

use gloo_timers::callback::Timeout;
use kandy_core::{Input, Table, effect::TimerId};

use super::Report;

/// What is told that a time is over.
pub trait Alarm: Clone + 'static {
    /// What it calls its timers.
    type Id: Clone + PartialEq + 'static;
    /// The time of this one is over.
    fn ring(&self, timer: Self::Id);
}

impl Alarm for Report {
    type Id = TimerId;

    fn ring(&self, timer: TimerId) {
        self.tell(Input::Timer(timer));
    }
}

/// The timers of one engine.
pub struct Timers<A: Alarm> {
    alarm: A,
    running: Rc<RefCell<Table<A::Id, Timeout>>>,
}

impl<A: Alarm> std::fmt::Debug for Timers<A> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Timers")
    }
}

impl<A: Alarm> Timers<A> {
    /// Reports to there.
    pub fn new(alarm: A) -> Self {
        Self { alarm, running: Rc::default() }
    }

    /// Waits so many milliseconds in place of what this timer waited for before; `None` stops it.
    pub fn set(&self, timer: A::Id, after: Option<u64>) {
        let Some(after) = after else {
            self.running.borrow_mut().remove(&timer);
            return;
        };
        let (alarm, running, id) = (self.alarm.clone(), Rc::downgrade(&self.running), timer.clone());
        let timeout = Timeout::new(limited(after), move || {
            // Taken out before it is reported, so that the core may set the same timer again.
            let done = running.upgrade().and_then(|running| running.borrow_mut().remove(&id));
            alarm.ring(id);
            drop(done);
        });
        self.running.borrow_mut().insert(timer, timeout);
    }
}

/// Browsers fire at once when they are asked to wait longer than 24 days. Coming back too early is harmless.
pub(crate) fn limited(milliseconds: u64) -> u32 {
    milliseconds.min(i32::MAX as u64) as u32
}
