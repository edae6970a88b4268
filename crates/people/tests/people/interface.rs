//! What the hands and the face speak with the brain: JSON either way. And the bad inputs of the API, as released clients were
//! given them (api-4.8, `testVectors.badInputs`).

use kandy_people::{Effect, Flavour, Input, Now, People, TimerId};
use kandy_wire::parse;

use crate::page::Page;

/// The effects of one input, as JSON, and those of a login before it left out.
fn effects(input: &str) -> Vec<String> {
    let mut people = People::new(7);
    let session = r#"{"type":"people:session","session":{"login":1,"flavour":"uc","username":"alice@example.com","connected":true}}"#;
    for start in [session, r#"{"type":"conversation.create","destination":"bob@example.com"}"#] {
        people.handle(Now(0), Input::from_json(start).unwrap());
    }
    people.handle(Now(0), Input::from_json(input).unwrap()).iter().map(|effect| effect.to_value().to_string()).collect()
}

#[test]
fn effects_are_plain_data() {
    assert_eq!(
        effects(r#"{"type":"callHistory.fetch","amount":2}"#),
        [
            r#"{"ask":2,"method":"GET","path":"logHistory","query":[["count","2"],["startIndex","0"]],"to":"user","type":"ask"}"#
        ]
    );
    assert_eq!(
        effects(r#"{"type":"presence.subscribe","users":"bob@example.com"}"#),
        [
            r#"{"ask":2,"body":"{\"presenceWatcherRequest\":{\"action\":\"watch\",\"userList\":[\"bob@example.com\"]}}","method":"POST","path":"presenceWatcher","query":[],"to":"user","type":"ask"}"#
        ]
    );
    let upload = r#"{"type":"conversation.send","destination":["bob@example.com"],"message":"m","parts":[{"type":"json","json":1}]}"#;
    let upload = effects(upload).pop().unwrap();
    assert!(
        upload.contains(r#""upload":{"mime":"application/vdn.kandy.json","name":"Custom Json Blob","text":"1"}"#),
        "{upload}"
    );
    let file = r#"{"type":"conversation.send","destination":["bob@example.com"],"message":"m","parts":[{"type":"file","file":5}]}"#;
    assert!(effects(file).pop().unwrap().contains(r#""file":5,"method":"POST","path":"rm/upload""#));
    assert_eq!(
        effects(r#"{"type":"presence.update","status":"x"}"#),
        [
            r#"{"event":"presence:error","payload":{"error":{"code":"presence:1","message":"The status has to be open or closed.","name":"BasicError"}},"type":"emit"}"#
        ]
    );
    let timer = Effect::Timer(TimerId::Outbox, Some(7)).to_value();
    assert_eq!(timer.to_string(), r#"{"ms":7,"timer":"outbox","type":"timer"}"#);
    let stop = Effect::Timer(TimerId::SipEvents, None).to_value();
    assert_eq!(stop.to_string(), r#"{"ms":null,"timer":"sipEvents","type":"timer"}"#);
    let log = effects(r#"{"type":"people:notice","payload":{}}"#);
    assert_eq!(log, [r#"{"level":"debug","line":"a notification that nobody reads","type":"log"}"#]);
}

#[test]
fn inputs_are_plain_data() {
    let session = r#"{"type":"people:session","session":{"login":3,"flavour":"link","username":"a@b","services":["IM"],"expires":60,
        "connected":true,"once":true}}"#;
    let Input::Session(Some(session)) = Input::from_json(session).unwrap() else { panic!("a session") };
    assert_eq!((session.login, session.flavour, session.expires), (3, Flavour::Link, Some(60)));
    assert!(session.connected && session.once && session.services == ["IM"] && session.username == "a@b");
    for none in [r#"{"type":"people:session","session":null}"#, r#"{"type":"people:session"}"#] {
        assert!(matches!(Input::from_json(none), Ok(Input::Session(None))));
    }
    let answer = r#"{"type":"people:answer","ask":4,"status":200,"contentType":"application/json","body":"{}"}"#;
    let Input::Answer(id, Ok(answer)) = Input::from_json(answer).unwrap() else { panic!("an answer") };
    assert_eq!(
        (id.0, answer.status, answer.content_type.as_deref(), answer.body.as_str()),
        (4, 200, Some("application/json"), "{}")
    );
    let failure = r#"{"type":"people:answer","ask":4,"failure":{"name":"NotConnected","message":"no"}}"#;
    let Input::Answer(_, Err(failure)) = Input::from_json(failure).unwrap() else { panic!("a failure") };
    assert_eq!((failure.name.as_str(), failure.message.as_str()), ("NotConnected", "no"));
    assert!(matches!(
        Input::from_json(r#"{"type":"people:timer","timer":"outbox"}"#),
        Ok(Input::Timer(TimerId::Outbox))
    ));
    for (odd, why) in [
        ("{", "JSON"),
        ("[]", "type"),
        (r#"{"type":7}"#, "type"),
        (r#"{"type":"call.make"}"#, "known type"),
        (r#"{"type":"people:answer"}"#, "ask"),
        (r#"{"type":"people:timer","timer":"x"}"#, "timer"),
        (r#"{"type":"people:session","session":{"login":1}}"#, "link"),
        (r#"{"type":"people:session","session":{"flavour":"uc"}}"#, "login"),
    ] {
        let said = Input::from_json(odd).unwrap_err();
        assert!(said.contains(why), "{odd}: {said}");
    }
}

#[test]
fn what_is_shown_in_logs_hides_what_people_write() {
    let mut page = Page::uc();
    page.json(r#"{"type":"conversation.send","destination":["bob@example.com"],"message":"m","parts":[{"type":"text","text":"hush"}]}"#);
    assert_eq!(format!("{:?}", page.asked[0].1), "GET Service rm/send");
    let input = r#"{"type":"people:answer","ask":4,"status":200,"body":"hush"}"#;
    assert!(!format!("{:?}", Input::from_json(input).unwrap()).contains("hush"));
    let part = r#"{"type":"conversation.send","parts":[{"type":"text","text":"hush"},{"type":"json","json":"hush"}]}"#;
    assert!(!format!("{:?}", Input::from_json(part).unwrap()).contains("hush"));
}

#[test]
fn bad_inputs_are_told_and_send_nothing() {
    let cases = [
        (r#"{"type":"callHistory.fetch","amount":"x"}"#, "callHistory:error", "callHistory:2"),
        (r#"{"type":"callHistory.fetch","amount":-1}"#, "callHistory:error", "callHistory:2"),
        (r#"{"type":"callHistory.remove"}"#, "callHistory:error", "callHistory:2"),
        // Released clients told a success here (api-behaviour 23, no. 16).
        (r#"{"type":"presence.update","status":"bad","activity":"bad"}"#, "presence:error", "presence:1"),
        (
            r#"{"type":"sip.subscribe","eventType":"event:x","users":["a"],"clientCorrelator":"cc"}"#,
            "sip:error",
            "sipEvents:2",
        ),
        (r#"{"type":"sip.update","eventType":"event:x","userLists":{}}"#, "sip:error", "sipEvents:3"),
        (r#"{"type":"sip.unsubscribe","eventType":"event:x"}"#, "sip:error", "sipEvents:3"),
    ];
    for (command, event, code) in cases {
        let mut page = Page::uc();
        page.json(command);
        assert_eq!(page.error(event), code, "{command}");
        assert!(page.asked.is_empty() && page.heard.is_empty(), "{command}");
    }
}

#[test]
fn questions_about_nothing_have_the_answers_of_released_clients() {
    let cases = [
        (r#"{"type":"presence.get","users":["nobody"]}"#, "[]"),
        (r#"{"type":"presence.getAll"}"#, "[]"),
        (r#"{"type":"presence.getSelf"}"#, "{}"),
        (r#"{"type":"sip.getDetails","eventType":"event:x"}"#, "null"),
        (r#"{"type":"sip.getDetails"}"#, "{}"),
        (r#"{"type":"conversation.get","destination":["bob@nowhere"],"convoType":"im"}"#, "null"),
        (r#"{"type":"conversation.getAll"}"#, "[]"),
        (r#"{"type":"conversation.messages","destination":["bob@nowhere"]}"#, "[]"),
        (r#"{"type":"conversation.message","destination":["bob@nowhere"],"messageId":"m"}"#, "null"),
        (r#"{"type":"contacts.get","contactId":"nope"}"#, "null"),
        (r#"{"type":"contacts.getAll"}"#, "{}"),
        (r#"{"type":"user.get","userId":"nope"}"#, "null"),
        (r#"{"type":"user.getAll"}"#, "[]"),
        (r#"{"type":"voicemail.get"}"#, "{}"),
        (r#"{"type":"clickToCall.get"}"#, "[]"),
        (r#"{"type":"callHistory.get"}"#, "[]"),
        (r#"{"type":"callHistory.getCache"}"#, r#""[]""#),
        (r#"{"type":"no.such"}"#, "null"),
        ("7", "null"),
    ];
    let page = Page::uc();
    for (query, answer) in cases {
        assert_eq!(page.query(query), parse(answer).unwrap(), "{query}");
    }
}

#[test]
fn every_documented_member_passes_through() {
    let mut page = Page::uc();
    let contact = r#"{"primaryContact":"bob@example.com","contactId":"bobby","firstName":"Bob","lastName":"Baker","photoUrl":"https://p.example/b",
        "emailAddress":"b@mail.example","homePhone":"1","workPhone":"2","mobilePhone":"3","conferenceURL":"https://c.example","fax":"4",
        "pager":"5","groupList":"friends","friendStatus":true}"#;
    page.json(&format!(r#"{{"type":"contacts.add","contact":{contact}}}"#));
    let sent = parse(page.asked[0].1.body.as_ref().unwrap()).unwrap();
    let mut entry = sent["addressBookRequest"]["addressBookEntries"][0].clone();
    let id = entry.as_object_mut().unwrap().remove("nickname").unwrap();
    entry.as_object_mut().unwrap().insert("contactId".to_owned(), id);
    assert_eq!(entry, parse(contact).unwrap());
    page.answer(200, r#"{"addressBookResponse":{"statusCode":0}}"#);
    assert_eq!(page.query(r#"{"type":"contacts.get","contactId":"bobby"}"#), parse(contact).unwrap());

    let user = r#"{"userId":"bob@example.com","emailAddress":"b@mail.example","firstName":"Bob","lastName":"Baker","photoURL":"https://p.example/b",
        "buddy":"true","town":"Ulm"}"#;
    page.json(r#"{"type":"user.fetch","userId":"bob@example.com"}"#);
    page.answer(200, &format!(r#"{{"directory":{{"statusCode":0,"directoryItems":[{user}]}}}}"#));
    assert_eq!(page.query(r#"{"type":"user.get","userId":"bob@example.com"}"#), parse(user).unwrap());

    let mail = r#""totalVoice":"3","unheardVoice":"1","voice":{"new":"1"},"fax":{"new":"2"},"multimedia":{"new":"3"}"#;
    page.json(r#"{"type":"voicemail.fetch"}"#);
    page.answer(200, &format!(r#"{{"mwiresponse":{{"statusCode":0,"mwi":"yes",{mail}}}}}"#));
    let shown = format!(r#"{{"lastUpdated":{},"newMessagesWaiting":true,{mail}}}"#, page.now);
    assert_eq!(page.query(r#"{"type":"voicemail.get"}"#), parse(&shown).unwrap());

    page.json(r#"{"type":"conversation.fetch"}"#);
    page.answer(
        200,
        r#"{"success":[{"handle":"bob@example.com","thread":"th-1","type":"internal","lastreceived":1711111111,"lastpull":1711111000,
            "lastmsg":"see you"}]}"#,
    );
    let mut shown = page.query(r#"{"type":"conversation.get","destination":["bob@example.com"]}"#);
    shown.as_object_mut().unwrap().remove("conversation");
    let expected = r#"{"destination":["bob@example.com"],"type":"im","id":"th-1","features":["base","parts","rich","history","group"],
        "lastMessage":{"parts":[{"type":"text","text":"see you"}]},"lastReceived":1711111111000,"lastPull":1711111000000,
        "isTypingList":[],"isPending":false,"messageCount":0,"droppedMessages":0,"unread":0}"#;
    assert_eq!(shown, parse(expected).unwrap());

    page.notice(r#"{"eventType":"presenceWatcher","presenceWatcherNotificationParams":{"name":"b","status":"open","activity":"other","note":"n"}}"#);
    let shown = r#"[{"userId":"b","status":"open","activity":"other","note":"n","loading":false}]"#;
    assert_eq!(page.query(r#"{"type":"presence.getAll"}"#), parse(shown).unwrap());
}
