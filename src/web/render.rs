//! Media elements in the page (api-behaviour 8.4, 8.5).

use std::{cell::RefCell, rc::Rc};

use js_sys::{Function, Promise, Reflect};
use kandy_core::{
    Input, TrackId,
    effect::{Level, RenderAction},
};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Document, Element, HtmlMediaElement};

use super::{Report, fault::Fault, tracks::Tracks};

/// The elements of one engine.
#[derive(Debug)]
pub struct Renderings {
    report: Report,
    tracks: Rc<Tracks>,
    shown: RefCell<Vec<Rendering>>,
}

/// One element that plays one track in one container.
#[derive(Debug)]
struct Rendering {
    track: TrackId,
    /// All by which it was asked for; the element stays until the last of them is taken back.
    selectors: Vec<String>,
    container: Element,
    element: HtmlMediaElement,
}

impl Drop for Rendering {
    fn drop(&mut self) {
        self.element.set_src_object(None);
        self.element.remove();
    }
}

impl Renderings {
    /// Reports to there, and shows tracks of the table.
    pub fn new(report: Report, tracks: Rc<Tracks>) -> Self {
        Self { report, tracks, shown: RefCell::default() }
    }

    /// Carries out one action.
    pub fn act(&self, action: RenderAction) {
        match action {
            RenderAction::Attach { track, selector, muted, speaker } => {
                let attached = self.attach(&track, &selector, muted, speaker.as_deref());
                if let Err(why) = &attached {
                    self.report.log(Level::Error, &format!("the track is not shown: {why}"));
                }
                self.report.tell(Input::Rendered { track, selector, shown: attached.is_ok() });
            }
            RenderAction::Detach { track, selector } => {
                let mut shown = self.shown.borrow_mut();
                for rendering in shown.iter_mut().filter(|r| r.track == track) {
                    rendering.selectors.retain(|s| *s != selector);
                }
                shown.retain(|r| !r.selectors.is_empty());
            }
        }
    }

    fn attach(&self, id: &TrackId, selector: &str, muted: bool, speaker: Option<&str>) -> Result<(), Fault> {
        let document = web_sys::window().and_then(|w| w.document());
        let document = document.ok_or_else(|| Fault::new("NotSupportedError", "there is no document"))?;
        let (track, stream) = self.tracks.get(id).ok_or_else(|| Fault::new("NotFoundError", "it has ended"))?;
        let container = container(&document, selector)?;
        let mut shown = self.shown.borrow_mut();
        // The page may have emptied the container itself.
        shown.retain(|r| r.element.is_connected());
        let there = |r: &&mut Rendering| r.track == *id && r.container == container;
        if let Some(rendering) = shown.iter_mut().find(there) {
            if !rendering.selectors.iter().any(|s| s == selector) {
                rendering.selectors.push(selector.to_owned());
            }
            return Ok(());
        }
        let element = element(&document, id, &track.kind(), muted).map_err(|thrown| Fault::of(&thrown))?;
        element.set_src_object(Some(&stream));
        container.append_child(&element).map_err(|thrown| Fault::of(&thrown))?;
        if let Some(speaker) = speaker.filter(|_| track.kind() == "audio") {
            self.choose_speaker(&element, speaker);
        }
        // `autoplay` alone keeps silent about a browser that wants a click first.
        self.watch("a track does not start to play", element.play());
        let selectors = vec![selector.to_owned()];
        shown.push(Rendering { track: id.clone(), selectors, container, element });
        Ok(())
    }

    /// `setSinkId`, where the browser has it.
    fn choose_speaker(&self, element: &HtmlMediaElement, speaker: &str) {
        let set = Reflect::get(element, &"setSinkId".into()).unwrap_or_default();
        match set.dyn_into::<Function>() {
            Ok(set) => {
                let promise = set.call1(element, &speaker.into());
                self.watch("the speaker cannot be used", promise.map(JsCast::unchecked_into));
            }
            Err(_) => self.report.log(Level::Warn, "this browser cannot choose the speaker"),
        }
    }

    /// Logs how a promise fails.
    fn watch(&self, what: &'static str, promise: Result<Promise, JsValue>) {
        let report = self.report.clone();
        let complain = move |thrown: &JsValue| report.log(Level::Warn, &format!("{what}: {}", Fault::of(thrown)));
        match promise {
            Err(thrown) => complain(&thrown),
            Ok(promise) => spawn_local(async move {
                if let Err(thrown) = JsFuture::from(promise).await {
                    complain(&thrown);
                }
            }),
        }
    }
}

fn container(document: &Document, selector: &str) -> Result<Element, Fault> {
    let found = document.query_selector(selector).map_err(|thrown| Fault::of(&thrown))?;
    found.ok_or_else(|| Fault::new("NotFoundError", format!("nothing in the page matches {selector}")))
}

fn element(document: &Document, id: &TrackId, kind: &str, muted: bool) -> Result<HtmlMediaElement, JsValue> {
    let element: HtmlMediaElement = document.create_element(kind)?.unchecked_into();
    let reduced: String = id.0.chars().filter(|c| c.is_ascii_lowercase() || c.is_ascii_digit()).collect();
    element.set_id(&format!("{kind}-{reduced}"));
    element.style().set_property("height", "100%")?;
    element.style().set_property("width", "100%")?;
    element.set_autoplay(true);
    element.set_muted(muted);
    // Without it iPhones show every picture on the whole screen.
    element.set_attribute("playsinline", "")?;
    Ok(element)
}
