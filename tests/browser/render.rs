use std::rc::Rc;

use kandy_core::{
    Input, TrackId,
    effect::RenderAction,
    input::{Kind, TrackInfo},
};
use kandy_wasm::web::{render::Renderings, tracks::Tracks};
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::world::{Reports, local_tracks, of_kind, run};

/// A container `#stage.wide` in the page, two tracks, and the renderings.
struct Stage {
    renderings: Renderings,
    _tracks: Rc<Tracks>,
    infos: Vec<TrackInfo>,
    reports: Reports,
}

impl Stage {
    async fn new() -> Self {
        clear();
        run("document.body.insertAdjacentHTML('beforeend', '<div id=stage class=wide></div>')", &JsValue::NULL);
        let (tracks, infos) = local_tracks().await;
        let (report, reports) = Reports::new();
        Self { renderings: Renderings::new(report, tracks.clone()), _tracks: tracks, infos, reports }
    }

    fn attach(&mut self, kind: Kind, selector: &str) -> bool {
        let track = of_kind(&self.infos, kind).id;
        self.attach_track(track, selector)
    }

    fn attach_track(&mut self, track: TrackId, selector: &str) -> bool {
        let selector = selector.to_owned();
        self.renderings.act(RenderAction::Attach {
            track: track.clone(),
            selector: selector.clone(),
            muted: true,
            speaker: None,
        });
        let told = self.reports.now();
        let [Input::Rendered { track: of, selector: at, shown }] = told.as_slice() else { panic!("{told:?}") };
        assert_eq!((of, at), (&track, &selector));
        *shown
    }

    fn detach(&self, kind: Kind, selector: &str) {
        let track = of_kind(&self.infos, kind).id;
        self.renderings.act(RenderAction::Detach { track, selector: selector.to_owned() });
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        clear();
    }
}

fn clear() {
    run("document.getElementById('stage')?.remove()", &JsValue::NULL);
}

fn count() -> f64 {
    run("return document.querySelectorAll('audio, video').length", &JsValue::NULL).as_f64().unwrap()
}

#[wasm_bindgen_test]
async fn s8_an_element_is_as_documented() {
    let mut stage = Stage::new().await;
    assert!(stage.attach(Kind::Video, "#stage"));
    let video = of_kind(&stage.infos, Kind::Video);
    let told = run(
        "const v = document.querySelector('#stage > video');
         return [v.id, v.style.height, v.style.width, v.srcObject.id, v.autoplay, v.muted, v.hasAttribute('playsinline'), v.controls].join()",
        &JsValue::NULL,
    );
    let reduced: String = video.id.0.chars().filter(|c| matches!(c, 'a'..='z' | '0'..='9')).collect();
    assert_eq!(told.as_string().unwrap(), format!("video-{reduced},100%,100%,{},true,true,true,false", video.stream));
    let playing = run(
        "const v = document.querySelector('#stage > video');
         return new Promise((resolve) => v.paused || v.readyState < 2 ? v.addEventListener('playing', () => resolve(true)) : resolve(true))",
        &JsValue::NULL,
    );
    assert!(wasm_bindgen_futures::JsFuture::from(js_sys::Promise::from(playing)).await.unwrap().is_truthy());
}

#[wasm_bindgen_test]
async fn s16_never_two_elements_for_one_track_in_one_container() {
    let mut stage = Stage::new().await;
    assert!(stage.attach(Kind::Audio, "#stage") && stage.attach(Kind::Audio, "#stage"));
    assert!(stage.attach(Kind::Audio, "div.wide"), "the same container by another name");
    assert!(stage.attach(Kind::Video, "#stage"));
    assert_eq!(count(), 2.0);
    stage.detach(Kind::Audio, "#stage");
    assert_eq!(count(), 2.0, "the other name still holds it");
    stage.detach(Kind::Audio, "div.wide");
    stage.detach(Kind::Video, "#elsewhere");
    assert_eq!(count(), 1.0);
    run("document.getElementById('stage').replaceChildren()", &JsValue::NULL);
    assert!(stage.attach(Kind::Video, "#stage"), "the page had taken it out");
    assert_eq!(count(), 1.0);
}

#[wasm_bindgen_test]
async fn what_cannot_be_shown_is_said() {
    let mut stage = Stage::new().await;
    for selector in ["", "#", "###", "#nowhere", "video:not("] {
        assert!(!stage.attach(Kind::Video, selector), "{selector}");
    }
    assert!(!stage.attach_track(TrackId::from("unknown"), "#stage"));
    assert_eq!((count(), stage.reports.lines.borrow().len()), (0.0, 6));
}

#[wasm_bindgen_test]
async fn a_speaker_that_is_not_there_is_logged() {
    let mut stage = Stage::new().await;
    let track = of_kind(&stage.infos, Kind::Audio).id;
    let (selector, speaker) = ("#stage".to_owned(), Some("no such speaker".to_owned()));
    stage.renderings.act(RenderAction::Attach { track, selector, muted: true, speaker });
    assert_eq!(stage.reports.rest().await.len(), 1, "the element is there all the same");
    let lines = stage.reports.lines.borrow();
    assert!(lines.len() == 1 && lines[0].1.contains("speaker"), "{lines:?}");
}

#[wasm_bindgen_test]
async fn dropping_takes_every_element_away() {
    let mut stage = Stage::new().await;
    assert!(stage.attach(Kind::Audio, "#stage") && stage.attach(Kind::Video, "#stage"));
    let element = run("return document.querySelector('video')", &JsValue::NULL);
    let (report, _reports) = Reports::new();
    let (tracks, _) = local_tracks().await;
    drop(std::mem::replace(&mut stage.renderings, Renderings::new(report, tracks)));
    assert_eq!(count(), 0.0);
    assert!(run("return it.srcObject", &element).is_null());
}
