//! Timers: one for each reason to wait.

use std::{cell::RefCell, rc::Rc};

use gloo_timers::callback::Timeout;
use kandy_core::Table;

/// The timers of one engine, by what it calls them.
pub struct Timers<Id> {
    report: Rc<dyn Fn(Id)>,
    running: Rc<RefCell<Table<Id, Timeout>>>,
}

impl<Id> std::fmt::Debug for Timers<Id> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Timers")
    }
}

impl<Id: PartialEq + Clone + 'static> Timers<Id> {
    /// Reports to there.
    pub fn new(report: impl Fn(Id) + 'static) -> Self {
        Self { report: Rc::new(report), running: Rc::default() }
    }

    /// Waits so many milliseconds in place of what this timer waited for before; `None` stops it.
    pub fn set(&self, timer: Id, after: Option<u64>) {
        let Some(after) = after else {
            self.running.borrow_mut().remove(&timer);
            return;
        };
        let (report, running, id) = (self.report.clone(), Rc::downgrade(&self.running), timer.clone());
        let timeout = Timeout::new(limited(after), move || {
            // Taken out before it is reported, so that the core may set the same timer again.
            let done = running.upgrade().and_then(|running| running.borrow_mut().remove(&id));
            report(id);
            drop(done);
        });
        self.running.borrow_mut().insert(timer, timeout);
    }
}

/// Browsers fire at once when they are asked to wait longer than 24 days. Coming back too early is harmless.
pub(crate) fn limited(milliseconds: u64) -> u32 {
    milliseconds.min(i32::MAX as u64) as u32
}
