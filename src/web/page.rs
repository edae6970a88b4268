//! The page itself: when it is left, sleeps, comes back, and whether the browser has a network.

use kandy_core::{Input, input::PageFact};
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{Event, EventTarget, PageTransitionEvent};

use super::{Report, listen::Listener};

/// Watches the page.
#[derive(Debug)]
pub(crate) struct Page {
    _listeners: Vec<Listener>,
}

impl Page {
    /// Reports to there.
    pub(crate) fn new(report: Report) -> Self {
        let Some(window) = web_sys::window() else { return Self { _listeners: Vec::new() } };
        let listen = |target: &EventTarget, kind, fact: fn(&Event) -> Option<PageFact>| {
            let report = report.clone();
            Listener::new(target, kind, move |event| {
                if let Some(fact) = fact(&event) {
                    report.tell(Input::Page(fact));
                }
            })
        };
        let mut listeners = vec![
            listen(&window, "pagehide", |event| Some(if is_kept(event) { PageFact::Kept } else { PageFact::Left })),
            listen(&window, "pageshow", |event| is_kept(event).then_some(PageFact::Back)),
            listen(&window, "offline", |_| Some(PageFact::Offline)),
            listen(&window, "online", |_| Some(PageFact::Online)),
        ];
        if let Some(document) = window.document() {
            listeners.push(listen(&document, "visibilitychange", |_| is_seen().then_some(PageFact::Awake)));
            listeners.push(listen(&document, "resume", |_| Some(PageFact::Awake)));
        }
        // Chromium tells of another network here.
        let network = js_sys::Reflect::get(&window.navigator(), &JsValue::from("connection"));
        if let Some(network) = network.ok().and_then(|network| network.dyn_into::<EventTarget>().ok()) {
            listeners.push(listen(&network, "change", |_| Some(PageFact::Awake)));
        }
        Self { _listeners: listeners }
    }
}

/// Whether the browser keeps the page, or had kept it.
fn is_kept(event: &Event) -> bool {
    event.unchecked_ref::<PageTransitionEvent>().persisted()
}

fn is_seen() -> bool {
    web_sys::window().and_then(|window| window.document()).is_some_and(|document| !document.hidden())
}
