//! Directory, own profile and language over HTTP (protocol §8.2, §8.3).

use serde_json::{Value, json};

use crate::{
    people::{Client, Flavour, with_query},
    server::{Server, answer},
};

const DIRECTORY: &str = "/rest/version/1/user/alice@example.com/directory";

type Query<'a> = &'a [(&'a str, &'a str)];

async fn search(server: &Server, client: &Client, query: Query<'_>) -> (u16, Value) {
    client.ask(server, "GET", &with_query(DIRECTORY, query), None).await
}

fn users(body: &Value) -> Vec<String> {
    let items = body["directory"]["directoryItems"].as_array().unwrap();
    let user = |item: &Value| {
        assert_eq!(item["userId"], item["primaryContact"]);
        item["userId"].as_str().unwrap().replace("@example.com", "")
    };
    items.iter().map(user).collect()
}

#[tokio::test]
async fn people_are_found_by_what_is_known_of_them() {
    let server = Server::start().await;
    for flavour in [Flavour::Link, Flavour::Uc] {
        let alice = Client::subscribed(&server, "alice", flavour).await;
        let rows: [(Query<'_>, &[&str]); 10] = [
            (&[], &["alice", "bob", "carol"]),
            (&[("criteria", "CAR"), ("criteriaType", "2")], &["carol"]),
            (&[("criteria", "car"), ("criteriaType", "1")], &["carol"]),
            (&[("criteria", "bob b"), ("criteriaType", "3")], &["bob"]),
            (&[("criteria", "+1 555-010-0002"), ("criteriaType", "4")], &["bob"]),
            (&[("criteria", "bob@example.com"), ("criteriaType", "5")], &["bob"]),
            (&[("criteria", "0003")], &["carol"]),
            (&[("count", "1"), ("start", "1")], &["bob"]),
            (&[("sort", "-lastName")], &["carol", "bob", "alice"]),
            (&[("sort", "firstName"), ("count", "2")], &["alice", "bob"]),
        ];
        for (query, wanted) in rows {
            let (status, body) = search(&server, &alice, query).await;
            assert_eq!((status, &body["directory"]["statusCode"]), (200, &json!(0)), "{query:?}");
            assert_eq!(users(&body), wanted, "{query:?}");
        }
        for query in [&[("criteria", "nobody"), ("criteriaType", "5")][..], &[("start", "3")], &[("count", "0")]] {
            let none = (200, json!({"directory": {"statusCode": 0}}));
            assert_eq!(search(&server, &alice, query).await, none, "no empty list: {query:?}");
        }
        let long = "x".repeat(321);
        let rows: [Query<'_>; 7] = [
            &[("criteria", "a"), ("criteriaType", "6")],
            &[("criteria", "a"), ("criteriaType", "x")],
            &[("criteria", &long)],
            &[("start", "-1")],
            &[("count", "x")],
            &[("count", "99999999999999999999999")],
            &[("sort", "password")],
        ];
        for query in rows {
            let (status, body) = search(&server, &alice, query).await;
            assert_eq!((status, &body["directory"]["statusCode"]), (400, &json!(37)), "{query:?}");
        }
        let (_, body) = search(&server, &alice, &[("criteria", "bob"), ("criteriaType", "5")]).await;
        let bob = json!({"userId": "bob@example.com", "primaryContact": "bob@example.com", "firstName": "Bob",
            "lastName": "Baker", "emailAddress": "bob.baker@mail.example", "workPhone": "15550100002"});
        assert_eq!(body["directory"]["directoryItems"], json!([bob]));
    }
    server.stop().await;
}

#[tokio::test]
async fn a_user_learns_about_themselves() {
    let server = Server::start().await;
    for flavour in [Flavour::Link, Flavour::Uc] {
        let bob = Client::subscribed(&server, "bob", flavour).await;
        let profile = bob.ask(&server, "GET", "/rest/version/1/user/bob@example.com/userProfileData", None).await;
        let wanted = json!({"userProfileData": {"statusCode": 0, "firstName": "Bob", "lastName": "Baker",
            "emailAddress": "bob.baker@mail.example"}});
        assert_eq!(profile, (200, wanted));
        let language = || bob.request(&server, "GET", "/rest/version/1/localization");
        let rows = [(language(), "en-US"), (language().header("accept-language", "de-AT,de;q=0.9"), "de-AT")];
        for (request, wanted) in rows {
            assert_eq!(answer(request).await, (200, json!({ "acceptLanguage": wanted })));
        }
    }
    server.stop().await;
}
