//! Personal address books over HTTP (protocol §8.1).

use serde_json::{Value, json};

use crate::{
    people::{Client, Flavour},
    server::Server,
};

const BOOK: &str = "/rest/version/1/user/alice@example.com/addressbook";

fn entries(entries: &[Value]) -> Value {
    json!({"addressBookRequest": {"addressBookEntries": entries}})
}

async fn add(server: &Server, client: &Client, contact: &[Value]) -> (u16, Value) {
    client.ask(server, "POST", &format!("{BOOK}/contacts/"), Some(entries(contact))).await
}

async fn all(server: &Server, client: &Client) -> Vec<Value> {
    let (status, body) = client.ask(server, "GET", BOOK, None).await;
    assert_eq!((status, &body["addressBookResponse"]["statusCode"]), (200, &json!(0)));
    body["addressBookResponse"]["addressBookEntries"].as_array().unwrap().clone()
}

#[tokio::test]
async fn everything_that_a_client_writes_comes_back() {
    let server = Server::start().await;
    let done = || (200, json!({"addressBookResponse": {"statusCode": 0}}));
    for flavour in [Flavour::Link, Flavour::Uc] {
        let alice = Client::subscribed(&server, "alice", flavour).await;
        assert_eq!(all(&server, &alice).await, [] as [Value; 0]);
        let contact = json!({"nickname": "bobby", "primaryContact": "bob@example.com", "firstName": "Bob", "lastName": "Bäker",
            "photoUrl": "https://x/y", "emailAddress": "b@x", "homePhone": "1", "workPhone": "2", "mobilePhone": "3",
            "conferenceURL": "https://z", "fax": "4", "pager": "5", "groupList": ["friends"], "friendStatus": true,
            "somethingElse": {"deep": [1, 2.5, null]}});
        assert_eq!(add(&server, &alice, std::slice::from_ref(&contact)).await, done());
        assert_eq!(all(&server, &alice).await, std::slice::from_ref(&contact));
        let changed = json!({"firstName": "Robert"});
        let path = format!("{BOOK}/contacts/bobby");
        assert_eq!(alice.ask(&server, "PUT", &path, Some(entries(&[changed]))).await, done());
        let (_, body) = alice.ask(&server, "GET", &path, None).await;
        let now = json!({"firstName": "Robert", "nickname": "bobby"});
        assert_eq!(body["addressBookResponse"]["addressBookEntries"], json!([now]), "what is not sent is gone");
        assert_eq!(add(&server, &alice, std::slice::from_ref(&contact)).await, done(), "added again it is replaced");
        assert_eq!(all(&server, &alice).await, [contact]);
        let bob = Client::subscribed(&server, "bob", flavour).await;
        let theirs = "/rest/version/1/user/bob@example.com/addressbook";
        let (_, body) = bob.ask(&server, "GET", theirs, None).await;
        assert_eq!(body["addressBookResponse"]["addressBookEntries"], json!([]), "each has their own");
        assert_eq!(alice.ask(&server, "DELETE", &path, None).await, done());
        for method in ["GET", "DELETE", "PUT"] {
            let (status, body) = alice.ask(&server, method, &path, Some(entries(&[json!({})]))).await;
            assert_eq!((status, &body["addressBookResponse"]["statusCode"]), (404, &json!(42)), "{method}");
        }
    }
    server.stop().await;
}

#[tokio::test]
async fn ids_are_what_their_user_wrote() {
    let server = Server::start().await;
    let alice = Client::subscribed(&server, "alice", Flavour::Uc).await;
    // As released clients write the path when they fetch or change, and when they remove.
    let rows = [
        ("bob", "bob", "bob"),
        ("a/b", "a/b", "a%2Fb"),
        ("Bob Baker", "Bob%20Baker", "Bob%20Baker"),
        ("100%", "100%", "100%25"),
        ("50% off", "50%%20off", "50%25%20off"),
        ("bob@example.com", "bob@example.com", "bob%40example.com"),
        ("Jürgen", "J%C3%BCrgen", "J%C3%BCrgen"),
        ("a+b&c=d", "a+b&c=d", "a%2Bb%26c%3Dd"),
        ("what?", "what%3F", "what%3F"),
        ("#1", "%231", "%231"),
        ("contacts", "contacts", "contacts"),
        ("a/contacts/b", "a/contacts/b", "a%2Fcontacts%2Fb"),
    ];
    for (id, _, _) in rows {
        assert_eq!(add(&server, &alice, &[json!({"nickname": id})]).await.0, 200, "{id}");
    }
    for (id, path, encoded) in rows {
        for path in [path, encoded] {
            let (_, body) = alice.ask(&server, "GET", &format!("{BOOK}/contacts/{path}"), None).await;
            assert_eq!(body["addressBookResponse"]["addressBookEntries"][0]["nickname"], id, "{path}");
        }
        let change = Some(entries(&[json!({"nickname": id, "pager": "7"})]));
        assert_eq!(alice.ask(&server, "PUT", &format!("{BOOK}/contacts/{path}"), change).await.0, 200, "{path}");
        assert_eq!(alice.ask(&server, "DELETE", &format!("{BOOK}/contacts/{encoded}"), None).await.0, 200, "{encoded}");
    }
    assert_eq!(all(&server, &alice).await, [] as [Value; 0]);
    server.stop().await;
}

#[tokio::test]
async fn contacts_are_bounded() {
    let server = Server::start().await;
    let alice = Client::subscribed(&server, "alice", Flavour::Link).await;
    let large = |length: usize| json!({"nickname": "x", "note": "y".repeat(length)});
    let room = 4096 - large(0).to_string().len();
    let long = |length: usize| json!({"nickname": "x".repeat(length)});
    let rows = [
        (vec![large(room)], 200),
        (vec![large(room + 1)], 413),
        (vec![long(256)], 200),
        (vec![long(257)], 400),
        (vec![], 400),
        (vec![json!({"firstName": "Nameless"})], 400),
        (vec![json!({"nickname": ""})], 400),
        (vec![json!({"nickname": 7})], 400),
        (vec![json!({"nickname": "good"}), json!({"nickname": "bad/"})], 400),
        (vec![json!({"nickname": ".."})], 400),
        (vec![json!({"nickname": "a/./b"})], 400),
    ];
    for (contacts, wanted) in rows {
        let (status, body) = add(&server, &alice, &contacts).await;
        assert_eq!(status, wanted, "{body}");
        assert!(body["addressBookResponse"]["statusCode"].is_i64());
    }
    assert_eq!(all(&server, &alice).await.len(), 2, "all of a request, or none");
    let two = Some(entries(&[json!({}), json!({})]));
    assert_eq!(alice.ask(&server, "PUT", &format!("{BOOK}/contacts/x"), two).await.0, 400);
    server.stop().await;
}

#[tokio::test]
async fn a_full_book_is_answered_at_once() {
    let server = Server::start().await;
    let alice = Client::subscribed(&server, "alice", Flavour::Link).await;
    let contact =
        |n: usize| json!({"nickname": format!("contact {n}"), "firstName": "First", "workPhone": n.to_string()});
    for part in 0..10 {
        let part: Vec<Value> = (part * 1_000..(part + 1) * 1_000).map(contact).collect();
        assert_eq!(add(&server, &alice, &part).await.0, 200);
    }
    let (status, body) = add(&server, &alice, &[contact(10_000)]).await;
    assert_eq!((status, &body["addressBookResponse"]["statusCode"]), (403, &json!(37)));
    assert_eq!(add(&server, &alice, &[contact(9_999)]).await.0, 200, "who is there may be added again");
    let before = std::time::Instant::now();
    let book = all(&server, &alice).await;
    assert!(before.elapsed().as_millis() < 2_000, "{:?}", before.elapsed());
    assert_eq!((book.len(), &book[0], &book[9_999]), (10_000, &contact(0), &contact(9_999)));
    server.stop().await;
}
