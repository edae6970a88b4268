//! What the tests share: a place where reports arrive, local tracks, and stand-ins for parts of the page.

use std::{cell::RefCell, rc::Rc};

use futures_channel::mpsc;
use futures_util::{
    StreamExt as _,
    future::{Either, select},
};
use gloo_timers::future::TimeoutFuture;
use js_sys::{Function, Object, Reflect};
use kandy_core::{
    Input, OpId,
    effect::Level,
    input::{Kind, TrackInfo},
};
use kandy_wasm::web::{Report, devices::Devices, tracks::Tracks};
use kandy_wire::Value;
use wasm_bindgen::{JsCast as _, JsValue};

/// Where the hands report to.
pub(crate) struct Reports {
    inputs: mpsc::UnboundedReceiver<Input>,
    pub(crate) lines: Rc<RefCell<Vec<(Level, String)>>>,
}

impl Reports {
    pub(crate) fn new() -> (Report, Self) {
        let (sender, inputs) = mpsc::unbounded();
        let lines: Rc<RefCell<Vec<(Level, String)>>> = Rc::default();
        let kept = lines.clone();
        // A test that has seen enough drops its end.
        let fact = move |input| drop(sender.unbounded_send(input));
        (
            Report::new(fact, move |level, line: &str| kept.borrow_mut().push((level, line.to_owned()))),
            Self { inputs, lines },
        )
    }

    /// The next input.
    pub(crate) async fn next(&mut self) -> Input {
        match select(self.inputs.next(), TimeoutFuture::new(20_000)).await {
            Either::Left((input, _)) => input.unwrap(),
            Either::Right(_) => panic!("nothing was reported within 20 s"),
        }
    }

    /// The first input of which `wanted` makes something; others are dropped.
    pub(crate) async fn find<T>(&mut self, wanted: impl Fn(&Input) -> Option<T>) -> T {
        loop {
            if let Some(found) = wanted(&self.next().await) {
                return found;
            }
        }
    }

    /// What is reported within the time that the browser needs for anything that is under way.
    pub(crate) async fn rest(&mut self) -> Vec<Input> {
        TimeoutFuture::new(200).await;
        self.now()
    }

    /// What was reported already.
    pub(crate) fn now(&mut self) -> Vec<Input> {
        std::iter::from_fn(|| self.inputs.try_recv().ok()).collect()
    }
}

/// A table with a microphone and a camera of the browser's fake devices in it.
pub(crate) async fn local_tracks() -> (Rc<Tracks>, Vec<TrackInfo>) {
    let (report, mut reports) = Reports::new();
    local_tracks_reporting(report, &mut reports).await
}

/// The same; what the tracks say afterwards is reported there.
pub(crate) async fn local_tracks_reporting(report: Report, reports: &mut Reports) -> (Rc<Tracks>, Vec<TrackInfo>) {
    let tracks = Rc::new(Tracks::new(report.clone()));
    let devices = Devices::new(report, tracks.clone());
    devices.acquire(OpId(1), Some(&Value::Bool(true)), Some(&Value::Bool(true)));
    let infos = reports
        .find(|input| match input {
            Input::Media(OpId(1), result) => Some(result.clone()),
            _ => None,
        })
        .await;
    (tracks, infos.unwrap())
}

pub(crate) fn of_kind(tracks: &[TrackInfo], kind: Kind) -> TrackInfo {
    tracks.iter().find(|track| track.kind == kind).cloned().unwrap()
}

/// Runs JavaScript with this argument.
pub(crate) fn run(source: &str, argument: &JsValue) -> JsValue {
    Function::new_with_args("it", source).call1(&JsValue::UNDEFINED, argument).unwrap()
}

/// Replaces a member of an object, until it is dropped.
pub(crate) struct Replaced {
    owner: Object,
    name: &'static str,
    before: JsValue,
}

impl Replaced {
    pub(crate) fn new(owner: &JsValue, name: &'static str, stand_in: &JsValue) -> Self {
        let owner: Object = owner.clone().unchecked_into();
        // The own property if there is one; otherwise the stand-in only hides an inherited one.
        let before = Object::get_own_property_descriptor(&owner, &name.into());
        let members = [("value", stand_in.clone()), ("configurable", JsValue::TRUE), ("writable", JsValue::TRUE)];
        let descriptor = Object::new();
        for (member, value) in members {
            Reflect::set(&descriptor, &member.into(), &value).unwrap();
        }
        assert!(Reflect::define_property(&owner, &name.into(), &descriptor).unwrap());
        Self { owner, name, before }
    }
}

impl Drop for Replaced {
    fn drop(&mut self) {
        if self.before.is_undefined() {
            Reflect::delete_property(&self.owner, &self.name.into()).unwrap();
        } else {
            Reflect::define_property(&self.owner, &self.name.into(), self.before.unchecked_ref()).unwrap();
        }
    }
}

pub(crate) fn window() -> JsValue {
    web_sys::window().unwrap().into()
}

pub(crate) fn member(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).unwrap()
}
