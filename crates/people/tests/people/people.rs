//! Contacts, directory, voice mail, click-to-call (api-behaviour 11, 14, 15, 16).

use kandy_wire::Value;

use crate::page::Page;

const DONE: &str = r#"{"addressBookResponse":{"statusCode":0}}"#;
const BOBBY: &str =
    r#"{"contactId":"bobby","primaryContact":"bob@example.com","firstName":"Bob","workPhone":"","friendStatus":true}"#;

#[test]
fn a_contact_is_added_kept_changed_and_removed() {
    let mut page = Page::uc();
    page.json(&format!(r#"{{"type":"contacts.add","contact":{BOBBY}}}"#));
    let sent = r#"{"firstName":"Bob","friendStatus":true,"nickname":"bobby","primaryContact":"bob@example.com"}"#;
    let body = format!(r#"{{"addressBookRequest":{{"addressBookEntries":[{sent}]}}}}"#);
    assert_eq!(page.next(), format!("POST user addressbook/contacts/ {body}"));
    assert_eq!(page.query(r#"{"type":"contacts.get","contactId":"bobby"}"#), Value::Null);
    page.answer(200, DONE);
    let kept = kandy_wire::parse(BOBBY).unwrap();
    let told = [format!("contacts:new {kept}"), format!("contacts:change {kept}"), "contacts:change {}".to_owned()];
    assert_eq!(page.events(), told);
    assert_eq!(page.query(r#"{"type":"contacts.get","contactId":"bobby"}"#), kept);
    assert_eq!(page.query(r#"{"type":"contacts.getAll"}"#)["bobby"], kept);
    page.json(r#"{"type":"contacts.update","contactId":"bobby","contact":{"firstName":"Robert"}}"#);
    assert!(page.next().starts_with("PUT user addressbook/contacts/bobby "), "{}", page.next());
    assert!(page.next().contains(r#""nickname":"bobby""#));
    page.answer(200, DONE);
    assert_eq!(page.query(r#"{"type":"contacts.get","contactId":"bobby"}"#)["firstName"], "Robert");
    page.json(r#"{"type":"contacts.update","contactId":{"contactId":"bobby","firstName":"Rob"}}"#);
    assert!(page.next().starts_with("PUT user addressbook/contacts/bobby "), "the contact alone: {}", page.next());
    page.answer(200, DONE);
    assert_eq!(page.query(r#"{"type":"contacts.get","contactId":"bobby"}"#)["firstName"], "Rob");
    page.json(r#"{"type":"contacts.remove","contactId":"bobby"}"#);
    assert_eq!(page.next(), "DELETE user addressbook/contacts/bobby");
    page.answer_as(204, None, "");
    assert_eq!(page.events(), ["contacts:change {}"; 3]);
    assert_eq!(page.query(r#"{"type":"contacts.getAll"}"#).to_string(), "{}");
}

#[test]
fn contacts_are_fetched_one_or_all() {
    let mut page = Page::link();
    page.json(r#"{"type":"contacts.refresh"}"#);
    assert_eq!(page.next(), "GET user addressbook");
    page.answer(
        200,
        r#"{"addressBookResponse":{"statusCode":0,"addressBookEntries":[{"nickname":"a","firstName":"A"},{"x":1}]}}"#,
    );
    assert_eq!(page.query(r#"{"type":"contacts.getAll"}"#).to_string(), r#"{"a":{"contactId":"a","firstName":"A"}}"#);
    page.json(r#"{"type":"contacts.fetch","contactId":"b c?/"}"#);
    assert_eq!(page.next(), "GET user addressbook/contacts/b%20c%3F%2F");
    page.answer(200, r#"{"addressBookResponse":{"statusCode":0,"addressBookEntries":[{"nickname":"b"}]}}"#);
    page.json(r#"{"type":"contacts.refresh"}"#);
    page.answer(200, DONE);
    assert_eq!(page.query(r#"{"type":"contacts.getAll"}"#).to_string(), "{}", "no entries: an empty book");
    assert_eq!(page.events(), ["contacts:change {}"; 3]);
}

#[test]
fn an_id_that_is_a_number_is_a_text_for_the_server() {
    let mut page = Page::uc();
    page.json(r#"{"type":"contacts.add","contact":{"contactId":7}}"#);
    assert!(page.next().contains(r#""nickname":"7""#), "{}", page.next());
    page.answer(200, DONE);
    assert_eq!(page.query(r#"{"type":"contacts.get","contactId":7}"#)["contactId"], "7");
    page.json(r#"{"type":"contacts.update","contactId":7,"contact":{"contactId":8}}"#);
    assert!(page.next().starts_with("PUT user addressbook/contacts/7 ") && page.next().contains(r#""nickname":"8""#));
}

#[test]
fn contacts_that_fail_are_told() {
    let commands = [
        (r#"{"type":"contacts.add","contact":{"contactId":"b"}}"#, "users:1"),
        (r#"{"type":"contacts.update","contact":{"contactId":"b"}}"#, "users:1"),
        (r#"{"type":"contacts.remove","contactId":"b"}"#, "users:1"),
        (r#"{"type":"contacts.fetch","contactId":"b"}"#, "users:1"),
        (r#"{"type":"contacts.refresh"}"#, "users:2"),
    ];
    for (command, otherwise) in commands {
        let refused = r#"{"addressBookResponse":{"statusCode":42}}"#;
        for (status, body, code) in [
            (404, refused, Value::from(42)),
            (200, refused, 42.into()),
            (500, "", otherwise.into()),
            (200, "{", otherwise.into()),
        ] {
            let mut page = Page::uc();
            page.json(command);
            page.answer(status, body);
            assert_eq!(page.error("contacts:error"), code, "{command} {status} {body}");
            assert!(page.heard.is_empty());
        }
        let mut page = Page::out();
        page.json(command);
        assert_eq!(page.error("contacts:error"), otherwise, "nobody is logged in");
    }
    for command in [
        r#"{"type":"contacts.add","contact":{"firstName":"B"}}"#,
        r#"{"type":"contacts.add"}"#,
        r#"{"type":"contacts.update","contact":{"firstName":"B"}}"#,
        r#"{"type":"contacts.update","contactId":"b"}"#,
        r#"{"type":"contacts.remove"}"#,
        r#"{"type":"contacts.fetch"}"#,
    ] {
        let mut page = Page::uc();
        page.json(command);
        assert_eq!(page.error("contacts:error"), "users:4", "{command}");
    }
    let mut page = Page::uc();
    page.json(r#"{"type":"contacts.fetch","contactId":"b"}"#);
    page.answer(200, r#"{"addressBookResponse":{"statusCode":0,"addressBookEntries":[]}}"#);
    assert_eq!(page.error("contacts:error"), "users:1");
}

const FOUND: &str = r#"{"directory":{"statusCode":0,"directoryItems":[
    {"primaryContact":"carol@example.com","firstName":"Carol","lastName":"Baker"},
    {"primaryContact":"bob@example.com","firstName":"bob","lastName":"Baker","workPhone":"+16135550111"},
    {"userId":"dave@example.com","firstName":"Dave","lastName":"Cook"}]}}"#;

fn names(event: &str) -> Vec<String> {
    let (kind, payload) = event.split_once(' ').unwrap();
    assert_eq!(kind, "directory:change");
    let payload = kandy_wire::parse(payload).unwrap();
    payload["results"].as_array().unwrap().iter().map(|user| user["userId"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn every_filter_has_its_number() {
    let cases = [
        (r#"{"firstName":"Bob"}"#, "?criteria=Bob&criteriaType=1"),
        (r#"{"lastName":"Car"}"#, "?criteria=Car&criteriaType=2"),
        (r#"{"name":"a"}"#, "?criteria=a&criteriaType=3"),
        (r#"{"phoneNumber":15550100002}"#, "?criteria=15550100002&criteriaType=4"),
        (r#"{"userName":"zebra"}"#, "?criteria=zebra&criteriaType=5"),
        (r#"{"userId":"bob@example.com"}"#, "?criteria=bob%40example.com&criteriaType=5"),
        (r#"{"LASTNAME":"x"}"#, "?criteria=x&criteriaType=2"),
        (r#"{"town":"Ulm"}"#, "?criteria=Ulm"),
        ("{}", ""),
    ];
    for (filters, query) in cases {
        let mut page = Page::uc();
        page.json(&format!(r#"{{"type":"user.search","filters":{filters},"options":{{}}}}"#));
        assert_eq!(page.next(), format!("GET user directory{query}"), "{filters}");
        page.answer(200, r#"{"directory":{"statusCode":0}}"#);
        assert_eq!(page.events(), [r#"directory:change {"results":[]}"#]);
    }
}

#[test]
fn further_filters_order_and_pages_are_made_here() {
    let search = |filters: &str, options: &str| {
        let mut page = Page::uc();
        page.json(&format!(r#"{{"type":"user.search","filters":{filters},"options":{options}}}"#));
        page.answer(200, FOUND);
        let event = page.events().remove(0);
        (names(&event), event, page)
    };
    let (found, _, page) = search(r#"{"lastName":"a"}"#, "{}");
    assert_eq!(found, ["carol@example.com", "bob@example.com", "dave@example.com"]);
    assert_eq!(page.query(r#"{"type":"user.getAll"}"#).as_array().unwrap().len(), 3);
    assert_eq!(page.query(r#"{"type":"user.get","userId":"dave@example.com"}"#)["lastName"], "Cook");
    assert_eq!(search(r#"{"lastName":"a","firstName":"BO"}"#, "{}").0, ["bob@example.com"]);
    let by_name = r#"{"sortBy":"firstName","order":"asc"}"#;
    assert_eq!(search("{}", by_name).0, ["bob@example.com", "carol@example.com", "dave@example.com"]);
    let (found, event, _) = search("{}", r#"{"sortBy":"firstName","order":"desc","max":2}"#);
    assert_eq!(found, ["dave@example.com", "carol@example.com"]);
    assert!(event.contains(r#""next":"2""#), "{event}");
    let (found, event, _) = search("{}", r#"{"sortBy":"firstName","order":"desc","max":2,"next":"2"}"#);
    assert_eq!(found, ["bob@example.com"]);
    assert!(!event.contains("next"), "{event}");
    assert_eq!(search("{}", r#"{"next":"99"}"#).0, [""; 0]);
}

#[test]
fn a_user_is_fetched() {
    let mut page = Page::uc();
    page.json(r#"{"type":"user.fetch","userId":"bob@example.com"}"#);
    assert_eq!(page.next(), "GET user directory?criteria=bob%40example.com&criteriaType=5");
    page.answer(200, FOUND);
    assert_eq!(names(&page.events()[0]), ["bob@example.com"], "the one that was asked for");
    assert_eq!(page.query(r#"{"type":"user.get","userId":"bob@example.com"}"#)["firstName"], "bob");
    assert_eq!(page.query(r#"{"type":"user.get","userId":"nope"}"#), Value::Null);
    for body in [r#"{"directory":{"statusCode":0}}"#, r#"{"directory":{"statusCode":0,"directoryItems":[]}}"#] {
        page.json(r#"{"type":"user.fetch","userId":"nobody@example.com"}"#);
        page.answer(200, body);
        assert_eq!(page.events(), [""; 0], "nobody: no event (api-behaviour 15)");
    }
}

#[test]
fn directory_requests_that_fail_are_told() {
    for command in [r#"{"type":"user.fetch","userId":"b"}"#, r#"{"type":"user.search","filters":{"name":"b"}}"#] {
        let refused = r#"{"directory":{"statusCode":37}}"#;
        for (status, body, code) in [
            (400, refused, Value::from(37)),
            (200, refused, 37.into()),
            (500, "", "users:3".into()),
            (200, "{", "users:3".into()),
        ] {
            let mut page = Page::uc();
            page.json(command);
            page.answer(status, body);
            assert_eq!(page.error("directory:error"), code, "{command} {status} {body}");
        }
        let mut page = Page::out();
        page.json(command);
        assert_eq!(page.error("directory:error"), "users:3");
    }
    let mut page = Page::uc();
    page.json(r#"{"type":"user.fetch"}"#);
    assert_eq!(page.error("directory:error"), "users:4");
}

#[test]
fn the_own_profile_is_of_two_parts() {
    let profile = r#"{"userProfileData":{"statusCode":0,"firstName":"Alice"}}"#;
    let cases = [
        (
            200,
            profile,
            200,
            r#"{"acceptLanguage":"en-US"}"#,
            r#"{"currentLocale":"en-US","data":{"firstName":"Alice","statusCode":0},"primaryContact":"alice@example.com"}"#,
        ),
        (
            500,
            "",
            200,
            r#"{"acceptLanguage":"en-US"}"#,
            r#"{"currentLocale":"en-US","primaryContact":"alice@example.com"}"#,
        ),
        (
            200,
            profile,
            404,
            "",
            r#"{"data":{"firstName":"Alice","statusCode":0},"primaryContact":"alice@example.com"}"#,
        ),
    ];
    for (first, profile, second, locale, told) in cases {
        let mut page = Page::uc();
        page.json(r#"{"type":"user.fetchSelfInfo"}"#);
        assert_eq!(page.next(), "GET user userProfileData");
        page.answer(first, profile);
        assert_eq!(page.events(), [""; 0]);
        assert_eq!(page.next(), "GET server localization");
        page.answer(second, locale);
        assert_eq!(page.events(), [format!(r#"directory:change {{"results":[{told}]}}"#)]);
        assert_eq!(page.query(r#"{"type":"user.get","userId":"alice@example.com"}"#).to_string(), told);
    }
    let mut page = Page::uc();
    page.json(r#"{"type":"user.fetchSelfInfo"}"#);
    page.answer(403, r#"{"userProfileData":{"statusCode":27}}"#);
    page.lose();
    assert_eq!(page.error("directory:error"), 27);
    let mut page = Page::out();
    page.json(r#"{"type":"user.fetchSelfInfo"}"#);
    assert_eq!(page.error("directory:error"), "users:3");
    assert!(page.heard.is_empty(), "once");
}

#[test]
fn voice_mail_is_fetched_and_told() {
    let mut page = Page::uc();
    assert_eq!(page.query(r#"{"type":"voicemail.get"}"#).to_string(), "{}");
    page.json(r#"{"type":"voicemail.fetch"}"#);
    assert_eq!(page.next(), "GET user voicemail");
    page.answer(200, r#"{"mwiresponse":{"statusCode":52}}"#);
    let none =
        format!(r#"{{"lastUpdated":{},"newMessagesWaiting":false,"totalVoice":"0","unheardVoice":"0"}}"#, page.now);
    assert_eq!(page.events(), [format!("voicemail:change {none}")]);
    page.json(r#"{"type":"voicemail.fetch"}"#);
    page.answer(200, r#"{"mwiresponse":{"statusCode":0,"mwi":"yes","totalVoice":"3","unheardVoice":"1","voice":{"newMessages":"1"}}}"#);
    assert!(
        page.events()[0]
            .contains(r#""newMessagesWaiting":true,"totalVoice":"3","unheardVoice":"1","voice":{"newMessages":"1"}"#)
    );
    page.notice(r#"{"eventType":"mwi","eventId":"1","time":5,"mwiNotificationParams":{"mwi":"no","totalVoice":"3","unheardVoice":"0"}}"#);
    let told = r#"{"lastUpdated":5,"newMessagesWaiting":false,"totalVoice":"3","unheardVoice":"0"}"#;
    assert_eq!(page.events(), [format!("voicemail:change {told}")]);
    assert_eq!(page.query(r#"{"type":"voicemail.get"}"#).to_string(), told);
    let failures = [
        (500, ""),
        (404, r#"{"mwiresponse":{"statusCode":42}}"#),
        (200, r#"{"mwiresponse":{"statusCode":42}}"#),
        (200, "{}"),
        (204, ""),
    ];
    for (status, body) in failures {
        page.json(r#"{"type":"voicemail.fetch"}"#);
        page.answer(status, body);
        assert_eq!(page.error("voicemail:error"), "mwi:1", "{status} {body}");
    }
    let mut page = Page::out();
    page.json(r#"{"type":"voicemail.fetch"}"#);
    assert_eq!(page.error("voicemail:error"), "mwi:1");
}

#[test]
fn an_answer_that_a_notification_has_overtaken_changes_nothing() {
    let mut page = Page::uc();
    let told = r#"{"lastUpdated":5,"newMessagesWaiting":false,"totalVoice":"3","unheardVoice":"0"}"#;
    let old = r#"{"mwiresponse":{"statusCode":0,"mwi":"yes","totalVoice":"9"}}"#;
    for nothing in [old, r#"{"mwiresponse":{"statusCode":52}}"#] {
        page.json(r#"{"type":"voicemail.fetch"}"#);
        page.json(r#"{"type":"voicemail.fetch"}"#);
        page.notice(r#"{"eventType":"mwi","eventId":"2","time":5,"mwiNotificationParams":{"mwi":"no","totalVoice":"3","unheardVoice":"0"}}"#);
        page.answer(200, nothing);
        assert_eq!(page.query(r#"{"type":"voicemail.get"}"#).to_string(), told);
        assert_eq!(page.events(), [format!("voicemail:change {told}"), format!("voicemail:change {told}")]);
        page.answer(200, old);
        assert_eq!(page.query(r#"{"type":"voicemail.get"}"#)["totalVoice"], "9");
        page.events();
    }
}

#[test]
fn click_to_call_starts_or_fails() {
    let mut page = Page::link();
    page.json(r#"{"type":"clickToCall.make","callId":"c1","caller":"+16135550100","callee":"sip:bob@example.com"}"#);
    let body = r#"{"clickToCallRequest":{"calledParty":"sip:bob@example.com","callingParty":"+16135550100"}}"#;
    assert_eq!(page.next(), format!("POST user clicktocall {body}"));
    assert_eq!(page.query(r#"{"type":"clickToCall.get"}"#).to_string(), "[]");
    page.answer_as(200, None, "");
    assert_eq!(page.events(), [r#"clickToCall:start {"callId":"c1"}"#]);
    let record = format!(
        r#"[{{"callId":"c1","callee":"sip:bob@example.com","caller":"+16135550100","requestTime":{}}}]"#,
        page.now
    );
    assert_eq!(page.query(r#"{"type":"clickToCall.get"}"#).to_string(), record);
    for (command, code, answer) in [
        (r#"{"type":"clickToCall.make","callId":"c2","caller":"a","callee":"b"}"#, "clickToCall:2", Some((404, ""))),
        (r#"{"type":"clickToCall.make","callId":"c2","caller":"a","callee":"b"}"#, "clickToCall:2", Some((200, "{"))),
        (r#"{"type":"clickToCall.make","callId":"c2","caller":"a"}"#, "clickToCall:1", None),
        (r#"{"type":"clickToCall.make","callId":"c2","callee":"b"}"#, "clickToCall:1", None),
    ] {
        page.json(command);
        if let Some((status, body)) = answer {
            page.answer(status, body);
        }
        assert_eq!(page.heard[0].1["callId"], "c2");
        assert_eq!(page.error("clickToCall:error"), code, "{command}");
    }
    assert_eq!(page.query(r#"{"type":"clickToCall.get"}"#).as_array().unwrap().len(), 1, "no record of what failed");
    let mut page = Page::out();
    page.json(r#"{"type":"clickToCall.make","callId":"c2","caller":"a","callee":"b"}"#);
    assert_eq!(page.error("clickToCall:error"), "clickToCall:2");
}

#[test]
fn another_users_people_are_not_kept() {
    let mut page = Page::uc();
    page.json(r#"{"type":"contacts.refresh"}"#);
    page.answer(200, r#"{"addressBookResponse":{"statusCode":0,"addressBookEntries":[{"nickname":"a"}]}}"#);
    page.notice(r#"{"eventType":"mwi","eventId":"1","time":5,"mwiNotificationParams":{"mwi":"yes"}}"#);
    page.log_out();
    assert_ne!(page.query(r#"{"type":"contacts.getAll"}"#).to_string(), "{}", "kept while nobody is logged in");
    page.session(2, "uc", "alice@example.com", true, true);
    assert_ne!(page.query(r#"{"type":"contacts.getAll"}"#).to_string(), "{}", "and for the same user");
    page.session(3, "uc", "bob@example.com", true, true);
    assert_eq!(page.query(r#"{"type":"contacts.getAll"}"#).to_string(), "{}");
    assert_eq!(page.query(r#"{"type":"voicemail.get"}"#).to_string(), "{}");
}
