use kandy_core::{
    Input, OpId,
    effect::HttpRequest,
    input::{HttpFailure, HttpResponse},
};
use kandy_wasm::web::http::Http;
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::world::{Replaced, Reports, member, run, window};

fn request(url: &str) -> HttpRequest {
    HttpRequest {
        method: "GET",
        url: url.to_owned(),
        headers: Vec::new(),
        body: None,
        timeout: 10_000,
        keepalive: false,
    }
}

async fn answer(reports: &mut Reports, op: OpId) -> Result<HttpResponse, HttpFailure> {
    let wanted = |input: &Input| match input {
        Input::Http(number, result) if *number == op => Some(result.clone()),
        _ => None,
    };
    reports.find(wanted).await
}

#[wasm_bindgen_test]
async fn an_answer_has_status_type_and_body() {
    let (report, mut reports) = Reports::new();
    let http = Http::new(report);
    http.send(OpId(1), request("data:application/json;charset=utf-8,%7B%22price%22:%22%E2%82%AC%22%7D"), None);
    let found = answer(&mut reports, OpId(1)).await.unwrap();
    assert_eq!(found.status, 200);
    assert_eq!(found.body, r#"{"price":"€"}"#);
    assert!(found.content_type.unwrap().starts_with("application/json"));

    let origin = web_sys::window().unwrap().location().origin().unwrap();
    http.send(OpId(2), request(&format!("{origin}/no-such-page")), None);
    let missing = answer(&mut reports, OpId(2)).await.unwrap();
    assert_eq!(missing.status, 404, "an answer is an answer, whatever its status");
}

#[wasm_bindgen_test]
async fn where_nobody_listens_the_failure_has_a_name_and_a_sentence() {
    let (report, mut reports) = Reports::new();
    let http = Http::new(report);
    // Port 1 is refused by the browser itself, the other one by the machine.
    for (op, url) in [(OpId(1), "http://127.0.0.1:1/"), (OpId(2), "http://127.0.0.1:61731/"), (OpId(3), "http://[")] {
        http.send(op, request(url), None);
        let failure = answer(&mut reports, op).await.unwrap_err();
        assert_eq!(failure.name, "TypeError", "{url}");
        assert!(!failure.message.is_empty(), "{url}");
    }
    assert!(reports.now().is_empty(), "each is answered once");
}

#[wasm_bindgen_test]
async fn a_header_that_is_none_is_a_failure() {
    let (report, mut reports) = Reports::new();
    let http = Http::new(report);
    let headers = vec![("x-broken", "a\nb".to_owned())];
    http.send(OpId(1), HttpRequest { headers, ..request("data:,") }, None);
    assert_eq!(answer(&mut reports, OpId(1)).await.unwrap_err().name, "TypeError");
}

#[wasm_bindgen_test]
async fn a_long_body_is_refused() {
    let (report, mut reports) = Reports::new();
    let http = Http::new(report);
    http.send(OpId(1), request(&format!("data:,{}", "x".repeat(16 << 20))), None);
    assert_eq!(answer(&mut reports, OpId(1)).await.unwrap().body.len(), 16 << 20);
    http.send(OpId(2), request(&format!("data:,{}", "x".repeat((16 << 20) + 1))), None);
    let failure = answer(&mut reports, OpId(2)).await.unwrap_err();
    assert_eq!((failure.name.as_str(), failure.message.as_str()), ("RangeError", "The answer is longer than 16 MiB."));
}

/// `fetch` as of a server that never answers. What it was given is kept in `fetch.asked`.
fn silent_server() -> (Replaced, JsValue) {
    let fetch = run(
        "const fetch = (url, init) => new Promise((_, reject) => {
             fetch.asked.push(init);
             init.signal.addEventListener('abort', () => reject(init.signal.reason));
         });
         fetch.asked = [];
         return fetch;",
        &JsValue::UNDEFINED,
    );
    (Replaced::new(&window(), "fetch", &fetch), member(&fetch, "asked"))
}

#[wasm_bindgen_test]
async fn a_server_that_never_answers_is_given_up() {
    let (_server, asked) = silent_server();
    let (report, mut reports) = Reports::new();
    let http = Http::new(report);
    http.send(
        OpId(1),
        HttpRequest { timeout: 30, body: Some("{}".to_owned()), method: "POST", ..request("http://x/") },
        None,
    );
    let failure = answer(&mut reports, OpId(1)).await.unwrap_err();
    assert_eq!(failure.name, "TimeoutError");
    assert_eq!(failure.message, "There was no answer within 30 ms.");
    let init = js_sys::Array::from(&asked).get(0);
    let told = run("return [it.method, it.body, it.credentials, it.keepalive, it.signal.aborted].join()", &init);
    assert_eq!(told.as_string().unwrap(), "POST,{},omit,,true");
}

#[wasm_bindgen_test]
async fn dropping_aborts_all_but_what_outlives_the_page() {
    let (_server, asked) = silent_server();
    let (report, mut reports) = Reports::new();
    let http = Http::new(report);
    http.send(OpId(1), request("http://x/"), None);
    http.send(OpId(2), HttpRequest { keepalive: true, ..request("http://x/") }, None);
    drop(http);
    let told = run("return it.map(init => [init.keepalive, init.signal.aborted].join()).join(' ')", &asked);
    assert_eq!(told.as_string().unwrap(), ",true true,false");
    assert!(reports.rest().await.is_empty(), "nothing is reported after dropping");
}
