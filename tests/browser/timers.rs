use kandy_core::{CallId, Input, effect::TimerId};
use kandy_wasm::web::timers::Timers;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::world::Reports;

fn fired(inputs: &[Input]) -> Vec<TimerId> {
    inputs.iter().filter_map(|input| if let Input::Timer(id) = input { Some(id.clone()) } else { None }).collect()
}

#[wasm_bindgen_test]
async fn a_timer_reports_once_and_a_stopped_one_never() {
    let (report, mut reports) = Reports::new();
    let timers = Timers::new(report);
    timers.set(TimerId::Ping, Some(10));
    timers.set(TimerId::Extend, Some(10));
    timers.set(TimerId::Extend, None);
    timers.set(TimerId::Refresh, None);
    assert_eq!(fired(&reports.rest().await), [TimerId::Ping]);
}

#[wasm_bindgen_test]
async fn a_timer_takes_the_place_of_the_one_before_it() {
    let (report, mut reports) = Reports::new();
    let timers = Timers::new(report);
    let audit = |call: &str| TimerId::Audit(CallId::from(call));
    timers.set(audit("a"), Some(5));
    timers.set(audit("a"), Some(60_000));
    timers.set(audit("b"), Some(5));
    assert_eq!(fired(&reports.rest().await), [audit("b")]);
    timers.set(audit("a"), Some(5));
    assert_eq!(fired(&[reports.next().await]), [audit("a")]);
}

#[wasm_bindgen_test]
async fn a_very_long_wait_does_not_fire_at_once_and_dropping_stops_all() {
    let (report, mut reports) = Reports::new();
    let timers = Timers::new(report);
    timers.set(TimerId::Refresh, Some(u64::MAX));
    assert_eq!(fired(&reports.rest().await), []);
    timers.set(TimerId::Ping, Some(5));
    drop(timers);
    assert_eq!(fired(&reports.rest().await), []);
}
