//! Timers: one for each reason to wait.

use std::{cell::RefCell, rc::Rc};

use gloo_timers::callback::Timeout;
use kandy_core::{Input, Table, effect::TimerId};

use super::Report;

/// The timers of one engine.
#[derive(Debug)]
pub struct Timers {
    report: Report,
    running: Rc<RefCell<Table<TimerId, Timeout>>>,
}

impl Timers {
    /// Reports to there.
    pub fn new(report: Report) -> Self {
        Self { report, running: Rc::default() }
    }

    /// Waits so many milliseconds in place of what this timer waited for before; `None` stops it.
    pub fn set(&self, timer: TimerId, after: Option<u64>) {
        let Some(after) = after else {
            self.running.borrow_mut().remove(&timer);
            return;
        };
        let (report, running, id) = (self.report.clone(), Rc::downgrade(&self.running), timer.clone());
        let timeout = Timeout::new(limited(after), move || {
            // Taken out before it is reported, so that the core may set the same timer again.
            let done = running.upgrade().and_then(|running| running.borrow_mut().remove(&id));
            report.tell(Input::Timer(id));
            drop(done);
        });
        self.running.borrow_mut().insert(timer, timeout);
    }
}

/// Browsers fire at once when they are asked to wait longer than 24 days. Coming back too early is harmless.
pub(crate) fn limited(milliseconds: u64) -> u32 {
    milliseconds.min(i32::MAX as u64) as u32
}
