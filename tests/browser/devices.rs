use std::rc::Rc;

use kandy_core::{
    Input, OpId,
    input::{Device, Kind, MediaFailure, TrackInfo},
};
use kandy_wasm::web::{devices::Devices, tracks::Tracks};
use kandy_wire::Value;
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::world::{Replaced, Reports, member, run, window};

fn devices() -> (Devices, Rc<Tracks>, Reports) {
    let (report, reports) = Reports::new();
    let tracks = Rc::new(Tracks::new(report.clone()));
    (Devices::new(report, tracks.clone()), tracks, reports)
}

async fn answer(reports: &mut Reports, op: OpId) -> Result<Vec<TrackInfo>, MediaFailure> {
    let wanted = |input: &Input| match input {
        Input::Media(number, result) if *number == op => Some(result.clone()),
        _ => None,
    };
    reports.find(wanted).await
}

async fn listed(reports: &mut Reports) -> Vec<Device> {
    reports.find(|input| if let Input::Devices(all) = input { Some(all.clone()) } else { None }).await
}

fn json(text: &str) -> Value {
    kandy_wire::decode(text).unwrap()
}

#[wasm_bindgen_test]
async fn microphone_and_camera_come_as_tracks_of_one_stream() {
    let (devices, tracks, mut reports) = devices();
    devices.acquire(OpId(1), Some(&Value::Bool(true)), Some(&json(r#"{"width":320}"#)));
    let mut infos = answer(&mut reports, OpId(1)).await.unwrap();
    infos.sort_by_key(|info| info.kind);
    assert_eq!(infos.iter().map(|info| info.kind).collect::<Vec<_>>(), [Kind::Audio, Kind::Video]);
    assert_eq!(infos[0].stream, infos[1].stream);
    let (video, stream) = tracks.get(&infos[1].id).unwrap();
    assert_eq!((video.id(), stream.id()), (infos[1].id.0.clone(), infos[1].stream.0.clone()));
    let width = run("return it.getConstraints().width", &video);
    assert_eq!(width.as_f64(), Some(320.0), "constraints arrive as they were given");

    devices.acquire(OpId(2), Some(&Value::Bool(true)), None);
    let infos = answer(&mut reports, OpId(2)).await.unwrap();
    assert_eq!(infos.iter().map(|info| info.kind).collect::<Vec<_>>(), [Kind::Audio]);
}

#[wasm_bindgen_test]
async fn refusals_have_the_names_of_the_browser() {
    let (devices, _tracks, mut reports) = devices();
    devices.acquire(OpId(1), None, None);
    assert_eq!(answer(&mut reports, OpId(1)).await.unwrap_err().name, "TypeError");

    devices.acquire(OpId(2), Some(&json(r#"{"deviceId":{"exact":"no such device"}}"#)), None);
    let unmet = answer(&mut reports, OpId(2)).await.unwrap_err();
    assert_eq!((unmet.name.as_str(), unmet.constraint.as_deref()), ("OverconstrainedError", Some("deviceId")));

    let refuse =
        run("return () => Promise.reject(new DOMException('Permission denied', 'NotAllowedError'))", &JsValue::NULL);
    let _refusing = Replaced::new(&member(&member(&window(), "navigator"), "mediaDevices"), "getUserMedia", &refuse);
    devices.acquire(OpId(3), Some(&Value::Bool(true)), None);
    let refused = answer(&mut reports, OpId(3)).await.unwrap_err();
    assert_eq!((refused.name.as_str(), refused.message.as_str()), ("NotAllowedError", "Permission denied"));
    assert_eq!(refused.constraint, None);
}

#[wasm_bindgen_test]
async fn a_page_without_https_is_told_what_to_do() {
    let _insecure = Replaced::new(&member(&window(), "navigator"), "mediaDevices", &JsValue::UNDEFINED);
    let (devices, _tracks, mut reports) = devices();
    devices.acquire(OpId(1), Some(&Value::Bool(true)), None);
    let failure = answer(&mut reports, OpId(1)).await.unwrap_err();
    assert_eq!(failure.name, "NotSupportedError");
    assert!(failure.message.contains("https"), "{}", failure.message);
    devices.list();
    assert_eq!(listed(&mut reports).await, []);
}

#[wasm_bindgen_test]
async fn what_is_granted_too_late_is_stopped() {
    let devices_of_page = member(&member(&window(), "navigator"), "mediaDevices");
    let slow = run(
        "const real = it.getUserMedia.bind(it), slow = async (wish) => {
             slow.stream = await real(wish);
             queueMicrotask(() => queueMicrotask(() => slow.seen?.()));
             return slow.stream;
         };
         slow.granted = new Promise((resolve) => { slow.seen = resolve; });
         return slow;",
        &devices_of_page,
    );
    let _slow = Replaced::new(&devices_of_page, "getUserMedia", &slow);
    let (devices, tracks, mut reports) = devices();
    devices.acquire(OpId(1), Some(&Value::Bool(true)), Some(&Value::Bool(true)));
    drop(devices);
    drop(tracks);
    wasm_bindgen_futures::JsFuture::from(js_sys::Promise::from(member(&slow, "granted"))).await.unwrap();
    assert!(reports.rest().await.is_empty());
    let states = run("return it.stream.getTracks().map(track => track.readyState).join()", &slow);
    assert_eq!(states.as_string().unwrap(), "ended,ended");
}

#[wasm_bindgen_test]
async fn s11_devices_are_listed_and_listed_again_after_a_change() {
    let (devices, _tracks, mut reports) = devices();
    devices.list();
    let all = listed(&mut reports).await;
    for kind in ["audioinput", "videoinput"] {
        assert!(all.iter().any(|device| device.kind == kind), "{kind} in {all:?}");
    }
    let of_page = member(&member(&window(), "navigator"), "mediaDevices");
    run("it.dispatchEvent(new Event('devicechange')); it.dispatchEvent(new Event('devicechange'))", &of_page);
    assert_eq!(listed(&mut reports).await.len(), all.len());
    assert!(reports.rest().await.is_empty(), "the newer listing takes the place of the older");
    drop(devices);
    run("it.dispatchEvent(new Event('devicechange'))", &of_page);
    assert!(reports.rest().await.is_empty());
}
