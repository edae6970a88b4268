//! `client.conversation` (api-behaviour 12): lists, histories, deleting, read marks.

use kandy_wire::Value;

use crate::{
    page::Page,
    receiving::{BOB, CHANGE, DETAILS, conversation, messages, uc},
};

/// A page that knows the id of its conversation with Bob.
fn listed() -> Page {
    let mut page = Page::uc();
    page.json(r#"{"type":"conversation.fetch","options":{}}"#);
    assert_eq!(page.next(), "GET service rm/threads");
    page.answer(
        200,
        r#"{"success":[{"handle":"bob@example.com","thread":"th-1","type":"internal","lastreceived":1711111111,
            "lastpull":1711111000,"lastmsg":"see you"}]}"#,
    );
    assert_eq!(page.events(), [r#"conversations:change [{"destination":["bob@example.com"],"type":"im"}]"#]);
    page
}

#[test]
fn a_history_is_merged_by_id_and_sorted_by_time() {
    let mut page = listed();
    let now = page.now;
    page.notice(&uc("m2", "bob@example.com", "two", ""));
    page.json(&format!(
        r#"{{"type":"conversation.send",{BOB},"message":"l3","parts":[{{"type":"text","text":"three"}}]}}"#
    ));
    page.answer(200, r#"{"success":{"id":"m3"}}"#);
    page.json(&format!(
        r#"{{"type":"conversation.send",{BOB},"message":"l4","parts":[{{"type":"text","text":"four"}}]}}"#
    ));
    page.asked.rotate_left(1);
    page.json(&format!(r#"{{"type":"conversation.fetchMessages",{BOB},"amount":10}}"#));
    page.asked.rotate_left(1);
    assert_eq!(page.next(), "GET service rm/thread/th-1?max=10&type=internal");
    assert_eq!(conversation(&page)["isPending"], true);
    page.events();
    page.answer(
        200,
        &format!(
            r#"{{"success":[{{"id":"m3","dir":1,"txt":"three","when":{}}},{{"id":"m1","dir":0,"txt":"one","when":{},"read":true}},
                {{"id":"m2","dir":0,"txt":"two","when":{}}},{{"id":"m4","dir":1,"txt":"four","when":{}}},{{"txt":"no id"}}]}}"#,
            now + 30, now - 500, now + 20, now + 40
        ),
    );
    assert_eq!(page.events(), [CHANGE]);
    assert_eq!(conversation(&page)["isPending"], false);
    let texts = |page: &Page| -> Vec<String> {
        let all = messages(page);
        all.as_array().unwrap().iter().map(|m| m["parts"][0]["text"].as_str().unwrap().to_owned()).collect()
    };
    // The fourth is still on its way, though the history has it already.
    assert_eq!(texts(&page), ["one", "four", "two", "three", "four"]);
    assert_eq!(messages(&page)[1]["isPending"], true);
    page.answer(200, r#"{"success":{"id":"m4"}}"#);
    assert_eq!(texts(&page), ["one", "four", "two", "three"], "and is there once");
    let third = page.query(&format!(r#"{{"type":"conversation.message",{BOB},"messageId":"l3"}}"#));
    assert_eq!(
        (&third["messageId"], &third["timestamp"]),
        (&"m3".into(), &(now + 30).into()),
        "the server's copy, by our name"
    );
    assert_eq!(conversation(&page)["unread"], 1);
    // What is typed next stands at the end, though the server's clock is ahead of ours.
    page.json(&format!(
        r#"{{"type":"conversation.send",{BOB},"message":"l5","parts":[{{"type":"text","text":"five"}}]}}"#
    ));
    assert_eq!(texts(&page).last().unwrap(), "five");
}

#[test]
fn a_history_without_read_marks_brings_nothing_new() {
    let mut page = listed();
    page.json(&format!(r#"{{"type":"conversation.fetchMessages",{BOB}}}"#));
    page.answer(
        200,
        r#"{"success":[{"id":"m1","dir":0,"txt":"a","when":5},{"id":"m2","dir":0,"txt":"b","when":6,"read":false}]}"#,
    );
    assert_eq!(messages(&page)[0]["read"], false);
    assert_eq!(conversation(&page)["unread"], 1, "the server says so of the second one only");
    page.json(&format!(r#"{{"type":"conversation.markRead",{BOB},"messageId":"m2"}}"#));
    assert_eq!((&messages(&page)[0]["read"], &conversation(&page)["unread"]), (&true.into(), &0.into()));
}

#[test]
fn earlier_messages_are_fetched_by_the_page() {
    let mut page = listed();
    page.json(&format!(r#"{{"type":"conversation.fetchMessages",{BOB},"before":"m1"}}"#));
    assert_eq!(page.next(), "GET service rm/thread/th-1?before=m1&max=50&type=internal");
    page.answer(200, r#"{"success":[]}"#);
    assert_eq!(page.events(), [CHANGE]);
    let some = page.query(&format!(r#"{{"type":"conversation.messages",{BOB},"from":3,"count":2}}"#));
    assert_eq!(some.to_string(), "[]");
}

#[test]
fn json_parts_of_a_history_are_fetched() {
    let mut page = listed();
    page.json(&format!(r#"{{"type":"conversation.fetchMessages",{BOB}}}"#));
    page.answer(200, &DETAILS.replace(r#""dir":0"#, r#""dir":0,"when":5"#));
    assert_eq!(page.events(), [""; 0]);
    page.answer_as(200, Some("text/plain"), "x");
    assert_eq!(page.events(), [CHANGE]);
    assert_eq!(messages(&page)[0]["parts"][1].to_string(), r#"{"json":{},"type":"json"}"#);
}

#[test]
fn fetches_that_fail_are_told() {
    for (status, body) in
        [(500, ""), (200, r#"{"error":{"human":"no"}}"#), (200, "{}"), (200, r#"{"success":"x"}"#), (200, "{")]
    {
        let mut page = listed();
        page.json(&format!(r#"{{"type":"conversation.fetchMessages",{BOB}}}"#));
        page.answer(status, body);
        assert_eq!(page.error("messages:error"), "messaging:6", "{status} {body}");
        assert_eq!(conversation(&page)["isPending"], false);
        page.json(r#"{"type":"conversation.fetch"}"#);
        page.answer(status, body);
        assert_eq!(page.error("messages:error"), "messaging:8", "{status} {body}");
    }
    for (mut page, why) in [(Page::uc(), "no id"), (Page::link(), "no history"), (Page::out(), "nobody is logged in")] {
        page.json(&format!(r#"{{"type":"conversation.create",{BOB}}}"#));
        page.events();
        page.json(&format!(r#"{{"type":"conversation.fetchMessages",{BOB}}}"#));
        assert_eq!(page.error("messages:error"), "messaging:6", "{why}");
    }
    let mut page = Page::link();
    page.json(r#"{"type":"conversation.fetch"}"#);
    assert!(page.asked.is_empty() && page.heard.is_empty(), "Link: nothing (api-behaviour 12)");
}

#[test]
fn the_list_is_asked_with_what_the_application_wants() {
    let mut page = Page::uc();
    page.json(r#"{"type":"conversation.fetch","options":{"type":"im","touched":"lastcheck","thread":7}}"#);
    assert_eq!(page.next(), "GET service rm/threads?thread=7&touched=lastcheck&type=internal");
    page.answer(200, r#"{"success":{"handle":"bob@example.com","thread":"th-1","type":"sms","unread":3}}"#);
    assert_eq!(page.events(), [r#"conversations:change [{"destination":["bob@example.com"],"type":"sms"}]"#]);
    let sms = page.query(r#"{"type":"conversation.get","destination":["bob@example.com"],"convoType":"sms"}"#);
    assert_eq!((&sms["unread"], &sms["id"]), (&3.into(), &"th-1".into()));
}

#[test]
fn the_list_keeps_what_is_there() {
    let mut page = Page::uc();
    page.notice(&uc("m1", "bob@example.com", "one", ""));
    page.json(r#"{"type":"conversation.fetch"}"#);
    page.answer(
        200,
        r#"{"success":[{"handle":"bob@example.com","thread":"th-1","type":"internal","lastreceived":1711111111,"lastmsg":"x"},{"type":"internal"}]}"#,
    );
    assert_eq!(messages(&page).as_array().unwrap().len(), 1);
    assert_eq!(conversation(&page)["lastReceived"], 1_711_111_111_000_u64);
    let page = listed();
    assert_eq!(conversation(&page)["lastMessage"]["parts"][0]["text"], "see you");
}

#[test]
fn clearing_is_local_and_spares_what_is_on_its_way() {
    let mut page = listed();
    page.notice(&uc("m1", "bob@example.com", "one", ""));
    page.json(&format!(
        r#"{{"type":"conversation.send",{BOB},"message":"l2","parts":[{{"type":"text","text":"two"}}]}}"#
    ));
    page.events();
    page.json(&format!(r#"{{"type":"conversation.clearMessages",{BOB}}}"#));
    assert_eq!(page.events(), [CHANGE]);
    assert_eq!(messages(&page).as_array().unwrap().len(), 1);
    assert_eq!(conversation(&page)["unread"], 0);
}

#[test]
fn messages_are_deleted_one_after_the_other() {
    let mut page = listed();
    for id in ["m1", "m2", "m3"] {
        page.notice(&uc(id, "bob@example.com", "x", ""));
    }
    page.events();
    page.json(&format!(r#"{{"type":"conversation.deleteMessages",{BOB},"messageIds":["m2"]}}"#));
    assert_eq!(page.next(), "GET service rm/delete/th-1/m2?type=internal");
    page.answer(200, r#"{"success":true}"#);
    assert_eq!(page.events(), [CHANGE]);
    assert_eq!(messages(&page).as_array().unwrap().len(), 2);
    page.json(&format!(r#"{{"type":"conversation.deleteMessages",{BOB}}}"#));
    assert_eq!(page.asked.len(), 1);
    page.answer(200, r#"{"error":{"code":9,"human":"no"}}"#);
    assert_eq!(page.error("messages:error"), 9);
    assert_eq!(page.next(), "GET service rm/delete/th-1/m3?type=internal");
    page.answer(200, "{}");
    assert_eq!(page.events(), [CHANGE]);
    assert_eq!(messages(&page)[0]["messageId"], "m1", "which could not be deleted");
    page.json(&format!(r#"{{"type":"conversation.deleteMessages",{BOB}}}"#));
    page.log_out();
    assert_eq!(page.error("messages:error"), "NO_CODE");
}

#[test]
fn a_conversation_is_deleted_at_the_server() {
    let mut page = listed();
    page.notice(&uc("c1", "carol@example.com", "x", ""));
    page.events();
    page.json(&format!(r#"{{"type":"conversation.delete",{BOB}}}"#));
    assert_eq!(page.next(), "GET service rm/delete/th-1?type=internal");
    page.answer(500, "");
    assert_eq!(page.error("messages:error"), "NO_CODE");
    page.json(&format!(r#"{{"type":"conversation.delete",{BOB}}}"#));
    page.answer(200, r#"{"success":true}"#);
    assert_eq!(page.events(), [r#"conversations:change [{"destination":["carol@example.com"],"type":"im"}]"#]);
    assert_eq!(conversation(&page), Value::Null);
    for command in ["conversation.delete", "conversation.deleteMessages"] {
        page.json(&format!(r#"{{"type":"{command}",{BOB}}}"#));
        assert_eq!(page.error("messages:error"), "NO_CODE", "{command}: there is none");
    }
}

#[test]
fn on_link_deleting_is_local() {
    let mut page = Page::link();
    for id in ["m1", "m2"] {
        page.notice(&format!(
            r#"{{"eventType":"IM","eventId":"{id}","imnotificationParams":{{"primaryContact":"sip:bob@example.com","msgText":"x"}}}}"#
        ));
    }
    page.events();
    page.json(&format!(r#"{{"type":"conversation.deleteMessages",{BOB}}}"#));
    assert_eq!(page.events(), [CHANGE, CHANGE]);
    page.json(&format!(r#"{{"type":"conversation.delete",{BOB}}}"#));
    assert_eq!(page.events(), ["conversations:change []"]);
    assert!(page.asked.is_empty());
}

#[test]
fn read_marks_reach_a_server_that_knows_them() {
    let mut page = listed();
    for id in ["m1", "m2", "m3"] {
        page.notice(&uc(id, "bob@example.com", "x", ""));
    }
    page.events();
    page.json(&format!(r#"{{"type":"conversation.markRead",{BOB},"messageId":"m2"}}"#));
    assert_eq!(page.events(), [CHANGE.replace(r#","type""#, r#","messageId":"m2","type""#)]);
    assert_eq!(page.next(), "GET service rm/read/th-1?id=m2");
    let read: Vec<bool> = messages(&page).as_array().unwrap().iter().map(|m| m["read"] == true).collect();
    assert_eq!((read, &conversation(&page)["unread"]), (vec![true, true, false], &1.into()));
    page.answer(404, r#"{"error":{"human":"no"}}"#);
    assert_eq!(page.error("messages:error"), "messaging:2");
    page.json(&format!(r#"{{"type":"conversation.markRead",{BOB},"messageId":"m1"}}"#));
    assert!(page.asked.is_empty(), "it is read already");
    page.events();
    page.json(&format!(r#"{{"type":"conversation.markRead",{BOB},"messageId":"nope"}}"#));
    assert_eq!(page.error("messages:error"), "messaging:2");
    let mut page = Page::out();
    page.session(1, "uc", "alice@example.com", true, false);
    page.notice(&uc("m1", "bob@example.com", "x", ""));
    page.json(&format!(r#"{{"type":"conversation.markRead",{BOB},"messageId":"m1"}}"#));
    assert!(page.asked.is_empty() && messages(&page)[0]["read"] == true, "another server: here only");
}
