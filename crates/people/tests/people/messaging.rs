//! `client.conversation` (api-behaviour 12): conversations, and what messages are made of.

use kandy_wire::Value;

use crate::page::Page;

pub(crate) const BOB: &str = r#""destination":["bob@example.com"],"convoType":"im""#;
const CHAT: &str = r#""destination":["bob@example.com"],"type":"im""#;

pub(crate) fn send(page: &mut Page, local: &str, text: &str) {
    page.json(&format!(
        r#"{{"type":"conversation.send",{BOB},"message":"{local}","parts":[{{"type":"text","text":"{text}"}}]}}"#
    ));
}

pub(crate) fn messages(page: &Page) -> Value {
    page.query(&format!(r#"{{"type":"conversation.messages",{BOB}}}"#))
}

pub(crate) fn create(page: &mut Page) {
    page.json(&format!(r#"{{"type":"conversation.create",{BOB},"conversation":"c1"}}"#));
}

#[test]
fn a_conversation_is_made_once() {
    let mut page = Page::uc();
    assert_eq!(page.query(&format!(r#"{{"type":"conversation.get",{BOB}}}"#)), Value::Null);
    create(&mut page);
    create(&mut page);
    assert_eq!(page.events(), ["conversations:new {}"]);
    let conversation = page.query(&format!(r#"{{"type":"conversation.get",{BOB}}}"#));
    assert_eq!(conversation["destination"][0], "bob@example.com");
    assert_eq!(conversation["features"].to_string(), r#"["base","parts","rich","history","group"]"#);
    assert_eq!((&conversation["type"], &conversation["conversation"]), (&"im".into(), &"c1".into()));
    assert_eq!(conversation["isPending"], false);
    assert_eq!(page.query(r#"{"type":"conversation.getAll"}"#).as_array().unwrap().len(), 1);
    let mut page = Page::link();
    create(&mut page);
    assert_eq!(page.query(r#"{"type":"conversation.getAll"}"#)[0]["features"].to_string(), r#"["base"]"#);
}

#[test]
fn a_message_is_pending_until_the_server_has_it_on_uc() {
    let mut page = Page::uc();
    create(&mut page);
    send(&mut page, "m1", "Hello bob & co");
    let shown = messages(&page);
    assert_eq!((&shown[0]["isPending"], &shown[0]["read"]), (&true.into(), &false.into()));
    assert_eq!(shown[0]["messageId"], Value::Null);
    assert_eq!(shown[0]["parts"][0]["text"], "Hello bob & co");
    assert_eq!((&shown[0]["timestamp"], &shown[0]["type"]), (&page.now.into(), &"im".into()));
    assert!(page.next().starts_with("GET service rm/send?clientMessageId="), "{}", page.next());
    assert!(page.next().ends_with("&to=bob%40example.com&txt=Hello%20bob%20%26%20co"), "{}", page.next());
    page.answer(200, r#"{"success":{"id":"s1"}}"#);
    let change = format!(r#"messages:change {{{CHAT}}}"#);
    let change = change.replace(r#","type""#, r#","messageId":"s1","sender":"alice@example.com","type""#);
    assert_eq!(page.events(), ["conversations:new {}".to_owned(), change]);
    let shown = messages(&page);
    assert_eq!((&shown[0]["isPending"], &shown[0]["messageId"]), (&false.into(), &"s1".into()));
    assert_eq!((&shown[0]["sender"], &shown[0]["localId"]), (&"alice@example.com".into(), &"m1".into()));
    for id in ["s1", "m1"] {
        let one = page.query(&format!(r#"{{"type":"conversation.message",{BOB},"messageId":"{id}"}}"#));
        assert_eq!(one["messageId"], "s1", "{id}");
    }
}

#[test]
fn a_message_is_pending_until_the_server_has_it_on_link() {
    let mut page = Page::link();
    create(&mut page);
    send(&mut page, "m1", "Hello");
    let (_, request) = &page.asked[0];
    let body = kandy_wire::parse(request.body.as_ref().unwrap()).unwrap();
    let request = &body["imRequest"];
    assert_eq!((&request["charset"], &request["type"]), (&"UTF-8".into(), &"A2".into()));
    assert_eq!((&request["toUrl"], &request["message"]), (&"bob@example.com".into(), &"Hello".into()));
    assert_eq!(request["clientMessageId"].as_str().unwrap().len(), 32);
    page.answer(200, r#"{"imResponse":{"statusCode":0,"messageId":"s1"}}"#);
    assert_eq!(messages(&page)[0]["messageId"], "s1");
}

#[test]
fn no_id_is_sent_to_a_server_that_does_not_know_it() {
    for flavour in ["uc", "link"] {
        let mut page = Page::out();
        page.session(1, flavour, "alice@example.com", true, false);
        send(&mut page, "m1", "Hello");
        assert!(!page.next().contains("clientMessageId"), "{}", page.next());
    }
}

#[test]
fn the_face_hears_of_every_step() {
    let mut page = Page::uc();
    create(&mut page);
    send(&mut page, "m1", "Hello");
    page.answer(200, r#"{"success":{"id":"s1"}}"#);
    let told: Vec<_> = page.heard.iter().filter(|(event, _)| *event == "people:message").map(|(_, p)| p).collect();
    assert_eq!(told.len(), 2);
    assert_eq!((&told[0]["conversation"], &told[0]["messageId"]), (&"c1".into(), &"m1".into()));
    assert_eq!((&told[1]["conversation"], &told[1]["messageId"]), (&"c1".into(), &"s1".into()));
}

#[test]
fn what_was_made_before_the_first_login_stays() {
    let mut page = Page::out();
    create(&mut page);
    page.session(1, "uc", "alice@example.com", true, true);
    assert_eq!(page.query(r#"{"type":"conversation.getAll"}"#).as_array().unwrap().len(), 1);
}

#[test]
fn messages_that_cannot_be_sent_are_errors() {
    let cases = [
        ("uc", r#"[]"#, "messaging:5"),
        ("uc", r#"[{"type":"text","text":""}]"#, "messaging:5"),
        ("uc", r#"[{"type":"text"}]"#, "messaging:10"),
        ("uc", r#"[{"type":"blink","text":"x"}]"#, "messaging:10"),
        ("uc", r#"[{"type":"file","url":"https://files.example.net/f"}]"#, "messaging:10"),
        ("link", r#"[{"type":"json","json":{}}]"#, "messaging:10"),
        ("link", r#"[{"type":"text","text":"a"},{"type":"file","file":1}]"#, "messaging:10"),
    ];
    for (flavour, parts, code) in cases {
        let mut page = if flavour == "uc" { Page::uc() } else { Page::link() };
        create(&mut page);
        page.events();
        page.json(&format!(r#"{{"type":"conversation.send",{BOB},"message":"m1","parts":{parts}}}"#));
        let events = page.events();
        assert!(events[0].starts_with("messages:change"), "{parts} {events:?}");
        assert!(events[1].starts_with("messages:error") && events[1].contains(code), "{parts} {events:?}");
        assert!(page.asked.is_empty());
        send(&mut page, "m2", "after it");
        assert!(page.next().contains("after"), "the next one is sent");
    }
    let mut page = Page::uc();
    page.json(r#"{"type":"conversation.send","destination":[],"message":"m1","parts":[{"type":"text","text":"x"}]}"#);
    assert_eq!(page.error("messages:error"), "messaging:9");
}

#[test]
fn several_texts_go_as_one() {
    let mut page = Page::uc();
    let parts = r#"[{"type":"text","text":"a"},{"type":"text","text":""},{"type":"text","text":"b"}]"#;
    page.json(&format!(r#"{{"type":"conversation.send",{BOB},"message":"m1","parts":{parts}}}"#));
    assert!(page.next().ends_with("txt=a%0Ab"), "{}", page.next());
}

#[test]
fn link_has_one_recipient_and_the_log_says_so() {
    let mut page = Page::link();
    let group = r#""destination":["carol@example.com","bob@example.com"],"convoType":"group""#;
    page.json(&format!(
        r#"{{"type":"conversation.send",{group},"message":"m","parts":[{{"type":"text","text":"hi"}}]}}"#
    ));
    assert!(page.next().contains(r#""toUrl":"carol@example.com""#), "{}", page.next());
    assert!(page.log.iter().any(|line| line.contains("only the first one")));
}

#[test]
fn a_group_message_names_everybody_and_learns_its_thread() {
    let mut page = Page::uc();
    let group = r#""destination":["carol@example.com","bob@example.com"],"convoType":"group""#;
    page.json(&format!(
        r#"{{"type":"conversation.send",{group},"message":"m","parts":[{{"type":"text","text":"hi"}}]}}"#
    ));
    assert!(page.next().ends_with("&tos=carol%40example.com&tos=bob%40example.com&txt=hi"), "{}", page.next());
    page.answer(200, r#"{"success":{"id":"s1","group":"g-9"}}"#);
    let conversation = page.query(&format!(r#"{{"type":"conversation.get",{group}}}"#));
    assert_eq!((&conversation["id"], &conversation["type"]), (&"g-9".into(), &"group".into()));
    // The list has the users in the order of their names; it is the same conversation.
    page.json(r#"{"type":"conversation.fetch"}"#);
    page.answer(
        200,
        r#"{"success":[{"handles":["carol@example.com","bob@example.com"],"members":[12,7],"thread":"g-9","type":"group"}]}"#,
    );
    assert_eq!(page.query(r#"{"type":"conversation.getAll"}"#).as_array().unwrap().len(), 1);
}

const RICH: &str = r#"[{"type":"text","text":"see"},{"type":"json","json":{"a":1}},
    {"type":"file","file":5,"name":"note.txt","size":13,"mime":"text/plain"}]"#;

#[test]
fn parts_are_uploaded_in_their_order_and_then_attached() {
    let mut page = Page::uc();
    page.json(&format!(r#"{{"type":"conversation.send",{BOB},"message":"m1","parts":{RICH}}}"#));
    let upload = page.asked[0].1.file.clone().unwrap();
    let blob = kandy_people::Upload::Text {
        name: "Custom Json Blob",
        mime: "application/vdn.kandy.json",
        text: r#"{"a":1}"#.to_owned(),
    };
    assert_eq!((page.next().as_str(), upload), ("POST service rm/upload", blob));
    page.answer(200, r#"{"success":{"handle":"h1"}}"#);
    assert_eq!(page.asked[0].1.file, Some(kandy_people::Upload::File(kandy_people::FileId(5))));
    page.lose();
    assert!(page.wait(), "an upload is repeated");
    page.answer(200, r#"{"success":{"handle":"h2"}}"#);
    assert_eq!(messages(&page)[0]["parts"][2]["file"], 5, "as long as it is pending");
    assert!(released(&page).is_empty());
    assert!(page.next().contains("rm/send?attach=h1&attach=h2&clientMessageId="), "{}", page.next());
    page.answer(
        200,
        r#"{"success":{"id":"s1","attachments":[{"mime":"application/vdn.kandy.json","url":"https://f.example/1"},
            {"mime":"text/plain","url":"https://f.example/2","name":"note.txt"}]}}"#,
    );
    let file = &messages(&page)[0]["parts"][2];
    assert_eq!((&file["url"], &file["file"]["url"]), (&"https://f.example/2".into(), &"https://f.example/2".into()));
    assert_eq!(released(&page), [5], "the face may forget it now, and not before");
    assert_eq!((&file["handle"], &file["type"]), (&"h2".into(), &"file".into()));
    assert_eq!(messages(&page)[0]["parts"][1]["json"]["a"], 1);
}

#[test]
fn what_is_no_part_is_refused_when_it_is_added() {
    let mut page = Page::uc();
    page.json(&format!(r#"{{"type":"conversation.refusePart",{BOB}}}"#));
    let (event, payload) = page.heard.pop_front().unwrap();
    assert_eq!((event, &payload["error"]["code"]), ("messages:error", &"messaging:10".into()));
    assert_eq!((page.heard.len(), page.asked.len()), (0, 0));
}

#[test]
fn a_refused_upload_is_an_error_of_the_message() {
    for (status, body) in
        [(200, r#"{"error":{"code":1,"human":"too big"}}"#), (413, ""), (500, r#"{"error":{"code":1}}"#)]
    {
        let mut page = Page::uc();
        page.json(&format!(r#"{{"type":"conversation.send",{BOB},"message":"m1","parts":{RICH}}}"#));
        page.events();
        page.answer(status, body);
        assert_eq!(released(&page), [5]);
        let events = page.events();
        assert!(events[1].starts_with("messages:error") && events[1].contains("messaging:7"), "{status}: {events:?}");
        assert_eq!(messages(&page)[0]["parts"][2]["file"], Value::Null);
        assert_eq!(messages(&page)[0]["error"]["code"], "messaging:7");
        assert!(page.asked.is_empty());
    }
    let mut page = Page::uc();
    page.json(&format!(r#"{{"type":"conversation.send",{BOB},"message":"m1","parts":{RICH}}}"#));
    page.events();
    for _ in 0..8 {
        page.answer(200, "{}");
        page.wait();
    }
    assert!(page.events()[1].contains("messaging:7"), "no handle, again and again");
}

#[test]
fn a_file_of_two_messages_is_kept_for_both() {
    let mut page = Page::uc();
    let parts = r#"[{"type":"file","file":5,"name":"a","size":1,"mime":""}]"#;
    page.json(&format!(r#"{{"type":"conversation.send",{BOB},"message":"m1","parts":{parts}}}"#));
    page.json(&format!(r#"{{"type":"conversation.send",{BOB},"message":"m2","parts":{parts}}}"#));
    page.answer(403, "");
    assert!(released(&page).is_empty());
    page.answer(403, "");
    assert_eq!(released(&page), [5]);
}

/// Files that the face need not keep any longer.
fn released(page: &Page) -> Vec<u64> {
    let files = page.heard.iter().filter(|(event, _)| *event == "people:sent");
    files.filter_map(|(_, payload)| payload["file"].as_u64()).collect()
}

#[test]
fn what_is_forwarded_needs_no_second_upload() {
    let mut page = Page::uc();
    page.json(
        r#"{"type":"conversation.forward","destination":["carol@example.com"],
            "parts":[{"type":"text","text":"see"},{"type":"file","handle":"h2","url":"https://f.example/2","file":{}}]}"#,
    );
    assert!(page.next().contains("rm/send?attach=h2&"), "{}", page.next());
    page.answer(200, r#"{"success":{"id":"s1"}}"#);
    let events = page.events();
    assert!(events[1].contains("carol@example.com") && events[1].contains("s1"), "{events:?}");
}
