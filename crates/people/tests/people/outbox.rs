//! What waits to be sent (api-behaviour 12): once and only once, in order, and never lost in silence.

use kandy_wire::Value;

use crate::{
    messaging::{BOB, create, messages, send},
    page::Page,
};

#[test]
fn messages_of_a_conversation_go_one_after_the_other() {
    let mut page = Page::uc();
    for local in ["m1", "m2", "m3"] {
        send(&mut page, local, local);
    }
    page.json(
        r#"{"type":"conversation.send","destination":["carol@example.com"],"convoType":"im","message":"x",
            "parts":[{"type":"text","text":"another"}]}"#,
    );
    assert_eq!(page.asked.len(), 2, "one of each conversation");
    assert!(page.next().ends_with("txt=m1"));
    page.answer(200, r#"{"success":{"id":"s1"}}"#);
    page.asked.rotate_left(1);
    assert!(page.next().ends_with("txt=m2"), "{}", page.next());
    page.answer(200, r#"{"success":{"id":"s2"}}"#);
    page.asked.rotate_left(1);
    assert!(page.next().ends_with("txt=m3"));
}

#[test]
fn a_refusal_ends_the_message_and_not_the_sending() {
    let uc = [
        (200, r#"{"error":{"code":"ERR_DEST","human":"Unknown destination"}}"#, Value::from("ERR_DEST")),
        (404, r#"{"error":{"code":7,"human":"no"}}"#, Value::from(7)),
        (500, r#"{"error":{"code":7,"human":"no"}}"#, Value::from(7)),
        (400, "", Value::from("messaging:5")),
        (200, r#"{"error":{}}"#, Value::from("messaging:5")),
    ];
    let link = [
        (404, r#"{"imResponse":{"statusCode":404}}"#, Value::from("messaging:5")),
        (200, r#"{"imResponse":{"statusCode":37}}"#, Value::from("messaging:5")),
        (500, r#"{"imResponse":{"statusCode":26}}"#, Value::from("messaging:5")),
        (403, "", Value::from("messaging:5")),
    ];
    let cases = uc.into_iter().map(|case| (Page::uc(), case)).chain(link.into_iter().map(|case| (Page::link(), case)));
    for (mut page, (status, body, code)) in cases {
        create(&mut page);
        send(&mut page, "m1", "one");
        send(&mut page, "m2", "two");
        page.events();
        page.answer(status, body);
        let change = r#"messages:change {"destination":["bob@example.com"],"sender":"alice@example.com","type":"im"}"#;
        assert_eq!(page.events(), [change], "{status} {body}");
        let first = &messages(&page)[0];
        assert_eq!((&first["isPending"], &first["messageId"]), (&false.into(), &Value::Null));
        assert_eq!(
            (&first["error"]["code"], &first["error"]["name"]),
            (&code, &"BasicError".into()),
            "{status} {body}"
        );
        assert!(page.next().contains("two"), "the next one is sent");
    }
}

#[test]
fn an_unknown_outcome_is_repeated_with_the_same_id() {
    for (status, body) in [(0, ""), (500, ""), (502, "<html>"), (200, "{"), (200, "{}"), (200, r#"{"success":{}}"#)] {
        let mut page = Page::uc();
        send(&mut page, "m1", "one");
        send(&mut page, "m2", "two");
        let first = page.next();
        if status == 0 {
            page.lose()
        } else {
            page.answer(status, body)
        }
        assert!(page.asked.is_empty(), "it waits, and nothing overtakes it");
        assert!(page.wait(), "{status} {body}");
        assert_eq!(page.next(), first, "{status} {body}");
        page.answer(200, r#"{"success":{"id":"s1"}}"#);
        assert!(page.next().ends_with("txt=two"));
        assert_eq!(messages(&page)[0]["messageId"], "s1");
    }
}

#[test]
fn a_proof_that_the_server_does_not_know_any_more_costs_no_message() {
    let uc = r#"{"error":{"code":27,"human":"The token is unknown or no longer valid."}}"#;
    let link = r#"{"imResponse":{"statusCode":27}}"#;
    for (mut page, status, body) in [(Page::uc(), 200, uc), (Page::uc(), 401, uc), (Page::link(), 401, link)] {
        send(&mut page, "m1", "one");
        send(&mut page, "m2", "two");
        let first = page.next();
        page.answer(status, body);
        assert!(page.asked.is_empty() && messages(&page)[0]["isPending"] == true, "it waits, and nothing overtakes it");
        assert!(page.wait());
        assert_eq!(page.next(), first);
        // In bounds, if nobody gets a new one.
        for _ in 2..=8 {
            page.answer(status, body);
            page.wait();
        }
        let error = &messages(&page)[0]["error"];
        assert_eq!(error["code"], "messaging:5");
        assert!(!error["message"].as_str().unwrap().contains("may have arrived"), "it was not even looked at");
        assert!(page.next().contains("two"));
    }
}

#[test]
fn an_unknown_outcome_is_told_where_it_cannot_be_repeated() {
    for flavour in ["uc", "link"] {
        let mut page = Page::out();
        page.session(1, flavour, "alice@example.com", true, false);
        send(&mut page, "m1", "one");
        page.events();
        page.lose();
        let events = page.events();
        assert_eq!(events.len(), 2, "{events:?}");
        assert!(events[0].starts_with("messages:change") && !events[0].contains("messageId"));
        assert!(events[1].starts_with("messages:error") && events[1].contains("it may have arrived"), "{events:?}");
        assert_eq!(messages(&page)[0]["error"]["code"], "messaging:5");
        assert!(!page.wait() && page.asked.is_empty());
    }
}

#[test]
fn a_timer_that_is_early_is_set_again() {
    let mut page = Page::uc();
    send(&mut page, "m1", "one");
    page.lose();
    let (timer, due) = page.timers.remove(0);
    page.now = due - 1;
    page.input(kandy_people::Input::Timer(timer));
    assert!(page.asked.is_empty());
    assert!(page.wait() && page.now == due && page.asked.len() == 1);
}

#[test]
fn attempts_are_bounded() {
    let mut page = Page::uc();
    send(&mut page, "m1", "one");
    page.events();
    let mut attempts = 0;
    while !page.asked.is_empty() {
        attempts += 1;
        let before = page.now;
        page.answer(503, "");
        page.wait();
        assert!(page.now - before <= 40_000, "{} ms", page.now - before);
    }
    assert_eq!(attempts, 8);
    let events = page.events();
    assert!(events[1].starts_with("messages:error") && events[1].contains("it may have arrived"), "{events:?}");
}

#[test]
fn without_a_connection_messages_wait_and_are_sent_once_after_it() {
    let mut page = Page::out();
    page.session(1, "uc", "alice@example.com", false, false);
    send(&mut page, "m1", "one");
    send(&mut page, "m2", "two");
    assert!(page.asked.is_empty());
    assert_eq!(messages(&page)[1]["isPending"], true);
    page.session(1, "uc", "alice@example.com", true, false);
    assert!(page.next().ends_with("txt=one"));
    page.answer(200, r#"{"success":{"id":"s1"}}"#);
    assert!(page.next().ends_with("txt=two"));
    page.answer(200, r#"{"success":{"id":"s2"}}"#);
    assert!(page.asked.is_empty());
}

#[test]
fn what_waits_fails_when_the_login_ends() {
    let mut page = Page::uc();
    create(&mut page);
    send(&mut page, "m1", "one");
    send(&mut page, "m2", "two");
    page.events();
    page.log_out();
    let events = page.events();
    assert_eq!(events.len(), 4, "{events:?}");
    assert!(events[1].contains("messages:error") && events[1].contains("may have arrived"), "it was under way");
    assert!(events[3].contains("messages:error") && events[3].contains("nobody is logged in"), "it never was");
    for at in [0, 1] {
        assert_eq!(messages(&page)[at]["isPending"], false);
        assert_eq!(messages(&page)[at]["error"]["code"], "messaging:5");
    }
    page.answer(200, r#"{"success":{"id":"s1"}}"#);
    assert_eq!(page.events(), [""; 0], "too late");
    send(&mut page, "m3", "three");
    assert_eq!(page.events().len(), 2, "sending while logged out is no silence");
    page.session(2, "uc", "alice@example.com", true, true);
    assert!(page.asked.is_empty(), "nothing is sent behind the application's back");
}

#[test]
fn a_new_login_of_the_same_user_goes_on_where_the_server_knows_ids() {
    for once in [true, false] {
        let mut page = Page::out();
        page.session(1, "uc", "alice@example.com", true, once);
        send(&mut page, "m1", "one");
        page.events();
        let first = page.next();
        page.asked.clear();
        page.session(2, "uc", "alice@example.com", true, once);
        match once {
            true => assert_eq!(page.next(), first),
            false => {
                assert!(page.asked.is_empty());
                assert!(page.events()[1].contains("may have arrived"));
            }
        }
    }
}

#[test]
fn another_user_inherits_nothing() {
    let mut page = Page::uc();
    create(&mut page);
    send(&mut page, "m1", "one");
    page.events();
    page.session(2, "uc", "bob@example.com", true, true);
    assert_eq!(page.events().len(), 2, "alice's message failed");
    page.asked.clear();
    assert!(!page.wait());
    assert!(page.asked.is_empty(), "and is not sent in bob's name");
    assert_eq!(page.query(r#"{"type":"conversation.getAll"}"#).to_string(), "[]");
}

#[test]
fn ten_thousand_messages_wait_and_no_more() {
    let mut page = Page::out();
    page.session(1, "uc", "alice@example.com", false, true);
    for number in 0..10_000 {
        send(&mut page, &format!("m{number}"), "x");
    }
    page.events();
    send(&mut page, "one-more", "x");
    assert!(page.events()[1].contains("Too many messages"));
    let last = page.query(&format!(r#"{{"type":"conversation.messages",{BOB},"from":9999,"count":5}}"#));
    assert_eq!((&last[0]["isPending"], &last[1]["isPending"]), (&true.into(), &false.into()));
}
