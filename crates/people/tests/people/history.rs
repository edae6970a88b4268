//! `client.call.history` (api-behaviour 10).

use kandy_wire::Value;

use crate::page::Page;

const BOTH: [&str; 2] = ["callHistory:change {}", "callHistoryCache:change {}"];
const ID: &str = "0e78647a-139c-4584-83d7-04da4aabf345";

fn record(id: &str, direction: &str, start: u64, duration: u64) -> String {
    format!(
        r#"{{"type":"CallLog","params":{{"recordId":"{id}","startTime":"{start}","duration":"{duration}","direction":"{direction}",
            "callerName":"Bob B","callerDisplayNumber":"bob@example.com","calleeName":"","calleeDisplayNumber":"",
            "resourceLocation":"/r/{id}"}}}}"#
    )
}

fn fetched(page: &mut Page, records: &[String]) {
    page.json(r#"{"type":"callHistory.fetch"}"#);
    page.answer(200, &format!(r#"{{"logHistory":{{"statusCode":0,"logItems":[{}]}}}}"#, records.join(",")));
    assert_eq!(page.events(), BOTH);
}

fn ids(page: &Page) -> Vec<String> {
    let all = page.query(r#"{"type":"callHistory.get"}"#);
    all.as_array().unwrap().iter().map(|record| record["recordId"].as_str().unwrap().to_owned()).collect()
}

fn ended(page: &mut Page, id: &str, direction: &str, connected: &str, end: u64) {
    page.json(&format!(
        r#"{{"type":"people:call","record":{{"callId":"{id}","direction":"{direction}","startTime":1000,"endTime":{end},
            "connectedTime":{connected},"own":{{"name":"Alice","number":"alice@example.com"}},
            "remote":{{"name":"Bob B","number":"bob@example.com"}}}}}}"#
    ));
    assert_eq!(page.events(), BOTH);
}

#[test]
fn records_of_the_server_come_newest_first_with_the_other_party() {
    let mut page = Page::uc();
    page.json(r#"{"type":"callHistory.fetch","amount":10,"offset":5}"#);
    assert_eq!(page.next(), "GET user logHistory?count=10&startIndex=5");
    page.answer(200, r#"{"logHistory":{"statusCode":0,"logItems":[]}}"#);
    assert_eq!(page.events(), BOTH);
    page.json(r#"{"type":"callHistory.fetch"}"#);
    assert_eq!(page.next(), "GET user logHistory?count=50&startIndex=0");
    page.lose();
    page.events();
    fetched(
        &mut page,
        &[record("1", "missed", 1_000, 0), record("2", "outgoing", 3_000, 9), record("3", "incoming", 2_000, 9)],
    );
    assert_eq!(ids(&page), ["2", "3", "1"]);
    let outgoing = &page.query(r#"{"type":"callHistory.get"}"#)[0];
    assert_eq!(
        outgoing["remoteParticipant"].to_string(),
        r#"{"displayName":"Bob B","displayNumber":"bob@example.com"}"#
    );
    assert_eq!(outgoing["calleeName"], "Bob B", "filled from the caller");
    fetched(&mut page, &[record("2", "outgoing", 3_000, 99)]);
    assert_eq!(ids(&page), ["2", "3", "1"], "merged by id");
    assert_eq!(page.query(r#"{"type":"callHistory.get"}"#)[0]["duration"], "99");
}

#[test]
fn a_call_that_ends_here_has_a_record_of_ours() {
    let mut page = Page::uc();
    ended(&mut page, ID, "outgoing", "5000", 9_000);
    let ours = &page.query(r#"{"type":"callHistory.get"}"#)[0];
    let expected = r#"{"callerDisplayNumber":"alice@example.com","callerName":"Alice","calleeDisplayNumber":"bob@example.com",
        "calleeName":"Bob B","direction":"outgoing","duration":"4000","originalRemoteParticipant":null,
        "recordId":"0e78647a-139c-4584-83d7-04da4aabf345",
        "remoteParticipant":{"displayName":"Bob B","displayNumber":"bob@example.com"},"resourceLocation":"","startTime":"5000"}"#;
    assert_eq!(*ours, kandy_wire::parse(expected).unwrap());
    ended(&mut page, "x", "missed", "null", 20_000);
    let missed = &page.query(r#"{"type":"callHistory.get"}"#)[0];
    assert_eq!((&missed["startTime"], &missed["duration"]), (&"20000".into(), &"0".into()), "never connected");
    assert_eq!(missed["callerName"], "Bob B");
    page.json(r#"{"type":"people:call","record":{}}"#);
    assert_eq!(ids(&page).len(), 2);
}

#[test]
fn a_record_of_ours_gives_way_to_the_servers() {
    let other = "1e78647a-139c-4584-83d7-04da4aabf345";
    let cases = [
        ("incoming", 15_000, 9_000, true),
        ("incoming", 15_001, 4_000, false),
        ("incoming", 5_000, 9_001, false),
        ("missed", 5_000, 4_000, false),
    ];
    for (direction, start, duration, gone) in cases {
        let mut page = Page::uc();
        ended(&mut page, ID, "incoming", "5000", 9_000);
        ended(&mut page, other, "missed", "null", 9_000);
        fetched(&mut page, &[record("7", direction, start, duration)]);
        assert_eq!(ids(&page).iter().any(|id| id == ID), !gone, "{direction} {start} {duration}");
        assert!(!ids(&page).iter().any(|id| id == other), "never connected: the server has it");
    }
}

#[test]
fn one_record_is_removed_or_all() {
    let mut page = Page::uc();
    fetched(&mut page, &[record("1", "missed", 1_000, 0), record("2", "outgoing", 3_000, 9)]);
    page.json(r#"{"type":"callHistory.remove","recordId":"1"}"#);
    assert_eq!(page.next(), "DELETE user logRecord/1");
    page.answer_as(204, None, "");
    assert_eq!((page.events(), ids(&page)), (BOTH.map(str::to_owned).to_vec(), vec!["2".to_owned()]));
    ended(&mut page, ID, "outgoing", "5000", 9_000);
    page.json(&format!(r#"{{"type":"callHistory.remove","recordId":"{ID}"}}"#));
    assert_eq!(
        (page.events(), page.asked.len()),
        (BOTH.map(str::to_owned).to_vec(), 0),
        "the server knows nothing of it"
    );
    page.json(r#"{"type":"callHistory.clear"}"#);
    assert_eq!(page.next(), "DELETE user logHistory");
    page.answer(200, "{}");
    assert_eq!((page.events(), ids(&page).len()), (BOTH.map(str::to_owned).to_vec(), 0));
}

#[test]
fn what_fails_is_told() {
    let cases = [
        (r#"{"type":"callHistory.fetch"}"#, 400, r#"{"logHistory":{"statusCode":37}}"#, "callHistory:2"),
        (r#"{"type":"callHistory.fetch"}"#, 400, r#"{"logHistory":{"statusCode":26}}"#, "callHistory:1"),
        (r#"{"type":"callHistory.fetch"}"#, 500, "", "callHistory:1"),
        (r#"{"type":"callHistory.fetch"}"#, 200, "{}", "callHistory:1"),
        (r#"{"type":"callHistory.fetch"}"#, 204, "", "callHistory:1"),
        (r#"{"type":"callHistory.remove","recordId":"1"}"#, 404, r#"{"logRecord":{"statusCode":42}}"#, "callHistory:3"),
        (r#"{"type":"callHistory.remove","recordId":"1"}"#, 500, "", "callHistory:1"),
        (r#"{"type":"callHistory.clear"}"#, 404, r#"{"logRecord":{"statusCode":42}}"#, "callHistory:3"),
        (r#"{"type":"callHistory.clear"}"#, 200, "{", "callHistory:1"),
    ];
    for (command, status, body, code) in cases {
        let mut page = Page::uc();
        page.json(command);
        page.answer(status, body);
        assert_eq!(page.error("callHistory:error"), code, "{command} {status} {body}");
        let mut page = Page::out();
        page.json(command);
        assert_eq!(page.error("callHistory:error"), "callHistory:1", "{command}: nobody is logged in");
    }
    for command in [
        r#"{"type":"callHistory.fetch","amount":"x"}"#,
        r#"{"type":"callHistory.fetch","amount":-1}"#,
        r#"{"type":"callHistory.fetch","amount":1,"offset":-1}"#,
        r#"{"type":"callHistory.remove"}"#,
    ] {
        let mut page = Page::uc();
        page.json(command);
        assert_eq!(page.error("callHistory:error"), "callHistory:2", "{command}");
        assert!(page.asked.is_empty());
    }
}

#[test]
fn the_cache_is_a_text_that_can_be_given_back() {
    let mut page = Page::uc();
    ended(&mut page, ID, "outgoing", "5000", 9_000);
    let Value::String(cache) = page.query(r#"{"type":"callHistory.getCache"}"#) else { panic!("a text") };
    let mut other = Page::uc();
    other.json(&format!(r#"{{"type":"callHistory.setCache","records":{cache}}}"#));
    assert_eq!(other.events(), [""; 0], "no event");
    assert_eq!(other.query(r#"{"type":"callHistory.get"}"#), page.query(r#"{"type":"callHistory.get"}"#));
    for records in [r#"{"a":1}"#, "7", "null", "[1,null]"] {
        other.json(&format!(r#"{{"type":"callHistory.setCache","records":{records}}}"#));
        assert_eq!(other.query(r#"{"type":"callHistory.get"}"#).to_string(), "[]", "{records}");
    }
}

#[test]
fn a_thousand_records_are_kept() {
    let mut page = Page::uc();
    for number in 0..1_001 {
        ended(&mut page, &format!("c{number}"), "outgoing", "5000", 9_000 + number);
    }
    assert_eq!(ids(&page).len(), 1_000);
}
