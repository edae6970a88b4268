//! The page itself: when it is left, the core is told while requests can still be sent.

use kandy_core::Input;

use super::{Report, listen::Listener};

/// Watches the page.
#[derive(Debug)]
pub(crate) struct Page {
    _hide: Option<Listener>,
}

impl Page {
    /// Reports to there.
    pub(crate) fn new(report: Report) -> Self {
        let hide =
            web_sys::window().map(|window| Listener::new(&window, "pagehide", move |_| report.tell(Input::PageHide)));
        Self { _hide: hide }
    }
}
