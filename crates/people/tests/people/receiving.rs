//! `client.conversation` (api-behaviour 12): what comes in.

use kandy_wire::Value;

use crate::page::Page;

pub(crate) const BOB: &str = r#""destination":["bob@example.com"],"convoType":"im""#;
pub(crate) const CHANGE: &str = r#"messages:change {"destination":["bob@example.com"],"type":"im"}"#;

pub(crate) fn messages(page: &Page) -> Value {
    page.query(&format!(r#"{{"type":"conversation.messages",{BOB}}}"#))
}

pub(crate) fn conversation(page: &Page) -> Value {
    page.query(&format!(r#"{{"type":"conversation.get",{BOB}}}"#))
}

pub(crate) fn uc(id: &str, from: &str, text: &str, more: &str) -> String {
    format!(r#"{{"event":"im","direction":"in","type":"internal","id":"{id}","From":"{from}","txt":"{text}"{more}}}"#)
}

#[test]
fn the_first_message_brings_its_conversation_on_both_services() {
    let on_uc = uc("m1", "bob@example.com", "Hello", "");
    let on_link = r#"{"eventType":"IM","eventId":"m1","imnotificationParams":{"primaryContact":"sip:bob@example.com","msgText":"Hello"}}"#;
    for (mut page, notice) in [(Page::uc(), on_uc.as_str()), (Page::link(), on_link)] {
        page.notice(notice);
        assert_eq!(page.events(), [r#"conversations:change [{"destination":["bob@example.com"],"type":"im"}]"#]);
        page.notice(&notice.replace("m1", "m2"));
        assert_eq!(page.events(), [CHANGE.replace(r#","type""#, r#","messageId":"m2","type""#)]);
        page.notice(notice);
        assert_eq!(page.events(), [""; 0], "it came twice");
        let all = messages(&page);
        assert_eq!(all.as_array().unwrap().len(), 2);
        let first = &all[0];
        assert_eq!((&first["isPending"], &first["read"]), (&false.into(), &false.into()));
        assert_eq!((&first["sender"], &first["messageId"]), (&"bob@example.com".into(), &"m1".into()));
        assert_eq!(first["parts"].to_string(), r#"[{"text":"Hello","type":"text"}]"#);
        assert_eq!((&first["timestamp"], &conversation(&page)["unread"]), (&page.now.into(), &2.into()));
        assert_eq!(conversation(&page)["lastReceived"], page.now);
        assert_eq!(conversation(&page)["lastMessage"]["messageId"], "m2");
    }
}

#[test]
fn what_cannot_be_read_is_left_out() {
    let mut page = Page::uc();
    for notice in [
        r#"{"event":"im","direction":"out","id":"1","type":"internal","From":"bob@example.com","txt":"x"}"#,
        r#"{"event":"im","direction":"in","type":"internal","From":"bob@example.com","txt":"x"}"#,
        r#"{"event":"im","direction":"in","id":"1","type":"internal","txt":"x"}"#,
        r#"{"eventType":"IM","eventId":"1"}"#,
        r#"{"eventType":"IM","imnotificationParams":{"primaryContact":"sip:bob@example.com"}}"#,
        r#"{"eventType":"unheard"}"#,
        "null",
        "[]",
    ] {
        page.notice(notice);
        assert_eq!(page.events(), [""; 0], "{notice}");
    }
    assert_eq!(page.query(r#"{"type":"conversation.getAll"}"#).to_string(), "[]");
}

#[test]
fn messages_of_other_types_can_all_be_read() {
    let mut page = Page::uc();
    page.notice(r#"{"event":"sms","direction":"in","id":"m9","From":"carol@example.com","txt":"x"}"#);
    assert!(page.events()[0].contains(r#""type":"sms""#), "the event names it, too");
    for (at, kind) in ["group", "sms", "group", "sms"].into_iter().enumerate() {
        let event = if kind == "sms" { "sms" } else { "im" };
        page.notice(&format!(
            r#"{{"event":"{event}","direction":"in","type":"{kind}","id":"m{at}","From":"bob@example.com","txt":"x"}}"#
        ));
    }
    for kind in ["group", "sms"] {
        let query =
            format!(r#"{{"type":"conversation.messages","destination":["bob@example.com"],"convoType":"{kind}"}}"#);
        assert_eq!(page.query(&query).as_array().unwrap().len(), 2, "{kind}");
    }
}

#[test]
fn a_message_that_names_everybody_opens_their_group() {
    let mut page = Page::uc();
    let everybody = r#","group":"g-9","handles":["dave@example.com","bob@example.com"]"#;
    page.notice(&uc("m1", "bob@example.com", "hi all", everybody));
    let destination = r#"["bob@example.com","dave@example.com"]"#;
    assert_eq!(page.events(), [format!(r#"conversations:change [{{"destination":{destination},"type":"group"}}]"#)]);
    let query = format!(r#"{{"type":"conversation.messages","destination":{destination},"convoType":"group"}}"#);
    assert_eq!(page.query(&query)[0]["sender"], "bob@example.com");
}

#[test]
fn a_message_of_a_known_group_goes_into_it() {
    let mut page = Page::uc();
    page.json(r#"{"type":"conversation.fetch"}"#);
    page.answer(
        200,
        r#"{"success":[{"handles":["carol@example.com","bob@example.com"],"members":[12,7],"thread":"g-9","type":"group"}]}"#,
    );
    page.events();
    page.notice(&uc("m1", "carol@example.com", "hi all", r#","group":"g-9""#));
    let group = r#""destination":["bob@example.com","carol@example.com"],"convoType":"group""#;
    let all = page.query(&format!(r#"{{"type":"conversation.messages",{group}}}"#));
    assert_eq!(all[0]["sender"], "carol@example.com");
    // In its history senders are numbers of members.
    page.json(&format!(r#"{{"type":"conversation.fetchMessages",{group}}}"#));
    page.answer(200, r#"{"success":[{"id":"m0","dir":0,"sender":12,"txt":"a","when":5},{"id":"m2","dir":0,"sender":99,"txt":"b","when":6}]}"#);
    let all = page.query(&format!(r#"{{"type":"conversation.messages",{group}}}"#));
    assert_eq!((&all[0]["sender"], &all[1]["sender"]), (&"carol@example.com".into(), &"bob@example.com".into()));
}

pub(crate) const DETAILS: &str = r#"{"success":[{"id":"m1","dir":0,"txt":"see","attachments":[
    {"mime":"application/vdn.kandy.json","url":"https://files.example.net/1","name":"Custom Json Blob"},
    {"mime":"text/plain","url":"https://files.example.net/2","name":"note.txt","size":13}]}]}"#;

#[test]
fn attachments_are_fetched_before_the_message_is_told() {
    let mut page = Page::uc();
    page.notice(&uc("m1", "bob@example.com", "see", r#","Attach":"h1,h2""#));
    assert_eq!(page.next(), "GET service rm/thread/bob@example.com?id=m1&type=internal");
    page.notice(&uc("m1", "bob@example.com", "see", r#","Attach":"h1,h2""#));
    assert_eq!(page.asked.len(), 1, "it came twice");
    page.now += 5;
    page.notice(&uc("m2", "bob@example.com", "and this", ""));
    page.events();
    page.answer(200, DETAILS);
    assert_eq!(page.next(), "GET url https://files.example.net/1");
    assert_eq!(page.events(), [""; 0]);
    page.answer_as(200, Some("application/vdn.kandy.json"), r#"{"answer":42}"#);
    assert_eq!(page.events(), [CHANGE.replace(r#","type""#, r#","messageId":"m1","type""#)]);
    let all = messages(&page);
    assert_eq!(all[0]["messageId"], "m1", "it stands where it came in");
    assert_eq!(all[0]["parts"][1].to_string(), r#"{"json":{"answer":42},"type":"json"}"#);
    let file = &all[0]["parts"][2];
    assert_eq!((&file["type"], &file["name"], &file["file"]["size"]), (&"file".into(), &"note.txt".into(), &13.into()));
}

#[test]
fn nothing_of_a_message_is_lost_when_its_attachments_are() {
    let mut page = Page::uc();
    page.notice(&uc("m1", "bob@example.com", "see", r#","Attach":"h1""#));
    page.answer(500, "");
    let events = page.events();
    assert!(events[0].starts_with("messages:error") && events[0].contains("messaging:6"), "{events:?}");
    assert!(events[1].starts_with("conversations:change"));
    assert_eq!(messages(&page)[0]["parts"][0]["text"], "see");

    let mut page = Page::uc();
    page.notice(&uc("m1", "bob@example.com", "see", r#","Attach":"h1""#));
    page.answer(200, DETAILS);
    page.lose();
    let part = &messages(&page)[0]["parts"][1];
    assert_eq!(
        (&part["type"], &part["url"]),
        (&"file".into(), &"https://files.example.net/1".into()),
        "the file stays"
    );

    let mut page = Page::uc();
    page.notice(&uc("m1", "bob@example.com", "see", r#","Attach":"h1""#));
    page.log_out();
    assert_eq!(messages(&page)[0]["parts"][0]["text"], "see", "the login ended meanwhile");
}

#[test]
fn one_clock_orders_all_messages_where_the_server_tells_its_time() {
    let texts = |page: &Page| -> Vec<String> {
        let all = messages(page);
        all.as_array().unwrap().iter().map(|message| message["parts"][0]["text"].as_str().unwrap().to_owned()).collect()
    };
    // Our own clock is an hour ahead.
    let mut page = Page::uc();
    page.now += 3_600_000;
    let server = page.now - 3_600_000;
    page.json(&format!(
        r#"{{"type":"conversation.send",{BOB},"message":"a","parts":[{{"type":"text","text":"first"}}]}}"#
    ));
    page.answer(200, &format!(r#"{{"success":{{"id":"m1","when":{server}}}}}"#));
    page.notice(&uc("m3", "bob@example.com", "third", &format!(r#","time":{}"#, server + 20)));
    page.notice(&uc("m2", "bob@example.com", "missed", &format!(r#","time":{}"#, server + 10)));
    assert_eq!(texts(&page), ["first", "missed", "third"]);
    // A server that says nothing of our own messages has no clock for all of them.
    let mut page = Page::uc();
    page.session(1, "uc", "alice@example.com", true, false);
    page.json(&format!(
        r#"{{"type":"conversation.send",{BOB},"message":"a","parts":[{{"type":"text","text":"first"}}]}}"#
    ));
    page.answer(200, r#"{"success":{"id":"m1"}}"#);
    page.notice(&uc("m2", "bob@example.com", "second", r#","time":5"#));
    assert_eq!(texts(&page), ["first", "second"]);
}

#[test]
fn memory_is_bounded_and_says_so() {
    let mut page = Page::uc();
    for number in 0..100_010 {
        page.notice(&uc(&format!("m{number}"), "bob@example.com", "x", ""));
    }
    let known = conversation(&page);
    assert_eq!(
        (&known["messageCount"], &known["droppedMessages"], &known["unread"]),
        (&100_000.into(), &10.into(), &100_000.into())
    );
    assert_eq!(messages(&page)[0]["messageId"], "m10");
    let mut page = Page::uc();
    for number in 0..5_002 {
        page.now += 1;
        page.notice(&uc("m", &format!("user{number}@example.com"), "x", ""));
    }
    let all = page.query(r#"{"type":"conversation.getAll"}"#);
    assert_eq!((all.as_array().unwrap().len(), &all[0]["destination"][0]), (5_000, &"user2@example.com".into()));
}
