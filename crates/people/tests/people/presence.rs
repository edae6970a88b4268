//! `client.presence` (api-behaviour 13).

use kandy_wire::Value;

use crate::page::Page;

const GOOD: &str = r#"{"presenceResponse":{"statusCode":0}}"#;
const WATCHED: &str = r#"{"presenceWatcherResponse":{"statusCode":0}}"#;

#[test]
fn an_update_is_published_and_adopted() {
    let mut page = Page::uc();
    assert_eq!(page.query(r#"{"type":"presence.getSelf"}"#), kandy_wire::parse("{}").unwrap());
    page.json(r#"{"type":"presence.update","status":"open","activity":"other","note":"out for lunch"}"#);
    let body = r#"{"presenceRequest":{"activity":"other","note":"out for lunch","status":"open"}}"#;
    assert_eq!(page.next(), format!("POST user presence {body}"));
    assert_eq!(page.query(r#"{"type":"presence.getSelf"}"#)["loading"], true);
    page.answer(200, GOOD);
    assert_eq!(page.events(), ["presence:selfChange {}"]);
    let own = page.query(r#"{"type":"presence.getSelf"}"#);
    assert_eq!(
        own.to_string(),
        r#"{"activity":"other","error":false,"loading":false,"note":"out for lunch","status":"open"}"#
    );
}

#[test]
fn values_that_do_not_exist_are_errors_and_change_nothing() {
    let mut page = Page::uc();
    for (status, activity, code) in [
        ("bad", "bad", "presence:1"),
        ("open", "dancing", "presence:2"),
        ("", "active", "presence:1"),
        ("open", "", "presence:2"),
    ] {
        page.json(&format!(r#"{{"type":"presence.update","status":"{status}","activity":"{activity}"}}"#));
        assert_eq!(page.error("presence:error"), code);
    }
    assert!(page.asked.is_empty());
    assert_eq!(page.query(r#"{"type":"presence.getSelf"}"#).to_string(), "{}");
}

#[test]
fn a_failed_update_is_told_and_kept() {
    let answers = [
        (200, r#"{"presenceResponse":{"statusCode":37}}"#, Value::from(37)),
        (400, r#"{"presenceResponse":{"statusCode":37}}"#, Value::from(37)),
        (500, "", Value::from("NO_CODE")),
        (200, "{", Value::from("NO_CODE")),
    ];
    for (status, body, code) in answers {
        let mut page = Page::link();
        page.json(r#"{"type":"presence.update","status":"open","activity":"busy"}"#);
        page.answer(status, body);
        assert_eq!(page.error("presence:error"), code, "{status} {body}");
        let own = page.query(r#"{"type":"presence.getSelf"}"#);
        assert_eq!((own["error"]["code"].clone(), own["loading"].clone()), (code, Value::Bool(false)));
    }
}

#[test]
fn what_is_fetched_comes_as_a_notification() {
    let mut page = Page::uc();
    page.json(r#"{"type":"presence.fetch","users":"carol@example.com"}"#);
    let body = r#"{"presenceWatcherRequest":{"action":"get","userList":["carol@example.com"]}}"#;
    assert_eq!(page.next(), format!("POST user presenceWatcher {body}"));
    let of_carol = r#"{"type":"presence.get","users":["nobody@example.com","carol@example.com"]}"#;
    assert_eq!(page.query(of_carol).to_string(), r#"[{"loading":true,"userId":"carol@example.com"}]"#);
    page.answer(200, WATCHED);
    assert_eq!(page.events(), [""; 0]);
    page.notice(
        r#"{"eventType":"presenceWatcher","eventId":"1",
            "presenceWatcherNotificationParams":{"name":"carol@example.com","type":"0","status":"closed","activity":"unknown"}}"#,
    );
    let change = r#"presence:change {"activity":"unknown","status":"closed","userId":"carol@example.com"}"#;
    assert_eq!(page.events(), [change]);
    let all = page.query(r#"{"type":"presence.getAll"}"#);
    assert_eq!(all[0]["loading"], false);
    assert_eq!(all.as_array().unwrap().len(), 1);
}

#[test]
fn a_fetch_that_fails_leaves_nothing_loading() {
    let mut page = Page::uc();
    page.json(r#"{"type":"presence.fetch","users":["carol@example.com"]}"#);
    page.lose();
    assert_eq!(page.error("presence:error"), "NO_CODE");
    assert_eq!(page.query(r#"{"type":"presence.getAll"}"#).to_string(), "[]");
}

#[test]
fn values_in_the_answer_count_too() {
    let mut page = Page::uc();
    page.json(r#"{"type":"presence.fetch","users":["bob@example.com"]}"#);
    page.answer(
        200,
        r#"{"presenceWatcherResponse":{"statusCode":0},"presenceContact":[{"presentityUserId":"bob@example.com",
            "presence":{"person":{"activities":{"activityValue":"other","other":"At the dentist"},
            "overriding-willingness":{"overridingWillingnessValue":"open"}}}}]}"#,
    );
    assert_eq!(page.events(), [""; 0], "the notification tells");
    let known =
        r#"[{"activity":"other","loading":false,"note":"At the dentist","status":"open","userId":"bob@example.com"}]"#;
    assert_eq!(page.query(r#"{"type":"presence.getAll"}"#).to_string(), known);
}

#[test]
fn watches_are_renewed_at_the_next_login_of_the_same_user_only() {
    let mut page = Page::uc();
    page.json(r#"{"type":"presence.subscribe","users":["bob@example.com","carol@example.com"]}"#);
    assert!(page.next().contains(r#""action":"watch""#));
    page.answer(200, WATCHED);
    page.json(r#"{"type":"presence.unsubscribe","users":["carol@example.com"]}"#);
    assert!(page.next().contains(r#""action":"stopwatch""#));
    page.answer(200, WATCHED);
    page.log_out();
    page.session(2, "uc", "alice@example.com", true, true);
    let body = r#"{"presenceWatcherRequest":{"action":"watch","userList":["bob@example.com"]}}"#;
    assert_eq!(page.next(), format!("POST user presenceWatcher {body}"));
    page.answer(200, WATCHED);
    page.session(2, "uc", "alice@example.com", false, true);
    page.session(2, "uc", "alice@example.com", true, true);
    assert!(page.asked.is_empty(), "the subscription is the same one");
    page.log_out();
    page.session(3, "uc", "bob@example.com", true, true);
    assert!(page.asked.is_empty(), "another user's watches");
    assert_eq!(page.events(), [""; 0]);
}

#[test]
fn every_request_that_fails_is_told() {
    for command in ["presence.fetch", "presence.subscribe", "presence.unsubscribe"] {
        let refusals =
            [(404, r#"{"presenceWatcherResponse":{"statusCode":42}}"#, Value::from(42)), (500, "x", "NO_CODE".into())];
        for (status, body, code) in refusals {
            let mut page = Page::uc();
            page.json(&format!(r#"{{"type":"{command}","users":["bob@example.com"]}}"#));
            page.answer(status, body);
            assert_eq!(page.error("presence:error"), code, "{command}");
        }
        let mut page = Page::out();
        page.json(&format!(r#"{{"type":"{command}","users":["bob@example.com"]}}"#));
        assert_eq!(page.error("presence:error"), "NO_CODE", "{command}: nobody is logged in");
        let mut page = Page::uc();
        page.json(&format!(r#"{{"type":"{command}"}}"#));
        assert_eq!(page.error("presence:error"), "NO_CODE", "{command}: nobody is named");
    }
}
