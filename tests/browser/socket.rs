use kandy_core::{Input, SocketId, effect::SocketAction, input::SocketFact};
use kandy_wasm::web::socket::Sockets;
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::world::{Replaced, Reports, member, run, window};

fn facts(inputs: &[Input]) -> Vec<(u64, SocketFact)> {
    let fact = |input: &Input| if let Input::Socket(id, fact) = input { Some((id.0, fact.clone())) } else { None };
    inputs.iter().filter_map(fact).collect()
}

fn open(url: &str) -> SocketAction {
    SocketAction::Open { url: url.to_owned() }
}

#[wasm_bindgen_test]
async fn a_socket_that_nobody_accepts_is_closed() {
    let (report, mut reports) = Reports::new();
    let sockets = Sockets::new(report);
    sockets.act(SocketId(1), open("ws://127.0.0.1:61731/"));
    sockets.act(SocketId(1), SocketAction::Send("too early".to_owned()));
    assert_eq!(facts(&[reports.next().await]), [(1, SocketFact::Closed { code: 1006 })]);
    sockets.act(SocketId(1), SocketAction::Send("too late".to_owned()));
    assert!(reports.rest().await.is_empty(), "nothing follows Closed");
}

#[wasm_bindgen_test]
fn an_address_that_is_none_is_closed() {
    let (report, mut reports) = Reports::new();
    let sockets = Sockets::new(report);
    for (n, url) in ["ws://", "ftp://127.0.0.1/", "ws://127.0.0.1/#token"].into_iter().enumerate() {
        sockets.act(SocketId(n as u64), open(url));
        assert_eq!(facts(&reports.now()), [(n as u64, SocketFact::Closed { code: 1006 })], "{url}");
    }
    assert_eq!(reports.lines.borrow().len(), 3, "the reason is in the log");
}

#[wasm_bindgen_test]
async fn nothing_is_reported_of_a_socket_that_was_given_up() {
    let (report, mut reports) = Reports::new();
    let sockets = Sockets::new(report);
    sockets.act(SocketId(1), open("ws://127.0.0.1:61731/"));
    sockets.act(SocketId(1), SocketAction::Close);
    sockets.act(SocketId(2), open("ws://127.0.0.1:61731/"));
    drop(sockets);
    assert!(reports.rest().await.is_empty());
}

/// `WebSocket` as of a server in this page. The sockets are kept in `WebSocket.all`.
fn server() -> (Replaced, JsValue) {
    let socket = run(
        "class Stand extends EventTarget {
             static all = []; static OPEN = 1;
             sent = []; readyState = 0; closes = 0;
             constructor(url) { super(); this.url = url; Stand.all.push(this); }
             send(text) { this.sent.push(text); }
             close() { this.closes += 1; }
             hear(data) { this.dispatchEvent(new MessageEvent('message', { data })); }
         }
         return Stand;",
        &JsValue::UNDEFINED,
    );
    (Replaced::new(&window(), "WebSocket", &socket), member(&socket, "all"))
}

#[wasm_bindgen_test]
fn frames_are_text_and_bounded() {
    let (_server, all) = server();
    let (report, mut reports) = Reports::new();
    let sockets = Sockets::new(report);
    sockets.act(SocketId(7), open("ws://gateway/"));
    run("it[0].readyState = 1; it[0].dispatchEvent(new Event('open'));", &all);
    sockets.act(SocketId(7), SocketAction::Send("hello".to_owned()));
    run(
        "it[0].hear('{}'); it[0].hear('x'.repeat(1 << 20)); it[0].hear('x'.repeat((1 << 20) + 1)); it[0].hear(new ArrayBuffer(4));",
        &all,
    );
    run("it[0].dispatchEvent(new CloseEvent('close', { code: 4001 })); it[0].hear('late');", &all);
    let told = facts(&reports.now());
    assert_eq!(told.len(), 4);
    assert_eq!(told[0], (7, SocketFact::Opened));
    assert_eq!(told[1], (7, SocketFact::Frame("{}".to_owned())));
    assert!(matches!(&told[2].1, SocketFact::Frame(text) if text.len() == 1 << 20));
    assert_eq!(told[3], (7, SocketFact::Closed { code: 4001 }));
    assert_eq!(reports.lines.borrow().len(), 2, "the two that were dropped are logged");
    assert_eq!(run("return it[0].sent.join()", &all).as_string().unwrap(), "hello");
}

#[wasm_bindgen_test]
fn a_socket_that_is_given_up_is_closed_and_its_listeners_are_gone() {
    let (_server, all) = server();
    let (report, mut reports) = Reports::new();
    let sockets = Sockets::new(report);
    sockets.act(SocketId(1), open("ws://gateway/"));
    sockets.act(SocketId(2), open("ws://gateway/"));
    sockets.act(SocketId(1), SocketAction::Close);
    drop(sockets);
    run("for (const one of it) { one.hear('x'); one.dispatchEvent(new CloseEvent('close', { code: 1000 })); }", &all);
    assert!(reports.now().is_empty());
    assert_eq!(run("return it.map(one => one.closes).join()", &all).as_string().unwrap(), "1,1");
}
