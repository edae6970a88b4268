//! Sending: both flavours, once, to everybody who is to hear of it, now or later.

use std::collections::BTreeSet;

use kandy_gateway::Config;
use kandy_switch::Policy;
use serde_json::{Value, json};

use crate::{
    people::{Client, Flavour, heard, with_query},
    place::Folder,
    restart::keeping,
    server::{Server, answer},
};

const BOB: &str = "bob@example.com";
const CAROL: &str = "carol@example.com";

fn im(text: &str) -> Value {
    json!({"charset": "UTF-8", "toUrl": BOB, "message": text, "type": "A2"})
}

#[tokio::test]
async fn every_flavour_reaches_every_flavour_on_every_device() {
    let server = Server::start().await;
    let (link, _) = Client::login(&server, "alice", Flavour::Link).await;
    let (uc, _) = Client::login(&server, "alice", Flavour::Uc).await;
    let (_, mut bobs_link) = Client::login(&server, "bob", Flavour::Link).await;
    let (_, mut bobs_uc) = Client::login(&server, "bob", Flavour::Uc).await;
    let (_, mut carols) = Client::login(&server, "carol", Flavour::Uc).await;
    let (status, body) = link.send_im(&server, im("<b>1</b>")).await;
    assert_eq!((status, &body["imResponse"]["statusCode"]), (200, &json!(0)));
    let first = body["imResponse"]["messageId"].as_str().unwrap().to_owned();
    let second = uc.send(&server, &["sip:Bob@Example.com"], "two & three").await;
    for (id, text) in [(&first, "<b>1</b>"), (&second, "two & three")] {
        let message = heard(&mut bobs_link).await;
        assert_eq!((&message["eventType"], &message["eventId"]), (&json!("IM"), &json!(id)));
        let params = json!({"primaryContact": "sip:alice@example.com", "msgText": text, "charset": "UTF-8"});
        assert_eq!(message["imnotificationParams"], params);
        let mut message = heard(&mut bobs_uc).await;
        assert!(message["time"].as_i64().unwrap() > 1_600_000_000_000);
        message["time"] = json!(0);
        let wanted = json!({"event": "im", "direction": "in", "type": "internal", "id": id, "eventId": id, "time": 0,
            "From": "alice@example.com", "txt": text});
        assert_eq!(message, wanted);
    }
    assert!(carols.rest().await.is_empty());
    drop((bobs_link, bobs_uc, carols));
    server.stop().await;
}

#[tokio::test]
async fn a_group_hears_it_each_for_themselves_and_has_one_thread() {
    let server = Server::start().await;
    let (alice, mut alices) = Client::login(&server, "alice", Flavour::Uc).await;
    let (bob, mut bobs) = Client::login(&server, "bob", Flavour::Uc).await;
    let (_, mut carols) = Client::login(&server, "carol", Flavour::Link).await;
    let sent = alice.rm(&server, "send", &[("tos", BOB), ("tos", CAROL), ("txt", "hi")]).await;
    let group = sent["group"].as_str().unwrap();
    let message = heard(&mut bobs).await;
    assert_eq!((&message["type"], &message["From"]), (&json!("internal"), &json!("alice@example.com")));
    assert_eq!(message["group"], group);
    // A client that has not seen the list of threads knows by this where the message belongs.
    let mut others = message["handles"].as_array().unwrap().clone();
    others.sort_by_key(Value::to_string);
    assert_eq!(others, ["alice@example.com", CAROL]);
    assert_eq!(heard(&mut carols).await["imnotificationParams"]["msgText"], "hi");
    // Whoever answers, and in whatever order the others are named, it is the same group.
    let tos = [("tos", CAROL), ("tos", "alice"), ("tos", BOB), ("txt", "ho")];
    assert_eq!(bob.rm(&server, "send", &tos).await["group"], group);
    assert_eq!(heard(&mut alices).await["txt"], "ho");
    assert_eq!(heard(&mut carols).await["imnotificationParams"]["primaryContact"], "sip:bob@example.com");
    assert!(bobs.rest().await.is_empty(), "not to oneself");
    let listed = bob.rm(&server, "threads", &[("type", "group")]).await;
    assert_eq!(listed.as_array().unwrap().len(), 1);
    assert_eq!(listed[0]["thread"], group);
    assert_eq!((&listed[0]["handles"], &listed[0]["members"]), (&json!(["alice@example.com", CAROL]), &json!([1, 3])));
    let history = bob.rm(&server, &format!("thread/{group}"), &[("max", "10"), ("type", "group")]).await;
    let told: Vec<_> = history.as_array().unwrap().iter().map(|m| (&m["txt"], &m["dir"], &m["sender"])).collect();
    assert_eq!(told, [(&json!("hi"), &json!(0), &json!(1)), (&json!("ho"), &json!(1), &Value::Null)]);
    assert_eq!(history[0]["from"], "alice@example.com");
    // Whoever was not there is told the same.
    let mut later = Client::login(&server, "bob", Flavour::Uc).await.1;
    let missed = heard(&mut later).await;
    assert_eq!((&missed["id"], &missed["group"]), (&message["id"], &message["group"]));
    let mut again = missed["handles"].as_array().unwrap().clone();
    again.sort_by_key(Value::to_string);
    assert_eq!(again, others);
    drop((carols, alices, bobs, later));
    server.stop().await;
}

#[tokio::test]
async fn a_repetition_is_answered_alike_and_changes_nothing() {
    let server = Server::start().await;
    let (uc, _) = Client::login(&server, "alice", Flavour::Uc).await;
    let (link, _) = Client::login(&server, "alice", Flavour::Link).await;
    let (carol, _) = Client::login(&server, "carol", Flavour::Uc).await;
    let (bob, mut bobs) = Client::login(&server, "bob", Flavour::Uc).await;
    let to_both = [("tos", BOB), ("tos", CAROL), ("txt", "once"), ("clientMessageId", "a-1")];
    let first = uc.rm(&server, "send", &to_both).await;
    assert_eq!(uc.rm(&server, "send", &to_both).await, first);
    let mut wish = im("once more");
    wish["clientMessageId"] = json!("a-2");
    let second = link.send_im(&server, wish.clone()).await;
    assert_eq!(link.send_im(&server, wish).await, second);
    // The other flavour's id is the same sender's, another sender's is not.
    let again = uc.rm(&server, "send", &[("to", BOB), ("txt", "x"), ("clientMessageId", "a-2")]).await;
    assert_eq!(again["id"], second.1["imResponse"]["messageId"]);
    let others = carol.rm(&server, "send", &[("to", BOB), ("txt", "carol's"), ("clientMessageId", "a-1")]).await;
    assert_ne!(others["id"], first["id"]);
    let told: Vec<Value> = bobs.rest().await.iter().map(|m| m["notificationMessage"]["txt"].clone()).collect();
    assert_eq!(told, ["once", "once more", "carol's"]);
    let threads = bob.rm(&server, "threads", &[]).await;
    assert_eq!(threads.as_array().unwrap().iter().map(|t| &t["unread"]).collect::<Vec<_>>(), [&json!(1); 3]);
    drop(bobs);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn repetitions_that_race_are_one_message() {
    let folder = Folder::new("race");
    let server = Server::configured(keeping(&folder)).await;
    let (alice, _) = Client::login(&server, "alice", Flavour::Uc).await;
    let (bob, mut bobs) = Client::login(&server, "bob", Flavour::Link).await;
    for round in 0..10 {
        let id = format!("race-{round}");
        let query = [("to", BOB), ("txt", "one"), ("clientMessageId", &id)];
        let sent: Vec<_> = (0..8)
            .map(|_| tokio::spawn(answer(alice.request(&server, "GET", &with_query("/v2.0/rm/send", &query)))))
            .collect();
        let mut ids = BTreeSet::new();
        for one in sent {
            ids.insert(one.await.unwrap().1["success"]["id"].to_string());
        }
        assert_eq!(ids.len(), 1);
    }
    assert_eq!(bobs.rest().await.len(), 10);
    let history = bob.rm(&server, "thread/alice@example.com", &[]).await;
    assert_eq!(history.as_array().unwrap().len(), 10);
    drop(bobs);
    server.stop().await;
}

#[tokio::test]
async fn what_nobody_received_is_told_at_the_next_login() {
    let folder = Folder::new("undelivered");
    let config = || Config { policy: Policy { proof_age: 0, ..Policy::default() }, ..keeping(&folder) };
    let server = Server::configured(config()).await;
    let (alice, _) = Client::login(&server, "alice", Flavour::Uc).await;
    for text in 1..=205 {
        alice.send(&server, &[BOB], &text.to_string()).await;
    }
    let texts = |told: Vec<Value>| -> Vec<String> {
        let text = |m: &Value| m["notificationMessage"]["imnotificationParams"]["msgText"].as_str().unwrap().to_owned();
        told.iter().map(text).collect()
    };
    let newest: Vec<String> = (6..=205).map(|text| text.to_string()).collect();
    let (_, mut bobs) = Client::login(&server, "bob", Flavour::Link).await;
    assert_eq!(texts(bobs.rest().await), newest, "the newest 200, the oldest of them first");
    // The check that `rest` sent has shown that they arrived.
    let (_, mut others) = Client::login(&server, "bob", Flavour::Link).await;
    assert_eq!(texts(others.rest().await), [""; 0]);
    alice.send(&server, &[BOB, CAROL], "206").await;
    bobs.close().await;
    others.close().await;
    server.stop().await;

    let server = Server::configured(config()).await;
    let (_, mut carols) = Client::login(&server, "carol", Flavour::Link).await;
    assert_eq!(texts(carols.rest().await), ["206"], "after a restart, too");
    let (carol, mut again) = Client::login(&server, "carol", Flavour::Uc).await;
    assert!(again.rest().await.is_empty());
    let history = carol.rm(&server, "threads", &[]).await;
    assert_eq!(history[0]["lastmsg"], "206");
    drop((carols, again));
    server.stop().await;
}

#[tokio::test]
async fn messages_that_make_no_sense_are_refused() {
    let server = Server::start().await;
    let (alice, _) = Client::login(&server, "alice", Flavour::Uc).await;
    let (link, _) = Client::login(&server, "alice", Flavour::Link).await;
    let (bob, mut bobs) = Client::login(&server, "bob", Flavour::Uc).await;
    // Each byte takes three in a URL.
    let (long, longer) = ("é".repeat(8 << 10), "x".repeat((16 << 10) + 1));
    let long_id = "i".repeat(129);
    let rows = [
        ("nobody", vec![("txt", "x")], json!(37)),
        ("an unknown user", vec![("to", "nobody@example.com"), ("txt", "x")], json!("ERR_DEST")),
        ("one of them unknown", vec![("tos", BOB), ("tos", "nobody"), ("txt", "x")], json!("ERR_DEST")),
        ("too many", [vec![("tos", BOB); 51], vec![("txt", "x")]].concat(), json!(37)),
        ("nothing", vec![("to", BOB)], json!(37)),
        ("nothing either", vec![("to", BOB), ("txt", "")], json!(37)),
        ("too much", vec![("to", BOB), ("txt", &longer)], json!(37)),
        ("a file that is none", vec![("to", BOB), ("attach", "h")], json!(42)),
        ("too many files", [vec![("attach", "h"); 21], vec![("to", BOB)]].concat(), json!(37)),
        ("an id that is too long", vec![("to", BOB), ("txt", "x"), ("clientMessageId", &long_id)], json!(37)),
        ("an id that is none", vec![("to", BOB), ("txt", "x"), ("clientMessageId", "")], json!(37)),
        ("to", vec![("to", ""), ("txt", "x")], json!("ERR_DEST")),
    ];
    for (what, query, code) in rows {
        let body = alice.rm_body(&server, "send", &query).await;
        assert_eq!(body["error"]["code"], code, "{what}: {body}");
        assert!(body["error"]["human"].is_string(), "{what}: {body}");
    }
    let rows = [
        (json!({"toUrl": "nobody@example.com", "message": "x"}), 404, 404),
        (json!({"toUrl": BOB, "message": ""}), 400, 37),
        (json!({"toUrl": BOB, "message": longer}), 400, 37),
        (json!({"toUrl": BOB, "message": 7}), 400, 5),
        (json!({"message": "x"}), 400, 5),
        (Value::Null, 400, 5),
    ];
    for (wish, status, code) in rows {
        let refused = link.send_im(&server, wish).await;
        assert_eq!((refused.0, &refused.1["imResponse"]["statusCode"]), (status, &json!(code)), "{refused:?}");
    }
    assert!(bobs.rest().await.is_empty());
    assert_eq!(bob.rm(&server, "threads", &[]).await, json!([]), "nothing is left of what was refused");
    alice.send(&server, &[BOB], &long).await;
    assert_eq!(heard(&mut bobs).await["txt"], long.as_str(), "exactly the limit is sent");
    let mut most = vec![("tos", BOB); 49];
    most.extend([("tos", CAROL), ("txt", "x")]);
    assert!(alice.rm(&server, "send", &most).await["group"].is_string(), "exactly the limit is sent");
    alice.send(&server, &["alice"], "a note").await;
    let own = alice.rm(&server, "thread/alice@example.com", &[]).await;
    assert_eq!((&own[0]["txt"], &own[0]["dir"]), (&json!("a note"), &json!(1)), "to oneself");
    drop(bobs);
    server.stop().await;
}

#[tokio::test]
async fn every_request_wants_its_users_credential() {
    let server = Server::start().await;
    let (alice, _) = Client::login(&server, "alice", Flavour::Uc).await;
    let (carol, _) = Client::login(&server, "carol", Flavour::Uc).await;
    let id = alice.send(&server, &[BOB], "for bob alone").await;
    let im_path = "/rest/version/1/user/alice@example.com/instantmessage";
    for (token, status, code) in [("", 401, 27), (carol.token.as_deref().unwrap(), 403, 27), ("nonsense", 401, 27)] {
        let request =
            server.request("POST", &with_query(im_path, &[("token", token)])).json(&json!({ "imRequest": im("x") }));
        let (got, body) = answer(request).await;
        assert_eq!((got, &body["imResponse"]["statusCode"]), (status, &json!(code)));
    }
    let resources = ["send", "threads", "thread", "thread/bob@example.com", "delete/bob@example.com", "read/grp-1"];
    for what in resources {
        for token in ["", "nonsense"] {
            let request = server.request("GET", &with_query(&format!("/v2.0/rm/{what}"), &[("token", token)]));
            let (status, body) = answer(request).await;
            assert_eq!((status, &body["error"]["code"]), (200, &json!(27)), "{what}");
        }
    }
    for (method, what) in [("POST", "upload"), ("GET", "file/h")] {
        // Read to its end, so that the refusal is read too.
        let request = server.request(method, &format!("/v2.0/rm/{what}")).body(vec![b'x'; 3_000_000]);
        let (status, body) = answer(request).await;
        assert_eq!((status, body["error"]["human"].is_string()), (401, true), "{what}");
    }
    // What others wrote to each other looks like what there is not, whichever name is tried.
    let group = alice.rm(&server, "send", &[("tos", BOB), ("tos", "alice"), ("txt", "x")]).await;
    assert_eq!(group.get("group"), None, "two are no group");
    for thread in ["grp-1", "grp-2", "bob@example.com", "alice@example.com"] {
        for what in [format!("thread/{thread}"), format!("delete/{thread}"), format!("delete/{thread}/{id}")] {
            let body = carol.rm_body(&server, &what, &[("id", &id)]).await;
            assert_eq!(body["error"]["code"], 42, "{what}: {body}");
        }
        let body = carol.rm_body(&server, &format!("read/{thread}"), &[("id", &id)]).await;
        assert_eq!(body["error"]["code"], 42, "{thread}: {body}");
        let body = carol.rm_body(&server, "thread", &[("id", thread)]).await;
        assert_eq!(body["error"]["code"], 42, "{thread}: {body}");
    }
    assert_eq!(carol.rm(&server, "threads", &[]).await, json!([]));
    let (bob, _) = Client::login(&server, "bob", Flavour::Uc).await;
    assert_eq!(bob.rm(&server, "thread/alice@example.com", &[]).await[0]["txt"], "for bob alone", "all of it is there");
    server.stop().await;
}
