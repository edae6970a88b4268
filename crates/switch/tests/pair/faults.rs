//! What happens to a page and its network: silence, sleep, being offline.

use kandy_core::{Input, Now, Query, input::PageFact, query::Answer};

use crate::world::World;

/// What a network swallows without a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Swallowed {
    /// What the page sends.
    Sent,
    /// What the page is sent.
    Received,
    Both,
}

impl World {
    /// From now on a page's network swallows something; `None` heals it. Nobody is told, no socket closes.
    pub(crate) fn swallow(&mut self, page: usize, what: Option<Swallowed>) {
        match what {
            Some(what) => drop(self.swallowed.insert(page, what)),
            None => drop(self.swallowed.remove(&page)),
        }
    }

    pub(crate) fn swallows(&self, page: usize, sent: bool) -> bool {
        match self.swallowed.get(&page) {
            Some(Swallowed::Both) => true,
            Some(Swallowed::Sent) => sent,
            Some(Swallowed::Received) => !sent,
            None => false,
        }
    }

    /// The page stands still: no timer fires and nothing is heard, until it wakes.
    pub(crate) fn sleep(&mut self, page: usize) {
        self.asleep.entry(page).or_default();
    }

    /// It goes on, and hears everything in the order in which it happened.
    pub(crate) fn wake(&mut self, page: usize) {
        for event in self.asleep.remove(&page).unwrap_or_default() {
            self.schedule(0, event);
        }
    }

    /// The browser tells the page something about itself.
    pub(crate) fn tell(&mut self, page: usize, fact: PageFact) {
        self.feed(page, Input::Page(fact));
    }

    /// `isConnected` and `isPending` at this moment.
    pub(crate) fn connection(&self, page: usize) -> (bool, bool) {
        match self.pages[page].client.query(Now(self.now), &Query::Connection) {
            Answer::Connection(state) => (state.is_connected, state.is_pending),
            other => panic!("a connection, not {other:?}"),
        }
    }
}
