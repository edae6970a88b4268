//! `client.sip` (api-behaviour 17).

use kandy_wire::Value;

use crate::page::Page;

const SUBSCRIBE: &str = r#"{"type":"sip.subscribe","eventType":"event:dialog","users":["bob@example.com"],"clientCorrelator":"d1",
    "customParameters":[{"name":"X-A","value":"1"}]}"#;
const MADE: &str = r#"{"eventSubscriptionResponse":{"statusCode":0,"expires":3600,"sessionData":"ev-31"}}"#;
const DONE: &str = r#"{"eventSubscriptionResponse":{"statusCode":0}}"#;

/// A page that has subscribed to Bob's dialogs.
fn subscribed() -> Page {
    let mut page = Page::uc();
    page.json(SUBSCRIBE);
    page.answer(200, MADE);
    page.events();
    page
}

#[test]
fn an_event_is_subscribed() {
    let mut page = Page::uc();
    page.json(SUBSCRIBE);
    let body = r#"{"eventSubscriptionRequest":{"clientCorrelator":"d1","customParameters":[{"name":"X-A","value":"1"}],"eventType":"event:dialog","expires":3600,"subscribeUserList":["bob@example.com"]}}"#;
    assert_eq!(page.next(), format!("POST configured eventSubscription {body}"));
    page.answer(200, MADE);
    let told = r#"{"change":"newSubscription","eventType":"event:dialog","subscribedUsers":["bob@example.com"]}"#;
    assert_eq!(page.events(), [format!("sip:subscriptionChange {told}")]);
    let details = r#"{"sessionData":"ev-31","subscribedUsers":["bob@example.com"]}"#;
    assert_eq!(page.query(r#"{"type":"sip.getDetails","eventType":"event:dialog"}"#).to_string(), details);
    assert_eq!(page.query(r#"{"type":"sip.getDetails"}"#).to_string(), format!(r#"{{"event:dialog":{details}}}"#));
    assert_eq!(page.query(r#"{"type":"sip.getDetails","eventType":"event:x"}"#), Value::Null);
}

#[test]
fn its_notifications_are_told_and_kept() {
    let mut page = subscribed();
    let notice = r#"{"eventId":"7500001","eventType":"event:dialog","genericNotificationParams":{"eventData":"x"}}"#;
    page.notice(notice);
    let told = format!(r#"{{"event":{notice},"eventId":"7500001","eventType":"event:dialog"}}"#);
    assert_eq!(page.events(), [format!("sip:eventsChange {told}")]);
    let details = page.query(r#"{"type":"sip.getDetails","eventType":"event:dialog"}"#);
    assert_eq!(details["notifications"][0].to_string(), notice);
    page.notice(&notice.replace("dialog", "presence"));
    assert_eq!(page.events(), [""; 0], "not subscribed");
    for _ in 0..200 {
        page.notice(notice);
    }
    let details = page.query(r#"{"type":"sip.getDetails","eventType":"event:dialog"}"#);
    assert_eq!(details["notifications"].as_array().unwrap().len(), 100);
}

#[test]
fn users_come_and_go() {
    let mut page = subscribed();
    page.json(
        r#"{"type":"sip.update","eventType":"event:dialog","userLists":{"subscribeUserList":["carol@example.com"],
            "unsubscribeUserList":["bob@example.com"]}}"#,
    );
    let body = r#"{"eventSubscriptionRequest":{"customParameters":[],"eventType":"event:dialog","subscribeUserList":["carol@example.com"],"unsubscribeUserList":["bob@example.com"]}}"#;
    assert_eq!(page.next(), format!("PUT configured eventSubscription/ev-31 {body}"));
    page.answer(200, DONE);
    let told = r#"{"change":"updateSubscription","eventType":"event:dialog","subscribedUsers":["carol@example.com"],"unsubscribedUsers":["bob@example.com"]}"#;
    assert_eq!(page.events(), [format!("sip:subscriptionChange {told}")]);
    let details = page.query(r#"{"type":"sip.getDetails","eventType":"event:dialog"}"#);
    assert_eq!(details["subscribedUsers"].to_string(), r#"["carol@example.com"]"#);
    page.json(
        r#"{"type":"sip.update","eventType":"event:dialog","userLists":{"unsubscribeUserList":["carol@example.com"]}}"#,
    );
    page.answer(200, DONE);
    assert_eq!(page.query(r#"{"type":"sip.getDetails"}"#).to_string(), "{}", "nobody is left");
    assert!(!page.wait(), "and nothing is extended");
}

#[test]
fn it_is_given_up() {
    let mut page = subscribed();
    page.json(r#"{"type":"sip.unsubscribe","eventType":"event:dialog"}"#);
    assert_eq!(page.next(), "DELETE configured eventSubscription/ev-31");
    page.answer_as(204, None, "");
    assert_eq!(page.events(), [r#"sip:subscriptionChange {"change":"unsubscribe","eventType":"event:dialog"}"#]);
    assert_eq!(page.query(r#"{"type":"sip.getDetails"}"#).to_string(), "{}");
    assert!(!page.wait());
}

#[test]
fn what_fails_is_told() {
    let update = r#"{"type":"sip.update","eventType":"event:dialog","userLists":{}}"#;
    let unsubscribe = r#"{"type":"sip.unsubscribe","eventType":"event:dialog"}"#;
    for command in [SUBSCRIBE, update, unsubscribe] {
        for (status, body) in [(404, r#"{"eventSubscriptionResponse":{"statusCode":42}}"#), (500, ""), (200, "{")] {
            let mut page = subscribed();
            page.json(command);
            page.answer(status, body);
            assert_eq!(page.error("sip:error"), "sipEvents:1", "{command} {status}");
        }
    }
    let mut page = Page::uc();
    page.json(SUBSCRIBE);
    page.answer(200, DONE);
    assert_eq!(page.error("sip:error"), "sipEvents:1", "no sessionData");
    page.json(r#"{"type":"sip.subscribe","eventType":"event:dialog","users":[]}"#);
    assert_eq!(page.error("sip:error"), "sipEvents:1", "nobody");
    for command in [
        r#"{"type":"sip.subscribe","eventType":"event:x","users":["a"],"clientCorrelator":"cc"}"#,
        r#"{"type":"sip.subscribe","eventType":"call","users":["a"]}"#,
        r#"{"type":"sip.subscribe","users":["a"]}"#,
    ] {
        page.json(command);
        assert_eq!(page.error("sip:error"), "sipEvents:2", "{command}");
    }
    for command in [
        r#"{"type":"sip.update","eventType":"event:x","userLists":{}}"#,
        r#"{"type":"sip.unsubscribe","eventType":"event:x"}"#,
    ] {
        page.json(command);
        assert_eq!(page.error("sip:error"), "sipEvents:3", "{command}");
    }
    let mut page = Page::out();
    page.json(SUBSCRIBE);
    assert_eq!(page.error("sip:error"), "sipEvents:2", "nobody is logged in");
}

#[test]
fn it_is_extended_at_half_its_life() {
    let mut page = subscribed();
    let start = page.now;
    assert!(page.wait());
    assert_eq!(page.now - start, 1_800_000);
    let extension =
        r#"PUT configured eventSubscription/ev-31 {"eventSubscriptionRequest":{"eventType":"event:dialog"}}"#;
    assert_eq!(page.next(), extension);
    page.answer(200, r#"{"eventSubscriptionResponse":{"statusCode":0,"expires":0}}"#);
    let start = page.now;
    assert!(page.wait());
    assert_eq!(page.now - start, 1_800_000, "no life is no reason to flood the server");
    page.lose();
    let start = page.now;
    assert!(page.wait());
    assert_eq!((page.now - start, page.next().as_str()), (30_000, extension), "without an answer it is tried again");
    page.answer(404, DONE);
    assert!(
        page.next().starts_with("POST configured eventSubscription "),
        "the server has forgotten it: {}",
        page.next()
    );
    page.answer(200, r#"{"eventSubscriptionResponse":{"statusCode":0,"expires":10,"sessionData":"ev-32"}}"#);
    let start = page.now;
    assert!(page.wait());
    assert_eq!(page.now - start, 30_000, "never sooner");
    assert!(page.next().starts_with("PUT configured eventSubscription/ev-32"));
    assert_eq!(page.events(), [""; 0]);
}

#[test]
fn it_is_made_again_after_a_new_login() {
    let mut page = subscribed();
    page.log_out();
    assert!(!page.wait(), "nothing is extended without a login");
    page.session(2, "uc", "alice@example.com", true, true);
    assert!(page.next().starts_with("POST configured eventSubscription "), "{}", page.next());
    assert!(page.next().contains("bob@example.com") && page.next().contains("X-A") && page.next().contains("d1"));
    page.answer(200, &MADE.replace("31", "99"));
    assert_eq!(page.events(), [""; 0]);
    assert_eq!(page.query(r#"{"type":"sip.getDetails"}"#)["event:dialog"]["sessionData"], "ev-99");
    page.json(
        r#"{"type":"people:session","session":{"login":3,"flavour":"uc","username":"alice@example.com","services":["call"],
            "connected":true}}"#,
    );
    assert_eq!(page.error("sip:error"), "sipEvents:2");
    assert_eq!(page.query(r#"{"type":"sip.getDetails"}"#).to_string(), "{}");
}

#[test]
fn a_second_subscription_takes_the_place_of_the_first() {
    let mut page = subscribed();
    page.json(&SUBSCRIBE.replace("bob", "carol"));
    page.answer(200, &MADE.replace("31", "32"));
    assert_eq!(page.next(), "DELETE configured eventSubscription/ev-31");
    page.answer(404, "");
    assert_eq!(page.events().len(), 1);
    assert_eq!(page.query(r#"{"type":"sip.getDetails"}"#)["event:dialog"]["subscribedUsers"][0], "carol@example.com");
}
