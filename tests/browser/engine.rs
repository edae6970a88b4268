//! The exported class as the face uses it, and what is left in the page when it is freed.

use std::{cell::RefCell, rc::Rc};

use js_sys::{Array, Function};
use kandy_core::{
    Effect, Input, OpId, PeerId, SocketId,
    effect::{Direction, HttpRequest, Line, PeerAction, RenderAction, SocketAction, TimerId},
    input::{Kind, PageFact, PeerFact},
};
use kandy_wasm::{Engine, web::Hands};
use kandy_wire::Value;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::world::{Replaced, Reports, member, of_kind, run, window};

fn engine(config: &JsValue, on_event: Function) -> (Engine, Array) {
    let lines = Array::new();
    let on_log = run("return (level, line) => it.push(level + ' ' + line)", &lines).into();
    (Engine::new(config, on_event, on_log, None, None).ok().unwrap(), lines)
}

fn data(source: &str) -> JsValue {
    run(&format!("return {source}"), &JsValue::NULL)
}

#[wasm_bindgen_test]
async fn an_engine_lists_the_devices_and_answers_questions() {
    let heard = data(
        "(() => { const it = {}; it.first = new Promise((resolve) => { it.listener = resolve; }); return it; })()",
    );
    let (engine, _lines) = engine(&data("{}"), member(&heard, "listener").into());
    let event = JsFuture::from(js_sys::Promise::from(member(&heard, "first"))).await.unwrap();
    assert_eq!(member(&event, "type").as_string().unwrap(), "devices:change");
    let devices = engine.query(&data("{ type: 'media.getDevices' }"));
    assert!(Array::from(&member(&devices, "camera")).length() > 0);
    let connection = engine.query(&data("{ type: 'getConnection' }"));
    assert_eq!(member(&connection, "isConnected"), JsValue::FALSE);
    assert!(engine.query(&data("{ type: 'call.getById', callId: 'unknown' }")).is_undefined());
}

#[wasm_bindgen_test]
fn commands_are_carried_out_before_dispatch_returns() {
    let (on_event, events) = {
        let events = Array::new();
        (run("return (event) => { it.push(event) }", &events).into(), events)
    };
    let (engine, lines) = engine(&data("{ authentication: {} }"), on_event);
    engine.dispatch(&data("{ type: 'connect', credentials: {} }"));
    let kinds = run("return it.map((event) => event.type).join()", &events).as_string().unwrap();
    assert!(kinds.contains("auth:error"), "no credentials, no login: {kinds}");
    let before = lines.length();
    engine.dispatch(&data("{ type: 'nonsense' }"));
    assert_eq!(lines.length(), before + 1, "{lines:?}");
}

#[wasm_bindgen_test]
fn a_configuration_that_cannot_be_read_is_an_error() {
    for config in ["undefined", "(() => { const cycle = {}; cycle.cycle = cycle; return cycle; })()"] {
        let ignored = || Function::new_no_args("");
        let refused = Engine::new(&data(config), ignored(), ignored(), None, None);
        let thrown = JsValue::from(refused.map(drop).unwrap_err());
        let message = member(&thrown, "message").as_string().unwrap();
        assert!(message.starts_with("The configuration cannot be used: "), "{config}: {message}");
    }
}

/// Counts the listeners in the page: those that were added and not removed.
fn listener_count() -> ([Replaced; 2], JsValue) {
    let count = data("{ now: 0 }");
    let prototype = data("EventTarget.prototype");
    let wrapped = |name: &str, step: i32| {
        let source = format!(
            "const real = EventTarget.prototype.{name};
             return function (...all) {{ it.now += {step}; return real.apply(this, all); }}"
        );
        run(&source, &count)
    };
    let (add, remove) = (wrapped("addEventListener", 1), wrapped("removeEventListener", -1));
    let replaced = [
        Replaced::new(&prototype, "addEventListener", &add),
        Replaced::new(&prototype, "removeEventListener", &remove),
    ];
    (replaced, count)
}

/// Keeps every instance of a global class in `all`.
fn watched(name: &'static str) -> (Replaced, JsValue) {
    let class = data(&format!(
        "class extends {name} {{ static all = []; constructor(...args) {{ super(...args); new.target.all.push(this); }} }}"
    ));
    (Replaced::new(&window(), name, &class), member(&class, "all"))
}

#[wasm_bindgen_test]
async fn r8_freed_hands_leave_nothing_in_the_page() {
    let (_counting, listeners) = listener_count();
    let ((_rtc, connections), (_ws, sockets)) = (watched("RTCPeerConnection"), watched("WebSocket"));
    run("document.body.insertAdjacentHTML('beforeend', '<div id=left></div>')", &JsValue::NULL);
    let (report, mut reports) = Reports::new();
    let hands = Hands::new(report);

    hands.carry_out(Effect::Acquire { op: OpId(1), audio: Some(Value::Bool(true)), video: Some(Value::Bool(true)) });
    let granted = |input: &Input| if let Input::Media(_, result) = input { Some(result.clone()) } else { None };
    let infos = reports.find(granted).await.unwrap();
    let track = of_kind(&infos, Kind::Video).id;
    let peer = PeerId::from("p");
    hands.carry_out(Effect::Peer(peer.clone(), PeerAction::Open { ice_servers: Vec::new() }));
    let lines = vec![Line { mid: None, kind: Kind::Video, track: Some(track.clone()), direction: Direction::SendRecv }];
    hands.carry_out(Effect::Peer(peer, PeerAction::Offer { op: OpId(2), lines, ice_restart: false, gather: 3_000 }));
    reports.find(|input| matches!(input, Input::Peer(_, PeerFact::Made { .. })).then_some(())).await;
    let (selector, speaker) = ("#left".to_owned(), None);
    hands.carry_out(Effect::Render(RenderAction::Attach { track, selector, muted: true, speaker }));
    let video = run("return document.querySelector('#left video')", &JsValue::NULL);
    let stream = member(&video, "srcObject");
    assert!(stream.is_object());
    hands.carry_out(Effect::Timer(TimerId::Ping, Some(20)));
    hands.carry_out(Effect::Socket(SocketId(3), SocketAction::Open { url: "ws://127.0.0.1:61731/".to_owned() }));
    hands.carry_out(Effect::ListDevices);
    let (url, headers) = ("data:,late".to_owned(), Vec::new());
    let request = HttpRequest { method: "GET", url, headers, body: None, timeout: 1_000, keepalive: false };
    hands.carry_out(Effect::Http(OpId(4), request));
    reports.now();
    assert!(member(&listeners, "now").as_f64().unwrap() > 5.0);

    drop(hands);
    assert_eq!(member(&listeners, "now").as_f64(), Some(0.0), "every listener is gone");
    let left = |source: &str, of: &JsValue| run(source, of).as_string().unwrap();
    assert_eq!(left("return it.map((c) => c.signalingState).join()", &connections), "closed");
    assert_eq!(left("return it.map((s) => s.readyState > 1).join()", &sockets), "true");
    assert_eq!(left("return it.getTracks().map((t) => t.readyState).join()", &stream), "ended,ended");
    assert_eq!(left("return String(document.querySelectorAll('#left *').length)", &JsValue::NULL), "0");
    assert!(reports.rest().await.is_empty(), "and nothing is told any more");
    run("document.getElementById('left').remove()", &JsValue::NULL);
}

#[wasm_bindgen_test]
async fn a_freed_engine_tells_nothing_more() {
    let count = Rc::new(RefCell::new(0));
    let kept = count.clone();
    let listener = wasm_bindgen::closure::Closure::<dyn Fn(JsValue)>::new(move |_| *kept.borrow_mut() += 1);
    let (one, _lines) = engine(&data("{}"), wasm_bindgen::JsCast::unchecked_into(listener.as_ref().clone()));
    drop(one);
    gloo_timers::future::TimeoutFuture::new(200).await;
    assert_eq!(*count.borrow(), 0, "the listing of the devices was under way");
}

#[wasm_bindgen_test]
fn every_input_is_told_with_what_it_carries_and_how_long_it_took() {
    let actions = Array::new();
    let note = run("return (name, carried, ms) => { it.push([name, carried?.callId, typeof ms]) }", &actions);
    let ignored = || Function::new_no_args("");
    let engine = Engine::new(&data("{}"), ignored(), ignored(), None, Some(note.into())).ok().unwrap();
    engine.dispatch(&data("{ type: 'call.end', callId: 'c1' }"));
    let told: Vec<String> = actions.iter().map(|action| Array::from(&action).join(" ").as_string().unwrap()).collect();
    assert_eq!(told, ["call.end c1 number"]);
}

#[wasm_bindgen_test]
fn leaving_the_page_is_told() {
    let (report, mut reports) = Reports::new();
    let hands = Hands::new(report);
    for (event, fact) in [
        ("new PageTransitionEvent('pagehide')", Some(PageFact::Left)),
        ("new PageTransitionEvent('pagehide', { persisted: true })", Some(PageFact::Kept)),
        ("new PageTransitionEvent('pageshow', { persisted: true })", Some(PageFact::Back)),
        ("new PageTransitionEvent('pageshow')", None),
        ("new Event('offline')", Some(PageFact::Offline)),
        ("new Event('online')", Some(PageFact::Online)),
    ] {
        run(&format!("window.dispatchEvent({event})"), &JsValue::NULL);
        let told = reports.now();
        assert!(
            matches!(told.as_slice(), [Input::Page(told)] if Some(*told) == fact)
                || (told.is_empty() && fact.is_none()),
            "{event}"
        );
    }
    run("document.dispatchEvent(new Event('resume'))", &JsValue::NULL);
    assert!(matches!(reports.now().as_slice(), [Input::Page(PageFact::Awake)]));
    drop(hands);
    run("window.dispatchEvent(new PageTransitionEvent('pagehide'))", &JsValue::NULL);
    assert!(reports.now().is_empty());
}
