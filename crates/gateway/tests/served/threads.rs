//! Reading: pages, marks, deletions, of one member without effect on the others.

use serde_json::{Value, json};

use crate::{
    people::{Client, Flavour},
    server::Server,
};

const ALICE: &str = "alice@example.com";
const BOB: &str = "bob@example.com";

fn texts(page: &Value) -> Vec<&str> {
    page.as_array().unwrap().iter().map(|message| message["txt"].as_str().unwrap()).collect()
}

async fn clients(server: &Server) -> [Client; 3] {
    let mut all = Vec::new();
    for user in ["alice", "bob", "carol"] {
        all.push(Client::subscribed(server, user, Flavour::Uc).await);
    }
    all.try_into().ok().unwrap()
}

#[tokio::test]
async fn a_history_comes_in_pages_from_the_newest_back() {
    let server = Server::start().await;
    let [alice, bob, _] = clients(&server).await;
    let mut ids = Vec::new();
    for text in 1..=210 {
        ids.push(alice.send(&server, &[BOB], &text.to_string()).await);
    }
    let all: Vec<String> = (1..=210).map(|text| text.to_string()).collect();
    let thread = format!("thread/{ALICE}");
    let newest = bob.rm(&server, &thread, &[("max", "10"), ("type", "internal")]).await;
    assert_eq!(texts(&newest), all[200..]);
    assert_eq!(texts(&bob.rm(&server, &thread, &[]).await), all[160..], "50 without a wish");
    assert_eq!(texts(&bob.rm(&server, &thread, &[("max", "100000")]).await), all[10..], "and 200 at most");
    let older = bob.rm(&server, &thread, &[("max", "150"), ("before", &ids[150])]).await;
    assert_eq!(texts(&older), all[..150]);
    assert_eq!(texts(&bob.rm(&server, &thread, &[("before", &ids[0])]).await), [""; 0]);
    let when: Vec<i64> = newest.as_array().unwrap().iter().map(|m| m["when"].as_i64().unwrap()).collect();
    assert!(when.is_sorted_by(|a, b| a < b), "clients sort by it: {when:?}");
    for (name, value) in [("max", "0"), ("max", "-1"), ("max", "x"), ("before", "0"), ("before", "x")] {
        assert_eq!(bob.rm_body(&server, &thread, &[(name, value)]).await["error"]["code"], 37, "{name}={value}");
    }
    let one = bob.rm(&server, &thread, &[("id", &ids[7]), ("type", "internal")]).await;
    assert_eq!(texts(&one), ["8"]);
    for id in ["0", "x", "99999999"] {
        assert_eq!(bob.rm_body(&server, &thread, &[("id", id)]).await["error"]["code"], 42, "{id}");
    }
    server.stop().await;
}

#[tokio::test]
async fn threads_are_listed_newest_first_with_what_is_unread() {
    let server = Server::start().await;
    let [alice, bob, carol] = clients(&server).await;
    alice.send(&server, &[BOB], "1").await;
    carol.send(&server, &[BOB], "2").await;
    let third = alice.send(&server, &[BOB], "3").await;
    let group = alice.rm(&server, "send", &[("tos", BOB), ("tos", "carol"), ("txt", "4")]).await["group"].clone();
    let list = async |query: &[(&str, &str)]| -> Vec<(Value, Value, Value)> {
        let list = bob.rm(&server, "threads", query).await;
        let row = |t: &Value| (t["thread"].clone(), t["lastmsg"].clone(), t["unread"].clone());
        list.as_array().unwrap().iter().map(row).collect()
    };
    let row = |thread: &Value, last: &str, unread: i64| (thread.clone(), json!(last), json!(unread));
    let (with_alice, with_carol) = (json!(ALICE), json!("carol@example.com"));
    let all = [row(&group, "4", 1), row(&with_alice, "3", 2), row(&with_carol, "2", 1)];
    assert_eq!(list(&[]).await, all);
    assert_eq!(list(&[("type", "im"), ("touched", "lastcheck")]).await, all[1..]);
    assert_eq!(list(&[("type", "internal"), ("touched", "2017752400")]).await, all[1..]);
    assert_eq!(list(&[("type", "group")]).await, all[..1]);
    assert_eq!(list(&[("type", "sms")]).await, []);
    assert_eq!(list(&[("thread", ALICE)]).await, all[1..2]);
    assert_eq!(list(&[("max", "1")]).await, all[..1]);
    assert_eq!(list(&[("max", "1"), ("before", &third)]).await, all[2..]);
    let one = bob.rm(&server, "thread", &[("id", group.as_str().unwrap())]).await;
    assert_eq!((one.as_array().unwrap().len(), &one[0]["type"]), (1, &json!("group")));
    assert_eq!(alice.rm(&server, "threads", &[]).await[1]["unread"], 0, "one has read what one wrote");
    server.stop().await;
}

#[tokio::test]
async fn a_read_mark_holds_on_all_devices_of_its_user_alone() {
    let server = Server::start().await;
    let [alice, bob, _] = clients(&server).await;
    let other = Client::subscribed(&server, "bob", Flavour::Uc).await;
    let mut ids = Vec::new();
    for text in ["1", "2", "3"] {
        ids.push(alice.send(&server, &[BOB], text).await);
    }
    ids.push(bob.send(&server, &[ALICE], "4").await);
    let mark = format!("read/{ALICE}");
    assert_eq!(bob.rm(&server, &mark, &[("id", &ids[1])]).await, json!({"unread": 1}));
    assert_eq!(bob.rm(&server, &mark, &[("id", &ids[0])]).await, json!({"unread": 1}), "never back");
    let listed = other.rm(&server, "threads", &[]).await;
    assert_eq!((&listed[0]["unread"], &listed[0]["readid"]), (&json!(1), &json!(ids[1])));
    assert!(listed[0]["lastpull"].as_i64().unwrap() > 1_600_000_000);
    assert_eq!(alice.rm(&server, "threads", &[]).await[0]["unread"], 1);
    assert_eq!(bob.rm(&server, &mark, &[("id", &ids[3])]).await, json!({"unread": 0}));
    alice.send(&server, &[BOB], "5").await;
    assert_eq!(bob.rm(&server, "threads", &[]).await[0]["unread"], 1);
    for id in ["", "0", "x", "99999"] {
        assert_eq!(bob.rm_body(&server, &mark, &[("id", id)]).await["error"]["code"], 42, "{id}");
    }
    server.stop().await;
}

#[tokio::test]
async fn whoever_deletes_deletes_their_own() {
    let server = Server::start().await;
    let [alice, bob, _] = clients(&server).await;
    let mut ids = Vec::new();
    for text in ["1", "2", "3"] {
        ids.push(alice.send(&server, &[BOB], text).await);
    }
    let (bobs, alices) = (format!("thread/{ALICE}"), format!("thread/{BOB}"));
    let delete = |id: &str| format!("delete/{ALICE}/{id}");
    assert_eq!(bob.rm(&server, &delete(&ids[2]), &[("type", "internal")]).await, true);
    assert_eq!(bob.rm(&server, &delete(&ids[2]), &[]).await, true, "once more");
    assert_eq!(texts(&bob.rm(&server, &bobs, &[]).await), ["1", "2"]);
    let listed = bob.rm(&server, "threads", &[]).await;
    assert_eq!((&listed[0]["lastmsg"], &listed[0]["unread"]), (&json!("2"), &json!(2)));
    assert_eq!(bob.rm_body(&server, &bobs, &[("id", &ids[2])]).await["error"]["code"], 42);
    bob.rm(&server, &delete(&ids[0]), &[]).await;
    bob.rm(&server, &delete(&ids[1]), &[]).await;
    assert_eq!(bob.rm(&server, "threads", &[]).await, json!([]), "nothing to see, nothing listed");
    assert_eq!(bob.rm_body(&server, &delete("99999"), &[]).await["error"]["code"], 42);
    assert_eq!(bob.rm_body(&server, &delete("x"), &[]).await["error"]["code"], 42);
    assert_eq!(bob.rm_body(&server, "delete/", &[("type", "internal")]).await["error"]["code"], 42);

    assert_eq!(texts(&alice.rm(&server, &alices, &[]).await), ["1", "2", "3"], "the other one keeps theirs");
    alice.send(&server, &[BOB], "4").await;
    assert_eq!(texts(&bob.rm(&server, &bobs, &[]).await), ["4"]);
    assert_eq!(alice.rm(&server, &format!("delete/{BOB}"), &[("type", "internal")]).await, true);
    assert_eq!(alice.rm(&server, "threads", &[]).await, json!([]));
    assert_eq!(texts(&alice.rm(&server, &alices, &[]).await), [""; 0]);
    assert_eq!(alice.rm_body(&server, &format!("delete/{BOB}/{}", ids[0]), &[]).await["error"]["code"], 42);
    bob.send(&server, &[ALICE], "5").await;
    assert_eq!(texts(&alice.rm(&server, &alices, &[]).await), ["5"], "and begins anew");
    assert_eq!(alice.rm(&server, "threads", &[]).await[0]["unread"], 1);
    assert_eq!(texts(&bob.rm(&server, &bobs, &[]).await), ["4", "5"]);

    // The same, once more, by which what all have deleted is erased.
    for client in [&alice, &bob] {
        let other = if client.user == "alice" { BOB } else { ALICE };
        client.rm(&server, &format!("delete/{other}"), &[]).await;
        assert_eq!(texts(&client.rm(&server, &format!("thread/{other}"), &[]).await), [""; 0]);
    }
    alice.send(&server, &[BOB], "6").await;
    bob.send(&server, &[ALICE], "7").await;
    assert_eq!(texts(&bob.rm(&server, &bobs, &[]).await), ["6", "7"]);

    let (link, mut socket) = Client::login(&server, "alice", Flavour::Link).await;
    assert_eq!(socket.rest().await.len(), 1, "what is deleted is not told, what is not is");
    drop((link, socket));
    server.stop().await;
}
