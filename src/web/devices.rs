//! Microphones, cameras and speakers.

use std::{cell::RefCell, rc::Rc};

use js_sys::Array;
use kandy_core::{
    Input, OpId,
    effect::Level,
    input::{Device, MediaFailure, TrackInfo},
};
use kandy_wire::Value;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{MediaDeviceInfo, MediaDevices, MediaStream, MediaStreamConstraints, MediaStreamTrack};

use super::{Report, fault, fault::Fault, listen::Listener, task::Task, tracks::Tracks};
use crate::js;

/// The devices, as one engine sees them.
#[derive(Debug)]
pub struct Devices {
    report: Report,
    tracks: Rc<Tracks>,
    /// The listing that runs; a newer one takes its place.
    listing: Rc<RefCell<Option<Task>>>,
    _change: Option<Listener>,
}

impl Devices {
    /// Reports to there, and puts the tracks into the table.
    pub fn new(report: Report, tracks: Rc<Tracks>) -> Self {
        let listing = Rc::default();
        let (to, slot) = (report.clone(), Rc::downgrade(&listing));
        let change = media_devices().map(|devices| {
            Listener::new(&devices, "devicechange", move |_| {
                if let Some(slot) = slot.upgrade() {
                    list(&to, &slot);
                }
            })
        });
        Self { report, tracks, listing, _change: change }
    }

    /// Asks for microphone and camera; answered by `Input::Media`. Not a `Task`: tracks that are granted after the engine is
    /// gone have to be stopped.
    pub fn acquire(&self, op: OpId, audio: Option<&Value>, video: Option<&Value>) {
        let constraints = MediaStreamConstraints::new();
        constraints.set_audio(&audio.map_or(JsValue::FALSE, js::json));
        constraints.set_video(&video.map_or(JsValue::FALSE, js::json));
        let (report, table) = (self.report.clone(), Rc::downgrade(&self.tracks));
        spawn_local(async move {
            let granted = user_media(&constraints).await;
            let Some(table) = table.upgrade() else {
                granted.iter().flat_map(tracks_of).for_each(|track| track.stop());
                return;
            };
            let adopt = |stream: MediaStream| -> Vec<TrackInfo> {
                tracks_of(&stream).into_iter().map(|track| table.adopt_local(track, &stream)).collect()
            };
            report.tell(Input::Media(op, granted.map(adopt)));
        });
    }

    /// Lists the devices; answered by `Input::Devices`.
    pub fn list(&self) {
        list(&self.report, &self.listing);
    }
}

/// `None` where the page may not use devices: it was not loaded by https, or a frame forbids it.
fn media_devices() -> Option<MediaDevices> {
    let devices = web_sys::window()?.navigator().media_devices().ok()?;
    (!devices.is_undefined()).then_some(devices)
}

async fn user_media(constraints: &MediaStreamConstraints) -> Result<MediaStream, MediaFailure> {
    let devices = media_devices().ok_or_else(|| MediaFailure {
        name: "NotSupportedError".to_owned(),
        message: "This page cannot use microphone and camera: it has to be loaded by https, or from localhost."
            .to_owned(),
        constraint: None,
    })?;
    let promise = devices.get_user_media_with_constraints(constraints).map_err(|thrown| failure(&thrown))?;
    JsFuture::from(promise).await.map(JsCast::unchecked_into).map_err(|thrown| failure(&thrown))
}

fn failure(thrown: &JsValue) -> MediaFailure {
    let Fault { name, message } = Fault::of(thrown);
    MediaFailure { name, message, constraint: fault::text(thrown, "constraint") }
}

fn tracks_of(stream: &MediaStream) -> Vec<MediaStreamTrack> {
    stream.get_tracks().iter().map(JsCast::unchecked_into).collect()
}

fn list(report: &Report, slot: &RefCell<Option<Task>>) {
    let report = report.clone();
    let task = Task::spawn(async move {
        match listed().await {
            Ok(devices) => report.tell(Input::Devices(devices)),
            Err(thrown) => {
                report.log(Level::Warn, &format!("the devices cannot be listed: {}", Fault::of(&thrown)));
                report.tell(Input::Devices(Vec::new()));
            }
        }
    });
    slot.replace(Some(task));
}

async fn listed() -> Result<Vec<Device>, JsValue> {
    let Some(devices) = media_devices() else { return Ok(Vec::new()) };
    let all: Array = JsFuture::from(devices.enumerate_devices()?).await?.unchecked_into();
    Ok(all.iter().take(MOST).map(|device| described(&device.unchecked_into())).collect())
}

fn described(device: &MediaDeviceInfo) -> Device {
    Device {
        device_id: device.device_id(),
        group_id: device.group_id(),
        kind: fault::text(device, "kind").unwrap_or_default(),
        label: device.label(),
    }
}

/// Devices that are looked at; virtual drivers can make up any number.
const MOST: usize = 256;
